package builder_test

import (
	"slices"
	"strings"
	"testing"
)

// A Word document stands beside each redline, in a build and in the preview, at former
// addresses too; it withholds what its page does.
func TestWordDocumentsBesideRedlines(t *testing.T) {
	r := repository(t, secret()...)
	documents := func(s *site) (names []string) {
		for name := range s.files() {
			if strings.HasSuffix(name, ".docx") {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	without := built(t, r)
	if names := documents(without); names != nil || strings.Contains(without.file("privacy/2021-02-01/changes/index.html"), "Word") {
		t.Errorf("nobody asked for %v", names)
	}
	const words = `
- {policy: privacy, version: 2021-02-01, block: 3, words: 3-4, reason: r, authority: a, date: 2021-03-30}
- {policy: privacy, version: 2021-02-01, block: 4, words: 2-3, reason: r, authority: a, date: 2021-03-30}
- {policy: privacy, version: 2021-02-01, block: 4, words: 5-6, reason: r, authority: a, date: 2021-03-30}
`
	commit(r, on("2021-04-01", settings("organization: Example GmbH\nbaseURL: https://example.com/\ndocx: true\n"), redactions(words)))
	s := built(t, r)
	want := []string{
		"old/2021-02-01/changes/redline.docx", "old/2021-03-01/changes/redline.docx",
		"privacy/2021-02-01/changes/redline.docx", "privacy/2021-03-01/changes/redline.docx",
	}
	if names := documents(s); !slices.Equal(names, want) {
		t.Errorf("have %v, want %v", names, want)
	}
	for name, content := range s.files() {
		for _, w := range her {
			if strings.Contains(strings.ToLower(strings.ReplaceAll(content, "jane-roe.jpg", "")), w) {
				t.Errorf("%s has %q", name, w)
			}
		}
	}
	document := s.files()["privacy/2021-02-01/changes/redline.docx"]
	for _, said := range []string{"[withheld]", `w:author="Example GmbH" w:date="2021-02-01T`, "<dc:title>Privacy</dc:title>"} {
		if !strings.Contains(document, said) {
			t.Errorf("the document lacks %q", said)
		}
	}
	if s.files()["old/2021-02-01/changes/redline.docx"] != document {
		t.Error("the former address has another document")
	}
	if page := s.file("privacy/2021-02-01/changes/index.html"); !strings.Contains(page, `<a href="redline.docx">Word document with tracked changes</a>`) {
		t.Errorf("the page does not lead to the document:\n%s", page)
	}
	if headers := s.file("_headers"); !strings.Contains(headers, "/*/redline.docx\n  X-Robots-Tag: noindex\n") {
		t.Errorf("search engines are not told: %s", headers)
	}
	wantSame(t, load(t, live(t, options(r))), s.dir)

	commit(r, on("2021-04-02", redactions("- {policy: privacy, version: 2021-02-01, whole: true, reason: r, authority: a, date: 2021-03-30, salt: x}\n")))
	if names := documents(built(t, r)); names != nil {
		t.Errorf("a version is withheld, and there is %v", names)
	}
}

// Another site mounts the documents along with the pages that lead to them.
func TestWordDocumentsOfFragments(t *testing.T) {
	r := repository(t, append(policies(), on("2024-05-01", settings("baseURL: https://www.example.com/legal/\ndocx: true\n")))...)
	s := built(t, r, fragments)
	found := 0
	for name, content := range s.files() {
		if _, after, ok := strings.Cut(content, `redline.docx"`); ok && strings.HasSuffix(name, ".html") && strings.HasPrefix(after, ">") {
			found++
			folder := strings.TrimSuffix(name, "index.html")
			if !s.has(folder+"redline.docx") || !strings.Contains(content, `"/legal/`+folder+`redline.docx"`) {
				t.Errorf("%s leads to no document", name)
			}
		}
	}
	if found == 0 {
		t.Error("no page leads to a document")
	}
}
