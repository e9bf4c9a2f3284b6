package preview

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
)

// moment is the site as it is at one moment, the work tree's drafts in it. Its
// files are made when they are asked for. It never changes.
type moment struct {
	site     *Site
	when     when
	live     *Live
	repo     *history.Repository
	cat      *catalog.Catalog
	drafts   history.Drafts
	composer *pages.Composer
	warnings policy.Problems
	policies []*previewed // sorted by id
}

// previewed is a policy at one moment.
type previewed struct {
	*catalog.Policy
	record *recorded

	mu       sync.Mutex
	git, all *record.Resolved // without its draft, nil when git does not have it; and with it
	problems policy.Problems  // of the draft
}

// recorded is what git says of a policy. Moments share it as long as its key is
// the same.
type recorded struct {
	key    string
	mu     sync.Mutex
	record *record.Record // nil until somebody needed it
}

// moment makes the site of a catalog. What has not changed is that of the moment
// before.
func (l *Live) moment(cat *catalog.Catalog, composer *pages.Composer, drafts history.Drafts, found policy.Findings, at when) *moment {
	m := &moment{when: at, live: l, repo: l.repo, cat: cat, drafts: drafts, composer: composer, warnings: found.Problems}
	m.site = &Site{File: m.file, Problems: m.problems, Warm: m.warm, Base: cat.Links.Base()}
	m.warnings.Sort()
	records, before := map[string]*recorded{}, map[string]string{}
	if l.last != nil {
		for _, p := range l.last.policies {
			records[p.record.key], before[p.Place.URL] = p.record, latest(p.Policy)
		}
	}
	for _, p := range cat.Policies {
		key := record.Key(cat, p)
		if records[key] == nil {
			records[key] = &recorded{key: key}
		}
		m.policies = append(m.policies, &previewed{Policy: p, record: records[key]})
		if was, ok := before[p.Place.URL]; l.last != nil && (!ok || was != latest(p)) {
			m.site.Changed = append(m.site.Changed, p.Place.URL)
		}
	}
	return m
}

// latest is the blob of a policy's newest text, in git or not.
func latest(p *catalog.Policy) string { return p.History.Revisions[len(p.History.Revisions)-1].Blob }

func (m *moment) with(ctx context.Context, use func(*record.Reader) error) error {
	return m.live.readers.With(ctx, m.repo, m.cat, m.drafts, use)
}

// resolve works out what pages say of a policy, once.
func (m *moment) resolve(ctx context.Context, q *previewed) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all != nil {
		return nil
	}
	return m.with(ctx, func(r *record.Reader) error {
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

// warm works out all that the pages of the whole site say, so that they are
// there when they are asked for.
func (m *moment) warm(ctx context.Context) error {
	total := 0
	for _, q := range m.policies {
		total += len(q.History.Revisions)
	}
	done := 0
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, p := range m.policies {
		group.Go(func() error {
			if err := m.resolve(ctx, p); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if done += len(p.History.Revisions); m.live.opt.Progress != nil {
				m.live.opt.Progress("reading versions", done, total)
			}
			return nil
		})
	}
	return group.Wait()
}

// file returns a file of the site by its path, "privacy/index.html", as build
// would write it; fs.ErrNotExist when the site has none of that name.
func (m *moment) file(ctx context.Context, name string) ([]byte, error) {
	if name == "" {
		return nil, fs.ErrNotExist
	}
	if f, ok := m.cat.Files(m.cat.Folders.Static)[name]; ok && f.Mode.IsFile() && !pages.Appended(name) {
		return m.asset(ctx, record.Asset{Blob: f.Blob})
	}
	for _, q := range m.at(name) {
		if err := m.resolve(ctx, q); err != nil {
			return nil, err
		}
		shown := q.git
		if q.drafted(name) {
			shown = q.all
		}
		var found one
		err := m.with(ctx, func(r *record.Reader) error {
			return m.composer.Only(name).Policy(shown.Policy, r.Texts(q.Policy, shown), found.add)
		})
		if err != nil || found.content != nil {
			return found.content, err
		}
	}
	content, err := m.siteFile(ctx, name)
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, "assets/") {
		return m.linked(ctx, name)
	}
	return content, err
}

// at lists the policies at or above a path, the nearest first.
func (m *moment) at(name string) []*previewed {
	var out []*previewed
	for _, q := range m.policies {
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
func (m *moment) asset(ctx context.Context, a record.Asset) (content []byte, err error) {
	err = m.with(ctx, func(r *record.Reader) (err error) {
		content, err = r.Asset(a)
		return err
	})
	return content, err
}

// linked is a file that a text links to.
func (m *moment) linked(ctx context.Context, name string) ([]byte, error) {
	if err := m.warm(ctx); err != nil {
		return nil, err
	}
	var assets []record.Asset
	err := m.with(ctx, func(r *record.Reader) (err error) {
		_, assets, err = r.Introduction()
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, q := range m.policies {
		assets = append(assets, q.all.Assets...)
	}
	if i := slices.IndexFunc(assets, func(a record.Asset) bool { return a.Path == name }); i >= 0 {
		return m.asset(ctx, assets[i])
	}
	return nil, fs.ErrNotExist
}

// siteFile is a file that belongs to no single policy.
func (m *moment) siteFile(ctx context.Context, name string) ([]byte, error) {
	if err := m.warm(ctx); err != nil {
		return nil, err
	}
	// What people read tells of drafts; what programs read does not.
	drafts := name == "index.html" || name == "404.html" || strings.HasPrefix(name, "changes/")
	var policies []*policy.Policy
	for _, q := range m.policies {
		if drafts {
			policies = append(policies, q.all.Policy)
		} else if q.git != nil {
			policies = append(policies, q.git.Policy)
		}
	}
	var found one
	err := m.with(ctx, func(r *record.Reader) error {
		intro, _, err := r.Introduction()
		if err != nil {
			return err
		}
		source := func(p *policy.Policy, i int) ([]byte, error) { return r.Source(&p.Versions[i]) }
		return m.composer.Only(name).Site(policies, intro, m.cat.Built, source, found.add, found.addFrom)
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

// problems are what an author should know of the page at a URL: warnings of the
// text that is on it, and of its draft.
func (m *moment) problems(ctx context.Context, name string) (policy.Problems, error) {
	at := m.at(name)
	if len(at) == 0 {
		return nil, nil
	}
	q := at[0]
	if err := m.resolve(ctx, q); err != nil {
		return nil, err
	}
	rest := strings.TrimPrefix("/"+name, q.Place.URL)
	if rest != "index.html" && !strings.HasPrefix(rest, record.DraftID+"/") {
		return nil, nil
	}
	var out policy.Problems
	for _, problem := range m.warnings {
		if problem.Path == q.History.Path {
			out = append(out, problem)
		}
	}
	return append(out, q.problems...), nil
}
