package redline

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
	"github.com/clipperhouse/uax29/v2/words"
	"znkr.io/diff"
)

// Op is what became of a stretch of text.
type Op byte

const (
	Equal  Op = '='
	Delete Op = '-'
	Insert Op = '+'
)

// run is a stretch of two texts: equal, or only in the old, or only in the new.
type run struct {
	op         Op
	old0, old1 int // bytes of the old text; empty for Insert
	new0, new1 int
	moved      bool // to or from another unit
}

// token is a word, a mark of punctuation, white space, or an atom.
type token struct {
	start, end int
	key        string
	word       bool
}

// Thresholds of similarity, found by reading redlines of real policies: below
// them a reader follows one removal and one insertion more easily.
const (
	similarUnits     = 0.40
	similarSentences = 0.45
	keptOfUnit       = 0.30
)

// compareText finds the runs that lead from one cell's text to another's.
func compareText(old, new *cell) []run {
	if old.text == new.text {
		return []run{{op: Equal, old1: len(old.text), new1: len(new.text)}}
	}
	a, b := tokens(old), tokens(new)
	match := matchTokens(a, b, old.text, new.text)
	return toRuns(a, b, match)
}

// tokens splits a text along word boundaries; an atom is one token.
func tokens(c *cell) []token {
	out := make([]token, 0, len(c.text)/4+1)
	split := func(start, end int) {
		address := 0 // where the address ends that the next words are part of
		it := words.FromString(c.text[start:end])
		for it.Next() {
			from, to := start+it.Start(), start+it.End()
			if to <= address {
				continue
			}
			if to2 := addressEnd(c.text, from, end); to2 > to {
				address, to = to2, to2
			}
			out = append(out, token{from, to, c.text[from:to], isWord(c.text[from:to])})
		}
	}
	at := 0
	for _, p := range c.pieces {
		if p.atom == "" {
			continue
		}
		split(at, p.start)
		out = append(out, token{p.start, p.end, p.atom + "\x00" + c.text[p.start:p.end], true})
		at = p.end
	}
	split(at, len(c.text))
	return out
}

// addressEnd is where a web address ends that starts at from; 0 for none. It is
// one word to a reader, and many to UAX #29.
func addressEnd(text string, from, end int) int {
	rest := text[from:end]
	if !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") && !strings.HasPrefix(rest, "www.") {
		return 0
	}
	if i := strings.IndexAny(rest, " \n<>\"”“()"); i >= 0 {
		rest = rest[:i]
	}
	return from + len(strings.TrimRight(rest, ".,;:!?"))
}

// span is a sentence's tokens [start, end), without the white space after it.
type span struct{ start, end int }

// matchTokens returns for each old token its new one, or -1; in order.
func matchTokens(a, b []token, oldText, newText string) []int {
	match := make([]int, len(a))
	for i := range match {
		match[i] = -1
	}
	sa, sb := sentencesOf(a, oldText), sentencesOf(b, newText)
	old, new := sentenceItems(sa, a, oldText), sentenceItems(sb, b, newText)
	if len(sa) == 1 && len(sb) == 1 {
		matchSentence(a, b, sa[0], sb[0], match)
	} else {
		p := align(old, new, similarSentences)
		for i, j := range p.old {
			switch {
			case j < 0:
			case old[i].key == new[j].key && sa[i].end-sa[i].start == sb[j].end-sb[j].start:
				for k := range sa[i].end - sa[i].start {
					match[sa[i].start+k] = sb[j].start + k
				}
			default:
				matchSentence(a, b, sa[i], sb[j], match)
			}
		}
	}
	matchEdges(a, b, match)
	giveUpCoincidences(a, b, match)
	if !keepsEnough(a, b, match) {
		for i := range match {
			match[i] = -1
		}
	}
	return match
}

// sentencesOf splits tokens into sentences, by UAX #29.
func sentencesOf(ts []token, text string) []span {
	var out []span
	it := sentences.FromString(text)
	at := 0
	for it.Next() {
		start := at
		for at < len(ts) && ts[at].start < it.End() {
			at++
		}
		end := at
		for end > start && !ts[end-1].word && strings.TrimSpace(ts[end-1].key) == "" {
			end--
		}
		if start < end {
			out = append(out, span{start, end})
		}
	}
	return out
}

func sentenceItems(spans []span, ts []token, text string) []item {
	out := make([]item, len(spans))
	for i, s := range spans {
		t := text[ts[s.start].start:ts[s.end-1].end]
		out[i] = item{key: t, text: t}
		for _, tok := range ts[s.start:s.end] {
			if strings.IndexByte(tok.key, 0) >= 0 { // an image is not its alternative text
				out[i].key += tok.key
			}
		}
	}
	return out
}

// matchSentence aligns the words of two sentences.
func matchSentence(a, b []token, sa, sb span, match []int) {
	ids := map[string]int32{}
	number := func(ts []token) []int32 {
		out := make([]int32, len(ts))
		for i, t := range ts {
			id, ok := ids[t.key]
			if !ok {
				id = int32(len(ids))
				ids[t.key] = id
			}
			out[i] = id
		}
		return out
	}
	i, j := sa.start, sb.start
	for _, op := range edits(number(a[sa.start:sa.end]), number(b[sb.start:sb.end])) {
		switch op {
		case diff.Match:
			match[i] = j
			i++
			j++
		case diff.Delete:
			i++
		case diff.Insert:
			j++
		}
	}
}

// matchEdges matches equal tokens at both ends of every gap: the white space
// between sentences above all, which belongs to none of them.
func matchEdges(a, b []token, match []int) {
	gaps(match, len(b), func(i0, i1, j0, j1 int) {
		for i0 < i1 && j0 < j1 && a[i0].key == b[j0].key {
			match[i0] = j0
			i0++
			j0++
		}
		for i0 < i1 && j0 < j1 && a[i1-1].key == b[j1-1].key {
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
func giveUpCoincidences(a, b []token, match []int) {
	const fewWords = 3
	for again := true; again; {
		again = false
		type edit struct{ i0, i1, j0, j1 int }
		var list []edit
		gaps(match, len(b), func(i0, i1, j0, j1 int) { list = append(list, edit{i0, i1, j0, j1}) })
		size := func(ts []token, from, to int) (n int) {
			for _, t := range ts[from:to] {
				n += utf8.RuneCountInString(t.key)
			}
			return n
		}
		for k := 0; k+1 < len(list); k++ {
			l, r := list[k], list[k+1]
			kept := a[l.i1:r.i0]
			wordsKept := 0
			for _, t := range kept {
				if t.word {
					wordsKept++
				}
			}
			replacing := l.i0 < l.i1 && l.j0 < l.j1 || r.i0 < r.i1 && r.j0 < r.j1
			before := max(size(a, l.i0, l.i1), size(b, l.j0, l.j1))
			after := max(size(a, r.i0, r.i1), size(b, r.j0, r.j1))
			keptSize := size(a, l.i1, r.i0)
			if wordsKept == 0 && replacing && keptSize <= 3 || wordsKept <= fewWords && keptSize <= before && keptSize <= after {
				for i := l.i1; i < r.i0; i++ {
					match[i] = -1
				}
				again = true
				k++ // its neighbour has grown; it is looked at again in the next round
			}
		}
	}
}

// keepsEnough reports whether so much stayed that marking it is clearer than
// one removal and one insertion.
func keepsEnough(a, b []token, match []int) bool {
	total, kept := 0, 0
	for i, t := range a {
		if t.word {
			total++
			if match[i] >= 0 {
				kept += 2
			}
		}
	}
	for _, t := range b {
		if t.word {
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
			return ts[i].start
		}
		if len(ts) == 0 {
			return 0
		}
		return ts[len(ts)-1].end
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

// countWords counts the words of a text.
func countWords(text string) int {
	n := 0
	it := words.FromString(text)
	for it.Next() {
		if isWord(it.Value()) {
			n++
		}
	}
	return n
}
