package redline

import (
	"cmp"
	"fmt"
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
		if e.status == removed && (e.old.block.Kind == policy.Heading || len(w.read(e.old.text()).words) >= movedWords) {
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
			w.connect(list[0], e)
			gone[k] = list[1:]
		}
	}
	r.findEditedMoves(w)
	for n, i := range r.touched {
		e := &r.entries[i]
		if n > 0 && i > 0 && e.moved != nil {
			before := &r.entries[i-1]
			e.along = before.moved != nil && before.status == e.status && before.moved.index+1 == e.moved.index
		}
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
	found := w.candidates(0, len(from), 0, len(to), similarMoved)
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	for _, c := range found {
		if a, b := from[c.old], to[c.new]; a.moved == nil && b.moved == nil && len(a.cells) == len(b.cells) {
			w.connect(a, b)
		}
	}
}

// direction says which half of a move an entry is.
func (e *entry) direction() string {
	if e.status == removed {
		return "moved to "
	}
	return "moved from "
}

// connect makes a removed and an added entry halves of a move, and marks what was
// edited in it.
func (w *workspace) connect(from, to *entry) {
	from.moved, to.moved = to, from
	for k := range min(len(from.cells), len(to.cells)) {
		if from.cells[k].old != nil && to.cells[k].new != nil {
			w.move(&from.cells[k], &to.cells[k])
		}
	}
}

// move marks what was edited in a cell that moved.
func (w *workspace) move(a, b *cellPair) {
	runs := w.compareText(a.old, b.new)
	a.runs, b.runs, b.before = nil, nil, a.old
	for _, x := range runs {
		moved := x.op == Equal
		if x.op != Insert {
			a.runs = append(a.runs, run{op: Delete, old0: x.old0, old1: x.old1, moved: moved})
		}
		switch x.op {
		case Delete:
			b.runs = append(b.runs, run{op: left, old0: x.old0, old1: x.old1})
		default:
			b.runs = append(b.runs, run{op: Insert, new0: x.new0, new1: x.new1, moved: moved})
		}
	}
}

// findMovedSentences marks the sentences that went from one place and came to
// another, whatever units they stood in.
func (r *Redline) findMovedSentences(w *workspace) {
	type stretch struct {
		cell       *cellPair
		run        int
		start, end int
	}
	each := func(op Op, f func(text string, s stretch)) {
		for _, i := range r.touched {
			e := &r.entries[i]
			if e.moved != nil {
				continue
			}
			for k := range e.cells {
				c := &e.cells[k]
				for n, x := range c.runs {
					if x.op != op {
						continue
					}
					from, to, read := x.old0, x.old1, (*reading)(nil)
					if op == Insert {
						from, to = x.new0, x.new1
					}
					if to-from < 2*movedWords {
						continue
					}
					if op == Insert {
						read = w.readCell(c.new)
					} else {
						read = w.readCell(c.old)
					}
					for i := range read.sentences {
						s := &read.sentences[i]
						if start, end := read.start(s.from), read.start(s.to); start >= from && end <= to && len(s.words) >= movedWords {
							f(read.text[start:end], stretch{c, n, len(strings.TrimRight(read.text[from:start], " ")), to - from - len(strings.TrimLeft(read.text[end:to], " "))})
						}
					}
				}
			}
		}
	}
	gone := map[string][]stretch{}
	each(Delete, func(text string, s stretch) { gone[text] = append(gone[text], s) })
	if len(gone) == 0 {
		return
	}
	moved := map[*cellPair][]stretch{}
	each(Insert, func(text string, s stretch) {
		if list := gone[text]; len(list) > 0 {
			gone[text] = list[1:]
			moved[list[0].cell] = append(moved[list[0].cell], list[0])
			moved[s.cell] = append(moved[s.cell], s)
		}
	})
	for c, list := range moved {
		slices.SortFunc(list, func(a, b stretch) int { return cmp.Or(a.run-b.run, a.start-b.start) })
		var runs []run // the ones before may be another cell's too
		for n, x := range c.runs {
			at := 0
			part := func(end int, moved bool) {
				if end > at {
					y := x
					y.moved = moved
					if x.op == Delete {
						y.old0, y.old1 = x.old0+at, x.old0+end
					} else {
						y.new0, y.new1 = x.new0+at, x.new0+end
					}
					runs, at = append(runs, y), end
				}
			}
			for ; len(list) > 0 && list[0].run == n; list = list[1:] {
				part(list[0].start, false)
				part(list[0].end, true)
			}
			if x.op == Equal || x.old0 == x.old1 && x.new0 == x.new1 {
				runs = append(runs, x)
				continue
			}
			part(x.old1-x.old0+x.new1-x.new0, false)
		}
		c.runs = runs
	}
}

// textOf is the text of a run.
func (c *cellPair) textOf(x run) string {
	switch x.op {
	case Delete:
		return c.old.text[x.old0:x.old1]
	case left:
		return c.before.text[x.old0:x.old1]
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
		note := fmt.Sprintf("number %d, was %d", e.new.number(), e.old.number())
		list := e.new.in.parent
		if shifted[list] || shifted[e.old.in.parent] {
			if e.detail == &r.unchanged {
				e.detail = &detail{}
			}
			e.renumbered = note
			continue
		}
		r.note(e, note)
		shifted[list] = true // said once of a list
	}
}
