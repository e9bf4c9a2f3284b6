package record

import (
	"context"
	"slices"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
)

// event is what comes next in the record of a policy: a revision, or a version
// that git does not give.
type event struct {
	revision int             // index; -1 for a version that git does not give
	version  *policy.Version // of a revision: the version that it started on the previous site, or nil
}

// events puts the revisions of a policy, the texts that are older, and the
// versions that the previous site holds and git no longer gives, in the order
// of the record.
func (r *Reader) events(ctx context.Context, p *catalog.Policy, revisions []policy.Revision) ([]event, error) {
	var published []policy.Version
	if p.Published != nil {
		published = r.cat.Previous.Versions(p.Published)
	}
	imported := r.cat.Older(p.Place.ID)
	if len(imported) == 0 {
		if out := r.asPublished(revisions, published); out != nil {
			return out, nil
		}
	}
	items, err := r.items(ctx, p, revisions, imported)
	if err != nil {
		return nil, err
	}
	return r.merge(p, revisions, items, published), nil
}

// asPublished is the order where git gives every version that was published, by
// the commits that started them; nil where it does not.
func (r *Reader) asPublished(revisions []policy.Revision, published []policy.Version) []event {
	out := make([]event, len(revisions))
	next := 0
	for i, rev := range revisions {
		out[i].revision = i
		if next < len(published) && rev.Blob != "" && published[next].Commit() == r.cat.Log.Steps[rev.Step].Commit {
			out[i].version = &published[next]
			next++
		}
	}
	if next < len(published) {
		return nil
	}
	return out
}

// item is a version that the repository gives: one that a revision starts, or a
// text that is older.
type item struct {
	revision int // -1 for a text that is older
	version  policy.Version
	commit   string
}

// items works out the versions that the repository gives, without the previous
// site, in the order of the record.
func (r *Reader) items(ctx context.Context, p *catalog.Policy, revisions []policy.Revision, imported []policy.Version) ([]item, error) {
	options := r.options(p, p.History.Path)
	options.Statements, options.Redactions, options.Taken = nil, nil, nil
	timeline := policy.NewTimeline(options)
	var out []item
	for i, rev := range revisions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step := r.cat.Log.Steps[rev.Step]
		if rev.Blob == "" {
			timeline.Add(rev, step, nil, nil)
			continue
		}
		src, err := r.read(rev.Blob, true)
		if err != nil {
			return nil, err
		}
		if timeline.Add(rev, step, src.text, nil) >= 0 {
			out = append(out, item{i, *timeline.Latest(), step.Commit})
		}
	}
	// The ids of the older texts are numbered after git's.
	var ids policy.VersionIDs
	for _, it := range out {
		ids.Take(it.version.ID)
	}
	for _, v := range imported {
		src, err := r.read(v.Blob, true)
		if err != nil {
			return nil, err
		}
		v.ID = ids.Next(v.Day)
		ids.Take(v.ID)
		v.TextSHA256, v.WordingSHA256, v.SourceSHA256 = src.text.TextSHA256, src.text.WordingSHA256, src.text.SourceSHA256
		// It comes before the first version that was recorded later.
		at := slices.IndexFunc(out, func(it item) bool { return it.revision >= 0 && it.version.Day.After(v.Day) })
		if at < 0 {
			at = len(out)
		}
		out = slices.Insert(out, at, item{-1, v, ""})
	}
	return out, nil
}

// likeness says how sure it is that a version is one that was published; 0 is
// not at all. One with other bytes is another, although it may say the same: the source
// of what was published stays, with its dates and links.
func (it *item) likeness(was *policy.Version) int32 {
	v := &it.version
	switch {
	case it.commit != "" && it.commit == was.Commit():
		return 16
	case was.SourceSHA256 != "" && v.SourceSHA256 == was.SourceSHA256:
		return 4
	case was.SourceSHA256 == "" && v.ID == was.ID:
		return 1 // its words are withheld, and so are its hashes
	}
	return 0
}

// match pairs items with published versions, in order, so that the pairs are
// as sure as can be. It returns the index of each item's, or -1.
func match(items []item, published []policy.Version) []int {
	out := make([]int, len(items))
	for i := range out {
		out[i] = -1
	}
	// What git still gives is most often the beginning.
	first := 0
	for first < len(items) && first < len(published) && items[first].likeness(&published[first]) >= 4 {
		out[first] = first
		first++
	}
	items, published = items[first:], published[first:]
	n := len(published)
	const skipItem, skipPublished, pair = 0, 1, 2
	choices := make([]uint8, len(items)*n)
	best := make([]int32, n+1) // for the items from i+1 on, by the first published one
	for i := len(items) - 1; i >= 0; i-- {
		diagonal := best[n]
		for j := n - 1; j >= 0; j-- {
			below := best[j]
			choice, value := uint8(skipItem), below
			if best[j+1] > value {
				choice, value = skipPublished, best[j+1]
			}
			if like := items[i].likeness(&published[j]); like > 0 && diagonal+like >= value {
				choice, value = pair, diagonal+like
			}
			choices[i*n+j], best[j] = choice, value
			diagonal = below
		}
	}
	for i, j := 0, 0; i < len(items) && j < n; {
		switch choices[i*n+j] {
		case pair:
			out[first+i] = first + j
			i++
			j++
		case skipItem:
			i++
		default:
			j++
		}
	}
	return out
}

// merge puts what the repository gives and what was published into one order.
func (r *Reader) merge(p *catalog.Policy, revisions []policy.Revision, items []item, published []policy.Version) []event {
	var out []event
	next, shown := 0, 0 // the revisions and published versions that are in out
	carry := func(until int) {
		for ; shown < until; shown++ {
			v := published[shown]
			v.Carried = true
			out = append(out, event{-1, &v})
		}
	}
	// Of the revisions up to one, those that start no version; what was
	// published until the policy was taken back comes before that.
	pass := func(until, carried int) {
		for ; next < until; next++ {
			if revisions[next].Blob == "" {
				carry(carried)
			}
			out = append(out, event{revision: next})
		}
		carry(carried)
	}
	// A version that git gives anew, as after an amended commit, follows those that were
	// published by its day; the last one follows all of them.
	matched := match(items, published)
	before := func(k int) int {
		if matched[k] >= 0 {
			return matched[k]
		}
		until := len(published)
		if later := slices.IndexFunc(matched[k:], func(at int) bool { return at >= 0 }); later >= 0 {
			until = matched[k+later]
		} else if items[k].revision >= 0 {
			return until
		}
		n := shown
		for n < until && !published[n].Day.After(items[k].version.Day) {
			n++
		}
		return n
	}
	for k, at := range matched {
		it := &items[k]
		carried := before(k)
		if it.revision < 0 && at < 0 {
			it.version.ID = "" // it is given the first that no published version has
		}
		if it.revision >= 0 {
			pass(it.revision, carried)
		} else {
			carry(carried)
		}
		e := event{revision: it.revision}
		if it.revision >= 0 {
			next++
		} else {
			e.version = &it.version
		}
		if at >= 0 {
			shown++
			was := published[at]
			if it.revision < 0 {
				it.version.ID, it.version.Published = was.ID, was.Published
			} else {
				e.version = &was
			}
		}
		out = append(out, e)
	}
	pass(len(revisions), len(published))
	return r.returned(p, revisions, out)
}

// returned ends a record whose last version git no longer gives with the text
// that the commit holds: it came back when the other was taken out of the
// history. When that was nobody recorded; the previous site still had the other.
func (r *Reader) returned(p *catalog.Policy, revisions []policy.Revision, events []event) []event {
	last := events[len(events)-1]
	n := len(revisions) - 1
	if last.revision >= 0 || !last.version.Carried || n < 0 || revisions[n].Blob == "" || !p.History.Live {
		return events
	}
	head := revisions[n]
	if last.version.Blob == head.Blob {
		last.version.Carried = len(last.version.Revisions) > 0
		return events
	}
	day := r.cat.Previous.Manifest.At
	if day.Before(last.version.Day) {
		day = last.version.Day
	}
	return append(events, event{-1, &policy.Version{Day: day, Content: policy.Content{Path: head.Path, Blob: head.Blob}}})
}
