package history

import (
	"cmp"
	"slices"
	"strings"
)

const (
	maxCandidates = 3
	alikeUnread   = 0.3 // a text of one name in another format
	// Of two texts of which one holds most of the other, one may be a part that
	// was taken out of the other.
	partOfSmaller = 0.8
	minPart       = 30 // triples
)

// begun tells of the policies of the built commit that begin, at a step at which
// texts went that they may continue.
func (f *follower) begun() ([]Beginning, error) {
	at := make(map[appearance]*lineage) // where the policies of the built commit begin
	for _, l := range f.lineages {
		if !l.double && l.path != "" && f.selected[l.path] {
			at[appearance{l.revisions[0].step, l.revisions[0].path}] = l
		}
	}
	var out []Beginning
	for len(f.beginnings) > 0 {
		step, n := f.beginnings[0].step, 0
		for n < len(f.beginnings) && f.beginnings[n].step == step {
			n++
		}
		begin := slices.DeleteFunc(f.beginnings[:n:n], func(b beginning) bool {
			l := at[b.appearance]
			return l == nil || f.sel.Declared[l.path].Begins
		})
		f.beginnings = f.beginnings[n:]
		if len(begin) == 0 || step == 0 {
			continue
		}
		all, err := f.continues(step, begin)
		if err != nil {
			return nil, err
		}
		for i, b := range begin {
			o := Beginning{Step: step, Appeared: b.path, Path: at[b.appearance].path, Candidates: all[i]}
			if o.Elsewhere, err = f.elsewhere(step, stand{b.path, b.blob}, false); err != nil {
				return nil, err
			}
			if o.Candidates != nil || o.Elsewhere != "" {
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b Beginning) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// continues finds, for each of the texts that begin at a step, those it may
// continue.
func (f *follower) continues(step int, begin []beginning) ([][]Candidate, error) {
	out := make([][]Candidate, len(begin))
	went := begin[0].went
	old, err := f.texts.samples(went)
	if err != nil || len(went) == 0 {
		return out, err
	}
	x := newIndex(old)
	now := make([]stand, len(begin))
	var pairs []similar
	var alone []bool // whether likeness is enough, without the name
	for j, b := range begin {
		now[j] = stand{b.path, b.blob}
		s, err := f.texts.sample(b.blob)
		if err != nil {
			return nil, err
		}
		var some []similar
		for i, alike := range x.likeness(s) {
			if f.texts.sameLanguage(went[i].path, b.path) {
				some = append(some, similar{i, j, alike})
			}
		}
		slices.SortStableFunc(some, func(a, b similar) int { return cmp.Compare(b.likeness, a.likeness) })
		n := 0
		for _, p := range some {
			small, large := min(len(s), len(old[p.old])), max(len(s), len(old[p.old]))
			common := p.likeness * float64(large)
			if p.likeness >= alikeByName || common >= minPart && common >= partOfSmaller*float64(small) {
				if n++; n <= maxCandidates {
					pairs, alone = append(pairs, p), append(alone, true)
				}
			} else if oneName(f.texts.name(b.path), f.texts.name(went[p.old].path)) {
				pairs, alone = append(pairs, p), append(alone, false)
			}
		}
	}
	if len(pairs) == 0 {
		return out, nil
	}
	rivals, err := f.texts.rivals(step, went, now, pairs)
	if err != nil {
		return nil, err
	}
	for k, p := range pairs {
		r := &rivals[k]
		if !alone[k] && r.named {
			continue
		}
		c := Candidate{Path: went[p.old].path, Likeness: p.likeness}
		if r.close {
			c.Rival, c.RivalLikeness = r.path, r.alike
		}
		out[p.now] = append(out[p.now], c)
	}
	for i := range out {
		slices.SortStableFunc(out[i], func(a, b Candidate) int {
			return cmp.Or(cmp.Compare(b.Likeness, a.Likeness), cmp.Compare(a.Path, b.Path))
		})
		out[i] = out[i][:min(len(out[i]), maxCandidates)]
	}
	return out, nil
}

// elsewhere finds the text in a format that is not read which one that went at a
// step became, or one that came was before: of the same name, and alike.
func (f *follower) elsewhere(step int, of stand, came bool) (string, error) {
	best, where := 0.0, ""
	for _, o := range f.texts.otherFormats()[step] {
		if o.came != came || !slices.Equal(f.texts.name(o.path), f.texts.name(of.path)) || !f.texts.sameLanguage(o.path, of.path) {
			continue
		}
		both, err := f.texts.samples([]stand{of, o.stand})
		if err != nil {
			return "", err
		}
		a, b := both[0], both[1]
		if alike := likeness(shared(a, b), len(a), len(b)); alike >= alikeUnread && alike > best {
			best, where = alike, o.path
		}
	}
	return where, nil
}

// other is a file in a format that is not read which came at a step, or went.
type other struct {
	stand
	came bool
}

// otherFormats lists them by step.
func (t *texts) otherFormats() map[int][]other {
	if t.others != nil {
		return t.others
	}
	t.others = make(map[int][]other)
	for i, path := range t.log.paths {
		if t.reads(path) {
			continue
		}
		var was event
		for _, e := range t.log.events[i] {
			switch {
			case e.mode.IsFile() && !was.mode.IsFile():
				t.others[int(e.step)] = append(t.others[int(e.step)], other{stand{path, e.blob}, true})
			case !e.mode.IsFile() && was.mode.IsFile():
				t.others[int(e.step)] = append(t.others[int(e.step)], other{stand{path, was.blob}, false})
			}
			was = e
		}
	}
	return t.others
}
