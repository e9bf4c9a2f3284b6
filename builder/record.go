package builder

import (
	"context"
	"fmt"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// record is what the revisions of a policy say by themselves and by the
// settings about dates and languages. It depends on no other policy and on no
// page.
type record struct {
	Life     policy.Lifecycle
	Day      policy.Date // for which Life holds, and until Life.NextChange
	Title    string      // of the policy, as its latest text says
	About    about
	Former   []string   // URLs that the policy's paths and texts gave it, oldest first
	Versions []recorded // all of them, those that are not shown too
	Problems policy.Problems
	Changed  policy.Problems // what was published and would say something else
	Moved    policy.Problems // what was published and would stand elsewhere
	Carried  []string        // ids of the versions that git no longer gives
}

// about is what a text says of the policy rather than of one version.
type about struct {
	Description string
	Weight      int
	Layout      string
}

// recorded is a version as far as a record needs it beside policy.Version.
type recorded struct {
	Revision int      // index of the revision that started it; -1 when none did
	Path     string   // of its text
	Links    []string // targets, as written; of a version that is not shown none
}

// recorded are the revisions of a policy that are in git.
func (s *survey) recorded(sub *subject) []policy.Revision {
	revisions := sub.history.Revisions
	if n := len(revisions); n > 0 && revisions[n-1].Step > s.recordedHead() {
		revisions = revisions[:n-1]
	}
	return revisions
}

// keptOf is where the text of a version stands.
func (s *survey) keptOf(revisions []policy.Revision, v recorded) kept {
	if v.Revision < 0 {
		return kept{step: s.head(), path: v.Path, elsewhere: true}
	}
	return kept{step: revisions[v.Revision].Step, path: v.Path}
}

// timelineOptions are the settings for a policy that was last at a path.
func (s *survey) timelineOptions(sub *subject, path string) policy.TimelineOptions {
	return policy.TimelineOptions{
		Zone:        s.config.Timezone,
		AuthorDates: s.config.AuthorDates,
		Subjects:    s.config.CommitSubjects,
		Name:        fileTitle(path),
		Since:       sub.since,
		Said:        s.said(sub.place.ID),
		Withheld:    s.withheldOf(sub.place.ID),
		Taken:       takenIDs(sub.published),
	}
}

// record reads what is known of a policy, oldest first: the revisions that are
// in git, the texts that are older, and what the previous site holds. It hands
// each version that is shown to keep.
func (w *worker) record(ctx context.Context, sub *subject, keep func(*source, *policy.Timeline) error) (*record, error) {
	w.versions, w.recent = w.versions[:0], w.recent[:0]
	w.latest, w.change, w.changes = standing{}, standing{}, nil
	s := w.survey
	revisions := s.recorded(sub)
	events, err := w.events(ctx, sub, revisions)
	if err != nil {
		return nil, err
	}
	path := sub.history.Path
	if n := len(revisions); n > 0 {
		path = revisions[n-1].Path
	}
	options := s.timelineOptions(sub, path)
	timeline := policy.NewTimeline(options)
	r := &record{Day: s.at}
	redactions := redacted{file: s.inSource(policy.RedactionsFile)}
	var hidden func() error // keeps the latest version that is not shown so far
	for _, e := range events {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		src, k, started, err := w.next(timeline, r, revisions, e)
		if err != nil {
			return nil, err
		}
		if src == nil {
			continue
		}
		whole := src.text
		if v := timeline.Latest(); v != nil && len(v.Redactions) > 0 {
			src = w.withhold(src, v)
			v.Title = src.text.Title(options.Name)
			if v.Withheld() {
				v.Summary, v.Attachments, k.published = "", nil, nil
			}
		}
		if meta := &src.text.Meta; e.revision >= 0 || len(revisions) == 0 {
			r.Title, r.About = src.text.Title(options.Name), about{meta.Description, meta.Weight, meta.Layout}
		}
		if !started {
			continue
		}
		if len(s.later.redactions) > 0 {
			redactions.see(timeline.Latest(), whole, src.text)
		}
		w.versions = append(w.versions, k)
		r.Versions = append(r.Versions, recorded{Revision: e.revision, Path: k.path})
		n := len(r.Versions) - 1
		show := func() error {
			if doc := src.text.Doc; doc != nil {
				for _, l := range doc.Links {
					r.Versions[n].Links = append(r.Versions[n].Links, l.Target)
				}
			}
			if err := keep(src, timeline); err != nil {
				return err
			}
			w.stand(src, timeline)
			return nil
		}
		if hidden = show; timeline.Hidden() {
			continue // nothing of it may reach the site, its attachments neither
		}
		if err := show(); err != nil {
			return nil, err
		}
	}
	if len(w.versions) == 0 {
		return r, nil
	}
	if timeline.Hidden() {
		if err := hidden(); err != nil {
			return nil, err
		}
	}
	live := len(revisions) > 0 && revisions[len(revisions)-1].Blob != "" && !sub.drafted
	if sub.published != nil && len(revisions) == 0 {
		timeline.Leave(s.previous.left(sub.published))
	}
	r.Life = timeline.Finish(s.at, live)
	if !live {
		r.Title = r.Life.Versions[len(r.Life.Versions)-1].Title
		r.Problems = redactions.problems
		return r, nil
	}
	r.Problems = timeline.Problems()
	for _, problem := range r.Problems {
		problem.Path = path // it may have moved since
	}
	r.Problems = append(r.Problems, redactions.problems...)
	if last := events[len(events)-1].version; last != nil && events[len(events)-1].revision < 0 && len(last.Statements) > 0 && !last.Carried {
		r.Problems = append(r.Problems, &policy.Problem{
			Path:    s.inSource(policy.StatementsFile),
			Message: fmt.Sprintf("%s is of %s and would stand after every version that is recorded", last.Path, last.Day),
			Hint:    fmt.Sprintf("history.yaml takes texts that are older; commit this one as %s instead", path),
		})
	}
	return r, nil
}

// next adds an event to a timeline. It returns the text, nil for a deletion,
// and whether it started a version.
func (w *worker) next(timeline *policy.Timeline, r *record, revisions []policy.Revision, e event) (src *source, k kept, started bool, err error) {
	s := w.survey
	if e.revision < 0 {
		v := *e.version
		k = s.keptOf(revisions, recorded{Revision: -1, Path: v.Path})
		k.published = v.Attachments
		if n := len(w.versions); v.Carried && n > 0 {
			k.step = w.versions[n-1].step
		}
		if src, err = w.text(&v); err != nil {
			return nil, k, false, err
		}
		timeline.Insert(v, src.text)
		if v.Carried {
			r.Carried = append(r.Carried, v.ID)
			r.contradict(e.version, timeline.Latest())
		}
		return src, k, true, nil
	}
	rev := revisions[e.revision]
	step := s.log.Steps[rev.Step]
	if rev.Blob == "" {
		timeline.Add(rev, step, nil, nil)
		return nil, k, false, nil
	}
	if src, err = w.read(rev.Blob); err != nil {
		return nil, k, false, err
	}
	meta := &src.text.Meta
	if former := s.layout.FormerURL(rev.Path, meta); former != "" && !meta.Draft && !slices.Contains(r.Former, former) {
		r.Former = append(r.Former, former)
	}
	started = timeline.Add(rev, step, src.text, e.version) >= 0
	if started && e.version != nil {
		r.contradict(e.version, timeline.Latest())
		r.moved(s, e.version, step)
	}
	return src, kept{step: rev.Step, path: rev.Path}, started, nil
}

// contradict notes a published version that would say other words.
func (r *record) contradict(was, is *policy.Version) {
	if was.WordingSHA256 != "" && was.WordingSHA256 != is.WordingSHA256 && len(is.Redactions) == 0 {
		r.Changed = append(r.Changed, &policy.Problem{
			Path:    is.Path,
			Message: fmt.Sprintf("the version %s was published with other words: want wording %.12s, have %.12s", is.ID, was.WordingSHA256, is.WordingSHA256),
			Hint:    "another setting of `html`, or another version of the program, reads the same source differently; build with those of the previous site",
		})
	}
}

// moved notes a published version that the settings about dates would give
// another id: git says the same of its commit, and its day is another.
func (r *record) moved(s *survey, was *policy.Version, step policy.Step) {
	options := policy.TimelineOptions{AuthorDates: s.config.AuthorDates}
	for _, fact := range was.Revisions {
		if fact.Commit != step.Commit {
			continue
		}
		before := policy.DateOf(fact.Recorded, s.previous.zone)
		if now := policy.DateOf(options.Recorded(step), s.config.Timezone); before != now {
			r.Moved = append(r.Moved, &policy.Problem{
				Path:    s.inSource(policy.ConfigFile),
				Message: fmt.Sprintf("the version %s of %s would be that of %s", was.ID, was.Path, now),
				Hint:    fmt.Sprintf("set `timezone` (it was %s) and `dates` as they were for the previous site", s.previous.manifest.Timezone),
			})
		}
	}
}

// stand notes that the next versions may be compared with this one.
func (w *worker) stand(src *source, timeline *policy.Timeline) {
	w.latest = standing{len(w.versions) - 1, src}
	if timeline.Latest().IsChange() {
		w.change = w.latest
		w.keepChange(src)
	}
}

// before is the text with which the latest version is compared; nil when there
// is none or it cannot be rendered.
func (w *worker) before(timeline *policy.Timeline) *source {
	before := w.latest
	if timeline.Latest().IsChange() {
		before = w.change
	}
	if before.source == nil || before.source.text.Doc == nil || before.version != timeline.ComparedWith() {
		return nil
	}
	return before.source
}

// count compares the latest version with what stood before, for its facts
// alone.
func (w *worker) count(src *source, timeline *policy.Timeline) error {
	if before := w.before(timeline); before != nil && src.text.Doc != nil {
		comparison := w.comparer.Compare(before.without(src.withheld).side(), src.without(before.withheld).side()).Comparison
		timeline.Compare(&comparison)
	}
	return nil
}

// policy is what a record says of a policy at a place of the site. The
// versions are the policy's own, the rest of them is shared.
func (r *record) policy(place policy.Place) *policy.Policy {
	for _, former := range r.Former {
		if former != place.URL && !slices.Contains(place.Former, former) {
			place.Former = append(slices.Clip(place.Former), former)
		}
	}
	return &policy.Policy{
		Place: place, Title: r.Title,
		Description: r.About.Description, Weight: r.About.Weight, Layout: r.About.Layout,
		Status: r.Life.Status, Versions: slices.Clone(r.Life.Versions), Current: r.Life.Current, Gone: r.Life.Gone, NextChange: r.Life.NextChange,
	}
}
