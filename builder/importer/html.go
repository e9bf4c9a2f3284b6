package importer

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime/metrics"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits for pages that were made to cost more than they are long.
const (
	maxTags     = 200_000 // start and end tags: a long policy has 5,000
	maxParse    = 1500 * time.Millisecond
	maxHeap     = 120 << 20 // what parsing may add to the heap, in bytes
	parseChunk  = 16 << 10
	heapMetric  = "/memory/classes/heap/objects:bytes"
	maxDepth    = 400 // of elements; the parser itself gives up at 512
	maxElements = 300_000
)

// guard hands a page to the parser in pieces, and stops when the tree grows out
// of all proportion: unclosed formatting elements are repeated in every
// paragraph that follows, so that a page of kilobytes can make gigabytes.
type guard struct {
	rest  string
	until time.Time
	heap  uint64
}

func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: heapMetric}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

var errTooComplex = errors.New("has more or deeper elements than a page of text has")

func (g *guard) Read(p []byte) (int, error) {
	if time.Now().After(g.until) || heapInUse() > g.heap+maxHeap {
		return 0, errTooComplex
	}
	n := copy(p, g.rest[:min(len(g.rest), parseChunk)])
	if g.rest = g.rest[n:]; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// html reads a web page.
func (r *reading) html(page string, src Source) error {
	root, err := parse(page)
	if err != nil {
		return err
	}
	if own := find(root, func(n *html.Node) bool { return has(n, "data-policy-text") }); own != nil {
		return r.ownPage(root, own)
	}
	r.provenance(root, page)
	body := element(root, atom.Body)
	if body == nil {
		return errors.New("has no text")
	}
	dropInvisible(body)
	visible := visibleText(body)
	if len(visible) > maxVisible {
		return fmt.Errorf("has %d bytes of text, expected at most %d", len(visible), maxVisible)
	}
	r.bagIn.add(visible)
	r.clean(body)
	resolveTargets(body, r.base(root, src), r.text.Capture != nil)
	if r.body, err = r.convert(body); err != nil {
		return err
	}
	r.tidy()
	return nil
}

// ownPage reads a page of this program, in which the text is marked and stays as
// it is.
func (r *reading) ownPage(root, text *html.Node) error {
	r.exact = true
	for _, note := range findAll(text, func(n *html.Node) bool { return has(n, "data-note") }) {
		note.Parent.RemoveChild(note)
	}
	if c := element(root, atom.Main); c != nil {
		if title := find(c, func(n *html.Node) bool { return hasClass(n, "title") }); title != nil {
			r.text.Title = collapse(visibleText(title))
		}
		for _, code := range findAll(c, func(n *html.Node) bool { return n.DataAtom == atom.Code }) {
			if sum := strings.TrimSpace(visibleText(code)); len(sum) == 64 && !within(code, text) {
				r.sums = append(r.sums, sum)
			}
		}
	}
	if link := find(root, func(n *html.Node) bool { return n.DataAtom == atom.Link && attribute(n, "rel") == "canonical" }); link != nil {
		r.address(attribute(link, "href"))
	}
	for _, box := range findAll(text, func(n *html.Node) bool { return n.DataAtom == atom.Input }) {
		mark := "[ ]" // as the text's definition has it
		if has(box, "checked") {
			mark = "[x]"
		}
		replaceWithText(box, mark)
	}
	dropInvisible(text)
	r.bagIn.add(visibleText(text))
	var err error
	r.body, err = r.convert(text)
	return err
}

func parse(page string) (*html.Node, error) {
	if n := strings.Count(page, "<"); n > maxTags {
		return nil, fmt.Errorf("has %d tags, expected at most %d", n, maxTags)
	}
	root, err := html.ParseWithOptions(&guard{page, time.Now().Add(maxParse), heapInUse()}, html.ParseOptionEnableScripting(false))
	if err != nil {
		if errors.Is(err, errTooComplex) || strings.Contains(err.Error(), "open stack") {
			err = errTooComplex
		}
		return nil, err
	}
	elements := 0
	var deep func(n *html.Node, depth int) bool
	deep = func(n *html.Node, depth int) bool {
		if elements++; depth > maxDepth || elements > maxElements {
			return true
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if deep(c, depth+1) {
				return true
			}
		}
		return false
	}
	if deep(root, 0) {
		return nil, errTooComplex
	}
	return root, nil
}

// provenance finds out from a page where it stood.
func (r *reading) provenance(root *html.Node, page string) {
	if c := pageCapture(page); c != nil {
		r.text.Capture = c
		r.address(c.Original)
	}
	if m := savedFrom.FindStringSubmatch(page); m != nil {
		if c := parseCapture(m[1]); c != nil {
			r.text.Capture = c
			r.address(c.Original)
		} else {
			r.address(m[1])
		}
	}
	if link := find(root, func(n *html.Node) bool { return n.DataAtom == atom.Link && attribute(n, "rel") == "canonical" }); link != nil {
		href := attribute(link, "href")
		if m := waybackTarget.FindStringSubmatch(href); m != nil {
			href = m[1]
		}
		r.address(href)
	}
	if c := r.text.Capture; c != nil && c.Address == "" && r.text.Address != "" {
		c.Original = r.text.Address
		c.Address = "https://web.archive.org/web/" + c.Time.Format(timestampForm) + "/" + c.Original
	}
}

// address sets the text's address, unless it is set.
func (r *reading) address(address string) {
	if u, err := url.Parse(address); r.text.Address == "" && err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil {
		u.Fragment = ""
		r.text.Address = u.String()
	}
}

// base is the address that a page's links are relative to; nil when it is not
// known.
func (r *reading) base(root *html.Node, src Source) *url.URL {
	address := src.Address
	if c := parseCapture(address); c != nil {
		address = c.Original
	}
	if address == "" {
		address = r.text.Address
	}
	base, err := url.Parse(address)
	if err != nil || address == "" {
		return nil
	}
	if tag := find(root, func(n *html.Node) bool { return n.DataAtom == atom.Base }); tag != nil {
		if u, err := base.Parse(attribute(tag, "href")); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
			return u
		}
	}
	return base
}

// resolveTargets gives links and images the targets that a reader of the page
// followed. It drops scripts, and pictures within the page itself, which a text
// cannot keep.
func resolveTargets(body *html.Node, base *url.URL, archived bool) {
	for _, n := range findAll(body, func(n *html.Node) bool { return n.DataAtom == atom.A || n.DataAtom == atom.Img }) {
		key := "href"
		if n.DataAtom == atom.Img {
			key = "src"
		}
		target := strings.TrimSpace(attribute(n, key))
		if archived {
			if m := waybackTarget.FindStringSubmatch(target); m != nil {
				target = m[1]
			}
		}
		u, err := url.Parse(target)
		switch {
		case err != nil, u.Scheme == "javascript", u.Scheme == "data", target == "":
			if n.DataAtom == atom.A {
				rename(n, atom.Span)
			} else {
				replaceWithText(n, attribute(n, "alt"))
			}
			continue
		case base != nil && !strings.HasPrefix(target, "#"):
			target = base.ResolveReference(u).String()
		}
		alt := attribute(n, "alt")
		n.Attr = []html.Attribute{{Key: key, Val: target}}
		if n.DataAtom == atom.Img {
			n.Attr = append(n.Attr, html.Attribute{Key: "alt", Val: alt})
		}
	}
}
