package pages

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// A home page with manyPolicies or more folds its folders to counts and has a field to
// find one; it lists the newest latestChanges changes.
const (
	manyPolicies  = 100
	latestChanges = 5
)

// homePage is what home.html is given.
type homePage struct {
	Page      Page
	H1        bool // the introduction has no level-1 heading, so the site's title is one
	Intro     bool
	TextLang  string
	TextDir   string
	Folders   []folder
	Withdrawn []listed
	Count     int // policies, withdrawn ones too
	Many      bool
	Latest    []*version
	AsOf      Built
}

// folder is a group of policies that share the first segment of their URLs.
type folder struct {
	Name     string // "" for policies that are in none
	Policies []listed
}

// listed is a policy in a list.
type listed struct {
	Policy    policyFacts
	Link      link
	Archive   string
	Shown     *version
	Pending   []*version
	Since     string   // how many versions it has, and since when
	Draft     *version // in a work tree; nil when there is none
	Address   string   // of one of several that have one title, to tell them apart; else ""
	Languages []link   // the policy in its other languages
}

func (c *Composer) listed(page *Page, p *policy.Policy) listed {
	out := listed{
		Policy:    factsOf(p),
		Link:      page.policyLink(p),
		Archive:   Href(page.URL, p.URL+"changes/"),
		Shown:     c.version(page, p, p.Shown()),
		Since:     c.began(page, p),
		Languages: c.languages(page, p),
	}
	if n := len(p.Versions) - 1; p.Versions[n].Draft {
		if out.Draft = c.version(page, p, n); n == 0 {
			out.Since = ""
		}
	}
	for i := p.Shown() + 1; i < len(p.Versions); i++ {
		if stateOf(p, i) == stateUpcoming {
			out.Pending = append(out.Pending, c.version(page, p, i))
		}
	}
	return out
}

// arranged sorts policies as people want them: in the order in which the introduction
// links to them, then those with a weight, the lightest first, then terms and privacy,
// then originals before their translations, then by title.
func (c *Composer) arranged(w *whole) []*policy.Policy {
	named := func(p *policy.Policy) int {
		if w.intro != nil {
			if i := slices.Index(w.intro.Leads, p.URL); i >= 0 {
				return i
			}
		}
		return 1 << 30
	}
	weight := func(p *policy.Policy) int {
		if p.Weight == 0 {
			return 1 << 30
		}
		return p.Weight
	}
	rank := map[string]int{termsOfService: 0, privacyPolicy: 1, "": 2}
	translated := func(p *policy.Policy) int {
		if c.Translation(p) != nil {
			return 1
		}
		return 0
	}
	sorted := slices.Clone(w.all)
	slices.SortStableFunc(sorted, func(a, b *policy.Policy) int {
		return cmp.Or(
			cmp.Compare(named(a), named(b)),
			cmp.Compare(weight(a), weight(b)),
			cmp.Compare(rank[known(a)], rank[known(b)]),
			cmp.Compare(translated(a), translated(b)),
			cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)),
			cmp.Compare(a.ID, b.ID),
		)
	})
	return sorted
}

// What two policies are everywhere: link relations of RFC 6903.
const (
	termsOfService = "terms-of-service"
	privacyPolicy  = "privacy-policy"
)

// known is the link relation of a policy that is one of these two, by its name; "" for
// another.
func known(p *policy.Policy) string {
	parts := strings.FieldsFunc(path.Base(p.Base), func(r rune) bool { return r == '-' || r == '_' })
	switch {
	case slices.Contains(parts, "terms"), slices.Contains(parts, "tos"):
		return termsOfService
	case slices.Contains(parts, "privacy"):
		return privacyPolicy
	}
	return ""
}

// home writes the home page.
func (c *Composer) home(w *whole) error {
	if !c.wants("/") {
		return nil
	}
	out := homePage{Page: c.page("/", ""), H1: true, Count: len(w.all), Many: len(w.all) >= manyPolicies, AsOf: w.built}
	page := &out.Page
	page.Crumbs, page.Title = nil, c.site.Title
	var text []byte
	if w.intro != nil {
		text = w.intro.HTML
		out.Intro, out.TextLang, out.TextDir = true, c.site.Lang, words.Direction(c.site.Lang)
		for _, h := range w.intro.Headings {
			out.H1 = out.H1 && h.Level != 1
			page.named = page.named || h.Level == 1 && h.Text == c.site.Title
		}
	}
	page.named = page.named || out.H1
	sorted := c.arranged(w)
	at := map[string]int{}
	titles := titlesOf(w.all)
	var first []string // titles
	for _, p := range sorted {
		if len(first) < latestChanges && p.Status != policy.StatusWithdrawn && !c.grouped(p) {
			first = append(first, p.Title)
		}
	}
	page.Description = page.words.List(first)
	for _, rel := range []string{privacyPolicy, termsOfService} {
		is := func(p *policy.Policy) bool {
			return known(p) == rel && p.Lang == c.site.Lang && p.Status == policy.StatusInForce
		}
		if i := slices.IndexFunc(sorted, is); i >= 0 {
			page.relate(rel, Href("/", sorted[i].URL))
		}
	}
	for _, p := range sorted {
		entry := c.listed(page, p)
		if titles[titled{p.Title, p.Lang}] > 1 {
			entry.Address = p.URL
		}
		if p.Status == policy.StatusWithdrawn {
			out.Withdrawn = append(out.Withdrawn, entry)
			continue
		}
		if c.grouped(p) {
			continue
		}
		name := ""
		if first, _, nested := strings.Cut(strings.Trim(p.URL, "/"), "/"); nested {
			name = c.folderName(first, true)
		}
		k, ok := at[name]
		if !ok {
			k = len(out.Folders)
			at[name] = k
			out.Folders = append(out.Folders, folder{Name: name})
		}
		out.Folders[k].Policies = append(out.Folders[k].Policies, entry)
	}
	slices.SortStableFunc(out.Folders, func(a, b folder) int { return cmp.Compare(a.Name, b.Name) })
	changes := siteChanges(slices.DeleteFunc(slices.Clone(w.all), c.grouped))
	for _, a := range changes[:min(latestChanges, len(changes))] {
		out.Latest = append(out.Latest, c.change(page, a, true))
	}
	return c.write(w.emit, "home.html", page, &out, text)
}

// titled is a title in a language.
type titled struct{ title, lang string }

// titlesOf counts the policies of each title.
func titlesOf(all []*policy.Policy) map[titled]int {
	out := map[titled]int{}
	for _, p := range all {
		out[titled{p.Title, p.Lang}]++
	}
	return out
}

// grouped reports whether a policy stands in the entry of another language: of its
// original, as long as that is published.
func (c *Composer) grouped(p *policy.Policy) bool {
	t := c.Translation(p)
	return t != nil && t.Of.Status != policy.StatusWithdrawn && c.Translation(t.Of) == nil
}

// notFoundPage is what notfound.html is given.
type notFoundPage struct {
	Page     Page
	Policies []notFoundLink
}

// notFoundLink is a policy to go on to from an address that does not exist.
type notFoundLink struct {
	Policy  link
	Address string // of one of several that have one title, to tell them apart; else ""
	Archive string
}

// notFound writes 404.html. Hosts serve it at any address, so its links start
// at the host's root.
func (c *Composer) notFound(w *whole) error {
	const url = "/404.html"
	if !c.wants(url) {
		return nil
	}
	out := notFoundPage{Page: c.page(url, "")}
	page := &out.Page
	page.Title = page.words.T("not-found")
	page.NoIndex = true
	page.Canonical = ""
	page.Crumbs = nil
	if page.Links.Feed != "" {
		page.Links.Feed = c.base.rooted("/" + feedName)
	}
	page.Links = links{
		Feed: page.Links.Feed,
		Home: c.base.rooted("/"), Changes: c.base.rooted("/changes/"), About: c.base.rooted(c.aboutURL(page.Lang)), Manifest: c.base.rooted("/archive.json"),
		Style: c.base.rooted(c.theme.styleURL), Script: c.base.rooted(c.theme.scriptURL),
	}
	titles := titlesOf(w.all)
	for _, p := range c.arranged(w) {
		to := notFoundLink{
			Policy:  page.link(p.Title, c.base.rooted(p.URL), p.Lang),
			Archive: c.base.rooted(p.URL + "changes/"),
		}
		if titles[titled{p.Title, p.Lang}] > 1 {
			to.Address = p.URL
		}
		out.Policies = append(out.Policies, to)
	}
	return c.write(w.emit, "notfound.html", page, &out, nil)
}
