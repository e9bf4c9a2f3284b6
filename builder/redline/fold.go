package redline

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/policysite/policysite/builder/policy"
)

// Unchanged units fold if they are foldFrom or more, or have foldBytes bytes. One on each
// side of a change shows where the reader is, unless it is longer than mostContext
// bytes: readers came for the change.
const (
	foldFrom    = 3
	foldBytes   = 250
	mostContext = 120
)

// openBelow is how large the HTML of the new text may be for folds to open in place,
// in bytes: a page must not hold a long text for the few words that changed.
const openBelow = 40 << 10

// folded is a run of entries [from, to).
type folded struct{ from, to int }

// folds are the runs of unchanged entries that fold, in order. The headings above a
// change do not, nor does a part of a table or of an item.
func (r *Redline) folds() []folded {
	above := make([]bool, len(r.entries)) // headings that a change stands under
	var path []int
	for i := range r.entries {
		e := &r.entries[i]
		if e.unit().block.Kind == policy.Heading {
			level := e.unit().block.Level
			for len(path) > 0 && r.entries[path[len(path)-1]].unit().block.Level >= level {
				path = path[:len(path)-1]
			}
			if i > 0 || level > 1 { // not the title, which the page says
				path = append(path, i)
			}
		}
		if e.changed() {
			for _, h := range path {
				above[h] = true
			}
		}
	}
	stays := func(i int) bool { return r.entries[i].changed() || above[i] }
	var out []folded
	for i := 0; i < len(r.entries); i++ {
		if stays(i) {
			continue
		}
		f := folded{i, i}
		for f.to < len(r.entries) && !stays(f.to) {
			f.to++
		}
		i = f.to
		size := func(i int) int { return len(r.entries[i].unit().text()) }
		next := r.entries[f.from].unit().block.Kind == policy.Heading // which says nothing of the change before it
		if f.from > 0 && r.entries[f.from-1].changed() && !next && size(f.from) <= mostContext {
			f.from++
		}
		if f.to > f.from && f.to < len(r.entries) && r.entries[f.to].changed() && size(f.to-1) <= mostContext {
			f.to--
		}
		for f.from < f.to && f.from > 0 && r.inOne(f.from-1, f.from) {
			f.from++
		}
		for f.from < f.to && f.to < len(r.entries) && r.inOne(f.to-1, f.to) {
			f.to--
		}
		bytes := 0
		for k := f.from; k < f.to && bytes < foldBytes; k++ {
			bytes += size(k)
		}
		if f.to-f.from >= foldFrom || bytes >= foldBytes {
			out = append(out, f)
		}
	}
	return out
}

// inOne reports whether two unchanged or changed entries stand in one container that a
// fold must not cut: all but lists, which go on after it.
func (r *Redline) inOne(i, j int) bool {
	for c := r.entries[i].unit().in; c != nil; c = c.parent {
		for d := r.entries[j].unit().in; d != nil; d = d.parent {
			if c == d && c.kind != policy.List {
				return true
			}
		}
	}
	return false
}

// fold writes a run of entries as one line, which opens in place, or leads to the page
// with the whole text.
func (w *writer) fold(f folded, inPlace bool) {
	w.closeTo(0)
	text, at := w.foldText(f)
	if inPlace {
		w.put("<details class=fold><summary", w.note, ">", text, "<span class=more> · <u>", escape(w.words.T("show")), "</u></span></summary>")
		for i := f.from; i < f.to; i++ {
			w.entry(&w.r.entries[i])
		}
		w.closeTo(0)
		w.put("</details>")
		return
	}
	href := w.opt.Snapshot
	if at != "" {
		href += "#" + at
	}
	w.put("<p class=fold", w.note, ">", text, "<span class=more> · <a href=", quoted(href), ">", escape(w.words.T("show")), "</a></span></p>")
}

// foldText says what is folded, and at which heading it starts.
func (w *writer) foldText(f folded) (text, id string) {
	paragraphs, top := 0, 7
	var headings []*unit
	for i := range w.r.entries[f.from:f.to] {
		e := &w.r.entries[f.from+i]
		if e.new.block.Kind != policy.Heading {
			paragraphs++
			continue
		}
		headings = append(headings, e.new)
		top = min(top, e.new.block.Level)
	}
	headings = slices.DeleteFunc(headings, func(u *unit) bool { return u.block.Level > top })
	if h := w.r.entries[f.from].section; h != nil && h.new != nil {
		id = escapeID(h.new.block.ID)
	}
	if len(headings) == 0 {
		return escape(w.words.T("unchanged-paragraphs", paragraphs)), id
	}
	first, last := headings[0].block.Text, headings[len(headings)-1].block.Text
	from, to := number(first), number(last)
	switch {
	case len(headings) == 1:
		text = w.words.T("unchanged-section", "Section", w.words.T("quote", "Text", first))
	case from != "" && to != "":
		text = w.words.T("unchanged-numbered", "From", from, "To", to)
	default:
		text = w.words.T("unchanged-sections", "From", w.words.T("quote", "Text", first), "To", w.words.T("quote", "Text", last))
	}
	return escape(text), id
}

// number is what a heading begins with: "12" of "12. Governing law"; "" for none.
func number(heading string) string {
	n := strings.TrimLeftFunc(heading, unicode.IsDigit)
	digits := heading[:len(heading)-len(n)]
	if digits != "" && (strings.HasPrefix(n, ". ") || strings.HasPrefix(n, " ") || strings.HasPrefix(n, ") ")) {
		return digits
	}
	return ""
}

// escapeID percent-encodes an id for a fragment.
func escapeID(id string) string { return (&url.URL{Fragment: id}).EscapedFragment() }
