package words_test

import (
	"html/template"
	"testing"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

func day(t *testing.T, s string) policy.Date {
	d, err := policy.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEnglish(t *testing.T) {
	w := words.English()
	for _, c := range []struct{ have, want string }{
		{w.T("edits", 1), "1 edit"},
		{w.T("edits", 1234), "1,234 edits"},
		{w.T("list-last", "Before", "a", "Last", "b"), "a and b"},
		{w.T("no such message"), "no such message"},
		{w.List([]string{"a", "b", "c", "d"}), "a, b, c and d"},
		{w.List([]string{"a"}), "a"},
		{w.List(nil), ""},
		{w.Nth(2) + ", " + w.Nth(3) + ", " + w.Nth(11) + ", " + w.Nth(21), "2nd version, 3rd version, 11th version, 21st version"},
		{w.Date(day(t, "2026-05-04")), "4 May 2026"},
		{w.Date(policy.Date{}), ""},
		{string(w.Days(day(t, "2020-04-23"), day(t, "2020-08-16"))), `<time datetime="2020-04-23">23 April</time> – <time datetime="2020-08-16">16 August 2020</time>`},
		{string(w.Days(day(t, "2020-04-23"), day(t, "2021-08-16"))), `<time datetime="2020-04-23">23 April 2020</time> – <time datetime="2021-08-16">16 August 2021</time>`},
		{string(w.HTML("about-recorded-text", "Zone", "<UTC>"))[:4], "The "},
		{string(w.HTML("version-label", "Label", "<1>")), "version &lt;1&gt;"},
		{string(w.HTML("version-label", "Label", template.HTML("<b>1</b>"))), "version <b>1</b>"},
	} {
		if c.have != c.want {
			t.Errorf("have %q, want %q", c.have, c.want)
		}
	}
}

// A user adds a language with one file, of some words, and changes single ones.
func TestFilesOfTheUser(t *testing.T) {
	book, err := words.New(map[string][]byte{
		"i18n/pl.yaml":   []byte("edits:\n  one: \"{{.Count}} zmiana\"\n  few: \"{{.Count}} zmiany\"\n  many: \"{{.Count}} zmian\"\n  other: \"{{.Count}} zmiany\"\n"),
		"i18n/en.yaml":   []byte("changes: Amendments\n"),
		"other/de.yaml":  []byte("changes: x\n"),
		"i18n/readme.md": []byte("no words"),
	})
	if err != nil {
		t.Fatal(err)
	}
	polish := book.Words("pl-PL", "en")
	for _, c := range []struct{ have, want string }{
		{polish.T("edits", 1) + ", " + polish.T("edits", 2) + ", " + polish.T("edits", 5) + ", " + polish.T("edits", 112) + ", " + polish.T("edits", 122), "1 zmiana, 2 zmiany, 5 zmian, 112 zmian, 122 zmiany"},
		{polish.T("changes"), "Amendments"}, // it has no such word
		{polish.Lang, "pl-PL"},
		{polish.Date(day(t, "2026-05-04")), "4 maja 2026"},
		{book.Words("en-US").Date(day(t, "2026-05-04")), "May 4, 2026"},
		{book.Words("xx", "pl").Lang, "pl"},
		{book.Words("xx", "yy").Lang, "en"},
		{book.Words("").T("home"), "Home"},
	} {
		if c.have != c.want {
			t.Errorf("have %q, want %q", c.have, c.want)
		}
	}
	if _, err := words.New(map[string][]byte{"i18n/pl.yaml": []byte("edits: [1")}); err == nil {
		t.Error("a file that cannot be read is no error")
	}
}
