package redline

import (
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// unit is what is aligned: a block with text of its own, or a row of a table.
// Only where it stands is read with the document; its words and its mark-up are
// read when a comparison comes upon them, and kept.
type unit struct {
	block   *policy.Block
	place   *place
	in      *container // the innermost one around it; nil for none
	part    *part      // nil for the whole of the block
	content *content   // nil until a comparison came upon it
	labels  int        // 1 and the length of the label in front of it; 0 until it is asked for
}

// part is one of the parts into which a block is cut because it was split or joined.
type part struct {
	from, to int  // in the block's text
	cut      bool // another part follows
	next     int  // where that starts
}

// content is what was read of a unit.
type content struct {
	text  string // of a row: see unit.text
	cells []cell // nil until they are asked for
}

// cell is a run of text with its mark-up.
type cell struct {
	text   string
	pieces []piece
	marks  []mark
	breaks []int // where hard breaks are: spaces of the text
	header bool
}

// place is a part of a document: where the HTML and the links of units are.
type place struct {
	part  *policy.Part
	links []policy.Link // in it
	first int           // index of the first of them in the document
	index int           // among the places of the document
}

// container is a block around units. Its identity is the pointer.
type container struct {
	kind   policy.BlockKind
	ol     bool   // of a list
	as     string // of an ordered one: its type, as policy.Block has it
	number int    // of an item: its number
	parent *container
	depth  int           // how many containers are around it
	row    *unit         // of a row whose cells are units of their own: the row
	first  *policy.Block // of the first unit in it
}

// around is the innermost container of a kind around a unit; nil for none.
func (u *unit) around(kind policy.BlockKind) *container {
	for c := u.in; c != nil; c = c.parent {
		if c.kind == kind {
			return c
		}
	}
	return nil
}

// number is that of the item which the unit begins in an ordered list; 0 for none.
func (u *unit) number() int {
	if u.in != nil && u.in.kind == policy.Item && u.in.first == u.block && (u.part == nil || u.part.from == 0) {
		return u.in.number
	}
	return 0
}

// sequence is a document read as a sequence of units. The first one may be the
// title that front matter gives.
type sequence struct {
	doc   *policy.Document
	units []unit
	size  int // of the texts of the units, in bytes
}

func readSequence(d *policy.Document, title string) *sequence {
	most := 1 // and the title
	for _, p := range d.Parts {
		most += leaves(p.Blocks)
	}
	f := flattener{out: make([]unit, 0, most)}
	if line := d.TitleLine(title); line != "" {
		f.out = append(f.out, unit{block: &policy.Block{Kind: policy.Heading, Level: 1, Text: line}, place: &place{part: &policy.Part{}, index: -1}})
	}
	places, links := make([]place, len(d.Parts)), 0
	for i, p := range d.Parts {
		places[i] = place{p, d.Links[links : links+p.Links], links, i}
		links += p.Links
		f.place = &places[i]
		f.blocks(p.Blocks, nil)
	}
	return &sequence{doc: d, units: f.out, size: f.size}
}

// leaves is how many of some blocks and those in them may be units.
func leaves(blocks []policy.Block) (n int) {
	for i := range blocks {
		if b := &blocks[i]; len(b.Children) == 0 || b.Kind == policy.Row {
			n++
		} else {
			n += leaves(b.Children)
		}
	}
	return n
}

// flattener collects units.
type flattener struct {
	out        []unit
	place      *place
	containers []container
	size       int
}

func (f *flattener) blocks(blocks []policy.Block, in *container) {
	for i := range blocks {
		b := &blocks[i]
		switch b.Kind {
		case policy.Rule:
		case policy.Paragraph, policy.Heading, policy.Code, policy.Cell:
			if b.Text != "" || strings.Contains(f.place.html(b), "<img") {
				f.unit(b, in)
			}
		case policy.Row:
			if slices.ContainsFunc(b.Children, func(c policy.Block) bool { return c.Text != "" }) {
				f.unit(b, in)
			}
		default:
			f.blocks(b.Children, f.container(container{kind: b.Kind, ol: b.Ordered, as: b.Type, number: b.Number, parent: in}))
		}
	}
}

// container keeps a container, with others, at a place that does not change.
func (f *flattener) container(c container) *container {
	if len(f.containers) == cap(f.containers) {
		f.containers = make([]container, 0, 32)
	}
	if c.parent != nil {
		c.depth = c.parent.depth + 1
	}
	f.containers = append(f.containers, c)
	return &f.containers[len(f.containers)-1]
}

func (f *flattener) unit(b *policy.Block, in *container) {
	for c := in; c != nil && c.first == nil; c = c.parent {
		c.first = b
	}
	f.out = append(f.out, unit{block: b, place: f.place, in: in})
	f.size += len(b.Text)
	for i := range b.Children {
		f.size += len(b.Children[i].Text)
	}
}

// text is what a unit says: two units of a sort with equal texts are the same. Of
// a row it is its cells' texts, each ended by a byte that no text has.
func (u *unit) text() string {
	switch {
	case u.block.Kind == policy.Row:
		return u.row()
	case u.part != nil:
		return u.block.Text[u.part.from:u.part.to]
	}
	return u.block.Text
}

func (u *unit) row() string {
	if u.content == nil {
		u.content = &content{}
	}
	if u.content.text == "" {
		var text strings.Builder
		for i := range u.block.Children {
			text.WriteString(u.block.Children[i].Text)
			text.WriteByte(0)
		}
		u.content.text = text.String()
	}
	return u.content.text
}

// sort of a unit: no row is a paragraph, whatever they say, and so for code and
// headings.
func (u *unit) sort() sort {
	switch u.block.Kind {
	case policy.Row:
		return row
	case policy.Code:
		return code
	case policy.Heading:
		return heading
	}
	return prose
}

type sort uint8

const (
	prose sort = iota // it has sentences
	heading
	row
	code
)

// id is the same for units that say the same, and by a chance that is next to none
// for others.
func (u *unit) id() uint64 {
	if u.block.Kind != policy.Row {
		return textID(u.text(), u.sort())
	}
	id := uint64(0)
	for k := range u.block.Children {
		id = id*1099511628211 + textID(u.block.Children[k].Text, row)
	}
	return id
}

// saysSame reports whether two units have the same text.
func (u *unit) saysSame(v *unit) bool {
	if u.part != nil || v.part != nil {
		return u.sort() == v.sort() && u.text() == v.text()
	}
	if u.block == v.block {
		return true
	}
	if u.block.Kind != policy.Row || v.block.Kind != policy.Row {
		return u.sort() == v.sort() && u.block.Text == v.block.Text
	}
	if len(u.block.Children) != len(v.block.Children) {
		return false
	}
	for k := range u.block.Children {
		if u.block.Children[k].Text != v.block.Children[k].Text {
			return false
		}
	}
	return true
}

// readCells reads the texts and the mark-up of a unit.
func (u *unit) readCells(r *inlineReader) []cell {
	if u.content == nil {
		u.content = &content{}
	}
	if u.content.cells == nil {
		u.content.cells = make([]cell, u.width())
		for i := range u.content.cells {
			c := u.cell(i, r)
			c.pieces, c.marks = slices.Clone(c.pieces), slices.Clone(c.marks)
			u.content.cells[i] = c
		}
	}
	return u.content.cells
}

// width is the number of cells.
func (u *unit) width() int {
	if u.block.Kind == policy.Row {
		return len(u.block.Children)
	}
	return 1
}

func (u *unit) cellBlock(k int) *policy.Block {
	if u.block.Kind == policy.Row {
		return &u.block.Children[k]
	}
	return u.block
}

// cell reads a cell, whose pieces and marks hold until the next one is read.
func (u *unit) cell(k int, r *inlineReader) cell {
	b := u.cellBlock(k)
	c := cell{text: b.Text, pieces: r.pieces(u.place, b), breaks: b.Breaks, header: b.Header}
	c.marks = r.marks
	if u.part == nil {
		return c
	}
	from, to := u.part.from, u.part.to
	whole := c
	c.text, c.pieces, c.marks, c.breaks = u.text(), nil, nil, nil
	for _, p := range whole.pieces {
		if p.end > from && p.start < to {
			p.start, p.end = max(p.start, from)-from, min(p.end, to)-from
			c.pieces = append(c.pieces, p)
		}
	}
	for _, m := range whole.marks {
		if m.at > from && m.at <= to || m.at == 0 && from == 0 {
			m.at -= from
			c.marks = append(c.marks, m)
		}
	}
	for _, at := range whole.breaks {
		if at >= from && at < to {
			c.breaks = append(c.breaks, at-from)
		}
	}
	return c
}

// identical reports whether two units of the same text have the same mark-up
// and the same links as well, by comparing what the pieces would be read from.
func identical(u, v *unit) bool {
	if u.part != nil || v.part != nil {
		return false
	}
	if u.block == v.block && u.place.part == v.place.part {
		return true // of a part that both documents have; parts that differ in targets alone share blocks
	}
	if u.block.Kind != v.block.Kind || u.block.Level != v.block.Level {
		return false
	}
	x, y := u.html(), v.html()
	switch {
	case x != y || u.block.Header != v.block.Header:
		return false
	case x == u.block.Text:
		return true // there is no mark-up
	}
	return slices.EqualFunc(u.place.linksIn(u.start(), u.end()), v.place.linksIn(v.start(), v.end()), func(a, b policy.Link) bool { return a.Target == b.Target })
}

// start is where the text of a unit starts in its part.
func (u *unit) start() int {
	if b := u.block; b.Kind == policy.Row {
		return b.Children[0].Inner.Start
	}
	return u.block.Inner.Start
}

// html is what stands between the two.
func (u *unit) html() string { return u.place.part.HTML[u.start():u.end()] }

// end is where the text of a unit ends in its part.
func (u *unit) end() int {
	if b := u.block; b.Kind == policy.Row {
		return b.Children[len(b.Children)-1].Inner.End
	}
	return u.block.Inner.End
}

// html is what stands between the tags of a block.
func (p *place) html(b *policy.Block) string { return p.part.HTML[b.Inner.Start:b.Inner.End] }

// linksIn are the links between two places of the HTML.
func (p *place) linksIn(start, end int) []policy.Link {
	from := p.linkFrom(start)
	return p.links[from:p.linkFrom(end)]
}

// linkFrom is the first link whose element starts at an offset or after it.
func (p *place) linkFrom(at int) int {
	i, _ := slices.BinarySearchFunc(p.links, at, func(l policy.Link, at int) int { return l.Element.Start - at })
	return i
}

// linkAt is the index, in the document, of the link whose element starts at an
// offset; -1 for none.
func (p *place) linkAt(at int) int {
	if i := p.linkFrom(at); i < len(p.links) && p.links[i].Element.Start == at {
		return p.first + i
	}
	return -1
}

// unnumbered tells a text without the label in front of it, so that a clause that
// was only renumbered is found again; of a heading without a bare number as well.
func (u *unit) unnumbered() string { return u.text()[u.label():] }

// label is the length of what unnumbered leaves out.
func (u *unit) label() int {
	if u.labels > 0 {
		return u.labels - 1
	}
	u.labels = 1
	if u.sort() == row || u.sort() == code {
		return 0
	}
	s := u.text()
	n := labelOf(s)
	if u.sort() == heading {
		n = len(s) - len(strings.TrimLeft(s[n:], "0123456789.§() \u00a0"))
	}
	if n < len(s) {
		u.labels = 1 + n
	}
	return u.labels - 1
}
