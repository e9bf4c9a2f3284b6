package history

import (
	"bytes"
	"cmp"
	"errors"
	"hash/fnv"
	"path"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// pair is a text that goes and one that appears at the same step, and what
// speaks for their being one, the strongest first.
type pair struct {
	l      *lineage
	a      *arrival
	why    reason
	score  float64 // of similar texts: shared lines by lines of the larger, 0.6 to 1
	name   bool    // the same file name
	suffix int     // how many components at the end of their paths are the same
}

type reason uint8

const (
	declared reason = iota // by id or formerly
	equal                  // bytes
	similar
)

// comparePairs puts the pair with more to be said for it first.
func comparePairs(x, y pair) int {
	return cmp.Or(cmp.Compare(x.why, y.why), -cmp.Compare(x.score, y.score),
		compareBool(x.name, y.name), -cmp.Compare(x.suffix, y.suffix))
}

// match finds which of the texts that go and of those that appear are one. The
// best pair comes first; pairs that are equally good exclude each other, when
// they share a text, and are reported.
func (f *follower) match(step int, goes []*lineage, comes []*arrival) ([]*lineage, []*arrival, error) {
	if len(goes) == 0 || len(comes) == 0 {
		return goes, comes, nil
	}
	// What a pair decided, or nothing can decide.
	var takenGoes []*lineage
	var takenComes []*arrival
	for _, find := range []func([]*lineage, []*arrival) ([]pair, error){f.declaredPairs, equalPairs, f.similarPairs} {
		pairs, err := find(left(goes, takenGoes), left(comes, takenComes))
		if err != nil {
			return nil, nil, err
		}
		slices.SortStableFunc(pairs, comparePairs)
		for len(pairs) > 0 {
			n := 1
			for n < len(pairs) && comparePairs(pairs[0], pairs[n]) == 0 {
				n++
			}
			rivals := slices.DeleteFunc(slices.Clone(pairs[:n]), func(p pair) bool {
				return slices.Contains(takenGoes, p.l) || slices.Contains(takenComes, p.a)
			})
			pairs = pairs[n:]
			countGoes, countComes := make(map[*lineage]int), make(map[*arrival]int)
			for _, p := range rivals {
				countGoes[p.l]++
				countComes[p.a]++
			}
			candidates := make(map[*arrival][]string)
			for _, p := range rivals {
				takenGoes, takenComes = append(takenGoes, p.l), append(takenComes, p.a)
				if countGoes[p.l] == 1 && countComes[p.a] == 1 {
					goes, comes = f.move(p.l, p.a, goes, comes)
				} else {
					candidates[p.a] = append(candidates[p.a], p.l.path)
				}
			}
			for _, a := range comes { // in the order of their paths
				if paths := candidates[a]; paths != nil {
					slices.Sort(paths)
					f.ambiguous = append(f.ambiguous, Ambiguity{Step: step, Appeared: a.path, Candidates: paths})
				}
			}
		}
	}
	return goes, comes, nil
}

// left returns those of all that are not among taken.
func left[T comparable](all, taken []T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(t T) bool { return slices.Contains(taken, t) })
}

func newPair(l *lineage, a *arrival, why reason, score float64) pair {
	suffix := 0
	x, y := strings.Split(l.path, "/"), strings.Split(a.path, "/")
	for suffix < min(len(x), len(y)) && x[len(x)-1-suffix] == y[len(y)-1-suffix] {
		suffix++
	}
	return pair{l, a, why, score, path.Base(l.path) == path.Base(a.path), suffix}
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
				pairs = append(pairs, newPair(l, a, declared, 1))
			case at >= 0:
				pairs = append(pairs, newPair(l, a, declared, -float64(at)))
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

func equalPairs(goes []*lineage, comes []*arrival) (pairs []pair, err error) {
	for _, a := range comes {
		for _, l := range goes {
			if l.blob == a.blob {
				pairs = append(pairs, newPair(l, a, equal, 1))
			}
		}
	}
	return pairs, nil
}

func (f *follower) similarPairs(goes []*lineage, comes []*arrival) (pairs []pair, err error) {
	if len(goes) == 0 {
		return nil, nil
	}
	old := make([][]uint64, len(goes))
	for i, l := range goes {
		if old[i], err = f.texts.lines(l.blob); err != nil {
			return nil, err
		}
	}
	for _, a := range comes {
		now, err := f.texts.lines(a.blob)
		if err != nil {
			return nil, err
		}
		for i, l := range goes {
			small, large := min(len(old[i]), len(now)), max(len(old[i]), len(now))
			if 5*small < 3*large || large == 0 {
				continue
			}
			if n := shared(old[i], now); 5*n >= 3*large {
				pairs = append(pairs, newPair(l, a, similar, float64(n)/float64(large)))
			}
		}
	}
	return pairs, nil
}

// shared counts what two sorted lists have in common.
func shared(a, b []uint64) (n int) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			n++
			a, b = a[1:], b[1:]
		}
	}
	return n
}

// texts reads what Follow needs to know of blobs.
type texts struct {
	log    *Log
	read   func(id string) ([]byte, error)
	readID func(text []byte) string
	ids    map[uint32]string // what was read, for the next round
}

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

// lines returns the sorted hashes of a blob's non-blank lines, without their
// line ends.
func (t *texts) lines(blob uint32) ([]uint64, error) {
	text, err := t.text(blob)
	if err != nil {
		return nil, err
	}
	var hashes []uint64
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(bytes.TrimSpace(line)) > 0 {
			h := fnv.New64a()
			h.Write(line)
			hashes = append(hashes, h.Sum64())
		}
	}
	slices.Sort(hashes)
	return hashes, nil
}
