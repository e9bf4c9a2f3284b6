package pages

import (
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/words"
)

// aboutPage is what about.html is given: what this archive is and what its dates mean.
type aboutPage struct {
	Page      Page
	AsOf      Built
	Languages []link // the page in the other languages of the site
}

// aboutURL is where that page stands in a language that the site is in.
func (c *Composer) aboutURL(lang string) string {
	if slices.Contains(c.abouts(), lang) && lang != c.site.Lang {
		return "/" + strings.ToLower(lang) + "/about-this-archive/"
	}
	return "/about-this-archive/"
}

// abouts are the languages that it is in: those of the site, as far as there are words.
func (c *Composer) abouts() []string {
	out := []string{c.site.Lang}
	for _, lang := range c.site.Languages {
		if lang != c.site.Lang && c.Words(lang).Lang == lang {
			out = append(out, lang)
		}
	}
	return out
}

// about writes the page in each language.
func (c *Composer) about(w *whole) error {
	for _, lang := range c.abouts() {
		out := aboutPage{Page: c.page(c.aboutURL(lang), lang), AsOf: w.built}
		page := &out.Page
		page.Title, page.Description = page.words.T("about-archive"), page.words.T("about-lead")
		page.crumb(page.Title)
		if all := c.abouts(); len(all) > 1 {
			for _, other := range all {
				page.Relations = append(page.Relations, relation{Rel: "alternate", Href: c.link(page.URL, c.aboutURL(other)), Lang: other})
				if other != lang {
					out.Languages = append(out.Languages, page.link(words.Endonym(other), Href(page.URL, c.aboutURL(other)), other))
				}
			}
		}
		if err := c.write(w.emit, "about.html", page, &out, nil); err != nil {
			return err
		}
	}
	return nil
}
