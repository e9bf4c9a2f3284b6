package publish

import "io/fs"

// writable returns why names in a folder cannot be made and removed. Here the
// attribute read-only means nothing for a folder, and what an access control
// list forbids is known only when it is tried.
func writable(string) error { return nil }

// isOwner reports whether this process may change the mode of a file.
func isOwner(fs.FileInfo) bool { return true }

func stampOf(info fs.FileInfo) Stamp {
	return Stamp{Size: info.Size(), Modified: info.ModTime().UnixNano(), Mode: uint32(info.Mode())}
}

// sameDevice reports whether two folders are on one file system. Here that is
// not asked for: without inode numbers nothing of a spare could be used.
func sameDevice(a, b string) bool { return false }
