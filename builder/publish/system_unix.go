//go:build !windows

package publish

import (
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

func stampOf(info fs.FileInfo) Stamp {
	s := Stamp{Size: info.Size(), Modified: info.ModTime().UnixNano(), Mode: uint32(info.Mode())}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		s.Inode = uint64(stat.Ino)
	}
	return s
}

// sameDevice reports whether two folders are on one file system.
func sameDevice(a, b string) bool {
	var stat [2]unix.Stat_t
	return unix.Stat(a, &stat[0]) == nil && unix.Stat(b, &stat[1]) == nil && stat[0].Dev == stat[1].Dev
}
