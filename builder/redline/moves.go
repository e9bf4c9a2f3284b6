package redline

import (
	"fmt"

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

// textOf is the text of a run.
func (c *cellPair) textOf(x run) string {
	if x.op == Delete {
		return c.old.text[x.old0:x.old1]
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
