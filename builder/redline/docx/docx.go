// Package docx writes a redline as a Word document with tracked changes, as lawyers
// exchange them (ECMA-376, part 1, WordprocessingML, in the transitional form of part 4
// that every Word reads).
//
// Accepting all changes gives the new text and rejecting them the old one, line by
// line of the visible text: a line is a paragraph or a cell of a table. Words are
// <w:ins> and <w:del>, what moved <w:moveFrom> and <w:moveTo>. The mark at the end of a
// paragraph is inserted where a paragraph was split, and deleted where two were
// joined. Rows and cells of tables come and go with theirs.
//
// What is no word is tracked, too: styles, lists and levels of headings as changed
// properties of paragraphs, emphasis as changed properties of text. Of two things Word
// has no mark: a link that leads elsewhere now is a link removed and one added, and so
// are paragraphs that became rows of a table, or had been.
//
// Images are their alternative texts and footnotes stand at the end, as in the visible
// text. The signs that refer to footnotes are symbols and no text.
package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

// Program is the author of changes that are nobody else's.
const Program = "policysite"

// Options say what the document states beside the two texts.
type Options struct {
	Title  string
	Lang   string // BCP 47, of the text
	Author string // of the changes
	// Date of the changes; the zero one states none.
	Date time.Time
	// Address returns the whole address that a link of the new text leads to, by its
	// index among the links, and "" for nowhere. nil: what its author wrote, if that is
	// a whole address.
	Address func(link int) string
}

// Write writes a redline as a Word document: the same bytes for the same redline and
// options.
func Write(r *redline.Redline, opt Options) ([]byte, error) {
	w := newWriter(opt)
	w.document(r)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range []struct{ name, content string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", relationships},
		{"docProps/core.xml", w.properties()},
		{"word/document.xml", documentStart + w.body.String() + w.section() + "</w:body></w:document>"},
		{"word/_rels/document.xml.rels", documentRelationships + w.relationships.String() + "</Relationships>"},
		{"word/styles.xml", styles(opt.Lang)},
		{"word/numbering.xml", w.lists.xml()},
		{"word/settings.xml", settings},
	} {
		// Word wants a day that there is; 1980 is the first that a zip file can state.
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write([]byte(xml.Header + part.content)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// properties are those of the file: its title, and whose it is.
func (w *writer) properties() string {
	created := ""
	if !w.opt.Date.IsZero() {
		created = `<dcterms:created xsi:type="dcterms:W3CDTF">` + moment(w.opt.Date) + `</dcterms:created>`
	}
	return `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escape(w.opt.Title) + `</dc:title><dc:creator>` + escape(w.opt.Author) + `</dc:creator>` + created + `<dc:language>` + escape(w.opt.Lang) + `</dc:language></cp:coreProperties>`
}

// section says what pages look like: A4, with margins of an inch.
func (w *writer) section() string {
	bidi := ""
	if w.rtl {
		bidi = "<w:bidi/>"
	}
	return `<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="708" w:footer="708" w:gutter="0"/>` + bidi + `</w:sectPr>`
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// escape makes text that of an element or an attribute. Characters that XML does not
// have become U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

func newWriter(opt Options) *writer {
	w := &writer{opt: opt, rtl: words.Direction(opt.Lang) == "rtl", links: map[string]int{}, bookmarks: map[string]string{}, halves: map[int]int{}}
	w.stamp = ` w:author="` + escape(opt.Author) + `"`
	if !opt.Date.IsZero() {
		w.stamp += ` w:date="` + moment(opt.Date) + `"`
	}
	return w
}
