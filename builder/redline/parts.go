package redline

import (
	"strings"

	"github.com/policysite/policysite/builder/words/phrases"
)

// Part is a stretch of the visible text.
type Part struct {
	Op    Op
	Text  string
	Moved bool   // it also stands at another place, where it is the other Op
	Note  string // what the marks do not say, of it and of the stretches up to the next note, in English
}

// Parts are the visible text of both sides: Equal and Delete joined give the
// old text, Equal and Insert the new one. Notes are in these words.
func (r *Redline) Parts(words *phrases.Phrases) []Part {
	var out []Part
	var memory identicalCells
	note := "" // for the next part
	say := func(more string) {
		if note != "" && more != "" {
			note += "; "
		}
		note += more
	}
	put := func(op Op, text string, moved bool) {
		if text == "" {
			return
		}
		if n := len(out); n > 0 && note == "" && out[n-1].Op == op && out[n-1].Moved == moved {
			out[n-1].Text += text
			return
		}
		out = append(out, Part{op, text, moved, note})
		note = ""
	}
	for i := range r.entries {
		e := &r.entries[i]
		say(strings.Join(r.notesOf(e, words), "; "))
		for _, c := range r.pairs(e, &memory) {
			moved := e.moved != nil || c.moved
			for k, x := range c.runs {
				switch x.op {
				case left:
					continue
				case Delete, Insert:
					for _, s := range r.replacedLinks(&c, k) {
						say(s.words().in(words))
					}
					put(x.op, c.textOf(x), x.moved)
					continue
				}
				at := x.new0
				for _, s := range r.linkChanges(&c, x) {
					put(Equal, c.new.text[at:s.start], false)
					say(s.words().in(words))
					put(Equal, c.new.text[s.start:s.at], false)
					at = s.at
				}
				put(Equal, c.new.text[at:x.new1], false)
			}
			oldLine, newLine := c.old != nil && c.old.text != "", c.new != nil && c.new.text != ""
			switch {
			case oldLine && newLine && e.old.ending() == e.new.ending():
				put(Equal, e.new.ending(), false)
				continue
			case oldLine && newLine:
				say(breakNote(e.broken()).in(words))
			}
			if oldLine {
				put(Delete, e.old.ending(), moved)
			}
			if newLine {
				put(Insert, e.new.ending(), moved)
			}
		}
	}
	return out
}

// breakNote says that paragraphs were split or joined.
func breakNote(op Op) note {
	if op == Insert {
		return say("break-inserted")
	}
	return say("break-deleted")
}

// notesOf are the notes of an entry, in words.
func (r *Redline) notesOf(e *entry, w *phrases.Phrases) []string {
	var out []string
	if e.moved != nil && !e.along {
		out = append(out, say(e.direction(), "Where", r.whereabouts(e.moved)).in(w))
	}
	for _, n := range e.notes {
		out = append(out, n.in(w))
	}
	if e.renumbered != (note{}) {
		out = append(out, e.renumbered.in(w))
	}
	return out
}
