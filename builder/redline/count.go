package redline

import (
	"unicode/utf8"

	"github.com/policysite/policysite/builder/policy"
)

// changed reports whether a reader has to look at the entry.
func (e *entry) changed() bool {
	return e.status != same || e.links || len(e.notes) > 0 || e.broken() != Equal
}

// count numbers the changes and adds up words.
func (r *Redline) count(w *workspace) {
	var heading *entry
	var section *policy.Section
	sectionOf := map[*entry]int{}
	inChange, inEdit := false, false
	var only [4]bool       // the kinds of change without words that there are
	added, removed := 0, 0 // bytes
	for i := range r.entries {
		e := &r.entries[i]
		u := e.new
		if u == nil {
			u = e.old
		}
		if u.block.Kind == policy.Heading {
			heading = e
			inChange = false // so that every section touched has an anchor of its own
		}
		e.section = heading
		if !e.changed() {
			// What a paragraph was divided into belongs together.
			inChange, inEdit = inChange && i > 0 && r.entries[i-1].broken() != Equal, false
			continue
		}
		if !inChange {
			r.Changes++
			e.first = true
		}
		inChange = true
		e.change = int32(r.Changes)
		at, ok := sectionOf[heading]
		if !ok {
			at = len(r.Sections)
			sectionOf[heading] = at
			s := policy.Section{First: r.Changes}
			if heading != nil {
				if heading.new != nil {
					s.ID, s.Heading = heading.new.block.ID, heading.new.block.Text
				} else {
					s.Heading = heading.old.block.Text
				}
			}
			r.Sections = append(r.Sections, s)
		}
		section = &r.Sections[at]
		if e.first || section.Changes == 0 {
			section.Changes++
		}
		r.shown += 256
		oldLabel, newLabel := 0, 0 // renumbering counts as nothing
		if e.status == edited {
			oldLabel, newLabel = e.old.label(), e.new.label()
		}
		for _, c := range e.cells {
			for _, x := range c.runs {
				if x.op == left {
					r.shown += x.old1 - x.old0 + 192
					continue
				}
				if x.op == Equal {
					r.shown += x.new1 - x.new0 + 192*len(c.new.pieces)
					inEdit = inEdit && x.new0 == x.new1
					continue
				}
				r.shown += x.old1 - x.old0 + x.new1 - x.new0 + 192
				if !inEdit {
					r.Edits++
				}
				inEdit = true
				if x.moved || e.old != nil && e.new != nil && x.old1 <= oldLabel && x.new1 <= newLabel {
					only[0], only[2] = only[0] || x.moved, only[2] || !x.moved
					if x.moved && x.op == Insert {
						r.Moved += w.wordsIn(&c, x)
					}
					continue
				}
				n := w.wordsIn(&c, x)
				only[1] = true
				added, removed = added+x.new1-x.new0, removed+x.old1-x.old0
				if x.op == Insert {
					r.Added += n
					section.Added += n
				} else {
					r.Removed += n
					section.Removed += n
				}
			}
		}
		if e.broken() != Equal && !inEdit {
			r.Edits++
			inEdit = true
		}
		only[3] = only[3] || e.broken() != Equal
	}
	r.Lost = lost(r.old.size, removed, r.new.size, added)
	if r.Added+r.Removed > 0 {
		return
	}
	for i, kind := range []policy.Only{policy.OnlyMoved, policy.OnlyPunctuation, policy.OnlyNumbers, policy.OnlyParagraphs} {
		if only[i] {
			r.Only = kind
			return
		}
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
