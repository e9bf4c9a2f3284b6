package builder

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/policy"
)

// follow finds the policies of the chain, and keeps those of the site.
func (s *survey) follow() error {
	declared := map[string]history.Declared{}
	for name, p := range s.present {
		d := history.Declared{ID: p.meta.ID}
		for _, old := range p.meta.Formerly {
			d.Formerly = append(d.Formerly, s.earlierPath(old))
		}
		if d.ID != "" || d.Formerly != nil {
			declared[name] = d
		}
	}
	histories, ambiguities, err := s.log.Follow(history.Selection{
		Selected: func(p string) bool { return s.layout.Selected(p) && !s.layout.Introduction(p) },
		ID:       func(p string) string { id, _, _ := s.layout.ID(p); return id },
		Declared: declared,
		ReadID: func(text []byte) string {
			meta, _, _, _ := policy.ParseSource(text)
			return meta.ID
		},
	}, s.repo.Blob)
	if err != nil {
		return err
	}
	for _, a := range ambiguities {
		s.notes = append(s.notes, fmt.Sprintf("%s may continue %s (commit %.7s); to say which, add to its front matter: formerly: %s",
			a.Path, strings.Join(a.Candidates, " or "), s.log.Steps[a.Step].Commit, a.Candidates[0]))
	}
	archived := map[string]bool{}
	var gone []string
	for _, h := range histories {
		if h.Live {
			p := s.present[h.Path]
			if ghost, err := s.ghost(h); ghost != nil || err != nil {
				if err != nil {
					return err
				}
				s.subjects = append(s.subjects, ghost)
				continue
			}
			if p != nil && p.meta.Draft && s.wasPublished(h.Path, &p.meta) {
				h.Live = false
				s.subjects = append(s.subjects, &subject{history: h, meta: p.meta, drafted: true})
				continue
			}
			if p == nil || p.meta.Draft {
				s.withheld = append(s.withheld, h)
				continue
			}
			s.subjects = append(s.subjects, &subject{history: h, meta: p.meta, ids: p.ids})
			continue
		}
		if ghost, err := s.ghost(h); ghost != nil || err != nil {
			if err != nil {
				return err
			}
			s.subjects = append(s.subjects, ghost)
			continue
		}
		meta, err := s.lastMeta(h)
		if err != nil {
			return err
		}
		place, problems := s.layout.Place(h.Path, &meta)
		switch {
		case len(problems) > 0:
			s.withheld = append(s.withheld, h)
			continue
		case !slices.Contains(s.config.Archived, place.ID) && s.previous.policy(place.ID) == nil:
			s.withheld = append(s.withheld, h)
			gone = append(gone, place.ID)
			continue
		}
		archived[place.ID] = true
		s.subjects = append(s.subjects, &subject{history: h, meta: meta})
	}
	for _, id := range s.config.Archived {
		if !archived[id] {
			s.notes = append(s.notes, fmt.Sprintf("%s: archived: no policy %q is gone from this commit", s.inSource(policy.ConfigFile), id))
		}
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		s.notes = append(s.notes, fmt.Sprintf("gone, and not on the site unless listed under `archived` in %s: %s", policy.ConfigFile, strings.Join(slices.Compact(gone), ", ")))
	}
	if len(s.subjects) == 0 && len(s.problems.Errors(false)) == 0 {
		where := s.layout.Content
		if where == "" {
			where = "the repository"
		}
		return policy.Fail(policy.ErrContent, nil, "a policy is a committed Markdown file that is no draft; `policysite init` makes a sample", "no policy in %s at commit %.7s", where, s.commit)
	}
	return nil
}

// earlierPath reads a path in `formerly`: relative to the repository's root,
// or to the content folder.
func (s *survey) earlierPath(p string) string {
	p = path.Clean(strings.TrimPrefix(filepath.ToSlash(p), "/"))
	below := path.Join(s.layout.Content, p)
	if len(s.log.States(p, 0, s.head())) == 0 && len(s.log.States(below, 0, s.head())) > 0 {
		return below
	}
	return p
}

// lastMeta is the front matter of the last text of a policy that is gone.
func (s *survey) lastMeta(h policy.History) (policy.Meta, error) {
	for _, r := range slices.Backward(h.Revisions) {
		if r.Blob == "" {
			continue
		}
		source, err := s.repo.Blob(r.Blob)
		if err != nil {
			return policy.Meta{}, err
		}
		meta, _, _, _ := policy.ParseSource(source)
		return meta, nil
	}
	return policy.Meta{}, nil
}

// place gives every policy its place on the site.
func (s *survey) place() error {
	var places []policy.Place
	for _, name := range slices.Sorted(maps.Keys(s.present)) {
		p := s.present[name]
		if p.meta.Draft {
			continue
		}
		place, problems := s.layout.Place(name, &p.meta)
		for _, problem := range problems {
			problem.Path = name
		}
		s.problems = append(s.problems, problems...)
		if place.ID != "" {
			p.place = place
			places = append(places, place)
		}
	}
	s.dropGhosts(places)
	for _, sub := range s.subjects {
		if sub.history.Live {
			sub.place = s.present[sub.history.Path].place
			continue
		}
		sub.place, _ = s.layout.Place(sub.history.Path, &sub.meta)
		places = append(places, sub.place)
	}
	lost, err := s.meetPrevious()
	if err != nil {
		return err
	}
	s.problems = append(s.problems, policy.CheckPlaces(append(places, lost...))...)
	slices.SortFunc(s.subjects, func(a, b *subject) int { return strings.Compare(a.place.ID, b.place.ID) })
	s.links = newLinks(s)
	return s.readSince()
}

// readSince understands the setting that hides the beginning of policies'
// histories. One that names nothing is an error: what it is to hide would show.
func (s *survey) readSince() error {
	var problems policy.Problems
	for _, id := range slices.Sorted(maps.Keys(s.config.Since)) {
		setting := s.config.Since[id]
		wrong := func(format string, args ...any) {
			problems = append(problems, &policy.Problem{Path: s.inSource(policy.ConfigFile), Message: "since: " + id + ": " + fmt.Sprintf(format, args...)})
		}
		i := slices.IndexFunc(s.subjects, func(sub *subject) bool { return sub.place.ID == id })
		if i < 0 {
			wrong("no policy has this id")
			continue
		}
		if day, err := policy.ParseDate(setting); err == nil {
			s.subjects[i].since = func(_ int, d policy.Date) bool { return !d.Before(day) }
			continue
		}
		from := slices.IndexFunc(s.log.Steps, func(step policy.Step) bool { return strings.HasPrefix(step.Commit, setting) })
		if from < 0 {
			wrong("%s is no step of the publish branch", setting)
			continue
		}
		s.subjects[i].since = func(step int, _ policy.Date) bool { return step >= from }
	}
	if len(problems) > 0 {
		return &policy.Failure{Reason: policy.ErrUsage, Message: "the configuration is wrong", Cause: problems}
	}
	return nil
}
