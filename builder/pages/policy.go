package pages

import (
	"bytes"
	"html/template"

	"github.com/policysite/policysite/builder/policy"
)

// versionPage is what policy.html and snapshot.html are given: the page of one
// version, at the policy's own URL or at the version's.
type versionPage struct {
	Frame
	Policy  *policy.Policy
	Version *version
	State   state // of the version
	textFacts
	others
	PolicyRef string // addresses, as seen from this page
	Archive   string
	Languages []link // the policy in its other languages
	Later     []laterFile
}

// textFacts are those of the text on a page.
type textFacts struct {
	Heading  link          // the page's own title, without an address
	H1       bool          // the text has no level-1 heading, so the page's own title is one
	Repeated bool          // the text starts with a heading that says the page's own title
	Contents template.HTML // the table of contents; empty when there is none
	TextLang string
	TextDir  string // "ltr" or "rtl"
}

// others are other versions of the policy, seen from the page of one.
type others struct {
	Current  *version // the one in force; nil when none is
	Shown    *version // the one at the policy's own URL
	Pending  []*version
	Last     *version // the change that the version is or folds under
	Count    int      // how many changes the policy has
	Previous *version // by order of the record; nil at the ends
	Next     *version
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
// the source of every version, the redlines, and its changes archive. A text
// is asked for once, in ascending order, and the version's redline after it;
// then, where a version is in force, what has changed since each change before
// it.
func (c *Composer) Policy(p *policy.Policy, texts Texts, emit Emit) error {
	tables := &tables{}
	for i := range p.Versions {
		v := &p.Versions[i]
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
		if err := c.changesPage(p, i, texts, emit); err != nil {
			return err
		}
	}
	if err := c.sincePages(p, texts, emit); err != nil {
		return err
	}
	return c.policyChanges(p, emit)
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
	contents, err := tables.contents(c, p, i, text)
	if err != nil {
		return err
	}
	snapshot := c.versionPage(versionURL(p, i), p, i, text, contents)
	v := snapshot.Version
	snapshot.Title = v.Title + ", " + lowerFirst(versionOf(v))
	snapshot.NoIndex = true
	snapshot.crumb(versionOf(v))
	snapshot.relate("latest-version", Href(snapshot.URL, p.URL))
	if v := snapshot.Previous; v != nil {
		snapshot.relate("prev predecessor-version", v.Href)
	}
	if v := snapshot.Next; v != nil {
		snapshot.relate("next successor-version", v.Href)
	}
	if err := c.write(emit, "snapshot.html", snapshot, text.HTML); err != nil {
		return err
	}
	if i != ownPage(p) {
		return nil
	}

	page := c.versionPage(p.URL, p, i, text, contents)
	page.Description = p.Description
	if p.Status == policy.StatusWithdrawn {
		page.NoIndex = true
	}
	for _, q := range c.families[p.ID] {
		page.Relations = append(page.Relations, relation{Rel: "alternate", Href: c.link(p.URL, q.URL), Lang: q.Lang})
	}
	name := "policy.html"
	if c.theme.Has(p.Layout) {
		name = layoutFile(p.Layout)
	}
	return c.write(emit, name, page, text.HTML)
}

// link is an address for the head of a page, which readers of the web expect
// to be whole where it can be.
func (c *Composer) link(from, to string) string {
	if whole, ok := c.base.absolute(to); ok {
		return whole
	}
	return Href(from, to)
}

func (c *Composer) versionPage(url string, p *policy.Policy, i int, text Text, contents template.HTML) *versionPage {
	v := &p.Versions[i]
	seen := map[int]*version{} // most of those named below are the same
	view := func(j int) *version {
		if seen[j] == nil {
			seen[j] = c.version(url, p, j)
		}
		return seen[j]
	}
	page := &versionPage{
		Frame:     c.frame(url, v.Title),
		Policy:    p,
		Version:   view(i),
		State:     stateOf(p, i),
		textFacts: textFacts{Heading: textLink(v.Title, "", p.Lang), H1: true, Contents: contents, TextLang: p.Lang, TextDir: direction(p.Lang)},
		others:    others{Shown: view(p.Shown()), Last: view(p.ChangeOf(i))},
		PolicyRef: Href(url, p.URL),
		Archive:   Href(url, p.URL+"changes/"),
		Later:     laterFiles(url, v),
	}
	for _, h := range text.Headings {
		page.H1 = page.H1 && h.Level != 1
	}
	if len(text.Headings) > 0 {
		first := text.Headings[0]
		page.Repeated = first.Level == 1 && first.Text == policy.CollapseSpace(v.Title) &&
			bytes.HasPrefix(bytes.TrimSpace(text.HTML), []byte("<h1"))
	}
	c.crumbs(&page.Frame, p)
	page.relate("version-history", page.Archive)
	page.Relations = append(page.Relations, relation{Rel: "alternate", Href: page.Version.Cite.SourceRef, Type: "text/markdown"})

	if p.Current >= 0 {
		page.Current = view(p.Current)
	}
	for j := max(i, p.Current) + 1; j < len(p.Versions); j++ { // none before the one in force is to come
		if stateOf(p, j) == stateUpcoming {
			page.Pending = append(page.Pending, view(j))
		}
	}
	for j := range p.Versions {
		if leads(p, j) {
			page.Count++
		}
	}
	if i > 0 {
		page.Previous = view(i - 1)
	}
	if i+1 < len(p.Versions) {
		page.Next = view(i + 1)
	}
	for _, q := range c.families[p.ID] {
		if q.ID != p.ID {
			page.Languages = append(page.Languages, textLink(endonym(q.Lang), Href(url, q.URL), q.Lang))
		}
	}
	return page
}
