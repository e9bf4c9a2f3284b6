package builder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
	"github.com/policysite/policysite/builder/record"
)

// input is what a run reads: a commit of a repository, and the previous site.
type input struct {
	opt      Options
	repo     *history.Repository
	commit   string
	log      *history.Log
	base     string            // the commit that this one would be merged into; "" unless that is asked for
	baseLog  *history.Log      // of base
	previous *catalog.Previous // nil when there is none
	readers  *record.Pool
	taken    *taken // nil unless a site is built again, see Verify
}

// open reads the history up to the commit.
func open(ctx context.Context, opt Options) (_ *input, err error) {
	if opt.Source == "" {
		opt.Source = "."
	}
	in := &input{opt: opt, readers: record.NewPool()}
	if in.repo, err = history.Open(opt.Source, opt.Git); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			in.close()
		}
	}()
	if in.commit, err = in.repo.Resolve(opt.Rev); err != nil {
		return nil, err
	}
	if opt.Base != "" {
		err = in.readBase(ctx)
	} else {
		in.log, err = in.repo.Read(ctx, in.commit, opt.progress("reading history"))
	}
	if err != nil {
		return nil, err
	}
	switch {
	case opt.Previous != "":
		in.previous, err = catalog.OpenPrevious(ctx, opt.Previous)
		if nothing := errors.Is(err, policy.ErrUsage) && errors.Is(err, fs.ErrNotExist); err != nil && !(opt.First && nothing) {
			return nil, err
		}
	case opt.First:
		return nil, policy.Fail(policy.ErrUsage, nil, "name the place where nothing was published yet with --previous", "--first needs --previous")
	}
	return in, nil
}

func (in *input) close() {
	in.readers.Close()
	if in.repo != nil {
		in.repo.Close()
	}
	in.previous.Close()
}

// source is what the catalog is read from.
func (in *input) source() catalog.Source {
	return catalog.Source{
		Repo: in.repo, Log: in.log, Commit: in.commit, Previous: in.previous,
		Content: in.opt.Content, BaseURL: in.opt.BaseURL, At: in.opt.At, Now: in.opt.Now,
	}
}

// layouts are the user's files of the theme, by their paths in its folder.
func (opt *Options) layouts(cat *catalog.Catalog, repo *history.Repository) (map[string][]byte, error) {
	own := map[string][]byte{}
	for name, f := range cat.Files(cat.Folders.Layouts) {
		if f.Mode.IsFile() {
			var err error
			if own[name], err = repo.Blob(f.Blob); err != nil {
				return nil, err
			}
		}
	}
	return own, nil
}

// theme is the default one with the user's files over it.
func (opt *Options) theme(cat *catalog.Catalog, repo *history.Repository) (*pages.Theme, error) {
	own, err := opt.layouts(cat, repo)
	if err != nil {
		return nil, err
	}
	if brand := cat.Config.Brand; brand.Accent != "" {
		own[pages.AccentFile] = pages.Accent(brand.Accents())
	}
	minify := publish.Minify
	if opt.NoMinify {
		minify = nil
	}
	return pages.NewTheme(opt.Theme, own, cat.Folders.Layouts, minify)
}

// site is what every page may depend on.
func (opt *Options) site(cat *catalog.Catalog) pages.Site {
	site := cat.Site()
	site.Generator, site.Preview, site.Minified, site.Fragments = opt.Generator, opt.Preview, !opt.NoMinify, opt.Fragments
	site.RulesAlone = site.RulesAlone || opt.Fragments
	return site
}

// composer writes the pages of the site.
func (opt *Options) composer(cat *catalog.Catalog, theme *pages.Theme, repo *history.Repository) (*pages.Composer, error) {
	site := opt.site(cat)
	files := cat.Files(cat.Folders.Static)
	for name, lines := range map[string]*[]byte{"_headers": &site.Headers, "_redirects": &site.Redirects} {
		if f, ok := files[name]; ok && f.Mode.IsFile() {
			var err error
			if *lines, err = repo.Blob(f.Blob); err != nil {
				return nil, err
			}
		}
	}
	for key, name := range map[string]*string{"logo": &site.Brand.Logo, "favicon": &site.Brand.Favicon} {
		if *name == "" {
			continue
		}
		f, ok := cat.Log.Lookup(cat.Head(), cat.InSource(*name))
		if !ok || !f.Mode.IsFile() {
			return nil, policy.Problems{{Path: cat.InSource(policy.ConfigFile), Message: fmt.Sprintf("brand: %s: there is no file %s in the commit", key, *name), Hint: "commit the picture, or leave the key out"}}
		}
		content, err := repo.Blob(f.Blob)
		if err != nil {
			return nil, err
		}
		if markdown.LFSPointer(content) {
			return nil, policy.Problems{{Path: cat.InSource(*name), Message: "is a Git LFS pointer, not the " + key, Hint: markdown.LFSHint}}
		}
		*name = site.Brand.Use(*name, content)
	}
	slices.SortFunc(site.Brand.Files, func(a, b pages.File) int { return strings.Compare(a.URL, b.URL) })
	return pages.New(site, theme), nil
}

// destination is the folder of the site.
func (in *input) destination() (string, error) {
	switch {
	case in.opt.Destination != "":
		return in.opt.Destination, nil
	case in.repo.Bare():
		return "", policy.Fail(policy.ErrUsage, nil, "name the folder for the site with --destination", "a bare repository has no folder public")
	}
	return filepath.Join(in.opt.Source, "public"), nil
}

// outputFolder is the destination, relative to the root of the work tree; "" when
// it is not in it.
func (in *input) outputFolder() string {
	dir, err := in.destination()
	if err != nil {
		return ""
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	rel, err := filepath.Rel(in.repo.Root(), abs)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// protected are the folders that no site may replace.
func (in *input) protected() []string {
	var out []string
	for _, dir := range []string{in.opt.Source, in.repo.Root()} {
		if abs, err := filepath.Abs(dir); err == nil && dir != "" {
			out = append(out, abs)
		}
	}
	return out
}
