package builder

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// permanence gathers where this site would not keep what the previous one
// promised.
type permanence struct {
	changed policy.Problems
	moved   policy.Problems
	carried []string // "privacy@2021-07-14"
}

func (p *permanence) add(id string, r *record) {
	p.changed = append(p.changed, r.Changed...)
	p.moved = append(p.moved, r.Moved...)
	for _, version := range r.Carried {
		p.carried = append(p.carried, id+"@"+version)
	}
}

// check refuses to take back what was published.
func (p *permanence) check(s *survey) error {
	// Workers end in any order.
	for _, problems := range []policy.Problems{p.moved, p.changed} {
		slices.SortFunc(problems, func(a, b *policy.Problem) int { return strings.Compare(a.Error(), b.Error()) })
	}
	slices.Sort(p.carried)
	switch {
	case len(p.moved) > 0:
		return &policy.Failure{Reason: policy.ErrUsage, Message: "the configuration would give published versions another address", Cause: p.moved}
	case len(p.changed) > 0:
		return &policy.Failure{Reason: policy.ErrHistory, Message: "the site would say something else than what was published", Cause: p.changed}
	case len(p.carried) > 0 && s.opt.Strict:
		return policy.Fail(policy.ErrHistory, nil, "build without --strict to carry them forward from the previous site, or restore the history", "git no longer gives versions that were published: %s", strings.Join(p.carried, ", "))
	case len(p.carried) > 0:
		s.notes = append(s.notes, "carried forward from the previous site, as git no longer gives them: "+strings.Join(p.carried, ", "))
	}
	return nil
}

// wasPublished reports whether the previous site has the policy of a text.
func (s *survey) wasPublished(name string, meta *policy.Meta) bool {
	place, problems := s.layout.Place(name, meta)
	return len(problems) == 0 && s.previous.policy(place.ID) != nil
}

// meetPrevious finds what each policy of the previous site is now: by its id,
// else by a commit that both have. One that git knows nothing of is kept as it
// was published; the places of those are returned.
func (s *survey) meetPrevious() ([]policy.Place, error) {
	if s.previous == nil {
		return nil, nil
	}
	byID := map[string]*subject{}
	for _, sub := range s.subjects {
		byID[sub.place.ID] = sub
	}
	var unmet []*pages.ManifestPolicy
	for i := range s.previous.manifest.Policies {
		q := &s.previous.manifest.Policies[i]
		if sub := byID[q.ID]; sub != nil {
			sub.published = q
		} else {
			unmet = append(unmet, q)
		}
	}
	var places []policy.Place
	var moved policy.Problems
	for _, q := range unmet {
		sub := s.successor(q)
		switch {
		case sub == nil:
			sub = s.lost(q)
			s.subjects = append(s.subjects, sub)
			places = append(places, sub.place)
		case sub.history.Path == q.Path && sub.meta.ID == "" && !s.previous.statesID(q):
			moved = append(moved, &policy.Problem{
				Path:    q.Path,
				Message: fmt.Sprintf("the id would be %q, and was %q when it was published", sub.place.ID, q.ID),
				Hint:    fmt.Sprintf("set `languages` and `content` in %s as they were, or add `id: %s` to the front matter", policy.ConfigFile, q.ID),
			})
		default:
			sub.published = q
		}
	}
	if len(moved) > 0 {
		return nil, &policy.Failure{Reason: policy.ErrUsage, Message: "the configuration would give published policies another id", Cause: moved}
	}
	if err := s.keepFormer(); err != nil {
		return nil, err
	}
	return places, nil
}

// successor is the policy that a published one became; nil when there is none.
func (s *survey) successor(q *pages.ManifestPolicy) *subject {
	commits := map[string]bool{}
	for _, v := range q.Versions {
		for _, r := range v.Revisions {
			commits[r.Commit+" "+r.Path] = true
		}
	}
	for _, sub := range s.subjects {
		if sub.published != nil {
			continue
		}
		if sub.history.Live && sub.history.Path == q.Path {
			return sub
		}
		for _, r := range sub.history.Revisions {
			if commits[s.log.Steps[r.Step].Commit+" "+r.Path] {
				return sub
			}
		}
	}
	return nil
}

// lost is a policy that the previous site has and git does not.
func (s *survey) lost(q *pages.ManifestPolicy) *subject {
	base := q.ID
	if q.Lang != s.config.Language {
		base = strings.TrimPrefix(q.ID, strings.ToLower(q.Lang)+"/")
	}
	return &subject{
		history:   policy.History{Path: q.Path},
		place:     policy.Place{ID: q.ID, Path: q.Path, URL: "/" + sitePath(q.URL) + "/", Lang: q.Lang, Base: base},
		published: q,
	}
}

// keepFormer adds the addresses that redirect to a policy on the previous site
// to those that do on this one.
func (s *survey) keepFormer() error {
	redirects, err := s.previous.redirects()
	if err != nil {
		return err
	}
	for _, sub := range s.subjects {
		if sub.published == nil {
			continue
		}
		was := "/" + sitePath(sub.published.URL) + "/"
		for _, from := range append([]string{was}, redirects[was]...) {
			if from != sub.place.URL && !slices.Contains(sub.place.Former, from) {
				sub.place.Former = append(slices.Clip(sub.place.Former), from)
			}
		}
	}
	return nil
}

// keepAddresses makes the addresses of the previous site that nothing stands at
// any more lead to what is nearest to what stood there, and keeps the files that
// its pages linked to. What the user put into `static` is the user's to remove.
func (s *survey) keepAddresses(composer *pages.Composer, policies []*policy.Policy, out *output) error {
	if s.previous == nil {
		return nil
	}
	withheld := map[string]bool{} // files that only versions link to whose words are withheld
	for _, p := range policies {
		for i := range p.Versions {
			if q := s.previous.policy(p.ID); q != nil && p.Versions[i].Withheld() {
				for _, v := range q.Versions {
					for _, a := range v.Attachments {
						withheld[sitePath(a.URL)] = withheld[sitePath(a.URL)] || v.ID == p.Versions[i].ID
					}
				}
			}
		}
	}
	var left []string
	for name, sum := range s.previous.names() {
		switch {
		case out.has(name) || name == "sitemap.xml":
		case strings.HasPrefix(name, "assets/"):
			if withheld[name] || sum == "" {
				break
			}
			content, err := s.previous.file(name, sum)
			if err != nil {
				return err
			}
			if err := out.emit(name, content); err != nil {
				return err
			}
		case strings.HasSuffix(name, "/index.html") && s.previous.ours(name):
			to := path.Dir(path.Dir(name))
			for to != "." && !out.has(to+"/index.html") {
				to = path.Dir(to)
			}
			from := "/" + strings.TrimSuffix(name, "index.html")
			if err := composer.Redirect(from, strings.TrimSuffix("/"+to, ".")+"/", out.emit); err != nil {
				return err
			}
		default:
			left = append(left, "/"+name)
		}
	}
	if n := len(left); n > 0 {
		slices.Sort(left)
		if n > 5 {
			left = append(left[:5], fmt.Sprintf("and %d more", n-5))
		}
		s.notes = append(s.notes, "on the previous site, and not on this one: "+strings.Join(left, ", "))
	}
	return nil
}
