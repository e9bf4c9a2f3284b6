package redline

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"

	"github.com/policysite/policysite/builder/policy"
)

// sentence is one of a unit's, without the white space after it.
type sentence struct {
	unit       int
	start, end int
}

// splitUnits finds where paragraphs were split and joined, and cuts them there, so
// that each part of a paragraph has the paragraph that it became as its partner.
// It aligns the sentences of each stretch of units that are not the same, whatever
// unit they stand in (Gale and Church, A Program for Aligning Sentences in
// Bilingual Corpora, 1993). Where two that stayed neighbours share a unit on one
// side and not on the other, that unit is cut between them.
func (w *workspace) splitUnits(a, b []unit, p pairing, from, to int) (cutA, cutB []unit, found bool) {
	w.cutsA, w.cutsB = w.cutsA[:0], w.cutsB[:0]
	shift := len(b) - len(a)
	i0, j0 := from, from
	for i := from; i <= to; i++ {
		j := to + shift
		if i < to {
			if j = p.old[i]; j < 0 || !a[i].saysSame(&b[j]) {
				continue
			}
		}
		if i-i0 > 0 && j-j0 > 0 && i-i0+j-j0 > 2 {
			w.findCuts(a, b, i0, i, j0, j)
		}
		i0, j0 = i+1, j+1
	}
	if len(w.cutsA)+len(w.cutsB) == 0 {
		return a, b, false
	}
	inOrder := func(a, b sentence) int { return cmp.Or(a.unit-b.unit, a.start-b.start) }
	slices.SortFunc(w.cutsA, inOrder)
	slices.SortFunc(w.cutsB, inOrder)
	return w.cut(a, w.cutsA), w.cut(b, w.cutsB), true
}

// findCuts looks at units [i0, i1) of the old text and [j0, j1) of the new.
func (w *workspace) findCuts(a, b []unit, i0, i1, j0, j1 int) {
	w.sentencesA, w.old = readSentences(w.sentencesA[:0], w.old[:0], a, i0, i1)
	w.sentencesB, w.new = readSentences(w.sentencesB[:0], w.new[:0], b, j0, j1)
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
	w.match = append(w.match[:0], p.old...)
	var found []func()
	gaps(w.match, len(sb), func(i0, i1, j0, j1 int) {
		if i0 == i1 || j0 == j1 || cutUnit(sa, i0, i1) || cutUnit(sb, j0, j1) {
			return
		}
		switch ua, ub := sa[i0].unit, sb[j0].unit; {
		case ua == sa[i1-1].unit && ub < sb[j1-1].unit:
			found = append(found, func() { w.cutsA = w.cutWhole(w.cutsA, a, ua, b[ub:sb[j1-1].unit+1]) })
		case ua < sa[i1-1].unit && ub == sb[j1-1].unit:
			found = append(found, func() { w.cutsB = w.cutWhole(w.cutsB, b, ub, a[ua:sa[i1-1].unit+1]) })
		}
	})
	for _, f := range found {
		f()
	}
}

// cutUnit reports whether sentences [from, to) are less than the whole of their units.
func cutUnit(s []sentence, from, to int) bool {
	return from > 0 && s[from-1].unit == s[from].unit || to < len(s) && s[to].unit == s[to-1].unit
}

// similarParts is how much of a paragraph several others must have, all together,
// to be its parts although no sentence is the same: the items of a list that it
// became, the lines of an address.
const similarParts = 0.60

// cutWhole cuts a unit where each of its parts begins, if that is what they are.
func (w *workspace) cutWhole(cuts []sentence, us []unit, i int, parts []unit) []sentence {
	var joined strings.Builder
	var starts []int
	for k := range parts {
		switch parts[k].block.Kind {
		case policy.Row, policy.Code, policy.Heading:
			return cuts
		}
		starts = append(starts, joined.Len())
		joined.WriteString(parts[k].text())
		joined.WriteByte('\n')
	}
	text, other := us[i].text(), joined.String()
	if w.similarity(&item{text: text}, &item{words: &bag{inOrder: hashes(other)}}, similarParts) < similarParts {
		return cuts
	}
	ids := numbers{}
	w.a, w.b = tokens(w.a[:0], &cell{text: text}, ids), tokens(w.b[:0], &cell{text: other}, ids)
	w.match = unpaired(w.match, len(w.a))
	w.matchSentence(span{0, len(w.a)}, span{0, len(w.b)})
	part := 0
	for k, t := range w.match {
		if t < 0 || !w.a[k].word {
			continue
		}
		now := part
		for now+1 < len(starts) && int(w.b[t].start) >= starts[now+1] {
			now++
		}
		if now > part && k > 0 && w.a[k-1].blank {
			cuts = append(cuts, sentence{i, int(w.a[k-1].start), int(w.a[k].start)})
		}
		part = now
	}
	return cuts
}

// cutBetween is where the unit of the sentences s and s2 is cut, which have the
// partners t and t2 in two units: what stands between them goes with that of the
// two which also has a sentence without partner there.
func cutBetween(in, other []sentence, s, s2, t, t2 int) sentence {
	alone := func(t int) bool { return other[t-1].unit != other[t].unit }
	if s+1 < s2 && !alone(t2) && alone(t+1) {
		s2 = s + 1
	}
	return sentence{in[s2].unit, in[s2-1].end, in[s2].start}
}

// readSentences appends the sentences of units [from, to), and what align is given.
func readSentences(out []sentence, items []item, us []unit, from, to int) ([]sentence, []item) {
	for i := from; i < to; i++ {
		switch us[i].block.Kind {
		case policy.Row, policy.Code, policy.Heading:
			continue
		}
		text := us[i].text()
		eachSentence(text, func(start, end int) {
			t := strings.TrimSpace(text[start:end])
			if t == "" {
				return
			}
			start += strings.Index(text[start:], t)
			out = append(out, sentence{i, start, start + len(t)})
			items = append(items, item{key: t, text: t})
		})
	}
	return out, items
}

// cut copies units and cuts some of them: at each cut, a unit ends at its start and
// a new one begins at its end.
func (w *workspace) cut(us []unit, cuts []sentence) []unit {
	out := make([]unit, 0, len(us)+len(cuts))
	for i := range us {
		u := us[i]
		for len(cuts) > 0 && cuts[0].unit == i {
			at := cuts[0]
			cuts = cuts[1:]
			if at.start <= u.from || us[i].atomAt(at.start, at.end, &w.reader) {
				continue
			}
			first := u
			first.read = nil
			first.part, first.cut, first.to, first.next = true, true, at.start, at.end
			out = append(out, first)
			u.part, u.from, u.to, u.number, u.read = true, at.end, len(u.block.Text), 0, nil
		}
		out = append(out, u)
	}
	return out
}

// atomAt reports whether a stretch of the text is part of something that cannot be
// cut.
func (u *unit) atomAt(start, end int, r *inlineReader) bool {
	return slices.ContainsFunc(u.readCells(r)[0].pieces, func(p piece) bool { return p.atom != "" && p.start < end && p.end > start })
}

// rejoin puts together what was cut on both sides at one place.
func rejoin(entries []entry) []entry {
	out := entries[:0]
	for _, e := range entries {
		if n := len(out); n > 0 && e.old != nil && e.new != nil {
			if l := &out[n-1]; l.old != nil && l.new != nil && l.old.cut && l.new.cut && l.old.next == e.old.from && l.new.next == e.new.from && l.old.block == e.old.block && l.new.block == e.new.block {
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

// join makes a part of a unit go on to the end of the next one.
func (u *unit) join(next *unit) {
	u.to, u.next, u.cut, u.read = next.to, next.next, next.cut, nil
}

// broken is what became of the end of an entry's paragraph: Insert where the new
// text has one and the old does not, Delete the reverse.
func (e *entry) broken() Op {
	switch {
	case e.old == nil || e.new == nil || e.old.cut == e.new.cut:
		return Equal
	case e.old.cut:
		return Insert
	}
	return Delete
}

// ending is what stands after a unit in the visible text.
func (u *unit) ending() string {
	if u.cut {
		return u.block.Text[u.to:u.next]
	}
	return "\n"
}

// eachSentence calls f for the sentences of a text, by UAX #29, which ends them at
// abbreviations and numbers too. f gets the white space after them as well.
func eachSentence(text string, f func(start, end int)) {
	it := sentences.FromString(text)
	start := 0
	for it.Next() {
		if end := it.End(); end == len(text) || !endsInAbbreviation(text[start:end]) {
			f(start, end)
			start = end
		}
	}
}

// abbreviations after which a sentence goes on as a rule.
var abbreviations = map[string]bool{
	"Inc": true, "No": true, "Nos": true, "Nr": true, "Art": true, "Arts": true, "Sec": true, "Secs": true, "e.g": true, "i.e": true, "Co": true, "Corp": true,
	"Ltd": true, "vs": true, "v": true, "Mr": true, "Mrs": true, "Ms": true, "Dr": true, "St": true, "cf": true, "al": true, "para": true, "Abs": true, "Reg": true,
}

// endsInAbbreviation reports whether the full stop at the end of a text belongs to
// its last word: to an abbreviation, to initials, or to the number of a clause,
// which is all there is of the text.
func endsInAbbreviation(text string) bool {
	text, ok := strings.CutSuffix(strings.TrimRightFunc(text, unicode.IsSpace), ".")
	if !ok {
		return false
	}
	word := text[strings.LastIndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == '“' || r == '"' })+1:]
	if word == text && strings.Trim(word, "0123456789.") == "" {
		return true
	}
	last, size := utf8.DecodeLastRuneInString(word)
	return abbreviations[word] || unicode.IsUpper(last) && (len(word) == size || word[len(word)-size-1] == '.')
}
