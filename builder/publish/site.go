package publish

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
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
}

// Site is a site on its way to its destination. Its files are written to a
// folder beside the destination as they come; Commit swaps that folder in, Abort
// removes it. One of the two must be called.
type Site struct {
	place    place
	exchange func(a, b string) error // swaps two folders at once, or errors.ErrUnsupported
	lock     *lock
	parents  []string // folders above the destination that Open made, outermost first

	mu     sync.Mutex
	new    string            // path of the folder being written; "" once it is swapped in or removed
	names  names             // of all files and folders in it
	sums   map[string]string // SHA-256 of each file in it, hexadecimal, by its path; without the marker
	failed error             // the first failure: a site that lost a page is never committed
}

// Open prepares to replace the site at dir, making the folders above it where
// they are missing. It refuses, with policy.ErrOutput and before anything is
// written, a destination that is not ours, that cannot be swapped (a file, a
// symbolic link, a mount point), that holds a protected path, whose parent
// cannot be written, or that another run is writing. It repairs and removes
// what killed runs left.
func Open(dir string, opt Options) (*Site, error) {
	s := &Site{exchange: exchangeFolders, names: names{}, sums: map[string]string{}}
	if err := s.open(dir, opt.Protect); err != nil {
		// What cannot be cleaned up now is cleaned up by the next run; the
		// reason of the failure is what there is to say.
		_ = s.release()
		return nil, err
	}
	return s, nil
}

func (s *Site) open(dir string, protect []string) (err error) {
	if s.place, err = locate(dir, protect); err != nil {
		return err
	}
	// The destination is judged before its lock is taken, so that a refused
	// one sees no file of ours, and again after it, when nobody else moves it.
	if _, _, err := s.place.inspect(); err != nil {
		return err
	}
	if s.parents, err = makeParents(s.place.parent); err != nil {
		return s.unwritable(err)
	}
	if s.lock, err = acquire(s.place.beside("lock")); err != nil {
		if busy := (*busyError)(nil); errors.As(err, &busy) {
			return policy.Fail(policy.ErrOutput, nil, "wait for it to end, or build to another folder", "%s is being written by %s", s.place.shown, busy.holder)
		}
		return s.unwritable(err)
	}
	if err := s.place.recover(); err != nil {
		return err
	}
	if _, _, err := s.place.inspect(); err != nil {
		return err
	}
	if s.new, err = makeStaging(s.place.beside("new-")); err != nil {
		return s.unwritable(err)
	}
	_, err = s.names.claim(MarkerName)
	return err
}

// Commit makes the new site durable, carries over what the user put into the
// destination, and swaps the new site in; then it removes the old one and releases the lock. It
// refuses, with policy.ErrOutput, when a file of the user is where the site has
// one of its own, and fails when any Add failed. After an error that does not say
// that the new site is in place, the old one is.
func (s *Site) Commit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.new == "" {
		return fmt.Errorf("%s: committed twice, or after it was aborted", s.place.shown)
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
	if _, err := createFile(s.at(MarkerName), writeBytes(Marker(s.sums))); err != nil {
		return s.unwritten(MarkerName, err)
	}
	// The pages are on disk before the destination is looked at for the last time:
	// the less time passes from then to the swap, the less the user can do in it
	// that retire has to find.
	if err := syncTree(s.new); err != nil {
		return s.unwritten("", err)
	}
	ours, exists, err := s.place.inspect()
	if err != nil {
		return err
	}
	if exists {
		if err := s.carry(ours); err != nil {
			return s.uncarried(err)
		}
		if err := syncTree(s.new); err != nil {
			return s.unwritten("", err)
		}
	}
	old, err := s.swap(exists)
	if err != nil {
		return s.unwritten("", err)
	}
	s.new = ""
	// The swap is on disk before the old site goes: a power failure must not
	// take back the new one when there is no other.
	if err := syncFolder(s.place.parent); err != nil {
		return policy.Fail(policy.ErrOutput, err, "build again", "the new site is in place at %s, but may not survive a power failure", s.place.shown)
	}
	if exists {
		if err := retire(old, s.place.path); err != nil {
			return policy.Fail(policy.ErrOutput, err, "the next build tries again", "the new site is in place at %s, but the old one cannot be removed", s.place.shown)
		}
	}
	return nil
}

// Abort removes what was written and releases the lock; the destination stays as
// it is. After Commit, or a second time, it does nothing.
func (s *Site) Abort() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.release()
}

// release gives back all that the site holds.
func (s *Site) release() error {
	var errs []error
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
		return policy.Fail(policy.ErrOutput, err, "the next build cleans up", "cannot clean up beside %s", s.place.shown)
	}
	return nil
}

// Files returns the number of files added so far.
func (s *Site) Files() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sums)
}

// writeFunc writes a file of a site, and returns the SHA-256 of what it wrote,
// hexadecimal.
type writeFunc func(*os.File) (sum string, err error)

func writeBytes(b []byte) writeFunc {
	return func(f *os.File) (string, error) {
		_, err := f.Write(b)
		sum := sha256.Sum256(b)
		return hex.EncodeToString(sum[:]), err
	}
}

// Add writes a file. path is relative to the site, with slashes:
// "privacy/2021-07-14/index.html". Add may be called by many goroutines at once;
// it keeps nothing of content.
func (s *Site) Add(path string, content []byte) error { return s.add(path, writeBytes(content)) }

// AddFrom writes a file piece by piece: one that is too large to be made in
// memory. Other files may be added meanwhile.
func (s *Site) AddFrom(path string, write func(io.Writer) error) error {
	return s.add(path, func(f *os.File) (string, error) {
		sum := sha256.New()
		w := bufio.NewWriterSize(io.MultiWriter(f, sum), 64<<10)
		err := write(w)
		if err == nil {
			err = w.Flush()
		}
		return hex.EncodeToString(sum.Sum(nil)), err
	})
}

func (s *Site) add(path string, write writeFunc) error {
	full, err := s.claim(path)
	if err != nil {
		return err
	}
	sum, err := createFile(full, write)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failed = s.unwritten(path, err)
		return s.failed
	}
	s.sums[path] = sum
	return nil
}

// claim takes a path for a new file, makes the folders that it needs, and returns
// where it is to be written.
func (s *Site) claim(path string) (full string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.new == "" {
		return "", fmt.Errorf("%s: added to a site that is closed", path)
	}
	if s.failed != nil {
		return "", s.failed
	}
	folders, err := s.names.claim(path)
	for _, folder := range folders {
		if err = s.mkdir(folder); err != nil {
			err = s.unwritten(folder, err)
			break
		}
	}
	s.failed = err
	return s.at(path), err
}

// at returns where a path of the new site is. Paths come from names.claim, which
// lets none out of it; and this run made the folders in it, so that no link leads
// out either.
func (s *Site) at(path string) string { return inside(s.new, path) }

// mkdir makes a folder in the new site. Its mode does not depend on the umask,
// as that of a file does not.
func (s *Site) mkdir(folder string) error {
	if err := os.Mkdir(s.at(folder), dirMode); err != nil {
		return err
	}
	return os.Chmod(s.at(folder), dirMode)
}

// createFile makes a file of a new site.
func createFile(path string, write writeFunc) (sum string, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return "", err
	}
	sum, err = write(f)
	if err == nil {
		err = f.Chmod(fileMode)
	}
	if err == nil {
		err = syncFile(f)
	}
	return sum, errors.Join(err, f.Close())
}

// unwritten is the failure to write a file of the new site, "" for the site.
func (s *Site) unwritten(path string, err error) error {
	// The folder that the site is written to is gone when the message is read:
	// it names the destination instead.
	if named := (*os.PathError)(nil); errors.As(err, &named) {
		err = named.Err
	}
	return policy.Fail(policy.ErrOutput, err, "the site that was there before is untouched", "cannot write %s", inside(s.place.shown, path))
}

// unwritable is the failure to write beside the destination.
func (s *Site) unwritable(err error) error {
	return policy.Fail(policy.ErrOutput, err, "a site is written beside its destination before it is swapped in, so the folder around the destination must be writable", "cannot write beside %s", s.place.shown)
}

// uncarried is the failure to carry over the user's files.
func (s *Site) uncarried(err error) error {
	if errors.Is(err, policy.ErrOutput) {
		return err
	}
	return policy.Fail(policy.ErrOutput, err, "files in the destination that policysite did not write move into every new site; the site that is there is untouched", "cannot keep what else is in %s", s.place.shown)
}
