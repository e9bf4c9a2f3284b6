package publish

import (
	"io/fs"
	"os"
)

// isMount reports whether a folder is a mount point. Go gives those, and
// junctions, the mode irregular.
func isMount(path, _ string) (bool, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return false, err
	}
	return info.Mode()&fs.ModeIrregular != 0, nil
}
