//go:build !linux

package publish

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// exchangeFolders cannot be done here; two renames replace a site.
func exchangeFolders(a, b string) error { return errors.ErrUnsupported }

// nameStaging keeps the name of a new site's folder: without an exchange it never
// is on another one.
func nameStaging(path, _ string) (string, error) { return path, nil }

func wasSwapped(path, id string) (bool, error) { return false, nil }

// syncFile returns when what was written to a file is on disk.
func syncFile(f *os.File) error { return f.Sync() }

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
