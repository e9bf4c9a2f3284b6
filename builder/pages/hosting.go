package pages

import (
	"bytes"
	"encoding/xml"
	"html"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// hosting writes what static hosts and search engines look for.
func (c *Composer) hosting(w *whole) error {
	robots := "User-agent: *\nAllow: /\n"
	if whole, ok := c.base.absolute("/sitemap.xml"); ok {
		robots += "\nSitemap: " + whole + "\n"
	}
	if err := w.emit("robots.txt", []byte(robots)); err != nil {
		return err
	}
	// Netlify's and Cloudflare Pages' format. A file below /assets/ has its
	// content's hash in its address, so it can be kept for ever.
	allowed, err := c.allowed()
	if err != nil {
		return err
	}
	headers := c.base.path + "*\n" +
		"  X-Content-Type-Options: nosniff\n" +
		allowed +
		c.base.path + "assets/*\n" +
		"  Cache-Control: public, max-age=31536000, immutable\n" +
		"  Content-Security-Policy: sandbox\n" +
		c.base.path + "*/index.md\n" +
		"  Content-Type: text/markdown; charset=utf-8\n" +
		"  X-Robots-Tag: noindex\n"
	if c.site.Docx {
		headers += c.base.path + "*/" + wordFile + "\n" +
			"  X-Robots-Tag: noindex\n"
	}
	for _, name := range []string{"current.json", "versions.json"} { // apps elsewhere ask for them
		headers += c.base.path + "*/" + name + "\n" +
			"  Access-Control-Allow-Origin: *\n" +
			"  Cache-Control: public, max-age=300\n"
	}
	if c.base.origin != "" {
		for _, name := range []string{feedName, "*/" + feedName} {
			headers += c.base.path + name + "\n  Content-Type: application/atom+xml; charset=utf-8\n"
		}
	}
	headers += c.base.path + "llms.txt\n  Content-Type: text/plain; charset=utf-8\n"
	if err := w.emit("_headers", append([]byte(headers), c.site.Headers...)); err != nil {
		return err
	}
	// GitHub Pages leaves out files that start with "_" unless it is told not
	// to run Jekyll.
	return w.emit(".nojekyll", nil)
}

// Appended reports whether a file of the user's follows the site's own of that
// name, in place of being one that would take its place.
func Appended(name string) bool { return name == "_headers" || name == "_redirects" }

// allowed is the line of _headers that says what a page may load, for the page
// that needs most; "" where texts are trusted.
func (c *Composer) allowed() (string, error) {
	if c.site.Trusted {
		return "", nil
	}
	var b bytes.Buffer
	err := c.theme.execute(&b, c.Words(""), allowedFile, common{Site: &c.site, RemoteImages: true, Compares: c.compares()})
	return "  Content-Security-Policy: " + strings.Join(strings.Fields(html.UnescapeString(b.String())), " ") + "\n", err
}

// The sitemap protocol, https://www.sitemaps.org/protocol.html, with the
// language links that search engines read.
type sitemap struct {
	XMLName xml.Name     `xml:"urlset"`
	NS      string       `xml:"xmlns,attr"`
	XHTML   string       `xml:"xmlns:xhtml,attr"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc     string        `xml:"loc"`
	LastMod string        `xml:"lastmod,omitempty"`
	Links   []sitemapLink `xml:"xhtml:link"`
}

type sitemapLink struct {
	Rel      string `xml:"rel,attr"`
	HrefLang string `xml:"hreflang,attr"`
	Href     string `xml:"href,attr"`
}

// sitemap writes sitemap.xml: the home page and the policies' own pages. The
// protocol wants whole addresses, so there is none when the site does not know
// its own.
func (c *Composer) sitemap(w *whole) error {
	home, ok := c.base.absolute("/")
	if !ok {
		return nil
	}
	out := sitemap{
		NS:    "http://www.sitemaps.org/schemas/sitemap/0.9",
		XHTML: "http://www.w3.org/1999/xhtml",
		URLs:  []sitemapURL{{Loc: home}},
	}
	for _, p := range w.all {
		if p.Status == policy.StatusWithdrawn {
			continue
		}
		entry := sitemapURL{Loc: c.permalink(p.URL), LastMod: p.Versions[p.Shown()].Day.String()}
		for _, l := range c.alternates(p) {
			entry.Links = append(entry.Links, sitemapLink{"alternate", l.Lang, c.permalink(l.URL)})
		}
		out.URLs = append(out.URLs, entry)
	}
	b, err := c.xml(out)
	if err != nil {
		return err
	}
	return w.emit("sitemap.xml", b)
}

// xml writes a document.
func (c *Composer) xml(v any) ([]byte, error) {
	indent := " "
	if c.site.Minified {
		indent = ""
	}
	b, err := xml.MarshalIndent(v, "", indent)
	return append(append([]byte(xml.Header), b...), '\n'), err
}
