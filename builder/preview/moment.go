package preview

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
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
	found    policy.Findings
	errors   policy.Problems   // of files that are as they were before
	policies []*previewed      // sorted by id
	moved    map[string]string // URLs that policies had since the preview began, and what they became
}

// previewed is a policy at one moment.
type previewed struct {
	*catalog.Policy
	record *recorded

	mu       sync.Mutex
	git, all *record.Resolved // without its draft, nil when git does not have it; and with it
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
func (l *Live) moment(cat *catalog.Catalog, composer *pages.Composer, style string, drafts history.Drafts, found policy.Findings) *moment {
	m := &moment{live: l, repo: l.repo, cat: cat, drafts: drafts, composer: composer, found: found, moved: map[string]string{}}
	m.site = &Site{File: m.file, Findings: m.findings, AllFindings: m.allFindings, Moved: m.movedTo, Style: style, Base: cat.Links.Base()}
	records := map[string]*recorded{}
	if l.last != nil {
		for _, p := range l.last.policies {
			records[p.record.key] = p.record
		}
	}
	for _, p := range cat.Policies {
		key := record.Key(cat, p)
		if records[key] == nil {
			records[key] = &recorded{key: key}
		}
		m.policies = append(m.policies, &previewed{Policy: p, record: records[key]})
	}
	return m
}

// follow notes what became other since the moment before; nil is the first.
func (m *moment) follow(last *moment) {
	m.site.Errors = m.errors
	if last == nil {
		return
	}
	maps.Copy(m.moved, last.moved)
	before, now := map[string]*previewed{}, map[string]string{}
	for _, q := range last.policies {
		before[q.Place.URL] = q
	}
	for _, q := range m.policies {
		now[m.beginning(q)] = q.Place.URL
		if was := before[q.Place.URL]; was == nil || latest(was.Policy) != latest(q.Policy) {
			m.site.Changed = append(m.site.Changed, q.Place.URL)
		}
	}
	for _, q := range last.policies {
		if to := now[last.beginning(q)]; to != "" {
			m.moved[q.Place.URL] = to
		}
	}
	for _, q := range m.policies {
		delete(m.moved, q.Place.URL)
	}
	for from, to := range m.moved {
		m.moved[from] = cmp.Or(m.moved[to], to)
	}
	m.site.News = m.news(last)
}

// news says what changed since the moment before.
func (m *moment) news(last *moment) string {
	if m.when.commit != last.when.commit && m.when.commit != "" {
		return fmt.Sprintf("commit %.7s", m.when.commit)
	}
	return policy.ListWords(m.when.changed(last.when), 3)
}

// beginning tells policies apart whatever they are called: by where they began,
// before any commit by their text.
func (m *moment) beginning(q *previewed) string {
	first := q.History.Revisions[0]
	if commit := m.cat.Log.Steps[first.Step].Commit; commit != "" {
		return commit + ":" + first.Path
	}
	return first.Blob
}

// movedTo is the URL that what was at one has now; "" when it did not move.
func (m *moment) movedTo(url string) string {
	for from := url; from != ""; from = from[:strings.LastIndexByte(strings.TrimSuffix(from, "/"), '/')+1] {
		if to := m.moved[from]; to != "" {
			return to + strings.TrimPrefix(url, from)
		}
	}
	return ""
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
		all, err := r.Draft(q.Policy, git)
		q.git, q.all = git, all
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
	if broken := m.without(name); broken != nil {
		return nil, broken
	}
	for _, q := range m.at(name) {
		if err := m.resolve(ctx, q); err != nil {
			return nil, err
		}
		shown := q.git
		if q.drafted(name) {
			shown = q.all
		}
		others, err := m.others(ctx, q.Place.ID)
		if err != nil {
			return nil, err
		}
		var found one
		err = m.with(ctx, func(r *record.Reader) error {
			return m.composer.Only(name).Beside(others).Policy(shown.Policy, r.Texts(q.Policy, shown, m.composer.Words(shown.Policy.Lang)), found.add)
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

// others are what git says of a policy in its other languages.
func (m *moment) others(ctx context.Context, id string) (out []*policy.Policy, err error) {
	for _, other := range m.composer.Others(id) {
		for _, q := range m.policies {
			if q.Place.ID != other {
				continue
			}
			if err := m.resolve(ctx, q); err != nil {
				return nil, err
			}
			if q.git != nil {
				out = append(out, q.git.Policy)
			}
		}
	}
	return out, nil
}

// without are the errors of the texts that should be at or above a path, and that
// the site is without: none of what they were before can be shown.
func (m *moment) without(name string) (out policy.Problems) {
	for _, p := range m.errors {
		if _, ok := m.cat.Log.Lookup(m.cat.Head(), p.Path); ok {
			continue
		}
		if url := m.pageOf(p.Path); url != "/" && strings.HasPrefix("/"+name, url) {
			out = append(out, p)
		}
	}
	return out
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
		_, assets, err = r.Introduction(m.composer.Words(""))
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
	var (
		of       []*catalog.Policy
		resolved []*record.Resolved
		policies []*policy.Policy
	)
	for _, q := range m.policies {
		shown := q.git
		if drafts {
			shown = q.all
		}
		if shown != nil {
			of, resolved, policies = append(of, q.Policy), append(resolved, shown), append(policies, shown.Policy)
		}
	}
	var found one
	err := m.with(ctx, func(r *record.Reader) error {
		intro, _, err := r.Introduction(m.composer.Words(""))
		if err != nil {
			return err
		}
		only := m.composer.Only(name)
		if err := only.Site(policies, intro, m.cat.Built, r.Again(of, resolved, m.composer.Words), found.add, found.addFrom); err != nil {
			return err
		}
		return only.Redirects(policies, nil, found.add)
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

// findings are what an author should know of the page at a path: of its text, and
// of what is broken there or nobody knows where.
func (m *moment) findings(ctx context.Context, name string) (out policy.Findings, err error) {
	for _, p := range m.errors {
		if url := m.pageOf(p.Path); strings.HasPrefix("/"+name, url) {
			out.Problems = append(out.Problems, p)
		}
	}
	about := func(file string) {
		for _, p := range m.found.Problems {
			if p.Path == file {
				out.Problems = append(out.Problems, p)
			}
		}
	}
	if intro := m.cat.Introduction; intro != nil && name == "index.html" {
		about(intro.Path)
	}
	at := m.at(name)
	if len(at) == 0 {
		return out, nil
	}
	q := at[0]
	rest := strings.TrimPrefix("/"+name, q.Place.URL)
	if rest != "index.html" && !strings.HasPrefix(rest, record.DraftID+"/") {
		return out, nil
	}
	if err := m.resolve(ctx, q); err != nil {
		return out, err
	}
	about(q.History.Path)
	out.Problems = append(out.Problems, q.all.Problems...)
	out.Notes = dateNotes(q)
	return out, nil
}

// allFindings are all that an author should know, but for what git tells of dates
// that are committed: `build` says it.
func (m *moment) allFindings(ctx context.Context) (policy.Findings, error) {
	if err := m.warm(ctx); err != nil {
		return policy.Findings{}, err
	}
	out := policy.Findings{Problems: slices.Clone(m.found.Problems), Notes: slices.Clip(m.found.Notes)}
	for _, q := range m.policies {
		out.Problems = append(out.Problems, q.all.Problems...)
		if q.all != q.git {
			out.Notes = append(out.Notes, dateNotes(q)...)
		}
	}
	out.Problems.Sort()
	return out, nil
}

func dateNotes(q *previewed) (out []string) {
	for _, n := range q.all.Dates {
		out = append(out, n.Kind.String()+": "+n.Place())
	}
	return out
}

// pageOf is the URL at and below which a file of the work tree is shown, also one
// that the site is without; "/" when it is no text of a policy.
func (m *moment) pageOf(file string) string {
	for _, q := range m.policies {
		if q.History.Path == file {
			return q.Place.URL
		}
	}
	if m.cat.Layout.Selected(file) && !m.cat.Layout.Introduction(file) {
		place, _ := m.cat.Layout.Place(file, &policy.Meta{})
		return cmp.Or(place.URL, "/")
	}
	return "/"
}
