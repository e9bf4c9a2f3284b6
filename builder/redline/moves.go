package redline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// movedWords is how many words a passage must have to be recognized as moved:
// shorter ones say the same by chance.
const movedWords = 4

// findMoves connects removed and added units that say the same.
func (r *Redline) findMoves() {
	key := func(u *unit) string {
		if u.block.Kind == policy.Heading {
			return unnumbered(u.text())
		}
		return u.text()
	}
	gone := map[string][]*entry{}
	for _, i := range r.touched {
		e := &r.entries[i]
		if e.status == removed && (e.old.block.Kind == policy.Heading || hasWords(e.old.text(), movedWords)) {
			gone[key(e.old)] = append(gone[key(e.old)], e)
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
		k := key(e.new)
		if list := gone[k]; len(list) > 0 {
			e.moved, list[0].moved = list[0], e
			gone[k] = list[1:]
		}
	}
}

// findSplits recognizes what left a paragraph for one of its own, or joined
// another: it is no new text either.
func (r *Redline) findSplits() {
	arrived, gone := map[string]*entry{}, map[string]*entry{}
	for _, i := range r.touched {
		e := &r.entries[i]
		if e.moved == nil && len(e.cells) == 1 {
			switch e.status {
			case added:
				arrived[e.new.text()] = e
			case removed:
				gone[e.old.text()] = e
			}
		}
	}
	if len(arrived)+len(gone) == 0 {
		return
	}
	for _, i := range r.touched {
		e := &r.entries[i]
		if e.status != edited {
			continue
		}
		for k := range e.cells {
			c := &e.cells[k]
			for _, x := range c.runs {
				var other *entry
				var note string
				switch x.op {
				case Delete:
					other, note = arrived[strings.TrimSpace(c.old.text[x.old0:x.old1])], "split off from another paragraph"
				case Insert:
					other, note = gone[strings.TrimSpace(c.new.text[x.new0:x.new1])], "joined with another paragraph"
				}
				if other == nil || other.split || !hasWords(c.textOf(x), movedWords) {
					continue
				}
				other.split = true
				other.notes = append(other.notes, note)
				c.mark(x)
			}
		}
	}
}

// textOf is the text of a run.
func (c *cellPair) textOf(x run) string {
	if x.op == Delete {
		return c.old.text[x.old0:x.old1]
	}
	return c.new.text[x.new0:x.new1]
}

// mark makes a run count as moved.
func (c *cellPair) mark(x run) {
	c.runs = slices.Clone(c.runs) // they may be another cell's too
	for k := range c.runs {
		if c.runs[k] == x {
			c.runs[k].moved = true
		}
	}
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
		for _, c := range u.path {
			shifted[c] = true
		}
	}
	for i := range r.entries {
		e := &r.entries[i]
		if e.old == nil || e.new == nil || e.old.number == e.new.number || e.old.number == 0 || e.new.number == 0 {
			continue
		}
		note := fmt.Sprintf("number %d, was %d", e.new.number, e.old.number)
		if e.detail == &r.unchanged {
			e.detail = &detail{}
		}
		if list := listOf(e.new); list != nil && (shifted[list] || shifted[listOf(e.old)]) {
			e.renumbered = note
			continue
		}
		e.notes = append(e.notes, note)
		shifted[listOf(e.new)] = true // said once of a list
	}
}

// listOf is the innermost list around a unit.
func listOf(u *unit) *container {
	for k := len(u.path) - 1; k >= 0; k-- {
		if u.path[k].kind == policy.List {
			return u.path[k]
		}
	}
	return nil
}
