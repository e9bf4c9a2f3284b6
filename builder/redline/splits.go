package redline

import (
	"cmp"
	"slices"
	"strings"
)

// cut is where a unit is cut in two: the white space between from and to, if any,
// belongs to neither.
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
	switch {
	case len(a) == 1 && a[0].sort() == prose && len(w.read(a[0].text()).sentences) == 1:
		w.cutsA = w.cutWhole(w.cutsA, a, 0, b)
	case len(b) == 1 && b[0].sort() == prose && len(w.read(b[0].text()).sentences) == 1:
		w.cutsB = w.cutWhole(w.cutsB, b, 0, a)
	}
	if len(w.cutsA)+len(w.cutsB) == 0 {
		w.findCuts(a, b)
	}
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
				w.cutsA = cutBetween(w.cutsA, sa, sb, last, s, p.old[last], t)
			case sameB && !sameA:
				w.cutsB = cutBetween(w.cutsB, sb, sa, p.old[last], t, last, s)
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
	// A part that has as much of it by itself is what it became, and the others came.
	said := w.read(us[i].unnumbered())
	shared := func(r *reading) int { // words, from a likeness of twice those by all
		return int(similarity(&said.bag, &r.bag, 0)*float64(len(said.words)+len(r.words))/2 + 0.5)
	}
	all := shared(w.b)
	for k := range parts {
		if one := w.read(parts[k].text()); len(one.words) >= all && shared(one) >= all {
			return cuts
		}
	}
	w.match = unpaired(w.match, w.a.size())
	w.matchSpan(span{0, w.a.size()}, span{0, w.b.size()}, plain)
	part := -1 // before the first word that stayed, labels apart: they may well be those of others now
	for k, t := range w.match {
		if t < 0 || w.a.kind(k) < word || w.a.start(k) < us[i].label() {
			continue
		}
		now := max(part, 0)
		for now+1 < len(starts) && w.b.start(t) >= starts[now+1] {
			now++
		}
		if now > part && part >= 0 && w.a.kind(k-1) == space {
			cuts = append(cuts, cut{i, w.a.start(k - 1), w.a.start(k)})
		}
		part = now
	}
	return cuts
}

// findJoined looks for paragraphs without partner that went into the partner of one
// of their neighbours: those of which it has the first or the last words, before or
// behind the neighbour's. The partner is cut there.
func (w *workspace) findJoined(cuts []cut, us, others []unit, partners []int) []cut {
	last := -1 // before i, that has a partner
	for i, j := range partners {
		if j < 0 {
			continue
		}
		if us[i].sort() == prose && others[j].sort() == prose && (i > last+1 || i+1 < len(us) && partners[i+1] < 0) {
			own, in := w.read(us[i].text()), w.read(others[j].text())
			start := 0 // of the words of in that are nobody's yet
			for u := last + 1; u < i; u++ {
				if at, to := passageOf(w.read(us[u].text()), own, in, start); at >= 0 && !own.beginsIn(in.words[:at]) {
					start = to
					cuts = in.cutAt(cuts, j, to)
				}
			}
			for u := i + 1; u < len(us) && partners[u] < 0; u++ {
				if at, to := passageOf(w.read(us[u].text()), own, in, start); at >= 0 && !own.endsIn(in.words[to:]) {
					start = to
					cuts = in.cutAt(cuts, j, at)
				}
			}
		}
		last = i
	}
	return cuts
}

// beginsIn reports whether some words have the first ones of a text.
func (r *reading) beginsIn(words []uint32) bool {
	n := min(passage, len(r.words))
	return n > 0 && find(words, r.words[:n], 0) >= 0
}

// endsIn reports whether some words have the last ones of a text.
func (r *reading) endsIn(words []uint32) bool {
	n := min(passage, len(r.words))
	return n > 0 && find(words, r.words[len(r.words)-n:], 0) >= 0
}

// find is where some words stand among others, from a place on; -1 for nowhere.
func find(words, some []uint32, from int) int {
	for ; from+len(some) <= len(words); from++ {
		if words[from] == some[0] && slices.Equal(words[from:from+len(some)], some) {
			return from
		}
	}
	return -1
}

// passageOf finds the words, from a place on, with which a text begins or ends, in a
// text whose partner does not have them.
func passageOf(r, own, in *reading, from int) (at, to int) {
	if len(r.words) < passage {
		return -1, -1
	}
	first, last := r.words[:passage], r.words[len(r.words)-passage:]
	if at = find(in.words, first, from); at >= 0 && find(own.words, first, 0) < 0 {
		for to = at; to < len(in.words) && to-at < len(r.words) && in.words[to] == r.words[to-at]; to++ {
		}
		return at, to
	}
	if at = find(in.words, last, from); at >= 0 && find(own.words, last, 0) < 0 {
		to = at + passage
		for k := len(r.words) - passage; at > from && k > 0 && in.words[at-1] == r.words[k-1]; at, k = at-1, k-1 {
		}
		return at, to
	}
	return -1, -1
}

// cutAt appends a cut before a word of a unit, and the marks that open there: where
// the white space is, if there is some.
func (r *reading) cutAt(cuts []cut, unit, before int) []cut {
	for i, t := range r.tokens[:r.size()] {
		if t.kind < word {
			continue
		}
		if before--; before >= 0 {
			continue
		}
		for i > 0 && r.opens(i-1) {
			i--
		}
		to := r.start(i)
		if i > 0 && r.kind(i-1) == space {
			i--
		}
		return append(cuts, cut{unit, r.start(i), to})
	}
	return cuts
}

// cutBetween appends where the unit of the sentences s and s2 is cut, which have the
// partners t and t2 in two units: what stands between them is a part of its own where
// whole units stand between those, else it goes with that of the two which also has a
// sentence without partner there.
func cutBetween(cuts []cut, in, other []sentenceOf, s, s2, t, t2 int) []cut {
	before := func(s int) cut { return cut{in[s].unit, in[s-1].end, in[s].start} }
	alone := func(t int) bool { return other[t-1].unit != other[t].unit }
	if s+1 == s2 {
		return append(cuts, before(s2))
	}
	between := other[t].unit+1 < other[t2].unit
	if between || !alone(t2) && alone(t+1) {
		cuts = append(cuts, before(s+1))
	}
	if between || alone(t2) || !alone(t+1) {
		cuts = append(cuts, before(s2))
	}
	return cuts
}

// readSentences appends the sentences of units, and what align is given.
func (w *workspace) readSentences(out []sentenceOf, items []item, us []unit) ([]sentenceOf, []item) {
	for i := range us {
		if us[i].sort() != prose {
			continue
		}
		n := us[i].label() // a clause is not its number
		r := w.read(us[i].text()[n:])
		for k := range r.sentences {
			s := &r.sentences[k]
			out = append(out, sentenceOf{i, n + r.start(s.from), n + r.start(s.to)})
			items = append(items, item{text: r.stretch(s.from, s.to), bag: &s.bag})
		}
	}
	return out, items
}

// cut cuts units, parts of blocks too: at each cut, one ends and a new one begins.
func (w *workspace) cut(us []unit, cuts []cut) []unit {
	if len(cuts) == 0 {
		return us
	}
	slices.SortFunc(cuts, func(a, b cut) int { return cmp.Or(a.unit-b.unit, a.from-b.from) })
	out := make([]unit, 0, len(us)+len(cuts))
	for i := range us {
		whole := part{to: len(us[i].block.Text)}
		if us[i].part != nil {
			whole = *us[i].part
		}
		u, from := us[i], whole.from
		for ; len(cuts) > 0 && cuts[0].unit == i; cuts = cuts[1:] {
			to, next := whole.from+cuts[0].from, whole.from+cuts[0].to
			if to <= from || us[i].atomAt(cuts[0].from, cuts[0].to, &w.reader) {
				continue
			}
			u.become(part{from: from, to: to, cut: true, next: next})
			out = append(out, u)
			from = next
			u.become(part{from, whole.to, whole.cut, whole.next})
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

// rejoin puts together what was cut in vain: on both sides at one place, or where one
// of the parts has no partner.
func rejoin(entries []entry) []entry {
	out := entries[:0]
	for _, e := range entries {
		if n := len(out); n > 0 && out[n-1].rejoin(&e) {
			continue
		}
		out = append(out, e)
	}
	return out
}

// rejoin makes the next entry part of an entry, if they should not have been cut.
func (e *entry) rejoin(next *entry) bool {
	old := e.old != nil && next.old != nil && e.old.goesOnIn(next.old)
	new := e.new != nil && next.new != nil && e.new.goesOnIn(next.new)
	switch {
	case old && new:
	case old && (e.new == nil || next.new == nil):
		e.new = cmp.Or(e.new, next.new)
	case new && (e.old == nil || next.old == nil):
		e.old = cmp.Or(e.old, next.old)
	default:
		return false
	}
	if old {
		e.old.join(next.old)
	}
	if new {
		e.new.join(next.new)
	}
	if e.old != nil && e.new != nil {
		e.status = same
		if !e.old.saysSame(e.new) {
			e.status = edited
		}
	}
	return true
}

// goesOnIn reports whether the next part of a unit is another one.
func (u *unit) goesOnIn(next *unit) bool {
	return u.cut() && u.block == next.block && next.part != nil && next.part.from == u.part.next
}

// join makes a part of a unit go on to the end of the next one.
func (u *unit) join(next *unit) {
	u.become(part{u.part.from, next.part.to, next.part.cut, next.part.next})
}

// become makes a unit a part of its block.
func (u *unit) become(p part) { u.part, u.content, u.labels = &p, nil, 0 }

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
