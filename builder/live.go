package builder

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// Live is a repository that is looked at again and again while people work in
// it. Load is for one goroutine at a time; the previews that it returns are for
// any number.
type Live struct {
	opt     Options
	repo    *history.Repository
	tree    *history.WorkTree
	log     *history.Log // of commit
	commit  string       // HEAD; "" when there is none
	known   knownTexts   // read with html trusted or not
	trusted bool
	out     *output // keeps the hashes of attachments
	records *records
	themes  themes
	workers chan *worker // those at rest; its capacity bounds the work at one time

	last   *Preview
	loaded loaded // what last was made of

	mu   sync.Mutex
	work []string // folders of the work tree, as they were read last
	git  []string
}

// loaded is all that a preview depends on.
type loaded struct {
	commit string
	drafts string    // paths and blobs of what is not committed
	hour   time.Time // which day it is where decides what is in force
}

// OpenLive finds the repository that holds opt.Source. A folder outside of any
// repository is one without commits.
func OpenLive(opt Options) (*Live, error) {
	if opt.Source == "" {
		opt.Source = "."
	}
	l := &Live{
		opt: opt, known: knownTexts{}, out: newOutput(nowhere{}), records: newRecords(),
		workers: make(chan *worker, runtime.GOMAXPROCS(0)),
	}
	if err := l.open(); err != nil {
		return nil, err
	}
	if l.repo.Bare() {
		return nil, policy.Fail(policy.ErrUsage, nil, "clone it, and preview the clone", "a bare repository has no files to preview")
	}
	for range cap(l.workers) {
		l.workers <- nil
	}
	return l, nil
}

// open opens the repository anew: git may have packed it since.
func (l *Live) open() error {
	var repo *history.Repository
	var err error
	if history.Inside(l.opt.Source) {
		repo, err = history.Open(l.opt.Source, l.opt.Git)
	} else {
		repo, err = history.OpenFolder(l.opt.Source)
	}
	if err != nil {
		return err
	}
	if l.repo != nil {
		l.repo.Close()
	}
	if l.repo == nil || l.repo.Root() != repo.Root() {
		l.tree = repo.WorkTree() // a repository may begin in the folder, or end
	}
	l.repo = repo
	return nil
}

// Load reads the work tree, and the history if HEAD is another commit by now.
// What is wrong with the texts is policy.Problems.
func (l *Live) Load(ctx context.Context) (*Preview, error) {
	if err := l.open(); err != nil {
		return nil, err
	}
	l.watch(nil)
	if err := l.readLog(ctx); err != nil {
		return nil, err
	}
	opt := l.opt
	if opt.Now.IsZero() {
		opt.Now = time.Now()
	}
	scope, err := l.scope()
	if err != nil {
		return nil, err
	}
	log, drafts, folders, err := l.tree.Read(l.log, scope.Scope, opt.Now, l.repo.Blob)
	if err != nil {
		return nil, err
	}
	l.watch(folders)
	now := loaded{l.commit, log.Difference(l.log), opt.Now.Truncate(time.Hour)}
	if l.last != nil && l.loaded == now {
		return l.last, nil
	}
	if scope.content != "" && !log.IsDir(len(log.Steps)-1, scope.content) {
		return nil, policy.Fail(policy.ErrContent, nil, "put it back, or `git restore "+scope.content+"`", "the folder %s is gone or empty", scope.content)
	}
	s := &survey{
		opt: opt, present: map[string]*present{}, repo: l.repo.With(log, drafts), log: log, commit: l.commit,
		draft: len(log.Steps) > len(l.log.Steps), known: l.known, themes: &l.themes,
	}
	if len(log.Steps) == 0 {
		return nil, policy.Fail(policy.ErrContent, nil, "a policy is a Markdown file; `policysite init` makes a sample", "no file in %s", l.opt.Source)
	}
	if err := s.read(); err != nil {
		return nil, err
	}
	theme, err := s.theme()
	if err := s.failed(err); err != nil {
		return nil, err
	}
	p := l.preview(s, theme, drafts)
	last := l.last
	l.last, l.loaded = p, now
	keys := map[string]bool{}
	for _, q := range []*Preview{last, p} {
		if q != nil {
			for _, e := range q.entries {
				keys[e.key] = true
			}
		}
	}
	l.records.keep(keys)
	p.Changed = p.changedSince(last)
	return p, nil
}

// Folders are those, absolute, in which a change may be one of the site: of the
// work tree, and of git with the one that holds HEAD first. They are known from
// the first Load on, also when it fails. Folders may be called at any time.
func (l *Live) Folders() (work, git []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.work, l.git
}

// watch notes the folders: the source folder, in which others come and go, and
// those that were read; nil when they are not known.
func (l *Live) watch(folders []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.git = l.repo.GitFolders()
	if source := filepath.Join(l.repo.Root(), filepath.FromSlash(l.repo.Prefix())); folders != nil || l.work == nil {
		l.work = append([]string{source}, folders...)
	}
}

// readLog reads the history if HEAD is not the commit that was read last.
func (l *Live) readLog(ctx context.Context) error {
	commit, err := l.repo.Resolve("")
	if errors.Is(err, policy.ErrHistory) && l.repo.Unborn() {
		l.commit, l.log = "", &history.Log{}
		return nil
	}
	if err != nil {
		return err
	}
	if commit == l.commit {
		return nil
	}
	log, err := l.repo.Read(ctx, commit, nil)
	if err != nil {
		return err
	}
	l.commit, l.log = commit, log
	return nil
}

// liveScope is the part of the work tree that a site is made from.
type liveScope struct {
	history.Scope
	content string // the content folder; "" when it is the whole source folder
}

// scope finds the folders by the configuration in the work tree.
func (l *Live) scope() (liveScope, error) {
	s := &survey{opt: l.opt, repo: l.repo}
	source := s.inSource("")
	at := func(p string) string { return filepath.Join(l.repo.Root(), filepath.FromSlash(p)) }
	data, err := os.ReadFile(at(s.inSource(policy.ConfigFile)))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return liveScope{}, policy.Fail(policy.ErrUsage, err, "", "cannot read the configuration")
	}
	config, _ := policy.ParseConfig(data) // what is wrong with it is told later
	if config.TrustedHTML != l.trusted {
		l.trusted = config.TrustedHTML
		clear(l.known)
	}
	out := liveScope{}
	folder := l.opt.Content
	if folder == "" {
		folder = config.Content
	}
	usual := s.inSource("content")
	switch {
	case folder != "":
		out.content = s.inSource(filepath.ToSlash(folder))
	case isDir(at(usual)) || l.log.IsDir(len(l.log.Steps)-1, usual) && len(l.log.Steps) > 0:
		out.content = usual
	}
	if out.content == "" || out.content == source {
		out.content = ""
		out.Folders = []string{source}
	} else {
		out.Folders = []string{out.content}
	}
	out.Folders = append(out.Folders, s.inSource(cmp.Or(config.Layouts, "layouts")), s.inSource(cmp.Or(config.Static, "static")))
	slices.Sort(out.Folders)
	out.Files = append(out.Files, s.inSource(policy.ConfigFile))
	for _, f := range foreignConfigs {
		out.Files = append(out.Files, s.inSource(f.name))
	}
	out.Skip = []string{s.inSource("public")}
	return out, nil
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// worker hands out a worker for a survey; at most as many as there are
// processors work at a time.
func (l *Live) worker(ctx context.Context, s *survey, composer *pages.Composer, drafts history.Drafts) (*worker, error) {
	var w *worker
	select {
	case w = <-l.workers:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if w == nil || w.survey.commit != s.commit || w.survey.config.TrustedHTML != s.config.TrustedHTML {
		if w != nil {
			w.reader.Close()
		}
		reader, err := s.repo.Reader()
		if err != nil {
			l.workers <- nil
			return nil, err
		}
		w = &worker{reader: reader, renderer: markdown.New(markdown.Options{Trusted: s.config.TrustedHTML})}
	}
	return &worker{survey: s, composer: composer, out: l.out, reader: w.reader.With(drafts), renderer: w.renderer, recent: w.recent}, nil
}

// rest takes a worker back. One that failed may hold open what git has packed
// away since.
func (l *Live) rest(w *worker, err error) {
	if err != nil {
		w.reader.Close()
		w = nil
	}
	l.workers <- w
}
