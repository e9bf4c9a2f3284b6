package policy

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Document is a rendered text: HTML, and the tree of blocks that the HTML is
// made of. It depends on the source's bytes alone, never on where they stand
// or what stands beside them, so it may be kept under the hash of its source.
type Document struct {
	// Parts are the text, cut between top-level blocks wherever it may be.
	// Versions of a text share most of theirs: nothing in one ever changes.
	Parts []*Part
	// Links are the link and image targets, in order of appearance. Their spans
	// are those of the part that they stand in.
	Links []Link
	// IDs are all id attributes in HTML: what a fragment can point to.
	IDs map[string]bool
	// Notes are what the author should know about this text: functions that
	// the sanitizer removed, targets with a forbidden scheme, template syntax
	// of other generators. Paths are empty; lines are lines of the source.
	Notes []Problem
}

// Part is a stretch of a document.
type Part struct {
	// HTML of the stretch, without any frame. Link and image targets are as the
	// author wrote them; pages replace them by addresses.
	HTML string
	// Blocks are the top-level blocks, in order of appearance in HTML.
	Blocks []Block
	// Links is how many of the document's links stand in it.
	Links int
}

// Whole returns the document in one part, which no other document has.
func (d *Document) Whole() *Document {
	out := *d
	out.Links = slices.Clone(d.Links)
	part := &Part{Links: len(d.Links)}
	var html strings.Builder
	links := out.Links
	for _, p := range d.Parts {
		at := html.Len()
		html.WriteString(p.HTML)
		part.Blocks = append(part.Blocks, movedBlocks(p.Blocks, at)...)
		for i := range links[:p.Links] {
			links[i].Attr, links[i].Element = links[i].Attr.moved(at), links[i].Element.moved(at)
		}
		links = links[p.Links:]
	}
	part.HTML = html.String()
	out.Parts = []*Part{part}
	return &out
}

// movedBlocks copies blocks that stand so many bytes further on.
func movedBlocks(blocks []Block, by int) []Block {
	out := slices.Clone(blocks)
	for i := range out {
		b := &out[i]
		b.Outer, b.Inner, b.Children = b.Outer.moved(by), b.Inner.moved(by), movedBlocks(b.Children, by)
	}
	return out
}

// First is the first block of the document; nil when there is none.
func (d *Document) First() *Block {
	for _, p := range d.Parts {
		if len(p.Blocks) > 0 {
			return &p.Blocks[0]
		}
	}
	return nil
}

// BlockKind tells what a block is.
type BlockKind uint8

const (
	Paragraph BlockKind = iota // also an item's or cell's own text, and loose text of raw HTML
	Heading
	Code
	Cell // of a table, header or not
	Rule // thematic break
	Quote
	List
	Item
	Table
	Row
	Footnotes // the list of footnotes at the end
	Group     // any other container: raw HTML's div, section, details …
)

// Block is one block of a document. Leaves (Paragraph, Heading, Code, Cell)
// have text and no children; all others have children and no text of their
// own. The text of a list item is thus a Paragraph below the Item, whether the
// list is tight (no <p> in the HTML) or loose.
type Block struct {
	Kind     BlockKind
	Ordered  bool   // of a List
	Type     string // of an ordered List: what it counts with, "a", "A", "i" or "I"; "" for digits
	Header   bool   // of a Cell: <th>
	Level    int    // of a Heading: 1 to 6
	Number   int    // of an Item in an ordered list: its number
	ID       string // the id attribute; headings always have one
	Text     string // visible text of a leaf, see CollapseSpace; of Code, its lines as they are
	Breaks   []int  // where hard breaks are in Text, each the offset of a space
	Datetime string // of a Paragraph: what its author says of the date in it
	Outer    Span   // the block with its own tags, in Part.HTML
	Inner    Span   // what stands between its tags
	Children []Block
}

// Span is a range of bytes [Start, End) of Part.HTML.
type Span struct{ Start, End int }

func (s Span) moved(by int) Span { return Span{s.Start + by, s.End + by} }

// Link is one link or image target of a document.
type Link struct {
	Target  string // as the author wrote it, character references resolved
	Image   bool
	Attr    Span   // the whole attribute with the white space before it: ` href="…"` or ` src="…"`
	Element Span   // of an image: the whole <img …>; of a link: its start tag
	Alt     string // of an image: its alternative text
	Line    int    // line of the source, from 1; 0 when unknown
}

// IsUnseen reports whether a character shows nothing and is not part of a text: SOFT
// HYPHEN, ZERO WIDTH SPACE, WORD JOINER, ZERO WIDTH NO-BREAK SPACE.
func IsUnseen(r rune) bool {
	return r == '\u00ad' || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

var unseen = strings.NewReplacer("\u00ad", "", "\u200b", "", "\u2060", "", "\ufeff", "")

// WithoutUnseen leaves out the characters that show nothing.
func WithoutUnseen(s string) string {
	if !strings.ContainsFunc(s, IsUnseen) {
		return s // Replace would copy it
	}
	return unseen.Replace(s)
}

// CollapseSpace makes a block's text what section "Visible text" of the
// specification says: characters that show nothing are left out, runs of Unicode
// white space become one space, both ends are trimmed, and the result is in
// Normalization Form C.
func CollapseSpace(s string) string {
	s = WithoutUnseen(s)
	var b strings.Builder
	b.Grow(len(s))
	for word := range strings.FieldsSeq(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return norm.NFC.String(b.String())
}
