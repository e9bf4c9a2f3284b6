package builder

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// unnamedFile makes a temporary file that never has a name: open(2), O_TMPFILE.
// The error is errors.ErrUnsupported where the file system has no such files.
func unnamedFile() (*os.File, error) {
	f, err := os.OpenFile(os.TempDir(), os.O_RDWR|unix.O_TMPFILE, 0o600)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EISDIR) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOENT) {
		return nil, errors.ErrUnsupported
	}
	return f, err
}
