package publish

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/policysite/policysite/builder/policy"
)

const (
	fileMode = 0o644 // what static hosts need: readable by everyone
	dirMode  = 0o755
)

// Options say how a site is written. The zero Options are useful.
type Options struct {
	// Protect are absolute paths that must survive: a destination that is one
	// of them, or a folder around one, is refused. The root of the repository
	// and the content folder belong here.
	Protect []string
	// Note returns what the run that wrote the old site knows of it: with it,
	// files of the old site can be reused. nil, and the zero Note, are none. It is
	// called once, by another goroutine.
	Note func() Note
	// Spares is a folder for what is left of sites that were replaced: the next
	// site at the same place is made of it, which takes less time. "" is none.
	Spares string
}

// Site is a site on its way to its destination. Its files are written to a
// folder beside the destination as they come; Commit swaps that folder in, Abort
// removes it. One of the two must be called.
type Site struct {
	shown    string // the destination as the caller wrote it, for messages
	place    place
	options  Options
	exchange func(a, b string) error // swaps two folders at once, or errors.ErrUnsupported
	lock     *lock
	parents  []string // folders above the destination that Open made, outermost first
	new      string   // path of the folder being written
	chmod    bool     // the umask takes away permissions that a site needs
	store    store    // of the spare
	taken    bool     // new came from the store

	looking   sync.WaitGroup // for what cannot be carried over
	preparing sync.WaitGroup // what spare and old are made of

	// One writer at a time: a second one makes the kernel work more and the
	// site no faster, because folders are locked while they change.
	mu       sync.Mutex
	writable bool // files may be added
	names    *names
	files    int
	spare    spare     // what stands in new and was not asked for
	ours     *ourFiles // the files of ours in the old site
	seen     contents  // the old site when it was looked at; what is not in ours
	old      *ourFiles // what can be reused of the old site: ours, or nil
	stamps   []Stamp   // of the files in old
	note     Note      // of the new site, when it is in place
	failed   error     // the first failure: a site that lost a page is never committed
}

// Open prepares to replace the site at dir, making the folders above it where
// they are missing. It refuses, with policy.ErrOutput and before anything is
// written, a destination that is not ours, that cannot be swapped (a file, a
// symbolic link, a mount point), that holds a protected path, whose parent
// cannot be written, or that another run is writing. It repairs and removes
// what killed runs left.
func Open(dir string, opt Options) (*Site, error) {
	s := &Site{shown: dir, options: opt, exchange: exchangeFolders}
	if err := s.open(); err != nil {
		s.wait()
		// What cannot be cleaned up now is cleaned up by the next run; the
		// reason of the failure is what there is to say.
		_ = s.release()
		return nil, err
	}
	return s, nil
}

// wait returns when all is done that Open began.
func (s *Site) wait() {
	s.preparing.Wait()
	s.looking.Wait() // which preparing begins
}

func (s *Site) open() (err error) {
	// The destination is judged before its lock is taken, so that a refused
	// one sees no file of ours, and again after it, when nobody else moves it.
	if s.place, err = locate(s.shown); err != nil {
		return err
	}
	if err := s.place.allow(s.options.Protect); err != nil {
		return err
	}
	held, err := s.place.inspect(nil)
	if err != nil {
		return err
	}
	if s.parents, err = makeParents(s.place.parent); err != nil {
		return s.unwritable(err)
	}
	if s.lock, err = acquire(s.place.beside("lock")); err != nil {
		var busy *busyError
		if errors.As(err, &busy) {
			return policy.Fail(policy.ErrOutput, nil, "wait for it to end, or build to another folder", "%s is being written by %s", s.shown, busy.holder)
		}
		return s.unwritable(err)
	}
	if err := s.place.recover(); err != nil {
		return err
	}
	if held, err = s.place.inspect(held.ours); err != nil {
		return err
	}
	size := 0
	if held.ours != nil {
		size = len(held.ours.files) + len(held.ours.folders)
	}
	s.names = newNames(size)
	if _, err := s.names.claim(MarkerName); err != nil {
		return err
	}
	if err := s.stage(); err != nil {
		return s.unwritable(err)
	}
	s.preparing.Go(func() {
		site, spare := s.recall(held.ours)
		if held.exists {
			s.ours = held.ours
		}
		switch {
		case site != nil:
			// A build again is soon done, and Commit looks.
			s.seen = site
		case held.exists:
			// Whatever cannot be carried over is found while the work is done, not
			// after it.
			s.looking.Go(s.lookAround)
		}
		if s.taken {
			s.lookThrough(spare)
		}
	})
	s.writable = true
	return nil
}

// lookAround looks at what is in the destination beside files of ours.
func (s *Site) lookAround() {
	seen, err := look(s.place.path, s.ours, nil)
	if err == nil {
		_, err = seen.users(s.place.path, s.ours)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen = seen; err != nil {
		s.failed = s.uncarried(err)
	}
}

// stage takes the spare for the new site, or makes a folder.
func (s *Site) stage() error {
	s.store = storeOf(s.options.Spares, s.place.path)
	if s.new = s.store.take(s.place.beside("new-")); s.new == "" {
		return s.makeStaging()
	}
	s.taken, s.chmod = true, true
	return os.Chmod(s.new, dirMode)
}

// lookThrough finds out what is in the spare. One that is none of ours is
// removed.
func (s *Site) lookThrough(before contents) {
	found, err := readSpare(s.new, before)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.spare = found
		return
	}
	s.taken = false
	if err = removeTree(s.new); err == nil {
		err = s.makeStaging()
	}
	if err != nil {
		s.failed = s.unwritable(err)
	}
}

// makeStaging makes the folder that the new site is written to.
func (s *Site) makeStaging() (err error) {
	if s.new, err = makeStaging(s.place.beside("new-")); err != nil {
		return err
	}
	info, err := os.Stat(s.new)
	if err != nil {
		return err
	}
	if s.chmod = info.Mode().Perm() != dirMode; s.chmod {
		return os.Chmod(s.new, dirMode)
	}
	return nil
}

// Files returns the number of files added so far.
func (s *Site) Files() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files
}

// Commit makes the new site durable, carries over what the user put into the
// destination, and swaps the new site in; then it removes the old one and
// releases the lock. It refuses, with policy.ErrOutput, when a file of the user
// stands where the site has one of its own, and fails when any Add failed. After
// an error that does not say that the new site is in place, the old one is.
func (s *Site) Commit() error {
	s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.writable {
		return fmt.Errorf("%s: committed twice, or after it was aborted", s.shown)
	}
	err := s.failed
	if err == nil {
		err = s.commit()
	}
	if cleanup := s.release(); err == nil {
		err = cleanup
	}
	return err
}

func (s *Site) commit() error {
	note, err := s.addMarker()
	if err != nil {
		return s.unwritten(MarkerName, err)
	}
	if err := s.spare.sweep(); err != nil {
		return s.unwritten("", err)
	}
	held, users, err := s.syncAndLook()
	if err != nil {
		return err
	}
	// The user's files come last, and little is left to sync.
	s.taken = false // from here on it holds what is the user's
	if held.exists {
		if err := s.carry(users); err != nil {
			return s.uncarried(err)
		}
		if err := syncTree(s.new); err != nil {
			return s.unwritten("", err)
		}
	}
	s.writable = false
	old, err := s.swap(held.exists)
	if err != nil {
		return s.unwritten("", err)
	}
	s.new = ""
	// The swap is on disk before the old site goes: a power failure must not
	// take back the new one when there is no other.
	if err := syncFolder(s.place.parent); err != nil {
		return policy.Fail(policy.ErrOutput, err, "build again", "the new site is in place at %s, but may not survive a power failure", s.shown)
	}
	s.note = note
	if old == "" {
		return nil
	}
	if err := s.retire(old, held.ours); err != nil {
		return policy.Fail(policy.ErrOutput, err, "the next build tries again", "the new site is in place at %s, but the old one cannot be removed", s.shown)
	}
	return nil
}

// retire makes the spare of the old site, or removes it.
func (s *Site) retire(old string, ours *ourFiles) (err error) {
	r := retirement{old: old, now: s.place.path, ours: ours, seen: s.seen}
	r.site = func(rel string) bool {
		f, ok := s.names.at(rel)
		return ok && f != nil
	}
	r.seen, err = look(r.old, r.ours, r.seen)
	if err != nil {
		return err
	}
	kept := s.store.holds(s.place.parent)
	if kept {
		r.keeps = func(rel string, folder bool) bool {
			f, ok := s.names.at(rel)
			return ok && (f == nil) == folder && (folder || f.again)
		}
	}
	var noting sync.WaitGroup
	if kept {
		noting.Go(func() { s.note.noteFolders(s.names, s.spare.found, r.seen) })
	}
	err = r.empty()
	noting.Wait()
	if err != nil {
		return err
	}
	if !kept {
		return os.Remove(old)
	}
	return s.store.put(old, s.place.path)
}

// Abort removes what was written and releases the lock; the destination stays as
// it is. After Commit, or a second time, it does nothing.
func (s *Site) Abort() error {
	s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.release()
}

// release gives back all that the site holds.
func (s *Site) release() error {
	var errs []error
	s.writable = false
	if s.new != "" {
		errs = append(errs, s.giveUp())
		s.new = ""
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
		s.lock = nil
	}
	// Only folders that Open made, and only while they are empty: a failed
	// build leaves nothing behind.
	for len(s.parents) > 0 {
		last := len(s.parents) - 1
		if os.Remove(s.parents[last]) != nil {
			break
		}
		s.parents = s.parents[:last]
	}
	s.parents = nil
	if err := errors.Join(errs...); err != nil {
		return policy.Fail(policy.ErrOutput, err, "the next build cleans up", "cannot clean up beside %s", s.shown)
	}
	return nil
}

// giveUp removes what was written, and puts the spare back.
func (s *Site) giveUp() error {
	if s.taken {
		var added []string
		for key, f := range s.names.have {
			if f != nil && !f.again {
				added = append(added, s.names.spelling(key))
			}
		}
		if removeAll(s.new, added) == nil {
			return s.store.put(s.new, s.place.path)
		}
	}
	return removeTree(s.new)
}

// unwritten is the failure to write a file of the new site, "" for the site.
func (s *Site) unwritten(path string, err error) error {
	return policy.Fail(policy.ErrOutput, cause(err), "the site that was there before is untouched", "cannot write %s", filepath.Join(s.shown, filepath.FromSlash(path)))
}

// unwritable is the failure to write beside the destination.
func (s *Site) unwritable(err error) error {
	return policy.Fail(policy.ErrOutput, err, "a site is written beside its destination before it is swapped in, so the folder around the destination must be writable", "cannot write beside %s", s.shown)
}

// uncarried is the failure to carry over the user's files.
func (s *Site) uncarried(err error) error {
	if errors.Is(err, policy.ErrOutput) {
		return err
	}
	return policy.Fail(policy.ErrOutput, err, "files in the destination that policysite did not write move into every new site; the site that is there is untouched", "cannot keep what else is in %s", s.shown)
}

// cause leaves out the path of an error whose message names a better one: the
// folder that the site is written to is gone when the message is read.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
