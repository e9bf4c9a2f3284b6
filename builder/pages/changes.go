package pages

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"

	"github.com/policysite/policysite/builder/policy"
)

// fullPage is how many changes a page of a changes archive lists before its
// earlier years get pages of their own.
const fullPage = 60

// leads reports whether version i has a line of its own in the archive: it is a
// change, the first there is, or a draft.
func leads(p *policy.Policy, i int) bool {
	return i == 0 || p.Versions[i].IsChange() || p.Versions[i].Draft
}

// changeAt names a change: its policy, and its index there.
type changeAt struct {
	policy *policy.Policy
	i      int
}

// year is the year of the change, which is that in its id.
func (a changeAt) year() int { return a.policy.Versions[a.i].Day.Year }

// changesOf lists a policy's changes, newest first by the chain.
func changesOf(p *policy.Policy) []changeAt {
	var out []changeAt
	for i := len(p.Versions) - 1; i >= 0; i-- {
		if leads(p, i) {
			out = append(out, changeAt{p, i})
		}
	}
	return out
}

// row is what a line of a changes archive says beside its version.
type row struct {
	Standing template.HTML // without the day that the line begins with
	Where    template.HTML // the sections that it changed, as links; "" where its summary says so
	Folded   []*version    // of other kinds that followed the change, newest first
}

// change returns a change on a page with what is folded under it, and with the
// policy's name where it is not the only one there.
func (c *Composer) change(page *Page, a changeAt, named bool) *version {
	p, w := a.policy, page.words
	out := c.version(page, p, a.i)
	if named {
		out.Policy = page.policyLink(p)
	}
	out.Row = &row{Standing: out.Standing}
	if out.From == out.Day && out.State != string(stateUpcoming) {
		switch {
		case out.Last.IsZero():
			out.Row.Standing = w.HTML("in-force")
		case out.Last != out.From:
			out.Row.Standing = w.HTML("in-force-to", "Last", w.Time(out.Last))
		}
	}
	// A summary that the site made names the sections itself.
	if of := p.Versions[a.i].Comparison; of != nil && out.Own {
		n := min(mostListed, len(of.Sections))
		var where []template.HTML
		for _, s := range page.touchedSections(of.Sections[:n], out.Changes, p.Lang) {
			where = append(where, linkHTML(s.Link))
		}
		if more := len(of.Sections) - n; more > 0 {
			where = append(where, w.HTML("more-sections", more))
		}
		out.Row.Where = w.Series(where)
	}
	for j := a.i + 1; j < len(p.Versions) && !leads(p, j); j++ {
		out.Row.Folded = append(out.Row.Folded, c.version(page, p, j))
	}
	slices.Reverse(out.Row.Folded)
	return out
}

// year is a year of a changes archive.
type year struct {
	Year    int
	Count   int    // of changes
	Href    string // of the year: on this page "#y2024", or a page of its own
	Here    bool   // the page is that year's own
	Changes []*version
}

// changesPage is what changes.html and all-changes.html are given.
type changesPage struct {
	Page     Page
	Title    template.HTML // with the policy's title in its language
	Policy   *policyFacts  // of changes.html
	Own      link          // to the policy
	Of       int           // on the page of an earlier year: that year; else 0
	Newest   string        // address of the archive's first page
	Compare  string        // of changes.html: where any two versions are compared
	Count    int           // changes in the whole archive
	Begin    *version      // the first version in the record; nil when there is none
	Cut      bool          // the record has earlier versions than it shows
	Years    []year        // of the archive, newest first; those of the page with their changes
	Timeline template.HTML // a drawing of the years
	Spans    []span        // of changes.html: which version is in force when
	AsOf     *Built        // on the first page of the site's archive
}

// span is a run of days on which one version, or none, is in force.
type span struct {
	From, Last policy.Date // Last is zero when no end is known
	Version    *version    // nil when none is in force
}

// divide sorts changes into years, newest first, and says how many of the
// years are on the archive's first page: as many as fit, and at least one.
func divide(all []changeAt) (years [][]changeAt, first int) {
	years = [][]changeAt{}
	at := map[int]int{}
	for _, a := range all {
		k, ok := at[a.year()]
		if !ok {
			k = len(years)
			at[a.year()] = k
			years = append(years, nil)
		}
		years[k] = append(years[k], a)
	}
	slices.SortStableFunc(years, func(a, b []changeAt) int { return b[0].year() - a[0].year() })
	n := 0
	for _, y := range years {
		if n += len(y); n > fullPage && first > 0 {
			break
		}
		first++
	}
	return years, first
}

// yearPages are the years that have a page of their own.
func yearPages(all []changeAt) []int {
	years, first := divide(all)
	var out []int
	for _, y := range years[first:] {
		out = append(out, y[0].year())
	}
	return out
}

func yearURL(archive string, year int) string { return archive + strconv.Itoa(year) + "/" }

// archive writes the pages of a changes archive. make gives the parts of a
// page that depend on whose archive it is.
func (c *Composer) archive(emit Emit, url, template string, all []changeAt, make func(url string, year int) *changesPage) error {
	years, first := divide(all)
	write := func(at string, of int, on [][]changeAt) error {
		if !c.wants(at) {
			return nil
		}
		out := make(at, of)
		page := &out.Page
		out.Of, out.Newest, out.Count = of, Href(at, url), len(all)
		page.Crumbs = append(page.Crumbs, link{Text: page.words.T("changes"), Href: Href(at, url)})
		if of != 0 {
			page.Title = page.words.T("in-year", "Title", page.Title, "Year", strconv.Itoa(of))
			out.Title = page.words.HTML("in-year", "Title", out.Title, "Year", strconv.Itoa(of))
			page.crumb(strconv.Itoa(of))
		}
		for k, y := range years {
			n := y[0].year()
			view := year{Year: n, Count: len(y), Href: "#y" + strconv.Itoa(n), Here: n == of}
			switch {
			case k >= first && n != of:
				view.Href = Href(at, yearURL(url, n))
			case k < first && of != 0:
				view.Href = Href(at, url) + view.Href
			}
			for _, shown := range on {
				if shown[0].year() == n {
					for _, a := range shown {
						view.Changes = append(view.Changes, c.change(page, a, out.Policy == nil))
					}
				}
			}
			out.Years = append(out.Years, view)
		}
		if of == 0 {
			out.Timeline = c.timeline(page, all, out.Years)
		}
		return c.write(emit, template, page, out, nil)
	}
	if err := write(url, 0, years[:first]); err != nil {
		return err
	}
	for _, y := range years[first:] {
		n := y[0].year()
		if err := write(yearURL(url, n), n, [][]changeAt{y}); err != nil {
			return err
		}
	}
	return nil
}

// policyChanges writes the changes archive of a policy.
func (c *Composer) policyChanges(p *policy.Policy, emit Emit) error {
	url := p.URL + "changes/"
	return c.archive(emit, url, "changes.html", changesOf(p), func(at string, of int) *changesPage {
		facts := factsOf(p)
		out := &changesPage{Page: c.page(at, p.Lang), Policy: &facts, Cut: p.Versions[0].Kind != policy.Initial}
		page, w := &out.Page, out.Page.words
		out.Own = page.policyLink(p)
		out.Title = w.HTML("changes-to", "Policy", linkHTML(page.link(p.Title, "", p.Lang)))
		out.Begin, out.Compare = c.version(page, p, 0), Href(at, p.URL+"compare/")
		page.Title = w.T("changes-to", "Policy", p.Title)
		page.Description = c.began(page, p)
		c.within(page, p)
		if of == 0 {
			out.Spans = c.spans(page, p)
		}
		return out
	})
}

// began says how many versions a policy has, and since when.
func (c *Composer) began(page *Page, p *policy.Policy) string {
	n := len(p.Versions)
	if p.Versions[n-1].Draft {
		n--
	}
	year, _, _ := c.name(page, p.Versions[0].ID)
	return page.words.T("versions-since", n, "Year", strconv.Itoa(year.Year))
}

// spans lists, newest first, which version is in force on which days, and the
// days between on which none is.
func (c *Composer) spans(page *Page, p *policy.Policy) []span {
	var out []span
	var end policy.Date
	for i := range p.Versions {
		in := p.Versions[i].InForce
		if in == nil {
			continue
		}
		if len(out) > 0 && end.Before(in.From) && !end.IsZero() {
			out = append(out, span{From: end, Last: in.From.DayBefore()})
		}
		out = append(out, span{From: in.From, Last: in.Last(), Version: c.version(page, p, i)})
		end = in.Until
	}
	if len(out) > 0 && !end.IsZero() {
		out = append(out, span{From: end})
	}
	slices.Reverse(out)
	return out
}

// siteChanges lists the changes of all policies, newest first by the day in
// their ids, then by the time of the record.
func siteChanges(all []*policy.Policy) []changeAt {
	var out []changeAt
	for _, p := range all {
		out = append(out, changesOf(p)...)
	}
	slices.SortStableFunc(out, func(a, b changeAt) int {
		v, w := &a.policy.Versions[a.i], &b.policy.Versions[b.i]
		return cmp.Or(
			-compareBool(v.Draft, w.Draft),
			cmp.Compare(w.Day.String(), v.Day.String()),
			w.Recorded.Compare(v.Recorded),
			cmp.Compare(a.policy.ID, b.policy.ID),
			cmp.Compare(b.i, a.i),
		)
	})
	return out
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// allChanges writes the changes archive of the site.
func (c *Composer) allChanges(w *whole) error {
	const url = "/changes/"
	changes := siteChanges(w.all)
	return c.archive(w.emit, url, "all-changes.html", changes, func(at string, of int) *changesPage {
		out := &changesPage{Page: c.page(at, "")}
		page := &out.Page
		page.Title = page.words.T("changes")
		out.Title = page.words.HTML("changes")
		if len(changes) > 0 {
			earliest := changes[len(changes)-1]
			out.Begin = c.version(page, earliest.policy, earliest.i)
			page.Description = page.words.T("begins-site", "Day", out.Begin.Title)
		}
		if of == 0 {
			out.AsOf = &w.built
		}
		return out
	})
}
