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
	themes     *themes    // of the surveys before; nil for one survey alone
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
	if s.opt.Previous != "" {
		if s.previous, err = openPrevious(ctx, s.opt.Previous); err != nil {
			return nil, err
		}
	}
	return s, s.read()
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
	known := s.known
	if known == nil {
		known = knownTexts{}
	}
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
		p, problems, err := known.read(renderer, f, s.repo.Blob)
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
func readPresent(renderer *markdown.Renderer, name string, source []byte) knownText {
	meta, body, line, problems := policy.ParseSource(source)
	text := knownText{Meta: meta}
	if meta.Draft {
		return text
	}
	if len(problems.Errors(false)) == 0 {
		doc, err := renderer.Render(body, line)
		if err != nil {
			problems = append(problems, problemOf(err))
		} else {
			text.Title, text.Links, text.IDs = (&policy.Text{Meta: meta, Doc: doc}).Title(fileTitle(name)), doc.Links, doc.IDs
			for _, note := range doc.Notes {
				problems = append(problems, &note)
			}
		}
	}
	for _, problem := range problems {
		problem.Path = name
	}
	text.Problems = problems
	return text
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
