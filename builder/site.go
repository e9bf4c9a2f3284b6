package builder

import (
	"fmt"
	"strings"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
)

// addStatic copies the user's static files as they are.
func (in *input) addStatic(cat *catalog.Catalog, out *output) (found policy.Findings, err error) {
	wrong := func(p *policy.Problem) { found.Problems = append(found.Problems, p) }
	for _, f := range cat.Files(cat.Folders.Layouts) {
		if !f.Mode.IsFile() {
			wrong(&policy.Problem{Path: f.Path, Message: "is not a file, and not used", Hint: "put the file itself here", Warning: true})
		}
	}
	for name, f := range cat.Files(cat.Folders.Static) {
		switch {
		case f.Mode.IsFile() && pages.Appended(name):
			continue
		case !f.Mode.IsFile():
			wrong(&policy.Problem{Path: f.Path, Message: "is not a file, and not copied", Hint: "put the file itself here", Warning: true})
			continue
		case policy.BidiControl(name) != "":
			wrong(&policy.Problem{Path: f.Path, Message: "the name has " + policy.BidiControl(name) + ", which shows it other than it is", Hint: "rename it"})
			continue
		case out.has(name):
			wrong(&policy.Problem{Path: f.Path, Message: "would be at /" + name + ", where the site has a file of its own", Hint: "rename it"})
			continue
		}
		content, err := in.repo.Blob(f.Blob)
		if err != nil {
			return found, err
		}
		if markdown.LFSPointer(content) {
			wrong(&policy.Problem{Path: f.Path, Message: "is a Git LFS pointer, not the file itself", Hint: markdown.LFSHint})
			continue
		}
		if err := out.Add(name, content); err != nil {
			return found, err
		}
	}
	return found, nil
}

// result sums up a run.
func (in *input) result(cat *catalog.Catalog, theme *pages.Theme, policies []*record.Resolved, review *Review, found policy.Findings, out *output) (*Result, error) {
	r := &Result{
		Policies: len(policies), Warnings: found.Problems, Notes: found.Notes, Review: review,
		Followed: followed(cat), NextChange: cat.Built.NextChange, Shares: out.weight.shares(),
	}
	if in.opt.First && in.previous == nil {
		r.Notes = append(r.Notes, "nothing was published at "+in.opt.Previous+" yet, so that the record begins with this site")
	}
	for _, p := range policies {
		for _, version := range p.Record.Carried {
			if was := cat.Previous.Version(p.Policy.ID, version); was == nil || !was.Carried {
				r.Carried = append(r.Carried, p.Policy.ID+"@"+version)
			}
		}
	}
	var undated, leftOut []string
	for _, p := range of(policies) {
		r.Versions += len(p.Versions)
		r.NextChange = policy.Earlier(r.NextChange, p.NextChange)
		if d := p.Latest().Declared; p.Gone.IsZero() && d.LastUpdated.IsZero() && d.Effective.IsZero() {
			undated = append(undated, p.Path)
		}
	}
	if len(undated) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d of %d texts state no date, so their pages show the recorded date alone: %s", len(undated), len(policies), policy.ListWords(undated, 10)))
	}
	for _, p := range policies {
		leftOut = append(leftOut, p.Record.LeftOut...)
	}
	if len(leftOut) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("values in the front matter of older texts (%d) cannot be read, and are left out: %s", len(leftOut), policy.ListWords(leftOut, 3)))
	}
	r.Notes = append(r.Notes, dateNotes(policies)...)
	r.Notes = append(r.Notes, brandNotes(cat.Config.Brand)...)
	if out.to != (nowhere{}) {
		r.Notes = append(r.Notes, missing(cat, theme)...)
	}
	if in.repo.Bare() || in.opt.Rev != "" {
		return r, nil
	}
	output := in.outputFolder()
	var err error
	r.Uncommitted, err = in.repo.Uncommitted(in.commit, func(p string) bool {
		return cat.Concerns(p) && (output == "" || p != output && !strings.HasPrefix(p, output+"/"))
	})
	return r, err
}

// missing are notes on what the site does not have.
func missing(cat *catalog.Catalog, theme *pages.Theme) (notes []string) {
	if _, known := pages.Absolute(cat.Config.BaseURL, "/"); !known {
		notes = append(notes, "no baseURL says where the site is, so that it has no feeds and no sitemap.xml")
	}
	if !theme.CanCompare() {
		notes = append(notes, "this program was built without the comparison for browsers, so that the pages compare/ list the redlines there are and compare nothing: released programs have it")
	}
	return notes
}

// brandNotes say where the accent could not be read.
func brandNotes(b policy.Brand) (notes []string) {
	if b.Accent == "" {
		return nil
	}
	light, dark := b.Accents()
	for _, c := range []struct{ ground, colour string }{{"light", light}, {"dark", dark}} {
		if c.colour != b.Accent {
			notes = append(notes, fmt.Sprintf("the accent %s has a contrast below 4.5:1 on the %s ground, where %s takes its place", b.Accent, c.ground, c.colour))
		}
	}
	return notes
}

// dateNotes say what to know of the dates that texts state: one note of a kind,
// with the places and the words of up to ten texts.
func dateNotes(policies []*record.Resolved) (notes []string) {
	for kind := policy.DateComing; kind <= policy.DateOfSome; kind++ {
		var places []string
		for _, p := range policies {
			for _, n := range p.Dates {
				if n.Kind == kind {
					places = append(places, n.Place())
				}
			}
		}
		if more := len(places) - 10; more > 0 {
			places = append(places[:10], fmt.Sprintf("and %d more", more))
		}
		if len(places) > 0 {
			notes = append(notes, kind.String()+": "+strings.Join(places, ", "))
		}
	}
	return notes
}
