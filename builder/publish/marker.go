package publish

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// MarkerName is the file that makes a folder a site of ours.
const MarkerName = ".policysite"

const (
	markerFormat = "# policysite-site/1"
	markerNote   = "# policysite wrote this folder: it replaces the files below (%d) whenever it builds, and keeps all others."
)

// Marker returns the bytes of the marker of a site with these files, each with
// the SHA-256 of its bytes, hexadecimal:
//
//	# policysite-site/1
//	# a note to whoever opens it
//	9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  404.html
//	2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae  privacy/index.html
//
// The first line is the format, lines that start with # are notes, and every
// other line is one that sha256sum prints, so that `sha256sum -c .policysite`
// checks the site. Paths are relative to the folder, with slashes, in the order
// of their bytes. No path needs the escapes of sha256sum: none has a backslash
// or a control character, see names. Nothing in a marker depends on the time or
// the machine.
func Marker(sums map[string]string) []byte {
	m := fmt.Appendf(nil, markerFormat+"\n"+markerNote+"\n", len(sums))
	for _, path := range slices.Sorted(maps.Keys(sums)) {
		m = append(append(append(append(m, sums[path]...), "  "...), path...), '\n')
	}
	return m
}

// ReadMarker reads a marker: the files of a site, by their paths, with the
// SHA-256 of each, in lower case. name is what messages call it. One that cannot
// be understood is an error: nobody can tell then which files are whose.
func ReadMarker(name string, r io.Reader) (map[string]string, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	// A checkout on Windows may have given it CRLF. A marker without its last
	// newline has been cut, and would give our files away as the user's.
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	rest, whole := strings.CutPrefix(text, markerFormat+"\n")
	if !whole || rest != "" && !strings.HasSuffix(rest, "\n") {
		return nil, fmt.Errorf("%s: expected a list of files that starts with %q", name, markerFormat)
	}
	sums := make(map[string]string, strings.Count(rest, "\n"))
	number := 1
	for line := range strings.Lines(rest) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		sum, path, ok := strings.Cut(line, "  ")
		if !ok || !isSHA256(sum) || !fs.ValidPath(path) || path == "." {
			return nil, fmt.Errorf("%s:%d: expected a SHA-256, two spaces and the path of a file, found %q", name, number, line)
		}
		if _, ok := sums[path]; ok {
			return nil, fmt.Errorf("%s:%d: %s is listed a second time", name, number, path)
		}
		sums[path] = sum
	}
	return sums, nil
}

func isSHA256(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return len(s) == 64
}

// ourPaths are the files that a marker lists, itself among them, and the folders
// that they are in: by onDisk of their paths, true for a folder. nil is of a folder
// without a marker.
type ourPaths map[string]bool

// has reports whether a file or folder that was found on disk is one of ours.
func (o ourPaths) has(rel string, folder bool) bool {
	isFolder, ok := o[onDisk(rel)]
	return ok && isFolder == folder
}

// readMarker reads the marker of the site at dir; nil when it has none.
func readMarker(dir string) (ourPaths, error) {
	path := filepath.Join(dir, MarkerName)
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: expected a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sums, err := ReadMarker(path, f)
	if err != nil {
		return nil, err
	}
	ours := ourPaths{MarkerName: false}
	for path := range sums {
		file := onDisk(path)
		ours[file] = false
		for end := strings.LastIndexByte(file, '/'); end > 0 && !ours[file[:end]]; end = strings.LastIndexByte(file[:end], '/') {
			ours[file[:end]] = true
		}
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
