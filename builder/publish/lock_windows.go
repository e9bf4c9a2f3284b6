package publish

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// removeLocked says that a file can be removed while it is open. Here it
// cannot: the lock file stays, unlocked.
const removeLocked = false

// lockFile locks f for this process alone, or returns errLocked. Locked bytes
// cannot be read by others, so the one locked is far behind those that tell the
// holder.
func lockFile(f *os.File) error {
	at := windows.Overlapped{OffsetHigh: 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}
