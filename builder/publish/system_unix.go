//go:build !windows

package publish

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// writable returns why names in a folder cannot be made and removed by this
// process; nil when they can.
func writable(dir string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "access", Path: dir, Err: err}
	}
	return nil
}

// isOwner reports whether this process may change the mode of a file.
func isOwner(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// onOtherDevice reports whether two folders are on different file systems.
func onOtherDevice(path, parent string) (bool, error) {
	var a, b unix.Stat_t
	if err := unix.Lstat(path, &a); err != nil {
		return false, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	if err := unix.Stat(parent, &b); err != nil {
		return false, &fs.PathError{Op: "stat", Path: parent, Err: err}
	}
	return a.Dev != b.Dev, nil
}

// syncFolder returns when the names in dir are on disk.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
