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
	var b strings.Builder
	fmt.Fprintf(&b, markerFormat+"\n"+markerNote+"\n", len(sums))
	for _, file := range slices.Sorted(maps.Keys(sums)) {
		b.WriteString(sums[file] + "  " + file + "\n")
	}
	return []byte(b.String())
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
	text, whole := strings.CutSuffix(strings.ReplaceAll(string(content), "\r\n", "\n"), "\n")
	lines := strings.Split(text, "\n")
	if lines[0] != markerFormat || !whole {
		return nil, fmt.Errorf("%s: want a list of files that starts with %q", name, markerFormat)
	}
	sums := make(map[string]string, len(lines))
	for i, line := range lines[1:] {
		if strings.HasPrefix(line, "#") {
			continue
		}
		sum, file, ok := strings.Cut(line, "  ")
		switch {
		case !ok || !isSHA256(sum) || !fs.ValidPath(file) || file == ".":
			return nil, fmt.Errorf("%s:%d: want a SHA-256, two spaces and the path of a file, have %q", name, i+2, line)
		case sums[file] != "":
			return nil, fmt.Errorf("%s:%d: %s stands here a second time", name, i+2, file)
		}
		sums[file] = sum
	}
	return sums, nil
}

func isSHA256(s string) bool { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }

// readMarker returns the files of ours in a folder, the marker included, keyed
// by onDisk; nil when the folder has no marker.
func readMarker(dir string) (map[string]bool, error) {
	path := filepath.Join(dir, MarkerName)
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: want a file", path)
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
	ours := map[string]bool{MarkerName: true}
	for file := range sums {
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
