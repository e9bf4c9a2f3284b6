package builder

import (
	"context"
	"slices"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
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
}

// about is what a text says of the policy rather than of one version.
type about struct {
	Description string
	Weight      int
	Layout      string
}

// recorded is a version as far as a record needs it beside policy.Version.
type recorded struct {
	Revision int      // index of the revision that started it
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

// timelineOptions are the settings for a policy that was last at a path.
func (s *survey) timelineOptions(sub *subject, path string) policy.TimelineOptions {
	return policy.TimelineOptions{
		Zone:        s.config.Timezone,
		AuthorDates: s.config.AuthorDates,
		Subjects:    s.config.CommitSubjects,
		Name:        fileTitle(path),
		Since:       sub.since,
	}
}

// record reads the revisions of a policy that are in git, oldest first. It
// hands each version that is shown to keep.
func (w *worker) record(ctx context.Context, sub *subject, keep func(*source, *policy.Timeline) error) (*record, error) {
	w.versions, w.recent = w.versions[:0], w.recent[:0]
	w.latest, w.change = standing{}, standing{}
	s := w.survey
	revisions := s.recorded(sub)
	last := revisions[len(revisions)-1]
	options := s.timelineOptions(sub, last.Path)
	timeline := policy.NewTimeline(options)
	r := &record{Day: s.at}
	var hidden func() error // keeps the latest version that is not shown so far
	for i, rev := range revisions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step := s.log.Steps[rev.Step]
		if rev.Blob == "" {
			timeline.Add(rev, step, nil)
			continue
		}
		src, err := w.read(rev.Blob)
		if err != nil {
			return nil, err
		}
		meta := &src.text.Meta
		r.Title, r.About = src.text.Title(options.Name), about{meta.Description, meta.Weight, meta.Layout}
		if former := s.layout.FormerURL(rev.Path, meta); former != "" && !meta.Draft && !slices.Contains(r.Former, former) {
			r.Former = append(r.Former, former)
		}
		if timeline.Add(rev, step, src.text) < 0 {
			continue
		}
		w.versions = append(w.versions, kept{step: rev.Step, path: rev.Path})
		r.Versions = append(r.Versions, recorded{Revision: i})
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
			w.stand(src.text, timeline)
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
	live := last.Blob != ""
	r.Life = timeline.Finish(s.at, live)
	if !live {
		r.Title = r.Life.Versions[len(r.Life.Versions)-1].Title
	}
	r.Problems = timeline.Problems()
	for _, problem := range r.Problems {
		problem.Path = last.Path // it may have moved since
	}
	return r, nil
}

// stand notes that the next versions may be compared with this one.
func (w *worker) stand(text *policy.Text, timeline *policy.Timeline) {
	w.latest = standing{len(w.versions) - 1, text}
	if timeline.Latest().IsChange() {
		w.change = w.latest
	}
}

// before is the text with which the latest version is compared; nil when there
// is none or it cannot be rendered.
func (w *worker) before(timeline *policy.Timeline) *policy.Text {
	before := w.latest
	if timeline.Latest().IsChange() {
		before = w.change
	}
	if before.text == nil || before.text.Doc == nil || before.version != timeline.ComparedWith() {
		return nil
	}
	return before.text
}

// count compares the latest version with what stood before, for its facts
// alone.
func (w *worker) count(src *source, timeline *policy.Timeline) error {
	if before := w.before(timeline); before != nil && src.text.Doc != nil {
		comparison := redline.Compare(side(before), side(src.text)).Comparison
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
