package pages

import (
	"cmp"
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

// change returns the view of a change on the page at from with what is folded
// under it, and with the policy's name where it is not the only one there.
func (c *Composer) change(from string, a changeAt, named bool) *version {
	out := c.version(from, a.policy, a.i)
	if named {
		out.Policy = policyLink(from, a.policy)
	}
	for j := a.i + 1; j < len(a.policy.Versions) && !leads(a.policy, j); j++ {
		out.Folded = append(out.Folded, c.version(from, a.policy, j))
	}
	slices.Reverse(out.Folded)
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
	Frame
	Policy  *policy.Policy // of changes.html
	Heading link           // the policy's title
	Of      int            // on the page of an earlier year: that year; else 0
	Newest  string         // address of the archive's first page
	Count   int            // changes in the whole archive
	Since   *version       // the first version in the record; nil when there is none
	Cut     bool           // the record has earlier versions than it shows
	Years   []year         // of the archive, newest first; those of the page with their changes
	Spans   []span         // of changes.html: which version is in force when
	AsOf    *Built         // on the first page of the site's archive
}

// span is a run of days on which one version, or none, is in force.
type span struct {
	From, Until policy.Date // half open; Until is zero when no end is known
	Version     *version    // nil when none is in force
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
func (c *Composer) archive(emit Emit, url, template string, all []changeAt, make func(url string, year int) changesPage) error {
	years, first := divide(all)
	write := func(at string, of int, on [][]changeAt) error {
		if !c.wants(at) {
			return nil
		}
		page := make(at, of)
		page.Of, page.Newest, page.Count = of, Href(at, url), len(all)
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
						view.Changes = append(view.Changes, c.change(at, a, page.Policy == nil))
					}
				}
			}
			page.Years = append(page.Years, view)
		}
		return c.write(emit, template, &page, nil)
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
	return c.archive(emit, url, "changes.html", changesOf(p), func(at string, of int) changesPage {
		page := changesPage{
			Frame:   c.frame(at, "Changes to "+p.Title),
			Policy:  p,
			Heading: policyLink(at, p),
			Cut:     p.Versions[0].Kind != policy.Initial,
		}
		page.Since = c.version(at, p, 0)
		c.crumbs(&page.Frame, p)
		c.archiveCrumbs(&page, url, of)
		if of == 0 {
			page.Spans = c.spans(at, p)
		}
		return page
	})
}

// archiveCrumbs ends the way from the home page to an archive's page.
func (c *Composer) archiveCrumbs(page *changesPage, archive string, of int) {
	page.Crumbs = append(page.Crumbs, link{Text: "Changes", Href: Href(page.URL, archive)})
	if of != 0 {
		page.Title += " in " + strconv.Itoa(of)
		page.crumb(strconv.Itoa(of))
	}
}

// spans lists, newest first, which version is in force on which days, and the
// days between on which none is.
func (c *Composer) spans(from string, p *policy.Policy) []span {
	var out []span
	var end policy.Date
	for i := range p.Versions {
		in := p.Versions[i].InForce
		if in == nil {
			continue
		}
		if len(out) > 0 && end.Before(in.From) && !end.IsZero() {
			out = append(out, span{From: end, Until: in.From})
		}
		out = append(out, span{From: in.From, Until: in.Until, Version: c.version(from, p, i)})
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
	return c.archive(w.emit, url, "all-changes.html", changes, func(at string, of int) changesPage {
		page := changesPage{Frame: c.frame(at, "Changes")}
		c.archiveCrumbs(&page, url, of)
		if len(changes) > 0 {
			earliest := changes[len(changes)-1]
			page.Since = c.version(at, earliest.policy, earliest.i)
		}
		if of == 0 {
			page.AsOf = &w.built
		}
		return page
	})
}
