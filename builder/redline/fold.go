package redline

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// foldFrom is the least number of unchanged units that fold, beside the one
// that is left on each side of a change.
const foldFrom = 3

// foldable is how many entries from i on fold into one line.
func (r *Redline) foldable(i int, opt HTMLOptions) int {
	if opt.Snapshot == "" || r.entries[i].changed() || i > 0 && r.entries[i-1].changed() {
		return 0
	}
	n := 0
	for i+n < len(r.entries) && !r.entries[i+n].changed() {
		n++
	}
	if i+n < len(r.entries) {
		n-- // the one before a change shows where the reader is
	}
	if n < foldFrom {
		return 0
	}
	return n
}

// fold writes one line for the entries [from, to).
func (w *writer) fold(from, to int) {
	// The line stands where both neighbours do, so that a list goes on after it.
	var path []*container
	if from > 0 && to < len(w.r.entries) {
		path = commonPath(slices.Clone(w.path(&w.r.entries[from-1])), w.path(&w.r.entries[to]))
	}
	// Not within an item, a quotation or a division of its own: the folded
	// blocks may have stood outside of it.
	w.enter(path)
	text, at := w.foldText(from, to)
	href := w.opt.Snapshot
	if at != "" {
		href += "#" + at
	}
	line := text + ": <a href=" + quoted(href) + ">read them</a>"
	inside := policy.Group
	if len(path) > 0 {
		inside = path[len(path)-1].kind
	}
	switch inside {
	case policy.List, policy.Footnotes:
		w.put("<li class=fold", note, ">", line, "</li>")
	case policy.Table:
		w.put("<tr class=fold", note, "><td colspan=", strconv.Itoa(max(1, w.widthOf(path[len(path)-1]))), ">", line, "</td></tr>")
	default:
		w.put("<p class=fold", note, ">", line, "</p>")
	}
}

func commonPath(a, b []*container) []*container {
	k := 0
	for k < len(a) && k < len(b) && a[k] == b[k] {
		k++
	}
	return a[:k:k]
}

// foldText says what is folded, and at which heading it starts.
func (w *writer) foldText(from, to int) (text, id string) {
	paragraphs, rows := 0, 0
	var headings []*unit
	for i := range w.r.entries[from:to] {
		e := &w.r.entries[from+i]
		switch e.new.block.Kind {
		case policy.Heading:
			headings = append(headings, e.new)
		case policy.Row:
			rows++
		default:
			paragraphs++
		}
	}
	var parts []string
	for _, c := range []struct {
		n    int
		word string
	}{{paragraphs, "paragraph"}, {rows, "table row"}, {len(headings), "heading"}} {
		switch {
		case c.n == 1:
			parts = append(parts, "1 "+c.word)
		case c.n > 1:
			parts = append(parts, strconv.Itoa(c.n)+" "+c.word+"s")
		}
	}
	text = strings.Join(parts, ", ") + " unchanged"
	switch n := len(headings); {
	case n == 1:
		text += ", with “" + escape(headings[0].block.Text) + "”"
	case n > 1:
		text += ", “" + escape(headings[0].block.Text) + "” to “" + escape(headings[n-1].block.Text) + "”"
	}
	if h := w.r.entries[from].section; h != nil && h.new != nil {
		id = escapeID(h.new.block.ID)
	}
	return text, id
}

// escapeID percent-encodes an id for a fragment.
func escapeID(id string) string { return (&url.URL{Fragment: id}).EscapedFragment() }
