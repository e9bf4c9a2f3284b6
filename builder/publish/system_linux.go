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

// syncFile does nothing: syncTree writes all files at once, which takes a
// fraction of the time of one fsync per file.
func syncFile(*os.File) error { return nil }

// createFile writes a new file, with a mode that the umask does not touch
// unless it is 0, and returns its stamp. It makes the system calls itself: an os.File is announced to
// the poller, which knows no plain files, and that is a third of all calls.
func createFile(path string, content []byte, mode os.FileMode) (Stamp, error) {
	fd, err := ignoringEINTR(func() (int, error) {
		return unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, fileMode)
	})
	if err != nil {
		return Stamp{}, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	for len(content) > 0 && err == nil {
		var n int
		n, err = ignoringEINTR(func() (int, error) { return unix.Write(fd, content) })
		content = content[max(n, 0):]
	}
	if err == nil && mode != 0 {
		_, err = ignoringEINTR(func() (int, error) { return 0, unix.Fchmod(fd, uint32(mode.Perm())) })
	}
	var stat unix.Stat_t
	if err == nil {
		err = unix.Fstat(fd, &stat)
	}
	// Linux closes the file even when close is interrupted: close(2).
	if closed := unix.Close(fd); err == nil && closed != unix.EINTR {
		err = closed
	}
	if err != nil {
		return Stamp{}, &fs.PathError{Op: "write", Path: path, Err: err}
	}
	return stampOfStat(&stat), nil
}

// stampAt returns the stamp of a file. That is asked of all files of a site, and
// os.Lstat makes more of each.
func stampAt(path string) (Stamp, error) {
	var stat unix.Stat_t
	if _, err := ignoringEINTR(func() (int, error) { return 0, unix.Lstat(path, &stat) }); err != nil {
		return Stamp{}, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	return stampOfStat(&stat), nil
}

func stampOfStat(stat *unix.Stat_t) Stamp {
	return Stamp{Size: stat.Size, Modified: stat.Mtim.Nano(), Inode: stat.Ino, Mode: stat.Mode}
}

func ignoringEINTR(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}

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

// syncFolder returns when the names in dir are on disk.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
