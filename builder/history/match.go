package history

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// pair is a text that goes and one that appears at the same step, and what
// speaks for their being one.
type pair struct {
	l     *lineage
	a     *arrival
	tie   tie
	score int // of pairs that are tied by the same, the greater wins
}

// tie says by what a text is taken for the one before it.
type tie struct {
	by       policy.By
	likeness float64 // of two texts, where that ties them
}

// match finds which of the texts that go and of those that appear are one.
func (f *follower) match(step int, goes []*lineage, comes []*arrival) ([]*lineage, []*arrival, error) {
	if len(goes) == 0 || len(comes) == 0 {
		return goes, comes, nil
	}
	pairs, err := f.declaredPairs(goes, comes)
	if err != nil {
		return nil, nil, err
	}
	settled := make(map[any]bool) // by a pair, or nothing can settle it
	goes, comes = f.join(pairs, goes, comes, settled)
	goes, comes = f.join(f.equalPairs(goes, comes), goes, comes, settled)
	pairs, err = f.similarPairs(step,
		slices.DeleteFunc(slices.Clone(goes), func(l *lineage) bool { return settled[l] }),
		slices.DeleteFunc(slices.Clone(comes), func(a *arrival) bool { return settled[a] }))
	for _, p := range pairs {
		goes, comes = f.move(p.l, p.a, p.tie, goes, comes)
	}
	return goes, comes, err
}

// join makes one of each pair, the best first. Pairs that are equally good
// exclude each other where they share a text.
func (f *follower) join(pairs []pair, goes []*lineage, comes []*arrival, settled map[any]bool) ([]*lineage, []*arrival) {
	slices.SortStableFunc(pairs, func(x, y pair) int { return cmp.Compare(y.score, x.score) })
	for len(pairs) > 0 {
		n := 1
		for n < len(pairs) && pairs[n].score == pairs[0].score {
			n++
		}
		count := make(map[any]int)
		rivals := slices.DeleteFunc(slices.Clone(pairs[:n]), func(p pair) bool { return settled[p.l] || settled[p.a] })
		pairs = pairs[n:]
		for _, p := range rivals {
			count[p.l]++
			count[p.a]++
		}
		for _, p := range rivals {
			settled[p.l], settled[p.a] = true, true
			if count[p.l] == 1 && count[p.a] == 1 {
				goes, comes = f.move(p.l, p.a, p.tie, goes, comes)
			}
		}
	}
	return goes, comes
}

// left returns those of all that are not among taken.
func left[T comparable](all, taken []T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(t T) bool { return slices.Contains(taken, t) })
}

func (f *follower) declaredPairs(goes []*lineage, comes []*arrival) (pairs []pair, err error) {
	if f.heads == nil {
		return nil, nil
	}
	ids := make([]string, len(goes))
	for i, l := range goes {
		head := f.heads[l.appearances[len(l.appearances)-1]]
		if ids[i], err = f.declaredID(head, l.blob); err != nil {
			return nil, err
		}
	}
	for _, a := range comes {
		id, err := f.declaredID(a.head, a.blob)
		if err != nil {
			return nil, err
		}
		for i, l := range goes {
			switch at := slices.Index(a.formerly, l.path); {
			case id != "" && ids[i] == id:
				pairs = append(pairs, pair{l, a, tie{by: policy.ByID}, 1})
			case at >= 0:
				pairs = append(pairs, pair{l, a, tie{by: policy.ByFormerly}, -at})
			}
		}
	}
	return pairs, nil
}

// declaredID returns the id that a text declares at the built commit, else by
// itself.
func (f *follower) declaredID(head string, blob uint32) (string, error) {
	if id := f.sel.Declared[head].ID; id != "" {
		return id, nil
	}
	return f.texts.id(blob)
}

// equalPairs are those of equal bytes; of several the longest common end of the
// path wins.
func (f *follower) equalPairs(goes []*lineage, comes []*arrival) (pairs []pair) {
	byBlob := make(map[uint32][]*lineage)
	for _, l := range goes {
		byBlob[l.blob] = append(byBlob[l.blob], l)
	}
	for _, a := range comes {
		for _, l := range byBlob[a.blob] {
			if f.texts.sameLanguage(l.path, a.path) {
				pairs = append(pairs, pair{l, a, tie{by: policy.ByBytes}, commonTail(l.path, a.path)})
			}
		}
	}
	return pairs
}

// Limits of likeness, as tried on pairs of real texts that people had told
// apart: two texts that are alike by half are one, and by less where they have
// one name; if they are so much more alike than either is to any other.
const (
	alikeEnough = 0.5
	alikeByName = 0.15
	margin      = 1.25
)

// similarPairs are those that likeness tells to be one: each is the other's most
// alike, they are alike enough, and no third text is nearly as much so.
func (f *follower) similarPairs(step int, goes []*lineage, comes []*arrival) ([]pair, error) {
	if len(goes) == 0 || len(comes) == 0 {
		return nil, nil
	}
	old, now := make([]stand, len(goes)), make([]stand, len(comes))
	for i, l := range goes {
		old[i] = stand{l.path, l.blob}
	}
	for i, a := range comes {
		now[i] = stand{a.path, a.blob}
	}
	similar, err := f.texts.similar(step, old, now)
	pairs := make([]pair, len(similar))
	for i, s := range similar {
		pairs[i] = pair{goes[s.old], comes[s.now], tie{policy.ByLikeness, s.likeness}, 0}
	}
	return pairs, err
}

// stand is a text at a path.
type stand struct {
	path string
	blob uint32
}

// similar is a pair of texts that likeness joins, by their indexes.
type similar struct {
	old, now int
	likeness float64
}

// similar finds the pairs. What it finds is kept for the next round, which most
// often asks the same.
func (t *texts) similar(step int, old, now []stand) ([]similar, error) {
	var key strings.Builder
	for _, side := range [][]stand{old, now} {
		for _, s := range side {
			key.WriteString(s.path + "\x00")
		}
		key.WriteString("\x00")
	}
	known := stepPaths{step, key.String()}
	if pairs, ok := t.found[known]; ok {
		return pairs, nil
	}
	candidates, err := t.candidates(old, now)
	if err != nil || len(candidates) == 0 {
		t.found[known] = nil
		return nil, err
	}
	rivals, err := t.rivals(step, old, now, candidates)
	if err != nil {
		return nil, err
	}
	var pairs []similar
	for i, c := range candidates {
		r := &rivals[i]
		enough := c.likeness >= alikeEnough || c.likeness >= alikeByName && r.oneName && !r.named
		if enough && (!r.close || c.likeness >= alikeEnough && !r.near) {
			pairs = append(pairs, c)
		}
	}
	t.found[known] = pairs
	return pairs, nil
}

// stepPaths is what similar was asked about.
type stepPaths struct {
	step  int
	paths string
}

// candidates are the pairs of texts of which each is the other's most alike.
func (t *texts) candidates(old, now []stand) ([]similar, error) {
	all, err := t.samples(old)
	if err != nil {
		return nil, err
	}
	x := newIndex(all)
	best := make([]float64, len(old)) // of each old text
	var pairs []similar
	for j := range now {
		s, err := t.sample(now[j].blob)
		if err != nil {
			return nil, err
		}
		alike := x.likeness(s)
		most := 0.0
		for i := range alike {
			if alike[i] > 0 && !t.sameLanguage(old[i].path, now[j].path) {
				alike[i] = 0
			}
			best[i], most = max(best[i], alike[i]), max(most, alike[i])
		}
		for i := range alike {
			if alike[i] == most && most >= alikeByName {
				pairs = append(pairs, similar{i, j, most})
			}
		}
	}
	return slices.DeleteFunc(pairs, func(p similar) bool { return p.likeness < best[p.old] }), nil
}

// rival is what third texts say about a pair.
type rival struct {
	oneName bool    // the pair has one name
	named   bool    // and so has a third text
	close   bool    // one is nearly as much like one of the pair as the pair is alike
	near    bool    // and its path has as long an end in common with one of theirs
	path    string  // of the one most alike
	alike   float64 // and how much
}

// rivals compares the texts of pairs with all others that are followed: the old
// ones with those after the step, the new ones with those before it.
func (t *texts) rivals(step int, old, now []stand, pairs []similar) ([]rival, error) {
	out := make([]rival, len(pairs))
	tails := make([]int, len(pairs))
	var used [2][]int // the texts that are in pairs
	for i, p := range pairs {
		used[0], used[1] = append(used[0], p.old), append(used[1], p.now)
		out[i].oneName = oneName(t.name(old[p.old].path), t.name(now[p.now].path))
		tails[i] = commonTail(old[p.old].path, now[p.now].path)
	}
	for side, all := range [][]stand{old, now} {
		slices.Sort(used[side])
		used[side] = slices.Compact(used[side])
		samples := make([]sample, len(all))
		for _, i := range used[side] {
			var err error
			if samples[i], err = t.sample(all[i].blob); err != nil {
				return nil, err
			}
		}
		x := newIndex(samples)
		for _, third := range t.standing(step - side) { // the old are compared with what is after the step
			s, err := t.sample(third.blob)
			if err != nil {
				return nil, err
			}
			alike, called := x.likeness(s), t.name(third.path)
			for i, p := range pairs {
				r := &out[i]
				mine, other, much := old[p.old].path, now[p.now].path, 0.0
				if side == 0 {
					much = alike[p.old]
				} else {
					mine, other, much = other, mine, alike[p.now]
				}
				if third.path == other || !t.sameLanguage(third.path, mine) {
					continue
				}
				if r.oneName && !r.named && (oneName(called, t.name(mine)) || oneName(called, t.name(other))) {
					r.named = true
				}
				if much > r.alike {
					r.path, r.alike = third.path, much
				}
				if p.likeness < margin*much {
					r.close = true
					if !r.near && max(commonTail(third.path, mine), commonTail(third.path, other)) >= tails[i] {
						r.near = true
					}
				}
			}
		}
	}
	return out, nil
}

// standing are the texts after a step, sorted by path.
func (t *texts) standing(step int) (out []stand) {
	for i, path := range t.log.paths {
		if !t.matters[path] {
			continue
		}
		if e, ok := at(t.log.events[i], step); ok && e.mode.IsFile() {
			out = append(out, stand{path, e.blob})
		}
	}
	return out
}

// keptTriples bounds the samples that are kept: 64 MB, which 80 MB of text
// take.
const keptTriples = 16 << 20

// texts reads what Follow needs to know of blobs.
type texts struct {
	log     *Log
	read    func(id string) ([]byte, error)
	readID  func(text []byte) string
	reads   func(path string) bool // whether texts there are in a format that is read
	matters map[string]bool        // paths of texts that are followed
	others  map[int][]other        // by step; see otherFormats
	ids     map[uint32]string
	lang    func(path string) string
	paths   map[string]called
	kept    policy.Cache[uint32, sample]
	found   map[stepPaths][]similar
}

// called is what a path says of the text at it.
type called struct {
	name []string
	lang string
}

func (t *texts) called(path string) called {
	c, ok := t.paths[path]
	if !ok {
		if c.name = name(path); t.lang != nil {
			c.lang = t.lang(path)
		}
		t.paths[path] = c
	}
	return c
}

func (t *texts) name(path string) []string { return t.called(path).name }

func (t *texts) sameLanguage(p, q string) bool { return t.called(p).lang == t.called(q).lang }

// text returns a blob's content, nil when it is too large.
func (t *texts) text(blob uint32) ([]byte, error) {
	text, err := t.read(t.log.blobs[blob].String())
	if errors.Is(err, policy.ErrContent) {
		return nil, nil
	}
	return text, err
}

// id returns the id that a blob's front matter declares.
func (t *texts) id(blob uint32) (string, error) {
	if id, ok := t.ids[blob]; ok {
		return id, nil
	}
	text, err := t.text(blob)
	if err != nil {
		return "", err
	}
	id := t.readID(text)
	t.ids[blob] = id
	return id, nil
}

// sample returns what likeness needs of a blob.
func (t *texts) sample(blob uint32) (sample, error) {
	if s, ok := t.kept.Get(blob); ok {
		return s, nil
	}
	text, err := t.text(blob)
	if err != nil {
		return nil, err
	}
	s := newSample(text)
	t.kept.Put(blob, s, len(s)+1)
	return s, nil
}

func (t *texts) samples(of []stand) ([]sample, error) {
	out := make([]sample, len(of))
	for i := range of {
		var err error
		if out[i], err = t.sample(of[i].blob); err != nil {
			return nil, err
		}
	}
	return out, nil
}
