package redline

import "github.com/policysite/policysite/builder/policy"

// Comparer compares pairs of texts one after the other. The versions of a policy
// say much the same, so it keeps what it found of the words of paragraphs that were
// edited, and the memory it works in: without them, a build of a long history takes
// 14 % longer. What it keeps is bounded. The zero Comparer is ready; it is not for
// two goroutines at a time.
type Comparer struct{ w workspace }

// Compare finds what leads from one text to another. The Redline holds until
// the next call, its Comparison for good.
func (c *Comparer) Compare(old, new Side) *Redline {
	return c.w.compare(old.sequence(), new.sequence())
}

// workspace is what comparing two texts needs again and again, and what is kept
// from one comparison to the next.
type workspace struct {
	ofTexts
	ofCells

	// Of all texts so far, by what they say, since nothing else counts:
	bags policy.Cache[string, *bag]
	runs policy.Cache[textPair, []run]
}

// ofTexts is what comparing two texts works in.
type ofTexts struct {
	entries  []entry
	reader   inlineReader
	old, new []item
	pairing  pairing // of the items
	units    pairing // of the texts' units

	sentencesA, sentencesB []sentence
	cutsA, cutsB           []sentence // places where a unit is cut: between the start and the end of these
}

// ofCells is what comparing two cells works in.
type ofCells struct {
	a, b           []token
	match          []int
	x, y           []int32
	edits          []stretch
	spansA, spansB []span
}

// textPair is two texts of cells without atoms.
type textPair struct{ old, new string }

// maxBags and maxRuns bound what is kept of earlier comparisons, in bytes.
const (
	maxBags = 8 << 20
	maxRuns = 8 << 20
)

// bag holds the words of a text.
func (w *workspace) bag(text string) *bag {
	b, ok := w.bags.Get(text)
	if !ok {
		b = &bag{inOrder: hashes(text)}
		w.bags.Put(text, b, 64+len(text)+8*len(b.inOrder))
	}
	return b
}

// words are those of an item.
func (w *workspace) words(it *item) *bag {
	if it.words == nil {
		it.words = w.bag(it.text)
	}
	return it.words
}
