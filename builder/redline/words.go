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

	left Op = '~' // at the new place of what moved: what it lost on the way, which is no text there
)

// run is a stretch of two texts: equal, or only in the old, or only in the new.
type run struct {
	op         Op
	moved      bool  // it also stands at another place
	move       int32 // number of the move that it is of, moved or not; 0 for none
	old0, old1 int   // bytes of the old text; empty for Insert
	new0, new1 int
	from       *cell // of what became of something that moved, at its old place and of left: that of the old text
}

// Thresholds of similarity, found by reading redlines of real policies: below
// them a reader follows one removal and one insertion more easily.
const (
	similarUnits     = 0.40
	similarSentences = 0.45
	similarHeading   = 0.80 // of a heading and what is none
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
	w.a, w.b = w.readCell(old), w.readCell(new)
	w.matchTokens()
	found := toRuns(w.a, w.b, w.match)
	if !atoms {
		w.runs.Put(key, found, 64+len(old.text)+len(new.text)+48*len(found))
	}
	return found
}

// hasAtoms reports whether there is more to compare than text.
func hasAtoms(ps []piece) bool {
	return slices.ContainsFunc(ps, func(p piece) bool { return p.atom != 0 })
}

// span is some tokens [start, end).
type span struct{ start, end int }

// matchTokens finds for each old token its new one, or -1; in order.
func (w *workspace) matchTokens() {
	a, b := w.a, w.b
	w.match = unpaired(w.match, a.size())
	var pairs []int // of sentences
	if len(a.sentences) == 1 && len(b.sentences) == 1 {
		w.matchSentence(&a.sentences[0], &b.sentences[0])
	} else {
		w.old, w.new = a.sentenceItems(w.old[:0]), b.sentenceItems(w.new[:0])
		p := w.align(similarSentences, len(w.old)+len(w.new) > longSequence)
		pairs = p.old
		for i, j := range pairs {
			if j >= 0 {
				w.matchSentence(&a.sentences[i], &b.sentences[j])
			}
		}
	}
	w.matchEdges()
	w.giveUpCoincidences()
	w.matchPassages()
	w.matchEdges()
	w.makeWhole()
	w.slide()
	if !w.keepsEnough() {
		w.keepSentences(pairs)
		w.matchPassages()
	}
}

// keepSentences keeps the matches within sentences of which enough stayed, and no others.
func (w *workspace) keepSentences(pairs []int) {
	at := 0
	giveUp := func(to int) {
		for ; at < to; at++ {
			w.match[at] = -1
		}
	}
	for i, j := range pairs {
		if s := &w.a.sentences[i]; j >= 0 && len(s.words) >= movedEditedWords {
			if kept := w.kept(s.from, s.to); float64(2*kept) >= keptOfUnit*float64(len(s.words)+len(w.b.sentences[j].words)) {
				giveUp(s.from)
				at = s.to
			}
		}
	}
	giveUp(w.a.size())
}

// kept is how many words of tokens [from, to) of the old text stay.
func (w *workspace) kept(from, to int) (n int) {
	for i := from; i < to; i++ {
		if w.match[i] >= 0 && w.a.kind(i) >= word {
			n++
		}
	}
	return n
}

func (r *reading) sentenceItems(out []item) []item {
	for i := range r.sentences {
		s := &r.sentences[i]
		out = append(out, item{text: r.stretch(s.from, s.to), bag: &s.bag})
	}
	return out
}

// passage is how many words in a row are never struck and written again in one
// place, whatever is between them.
const passage = 6

// matchPassages matches passages in the gaps: of sentences that have no partners.
func (w *workspace) matchPassages() {
	w.edits = w.edits[:0]
	gaps(w.match, w.b.size(), func(i0, i1, j0, j1 int) {
		if i1-i0 > passage && j1-j0 > passage {
			w.edits = append(w.edits, stretch{i0, i1, j0, j1})
		}
	})
	for _, g := range w.edits {
		w.matchSpan(span{g.i0, g.i1}, span{g.j0, g.j1}, plain)
		for i := g.i0; i < g.i1; {
			end := i
			for end < g.i1 && w.match[end] >= 0 && w.match[end]-w.match[i] == end-i {
				end++
			}
			if end == i {
				i++
				continue
			}
			few := w.a.count(i, end) < passage
			for ; i < end; i++ {
				if few {
					w.match[i] = -1
				}
			}
		}
	}
}

func (w *workspace) matchSentence(s, t *sentence) {
	w.matchSpan(span{s.from, s.to}, span{t.from, t.to}, behindWords)
}

// keys of tokens are equal where the tokens may be matched with each other.
type keys func(out []uint64, tokens []token) []uint64

// plain are the tokens themselves.
func plain(out []uint64, tokens []token) []uint64 {
	for _, t := range tokens {
		out = append(out, uint64(t.id)<<8|uint64(t.kind))
	}
	return out
}

// behindWords are the tokens, punctuation and the space behind it with the word before
// them. In a list of which a member came and another went, the commas that stay would
// weigh as much as the members, which would be struck and written again.
func behindWords(out []uint64, tokens []token) []uint64 {
	var said, last uint64
	for _, t := range tokens {
		k := uint64(t.id)<<8 | uint64(t.kind)
		switch {
		case t.kind >= word:
			said, last = k, 0
		case t.kind == point:
			k ^= said << 20
			last = k
		default:
			k, last = k^last<<20, 0
		}
		out = append(out, k)
	}
	return out
}

// matchSpan aligns some words of both texts.
func (w *workspace) matchSpan(sa, sb span, as keys) {
	a, b := w.a, w.b
	i0, i1, j0, j1 := sa.start, sa.end, sb.start, sb.end
	long := i1-i0+j1-j0 > longSequence
	for i0 < i1 && j0 < j1 && alike(a, i0, b, j0) {
		w.match[i0] = j0
		i0++
		j0++
	}
	for i0 < i1 && j0 < j1 && alike(a, i1-1, b, j1-1) {
		i1--
		j1--
		w.match[i1] = j1
	}
	if i0 == i1 || j0 == j1 {
		return
	}
	w.x, w.y = as(w.x[:0], a.tokens[i0:i1]), as(w.y[:0], b.tokens[j0:j1])
	matches(w.x, w.y, long, func(i, j int) {
		if alike(a, i0+i, b, j0+j) {
			w.match[i0+i] = j0 + j
		}
	})
}

// matchEdges matches equal tokens at both ends of every gap: the white space
// between sentences above all, which belongs to none of them.
func (w *workspace) matchEdges() {
	a, b, match := w.a, w.b, w.match
	gaps(match, b.size(), func(i0, i1, j0, j1 int) {
		for i0 < i1 && j0 < j1 && alike(a, i0, b, j0) {
			match[i0] = j0
			i0++
			j0++
		}
		for i0 < i1 && j0 < j1 && alike(a, i1-1, b, j1-1) {
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
// Strategies, 2006), and never more than a few words. Of one word or two it is enough
// if they are short beside the words that were replaced on both sides of them. A long
// word does not come again by accident where something was only inserted or deleted.
func (w *workspace) giveUpCoincidences() {
	const fewWords, shortWord = 3, 10 // characters, with the spaces on both sides
	a, b, match := w.a, w.b, w.match
	size := func(r *reading, from, to int) int { return utf8.RuneCountInString(r.stretch(from, to)) }
	for again := true; again; {
		again = false
		w.edits = w.edits[:0]
		gaps(match, b.size(), func(i0, i1, j0, j1 int) { w.edits = append(w.edits, stretch{i0, i1, j0, j1}) })
		for k := 0; k+1 < len(w.edits); k++ {
			l, r := w.edits[k], w.edits[k+1]
			if r.i0-l.i1 > 4*fewWords {
				continue
			}
			wordsKept, keptSize := a.count(l.i1, r.i0), size(a, l.i1, r.i0)
			if wordsKept > fewWords {
				continue
			}
			before := max(size(a, l.i0, l.i1), size(b, l.j0, l.j1))
			after := max(size(a, r.i0, r.i1), size(b, r.j0, r.j1))
			replacing := l.replaces() || r.replaces()
			if wordsKept > 0 && w.replacesValue(l) && w.replacesValue(r) {
				continue
			}
			if wordsKept == 0 && a.endsSentence(r.i0) && b.endsSentence(r.j0) || !replacing && wordsKept >= 2 && (l.i0 < l.i1) == (r.i0 < r.i1) {
				continue
			}
			if wordsKept == 0 && replacing && keptSize <= 3 || keptSize <= before && keptSize <= after ||
				wordsKept <= 1 && l.replaces() && r.replaces() && 2*keptSize <= before+after ||
				wordsKept <= 2 && w.rewords(l) && w.rewords(r) && 16*keptSize <= before+after ||
				wordsKept <= 1 && replacing && keptSize <= shortWord && 4*keptSize <= max(before, after) {
				for i := l.i1; i < r.i0; i++ {
					match[i] = -1
				}
				again = true
				k++ // its neighbour has grown; it is looked at again in the next round
			}
		}
	}
}

// rewords reports whether words became others.
func (w *workspace) rewords(g stretch) bool {
	return w.a.count(g.i0, g.i1) > 0 && w.b.count(g.j0, g.j1) > 0
}

// replacesValue reports whether a number, a date, an amount or a web address became
// another: these are read one by one.
func (w *workspace) replacesValue(g stretch) bool {
	value := func(r *reading, i int) bool {
		s := r.stretch(i, i+1)
		return s[0] >= '0' && s[0] <= '9' || s[0] == '$' || len(s) > 1 && addressEnd(s, 0) > 0
	}
	return g.i1-g.i0 == 1 && g.j1-g.j0 == 1 && value(w.a, g.i0) && value(w.b, g.j0)
}

// makeWhole makes edits larger that would leave a bracket without its other half,
// and those of a single character in Chinese and Japanese, where it is seldom a word.
func (w *workspace) makeWhole() {
	a, b, match := w.a, w.b, w.match
	first := func(r *reading, i int) rune {
		c, _ := utf8.DecodeRuneInString(r.text[r.start(i):])
		return c
	}
	open := func(r *reading, from, to int) (n int) {
		for i := from; i < to; i++ {
			switch r.text[r.start(i)] {
			case '(':
				n++
			case ')':
				n--
			}
		}
		return n
	}
	single := func(r *reading, from, to int) bool {
		if from == to {
			return true
		}
		c := first(r, from)
		return to-from == 1 && r.start(to)-r.start(from) == utf8.RuneLen(c) && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana)
	}
	w.edits = w.edits[:0]
	gaps(match, b.size(), func(i0, i1, j0, j1 int) { w.edits = append(w.edits, stretch{i0, i1, j0, j1}) })
	for _, g := range w.edits {
		before, after := g.i0 > 0 && g.j0 > 0 && match[g.i0-1] == g.j0-1, g.i1 < a.size() && match[g.i1] == g.j1
		if single(a, g.i0, g.i1) && single(b, g.j0, g.j1) {
			number := g.i0 < g.i1 && strings.ContainsRune("〇零一二三四五六七八九十百千万萬两兩", first(a, g.i0)) // with what it counts
			switch {
			case before && single(a, g.i0-1, g.i0) && !(number && after && single(a, g.i1, g.i1+1)):
				match[g.i0-1] = -1
			case after && single(a, g.i1, g.i1+1):
				match[g.i1] = -1
			}
			continue
		}
		if g.i0 == g.i1 || g.j0 == g.j1 {
			continue
		}
		x, y := open(a, g.i0, g.i1), open(b, g.j0, g.j1)
		switch {
		case x == 1 && y == 1 && after && first(a, g.i1) == ')':
			match[g.i1] = -1
		case x == -1 && y == -1 && before && first(a, g.i0-1) == '(':
			match[g.i0-1] = -1
		}
	}
}

// slide moves what was only inserted, or only deleted, to where a part of a sentence
// begins, if it could as well have been there: "- to read; - to write;" came between
// two such lines, and not "read; - to write; - to" within one.
func (w *workspace) slide() {
	w.edits = w.edits[:0]
	gaps(w.match, w.b.size(), func(i0, i1, j0, j1 int) {
		if i0 == i1 || j0 == j1 {
			w.edits = append(w.edits, stretch{i0, i1, j0, j1})
		}
	})
	for _, g := range w.edits {
		r, from, to := w.b, g.j0, g.j1
		if g.j0 == g.j1 {
			r, from, to = w.a, g.i0, g.i1
		}
		best, by := r.begins(from), 0
		for k := 1; k <= min(g.i0, g.j0) && w.match[g.i0-k] == g.j0-k && alike(r, from-k, r, to-k); k++ {
			if now := r.begins(from - k); now > best {
				best, by = now, k
			}
		}
		for k := 1; k <= by; k++ {
			w.match[g.i0-k] = -1
			w.match[g.i1-k] = g.j1 - k
		}
	}
}

// begins tells how well something begins with a token: behind a mark that parts what
// stands on both sides of it, best behind the space that follows that.
func (r *reading) begins(i int) int {
	if i < 2 || r.kind(i) == space || r.kind(i-1) != space || r.kind(i-2) != point {
		return 0
	}
	switch r.text[r.start(i-2)] {
	case '.', ';', ':', '!', '?':
		return 2
	case ',':
		return 1
	}
	return 0
}

// stretch is a gap between matches: tokens [i0, i1) of the old text, [j0, j1)
// of the new.
type stretch struct{ i0, i1, j0, j1 int }

// replaces reports whether both sides say something.
func (s stretch) replaces() bool { return s.i0 < s.i1 && s.j0 < s.j1 }

// keepsEnough reports whether so much stayed, of both texts or of the shorter, that
// marking it is clearer than one removal and one insertion.
func (w *workspace) keepsEnough() bool {
	kept := w.kept(0, w.a.size())
	n, m := len(w.a.words), len(w.b.words)
	return n+m <= 6 && kept > 0 || float64(2*kept) >= keptOfUnit*float64(n+m) || kept >= movedWords && 2*kept >= min(n, m)
}

// toRuns makes runs of matches, deletions before insertions.
func toRuns(a, b *reading, match []int) []run {
	var out []run
	equalTo := func(i, j, i1, j1 int) {
		if i < i1 {
			out = append(out, run{op: Equal, old0: a.start(i), old1: a.start(i1), new0: b.start(j), new1: b.start(j1)})
		}
	}
	i, j := 0, 0
	gaps(match, b.size(), func(i0, i1, j0, j1 int) {
		equalTo(i, j, i0, j0)
		if i0 < i1 {
			out = append(out, run{op: Delete, old0: a.start(i0), old1: a.start(i1), new0: b.start(j0), new1: b.start(j0)})
		}
		if j0 < j1 {
			out = append(out, run{op: Insert, old0: a.start(i1), old1: a.start(i1), new0: b.start(j0), new1: b.start(j1)})
		}
		i, j = i1, j1
	})
	equalTo(i, j, a.size(), b.size())
	return out
}
