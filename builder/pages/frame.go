package pages

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Frame is what every page is given, whatever its kind.
type Frame struct {
	Site        *Site
	URL         string // of the page, below the site's root
	Permalink   string // the page's whole address, or its path when the site does not know its own
	Title       string // of the page alone: "Changes to Privacy policy"
	Description string
	NoIndex     bool
	Canonical   string
	Relations   []relation // other <link>s of the head
	Crumbs      []link     // from the home page to this one
	Links       links
	Text        template.HTML // a placeholder: the text is put there when the page is done
	Parts       frameParts

	RemoteImages bool // the page may show images of other hosts
}

// links are addresses, as seen from a page.
type links struct {
	Home, Changes, Manifest, Style, Script string
}

// frameParts are HTML made of a Frame.
type frameParts struct {
	Head   template.HTML // Canonical, Relations and what partials/head.html writes
	Header template.HTML // what partials/header.html writes
	Trail  template.HTML // Crumbs, as items of a list
	Footer template.HTML // what partials/footer.html writes
}

// common is what the parts that all pages have in common are given. It is the same
// for nearly all pages equally deep.
type common struct {
	Site *Site
	links
	RemoteImages bool
}

// page is what a template is given: a pointer to a struct with a Frame in it.
type page interface{ frame() *Frame }

func (f *Frame) frame() *Frame { return f }

// relation is a <link> of the head.
type relation struct{ Rel, Href, Type, Lang string }

// link is a link of the frame with the language of its text.
type link struct {
	Text string
	Href string // "" when there is nothing to link to
	Lang string // "" when it is the frame's
	Dir  string // "rtl", "ltr", or "" when it is the frame's
}

// textMark is what a template writes for a text. The text is put in afterwards:
// the template packages would copy it three times, and a site may have tens of
// thousands of pages with a text of 200 KB. No other value of a template can
// write NUL: html/template replaces it.
const textMark = "\x00text\x00"

func (c *Composer) frame(url, title string) Frame {
	f := Frame{
		Site: &c.site,
		Links: links{
			Home: Href(url, "/"), Changes: Href(url, "/changes/"), Manifest: Href(url, "/archive.json"),
			Style: Href(url, c.theme.styleURL), Script: Href(url, c.theme.scriptURL),
		},
		URL:       url,
		Permalink: c.permalink(url),
		Title:     title,
		NoIndex:   c.site.Preview,
		Canonical: Href(url, url),
		Crumbs:    []link{{Text: "Home", Href: Href(url, "/")}},
		Text:      textMark,
	}
	if whole, ok := c.base.absolute(url); ok {
		f.Canonical = whole
	}
	return f
}

// permalink is an address to cite: whole when the site knows its own.
func (c *Composer) permalink(url string) string {
	if whole, ok := c.base.absolute(url); ok {
		return whole
	}
	return escapePath(url)
}

// crumbs adds the folders above a policy and the policy itself. A folder is a
// link when a policy lives at its URL.
func (c *Composer) crumbs(f *Frame, p *policy.Policy) {
	segments := strings.Split(strings.Trim(p.URL, "/"), "/")
	at := "/"
	for i, s := range segments[:len(segments)-1] {
		at += s + "/"
		crumb := link{Text: c.folderName(s, i == 0)}
		if c.urls[at] {
			crumb.Href = Href(f.URL, at)
		}
		f.Crumbs = append(f.Crumbs, crumb)
	}
	f.Crumbs = append(f.Crumbs, policyLink(f.URL, p))
}

// crumb ends the way from the home page to this one.
func (f *Frame) crumb(text string) {
	f.Crumbs = append(f.Crumbs, link{Text: text, Href: Href(f.URL, f.URL)})
}

func (f *Frame) relate(rel, href string) {
	f.Relations = append(f.Relations, relation{Rel: rel, Href: href})
}

// surround makes what is around the content of every page. Templates write the
// parts that pages share once, and not for each page; with the links, which have
// no template, that is a third of the actions that a page would execute.
func (c *Composer) surround(f *Frame) error {
	given := common{f.Site, f.Links, f.RemoteImages}
	made, ok := c.shared.Load(given)
	if !ok {
		var all [3]template.HTML
		for i, name := range sharedFiles {
			var b bytes.Buffer
			if err := c.theme.execute(&b, name, given); err != nil {
				return err
			}
			all[i] = template.HTML(b.String())
		}
		made, _ = c.shared.LoadOrStore(given, all)
	}
	parts := made.([3]template.HTML)
	f.Parts = frameParts{Head: headLinks(f) + parts[0], Header: parts[1], Trail: trail(f.Crumbs), Footer: parts[2]}
	return nil
}

// headLinks are the <link>s of a page's own.
func headLinks(f *Frame) template.HTML {
	var b strings.Builder
	write := func(r relation) {
		b.WriteString("<link")
		for _, a := range [...]struct{ name, value string }{{"rel", r.Rel}, {"href", r.Href}, {"type", r.Type}, {"hreflang", r.Lang}} {
			if a.value != "" {
				b.WriteString(" " + a.name + `="` + escape(a.value) + `"`)
			}
		}
		b.WriteString(">\n")
	}
	if f.Canonical != "" {
		write(relation{Rel: "canonical", Href: f.Canonical})
	}
	for _, r := range f.Relations {
		write(r)
	}
	return template.HTML(b.String())
}

// trail is the items of a list that leads from the home page to this one.
func trail(crumbs []link) template.HTML {
	var b strings.Builder
	for _, l := range crumbs {
		tag, attr := "span", ""
		switch l.Href {
		case "":
		case "./":
			attr = ` aria-current="page"`
		default:
			tag, attr = "a", ` href="`+escape(l.Href)+`"`
		}
		if l.Lang != "" {
			attr += ` lang="` + escape(l.Lang) + `" dir="` + l.Dir + `"`
		}
		b.WriteString("<li><" + tag + attr + ">" + escape(l.Text) + "</" + tag + "></li>\n")
	}
	return template.HTML(b.String())
}

// write executes a template and emits the page, with the text where the template
// has put it.
func (c *Composer) write(emit Emit, name string, data page, text []byte) error {
	f := data.frame()
	if !c.wants(f.URL) {
		return nil
	}
	f.RemoteImages = c.theme.remoteImages || remoteImages(text)
	if err := c.surround(f); err != nil {
		return err
	}
	b := c.buffers.Get().(*buffers)
	defer c.buffers.Put(b)
	b.frame.Reset()
	b.whole.Reset()
	if err := c.theme.execute(&b.frame, name, data); err != nil {
		return err
	}
	before, after, found := bytes.Cut(b.frame.Bytes(), []byte(textMark))
	b.whole.Grow(b.frame.Len() + len(text) + len(text)/64) // ways to the root are longer than their marks
	b.whole.Write(before)
	if found {
		writeText(&b.whole, text, []byte(Href(f.URL, "/")))
	}
	b.whole.Write(after)
	return emit(file(f.URL), b.whole.Bytes())
}
