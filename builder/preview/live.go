package preview

import (
	"context"
	"errors"
	"os"
	"path/filepath"
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
	opt     LiveOptions
	repo    *history.Repository
	tree    *history.WorkTree
	log     *history.Log // of commit
	commit  string       // HEAD; "" when there is none
	texts   catalog.Texts
	readers *record.Pool
	last    *moment // nil before the first

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
	drafts string    // paths and blobs of what is not committed
	hour   time.Time // which day it is where decides what is in force
}

// OpenLive finds the repository that holds opt.Source. A folder outside of any
// repository is one without commits.
func OpenLive(opt LiveOptions) (*Live, error) {
	l := &Live{opt: opt, texts: catalog.Texts{}, readers: record.NewPool()}
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
// What is wrong with the texts is policy.Problems. It returns the same site as
// before when nothing has changed.
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
	at := when{l.commit, log.Difference(l.log), now.Truncate(time.Hour)}
	if l.last != nil && l.last.when == at {
		return l.last.site, nil
	}
	if content != "" && !log.IsDir(len(log.Steps)-1, content) {
		return nil, policy.Fail(policy.ErrContent, nil, "put it back, or `git restore "+content+"`", "the folder %s is gone or empty", content)
	}
	if len(log.Steps) == 0 {
		return nil, policy.Fail(policy.ErrContent, nil, "a policy is a Markdown file; `policysite init` makes a sample", "no file in %s", l.opt.Source)
	}
	repo := l.repo.With(log, drafts)
	cat, found, err := catalog.Read(catalog.Source{
		Repo: repo, Log: log, Commit: l.commit, Draft: len(log.Steps) > len(l.log.Steps), Texts: l.texts,
		Content: l.opt.Content, BaseURL: l.opt.BaseURL, At: l.opt.At, Now: now,
	})
	if err != nil {
		return nil, err
	}
	composer, style, err := l.opt.Pages(cat, repo)
	if err := found.Failed(err, false); err != nil {
		return nil, err
	}
	l.last = l.moment(cat, composer, drafts, found, at)
	l.last.site.Style = style
	return l.last.site, nil
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
