package markdown

import (
	"github.com/policysite/policysite/builder/policy"
)

// memoLimit is roughly how much memory a memo takes. Two versions of the
// largest text of the public policy archives that were looked at take 8 MiB.
const memoLimit = 16 << 20

// memo keeps the pieces that were made last, under their bytes. It has two
// generations: when the young one is full it becomes the old one, and what
// nobody asked for in the meantime goes.
type memo struct {
	young, old map[string]*piece
	size       int // of young
}

func (m *memo) get(text []byte) *piece {
	if p, ok := m.young[string(text)]; ok {
		return p
	}
	if p, ok := m.old[string(text)]; ok {
		m.put(p)
		return p
	}
	return nil
}

func (m *memo) put(p *piece) {
	if m.young == nil || m.size > memoLimit/2 {
		m.young, m.old, m.size = map[string]*piece{}, m.young, 0
	}
	m.young[p.text] = p
	m.size += p.size()
}

// piece is what a part of a text becomes by itself. Its lines start at 1;
// nothing in it ever changes, for documents share its part.
type piece struct {
	text  string
	whole bool // the part has a meaning for others, or cannot be rendered: nothing below is set
	open  bool // a block that only its end mark ends is open where the part ends

	part   *policy.Part // nil when nothing below is set
	nested int          // how many blocks are within others
	links  []policy.Link
	notes  []policy.Problem
	ids    []elementID // of all headings, in order

	spent
	edges
}

// spent is what a part takes of the limits of a text.
type spent struct {
	lines, work, cells int
	rendered           int // bytes of HTML, before the pass over it
}

// edges are what decides about the lines between parts.
type edges struct {
	visible    bool // has text or an image
	looseStart bool // the first block is text without tags of its own, and
	looseEnd   bool // the last
}

// size is roughly the memory that a piece takes, in bytes.
func (p *piece) size() int {
	n := 256 + 2*len(p.text) + 112*p.nested + 128*len(p.links) + 64*len(p.ids) + 256*len(p.notes)
	if p.part != nil {
		n += 64 + len(p.part.HTML) + 112*len(p.part.Blocks)
	}
	return n
}

// countNested is how many blocks are below some blocks.
func countNested(blocks []policy.Block) int {
	n := 0
	for i := range blocks {
		if c := blocks[i].Children; c != nil {
			n += len(c) + countNested(c)
		}
	}
	return n
}

func isLoose(b *policy.Block) bool { return b.Kind == policy.Paragraph && b.Outer == b.Inner }
