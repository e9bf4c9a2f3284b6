package preview

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watched starts a watcher of one folder, which asks for folders anew when again says so.
func watched(t *testing.T, again <-chan struct{}, change func(*watcher)) (string, chan time.Time, chan string) {
	t.Helper()
	dir := t.TempDir()
	changes, said := make(chan time.Time, 1), make(chan string, 10)
	w := &watcher{
		folders: func() Folders { return Folders{Work: []string{dir}} },
		changes: changes, say: func(m string) { said <- m }, known: map[string]os.FileInfo{},
	}
	var err error
	w.notify, err = fsnotify.NewWatcher()
	must(t, err)
	w.add = w.notify.Add
	change(w)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if !w.watch(ctx, again) {
			w.say("gave up")
		}
	}()
	t.Cleanup(func() { stop(); <-ended; w.notify.Close() })
	return dir, changes, said
}

func soon(t *testing.T, changes <-chan time.Time, what string) {
	t.Helper()
	select {
	case <-changes:
	case <-time.After(5 * time.Second):
		t.Fatal("no change told: " + what)
	}
}

func TestLostEventsMeanALookAtEverything(t *testing.T) {
	t.Parallel()
	var notify *fsnotify.Watcher
	dir, changes, _ := watched(t, nil, func(w *watcher) { notify = w.notify })
	soon(t, changes, "the watch begins")
	notify.Errors <- fsnotify.ErrEventOverflow
	soon(t, changes, "events were lost")
	put(t, filepath.Join(dir, "a.md"), "x")
	soon(t, changes, "a write after that")
}

// A folder that is renamed keeps its watch in the system, under its old name; it must
// not go with that name when the folder returns.
func TestRenamedFoldersStayWatched(t *testing.T) {
	t.Parallel()
	again := make(chan struct{}, 1)
	var root string
	_, changes, _ := watched(t, again, func(w *watcher) {
		root = w.folders().Work[0]
		must(t, os.MkdirAll(filepath.Join(root, "content", "deep"), 0o755))
		w.folders = func() Folders {
			return Folders{Work: []string{root, filepath.Join(root, "content"), filepath.Join(root, "content", "deep")}}
		}
	})
	soon(t, changes, "the watch begins")
	quiet := func() { // as loads do, until nothing is told any more
		for {
			select {
			case <-changes:
				again <- struct{}{}
			case <-time.After(20 * time.Millisecond):
				return
			}
		}
	}
	content, away := filepath.Join(root, "content"), filepath.Join(root, "away")
	for i := range 30 {
		must(t, os.Rename(content, away))
		if i%2 == 0 {
			quiet()
		}
		must(t, os.Rename(away, content))
		quiet()
		for _, name := range []string{"a.md", "deep/b.md"} {
			put(t, filepath.Join(content, name), fmt.Sprint(i))
			soon(t, changes, fmt.Sprintf("%s, when content returned the %dth time", name, i+1))
			quiet()
		}
	}
}

// Whether the system still has the watch of a folder that was renamed depends on who is
// faster: all are added anew.
func TestRenamedFolderMeansWatchingAnew(t *testing.T) {
	root := t.TempDir()
	content := filepath.Join(root, "content")
	must(t, os.Mkdir(content, 0o755))
	added := map[string]int{}
	notify, err := fsnotify.NewWatcher()
	must(t, err)
	defer notify.Close()
	w := &watcher{
		folders: func() Folders { return Folders{Work: []string{root, content}} },
		changes: make(chan time.Time, 1), known: map[string]os.FileInfo{}, notify: notify,
		add: func(dir string) error { added[dir]++; return nil },
	}
	for i, event := range []fsnotify.Op{0, fsnotify.Write, fsnotify.Rename, fsnotify.Create} {
		must(t, w.event(fsnotify.Event{Name: filepath.Join(root, "content"), Op: event}))
		must(t, w.follow())
		if want := []int{1, 1, 2, 2}[i]; added[root] != want {
			t.Errorf("after %v: %s was added %d times, want %d", event, root, added[root], want)
		}
	}
}

func TestExhaustedWatchesMeanPolling(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{syscall.ENOSPC, syscall.EMFILE} {
		_, changes, said := watched(t, nil, func(w *watcher) {
			w.add = func(string) error { return &os.PathError{Op: "add", Err: cause} }
		})
		soon(t, changes, "what changed before is not known")
		if m := <-said; !strings.Contains(m, "sysctl fs.inotify") || !strings.Contains(m, "looking every 1s instead") {
			t.Errorf("%v: said %q", cause, m)
		}
		if m := <-said; m != "gave up" {
			t.Errorf("%v: then said %q", cause, m)
		}
	}
}

func TestWhatIsIgnored(t *testing.T) {
	t.Parallel()
	git := "/r/.git"
	changes := make(chan time.Time, 1)
	w := &watcher{changes: changes, git: map[string]bool{git: true, git + "/refs/heads": true, git + "/logs": true}, known: map[string]os.FileInfo{}, add: func(string) error { return nil }}
	tests := map[string]struct {
		op   fsnotify.Op
		want bool
	}{
		"/r/content/a.md":             {fsnotify.Write, true},
		"/r/content/b.md":             {fsnotify.Remove, true},
		"/r/content/c.md":             {fsnotify.Chmod, false},
		"/r/content/.c.md.swp":        {fsnotify.Create, false},
		"/r/content/4913":             {fsnotify.Create, false},
		"/r/content/c.md~":            {fsnotify.Create, false},
		"/r/.git":                     {fsnotify.Create, false},
		git + "/index":                {fsnotify.Write, false},
		git + "/index.lock":           {fsnotify.Create, false},
		git + "/COMMIT_EDITMSG":       {fsnotify.Write, false},
		git + "/HEAD":                 {fsnotify.Create, true},
		git + "/HEAD.lock":            {fsnotify.Create, false},
		git + "/packed-refs":          {fsnotify.Create, true},
		git + "/logs/HEAD":            {fsnotify.Write, true},
		git + "/refs/heads/main":      {fsnotify.Create, true},
		git + "/refs/heads/main.lock": {fsnotify.Create, false},
		git + "/refs/heads/4913":      {fsnotify.Create, true},
	}
	for name, test := range tests {
		if err := w.event(fsnotify.Event{Name: name, Op: test.op}); err != nil {
			t.Fatal(err)
		}
		have := len(changes) == 1
		if have {
			<-changes
		}
		if have != test.want {
			t.Errorf("%s %s: told %t", test.op, name, have)
		}
	}
}

func TestSettlingWaitsForGit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := settler{git: func() []string { return []string{dir} }}
	changes := make(chan time.Time, 1)
	rebase := filepath.Join(dir, "rebase-merge")
	must(t, os.Mkdir(rebase, 0o777))
	time.AfterFunc(6*quiet, func() { os.Remove(rebase) })
	start := time.Now()
	changes <- start
	if _, ok := s.wait(t.Context(), changes); !ok {
		t.Fatal("it ended")
	}
	if took := time.Since(start); took < 6*quiet || took > 3*time.Second {
		t.Errorf("a rebase of %s was waited for %s", 6*quiet, took)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, ok := s.wait(ctx, changes); ok {
		t.Error("it waits on when it should stop")
	}
}

// Time is the bubble's own: on a busy machine changes would cease for a while.
func TestChangesThatNeverCeaseAreLoaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := settler{git: func() []string { return nil }}
		changes := make(chan time.Time, 1)
		ctx, stop := context.WithCancel(t.Context())
		var changing sync.WaitGroup
		changing.Go(func() {
			for ctx.Err() == nil {
				select {
				case changes <- time.Now():
				default:
				}
				time.Sleep(quiet / 5)
			}
		})
		start := time.Now()
		s.wait(ctx, changes)
		took := time.Since(start)
		stop()
		changing.Wait()
		if took < longest || took > longest+quiet {
			t.Errorf("loaded after %s, want %s", took, longest)
		}
	})
}
