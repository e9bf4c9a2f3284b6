package redline

import (
	"cmp"
	"iter"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// Passage is a heading, a paragraph, a block of code or a row of a table as a redline has
// it, for those who write it in a form of their own. In a row that stands in both
// texts, both have one there.
type Passage struct {
	Old, New *Place // nil where that text does not have it
	Cells    []Cell // one, but of a row
	Move     int    // of what moved whole: the number of the move, which its other half has too; else 0
}

// Place is where a passage stands in one of the texts.
type Place struct {
	Block *policy.Block
	In    []Around // what is around it, outermost first
	Begin bool     // it is the first of its list item
	// GoesOn says that the paragraph does not end with the passage: it goes on with the
	// next one that the text has, behind Between. The other text ends it there.
	GoesOn  bool
	Between string
}

// Around is a list, an item, a quotation or another block around a passage.
type Around struct {
	Kind    policy.BlockKind
	Ordered bool   // of a list
	Type    string // of an ordered list, as policy.Block has it
	Number  int    // of an item in an ordered list
	ID      int    // the same in both texts for what is the same, from 1
}

// Cell is what a passage says, or one cell of a row.
type Cell struct {
	Old, New bool // which of the texts have it
	Header   bool
	Spans    []Span
}

// Span is a stretch of a cell with one mark-up: text, or what stands between texts.
type Span struct {
	Op       Op
	Text     string
	Old, New Markup // of the texts that have it
	Break    bool   // it is the end of a line within the paragraph, and no text
	Footnote int    // it is the reference to this footnote, and no text
	Move     int    // the move that it is of, whose other half has the number too; else 0
	Moved    bool   // of a move: it stands at the other place too
}

// Markup is what a stretch of text looks like, and where it leads.
type Markup struct {
	Tags   []string // inline elements around it, outermost first: "strong"; "s" of what was struck
	Link   int      // index of its link among those of the text; -1 for none
	Target string   // of that link, as the author wrote it
}

// Passages are those of the redline. Those of both texts, in order, are the old text,
// and so for the new one.
func (r *Redline) Passages() iter.Seq[*Passage] {
	return func(yield func(*Passage) bool) {
		w := passageWriter{r: r, ids: map[*container]int{}, same: r.sameContainers(), yield: yield}
		for i := range r.entries {
			e := &r.entries[i]
			if e.old != nil && e.new != nil && !e.crossesTable() {
				w.flush()
				w.entry(e)
				continue
			}
			switch {
			case e.old != nil && e.new != nil:
				w.whole(e.old, Delete)
				w.later = append(w.later, e)
			case e.old == nil && len(w.later) > 0:
				w.later = append(w.later, e)
			case e.unit().block.Kind == policy.Cell:
				w.whole(e.unit(), e.op())
			default:
				w.entry(e)
			}
		}
		w.flush()
	}
}

// crossesTable reports whether a unit stood in a table and does not, or the reverse.
func (e *entry) crossesTable() bool { return inRow(e.old) != inRow(e.new) }

func inRow(u *unit) bool { return u.block.Kind == policy.Row || u.block.Kind == policy.Cell }

// op is Delete or Insert of an entry of one text.
func (e *entry) op() Op {
	if e.new == nil {
		return Delete
	}
	return Insert
}

// passageWriter makes passages of entries. Where paragraphs became rows of a table, or the
// reverse, they are passages of one text each: there is no table half of which is none.
type passageWriter struct {
	r      *Redline
	ids    map[*container]int
	same   map[*container]*container // of the old text → of the new one
	later  []*entry                  // their new units come behind what was removed
	memory identicalCells
	rows   [2]*container // of the old text, and of the new: the last one whose cells were units
	yield  func(*Passage) bool
	ended  bool
}

func (w *passageWriter) put(l *Passage) {
	if !w.ended {
		w.ended = !w.yield(l)
	}
}

func (w *passageWriter) flush() {
	for _, e := range w.later {
		if e.old == nil && e.new.block.Kind != policy.Cell {
			w.entry(e)
		} else {
			w.whole(e.new, Insert)
		}
	}
	w.later = w.later[:0]
}

// entry yields an entry.
func (w *passageWriter) entry(e *entry) {
	l := Passage{Old: w.place(e.old), New: w.place(e.new)}
	cells := w.r.pairs(e, &w.memory)
	for k := range cells {
		c := &cells[k]
		out := Cell{Old: c.old != nil, New: c.new != nil}
		out.Header = c.new != nil && c.new.header || c.new == nil && c.old != nil && c.old.header
		for _, x := range c.runs {
			if x.op != left {
				out.Spans = w.r.spans(out.Spans, c, x)
			}
			if e.moved != nil {
				l.Move = int(x.move)
			}
		}
		l.Cells = append(l.Cells, out)
	}
	w.put(&l)
}

// whole yields a unit as one that only its text has, and of a cell its row.
func (w *passageWriter) whole(u *unit, op Op) {
	if u.block.Kind == policy.Cell {
		row, last := u.around(policy.Row), &w.rows[0]
		if op == Insert {
			last = &w.rows[1]
		}
		if row == *last {
			return
		}
		*last, u = row, row.row
	}
	e := entry{new: u, detail: &detail{}}
	if op == Delete {
		e.old, e.new = u, nil
	}
	cells := u.readCells(&w.memory.reader)
	for k := range cells {
		x := run{op: op, old1: len(cells[k].text)}
		c := cellPair{old: &cells[k]}
		if op == Insert {
			x = run{op: op, new1: len(cells[k].text)}
			c = cellPair{new: &cells[k]}
		}
		c.runs = []run{x}
		e.cells = append(e.cells, c)
	}
	w.entry(&e)
}

func (w *passageWriter) place(u *unit) *Place {
	if u == nil {
		return nil
	}
	p := &Place{Block: u.block, Begin: u.begins(), GoesOn: u.cut()}
	if u.cut() {
		p.Between = u.ending()
	}
	for c := u.in; c != nil; c = c.parent {
		one := cmp.Or(w.same[c], c)
		if w.ids[one] == 0 {
			w.ids[one] = len(w.ids) + 1
		}
		p.In = append(p.In, Around{c.kind, c.ol, c.as, c.number, w.ids[one]})
	}
	slices.Reverse(p.In)
	return p
}

// spans appends a run with its signs.
func (r *Redline) spans(out []Span, c *cellPair, x run) []Span {
	s := Span{Op: x.op, Move: int(x.move), Moved: x.moved}
	at, end := x.new0, x.new1
	if x.op == Delete {
		at, end = x.old0, x.old1
	}
	for _, sign := range r.signs(c, x) {
		if sign.links() || sign.image != "" { // of links the targets tell it, and images are what they say
			continue
		}
		out = r.stretch(out, s, c, x, at, sign.at)
		at = sign.at
		t := s
		if x.op == Equal {
			t.Op = sign.op
		}
		t.Break, t.Footnote = sign.kind == lineEnd, sign.footnote
		out = append(out, t)
	}
	return r.stretch(out, s, c, x, at, end)
}

// stretch appends the text of a run between two places, cut where the mark-up of one
// of the texts changes.
func (r *Redline) stretch(out []Span, s Span, c *cellPair, x run, from, to int) []Span {
	for from < to {
		end := to
		switch x.op {
		case Delete:
			s.Old, end = c.old.markup(r.old.doc, from, end)
			s.Text = c.old.text[from:end]
		case Insert:
			s.New, end = c.new.markup(r.new.doc, from, end)
			s.Text = c.new.text[from:end]
		default:
			s.New, end = c.new.markup(r.new.doc, from, end)
			if s.Old = s.New; c.old.pieces != nil { // else nothing changed
				s.Old, end = c.old.markup(r.old.doc, from+x.old0-x.new0, end+x.old0-x.new0)
				end -= x.old0 - x.new0
			}
			s.Text = c.new.text[from:end]
		}
		if n := len(out); n > 0 && out[n-1].goesOnIn(&s) {
			out[n-1].Text += s.Text
		} else {
			out = append(out, s)
		}
		from = end
	}
	return out
}

// goesOnIn reports whether two neighbours differ in their text alone.
func (s *Span) goesOnIn(next *Span) bool {
	alike := func(a, b *Markup) bool {
		return a.Target == b.Target && a.Link == b.Link && slices.Equal(a.Tags, b.Tags)
	}
	return s.Text != "" && s.Op == next.Op && s.Move == next.Move && s.Moved == next.Moved && alike(&s.Old, &next.Old) && alike(&s.New, &next.New)
}

// markup is that of the text at a place, and how far, up to end, it goes.
func (c *cell) markup(d *policy.Document, at, end int) (Markup, int) {
	i, _ := slices.BinarySearchFunc(c.pieces, at+1, func(p piece, at int) int { return p.end - at })
	m := Markup{Link: -1}
	if i == len(c.pieces) {
		return m, end
	}
	p := &c.pieces[i]
	if p.start > at {
		return m, min(p.start, end)
	}
	if m.Tags, m.Link = p.tags, p.link; p.atom == struck {
		m.Tags = append(slices.Clip(m.Tags), "s")
	}
	if p.link >= 0 {
		m.Target = d.Links[p.link].Target
	}
	return m, min(p.end, end)
}
