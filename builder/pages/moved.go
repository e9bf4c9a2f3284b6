package pages

import (
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// movedPage is what redirect.html is given.
type movedPage struct {
	Page Page
	To   link // what stood here, as seen from this page, by its whole address or path
}

// Redirect writes a page at one URL that leads to another.
func (c *Composer) Redirect(from, to string, emit Emit) error {
	out := movedPage{Page: c.page(from, ""), To: link{Text: c.permalink(to), Href: Href(from, to)}}
	page := &out.Page
	page.Title = page.words.T("moved")
	page.Canonical = c.link(from, to)
	return c.write(emit, "redirect.html", page, &out, nil)
}

// redlinePages lists the pages below that of version i.
func redlinePages(p *policy.Policy, i int) []string {
	var out []string
	if compared(p, i) >= 0 || uncompared(p, i) >= 0 {
		out = append(out, "changes/")
	}
	if superseded(p, i) {
		out = append(out, "since/")
	}
	return out
}

// archivePages lists the pages of a policy's changes archive, relative to the
// policy's URL.
func archivePages(p *policy.Policy) []string {
	out := []string{"changes/"}
	for _, y := range yearPages(changesOf(p)) {
		out = append(out, yearURL("changes/", y))
	}
	return out
}

// moved writes a page at every former URL of a policy, and at every address
// below it, that leads to where it is now; copies the sources; and lists the
// same in _redirects. An address at which something lives now is left alone.
func (c *Composer) moved(w *whole) error {
	taken := map[string]bool{} // by the file that serves it, so that "/a/" is "/a/index.html"
	for _, u := range []string{"/", "/changes/", "/404.html"} {
		taken[file(u)] = true
	}
	for _, y := range yearPages(siteChanges(w.all)) {
		taken[file(yearURL("/changes/", y))] = true
	}
	for _, p := range w.all {
		taken[file(p.URL)] = true
		for _, page := range archivePages(p) {
			taken[file(p.URL+page)] = true
		}
		for _, name := range programFiles {
			taken[file(p.URL+name)] = true
		}
		for i := range p.Versions {
			taken[file(versionURL(p, i))] = true
			for _, page := range redlinePages(p, i) {
				taken[file(versionURL(p, i)+page)] = true
			}
		}
	}
	// Cloudflare Pages reads 2000 lines and no more: first those for the
	// policies' own addresses, which most links in the world point to; last
	// those for redlines.
	var own, rest, redlines strings.Builder
	move := func(lines *strings.Builder, from, to string) (free bool, err error) {
		if taken[file(from)] {
			return false, nil
		}
		taken[file(from)] = true
		lines.WriteString(c.base.rooted(from) + " " + c.base.rooted(to) + " 301\n")
		return true, c.Redirect(from, to, w.emit)
	}
	for _, p := range w.all {
		for _, former := range p.Former {
			if _, err := move(&own, former, p.URL); err != nil {
				return err
			}
			if !strings.HasSuffix(former, "/") {
				continue // there is nothing below a file
			}
			for _, name := range programFiles {
				from := former + name
				if taken[file(from)] || !c.wants(from) {
					continue
				}
				taken[file(from)] = true
				emit := func(_ string, content []byte) error { return w.emit(file(from), content) }
				if err := c.programFile(p, name, w.again, emit); err != nil {
					return err
				}
			}
			for _, page := range archivePages(p) {
				if _, err := move(&rest, former+page, p.URL+page); err != nil {
					return err
				}
			}
			for i, v := range p.Versions {
				for _, page := range redlinePages(p, i) {
					if _, err := move(&redlines, former+v.ID+"/"+page, versionURL(p, i)+page); err != nil {
						return err
					}
				}
				free, err := move(&rest, former+v.ID+"/", versionURL(p, i))
				if err != nil {
					return err
				}
				if !free || !c.wants(former+v.ID+"/index.md") {
					continue
				}
				source, err := w.again.Source(p, i)
				if err != nil {
					return err
				}
				if err := w.emit(file(former+v.ID+"/index.md"), source); err != nil {
					return err
				}
			}
		}
	}
	lines := own.String() + rest.String() + redlines.String()
	return w.emit("_redirects", append([]byte(lines), c.site.Redirects...))
}
