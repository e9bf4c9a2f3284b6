package publish

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// markerOf is what tree says of the marker of a site with these files.
func markerOf(files map[string]string) string {
	out := "-rw-r--r-- # policysite-site/1\n# policysite wrote this folder: it replaces the files below (" + fmt.Sprint(len(files)) + ") whenever it builds, and keeps all others.\n"
	for _, path := range slices.Sorted(maps.Keys(files)) {
		out += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(files[path])), path)
	}
	return out
}

// Names that are not easy to write in a line of sha256sum.
var oddNames = map[string]string{
	"#odd": "a", " leading": "b", "two  spaces.md": "c", "a b/ü ✓.html": "d", "اتفاقية/index.html": "e", "*star": "f", "-c": "g", "'\"$x`": "h", "privacy/index.html": "i",
}

// A stranger with sha256sum alone can check a site, whatever its names are.
func TestSha256sumChecksSites(t *testing.T) {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skipf("no sha256sum here: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, oddNames)
	check := func() (string, error) {
		cmd := exec.Command("sha256sum", "--strict", "--check", MarkerName)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := check()
	if err != nil || strings.Count(out, ": OK\n") != len(oddNames) || strings.Contains(out, "WARNING") {
		t.Errorf("%v: %s", err, out)
	}
	put(t, dir, map[string]string{"#odd": "A"})
	if out, err := check(); err == nil || !strings.Contains(out, "#odd: FAILED") {
		t.Errorf("after a change: %v: %s", err, out)
	}
}

func TestMarkerIsReadAsWritten(t *testing.T) {
	sums := map[string]string{}
	for path, content := range oddNames {
		sums[path] = fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	}
	written := string(Marker(sums))
	for name, text := range map[string]string{"as written": written, "with CRLF": strings.ReplaceAll(written, "\n", "\r\n")} {
		have, err := ReadMarker("x", strings.NewReader(text))
		if err != nil || !maps.Equal(have, sums) {
			t.Errorf("%s: %v, %q", name, err, have)
		}
	}
}

func TestMarkersThatAreRefused(t *testing.T) {
	sum := strings.Repeat("0123456789abcdef", 4)
	start := "# policysite-site/1\n"
	for text, want := range map[string]string{
		"":                                     `site/.policysite: expected a list of files that starts with "# policysite-site/1"`,
		"# policysite-site/2\n":                `starts with "# policysite-site/1"`,
		start + sum + "  index.h":              `starts with "# policysite-site/1"`, // cut
		start + "# note\nindex.html\n":         `site/.policysite:3: expected a SHA-256, two spaces and the path of a file, found "index.html"`,
		start + sum[1:] + "  a\n":              ":2: expected a SHA-256",
		start + strings.ToUpper(sum) + "  a\n": ":2: expected a SHA-256",
		start + sum + " *a\n":                  ":2: expected a SHA-256",
		start + sum + "  \n":                   ":2: expected a SHA-256",
		start + sum + "  .\n":                  ":2: expected a SHA-256",
		start + sum + "  ../a\n":               ":2: expected a SHA-256",
		start + sum + "  /a\n":                 ":2: expected a SHA-256",
		start + sum + "  a/\n":                 ":2: expected a SHA-256",
		start + "\n":                           ":2: expected a SHA-256",
		start + sum + "  a\n" + sum + "  a\n":  ":3: a is listed a second time",
	} {
		if sums, err := ReadMarker("site/.policysite", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", text, sums, err, want)
		}
	}
}
