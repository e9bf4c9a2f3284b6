package redline

import (
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// linkChange is a link whose text stayed and whose target did not.
type linkChange struct {
	start, at int // in the new text, where it starts and ends
	from, to  string
}

// linkChanges finds the links of an equal run whose target changed. Both texts
// of the run are the same, so places correspond.
func (r *Redline) linkChanges(c *cellPair, x run) []linkChange {
	var out []linkChange
	first := 0 // of the old pieces, which stand in order like the new ones
	shift := x.new0 - x.old0
	for i := range c.new.pieces {
		p := &c.new.pieces[i]
		if p.end <= x.new0 || p.start >= x.new1 {
			continue
		}
		start, end := max(p.start, x.new0), min(p.end, x.new1)
		to := target(r.new.doc, p)
		for first < len(c.old.pieces) && c.old.pieces[first].end+shift <= start {
			first++
		}
		for k := first; k < len(c.old.pieces); k++ {
			q := &c.old.pieces[k]
			if q.start+shift >= end {
				break
			}
			if from := target(r.old.doc, q); from != to && !r.sameHeading(from, to) {
				at := min(q.end+shift, end)
				if n := len(out); n > 0 && out[n-1].from == from && out[n-1].to == to {
					out[n-1].at = at
				} else {
					out = append(out, linkChange{max(q.start+shift, start), at, from, to})
				}
			}
		}
	}
	return out
}

// sameHeading reports whether two fragments lead to what is the same heading in
// both texts: one that was renumbered or renamed takes its links along.
func (r *Redline) sameHeading(from, to string) bool {
	return strings.HasPrefix(from, "#") && strings.HasPrefix(to, "#") && r.headings[from[1:]] == to[1:] && to != "#"
}

// target is where a piece leads, as the author wrote it; "" for nowhere.
func target(d *policy.Document, p *piece) string {
	switch {
	case p.image >= 0:
		return d.Links[p.image].Target
	case p.link >= 0:
		return d.Links[p.link].Target
	}
	return ""
}
