package pages

import (
	"cmp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// A home page with more than manyPolicies folds its folders to counts; it
// lists the newest latestChanges changes.
const (
	manyPolicies  = 40
	latestChanges = 5
)

// homePage is what home.html is given.
type homePage struct {
	Frame
	H1        bool // the introduction has no level-1 heading, so the site's title is one
	Intro     bool
	TextLang  string
	TextDir   string
	Folders   []folder
	Withdrawn []listed
	Count     int // policies, withdrawn ones too
	Latest    []*version
	AsOf      Built
}

// folder is a group of policies that share the first segment of their URLs.
type folder struct {
	Name     string // "" for policies that are in none
	Policies []listed
	Fold     bool
}

// listed is a policy in a list.
type listed struct {
	*policy.Policy
	Link    link
	Archive string
	Shown   *version
	Pending []*version
	Count   int // changes
	First   *version
	Draft   *version // in a work tree; nil when there is none
	Address string   // of one of several that have one title, to tell them apart; else ""
}

func (c *Composer) listed(from string, p *policy.Policy) listed {
	out := listed{
		Policy:  p,
		Link:    policyLink(from, p),
		Archive: Href(from, p.URL+"changes/"),
		Shown:   c.version(from, p, p.Shown()),
		First:   c.version(from, p, 0),
		Count:   len(changesOf(p)),
	}
	if n := len(p.Versions) - 1; p.Versions[n].Draft {
		out.Draft = c.version(from, p, n)
		out.Count--
	}
	for i := p.Shown() + 1; i < len(p.Versions); i++ {
		if stateOf(p, i) == stateUpcoming {
			out.Pending = append(out.Pending, c.version(from, p, i))
		}
	}
	return out
}

// byWeight orders policies as their authors want: those with a weight first,
// the lightest first; then by title.
func byWeight(a, b *policy.Policy) int {
	weight := func(p *policy.Policy) int {
		if p.Weight == 0 {
			return 1 << 30
		}
		return p.Weight
	}
	return cmp.Or(
		cmp.Compare(weight(a), weight(b)),
		cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)),
		cmp.Compare(a.ID, b.ID),
	)
}

// home writes the home page.
func (c *Composer) home(w *whole) error {
	if !c.wants("/") {
		return nil
	}
	page := homePage{Frame: c.frame("/", c.site.Title), H1: true, Count: len(w.all), AsOf: w.built}
	page.Crumbs = nil
	var text []byte
	if w.intro != nil {
		text = w.intro.HTML
		page.Intro, page.TextLang, page.TextDir = true, c.site.Lang, direction(c.site.Lang)
		for _, h := range w.intro.Headings {
			page.H1 = page.H1 && h.Level != 1
		}
	}
	sorted := slices.Clone(w.all)
	slices.SortStableFunc(sorted, byWeight)
	at := map[string]int{}
	titles := map[string]int{}
	for _, p := range sorted {
		titles[p.Title+"\x00"+p.Lang]++
	}
	for _, p := range sorted {
		entry := c.listed("/", p)
		if titles[p.Title+"\x00"+p.Lang] > 1 {
			entry.Address = p.URL
		}
		if p.Status == policy.StatusWithdrawn {
			page.Withdrawn = append(page.Withdrawn, entry)
			continue
		}
		name := ""
		if first, _, nested := strings.Cut(strings.Trim(p.URL, "/"), "/"); nested {
			name = c.folderName(first, true)
		}
		k, ok := at[name]
		if !ok {
			k = len(page.Folders)
			at[name] = k
			page.Folders = append(page.Folders, folder{Name: name, Fold: name != "" && len(w.all) > manyPolicies})
		}
		page.Folders[k].Policies = append(page.Folders[k].Policies, entry)
	}
	slices.SortStableFunc(page.Folders, func(a, b folder) int { return cmp.Compare(a.Name, b.Name) })
	changes := siteChanges(w.all)
	for _, a := range changes[:min(latestChanges, len(changes))] {
		page.Latest = append(page.Latest, c.change("/", a, true))
	}
	return c.write(w.emit, "home.html", &page, text)
}

// notFoundPage is what notfound.html is given.
type notFoundPage struct {
	Frame
	Policies []notFoundLink
}

// notFoundLink is a policy to go on to from an address that does not exist.
type notFoundLink struct {
	Policy  link
	Archive string
}

// notFound writes 404.html. Hosts serve it at any address, so its links start
// at the host's root.
func (c *Composer) notFound(w *whole) error {
	const url = "/404.html"
	if !c.wants(url) {
		return nil
	}
	page := notFoundPage{Frame: c.frame(url, "Page not found")}
	page.NoIndex = true
	page.Canonical = ""
	page.Crumbs = nil
	page.Links.Home = c.base.rooted("/")
	page.Links.Changes = c.base.rooted("/changes/")
	page.Links.Manifest = c.base.rooted("/archive.json")
	page.Links.Style, page.Links.Script = c.base.rooted(c.theme.styleURL), ""
	sorted := slices.Clone(w.all)
	slices.SortStableFunc(sorted, byWeight)
	for _, p := range sorted {
		page.Policies = append(page.Policies, notFoundLink{
			Policy:  textLink(p.Title, c.base.rooted(p.URL), p.Lang),
			Archive: c.base.rooted(p.URL + "changes/"),
		})
	}
	return c.write(w.emit, "notfound.html", &page, nil)
}
