package redline

import (
	"fmt"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// noteStructure states what changed of the lists and quotations around units, once
// for neighbours of which the same is true.
func (r *Redline) noteStructure() {
	last := ""
	for i := range r.entries {
		e := &r.entries[i]
		if e.old == nil || e.new == nil {
			continue
		}
		note := ""
		if e.old.block != e.new.block {
			note = restructured(e.old, e.new)
		}
		if note != "" && note != last {
			if e.detail == &r.unchanged {
				e.detail = &detail{}
			}
			e.notes = append(e.notes, note)
		}
		last = note
	}
}

// restructured says how the surroundings of a unit differ from what they were.
func restructured(old, new *unit) string {
	depth := func(u *unit, kind policy.BlockKind) (n int) {
		for c := u.in; c != nil; c = c.parent {
			if c.kind == kind {
				n++
			}
		}
		return n
	}
	from, to := depth(old, policy.List), depth(new, policy.List)
	switch {
	case from == 0 && to > 0:
		return "now in a list"
	case to == 0 && from > 0:
		return "no longer in a list"
	case from != to:
		return fmt.Sprintf("item of level %d, was %d", to, from)
	case from > 0 && old.around(policy.List).ol != new.around(policy.List).ol:
		if new.around(policy.List).ol {
			return "numbers instead of bullets"
		}
		return "bullets instead of numbers"
	}
	switch from, to = depth(old, policy.Quote), depth(new, policy.Quote); {
	case from < to:
		return "now in a quotation"
	case from > to:
		return "no longer in a quotation"
	}
	return ""
}

// noteRefs states that footnotes are referred to at other places of an unchanged
// text, or are more or fewer of a changed one.
func (e *entry) noteRefs() {
	for _, c := range e.cells {
		if c.old == nil || c.new == nil || len(c.old.refs)+len(c.new.refs) == 0 {
			continue
		}
		from, to := len(c.old.refs), len(c.new.refs)
		switch {
		case from < to:
			e.notes = append(e.notes, "footnote reference added")
		case from > to:
			e.notes = append(e.notes, "footnote reference removed")
		case c.old.text != c.new.text:
		default:
			for k := range from {
				if a, b := c.old.refs[k], c.new.refs[k]; a != b && !slices.Contains(c.old.refs, b) {
					e.notes = append(e.notes, fmt.Sprintf("footnote reference moved from after “%s” to after “%s”", closing(c.old.text[:a]), closing(c.new.text[:b])))
				}
			}
		}
	}
}
