package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"hash"
	"slices"
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
	dated      []datedLine // in which they were looked for
}

// NewText takes stock of a rendered source. like are texts that NewText made and
// that may have the same visible text, such as those of the versions before: half
// of all versions change link targets alone. What one of them says of its lines
// is taken from it then.
func NewText(source []byte, meta Meta, doc *Document, like ...*Text) *Text {
	t := &Text{Meta: meta, Doc: doc, SourceSHA256: hexSHA256(source)}
	for _, l := range like {
		if l.Doc != nil && l.Meta.Title == meta.Title && sameLines(l.Doc.Parts, doc.Parts) {
			t.TextSHA256, t.WordingSHA256, t.statements, t.inText, t.dated = l.TextSHA256, l.WordingSHA256, l.statements, l.inText, l.dated
			return t
		}
	}
	sums := lineSums{text: newLineSum()}
	find := func(line string) []foundStatement { return t.find(line, like) }
	t.statements = doc.write(meta.Title, find, sums.add)
	t.inText = declaredIn(t.statements)
	t.TextSHA256, t.WordingSHA256 = sums.hex()
	return t
}

// sameLines reports whether two documents have the same lines for all that
// Document.write makes of them: the same texts, in blocks of the same kinds. Of
// those that are cut in other places it says no.
func sameLines(a, b []*Part) bool {
	return slices.EqualFunc(a, b, func(x, y *Part) bool { return x == y || sameBlocks(x.Blocks, y.Blocks) })
}

func sameBlocks(a, b []Block) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i], &b[i]
		if x.Kind != y.Kind || x.Level != y.Level || x.Text != y.Text || !sameBlocks(x.Children, y.Children) {
			return false
		}
	}
	return true
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
	if t.Doc != nil {
		if b := t.Doc.First(); b != nil && b.Kind == Heading && b.Text != "" {
			return b.Text
		}
	}
	return otherwise
}

// Declared are the dates the text itself states: front matter, else a line of
// the text, for each of the two.
func (t *Text) Declared() Declared {
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
	b.Grow(sizeOf(d.Parts))
	d.eachLine(title, func(line string, _ int, _ BlockKind) {
		b.WriteString(line)
		b.WriteByte('\n')
	})
	return b.String()
}

// eachLine calls f for the title's line and for every block's: with the index of
// the top-level block that it stands in, -1 of the title, and with its kind. Of
// code they are all its lines in one.
func (d *Document) eachLine(title string, f func(line string, top int, kind BlockKind)) {
	if line := d.TitleLine(title); line != "" {
		f(line, -1, Paragraph)
	}
	top := 0
	for _, p := range d.Parts {
		for i := range p.Blocks {
			p.Blocks[i].leaves(func(leaf *Block) {
				if leaf.Text != "" {
					f(leaf.Text, top, leaf.Kind)
				}
			})
			top++
		}
	}
}

// sizeOf is that of the HTML of parts, in bytes.
func sizeOf(parts []*Part) (n int) {
	for _, p := range parts {
		n += len(p.HTML)
	}
	return n
}

// TitleLine is the line that a title in front matter adds to the text.
func (d *Document) TitleLine(title string) string {
	title = CollapseSpace(title)
	if b := d.First(); b != nil && b.Kind == Heading && b.Text == title {
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

// write gives the lines of the visible text to add, each with those of the wording
// that it comes to: the visible text without its recognized date statements, which
// it returns, white space collapsed again and empty lines dropped. The wording is
// hashed as the visible text is. find is findStatements. add must not keep wording.
func (d *Document) write(title string, find func(line string) []foundStatement, add func(text string, wording []string)) []statement {
	var out []statement
	var wording []string
	inWindow := d.dateWindow()
	d.eachLine(title, func(line string, top int, kind BlockKind) {
		wording = wording[:0]
		switch {
		case kind == Code:
			for l := range strings.Lines(line) {
				if l = collapsed(l); l != "" {
					wording = append(wording, l)
				}
			}
		case top >= 0 && inWindow(top):
			found := find(line)
			for _, s := range found {
				out = append(out, s.statement)
			}
			if rest := collapsed(without(line, found)); rest != "" {
				wording = append(wording, rest)
			}
		default:
			wording = append(wording, line) // collapsed
		}
		add(line, wording)
	})
	return out
}

// collapsed is CollapseSpace, for texts that mostly need none.
func collapsed(s string) string {
	ascii, space := true, true // a space before the first character is too much
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c > ' ' && c < utf8.RuneSelf:
			space = false
		case c == ' ' && !space:
			space = true
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || unicode.IsSpace(r) {
				return CollapseSpace(s)
			}
			i += n - 1
			ascii, space = false, false
		default:
			return CollapseSpace(s)
		}
	}
	if space || !ascii && norm.NFC.QuickSpanString(s) < len(s) {
		return CollapseSpace(s)
	}
	return s
}

// lineSums hashes the lines of a visible text and of its wording. Up to the first
// date statement, which most texts have at one end or nowhere, they are the same.
type lineSums struct {
	text    *lineSum
	wording *lineSum // nil as long as it is that of text
}

func (s *lineSums) add(text string, wording []string) {
	if s.wording == nil && (len(wording) != 1 || wording[0] != text) {
		s.wording = s.text.clone()
	}
	s.text.add(text)
	if s.wording == nil {
		return
	}
	for _, line := range wording {
		s.wording.add(line)
	}
}

func (s *lineSums) hex() (text, wording string) {
	text = s.text.hex()
	if s.wording == nil {
		return text, text
	}
	return text, s.wording.hex()
}

// lineSum hashes lines.
type lineSum struct {
	hash hash.Hash
	buf  []byte // not hashed yet
}

func newLineSum() *lineSum { return &lineSum{sha256.New(), make([]byte, 0, 4096)} }

// add takes a line, without the newline that ends it.
func (l *lineSum) add(line string) {
	if len(l.buf)+len(line) >= cap(l.buf) {
		l.flush()
	}
	l.buf = append(append(l.buf, line...), '\n')
}

func (l *lineSum) flush() {
	l.hash.Write(l.buf)
	l.buf = l.buf[:0]
}

// clone is a sum that has taken the same lines.
func (l *lineSum) clone() *lineSum {
	out := newLineSum()
	// No hash of the standard library fails to give its state, or to take it.
	state, _ := l.hash.(encoding.BinaryMarshaler).MarshalBinary()
	_ = out.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
	out.buf = append(out.buf, l.buf...)
	return out
}

func (l *lineSum) hex() string {
	l.flush()
	return hex.EncodeToString(l.hash.Sum(nil))
}

// sameTargets compares the link and image targets as the author wrote them, so
// that a change elsewhere on the site never poses as a change of this text.
func sameTargets(a, b *Document) bool {
	return slices.EqualFunc(a.Links, b.Links, func(x, y Link) bool { return x.Target == y.Target && x.Image == y.Image })
}

// sameMarkup compares the HTML without link targets and ids, with white space
// collapsed: equal for two sources that differ in `-` and `*`, or in where
// their lines are wrapped.
func sameMarkup(a, b *Document) bool {
	from, to, n, m := 0, 0, len(a.Parts), len(b.Parts)
	for from < min(n, m) && a.Parts[from].HTML == b.Parts[from].HTML {
		from++
	}
	if from == n && from == m {
		return true
	}
	for to < min(n, m)-from && a.Parts[n-1-to].HTML == b.Parts[m-1-to].HTML {
		to++
	}
	// One more on either side, with something in it, says what the white space
	// between it and those that differ comes to.
	for from > 0 {
		if from--; strings.TrimSpace(a.Parts[from].HTML) != "" {
			break
		}
	}
	for to > 0 {
		if to--; strings.TrimSpace(a.Parts[n-1-to].HTML) != "" {
			break
		}
	}
	return bytes.Equal(a.markup(from, n-to), b.markup(from, m-to))
}

// markup is that of the parts [from, to).
func (d *Document) markup(from, to int) []byte {
	links := d.Links
	for _, p := range d.Parts[:from] {
		links = links[p.Links:]
	}
	parts := d.Parts[from:to]
	buf := make([]byte, 0, sizeOf(parts))
	for _, p := range parts {
		at := 0
		for _, l := range links[:p.Links] {
			buf = append(buf, p.HTML[at:l.Attr.Start]...)
			at = l.Attr.End
		}
		buf = append(buf, p.HTML[at:]...)
		links = links[p.Links:]
	}
	buf = dropIDs(buf)
	if !norm.NFC.IsNormal(buf) {
		buf = norm.NFC.Bytes(buf)
	}
	return collapse(buf)
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
