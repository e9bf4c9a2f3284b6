package builder

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// survey is what one commit says before any of its past is read: settings,
// the texts as they stand, which policies there are and where they belong.
type survey struct {
	opt      Options
	repo     *history.Repository
	log      *history.Log
	commit   string
	draft    bool // the last step is not committed: it is the work tree
	config   policy.Config
	layout   policy.Layout
	at       policy.Date
	foreign  string              // another generator's configuration, or ""
	present  map[string]*present // texts selected at the commit, by path
	intro    *present            // index.md of the content folder, or nil
	subjects []*subject          // the policies of the site, sorted by id
	withheld []policy.History    // the policies that are not on the site: drafts, and those that are gone
	links    *links
	later    later
	previous *previous // nil when there is none
	problems policy.Problems
	notes    []string

	permanence permanence
	known      knownTexts // what was read before; nil for one survey alone
}

// present is a text as it stands at the built commit.
type present struct {
	path  string
	meta  policy.Meta
	title string
	links []policy.Link
	ids   map[string]bool
	place policy.Place
}

// subject is one policy of the site, before its versions are known.
type subject struct {
	history policy.History
	place   policy.Place
	meta    policy.Meta                          // of the built commit; of one that is gone, of its last text
	ids     map[string]bool                      // what a fragment on its page can point to; nil when that is not known
	since   func(step int, day policy.Date) bool // whether history is shown from there on; nil: all of it is

	published *pages.ManifestPolicy // what the previous site says of it; nil when it says nothing
	drafted   bool                  // it was published, and is a draft now
}

func newSurvey(ctx context.Context, opt Options) (_ *survey, err error) {
	if opt.Source == "" {
		opt.Source = "."
	}
	s := &survey{opt: opt, present: map[string]*present{}}
	if s.repo, err = history.Open(opt.Source, opt.Git); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.commit, err = s.repo.Resolve(opt.Rev); err != nil {
		return nil, err
	}
	if s.log, err = s.repo.Read(ctx, s.commit, s.progress("reading history")); err != nil {
		return nil, err
	}
	if opt.Previous != "" {
		if s.previous, err = openPrevious(ctx, opt.Previous); err != nil {
			return nil, err
		}
	}
	if err = s.read(); err != nil {
		return nil, err
	}
	return s, nil
}

// read makes the survey of what its log ends with.
func (s *survey) read() error {
	for _, stage := range []func() error{s.readConfig, s.layOut, s.readLater, s.readPresent, s.follow, s.place, s.checkLater, s.checkLinks} {
		if err := stage(); err != nil {
			return err
		}
	}
	return nil
}

func (s *survey) close() {
	s.repo.Close()
	if s.previous != nil {
		s.previous.close()
	}
}

func (s *survey) progress(doing string) func(done, total int) {
	if s.opt.Progress == nil {
		return nil
	}
	return func(done, total int) { s.opt.Progress(doing, done, total) }
}

// head is the step of the built commit.
func (s *survey) head() int { return len(s.log.Steps) - 1 }

// recordedHead is the last step that is in git.
func (s *survey) recordedHead() int {
	if s.draft {
		return s.head() - 1
	}
	return s.head()
}

// committed returns the content of a file of the built commit; nil when there
// is none.
func (s *survey) committed(p string) ([]byte, error) {
	f, ok := s.log.Lookup(s.head(), p)
	if !ok || f.Mode != history.Regular && f.Mode != history.Executable {
		return nil, nil
	}
	return s.repo.Blob(f.Blob)
}

// inSource is the path, from the repository's root, of one in the source folder.
func (s *survey) inSource(p string) string {
	if p = path.Join(s.repo.Prefix(), p); p != "." {
		return p
	}
	return ""
}

func (s *survey) readConfig() error {
	name := s.inSource(policy.ConfigFile)
	data, err := s.committed(name)
	if err != nil {
		return err
	}
	config, problems := policy.ParseConfig(data)
	if len(problems) > 0 {
		for _, p := range problems {
			p.Path = name
		}
		return &policy.Failure{Reason: policy.ErrUsage, Message: "the configuration is wrong", Cause: problems}
	}
	if s.opt.BaseURL != "" {
		if _, err := policy.ParseBaseURL(s.opt.BaseURL); err != nil {
			return policy.Fail(policy.ErrUsage, err, "", "baseURL")
		}
		config.BaseURL = s.opt.BaseURL
	}
	s.config = config
	if s.at = s.opt.At; s.at.IsZero() {
		s.at = policy.DateOf(s.opt.Now, config.Timezone)
	}
	return nil
}

// layOut decides which files of the repository are policies.
func (s *survey) layOut() error {
	s.layout = policy.Layout{
		Source:   s.repo.Prefix(),
		Include:  s.config.Include,
		Exclude:  s.config.Exclude,
		Language: s.config.Language, Languages: s.config.Languages,
	}
	folder := s.opt.Content
	if folder == "" {
		folder = s.config.Content
	}
	if err := s.checkForeign(folder); err != nil {
		return err
	}
	switch {
	case folder != "":
		s.layout.Content = s.inSource(filepath.ToSlash(folder))
		if !s.log.IsDir(s.head(), s.layout.Content) && s.layout.Content != "" {
			return policy.Fail(policy.ErrUsage, nil, "git add and git commit it first", "commit %.7s has no folder %s", s.commit, s.layout.Content)
		}
	case s.foreign == "" && s.log.IsDir(s.head(), s.inSource("content")):
		s.layout.Content = s.inSource("content")
	default:
		s.layout.Content = s.repo.Prefix()
	}
	for _, name := range []string{s.layouts(), s.staticFolder(), s.inSource("public")} {
		if name != "" {
			s.layout.Skip = append(s.layout.Skip, name)
		}
	}
	return nil
}

// layouts is the folder with the user's templates; "" when there is none.
func (s *survey) layouts() string { return s.folder(s.config.Layouts, "layouts") }

// staticFolder holds files that are published as they are.
func (s *survey) staticFolder() string { return s.folder(s.config.Static, "static") }

// folder is a folder that the configuration names, or one by its usual name.
// Where another generator's configuration stands, the usual name is that
// generator's.
func (s *survey) folder(configured, usual string) string {
	switch {
	case configured != "":
		return s.inSource(configured)
	case s.foreign == "" && s.log.IsDir(s.head(), s.inSource(usual)):
		return s.inSource(usual)
	}
	return ""
}

// readPresent reads the texts of the built commit. All that is wrong with them
// is found here.
func (s *survey) readPresent() error {
	renderer := markdown.New(markdown.Options{Trusted: s.config.TrustedHTML})
	for f := range s.log.Files(s.head()) {
		if !s.layout.Selected(f.Path) {
			continue
		}
		switch f.Mode {
		case history.Symlink:
			s.warn(f.Path, 0, "put the text itself here, or a redirect: `aliases:` in the front matter of the other", "is a symbolic link, and no policy")
			continue
		case history.Submodule:
			s.problems = append(s.problems, &policy.Problem{Path: f.Path, Message: "is a submodule, and no text", Hint: "commit the text itself here"})
			continue
		}
		p, problems, err := s.known.read(renderer, f, s.repo.Blob)
		if err != nil {
			return err
		}
		s.problems = append(s.problems, problems...)
		if s.layout.Introduction(f.Path) {
			s.intro = p
		} else {
			s.present[f.Path] = p
		}
	}
	return nil
}

// readPresent reads one text. What is wrong with a draft is its author's
// business until it is one no longer.
func readPresent(renderer *markdown.Renderer, name string, source []byte) (*present, policy.Problems) {
	meta, body, line, problems := policy.ParseSource(source)
	p := &present{path: name, meta: meta}
	if meta.Draft {
		return p, nil
	}
	if len(problems.Errors(false)) == 0 {
		doc, err := renderer.Render(body, line)
		if err != nil {
			problems = append(problems, problemOf(err))
		} else {
			text := policy.NewText(source, meta, doc)
			p.title = text.Title(fileTitle(name))
			p.links, p.ids = doc.Links, doc.IDs
			for _, note := range doc.Notes {
				problems = append(problems, &note)
			}
		}
	}
	for _, problem := range problems {
		problem.Path = name
	}
	return p, problems
}

// problemOf makes a problem of a renderer's error.
func problemOf(err error) *policy.Problem {
	var p *policy.Problem
	if errors.As(err, &p) {
		return p
	}
	return &policy.Problem{Message: err.Error()}
}

// fileTitle is what a text without a title is called: its file, or the folder
// whose index it is.
func fileTitle(name string) string {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if base == "index" && path.Dir(name) != "." {
		return path.Base(path.Dir(name))
	}
	return base
}

func (s *survey) warn(name string, line int, hint, format string, args ...any) {
	s.problems = append(s.problems, &policy.Problem{Path: name, Line: line, Message: fmt.Sprintf(format, args...), Hint: hint, Warning: true})
}

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

// checkLinks finds links of the present texts that lead nowhere.
func (s *survey) checkLinks() error {
	texts := slices.Collect(maps.Values(s.present))
	if s.intro != nil {
		texts = append(texts, s.intro)
	}
	for _, p := range texts {
		if p.meta.Draft {
			continue
		}
		for _, l := range p.links {
			t, err := s.links.resolve(l.Target, origin{p.path, s.head(), p.ids, s.repo.Blob, nil})
			if err != nil {
				return err
			}
			if t.nowhere != "" {
				s.warn(p.path, l.Line, t.hint, "the link %q %s", l.Target, t.nowhere)
			}
		}
	}
	return nil
}
