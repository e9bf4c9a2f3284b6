package pages

import (
	"bytes"
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

// String is the address as it stands in a Text; "" for nowhere.
func (a Address) String() string {
	if a.URL == "" {
		return a.Href
	}
	if a.URL == "/" {
		return rootMark + "./" + a.Href
	}
	return rootMark + escapePath(a.URL[1:]) + a.Href
}

// rootMark stands, in a Text, for the way from the page to the site's root,
// since one text is shown on pages of different depth. No valid text has this
// byte in it.
const rootMark = "\xff"

// NewText makes a document ready for a page. addresses are those of its Links.
// Headings get a permalink, and tables a box to scroll in; what is added and
// not text carries data-note.
func NewText(doc *policy.Document, addresses []Address) Text {
	type edit struct {
		at, end int
		text    string
	}
	var edits []edit
	for i, l := range doc.Links {
		a := addresses[i]
		switch {
		case a == Address{} && l.Image:
			edits = append(edits, edit{l.Element.Start, l.Element.End, `<span class="lost-image">` + escape(l.Alt) + `</span>`})
		case a == Address{}:
			edits = append(edits, edit{l.Attr.Start, l.Attr.End, ""})
		default:
			name := "href"
			if l.Image {
				name = "src"
			}
			edits = append(edits, edit{l.Attr.Start, l.Attr.End, " " + name + `="` + escape(a.String()) + `"`})
		}
	}
	var headings []Heading
	tables := 0
	var visit func(blocks []policy.Block)
	visit = func(blocks []policy.Block) {
		for _, b := range blocks {
			switch b.Kind {
			case policy.Heading:
				headings = append(headings, Heading{b.Level, b.ID, b.Text})
				if b.ID != "" && b.Text != "" {
					edits = append(edits, edit{b.Inner.End, b.Inner.End,
						` <a class="permalink" data-note href="#` + escape((&url.URL{Fragment: b.ID}).EscapedFragment()) + `" aria-label="Link to “` + escape(b.Text) + `”">#</a>`})
				}
			case policy.Table:
				tables++
				name := "Table"
				if tables > 1 {
					name += " " + strconv.Itoa(tables) // regions of a page must have different names
				}
				edits = append(edits,
					edit{b.Outer.Start, b.Outer.Start, `<div class="table" role="region" tabindex="0" aria-label="` + name + `">`},
					edit{b.Outer.End, b.Outer.End, `</div>`})
			}
			visit(b.Children)
		}
	}
	visit(doc.Blocks)
	slices.SortStableFunc(edits, func(a, b edit) int { return a.at - b.at })

	html := make([]byte, 0, len(doc.HTML)+64*len(edits))
	at := 0
	for _, e := range edits {
		if e.at < at {
			continue // within an element that was replaced
		}
		html = append(html, doc.HTML[at:e.at]...)
		html = append(html, e.text...)
		at = e.end
	}
	return Text{HTML: append(html, doc.HTML[at:]...), Headings: headings}
}

// writeText writes a text as it stands on a page from which root leads to the
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
