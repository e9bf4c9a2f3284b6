package policy

import (
	"fmt"
	"slices"
)

// span is a version, or a withdrawal (version -1), and the day from which it
// counts.
type span struct {
	version int
	from    Date
	held    bool // until that day, by publishDate
}

func (t *Timeline) withdraw(day Date) {
	if len(t.versions) > 0 && !t.gap {
		t.spans = append(t.spans, span{version: -1, from: day})
	}
	t.gap = true
}

// counts is the day from which a version counts by what it states itself, and notes
// what readers may not expect of it.
func (t *Timeline) counts(v *Version, text *Text) Date {
	var before Date // the day that the version before states
	if t.latest != nil {
		before = t.versions[len(t.versions)-1].Declared.Effective
	}
	retroactive := text.Meta.Retroactive && (t.latest == nil || !t.latest.Meta.Retroactive)
	t.coming = nil
	t.problems, t.notes = text.datetimes(v.Path), text.dateNotes()
	from := v.Day
	switch e := v.Declared.Effective; {
	case e.After(v.Day) || retroactive && !e.IsZero():
		from = e
		if s := text.states(e); v.Declared.EffectiveInText && s != nil {
			t.coming = &DateNote{Kind: DateComing, Line: s.line, Words: s.text}
		}
	case before.After(v.Day):
		t.notes = append(t.notes, DateNote{Kind: DateGone, Words: before.String()})
	case !e.IsZero() && e.Before(v.Day) && !v.Recorded.IsZero() && e != before:
		line := text.Meta.Lines["effective"]
		if s := text.states(e); v.Declared.EffectiveInText && s != nil {
			line = s.line
		}
		t.problems = append(t.problems, &Problem{
			Path: v.Path, Line: line, Warning: true,
			Message: fmt.Sprintf("effective: %s is before the day the version was recorded, %s, and does not count", e, v.Day),
			Hint:    "add `retroactive: true` if it is meant to apply to the past",
		})
	}
	return from
}

// Lifecycle is a policy's versions and what holds of them on one day.
type Lifecycle struct {
	Versions   []Version
	Cut        int // how many versions before the first of Versions are not shown
	Status     Status
	Current    int
	Gone       Date
	Unread     bool
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
	if n := len(t.versions); !t.begun && n > 0 { // nothing came of the drafts
		t.versions[n-1].Revisions = append(t.versions[n-1].Revisions, t.before...)
		if !t.drafted.IsZero() {
			t.withdraw(t.drafted)
		}
	}
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
	case last != nothing || !live && !t.unread:
		l.Status = StatusWithdrawn
	}
	if !live {
		l.Gone, l.Unread = t.gone, t.unread
	}
	l.Versions, l.Cut = hideRepeats(versions), cut
	return l
}

// hideRepeats leaves out which texts are equal where one of them is withheld:
// the other would give it away.
func hideRepeats(versions []Version) []Version {
	withheld := map[string]bool{}
	for i := range versions {
		withheld[versions[i].ID] = len(versions[i].Redactions) > 0
	}
	for i := range versions {
		if v := &versions[i]; withheld[v.ID] || withheld[v.SameTextAs] {
			v.SameTextAs = ""
		}
	}
	return versions
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
