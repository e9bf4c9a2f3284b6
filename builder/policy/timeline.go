package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Timeline turns the revisions of one policy into its versions. Revisions are
// added in chain order; a text may be let go of once it and the next one were
// added.
type Timeline struct {
	opt      TimelineOptions
	versions []Version
	spans    []span         // what decides about being in force, in chain order
	before   []RevisionFact // drafts before the first version
	latest   *Text          // of the latest version
	gap      bool           // withdrawn or a draft since the latest version
	gone     Date           // recorded day of the withdrawal the policy ends with
	perDay   map[Date]int
	problems Problems // of the latest version alone: the past can no longer be mended
	cut      int      // index of the first version that is shown; -1 while none is
}

// TimelineOptions are the settings that decide about dates.
type TimelineOptions struct {
	Zone        *time.Location
	AuthorDates bool
	Subjects    bool
	Name        string // the policy's title where a text has none
	// Since tells whether history from this step on is shown; nil shows all.
	// Once true for a revision it counts as true for all later ones.
	Since func(step int, day Date) bool
}

// span is a version, or a withdrawal (version -1), and the day from which it
// counts.
type span struct {
	version int
	from    Date
}

// NewTimeline starts a policy without any revision.
func NewTimeline(opt TimelineOptions) *Timeline {
	return &Timeline{opt: opt, perDay: map[Date]int{}, cut: -1}
}

// Continue starts where another Timeline ended: versions are what it told, at
// least one, and latest is the text of the last of them.
func Continue(opt TimelineOptions, versions []Version, latest *Text) *Timeline {
	t := NewTimeline(opt)
	t.versions, t.latest, t.cut = slices.Clone(versions), latest, 0
	last := &t.versions[len(versions)-1]
	last.Revisions = slices.Clone(last.Revisions)
	switch last.Revisions[len(last.Revisions)-1].Kind {
	case Draft, Withdrawn:
		t.gap = true
	}
	return t
}

// Recorded is the recorded date of a step, by the setting `dates`.
func (o *TimelineOptions) Recorded(step Step) time.Time {
	t := step.Committed
	if o.AuthorDates {
		t = step.Authored
	}
	// Dates beyond what RFC 3339 can write are a committer's mistake; order
	// never depends on them.
	if y := t.UTC().Year(); y < 1 || y > 9998 {
		t = time.Date(min(max(y, 1), 9998), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t.UTC().Truncate(time.Second)
}

// Add takes the next revision; text is nil for a deletion. It returns the
// index of the version that the revision started, or -1.
func (t *Timeline) Add(rev Revision, step Step, text *Text) int {
	recorded := t.opt.Recorded(step)
	day := DateOf(recorded, t.opt.Zone)
	fact := RevisionFact{Commit: step.Commit, Blob: rev.Blob, Path: rev.Path, FromPath: rev.FromPath, Recorded: recorded}
	if t.opt.Subjects {
		fact.Subject = step.Subject
	}
	t.gone = Date{}
	switch {
	case text == nil:
		fact.Kind = Withdrawn
		t.gone = day
		t.withdraw(day)
	case text.Meta.Draft:
		fact.Kind = Draft
		t.withdraw(day)
	default:
		if kind := t.kind(rev, text); kind != Source && kind != Move {
			t.start(kind, fact, step, day, text)
			if n := len(t.versions) - 1; t.cut < 0 && (t.opt.Since == nil || t.opt.Since(rev.Step, day)) {
				t.cut = n
			}
			return len(t.versions) - 1
		} else {
			fact.Kind = kind
		}
	}
	t.note(fact)
	return -1
}

func (t *Timeline) note(fact RevisionFact) {
	if n := len(t.versions); n > 0 {
		t.versions[n-1].Revisions = append(t.versions[n-1].Revisions, fact)
	} else {
		t.before = append(t.before, fact)
	}
}

func (t *Timeline) withdraw(day Date) {
	if len(t.versions) > 0 && !t.gap {
		t.spans = append(t.spans, span{-1, day})
	}
	t.gap = true
}

// kind compares a text with that of the latest version.
func (t *Timeline) kind(rev Revision, text *Text) Kind {
	old := t.latest
	switch {
	case old == nil:
		return Initial
	case t.gap:
		return Restored
	case text.SourceSHA256 == old.SourceSHA256:
		return sameOrMove(rev, t.lastBlob())
	case text.Doc == nil || old.Doc == nil:
		return Wording // nothing is known of it; the bytes differ
	case text.WordingSHA256 != old.WordingSHA256:
		return Wording
	}
	before, after := t.versions[len(t.versions)-1].Declared, t.carry(text.declared())
	switch {
	case before.LastUpdated != after.LastUpdated || before.Effective != after.Effective || !sameStatements(old.statements, text.statements):
		return Dates
	case text.targets != old.targets:
		return Links
	case text.markup != old.markup || text.TextSHA256 != old.TextSHA256:
		return Formatting
	}
	return sameOrMove(rev, t.lastBlob())
}

// sameOrMove tells the two kinds apart that show a reader nothing new.
func sameOrMove(rev Revision, blobBefore string) Kind {
	if rev.Blob == blobBefore {
		return Move
	}
	return Source
}

func (t *Timeline) lastBlob() string {
	revisions := t.versions[len(t.versions)-1].Revisions
	return revisions[len(revisions)-1].Blob
}

// carry fills in declared dates that a text does not state from the version
// before.
func (t *Timeline) carry(d Declared) Declared {
	if n := len(t.versions); n > 0 {
		before := t.versions[n-1].Declared
		if d.LastUpdated.IsZero() {
			d.LastUpdated, d.LastUpdatedInText = before.LastUpdated, before.LastUpdatedInText
		}
		if d.Effective.IsZero() {
			d.Effective, d.EffectiveInText = before.Effective, before.EffectiveInText
		}
	}
	return d
}

func (t *Timeline) start(kind Kind, fact RevisionFact, step Step, day Date, text *Text) {
	meta := text.Meta
	var old Meta
	if t.latest != nil {
		old = t.latest.Meta
	}
	own := text.declared()
	v := Version{
		ID: t.id(day), Kind: kind, Title: text.Title(t.opt.Name), Label: meta.Version,
		Change: meta.Change, Summary: meta.Summary,
		Recorded: fact.Recorded, Day: day, Declared: t.carry(own),
		TextSHA256: text.TextSHA256, WordingSHA256: text.WordingSHA256, SourceSHA256: text.SourceSHA256,
		Blob: fact.Blob, Path: fact.Path,
	}
	// These are said of one version; standing there unchanged they were said
	// of an earlier one.
	if v.Change == old.Change {
		v.Change = ""
	}
	if v.Summary == old.Summary {
		v.Summary = ""
	}
	v.Change = cmp.Or(v.Change, step.Trailers.Change)
	v.Summary = cmp.Or(v.Summary, step.Trailers.Summary)
	if text.Err != nil {
		v.Error = text.Err.Error()
	}
	t.problems = nil
	from := day
	retroactive := meta.Retroactive && !old.Retroactive
	switch e := own.Effective; {
	case e.IsZero():
	case e.After(day) || retroactive:
		from = e
	case e.Before(day) && (t.latest == nil || e != t.versions[len(t.versions)-1].Declared.Effective):
		t.problems = append(t.problems, &Problem{
			Path: fact.Path, Line: meta.Line("effective"), Warning: true,
			Message: fmt.Sprintf("effective: %s is before the day the version was recorded, %s, and does not count", e, day),
			Hint:    "add `retroactive: true` if it is meant to apply to the past",
		})
	}
	v.SameTextAs = t.sameText(v.TextSHA256)
	fact.Kind = kind
	if len(t.versions) == 0 {
		v.Revisions = t.before
	}
	v.Revisions = append(v.Revisions, fact)
	t.versions = append(t.versions, v)
	t.spans = append(t.spans, span{len(t.versions) - 1, from})
	t.latest, t.gap = text, false
}

// id is the recorded day; the next versions of a day, in chain order and
// whatever the clock said in between, are numbered.
func (t *Timeline) id(day Date) string {
	t.perDay[day]++
	if n := t.perDay[day]; n > 1 {
		return fmt.Sprintf("%s-%d", day, n)
	}
	return day.String()
}

// sameText finds the newest earlier version of equal text other than the one
// directly before.
func (t *Timeline) sameText(sum string) string {
	for i := len(t.versions) - 2; i >= 0; i-- {
		if sum != "" && t.versions[i].TextSHA256 == sum {
			return t.versions[i].ID
		}
	}
	return ""
}

// Latest is the version started last.
func (t *Timeline) Latest() *Version { return &t.versions[len(t.versions)-1] }

// Hidden reports whether the versions so far are all before the setting since.
// Unless one follows that is not, the latest is shown nevertheless.
func (t *Timeline) Hidden() bool { return t.cut < 0 }

// ComparedWith is the index of the version that a redline compares the latest
// with: for a change the change before it, else the version before it; -1 for
// the first.
func (t *Timeline) ComparedWith() int {
	i := len(t.versions) - 1
	if !t.versions[i].IsChange() {
		return i - 1
	}
	for i--; i > 0 && !t.versions[i].IsChange(); i-- {
	}
	return i
}

// Compare states what the redline of the latest version says.
func (t *Timeline) Compare(c *Comparison) {
	c.With = t.versions[t.ComparedWith()].ID
	t.versions[len(t.versions)-1].Comparison = c
}

// Problems are what the author should know of the latest version, at the path
// where its text stands now.
func (t *Timeline) Problems() Problems {
	for _, p := range t.problems {
		revisions := t.versions[len(t.versions)-1].Revisions
		p.Path = revisions[len(revisions)-1].Path
	}
	return t.problems
}

// Lifecycle is a policy's versions and what holds of them on one day.
type Lifecycle struct {
	Versions   []Version
	Cut        int // how many versions before the first of Versions are not shown
	Status     Status
	Current    int
	Gone       Date
	NextChange Date
}

// Finish works out the intervals in which the record shows each version as in
// force, and what holds on the day at. live: the policy is at the built
// commit.
//
// On day D the version in force is the last in chain order with from ≤ D,
// unless the last thing to count by then is a withdrawal. A span thus ends on
// the earliest day on which any later one counts.
func (t *Timeline) Finish(at Date, live bool) Lifecycle {
	l := Lifecycle{Current: -1, Status: StatusUpcoming}
	versions, cut := t.shown()
	var counting []span // those that ever count, in order of their days, the last one first
	for _, s := range slices.Backward(t.spans) {
		if n := len(counting); n == 0 || s.from.Before(counting[n-1].from) {
			counting = append(counting, s)
		}
		if s.version == cut {
			break // what is not shown does not count
		}
	}
	const nothing = -2
	last := nothing // to count by the day at
	for i, s := range counting {
		if s.version >= cut {
			interval := &Interval{From: s.from}
			if i > 0 {
				interval.Until = counting[i-1].from
			}
			t.versions[s.version].InForce = interval
		}
		switch {
		case !s.from.After(at):
			if last == nothing {
				last = s.version
			}
		case i+1 == len(counting) || counting[i+1].version != s.version:
			l.NextChange = s.from
		}
	}
	switch {
	case last >= 0:
		l.Status, l.Current = StatusInForce, last-cut
	case last != nothing || !live:
		l.Status = StatusWithdrawn
	}
	if !live {
		l.Gone = t.gone
	}
	l.Versions, l.Cut = versions, cut
	return l
}

// shown leaves out the versions before the setting `since`. The first that is
// left begins the record, so it says nothing of what was before; the latest is
// always left.
func (t *Timeline) shown() ([]Version, int) {
	cut := t.cut
	if cut < 0 {
		cut = len(t.versions) - 1
	}
	if cut == 0 {
		return t.versions, 0
	}
	ids := map[string]bool{}
	for _, v := range t.versions[:cut] {
		ids[v.ID] = true
	}
	versions := t.versions[cut:]
	for i := range versions {
		if ids[versions[i].SameTextAs] {
			versions[i].SameTextAs = ""
		}
	}
	first := &versions[0]
	for i := range first.Revisions {
		if first.Revisions[i].Kind == first.Kind {
			first.Revisions[i].Kind = Initial
		}
	}
	first.Kind = Initial
	for i := range versions {
		if c := versions[i].Comparison; i == 0 || c != nil && ids[c.With] {
			versions[i].Comparison = nil
		}
	}
	return versions, cut
}
