package redline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/tools/txtar"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

// What a redline says beside the texts is in the words that it is given, on a page and
// in a terminal.
func TestNotesAreInTheWordsOfThePage(t *testing.T) {
	file, err := os.ReadFile("../../layouts/i18n/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// Every letter of a message becomes "¤".
	parts := regexp.MustCompile(`(?m)^ *[\w-]+: *|{{[^}]*}}|#.*$|\\u\w{4}`)
	hidden, at := "", 0
	hide := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return '¤'
			}
			return r
		}, s)
	}
	for _, m := range parts.FindAllIndex(file, -1) {
		hidden, at = hidden+hide(string(file[at:m[0]]))+string(file[m[0]:m[1]]), m[1]
	}
	book, err := words.New(map[string][]byte{"i18n/en.yaml": []byte(hidden + hide(string(file[at:])))})
	if err != nil {
		t.Fatal(err)
	}
	w := book.Words("en")
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	notes := 0
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		content := map[string][]byte{}
		texts := ""
		for _, f := range archive.Files {
			if content[f.Name] = f.Data; f.Name != "want.txt" {
				texts += string(f.Data)
			}
		}
		r := markdown.New(markdown.Options{})
		l := redline.Compare(side(t, r, content["old.md"]), side(t, r, content["new.md"]))
		check := func(where, s string) {
			for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
				if !strings.Contains(texts, word) && !regexp.MustCompile(`^([A-FU]+|mailto)$`).MatchString(word) { // "U+200B", and an address of a mail
					t.Errorf("%s: %s says %q: %s", name, where, word, s)
				}
			}
			notes += strings.Count(s, "¤")
		}
		check("the terminal", l.Text(redline.TextOptions{Words: w.Phrases}))
		root, err := html.Parse(strings.NewReader(string(l.HTML(redline.HTMLOptions{Words: w.Phrases, Snapshot: "../"}))))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				switch a.Key {
				case "data-note":
					for x := range n.Descendants() {
						if x.Type == html.TextNode {
							check("the page", x.Data)
						}
					}
				case "aria-label", "title":
					check("the page", a.Val)
				}
			}
		}
	}
	if notes < 1000 {
		t.Errorf("only %d letters of notes were read", notes)
	}
}

func TestAnUnchangedReferenceIsNotMarked(t *testing.T) {
	r := markdown.New(markdown.Options{})
	old, new := side(t, r, []byte("One.[^a]\n\nTwo.\n\n[^a]: Note.")), side(t, r, []byte("One.[^a]\n\nThree.\n\n[^a]: Note."))
	page := string(redline.Compare(old, new).HTML(redline.HTMLOptions{Words: english}))
	if !strings.Contains(page, "[1]") || strings.Contains(page, "class=inserted") {
		t.Errorf("the reference in a paragraph that did not change is marked, or is not there:\n%s", page)
	}
}

// A list counts as its author has it count, so that "(b)" of the text is found.
func TestTypesOfListsStay(t *testing.T) {
	r := markdown.New(markdown.Options{})
	old, new := side(t, r, []byte("<ol type=\"a\">\n<li>One.</li>\n<li>Two things.</li>\n</ol>\n")), side(t, r, []byte("<ol type=\"a\">\n<li>One.</li>\n<li>Three things.</li>\n</ol>\n"))
	if page := string(redline.Compare(old, new).HTML(redline.HTMLOptions{Words: english})); !strings.Contains(page, "<ol type=a>") {
		t.Errorf("the list counts otherwise:\n%s", page)
	}
}

// All that is to say of a part is in its note.
func TestNotesOfAPartAreAllThere(t *testing.T) {
	r := markdown.New(markdown.Options{})
	old, new := side(t, r, []byte("Read all of [one](https://a.bc/1) [two](https://a.bc/2) before you sign it.")), side(t, r, []byte("Read all of [three](https://a.bc/3) [four](https://a.bc/4) before you sign it."))
	notes := ""
	for _, p := range redline.Compare(old, new).Parts(english) {
		notes += p.Note + "\n"
	}
	for _, want := range []string{"from https://a.bc/1 to https://a.bc/3", "from https://a.bc/2 to https://a.bc/4"} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not said: %q", want, notes)
		}
	}
}
