package redline

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"znkr.io/diff"
)

// item is one member of a sequence that is aligned with another: a unit, or a
// sentence.
type item struct {
	key   string   // equal keys: equal text
	class int      // items of different classes are never one, edited
	loose string   // equal: the same, but for a number in front; "" for none
	bag   []uint32 // hashes of its words, sorted; filled when needed
	text  string
}

// pairing says which item of the other side each is: -1 for none.
type pairing struct {
	old, new []int
}

// longSequence is the length from which the faster of the library's algorithms
// is used: its worst case is O(n log n).
const longSequence = 20_000

// align finds pairs in order: items that are the same, then in the gaps between
// them those that are edited.
func align(old, new []item, threshold float64) pairing {
	p := pairing{make([]int, len(old)), make([]int, len(new))}
	for i := range p.old {
		p.old[i] = -1
	}
	for j := range p.new {
		p.new[j] = -1
	}
	i, j := 0, 0
	gapOld, gapNew := 0, 0
	gap := func() {
		if gapOld < i && gapNew < j {
			alignGap(old, new, gapOld, i, gapNew, j, threshold, p)
		}
	}
	for _, e := range edits(intern(old, new)) {
		switch e {
		case diff.Match:
			gap()
			p.old[i], p.new[j] = j, i
			i++
			j++
			gapOld, gapNew = i, j
		case diff.Delete:
			i++
		case diff.Insert:
			j++
		}
	}
	gap()
	return p
}

// intern numbers the keys.
func intern(old, new []item) (a, b []int32) {
	ids := make(map[string]int32, len(old))
	number := func(list []item) []int32 {
		out := make([]int32, len(list))
		for i := range list {
			id, ok := ids[list[i].key]
			if !ok {
				id = int32(len(ids))
				ids[list[i].key] = id
			}
			out[i] = id
		}
		return out
	}
	return number(old), number(new)
}

func edits(a, b []int32) []diff.Op {
	var options []diff.Option
	if len(a)+len(b) > longSequence {
		options = append(options, diff.Fast())
	}
	list := diff.Edits(a, b, options...)
	out := make([]diff.Op, len(list))
	for i, e := range list {
		out[i] = e.Op
	}
	return out
}

// candidate is a pair that may be one item, edited.
type candidate struct {
	old, new int
	score    float64
}

// perItem bounds how many partners are considered for one item, and common how
// often a word may stand in a gap and still tell items apart.
const (
	perItem = 6
	common  = 12
)

// alignGap pairs the items of a gap: the heaviest chain of similar pairs that
// keeps the order of both sides.
func alignGap(old, new []item, i0, i1, j0, j1 int, threshold float64, p pairing) {
	var found []candidate
	if (i1-i0)*(j1-j0) <= 400 {
		for i := i0; i < i1; i++ {
			for j := j0; j < j1; j++ {
				if s := similarity(&old[i], &new[j]); s >= threshold {
					found = append(found, candidate{i, j, s})
				}
			}
		}
	} else {
		found = candidates(old, new, i0, i1, j0, j1, threshold)
	}
	for _, c := range heaviestChain(found, j0, j1) {
		p.old[c.old], p.new[c.new] = c.new, c.old
	}
}

// candidates finds pairs by the rare words, and rare pairs of words, that they
// share.
func candidates(old, new []item, i0, i1, j0, j1 int, threshold float64) []candidate {
	where := map[uint32][]int32{}
	for j := j0; j < j1; j++ {
		for _, g := range grams(&new[j]) {
			if list := where[g]; len(list) <= common && (len(list) == 0 || list[len(list)-1] != int32(j)) {
				where[g] = append(list, int32(j))
			}
		}
	}
	var found []candidate
	votes := map[int32]int{}
	for i := i0; i < i1; i++ {
		clear(votes)
		for _, g := range grams(&old[i]) {
			if list := where[g]; len(list) <= common {
				for _, j := range list {
					votes[j]++
				}
			}
		}
		best := make([]int32, 0, len(votes))
		for j := range votes {
			best = append(best, j)
		}
		slices.SortFunc(best, func(a, b int32) int {
			if votes[a] != votes[b] {
				return votes[b] - votes[a]
			}
			return int(a - b)
		})
		for _, j := range best[:min(perItem, len(best))] {
			if s := similarity(&old[i], &new[j]); s >= threshold {
				found = append(found, candidate{i, int(j), s})
			}
		}
	}
	return found
}

// heaviestChain picks pairs increasing on both sides whose scores add up to
// most. found is sorted by old.
func heaviestChain(found []candidate, j0, j1 int) []candidate {
	if len(found) == 0 {
		return nil
	}
	// A Fenwick tree over the new side keeps, for every prefix, the candidate
	// at which the heaviest chain so far ends.
	type end struct {
		weight float64
		at     int
	}
	tree := make([]end, j1-j0+1)
	for i := range tree {
		tree[i].at = -1
	}
	previous := make([]int, len(found))
	weight := make([]float64, len(found))
	for start := 0; start < len(found); {
		stop := start
		for stop < len(found) && found[stop].old == found[start].old {
			stop++
		}
		for k := start; k < stop; k++ { // ask before any of this row is entered
			best := end{at: -1}
			for n := found[k].new - j0; n > 0; n -= n & -n {
				if tree[n].weight > best.weight {
					best = tree[n]
				}
			}
			previous[k], weight[k] = best.at, best.weight+found[k].score
		}
		for k := start; k < stop; k++ {
			for n := found[k].new - j0 + 1; n < len(tree); n += n & -n {
				if weight[k] > tree[n].weight {
					tree[n] = end{weight[k], k}
				}
			}
		}
		start = stop
	}
	last := 0
	for k := range weight {
		if weight[k] > weight[last] {
			last = k
		}
	}
	var chain []candidate
	for k := last; k >= 0; k = previous[k] {
		chain = append(chain, found[k])
	}
	slices.Reverse(chain)
	return chain
}

// similarity is the share of words that two items have in common, 0 to 1
// (Dice's coefficient of their words, each as often as it stands).
func similarity(a, b *item) float64 {
	if a.class != b.class {
		return 0
	}
	if a.loose != "" && a.loose == b.loose {
		return 1
	}
	x, y := bag(a), bag(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	shared := 0
	for i, j := 0, 0; i < len(x) && j < len(y); {
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

func bag(it *item) []uint32 {
	if it.bag == nil {
		it.bag = hashes(it.text)
		slices.Sort(it.bag)
	}
	return it.bag
}

// grams are the hashes of an item's words and of its pairs of words.
func grams(it *item) []uint32 {
	w := hashes(it.text)
	out := make([]uint32, 0, 2*len(w))
	for i, h := range w {
		out = append(out, h)
		if i > 0 {
			out = append(out, w[i-1]*16777619^h)
		}
	}
	return out
}

// hashes are those of a text's words, in order, without regard to case.
func hashes(text string) []uint32 {
	out := make([]uint32, 0, len(text)/6+1)
	it := words.FromString(text)
	for it.Next() {
		if w := it.Value(); isWord(w) {
			h := uint32(2166136261) // FNV-1a
			for i := 0; i < len(w); i++ {
				c := w[i]
				if c >= 'A' && c <= 'Z' {
					c += 'a' - 'A'
				}
				h = (h ^ uint32(c)) * 16777619
			}
			out = append(out, h)
		}
	}
	return out
}

// isWord tells words from white space and punctuation.
func isWord(token string) bool {
	r, _ := utf8.DecodeRuneInString(token)
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return true
	}
	return strings.ContainsFunc(token, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
