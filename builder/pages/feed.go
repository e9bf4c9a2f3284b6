package pages

import (
	"encoding/xml"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// Bounds of a feed: programs fetch it each hour, and some refuse more.
const (
	maxEntries = 50
	maxFeed    = 1_000_000 // bytes
	maxExcerpt = 64_000    // bytes of what an entry says of a redline
)

const feedName = "feed.atom"

// atomFeed is a feed of changes: RFC 4287.
type atomFeed struct {
	XMLName   xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	Lang      string     `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Updated   string     `xml:"updated"`
	Author    string     `xml:"author>name"`
	Generator string     `xml:"generator,omitempty"`
	Links     []atomLink `xml:"link"`
	Entries   []atomEntry
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Lang string `xml:"hreflang,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	XMLName  xml.Name      `xml:"entry"`
	Lang     string        `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID       string        `xml:"id"`
	Title    string        `xml:"title"`
	Updated  string        `xml:"updated"`
	Links    []atomLink    `xml:"link"`
	Category *atomCategory `xml:"category"` // what the author says of the change
	Summary  string        `xml:"summary"`
	Content  *atomContent  `xml:"content"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"` // "html": text that is escaped HTML
	HTML string `xml:",chardata"`
}

// feed collects the changes of a feed, newest first. A site that does not know its
// own address has none: a feed is read far away from it.
type feed struct {
	c       *Composer
	url     string
	out     atomFeed
	size    int  // of the entries, in bytes
	full    bool // it takes no more
	skipped bool // it is not asked for
}

// newFeed begins a feed at an address, of the changes that a page lists.
func (c *Composer) newFeed(at, id, title, page string, w *words.Words) *feed {
	f := &feed{c: c, url: at, skipped: c.base.origin == "" || !c.wants(at)}
	if f.skipped {
		return f
	}
	f.out = atomFeed{
		Lang: w.Lang, ID: c.tag(id), Title: title, Author: c.site.Title, Generator: c.site.Generator,
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: c.permalink(at)},
			{Rel: "alternate", Type: "text/html", Href: c.permalink(page)},
		},
	}
	if c.site.Organization != "" {
		f.out.Author = c.site.Organization
	}
	return f
}

// tag is an id (RFC 4151). 2026 is a date on which the name is held, as the RFC wants it,
// and the same in all ids.
func (c *Composer) tag(id string) string {
	host := ""
	if u, err := url.Parse(c.base.origin); err == nil {
		host = strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	}
	return "tag:" + host + ",2026:" + c.base.path + escapePath(id)
}

// changeID is of a version what never changes, wherever its policy moves to: where and
// when it was recorded. The time tells it from a version of another policy that had the
// path on that day.
func changeID(v *policy.Version) string {
	id := v.Path + "@" + v.ID
	if !v.Recorded.IsZero() {
		id += v.Recorded.UTC().Format("T150405Z")
	}
	return id
}

// wants reports whether a change gets an entry.
func (f *feed) wants(p *policy.Policy, i int) bool {
	v := &p.Versions[i]
	return !f.skipped && !f.full && v.IsChange() && !v.Draft && !v.Day.After(f.c.site.At)
}

// add adds an entry. excerpt is the redline in short, and "" where there is none.
func (f *feed) add(p *policy.Policy, i int, excerpt string) error {
	c, v := f.c, &p.Versions[i]
	page := c.page("/", p.Lang)
	w, seen := page.words, c.version(&page, p, i)
	at := versionURL(p, i)
	if compared(p, i) >= 0 {
		at = ChangesURL(p, i)
	}
	said := []string{seen.Said}
	e := atomEntry{
		Lang:    p.Lang,
		ID:      c.tag(changeID(v)),
		Title:   w.T("feed-entry", "Policy", p.Title, "Version", seen.Title),
		Updated: updated(v),
		Links: []atomLink{
			{Rel: "alternate", Type: "text/html", Href: c.permalink(at)},
			{Rel: "related", Type: "text/html", Href: c.permalink(versionURL(p, i))},
		},
	}
	if seen.Mark != "" {
		e.Category = &atomCategory{seen.Mark, w.T("mark-" + seen.Mark)}
		said = append(said, e.Category.Label)
	}
	if in := v.InForce; in != nil && in.From != v.Day {
		said = append(said, w.T("takes-effect", "From", w.Date(in.From)))
	}
	if seen.Withheld != "" {
		said = append(said, w.T(map[string]string{"whole": "withheld", "part": "partly-withheld"}[seen.Withheld]))
	}
	e.Summary = strings.Join(said, " · ")
	if excerpt != "" {
		var b strings.Builder
		b.WriteString("<p>" + escape(e.Summary) + "</p>\n")
		of := v.Comparison
		unit := words.Unit(p.Lang)
		b.WriteString("<p>" + string(w.HTML("size", "Added", w.HTML(unit+"-added", of.Added), "Removed", w.HTML(unit+"-removed", of.Removed))) + "</p>\n")
		kept, cut := CutLines(excerpt, maxExcerpt)
		b.WriteString(kept)
		if cut {
			b.WriteString("<p>" + escape(w.T("announce-cut")) + "</p>\n")
		}
		b.WriteString("<p>" + string(linkedHTML(template.HTML(escape(w.T("see-changes"))), c.permalink(at))) + "</p>")
		e.Content = &atomContent{"html", b.String()}
	}
	b, err := xml.Marshal(e)
	if err != nil {
		return err
	}
	if f.size += len(b); f.size > maxFeed-len(f.url)-4000 {
		f.full = true
		return nil
	}
	f.out.Entries = append(f.out.Entries, e)
	f.full = len(f.out.Entries) == maxEntries
	return nil
}

// CutLines cuts a text between its lines, to a number of bytes, of which there may be less
// than none, and tells whether it did.
func CutLines(s string, most int) (string, bool) {
	if len(s) <= most {
		return s, false
	}
	return s[:strings.LastIndexByte(s[:max(0, most)], '\n')+1], true
}

// addAgain adds an entry of a policy whose pages are made, if it gets one.
func (f *feed) addAgain(p *policy.Policy, i int, again Again) error {
	if !f.wants(p, i) {
		return nil
	}
	excerpt := ""
	if compared(p, i) >= 0 {
		var err error
		if excerpt, err = again.Excerpt(p, i); err != nil {
			return err
		}
	}
	return f.add(p, i, excerpt)
}

// updated is when a version was recorded; of a text that is older than git, the day on
// which it was published.
func updated(v *policy.Version) string {
	if !v.Recorded.IsZero() {
		return v.Recorded.UTC().Format(time.RFC3339)
	}
	return v.Day.String() + "T00:00:00Z"
}

// write emits the feed.
func (f *feed) write(emit Emit) error {
	if f.skipped {
		return nil
	}
	for _, e := range f.out.Entries { // all end in Z, so that they compare as they are
		f.out.Updated = max(f.out.Updated, e.Updated)
	}
	if f.out.Updated == "" {
		f.out.Updated = f.c.site.At.String() + "T00:00:00Z"
	}
	b, err := f.c.xml(f.out)
	if err != nil {
		return err
	}
	return emit(file(f.url), b)
}

// policyFeed begins the feed of a policy.
func (c *Composer) policyFeed(p *policy.Policy) *feed {
	w := c.Words(p.Lang)
	first := max(0, slices.IndexFunc(p.Versions, func(v policy.Version) bool { return !v.Recorded.IsZero() })) // an older one may be added yet
	return c.newFeed(p.URL+feedName, "feed/"+changeID(&p.Versions[first]), w.T("changes-to", "Policy", p.Title), p.URL+"changes/", w)
}

// copyFeed writes the feed of a policy whose pages are made.
func (c *Composer) copyFeed(p *policy.Policy, again Again, emit Emit) error {
	f := c.policyFeed(p)
	for i := len(p.Versions) - 1; i >= 0; i-- {
		if err := f.addAgain(p, i, again); err != nil {
			return err
		}
	}
	return f.write(emit)
}

// feed writes the feed of the site.
func (c *Composer) feed(w *whole) error {
	words := c.Words("")
	f := c.newFeed("/"+feedName, "feed", words.T("page-of", "Page", words.T("changes"), "Policy", c.site.Title), "/changes/", words)
	for _, a := range siteChanges(w.all) {
		if err := f.addAgain(a.policy, a.i, w.again); err != nil {
			return err
		}
	}
	return f.write(w.emit)
}
