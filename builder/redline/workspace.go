package redline

import "github.com/policysite/policysite/builder/policy"

// Comparer compares pairs of texts one after the other. The versions of a policy
// say much the same, so it keeps what it found of the words of paragraphs that were
// edited, and the memory it works in: without them, a build of a long history takes
// 14 % longer. What it keeps is bounded. The zero Comparer is ready; it is not for
// two goroutines at a time.
type Comparer struct {
	// Characters says that characters are counted, and not words.
	Characters bool
	w          workspace
}

// Compare finds what leads from one text to another. The Redline holds until
// the next call, its Comparison for good.
func (c *Comparer) Compare(old, new Side) *Redline {
	c.w.characters = c.Characters
	return c.w.compare(old.sequence(), new.sequence())
}

// workspace is what comparing two texts needs again and again, and what is kept
// from one comparison to the next.
type workspace struct {
	ofTexts
	ofCells
	spoken     marks
	moves      int32 // of the two texts, so far
	characters bool  // are counted

	// Of all texts so far, by what they say, since nothing else counts:
	readings policy.Cache[string, *reading]
	runs     policy.Cache[textPair, []run]
	recent   [128]*reading // of the two texts, by their length: a look into a cache goes over the whole text
}

// ofTexts is what comparing two texts works in.
type ofTexts struct {
	entries  []entry
	reader   inlineReader
	old, new []item
	pairing  pairing // of the items
	x, y     []uint64
	grams    []uint64

	sentencesA, sentencesB []sentenceOf
	cutsA, cutsB           []cut
}

// ofCells is what comparing two cells works in.
type ofCells struct {
	a, b  *reading
	match []int // for each token of a the one of b; -1 for none
	edits []stretch
}

// textPair is two texts of cells without atoms.
type textPair struct{ old, new string }

// maxReadings and maxRuns bound what is kept of earlier comparisons, in bytes.
const (
	maxReadings = 8 << 20
	maxRuns     = 8 << 20
)

// read reads a text without atoms.
func (w *workspace) read(text string) *reading {
	recent := &w.recent[len(text)%len(w.recent)]
	if *recent != nil && (*recent).text == text {
		return *recent
	}
	r, ok := w.readings.Get(text)
	if !ok {
		r = read(text, nil)
		w.readings.Put(text, r, 128+len(text)+12*len(r.tokens)+8*len(r.words)+64*len(r.sentences))
	}
	*recent = r
	return r
}

// readCell reads the text of a cell.
func (w *workspace) readCell(c *cell) *reading {
	if hasAtoms(c.pieces) {
		return read(c.text, c.pieces)
	}
	return w.read(c.text)
}
