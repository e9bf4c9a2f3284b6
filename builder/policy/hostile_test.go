package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// hostilePaths are words that attack whoever makes a path of them.
func hostilePaths(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/hostile-paths.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		s, err := strconv.Unquote(lines.Text())
		if err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		out = append(out, s)
	}
	if lines.Err() != nil || len(out) < 200 {
		t.Fatalf("%d paths, %v", len(out), lines.Err())
	}
	return out
}

// checkURL fails the test unless an address is one that every system can hold,
// inside the site.
func checkURL(t testing.TB, from, u string) {
	t.Helper()
	wrong := func(why string) { t.Errorf("%.100q gives %.200q: %s", from, u, why) }
	if !strings.HasPrefix(u, "/") || u == "/" {
		wrong("no address below the root")
		return
	}
	p := strings.TrimSuffix(u[1:], "/")
	if path.Clean(p) != p || !filepath.IsLocal(p) || strings.HasPrefix(p, "/") {
		wrong("not inside the site")
	}
	if !utf8.ValidString(p) || !norm.NFC.IsNormalString(p) || len(p) > 1000 {
		wrong("not UTF-8 in Normalization Form C, or too long")
	}
	for _, r := range p {
		if unicode.IsControl(r) || isBidiControl(r) || unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d || strings.ContainsRune(`\:*?"<>|%#`, r) {
			wrong(fmt.Sprintf("has %q", r))
		}
	}
	for segment := range strings.SplitSeq(p, "/") {
		stem, _, _ := strings.Cut(segment, ".")
		switch strings.ToUpper(strings.TrimSpace(stem)) {
		case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM0", "COM1", "COM9", "LPT1", "LPT9", "COM¹", "COM²", "LPT³":
			wrong("names a device")
		}
		if len(segment) > 255 || strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " ") || strings.HasPrefix(segment, ".") && segment != ".well-known" {
			wrong(fmt.Sprintf("has the part %.50q", segment))
		}
	}
}

// checkPlacesOf checks the addresses that a word gives, wherever an author can
// put it.
func checkPlacesOf(t testing.TB, word string) {
	l := Layout{Content: "content", Language: "en"}
	file := "content/" + word + ".md"
	for _, c := range []struct {
		path string
		meta Meta
	}{
		{"content/a/b.md", Meta{Identity: Identity{ID: word}}},
		{"content/a/b.md", Meta{Identity: Identity{Slug: word}}},
		{"content/a/b.md", Meta{Identity: Identity{URL: word}}},
		{"content/a/b.md", Meta{Identity: Identity{Aliases: []string{word}}}},
		{"content/a/b.md", Meta{Identity: Identity{Lang: word}}},
		{file, Meta{}},
		{file, Meta{Identity: Identity{Slug: "fine"}}},
	} {
		place, problems := l.Place(c.path, &c.meta)
		former := l.FormerURL(c.path, &c.meta)
		if former != "" {
			checkURL(t, word, former)
		}
		for _, p := range problems {
			if p.Message == "" || p.Warning && !strings.Contains(p.Message, "and is not read") {
				t.Errorf("%q: %+v", word, p)
			}
		}
		if len(problems.Errors(false)) > 0 {
			continue
		}
		checkURL(t, word, place.URL)
		for _, f := range place.Former {
			checkURL(t, word, f)
		}
		if slug, err := Slug(place.ID); err != nil || slug != place.ID {
			t.Errorf("%q: the slug of the id %q is %q, %v", word, place.ID, slug, err)
		}
	}
}

// Whatever an author writes, a page stands inside the site or nowhere.
func TestHostilePaths(t *testing.T) {
	for _, word := range hostilePaths(t) {
		checkPlacesOf(t, word)
	}
}

// Of what leads out of the site, or can be on some systems only, nothing
// passes under another name: it is refused where it stands.
func TestTraversalIsRefused(t *testing.T) {
	l := Layout{Content: "content", Language: "en"}
	for _, word := range []string{
		"..", "../x", "x/../..", "x/../../y", "/../../etc/passwd", "x/./y", "//evil.example/x", "C:/x", `C:\x`, `..\x`, `\\server\share`,
		"%2e%2e/x", "..%2fx", "%252e%252e/x", "con", "NUL.txt", "x/aux", "com1.html", "lpt¹", "x\x00y", "x\ny", "x\u202ey", "x\u2066y", ".git/config", "git~1/x",
		strings.Repeat("a", 256), strings.Repeat("ab/", 400), "file:///etc/passwd", "javascript:alert(1)", "x\xffy",
	} {
		for key, meta := range map[string]Meta{"url": {Identity: Identity{URL: word}}, "aliases": {Identity: Identity{Aliases: []string{word}}}} {
			if place, problems := l.Place("content/a.md", &meta); len(problems) != 1 {
				t.Errorf("%s: %.60q: %+v %q", key, word, place, list(problems))
			}
		}
	}
	// An alias is kept as it is written, and so is what it ends with.
	for _, word := range []string{"x.", "x ", "x./y", "x /y"} {
		if place, problems := l.Place("content/a.md", &Meta{Identity: Identity{Aliases: []string{word}}}); len(problems) != 1 {
			t.Errorf("aliases: %q: %+v", word, place)
		}
	}
	for _, name := range []string{"con.md", "x/nul.md", "Aux.md", "x\u202ey.md", "x\u2069.md", "a\x1b[31m.md", "x\xff.md", strings.Repeat("a", 300) + ".md"} {
		if place, problems := l.Place("content/"+name, &Meta{}); len(problems) != 1 || problems[0].Hint == "" {
			t.Errorf("path %.60q: %+v %q", name, place, list(problems))
		}
		if former := l.FormerURL("content/"+name, &Meta{}); former != "" {
			t.Errorf("path %.60q of the past would redirect from %s", name, former)
		}
	}
}

// Two pages that are one on a file system without case or normalization are
// refused on all of them, and both are named.
func TestAddressesThatCollide(t *testing.T) {
	at := func(file, url string, former ...string) Place {
		return Place{ID: file, Path: file + ".md", URL: url, Former: former}
	}
	for _, test := range []struct {
		name string
		a, b Place
		want string // "" when the two go together
	}{
		{"final sigma", at("a", "/μάϊος/"), at("b", "/μάϊοσ/"), "b.md: would stand at /μάϊοσ/, and a.md at /μάϊος/, which are one address where case or normalization do not count"},
		{"long s", at("a", "/ſ/"), at("b", "/s/"), "b.md: would stand at /s/, and a.md at /ſ/, which are one"},
		{"dotless i is another letter", at("a", "/ı/"), at("b", "/i/"), ""},
		{"sharp s is another word", at("a", "/ß/"), at("b", "/ss/"), ""},
		{"an alias in capitals", at("a", "/a/", "/Privacy/"), at("b", "/privacy/"), "a.md: aliases: /Privacy/, and b.md stands at /privacy/, which are one"},
		{"an alias in capitals of its own", at("a", "/a/", "/A/"), at("b", "/b/"), "a.md: aliases: /A/, and a.md stands at /a/, which are one"},
		{"an alias where another lives", at("a", "/a/", "/b/"), at("b", "/b/"), ""},
		{"one alias of two", at("a", "/a/", "/x/"), at("b", "/b/", "/x/"), "b.md: aliases: /x/ is one of a.md, too"},
		{"one alias twice", at("a", "/a/", "/x/", "/x/"), at("b", "/b/"), ""},
		{"aliases in two cases", at("a", "/a/", "/x/Y.html"), at("b", "/b/", "/x/y.html"), "b.md: aliases: /x/y.html, and a.md has /x/Y.html, which are one"},
		{"aliases in two forms", at("a", "/a/", "/caf\u00c9/"), at("b", "/b/", "/caf\u00e9/"), "b.md: aliases: /caf\u00e9/, and a.md has /caf\u00c9/, which are one"},
		{"a file of the site in capitals", at("a", "/a/", "/Robots.TXT/"), at("b", "/b/"), "a.md: aliases: /Robots.TXT/ is an address of the site itself"},
	} {
		problems, _ := CheckPlaces([]Place{test.a, test.b}, nil)
		var have string
		for _, p := range problems {
			have += p.Error()
		}
		if test.want == "" && have != "" || test.want != "" && (len(problems) != 1 || !strings.HasPrefix(have, test.want) || problems[0].Hint == "") {
			t.Errorf("%s:\nhave %s\nwant %s", test.name, have, test.want)
		}
	}
}

// Whatever word stands as an id, a slug, a url, an alias or a file name: its
// page stands inside the site under a name that every system can hold.
func FuzzPlace(f *testing.F) {
	for _, word := range hostilePaths(f) {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		checkPlacesOf(t, word)
		slug, err := Slug(word)
		if err != nil {
			return
		}
		if again, err := Slug(slug); err != nil || again != slug {
			t.Errorf("the slug of %q is %q, whose slug is %q, %v", word, slug, again, err)
		}
		if strings.ContainsAny(slug, ".\\ %?#:") || strings.HasPrefix(slug, "/") || strings.HasSuffix(slug, "/") || strings.Contains(slug, "//") {
			t.Errorf("the slug of %q is %q", word, slug)
		}
		if _, err := json.Marshal(slug); err != nil || !utf8.ValidString(slug) {
			t.Errorf("the slug of %q is no UTF-8: %q", word, slug)
		}
	})
}
