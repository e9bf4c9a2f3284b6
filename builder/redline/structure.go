package redline

import (
	"regexp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// noteStructure states what changed beside the words: lists, quotations and tables
// around units, and levels of headings. What is true of neighbours is said once.
func (r *Redline) noteStructure() {
	last, of, times := note{}, (*entry)(nil), 0 // the note before, the first that it is true of, and of how many
	add := func() {
		if last == (note{}) {
			return
		}
		if times > 1 && last.id != "now-numbers" && last.id != "now-bullets" { // which are said of a list
			last = say("note-and-next", times-1, "Note", last)
		}
		r.note(of, last)
	}
	levels := map[int][]*entry{}
	var headings []*entry
	for i := range r.entries {
		e := &r.entries[i]
		var now note
		if e.old != nil && e.new != nil {
			a, b := e.old.block, e.new.block
			if a != b || e.old.in != e.new.in {
				now = r.restructured(i)
			}
			if a.Kind == policy.Heading && b.Kind == policy.Heading {
				headings = append(headings, e)
				if by := b.Level - a.Level; by != 0 {
					levels[by] = append(levels[by], e)
				}
			}
		}
		if (now.id != "" || last.id != "") && now != last {
			add()
			last, of, times = now, e, 0
		}
		times++
	}
	add()
	r.sumUpFormatting()
	for by, list := range levels {
		r.noteLevels(by, list, headings)
	}
	if !slices.ContainsFunc(r.entries, func(e entry) bool { return e.changed() }) {
		r.noteTags()
	}
}

// sumUpFormatting says once that the formatting of many units changed, and nothing
// else of them.
func (r *Redline) sumUpFormatting() {
	const many = 4
	var list []*entry
	for i := range r.entries {
		if e := &r.entries[i]; e.status == same && !e.links && len(e.notes) == 1 && e.notes[0] == say("reformatted") {
			list = append(list, e)
		}
	}
	if len(list) < many {
		return
	}
	for _, e := range list {
		e.notes = nil
	}
	list[0].notes = []note{say("reformatted-here", len(list)-1)}
}

// noteTags states where other tags stand in and around the units of a text in which
// nothing else changed.
func (r *Redline) noteTags() {
	n, before := len(r.entries), false
	for i := range r.entries {
		e := &r.entries[i]
		differs := !r.sameBefore(i) || !identical(e.old, e.new) && outline(e.old.html()) != outline(e.new.html()) || i == n-1 && !r.sameBefore(n)
		if differs && !before {
			r.note(e, say("reformatted"))
		}
		before = differs
	}
}

// note adds a note to an entry.
func (r *Redline) note(e *entry, n note) {
	if e.detail == &r.unchanged {
		e.detail = &detail{}
	}
	e.notes = append(e.notes, n)
}

// noteLevels states, once, that some of the headings went up or down.
func (r *Redline) noteLevels(by int, list, headings []*entry) {
	levels := say("levels-lower", by)
	if by < 0 {
		levels = say("levels-higher", -by)
	}
	moved := say("headings-level", len(list)-1, "Levels", levels)
	switch n := len(list); {
	case n == 1:
		moved = say("heading-level", "Levels", levels)
	case n == len(headings):
		moved = say("all-headings-level", "Levels", levels)
	case n == len(headings)-1 && headings[0] != list[0]:
		moved = say("all-but-first-heading-level", "Levels", levels)
	}
	r.note(list[0], moved)
}

// restructured says how what is around the units of entry i differs from what it was.
func (r *Redline) restructured(i int) note {
	old, new := r.entries[i].old, r.entries[i].new
	if from, to := old.block.Kind, new.block.Kind; from != to {
		switch {
		case to == policy.Heading:
			return say("now-heading")
		case from == policy.Heading:
			return say("no-heading")
		case to == policy.Code:
			return say("now-code")
		case from == policy.Code:
			return say("no-code")
		}
	}
	switch from, to := old.depth(policy.Table), new.depth(policy.Table); {
	case from < to:
		return say("now-in-table")
	case from > to:
		return say("not-in-table")
	}
	from, to := old.depth(policy.List), new.depth(policy.List)
	above, below := old.above(), new.above() // the items that theirs are parts of
	switch {
	case from == 0 && to > 0:
		return say("now-in-list")
	case to == 0 && from > 0:
		return say("not-in-list")
	case to > 0 && below != nil && (from < to || above != nil && !r.are(i, above.first, below.first)):
		return say("now-sub-item", "Item", opening(below.first.Text))
	case from > to:
		return say("no-sub-item", "Item", opening(above.first.Text))
	case from > 0 && old.around(policy.List).ol != new.around(policy.List).ol:
		if new.around(policy.List).ol {
			return say("now-numbers")
		}
		return say("now-bullets")
	case from > 0 && old.begins() != new.begins():
		if new.begins() {
			return say("now-item")
		}
		return say("no-item")
	}
	switch from, to := old.depth(policy.Quote), new.depth(policy.Quote); {
	case from < to:
		return say("now-in-quotation")
	case from > to:
		return say("not-in-quotation")
	}
	return note{}
}

// depth is how many containers of a kind are around a unit.
func (u *unit) depth(kind policy.BlockKind) (n int) {
	for c := u.in; c != nil; c = c.parent {
		if c.kind == kind {
			n++
		}
	}
	return n
}

// begins reports whether a unit is the first of its list item.
func (u *unit) begins() bool {
	item := u.around(policy.Item)
	return item != nil && item.first == u.block
}

// above is the item that a unit's own item is part of; nil for none.
func (u *unit) above() *container {
	c := u.around(policy.Item)
	for c != nil {
		if c = c.parent; c != nil && c.kind == policy.Item {
			return c
		}
	}
	return nil
}

// are reports whether two blocks before entry i are one. Most ask for the same as the
// one before.
func (r *Redline) are(i int, old, new *policy.Block) bool {
	if last := &r.asked; last.old != old || last.new != new {
		last.old, last.new, last.one = old, new, false
		for ; i >= 0; i-- {
			if e := &r.entries[i]; e.old != nil && e.old.block == old {
				last.one = e.new != nil && e.new.block == new
				break
			}
		}
	}
	return r.asked.one
}

// sameBefore reports whether the same tags stand before entry i, or behind the last
// one, in either text.
func (r *Redline) sameBefore(i int) bool {
	var a, b, a2, b2 *unit
	if i > 0 {
		a, b = r.entries[i-1].old, r.entries[i-1].new
	}
	if i < len(r.entries) {
		a2, b2 = r.entries[i].old, r.entries[i].new
	}
	if a != nil && a2 != nil && a.place.part == b.place.part && a2.place.part == b2.place.part {
		if by := a2.place.index - a.place.index; by <= 1 && by == b2.place.index-b.place.index {
			return true // within one part that both texts have, or between two neighbours
		}
	}
	x, y := r.old.between(a, a2), r.new.between(b, b2)
	return x == y || outline(x) == outline(y)
}

// between is the HTML between two units.
func (s *sequence) between(u, v *unit) string {
	from, at := 0, 0
	if u != nil && u.place.index >= 0 {
		from, at = u.place.index, u.end()
	}
	to, end := len(s.doc.Parts)-1, -1
	if v != nil {
		to, end = v.place.index, v.start()
	}
	if to < 0 {
		return ""
	}
	if from == to && end >= 0 {
		return s.doc.Parts[from].HTML[at:end]
	}
	var out strings.Builder
	for i := from; i <= to; i++ {
		html := s.doc.Parts[i].HTML
		if i == to && end >= 0 {
			html = html[:end]
		}
		if i == from {
			html = html[at:]
		}
		out.WriteString(html)
	}
	return out.String()
}

// Of HTML, what shows nothing: ids, and the references between footnotes, which
// are signs.
var (
	ids   = regexp.MustCompile(`(<[^>]*?) id="[^"]*"`)
	notes = regexp.MustCompile(`(?s)<(sup|a)\b[^>]* data-note[^>]*>.*?</(sup|a)>`)
)

// outline is HTML without that.
func outline(html string) string {
	return policy.CollapseSpace(ids.ReplaceAllString(notes.ReplaceAllString(html, ""), "$1"))
}

// noteMarks states that footnotes are referred to at other places of an unchanged
// text, or are more or fewer of a changed one, and so for images without words and
// ends of lines.
func (e *entry) noteMarks(r *Redline) {
	for k := range e.cells {
		c := &e.cells[k]
		if c.old == nil || c.new == nil || len(c.old.marks)+len(c.new.marks)+len(c.old.breaks)+len(c.new.breaks) == 0 {
			continue
		}
		var gone, come []sign
		for _, x := range c.runs {
			if x.op != Equal {
				continue
			}
			for _, s := range r.signs(c, x) {
				switch {
				case s.links():
				case s.op == Delete:
					gone = append(gone, s)
				case s.op == Insert:
					come = append(come, s)
				}
			}
		}
		places := map[string]int{} // of footnotes now referred to
		for _, s := range come {
			if s.kind == object {
				places[s.says] = s.at
			}
		}
		moved := map[string]bool{}
		for _, s := range gone {
			now := s.says
			if is, ok := r.footnotes[now]; ok {
				now = is
			}
			at, ok := places[now]
			instead := slices.IndexFunc(come, func(t sign) bool { return t.at == s.at && t.image != "" && !moved[t.says] })
			switch {
			case ok && !moved[now]:
				moved[now] = true
				e.notes = append(e.notes, s.say("-moved", "From", closing(c.new.text[:s.at]), "To", closing(c.new.text[:at])))
			case s.image != "" && instead >= 0:
				moved[come[instead].says] = true
				e.notes = append(e.notes, sign{kind: imageChange, from: s.image, to: come[instead].image}.words())
			default:
				e.notes = append(e.notes, s.say("-removed"))
			}
		}
		for _, s := range come {
			if !moved[s.says] {
				e.notes = append(e.notes, s.say("-added"))
			}
		}
	}
	e.notes = slices.Compact(e.notes)
}

// say is what became of a sign.
func (s sign) say(what string, args ...any) note {
	switch {
	case s.kind == lineEnd:
		return say("line-end" + what)
	case s.image != "":
		return say("image"+what, append(args, "Image", s.image)...)
	}
	return say("footnote"+what, args...)
}
