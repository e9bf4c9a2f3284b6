package publish

import (
	"crypto/sha256"
	"encoding/hex"
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
	// Note is what the run that wrote the old site knows of it: with it, files
	// of the old site can be reused. The zero Note is none.
	Note Note
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

	looking sync.WaitGroup // for what cannot be carried over

	// One writer at a time: a second one makes the kernel work more and the
	// site no faster, because folders are locked while they change.
	mu       sync.Mutex
	writable bool // files may be added
	names    names
	files    int
	old      map[string]written // what can be reused of the old site, by path
	note     Note               // of the new site, when it is in place
	failed   error              // the first failure: a site that lost a page is never committed
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
		s.looking.Wait()
		// What cannot be cleaned up now is cleaned up by the next run; the
		// reason of the failure is what there is to say.
		_ = s.release()
		return nil, err
	}
	return s, nil
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
	if _, err := s.place.inspect(); err != nil {
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
	held, err := s.place.inspect()
	if err != nil {
		return err
	}
	if held.exists {
		// Whatever cannot be carried over is found while the work is done, not
		// after it.
		s.looking.Go(func() {
			if err := eachOfUsers(s.place.path, held.ours, func(entry) error { return nil }); err != nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.failed = s.uncarried(err)
			}
		})
		s.recall()
	}
	if s.new, err = makeStaging(s.place.beside("new-")); err != nil {
		return s.unwritable(err)
	}
	info, err := os.Stat(s.new)
	if err != nil {
		return s.unwritable(err)
	}
	if s.chmod = info.Mode().Perm() != dirMode; s.chmod {
		if err := os.Chmod(s.new, dirMode); err != nil {
			return s.unwritable(err)
		}
	}
	s.writable = true
	s.names = names{}
	_, err = s.names.claim(MarkerName)
	return err
}

// Add writes a file. path is relative to the site, with slashes:
// "privacy/2021-07-14/index.html". Add may be called by many goroutines at once;
// it keeps nothing of content.
func (s *Site) Add(path string, content []byte) error {
	sum := sha256.Sum256(content) // before the lock: many do so at once
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.makeWay(path); err != nil {
		return err
	}
	stamp, err := s.write(path, content)
	if err != nil {
		s.failed = s.unwritten(path, err)
		return s.failed
	}
	s.names.wrote(path, hex.EncodeToString(sum[:]), stamp)
	s.files++
	return nil
}

// at is where a path of the new site is. Paths come from claim, which lets none
// out of it; and its folders are new and ours, so that no link leads out either.
func (s *Site) at(path string) string { return filepath.Join(s.new, filepath.FromSlash(path)) }

// mkdir makes a folder in the new site.
func (s *Site) mkdir(folder string) error {
	err := os.Mkdir(s.at(folder), dirMode)
	if err == nil && s.chmod {
		err = os.Chmod(s.at(folder), dirMode)
	}
	return err
}

// write makes a file in the new site.
func (s *Site) write(path string, content []byte) (Stamp, error) {
	mode := os.FileMode(0)
	if s.chmod {
		mode = fileMode
	}
	return createFile(s.at(path), content, mode)
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
	s.looking.Wait()
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
	sums, stamps := s.names.written()
	marker := Marker(sums)
	if _, err := s.write(MarkerName, marker); err != nil {
		return s.unwritten(MarkerName, err)
	}
	if err := syncTree(s.new); err != nil {
		return s.unwritten("", err)
	}
	// The destination may have changed while the pages were made.
	held, err := s.place.inspect()
	if err != nil {
		return err
	}
	// The user's files come last, and little is left to sync: the shorter the
	// time between here and the swap, the fewer changes retire has to look for.
	if held.exists {
		if err := s.carry(held.ours); err != nil {
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
	s.note = Note{sha256.Sum256(marker), stamps}
	if old == "" {
		return nil
	}
	if err := retire(old, s.place.path); err != nil {
		return policy.Fail(policy.ErrOutput, err, "the next build tries again", "the new site is in place at %s, but the old one cannot be removed", s.shown)
	}
	return nil
}

// Abort removes what was written and releases the lock; the destination stays as
// it is. After Commit, or a second time, it does nothing.
func (s *Site) Abort() error {
	s.looking.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.release()
}

// release gives back all that the site holds.
func (s *Site) release() error {
	var errs []error
	s.writable = false
	if s.new != "" {
		errs = append(errs, removeTree(s.new))
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
