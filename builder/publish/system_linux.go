package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// exchangeFolders swaps two folders so that nobody ever sees one name without a
// folder: renameat2(2), Linux 3.15. The error is errors.ErrUnsupported where the
// file system cannot (NFS, FUSE, some overlays).
func exchangeFolders(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	if err == nil {
		return nil
	}
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) {
		return errors.ErrUnsupported
	}
	return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
}

// nameStaging gives a new site's folder a name that ends in its inode number:
// after an exchange the name is on another folder, so that a killed run's
// leftover tells by itself whether it is a new site or an old one.
func nameStaging(path, prefix string) (string, error) {
	id, err := inode(path)
	if err != nil {
		return "", err
	}
	return prefix + id, os.Rename(path, prefix+id)
}

// wasSwapped reports whether the folder at path, named by nameStaging with this
// id, is another one now.
func wasSwapped(path, id string) (bool, error) {
	now, err := inode(path)
	return now != id, err
}

func inode(path string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("%s: has no inode number", path)
	}
	return strconv.FormatUint(stat.Ino, 10), nil
}

// isMount reports whether a folder is a mount point: one that cannot be renamed
// (EBUSY), and whose files must not be taken for a part of the site.
func isMount(path, parent string) (bool, error) {
	var stat unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT, 0, &stat)
	if err == nil && stat.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return stat.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, nil
	}
	if err != nil && !errors.Is(err, unix.ENOSYS) {
		return false, &fs.PathError{Op: "statx", Path: path, Err: err}
	}
	return onOtherDevice(path, parent) // Linux before 5.8
}

// syncFile does nothing: syncTree writes all files at once, which takes a
// fraction of the time of one fsync per file.
func syncFile(*os.File) error { return nil }

// syncTree returns when all that was written to the file system of dir is on
// disk, and fails when any of it could not be written (syncfs(2), Linux 5.8).
func syncTree(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err = unix.Syncfs(int(f.Fd())); err != nil {
		err = &fs.PathError{Op: "syncfs", Path: dir, Err: err}
	}
	return errors.Join(err, f.Close())
}
