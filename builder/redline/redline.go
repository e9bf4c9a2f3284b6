package redline

import (
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// Side is one of the two texts.
type Side struct {
	Doc   *policy.Document
	Title string // what front matter says; "" when it says nothing

	prepared *sequence
}

// SideOf is a text as a side of a redline.
func SideOf(t *policy.Text) Side { return Side{Doc: t.Doc, Title: t.Meta.Title} }

// Prepare returns the side with what is read of it kept, for a text that is
// compared more than once. Such a side must not be in use by two goroutines at
// a time, and its document must not change.
func (s Side) Prepare() Side {
	if s.Doc == nil {
		return s
	}
	s.prepared = readSequence(s.Doc, s.Title)
	return s
}

func (s Side) sequence() *sequence {
	if s.prepared != nil {
		return s.prepared
	}
	return readSequence(s.Doc, s.Title)
}

// Redline is what leads from one text to another.
type Redline struct {
	policy.Comparison     // With apart
	Edits             int // stretches that were removed, added or replaced
	entries           []entry
	touched           []int32           // entries that are not the same
	headings          map[string]string // ids of the new text's headings by those of the old one's, where they differ
	footnotes         map[string]string // the references to the new text's footnotes by those of the old one's
	old, new          *sequence
	unchanged         detail
	shown             int // about how many bytes the changes take
	columns           []tableColumns
	spoken            *marks    // those of the page before
	found             [3][]sign // memory of signs
	asked             struct {
		old, new *policy.Block
		one      bool
	} // what are was asked last
}

// status says what became of a unit.
type status uint8

const (
	same status = iota
	edited
	removed
	added
)

// entry is a line of the redline: a unit of the old text, of the new, or one
// that is both. There is one for each unit, and in most nothing changed: they
// share one detail, which says so.
type entry struct {
	old, new *unit
	section  *entry // the heading it stands under
	*detail
	index  int32 // among the entries, if it is touched
	change int32 // number of the change that it belongs to, from 1; 0 for none
	status status
	first  bool // the first of that change
}

// detail is what became of a unit.
type detail struct {
	cells      []cellPair
	moved      *entry // of a removed or added one: its other half
	along      bool   // it moved along with the one before it, which says so
	notes      []note
	renumbered note // of a list number that other items' coming and going changed
	links      bool // a link or image target changed
}

// cellPair is a cell with what became of it; one side may be nil.
type cellPair struct {
	old, new *cell
	moved    bool // the cell did, with its column
	runs     []run
}

// Compare finds what leads from one text to another.
func Compare(old, new Side) *Redline {
	var c Comparer
	return c.Compare(old, new)
}

func (w *workspace) compare(a, b *sequence) *Redline {
	w.readings.Limit, w.runs.Limit = maxReadings, maxRuns
	w.moves, w.recent = 0, [len(w.recent)]*reading{}
	w.alignUnits(a.units, b.units)
	r := &Redline{old: a, new: b, entries: w.entries, spoken: &w.spoken}
	if slices.ContainsFunc(r.entries, func(e entry) bool { return e.status != same }) {
		r.pairIDs()
	}
	r.pairFootnotes()
	r.findColumns(w)
	for i := range r.entries {
		e := &r.entries[i]
		if e.status != same || e.broken() != Equal {
			r.touched = append(r.touched, int32(i))
		}
		e.compare(r, w)
	}
	r.findMoves(w)
	r.findMovedSentences(w)
	r.noteNumbers()
	r.noteStructure()
	r.count(w)
	return r
}

// alignUnits finds the units that stayed the same, and makes entries of them and of
// the stretches between them.
func (w *workspace) alignUnits(old, new []unit) {
	from, oldTo, newTo := 0, len(old), len(new)
	for from < min(oldTo, newTo) && old[from].saysSame(&new[from]) {
		from++
	}
	for oldTo > from && newTo > from && old[oldTo-1].saysSame(&new[newTo-1]) {
		oldTo--
		newTo--
	}
	w.entries = slices.Grow(w.entries[:0], len(old)+newTo-from)
	stay := func(i, j int) { w.entries = append(w.entries, entry{status: same, old: &old[i], new: &new[j]}) }
	for i := range from {
		stay(i, i)
	}
	w.x, w.y = w.x[:0], w.y[:0]
	for i := from; i < oldTo; i++ {
		w.x = append(w.x, old[i].id())
	}
	for j := from; j < newTo; j++ {
		w.y = append(w.y, new[j].id())
	}
	i, j := from, from
	matches(w.x, w.y, len(w.x)+len(w.y) > longSequence, func(x, y int) {
		if x, y = from+x, from+y; old[x].saysSame(&new[y]) {
			w.alignStretch(old[i:x], new[j:y])
			stay(x, y)
			i, j = x+1, y+1
		}
	})
	w.alignStretch(old[i:oldTo], new[j:newTo])
	for ; oldTo < len(old); oldTo, newTo = oldTo+1, newTo+1 {
		stay(oldTo, newTo)
	}
}

// alignStretch makes entries of units of which none stayed the same.
func (w *workspace) alignStretch(old, new []unit) {
	old, new, cut := w.openRows(old, new)
	if !cut {
		old, new, cut = w.splitUnits(old, new)
	}
	p := w.alignPart(old, new, cut)
	w.cutsA, w.cutsB = w.findJoined(w.cutsA[:0], new, old, p.new), w.findJoined(w.cutsB[:0], old, new, p.old)
	if len(w.cutsA)+len(w.cutsB) > 0 {
		old, new, cut = w.cut(old, w.cutsA), w.cut(new, w.cutsB), true
		p = w.alignPart(old, new, cut)
	}
	pairHeadings(old, new, p)
	at := len(w.entries)
	w.arrange(old, new, p)
	if cut {
		w.entries = w.entries[:at+len(rejoin(w.entries[at:]))]
	}
}

// alignPart pairs units, of which some are the same only if they were cut.
func (w *workspace) alignPart(old, new []unit, cut bool) pairing {
	w.old, w.new = unitItems(w.old[:0], old), unitItems(w.new[:0], new)
	if cut {
		return w.align(similarUnits, len(old)+len(new) > longSequence)
	}
	return w.alignGaps(similarUnits)
}

// unitItems are what align is given.
func unitItems(out []item, us []unit) []item {
	for i := range us {
		u := &us[i]
		it := item{text: u.text(), sort: u.sort(), edges: u.sort() == prose}
		if it.sort == row {
			it.loose = u.block.Children[0].Text
			it.head = !slices.ContainsFunc(u.block.Children, func(c policy.Block) bool { return !c.Header })
		} else if rest := u.unnumbered(); it.sort == heading || len(rest) < len(it.text) {
			it.loose = rest
		}
		out = append(out, it)
	}
	return out
}

// pairIDs notes which headings' ids changed.
func (r *Redline) pairIDs() {
	for i := range r.entries {
		e := &r.entries[i]
		if e.old == nil || e.new == nil {
			continue
		}
		from, to := e.old.block.ID, e.new.block.ID
		if from == to && len(r.headings) == 0 || from == "" {
			continue
		}
		if _, ok := r.headings[from]; !ok && from == to {
			continue
		}
		if r.headings == nil {
			r.headings = map[string]string{}
		}
		r.headings[from] = to
	}
}

// pairHeadings takes headings that stand alone between the same neighbours for
// one that was renamed, whatever its words.
func pairHeadings(a, b []unit, p pairing) {
	only := func(us []unit, from, to int) int { // -1 for none, or several
		found := -1
		for i := from; i < to; i++ {
			if us[i].block.Kind != policy.Heading {
				continue
			}
			if found >= 0 {
				return -1
			}
			found = i
		}
		return found
	}
	gaps(slices.Clone(p.old), len(b), func(i0, i1, j0, j1 int) {
		i, j := only(a, i0, i1), only(b, j0, j1)
		if i >= 0 && j >= 0 && a[i].block.Level == b[j].block.Level && (i-i0 == j-j0 || i1-i == j1-j) {
			p.old[i], p.new[j] = j, i
		}
	})
}

// arrange puts the units of both sides into one order: in each gap what was
// removed, then what was added.
func (w *workspace) arrange(a, b []unit, p pairing) {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && p.old[i] < 0:
			w.entries = append(w.entries, entry{status: removed, old: &a[i]})
			i++
		case j < len(b) && p.new[j] < 0:
			w.entries = append(w.entries, entry{status: added, new: &b[j]})
			j++
		default:
			e := entry{status: edited, old: &a[i], new: &b[j]}
			if a[i].saysSame(&b[j]) {
				e.status = same
			}
			w.entries = append(w.entries, e)
			i++
			j++
		}
	}
}

// compare finds what became of the cells of an entry.
func (e *entry) compare(r *Redline, w *workspace) {
	if e.status == same && identical(e.old, e.new) {
		e.detail = &r.unchanged
		return
	}
	if e.detail == nil {
		e.detail = &detail{}
	}
	var old, new []cell
	if e.old != nil {
		old = e.old.readCells(&w.reader)
	}
	if e.new != nil {
		new = e.new.readCells(&w.reader)
	}
	e.cells = w.pairCells(old, new, r.columnsOf(e))
	for k := range e.cells {
		c := &e.cells[k]
		switch {
		case c.moved || c.old == nil && c.new == nil:
		case c.old == nil:
			if c.new.text != "" {
				c.runs = []run{{op: Insert, new1: len(c.new.text)}}
			}
		case c.new == nil:
			if c.old.text != "" {
				c.runs = []run{{op: Delete, old1: len(c.old.text)}}
			}
		default:
			c.runs = w.compareText(c.old, c.new)
			for k, x := range c.runs {
				e.links = e.links || x.op == Equal && len(r.linkChanges(c, x)) > 0
				if x.op == Insert && k > 0 && c.runs[k-1].op == Delete {
					if n := lookAlike(c.textOf(c.runs[k-1]), c.textOf(x)); n != (note{}) {
						e.notes = append(e.notes, n)
					}
				}
			}
		}
	}
	if e.old == nil || e.new == nil {
		return
	}
	e.noteMarks(r)
	otherwise := func(c cellPair) bool {
		return c.old != nil && c.new != nil && c.old.text == c.new.text && !sameMarkup(c.old.pieces, c.new.pieces)
	}
	if e.status == same && e.old.block.Kind == e.new.block.Kind && slices.ContainsFunc(e.cells, otherwise) {
		e.notes = append(e.notes, say("reformatted"))
	}
	if e.status == edited && e.old.unnumbered() == e.new.unnumbered() && e.old.text() != e.new.text() {
		e.notes = append(e.notes, say("renumbered"))
	}
}

// identicalCells is memory for the cells of an entry in which nothing changed.
type identicalCells struct {
	pairs  []cellPair
	cells  []cell // of both sides
	pieces []piece
	marks  []mark
	runs   []run
	reader inlineReader
}

// pairs are the cells of an entry. Those of an identical one are not kept, and hold
// until the memory is used again.
func (r *Redline) pairs(e *entry, memory *identicalCells) []cellPair {
	if e.cells != nil {
		return e.cells
	}
	n, m := e.new.width(), memory
	m.pairs, m.cells, m.runs = slices.Grow(m.pairs[:0], n), slices.Grow(m.cells[:0], 2*n), slices.Grow(m.runs[:0], n)
	m.pieces, m.marks = m.pieces[:0], m.marks[:0]
	for k := range n {
		c := e.new.cell(k, &m.reader)
		if n > 1 { // the next one is read in the same memory
			p, q := len(m.pieces), len(m.marks)
			m.pieces, m.marks = append(m.pieces, c.pieces...), append(m.marks, c.marks...)
			c.pieces, c.marks = m.pieces[p:], m.marks[q:]
		}
		// Without pieces on the old side no link is found to have changed.
		m.cells = append(m.cells, cell{text: c.text, marks: c.marks, breaks: c.breaks}, c)
		m.runs = append(m.runs, run{op: Equal, old1: len(c.text), new1: len(c.text)})
		m.pairs = append(m.pairs, cellPair{old: &m.cells[2*k], new: &m.cells[2*k+1], runs: m.runs[k : k+1]})
	}
	return m.pairs
}

// pairCells aligns the cells of two rows, or those of one with none: by columns where
// they are known, by place where there are as many, else by what they say.
func (w *workspace) pairCells(old, new []cell, columns []column) []cellPair {
	if columns != nil && len(old) <= len(columns) && len(new) <= len(columns) {
		return w.byColumns(columns, old, new)
	}
	if len(old) == len(new) {
		out := make([]cellPair, len(old))
		for k := range out {
			out[k] = cellPair{old: &old[k], new: &new[k]}
		}
		return out
	}
	var out []cellPair
	items := func(out []item, cells []cell) []item {
		for _, c := range cells {
			out = append(out, item{text: c.text})
		}
		return out
	}
	w.old, w.new = items(w.old[:0], old), items(w.new[:0], new)
	p := w.align(similarUnits, false)
	i, j := 0, 0
	for i < len(old) || j < len(new) {
		switch {
		case i < len(old) && p.old[i] < 0:
			out = append(out, cellPair{old: &old[i]})
			i++
		case j < len(new) && p.new[j] < 0:
			out = append(out, cellPair{new: &new[j]})
			j++
		default:
			out = append(out, cellPair{old: &old[i], new: &new[j]})
			i++
			j++
		}
	}
	return out
}
