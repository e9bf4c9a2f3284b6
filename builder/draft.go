package builder

import (
	"slices"
	"time"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// A survey may end with a step that is not committed: the work tree. What that
// step did to a policy is its draft.

// ghost is a policy that the work tree no longer has, or makes a draft of, while
// git has it still; nil for any other.
func (s *survey) ghost(h policy.History) (*subject, error) {
	n := len(h.Revisions) - 1
	if !s.draft || n < 1 || h.Revisions[n].Step != s.head() || h.Revisions[n-1].Blob == "" {
		return nil, nil
	}
	if h.Live {
		if p := s.present[h.Path]; p != nil && !p.meta.Draft {
			return nil, nil
		}
	}
	source, err := s.repo.Blob(h.Revisions[n-1].Blob)
	if err != nil {
		return nil, err
	}
	meta, _, _, _ := policy.ParseSource(source)
	if meta.Draft {
		return nil, nil
	}
	h.Revisions = append(slices.Clone(h.Revisions[:n]), policy.Revision{Step: s.head(), Path: h.Revisions[n-1].Path})
	h.Path, h.Live = h.Revisions[n-1].Path, false
	return &subject{history: h, meta: meta}, nil
}

// dropGhosts leaves out the ghosts whose place another policy has taken. places
// are those of the present texts.
func (s *survey) dropGhosts(places []policy.Place) {
	s.subjects = slices.DeleteFunc(s.subjects, func(sub *subject) bool {
		if !s.draft || sub.history.Live || sub.history.Revisions[len(sub.history.Revisions)-1].Step != s.head() {
			return false
		}
		place, problems := s.layout.Place(sub.history.Path, &sub.meta)
		return len(problems) > 0 || slices.ContainsFunc(places, func(p policy.Place) bool { return p.ID == place.ID || p.URL == place.URL })
	})
}

// draftID is the id of a version that is in no commit.
const draftID = "next"

// draft adds what the work tree makes of a policy to what git says of it. r is
// nil for a policy that git does not have. Without a draft it returns what git
// says.
func (w *worker) draft(sub *subject, r *record) (*policy.Policy, policy.Problems, error) {
	s := w.survey
	n := len(sub.history.Revisions) - 1
	rev := sub.history.Revisions[n]
	p := &policy.Policy{Place: sub.place, Status: policy.StatusUpcoming, Current: -1}
	if r != nil {
		p = r.policy(sub.place)
	}
	if !s.draft || rev.Step != s.head() {
		return p, nil, nil
	}
	options := s.timelineOptions(sub, rev.Path)
	timeline := policy.NewTimeline(options)
	if r != nil {
		last, err := w.read(p.Latest().Blob)
		if err != nil {
			return nil, nil, err
		}
		timeline = policy.Continue(options, p.Versions, last.text)
	}
	step := s.log.Steps[rev.Step]
	if rev.Blob == "" {
		return p, nil, w.deleted(p, policy.DateOf(step.Committed, options.Zone), rev.Path)
	}
	src, err := w.read(rev.Blob)
	if err != nil {
		return nil, nil, err
	}
	meta := &src.text.Meta
	p.Title, p.Description, p.Weight, p.Layout = src.text.Title(options.Name), meta.Description, meta.Weight, meta.Layout
	if timeline.Add(rev, step, src.text, nil) < 0 {
		return p, nil, nil
	}
	if with := timeline.ComparedWith(); with >= 0 {
		before, err := w.shown(&p.Versions[with])
		if err != nil {
			return nil, nil, err
		}
		if before.text.Doc != nil && src.text.Doc != nil {
			comparison := redline.Compare(side(before.text), side(src.text)).Comparison
			timeline.Compare(&comparison)
		}
	}
	v := *timeline.Latest()
	v.ID, v.Draft, v.Recorded = draftID, true, time.Time{}
	p.Versions = append(p.Versions, v)
	return p, append(timeline.Problems(), s.undated(p)...), nil
}

// deleted makes the deletion of a policy its next version.
func (w *worker) deleted(p *policy.Policy, day policy.Date, path string) error {
	v := policy.Version{ID: draftID, Draft: true, Kind: policy.Withdrawn, Title: p.Title, Day: day, Path: path}
	with := p.ChangeOf(len(p.Versions) - 1)
	before, err := w.shown(&p.Versions[with])
	if err != nil {
		return err
	}
	if before.text.Doc != nil {
		comparison := redline.Compare(side(before.text), side(nothing())).Comparison
		comparison.With = p.Versions[with].ID
		v.Comparison = &comparison
	}
	p.Versions = append(p.Versions, v)
	return nil
}

// nothing is the text of a policy that was deleted.
func nothing() *policy.Text { return &policy.Text{Doc: &policy.Document{}} }

// undated warns of a draft, the latest version, that says something else while
// every date it declares is that of the version before.
func (s *survey) undated(p *policy.Policy) policy.Problems {
	n := len(p.Versions) - 1
	if n == 0 {
		return nil
	}
	v, before := &p.Versions[n], &p.Versions[n-1]
	if v.Kind != policy.Wording || v.Declared != before.Declared || v.Declared == (policy.Declared{}) {
		return nil
	}
	return policy.Problems{{
		Path: v.Path, Warning: true,
		Message: "the wording differs from the version before, and every declared date is as it was",
		Hint:    "set `last-updated`, or the date in the text, to the day of this version",
	}}
}
