package pages

import (
	"cmp"
	"html/template"
	"path"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// version is a version as templates see it: its facts, and where its page is.
type version struct {
	*policy.Version
	Name    template.HTML // the day in its id and its number on that day, for people
	Href    string        // of its page
	Changes string        // address of its redline; "" when it has none
	Since   string        // address of what has changed since; "" unless it is a superseded change
	Summary string        // the author's, else one made from what changed
	Own     bool          // the summary is the author's
	Lang    string        // of an author's summary; "" when it is the frame's
	Dir     string        // "rtl", "ltr", or "" when it is the frame's
	Policy  link          // in a line of a changes archive of the whole site; else empty
	Folded  []*version    // in a line of a changes archive: versions of other kinds that followed the change, newest first
	Cite    cite
}

// cite is what a version can be cited and told by.
type cite struct {
	On          policy.Date // the day in its id
	Nth         string      // "2" for the second of that day; "" for the first
	Permalink   string      // whole address of its page
	SourceRef   string      // address of its source
	ShortCommit string      // short enough to read: twelve digits are as good as unique in any repository
	Fingerprint string      // the hash of the text, by which a copy can be told; "" where words are redacted
	Days        int         // from the recorded day to the first day in force
	SameText    *sameText   // the earlier version whose text it repeats
}

type sameText struct {
	On   policy.Date
	Nth  string
	Name template.HTML
	Href string
}

// versionURL is the URL of a version's page.
func versionURL(p *policy.Policy, i int) string { return p.URL + p.Versions[i].ID + "/" }

// sourceURL is the URL of a version's exact source bytes.
func sourceURL(p *policy.Policy, i int) string { return p.URL + p.Versions[i].ID + "/index.md" }

// version returns the view of version i on the page at from.
func (c *Composer) version(from string, p *policy.Policy, i int) *version {
	v := &p.Versions[i]
	out := &version{
		Version: v,
		Href:    Href(from, versionURL(p, i)),
		Summary: v.Summary,
		Cite:    cite{Permalink: c.permalink(versionURL(p, i)), SourceRef: Href(from, sourceURL(p, i)), ShortCommit: shortCommit(v.Commit())},
	}
	if len(v.Redactions) == 0 {
		out.Cite.Fingerprint = v.TextSHA256
	}
	for _, s := range v.Statements {
		out.Summary = cmp.Or(out.Summary, s.Summary)
	}
	out.Own = out.Summary != ""
	name := textLink("", "", p.Lang)
	out.Lang, out.Dir = name.Lang, name.Dir
	out.Cite.On, out.Cite.Nth = dayOf(v.ID)
	out.Name = nameHTML(out.Cite.On, out.Cite.Nth)
	if v.Draft {
		out.Cite.On, out.Cite.Nth, out.Name = v.Day, "", "next version, not published"
	}
	if !out.Own {
		out.Summary = summary(v, p.Lang)
	}
	if compared(p, i) >= 0 {
		out.Changes = Href(from, changesURL(p, i))
	}
	if superseded(p, i) {
		out.Since = Href(from, sinceURL(p, i))
	}
	if v.InForce != nil {
		out.Cite.Days = days(v.Day, v.InForce.From)
	}
	if v.SameTextAs != "" {
		on, nth := dayOf(v.SameTextAs)
		out.Cite.SameText = &sameText{on, nth, nameHTML(on, nth), Href(from, p.URL+v.SameTextAs+"/")}
	}
	return out
}

// dayOf splits a version's id: "2026-05-04-2" is the second of 4 May 2026.
func dayOf(id string) (on policy.Date, nth string) {
	const day = len(time.DateOnly)
	if len(id) > day {
		nth = strings.TrimPrefix(id[day:], "-")
		id = id[:day]
	}
	on, _ = policy.ParseDate(id) // ids are made from days; another would have the zero Date
	return on, nth
}

// days counts the days from one date to a later one.
func days(from, to policy.Date) int {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	at := func(d policy.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
	return int(at(to).Sub(at(from)).Hours() / 24)
}

// laterFile is a file that a version's text links to and that changed while
// the version was the latest.
type laterFile struct {
	Name string
	Href string
	Day  policy.Date
}

func laterFiles(from string, v *policy.Version) []laterFile {
	var out []laterFile
	for _, a := range v.Attachments {
		if a.Later {
			out = append(out, laterFile{path.Base(a.Path), Href(from, a.URL), a.Day})
		}
	}
	return out
}

func shortCommit(commit string) string { return commit[:min(12, len(commit))] }
