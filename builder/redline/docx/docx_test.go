package docx_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/redline/docx"
)

// written is the Word document of a redline, by the names of its parts, and its bytes.
func written(t *testing.T, old, new string, opt docx.Options) (map[string]string, []byte) {
	t.Helper()
	r := markdown.New(markdown.Options{})
	file, err := docx.Write(redline.Compare(redline.SideOf(r.Text([]byte(old))), redline.SideOf(r.Text([]byte(new)))), opt)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(content)
	}
	return parts, file
}

const moved = "A clause of eleven words that somebody moved to another place."

func TestWrite(t *testing.T) {
	english := docx.Options{Lang: "en", Author: "A & B", Date: time.Date(2026, 5, 4, 9, 12, 33, 0, time.UTC)}
	const stamp = ` w:author="A &amp; B" w:date="2026-05-04T09:12:33Z"`
	for _, test := range []struct {
		name, old, new string
		opt            docx.Options
		want           []string // of word/document.xml, in order
		without        string
	}{
		{"words", "We keep data.", "We sell data.", english,
			[]string{`<w:del w:id="1"` + stamp + `><w:r><w:delText xml:space="preserve">keep</w:delText></w:r></w:del>`, `<w:ins w:id="2"` + stamp + `><w:r><w:t xml:space="preserve">sell</w:t></w:r></w:ins>`}, ""},
		{"no date", "We keep data.", "We sell data.", docx.Options{Author: "policysite"}, []string{`<w:del w:id="1" w:author="policysite">`}, "w:date"},
		{"a paragraph was split", "One two three. Four five six.", "One two three.\n\nFour five six.", english,
			[]string{`<w:rPr><w:ins w:id=`, `One two three.`, `<w:delText xml:space="preserve"> </w:delText>`, `</w:p><w:p>`, `Four five six.`}, ""},
		{"two paragraphs were joined", "One two three.\n\nFour five six.", "One two three. Four five six.", english,
			[]string{`<w:rPr><w:del w:id=`, `One two three.`, `<w:ins`, `> </w:t>`, `</w:p><w:p>`, `Four five six.`}, ""},
		{"a paragraph moved", moved + "\n\nOne stays here.\n\nTwo stays here.", "One stays here.\n\nTwo stays here.\n\n" + moved, english,
			[]string{`<w:rPr><w:moveFrom `, `<w:moveFromRangeStart `, ` w:name="move1"/><w:moveFrom `, moved, `</w:p><w:moveFromRangeEnd `, `One stays`, `<w:rPr><w:moveTo `, ` w:name="move1"/><w:moveTo `, moved, `</w:p><w:moveToRangeEnd `}, "<w:del "},
		{"a row came", "|a|b|\n|-|-|\n|c|d|\n", "|a|b|\n|-|-|\n|c|d|\n|e|f|\n", english,
			[]string{`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>`, `<w:gridCol w:w="4513"/><w:gridCol w:w="4513"/></w:tblGrid><w:tr><w:trPr><w:tblHeader/></w:trPr>`, `<w:tr><w:trPr><w:ins w:id=`, `>f</w:t></w:r></w:ins></w:p></w:tc></w:tr></w:tbl><w:p/><w:sectPr>`}, ""},
		{"a column went", "|a|b|c|\n|-|-|-|\n|one|two|three|\n", "|a|c|\n|-|-|\n|one|three|\n", english, []string{`<w:cellDel w:id=`, `>b<`, `<w:cellDel w:id=`, `>two<`}, ""},
		{"a paragraph became a row", "One two three, four five six.", "|One two three,|four five six.|\n|-|-|\n", english, []string{`<w:rPr><w:del `, `>One two three,<`, `>four five six.<`, `</w:p><w:tbl>`, `<w:trPr><w:tblHeader/><w:ins `}, ""},
		{"a heading went down", "# Terms\n\n## One\n\nText.", "# Terms\n\n### One\n\nText.", english,
			[]string{`<w:pStyle w:val="Heading1"/>`, `<w:pStyle w:val="Heading3"/><w:pPrChange w:id="3"` + stamp + `><w:pPr><w:pStyle w:val="Heading2"/></w:pPr></w:pPrChange></w:pPr>`}, "<w:ins"},
		{"emphasis came", "We keep data.", "We **keep** data.", english, []string{`<w:b/><w:bCs/><w:rPrChange w:id="1"` + stamp + `><w:rPr></w:rPr></w:rPrChange></w:rPr><w:t xml:space="preserve">keep<`}, "<w:ins"},
		{"a space before a link", "*Since May*", "*Since [May](https://a.example)*", english, []string{`Since</w:t></w:r><w:r><w:t xml:space="preserve"> </w:t>`, `<w:del `}, "rPrChange"},
		{"a link leads elsewhere", "See [it](https://a.example).", "See [it](https://b.example/ü).", english,
			[]string{`<w:hyperlink r:id="link1" w:history="1"><w:del `, `it</w:delText>`, `</w:hyperlink><w:hyperlink r:id="link2" w:history="1"><w:ins `}, ""},
		{"a link within the text", "See [the end](#end).\n\n# End", "See [the end](#the-end).\n\n# The End", english,
			[]string{`<w:hyperlink w:anchor="_h1" w:history="1"><w:r>`, `<w:bookmarkStart w:id="1" w:name="_h1"/>`}, "https:"},
		{"a link that leads nowhere from a document", "See [it](terms.md).", "See [it](terms.md) now.", english, []string{`See `, `it`, `now`}, "hyperlink"},
		{"a footnote", "One.[^a]\n\n[^a]: Note.", "One.\n\nTwo.[^a]\n\n[^a]: Note.", english, []string{`<w:del `, `<w:vertAlign w:val="superscript"/></w:rPr><w:sym w:font="Calibri" w:char="0031"/>`, `<w:ins `, `w:char="0031"/></w:r></w:ins></w:p>`, `<w:numPr>`, `Note.`}, ""},
		{"lines and tabs", "```\na\tb\nc\n```\n\nOne\\\ntwo", "```\na\tb\nc\n```\n\nOne\\\ntwo", english, []string{`<w:pStyle w:val="Code"/>`, `>a</w:t><w:tab/>`, `>b</w:t><w:br/>`, `>c<`, `One `, `<w:br/>`, `two`}, "<w:ins"},
		{"from right to left", "نحن نحفظ data هنا.", "نحن نبيع data هنا.", docx.Options{Lang: "ar"}, []string{`<w:pPr><w:bidi/></w:pPr>`, `<w:rPr><w:rtl/></w:rPr>`, `<w:r><w:t xml:space="preserve">data</w:t></w:r>`, `<w:r><w:rPr><w:rtl/></w:rPr><w:t xml:space="preserve"> هنا.`, `<w:bidi/></w:sectPr>`}, ""},
		{"a word from right to left", "The word سلام here.", "The word سلام here.", english, []string{`>The word <`, `<w:rPr><w:rtl/></w:rPr><w:t xml:space="preserve">سلام<`, `<w:r><w:t xml:space="preserve"> here.<`}, "w:bidi"},
		{"text of many forms", "---\ntitle: The <Title>\n---\n> Quoted.\n\n- [x] done ~~not~~ ![a picture](p.png)\n", "", english, []string{`<w:pStyle w:val="Heading1"/>`, `The &lt;Title&gt;`, `<w:pStyle w:val="Quote"/>`, `<w:pStyle w:val="ListParagraph"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>`, `[x]`, `<w:strike/>`, `~~not~~`, `a picture`}, "<w:t "},
	} {
		t.Run(test.name, func(t *testing.T) {
			parts, file := written(t, test.old, test.new, test.opt)
			rest := parts["word/document.xml"]
			for _, w := range test.want {
				_, after, ok := strings.Cut(rest, w)
				if !ok {
					t.Fatalf("%s is not in, or not where it should be:\n%s", w, rest)
				}
				rest = after
			}
			if all := parts["word/document.xml"]; test.without != "" && strings.Contains(all, test.without) {
				t.Errorf("%s is in:\n%s", test.without, all)
			}
			if _, again := written(t, test.old, test.new, test.opt); !bytes.Equal(file, again) {
				t.Error("the bytes differ from time to time")
			}
		})
	}
}

// The numbers are those of the text, whatever its author's counting is like.
func TestNumbersOfLists(t *testing.T) {
	parts, _ := written(t, "1. a\n2. b\n\ntext\n\n1. x", "1. a\n2. b\n9. c\n10. d\n\ntext\n\n4. x\n   - y\n     1. z", docx.Options{Lang: "en"})
	numbers := parts["word/numbering.xml"]
	for _, want := range []string{`<w:ilvl w:val="0"/><w:numId w:val="2"/>`, `<w:ilvl w:val="0"/><w:numId w:val="3"/>`, `<w:ilvl w:val="1"/><w:numId w:val="1"/>`, `<w:pPrChange`} {
		if !strings.Contains(parts["word/document.xml"], want) {
			t.Errorf("%s is not in %s", want, parts["word/document.xml"])
		}
	}
	for _, start := range []string{"9", "4", "1"} {
		if !strings.Contains(numbers, `<w:start w:val="`+start+`"/><w:numFmt w:val="decimal"/>`) {
			t.Errorf("no list starts at %s: %s", start, numbers)
		}
	}
}

// And so is what they are counted with.
func TestTypesOfLists(t *testing.T) {
	parts, _ := written(t, "<ol type=\"a\">\n<li>One</li>\n<li>Two</li>\n</ol>\n", "<ol type=\"a\">\n<li>One</li>\n<li>Three</li>\n</ol>\n", docx.Options{Lang: "en"})
	if !strings.Contains(parts["word/numbering.xml"], `<w:numFmt w:val="lowerLetter"/>`) {
		t.Errorf("the list counts otherwise: %s", parts["word/numbering.xml"])
	}
}

// A document stands on no site: it has the whole addresses that it is given.
func TestAddresses(t *testing.T) {
	parts, _ := written(t, "", "[a](terms.md) [b](gone.md) [c](https://c.example/?q=\"ü\")", docx.Options{Lang: "en", Address: func(link int) string {
		return []string{"https://example.com/terms/", "", "https://c.example/?q=\"ü\""}[link]
	}})
	links := parts["word/_rels/document.xml.rels"]
	for _, want := range []string{`Target="https://example.com/terms/" TargetMode="External"`, `Target="https://c.example/?q=%22%C3%BC%22"`} {
		if !strings.Contains(links, want) {
			t.Errorf("%s is not in %s", want, links)
		}
	}
	if strings.Contains(links, "gone") || strings.Count(parts["word/document.xml"], "<w:hyperlink") != 2 {
		t.Errorf("a link leads nowhere: %s", links)
	}
}
