package redline

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Op is what became of a stretch of text.
type Op byte

const (
	Equal  Op = '='
	Delete Op = '-'
	Insert Op = '+'

	left Op = '~' // at the new place of a moved unit: what it lost on the way, which is no text there
)

// run is a stretch of two texts: equal, or only in the old, or only in the new.
type run struct {
	op         Op
	old0, old1 int // bytes of the old text; empty for Insert
	new0, new1 int
	moved      bool // it also stands at another place
}

// token is a word, a mark of punctuation, white space, or an atom.
type token struct {
	start, end int32
	id         int32 // the same for the same tokens of both texts
	size       int32 // in characters
	word       bool
	blank      bool   // nothing but white space
	atom       string // with its text, of an atom
}

// Thresholds of similarity, found by reading redlines of real policies: below
// them a reader follows one removal and one insertion more easily.
const (
	similarUnits     = 0.40
	similarSentences = 0.45
	keptOfUnit       = 0.30
)

// compareText finds the runs that lead from one cell's text to another's. They
// must not be changed.
func (w *workspace) compareText(old, new *cell) []run {
	if old.text == new.text {
		return []run{{op: Equal, old1: len(old.text), new1: len(new.text)}}
	}
	key := textPair{old.text, new.text}
	atoms := hasAtoms(old.pieces) || hasAtoms(new.pieces)
	if !atoms {
		if known, ok := w.runs.Get(key); ok {
			return known
		}
	}
	ids := make(numbers, (len(old.text)+len(new.text))/10)
	w.a, w.b = tokens(w.a[:0], old, ids), tokens(w.b[:0], new, ids)
	w.matchTokens(old.text, new.text)
	found := toRuns(w.a, w.b, w.match)
	if !atoms {
		w.runs.Put(key, found, 64+len(old.text)+len(new.text)+56*len(found))
	}
	return found
}

// hasAtoms reports whether there is more to compare than text.
func hasAtoms(ps []piece) bool {
	return slices.ContainsFunc(ps, func(p piece) bool { return p.atom != "" })
}

// tokens splits a text along word boundaries; an atom is one token.
func tokens(out []token, c *cell, ids numbers) []token {
	split := func(start, end int) {
		for s := scan(c.text[start:end]); s.nextWhole(); {
			from, to := start+s.start, start+s.end
			t := c.text[from:to]
			out = append(out, token{int32(from), int32(to), ids.of(t), int32(utf8.RuneCountInString(t)), s.word, !s.word && strings.TrimSpace(t) == "", ""})
		}
	}
	at := 0
	for i := range c.pieces {
		p := &c.pieces[i]
		if p.atom == "" {
			continue
		}
		split(at, p.start)
		key := p.atom + "\x00" + c.text[p.start:p.end]
		out = append(out, token{int32(p.start), int32(p.end), ids.of(key), int32(utf8.RuneCountInString(key)), true, false, key})
		at = p.end
	}
	split(at, len(c.text))
	return out
}

// span is a sentence's tokens [start, end), without the white space after it.
type span struct{ start, end int }

// matchTokens finds for each old token its new one, or -1; in order.
func (w *workspace) matchTokens(oldText, newText string) {
	a, b := w.a, w.b
	w.match = slices.Grow(w.match[:0], len(a))[:len(a)]
	match := w.match
	for i := range match {
		match[i] = -1
	}
	w.spansA, w.spansB = sentencesOf(w.spansA[:0], a, oldText), sentencesOf(w.spansB[:0], b, newText)
	sa, sb := w.spansA, w.spansB
	if len(sa) == 1 && len(sb) == 1 {
		w.matchSentence(sa[0], sb[0])
	} else {
		w.old, w.new = sentenceItems(w.old[:0], sa, a, oldText), sentenceItems(w.new[:0], sb, b, newText)
		old, new := w.old, w.new
		p := w.align(similarSentences, len(old)+len(new) > longSequence)
		for i, j := range p.old {
			switch {
			case j < 0:
			case old[i].key == new[j].key && sa[i].end-sa[i].start == sb[j].end-sb[j].start:
				for k := range sa[i].end - sa[i].start {
					match[sa[i].start+k] = sb[j].start + k
				}
			default:
				w.matchSentence(sa[i], sb[j])
			}
		}
	}
	matchEdges(a, b, match)
	w.giveUpCoincidences()
	w.matchPassages()
	matchEdges(a, b, match)
	w.makeWhole(oldText, newText)
	if !keepsEnough(a, b, match) {
		for i := range match {
			match[i] = -1
		}
		w.matchPassages()
	}
}

// passage is how many words in a row are never struck and written again in one
// place, whatever is between them.
const passage = 6

// matchPassages matches passages in the gaps: of sentences that have no partners.
func (w *workspace) matchPassages() {
	a, b := w.a, w.b
	w.edits = w.edits[:0]
	gaps(w.match, len(b), func(i0, i1, j0, j1 int) {
		if i1-i0 > passage && j1-j0 > passage {
			w.edits = append(w.edits, stretch{i0, i1, j0, j1})
		}
	})
	for _, g := range w.edits {
		w.matchSentence(span{g.i0, g.i1}, span{g.j0, g.j1})
		for i := g.i0; i < g.i1; {
			words, end := 0, i
			for ; end < g.i1 && w.match[end] >= 0 && w.match[end]-w.match[i] == end-i; end++ {
				if a[end].word {
					words++
				}
			}
			if end == i {
				i++
				continue
			}
			for ; i < end; i++ {
				if words < passage {
					w.match[i] = -1
				}
			}
		}
	}
}

// sentencesOf splits tokens into sentences.
func sentencesOf(out []span, ts []token, text string) []span {
	at := 0
	eachSentence(text, func(_, stop int) {
		start := at
		for at < len(ts) && int(ts[at].start) < stop {
			at++
		}
		end := at
		for end > start && ts[end-1].blank {
			end--
		}
		if start < end {
			out = append(out, span{start, end})
		}
	})
	return out
}

func sentenceItems(out []item, spans []span, ts []token, text string) []item {
	for _, s := range spans {
		t := text[ts[s.start].start:ts[s.end-1].end]
		it := item{key: t, text: t}
		for k := range ts[s.start:s.end] {
			if atom := ts[s.start+k].atom; atom != "" { // an image is not its alternative text
				it.key += atom
			}
		}
		out = append(out, it)
	}
	return out
}

// matchSentence aligns the words of two sentences.
func (w *workspace) matchSentence(sa, sb span) {
	i0, i1, j0, j1 := sa.start, sa.end, sb.start, sb.end
	long := i1-i0+j1-j0 > longSequence
	for i0 < i1 && j0 < j1 && w.a[i0].id == w.b[j0].id {
		w.match[i0] = j0
		i0++
		j0++
	}
	for i0 < i1 && j0 < j1 && w.a[i1-1].id == w.b[j1-1].id {
		i1--
		j1--
		w.match[i1] = j1
	}
	if i0 == i1 || j0 == j1 {
		return
	}
	w.x, w.y = w.x[:0], w.y[:0]
	for i := i0; i < i1; i++ {
		w.x = append(w.x, w.a[i].id)
	}
	for j := j0; j < j1; j++ {
		w.y = append(w.y, w.b[j].id)
	}
	matches(w.x, w.y, long, func(i, j int) { w.match[i0+i] = j0 + j })
}

// matchEdges matches equal tokens at both ends of every gap: the white space
// between sentences above all, which belongs to none of them.
func matchEdges(a, b []token, match []int) {
	gaps(match, len(b), func(i0, i1, j0, j1 int) {
		for i0 < i1 && j0 < j1 && a[i0].id == b[j0].id {
			match[i0] = j0
			i0++
			j0++
		}
		for i0 < i1 && j0 < j1 && a[i1-1].id == b[j1-1].id {
			i1--
			j1--
			match[i1] = j1
		}
	})
}

// gaps calls f for every stretch without matches; either side may be empty,
// not both.
func gaps(match []int, newLen int, f func(i0, i1, j0, j1 int)) {
	i0, j0 := 0, 0
	for i := 0; i <= len(match); i++ {
		j := newLen
		if i < len(match) {
			if j = match[i]; j < 0 {
				continue
			}
		}
		if i0 < i || j0 < j {
			f(i0, i, j0, j)
		}
		i0, j0 = i+1, j+1
	}
}

// giveUpCoincidences unmatches what stayed only by accident between two edits:
// nothing but white space and punctuation, or no more text than was replaced on
// either side of it (the rule of "semantic clean-up", Neil Fraser, Diff
// Strategies, 2006), and never more than a few words.
func (w *workspace) giveUpCoincidences() {
	const fewWords = 3
	a, b, match := w.a, w.b, w.match
	size := func(ts []token, from, to int) (n int) {
		for i := from; i < to; i++ {
			n += int(ts[i].size)
		}
		return n
	}
	for again := true; again; {
		again = false
		w.edits = w.edits[:0]
		gaps(match, len(b), func(i0, i1, j0, j1 int) { w.edits = append(w.edits, stretch{i0, i1, j0, j1}) })
		for k := 0; k+1 < len(w.edits); k++ {
			l, r := w.edits[k], w.edits[k+1]
			wordsKept, keptSize := 0, 0
			for i := l.i1; i < r.i0 && wordsKept <= fewWords; i++ {
				if a[i].word {
					wordsKept++
				}
				keptSize += int(a[i].size)
			}
			if wordsKept > fewWords {
				continue
			}
			replacing := l.replaces() || r.replaces()
			before := max(size(a, l.i0, l.i1), size(b, l.j0, l.j1))
			after := max(size(a, r.i0, r.i1), size(b, r.j0, r.j1))
			if wordsKept == 0 && replacing && keptSize <= 3 || keptSize <= before && keptSize <= after ||
				wordsKept <= 1 && l.replaces() && r.replaces() && 2*keptSize <= before+after {
				for i := l.i1; i < r.i0; i++ {
					match[i] = -1
				}
				again = true
				k++ // its neighbour has grown; it is looked at again in the next round
			}
		}
	}
}

// makeWhole makes edits larger that would leave a bracket without its other half,
// and those of a single character in Chinese and Japanese, where it is seldom a word.
func (w *workspace) makeWhole(oldText, newText string) {
	a, b, match := w.a, w.b, w.match
	first := func(ts []token, text string, i int) rune {
		r, _ := utf8.DecodeRuneInString(text[ts[i].start:ts[i].end])
		return r
	}
	open := func(ts []token, text string, from, to int) (n int) {
		for i := from; i < to; i++ {
			switch text[ts[i].start] {
			case '(':
				n++
			case ')':
				n--
			}
		}
		return n
	}
	single := func(ts []token, text string, from, to int) bool {
		return from == to || to-from == 1 && ts[from].size == 1 && unicode.In(first(ts, text, from), unicode.Han, unicode.Hiragana, unicode.Katakana)
	}
	w.edits = w.edits[:0]
	gaps(match, len(b), func(i0, i1, j0, j1 int) { w.edits = append(w.edits, stretch{i0, i1, j0, j1}) })
	for _, g := range w.edits {
		before, after := g.i0 > 0 && g.j0 > 0 && match[g.i0-1] == g.j0-1, g.i1 < len(a) && match[g.i1] == g.j1
		if single(a, oldText, g.i0, g.i1) && single(b, newText, g.j0, g.j1) {
			switch {
			case before && single(a, oldText, g.i0-1, g.i0):
				match[g.i0-1] = -1
			case after && single(a, oldText, g.i1, g.i1+1):
				match[g.i1] = -1
			}
			continue
		}
		if g.i0 == g.i1 || g.j0 == g.j1 {
			continue
		}
		x, y := open(a, oldText, g.i0, g.i1), open(b, newText, g.j0, g.j1)
		switch {
		case x == 1 && y == 1 && after && first(a, oldText, g.i1) == ')':
			match[g.i1] = -1
		case x == -1 && y == -1 && before && first(a, oldText, g.i0-1) == '(':
			match[g.i0-1] = -1
		}
	}
}

// stretch is a gap between matches: tokens [i0, i1) of the old text, [j0, j1)
// of the new.
type stretch struct{ i0, i1, j0, j1 int }

// replaces reports whether both sides say something.
func (s stretch) replaces() bool { return s.i0 < s.i1 && s.j0 < s.j1 }

// keepsEnough reports whether so much stayed that marking it is clearer than
// one removal and one insertion.
func keepsEnough(a, b []token, match []int) bool {
	total, kept := 0, 0
	for i := range a {
		if a[i].word {
			total++
			if match[i] >= 0 {
				kept += 2
			}
		}
	}
	for i := range b {
		if b[i].word {
			total++
		}
	}
	return total <= 6 && kept > 0 || float64(kept) >= keptOfUnit*float64(total)
}

// toRuns makes runs of matches, deletions before insertions.
func toRuns(a, b []token, match []int) []run {
	var out []run
	pos := func(ts []token, i int) int {
		if i < len(ts) {
			return int(ts[i].start)
		}
		if len(ts) == 0 {
			return 0
		}
		return int(ts[len(ts)-1].end)
	}
	equalTo := func(i, j, i1, j1 int) {
		if i < i1 {
			out = append(out, run{Equal, pos(a, i), pos(a, i1), pos(b, j), pos(b, j1), false})
		}
	}
	i, j := 0, 0
	gaps(match, len(b), func(i0, i1, j0, j1 int) {
		equalTo(i, j, i0, j0)
		if i0 < i1 {
			out = append(out, run{Delete, pos(a, i0), pos(a, i1), pos(b, j0), pos(b, j0), false})
		}
		if j0 < j1 {
			out = append(out, run{Insert, pos(a, i1), pos(a, i1), pos(b, j0), pos(b, j1), false})
		}
		i, j = i1, j1
	})
	equalTo(i, j, len(a), len(b))
	return out
}
