package redline

import (
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/words/phrases"
)

// note is what the marks do not say: a message of the interface, and what it is filled
// with. The words are put in where it is written.
type note struct {
	id   string
	args [5]any // as Phrases.T takes them; a note among them is in words, too
}

func say(id string, args ...any) note {
	n := note{id: id}
	if copy(n.args[:], args) < len(args) {
		panic("redline: a note has too many arguments")
	}
	return n
}

func (n note) in(w *phrases.Phrases) string {
	args := n.args[:]
	for len(args) > 0 && args[len(args)-1] == nil {
		args = args[:len(args)-1]
	}
	for i, a := range args {
		if a, ok := a.(note); ok {
			args[i] = a.in(w)
		}
	}
	return w.T(n.id, args...)
}

// direction is what is said of a half of a move.
func (e *entry) direction() string {
	if e.status == removed {
		return "moved-to"
	}
	return "moved-from"
}

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
		where := escape(w.r.whereabouts(e.moved).in(w.words))
		if n := int(e.moved.change); n > 0 {
			where = "<a href=#~" + strconv.Itoa(n) + ">" + where + "</a>"
		}
		before, after, _ := strings.Cut(w.words.T(e.direction(), "Where", "\x00"), "\x00")
		w.escape(before)
		w.put(where)
		w.escape(after)
	}
	for _, n := range e.notes {
		part()
		w.escape(n.in(w.words))
	}
	if e.renumbered != (note{}) {
		part()
		w.escape(e.renumbered.in(w.words))
	}
}

// neighbour leads to another change.
func (w *writer) neighbour(change int, id, sign string) {
	w.put(" <a href=#~", strconv.Itoa(change), " aria-label=", quoted(w.words.T(id)), ">", sign, "</a>")
}
