package pages

import (
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// redlinePage is what redline.html and since.html are given: what leads from
// one version to another.
type redlinePage struct {
	Frame
	Policy   *policy.Policy
	Heading  link // the policy's title
	Since    bool // what has changed since a superseded change, not what a version changed
	From, To *version
	changed
	TextLang string
	TextDir  string
	Previous *version // with a redline of its own; nil at the ends
	Next     *version
	Nearest  *version // of since.html: the next version that is compared with To; nil when none is
	Archive  string
}

// changed says in short what a redline shows.
type changed struct {
	Redline  *policy.Comparison // nil on since.html
	Words    string             // how many the redline adds and removes
	Sections []touched
	Dates    []dateChange // declared dates that differ while the text does not
}

// dateChange is a declared date that two versions state differently; zero
// where one states none.
type dateChange struct {
	Name     string
	From, To policy.Date
}

// changesURL is the URL of a version's redline.
func changesURL(p *policy.Policy, i int) string { return p.URL + p.Versions[i].ID + "/changes/" }

// sinceURL is the URL of what has changed since a superseded change.
func sinceURL(p *policy.Policy, i int) string { return p.URL + p.Versions[i].ID + "/since/" }

// compared is the index of the version that version i is compared with; -1
// when it has no redline.
func compared(p *policy.Policy, i int) int {
	if c := p.Versions[i].Comparison; c != nil {
		for j := i - 1; j >= 0; j-- {
			if p.Versions[j].ID == c.With {
				return j
			}
		}
	}
	return -1
}

// superseded reports whether version i is a change and the version in force
// is, or folds under, a later one.
func superseded(p *policy.Policy, i int) bool {
	return p.Current >= 0 && leads(p, i) && i < p.ChangeOf(p.Current)
}

// changesPage writes the redline of a version, where it has one.
func (c *Composer) changesPage(p *policy.Policy, i int, texts Texts, emit Emit) error {
	from := compared(p, i)
	if !c.wants(changesURL(p, i)) {
		return nil
	}
	if from < 0 {
		return c.uncomparedPage(p, i, emit)
	}
	redline, err := texts.Changes(i)
	if err != nil {
		return err
	}
	page := c.redlinePage(changesURL(p, i), p, from, i, i)
	page.Title = "What changed on " + named(page.To) + ", " + p.Title
	if page.To.Draft {
		page.Title = "What the next version changes, " + p.Title
	}
	page.crumb("What changed")
	page.compare(&redline.Comparison)
	for j := i - 1; j >= 0 && page.Previous == nil; j-- {
		page.Previous = c.withRedline(page.URL, p, j)
	}
	for j := i + 1; j < len(p.Versions) && page.Next == nil; j++ {
		page.Next = c.withRedline(page.URL, p, j)
	}
	return c.write(emit, "redline.html", page, redline.HTML)
}

// uncompared is the index of the version that version i would be compared with,
// if the texts of both could be shown; -1 when that is not what it lacks.
func uncompared(p *policy.Policy, i int) int {
	if i == 0 || compared(p, i) >= 0 || p.Versions[i].Draft {
		return -1
	}
	if p.Versions[i].IsChange() {
		return p.ChangeOf(i - 1)
	}
	return i - 1
}

// uncomparedPage says, in the place of the redline of a version, why there is none.
func (c *Composer) uncomparedPage(p *policy.Policy, i int, emit Emit) error {
	from := uncompared(p, i)
	if from < 0 {
		return nil
	}
	page := c.redlinePage(changesURL(p, i), p, from, i, i)
	page.Title = "What changed on " + named(page.To) + ", " + p.Title
	page.crumb("What changed")
	return c.write(emit, "uncompared.html", page, nil)
}

// sinceRedlines is how many of the last superseded changes get a redline to the
// version in force. Of earlier ones only the last of each year does, so that
// the work for one new version does not grow with the archive.
const sinceRedlines = 10

// nearest tells, for each superseded change of a policy, which version from it on
// has a redline to the version in force; -1 where none has.
func nearest(p *policy.Policy) map[int]int {
	out := map[int]int{}
	if p.Current < 0 {
		return out
	}
	year, last := 0, -1
	for i := p.ChangeOf(p.Current) - 1; i >= 0; i-- {
		v := &p.Versions[i]
		if !leads(p, i) {
			continue
		}
		if (len(out) < sinceRedlines || v.Day.Year != year) && v.Error == "" && p.Versions[p.Current].Error == "" {
			last = i
		}
		out[i], year = last, v.Day.Year
	}
	return out
}

// sincePages write what has changed since each superseded change: a redline, or a
// page of the same size for every other, which leads to the nearest that has one.
func (c *Composer) sincePages(p *policy.Policy, texts Texts, emit Emit) error {
	near := nearest(p)
	for i := range p.Versions {
		j, ok := near[i]
		if !ok || !c.wants(sinceURL(p, i)) {
			continue
		}
		page := c.redlinePage(sinceURL(p, i), p, i, p.Current, i)
		page.Since = true
		page.Title = "What has changed since the version of " + named(page.From) + ", " + p.Title
		page.crumb("What has changed since")
		name, text := "since.html", []byte(nil)
		switch {
		case i == j:
			redline, err := texts.Since(i)
			if err != nil {
				return err
			}
			page.compare(&redline.Comparison)
			name, text = "redline.html", redline.HTML
		case j >= 0:
			page.Nearest = c.version(page.URL, p, j)
		}
		if err := c.write(emit, name, page, text); err != nil {
			return err
		}
	}
	return nil
}

// redlinePage is what the pages below version i, which is one of the two that
// are compared, have in common.
func (c *Composer) redlinePage(url string, p *policy.Policy, from, to, i int) *redlinePage {
	page := &redlinePage{
		Frame:    c.frame(url, ""),
		Policy:   p,
		Heading:  policyLink(url, p),
		From:     c.version(url, p, from),
		To:       c.version(url, p, to),
		TextLang: p.Lang,
		TextDir:  direction(p.Lang),
		Archive:  Href(url, p.URL+"changes/"),
	}
	page.NoIndex = true
	c.crumbs(&page.Frame, p)
	below := page.To
	if i == from {
		below = page.From
	}
	page.Crumbs = append(page.Crumbs, link{Text: versionOf(below), Href: below.Href})
	page.relate("version-history", page.Archive)
	return page
}

// compare takes what a redline says in short.
func (page *redlinePage) compare(c *policy.Comparison) {
	page.Redline, page.Words = c, words(c)
	page.Sections = touchedSections(c.Sections, "", page.Policy.Lang)
	if c.Changes > 0 {
		return
	}
	from, to := page.From.Declared, page.To.Declared
	if from.LastUpdated != to.LastUpdated {
		page.Dates = append(page.Dates, dateChange{"last-updated", from.LastUpdated, to.LastUpdated})
	}
	if from.Effective != to.Effective {
		page.Dates = append(page.Dates, dateChange{"effective", from.Effective, to.Effective})
	}
}

// withRedline is version i if it has a redline.
func (c *Composer) withRedline(url string, p *policy.Policy, i int) *version {
	if compared(p, i) < 0 {
		return nil
	}
	return c.version(url, p, i)
}

// versionOf is what a version is called in titles: "Version of 4 May 2026 (2)".
func versionOf(v *version) string {
	if v.Draft {
		return "Next version, not published"
	}
	return "Version of " + named(v)
}

// lowerFirst is for what follows within a sentence.
func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// named is a version's name for people: "4 May 2026 (2)".
func named(v *version) string {
	if v.Cite.Nth != "" {
		return v.Cite.On.Long() + " (" + v.Cite.Nth + ")"
	}
	return v.Cite.On.Long()
}
