package record

import (
	"slices"
	"time"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
)

// DraftID is the id of a version that is not committed yet.
const DraftID = "next"

// hasDraft reports whether the work tree did something to a policy.
func (r *Reader) hasDraft(p *catalog.Policy) bool {
	n := len(p.History.Revisions)
	return r.cat.Draft && n > 0 && p.History.Revisions[n-1].Step == r.cat.Head()
}

// Draft adds to what git says of a policy what the work tree makes of it: its
// next version. git is nil for a policy that git does not have. Without a draft
// it returns git.
func (r *Reader) Draft(of *catalog.Policy, git *Resolved) (*Resolved, error) {
	if !r.hasDraft(of) {
		if git == nil {
			return nil, errNoVersion(of)
		}
		return git, nil
	}
	rev := of.History.Revisions[len(of.History.Revisions)-1]
	options := r.options(of, rev.Path)
	timeline := policy.NewTimeline(options)
	out := &Resolved{Policy: &policy.Policy{Place: of.Place, Status: policy.StatusUpcoming, Current: -1}}
	if git != nil {
		all := *git.Policy
		all.Versions = slices.Clone(all.Versions)
		out = &Resolved{Record: git.Record, Policy: &all, Assets: slices.Clip(git.Assets), Problems: git.Problems, Dates: git.Dates}
		last, err := r.read(all.Latest().Blob, true)
		if err != nil {
			return nil, err
		}
		timeline = policy.Continue(options, all.Versions, last.text)
	}
	p := out.Policy
	step := r.cat.Log.Steps[rev.Step]
	if rev.Blob == "" {
		out.Problems, out.Dates = nil, nil
		return out, r.deleted(p, policy.DateOf(step.Committed, options.Zone), rev.Path)
	}
	src, err := r.read(rev.Blob, true)
	if err != nil {
		return nil, err
	}
	meta := &src.text.Meta
	p.Title, p.Description, p.Weight, p.Layout = src.text.Title(options.Name), meta.Description, meta.Weight, meta.Layout
	if timeline.Add(rev, step, src.text, nil) < 0 {
		return out, nil
	}
	if with := timeline.ComparedWith(); with >= 0 {
		before, err := r.shown(&p.Versions[with])
		if err != nil {
			return nil, err
		}
		if found := r.compare(before, src, p.Lang); found != nil {
			comparison := found.Comparison
			timeline.Compare(&comparison)
		}
	}
	v := *timeline.Latest()
	v.ID, v.Draft, v.Recorded = DraftID, true, time.Time{}
	p.Versions = append(p.Versions, v)
	if src.text.Doc != nil {
		_, assets, err := r.addresses(src.text.Doc, catalog.Origin{Path: rev.Path, Step: rev.Step})
		if err != nil {
			return nil, err
		}
		out.Assets = append(out.Assets, assets...)
	}
	out.Problems, out.Dates = timeline.Problems(), timeline.DateNotes(r.cat.Built.At)
	if n := len(p.Versions) - 1; n > 0 && v.Undated(&p.Versions[n-1]) && !of.Silences(policy.RuleUndated) {
		out.Problems = append(out.Problems, policy.Finding(policy.RuleUndated, v.Path, 0, ""))
	}
	return out, nil
}

// deleted makes the deletion of a policy its next version.
func (r *Reader) deleted(p *policy.Policy, day policy.Date, path string) error {
	v := policy.Version{ID: DraftID, Draft: true, Kind: policy.Withdrawn, Day: day, Content: policy.Content{Title: p.Title, Path: path}}
	with := p.ChangeOf(len(p.Versions) - 1)
	before, err := r.shown(&p.Versions[with])
	if err != nil {
		return err
	}
	if found := r.compare(before, &source{text: nothing()}, p.Lang); found != nil {
		comparison := found.Comparison
		comparison.With = p.Versions[with].ID
		v.Comparison = &comparison
	}
	p.Versions = append(p.Versions, v)
	return nil
}
