package redline

import (
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// unit is what is aligned: a block with text of its own, or a row of a table.
type unit struct {
	kind  policy.BlockKind
	level int
	id    string // of a heading
	title bool   // the title that front matter gives

	key    string // two units with equal keys have the same text
	cells  []cell // one; of a row, its cells
	path   []*container
	number int // of the item it begins in an ordered list; 0 for none
	block  *policy.Block
}

// cell is a run of text with its mark-up.
type cell struct {
	text   string
	pieces []piece
	header bool
}

// container is a block around units. Its identity is the pointer.
type container struct {
	kind   policy.BlockKind
	number int  // of an item: its number; of an ordered list: that of its first
	ol     bool // of a list
}

// units reads a document as a sequence of units.
func units(d *policy.Document, title string) []*unit {
	f := flattener{doc: d, links: linkAt(d)}
	if line := d.TitleLine(title); line != "" {
		f.out = append(f.out, &unit{kind: policy.Heading, level: 1, title: true, key: line, cells: []cell{{text: line, pieces: plain(line)}}})
	}
	f.blocks(d.Blocks, nil)
	return f.out
}

type flattener struct {
	doc   *policy.Document
	links map[int]int
	out   []*unit
}

func (f *flattener) blocks(blocks []policy.Block, path []*container) {
	for i := range blocks {
		b := &blocks[i]
		switch b.Kind {
		case policy.Rule:
		case policy.Paragraph, policy.Heading, policy.Code, policy.Cell:
			f.leaf(b, path)
		case policy.Row:
			f.row(b, path)
		default:
			c := &container{kind: b.Kind, ol: b.Ordered, number: b.Number}
			if b.Ordered && len(b.Children) > 0 {
				c.number = b.Children[0].Number
			}
			f.blocks(b.Children, append(path[:len(path):len(path)], c))
		}
	}
}

func (f *flattener) leaf(b *policy.Block, path []*container) {
	if b.Text == "" {
		return
	}
	u := &unit{kind: b.Kind, level: b.Level, id: b.ID, key: b.Text, path: path, block: b, cells: []cell{f.cell(b)}}
	if n := len(path); n > 0 && path[n-1].kind == policy.Item && path[n-1].number > 0 && (len(f.out) == 0 || !f.out[len(f.out)-1].within(path[n-1])) {
		u.number = path[n-1].number
	}
	f.out = append(f.out, u)
}

func (f *flattener) row(b *policy.Block, path []*container) {
	u := &unit{kind: policy.Row, path: path, block: b}
	var key strings.Builder
	empty := true
	for i := range b.Children {
		c := f.cell(&b.Children[i])
		u.cells = append(u.cells, c)
		key.WriteString(c.text)
		key.WriteByte(0) // no text has one
		empty = empty && c.text == ""
	}
	if u.key = key.String(); !empty {
		f.out = append(f.out, u)
	}
}

func (f *flattener) cell(b *policy.Block) cell {
	return cell{text: b.Text, pieces: pieces(f.doc, b, f.links), header: b.Header}
}

func (u *unit) within(c *container) bool {
	for _, p := range u.path {
		if p == c {
			return true
		}
	}
	return false
}

// unnumbered tells a heading's words without the number in front of them, so that
// a heading that was only renumbered is found again.
func unnumbered(s string) string {
	rest := strings.TrimLeft(s, "0123456789.§() \u00a0")
	if rest == "" {
		return s
	}
	return rest
}
