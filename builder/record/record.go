// Package record tells the record of one policy through time: its revisions,
// what is said of its versions later, the texts that are older than git and the
// previous site become versions with their texts.
package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

// Record is what the revisions of a policy say by themselves and by the settings
// about dates and languages. It depends on no other policy and on no page, so
// that it holds for as long as its Key is the same.
type Record struct {
	Life     policy.Lifecycle
	Problems policy.Problems
	Notes    []string
	Changed  policy.Problems   // what was published and would say something else
	Moved    policy.Problems   // what was published and would have another address
	Carried  []string          // ids of the versions that git no longer gives
	Dates    []policy.DateNote // what to know of the dates in the newest text
	LeftOut  []string          // where values of front matter were left out that cannot be read
	Origins  []policy.Origin   // of the text that the policy shows
	Former   []string          // URLs that the policy's paths and texts gave it, oldest first

	title  string // of the policy, as its latest text says
	about  about
	places []place // of all versions, those that are not shown too
}

// Empty reports whether the policy has no version.
func (rec *Record) Empty() bool { return len(rec.places) == 0 }

// Key is a hash of all that the record of a policy is made from, but for the
// previous site. A commit's id stands for its date and message.
func Key(c *catalog.Catalog, p *catalog.Policy) string {
	type revision struct {
		Commit, Path, FromPath, Blob string
		Unread                       bool
	}
	var revisions []revision
	for _, r := range c.Recorded(p) {
		revisions = append(revisions, revision{c.Log.Steps[r.Step].Commit, r.Path, r.FromPath, r.Blob, r.Unread})
	}
	var older []string // texts, by their blobs
	for _, v := range c.Older(p.Place.ID) {
		older = append(older, v.Blob)
	}
	data, err := json.Marshal(struct {
		At                         policy.Date
		Zone, Since, ID            string
		Trusted, Authors, Subjects bool
		Layout                     policy.Layout
		Lang                       string
		Drafted                    bool
		Revisions                  []revision
		Older                      []string
		Statements                 catalog.Statements
	}{
		c.Built.At, c.Built.Timezone, c.Config.Since[p.Place.ID], p.Place.ID,
		c.Config.TrustedHTML, c.Config.AuthorDates, c.Config.CommitSubjects,
		c.Layout, p.Place.Lang, p.Drafted, revisions, older, c.Statements,
	})
	if err != nil {
		panic(err) // it is made of strings, numbers and flags
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// about is what a text says of the policy rather than of one version.
type about struct {
	Description string
	Weight      int
	Layout      string
}

// place is where the text of a version is, and what it links to.
type place struct {
	step      int // the links are those after this step; -1 for the last step of any catalog
	path      string
	links     []string            // targets, as written
	elsewhere bool                // no revision started it
	published []policy.Attachment // of one that git no longer gives
}

// options are the settings for a policy that was last at a path.
func (r *Reader) options(p *catalog.Policy, path string) policy.TimelineOptions {
	c := r.cat
	o := policy.TimelineOptions{
		Zone:        c.Config.Timezone,
		AuthorDates: c.Config.AuthorDates,
		Subjects:    c.Config.CommitSubjects,
		Name:        catalog.FileTitle(path),
		Held:        p.Held,
		Since:       p.Since,
		Statements:  c.Statements.Of(p.Place.ID),
		Redactions:  c.Statements.RedactionsOf(p.Place.ID),
	}
	if p.Published != nil {
		for i := range p.Published.Versions {
			o.Taken = append(o.Taken, p.Published.Versions[i].ID)
		}
	}
	return o
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
	timeline := policy.NewTimeline(options)
	rec := &Record{}
	check := redactionCheck{file: r.cat.InSource(policy.RedactionsFile)}
	var latest, change compared // what the next versions may be compared with
	var lines chain
	var followed followed
	for _, e := range events {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if timeline.Hidden() { // what stood before the version that the record begins with is not told
			lines = chain{}
		}
		src, at, started, err := r.next(timeline, rec, revisions, e)
		if err != nil {
			return nil, err
		}
		if src == nil {
			continue
		}
		whole := src.text
		v := timeline.Latest()
		if v != nil && len(v.Redactions) > 0 {
			src = redact(src, v)
			v.Title = src.text.Title(options.Name)
			if v.Withheld() {
				v.Summary, v.Attachments, at.published = "", nil, nil
			}
		}
		if meta := &src.text.Meta; e.revision >= 0 || len(revisions) == 0 {
			rec.title, rec.about = src.text.Title(options.Name), about{meta.Description, meta.Weight, meta.Layout}
		}
		if !started {
			continue
		}
		if len(r.cat.Statements.Redactions) > 0 {
			check.see(v, whole, src.text)
		}
		if src.text.Doc != nil {
			for _, l := range src.text.Doc.Links {
				at.links = append(at.links, l.Target)
			}
		}
		rec.places = append(rec.places, at)
		before := latest
		if v.IsChange() {
			before = change
		}
		var found *redline.Redline
		if before.source != nil && before.version == timeline.ComparedWith() {
			if found = r.compare(before.source, src, p.Place.Lang); found != nil {
				comparison := found.Comparison
				timeline.Compare(&comparison)
			}
		}
		latest = compared{len(rec.places) - 1, src}
		lines.add(latest.version, v, src, func(old *source) *redline.Redline {
			if found != nil && sameLines(before.source, old) {
				return found
			}
			return r.compare(old, src, p.Place.Lang)
		})
		followed.see(lines.at(latest.version), timeline.From(), r.cat.Built.At)
		if v.IsChange() {
			change = latest
		}
	}
	if rec.Empty() {
		return rec, nil
	}
	live := len(revisions) > 0 && revisions[len(revisions)-1].Blob != "" && !p.Drafted
	switch {
	case !p.Expired.IsZero():
		timeline.Leave(p.Expired)
	case p.Published != nil && len(revisions) == 0:
		timeline.Leave(r.cat.Previous.Left(p.Published))
	}
	rec.Life = timeline.Finish(r.cat.Built.At, live)
	rec.Origins = followed.origins(&rec.Life)
	if !live {
		rec.title = rec.Life.Versions[len(rec.Life.Versions)-1].Title
		rec.Problems = check.problems
		rec.unknownChanges(r.cat, revisions, "")
		rec.undated(r.cat, revisions, path)
		return rec, nil
	}
	rec.Problems, rec.Dates = timeline.Problems(), timeline.DateNotes(r.cat.Built.At)
	for _, problem := range rec.Problems {
		problem.Path = path // it may have moved since
	}
	rec.Problems = append(rec.Problems, check.problems...)
	rec.unknownChanges(r.cat, revisions, path)
	rec.undated(r.cat, revisions, path)
	if last := events[len(events)-1]; last.revision < 0 && len(last.version.Statements) > 0 && !last.version.Carried {
		rec.Problems = append(rec.Problems, &policy.Problem{
			Path:    r.cat.InSource(policy.StatementsFile),
			Message: fmt.Sprintf("%s is of %s and would stand after every version that is recorded", last.version.Path, last.version.Day),
			Hint:    fmt.Sprintf("history.yaml takes texts that are older; commit this one as %s instead", path),
		})
	}
	return rec, nil
}

// undated warns of commits that state no date, and says what is shown in its place.
func (rec *Record) undated(c *catalog.Catalog, revisions []policy.Revision, path string) {
	options := policy.TimelineOptions{AuthorDates: c.Config.AuthorDates}
	var shown []policy.Date
	commits := map[policy.Date][]string{}
	for _, rev := range revisions {
		step := c.Log.Steps[rev.Step]
		stated, none := step.Committed, step.Undated.Committed
		if options.AuthorDates {
			stated, none = step.Authored, step.Undated.Authored
		}
		recorded := options.Recorded(step)
		if !none && recorded.Equal(stated) {
			continue
		}
		day := policy.DateOf(recorded, c.Config.Timezone)
		if commits[day] == nil {
			shown = append(shown, day)
		}
		commits[day] = append(commits[day], step.Commit[:7])
	}
	for _, day := range shown {
		rec.Problems = append(rec.Problems, &policy.Problem{
			Path: path, Warning: true,
			Message: fmt.Sprintf("no date can be read in commit %s, so that %s is shown as recorded", policy.ListWords(commits[day], 10), day.Long()),
			Hint:    "`history.yaml` can say when a version was published",
		})
	}
}

// unknownChanges tells of commits that say of a policy's version something that
// is not read. Of the newest version, at path, it can still be mended.
func (rec *Record) unknownChanges(c *catalog.Catalog, revisions []policy.Revision, path string) {
	newest := rec.Life.Versions[len(rec.Life.Versions)-1].Commit()
	for _, rev := range revisions {
		step := c.Log.Steps[rev.Step]
		unknown := step.TrailersOf(rev.Path, rev.FromPath).Unknown
		if unknown == "" {
			continue
		}
		message := fmt.Sprintf("commit %.7s says %s", step.Commit, unknown)
		if path == "" || step.Commit != newest {
			rec.Notes = append(rec.Notes, message)
			continue
		}
		rec.Problems = append(rec.Problems, &policy.Problem{
			Path: path, Warning: true, Message: message, Hint: "say it in front matter, as `change:` or `summary:`",
		})
	}
}

// compared is a version whose text may be compared with the next one's.
type compared struct {
	version int
	source  *source
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

// next adds an event to a timeline. It returns the text, nil for a deletion,
// and whether it started a version.
func (r *Reader) next(timeline *policy.Timeline, rec *Record, revisions []policy.Revision, e event) (src *source, at place, started bool, err error) {
	if e.revision < 0 {
		v := *e.version
		at = place{step: -1, path: v.Path, elsewhere: true, published: v.Attachments}
		if n := len(rec.places); v.Carried && n > 0 {
			at.step = rec.places[n-1].step
		}
		if src, err = r.text(&v, true); err != nil {
			return nil, at, false, err
		}
		timeline.Insert(v, src.text)
		if v.Carried {
			rec.Carried = append(rec.Carried, v.ID)
			rec.contradict(e.version, timeline.Latest())
		}
		return src, at, true, nil
	}
	rev := revisions[e.revision]
	step := r.cat.Log.Steps[rev.Step]
	if rev.Blob == "" {
		timeline.Add(rev, step, nil, nil)
		return nil, at, false, nil
	}
	if src, err = r.read(rev.Blob, true); err != nil {
		return nil, at, false, err
	}
	if p := src.text.LeftOut; p != nil {
		key, _, _ := strings.Cut(p.Message, ":")
		rec.LeftOut = append(rec.LeftOut, fmt.Sprintf("%s:%d in commit %.7s (%s)", rev.Path, p.Line, step.Commit, key))
	}
	meta := &src.text.Meta
	if former := r.cat.Layout.FormerURL(rev.Path, meta); former != "" && !meta.Draft && !slices.Contains(rec.Former, former) {
		rec.Former = append(rec.Former, former)
	}
	started = timeline.Add(rev, step, src.text, e.version) >= 0
	if started && e.version != nil {
		rec.contradict(e.version, timeline.Latest())
		rec.moved(r.cat, e.version, step)
	}
	return src, place{step: rev.Step, path: rev.Path}, started, nil
}

// contradict notes a published version that would say other words.
func (rec *Record) contradict(was, is *policy.Version) {
	if was.WordingSHA256 != "" && was.WordingSHA256 != is.WordingSHA256 && len(is.Redactions) == 0 {
		rec.Changed = append(rec.Changed, &policy.Problem{
			Path:    is.Path,
			Message: fmt.Sprintf("the version %s was published with other words: expected wording %.12s, found %.12s", is.ID, was.WordingSHA256, is.WordingSHA256),
			Hint:    "another setting of `html`, or another version of the program, reads the same source differently; build with those of the previous site",
		})
	}
}

// moved notes a published version that the settings about dates would give
// another id: git says the same of its commit, and its day is another.
func (rec *Record) moved(c *catalog.Catalog, was *policy.Version, step policy.Step) {
	options := policy.TimelineOptions{AuthorDates: c.Config.AuthorDates}
	for _, fact := range was.Revisions {
		if fact.Commit != step.Commit {
			continue
		}
		before := policy.DateOf(fact.Recorded, c.Previous.Zone)
		if now := policy.DateOf(options.Recorded(step), c.Config.Timezone); before != now {
			rec.Moved = append(rec.Moved, &policy.Problem{
				Path:    c.InSource(policy.ConfigFile),
				Message: fmt.Sprintf("the version %s of %s would be that of %s", was.ID, was.Path, now),
				Hint:    fmt.Sprintf("set `timezone` (it was %s) and `dates` as they were for the previous site", c.Previous.Manifest.Timezone),
			})
		}
	}
}

// policy is what a record says of a policy at a place of the site. The slice of
// versions is the policy's own; what they point to is shared.
func (rec *Record) policy(place policy.Place) *policy.Policy {
	for _, former := range rec.Former {
		if former != place.URL && !slices.Contains(place.Former, former) {
			place.Former = append(slices.Clip(place.Former), former)
		}
	}
	return &policy.Policy{
		Place: place, Title: rec.title,
		Description: rec.about.Description, Weight: rec.about.Weight, Layout: rec.about.Layout,
		Status: rec.Life.Status, Versions: slices.Clone(rec.Life.Versions), Current: rec.Life.Current, Origins: rec.Origins, Gone: rec.Life.Gone, Unread: rec.Life.Unread, NextChange: rec.Life.NextChange,
	}
}
