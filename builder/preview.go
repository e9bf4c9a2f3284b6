package builder

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
)

// Preview is the site of one moment, the work tree's drafts in it. Its files
// are made when they are asked for. It never changes.
type Preview struct {
	Changed []string // URLs of the policies whose drafts are others than in the preview before
	Style   string   // URL of the style sheet
	Found   policy.Findings

	moment   moment
	live     *Live
	cat      *catalog.Catalog
	drafts   history.Drafts
	composer *pages.Composer
	policies []*previewed // sorted by id
}

// previewed is a policy of a preview.
type previewed struct {
	*catalog.Policy
	record *recorded

	mu       sync.Mutex
	git, all *record.Resolved // without its draft, nil when git does not have it; and with it
	problems policy.Problems  // of the draft
}

// recorded is what git says of a policy. Previews share it as long as its key is
// the same.
type recorded struct {
	key    string
	mu     sync.Mutex
	record *record.Record // nil until somebody needed it
}

// preview makes the preview of a catalog.
func (l *Live) preview(cat *catalog.Catalog, theme *pages.Theme, drafts history.Drafts, found policy.Findings, at moment) *Preview {
	p := &Preview{Style: theme.StyleURL(), Found: found, moment: at, live: l, cat: cat, drafts: drafts, composer: l.opt.composer(cat, theme)}
	p.Found.Problems.Sort()
	known, before := map[string]*recorded{}, map[string]string{}
	if l.last != nil {
		for _, q := range l.last.policies {
			known[q.record.key], before[q.Place.URL] = q.record, latest(q.Policy)
		}
	}
	for _, q := range cat.Policies {
		key := record.Key(cat, q)
		if known[key] == nil {
			known[key] = &recorded{key: key}
		}
		p.policies = append(p.policies, &previewed{Policy: q, record: known[key]})
		if was, ok := before[q.Place.URL]; l.last != nil && (!ok || was != latest(q)) {
			p.Changed = append(p.Changed, q.Place.URL)
		}
	}
	return p
}

// latest is the blob of a policy's newest text, in git or not.
func latest(p *catalog.Policy) string { return p.History.Revisions[len(p.History.Revisions)-1].Blob }

func (p *Preview) with(ctx context.Context, use func(*record.Reader) error) error {
	return p.live.with(ctx, p.cat, p.drafts, use)
}

// resolve works out what pages say of a policy, once.
func (p *Preview) resolve(ctx context.Context, q *previewed) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all != nil {
		return nil
	}
	return p.with(ctx, func(r *record.Reader) error {
		rec, err := q.record.get(ctx, r, q.Policy)
		if err != nil {
			return err
		}
		git := (*record.Resolved)(nil)
		if !rec.Empty() {
			if git, err = r.Place(q.Policy, rec); err != nil {
				return err
			}
		}
		all, problems, err := r.Draft(q.Policy, git)
		q.git, q.all, q.problems = git, all, problems
		return err
	})
}

// get returns the record, which a reader reads if nobody has.
func (k *recorded) get(ctx context.Context, r *record.Reader, p *catalog.Policy) (_ *record.Record, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.record == nil {
		k.record, err = r.Read(ctx, p)
	}
	return k.record, err
}

// Warm works out all that the pages of the whole site say, so that they are
// there when they are asked for.
func (p *Preview) Warm(ctx context.Context) error {
	total := 0
	for _, q := range p.policies {
		total += len(q.History.Revisions)
	}
	done := 0
	var mu sync.Mutex
	return parallel(ctx, len(p.policies), func(ctx context.Context, next func() (int, bool)) error {
		for i, ok := next(); ok; i, ok = next() {
			if err := p.resolve(ctx, p.policies[i]); err != nil {
				return err
			}
			mu.Lock()
			if done += len(p.policies[i].History.Revisions); p.live.opt.Progress != nil {
				p.live.opt.Progress("reading versions", done, total)
			}
			mu.Unlock()
		}
		return nil
	})
}

// Base is the path below which the site is to be published: "/" or "/legal/".
func (p *Preview) Base() string { return p.cat.Links.Base() }

// File returns a file of the site by its path, "privacy/index.html", as build
// would write it; fs.ErrNotExist when the site has none of that name.
func (p *Preview) File(ctx context.Context, name string) ([]byte, error) {
	if name == "" {
		return nil, fs.ErrNotExist
	}
	if f, ok := p.cat.Files(p.cat.Folders.Static)[name]; ok && f.Mode.IsFile() {
		return p.asset(ctx, record.Asset{Blob: f.Blob})
	}
	for _, q := range p.at(name) {
		if err := p.resolve(ctx, q); err != nil {
			return nil, err
		}
		shown := q.git
		if q.drafted(name) {
			shown = q.all
		}
		var found one
		err := p.with(ctx, func(r *record.Reader) error {
			return p.composer.Only(name).Policy(shown.Policy, r.Texts(p.composer, q.Policy, shown), found.add)
		})
		if err != nil || found.content != nil {
			return found.content, err
		}
	}
	content, err := p.siteFile(ctx, name)
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, "assets/") {
		return p.linked(ctx, name)
	}
	return content, err
}

// at lists the policies at or above a path, the nearest first.
func (p *Preview) at(name string) []*previewed {
	var out []*previewed
	for _, q := range p.policies {
		if strings.HasPrefix("/"+name, q.Place.URL) {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(a, b *previewed) int { return len(b.Place.URL) - len(a.Place.URL) })
	return out
}

// drafted reports whether a page of a policy says something of its draft: its
// own page, those of the next version, and its changes archive.
func (q *previewed) drafted(name string) bool {
	rest := strings.TrimPrefix("/"+name, q.Place.URL)
	return q.git == nil || rest == "index.html" || strings.HasPrefix(rest, "changes/") || strings.HasPrefix(rest, record.DraftID+"/")
}

// asset is the content of a file that a text links to, or of a static one.
func (p *Preview) asset(ctx context.Context, a record.Asset) (content []byte, err error) {
	err = p.with(ctx, func(r *record.Reader) (err error) {
		content, err = r.Asset(a)
		return err
	})
	return content, err
}

// linked is a file that a text links to.
func (p *Preview) linked(ctx context.Context, name string) ([]byte, error) {
	if err := p.Warm(ctx); err != nil {
		return nil, err
	}
	var assets []record.Asset
	err := p.with(ctx, func(r *record.Reader) (err error) {
		_, assets, err = r.Introduction(p.composer)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, q := range p.policies {
		assets = append(assets, q.all.Assets...)
	}
	if i := slices.IndexFunc(assets, func(a record.Asset) bool { return a.Path == name }); i >= 0 {
		return p.asset(ctx, assets[i])
	}
	return nil, fs.ErrNotExist
}

// siteFile is a file that belongs to no single policy.
func (p *Preview) siteFile(ctx context.Context, name string) ([]byte, error) {
	if err := p.Warm(ctx); err != nil {
		return nil, err
	}
	// What people read tells of drafts; what programs read does not.
	drafts := name == "index.html" || name == "404.html" || strings.HasPrefix(name, "changes/")
	var policies []*policy.Policy
	for _, q := range p.policies {
		if drafts {
			policies = append(policies, q.all.Policy)
		} else if q.git != nil {
			policies = append(policies, q.git.Policy)
		}
	}
	var found one
	err := p.with(ctx, func(r *record.Reader) error {
		intro, _, err := r.Introduction(p.composer)
		if err != nil {
			return err
		}
		source := func(p *policy.Policy, i int) ([]byte, error) { return r.Source(&p.Versions[i]) }
		return p.composer.Only(name).Site(policies, intro, p.cat.Built, source, found.add, found.addFrom)
	})
	if err == nil && found.content == nil {
		err = fs.ErrNotExist
	}
	return found.content, err
}

// one keeps the one file that a Composer writes.
type one struct{ content []byte }

func (o *one) add(_ string, content []byte) error {
	o.content = append([]byte{}, content...)
	return nil
}

func (o *one) addFrom(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return o.add(name, b.Bytes())
}

// Problems are what an author should know of the page at a URL: warnings of the
// text that is on it, and of its draft.
func (p *Preview) Problems(ctx context.Context, name string) (policy.Problems, error) {
	at := p.at(name)
	if len(at) == 0 {
		return nil, nil
	}
	q := at[0]
	if err := p.resolve(ctx, q); err != nil {
		return nil, err
	}
	rest := strings.TrimPrefix("/"+name, q.Place.URL)
	if rest != "index.html" && !strings.HasPrefix(rest, record.DraftID+"/") {
		return nil, nil
	}
	var out policy.Problems
	for _, problem := range p.Found.Problems {
		if problem.Path == q.History.Path {
			out = append(out, problem)
		}
	}
	return append(out, q.problems...), nil
}
