//go:build !linux

package publish

import "os"

// lookAtFolder returns what tells whether a folder is still as it was found.
func lookAtFolder(path string, _ int) (folderStamp, error) { return lookSlowly(path) }

// readFolder reads a folder and its stamp, which is taken first.
func readFolder(path string, _ int, _ []byte) (stamp folderStamp, entries []dirEntry, err error) {
	if stamp, err = lookSlowly(path); err != nil {
		return stamp, nil, err
	}
	all, err := os.ReadDir(path)
	for _, d := range all {
		entries = append(entries, dirEntry{name: d.Name(), folder: d.IsDir()})
	}
	return stamp, entries, err
}
