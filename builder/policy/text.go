package policy

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"regexp"
	"slices"
	"strings"
)

// Text is one source with everything that decides whether it starts a version,
// and of which kind. Like Document it depends on the source's bytes alone.
type Text struct {
	Meta Meta
	Doc  *Document // nil when the text cannot be rendered
	Err  error     // why it cannot

	// LeftOut is the first value of front matter that cannot be read and is left out;
	// nil when there is none.
	LeftOut *Problem

	SourceSHA256  string // hexadecimal, of the bytes
	TextSHA256    string // hexadecimal, of the visible text; "" without Doc
	WordingSHA256 string // hexadecimal, of the wording; "" without Doc

	statements []statement // recognized date statements, in order of the text
}

// NewText takes stock of a rendered source.
func NewText(source []byte, meta Meta, doc *Document) *Text {
	t := &Text{Meta: meta, Doc: doc, SourceSHA256: hexSHA256(source)}
	text, wording := newLineSum(), newLineSum()
	t.statements = doc.write(meta.Title, t.Title(""), text.add, wording.add)
	locate(t.statements, source, &meta)
	t.TextSHA256, t.WordingSHA256 = text.hex(), wording.hex()
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
	if t.Doc != nil {
		if b := t.Doc.First(); b != nil && b.Kind == Heading && b.Text != "" {
			return b.Text
		}
	}
	return otherwise
}

// Declared are the dates that the text itself states, as a version recorded on a
// day: front matter, else a line of the text, for each of the two.
func (t *Text) Declared(day Date) Declared {
	d := declaredIn(t.statements, day)
	if !t.Meta.LastUpdated.IsZero() {
		d.LastUpdated, d.LastUpdatedInText = t.Meta.LastUpdated, false
	}
	if !t.Meta.Effective.IsZero() {
		d.Effective, d.EffectiveInText = t.Meta.Effective, false
	}
	return d
}

// sameDates reports whether two texts state the same in the same words.
func sameDates(a, b *Text) bool {
	return a.Meta.LastUpdated == b.Meta.LastUpdated && a.Meta.Effective == b.Meta.Effective &&
		slices.EqualFunc(a.statements, b.statements, func(x, y statement) bool { return x.text == y.text && x.date == y.date })
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
	d.eachLine(title, func(line string, _ int, _, _ *Block) {
		b.WriteString(line)
		b.WriteByte('\n')
	})
	return b.String()
}

// eachLine calls f for the title's line and for every leaf's: with the index of
// the top-level block that the leaf stands in, -1 of the title, with the leaf,
// and the outermost list or table around it, else itself. Of code the line is all
// its lines in one.
func (d *Document) eachLine(title string, f func(line string, top int, leaf, log *Block)) {
	if line := d.TitleLine(title); line != "" {
		f(line, -1, nil, nil)
	}
	top := 0
	for _, p := range d.Parts {
		for i := range p.Blocks {
			p.Blocks[i].leaves(nil, func(leaf, log *Block) {
				if leaf.Text != "" {
					f(leaf.Text, top, leaf, log)
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

// leaves calls f for every block that can have text, in order, with the outermost
// list or table around it: log, else its own. Without any it is the leaf itself.
func (b *Block) leaves(log *Block, f func(leaf, log *Block)) {
	switch b.Kind {
	case Paragraph, Heading, Code, Cell:
		f(b, cmp.Or(log, b))
	case List, Table:
		log = cmp.Or(log, b)
	}
	for i := range b.Children {
		b.Children[i].leaves(log, f)
	}
}

// write gives the lines of the visible text to text and those of the wording to
// wording: the visible text without its recognized date statements, which it
// returns, white space collapsed again and empty lines dropped. The wording is
// hashed as the visible text is. title is that of front matter, and name what the
// text is called.
func (d *Document) write(title, name string, text, wording func(line string)) []statement {
	var out []statement
	again := func(line string) {
		if line = CollapseSpace(line); line != "" {
			wording(line)
		}
	}
	inWindow := d.dateWindow()
	d.eachLine(title, func(line string, top int, leaf, log *Block) {
		text(line)
		code := leaf != nil && leaf.Kind == Code
		var found []statement
		if leaf != nil && !code && inWindow(top) {
			found = statementsIn(leaf, log, name)
		}
		out = append(out, found...)
		switch {
		case code:
			for l := range strings.Lines(line) {
				again(l)
			}
		case found != nil:
			again(without(line, found))
		default:
			wording(line)
		}
	})
	return out
}

// lineSum hashes lines. It needs the memory of a few of them, whatever the text.
type lineSum struct {
	hash hash.Hash
	buf  *bufio.Writer
}

func newLineSum() lineSum {
	h := sha256.New()
	return lineSum{h, bufio.NewWriter(h)}
}

// add takes a line, without the newline that ends it. A hash returns no error.
func (l lineSum) add(line string) {
	_, _ = l.buf.WriteString(line)
	_ = l.buf.WriteByte('\n')
}

func (l lineSum) hex() string {
	_ = l.buf.Flush()
	return hex.EncodeToString(l.hash.Sum(nil))
}

// sameTargets compares the link and image targets as the author wrote them, so
// that a change elsewhere on the site never poses as a change of this text.
func sameTargets(a, b *Document) bool {
	return slices.EqualFunc(a.Links, b.Links, func(x, y Link) bool { return x.Target == y.Target && x.Image == y.Image })
}

// sameMarkup compares the HTML without link targets and ids, with white space
// collapsed: equal for two sources that differ in `-` and `*`, or in where
// their lines are wrapped. It leaves out the parts that are the same at both ends:
// most versions differ in a few paragraphs.
func sameMarkup(a, b *Document) bool {
	from, n, m := 0, len(a.Parts), len(b.Parts)
	for from < min(n, m) && a.Parts[from].HTML == b.Parts[from].HTML {
		from++
	}
	for from < min(n, m) && a.Parts[n-1].HTML == b.Parts[m-1].HTML {
		n--
		m--
	}
	return a.markup(from, n) == b.markup(from, m)
}

// markup is that of the parts [from, to).
func (d *Document) markup(from, to int) string {
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
	return CollapseSpace(aroundTags.ReplaceAllString(idAttribute.ReplaceAllString(string(buf), "$1"), "$1"))
}

// aroundTags matches the tag of a block or the end of a line with the white space around
// it, which shows nothing: a comment at the end of a paragraph leaves some behind.
var aroundTags = regexp.MustCompile(`\s*(</?(?:p|h[1-6]|ul|ol|li|dl|dt|dd|blockquote|div|pre|table|thead|tbody|tr|th|td|br)\b[^>]*>)\s*`)

// idAttribute matches the id of a tag. In text there may be quotation marks, too.
var idAttribute = regexp.MustCompile(`(<[^>]*?) id="[^"]*"`)

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
