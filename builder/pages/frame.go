package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// Page is what every page is given, whatever its kind.
type Page struct {
	Site        *Site
	URL         string // of the page, below the site's root
	Permalink   string // the page's whole address, or its path when the site does not know its own
	Title       string // of the page alone: "Changes to Privacy policy"
	Description string
	Lang, Dir   string // of the words around the text; Dir is "ltr" or "rtl"
	NoIndex     bool
	Canonical   string
	Relations   []relation // other <link>s of the head
	Crumbs      []link     // from the home page to this one
	Links       links
	Text        template.HTML // a placeholder: the text is put there when the page is done
	Parts       pageParts

	RemoteImages bool // the page may show images of other hosts
	Compares     bool // the page compares texts: it loads them, and what compares them
	named        bool // it says the site's title itself
	words        *words.Words
}

// links are addresses, as seen from a page.
type links struct {
	Home, Changes, Feed, About, Manifest, Style, Script, Favicon, Logo string
}

// pageParts are HTML made of a Page.
type pageParts struct {
	Head   template.HTML // Canonical, Relations and what partials/head.html writes
	Header template.HTML // what partials/header.html writes
	Trail  template.HTML // Crumbs, as items of a list
	Footer template.HTML // what partials/footer.html writes
}

// common is what the parts that all pages have in common are given. It is the same
// for nearly all pages equally deep.
type common struct {
	Site  *Site
	Named bool // the page says the site's title itself
	links
	RemoteImages bool
	Compares     bool
}

// relation is a <link> of the head.
type relation struct{ Rel, Href, Type, Lang, Title string }

// link is a link of the page with the language of its text.
type link struct {
	Text string
	Href string // "" when there is nothing to link to
	Lang string // "" when it is the page's
	Dir  string // "rtl", "ltr", or "" when it is the page's
}

// linkHTML writes a link, or its text alone where it leads nowhere.
func linkHTML(l link) template.HTML {
	tag, attributes := "a", ` href="`+escape(l.Href)+`"`
	if l.Href == "" {
		tag, attributes = "span", ""
	}
	if l.Lang != "" {
		attributes += ` lang="` + escape(l.Lang) + `" dir="` + l.Dir + `"`
	}
	if attributes == "" {
		return template.HTML(escape(l.Text))
	}
	return template.HTML("<" + tag + attributes + ">" + escape(l.Text) + "</" + tag + ">")
}

// linkedHTML writes a link around words, or words alone where it leads nowhere.
func linkedHTML(words any, href string) template.HTML {
	text, ok := words.(template.HTML)
	if !ok {
		text = template.HTML(escape(fmt.Sprint(words)))
	}
	if href == "" {
		return text
	}
	return `<a href="` + template.HTML(escape(href)) + `">` + text + "</a>"
}

// textMark is what a template writes for a text. The text is put in afterwards:
// the template packages would copy it three times, and a site may have tens of
// thousands of pages with a text of 200 KB. No other value of a template can
// write NUL: html/template replaces it.
const textMark = "\x00text\x00"

// page begins a page in the words of a language: that of its policy, or "" for the
// site's.
func (c *Composer) page(url, lang string) Page {
	w := c.Words(lang)
	p := Page{
		Site: &c.site,
		Lang: w.Lang,
		Dir:  words.Direction(w.Lang),
		Links: links{
			Home: Href(url, "/"), Changes: Href(url, "/changes/"), About: Href(url, c.aboutURL(w.Lang)), Manifest: Href(url, "/archive.json"),
			Style: Href(url, c.theme.styleURL), Script: Href(url, c.theme.scriptURL),
		},
		URL:       url,
		Permalink: c.permalink(url),
		NoIndex:   c.site.Preview,
		Canonical: Href(url, url),
		Crumbs:    []link{{Text: w.T("home"), Href: Href(url, "/")}},
		Text:      textMark,
		words:     w,
	}
	if c.base.origin != "" {
		p.Links.Feed = Href(url, "/"+feedName)
	}
	if u := c.site.Brand.Favicon; u != "" {
		p.Links.Favicon = Href(url, u)
	}
	if u := c.site.Brand.Logo; u != "" {
		p.Links.Logo = Href(url, u)
	}
	if whole, ok := c.base.absolute(url); ok {
		p.Canonical = whole
	}
	return p
}

// Words are those of a language, else of the site's, else English.
func (c *Composer) Words(lang string) *words.Words { return c.theme.book.Words(lang, c.site.Lang) }

// permalink is an address to cite: whole when the site knows its own.
func (c *Composer) permalink(url string) string {
	if whole, ok := c.base.absolute(url); ok {
		return whole
	}
	return escapePath(url)
}

// within says that a page belongs to a policy: it names the policy's feed, the folders
// above the policy and the policy itself. A folder is a link when a policy lives at its
// URL.
func (c *Composer) within(page *Page, p *policy.Policy) {
	if page.Links.Feed != "" {
		page.Relations = append(page.Relations, relation{Rel: "alternate", Type: "application/atom+xml", Href: Href(page.URL, p.URL+feedName), Title: page.words.T("changes-to", "Policy", p.Title)})
	}
	segments := strings.Split(strings.Trim(p.URL, "/"), "/")
	at := "/"
	for i, s := range segments[:len(segments)-1] {
		at += s + "/"
		crumb := link{Text: c.folderName(s, i == 0)}
		if c.urls[at] {
			crumb.Href = Href(page.URL, at)
		}
		page.Crumbs = append(page.Crumbs, crumb)
	}
	page.Crumbs = append(page.Crumbs, page.policyLink(p))
}

// crumb ends the way from the home page to this one.
func (p *Page) crumb(text string) {
	p.Crumbs = append(p.Crumbs, link{Text: text, Href: Href(p.URL, p.URL)})
}

func (p *Page) relate(rel, href string) {
	p.Relations = append(p.Relations, relation{Rel: rel, Href: href})
}

// link is a link on the page, whose text is in a language of its own.
func (p *Page) link(text, href, lang string) link {
	l := link{Text: text, Href: href}
	if lang != "" && lang != p.Lang {
		l.Lang, l.Dir = lang, words.Direction(lang)
	}
	return l
}

// policyLink is a link to a policy's own page, by its title.
func (p *Page) policyLink(to *policy.Policy) link {
	return p.link(to.Title, Href(p.URL, to.URL), to.Lang)
}

// surround makes what is around the content of every page. Templates write the
// parts that pages share once, and not for each page; with the links, which have
// no template, that is a third of the actions that a page would execute.
func (c *Composer) surround(p *Page) error {
	type key struct {
		common
		words *words.Words
	}
	given := key{common{p.Site, p.named, p.Links, p.RemoteImages, p.Compares}, p.words}
	made, ok := c.shared.Load(given)
	if !ok {
		var all [len(sharedFiles)]template.HTML
		for i, name := range sharedFiles {
			var b bytes.Buffer
			if err := c.theme.execute(&b, p.words, name, given.common); err != nil {
				return err
			}
			all[i] = template.HTML(b.String())
		}
		made, _ = c.shared.LoadOrStore(given, all)
	}
	parts := made.([len(sharedFiles)]template.HTML)
	p.Parts = pageParts{Head: headLinks(p) + parts[0], Header: parts[1], Trail: trail(p.Crumbs), Footer: parts[2]}
	return nil
}

// headLinks are the <link>s of a page's own.
func headLinks(p *Page) template.HTML {
	var b strings.Builder
	write := func(r relation) {
		b.WriteString("<link")
		for _, a := range [...]struct{ name, value string }{{"rel", r.Rel}, {"href", r.Href}, {"type", r.Type}, {"hreflang", r.Lang}, {"title", r.Title}} {
			if a.value != "" {
				b.WriteString(" " + a.name + `="` + escape(a.value) + `"`)
			}
		}
		b.WriteString(">\n")
	}
	if p.Canonical != "" {
		write(relation{Rel: "canonical", Href: p.Canonical})
	}
	for _, r := range p.Relations {
		write(r)
	}
	return template.HTML(b.String())
}

// trail is the items of a list that leads from the home page to the one above this
// one, whose title says where it is; "" on a page that the home page leads to.
func trail(crumbs []link) template.HTML {
	if len(crumbs) < 3 {
		return ""
	}
	var b strings.Builder
	for _, l := range crumbs[:len(crumbs)-1] {
		text := string(linkHTML(l))
		if l.Href == "" && l.Lang == "" {
			text = "<span>" + text + "</span>"
		}
		b.WriteString("<li>" + text + "</li>\n")
	}
	return template.HTML(b.String())
}

// write executes a template and emits the page, with the text where the template
// has put it. data is what the template is given, with the page in it.
func (c *Composer) write(emit Emit, name string, page *Page, data any, text []byte) error {
	if !c.wants(page.URL) {
		return nil
	}
	page.RemoteImages = c.theme.remoteImages || remoteImages(text)
	if err := c.surround(page); err != nil {
		return err
	}
	b := c.buffers.Get().(*buffers)
	defer c.buffers.Put(b)
	b.frame.Reset()
	b.whole.Reset()
	if err := c.theme.execute(&b.frame, page.words, name, data); err != nil {
		return err
	}
	before, after, found := bytes.Cut(b.frame.Bytes(), []byte(textMark))
	b.whole.Grow(b.frame.Len() + len(text) + len(text)/64) // ways to the root are longer than their marks
	b.whole.Write(before)
	if found {
		writeText(&b.whole, text, []byte(Href(page.URL, "/")))
	}
	b.whole.Write(after)
	if c.site.Fragments {
		return c.writeFragment(emit, page, b.whole.Bytes())
	}
	return emit(file(page.URL), b.whole.Bytes())
}
