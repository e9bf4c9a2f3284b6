package importer

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cleaning removes from a page all that is not its text. An element stays if it
// holds half of the page's words or a heading of the first level, and in <main>
// or <article> unless it is marked as navigation or as a cookie banner: an
// element that looks like a menu there is more likely a table of contents.
type cleaning struct {
	total   int // words of the page
	shares  map[*html.Node]share
	main    *html.Node
	removed func(why string, n *html.Node)
}

// clean removes the page's furniture from body.
func (r *reading) clean(body *html.Node) {
	c := &cleaning{shares: map[*html.Node]share{}}
	c.total = c.measure(body).words
	c.removed = func(why string, n *html.Node) { r.remove(why, visibleText(n)) }
	mains := findAll(body, func(n *html.Node) bool { return n.DataAtom == atom.Main || attribute(n, "role") == "main" })
	if len(mains) == 1 && 2*c.shares[mains[0]].words >= c.total {
		c.main = mains[0]
	}
	c.walk(body, false)
}

// walk removes the furniture below n. inText is whether n is in the page's main
// part.
func (c *cleaning) walk(n *html.Node, inText bool) {
	for child := n.FirstChild; child != nil; {
		next := child.NextSibling
		if child.Type == html.ElementNode {
			if why := c.furniture(child, inText); why != "" {
				c.removed(why, child)
				cut(child)
			} else {
				c.walk(child, inText || child.DataAtom == atom.Main || child.DataAtom == atom.Article || attribute(child, "role") == "main")
			}
		}
		child = next
	}
}

// Pages name their furniture so, in class and id attributes and in words.
var (
	cookieName    = regexp.MustCompile(`(?i)cookie[-_]?(?:banner|consent|notice|bar|popup|modal|law|message|alert|overlay|dialog|disclaimer|warning|compliance|box|hinweis)|(?:consent|gdpr|ccpa)[-_]?(?:banner|bar|popup|modal|overlay|dialog|notice|manager|box)|onetrust|cookiebot|cybotcookie|usercentrics|\bcc-(?:window|banner)|cookieconsent|truste|osano|klaro|cmp-container|didomi`)
	furnitureName = regexp.MustCompile(`(?i)(?:^|[\s_-])(?:breadcrumbs?|crumbs?|skip(?:-?(?:link|to-content|nav))?|nav(?:bar|igation|-?menu)?|menu|topbar|footer|site-?footer|social(?:-?(?:links|share|media))?|share|sharing|pagination|pager|newsletter|subscribe|related(?:-?posts)?|sidebar|search(?:-?(?:form|box))?|language-?(?:switcher|selector)|copyright|backtotop)(?:$|[\s_-])`)
	controlWords  = regexp.MustCompile(`(?i)^[\W_]*(?:skip to (?:the )?(?:main )?content|skip navigation|back to (?:the )?top|top|print(?: this page)?|menu|close(?: menu)?|open menu|search|share|toggle (?:navigation|menu)|accept(?: all)?(?: cookies)?|reject(?: all)?|decline|(?:cookie|manage) (?:settings|preferences)|copy link|edit this page|x)?[\W_]*$`)
	cookieWords   = regexp.MustCompile(`(?i)cookie`)
	agreeWords    = regexp.MustCompile(`(?i)\b(?:accept|agree|consent|got it|ok(?:ay)?|allow|continu\w+|understand)\b`)
	yearWords     = regexp.MustCompile(`\b(?:19|20)\d\d\b`)
)

// furniture says why an element is not part of the text, or "".
func (c *cleaning) furniture(n *html.Node, inText bool) string {
	switch n.DataAtom {
	case atom.Noscript, atom.Select, atom.Textarea:
		return "form field or replacement for a script"
	case atom.Button:
		if !inHeading(n) && controlWords.MatchString(c.text(n)) {
			return "button"
		}
	case atom.A:
		if !inHeading(n) && strings.HasPrefix(attribute(n, "href"), "#") && controlWords.MatchString(c.text(n)) {
			return "button"
		}
	}
	if isInline(n) {
		return ""
	}
	name, role := attribute(n, "id")+" "+attribute(n, "class"), attribute(n, "role")
	if strings.HasPrefix(attribute(n, "id"), "wm-ipp") || attribute(n, "id") == "donato" {
		return "toolbar of the archive"
	}
	p := c.shares[n]
	if p.words == 0 || p.bytes > maxFurniture || 2*p.words >= c.total || p.title {
		return ""
	}
	text := c.text(n)
	outside := c.main != nil && !within(c.main, n) && !inText
	switch {
	case p.words < 200 && (cookieName.MatchString(name) || role == "dialog" || role == "alertdialog") && cookieWords.MatchString(name+text):
		return "cookie banner"
	case p.words < 60 && !inText && !p.headings && p.buttons > 0 && cookieWords.MatchString(text) && agreeWords.MatchString(text):
		return "cookie banner"
	case (n.DataAtom == atom.Nav || role == "navigation") && !p.contents():
		return "navigation"
	case inText:
		return ""
	case (n.DataAtom == atom.Footer || role == "contentinfo") && p.plain <= 150:
		return "footer"
	case (n.DataAtom == atom.Header || role == "banner") && p.plain <= 60 && !yearWords.MatchString(text):
		return "header of the page"
	case (n.DataAtom == atom.Aside || role == "complementary" || role == "search") && p.linked():
		return "sidebar"
	case furnitureName.MatchString(name) && (p.linked() || p.plain <= 30 && !p.headings) && !p.contents():
		return "furniture of the page"
	case outside && p.plain < 40:
		return "outside the main part of the page"
	case p.links >= 4 && !p.headings && p.plain*5 < p.words && p.words <= 5*p.links && !p.contents():
		return "list of links"
	}
	return ""
}

// text is what a small element says; "" of a large one, which is not furniture.
func (c *cleaning) text(n *html.Node) string {
	if c.shares[n].bytes > maxFurniture {
		return ""
	}
	return collapse(visibleText(n))
}

// maxFurniture is the length of the longest banner or menu, in bytes.
const maxFurniture = 8 << 10

func inHeading(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		switch n.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Summary:
			return true
		}
	}
	return false
}

// share counts the parts of an element.
type share struct {
	bytes     int
	words     int
	plain     int // words outside of links
	links     int // with words
	fragments int // of them, those to a place in the page itself
	buttons   int
	headings  bool
	title     bool // a heading of the first level is among them
}

// linked reports whether an element has more words in links than outside.
func (s *share) linked() bool { return s.links >= 2 && 2*s.plain <= s.words }

// contents reports whether an element is a table of contents.
func (s *share) contents() bool { return s.links > 0 && s.links == s.fragments }

// measure finds the share of every element below n, each looked at once.
func (c *cleaning) measure(n *html.Node) share {
	var s share
	switch {
	case n.Type == html.TextNode:
		s.words, s.bytes = countWords(n.Data), len(n.Data)
		s.plain = s.words
		return s
	case n.DataAtom == atom.Img:
		s.words, s.bytes = countWords(attribute(n, "alt")), len(attribute(n, "alt"))
		s.plain = s.words
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		k := c.measure(child)
		s.bytes += k.bytes
		s.words += k.words
		s.plain += k.plain
		s.links += k.links
		s.fragments += k.fragments
		s.buttons += k.buttons
		s.headings = s.headings || k.headings
		s.title = s.title || k.title
	}
	switch n.DataAtom {
	case atom.A:
		if s.words > 0 {
			s.plain, s.links = 0, 1
			if strings.HasPrefix(attribute(n, "href"), "#") {
				s.fragments = 1
			}
		}
		if buttonName.MatchString(attribute(n, "class")) {
			s.buttons++
		}
	case atom.Button:
		s.buttons++
	case atom.H1:
		s.headings, s.title = true, s.words > 0
	case atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		s.headings = true
	}
	c.shares[n] = s
	return s
}

var buttonName = regexp.MustCompile(`(?i)\b(?:btn|button|accept|agree|close)`)
