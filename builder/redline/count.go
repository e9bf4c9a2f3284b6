package redline

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/policysite/policysite/builder/policy"
)

// changed reports whether a reader has to look at the entry.
func (e *entry) changed() bool {
	return e.status != same || e.links || len(e.notes) > 0 || e.broken() != Equal
}

// counter numbers the changes of a redline and adds up its words.
type counter struct {
	*Redline
	w              *workspace
	heading        *entry         // under which the entry stands
	sections       map[*entry]int // by their headings
	inChange       bool           // the entry before belongs to a change
	inEdit         bool           // what stands before belongs to an edit
	only           [4]bool        // the kinds of change without words that there are
	added, removed int            // bytes
}

// The kinds of change that add and remove no word.
const (
	onlyMoved = iota
	onlyPunctuation
	onlyNumbers
	onlyParagraphs
	none = -1
)

var onlyKinds = [4]policy.Only{policy.OnlyMoved, policy.OnlyPunctuation, policy.OnlyNumbers, policy.OnlyParagraphs}

// count numbers the changes and adds up words.
func (r *Redline) count(w *workspace) {
	c := counter{Redline: r, w: w, sections: map[*entry]int{}}
	for i := range r.entries {
		c.entry(&r.entries[i], i > 0 && r.entries[i-1].broken() != Equal)
	}
	r.Lost = lost(r.old.size, c.removed, r.new.size, c.added)
	if i := slices.Index(c.only[:], true); i >= 0 && r.Added+r.Removed == 0 {
		r.Only = onlyKinds[i]
	}
}

// entry counts an entry. divided tells that the one before is a part of what was one
// paragraph with it.
func (c *counter) entry(e *entry, divided bool) {
	u := e.new
	if u == nil {
		u = e.old
	}
	if u.block.Kind == policy.Heading {
		c.heading = e
		c.inChange = false // so that every section touched has an anchor of its own
	}
	e.section = c.heading
	if !e.changed() {
		// The parts of a divided paragraph belong together.
		c.inChange, c.inEdit = c.inChange && divided, false
		return
	}
	if !c.inChange {
		c.Changes++
		e.first = true
	}
	c.inChange = true
	e.change = int32(c.Changes)
	section := &policy.Section{}
	if !e.leftWith(c.heading) {
		section = c.section()
	}
	if e.first || section.Changes == 0 {
		section.Changes++
	}
	c.shown += 256
	oldLabel, newLabel := 0, 0 // renumbering counts as nothing
	switch {
	case e.status == edited:
		oldLabel, newLabel = e.old.label(), e.new.label()
	case e.moved != nil && e.old == nil:
		oldLabel, newLabel = e.moved.old.label(), e.new.label()
	}
	for i := range e.cells {
		cell := &e.cells[i]
		for k, x := range cell.runs {
			kind := none
			switch {
			case x.moved:
				kind = onlyMoved
			case (e.status == edited && x.op != left || e.moved != nil) && x.old1 <= oldLabel && x.new1 <= newLabel:
				kind = onlyNumbers
			case cell.keepsWords(k):
				kind = onlyPunctuation
			}
			c.run(cell, x, kind, section)
		}
	}
	if e.broken() == Equal {
		return
	}
	if !c.inEdit {
		c.Edits++
		c.inEdit = true
	}
	c.only[onlyParagraphs] = true
}

// keepsWords reports whether a run and its other half say the same words with other
// apostrophes.
func (c *cellPair) keepsWords(k int) bool {
	switch {
	case c.runs[k].op == Insert:
		k--
	case c.runs[k].op != Delete:
		return false
	}
	if k < 0 || k+1 >= len(c.runs) || c.runs[k].op != Delete || c.runs[k+1].op != Insert {
		return false
	}
	return apostrophes.Replace(c.textOf(c.runs[k])) == apostrophes.Replace(c.textOf(c.runs[k+1]))
}

var apostrophes = strings.NewReplacer("’", "'", "‘", "'", "ʼ", "'")

// leftWith reports whether an entry moved together with its heading, and this is where
// both stood: the section is counted where they went.
func (e *entry) leftWith(heading *entry) bool {
	return e.moved != nil && e.new == nil && heading != nil && heading.moved != nil && heading.new == nil
}

// section is that of the heading under which the entry stands.
func (c *counter) section() *policy.Section {
	at, ok := c.sections[c.heading]
	if !ok {
		at = len(c.Sections)
		c.sections[c.heading] = at
		s := policy.Section{First: c.Changes}
		switch h := c.heading; {
		case h == nil:
		case h.new != nil:
			s.ID, s.Heading = h.new.block.ID, h.new.block.Text
		default:
			s.Heading = h.old.block.Text
		}
		c.Sections = append(c.Sections, s)
	}
	return &c.Sections[at]
}

// run counts a run of a cell. One of a kind adds and removes no word.
func (c *counter) run(cell *cellPair, x run, kind int, section *policy.Section) {
	switch x.op {
	case left: // what was struck from a passage that moved counts here, where it is read
		c.shown += x.old1 - x.old0 + 192
		if kind == none {
			n := c.w.wordsIn(&cellPair{old: x.from}, x)
			c.only[onlyPunctuation] = true
			c.removed += x.old1 - x.old0
			c.Removed += n
			section.Removed += n
		}
		return
	case Equal:
		c.shown += x.new1 - x.new0 + 192*len(cell.new.pieces)
		c.inEdit = c.inEdit && x.new0 == x.new1
		return
	}
	c.shown += x.old1 - x.old0 + x.new1 - x.new0 + 192
	if !c.inEdit {
		c.Edits++
	}
	c.inEdit = true
	if x.op == Delete && x.move != 0 && !x.moved { // the same, where the passage was
		return
	}
	if kind != none {
		c.only[kind] = true
		if x.moved && x.op == Insert {
			c.Moved += c.w.wordsIn(cell, x)
		}
		return
	}
	c.only[onlyPunctuation] = true // unless there are words
	c.added, c.removed = c.added+x.new1-x.new0, c.removed+x.old1-x.old0
	if n := c.w.wordsIn(cell, x); x.op == Insert {
		c.Added += n
		section.Added += n
	} else {
		c.Removed += n
		section.Removed += n
	}
}

// lost is how much of the shorter of two texts the other does not have, in percent:
// of texts of so many bytes, of which so many were removed and added.
func lost(old, removed, new, added int) int {
	if old > new {
		old, removed = new, added
	}
	return 100 * removed / max(1, old)
}

// wordsIn counts the words of a run, or their characters.
func (w *workspace) wordsIn(c *cellPair, x run) int {
	of, from, to := c.old, x.old0, x.old1
	if x.op == Insert {
		of, from, to = c.new, x.new0, x.new1
	}
	r := w.readCell(of)
	if !w.characters && from == 0 && to == len(of.text) {
		return len(r.words)
	}
	from, to = r.at(from), r.at(to)
	n := r.count(from, to)
	for i := from; w.characters && i < to; i++ {
		if r.kind(i) >= word {
			n += utf8.RuneCountInString(r.stretch(i, i+1)) - 1
		}
	}
	return n
}
