package redline

import (
	"cmp"
	"hash/maphash"
	"slices"

	"znkr.io/diff"
)

// item is one member of a sequence that is aligned with another: a unit, or a
// sentence.
type item struct {
	text  string
	sort  sort
	loose string // equal: the same but for the label in front, a row that starts with the same cell; "" for none
	head  bool   // a row of nothing but headers
	edges bool   // those that begin or end with the same passage are one
	bag   *bag   // its words; nil until they are asked for, of a unit
}

func (it *item) same(other *item) bool { return it.sort == other.sort && it.text == other.text }

// id is the same for the same items, and by a chance that is next to none for others.
func (it *item) id() uint64 { return textID(it.text, it.sort) }

func textID(text string, sort sort) uint64 { return maphash.String(seed, text) + uint64(sort) }

var seed = maphash.MakeSeed()

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
	for from < min(oldTo, newTo) && old[from].same(&new[from]) {
		p.old[from], p.new[from] = from, from
		from++
	}
	for oldTo > from && newTo > from && old[oldTo-1].same(&new[newTo-1]) {
		oldTo--
		newTo--
		p.old[oldTo], p.new[newTo] = newTo, oldTo
	}
	if from == oldTo || from == newTo {
		return p
	}
	w.x, w.y = w.x[:0], w.y[:0]
	for i := from; i < oldTo; i++ {
		w.x = append(w.x, old[i].id())
	}
	for j := from; j < newTo; j++ {
		w.y = append(w.y, new[j].id())
	}
	i, j := from, from
	gap := func(toOld, toNew int) {
		if i < toOld && j < toNew {
			w.alignGap(i, toOld, j, toNew, threshold, p)
		}
	}
	matches(w.x, w.y, long, func(x, y int) {
		if x, y = from+x, from+y; old[x].same(&new[y]) {
			gap(x, y)
			p.old[x], p.new[y] = y, x
			i, j = x+1, y+1
		}
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

// matches calls f for each pair of places at which two sequences are found to
// be the same, in order.
func matches(a, b []uint64, long bool, f func(i, j int)) {
	if len(a)*len(b) <= 64 && !slices.ContainsFunc(a, func(x uint64) bool { return slices.Contains(b, x) }) {
		return // most gaps are small, and have nothing in common
	}
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

// alignGaps is align for items of which none are the same.
func (w *workspace) alignGaps(threshold float64) pairing {
	w.pairing = pairing{unpaired(w.pairing.old, len(w.old)), unpaired(w.pairing.new, len(w.new))}
	if len(w.old) > 0 && len(w.new) > 0 {
		w.alignGap(0, len(w.old), 0, len(w.new), threshold, w.pairing)
	}
	return w.pairing
}

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
	grams := w.grams[:0] // a word or a pair of words, with the item that has it
	for j := j0; j < j1; j++ {
		w.bag(&new[j]).eachGram(func(g uint32) { grams = append(grams, uint64(g)<<32|uint64(j)) })
	}
	slices.Sort(grams)
	grams = slices.Compact(grams)
	w.grams = grams
	var found []candidate
	votes := make([]int32, j1-j0)
	var best []int32
	for i := i0; i < i1; i++ {
		best = best[:0]
		w.bag(&old[i]).eachGram(func(g uint32) {
			at, _ := slices.BinarySearch(grams, uint64(g)<<32)
			to := at
			for to < len(grams) && to-at <= common && uint32(grams[to]>>32) == g {
				to++
			}
			if to-at > common {
				return
			}
			for _, g := range grams[at:to] {
				j := int32(g)
				if votes[j-int32(j0)] == 0 {
					best = append(best, j)
				}
				votes[j-int32(j0)]++
			}
		})
		slices.SortFunc(best, func(a, b int32) int {
			return cmp.Or(int(votes[b-int32(j0)]-votes[a-int32(j0)]), int(a-b))
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
			previous[k], weight[k] = best.at, best.weight+found[k].score*found[k].score
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

// eachGram calls f for pairs of words: of few words for each of them too, of many for
// a sample, the same in all texts.
func (b *bag) eachGram(f func(uint32)) {
	const few, many = 8, 32
	sample := uint32(0)
	switch n := len(b.words); {
	case n >= 2*many:
		sample = 3
	case n >= many:
		sample = 1
	}
	last := uint32(0)
	for i, h := range b.words {
		if len(b.words) < few {
			f(h)
		}
		if gram := last*16777619 ^ h; i > 0 && gram>>8&sample == 0 {
			f(gram)
		}
		last = h
	}
}

// bag is that of an item.
func (w *workspace) bag(it *item) *bag {
	if it.bag == nil {
		it.bag = &w.read(it.text).bag
	}
	return it.bag
}

// similarity is how alike two items are, 0 to 1. What does not come up to the
// threshold may be stated as 0.
func (w *workspace) similarity(a, b *item, threshold float64) float64 {
	switch {
	case a.sort == b.sort:
	case max(a.sort, b.sort) == heading && similarity(w.bag(a), w.bag(b), similarHeading) >= similarHeading:
		return similarHeading
	default:
		return 0
	}
	loose := a.loose != "" && a.loose == b.loose
	if loose && a.sort != row {
		return 1
	}
	x, y := w.bag(a), w.bag(b)
	contained := 1.0
	if a.edges && b.edges {
		contained = containment(x, y)
	}
	switch s := similarity(x, y, min(threshold, contained)); {
	case s >= threshold:
		return s
	case s >= contained || loose || a.head && b.head || a.edges && b.edges && sharesEdge(x.words, y.words):
		return threshold
	}
	return 0
}

// containment is how alike two texts are of which one has most words of the other; 1
// where one is much shorter. If both begin with the same two words, fewer tell.
func containment(x, y *bag) float64 {
	const same = 2
	n, m := min(len(x.words), len(y.words)), max(len(x.words), len(y.words))
	most, least, times := 0.7, movedEditedWords, 3
	if n > same && slices.Equal(x.words[:same], y.words[:same]) {
		most, least, times = 0.6, 4, 4
	}
	if n < least || m > times*n {
		return 1
	}
	return 2 * most * float64(n) / float64(n+m)
}

// sharesEdge reports whether two texts begin or end with the same passage, or one is
// all that the other begins or ends with.
func sharesEdge(x, y []uint32) bool {
	const least = 4 // words
	n, m := len(x), len(y)
	k := min(passage, n, m)
	return k >= least && (slices.Equal(x[:k], y[:k]) || slices.Equal(x[n-k:], y[m-k:]))
}
