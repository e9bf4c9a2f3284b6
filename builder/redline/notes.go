package redline

import (
	"html/template"
	"strconv"
)

// anchor writes into a start tag the id by which others link to a change, which
// its first unit has.
func (w *writer) anchor(e *entry) {
	if e.first {
		w.put(" id=~", strconv.Itoa(int(e.change)))
	}
}

// hasNotes reports whether notes writes anything.
func (w *writer) hasNotes(e *entry) bool {
	return e.first && w.r.Changes > 0 || e.moved != nil && !e.along || len(e.notes) > 0
}

// notes say what the marks do not: the number of the change with the way to
// its neighbours, where a passage moved, what changed beside the words.
func (w *writer) notes(e *entry) {
	start := len(w.out)
	part := func() {
		if len(w.out) > start {
			w.put(" · ")
		}
	}
	if n := int(e.change); e.first && w.r.Changes > 0 {
		w.escape(w.words.T("edit-of", "Number", n, "Total", w.r.Changes))
		if n > 1 {
			w.neighbour(n-1, "edit-previous", "‹")
		}
		if n < w.r.Changes {
			w.neighbour(n+1, "edit-next", "›")
		}
	}
	if e.moved != nil && !e.along {
		part()
		where := template.HTML(escape(w.r.whereabouts(e.moved)))
		if n := int(e.moved.change); n > 0 {
			where = template.HTML("<a href=#~"+strconv.Itoa(n)+">") + where + "</a>"
		}
		id := "moved-from"
		if e.status == removed {
			id = "moved-to"
		}
		w.put(string(w.words.HTML(id, "Where", where)))
	}
	for _, n := range e.notes {
		part()
		w.escape(n)
	}
	if e.renumbered != "" {
		part()
		w.escape(e.renumbered)
	}
}

// neighbour leads to another change.
func (w *writer) neighbour(change int, id, sign string) {
	w.put(" <a href=#~", strconv.Itoa(change), " aria-label=", quoted(w.words.T(id)), ">", sign, "</a>")
}
