package pages

import (
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// folderName is what people read for a segment of a URL: a language's own name
// when the first segment is a configured language, else its words.
func (c *Composer) folderName(segment string, first bool) string {
	if first {
		for _, lang := range c.site.Languages {
			if strings.EqualFold(lang, segment) {
				return words.Endonym(lang)
			}
		}
	}
	return words.Capital(strings.ReplaceAll(segment, "-", " "))
}

// family is one policy in several languages.
type family struct {
	places    []policy.Place
	originals map[string]string // by the id of a translation, the id of what it translates
}

// families groups places that are one policy in several languages: by the
// name they share without the language, and by what their authors state. A text that
// says no original translates the one of the same name in the site's language.
func families(places []policy.Place, siteLang string) map[string]*family {
	baseOf := map[string]string{}
	for _, p := range places {
		baseOf[p.ID] = p.Base
	}
	root := map[string]string{} // a base → the base of the policy it translates
	for _, p := range places {
		if original, ok := baseOf[p.TranslationOf]; ok && original != p.Base {
			root[p.Base] = original
		}
	}
	find := func(b string) string {
		for range len(root) { // a bound: authors can state a circle
			next, ok := root[b]
			if !ok {
				break
			}
			b = next
		}
		return b
	}
	grouped := map[string]*family{}
	for _, p := range places {
		f := grouped[find(p.Base)]
		if f == nil {
			f = &family{originals: map[string]string{}}
			grouped[find(p.Base)] = f
		}
		f.places = append(f.places, p)
	}
	byID := map[string]*family{}
	for _, f := range grouped {
		if len(f.places) < 2 {
			continue
		}
		for _, p := range f.places {
			byID[p.ID] = f
			switch _, known := baseOf[p.TranslationOf]; {
			case known && p.TranslationOf != p.ID:
				f.originals[p.ID] = p.TranslationOf
			case p.Lang != siteLang:
				for _, q := range f.places {
					if q.Lang == siteLang && q.Base == p.Base {
						f.originals[p.ID] = q.ID
					}
				}
			}
		}
	}
	return byID
}

// family is a policy in all its languages; the zero family where it has one.
func (c *Composer) family(id string) family {
	if f := c.families[id]; f != nil {
		return *f
	}
	return family{}
}

// alternates are the URLs of a policy in its languages, for search engines; x-default
// is for readers of none of them (https://developers.google.com/search/docs/specialty/international/localized-versions).
func (c *Composer) alternates(p *policy.Policy) []policy.Place {
	places := c.family(p.ID).places
	out := slices.Clone(places)
	for _, q := range places {
		if q.Lang == c.site.Lang {
			q.Lang = "x-default"
			return append(out, q)
		}
	}
	return out
}

// Others are the ids of a policy in its other languages.
func (c *Composer) Others(id string) []string {
	var out []string
	for _, p := range c.family(id).places {
		if p.ID != id {
			out = append(out, p.ID)
		}
	}
	return out
}

// Beside returns a Composer whose pages say of policies how they stand to these, their
// other languages: Others names them.
func (c *Composer) Beside(others []*policy.Policy) *Composer {
	if len(others) == 0 {
		return c
	}
	beside := *c
	beside.others = make(map[string]*policy.Policy, len(others))
	for _, p := range others {
		beside.others[p.ID] = p
	}
	return &beside
}

// Translation is how the newest version of a policy stands to its original; nil where
// it has none.
func (c *Composer) Translation(p *policy.Policy) *policy.Translation {
	n := len(p.Versions) - 1
	if p.Versions[n].Draft && n > 0 {
		n--
	}
	return c.translation(p, n)
}

func (c *Composer) translation(p *policy.Policy, i int) *policy.Translation {
	original := c.others[c.family(p.ID).originals[p.ID]]
	if original == nil {
		return nil
	}
	t := p.Versions[i].Translates(original)
	return &t
}

// languages are the policy in its other languages.
func (c *Composer) languages(page *Page, p *policy.Policy) []link {
	return c.languagesAt(page, p, func(q policy.Place) string { return q.URL })
}

// languagesOn are the pages of the versions in the other languages that are in force
// on a day.
func (c *Composer) languagesOn(page *Page, p *policy.Policy, day policy.Date) []link {
	return c.languagesAt(page, p, func(q policy.Place) string { return c.inForceOn(q.ID, day) })
}

func (c *Composer) languagesAt(page *Page, p *policy.Policy, url func(policy.Place) string) []link {
	var out []link
	for _, q := range c.family(p.ID).places {
		if u := url(q); q.ID != p.ID && u != "" {
			out = append(out, page.link(words.Endonym(q.Lang), Href(page.URL, u), q.Lang))
		}
	}
	return out
}

// inForceOn is the URL of the version of another policy in force on a day; "" for none.
func (c *Composer) inForceOn(id string, day policy.Date) string {
	if q := c.others[id]; q != nil {
		for i := range q.Versions {
			if q.Versions[i].InForce.Contains(day) && !q.Versions[i].Draft {
				return versionURL(q, i)
			}
		}
	}
	return ""
}

// dayOf is the day that a version's page is of: the first on which it is in force, else
// the recorded one.
func dayOf(v *policy.Version) policy.Date {
	if v.InForce != nil {
		return v.InForce.From
	}
	return v.Day
}

// notice is something to know before reading, with a link to more.
type notice struct {
	Text string
	Link link
}

// prevailing says that the text in another language prevails, with a link to it: the
// page of the version in force on a day, or with the zero day the policy's own.
func (c *Composer) prevailing(page *Page, p *policy.Policy, day policy.Date) []notice {
	w := page.words
	if c.site.Controlling == "" || p.Lang == c.site.Controlling {
		return nil
	}
	for _, q := range c.family(p.ID).places {
		url := q.URL
		if !day.IsZero() {
			url = c.inForceOn(q.ID, day)
		}
		if q.Lang == c.site.Controlling && url != "" {
			name := w.LanguageName(q.Lang)
			return []notice{{w.T("prevails", "Language", name), link{Text: w.T("prevails-read", "Language", name), Href: Href(page.URL, url)}}}
		}
	}
	return nil
}

// behind says that the original of a policy has changed since it was translated. A
// change to come is of concern where no translation of it is to come.
func (c *Composer) behind(page *Page, p *policy.Policy) []notice {
	t, w := c.translation(p, p.Shown()), page.words
	if t == nil {
		return nil
	}
	t.Since = slices.DeleteFunc(t.Since, func(i int) bool { return stateOf(t.Of, i) == stateUpcoming })
	coming := len(t.Since) == 0
	if coming {
		t = c.Translation(p)
	}
	if len(t.Since) == 0 {
		return nil
	}
	to := link{Text: w.T("see-changes")}
	last := t.Since[len(t.Since)-1]
	switch from := t.Of.ChangeOf(t.Version); {
	case len(t.Since) > 1 && superseded(t.Of, from):
		to.Href = Href(page.URL, sinceURL(t.Of, from))
	case compared(t.Of, last) >= 0:
		to.Href = Href(page.URL, ChangesURL(t.Of, last))
	default:
		to.Href = Href(page.URL, versionURL(t.Of, last))
	}
	if coming {
		return []notice{{w.T("original-coming", "Day", w.Date(t.Of.Versions[t.Since[0]].InForce.From)), to}}
	}
	return []notice{{w.T("original-changed", len(t.Since), "Day", w.Date(t.Of.Versions[last].Day)), to}}
}
