package publish

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
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
	var b bytes.Buffer
	_ = writeMarker(&b, len(sums), func(yield func(path, sum string) bool) { // a buffer takes everything
		for _, path := range slices.Sorted(maps.Keys(sums)) {
			if !yield(path, sums[path]) {
				return
			}
		}
	})
	return b.Bytes()
}

// writeMarker writes the marker of a site with so many files; all gives the
// SHA-256 of each by its path, in the order of these.
func writeMarker(w io.Writer, files int, all iter.Seq2[string, string]) error {
	_, err := fmt.Fprintf(w, markerFormat+"\n"+markerNote+"\n", files)
	var line []byte
	for path, sum := range all {
		if err != nil {
			break
		}
		line = append(append(append(append(line[:0], sum...), "  "...), path...), '\n')
		_, err = w.Write(line)
	}
	return err
}

// ReadMarker reads a marker: the files of a site, by their paths, with the
// SHA-256 of each, in lower case. name is what messages call it. One that cannot
// be understood is an error: nobody can tell then which files are whose.
func ReadMarker(name string, r io.Reader) (map[string]string, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	m, err := parseMarker(name, content, func(path string) string { return path })
	if err != nil {
		return nil, err
	}
	sums := make(map[string]string, len(m.files))
	for path, f := range m.files {
		sums[path] = f.sum
	}
	return sums, nil
}

// ourFiles is what a marker says. A nil *ourFiles is of a folder without one.
type ourFiles struct {
	content []byte                // the marker
	files   map[string]markedFile // by onDisk of their paths, without the marker itself
	folders map[string]bool       // that these stand in, by the same
}

type markedFile struct {
	sum  string // SHA-256, hexadecimal
	line int    // of all files, from 0
}

// has reports whether a file that a folder lists is one of ours.
func (m *ourFiles) has(rel string) bool {
	if m == nil {
		return false
	}
	_, ok := m.files[onDisk(rel)]
	return ok || rel == MarkerName
}

// hasFolder reports whether files of ours stand in or below a folder.
func (m *ourFiles) hasFolder(rel string) bool { return m != nil && m.folders[onDisk(rel)] }

// parseMarker reads the bytes of a marker; key makes of a path what is asked for
// later.
func parseMarker(name string, content []byte, key func(path string) string) (*ourFiles, error) {
	// A checkout on Windows may have given it CRLF. A marker without its last
	// newline has been cut, and would give our files away as the user's.
	text := string(content)
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	rest, whole := strings.CutPrefix(text, markerFormat+"\n")
	if !whole || rest != "" && !strings.HasSuffix(rest, "\n") {
		return nil, fmt.Errorf("%s: want a list of files that starts with %q", name, markerFormat)
	}
	lines := strings.Count(rest, "\n")
	m := &ourFiles{content: content, files: make(map[string]markedFile, lines), folders: make(map[string]bool, lines)}
	for i := range lines {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		sum, path, ok := strings.Cut(line, "  ")
		if !ok || !isSHA256(sum) || !fs.ValidPath(path) || path == "." {
			return nil, fmt.Errorf("%s:%d: want a SHA-256, two spaces and the path of a file, have %q", name, i+2, line)
		}
		file := key(path)
		if _, ok := m.files[file]; ok {
			return nil, fmt.Errorf("%s:%d: %s stands here a second time", name, i+2, path)
		}
		m.files[file] = markedFile{sum, len(m.files)}
		for end := strings.LastIndexByte(file, '/'); end > 0 && !m.folders[file[:end]]; end = strings.LastIndexByte(file[:end], '/') {
			m.folders[file[:end]] = true
		}
	}
	return m, nil
}

func isSHA256(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return len(s) == 64
}

// readMarker reads the marker of a folder; nil when it has none. known is what
// may have been read there before, or nil: the same bytes are not parsed again.
func readMarker(dir string, known *ourFiles) (*ourFiles, error) {
	path := filepath.Join(dir, MarkerName)
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
	if known != nil && bytes.Equal(content, known.content) {
		return known, nil
	}
	return parseMarker(path, content, onDisk)
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
