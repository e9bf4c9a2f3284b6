package publish

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// lookAtFolder returns what tells whether a folder is still as it was found.
// user is who this process acts as.
func lookAtFolder(path string, user int) (folderStamp, error) {
	return stampFolder(unix.AT_FDCWD, path, path, user)
}

// stampFolder is lookAtFolder for an open folder, when name is "", or a path.
func stampFolder(fd int, name, path string, user int) (folderStamp, error) {
	flags, mask := unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT, unix.STATX_TYPE|unix.STATX_MODE|unix.STATX_UID|unix.STATX_INO|unix.STATX_MTIME|unix.STATX_CTIME
	if name == "" {
		flags |= unix.AT_EMPTY_PATH
	}
	var stat unix.Statx_t
	err := unix.Statx(fd, name, flags, mask, &stat)
	if err == unix.ENOSYS || err == nil && stat.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT == 0 {
		return lookSlowly(path)
	}
	if err == nil && stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		err = unix.ENOTDIR
	}
	if err != nil {
		return folderStamp{}, &fs.PathError{Op: "statx", Path: path, Err: err}
	}
	own := int(stat.Uid) == user
	return folderStamp{
		FolderStamp: FolderStamp{stat.Ino, uint32(stat.Mode) &^ unix.S_IFMT, nanoseconds(stat.Mtime), nanoseconds(stat.Ctime)},
		own:         own,
		open:        own && stat.Mode&0o300 == 0o300 && stat.Attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) == 0,
		mounted:     stat.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0,
	}, nil
}

func nanoseconds(t unix.StatxTimestamp) int64 { return t.Sec*1e9 + int64(t.Nsec) }

// readFolder reads a folder, in no order, and its stamp, which is taken first.
// It makes the system calls itself, which costs half of what os.ReadDir does. buf is where it reads to.
func readFolder(path string, user int, buf []byte) (stamp folderStamp, entries []dirEntry, err error) {
	fd, err := ignoringEINTR(func() (int, error) {
		return unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return stamp, nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	if stamp, err = stampFolder(fd, "", path, user); err != nil {
		return stamp, nil, err
	}
	for {
		n, err := ignoringEINTR(func() (int, error) { return unix.Getdents(fd, buf) })
		if err != nil {
			return stamp, nil, &fs.PathError{Op: "getdents", Path: path, Err: err}
		}
		if n <= 0 {
			return stamp, entries, nil
		}
		// struct linux_dirent64: inode 8 bytes, offset 8, length 2, type 1, then the name.
		for rest := buf[:n]; len(rest) > 0; rest = rest[binary.NativeEndian.Uint16(rest[16:]):] {
			name, _, _ := bytes.Cut(rest[19:binary.NativeEndian.Uint16(rest[16:])], []byte{0})
			if string(name) == "." || string(name) == ".." {
				continue
			}
			e := dirEntry{string(name), rest[18] == unix.DT_DIR, binary.NativeEndian.Uint64(rest)}
			if rest[18] == unix.DT_UNKNOWN { // some file systems do not say
				info, err := os.Lstat(path + "/" + e.name)
				if err != nil {
					return stamp, nil, err
				}
				e.folder = info.IsDir()
			}
			entries = append(entries, e)
		}
	}
}
