package builder

import (
	"bytes"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

// site is what every page may depend on beside its own policy.
func (s *survey) site() pages.Site {
	site := pages.Site{
		Title: s.config.Title, Organization: s.config.Organization, BaseURL: s.config.BaseURL,
		Lang: s.config.Language, Languages: s.config.Languages, Timezone: s.config.Timezone.String(),
		Generator: s.opt.Generator, Preview: s.opt.Preview, NoticeDays: s.config.NoticeDays,
	}
	for _, sub := range s.subjects {
		site.Places = append(site.Places, sub.place)
	}
	return site
}

// built says which commit and day the site is of.
func (s *survey) built() pages.Built {
	return pages.Built{Commit: s.commit, At: s.at, Timezone: s.config.Timezone.String()}
}

// composer writes the pages of the site.
func (s *survey) composer(theme *pages.Theme) *pages.Composer {
	minify := publish.Minify
	if s.opt.NoMinify {
		minify = nil
	}
	return pages.New(s.site(), theme, minify)
}

// theme is the default one with the user's templates over it.
func (s *survey) theme() (*pages.Theme, error) {
	own := map[string][]byte{}
	folder := s.layouts()
	if folder != "" {
		for f := range s.log.Files(s.head()) {
			name, ok := strings.CutPrefix(f.Path, folder+"/")
			if !ok || f.Mode != history.Regular && f.Mode != history.Executable {
				continue
			}
			content, err := s.repo.Blob(f.Blob)
			if err != nil {
				return nil, err
			}
			own[name] = content
		}
	}
	if s.themes == nil {
		return pages.NewTheme(s.opt.Theme, own, folder)
	}
	return s.themes.of(s.opt.Theme, own, folder)
}

// themes keep the theme that was made last: most edits are of texts.
type themes struct {
	last   *pages.Theme
	own    map[string][]byte // that it was made of
	folder string
}

func (t *themes) of(base fs.FS, own map[string][]byte, folder string) (*pages.Theme, error) {
	if t.last != nil && folder == t.folder && maps.EqualFunc(own, t.own, bytes.Equal) {
		return t.last, nil
	}
	theme, err := pages.NewTheme(base, own, folder)
	if err == nil {
		*t = themes{theme, own, folder}
	}
	return theme, err
}

// wholeSite writes the pages that speak of all policies. w reads, and takes the
// files that the introduction links to.
func (s *survey) wholeSite(composer *pages.Composer, policies []*policy.Policy, w *worker, emit pages.Emit, emitFrom pages.EmitFrom) error {
	var intro *pages.Text
	if s.intro != nil && !s.intro.meta.Draft {
		f, _ := s.log.Lookup(s.head(), s.intro.path)
		source, err := w.reader.Blob(f.Blob)
		if err != nil {
			return err
		}
		_, body, line, _ := policy.ParseSource(source)
		doc, err := w.renderer.Render(body, line)
		if err != nil {
			return err
		}
		text, err := s.writeText(composer, doc, origin{s.intro.path, s.head(), doc.IDs, w.reader.Blob, nil}, w.out)
		if err != nil {
			return err
		}
		intro = &text
	}
	source := func(p *policy.Policy, i int) ([]byte, error) { return w.source(&p.Versions[i]) }
	return composer.Site(policies, intro, s.built(), source, emit, emitFrom)
}

// static copies the folder of that name as it is.
func (s *survey) static(out *output) error {
	folder := s.staticFolder()
	if folder == "" {
		return nil
	}
	for f := range s.log.Files(s.head()) {
		name, ok := strings.CutPrefix(f.Path, folder+"/")
		if !ok {
			continue
		}
		if f.Mode != history.Regular && f.Mode != history.Executable {
			s.warn(f.Path, 0, "put the file itself here", "is no file, and not copied")
			continue
		}
		if c := policy.BidiControl(name); c != "" {
			s.problems = append(s.problems, &policy.Problem{Path: f.Path, Message: "the name has " + c + ", which shows it other than it is", Hint: "rename it"})
			continue
		}
		if out.has(name) {
			s.problems = append(s.problems, &policy.Problem{Path: f.Path, Message: "would stand at /" + name + ", where the site has a file of its own", Hint: "rename it"})
			continue
		}
		content, err := s.repo.Blob(f.Blob)
		if err != nil {
			return err
		}
		if err := out.emit(name, content); err != nil {
			return err
		}
	}
	return nil
}

// destination is the folder of the site.
func (s *survey) destination() (string, error) {
	switch {
	case s.opt.Destination != "":
		return s.opt.Destination, nil
	case s.repo.Bare():
		return "", policy.Fail(policy.ErrUsage, nil, "name the folder for the site with --destination", "a bare repository has no folder public")
	}
	return filepath.Join(s.opt.Source, "public"), nil
}

// protected are the folders that no site may replace.
func (s *survey) protected() []string {
	var out []string
	for _, dir := range []string{s.opt.Source, s.repo.Root()} {
		if abs, err := filepath.Abs(dir); err == nil && dir != "" {
			out = append(out, abs)
		}
	}
	return out
}

// result sums up a run.
func (s *survey) result(policies []*policy.Policy) (*Result, error) {
	s.problems.Sort()
	var undated []string
	r := &Result{Policies: len(policies), Warnings: s.problems, Notes: s.notes}
	for _, p := range policies {
		r.Versions += len(p.Versions)
		if next := p.NextChange; !next.IsZero() && (r.NextChange.IsZero() || next.Before(r.NextChange)) {
			r.NextChange = next
		}
		if d := p.Latest().Declared; p.Gone.IsZero() && d.LastUpdated.IsZero() && d.Effective.IsZero() {
			undated = append(undated, p.Path)
		}
	}
	if len(undated) > 0 {
		r.Notes = append(r.Notes, "no date of their own, so that their pages show the recorded date alone: "+strings.Join(undated, ", "))
	}
	if s.repo.Bare() || s.opt.Rev != "" {
		return r, nil
	}
	var err error
	r.Uncommitted, err = s.repo.Uncommitted(s.commit, s.concerns())
	return r, err
}

// concerns tells of a path of the work tree whether the site would be another
// if it were committed.
func (s *survey) concerns() func(p string) bool {
	output := ""
	if dir, err := s.destination(); err == nil {
		if abs, err := filepath.Abs(dir); err == nil {
			if real, err := filepath.EvalSymlinks(abs); err == nil {
				abs = real
			}
			if rel, err := filepath.Rel(s.repo.Root(), abs); err == nil && filepath.IsLocal(rel) {
				output = filepath.ToSlash(rel)
			}
		}
	}
	folders := []string{s.layouts(), s.staticFolder()}
	if s.foreign == "" {
		folders = append(folders, s.inSource("layouts"), s.inSource("static"))
	}
	return func(p string) bool {
		if output != "" && (p == output || strings.HasPrefix(p, output+"/")) {
			return false
		}
		for _, f := range folders {
			if f != "" && strings.HasPrefix(p, f+"/") {
				return true
			}
		}
		return p == s.inSource(policy.ConfigFile) || s.layout.Selected(p)
	}
}
