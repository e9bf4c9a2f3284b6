package redline

import (
	"cmp"
	"slices"
	"strings"
)

// cut is where a unit is cut in two: what stands between from and to, white space as
// a rule, belongs to neither.
type cut struct{ unit, from, to int }

// sentenceOf is a sentence of a unit, and where it stands in its text.
type sentenceOf struct {
	unit       int
	start, end int
}

// splitUnits finds where paragraphs were split and joined, and cuts them there, so
// that each part of a paragraph has the paragraph that it became as its partner.
// It aligns the sentences of units of which none is the same, whatever unit they
// stand in (Gale and Church, A Program for Aligning Sentences in Bilingual Corpora,
// 1993). Where two that stayed neighbours share a unit on one side and not on the
// other, that unit is cut between them.
func (w *workspace) splitUnits(a, b []unit) (cutA, cutB []unit, found bool) {
	if len(a) == 0 || len(b) == 0 || len(a)+len(b) == 2 {
		return a, b, false
	}
	w.cutsA, w.cutsB = w.cutsA[:0], w.cutsB[:0]
	w.findCuts(a, b)
	cutA, cutB = w.cut(a, w.cutsA), w.cut(b, w.cutsB)
	return cutA, cutB, len(cutA)+len(cutB) > len(a)+len(b)
}

func (w *workspace) findCuts(a, b []unit) {
	w.sentencesA, w.old = w.readSentences(w.sentencesA[:0], w.old[:0], a)
	w.sentencesB, w.new = w.readSentences(w.sentencesB[:0], w.new[:0], b)
	sa, sb := w.sentencesA, w.sentencesB
	p := w.align(similarSentences, len(sa)+len(sb) > longSequence)
	last := -1
	for s, t := range p.old {
		if t < 0 {
			continue
		}
		if last >= 0 {
			switch sameA, sameB := sa[last].unit == sa[s].unit, sb[p.old[last]].unit == sb[t].unit; {
			case sameA && !sameB:
				w.cutsA = append(w.cutsA, cutBetween(sa, sb, last, s, p.old[last], t))
			case sameB && !sameA:
				w.cutsB = append(w.cutsB, cutBetween(sb, sa, p.old[last], t, last, s))
			}
		}
		last = s
	}
	gaps(p.old, len(sb), func(i0, i1, j0, j1 int) {
		if i0 == i1 || j0 == j1 || cutUnit(sa, i0, i1) || cutUnit(sb, j0, j1) {
			return
		}
		switch ua, ub := sa[i0].unit, sb[j0].unit; {
		case ua == sa[i1-1].unit && ub < sb[j1-1].unit:
			w.cutsA = w.cutWhole(w.cutsA, a, ua, b[ub:sb[j1-1].unit+1])
		case ua < sa[i1-1].unit && ub == sb[j1-1].unit:
			w.cutsB = w.cutWhole(w.cutsB, b, ub, a[ua:sa[i1-1].unit+1])
		}
	})
}

// cutUnit reports whether sentences [from, to) are less than the whole of their units.
func cutUnit(s []sentenceOf, from, to int) bool {
	return from > 0 && s[from-1].unit == s[from].unit || to < len(s) && s[to].unit == s[to-1].unit
}

// similarParts is how much of a paragraph several others must have, all together,
// to be its parts although no sentence is the same: the items of a list that it
// became, the lines of an address.
const similarParts = 0.60

// cutWhole cuts a unit where each of its parts begins, if that is what they are.
func (w *workspace) cutWhole(cuts []cut, us []unit, i int, parts []unit) []cut {
	var joined strings.Builder
	var starts []int
	for k := range parts {
		if parts[k].sort() != prose {
			return cuts
		}
		starts = append(starts, joined.Len())
		joined.WriteString(parts[k].text())
		joined.WriteByte('\n')
	}
	w.a, w.b = w.read(us[i].text()), read(joined.String(), nil)
	if similarity(&w.a.bag, &w.b.bag, similarParts) < similarParts {
		return cuts
	}
	w.match = unpaired(w.match, w.a.size())
	w.matchSpan(span{0, w.a.size()}, span{0, w.b.size()})
	part := 0
	for k, t := range w.match {
		if t < 0 || w.a.kind(k) < word {
			continue
		}
		now := part
		for now+1 < len(starts) && w.b.start(t) >= starts[now+1] {
			now++
		}
		if now > part && k > 0 && w.a.kind(k-1) == space {
			cuts = append(cuts, cut{i, w.a.start(k - 1), w.a.start(k)})
		}
		part = now
	}
	return cuts
}

// cutBetween is where the unit of the sentences s and s2 is cut, which have the
// partners t and t2 in two units: what stands between them goes with that of the
// two which also has a sentence without partner there.
func cutBetween(in, other []sentenceOf, s, s2, t, t2 int) cut {
	alone := func(t int) bool { return other[t-1].unit != other[t].unit }
	if s+1 < s2 && !alone(t2) && alone(t+1) {
		s2 = s + 1
	}
	return cut{in[s2].unit, in[s2-1].end, in[s2].start}
}

// readSentences appends the sentences of units, and what align is given.
func (w *workspace) readSentences(out []sentenceOf, items []item, us []unit) ([]sentenceOf, []item) {
	for i := range us {
		if us[i].sort() != prose {
			continue
		}
		r := w.read(us[i].text())
		for k := range r.sentences {
			s := &r.sentences[k]
			out = append(out, sentenceOf{i, r.start(s.from), r.start(s.to)})
			items = append(items, item{text: r.stretch(s.from, s.to), bag: &s.bag})
		}
	}
	return out, items
}

// cut cuts units: at each cut, one ends and a new one begins.
func (w *workspace) cut(us []unit, cuts []cut) []unit {
	if len(cuts) == 0 {
		return us
	}
	slices.SortFunc(cuts, func(a, b cut) int { return cmp.Or(a.unit-b.unit, a.from-b.from) })
	out := make([]unit, 0, len(us)+len(cuts))
	for i := range us {
		u, from := us[i], 0
		for ; len(cuts) > 0 && cuts[0].unit == i; cuts = cuts[1:] {
			at := cuts[0]
			if at.from <= from || us[i].atomAt(at.from, at.to, &w.reader) {
				continue
			}
			first := u
			first.part, first.content = &part{from: from, to: at.from, cut: true, next: at.to}, nil
			out = append(out, first)
			from = at.to
			u.part, u.content = &part{from: from, to: len(u.block.Text)}, nil
		}
		out = append(out, u)
	}
	return out
}

// atomAt reports whether a stretch of the text is part of something that cannot be
// cut.
func (u *unit) atomAt(start, end int, r *inlineReader) bool {
	return slices.ContainsFunc(u.readCells(r)[0].pieces, func(p piece) bool { return p.atom != 0 && p.start < end && p.end > start })
}

// rejoin puts together what was cut on both sides at one place.
func rejoin(entries []entry) []entry {
	out := entries[:0]
	for _, e := range entries {
		if n := len(out); n > 0 && e.old != nil && e.new != nil && out[n-1].old != nil && out[n-1].new != nil {
			if l := &out[n-1]; l.old.goesOnIn(e.old) && l.new.goesOnIn(e.new) {
				l.old.join(e.old)
				l.new.join(e.new)
				l.status = same
				if !l.old.saysSame(l.new) {
					l.status = edited
				}
				continue
			}
		}
		out = append(out, e)
	}
	return out
}

// goesOnIn reports whether the next part of a unit is another one.
func (u *unit) goesOnIn(next *unit) bool {
	return u.cut() && u.block == next.block && next.part != nil && next.part.from == u.part.next
}

// join makes a part of a unit go on to the end of the next one.
func (u *unit) join(next *unit) {
	u.part, u.content = &part{u.part.from, next.part.to, next.part.cut, next.part.next}, nil
}

// cut reports whether another part of the same block follows.
func (u *unit) cut() bool { return u.part != nil && u.part.cut }

// broken is what became of the end of an entry's paragraph: Insert where the new
// text has one and the old does not, Delete the reverse.
func (e *entry) broken() Op {
	switch {
	case e.old == nil || e.new == nil || e.old.cut() == e.new.cut():
		return Equal
	case e.old.cut():
		return Insert
	}
	return Delete
}

// ending is what stands after a unit in the visible text.
func (u *unit) ending() string {
	if u.cut() {
		return u.block.Text[u.part.to:u.part.next]
	}
	return "\n"
}
