package history

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// maxDepth is how many folders deep a path may be; git's own core.maxTreeDepth
// is 2048.
const maxDepth = 2048

// Read walks the first-parent chain of a commit, once, from the first commit to
// that one. It calls progress, unless it is nil, after each step.
//
// Steps are compared by the ids of their trees: nothing is read twice, and no
// blob is read at all. Renames are left to Follow. A missing or corrupt object
// is policy.ErrHistory.
func (r *Repository) Read(ctx context.Context, commit string, progress func(done, total int)) (*Log, error) {
	return r.ReadMerged(ctx, "", commit, progress)
}

// ReadMerged walks the chain of a commit as if it had been merged into another, base:
// the chain of base, and one step more. base "" is the commit's own first parent.
func (r *Repository) ReadMerged(ctx context.Context, base, commit string, progress func(done, total int)) (*Log, error) {
	head, ok := parseOID(commit)
	if !ok {
		return nil, policy.Fail(policy.ErrUsage, nil, "", "expected the id of a commit, found %q", commit)
	}
	onto, _ := parseOID(base)
	w := newWalker(r.objects)
	chain, err := w.chain(ctx, head, onto)
	if err != nil {
		return nil, err
	}
	var tree oid // the empty one
	for i, link := range chain {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.step = int32(i)
		if err := w.compare(tree, link.tree, "", 0); err != nil {
			return nil, err
		}
		tree = link.tree
		if err := w.trailers(link.others); err != nil {
			return nil, failure(err, "merged by commit "+link.id.String())
		}
		if progress != nil {
			progress(i+1, len(chain))
		}
	}
	w.finish()
	r.log = w.log
	return w.log, nil
}

// walker is the state of one walk.
type walker struct {
	objects objects
	log     *Log
	merged  merged
	trees   treeCache
	paths   map[string]*[]event
	blobs   map[oid]uint32
	step    int32
}

func newWalker(o objects) *walker {
	log := &Log{}
	return &walker{
		objects: o,
		log:     log,
		merged:  merged{log: log},
		paths:   make(map[string]*[]event),
		blobs:   make(map[oid]uint32),
	}
}

// link is what the walk needs of a step beside policy.Step.
type link struct {
	id     oid
	tree   oid
	others []oid // the parents after the first
}

// chain lists the first-parent chain, oldest first, and fills Log.Steps. The first
// parent of head is onto, unless that is zero.
func (w *walker) chain(ctx context.Context, head, onto oid) (chain []link, err error) {
	for id := head; ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, err := w.objects.commit(id)
		if err != nil {
			place := "the commit to build"
			if n := len(chain); n > 0 {
				place = "parent of commit " + chain[n-1].id.String()
			}
			return nil, failure(err, place)
		}
		w.log.Steps = append(w.log.Steps, policy.Step{
			Commit:    id.String(),
			Committed: c.committed,
			Authored:  c.authored,
			Undated:   c.undated,
			Subject:   subject(c.message),
			Trailers:  parseTrailers(c.message),
		})
		parents := slices.Clone(c.parents)
		if id == head && !onto.isZero() {
			parents = append([]oid{onto}, parents...)
		}
		l := link{id: id, tree: c.tree}
		if len(parents) > 1 {
			l.others = parents[1:]
		}
		chain = append(chain, l)
		if len(parents) == 0 {
			break
		}
		id = parents[0]
	}
	slices.Reverse(chain)
	slices.Reverse(w.log.Steps)
	return chain, nil
}

// compare records how one tree became another. The zero id is the empty tree.
func (w *walker) compare(before, after oid, dir string, depth int) error {
	if before == after {
		return nil
	}
	if depth > maxDepth {
		return policy.Fail(policy.ErrHistory, nil, "", "folders are more than %d deep in commit %s", maxDepth, w.log.Steps[w.step].Commit)
	}
	old, err := w.tree(before, dir)
	if err != nil {
		return err
	}
	now, err := w.tree(after, dir)
	if err != nil {
		return err
	}
	for len(old) > 0 || len(now) > 0 {
		var was, is entry // the zero entry: there is none
		switch c := compareHeads(old, now); {
		case c < 0:
			was, old = old[0], old[1:]
		case c > 0:
			is, now = now[0], now[1:]
		default:
			was, is, old, now = old[0], now[0], old[1:], now[1:]
			if was.id == is.id && was.mode == is.mode {
				continue
			}
		}
		name := is.name
		if is.mode == 0 {
			name = was.name
		}
		if was.mode == folder || is.mode == folder {
			if err := w.compare(was.id, is.id, dir+string(name)+"/", depth+1); err != nil {
				return err
			}
			continue
		}
		w.record(dir+string(name), is)
	}
	return nil
}

// compareHeads tells which of two lists of entries goes on first.
func compareHeads(a, b []entry) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return compareEntries(a[0], b[0])
}

func (w *walker) record(path string, is entry) {
	e := event{step: w.step, mode: is.mode}
	if is.mode != 0 {
		n, ok := w.blobs[is.id]
		if !ok {
			n = uint32(len(w.log.blobs))
			w.blobs[is.id] = n
			w.log.blobs = append(w.log.blobs, is.id)
		}
		e.blob = n
	}
	events, ok := w.paths[path]
	if !ok {
		events = new([]event)
		w.paths[path] = events
	}
	*events = append(*events, e)
}

// finish sorts what was recorded.
func (w *walker) finish() {
	for path := range w.paths {
		w.log.paths = append(w.log.paths, path)
	}
	slices.Sort(w.log.paths)
	w.log.events = make([][]event, len(w.log.paths))
	for i, path := range w.log.paths {
		w.log.events[i] = slices.Clip(*w.paths[path])
	}
}

func (w *walker) tree(id oid, dir string) ([]entry, error) {
	if id.isZero() {
		return nil, nil
	}
	if entries, ok := w.trees.get(id); ok {
		return entries, nil
	}
	entries, err := w.objects.tree(id)
	if err != nil {
		place := "the root folder"
		if dir != "" {
			place = strings.TrimSuffix(dir, "/")
		}
		return nil, failure(err, fmt.Sprintf("%s in commit %s", place, w.log.Steps[w.step].Commit))
	}
	w.trees.put(id, entries)
	return entries, nil
}

// treeCache keeps the trees used last. Of the two trees compared at a step, one
// was read at the step before, so little memory is enough.
type treeCache struct {
	recent, older map[oid][]entry
	entries       int // in recent
}

// cachedEntries bounds each half of the cache, to about 4 MB.
const cachedEntries = 50_000

func (c *treeCache) get(id oid) ([]entry, bool) {
	if entries, ok := c.recent[id]; ok {
		return entries, true
	}
	entries, ok := c.older[id]
	if ok {
		c.put(id, entries)
	}
	return entries, ok
}

func (c *treeCache) put(id oid, entries []entry) {
	if c.recent == nil || c.entries+len(entries) > cachedEntries {
		c.recent, c.older, c.entries = make(map[oid][]entry), c.recent, 0
	}
	c.recent[id] = entries
	c.entries += len(entries) + 1
}

// merged knows the commits that merges brought in.
type merged struct {
	log   *Log
	seen  map[oid]struct{} // all commits reachable from the steps so far; nil before the first merge
	steps int              // how many of them are in seen
}

// trailers adds to a step the trailers of the commits that it merged and no step before
// it could reach, newest by committer date first, of several at one time the one
// nearest to the merge. others are its parents after the first. Every commit is read
// once in a whole walk. An error is a damage.
func (w *walker) trailers(others []oid) error {
	if len(others) == 0 {
		return nil
	}
	w.merged.reach(int(w.step))
	step := &w.log.Steps[w.step]
	var when []time.Time // each of step.Merged was committed
	queue := others
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		if _, ok := w.merged.seen[id]; ok {
			continue
		}
		w.merged.seen[id] = struct{}{}
		c, err := w.objects.commit(id)
		if err != nil {
			return err
		}
		if t := parseTrailers(c.message); t != (policy.Trailers{}) {
			paths, err := w.changedBy(c)
			if err != nil {
				return err
			}
			at := 0
			for at < len(when) && !c.committed.After(when[at]) {
				at++
			}
			when = slices.Insert(when, at, c.committed)
			step.Merged = slices.Insert(step.Merged, at, policy.Merged{Trailers: t, Paths: paths})
		}
		queue = append(queue, c.parents...)
	}
	return nil
}

// changedBy lists the paths that the step and a commit that it merged changed both.
func (w *walker) changedBy(c *commit) ([]string, error) {
	own := newWalker(w.objects)
	own.log.Steps = w.log.Steps[w.step : w.step+1] // for messages
	var before oid
	if len(c.parents) > 0 {
		parent, err := w.objects.commit(c.parents[0])
		if err != nil {
			return nil, err
		}
		before = parent.tree
	}
	if err := own.compare(before, c.tree, "", 0); err != nil {
		return nil, err
	}
	var both []string
	for path := range own.paths {
		if events := w.paths[path]; events != nil && (*events)[len(*events)-1].step == w.step {
			both = append(both, path)
		}
	}
	slices.Sort(both)
	return both, nil
}

// reach adds the steps up to one to what was seen.
func (m *merged) reach(step int) {
	if m.seen == nil {
		m.seen = make(map[oid]struct{}, step)
	}
	for ; m.steps <= step; m.steps++ {
		id, _ := parseOID(m.log.Steps[m.steps].Commit)
		m.seen[id] = struct{}{}
	}
}
