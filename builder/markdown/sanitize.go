package markdown

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/policysite/policysite/builder/policy"
)

// set makes a set of words separated by white space.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// None of these ever changes.
var (
	// allowedElements are those that say something about text.
	allowedElements = set(`p h1 h2 h3 h4 h5 h6 hgroup div section article aside header footer nav address blockquote pre hr
		ul ol li dl dt dd figure figcaption details summary
		table caption colgroup col thead tbody tfoot tr th td
		a abbr b bdi bdo br cite code dfn em i img kbd mark q rp rt ruby s samp small span strong sub sup u var wbr`)
	tableParts   = set("caption colgroup col thead tbody tfoot tr th td")
	voidElements = set("br hr img wbr col")
	// hasFunction are elements that do something; that they are gone is worth
	// a warning.
	hasFunction = set(`applet audio base button canvas dialog embed form frame frameset iframe input link math meta object
		portal script select style svg template textarea video`)
	// definedElements are those of HTML, old ones too, that are in none of the other
	// lists. A tag of another name is text.
	definedElements = set(`acronym basefont bgsound big blink data datalist fencedframe font ins keygen label listing map area marquee
		menuitem meter multicol nextid nobr noembed noscript output param picture plaintext progress rb rtc selectedcontent slot
		source spacer time track xmp applet`)
	// drawnElements are those of SVG and MathML, in a text that has such.
	drawnElements = set(`image g path circle rect line polyline polygon ellipse defs use symbol text tspan textpath lineargradient radialgradient stop
		clippath mask filter marker pattern foreignobject desc metadata animate animatetransform animatemotion set view switch
		feblend fecolormatrix fecomposite fedropshadow feflood fegaussianblur femerge femergenode feoffset
		mi mo mn ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom mfenced menclose msub msup msubsup munder
		mover munderover mmultiscripts mtable mtr mtd maction semantics annotation annotation-xml mprescripts none`)
	// endOptional are elements that the parser closes by itself.
	endOptional = set("a p li dt dd rp rt caption colgroup thead tbody tfoot tr th td")
	// becomes tells what stands for elements that are not allowed but divide
	// or mark text. Of all others, the text alone stays. <ins> and <del> are
	// what redlines are made of.
	becomes = map[string]string{
		"body": "div", "center": "div", "dialog": "div", "fieldset": "div", "form": "div", "frameset": "div", "head": "div",
		"html": "div", "legend": "div", "main": "div", "noframes": "div", "optgroup": "div", "option": "div", "search": "div",
		"select": "div", "title": "div", "dir": "ul", "menu": "ul", "del": "s", "strike": "s", "ins": "u", "tt": "code",
	}
	// formatting are the elements that the HTML parser opens again in every
	// block until they are closed.
	formatting = set("a b big code em font i nobr s small strike strong tt u")
)

// maxOpen is how many elements raw HTML may have open at once; golang.org/x/net
// reads no more than 512.
const maxOpen = 500

// maxReopened is how often the parser may open formatting elements again that
// raw HTML left open: without a limit, 2 MiB can ask for 100 million elements.
const maxReopened = 100_000

// sanitizer allows what this package's own renderers write and what
// rawHTML.write lets pass, a second time and by another hand. Targets are
// checked by the pass over the HTML, for texts with and without raw HTML.
func sanitizer() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	all := append(slices.Sorted(maps.Keys(allowedElements)), "input")
	p.AllowElements(all...)
	p.AllowNoAttrs().OnElements(all...)
	p.AllowAttrs("id", "lang", "dir", "data-note", lineAttribute, datetimeAttribute).Globally()
	p.AllowAttrs("href", "role").OnElements("a")
	p.AllowAttrs("role", "class").OnElements("div")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("title").OnElements("a", "img", "abbr", "dfn")
	p.AllowAttrs("class").OnElements("code", "th", "td")
	p.AllowAttrs("start", "type").OnElements("ol")
	p.AllowAttrs("value").OnElements("li")
	p.AllowAttrs("colspan", "rowspan").OnElements("th", "td")
	p.AllowAttrs("scope").OnElements("th")
	p.AllowAttrs("open").OnElements("details")
	p.AllowAttrs("type", "checked", "disabled").OnElements("input")
	p.AllowAttrs("aria-label").Matching(regexp.MustCompile(`^(not )?done$`)).OnElements("input")
	p.RequireParseableURLs(false)
	return p
}

// wellFormed replaces HTML that holds raw HTML by what a browser would make of
// it, sanitized unless it is trusted.
func (r *rawHTML) wellFormed(b *limitedBuffer) error {
	limit := b.limit
	if !r.trusted {
		if r.policy == nil {
			r.policy = sanitizer()
		}
		r.clean.reset(limit)
		if err := r.policy.SanitizeReaderToWriter(bytes.NewReader(b.bytes), &r.clean); err != nil {
			return fmt.Errorf("raw HTML cannot be sanitized: %w", err)
		}
		if r.clean.over {
			b.over = true
			return nil
		}
		b.bytes, r.clean.bytes = r.clean.bytes, b.bytes
	}
	if reopened(b.bytes) > maxReopened {
		return fmt.Errorf("raw HTML leaves too many elements open")
	}
	context := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	top, err := html.ParseFragment(bytes.NewReader(b.bytes), context)
	if err != nil {
		return fmt.Errorf("raw HTML cannot be read: %w", err)
	}
	b.reset(limit)
	for _, n := range top {
		context.AppendChild(n)
		markContainers(n)
	}
	if !r.trusted {
		sink(context)
	}
	for n := context.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(b, n); err != nil {
			return fmt.Errorf("raw HTML cannot be written: %w", err)
		}
	}
	if !r.trusted {
		// The same words get the same bytes as without raw HTML. In what is
		// not trusted, text and values have no bare "&" or ">".
		for _, way := range [][2]string{{"&#39;", "'"}, {"&#34;", "&quot;"}, {"/>", ">"}} {
			b.bytes = bytes.ReplaceAll(b.bytes, []byte(way[0]), []byte(way[1]))
		}
	}
	return nil
}

// reopened is at most how often the parser opens formatting elements again.
func reopened(b []byte) int {
	open, total := 0, 0
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 || i+2 >= len(b) {
			return total
		}
		b = b[i+1:]
		end := b[0] == '/'
		name := bytes.TrimPrefix(b, []byte("/"))
		n := 0
		for n < len(name) && name[n] != ' ' && name[n] != '>' && name[n] != '/' && n < 12 {
			n++
		}
		name = name[:n]
		switch {
		case formatting[string(name)] && end:
			open = max(0, open-1)
		case formatting[string(name)]:
			open++
		case !end:
			if c, _ := classify(name); c != inline && c != void {
				total += open
			}
		}
	}
}

// containerAttribute marks elements within text that hold blocks, such as <a>
// around a <div>, for the pass over the HTML.
const containerAttribute = "data-container"

// markContainers does so below a node, and reports whether there is a block.
func markContainers(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	class, kind := classify([]byte(n.Data))
	if class == leaf && kind != policy.Cell || class == literal {
		return true
	}
	holds := false
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if markContainers(c) {
			holds = true
		}
	}
	if class == inline && holds {
		n.Attr = append(n.Attr, html.Attribute{Key: containerAttribute})
	}
	return holds || class != inline && class != void
}

// sink moves elements within text that hold blocks, such as <s> around a <p>, into the
// text of the blocks, where HTML allows them. Others that may hold none become a <div>.
func sink(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch holds := holdsBlocks(c); {
		case holds && c.Data != "a" && formatting[c.Data]:
			wrapText(c, c)
			next = c.FirstChild
			for k := c.FirstChild; k != nil; k = c.FirstChild {
				c.RemoveChild(k)
				n.InsertBefore(k, c)
			}
			n.RemoveChild(c)
		case holds && c.Data != "a":
			c.Data, c.DataAtom, c.Attr = "div", atom.Div, c.Attr[:len(c.Attr)-1]
			sink(c)
		default:
			sink(c)
		}
		c = next
	}
}

// holdsBlocks reports whether markContainers has marked a node. The mark is last.
func holdsBlocks(n *html.Node) bool {
	return len(n.Attr) > 0 && n.Attr[len(n.Attr)-1].Key == containerAttribute
}

// wrapText puts all text below a node into elements like another. How many that are
// is bounded, see reopened.
func wrapText(n, like *html.Node) {
	var run *html.Node
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		class, _ := classify([]byte(c.Data))
		switch {
		case c.Type == html.ElementNode && (holdsBlocks(c) || class != inline && class != void):
			run = nil
			wrapText(c, like)
		case run == nil && c.Type == html.TextNode && strings.TrimSpace(c.Data) == "":
		default:
			if run == nil {
				run = &html.Node{Type: html.ElementNode, Data: like.Data, DataAtom: like.DataAtom}
				for _, a := range like.Attr {
					if a.Key == "lang" || a.Key == "dir" {
						run.Attr = append(run.Attr, a)
					}
				}
				n.InsertBefore(run, c)
			}
			n.RemoveChild(c)
			run.AppendChild(c)
		}
		c = next
	}
}
