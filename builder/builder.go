package builder

import (
	"context"
	"io/fs"
	"time"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

// Options of a run. The zero value, with a Theme, is the site of the
// repository that holds the current folder, as of HEAD, in its folder public.
type Options struct {
	Source      string      // folder that holds policysite.yaml, or would; "" is "."
	Destination string      // "" is public in the source folder
	Content     string      // content folder, relative to Source; "" is what the configuration says
	BaseURL     string      // "" is what the configuration says
	Rev         string      // what to build; "" is HEAD
	Git         string      // "auto", "go" or "cli"; "" is "auto"
	At          policy.Date // the day to build for; zero is that of Now in the site's time zone
	Now         time.Time
	Preview     bool   // every page says that it is not published
	Previous    string // the site as it was last published, a folder or an address; "" when there is none
	Strict      bool   // warnings are errors
	NoMinify    bool
	Theme       fs.FS  // the default theme
	Generator   string // name and version of this program

	// Progress is told how far long work has come; nil tells nobody. It is
	// called by one goroutine at a time.
	Progress func(doing string, done, total int)
}

// Result is what a run found and did.
type Result struct {
	Policies    int
	Versions    int
	Files       int // 0 when none were written
	Destination string
	NextChange  policy.Date     // the next day for which the site has to be built again; zero when none is known
	Uncommitted []string        // paths that are not in the site because they are not committed
	Warnings    policy.Problems // of the texts as they stand now
	Notes       []string        // worth knowing, and nothing to mend
}

// Build writes the site.
func Build(ctx context.Context, opt Options) (*Result, error) {
	s, err := newSurvey(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer s.close()
	destination, err := s.destination()
	if err != nil {
		return nil, err
	}
	site, err := publish.Open(destination, publish.Options{Protect: s.protected()})
	if err != nil {
		return nil, err
	}
	defer site.Abort()
	result, err := s.write(ctx, site)
	if err != nil {
		return nil, err
	}
	result.Files, result.Destination = site.Files(), destination
	return result, site.Commit()
}

// Check does all that Build does, and writes nothing.
func Check(ctx context.Context, opt Options) (*Result, error) {
	s, err := newSurvey(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer s.close()
	return s.write(ctx, nowhere{})
}

// write is the way from the survey of the present to the last file.
func (s *survey) write(ctx context.Context, to destination) (*Result, error) {
	theme, err := s.theme()
	if err := s.failed(err); err != nil {
		return nil, err
	}
	out := newOutput(to)
	composer := s.composer(theme)
	policies, err := s.eachPolicy(ctx, composer, out, func(ctx context.Context, w *worker, sub *subject) (*policy.Policy, *record, error) {
		p, r, err := w.resolve(ctx, sub)
		if err == nil {
			err = composer.Policy(p, w.texts(p), w.out.emit)
		}
		return p, r, err
	})
	if err := s.failed(err); err != nil {
		return nil, err
	}
	if err := s.permanence.check(s); err != nil {
		return nil, err
	}
	w, err := s.newWorker(composer, out)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := s.wholeSite(composer, policies, w, out.emit, out.emitFrom); err != nil {
		return nil, err
	}
	if err := s.failed(s.static(out)); err != nil {
		return nil, err
	}
	if err := s.keepAddresses(composer, policies, out); err != nil {
		return nil, err
	}
	return s.result(policies)
}

// failed gathers what is wrong with the present, an error of the current stage
// included: all of it is reported together.
func (s *survey) failed(err error) error {
	if problems, ok := err.(policy.Problems); ok {
		s.problems = append(s.problems, problems...)
	} else if err != nil {
		return err
	}
	if wrong := s.problems.Errors(s.opt.Strict); len(wrong) > 0 {
		wrong.Sort()
		return wrong
	}
	return nil
}
