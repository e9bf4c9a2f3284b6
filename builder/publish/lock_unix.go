//go:build !windows

package publish

import (
	"errors"
	"os"
	"syscall"
)

// removeLocked says that a file can be removed while it is open.
const removeLocked = true

// lockFile locks f for this process alone, or returns errLocked (flock(2)).
func lockFile(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return err
		}
	}
}
