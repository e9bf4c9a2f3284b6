package redline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// movedWords is how many words a passage must have to be recognized as moved:
// shorter ones say the same by chance. One that was edited as well must have more
// and be alike.
const (
	movedWords       = 4
	movedEditedWords = 8
	similarMoved     = 0.60
)

// canMove reports whether what a unit says is enough to be recognized elsewhere. Rows
// and items of a list are told from others by two words.
func (w *workspace) canMove(u *unit) bool {
	n := len(w.read(u.text()).words)
	return u.block.Kind == policy.Heading || n >= movedWords || n >= 2 && (u.sort() == row || u.around(policy.Item) != nil)
}

// findMoves connects removed and added units that say the same, then those that
// say nearly the same.
func (r *Redline) findMoves(w *workspace) {
	type said struct {
		text string
		sort sort
	}
	gone := map[said][]*entry{}
	for _, i := range r.touched {
		e := &r.entries[i]
		e.index = i
		if e.status == removed && w.canMove(e.old) {
			k := said{e.old.unnumbered(), e.old.sort()}
			gone[k] = append(gone[k], e)
		}
	}
	if len(gone) == 0 {
		return
	}
	for _, i := range r.touched {
		e := &r.entries[i]
		if e.status != added {
			continue
		}
		k := said{e.new.unnumbered(), e.new.sort()}
		if list := gone[k]; len(list) > 0 {
			r.connect(w, list[0], e)
			gone[k] = list[1:]
		}
	}
	r.findEditedMoves(w)
	for _, i := range r.touched {
		r.moveAlong(w, &r.entries[i], 1)
	}
	for _, i := range slices.Backward(r.touched) {
		r.moveAlong(w, &r.entries[i], -1)
	}
	for n, i := range r.touched {
		e := &r.entries[i]
		if n > 0 && i > 0 && e.moved != nil {
			before := &r.entries[i-1]
			e.along = before.moved != nil && before.status == e.status && before.moved.index+1 == e.moved.index
		}
	}
}

// moveAlong connects the neighbours of an entry that moved, however few words they
// have, if they say the same: the first row of a table, a line of an address.
func (r *Redline) moveAlong(w *workspace, e *entry, by int32) {
	if e.moved == nil || e.status != removed {
		return
	}
	i, j := e.index+by, e.moved.index+by
	if n := int32(len(r.entries)); i < 0 || j < 0 || i >= n || j >= n {
		return
	}
	from, to := &r.entries[i], &r.entries[j]
	if from.status == removed && to.status == added && from.moved == nil && to.moved == nil && from.old.saysSame(to.new) {
		r.connect(w, from, to)
	}
}

func (r *Redline) findEditedMoves(w *workspace) {
	var from, to []*entry
	var old, new []unit
	for _, i := range r.touched {
		e := &r.entries[i]
		switch {
		case e.moved != nil || e.old != nil && e.new != nil || e.unit().block.Kind == policy.Heading || len(w.read(e.unit().text()).words) < movedEditedWords:
		case e.status == removed:
			from, old = append(from, e), append(old, *e.old)
		default:
			to, new = append(to, e), append(new, *e.new)
		}
	}
	if len(from) == 0 || len(to) == 0 {
		return
	}
	w.old, w.new = unitItems(w.old[:0], old), unitItems(w.new[:0], new)
	for k := range w.old {
		w.old[k].loose, w.old[k].edges = "", false // rows that start with the same cell are not alike for that
	}
	for _, c := range w.likeliest(similarMoved) {
		if a, b := from[c.old], to[c.new]; a.moved == nil && b.moved == nil && len(a.cells) == len(b.cells) {
			r.connect(w, a, b)
		}
	}
}

// connect makes a removed and an added entry halves of a move, and marks what was
// edited in it, or leads elsewhere now.
func (r *Redline) connect(w *workspace, from, to *entry) {
	from.moved, to.moved = to, from
	for k := range min(len(from.cells), len(to.cells)) {
		if from.cells[k].old != nil && to.cells[k].new != nil {
			w.move(&from.cells[k], &to.cells[k])
		}
	}
	r.noteLinks(from, to)
}

// noteLinks says which links of what moved lead elsewhere now.
func (r *Redline) noteLinks(from, to *entry) {
	kept := func(runs []run) (out []run) {
		for _, x := range runs {
			if x.moved && x.op != left {
				out = append(out, x)
			}
		}
		return out
	}
	for k := range min(len(from.cells), len(to.cells)) {
		c := cellPair{old: from.cells[k].old, new: to.cells[k].new}
		if c.old == nil || c.new == nil {
			continue
		}
		gone, come := kept(from.cells[k].runs), kept(to.cells[k].runs)
		for i := range min(len(gone), len(come)) {
			for _, s := range r.linkChanges(&c, run{op: Equal, old0: gone[i].old0, old1: gone[i].old1, new0: come[i].new0, new1: come[i].new1}) {
				to.notes = append(to.notes, s.words())
			}
		}
	}
}

// move marks what was edited in a cell that moved.
func (w *workspace) move(a, b *cellPair) {
	a.runs, b.runs = w.halves(w.compareText(a.old, b.new), a.old, 0, 0)
}

// halves are the runs of a text that moved, at its old place and at its new one: runs
// lead from one to the other, which start at a and b there. They have the number of
// the move.
func (w *workspace) halves(runs []run, from *cell, a, b int) (gone, come []run) {
	w.moves++
	for _, x := range runs {
		old := run{op: Delete, move: w.moves, old0: a + x.old0, old1: a + x.old1, moved: x.op == Equal, from: from}
		new := run{op: Insert, move: w.moves, new0: b + x.new0, new1: b + x.new1, moved: x.op == Equal}
		if x.op != Insert {
			gone = append(gone, old)
		}
		if x.op == Delete {
			new, new.op = old, left
		}
		come = append(come, new)
	}
	return gone, come
}

// loose is a sentence that was removed or added.
type loose struct {
	in    *cellPair
	run   int // among the runs of the cell
	start int // in the text of the cell
	text  string
	bag   *bag
	moved []run // what becomes of it, if it moved
}

// looseSentences are those within runs of an op.
func (r *Redline) looseSentences(w *workspace, op Op) (out []loose) {
	for _, i := range r.touched {
		if r.entries[i].moved != nil {
			continue
		}
		for k := range r.entries[i].cells {
			c := &r.entries[i].cells[k]
			for n, x := range c.runs {
				if x.op != op {
					continue
				}
				from, to, cell := x.old0, x.old1, c.old
				if op == Insert {
					from, to, cell = x.new0, x.new1, c.new
				}
				if to-from < 2*movedWords || x.moved {
					continue
				}
				read := w.readCell(cell)
				for i := range read.sentences {
					s := &read.sentences[i]
					if start, end := read.start(s.from), read.start(s.to); start >= from && end <= to && len(s.words) >= movedWords {
						out = append(out, loose{in: c, run: n, start: start, text: read.text[start:end], bag: &s.bag})
					}
				}
			}
		}
	}
	return out
}

// findMovedSentences marks the sentences that went from one place and came to
// another, whatever units they stood in, and then those that were edited as well.
func (r *Redline) findMovedSentences(w *workspace) {
	gone := r.looseSentences(w, Delete)
	if len(gone) == 0 {
		return
	}
	come := r.looseSentences(w, Insert)
	if len(come) == 0 {
		return
	}
	same := map[string][]*loose{}
	for i := range gone {
		same[gone[i].text] = append(same[gone[i].text], &gone[i])
	}
	connect := func(a, b *loose) {
		runs, kept := w.compareText(&cell{text: a.text}, &cell{text: b.text}), 0
		for _, x := range runs {
			if x.op == Equal {
				kept += len(strings.Fields(a.text[x.old0:x.old1]))
			}
		}
		if kept >= movedWords {
			a.moved, b.moved = w.halves(runs, a.in.old, a.start, b.start)
		}
	}
	for i := range come {
		if list := same[come[i].text]; len(list) > 0 {
			connect(list[0], &come[i])
			same[come[i].text] = list[1:]
		}
	}
	rest := func(items []item, list []loose) (_ []item, of []*loose) {
		for i := range list {
			if l := &list[i]; l.moved == nil && len(l.bag.words) >= movedEditedWords {
				items, of = append(items, item{text: l.text, bag: l.bag}), append(of, l)
			}
		}
		return items, of
	}
	var from, to []*loose
	w.old, from = rest(w.old[:0], gone)
	w.new, to = rest(w.new[:0], come)
	for _, c := range w.likeliest(similarMoved) {
		if a, b := from[c.old], to[c.new]; a.moved == nil && b.moved == nil && !hasAtoms(a.in.old.pieces) && !hasAtoms(b.in.new.pieces) {
			connect(a, b)
		}
	}
	cells := map[*cellPair][]*loose{}
	for _, list := range [][]loose{gone, come} {
		for i := range list {
			if l := &list[i]; l.moved != nil {
				cells[l.in] = append(cells[l.in], l)
			}
		}
	}
	for c, list := range cells {
		slices.SortFunc(list, func(a, b *loose) int { return cmp.Or(a.run-b.run, a.start-b.start) })
		c.markMoved(list)
	}
}

// likeliest are pairs of w.old and w.new, whatever their order, the likest first.
func (w *workspace) likeliest(threshold float64) []candidate {
	if len(w.old) == 0 || len(w.new) == 0 {
		return nil
	}
	found := w.candidates(0, len(w.old), 0, len(w.new), threshold)
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return found
}

// markMoved puts the sentences of a cell that moved, in their order, into its runs.
// White space goes with a sentence beside it.
func (c *cellPair) markMoved(list []*loose) {
	var runs []run // those before may be another cell's too
	put := func(x run) {
		if x.old0 == x.old1 && x.new0 == x.new1 {
			return
		}
		if n := len(runs); n > 0 && runs[n-1].op == x.op && (x.op == Delete || x.op == Insert) && runs[n-1].moved == x.moved && runs[n-1].from == x.from {
			if x.op == Delete {
				runs[n-1].old1 = x.old1
			} else {
				runs[n-1].new1 = x.new1
			}
			return
		}
		runs = append(runs, x)
	}
	for n, x := range c.runs {
		for ; len(list) > 0 && list[0].run == n; list = list[1:] {
			l, before, rest := list[0], x, x
			if x.op == Delete {
				before.old1, rest.old0 = l.start, l.start+len(l.text)
			} else {
				before.new1, rest.new0 = l.start, l.start+len(l.text)
			}
			along := func(space *run, beside run) {
				if strings.TrimSpace(c.textOf(*space)) == "" {
					space.moved, space.move, space.from = beside.moved, beside.move, beside.from
				}
			}
			along(&before, l.moved[0])
			put(before)
			for _, y := range l.moved {
				put(y)
			}
			x = rest
			along(&x, l.moved[len(l.moved)-1])
		}
		put(x)
	}
	c.runs = runs
}

// textOf is the text of a run.
func (c *cellPair) textOf(x run) string {
	switch x.op {
	case Delete:
		return c.old.text[x.old0:x.old1]
	case left:
		return x.from.text[x.old0:x.old1]
	}
	return c.new.text[x.new0:x.new1]
}

// noteNumbers states list numbers that changed. Where items came or went that
// is their doing, and stated without being a change of its own.
func (r *Redline) noteNumbers() {
	shifted := map[*container]bool{} // lists in which items came or went
	for _, i := range r.touched {
		e := &r.entries[i]
		var u *unit
		switch e.status {
		case removed:
			u = e.old
		case added:
			u = e.new
		default:
			continue
		}
		for c := u.in; c != nil; c = c.parent {
			shifted[c] = true
		}
	}
	for i := range r.entries {
		e := &r.entries[i]
		if e.old == nil || e.new == nil || e.old.number() == e.new.number() || e.old.number() == 0 || e.new.number() == 0 {
			continue
		}
		now := say("number-was", "Number", e.new.number(), "Was", e.old.number())
		list := e.new.in.parent
		if shifted[list] || shifted[e.old.in.parent] {
			if e.detail == &r.unchanged {
				e.detail = &detail{}
			}
			e.renumbered = now
			continue
		}
		r.note(e, now)
		shifted[list] = true // said once of a list
	}
}
