package redline

import "strconv"

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
	if e.first && w.r.Changes > 0 {
		w.put("Change ", strconv.Itoa(int(e.change)), " of ", strconv.Itoa(w.r.Changes))
		if e.change > 1 {
			w.neighbour(int(e.change)-1, "previous")
		}
		if int(e.change) < w.r.Changes {
			w.neighbour(int(e.change)+1, "next")
		}
	}
	if e.moved != nil && !e.along {
		part()
		w.put(e.direction(), w.whereabouts(e.moved))
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
func (w *writer) neighbour(change int, word string) {
	w.put(" <a href=#~", strconv.Itoa(change), ">", word, "<span class=hidden> change</span></a>")
}

// whereabouts leads to the section that an entry stands in.
func (w *writer) whereabouts(e *entry) string {
	where := escape(w.r.whereabouts(e))
	if e.change > 0 {
		return "<a href=#~" + strconv.Itoa(int(e.change)) + ">" + where + "</a>"
	}
	return where
}
