package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/text/unicode/norm"
)

const (
	markerName   = ".policysite"
	markerFormat = "policysite-site/1"
	markerNote   = "# policysite wrote this folder: it replaces the files below whenever it builds, and keeps all others."
)

// marker returns the bytes of the file that makes a folder ours:
//
//	policysite-site/1
//	# a note to whoever opens it
//	404.html
//	privacy/index.html
//
// The first line is the format; lines that start with # are notes; every other
// line is the path of a file we wrote, relative to the folder, with slashes, in
// the order of bytes ("#" as a path's first letter is written "./#"). Nothing in
// it depends on the time or the machine.
func marker(files []string) []byte {
	var b strings.Builder
	b.WriteString(markerFormat + "\n" + markerNote + "\n")
	for _, file := range files {
		if strings.HasPrefix(file, "#") {
			b.WriteString("./")
		}
		b.WriteString(file)
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// readMarker returns the files of ours in a folder, itself included, keyed by
// onDisk; nil when the folder has no marker. One that cannot be read or
// understood is an error: nobody can tell then what in the folder is whose.
func readMarker(dir string) (map[string]bool, error) {
	path := filepath.Join(dir, markerName)
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: want a file", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// A checkout on Windows may have given it CRLF. A marker without its last
	// newline has been cut, and would give our files away as the user's.
	text, whole := strings.CutSuffix(strings.ReplaceAll(string(content), "\r\n", "\n"), "\n")
	lines := strings.Split(text, "\n")
	if lines[0] != markerFormat || !whole {
		return nil, fmt.Errorf("%s: want a list of files that starts with %q", path, markerFormat)
	}
	ours := map[string]bool{markerName: true}
	for i, line := range lines[1:] {
		if strings.HasPrefix(line, "#") {
			continue
		}
		file := strings.TrimPrefix(line, "./")
		if !fs.ValidPath(file) || file == "." {
			return nil, fmt.Errorf("%s:%d: want the path of a file, have %q", path, i+2, line)
		}
		ours[onDisk(file)] = true
	}
	return ours, nil
}

// onDisk returns the key under which a path is compared with what a folder
// lists. HFS+ lists names decomposed, however they were written; elsewhere two
// normalizations of a name are two files, and one may be the user's.
func onDisk(path string) string {
	if runtime.GOOS == "darwin" {
		return norm.NFC.String(path)
	}
	return path
}

// Owned reports whether policysite wrote the site at dir: whether the folder
// holds a marker. A dir that does not exist is not ours, and no error.
func Owned(dir string) (bool, error) {
	ours, err := readMarker(dir)
	return ours != nil, err
}
