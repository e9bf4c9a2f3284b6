package redline

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reading is what is read of a text, once for all comparisons: its tokens, the
// sentences that they make, and its words.
type reading struct {
	text      string
	tokens    []token // and behind the last one where the text ends
	sentences []sentence
	bag
}

// token is a word, a mark of punctuation, white space, or an atom. It ends where
// the next one starts.
type token struct {
	start int32
	id    uint32 // the same for the same tokens, and by chance for others: see alike
	kind  kind
}

// kind of a token.
type kind uint8

const (
	point kind = iota // a mark of punctuation
	space             // white space
	word              // a word; a kind beyond it is an atom, which counts as one
)

// sentence is some tokens [from, to), without the white space behind them.
type sentence struct {
	from, to int
	bag
}

// bag holds the hashes of words, in order and without regard to case.
type bag struct {
	words  []uint32
	sorted []uint32 // nil until they are asked for
}

// read reads a text, in which the atoms are one token each.
func read(text string, pieces []piece) *reading {
	size := len(text) * 2 / 5
	if len(text) > 1<<18 { // growing would take as much again
		size = 0
		s := scan(text)
		for s.nextWhole() {
			size++
		}
	}
	r := &reading{text: text, tokens: make([]token, 0, size+2)}
	r.words = make([]uint32, 0, size/2+1)
	at := 0
	for i := range pieces {
		if p := &pieces[i]; p.atom != 0 {
			r.scan(at, p.start)
			id, _ := hash(text[p.start:p.end])
			r.tokens = append(r.tokens, token{int32(p.start), id + uint32(p.atom), word + kind(p.atom)})
			r.words = append(r.words, id)
			at = p.end
		}
	}
	r.scan(at, len(text))
	r.tokens = append(r.tokens, token{start: int32(len(text))})
	r.findSentences()
	return r
}

func (r *reading) scan(from, to int) {
	s := scan(r.text[from:to]) // each round of a loop would have a copy of its own
	for s.nextWhole() {
		t := r.text[from+s.start : from+s.end]
		id, folded := hash(t)
		k := point
		switch {
		case s.word:
			k = word
			r.words = append(r.words, folded)
		case t == " " || classes[t[0]] == other && strings.TrimSpace(t) == "":
			k = space
		}
		r.tokens = append(r.tokens, token{int32(from + s.start), id, k})
	}
}

// hash returns two hashes of a token: one as it is, and one without regard to the
// case of ASCII letters.
func hash(t string) (id, folded uint32) {
	h, upper := uint32(2166136261), uint32(0) // FNV-1a
	for i := range len(t) {
		c := t[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
			upper |= 1 << (i % 32)
		}
		h = (h ^ uint32(c)) * 16777619
	}
	return h + upper*2654435769, h
}

// size is the number of tokens.
func (r *reading) size() int { return len(r.tokens) - 1 }

// start is where token i starts; of the number of tokens, where the text ends.
func (r *reading) start(i int) int { return int(r.tokens[i].start) }

// stretch is the text of tokens [from, to).
func (r *reading) stretch(from, to int) string { return r.text[r.start(from):r.start(to)] }

func (r *reading) kind(i int) kind { return r.tokens[i].kind }

// alike reports whether two tokens are the same.
func alike(a *reading, i int, b *reading, j int) bool {
	return a.tokens[i].id == b.tokens[j].id && a.tokens[i].kind == b.tokens[j].kind && a.stretch(i, i+1) == b.stretch(j, j+1)
}

// count is the number of words that tokens [from, to) make.
func (r *reading) count(from, to int) (n int) {
	for _, t := range r.tokens[from:to] {
		if t.kind >= word {
			n++
		}
	}
	return n
}

// at is the token that starts at a place in the text, or the first one behind it.
func (r *reading) at(place int) int {
	i, _ := slices.BinarySearchFunc(r.tokens[:r.size()], int32(place), func(t token, at int32) int { return int(t.start - at) })
	return i
}

// findSentences splits the tokens into sentences. One ends behind a full stop or
// another mark that Unicode says ends sentences, the closing marks behind it
// included; not where a small letter follows, and not behind an abbreviation or the
// number of a clause.
func (r *reading) findSentences() {
	n, start, seen := r.size(), 0, 0
	end := func(next int) {
		to := next
		for to > start && r.kind(to-1) == space {
			to--
		}
		if words := r.count(start, to); start < to {
			r.sentences = append(r.sentences, sentence{start, to, bag{words: r.words[seen : seen+words : seen+words]}})
			seen += words
		}
		start = next
	}
	for i := 0; i < n; i++ {
		switch r.kind(i) {
		case space:
			if s := r.stretch(i, i+1); s != " " && strings.IndexByte(s, '\n') >= 0 {
				end(i + 1)
			}
		case point:
			if !r.ends(i) {
				continue
			}
			next := i + 1
			for next < n && (r.ends(next) || r.closes(next)) {
				next++
			}
			spaced := next == n
			for next < n && r.kind(next) == space {
				next, spaced = next+1, true
			}
			if !r.goesOn(start, i, next, spaced) {
				end(next)
			}
			i = next - 1
		}
	}
	end(n)
}

// endsSentence reports whether a sentence ends before a token.
func (r *reading) endsSentence(i int) bool {
	_, ok := slices.BinarySearchFunc(r.sentences, i, func(s sentence, i int) int { return s.to - i })
	return ok
}

// ends reports whether a token is a mark that ends sentences.
func (r *reading) ends(i int) bool {
	if r.kind(i) != point {
		return false
	}
	switch c := r.text[r.start(i)]; {
	case c == '.' || c == '!' || c == '?':
		return true
	case c < utf8.RuneSelf:
		return false
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.start(i):])
	return unicode.Is(unicode.Sentence_Terminal, c)
}

// closes reports whether a token is a quotation mark or a closing bracket.
func (r *reading) closes(i int) bool {
	if r.kind(i) != point {
		return false
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.start(i):])
	return c == '"' || c == '\'' || unicode.In(c, unicode.Pe, unicode.Pf, unicode.Pi)
}

// opens reports whether a token is a quotation mark or an opening bracket.
func (r *reading) opens(i int) bool {
	c, _ := utf8.DecodeRuneInString(r.text[r.start(i):])
	return r.kind(i) == point && (c == '"' || c == '\'' || unicode.In(c, unicode.Ps, unicode.Pf, unicode.Pi))
}

// goesOn reports whether the sentence that starts with the token start does not end
// with the mark i, though it could; next comes after it.
func (r *reading) goesOn(start, i, next int, spaced bool) bool {
	if r.text[r.start(i)] == '.' && (!spaced || r.abbreviates(start, i)) {
		return true
	}
	for k := next; k < r.size(); k++ {
		c, _ := utf8.DecodeRuneInString(r.text[r.start(k):])
		switch {
		case unicode.IsLetter(c):
			return unicode.IsLower(c)
		case r.ends(k):
			return false
		case k == next && (c == ',' || c == ';' || c == ':'):
			return true
		}
	}
	return false
}

// abbreviations after which a sentence goes on as a rule.
var abbreviations = map[string]bool{
	"Inc": true, "No": true, "Nos": true, "Nr": true, "Art": true, "Arts": true, "Sec": true, "Secs": true, "e.g": true, "i.e": true, "Co": true, "Corp": true,
	"Ltd": true, "vs": true, "v": true, "Mr": true, "Mrs": true, "Ms": true, "Dr": true, "St": true, "cf": true, "al": true, "para": true, "Abs": true, "Reg": true,
}

// abbreviates reports whether the full stop i belongs to the word before it: to an
// abbreviation, to initials, or to the label of a clause, which is all there is of
// the sentence so far.
func (r *reading) abbreviates(start, i int) bool {
	if i == start || r.kind(i-1) < word {
		return false
	}
	w := r.stretch(i-1, i)
	if i-1 == start && (len(w) <= 4 || strings.Trim(w, "0123456789.") == "") {
		return true
	}
	last, size := utf8.DecodeLastRuneInString(w)
	return abbreviations[w] || unicode.IsUpper(last) && (len(w) == size || w[len(w)-size-1] == '.')
}

func (b *bag) sort() []uint32 {
	if b.sorted == nil {
		b.sorted = slices.Clone(b.words)
		slices.Sort(b.sorted)
	}
	return b.sorted
}

// similarity is the share of words that two bags have in common, 0 to 1 (Dice's
// coefficient of their words, each as often as it stands). One that cannot come up
// to the threshold may be stated as 0.
func similarity(a, b *bag, threshold float64) float64 {
	n, m := len(a.words), len(b.words)
	if n+m == 0 || 2*float64(min(n, m))/float64(n+m) < threshold {
		return 0
	}
	x, y := a.sort(), b.sort()
	shared, enough := 0, int(threshold*float64(n+m)/2)
	for i, j := 0, 0; i < n && j < m; {
		if shared+min(n-i, m-j) < enough {
			return 0
		}
		switch {
		case x[i] == y[j]:
			shared++
			i++
			j++
		case x[i] < y[j]:
			i++
		default:
			j++
		}
	}
	return 2 * float64(shared) / float64(n+m)
}
