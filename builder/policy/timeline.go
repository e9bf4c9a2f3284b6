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
	begun    bool           // a revision has started a version
	before   []RevisionFact // drafts before that
	drafted  Date           // the first of these that followed a text which is older than git
	latest   *Text          // of the latest version
	gap      bool           // withdrawn or a draft since the latest version
	gone     Date           // recorded day of the withdrawal the policy ends with
	unread   bool           // it ends in a format that is not read, and not with a withdrawal
	ids      VersionIDs     // that a version has, or had on an earlier site
	problems Problems       // of the latest version alone: the past can no longer be mended
	notes    []DateNote     // likewise
	coming   *DateNote      // likewise: what the text says of the day that it counts from
	cut      int            // index of the first version that is shown; -1 while none is
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
	// Statements are what is said later of a version, by its id; nil says
	// nothing.
	Statements func(id string) []Statement
	// Redactions are those of a version, by its id; nil has none.
	Redactions func(id string) []Redaction
	// Taken are ids that a version had on an earlier site. None is given again.
	Taken []string
}

// NewTimeline starts a policy without any revision.
func NewTimeline(opt TimelineOptions) *Timeline {
	t := &Timeline{opt: opt, cut: -1}
	for _, id := range opt.Taken {
		t.ids.Take(id)
	}
	return t
}

// Continue starts where another Timeline ended: versions are what it told, at
// least one, and latest is the text of the last of them.
func Continue(opt TimelineOptions, versions []Version, latest *Text) *Timeline {
	t := NewTimeline(opt)
	t.versions, t.latest, t.cut, t.begun = slices.Clone(versions), latest, 0, true
	last := &t.versions[len(versions)-1]
	last.Revisions = slices.Clone(last.Revisions)
	if n := len(last.Revisions); n > 0 && (last.Revisions[n-1].Kind == Draft || last.Revisions[n-1].Kind == Withdrawn) {
		t.gap = true
	}
	for _, v := range versions {
		t.ids.Take(v.ID)
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
// index of the version that the revision started, or -1. as is the version that
// it started on an earlier site, or nil: what was published keeps its id and its
// dates, whatever history says by now.
func (t *Timeline) Add(rev Revision, step Step, text *Text, as *Version) int {
	recorded := t.opt.Recorded(step)
	day := DateOf(recorded, t.opt.Zone)
	fact := RevisionFact{Commit: step.Commit, Blob: rev.Blob, Path: rev.Path, FromPath: rev.FromPath, Recorded: recorded}
	if t.opt.Subjects {
		fact.Subject = step.Subject
	}
	t.gone, t.unread = Date{}, false
	switch {
	case text == nil && rev.Unread:
		// The text lives on, so that its version stays in force.
		fact.Kind = Unread
		t.gone, t.unread = day, true
	case text == nil:
		fact.Kind = Withdrawn
		t.gone = day
		t.withdraw(day)
	case text.Meta.Draft:
		fact.Kind = Draft
		t.gone = day
		switch {
		case t.begun:
			t.withdraw(day)
		case len(t.versions) > 0 && t.drafted.IsZero(): // what is prepared in git takes back nothing older
			t.drafted = day
		}
	default:
		kind := t.kind(rev, text)
		if as != nil && (kind == Source || kind == Move) {
			kind = as.Kind
		}
		if fact.Kind = kind; kind == Source || kind == Move {
			t.versions[len(t.versions)-1].TranslationOf = text.Meta.Translates
			break
		}
		v := Version{
			Kind:     kind,
			Recorded: recorded,
			Day:      day,
			Stated:   t.stated(text),
			Content:  Content{Blob: rev.Blob, Path: rev.Path},
		}
		if as != nil {
			v.ID, v.Recorded, v.Day, v.Published, v.PublishedOn = as.ID, as.Recorded, as.Day, as.Published, as.PublishedOn
			v.Redactions = as.Redactions
		}
		said := step.TrailersOf(rev.Path, rev.FromPath)
		v.Change = cmp.Or(v.Change, said.Change)
		v.Summary = cmp.Or(v.Summary, said.Summary)
		v.Revisions = append(t.before, fact)
		t.before, t.begun = nil, true
		return t.start(v, rev.Step, text)
	}
	t.note(fact)
	return -1
}

// stated is what a text says of the version that it starts.
func (t *Timeline) stated(text *Text) Stated {
	s := Stated{Label: text.Meta.Version, Change: text.Meta.Change, Summary: text.Meta.Summary, TranslationOf: text.Meta.Translates, Params: text.Meta.Params}
	// These are said of one version; standing there unchanged they were said of
	// an earlier one.
	if t.latest != nil && s.Change == t.latest.Meta.Change {
		s.Change = ""
	}
	if t.latest != nil && s.Summary == t.latest.Meta.Summary {
		s.Summary = ""
	}
	return s
}

// Insert takes a version that no revision starts: a text that is older than git,
// or one that git no longer has. What v says of its id, dates and revisions is
// kept, and its kind where the text is not known; the rest is worked out, as is
// what the text states and v does not. It returns the index of the version.
func (t *Timeline) Insert(v Version, text *Text) int {
	t.gone, t.unread = Date{}, false
	if !v.Carried {
		said := t.stated(text)
		v.Label, v.Change, v.Summary = cmp.Or(v.Label, said.Label), cmp.Or(v.Change, said.Change), cmp.Or(v.Summary, said.Summary)
		v.TranslationOf = said.TranslationOf
	}
	if kind := t.kind(Revision{Blob: v.Blob}, text); text.Doc != nil || v.Kind == "" {
		switch {
		case kind != Source && kind != Move:
			v.Kind = kind
		case v.Kind == "":
			v.Kind = Formatting // it shows nothing new, and has a page nevertheless
		}
	}
	if v.Carried {
		v.Revisions = append(t.before, v.Revisions...)
		t.before, t.begun = nil, true
	}
	n := t.start(v, -1, text)
	for _, fact := range v.Revisions {
		switch fact.Kind {
		case Withdrawn:
			t.gone = DateOf(fact.Recorded, t.opt.Zone)
			t.withdraw(t.gone)
		case Unread:
			t.gone, t.unread = DateOf(fact.Recorded, t.opt.Zone), true
		case Draft:
			t.withdraw(DateOf(fact.Recorded, t.opt.Zone))
		}
	}
	return n
}

// Leave ends a policy on a day, without a revision that says so.
func (t *Timeline) Leave(day Date) {
	t.gone, t.unread = day, false
	t.withdraw(day)
}

// note adds a revision that starts no version. A version that is carried from an earlier
// site may have it already.
func (t *Timeline) note(fact RevisionFact) {
	if n := len(t.versions); n > 0 && (t.begun || fact.Kind != Draft) {
		v := &t.versions[n-1]
		known := func(f RevisionFact) bool { return f.Commit == fact.Commit && f.Path == fact.Path }
		if !v.Carried || !slices.ContainsFunc(v.Revisions, known) {
			v.Revisions = append(v.Revisions, fact)
		}
	} else {
		t.before = append(t.before, fact)
	}
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
	switch {
	case !sameDates(old, text):
		return Dates
	case !sameTargets(old.Doc, text.Doc):
		return Links
	case text.TextSHA256 != old.TextSHA256 || !sameMarkup(old.Doc, text.Doc):
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
	v := &t.versions[len(t.versions)-1]
	if n := len(v.Revisions); n > 0 {
		return v.Revisions[n-1].Blob
	}
	return v.Blob
}

// start begins a version whose kind, dates and revisions are known.
func (t *Timeline) start(v Version, step int, text *Text) int {
	v.Declared = text.Declared(v.Day)
	if v.ID == "" {
		v.ID = t.ids.Next(v.Day)
	}
	t.ids.Take(v.ID)
	v.Title = text.Title(t.opt.Name)
	v.TextSHA256, v.WordingSHA256, v.SourceSHA256 = text.TextSHA256, text.WordingSHA256, text.SourceSHA256
	v.SameTextAs = t.sameText(v.TextSHA256)
	if text.Err != nil {
		v.Error = text.Err.Error()
	}
	if t.opt.Statements != nil {
		v.Statements = append(v.Statements, t.opt.Statements(v.ID)...)
	}
	v.Redactions = t.redactions(&v)
	// A version that was replaced while it was held back never counts.
	for n := len(t.spans) - 1; n >= 0 && t.spans[n].held && t.spans[n].from.After(v.Day); n-- {
		t.spans = t.spans[:n]
	}
	from := t.counts(&v, text)
	held := text.Meta.PublishDate.After(from)
	if held {
		from = text.Meta.PublishDate
	}
	for _, s := range v.Statements {
		if !s.Published.IsZero() {
			v.Published, v.PublishedOn = s.Published, true
		}
		if !s.Effective.IsZero() {
			from, held = s.Effective, false
		}
	}
	if from != v.Declared.Effective {
		t.coming = nil
	}

	t.versions = append(t.versions, v)
	n := len(t.versions) - 1
	t.spans = append(t.spans, span{n, from, held})
	t.latest, t.gap = text, false
	if t.cut < 0 && (t.opt.Since == nil || t.opt.Since(step, v.Day)) {
		t.cut = n
	}
	return n
}

// redactions are those of a version: what is said of it now, and what the earlier site
// withheld of one whose text is taken from there.
func (t *Timeline) redactions(v *Version) []Redaction {
	var said []Redaction
	if t.opt.Redactions != nil {
		said = t.opt.Redactions(v.ID)
	}
	for i := range min(len(said), len(v.Redactions)) {
		said[i].Salted = v.Redactions[i].Salted
	}
	for i := range said {
		// The rest of a carried version would go with its source anyway, at the next build.
		said[i].Whole = said[i].Whole || v.Carried
	}
	if len(said) == 0 && v.Carried {
		return v.Redactions
	}
	return said // a redaction can be taken back as long as the words are there
}

// VersionIDs are the ids of versions that are taken. The zero VersionIDs has none.
type VersionIDs struct {
	taken map[string]bool
	next  map[Date]int // no smaller number of that day is free
}

// Take takes an id.
func (ids *VersionIDs) Take(id string) {
	if ids.taken == nil {
		ids.taken, ids.next = map[string]bool{}, map[Date]int{}
	}
	ids.taken[id] = true
}

// Next is the id of the next version of a day: those after the first, in chain
// order and whatever the clock said in between, are numbered.
func (ids *VersionIDs) Next(day Date) string {
	id := day.String()
	if !ids.taken[id] {
		return id
	}
	for n := max(2, ids.next[day]); ; n++ {
		if numbered := fmt.Sprintf("%s-%d", id, n); !ids.taken[numbered] {
			ids.next[day] = n
			return numbered
		}
	}
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

// Latest is the version started last; nil before the first.
func (t *Timeline) Latest() *Version {
	if len(t.versions) == 0 {
		return nil
	}
	return &t.versions[len(t.versions)-1]
}

// From is the day from which the latest version counts.
func (t *Timeline) From() Date { return t.spans[len(t.spans)-1].from }

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
	v := &t.versions[len(t.versions)-1]
	for _, p := range t.problems {
		if n := len(v.Revisions); n > 0 {
			p.Path = v.Revisions[n-1].Path
		}
	}
	return t.problems
}

// DateNotes are what to know on a day of the dates that the latest version states
// in its text, at the path where it stands now.
func (t *Timeline) DateNotes(at Date) []DateNote {
	notes := slices.Clone(t.notes)
	if t.coming != nil && t.spans[len(t.spans)-1].from.After(at) {
		notes = append([]DateNote{*t.coming}, notes...)
	}
	v := &t.versions[len(t.versions)-1]
	for i := range notes {
		notes[i].Path = v.Path
		if n := len(v.Revisions); n > 0 {
			notes[i].Path = v.Revisions[n-1].Path
		}
		if len(v.Redactions) > 0 {
			notes[i].Words = ""
		}
	}
	return notes
}
