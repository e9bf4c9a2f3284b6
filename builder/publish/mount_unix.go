//go:build !linux && !windows

package publish

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// isMount reports whether a folder is a mount point: one that cannot be renamed,
// and whose files must not be taken for a part of the site.
func isMount(path, parent string) (bool, error) {
	var a, b unix.Stat_t
	if err := unix.Lstat(path, &a); err != nil {
		return false, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	if err := unix.Stat(parent, &b); err != nil {
		return false, &fs.PathError{Op: "stat", Path: parent, Err: err}
	}
	return a.Dev != b.Dev, nil
}
