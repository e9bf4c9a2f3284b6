package builder

import (
	"context"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
	"github.com/policysite/policysite/builder/record"
)

// Options of a run. The zero value, with a Theme, is the site of the
// repository that holds the current folder, as of HEAD, in its folder public.
type Options struct {
	Source      string      // folder that holds policysite.yaml, or would; "" is "."
	Destination string      // "" is public in the source folder
	Content     string      // content folder, relative to Source; "" is what the configuration says
	BaseURL     string      // "" is what the configuration says
	Rev         string      // what to build; "" is HEAD
	Base        string      // of Check: what Rev would be merged into; "" asks for no review
	Git         string      // "auto", "go" or "cli"; "" is "auto"
	At          policy.Date // the day to build for; zero is that of Now in the site's time zone
	Now         time.Time
	Preview     bool   // every page says that it is not published
	Previous    string // the site as it was last published, a folder or an address; "" when there is none
	First       bool   // it is no error when nothing was published at Previous yet
	Strict      bool   // warnings are errors
	NoMinify    bool
	Fragments   bool   // of Build: what another site mounts, not a site of its own
	Theme       fs.FS  // the default theme
	Generator   string // name and version of this program

	// Progress is told how far long work has come; nil tells nobody. It is
	// called by one goroutine at a time.
	Progress func(doing string, done, total int)
}

func (opt *Options) progress(doing string) func(done, total int) {
	if opt.Progress == nil {
		return nil
	}
	return func(done, total int) { opt.Progress(doing, done, total) }
}

// Result is what a run found and did.
type Result struct {
	Policies    int
	Versions    int
	Files       int // 0 when none were written
	Destination string
	NextChange  policy.Date     // the next day for which the site has to be built again; zero when none is known
	Carried     []string        // versions that git no longer gives, and gave when the previous site was built: "privacy@2026-05-04"
	Uncommitted []string        // paths that are not in the site because they are not committed
	Warnings    policy.Problems // of the texts as they are now
	Notes       []string        // worth knowing, and nothing to mend
	Followed    []Followed      // how each policy was followed
	Shares      []Share         // of the limits of hosts
	Review      *Review         // with a base: what would be published, and what was forgotten
}

// Build writes the site.
func Build(ctx context.Context, opt Options) (*Result, error) {
	from, err := open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer from.close()
	destination, err := from.destination()
	if err != nil {
		return nil, err
	}
	site, err := publish.Open(destination, publish.Options{Protect: from.protected()})
	if err != nil {
		return nil, err
	}
	defer site.Abort()
	result, err := from.write(ctx, site)
	if err != nil {
		return nil, err
	}
	result.Files, result.Destination = site.Files(), destination
	return result, site.Commit()
}

// Check does all that Build does, and writes nothing. In a strict run that has a
// base the result comes with the error of what was forgotten.
func Check(ctx context.Context, opt Options) (*Result, error) {
	from, err := open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer from.close()
	return from.write(ctx, nowhere{})
}

// write makes every file of the site: it is the pipeline.
func (in *input) write(ctx context.Context, to sink) (*Result, error) {
	strict := in.opt.Strict && in.base == "" // a review is had of what strict runs refuse, too
	cat, found, err := catalog.Read(in.source())
	if err != nil {
		return nil, err
	}
	add := func(more policy.Findings, err error) error {
		found.Add(more)
		return found.Failed(err, strict)
	}
	theme, err := in.opt.theme(cat, in.repo)
	if err := add(policy.Findings{}, err); err != nil {
		return nil, err
	}
	found.Problems = append(found.Problems, theme.Warnings()...)
	site, err := in.opt.composer(cat, theme, in.repo)
	if err != nil {
		return nil, err
	}
	out := newOutput(to)
	policies, more, err := in.policies(ctx, cat, site, out)
	if err := add(more, err); err != nil {
		return nil, err
	}
	if err := add(in.keepWords(cat, policies)); err != nil {
		return nil, err
	}
	if err := add(in.staleTranslations(cat, site, policies), nil); err != nil {
		return nil, err
	}
	if err := in.whole(ctx, cat, site, policies, out); err != nil {
		return nil, err
	}
	if err := add(in.addStatic(cat, out)); err != nil {
		return nil, err
	}
	if err := add(in.keepAddresses(cat, site, policies, out)); err != nil {
		return nil, err
	}
	review, err := in.review(ctx, cat, policies, found.Problems)
	if err != nil {
		return nil, err
	}
	found.Problems = review.before(found.Problems)
	result, err := in.result(cat, theme, policies, review, found, out)
	if err != nil {
		return nil, err
	}
	return result, found.Failed(nil, in.opt.Strict)
}

// policies makes the pages of each policy by itself, from the blobs of its versions to
// their files, so that its texts can be let go of.
func (in *input) policies(ctx context.Context, cat *catalog.Catalog, site *pages.Composer, out *output) (all []*record.Resolved, found policy.Findings, err error) {
	resolve := resolver(ctx, cat)
	all, err = in.each(ctx, cat, cat.Policies, func(r *record.Reader, p *catalog.Policy) (*record.Resolved, error) {
		own, err := resolve(r, p.Place.ID)
		if err != nil {
			return own, err
		}
		if err := out.addAssets(own.Assets, r); err != nil {
			return own, err
		}
		var others []*policy.Policy // its other languages
		for _, id := range site.Others(p.Place.ID) {
			other, err := resolve(r, id)
			if err != nil {
				return own, err
			}
			others = append(others, other.Policy)
		}
		return own, site.Beside(others).Policy(own.Policy, r.Texts(p, own, site.Words(own.Policy.Lang)), out.Add)
	})
	for _, p := range all {
		if p == nil {
			continue
		}
		found.Problems = append(found.Problems, p.Problems...)
		for _, note := range p.Record.Notes { // a commit may touch many policies
			if !slices.Contains(found.Notes, note) {
				found.Notes = append(found.Notes, note)
			}
		}
	}
	return all, found, err
}

// resolver returns what resolves each policy once: its pages and those of its other
// languages ask for it.
func resolver(ctx context.Context, cat *catalog.Catalog) func(*record.Reader, string) (*record.Resolved, error) {
	type result struct {
		policy   *catalog.Policy
		once     sync.Once
		resolved *record.Resolved
		err      error
	}
	results := make(map[string]*result, len(cat.Policies))
	for _, p := range cat.Policies {
		results[p.Place.ID] = &result{policy: p}
	}
	return func(r *record.Reader, id string) (*record.Resolved, error) {
		out := results[id]
		out.once.Do(func() { out.resolved, out.err = r.Resolve(ctx, out.policy) })
		return out.resolved, out.err
	}
}

// whole writes the pages and files that speak of all policies.
func (in *input) whole(ctx context.Context, cat *catalog.Catalog, site *pages.Composer, policies []*record.Resolved, out *output) error {
	return in.with(ctx, cat, func(r *record.Reader) error {
		intro, assets, err := r.Introduction(site.Words(""))
		if err == nil {
			err = out.addAssets(assets, r)
		}
		if err != nil {
			return err
		}
		return site.Site(of(policies), intro, cat.Built, r.Again(cat.Policies, policies, site.Words), out.Add, out.AddFrom)
	})
}

// of are the policies of what was resolved.
func of(resolved []*record.Resolved) []*policy.Policy {
	out := make([]*policy.Policy, len(resolved))
	for i, r := range resolved {
		out[i] = r.Policy
	}
	return out
}
