package history

import (
	"cmp"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// follower is the state of one round of Follow after a step.
type follower struct {
	sel      Selection
	texts    *texts
	selected map[string]bool
	heads    map[appearance]string // from the round before; nil in the first, which knows no ids

	lineages   []*lineage            // in the order they began
	living     map[string]*lineage   // by path
	byPath     map[string][]*lineage // that have ever held a path; no doubles
	byID       map[string][]*lineage // that have ever had an id; no doubles
	doubles    []*lineage            // oldest first
	beginnings []beginning
}

// beginning is a text that nothing went on in, and the texts that went at the
// same step for good.
type beginning struct {
	appearance
	blob uint32
	went []stand
}

// lineage is one text through time. It is a policy if it ever stands at a
// selected path, unless it is a double: while an older policy has its id, its
// steps belong to nobody.
type lineage struct {
	path        string // where it lives, or did until it went in the step at hand; "" when it is gone
	id          string // now
	double      bool
	blob        uint32
	last        int // the step that took it from the selected paths, when it is not at one
	revisions   []revision
	appearances []appearance
}

// revision is policy.Revision with a compact blob.
type revision struct {
	step       int
	path, from string
	blob       uint32
	deleted    bool
	tie        tie
}

// follow decides what the changes of a step mean.
func (f *follower) follow(step int, changes []change) error {
	var goes, doubles []*lineage // doubles: of what goes
	var comes []*arrival
	for _, c := range changes {
		l := f.living[c.path]
		switch {
		case !c.was:
			a, err := f.arrive(step, c)
			if err != nil {
				return err
			}
			comes = append(comes, a)
		case c.is:
			l.blob = c.now
			l.revisions = append(l.revisions, revision{step: step, path: c.path, blob: c.now})
		case l.double:
			delete(f.living, c.path)
			doubles = append(doubles, l)
		default:
			delete(f.living, c.path)
			goes = append(goes, l)
		}
	}

	goes, comes = f.restore(step, goes, comes)
	goes, comes, err := f.match(step, goes, comes)
	if err != nil {
		return err
	}
	goes, comes = f.rejoin(step, goes, comes)
	doubles, comes, err = f.match(step, doubles, comes)
	if err != nil {
		return err
	}
	f.doubles = left(f.doubles, doubles)
	for _, l := range doubles {
		l.path = ""
	}
	var went []stand
	for _, l := range goes {
		went = append(went, stand{l.path, l.blob})
	}
	for _, a := range comes {
		f.beginnings = append(f.beginnings, beginning{a.appearance, a.blob, went})
		l := &lineage{}
		f.lineages = append(f.lineages, l)
		if f.selected[a.path] && a.id != "" && f.holder(a.id, goes) != nil {
			l.double = true
			f.doubles = append(f.doubles, l)
		}
		f.settle(l, a, "", tie{})
	}
	goes = f.replace(step, goes)
	for _, l := range goes {
		l.revisions = append(l.revisions, revision{step: step, path: l.path, deleted: true})
		if f.selected[l.path] {
			l.last = step
		}
		l.path = ""
	}
	return nil
}

// arrival is a text that appears at a step.
type arrival struct {
	appearance
	blob     uint32
	head     string   // where the text is at the built commit, "" when it is not
	formerly []string // by its front matter at the built commit
	id       string   // of what is a policy, or becomes one
}

func (f *follower) arrive(step int, c change) (*arrival, error) {
	a := &arrival{appearance: appearance{step, c.path}, blob: c.now}
	if f.heads == nil {
		return a, nil
	}
	a.head = f.heads[a.appearance]
	a.formerly = f.sel.Declared[a.head].Formerly
	if f.selected[a.head] {
		// It is what it is at the built commit, whatever stood in its front
		// matter before.
		a.id = f.sel.Declared[a.head].ID
	} else if f.selected[a.path] {
		var err error
		if a.id, err = f.texts.id(a.blob); err != nil {
			return nil, err
		}
	}
	if f.selected[a.path] {
		a.id = cmp.Or(a.id, f.sel.ID(a.path))
	}
	return a, nil
}

// settle lets a lineage live where a text appeared. from is the path that it
// left in the same step, "" for none; by says why it is one with what was there.
func (f *follower) settle(l *lineage, a *arrival, from string, by tie) {
	if from == a.path {
		from = ""
	}
	if f.selected[l.path] && !f.selected[a.path] {
		l.last = a.step
	}
	l.path, l.id, l.blob = a.path, a.id, a.blob
	l.revisions = append(l.revisions, revision{step: a.step, path: a.path, from: from, blob: a.blob, tie: by})
	l.appearances = append(l.appearances, a.appearance)
	f.living[a.path] = l
	f.register(l, a)
}

// register makes what a lineage holds known, for the time when it is gone.
func (f *follower) register(l *lineage, a *arrival) {
	if l.double {
		return
	}
	if !slices.Contains(f.byPath[a.path], l) {
		f.byPath[a.path] = append(f.byPath[a.path], l)
	}
	if a.id != "" && !slices.Contains(f.byID[a.id], l) {
		f.byID[a.id] = append(f.byID[a.id], l)
	}
}

// restore gives appearing paths to the policies that have held them, or that
// have had their id: the latest that lives at no other path.
func (f *follower) restore(step int, goes []*lineage, comes []*arrival) ([]*lineage, []*arrival) {
	type claim struct {
		a    *arrival
		l    *lineage
		last int  // the last step at which it lived
		held bool // the path, not only the id
		same bool // the same bytes
	}
	var claims []claim
	for _, a := range comes {
		candidates := f.byPath[a.path]
		held := len(candidates)
		if a.id != "" && f.holder(a.id, goes) == nil {
			candidates = slices.Concat(candidates, f.byID[a.id])
		}
		for i, l := range candidates {
			if i >= held && slices.Contains(candidates[:held], l) || !f.free(l, goes, a) {
				continue
			}
			claims = append(claims, claim{a, l, f.lastLived(l, goes, step), i < held, l.blob == a.blob})
		}
	}
	slices.SortStableFunc(claims, func(x, y claim) int {
		return cmp.Or(-cmp.Compare(x.last, y.last), compareBool(x.held, y.held), compareBool(x.same, y.same))
	})
	for _, c := range claims {
		if slices.Contains(comes, c.a) && f.free(c.l, goes, c.a) {
			held := tie{by: policy.ByPath}
			if !c.held {
				held.by = policy.ByID
			}
			goes, comes = f.move(c.l, c.a, held, goes, comes)
		}
	}
	return goes, comes
}

// rejoin connects what appears to policies that went at an earlier step, where
// formerly says so.
func (f *follower) rejoin(step int, goes []*lineage, comes []*arrival) ([]*lineage, []*arrival) {
	for _, a := range slices.Clone(comes) {
		for _, path := range a.formerly {
			var latest *lineage
			for _, l := range f.byPath[path] {
				if f.free(l, goes, a) && (latest == nil || f.lastLived(l, goes, step) > f.lastLived(latest, goes, step)) {
					latest = l
				}
			}
			if latest != nil {
				goes, comes = f.move(latest, a, tie{by: policy.ByFormerly}, goes, comes)
				break
			}
		}
	}
	return goes, comes
}

// free reports whether a lineage may go on as an arrival: it lives nowhere
// after this step, or, as it is to be a policy again, nowhere where it is one.
func (f *follower) free(l *lineage, goes []*lineage, a *arrival) bool {
	return l.path == "" || slices.Contains(goes, l) || f.selected[a.path] && !f.selected[l.path]
}

// lastLived returns the last step at which a lineage lived, or, when it lives
// on at a path that is not selected, at which it was a policy.
func (f *follower) lastLived(l *lineage, goes []*lineage, step int) int {
	if slices.Contains(goes, l) {
		return step
	}
	if l.path == "" {
		return l.revisions[len(l.revisions)-1].step
	}
	return l.last
}

// move lets a lineage go on as an arrival.
func (f *follower) move(l *lineage, a *arrival, by tie, goes []*lineage, comes []*arrival) ([]*lineage, []*arrival) {
	from := ""
	if i := slices.Index(goes, l); i >= 0 {
		from = l.path
		goes = slices.Delete(goes, i, i+1)
	} else if l.path != "" {
		f.detach(l)
		// Where it left the selected paths in this very step, it moved.
		if n := len(l.revisions) - 1; n >= 0 && l.revisions[n].step == a.step {
			from = l.revisions[n].path
			l.revisions = l.revisions[:n]
		}
	}
	f.settle(l, a, from, by)
	return goes, slices.DeleteFunc(comes, func(b *arrival) bool { return a == b })
}

// detach leaves the text at a path that is not selected to itself: a policy
// that had gone there comes back somewhere else.
func (f *follower) detach(l *lineage) {
	policy, after := f.whileSelected(l)
	text := &lineage{path: l.path, id: l.id, blob: l.blob, last: l.last, revisions: after}
	first := appearance{after[0].step, after[0].path}
	if i := slices.Index(l.appearances, first); i >= 0 {
		text.appearances = slices.Clone(l.appearances[i:])
		l.appearances = l.appearances[:i]
	}
	f.lineages = append(f.lineages, text)
	f.living[text.path] = text
	for _, a := range text.appearances {
		f.byPath[a.path] = append(f.byPath[a.path], text)
	}
	l.revisions, l.path = policy, ""
}

// holder returns the living policy that has an id, nil when there is none.
func (f *follower) holder(id string, goes []*lineage) *lineage {
	for _, l := range f.byID[id] {
		if l.id == id && f.selected[l.path] && !slices.Contains(goes, l) {
			return l
		}
	}
	return nil
}

// replace makes doubles policies when nobody has their id any more: the policy
// that went, or left the selected paths, goes on in its double; where it lives
// on with another id the double is a policy of its own from here on.
func (f *follower) replace(step int, goes []*lineage) []*lineage {
	for _, d := range slices.Clone(f.doubles) {
		if f.selected[d.path] && f.holder(d.id, goes) != nil {
			continue
		}
		f.doubles = left(f.doubles, []*lineage{d})
		a := &arrival{appearance: appearance{step, d.path}, blob: d.blob, id: d.id}
		var heir *lineage
		if f.selected[d.path] {
			for _, l := range f.byID[d.id] {
				if l.id == d.id && f.free(l, goes, a) && (heir == nil || f.lastLived(l, goes, step) > f.lastLived(heir, goes, step)) {
					heir = l
				}
			}
		}
		if heir == nil {
			d.double = false
			d.revisions = []revision{{step: step, path: d.path, blob: d.blob}}
			f.register(d, a)
			continue
		}
		goes, _ = f.move(heir, a, tie{by: policy.ByID}, goes, nil)
		// The next round will ask about where the double appeared.
		heir.appearances = append(heir.appearances[:len(heir.appearances)-1], d.appearances...)
		d.path = ""
	}
	return goes
}

// compareBool puts true first.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
