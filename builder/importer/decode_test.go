package importer_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"github.com/policysite/policysite/builder/importer"
)

// A text is read in the character set that it is in, whatever is said of it.
func TestCharacterSets(t *testing.T) {
	encode := func(s string, e interface{ String(string) (string, error) }) string {
		out, err := e.String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const german, japan = "Für Käufer gilt: „Geld zurück“", "利用規約とプライバシー"
	html := func(meta, text string) string {
		return "<html><head>" + meta + "</head><body><h1>" + text + "</h1></body></html>"
	}
	meta := func(name string) string { return "<meta charset=" + name + ">" }
	sixteen := func(s string) string {
		var b strings.Builder
		b.WriteString("\xFF\xFE")
		for _, u := range utf16.Encode([]rune(s)) {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
		return b.String()
	}
	windows, latin15 := charmap.Windows1252.NewEncoder(), charmap.ISO8859_15.NewEncoder()
	for _, test := range []struct{ name, contentType, data, want string }{
		{"UTF-8 without a word of it", "", html("", german), german},
		{"UTF-8 with a mark", "", "\xEF\xBB\xBF" + html("", german), german},
		{"UTF-8 that says it is Latin 1", "text/html; charset=iso-8859-1", html(meta("iso-8859-1"), german), german},
		{"UTF-16 with a mark", "", sixteen(html("", german)), german},
		{"Windows 1252 named by the page", "", encode(html(meta("windows-1252"), german), windows), german},
		{"Windows 1252 named by nobody", "", encode(html("", german), windows), german},
		{"Windows 1252 that says it is UTF-8", "text/html; charset=utf-8", encode(html(meta("utf-8"), german), windows), german},
		{"Latin 9 named by the header", "text/html; charset=iso-8859-15", encode(html("", "10 € für Öl"), latin15), "10 € für Öl"},
		{"the header before the page", "text/html; charset=windows-1252", encode(html(meta("iso-8859-15"), german), windows), german},
		{"Shift_JIS named by the page", "", encode(html(meta("shift_jis"), japan), japanese.ShiftJIS.NewEncoder()), japan},
		{"EUC-JP named by the header", "text/html; charset=euc-jp", encode(html("", japan), japanese.EUCJP.NewEncoder()), japan},
		{"ISO-2022-JP named by the page", "", encode(html(meta("iso-2022-jp"), japan), japanese.ISO2022JP.NewEncoder()), japan},
		{"HTML said to be plain text", "text/plain", html("", german), german},
		{"HTML said to be a picture", "image/png", html("", german), german},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := read(importer.Source{Name: "x", Type: test.contentType, Data: []byte(test.data)})
			if err != nil {
				t.Fatal(err)
			}
			if have := string(text.Markdown); have != "# "+test.want+"\n" || text.Form != importer.HTML {
				t.Errorf("have %q (%s), want %q", have, text.Form, test.want)
			}
		})
	}
}

func TestNotText(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"empty.html", " \n", "is empty"},
		{"policy.pdf", "%PDF-1.7 ...", "is not text, but application/pdf: save its text as a .txt or .html file first"},
		{"lying.html", "%PDF-1.7 ...", "is not text, but application/pdf: save its text as a .txt or .html file first"},
		{"policy.docx", "PK\x03\x04....", "is not text, but application/zip: save its text as a .txt or .html file first"},
		{"zeros.txt", "text\x00text", "is not text: it has zero bytes"},
		{"bare.html", "<html><head><title>Terms</title></head><body><script>x()</script></body></html>", "has no text"},
		{"menu.html", "<body>" + strings.Repeat("<p>Terms apply to all.</p>", 4) + strings.Repeat("<div>", 600), "has more or deeper elements than a page of text has"},
		{"open.md", "---\ntitle: x\n", "front matter opens with --- and never closes"},
	} {
		_, err := read(importer.Source{Name: test.name, Type: "text/html", Data: []byte(test.data)})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: have %v, want %q", test.name, err, test.want)
		}
	}
}

// What a file's name and its start say decides what it is written in.
func TestForms(t *testing.T) {
	for _, test := range []struct {
		name, data string
		want       importer.Form
	}{
		{"a.md", "plain words", importer.Markdown},
		{"a.html", "plain words", importer.HTML},
		{"a.txt", "Plain words.\n\n* one\n* two", importer.Plain},
		{"a.txt", "---\ntitle: x\n---\nWords", importer.Markdown},
		{"a.txt", "# Title\n\nWords", importer.Markdown},
		{"a.txt", "Words with [a link](https://example.com).", importer.Markdown},
		{"a.txt", "1\\. Escaped", importer.Markdown},
		{"a.txt", "<!-- saved -->\n<!DOCTYPE html><p>Words", importer.HTML},
		{"a.txt", "5 < 6 and <b>not</b> a page", importer.Plain},
		{"a", "Words", importer.Plain},
	} {
		text, err := read(importer.Source{Name: test.name, Data: []byte(test.data)})
		if err != nil || text.Form != test.want {
			t.Errorf("%s %q: have %v, %v, want %s", test.name, test.data, text, err, test.want)
		}
	}
}
