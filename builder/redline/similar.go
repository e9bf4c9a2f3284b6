package redline

import (
	"slices"
	"strings"
)

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
	if a.loose != "" && a.loose == b.loose {
		return 1
	}
	x, y := w.words(a).sort(), w.words(b).sort()
	if len(x)+len(y) == 0 || 2*float64(min(len(x), len(y)))/float64(len(x)+len(y)) < threshold {
		return 0
	}
	shared := 0
	enough := int(threshold * float64(len(x)+len(y)) / 2)
	for i, j := 0, 0; i < len(x) && j < len(y); {
		if shared+min(len(x)-i, len(y)-j) < enough {
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
	return 2 * float64(shared) / float64(len(x)+len(y))
}

// surelySimilar reports whether the bytes at both ends of two items' texts that
// are the same are enough for a similarity of at least the threshold. Most items
// that are alone in their gap have a few words replaced: they need not be read
// word by word.
func surelySimilar(a, b *item, threshold float64) bool {
	x, y := a.text, b.text
	if a.class != b.class {
		return false
	}
	n := min(len(x), len(y))
	from := 0
	for from < n && x[from] == y[from] {
		from++
	}
	to := 0
	for to < n-from && x[len(x)-1-to] == y[len(y)-1-to] {
		to++
	}
	before := x[:strings.LastIndexByte(x[:from], ' ')+1]
	after := ""
	if i := strings.IndexByte(x[len(x)-to:], ' '); i >= 0 {
		after = x[len(x)-to+i:]
	}
	// No more words are left than bytes. No word goes on across a space.
	shared, left := spaced(before)+spaced(after), len(x)+len(y)-2*(len(before)+len(after))
	return float64(2*shared) > threshold*float64(2*shared+left)
}

// spaced counts what stands between spaces and has a letter or digit of ASCII:
// at least one word each.
func spaced(s string) int {
	n := 0
	in := false
	for i := 0; i < len(s); i++ {
		switch class := classes[s[i]]; {
		case class == blank:
			in = false
		case class == alphabet && !in:
			in = true
			n++
		}
	}
	return n
}
