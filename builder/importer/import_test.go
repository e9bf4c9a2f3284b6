package importer_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// render reads Markdown as the site does.
func render() func([]byte) *policy.Text {
	r := markdown.New(markdown.Options{})
	return func(source []byte) *policy.Text {
		meta, body, line, problems := policy.ParseSource(source)
		if wrong := problems.Errors(false); len(wrong) > 0 {
			return policy.BrokenText(source, meta, wrong)
		}
		doc, err := r.Render(body, line)
		if err != nil {
			return policy.BrokenText(source, meta, err)
		}
		return policy.NewText(source, meta, doc)
	}
}

func read(src importer.Source) (*importer.Text, error) { return importer.Read(src, render()) }

func run(opt importer.Options) (*importer.Result, error) {
	opt.Read = render()
	return importer.Import(context.Background(), opt)
}

// imported wants an import to succeed.
func imported(t testing.TB, opt importer.Options) *importer.Result {
	t.Helper()
	r, err := run(opt)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return r
}

// filesIn are the contents of all files below a folder.
func filesIn(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, p))
		out[p] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func put(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// expect compares texts, tabs at the start of lines and space at the end apart.
func expect(t testing.TB, have, want string) {
	t.Helper()
	want = strings.ReplaceAll(want, "\t", "")
	if strings.TrimSpace(have) != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
}

const earlyStatements = "# what we found\nterms: # of use\n  - version: 2020-01-01\n    summary: The first in git.\n\n# nothing else\n"

func TestImportFolder(t *testing.T) {
	dir, old := t.TempDir(), t.TempDir()
	put(t, dir, map[string]string{"history.yaml": earlyStatements})
	put(t, old, map[string]string{
		"2018-02-03.html":     "<title>x</title><nav><a href=/>Home</a></nav><h1>Terms</h1><p>Effective date: 1 March 2018</p><p>Be good.</p>",
		"terms-v2.txt":        "TERMS\n\nLast updated: 5 June 2019\n\nBe very good.\n",
		"copy.md":             "---\ntitle: Terms\neffective: 2017-05-06\nlayout: page\n---\n# Terms\n\nBe nice.\n",
		"sub/same.md":         "---\ntitle: Terms\neffective: 2017-05-06\n---\n# Terms\n\nBe nice.\n",
		"scan.pdf":            "%PDF-1.4",
		".git/2015-01-01.txt": "not ours",
		"undated.txt":         "TERMS\n\nBe good some day.\n",
	})
	r, err := run(importer.Options{Source: dir, Policy: "terms", Texts: []string{old}})
	var problems policy.Problems
	if !errors.As(err, &problems) || len(problems) != 1 || !strings.HasSuffix(problems[0].Path, "undated.txt") || !strings.Contains(problems[0].Hint, "--date") {
		t.Errorf("have %v, want that the undated text needs a day", err)
	}
	var skipped []string
	for _, s := range r.Skipped {
		skipped = append(skipped, filepath.Base(s.Name)+" "+s.Why)
	}
	slices.Sort(skipped)
	expect(t, strings.Join(skipped, "\n"), "same.md is the same text as that of history/terms/2017-05-06.md\nscan.pdf not a text file")
	want := map[string]string{
		"history.yaml": earlyStatements[:strings.Index(earlyStatements, "\n\n#")+1] +
			"  - file: history/terms/2017-05-06.md\n    effective: 2017-05-06\n" +
			"  - file: history/terms/2018-02-03.md\n    published: 2018-02-03\n    effective: 2018-03-01\n" +
			"  - file: history/terms/2019-06-05.md\n    published: 2019-06-05\n" +
			"\n# nothing else\n",
		"history/terms/2017-05-06.md": "---\ntitle: Terms\neffective: 2017-05-06\n---\n\n# Terms\n\nBe nice.\n",
		"history/terms/2018-02-03.md": "---\ntitle: Terms\neffective: 2018-03-01\n---\n\n# Terms\n\nEffective date: 1 March 2018\n\nBe good.\n",
		"history/terms/2019-06-05.md": "---\ntitle: TERMS\nversion: \"2\"\nlast-updated: 2019-06-05\n---\n\n# TERMS\n\nLast updated: 5 June 2019\n\nBe very good.\n",
	}
	if have := filesIn(t, dir); !maps.Equal(have, want) {
		t.Errorf("have %q\nwant %q", have, want)
	}

	t.Run("once more changes nothing", func(t *testing.T) {
		os.Remove(filepath.Join(old, "undated.txt"))
		r := imported(t, importer.Options{Source: dir, Policy: "terms", Texts: []string{old}})
		for _, item := range r.Imported {
			if !item.Known {
				t.Errorf("%s is new", item.File)
			}
		}
		if !maps.Equal(filesIn(t, dir), want) {
			t.Error("a file was changed")
		}
	})
	t.Run("another text of the same day is refused", func(t *testing.T) {
		put(t, old, map[string]string{"2018-02-03.html": "<h1>Terms</h1><p>Be otherwise.</p>"})
		_, err := run(importer.Options{Source: dir, Policy: "terms", Texts: []string{filepath.Join(old, "2018-02-03.html")}})
		if err == nil || !strings.Contains(err.Error(), "history/terms/2018-02-03.md is there already, with another text") {
			t.Errorf("have %v", err)
		}
		if !maps.Equal(filesIn(t, dir), want) {
			t.Error("a file was changed")
		}
	})
	t.Run("a plan writes nothing", func(t *testing.T) {
		empty := t.TempDir()
		r := imported(t, importer.Options{Source: empty, Policy: "terms", Texts: []string{old}, DryRun: true})
		if left := filesIn(t, empty); len(r.Imported) == 0 || len(left) > 0 {
			t.Errorf("%d texts planned, %d files written", len(r.Imported), len(left))
		}
	})
}

// capturedPage is a policy on a page with a banner and a menu that change from
// capture to capture.
func capturedPage(i int, text string) string {
	return fmt.Sprintf(`<html><head><meta charset=%s><title>Privacy %d</title></head><body><div class=cookie-banner>Banner %d: cookies! <button>OK</button></div>
<ul class=menu><li><a href=/%d>Home %d</a><li><a href=/b>Blog</a><li><a href=/c>Shop</a></ul>
<h1>Privacy</h1>%s<footer>© %d Example</footer></body></html>`, []string{"utf-8", "iso-8859-1"}[i%2], i, i, i, i, text, 2010+i)
}

// Captures of ten dates: one is a redirect, one is missing, three repeat the
// wording of the one before, in two character sets.
func TestImportCaptures(t *testing.T) {
	texts := []string{
		"<p>Wir speichern für Käufer nichts.</p>",
		"<p>Wir speichern für Käufer nichts.</p>", // in Latin 1
		"<p>Wir speichern für Käufer alles.</p>",
		"", // a redirect
		"<p>Last updated: 3 March 2014</p><p>Wir speichern für Käufer alles.</p>",
		"", // missing
		"<p>Effective 1 May 2016.</p><p>Wir speichern etwas.</p>",
		"<p>Effective 1 May 2016.</p><p>Wir speichern etwas.</p>", // the same bytes, by their digest
		"<p>Wir speichern für Käufer nichts.</p>",
		"", // an error page
	}
	served := map[string]string{}
	var list strings.Builder
	for i, text := range texts {
		stamp := fmt.Sprintf("%d0102030405", 2010+i)
		status, digest := "200", fmt.Sprintf("DIGEST%d", i)
		page := capturedPage(i, text)
		if i%2 == 1 {
			latin, err := charmap.ISO8859_1.NewEncoder().String(page)
			if err != nil {
				t.Fatal(err)
			}
			page = latin
		}
		switch i {
		case 3:
			status = "302"
		case 5:
			page = ""
		case 7:
			digest, page = "DIGEST6", ""
		case 9:
			status = "404"
		}
		if page != "" {
			served["/web/"+stamp+"id_/http://example.com/privacy"] = page
		}
		fmt.Fprintf(&list, "com,example)/privacy %s http://example.com/privacy text/html %s %s 1234\n", stamp, status, digest)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := served[r.URL.Path]
		if strings.Contains(r.URL.Path, "20150102030405") { // as archives do
			http.Redirect(w, r, strings.Replace(r.URL.Path, "2015", "2014", 1), http.StatusFound)
			return
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, page)
	}))
	defer server.Close()
	captures := filepath.Join(t.TempDir(), "captures.txt")
	put(t, filepath.Dir(captures), map[string]string{"captures.txt": list.String()})

	check := func(t *testing.T, from, evidence string) {
		dir := t.TempDir()
		r, err := run(importer.Options{Source: dir, Policy: "privacy", Captures: captures, From: from, AllowPrivate: true})
		var problems policy.Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Path != "20150102030405 http://example.com/privacy" {
			t.Fatalf("have %v, want the missing capture", err)
		}
		var said []string
		for _, s := range r.Skipped {
			said = append(said, s.Name[:4]+" "+s.Why)
		}
		expect(t, strings.Join(said, "\n"), `2011 has the wording of that of 2 January 2010
			2013 a redirect (302)
			2014 has the wording of that of 2 January 2012
			2017 repeats that of 2 January 2016
			2019 an error page (404)`)
		expect(t, filesIn(t, dir)["history.yaml"], strings.ReplaceAll(`privacy:
			  - file: history/privacy/2010-01-02.md
			    evidence: EVIDENCE/20100102030405/http://example.com/privacy
			    seen: 2010-01-02
			  - file: history/privacy/2012-01-02.md
			    evidence: EVIDENCE/20120102030405/http://example.com/privacy
			    seen: 2012-01-02
			  - file: history/privacy/2016-01-02.md
			    effective: 2016-05-01
			    evidence: EVIDENCE/20160102030405/http://example.com/privacy
			    seen: 2016-01-02
			  - file: history/privacy/2018-01-02.md
			    evidence: EVIDENCE/20180102030405/http://example.com/privacy
			    seen: 2018-01-02`, "EVIDENCE", evidence))
		want := "---\ntitle: Privacy\nsource: http://example.com/privacy\n---\n\n# Privacy\n\nWir speichern für Käufer nichts.\n"
		files := filesIn(t, dir)
		if files["history/privacy/2010-01-02.md"] != want || files["history/privacy/2018-01-02.md"] != want || len(files) != 5 {
			t.Errorf("have %d files, the first\n%s", len(files), files["history/privacy/2010-01-02.md"])
		}
	}
	t.Run("from an address", func(t *testing.T) { check(t, server.URL+"/web", server.URL+"/web") })
	t.Run("from a folder", func(t *testing.T) {
		folder := t.TempDir()
		for path, page := range served {
			put(t, folder, map[string]string{strings.Split(path, "/")[2][:14] + ".html": page})
		}
		check(t, folder, "https://web.archive.org/web")
	})
	t.Run("not from this machine unless allowed", func(t *testing.T) {
		dir := t.TempDir()
		_, err := run(importer.Options{Source: dir, Policy: "privacy", Texts: []string{server.URL + "/web/20100102030405id_/http://example.com/privacy"}})
		if err == nil || !strings.Contains(err.Error(), "is not on the public internet: --allow-private fetches from there, too") {
			t.Errorf("have %v", err)
		}
	})
}

// Five real texts, kept beside the checkout. Their Markdown was read and found
// right; what is kept here is what it consists of.
func TestImportSeeds(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "seeds")
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Skip("no seeds beside the checkout")
	}
	want := map[string]string{
		"000_6be35556346188fb.txt": "Markdown published=2021-07-14 effective= seen= headings=map[2:3 4:7] items=1 links=0 words=854-0 slips=4 left=0 2d8ee9226fb23ab6",
		"001_531d64347cd1b44f.txt": "plain text published=2023-07-08 effective= seen= headings=map[1:1 2:5] items=14 links=0 words=446-0 slips=0 left=0 182261aec23014e8",
		"002_52eb6b9f98a6e044.txt": "Markdown published= effective=2011-08-29 seen=2012-10-28 headings=map[1:1 2:13] items=0 links=1 words=2861-34 slips=0 left=0 21d6c6641337c0ff",
		"003_5ecc049649b726ee.txt": "plain text published=2026-06-10 effective= seen= headings=map[1:1 2:11] items=8 links=0 words=528-0 slips=0 left=0 a599872ca0951a5e",
		"004_38f25f2a12b67e7d.txt": "Markdown published=2019-03-20 effective= seen= headings=map[1:1 2:1 3:18 6:13] items=75 links=3 words=5030-635 slips=0 left=0 bf7eae7c94c49745",
	}
	link := regexp.MustCompile(`\]\([^)]*\)`)
	for _, file := range files {
		dir := t.TempDir()
		opt := importer.Options{Source: dir, Policy: "privacy", Texts: []string{file}}
		if strings.HasPrefix(filepath.Base(file), "001") {
			if _, err := run(opt); err == nil || !strings.Contains(err.Error(), "no day is known") {
				t.Errorf("%s: have %v, want that a day is asked for", file, err)
			}
			var err error
			if opt.Date, err = policy.ParseDate("2023-07-08"); err != nil {
				t.Fatal(err)
			}
		}
		r := imported(t, opt)
		item := &r.Imported[0]
		page := filesIn(t, dir)[item.File]
		levels := map[int]int{}
		items, tokens := 0, strings.Count(page, "[CLS]")+strings.Count(page, "•")
		for line := range strings.Lines(page) {
			if n := len(line) - len(strings.TrimLeft(line, "#")); n > 0 {
				levels[n]++
			}
			if regexp.MustCompile(`^\s*(?:[-*]|\d+\.) `).MatchString(line) {
				items++
			}
		}
		removed := 0
		for _, p := range item.Text.Removed {
			removed += p.Words
		}
		sum := sha256.Sum256([]byte(page))
		have := fmt.Sprintf("%s published=%s effective=%s seen=%s headings=%v items=%d links=%d words=%d-%d slips=%d left=%d %x", item.Text.Form, item.Entry.Published, item.Entry.Effective, item.Entry.Seen,
			levels, items, len(link.FindAllString(page, -1)), item.Text.Kept, removed, len(r.Warnings), tokens, sum[:8])
		if have != want[filepath.Base(file)] {
			t.Errorf("%q: %q,", filepath.Base(file), have)
		}
	}
}
