package publish

import (
	"io/fs"
	"os"
)

// writable returns why names in a folder cannot be made and removed. Here the
// attribute read-only means nothing for a folder, and what an access control
// list forbids is known only when it is tried.
func writable(string) error { return nil }

// isOwner reports whether this process may change the mode of a file.
func isOwner(fs.FileInfo) bool { return true }

// isMount reports whether a folder is a mount point. Go gives those, and
// junctions, the mode irregular.
func isMount(path, _ string) (bool, error) {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeIrregular != 0, err
}

// syncFolder does nothing: NTFS journals names.
func syncFolder(string) error { return nil }
