package importer

import (
	"slices"
	"strings"
	"unicode"
)

// A word is a run of letters, marks and digits. Punctuation does not count, so
// that words can be counted alike in HTML, in plain text and in rendered
// Markdown.

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }

// bag says how often each word occurs.
type bag map[string]int

// add puts the words of a text into the bag, in Normalization Form C.
func (b bag) add(text string) {
	for w := range strings.FieldsFuncSeq(normalize(text), notWord) {
		b[w]++
	}
}

func (b bag) merge(other bag) {
	for w, n := range other {
		b[w] += n
	}
}

func (b bag) count() (n int) {
	for _, k := range b {
		n += k
	}
	return n
}

// without names words that b has more of than other; "" when there are none.
func (b bag) without(other bag) string {
	var words []string
	for w, n := range b {
		if n > other[w] {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	if len(words) > 10 {
		words = append(words[:10], "…")
	}
	return strings.Join(words, ", ")
}

func countWords(text string) (n int) {
	for range strings.FieldsFuncSeq(text, notWord) {
		n++
	}
	return n
}
