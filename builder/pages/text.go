package pages

import (
	"bytes"
	"slices"
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
// not text carries data-note. The HTML stays as it is until the next text is
// made with the same Blocks.
func (c *Composer) NewText(doc *policy.Document, addresses []Address, blocks *Blocks) (Text, error) {
	html, headings, tables := blocks.text.HTML[:0], blocks.headings[:0], 0
	links := 0
	for _, p := range doc.Parts {
		to := links + p.Links
		m, err := blocks.get(&stretch{p, 0, len(p.HTML), p.Blocks, doc.Links[links:to], addresses[links:to], tables}, c)
		if err != nil {
			return Text{}, err
		}
		links = to
		html = append(html, m.html...)
		headings = append(headings, m.headings...)
		tables += m.tables
	}
	blocks.text.HTML, blocks.headings = html, headings
	if !slices.Equal(headings, blocks.text.Headings) {
		blocks.text.Headings = slices.Clone(headings)
	}
	return blocks.text, nil
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
