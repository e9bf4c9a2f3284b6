//go:build !linux

package publish

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// exchangeFolders cannot be done here; two renames replace a site.
func exchangeFolders(a, b string) error { return errors.ErrUnsupported }

// nameStaging gives a new site's folder a name that ends in any number: without
// an exchange it never is on another one.
func nameStaging(path, prefix string) (string, error) {
	name := prefix + strconv.FormatUint(rand.Uint64(), 10)
	return name, os.Rename(path, name)
}

func wasSwapped(path, id string) (bool, error) { return false, nil }

// syncFile returns when what was written to a file is on disk.
func syncFile(f *os.File) error { return f.Sync() }

// createFile writes a new file, with a mode that the umask does not touch
// unless it is 0, and returns its stamp.
func createFile(path string, content []byte, mode os.FileMode) (Stamp, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return Stamp{}, err
	}
	_, err = f.Write(content)
	if err == nil && mode != 0 {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = syncFile(f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return Stamp{}, err
	}
	return stampAt(path) // Windows may set the time when a file is closed
}

// stampAt returns the stamp of a file.
func stampAt(path string) (Stamp, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Stamp{}, err
	}
	return stampOf(info), nil
}

// syncTree returns when the names in dir and its folders are on disk. Files were
// synced when they were written.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return syncFolder(path)
	})
}

// syncFolder returns when the names in dir are on disk. Windows has no such
// operation: NTFS journals names.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
