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

// Blocks are what the blocks of texts were minified to, by what they were
// before: most are the same from version to version. The zero Blocks are empty.
type Blocks struct {
	small map[string][]byte
	bytes int
}

// mostBlocks bounds what Blocks keep, in bytes.
const mostBlocks = 4 << 20

// NewText makes a document ready for a page. addresses are those of its Links.
// Headings get a permalink, and tables a box to scroll in; what is added and
// not text carries data-note.
func (c *Composer) NewText(doc *policy.Document, addresses []Address, blocks *Blocks) (Text, error) {
	html, starts, headings := makeText(doc, addresses)
	if c.minify == nil {
		return Text{html, headings}, nil
	}
	small := make([]byte, 0, len(html))
	at := 0
	for _, end := range append(starts, len(html)) {
		if end < len(html) && !apart(html[at:end], html[end:]) {
			continue
		}
		block := html[at:end]
		at = end
		made, known := blocks.small[string(block)]
		if !known {
			var err error
			if made, err = c.minify("text.html", block); err != nil {
				return Text{}, err
			}
			blocks.keep(block, made)
		}
		small = append(small, made...)
	}
	return Text{small, headings}, nil
}

func (b *Blocks) keep(block, small []byte) {
	if b.bytes += len(block) + len(small); b.small == nil || b.bytes > mostBlocks {
		b.small, b.bytes = map[string][]byte{}, len(block)+len(small)
	}
	b.small[string(block)] = bytes.Clone(small)
}

// apart reports whether one block ends and another starts where white space
// between them means nothing, so that the two can be minified by themselves.
func apart(before, after []byte) bool {
	before = bytes.TrimRight(before, " \n")
	open := bytes.LastIndexByte(before, '<')
	if open < 0 || !bytes.HasSuffix(before, []byte(">")) || !bytes.HasPrefix(after, []byte("<")) {
		return false
	}
	end, _ := bytes.CutPrefix(before[open+1:len(before)-1], []byte("/"))
	start := after[1:]
	if i := bytes.IndexAny(start[:min(len(start), 16)], " >"); i >= 0 {
		start = start[:i]
	}
	return isBlock(end) && isBlock(start)
}

func isBlock(tag []byte) bool {
	switch string(tag) {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "div", "blockquote", "pre", "hr", "section":
		return true
	}
	return false
}

// makeText writes the HTML of a text, and says where its blocks start.
func makeText(doc *policy.Document, addresses []Address) (html []byte, starts []int, headings []Heading) {
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

	html = make([]byte, 0, len(doc.HTML)+64*len(edits))
	at := 0
	blocks := doc.Blocks
	write := func(to int) {
		for ; len(blocks) > 0 && blocks[0].Outer.Start <= to; blocks = blocks[1:] {
			if start := blocks[0].Outer.Start; start >= at {
				starts = append(starts, len(html)+start-at)
			}
		}
		html = append(html, doc.HTML[at:to]...)
	}
	for _, e := range edits {
		if e.at < at {
			continue // within an element that was replaced
		}
		write(e.at)
		html = append(html, e.text...)
		at = e.end
	}
	write(len(doc.HTML))
	return html, starts, headings
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
