package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is one source with everything that decides whether it starts a version,
// and of which kind. Like Document it depends on the source's bytes alone.
type Text struct {
	Meta Meta
	Doc  *Document // nil when the text cannot be rendered
	Err  error     // why it cannot

	SourceSHA256  string // hexadecimal, of the bytes
	TextSHA256    string // hexadecimal, of the visible text; "" without Doc
	WordingSHA256 string // hexadecimal, of the wording; "" without Doc

	statements []statement // recognized date statements, in order of the text
	inText     Declared    // what they declare
	targets    [sha256.Size]byte
	markup     [sha256.Size]byte
}

// NewText takes stock of a rendered source.
func NewText(source []byte, meta Meta, doc *Document) *Text {
	t := &Text{Meta: meta, Doc: doc, SourceSHA256: hexSHA256(source)}
	visible := doc.Text(meta.Title)
	t.TextSHA256 = hexSHA256([]byte(visible))
	t.statements = doc.statements()
	t.inText = declaredIn(t.statements)
	t.WordingSHA256 = hexSHA256([]byte(doc.wording(meta.Title)))
	t.targets = doc.targetsHash()
	t.markup = doc.markupHash()
	return t
}

// BrokenText is a source that cannot be rendered.
func BrokenText(source []byte, meta Meta, err error) *Text {
	return &Text{Meta: meta, Err: err, SourceSHA256: hexSHA256(source)}
}

// Title is what the text is called: what its front matter says, else its first
// block if that is a heading, else the given name.
func (t *Text) Title(otherwise string) string {
	if t.Meta.Title != "" {
		return t.Meta.Title
	}
	if t.Doc != nil && len(t.Doc.Blocks) > 0 && t.Doc.Blocks[0].Kind == Heading && t.Doc.Blocks[0].Text != "" {
		return t.Doc.Blocks[0].Text
	}
	return otherwise
}

// declared are the dates the text itself states: front matter, else a line of
// the text, for each of the two.
func (t *Text) declared() Declared {
	d := t.inText
	if !t.Meta.LastUpdated.IsZero() {
		d.LastUpdated, d.LastUpdatedInText = t.Meta.LastUpdated, false
	}
	if !t.Meta.Effective.IsZero() {
		d.Effective, d.EffectiveInText = t.Meta.Effective, false
	}
	return d
}

func sameStatements(a, b []statement) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].text != b[i].text {
			return false
		}
	}
	return true
}

// Text is the visible text: one line for each block that has text, each ended
// by a newline. title is what front matter says, or ""; it is the first line
// unless the first block is a heading that says the same.
//
// This definition is hashed (text_sha256). It never changes within a format
// version of the archive.
func (d *Document) Text(title string) string {
	var b strings.Builder
	b.Grow(len(d.HTML))
	if line := d.TitleLine(title); line != "" {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	for _, top := range d.Blocks {
		top.leaves(func(leaf *Block) {
			if leaf.Text != "" {
				b.WriteString(leaf.Text)
				b.WriteByte('\n')
			}
		})
	}
	return b.String()
}

// TitleLine is the line that a title in front matter adds to the text.
func (d *Document) TitleLine(title string) string {
	title = CollapseSpace(title)
	if len(d.Blocks) > 0 && d.Blocks[0].Kind == Heading && d.Blocks[0].Text == title {
		return ""
	}
	return title
}

// leaves calls f for every block that can have text, in order.
func (b *Block) leaves(f func(*Block)) {
	switch b.Kind {
	case Paragraph, Heading, Code, Cell:
		f(b)
	}
	for i := range b.Children {
		b.Children[i].leaves(f)
	}
}

// wording is the visible text without its recognized date statements, white
// space collapsed again and empty lines dropped. It is hashed as Text is.
func (d *Document) wording(title string) string {
	var b strings.Builder
	b.Grow(len(d.HTML))
	line := func(s string) {
		if s = CollapseSpace(s); s != "" {
			b.WriteString(s)
			b.WriteByte('\n')
		}
	}
	line(d.TitleLine(title))
	inWindow := d.dateWindow()
	for i := range d.Blocks {
		d.Blocks[i].leaves(func(leaf *Block) {
			switch {
			case leaf.Kind == Code:
				for l := range strings.Lines(leaf.Text) {
					line(l)
				}
			case inWindow(i):
				line(withoutStatements(leaf.Text))
			case leaf.Text != "": // collapsed already
				b.WriteString(leaf.Text)
				b.WriteByte('\n')
			}
		})
	}
	return b.String()
}

// targetsHash covers the link and image targets as the author wrote them, so
// that a change elsewhere on the site never poses as a change of this text.
func (d *Document) targetsHash() [sha256.Size]byte {
	h := sha256.New()
	for _, l := range d.Links {
		if l.Image {
			h.Write([]byte{'!'})
		}
		h.Write([]byte(l.Target))
		h.Write([]byte{0})
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// markupHash covers the HTML without link targets and ids, with white space
// collapsed: equal for two sources that differ in `-` and `*`, or in where
// their lines are wrapped.
func (d *Document) markupHash() [sha256.Size]byte {
	buf := make([]byte, 0, len(d.HTML))
	at := 0
	for _, l := range d.Links {
		buf = append(buf, d.HTML[at:l.Attr.Start]...)
		at = l.Attr.End
	}
	buf = append(buf, d.HTML[at:]...)
	buf = dropIDs(buf)
	if !norm.NFC.IsNormal(buf) {
		buf = norm.NFC.Bytes(buf)
	}
	return sha256.Sum256(collapse(buf))
}

// dropIDs removes every ` id="…"` of a tag, in place. Text cannot contain one:
// quotation marks in text are escaped by the renderer only in attributes, so
// the search keeps to what stands between < and >.
func dropIDs(html []byte) []byte {
	out := html[:0]
	inTag := false
	for i := 0; i < len(html); i++ {
		c := html[i]
		switch {
		case c == '<':
			inTag = true
		case c == '>':
			inTag = false
		case inTag && c == ' ' && i+5 < len(html) && string(html[i:i+5]) == ` id="`:
			end := i + 5
			for end < len(html) && html[end] != '"' {
				end++
			}
			i = end
			continue
		}
		out = append(out, c)
	}
	return out
}

// collapse makes every run of Unicode white space one space, in place.
func collapse(b []byte) []byte {
	out := b[:0]
	space := false
	for i := 0; i < len(b); {
		c := b[i]
		if c < 0x80 {
			i++
			if c == ' ' || c >= '\t' && c <= '\r' {
				space = true
				continue
			}
			if space {
				out = append(out, ' ')
				space = false
			}
			out = append(out, c)
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if unicode.IsSpace(r) {
			space = true
		} else {
			if space {
				out = append(out, ' ')
				space = false
			}
			out = append(out, b[i:i+n]...)
		}
		i += n
	}
	return out
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
