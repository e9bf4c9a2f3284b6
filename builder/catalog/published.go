package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// meetPrevious finds what each policy of the previous site is now: by its id,
// else by a commit that both have. One that git knows nothing of is kept as it
// was published; the places of those are returned.
func (r *reader) meetPrevious() ([]policy.Place, error) {
	if r.src.Previous == nil {
		return nil, nil
	}
	byID := map[string]*Policy{}
	for _, p := range r.cat.Policies {
		byID[p.Place.ID] = p
	}
	var unmet []*pages.ManifestPolicy
	for i := range r.src.Previous.Manifest.Policies {
		q := &r.src.Previous.Manifest.Policies[i]
		if p := byID[q.ID]; p != nil {
			p.Published = q
		} else {
			unmet = append(unmet, q)
		}
	}
	var places []policy.Place
	var moved policy.Problems
	for _, q := range unmet {
		p := r.successor(q)
		switch {
		case p == nil:
			p = r.lost(q)
			r.cat.Policies = append(r.cat.Policies, p)
			places = append(places, p.Place)
		case p.History.Path == q.Path && p.Meta.ID == "" && !r.src.Previous.statesID(q):
			moved = append(moved, &policy.Problem{
				Path:    q.Path,
				Message: fmt.Sprintf("the id would be %q, and was %q when it was published", p.Place.ID, q.ID),
				Hint:    fmt.Sprintf("set `languages` and `content` in %s as they were, or add `id: %s` to the front matter", policy.ConfigFile, q.ID),
			})
		default:
			p.Published = q
		}
	}
	if len(moved) > 0 {
		return nil, &policy.Failure{Reason: policy.ErrUsage, Message: "the configuration would give published policies another id", Cause: moved}
	}
	r.keepFormer()
	return places, nil
}

// successor is the policy that a published one became; nil when there is none.
func (r *reader) successor(q *pages.ManifestPolicy) *Policy {
	commits := map[string]bool{}
	for _, v := range q.Versions {
		for _, rev := range v.Revisions {
			commits[rev.Commit+" "+rev.Path] = true
		}
	}
	for _, p := range r.cat.Policies {
		if p.Published != nil {
			continue
		}
		if p.History.Live && p.History.Path == q.Path {
			return p
		}
		for _, rev := range p.History.Revisions {
			if commits[r.cat.Log.Steps[rev.Step].Commit+" "+rev.Path] {
				return p
			}
		}
	}
	return nil
}

// lost is a policy that the previous site has and git does not.
func (r *reader) lost(q *pages.ManifestPolicy) *Policy {
	base := q.ID
	if q.Lang != r.cat.Config.Language {
		base = strings.TrimPrefix(q.ID, strings.ToLower(q.Lang)+"/")
	}
	return &Policy{
		History:   policy.History{Path: q.Path},
		Place:     policy.Place{ID: q.ID, Path: q.Path, URL: "/" + SitePath(q.URL) + "/", Lang: q.Lang, Base: base},
		Published: q,
	}
}

// keepFormer adds the addresses that redirect to a policy on the previous site
// to those that do on this one.
func (r *reader) keepFormer() {
	for _, p := range r.cat.Policies {
		if p.Published == nil {
			continue
		}
		for _, u := range append([]string{p.Published.URL}, p.Published.Former...) {
			from := "/" + SitePath(u)
			if strings.HasSuffix(u, "/") {
				from += "/"
			}
			if from != p.Place.URL && !slices.Contains(p.Place.Former, from) {
				p.Place.Former = append(slices.Clip(p.Place.Former), from)
				p.Kept = append(p.Kept, from)
			}
		}
	}
}
