package record

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

// reading is how far the reading of one record has come.
type reading struct {
	*Reader
	of        *catalog.Policy
	revisions []policy.Revision
	path      string // of the latest revision
	name      string // what a text without a title is called

	timeline *policy.Timeline
	record   *Record
	check    redactionCheck
	latest   compared // what the next version may be compared with
	change   compared // what the next change may be compared with
	lines    chain
	followed followed
}

// compared is a version whose text may be compared with the next one's.
type compared struct {
	version int
	source  *source
}

// Read reads the record of a policy, oldest first: the revisions that are in git,
// the texts that are older, and what the previous site holds. A policy
// without any version has an empty record.
func (r *Reader) Read(ctx context.Context, p *catalog.Policy) (*Record, error) {
	revisions := r.cat.Recorded(p)
	events, err := r.events(ctx, p, revisions)
	if err != nil {
		return nil, err
	}
	path := p.History.Path
	if n := len(revisions); n > 0 {
		path = revisions[n-1].Path
	}
	options := r.options(p, path)
	in := reading{
		Reader: r, of: p, revisions: revisions, path: path, name: options.Name,
		timeline: policy.NewTimeline(options), record: &Record{stood: map[string]int{}}, check: redactionCheck{file: r.cat.InSource(policy.RedactionsFile)},
	}
	for _, e := range events {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := in.take(e); err != nil {
			return nil, err
		}
	}
	if !in.record.Empty() {
		in.finish(events[len(events)-1])
	}
	return in.record, nil
}

// take adds what an event makes: a version with its text, or something that belongs to
// the version before.
func (in *reading) take(e event) error {
	if in.timeline.Hidden() { // what stood before the version that the record begins with is not told
		in.lines = chain{}
	}
	src, at, started, err := in.add(e)
	if src == nil || err != nil {
		return err
	}
	rec, whole, v := in.record, src.text, in.timeline.Latest()
	if v != nil && len(v.Redactions) > 0 {
		src = redact(src, v)
		v.Title = src.text.Title(in.name)
		if v.Withheld() {
			v.Summary, v.Attachments, at.published = "", nil, nil
		}
	}
	if meta := &src.text.Meta; e.revision >= 0 || len(in.revisions) == 0 {
		rec.title, rec.about = src.text.Title(in.name), about{meta.Description, meta.Weight, meta.Layout}
	}
	if !started {
		return nil
	}
	if len(in.cat.Statements.Redactions) > 0 {
		in.check.see(v, whole, src.text)
	}
	if src.text.Doc != nil {
		for _, l := range src.text.Doc.Links {
			at.links = append(at.links, l.Target)
		}
	}
	rec.places = append(rec.places, at)
	in.compareNext(v, src)
	return nil
}

// add adds an event to the timeline. It returns the text, nil for a deletion, and
// whether it started a version.
func (in *reading) add(e event) (src *source, at place, started bool, err error) {
	rec := in.record
	if e.revision < 0 {
		v := *e.version
		at = place{step: -1, path: v.Path, elsewhere: true, published: v.Attachments}
		if n := len(rec.places); v.Carried && n > 0 {
			at.step = rec.places[n-1].step
		}
		if src, err = in.text(&v, true); err != nil {
			return nil, at, false, err
		}
		in.timeline.Insert(v, src.text)
		if v.Carried {
			rec.Carried = append(rec.Carried, v.ID)
			rec.contradict(e.version, in.timeline.Latest())
		}
		return src, at, true, nil
	}
	rev := in.revisions[e.revision]
	step := in.cat.Log.Steps[rev.Step]
	if rev.Blob == "" {
		in.timeline.Add(rev, step, nil, nil)
		return nil, at, false, nil
	}
	if src, err = in.read(rev.Blob, true); err != nil {
		return nil, at, false, err
	}
	if p := src.text.LeftOut; p != nil {
		key, _, _ := strings.Cut(p.Message, ":")
		rec.LeftOut = append(rec.LeftOut, fmt.Sprintf("%s:%d in commit %.7s (%s)", rev.Path, p.Line, step.Commit, key))
	}
	meta := &src.text.Meta
	if former := in.cat.Layout.FormerURL(rev.Path, meta); former != "" && !meta.Draft {
		if rec.stood[former] = rev.Step; !slices.Contains(rec.Former, former) {
			rec.Former = append(rec.Former, former)
		}
	}
	started = in.timeline.Add(rev, step, src.text, e.version) >= 0
	if started && e.version != nil {
		rec.contradict(e.version, in.timeline.Latest())
		rec.moved(in.cat, e.version, step)
	}
	return src, place{step: rev.Step, path: rev.Path}, started, nil
}

// compareNext compares a version that was just added with the one that its redline is
// against, and follows its blocks through it.
func (in *reading) compareNext(v *policy.Version, src *source) {
	before := in.latest
	if v.IsChange() {
		before = in.change
	}
	var found *redline.Redline
	if before.source != nil && before.version == in.timeline.ComparedWith() {
		if found = in.compare(before.source, src, in.of.Place.Lang); found != nil {
			comparison := found.Comparison
			in.timeline.Compare(&comparison)
		}
	}
	in.latest = compared{len(in.record.places) - 1, src}
	in.lines.add(in.latest.version, v, src, func(old *source) *redline.Redline {
		if found != nil && sameLines(before.source, old) {
			return found
		}
		return in.compare(old, src, in.of.Place.Lang)
	})
	in.followed.see(in.lines.at(in.latest.version), in.timeline.From(), in.cat.Built.At)
	if v.IsChange() {
		in.change = in.latest
	}
}

// compare finds what leads from one text to another, as the site may show it; nil where
// one of them cannot be rendered. It holds until the next call.
func (r *Reader) compare(old, new *source, lang string) *redline.Redline {
	if old.text.Doc == nil || new.text.Doc == nil {
		return nil
	}
	r.comparer.Characters = words.Characters(lang)
	return r.comparer.Compare(old.without(new.redacted).side(), new.without(old.redacted).side())
}

// finish adds what follows from all versions together: which are in force, and what is
// wrong with them.
func (in *reading) finish(last event) {
	rec, p, at := in.record, in.of, in.cat.Built.At
	live := len(in.revisions) > 0 && in.revisions[len(in.revisions)-1].Blob != "" && !p.Drafted
	switch {
	case !p.Expired.IsZero():
		in.timeline.Leave(p.Expired)
	case p.Published != nil && len(in.revisions) == 0:
		in.timeline.Leave(in.cat.Previous.Left(p.Published))
	}
	rec.Life = in.timeline.Finish(at, live)
	rec.Origins = in.followed.origins(&rec.Life)
	newest := "" // where a text can still be mended
	if live {
		newest = in.path
		rec.Problems, rec.Dates = in.timeline.Problems(), in.timeline.DateNotes(at)
		for _, problem := range rec.Problems {
			problem.Path = in.path // it may have moved since
		}
	} else {
		rec.title = rec.Life.Versions[len(rec.Life.Versions)-1].Title
	}
	rec.Problems = append(rec.Problems, in.check.problems...)
	rec.unknownChanges(in.cat, in.revisions, newest)
	rec.undated(in.cat, in.revisions, in.path)
	if live && last.revision < 0 && len(last.version.Statements) > 0 && !last.version.Carried {
		rec.Problems = append(rec.Problems, &policy.Problem{
			Path:    in.cat.InSource(policy.StatementsFile),
			Message: fmt.Sprintf("%s is of %s and would stand after every version that is recorded", last.version.Path, last.version.Day),
			Hint:    fmt.Sprintf("history.yaml takes texts that are older; commit this one as %s instead", in.path),
		})
	}
}
