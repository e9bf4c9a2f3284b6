package redline

// Comparer compares pairs of texts one after the other. Those of one policy say
// much the same, so it keeps what it found of the words of paragraphs that were
// edited, and the memory it works in. What it keeps is bounded. The zero Comparer
// is ready; it is not for two goroutines at a time.
type Comparer struct{ w workspace }

// Compare finds what leads from one text to another. The Redline holds until
// the next call, its Comparison for good.
func (c *Comparer) Compare(old, new Side) *Redline {
	return c.w.compare(old.sequence(), new.sequence())
}

// workspace is what comparing two texts needs again and again, and what is kept
// from one comparison to the next.
type workspace struct {
	// Of two texts:
	entries  []entry
	reader   inlineReader
	old, new []item
	pairing  pairing // of the items
	units    pairing // of the texts' units

	// Of two cells:
	a, b           []token
	match          []int
	x, y           []int32
	edits          []stretch
	spansA, spansB []span

	// Of all texts so far, by what they say, since nothing else counts:
	bags map[string]*bag
	runs map[textPair][]run
	kept int // about how many bytes
}

// textPair is two texts of cells without atoms.
type textPair struct{ old, new string }

// mostKept bounds what is kept of earlier comparisons, in bytes.
const mostKept = 1 << 20

// keep makes room for so many bytes more.
func (w *workspace) keep(n int) {
	if w.kept += n; w.bags == nil || w.kept > mostKept {
		w.bags, w.runs, w.kept = map[string]*bag{}, map[textPair][]run{}, n
	}
}

// bag holds the words of a text.
func (w *workspace) bag(text string) *bag {
	b, ok := w.bags[text]
	if !ok {
		b = &bag{inOrder: hashes(text)}
		w.keep(64 + len(text) + 8*len(b.inOrder))
		w.bags[text] = b
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
