// Package record tells the record of one policy through time: its revisions,
// what is said of its versions later, the texts that are older than git and the
// previous site become versions with their texts.
package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
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

	stood map[string]int // the last step at which one of these did

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

// contradict notes a published version that would say other words.
func (rec *Record) contradict(was, is *policy.Version) {
	if was.WordingSHA256 != "" && was.WordingSHA256 != is.WordingSHA256 && len(is.Redactions) == 0 {
		hint := "another setting of `html`, or another version of the program, reads the same source differently; build with those of the previous site"
		if was.SourceSHA256 != "" && was.SourceSHA256 != is.SourceSHA256 {
			hint = "git has another text for it: two files may have changed places, and an `id:` with one of them; `policysite check --moves` tells how each was followed"
		}
		rec.Changed = append(rec.Changed, &policy.Problem{
			Path:    is.Path,
			Message: fmt.Sprintf("the version %s was published with other words: expected wording %.12s, found %.12s", is.ID, was.WordingSHA256, is.WordingSHA256),
			Hint:    hint,
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

// policy is what a record says of a policy of a catalog. The slice of versions is the
// policy's own; what they point to is shared.
func (rec *Record) policy(p *catalog.Policy) *policy.Policy {
	place, stood := p.Place, maps.Clone(rec.stood)
	for _, former := range place.Former {
		if !slices.Contains(p.Kept, former) {
			stood[former] = policy.ByText
		}
	}
	for _, former := range rec.Former {
		if former != place.URL && !slices.Contains(place.Former, former) {
			place.Former = append(slices.Clip(place.Former), former)
		}
	}
	return &policy.Policy{
		Place: place, Title: rec.title,
		Description: rec.about.Description, Weight: rec.about.Weight, Layout: rec.about.Layout,
		Status: rec.Life.Status, Versions: slices.Clone(rec.Life.Versions), Current: rec.Life.Current, Origins: rec.Origins, Gone: rec.Life.Gone, Unread: rec.Life.Unread, NextChange: rec.Life.NextChange,
		Stood: stood,
	}
}
