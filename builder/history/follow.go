package history

import (
	"cmp"
	"maps"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// Selection says which texts are policies, by the built commit's settings.
type Selection struct {
	// Selected reports whether a text at this path is a policy. It is asked
	// about paths of the past, too.
	Selected func(path string) bool
	// ID returns the id that a selected path gives a policy, "" for none.
	ID func(path string) string
	// Read reports whether texts at this path are in a format that is read. nil:
	// those at selected paths are.
	Read func(path string) bool
	// Language returns the language that a path states. Texts of different
	// languages are never taken for one. nil: all are of one language.
	Language func(path string) string
	// Declared are the declarations of the built commit's texts, by path.
	Declared map[string]Declared
	// ReadID returns the id that the front matter of a text declares, "" for
	// none.
	ReadID func(text []byte) string
}

// Declared is what a text's front matter says of its identity.
type Declared struct {
	ID       string
	Formerly []string // earlier paths, relative to the repository root
	Begins   bool     // "formerly: []": it continues nothing
}

// Beginning is a policy of the built commit that nothing is known to have been
// before, though texts went at its first step that it may continue. A line
// "formerly:" in its front matter decides.
type Beginning struct {
	Step       int
	Appeared   string      // the path at that step
	Path       string      // where the policy is at the built commit
	Candidates []Candidate // the most alike first
	Elsewhere  string      // a text that went at that step, alike and of one name, in a format that is not read
}

// Candidate is a text that went at a step at which a policy began.
type Candidate struct {
	Path     string
	Likeness float64
	// Rival is a third text that one of the two is nearly as much like; "" when
	// there is none.
	Rival         string
	RivalLikeness float64
}

// maxRounds bounds how often Follow starts over, see there. Histories settle in
// the second round, or in the third or fourth. The few that never do have
// declarations that contradict each other once they are believed; they are told
// as the last round sees them.
const maxRounds = 8

// Follow finds the policies of a log and tells their histories, sorted by path;
// policies that are gone from the built commit are among them. read returns a
// blob's content; it is called only for texts whose identity their bytes, their
// path or the built commit do not tell. A text too large to read (policy.
// ErrContent) is like no other; any other error of read ends it.
//
// Identity is decided from the first step on, at every step in this order:
//
//   - An appearing path that a policy has held, or whose id one has had, is the
//     latest such policy that lives at no other path after this step.
//   - Of a path that goes and one that appears, the declared id or formerly says
//     that they are one; else that their bytes are equal; else likeness. See
//     match and texts.similar.
//   - What formerly connects to a policy that went before is that policy.
//   - Everything else is new, but no policy while another one has its id.
//
// Texts in a format that is read are followed across all paths, also those that
// are not selected: a text moved in brings its history along, and a policy that
// is moved out is gone.
//
// What the built commit declares is valid for the whole history. Which texts of
// the past it is about only following them can tell, so Follow starts with
// paths and bytes alone, and then over with what it learned, until that no
// longer changes.
func (l *Log) Follow(sel Selection, read func(id string) ([]byte, error)) ([]policy.History, []Beginning, error) {
	selected, matters := make(map[string]bool, len(l.paths)), make(map[string]bool)
	for _, path := range l.paths {
		selected[path] = sel.Selected(path)
	}
	changes := l.changes(selected, sel, matters)
	texts := &texts{
		log: l, read: read, readID: sel.ReadID, reads: sel.reads, matters: matters,
		lang: sel.Language, paths: make(map[string]called),
		ids: make(map[uint32]string), found: make(map[stepPaths][]similar),
	}
	texts.kept.Limit = keptTriples
	var heads map[appearance]string
	for round := 1; ; round++ {
		f := &follower{
			sel: sel, texts: texts, selected: selected, heads: heads,
			living: make(map[string]*lineage), byPath: make(map[string][]*lineage), byID: make(map[string][]*lineage),
		}
		for _, step := range changes {
			if err := f.follow(step.step, step.changes); err != nil {
				return nil, nil, err
			}
		}
		next := f.headPaths()
		if round > 1 && maps.Equal(heads, next) || round == maxRounds {
			histories, err := f.histories()
			if err != nil {
				return nil, nil, err
			}
			beginnings, err := f.begun()
			return histories, beginnings, err
		}
		heads = next
	}
}

// appearance is a step at which a text came to stand at a path.
type appearance struct {
	step int
	path string
}

// change is what a step did to the text at a path. Symbolic links and
// submodules are no texts.
type change struct {
	path     string
	was, is  bool // whether a text stood there before and after the step
	old, now uint32
}

// stepChanges are the changes of a step, sorted by path.
type stepChanges struct {
	step    int
	changes []change
}

// changes returns what happened, oldest step first, to the texts that policies
// may come from: those at selected paths, those that went when one of them
// appeared, and so on back in time, and those that formerly names. It notes their
// paths in matters.
func (l *Log) changes(selected map[string]bool, sel Selection, matters map[string]bool) []stepChanges {
	all := make([][]change, len(l.Steps))
	for i, path := range l.paths {
		if !sel.reads(path) {
			continue
		}
		c := change{path: path}
		for _, e := range l.events[i] {
			c.was, c.old = c.is, c.now
			c.is, c.now = e.mode == Regular || e.mode == Executable, e.blob
			if c.was != c.is || c.is && c.old != c.now {
				all[e.step] = append(all[e.step], c)
			}
		}
	}
	for _, path := range l.paths {
		if selected[path] {
			matters[path] = true
		}
	}
	for _, d := range sel.Declared {
		for _, path := range d.Formerly {
			if sel.reads(path) {
				matters[path] = true
			}
		}
	}
	for _, step := range slices.Backward(all) {
		appears := func(c change) bool { return !c.was && matters[c.path] }
		if slices.ContainsFunc(step, appears) {
			for _, c := range step {
				if !c.is {
					matters[c.path] = true
				}
			}
		}
	}
	var out []stepChanges
	for i, step := range all {
		step = slices.DeleteFunc(step, func(c change) bool { return !matters[c.path] })
		if len(step) > 0 {
			out = append(out, stepChanges{i, step})
		}
	}
	return out
}

// reads reports whether the texts at a path are in a format that is read.
func (s *Selection) reads(path string) bool {
	return s.Selected(path) || s.Read != nil && s.Read(path)
}

// headPaths tells for every appearance of a text where that text is at the
// built commit.
func (f *follower) headPaths() map[appearance]string {
	heads := make(map[appearance]string)
	for _, l := range f.lineages {
		if l.path != "" {
			for _, a := range l.appearances {
				heads[a] = l.path
			}
		}
	}
	return heads
}

// histories tells what became of the lineages that are policies.
func (f *follower) histories() ([]policy.History, error) {
	var out []policy.History
	for _, l := range f.lineages {
		revisions, _ := f.whileSelected(l)
		if l.double || len(revisions) == 0 {
			continue
		}
		last := revisions[len(revisions)-1]
		h := policy.History{Path: last.path, Live: !last.deleted}
		for i, r := range revisions {
			out := policy.Revision{Step: r.step, Path: r.path, FromPath: r.from, By: r.tie.by, Likeness: r.tie.likeness}
			if !r.deleted {
				out.Blob = f.texts.log.blobs[r.blob].String()
			} else if i > 0 {
				other, err := f.elsewhere(r.step, stand{r.path, revisions[i-1].blob}, true)
				if err != nil {
					return nil, err
				}
				out.Unread = other != ""
			}
			h.Revisions = append(h.Revisions, out)
		}
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b policy.History) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Revisions[0].Step, b.Revisions[0].Step))
	})
	return out, nil
}

// whileSelected splits a lineage's revisions where it left the selected paths
// for good: those of the policy, which a deletion then ends, and those after.
// The first part is empty when it never was at a selected path.
func (f *follower) whileSelected(l *lineage) (policy, after []revision) {
	cut := len(l.revisions)
	for cut > 0 && !f.selected[l.revisions[cut-1].path] {
		cut--
	}
	if cut == 0 {
		return nil, l.revisions
	}
	policy, after = slices.Clone(l.revisions[:cut]), slices.Clone(l.revisions[cut:])
	if last := policy[cut-1]; len(after) > 0 && !last.deleted {
		policy = append(policy, revision{step: after[0].step, path: last.path, deleted: true})
		after[0].from = ""
	}
	return policy, after
}
