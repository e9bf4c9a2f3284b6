package pages

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Address is what a link or an image of a text gets. The zero Address leads
// nowhere: a link keeps its text and an image its alternative text.
type Address struct {
	URL  string // of this site, below its root: "/terms/"
	Href string // after the URL, a fragment with its "#"; without one, the whole address
}

// String is the address as a Text has it; "" for nowhere.
func (a Address) String() string {
	if a.URL == "" {
		return a.Href
	}
	if a.URL == "/" {
		return rootMark + "./" + a.Href
	}
	return rootMark + escapePath(a.URL[1:]) + a.Href
}

// rootMark is, in a Text, a placeholder for the way from the page to the site's root,
// since one text is shown on pages of different depth. No valid text has this
// byte in it.
const rootMark = "\xff"

// NewText makes a document ready for a page. addresses are those of its Links.
// Headings get a permalink, and tables a box to scroll in; what is added and is
// not text carries data-note.
func NewText(doc *policy.Document, addresses []Address) Text {
	size := 0
	for _, p := range doc.Parts {
		size += len(p.HTML)
	}
	w := textWriter{text: Text{HTML: make([]byte, 0, size+size/8)}}
	links := doc.Links
	for _, p := range doc.Parts {
		w.part(p, links[:p.Links], addresses[:p.Links])
		links, addresses = links[p.Links:], addresses[p.Links:]
	}
	return w.text
}

type textWriter struct {
	text   Text
	tables int    // so far
	edits  []edit // of the part at hand
}

// edit puts text in the place of a range of the HTML of a part.
type edit struct {
	at, end int
	text    string
}

func (w *textWriter) edit(at, end int, text string) { w.edits = append(w.edits, edit{at, end, text}) }

// part writes a part of a document.
func (w *textWriter) part(p *policy.Part, links []policy.Link, addresses []Address) {
	w.edits = w.edits[:0]
	for i, l := range links {
		name := "href"
		if l.Image {
			name = "src"
		}
		switch href := addresses[i].String(); {
		case href != "":
			w.edit(l.Attr.Start, l.Attr.End, " "+name+`="`+escape(href)+`"`)
		case l.Image:
			w.edit(l.Element.Start, l.Element.End, "<span class=lost-image>"+escape(l.Alt)+"</span>")
		default:
			w.edit(l.Attr.Start, l.Attr.End, "")
		}
	}
	w.blocks(p.Blocks)
	slices.SortStableFunc(w.edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	at := 0
	for _, e := range w.edits {
		if e.at < at {
			continue // within an element that was replaced
		}
		w.text.HTML = append(append(w.text.HTML, p.HTML[at:e.at]...), e.text...)
		at = e.end
	}
	w.text.HTML = append(w.text.HTML, p.HTML[at:]...)
}

// blocks collects the headings, and the edits of headings and tables.
func (w *textWriter) blocks(blocks []policy.Block) {
	for i := range blocks {
		b := &blocks[i]
		switch b.Kind {
		case policy.Heading:
			w.text.Headings = append(w.text.Headings, Heading{b.Level, b.ID, b.Text})
			if b.ID != "" && b.Text != "" {
				fragment := (&url.URL{Fragment: b.ID}).EscapedFragment()
				w.edit(b.Inner.End, b.Inner.End, ` <a class=permalink data-note href="#`+escape(fragment)+`" aria-label="Link to “`+escape(b.Text)+`”">#</a>`)
			}
		case policy.Table:
			name := "Table"
			if w.tables++; w.tables > 1 {
				name += " " + strconv.Itoa(w.tables) // regions of a page must have different names
			}
			w.edit(b.Outer.Start, b.Outer.Start, `<div class=table role=region tabindex=0 aria-label="`+name+`">`)
			w.edit(b.Outer.End, b.Outer.End, "</div>")
		}
		w.blocks(b.Children)
	}
}

// writeText writes a text for a page from which root leads to the
// site's root.
func writeText(b *bytes.Buffer, html, root []byte) {
	for {
		before, after, found := bytes.Cut(html, []byte(rootMark))
		b.Write(before)
		if !found {
			return
		}
		b.Write(root)
		html = after
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escape(s string) string { return escaper.Replace(s) }

// remoteImages reports whether a text shows images of other hosts.
func remoteImages(text []byte) bool {
	const scheme = "https:"
	for {
		_, rest, found := bytes.Cut(text, []byte(`src="`))
		if !found {
			return false
		}
		if text = rest; len(text) > len(scheme) && strings.EqualFold(string(text[:len(scheme)]), scheme) {
			return true
		}
	}
}
