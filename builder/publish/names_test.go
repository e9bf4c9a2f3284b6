package publish

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

func TestPathsInsideASite(t *testing.T) {
	for _, path := range []string{
		"index.html", "privacy/2021-07-14-2/index.md", ".well-known/security.txt", ".nojekyll", "_headers", "a b/c.html", "#x", "..x", "x..y",
		"assets/0123456789abcdef/Terms of Use: final?.pdf", "使用条款/index.html", "اتفاقية/index.html", "console/index.html", "com/index.html", "com10.html", "lpt.txt", "null",
	} {
		if _, err := (names{}).claim(path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	for path, content := range map[string]bool{
		"": false, ".": false, "..": false, "/": false, "/etc/passwd": false, "../x": false, "a/../b": false, "a/../../b": false, "./a": false, "a/": false, "a//b": false, "a/.": false,
		`a\b`: false, `..\x`: false, `C:\x`: false, "a\x00b": false, "a\nb": false, "a\u0085b": false, "a\xffb": false, "a\x7fb": false,
		"CON": true, "con/index.html": true, "a/nul.html": true, "AUX.tar.gz": true, "Com1": true, "lpt¹.txt": true, "CONOUT$": true, "prn .txt": true, "a./b": true, "a /b": true, "x/y.": true, "...": true,
	} {
		_, err := (names{}).claim(path)
		if err == nil {
			t.Errorf("%q: no error", path)
		} else if errors.Is(err, policy.ErrContent) != content {
			t.Errorf("%q: %v; want a content error: %v", path, err, content)
		}
	}
}

func TestPathsThatCollide(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want string // "" no collision, "content" the author can mend it, "twice" a fault of the caller
	}{
		{"a/index.html", "a/index.md", ""},
		{"a/index.html", "a/index.html", "twice"},
		{".policysite", ".policysite", "twice"},
		{"a/Logo.png", "a/logo.PNG", "content"},
		{"A/index.html", "a/other.html", "content"},
		{"a/b/c", "a/B/d/e", "content"},
		{"caf\u00e9.pdf", "cafe\u0301.pdf", "content"},
		{"caf\u00c9.pdf", "cafe\u0301.pdf", "content"},
		{"\u212a.txt", "k.txt", "content"}, // KELVIN SIGN
		{"\u017f.txt", "S.txt", "content"}, // LATIN SMALL LETTER LONG S
		{"ΜΆΪΟΣ", "μάϊος", "content"},
		{"\u0130x/a", "ix/a", ""}, // dotted I is no case of i in simple folding
		{"a", "a/index.html", "content"},
		{"a/index.html", "a", "content"},
		{"A/index.html", "a", "content"},
		{"ab", "a/b", ""},
		{"abc/d", "ab/c", ""},
		{"\u023a/x/y", "\u2c65/x/z", "content"}, // Ⱥ has two bytes, its lower case ⱥ three
		{"\u023a\u023a/x/y", "\u023a\u023a/x/z", ""},
	} {
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			ns := names{}
			if _, err := ns.claim(pair[0]); err != nil {
				t.Fatal(err)
			}
			_, err := ns.claim(pair[1])
			have := ""
			switch {
			case errors.Is(err, policy.ErrContent):
				have = "content"
			case err != nil:
				have = "twice"
			}
			if have != test.want {
				t.Errorf("%q after %q: %v, want %q", pair[1], pair[0], err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), pair[1]) {
				t.Errorf("%q does not name %q", err, pair[1])
			}
		}
	}
}

// Whatever path is claimed, it stays inside the site, and the folders to make for
// it are its own, outermost first.
func FuzzClaim(f *testing.F) {
	for _, path := range []string{"a/b/c.html", "\u023a/É/x", "a/../b", "CON", "\xff/x", "ß/ẞ"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		ns := names{}
		folders, err := ns.claim(path)
		if err != nil {
			return
		}
		if !filepath.IsLocal(filepath.FromSlash(path)) || path == "." {
			t.Fatalf("%q is not inside", path)
		}
		segments := strings.Split(path, "/")
		if len(folders) != len(segments)-1 {
			t.Fatalf("%q: folders %q", path, folders)
		}
		for i, folder := range folders {
			if folder != strings.Join(segments[:i+1], "/") {
				t.Fatalf("%q: folders %q", path, folders)
			}
		}
		if _, err := ns.claim(path); err == nil {
			t.Fatalf("%q: claimed twice", path)
		}
		if have, folder := ns.inPlaceOf(path); have != path || folder {
			t.Fatalf("%q: found %q after it was claimed", path, have)
		}
	})
}
