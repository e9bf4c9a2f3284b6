package pages

import (
	"cmp"
	"html/template"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// redlinePage is what redline.html, uncompared.html and since.html are given: what
// leads from one version to another.
type redlinePage struct {
	Page     Page
	Policy   link // to the policy
	IsSince  bool // what has changed since a superseded change, not what a version changed
	From, To *version
	Redline  *policy.Comparison // nil where there is none
	Added    template.HTML      // how much, in words or characters: "+85 words"
	Removed  template.HTML
	Moved    template.HTML // "" for nothing
	Only     string        // what changed where no word was added or removed
	Sections []touched
	Stated   []template.HTML // what is said of declared dates that differ while the text does not
	TextLang string
	TextDir  string
	Previous *version // with a redline of its own; nil at the ends
	Next     *version
	Nearest  *version // of since.html: the next change that has a redline to today's text
	Archive  string
	Word     string // address of the Word document; "" where there is none
}

// ChangesURL is the URL of a version's redline.
func ChangesURL(p *policy.Policy, i int) string { return p.URL + p.Versions[i].ID + "/changes/" }

// wordFile is the name of the Word document beside the redline of a version.
const wordFile = "redline.docx"

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

// changesPage writes the redline of a version, where it has one, and its entry in the
// policy's feed.
func (c *Composer) changesPage(p *policy.Policy, i int, texts Texts, feed *feed, emit Emit) error {
	from, fed := compared(p, i), feed.wants(p, i)
	word := c.site.Docx && c.wants(ChangesURL(p, i)+wordFile)
	if !c.wants(ChangesURL(p, i)) && !fed && !word {
		return nil
	}
	if from < 0 {
		if fed {
			if err := feed.add(p, i, ""); err != nil {
				return err
			}
		}
		return c.uncomparedPage(p, i, emit)
	}
	redline, err := texts.Changes(i)
	if err == nil && fed {
		err = feed.add(p, i, redline.Excerpt())
	}
	if err == nil && word {
		var document []byte
		if document, err = redline.Word(); err == nil {
			err = emit(file(ChangesURL(p, i)+wordFile), document)
		}
	}
	if err != nil {
		return err
	}
	out := c.redlinePage(ChangesURL(p, i), p, from, i, i)
	c.sizes(out, p, &redline.Comparison)
	if c.site.Docx {
		out.Word = wordFile
	}
	for j := i - 1; j >= 0 && out.Previous == nil; j-- {
		out.Previous = c.withRedline(&out.Page, p, j)
	}
	for j := i + 1; j < len(p.Versions) && out.Next == nil; j++ {
		out.Next = c.withRedline(&out.Page, p, j)
	}
	return c.write(emit, "redline.html", &out.Page, out, redline.HTML)
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
	out := c.redlinePage(ChangesURL(p, i), p, from, i, i)
	return c.write(emit, "uncompared.html", &out.Page, out, nil)
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
		out := c.redlinePage(sinceURL(p, i), p, i, p.Current, i)
		name, text := "since.html", []byte(nil)
		switch {
		case i == j:
			redline, err := texts.Since(i)
			if err != nil {
				return err
			}
			c.sizes(out, p, &redline.Comparison)
			name, text = "redline.html", redline.HTML
		case j >= 0:
			out.Nearest = c.version(&out.Page, p, j)
		}
		if err := c.write(emit, name, &out.Page, out, text); err != nil {
			return err
		}
	}
	return nil
}

// redlinePage is what the pages below version i, which is one of the two that
// are compared, have in common.
func (c *Composer) redlinePage(url string, p *policy.Policy, from, to, i int) *redlinePage {
	out := &redlinePage{
		Page:     c.page(url, p.Lang),
		IsSince:  i == from,
		TextLang: p.Lang,
		TextDir:  words.Direction(p.Lang),
		Archive:  Href(url, p.URL+"changes/"),
	}
	page, w := &out.Page, out.Page.words
	out.Policy = page.policyLink(p)
	out.From, out.To = c.version(page, p, from), c.version(page, p, to)
	out.From.Record, out.To.Record = c.record(page, p, from), c.record(page, p, to)
	page.NoIndex = true
	c.within(page, p)
	below, title := out.To, w.T("changed-on", "Version", out.To.Title)
	switch {
	case out.IsSince:
		below, title = out.From, w.T("changed-since", "Version", out.From.Title)
	case out.To.Draft:
		title = w.T("changes-next")
	}
	page.Title = w.T("page-of", "Page", title, "Policy", p.Title)
	page.Crumbs = append(page.Crumbs, link{Text: below.Title, Href: below.Href})
	page.crumb(w.T("what-changed"))
	page.relate("version-history", out.Archive)
	return out
}

// sizes takes what a redline says in short.
func (c *Composer) sizes(out *redlinePage, p *policy.Policy, of *policy.Comparison) {
	page, w := &out.Page, out.Page.words
	out.Redline, out.Only = of, wordless(w, of)
	out.Sections = page.touchedSections(of.Sections, "", p.Lang)
	unit := words.Unit(p.Lang)
	out.Added, out.Removed = w.HTML(unit+"-added", of.Added), w.HTML(unit+"-removed", of.Removed)
	if of.Moved > 0 {
		out.Moved = w.HTML(unit+"-moved", of.Moved)
	}
	page.Description = w.T("size", "Added", out.Added, "Removed", out.Removed)
	if out.Only != "" {
		page.Description = out.Only
	}
	if !out.IsSince {
		page.Description = w.T("last-changed", "Day", out.To.Title, "Summary", out.To.Said) + " (" + page.Description + ")"
	}
	if of.Changes > 0 {
		return
	}
	say := func(id string, from, to policy.Date) {
		if from != to {
			or := func(d policy.Date) template.HTML { return cmp.Or(w.Time(d), w.HTML("none")) }
			out.Stated = append(out.Stated, w.HTML(id, "From", or(from), "To", or(to)))
		}
	}
	from, to := out.From.Record, out.To.Record
	say("date-updated-changed", from.LastUpdated, to.LastUpdated)
	say("date-effective-changed", from.Effective, to.Effective)
}

// withRedline is version i if it has a redline.
func (c *Composer) withRedline(page *Page, p *policy.Policy, i int) *version {
	if compared(p, i) < 0 {
		return nil
	}
	return c.version(page, p, i)
}
