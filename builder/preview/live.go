package preview

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
)

// Live is a repository that is looked at again and again while people work in
// it. Load is for one goroutine at a time.
type Live struct {
	opt      LiveOptions
	repo     *history.Repository
	tree     *history.WorkTree
	log      *history.Log // of commit
	commit   string       // HEAD; "" when there is none
	texts    catalog.Texts
	pointers catalog.Pointers
	readers  *record.Pool
	last     *moment // nil before the first

	mu      sync.Mutex
	folders Folders
}

// LiveOptions say which repository, and how its site is made.
type LiveOptions struct {
	Source, Content, BaseURL, Git string      // as in builder.Options
	At                            policy.Date // zero is that of Now
	Now                           time.Time   // zero is now

	// Pages returns what writes the pages of a catalog, and the URL of the style
	// sheet. What is wrong with the user's templates is policy.Problems.
	Pages func(*catalog.Catalog, *history.Repository) (composer *pages.Composer, style string, err error)
	// Progress is told how far long work has come; nil tells nobody.
	Progress func(doing string, done, total int)
}

// when is all that a moment depends on.
type when struct {
	commit string
	files  []history.File // what is not committed yet; with mode 0 what is gone
	hour   time.Time      // which day it is where decides what is in force
}

func (w when) equal(other when) bool {
	return w.commit == other.commit && w.hour.Equal(other.hour) && slices.Equal(w.files, other.files)
}

// changed are the paths of the files that are not what they were, sorted.
func (w when) changed(last when) (paths []string) {
	for _, f := range slices.Concat(w.files, last.files) {
		if !slices.Contains(w.files, f) || !slices.Contains(last.files, f) {
			paths = append(paths, f.Path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// OpenLive finds the repository that holds opt.Source. A folder outside of any
// repository is one without commits.
func OpenLive(opt LiveOptions) (*Live, error) {
	l := &Live{opt: opt, texts: catalog.Texts{}, pointers: catalog.Pointers{}, readers: record.NewPool()}
	if err := l.open(); err != nil {
		return nil, err
	}
	if l.repo.Bare() {
		return nil, policy.Fail(policy.ErrUsage, nil, "clone it, and preview the clone", "a bare repository has no files to preview")
	}
	return l, nil
}

// open opens the repository once more: git may have packed it since.
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
// A file that has errors is in the site as it was before, and Site.Errors says
// what they are; they are policy.Problems where that gives no site. It returns the
// same site as before when nothing has changed.
func (l *Live) Load(ctx context.Context) (*Site, error) {
	if err := l.open(); err != nil {
		return nil, err
	}
	l.watch(nil)
	if err := l.readLog(ctx); err != nil {
		return nil, err
	}
	now := l.opt.Now
	if now.IsZero() {
		now = time.Now()
	}
	scope, content, err := catalog.Scope(l.repo.Prefix(), l.opt.Content, l.tree.File, l.isDir)
	if err != nil {
		return nil, err
	}
	log, drafts, folders, err := l.tree.Read(l.log, scope, now, l.repo.Blob)
	if err != nil {
		return nil, err
	}
	l.watch(folders)
	at := when{l.commit, log.Changed(l.log), now.Truncate(time.Hour)}
	if l.last != nil && l.last.when.equal(at) {
		return l.last.site, nil
	}
	if content != "" && !log.IsDir(len(log.Steps)-1, content) {
		return nil, policy.Fail(policy.ErrContent, nil, "put it back, or `git restore "+content+"`", "the folder %s is gone or empty", content)
	}
	if len(log.Steps) == 0 {
		return nil, policy.Fail(policy.ErrContent, nil, "a policy is a Markdown file; `policysite init` makes a sample", "no file in %s", l.opt.Source)
	}
	m, broken, err := l.read(log, drafts, at.files, now)
	if err != nil {
		return nil, err
	}
	m.when, m.errors = at, broken
	m.follow(l.last)
	l.last = m
	return m.site, nil
}

// read makes the site of HEAD and the files that differ from it. One that has
// errors, which are returned, is as it was before, so that it holds up no other.
func (l *Live) read(log *history.Log, drafts history.Drafts, files []history.File, now time.Time) (_ *moment, broken policy.Problems, err error) {
	files, tried := slices.Clone(files), map[string]int{}
	for {
		m, err := l.make(log, drafts, now)
		if err == nil {
			return m, broken, nil
		}
		problems, ok := err.(policy.Problems)
		if !ok && broken == nil {
			return nil, nil, err
		}
		if !ok {
			return nil, nil, broken // without the files that have them there is no site
		}
		wrong := map[string]bool{}
		for _, p := range problems {
			name := p.Path
			if is, ok := log.Lookup(len(log.Steps)-1, name); ok && p.Other != "" && is == l.known(name) {
				name = p.Other // which took the address of a file that did not change
			}
			if wrong[name] = true; tried[name] == 0 {
				broken = append(broken, p)
			}
		}
		for name := range wrong {
			was, ok := l.before(log, name, tried)
			if !ok {
				return nil, nil, broken
			}
			files = slices.DeleteFunc(files, func(f history.File) bool { return f.Path == name })
			if committed, _ := l.log.Lookup(len(l.log.Steps)-1, name); was != committed {
				files = append(files, history.File{Path: name, Mode: was.Mode, Blob: was.Blob})
			}
			if l.last != nil && l.last.drafts[was.Blob] != nil {
				drafts[was.Blob] = l.last.drafts[was.Blob]
			}
		}
		if log = l.log; len(files) > 0 {
			log = log.With(policy.Step{Committed: now, Authored: now}, slices.Clone(files))
		}
	}
}

// before is a file of a log as it was in the last site, else in HEAD, else none:
// the first of these that was not tried. What is said of versions has no such
// state: without a redaction its words would show.
func (l *Live) before(log *history.Log, name string, tried map[string]int) (was history.File, ok bool) {
	switch path.Base(name) {
	case policy.StatementsFile, policy.OtherName(policy.StatementsFile), policy.RedactionsFile, policy.OtherName(policy.RedactionsFile):
		return was, false
	}
	is, ok := log.Lookup(len(log.Steps)-1, name)
	for ok && tried[name] < 3 {
		switch tried[name]++; tried[name] {
		case 1:
			was = l.known(name)
		case 2:
			was, _ = l.log.Lookup(len(l.log.Steps)-1, name)
		case 3:
			return history.File{}, true
		}
		if was.Mode != 0 && was.Blob != is.Blob {
			return was, true
		}
	}
	return was, false
}

// known is a file as it was in the last site; before the first, in HEAD.
func (l *Live) known(name string) (f history.File) {
	if l.last == nil {
		f, _ = l.log.Lookup(len(l.log.Steps)-1, name)
	} else {
		f, _ = l.last.cat.Log.Lookup(l.last.cat.Head(), name)
	}
	return f
}

// make makes the site of a log, whose last step are the drafts if it is one more
// than those of HEAD. What is wrong with the files is policy.Problems.
func (l *Live) make(log *history.Log, drafts history.Drafts, now time.Time) (*moment, error) {
	repo := l.repo.With(log, drafts)
	cat, found, err := catalog.Read(catalog.Source{
		Repo: repo, Log: log, Commit: l.commit, Draft: len(log.Steps) > len(l.log.Steps), Texts: l.texts, Pointers: l.pointers,
		Content: l.opt.Content, BaseURL: l.opt.BaseURL, At: l.opt.At, Now: now,
	})
	if err := found.Failed(err, false); err != nil {
		return nil, err
	}
	composer, style, err := l.opt.Pages(cat, repo)
	if err := found.Failed(err, false); err != nil {
		return nil, err
	}
	return l.moment(cat, composer, style, drafts, found), nil
}

// Folders are those, absolute, in which a change may be one of the site: of the
// work tree, and of git with the one that holds HEAD first. They are known from
// the first Load on, also when it fails. Folders may be called at any time.
func (l *Live) Folders() Folders {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.folders
}

// watch notes the folders: the source folder, in which others come and go, and
// those that were read; nil when they are not known.
func (l *Live) watch(folders []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.folders.Git = l.repo.GitFolders()
	if source := l.at(l.repo.Prefix()); folders != nil || l.folders.Work == nil {
		l.folders.Work = append([]string{source}, folders...)
	}
}

// readLog reads the history if HEAD is not the commit that was read last.
func (l *Live) readLog(ctx context.Context) error {
	commit, err := l.repo.Resolve("")
	if errors.Is(err, policy.ErrHistory) && l.repo.Unborn() {
		l.commit, l.log = "", &history.Log{}
		return nil
	}
	if err != nil || commit == l.commit {
		return err
	}
	log, err := l.repo.Read(ctx, commit, nil)
	if err != nil {
		return err
	}
	l.commit, l.log = commit, log
	return nil
}

// at is where a path of the repository is on disk.
func (l *Live) at(p string) string { return filepath.Join(l.repo.Root(), filepath.FromSlash(p)) }

// isDir reports whether the work tree has a folder, or HEAD does.
func (l *Live) isDir(p string) bool {
	info, err := os.Stat(l.at(p))
	return err == nil && info.IsDir() || len(l.log.Steps) > 0 && l.log.IsDir(len(l.log.Steps)-1, p)
}
