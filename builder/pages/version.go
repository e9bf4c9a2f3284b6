package pages

import (
	"cmp"
	"html/template"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// version is a version as templates see it on a page: what to call it, what it did,
// and where it is.
type version struct {
	ID       string
	Kind     string
	Label    string        // the author's
	Day      policy.Date   // the day in its id
	Name     template.HTML // that day, and its number on it, for people
	Title    string        // the same as text
	Draft    bool          // it is in a work tree, and in no commit
	Mark     string        // what the author says of it: "material", "minor", "editorial" or ""
	Withheld string        // "whole", "part" or ""
	Summary  template.HTML // the author's, in its language, else one made from what changed
	Said     string        // the same as text
	Own      bool          // the summary is the author's
	Standing template.HTML // since when and how long it is in force: "In force since 4 May 2026"
	State    string        // see stateOf
	From     policy.Date   // first day in force; zero when there is none
	Last     policy.Date   // last day in force; zero when there is none or no end is known
	Href     string        // of its page
	Changes  string        // address of its redline; "" when it has none
	Since    string        // address of what has changed since; "" unless it is a superseded change
	Edits    int           // of its redline
	Added    int           // words
	Removed  int
	Days     int    // from the recorded day to the first day in force
	Policy   link   // in a list of changes of the whole site; else empty
	Row      *row   // in a changes archive; else nil
	Record   *facts // of the version that the page shows; else nil
}

// facts are what the record knows of a version.
type facts struct {
	Dates        []template.HTML // whose they are and which
	Permalink    string          // whole address of its page
	Source       string          // address of its source
	Recorded     bool            // by a commit
	Carried      bool
	SameText     *version // the earlier version whose text it repeats
	Statements   []statement
	Redactions   []policy.Redaction
	SHA256       string // of the text, by which a copy can be told; "" where words are redacted
	Commit       string
	ShortCommit  string // short enough to read: twelve digits are as good as unique in any repository
	Error        string // why it cannot be shown as a page
	LaterFiles   []laterFile
	Params       map[string]any // of the front matter
	LastUpdated  policy.Date    // as stated
	Effective    policy.Date
	RecordedDay  policy.Date
	PublishedDay policy.Date
}

// statement is what history.yaml says of a version.
type statement struct {
	policy.Statement
	ReplacedBy *link // what took its place; nil where nothing is said
}

// laterFile is a file that a version's text links to and that changed while
// the version was the latest.
type laterFile struct {
	Name string
	Href string
	Day  policy.Date
}

// versionURL is the URL of a version's page.
func versionURL(p *policy.Policy, i int) string { return p.URL + p.Versions[i].ID + "/" }

// sourceURL is the URL of a version's exact source bytes.
func sourceURL(p *policy.Policy, i int) string { return p.URL + p.Versions[i].ID + "/index.md" }

// version returns version i as seen on a page.
func (c *Composer) version(page *Page, p *policy.Policy, i int) *version {
	v, w := &p.Versions[i], page.words
	out := &version{
		ID:    v.ID,
		Kind:  string(v.Kind),
		Label: v.Label,
		Draft: v.Draft,
		Mark:  v.Mark(),
		State: string(stateOf(p, i)),
		Href:  Href(page.URL, versionURL(p, i)),
		Said:  v.Summary,
	}
	out.Day, out.Name, out.Title = c.name(page, v.ID)
	if v.Draft {
		out.Day, out.Title = v.Day, w.T("draft-name")
		out.Name = template.HTML(escape(out.Title))
	}
	for _, r := range v.Redactions {
		if out.Withheld == "" || r.Whole {
			out.Withheld = "part"
			if r.Whole {
				out.Withheld = "whole"
			}
		}
	}
	for _, s := range v.Statements {
		out.Said = cmp.Or(out.Said, s.Summary)
	}
	if out.Own = out.Said != ""; !out.Own {
		out.Said = Summary(w, v)
	}
	out.Summary = template.HTML(escape(out.Said))
	if out.Own {
		out.Summary = linkHTML(page.link(out.Said, "", p.Lang))
	}
	if c := v.Comparison; c != nil {
		out.Edits, out.Added, out.Removed = c.Changes, c.Added, c.Removed
	}
	if compared(p, i) >= 0 {
		out.Changes = Href(page.URL, ChangesURL(p, i))
	}
	if superseded(p, i) {
		out.Since = Href(page.URL, sinceURL(p, i))
	}
	if in := v.InForce; in != nil {
		out.From, out.Last, out.Days = in.From, in.Last(), v.Day.DaysTo(in.From)
	}
	out.Standing = standing(w, p, i)
	return out
}

// name is what a version is called by its id: its day, and its number on it.
func (c *Composer) name(page *Page, id string) (on policy.Date, name template.HTML, title string) {
	w := page.words
	const day = len(time.DateOnly)
	nth := 0
	if len(id) > day {
		nth, _ = strconv.Atoi(strings.TrimPrefix(id[day:], "-"))
		id = id[:day]
	}
	on, _ = policy.ParseDate(id) // ids are made from days; another would have the zero Date
	if name, title = w.Time(on), w.Date(on); title == "" {
		title = w.T("day-unknown")
		name = template.HTML(escape(title))
	}
	if nth > 0 {
		name, title = w.HTML("nth-of-day", "Day", name, "Nth", w.Nth(nth)), w.T("nth-of-day", "Day", title, "Nth", w.Nth(nth))
	}
	return on, name, title
}

// standing says since when and how long a version is in force, in absolute dates, so
// that it stays true.
func standing(w *words.Words, p *policy.Policy, i int) template.HTML {
	v := &p.Versions[i]
	if v.Draft {
		return w.HTML("not-published")
	}
	if v.InForce == nil {
		switch {
		case i+1 < len(p.Versions) && p.Versions[i+1].Day == v.Day:
			return w.HTML("replaced-same-day")
		case v.Declared.Effective.After(v.Day):
			return w.HTML("replaced-before")
		}
		return w.HTML("never-in-force")
	}
	from, last := v.InForce.From, v.InForce.Last()
	coming := stateOf(p, i) == stateUpcoming
	switch {
	case coming && last.IsZero():
		return w.HTML("takes-effect", "From", w.Time(from))
	case coming:
		return w.HTML("takes-effect-days", "From", w.Time(from), "Last", w.Time(last))
	case last.IsZero():
		return w.HTML("in-force-since", "From", w.Time(from))
	case last == from:
		return w.HTML("in-force-day", "Day", w.Time(from))
	}
	return w.HTML("in-force-days", "Days", w.Days(from, last))
}

// statements are those made later of a version. What replaced it is an address or a
// version of the same policy, and a link to it.
func (c *Composer) statements(page *Page, p *policy.Policy, v *policy.Version) []statement {
	var out []statement
	for _, s := range v.Statements {
		said := statement{Statement: s}
		if by := s.ReplacedBy; by != "" {
			said.ReplacedBy = &link{Text: by}
			switch i := slices.IndexFunc(p.Versions, func(v policy.Version) bool { return v.ID == by }); {
			case i >= 0:
				said.ReplacedBy.Href = Href(page.URL, versionURL(p, i))
			case strings.HasPrefix(by, "https://"), strings.HasPrefix(by, "http://"):
				said.ReplacedBy.Href = by
			case strings.HasPrefix(by, "/"):
				said.ReplacedBy.Href = c.link(page.URL, by)
			}
		}
		out = append(out, said)
	}
	return out
}

// record takes what the record knows of version i, which the page shows.
func (c *Composer) record(page *Page, p *policy.Policy, i int) *facts {
	v, w := &p.Versions[i], page.words
	out := &facts{
		Permalink:    c.permalink(versionURL(p, i)),
		Source:       Href(page.URL, sourceURL(p, i)),
		Recorded:     !v.Recorded.IsZero(),
		Carried:      v.Carried,
		Statements:   c.statements(page, p, v),
		Redactions:   v.Redactions,
		Commit:       v.Commit(),
		Error:        v.Error,
		LastUpdated:  v.Declared.LastUpdated,
		Effective:    v.Declared.Effective,
		PublishedDay: v.Published,
		Params:       v.Params,
	}
	out.ShortCommit = shortCommit(out.Commit)
	if len(v.Redactions) == 0 {
		out.SHA256 = v.TextSHA256
	}
	say := func(id string, d policy.Date, more ...any) {
		if !d.IsZero() {
			out.Dates = append(out.Dates, w.HTML(id, append(more, "Day", w.Time(d))...))
		}
	}
	out.Dates = append(out.Dates, standing(w, p, i))
	if out.Recorded {
		out.RecordedDay = v.Day
		say("recorded-zone", v.Day, "Zone", c.site.Timezone)
	}
	if v.PublishedOn {
		say("published-on", v.Published)
	} else {
		say("published-by", v.Published)
	}
	say("stated-updated", v.Declared.LastUpdated)
	say("stated-effective", v.Declared.Effective)
	if i > 0 && v.InForce != nil && v.InForce.From == v.Day && !v.Declared.Effective.After(v.Day) {
		if stated := p.Versions[i-1].Declared.Effective; stated.After(v.Day) {
			say("at-once", stated)
		}
	}
	if id := v.SameTextAs; id != "" {
		out.SameText = &version{Href: Href(page.URL, p.URL+id+"/")}
		out.SameText.Day, out.SameText.Name, out.SameText.Title = c.name(page, id)
	}
	for _, a := range v.Attachments {
		if a.Later {
			out.LaterFiles = append(out.LaterFiles, laterFile{path.Base(a.Path), Href(page.URL, a.URL), a.Day})
		}
	}
	return out
}

func timeOf(d policy.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func shortCommit(commit string) string { return commit[:min(12, len(commit))] }
