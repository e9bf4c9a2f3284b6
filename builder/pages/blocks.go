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

// Blocks are what the blocks of texts became, by what they were before: most are
// the same from version to version. They hold the buffers for making more, too,
// so that they serve one NewText at a time. The zero Blocks are empty.
type Blocks struct {
	young, old map[string]*madeRun // two generations: what nobody asks for goes
	bytes      int                 // of young

	text     Text // that was made last
	headings []Heading
	key      []byte
	html     []byte
	edits    []edit
}

// mostBlocks bounds what Blocks keep, in bytes.
const mostBlocks = 4 << 20

// run is a run of blocks of a document that can be minified by themselves.
type run struct {
	doc        *policy.Document
	start, end int // in doc.HTML
	blocks     []policy.Block
	links      []policy.Link
	addresses  []Address // of links
	tables     int       // in the blocks before
}

// madeRun is a run ready for a page.
type madeRun struct {
	key      string
	html     []byte
	headings []Heading
	tables   int
}

// cut takes the first run off what is left of a document.
func (r *run) cut() run {
	first := *r
	blocks, links := min(1, len(r.blocks)), 0
	for first.end = len(r.doc.HTML); blocks < len(r.blocks); blocks++ {
		if start := r.blocks[blocks].Outer.Start; start > r.start && apart(r.doc.HTML[r.start:start], r.doc.HTML[start:]) {
			first.end = start
			break
		}
	}
	for links < len(r.links) && r.links[links].Attr.Start < first.end {
		links++
	}
	first.blocks, r.blocks = r.blocks[:blocks], r.blocks[blocks:]
	first.links, r.links = r.links[:links], r.links[links:]
	first.addresses, r.addresses = r.addresses[:links], r.addresses[links:]
	r.start = first.end
	return first
}

// apart reports whether one block ends and another starts where white space
// between them means nothing, so that the two can be minified by themselves.
func apart(before, after string) bool {
	before = strings.TrimRight(before, " \n")
	if !strings.HasSuffix(before, ">") || !strings.HasPrefix(after, "<") {
		return false
	}
	end := strings.TrimPrefix(before[strings.LastIndexByte(before, '<')+1:len(before)-1], "/")
	start := after[1:]
	if i := strings.IndexAny(start[:min(len(start), 16)], " >"); i >= 0 {
		start = start[:i]
	}
	return isBlock(end) && isBlock(start)
}

func isBlock(tag string) bool {
	switch tag {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "div", "blockquote", "pre", "hr", "section",
		"table": // stands in a div then
		return true
	}
	return false
}

// get makes a run, unless it was made before. Its HTML stays as it is until the
// next one is asked for.
func (b *Blocks) get(r *run, c *Composer) (*madeRun, error) {
	if r.end-r.start > mostBlocks/16 {
		return b.make(r, c) // it would drive out all others
	}
	b.key = r.appendKey(b.key[:0])
	if m, ok := b.young[string(b.key)]; ok {
		return m, nil
	}
	m, ok := b.old[string(b.key)]
	if !ok {
		var err error
		if m, err = b.make(r, c); err != nil {
			return nil, err
		}
		m.key, m.html = string(b.key), bytes.Clone(m.html)
	}
	if b.young == nil || b.bytes > mostBlocks/2 {
		b.young, b.old, b.bytes = map[string]*madeRun{}, b.young, 0
	}
	b.young[m.key] = m
	b.bytes += 128 + len(m.key) + len(m.html) + 64*len(m.headings)
	return m, nil
}

// make makes a run.
func (b *Blocks) make(r *run, c *Composer) (m *madeRun, err error) {
	m = &madeRun{}
	m.headings, m.tables = b.write(r)
	m.html, err = c.small("text.html", b.html)
	return m, err
}

// appendKey appends all that a run becomes is made from: its HTML, which says
// what its blocks are, and what does not stand there. A link's target need not:
// characters that a URL must not have are encoded in the HTML. No valid text has
// the bytes that part these.
func (r *run) appendKey(key []byte) []byte {
	key = append(key, r.doc.HTML[r.start:r.end]...)
	if r.tables > 0 { // which counts where there is another
		key = strconv.AppendInt(append(key, '\xff'), int64(r.tables), 10)
	}
	for i := range r.links {
		attr := r.doc.HTML[r.links[i].Attr.Start:r.links[i].Attr.End]
		_, written, _ := strings.Cut(attr, `"`)
		if a := r.addresses[i]; a.URL != "" || a.Href != strings.TrimSuffix(written, `"`) {
			key = strconv.AppendInt(append(key, '\xfe'), int64(i), 10)
			key = append(append(key, ' '), a.String()...)
		}
	}
	return key
}

// edit puts text in the place of a range of the HTML of a document.
type edit struct {
	at, end int
	text    string
}

// write leaves the HTML of a run in b.html, as it is before it is minified.
func (b *Blocks) write(r *run) (headings []Heading, tables int) {
	b.edits = b.edits[:0]
	for i, l := range r.links {
		a := r.addresses[i]
		switch {
		case a == Address{} && l.Image:
			b.edits = append(b.edits, edit{l.Element.Start, l.Element.End, `<span class="lost-image">` + escape(l.Alt) + `</span>`})
		case a == Address{}:
			b.edits = append(b.edits, edit{l.Attr.Start, l.Attr.End, ""})
		default:
			name := "href"
			if l.Image {
				name = "src"
			}
			b.edits = append(b.edits, edit{l.Attr.Start, l.Attr.End, " " + name + `="` + escape(a.String()) + `"`})
		}
	}
	var visit func(blocks []policy.Block)
	visit = func(blocks []policy.Block) {
		for i := range blocks {
			block := &blocks[i]
			switch block.Kind {
			case policy.Heading:
				headings = append(headings, Heading{block.Level, block.ID, block.Text})
				if block.ID != "" && block.Text != "" {
					b.edits = append(b.edits, edit{block.Inner.End, block.Inner.End,
						` <a class="permalink" data-note href="#` + escape((&url.URL{Fragment: block.ID}).EscapedFragment()) + `" aria-label="Link to “` + escape(block.Text) + `”">#</a>`})
				}
			case policy.Table:
				tables++
				name := "Table"
				if n := r.tables + tables; n > 1 {
					name += " " + strconv.Itoa(n) // regions of a page must have different names
				}
				b.edits = append(b.edits,
					edit{block.Outer.Start, block.Outer.Start, `<div class="table" role="region" tabindex="0" aria-label="` + name + `">`},
					edit{block.Outer.End, block.Outer.End, `</div>`})
			}
			visit(block.Children)
		}
	}
	visit(r.blocks)
	slices.SortStableFunc(b.edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })

	b.html = b.html[:0]
	at := r.start
	for _, e := range b.edits {
		if e.at < at {
			continue // within an element that was replaced
		}
		b.html = append(append(b.html, r.doc.HTML[at:e.at]...), e.text...)
		at = e.end
	}
	b.html = append(b.html, r.doc.HTML[at:r.end]...)
	return headings, tables
}
