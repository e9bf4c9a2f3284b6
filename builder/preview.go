package builder

import (
	"context"
	"errors"
	"io/fs"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// Preview is the site of one moment, the work tree's drafts in it. Its files
// are made when they are asked for. It never changes.
type Preview struct {
	Changed  []string        // URLs of the policies whose drafts are others than in the preview before
	Style    string          // URL of the style sheet
	Warnings policy.Problems // of the texts as they stand
	Notes    []string

	live     *Live
	survey   *survey
	drafts   history.Drafts
	composer *pages.Composer
	entries  []*entry          // sorted by id
	static   map[string]string // blobs by path
}

// entry is a policy of a preview.
type entry struct {
	sub *subject
	key string // of its record; "" when git does not have it

	once  sync.Mutex
	facts *facts
}

// facts are what pages say of a policy.
type facts struct {
	git      *policy.Policy // as it is in git; nil when it is not
	all      *policy.Policy // with its draft, if there is one
	record   *record
	problems policy.Problems // of the draft

	attached sync.Mutex
	done     bool // whether the attachments of git's versions are known
}

func (l *Live) preview(s *survey, theme *pages.Theme, drafts history.Drafts) *Preview {
	p := &Preview{
		live: l, survey: s, drafts: drafts, composer: s.composer(theme),
		Style: theme.StyleURL(), Warnings: s.problems, Notes: s.notes, static: map[string]string{},
	}
	p.Warnings.Sort()
	for _, sub := range s.subjects {
		p.entries = append(p.entries, &entry{sub: sub, key: l.records.key(s, sub)})
	}
	if folder := s.staticFolder(); folder != "" {
		for f := range s.log.Files(s.head()) {
			if name, ok := strings.CutPrefix(f.Path, folder+"/"); ok && (f.Mode == history.Regular || f.Mode == history.Executable) {
				p.static[name] = f.Blob
			}
		}
	}
	return p
}

// changedSince lists the policies that the work tree has made others of since
// an earlier preview.
func (p *Preview) changedSince(last *Preview) []string {
	if last == nil {
		return nil
	}
	before := map[string]string{}
	for _, e := range last.entries {
		before[e.sub.place.URL] = e.latest()
	}
	var out []string
	for _, e := range p.entries {
		if was, ok := before[e.sub.place.URL]; !ok || was != e.latest() {
			out = append(out, e.sub.place.URL)
		}
	}
	return out
}

// latest is the blob of the policy's newest text, in git or not.
func (e *entry) latest() string {
	return e.sub.history.Revisions[len(e.sub.history.Revisions)-1].Blob
}

// hasDraft reports whether the work tree did something to the policy.
func (p *Preview) hasDraft(e *entry) bool {
	s := p.survey
	return s.draft && e.sub.history.Revisions[len(e.sub.history.Revisions)-1].Step == s.head()
}

// with lends a worker to use.
func (p *Preview) with(ctx context.Context, use func(w *worker) error) (err error) {
	w, err := p.live.worker(ctx, p.survey, p.composer, p.drafts)
	if err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			err = &Bug{r, debug.Stack()}
		}
		p.live.rest(w, err)
	}()
	return use(w)
}

// record is what git says of a policy; nil when it has no version of it.
func (p *Preview) record(ctx context.Context, e *entry) (*record, error) {
	if e.key == "" {
		return nil, nil
	}
	r, err := p.live.records.get(ctx, e.key, p.survey.at, func() (r *record, err error) {
		err = p.with(ctx, func(w *worker) error {
			r, err = w.record(ctx, e.sub, w.count)
			return err
		})
		return r, err
	})
	if err != nil || len(r.Versions) == 0 {
		return nil, err
	}
	return r, nil
}

// tell works out the facts of a policy, once.
func (p *Preview) tell(ctx context.Context, e *entry) (*facts, error) {
	e.once.Lock()
	defer e.once.Unlock()
	if e.facts != nil {
		return e.facts, nil
	}
	r, err := p.record(ctx, e)
	if err != nil {
		return nil, err
	}
	f := &facts{record: r}
	if r != nil {
		f.git = r.policy(e.sub.place)
		f.all, f.problems = f.git, nil
	}
	if p.hasDraft(e) {
		err = p.with(ctx, func(w *worker) (err error) {
			f.all, f.problems, err = w.draft(e.sub, r)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	e.facts = f
	return f, nil
}

// attach works out what the versions of a policy link to, once.
func (p *Preview) attach(e *entry, f *facts, w *worker) error {
	f.attached.Lock()
	defer f.attached.Unlock()
	if f.done || f.git == nil {
		return nil
	}
	s := p.survey
	revisions := s.recorded(e.sub)
	versions := make([]kept, len(f.record.Versions))
	for i, v := range f.record.Versions {
		versions[i] = s.keptOf(revisions, v)
		path, step := versions[i].path, versions[i].step
		seen := map[string]bool{}
		for _, link := range v.Links {
			t, err := s.links.resolve(link, origin{path, step, nil, w.reader.Blob, nil})
			if err != nil {
				return err
			}
			if t.file.Path == "" || t.nowhere != "" || t.keep || seen[t.path] {
				continue
			}
			seen[t.path] = true
			if draft, err := s.isDraft(t.file.Path, t.file.Blob, w.reader.Blob); draft || err != nil {
				if err != nil {
					return err
				}
				continue
			}
			versions[i].files = append(versions[i].files, attached{t.path, t.file})
		}
	}
	if err := s.attach(f.git, f.record.Life.Cut, revisions, versions, w.out, w.reader.Blob); err != nil {
		return err
	}
	if f.all != f.git {
		for i := range f.git.Versions {
			f.all.Versions[i].Attachments = f.git.Versions[i].Attachments
		}
	}
	f.done = true
	return nil
}

// Warm works out all that the pages of the whole site say, so that they are
// there when they are asked for.
func (p *Preview) Warm(ctx context.Context) error {
	total := 0
	for _, e := range p.entries {
		total += len(e.sub.history.Revisions)
	}
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		failure error
		done    int
	)
	next := make(chan *entry)
	for range cap(p.live.workers) {
		wg.Go(func() {
			for e := range next {
				_, err := p.tell(ctx, e)
				mu.Lock()
				if failure == nil {
					failure = err
				}
				if done += len(e.sub.history.Revisions); p.live.opt.Progress != nil {
					p.live.opt.Progress("reading versions", done, total)
				}
				mu.Unlock()
			}
		})
	}
	for _, e := range p.entries {
		if ctx.Err() != nil {
			break
		}
		next <- e
	}
	close(next)
	wg.Wait()
	if failure == nil {
		failure = ctx.Err()
	}
	return failure
}

// Base is the path below which the site is to be published: "/" or "/legal/".
func (p *Preview) Base() string { return p.survey.links.basePath }

// File returns a file of the site by its path, "privacy/index.html", as build
// would write it; fs.ErrNotExist when the site has none of that name.
func (p *Preview) File(ctx context.Context, name string) ([]byte, error) {
	if name == "" {
		return nil, fs.ErrNotExist
	}
	if blob, ok := p.static[name]; ok {
		return p.blob(ctx, blob)
	}
	content, err := p.policyFile(ctx, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	if rest, ok := strings.CutPrefix(name, "assets/"); ok {
		return p.asset(ctx, name, rest)
	}
	return p.siteFile(ctx, name)
}

func (p *Preview) blob(ctx context.Context, id string) (content []byte, err error) {
	err = p.with(ctx, func(w *worker) (err error) {
		content, err = w.reader.Blob(id)
		return err
	})
	return content, err
}

// policyFile is a file at or below a policy's URL.
func (p *Preview) policyFile(ctx context.Context, name string) ([]byte, error) {
	for _, e := range p.below(name) {
		f, err := p.tell(ctx, e)
		if err != nil {
			return nil, err
		}
		shown := f.git
		if p.drafted(f, name) {
			shown = f.all
		}
		if shown == nil {
			continue
		}
		t := &taker{}
		err = p.with(ctx, func(w *worker) error {
			if err := p.attach(e, f, w); err != nil {
				return err
			}
			return p.composer.Only(name).Policy(shown, p.texts(w, e, f, shown), t.emit)
		})
		if err != nil || t.found {
			return t.result(err)
		}
	}
	return nil, fs.ErrNotExist
}

// below lists the policies at or above a path, the nearest first.
func (p *Preview) below(name string) []*entry {
	var out []*entry
	for _, e := range p.entries {
		if strings.HasPrefix("/"+name, e.sub.place.URL) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *entry) int { return len(b.sub.place.URL) - len(a.sub.place.URL) })
	return out
}

// drafted reports whether a page of a policy says something of its draft: its
// own page, those of the next version, and its changes archive.
func (p *Preview) drafted(f *facts, name string) bool {
	if f.git == nil {
		return true
	}
	if f.all == f.git {
		return false
	}
	rest := strings.TrimPrefix("/"+name, f.git.URL)
	return rest == "index.html" || strings.HasPrefix(rest, "changes/") || strings.HasPrefix(rest, draftID+"/")
}

// asset is the theme's style sheet or script, or a file that a text links to.
func (p *Preview) asset(ctx context.Context, name, rest string) ([]byte, error) {
	t := &taker{}
	if err := p.composer.Only(name).Site(nil, nil, p.survey.built(), nil, t.emit, t.emitFrom); err != nil || t.found {
		return t.result(err)
	}
	for _, whole := range []bool{false, true} {
		if whole { // nobody has asked yet for the page that links to it
			if err := p.attachAll(ctx); err != nil {
				return nil, err
			}
		}
		p.live.out.mu.Lock()
		blob := p.live.out.paths[name]
		p.live.out.mu.Unlock()
		if blob != "" {
			return p.blob(ctx, blob)
		}
	}
	return nil, fs.ErrNotExist
}

func (p *Preview) attachAll(ctx context.Context) error {
	if err := p.Warm(ctx); err != nil {
		return err
	}
	for _, e := range p.entries {
		f, err := p.tell(ctx, e)
		if err != nil {
			return err
		}
		if err := p.with(ctx, func(w *worker) error { return p.attach(e, f, w) }); err != nil {
			return err
		}
	}
	return nil
}

// siteFile is a file that belongs to no single policy.
func (p *Preview) siteFile(ctx context.Context, name string) ([]byte, error) {
	if err := p.Warm(ctx); err != nil {
		return nil, err
	}
	if name == "archive.json" {
		if err := p.attachAll(ctx); err != nil {
			return nil, err
		}
	}
	// What people read tells of drafts; what programs read does not.
	drafts := name == "index.html" || name == "404.html" || strings.HasPrefix(name, "changes/")
	var policies []*policy.Policy
	for _, e := range p.entries {
		f, err := p.tell(ctx, e)
		if err != nil {
			return nil, err
		}
		if q := f.all; drafts {
			policies = append(policies, q)
		} else if f.git != nil {
			policies = append(policies, f.git)
		}
	}
	t := &taker{}
	return t.result(p.with(ctx, func(w *worker) error {
		return p.survey.wholeSite(p.composer.Only(name), policies, w, t.emit, t.emitFrom)
	}))
}

// texts are those of a policy, each made when it is asked for.
func (p *Preview) texts(w *worker, e *entry, f *facts, shown *policy.Policy) pages.Texts {
	s := p.survey
	revisions := s.recorded(e.sub)
	last := e.sub.history.Revisions[len(e.sub.history.Revisions)-1]
	from := func(i int, doc *policy.Document) origin {
		if shown.Versions[i].Draft {
			return origin{last.Path, last.Step, doc.IDs, w.reader.Blob, nil}
		}
		k := s.keptOf(revisions, f.record.Versions[f.record.Life.Cut+i])
		return origin{k.path, k.step, doc.IDs, w.reader.Blob, nil}
	}
	read := func(i int) (*source, []pages.Address, error) {
		if shown.Versions[i].Kind == policy.Withdrawn {
			return &source{text: nothing()}, nil, nil
		}
		src, err := w.shown(&shown.Versions[i])
		if err != nil || src.text.Doc == nil {
			return &source{text: nothing()}, nil, err
		}
		addresses, _, err := s.addresses(src.text.Doc, from(i, src.text.Doc), w.out)
		return src, addresses, err
	}
	lead := func(from, to int) (pages.Redline, error) {
		old, _, err := read(from)
		if err != nil {
			return pages.Redline{}, err
		}
		new, addresses, err := read(to)
		if err != nil {
			return pages.Redline{}, err
		}
		v := &shown.Versions[to]
		r, err := w.compare(old, new, addresses, shown.URL+v.ID+"/")
		r.Comparison.With = shown.Versions[from].ID
		return r, err
	}
	since := sinceRedlines(shown)
	return pages.Texts{
		Text: func(i int) (pages.Text, error) {
			src, addresses, err := read(i)
			if err != nil {
				return pages.Text{}, err
			}
			return w.composer.NewText(src.text.Doc, addresses, &pages.Blocks{})
		},
		Source: func(i int) ([]byte, error) { return w.source(&shown.Versions[i]) },
		Changes: func(i int) (pages.Redline, error) {
			with := slices.IndexFunc(shown.Versions, func(v policy.Version) bool { return v.ID == shown.Versions[i].Comparison.With })
			return lead(with, i)
		},
		Since: func(i int) (*pages.Redline, error) {
			if !since[i] || shown.Versions[i].Error != "" || shown.Versions[shown.Current].Error != "" {
				return nil, nil
			}
			r, err := lead(i, shown.Current)
			return &r, err
		},
	}
}

// Problems are what an author should know of the page at a URL: warnings of the
// text that is on it, and of its draft.
func (p *Preview) Problems(ctx context.Context, name string) (policy.Problems, error) {
	below := p.below(name)
	if len(below) == 0 {
		return nil, nil
	}
	e := below[0]
	f, err := p.tell(ctx, e)
	if err != nil {
		return nil, err
	}
	rest := strings.TrimPrefix("/"+name, e.sub.place.URL)
	if rest != "index.html" && !strings.HasPrefix(rest, draftID+"/") {
		return nil, nil
	}
	var out policy.Problems
	for _, problem := range p.Warnings {
		if problem.Path == e.sub.history.Path {
			out = append(out, problem)
		}
	}
	return append(out, f.problems...), nil
}
