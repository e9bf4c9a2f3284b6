package redline

import (
	"slices"
	"strconv"

	"github.com/policysite/policysite/builder/policy"
)

// containers maps those of the old text to those of the new that are the same,
// by the units in them. They are asked for where something was removed only.
func (r *Redline) containers() map[*container]*container {
	if !slices.ContainsFunc(r.touched, func(i int32) bool { return r.entries[i].status == removed && r.entries[i].old.in != nil }) {
		return nil
	}
	return r.sameContainers()
}

func (r *Redline) sameContainers() map[*container]*container {
	same := map[*container]*container{}
	for i := range r.entries {
		if e := &r.entries[i]; e.old != nil && e.new != nil {
			pair(same, e.old.in, e.new.in)
		}
	}
	return same
}

// pair notes that containers around units that are one are the same, as far as they
// are from the outside in, and reports whether all of them are.
func pair(same map[*container]*container, a, b *container) bool {
	for a != nil && b != nil && a.depth > b.depth {
		a = a.parent
	}
	for a != nil && b != nil && b.depth > a.depth {
		b = b.parent
	}
	if a == nil || b == nil {
		return a == b
	}
	if same[a] == b {
		return true
	}
	if !pair(same, a.parent, b.parent) || a.kind != b.kind || a.ol != b.ol {
		return false
	}
	if _, ok := same[a]; !ok {
		same[a] = b
	}
	return true
}

// path is the place of an entry in the redline, outermost first: the containers of
// the new text, and for a removed entry its old ones where the new text has them no
// more. It holds until the next call.
func (w *writer) path(e *entry) []*container {
	c, isOld := e.unit().in, e.new == nil
	n := 0
	if c != nil {
		n = c.depth + 1
	}
	out := slices.Grow(w.around[:0], n)[:n]
	w.around = out
	for ; c != nil; c = c.parent {
		out[c.depth] = c
		if n, ok := w.inNew[c]; ok && isOld {
			out[c.depth] = n
		}
	}
	return out
}

// tableWidths is how many cells the widest row of each table has in the
// redline: all rows of a table must have as many.
func (r *Redline) tableWidths(same map[*container]*container) map[*container]int {
	out := map[*container]int{}
	var last *container // the table that widest is of
	widest := 0
	var row *container // that cells are of which are units of their own
	cells := 0
	for i := range r.entries {
		e := &r.entries[i]
		u := e.unit()
		n := 0
		switch u.block.Kind {
		case policy.Row:
			n = e.width()
		case policy.Cell:
			at := u.around(policy.Row)
			if same, ok := same[at]; ok && e.new == nil {
				at = same
			}
			if at != row {
				row, cells = at, 0
			}
			cells++
			n = cells
		default:
			continue
		}
		t := u.around(policy.Table)
		if t == nil {
			continue
		}
		if n, ok := same[t]; ok && e.new == nil {
			t = n
		}
		if t != last {
			last, widest = t, out[t]
		}
		if n > widest {
			widest = n
			out[t] = n
		}
	}
	return out
}

// enter opens and closes containers until path is what is open.
func (w *writer) enter(path []*container) {
	k := 0
	for k < len(w.stack) && k < len(path) && w.stack[k] == path[k] {
		k++
	}
	w.closeTo(k)
	for i, c := range path[k:] {
		w.open(c, path[k+i+1:])
		w.stack = append(w.stack, c)
	}
}

// open opens a container with those within it.
func (w *writer) open(c *container, within []*container) {
	switch c.kind {
	case policy.List:
		if !c.ol {
			w.put("<ul>")
			break
		}
		w.put("<ol")
		if c.as != "" {
			w.put(" type=", c.as)
		}
		if len(within) > 0 && within[0].number > 1 { // it may go on after a fold
			w.put(" start=", strconv.Itoa(within[0].number))
		}
		w.put(">")
	case policy.Footnotes:
		w.put("<ol>")
	case policy.Item:
		if c.number > 0 && len(w.stack) > 0 && w.stack[len(w.stack)-1].ol {
			w.put("<li value=", strconv.Itoa(c.number), ">")
		} else {
			w.put("<li>")
		}
	case policy.Row:
		w.put("<tr>")
		w.cells = 0
	case policy.Quote:
		w.put("<blockquote>")
	case policy.Table:
		label := w.words.T("table")
		if w.tables++; w.tables > 1 {
			label = w.words.T("table-nth", "Nth", w.tables)
		}
		w.put(`<div class=table role=region tabindex=0 aria-label="`, escape(label), `"><table><tbody>`)
	default:
		w.put("<div>")
	}
}

func (w *writer) closeTo(k int) {
	for len(w.stack) > k {
		c := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		switch c.kind {
		case policy.List:
			if c.ol {
				w.put("</ol>")
			} else {
				w.put("</ul>")
			}
		case policy.Footnotes:
			w.put("</ol>")
		case policy.Item:
			w.put("</li>")
		case policy.Row:
			t := c.parent
			for t != nil && t.kind != policy.Table {
				t = t.parent
			}
			for ; w.cells < w.widthOf(t); w.cells++ {
				w.put("<td></td>")
			}
			w.put("</tr>")
		case policy.Quote:
			w.put("</blockquote>")
		case policy.Table:
			w.put("</tbody></table></div>")
		default:
			w.put("</div>")
		}
	}
}

func (w *writer) widthOf(t *container) int {
	if n, ok := w.inNew[t]; ok {
		return max(w.width[n], w.width[t])
	}
	return w.width[t]
}
