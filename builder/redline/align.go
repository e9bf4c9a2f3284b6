package redline

import (
	"slices"

	"znkr.io/diff"
)

// item is one member of a sequence that is aligned with another: a unit, or a
// sentence.
type item struct {
	key   string // equal keys: equal text
	sort  int32  // equal keys of different sorts are not equal
	class int32  // items of different classes are never one, edited
	loose string // equal: the same but for the label in front, a row that starts with the same cell; "" for none
	text  string // what it says
	words *bag   // nil until they are asked for
}

// headings are a class of items.
const headings = 3

// pairing says which item of the other side each is: -1 for none.
type pairing struct {
	old, new []int
}

// longSequence is the length from which the faster of the library's algorithms
// is used: its worst case is O(n log n).
const longSequence = 20_000

// align finds pairs in order of the items in w.old and w.new: those that are the
// same, then in the gaps between them those that are edited. long texts are
// aligned faster and less well. The pairing holds until the next call.
func (w *workspace) align(threshold float64, long bool) pairing {
	old, new := w.old, w.new
	w.pairing = pairing{unpaired(w.pairing.old, len(old)), unpaired(w.pairing.new, len(new))}
	p := w.pairing
	from, oldTo, newTo := 0, len(old), len(new)
	for from < min(oldTo, newTo) && old[from].sort == new[from].sort && old[from].key == new[from].key {
		p.old[from], p.new[from] = from, from
		from++
	}
	for oldTo > from && newTo > from && old[oldTo-1].sort == new[newTo-1].sort && old[oldTo-1].key == new[newTo-1].key {
		oldTo--
		newTo--
		p.old[oldTo], p.new[newTo] = newTo, oldTo
	}
	if from == oldTo || from == newTo {
		return p
	}
	ids := numbers{}
	a, b := ids.numbered(old[from:oldTo]), ids.numbered(new[from:newTo])
	i, j := from, from
	gap := func(toOld, toNew int) {
		if i < toOld && j < toNew {
			w.alignGap(i, toOld, j, toNew, threshold, p)
		}
	}
	matches(a, b, long, func(x, y int) {
		x, y = from+x, from+y
		gap(x, y)
		p.old[x], p.new[y] = y, x
		i, j = x+1, y+1
	})
	gap(oldTo, newTo)
	return p
}

// unpaired are n items without partners, in the memory of others.
func unpaired(in []int, n int) []int {
	in = slices.Grow(in[:0], n)[:n]
	for i := range in {
		in[i] = -1
	}
	return in
}

// numbers are those of strings, from 0 on.
type numbers map[string]int32

func (n numbers) of(key string) int32 {
	number, ok := n[key]
	if !ok {
		number = int32(len(n))
		n[key] = number
	}
	return number
}

// numbered are the numbers of items' keys, with their sorts.
func (n numbers) numbered(list []item) []int32 {
	out := make([]int32, len(list))
	for i := range list {
		out[i] = n.of(list[i].key)<<2 | list[i].sort
	}
	return out
}

// matches calls f for each pair of places at which two sequences are found to
// be the same, in order.
func matches(a, b []int32, long bool, f func(i, j int)) {
	options := [...]diff.Option{diff.Context(0), diff.Fast()}
	n := 1
	if long {
		n = 2
	}
	i, j := 0, 0
	for _, h := range diff.Hunks(a, b, options[:n]...) {
		for i < h.PosX {
			f(i, j)
			i++
			j++
		}
		i, j = h.EndX, h.EndY
	}
	for i < len(a) && j < len(b) {
		f(i, j)
		i++
		j++
	}
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
func (w *workspace) alignGap(i0, i1, j0, j1 int, threshold float64, p pairing) {
	old, new := w.old, w.new
	if i1-i0 == 1 && j1-j0 == 1 {
		if w.similarity(&old[i0], &new[j0], threshold) >= threshold {
			p.old[i0], p.new[j0] = j0, i0
		}
		return
	}
	var found []candidate
	if (i1-i0)*(j1-j0) <= 400 {
		for i := i0; i < i1; i++ {
			for j := j0; j < j1; j++ {
				if s := w.similarity(&old[i], &new[j], threshold); s >= threshold {
					found = append(found, candidate{i, j, s})
				}
			}
		}
	} else {
		found = w.candidates(i0, i1, j0, j1, threshold)
	}
	for _, c := range heaviestChain(found, j0, j1) {
		p.old[c.old], p.new[c.new] = c.new, c.old
	}
}

// candidates finds pairs by the rare words, and rare pairs of words, that they
// share.
func (w *workspace) candidates(i0, i1, j0, j1 int, threshold float64) []candidate {
	old, new := w.old, w.new
	where := map[uint32][]int32{} // the items with a word or pair of words
	for j := j0; j < j1; j++ {
		eachGram(w.words(&new[j]), func(g uint32) {
			if in := where[g]; len(in) <= common && (len(in) == 0 || in[len(in)-1] != int32(j)) {
				where[g] = append(in, int32(j))
			}
		})
	}
	var found []candidate
	votes := make([]int32, j1-j0)
	var best []int32
	for i := i0; i < i1; i++ {
		best = best[:0]
		eachGram(w.words(&old[i]), func(g uint32) {
			in := where[g]
			if len(in) > common {
				return
			}
			for _, j := range in {
				if votes[j-int32(j0)] == 0 {
					best = append(best, j)
				}
				votes[j-int32(j0)]++
			}
		})
		slices.SortFunc(best, func(a, b int32) int {
			if x, y := votes[a-int32(j0)], votes[b-int32(j0)]; x != y {
				return int(y - x)
			}
			return int(a - b)
		})
		for _, j := range best[:min(perItem, len(best))] {
			if s := w.similarity(&old[i], &new[j], threshold); s >= threshold {
				found = append(found, candidate{i, int(j), s})
			}
		}
		for _, j := range best {
			votes[j-int32(j0)] = 0
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

// eachGram calls f for the hashes of words and of pairs of words.
func eachGram(b *bag, f func(uint32)) {
	last := uint32(0)
	for i, h := range b.inOrder {
		f(h)
		if i > 0 {
			f(last*16777619 ^ h)
		}
		last = h
	}
}
