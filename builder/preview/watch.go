package preview

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watcher tells that something changed; what it was, a load finds out. It
// watches folders and never files: an editor that saves by renaming a new file
// over the old one takes a file's watch away with the old one.
type watcher struct {
	folders func() Folders
	poll    time.Duration
	changes chan<- time.Time // holds one; later ones fall into it
	say     func(string)

	notify *fsnotify.Watcher
	add    func(folder string) error
	known  map[string]os.FileInfo // watched folders, by path; another folder may come to stand there
	unsure bool                   // a watched folder was renamed, and others may have lost their watch with it
	git    map[string]bool
}

// fallback is how often a watcher looks that can no longer watch.
const fallback = time.Second

// changed tells of a change.
func (w *watcher) changed() {
	select {
	case w.changes <- time.Now():
	default:
	}
}

// run watches until ctx is done. It asks for the folders anew whenever again
// says so.
func (w *watcher) run(ctx context.Context, again <-chan struct{}) {
	if w.poll == 0 {
		var err error
		if w.notify, err = fsnotify.NewWatcher(); err != nil {
			w.giveUp(err)
		} else {
			defer w.notify.Close()
			w.add = w.notify.Add
		}
	}
	if w.poll == 0 && w.watch(ctx, again) {
		return
	}
	tick := time.NewTicker(w.poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-tick.C:
			w.changed()
		}
	}
}

// giveUp turns to polling.
func (w *watcher) giveUp(err error) {
	why := err.Error()
	if errors.Is(err, syscall.ENOSPC) {
		why = "the system watches as many folders as it may (sysctl fs.inotify.max_user_watches)"
	} else if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		why = "too many files are open (sysctl fs.inotify.max_user_instances, ulimit -n)"
	}
	w.poll = fallback
	w.say("cannot watch for changes: " + why + "; looking every " + fallback.String() + " instead")
	w.changed()
}

// watch follows events. It returns false when it had to give up.
func (w *watcher) watch(ctx context.Context, again <-chan struct{}) bool {
	w.known = map[string]os.FileInfo{}
	if err := w.follow(); err != nil {
		w.giveUp(err)
		return false
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			return true
		case <-again:
			err = w.follow()
		case event, ok := <-w.notify.Events:
			if !ok {
				return true
			}
			err = w.event(event)
		case problem, ok := <-w.notify.Errors:
			if !ok {
				return true
			}
			if !errors.Is(problem, fsnotify.ErrEventOverflow) {
				w.say("while watching: " + problem.Error())
			}
			// Events were lost, and with them perhaps new folders.
			clear(w.known)
			err = w.follow()
			w.changed()
		}
		if err != nil {
			w.giveUp(err)
			return false
		}
	}
}

// follow watches the folders that are not watched yet. What changed in one of
// them before that was seen by nobody, so it tells of a change.
func (w *watcher) follow() error {
	folders := w.folders()
	w.git = map[string]bool{}
	for _, dir := range folders.Git {
		w.git[dir] = true
	}
	current := map[string]os.FileInfo{}
	for _, dir := range slices.Concat(folders.Work, folders.Git) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			current[dir] = info // else it went; the folder it was in tells when it returns
		}
	}
	// A folder under two names has one watch in the system, which goes with either name:
	// fsnotify takes it away when it hears, after the new name was added, that the folder
	// was renamed (v1.10.1). Adding one that is there changes nothing.
	for dir := range w.known {
		if current[dir] == nil {
			w.notify.Remove(dir) // an error says that it is gone already
			w.unsure = true
		}
	}
	fresh := false
	for dir, info := range current {
		if was := w.known[dir]; w.unsure || was == nil || !os.SameFile(was, info) {
			if err := w.add(dir); exhausted(err) {
				return err
			}
			fresh = true
		}
	}
	w.known, w.unsure = current, false
	if fresh {
		w.changed()
	}
	return nil
}

// exhausted reports whether the system refuses to watch more. Other errors are
// of one folder alone: it went in the meantime, or is not for us.
func exhausted(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// event looks at what the system tells.
func (w *watcher) event(e fsnotify.Event) error {
	if e.Op == fsnotify.Chmod {
		return nil // indexers and virus scanners do that all the time
	}
	if e.Has(fsnotify.Rename) && w.known[e.Name] != nil {
		w.unsure = true
	}
	dir, base := filepath.Split(e.Name)
	dir = filepath.Clean(dir)
	switch {
	case w.git[dir]:
		if !gitTells(base, dir) {
			return nil
		}
	case base == ".git" || junk(base):
		return nil
	}
	if e.Has(fsnotify.Create) && !w.git[dir] {
		if err := w.descend(e.Name); err != nil {
			return err
		}
	}
	w.changed()
	return nil
}

// descend watches a new folder at once with all below it: what is written into
// it from now on is seen, and what is in it already the next load finds. A load
// says later whether the folder matters.
func (w *watcher) descend(name string) error {
	var failure error
	filepath.WalkDir(name, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil
		}
		if e.Name() == ".git" || e.Name() == "node_modules" {
			return filepath.SkipDir
		}
		info, err := e.Info()
		if err != nil {
			return nil
		}
		if failure = w.add(name); exhausted(failure) {
			return filepath.SkipAll
		}
		failure = nil
		w.known[name] = info
		return nil
	})
	return failure
}

// gitTells reports whether a change of a file in one of git's folders can mean
// that HEAD is another commit. The index and the notes of single commands do
// not; locks are renamed when they are done with.
func gitTells(base, dir string) bool {
	if strings.HasSuffix(base, ".lock") {
		return false
	}
	switch base {
	case "HEAD", "packed-refs", "refs":
		return true
	}
	return slices.Contains(strings.Split(filepath.ToSlash(dir), "/"), "refs")
}

// junkNames are what editors, file managers and sync programs put beside the
// files that they save.
var junkNames = [...]string{
	"*~", "*.swp", "*.swo", "*.swx", "*.bck", "*.tmp", ".DS_Store", "4913", ".goutputstream*",
	"*jb_old___", "*jb_tmp___", "*jb_bak___", ".sb-*", ".#*", "#*#", "sed??????", "*.kate-swp", "*.crswap",
}

func junk(base string) bool {
	for _, pattern := range junkNames {
		if ok, _ := path.Match(pattern, base); ok {
			return true
		}
	}
	return false
}
