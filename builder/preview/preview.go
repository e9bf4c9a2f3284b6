// Package preview serves a site while people work on it: it watches folders,
// asks for the site anew when something in them changes, and tells the pages
// that are open in browsers what became of them.
//
// It knows nothing of policies. It is handed functions that load a site and
// make its files, and it never reads a disk on behalf of a request.
package preview

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// Site is a site as it was at one moment. It never changes, and its functions
// may be called by several goroutines at a time.
type Site struct {
	// File returns a file of the site by its path, "privacy/index.html";
	// fs.ErrNotExist when there is none.
	File func(ctx context.Context, path string) ([]byte, error)
	// Findings are what there is to say of the page of that path. Errors are those
	// of Errors that are about it.
	Findings func(ctx context.Context, path string) (policy.Findings, error)
	// AllFindings are what there is to say of the whole site, but for Errors. It
	// makes what all pages need, so that it is there when they are asked for.
	AllFindings func(ctx context.Context) (policy.Findings, error)
	// Moved is what became of a URL that the site had before; "" when nothing is
	// known of it.
	Moved func(url string) string

	Errors  policy.Problems // of files that are in the site as they were before
	Style   string          // URL of the style sheet, which has the hash of its content in it
	Base    string          // path below which the site is to be published: "/" or "/legal/"
	Changed []string        // URLs that changed since the site before, the first of them to go to
	News    string          // what changed since the site before, for people: "content/privacy.md"
}

// Folders are those in which changes may be changes of the site. All are
// absolute, and watched without what is below them.
type Folders struct {
	Work []string // texts, settings, layouts, static files
	Git  []string // where git notes what HEAD is; the first holds HEAD
}

// Options of Serve.
type Options struct {
	// Load returns the site as it is now, the same value as before when nothing
	// has changed. An error is shown over the last good site. It is called by
	// one goroutine at a time.
	Load func(ctx context.Context) (*Site, error)
	// Folders returns what to watch after a call of Load, be it a failed one.
	Folders func() Folders

	Bind     string        // host or address to listen on; "" is 127.0.0.1
	Port     int           // 0 takes one that is free
	Poll     time.Duration // looks for changes that often instead of watching; 0 watches
	Navigate bool          // browsers go to what changed

	// Each of these is told something, by several goroutines at a time.
	Ready  func(url string)            // once: where the site is served
	Loaded func(Load)                  // every load that brought something new
	Say    func(message string)        // what a person should know
	Wrong  func(policy.Problems)       // errors of the site
	Found  func(found policy.Findings) // warnings and notes that were not told of the site before
}

// Load is what became of one change.
type Load struct {
	Noticed time.Time // when the first event of the change came
	Started time.Time
	Done    time.Time // browsers are told from here on
	Err     error
	First   bool   // it is the one that the preview began with
	News    string // as of the Site
}

// Serve serves until ctx is done. The first load fails it unless it failed of
// the content, which can be mended while it serves.
func Serve(ctx context.Context, opt Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newServer(opt.Bind)
	s.navigate, s.wrong = opt.Navigate, opt.Wrong
	listener, err := listen(opt.Bind, opt.Port)
	if err != nil {
		return err
	}
	defer listener.Close()
	start := time.Now()
	site, err := opt.Load(ctx)
	if err != nil && !mendable(err) {
		return err
	}
	l := loader{opt: opt, server: s}
	l.show(ctx, site, err, Load{Noticed: start, Started: start, First: true})

	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	changes := make(chan time.Time, 1)
	w := &watcher{folders: opt.Folders, poll: opt.Poll, changes: changes, say: opt.Say}
	again := make(chan struct{}, 1)
	wg.Go(func() { w.run(ctx, again) })
	wg.Go(func() { l.run(ctx, changes, again) })
	if opt.Ready != nil {
		opt.Ready(s.address(listener))
	}
	return s.serve(ctx, listener)
}

// mendable reports whether an error is one of the content: of a text, a
// setting or a template, which an editor mends while the server goes on.
func mendable(err error) bool {
	var problems policy.Problems
	return errors.As(err, &problems) || errors.Is(err, policy.ErrContent)
}

// loader loads the site again after changes.
type loader struct {
	opt    Options
	server *server
	last   *Site
	warm   context.CancelFunc

	mu   sync.Mutex
	told map[string]bool // findings of the last site
}

// run loads after every change that has come to rest. again is told after each
// load, since there may be other folders to watch by then.
func (l *loader) run(ctx context.Context, changes <-chan time.Time, again chan<- struct{}) {
	rest := settler{git: func() []string { return l.opt.Folders().Git }}
	for {
		noticed, ok := rest.wait(ctx, changes)
		if !ok {
			return
		}
		load := Load{Noticed: noticed, Started: time.Now()}
		site, err := l.opt.Load(ctx)
		if ctx.Err() != nil {
			return
		}
		select {
		case again <- struct{}{}:
		default:
		}
		l.show(ctx, site, err, load)
	}
}

// calm is how long a load is over when all that nobody has asked for is made.
const calm = 300 * time.Millisecond

// show hands a load's result to the server.
func (l *loader) show(ctx context.Context, site *Site, err error, load Load) {
	load.Err = err
	var wrong policy.Problems
	if err != nil {
		site, wrong = l.last, problemsOf(err)
	}
	same := site == l.last
	l.last = site
	load.Done = time.Now()
	if !l.server.show(site, wrong) {
		return
	}
	if site != nil && !same {
		load.News, wrong = site.News, site.Errors
	}
	l.opt.Loaded(load)
	if len(wrong) > 0 {
		l.opt.Wrong(wrong)
	}
	if site == nil || same {
		return
	}
	if l.warm != nil {
		l.warm()
	}
	warm, cancel := context.WithCancel(ctx)
	l.warm = cancel
	go func() {
		defer cancel()
		// Pages that are open have the processors first.
		select {
		case <-warm.Done():
		case <-time.After(calm):
		}
		// Whoever asks for a page that has an error is told of it.
		if found, err := site.AllFindings(warm); err == nil {
			l.tell(warm, found)
		}
	}()
}

// tell tells what was not found in the site before. A line is not what a finding
// is known by: it is another one after each word that is written above.
func (l *loader) tell(ctx context.Context, found policy.Findings) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil {
		return // of another site by now
	}
	before := l.told
	l.told = map[string]bool{}
	news := func(key string) bool {
		if l.told[key] {
			return false
		}
		l.told[key] = true
		return !before[key]
	}
	var fresh policy.Findings
	for _, p := range found.Problems {
		if news(p.Path + ": " + p.Message) {
			fresh.Problems = append(fresh.Problems, p)
		}
	}
	for _, n := range found.Notes {
		if news(lineNumber.ReplaceAllString(n, "")) {
			fresh.Notes = append(fresh.Notes, n)
		}
	}
	if len(fresh.Problems)+len(fresh.Notes) > 0 {
		l.opt.Found(fresh)
	}
}

var lineNumber = regexp.MustCompile(`:[0-9]+\b`)

// problemsOf makes problems of an error.
func problemsOf(err error) policy.Problems {
	var problems policy.Problems
	if errors.As(err, &problems) {
		return problems
	}
	p := &policy.Problem{Message: err.Error()}
	var fail *policy.Failure
	if errors.As(err, &fail) {
		p.Hint = fail.Hint
	}
	return policy.Problems{p}
}
