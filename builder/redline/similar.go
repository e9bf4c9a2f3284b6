package redline

import "slices"

// bag holds the hashes of a text's words.
type bag struct {
	inOrder []uint32
	sorted  []uint32 // nil until they are asked for
}

func (b *bag) sort() []uint32 {
	if b.sorted == nil {
		b.sorted = slices.Clone(b.inOrder)
		slices.Sort(b.sorted)
	}
	return b.sorted
}

// similarity is the share of words that two items have in common, 0 to 1
// (Dice's coefficient of their words, each as often as it stands). One that
// cannot come up to the threshold may be stated as 0.
func (w *workspace) similarity(a, b *item, threshold float64) float64 {
	if a.class != b.class {
		return 0
	}
	least := 0.0
	if a.loose != "" && a.loose == b.loose {
		if a.sort == 0 {
			return 1
		}
		least = threshold // of rows
	}
	x, y := w.words(a).sort(), w.words(b).sort()
	if len(x)+len(y) == 0 || 2*float64(min(len(x), len(y)))/float64(len(x)+len(y)) < threshold {
		return least
	}
	shared := 0
	enough := int(threshold * float64(len(x)+len(y)) / 2)
	for i, j := 0, 0; i < len(x) && j < len(y); {
		if shared+min(len(x)-i, len(y)-j) < enough {
			return least
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
	return max(least, 2*float64(shared)/float64(len(x)+len(y)))
}
