package publish

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// lock is held by the one run that may write a site. The system releases it when
// the process ends, however it ends.
type lock struct {
	file *os.File
	path string
}

// busyError says that another run holds the lock.
type busyError struct{ holder string }

func (e *busyError) Error() string { return "locked by " + e.holder }

// errLocked is what lockFile returns when another process holds the lock.
var errLocked = errors.New("locked")

// acquire takes the lock at path, or fails with a *busyError that names its
// holder. The file says "pid 4711 since 2026-11-22T09:00:00Z": the only place
// where policysite writes a time of the clock, and it is not a part of the site.
func acquire(path string) (*lock, error) {
	// The file is removed on release, so one that was just opened may be no
	// longer the one that others will open; then there is a new one to try. A
	// few runs may end in that moment, not a hundred.
	for range 100 {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
		if err != nil {
			return nil, err
		}
		held, err := hold(f, path)
		if held {
			return &lock{f, path}, nil
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: is replaced again and again", path)
}

// hold locks the file f and says in it who does, unless it is no longer the one at
// path.
func hold(f *os.File, path string) (bool, error) {
	err := lockFile(f)
	if errors.Is(err, errLocked) {
		return false, &busyError{readHolder(f)}
	}
	if err != nil {
		return false, fmt.Errorf("%s: cannot be locked: %w", path, err)
	}
	if current, err := isAt(f, path); err != nil || !current {
		return false, err
	}
	if err := f.Truncate(0); err != nil {
		return false, err
	}
	_, err = fmt.Fprintf(f, "pid %d since %s\n", os.Getpid(), time.Now().UTC().Format(time.RFC3339))
	return err == nil, err
}

// release gives the lock up. The file goes first, while nobody else can hold it.
func (l *lock) release() error {
	var err error
	if removeLocked {
		err = os.Remove(l.path)
	}
	return errors.Join(err, l.file.Close())
}

// isAt reports whether f is the file at path, and not one removed from there.
func isAt(f *os.File, path string) (bool, error) {
	have, err := f.Stat()
	if err != nil {
		return false, err
	}
	at, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(have, at), err
}

// readHolder returns "process 4711 since 2026-11-22T09:00:00Z", or less when the
// holder has not got so far as to say so.
func readHolder(f *os.File) string {
	content := make([]byte, 100)
	n, err := f.ReadAt(content, 0)
	if err != nil && err != io.EOF {
		return "another process"
	}
	about, found := strings.CutPrefix(strings.TrimSpace(string(content[:n])), "pid ")
	if !found {
		return "another process"
	}
	return "process " + about
}
