package pages

import (
	"bytes"
	"html"
	"html/template"
	"regexp"
	"slices"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// versionPage is what policy.html and snapshot.html are given: the page of one
// version, at the policy's own URL or at the version's.
type versionPage struct {
	Page      Page
	Policy    policyFacts
	Version   *version
	Heading   link          // the page's own title, without an address
	H1        bool          // the text has no level-1 heading, so the page's own title is one
	Repeated  bool          // the text starts with a heading that says the page's own title
	Contents  template.HTML // the table of contents; empty when there is none
	TextLang  string
	TextDir   string     // "ltr" or "rtl"
	Current   *version   // the one in force; nil when none is
	Shown     *version   // the one at the policy's own URL
	Pending   []*version // those that take effect later
	LastOne   *version   // the change that the version is or folds under
	Previous  *version   // by order of the record; nil at the ends
	Next      *version
	PolicyRef string // addresses: of the policy, of its changes archive
	Archive   string
	Origins   string   // on the policy's own page: of the one that says since when each part stands; "" when it has none
	Languages []link   // the policy in its other languages; of a version, what is in force there on its day
	Notices   []notice // which language prevails, and that the original has changed
}

// policyFacts are those of a policy on the day that the site is built for.
type policyFacts struct {
	ID          string
	Title       string
	Description string
	Lang        string
	Status      string      // "in-force", "upcoming" or "withdrawn"
	Gone        policy.Date // since when it is not published here any more; zero when it is
	Unread      bool        // since then it is kept in a format that is not read
}

func factsOf(p *policy.Policy) policyFacts {
	return policyFacts{p.ID, p.Title, p.Description, p.Lang, string(p.Status), p.Gone, p.Unread}
}

// state says where a version is in its policy's record, in terms that
// stay true on later days.
type state string

const (
	stateCurrent  state = "current"  // in force on the day the site is built for
	stateUpcoming state = "upcoming" // in force on a later day
	statePast     state = "past"     // was in force
	stateNever    state = "never"    // no day is known on which it was or will be
)

func stateOf(p *policy.Policy, i int) state {
	in := p.Versions[i].InForce
	switch {
	case i == p.Current:
		return stateCurrent
	case in == nil:
		return stateNever
	case p.Current >= 0 && in.From.After(p.Versions[p.Current].InForce.From),
		p.Current < 0 && p.Status == policy.StatusUpcoming && i >= p.Shown():
		return stateUpcoming
	}
	return statePast
}

// Policy writes everything at and below a policy's URL: its page, a page and
// the source of every version, the redlines, and its changes archive. It asks for
// each text once, from the newest on, since the newest were read last, and after it
// for the version's redline; then for the text with its origins, and, from the oldest on, for what has changed since
// each change before the version in force.
func (c *Composer) Policy(p *policy.Policy, texts Texts, emit Emit) error {
	tables, feed := &tables{}, c.policyFeed(p)
	for i, v := range slices.Backward(p.Versions) {
		if c.wants(sourceURL(p, i)) && v.Kind != policy.Withdrawn {
			source, err := texts.Source(i)
			if err != nil {
				return err
			}
			if err := emit(file(sourceURL(p, i)), source); err != nil {
				return err
			}
		}
		if c.wants(versionURL(p, i)) || i == ownPage(p) && c.wants(p.URL) {
			var t Text
			if v.Error == "" && v.Kind != policy.Withdrawn && !v.Withheld() {
				var err error
				if t, err = texts.Text(i); err != nil {
					return err
				}
			}
			if err := c.versionPages(p, i, t, tables, emit); err != nil {
				return err
			}
		}
		if err := c.changesPage(p, i, texts, feed, emit); err != nil {
			return err
		}
	}
	if err := c.originsPage(p, texts, emit); err != nil {
		return err
	}
	if err := c.sincePages(p, texts, emit); err != nil {
		return err
	}
	for _, write := range []func(*policy.Policy, Emit) error{c.policyChanges, c.policyCompare, c.current, c.versions} {
		if err := write(p, emit); err != nil {
			return err
		}
	}
	return feed.write(emit)
}

// ownPage is the index of the version that the policy's own URL shows: a draft,
// so that its author sees it, else what the policy shows.
func ownPage(p *policy.Policy) int {
	if n := len(p.Versions) - 1; p.Versions[n].Draft {
		return n
	}
	return p.Shown()
}

// versionPages writes the page of a version and, of the version that it shows,
// the policy's own.
func (c *Composer) versionPages(p *policy.Policy, i int, text Text, tables *tables, emit Emit) error {
	snapshot, err := c.versionPage(versionURL(p, i), p, i, text, tables)
	if err != nil {
		return err
	}
	page, w := &snapshot.Page, snapshot.Page.words
	of := versionOf(w, snapshot.Version)
	page.Title = w.T("page-of", "Page", of, "Policy", snapshot.Heading.Text)
	page.NoIndex = true
	page.crumb(of)
	page.relate("latest-version", Href(page.URL, p.URL))
	if v := snapshot.Previous; v != nil {
		page.relate("prev predecessor-version", v.Href)
	}
	if v := snapshot.Next; v != nil {
		page.relate("next successor-version", v.Href)
	}
	if err := c.write(emit, "snapshot.html", page, snapshot, text.HTML); err != nil {
		return err
	}
	if i != ownPage(p) {
		return nil
	}

	own, err := c.versionPage(p.URL, p, i, text, tables)
	if err != nil {
		return err
	}
	if page = &own.Page; p.Description != "" {
		page.Description = p.Description
	}
	if p.Status == policy.StatusWithdrawn {
		page.NoIndex = true
	}
	for _, l := range c.alternates(p) {
		page.Relations = append(page.Relations, relation{Rel: "alternate", Href: c.link(p.URL, l.URL), Lang: l.Lang})
	}
	if i == p.Shown() && len(p.Origins) > 0 {
		own.Origins = Href(p.URL, originsURL(p))
	}
	own.Languages, own.Notices = c.languages(page, p), append(c.behind(page, p), c.prevailing(page, p, policy.Date{})...)
	name := "policy.html"
	if c.theme.Has(p.Layout) {
		name = layoutFile(p.Layout)
	}
	return c.write(emit, name, page, own, text.HTML)
}

// link is an address for the head of a page, which readers of the web expect
// to be whole where it can be.
func (c *Composer) link(from, to string) string {
	if whole, ok := c.base.absolute(to); ok {
		return whole
	}
	return Href(from, to)
}

func (c *Composer) versionPage(url string, p *policy.Policy, i int, text Text, tables *tables) (*versionPage, error) {
	v := &p.Versions[i]
	out := &versionPage{Page: c.page(url, p.Lang), H1: true, TextLang: p.Lang, TextDir: words.Direction(p.Lang), PolicyRef: Href(url, p.URL), Archive: Href(url, p.URL+"changes/")}
	page := &out.Page
	seen := map[int]*version{} // most of those named below are the same
	view := func(j int) *version {
		if seen[j] == nil {
			seen[j] = c.version(page, p, j)
		}
		return seen[j]
	}
	page.Title = v.Title
	if v.Withheld() || v.Error != "" {
		page.Title = p.Title // the version's own is withheld or lost with its text
	}
	out.Policy = factsOf(p)
	out.Heading = page.link(page.Title, "", p.Lang)
	out.Version, out.Shown, out.LastOne = view(i), view(p.Shown()), view(p.ChangeOf(i))
	out.Version.Record = c.record(page, p, i)
	page.Description = unmarked(out.Version.Standing)
	for _, h := range text.Headings {
		out.H1 = out.H1 && h.Level != 1
	}
	if len(text.Headings) > 0 {
		first := text.Headings[0]
		out.Repeated = first.Level == 1 && first.Text == policy.CollapseSpace(v.Title) &&
			bytes.HasPrefix(bytes.TrimSpace(text.HTML), []byte("<h1"))
	}
	c.within(page, p)
	page.relate("version-history", out.Archive)
	page.Relations = append(page.Relations, relation{Rel: "alternate", Href: out.Version.Record.Source, Type: "text/markdown"})

	if p.Current >= 0 {
		out.Current = view(p.Current)
	}
	for j := max(i, p.Current) + 1; j < len(p.Versions); j++ { // none before the one in force is to come
		if stateOf(p, j) == stateUpcoming {
			out.Pending = append(out.Pending, view(j))
		}
	}
	if i > 0 {
		out.Previous = view(i - 1)
	}
	if i+1 < len(p.Versions) {
		out.Next = view(i + 1)
	}
	out.Languages, out.Notices = c.languagesOn(page, p, dayOf(v)), c.prevailing(page, p, dayOf(v))
	var err error
	out.Contents, err = tables.contents(c, page, p, i, text)
	return out, err
}

// versionOf is what a version is called in titles: "Version of 4 May 2026".
func versionOf(w *words.Words, v *version) string {
	if v.Draft {
		return v.Title
	}
	return w.T("version-of", "Version", v.Title)
}

// tag is one of HTML, as Words writes them.
var tag = regexp.MustCompile(`<[^>]*>`)

// unmarked is the text of what Words writes.
func unmarked(h template.HTML) string {
	return html.UnescapeString(tag.ReplaceAllString(string(h), ""))
}
