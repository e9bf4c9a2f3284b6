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

// Blocks are what the parts of texts became: most are the same from version to
// version. They hold the buffers for making more, too, so that they serve one
// NewText at a time. The zero Blocks are empty.
type Blocks struct {
	young, old map[*policy.Part]*made // two generations: what nobody asks for goes
	bytes      int                    // of young

	text     Text // that was made last
	headings []Heading
	html     []byte
	small    []byte
	edits    []edit
}

// mostBlocks bounds what Blocks keep, in bytes.
const mostBlocks = 4 << 20

// stretch is a part of a document, or of one the blocks from one place to another
// that can be minified by themselves.
type stretch struct {
	part       *policy.Part
	start, end int // in part.HTML
	blocks     []policy.Block
	links      []policy.Link
	addresses  []Address // of links
	tables     int       // in the blocks before
}

// made is a part ready for a page.
type made struct {
	addresses []Address // that it was made with
	before    int       // tables before it
	html      []byte
	headings  []Heading
	tables    int
}

// cut takes the first run of blocks off a stretch.
func (s *stretch) cut() stretch {
	first := *s
	blocks, links := min(1, len(s.blocks)), 0
	for ; blocks < len(s.blocks); blocks++ {
		if start := s.blocks[blocks].Outer.Start; start > s.start && apart(s.part.HTML[s.start:start], s.part.HTML[start:]) {
			first.end = start
			break
		}
	}
	for links < len(s.links) && s.links[links].Attr.Start < first.end {
		links++
	}
	first.blocks, s.blocks = s.blocks[:blocks], s.blocks[blocks:]
	first.links, s.links = s.links[:links], s.links[links:]
	first.addresses, s.addresses = s.addresses[:links], s.addresses[links:]
	s.start = first.end
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

// get makes a part, unless it was made before. Its HTML stays as it is until the
// next one is asked for.
func (b *Blocks) get(s *stretch, c *Composer) (*made, error) {
	m, ok := b.young[s.part]
	if ok && m.fits(s) {
		return m, nil
	}
	if m, ok = b.old[s.part]; !ok || !m.fits(s) {
		var err error
		if m, err = b.make(*s, c); err != nil || len(s.part.HTML) > mostBlocks/16 {
			return m, err // it would drive out all others
		}
		m.addresses, m.html = slices.Clone(m.addresses), bytes.Clone(m.html)
	}
	if b.young == nil || b.bytes > mostBlocks/2 {
		b.young, b.old, b.bytes = map[*policy.Part]*made{}, b.young, 0
	}
	b.young[s.part] = m
	b.bytes += 256 + len(s.part.HTML) + len(m.html) + 64*len(m.headings) + 32*len(m.addresses)
	return m, nil
}

// fits reports whether making the part again would give the same.
func (m *made) fits(s *stretch) bool {
	return (m.tables == 0 || m.before == s.tables) && slices.Equal(m.addresses, s.addresses)
}

// make makes a part.
func (b *Blocks) make(s stretch, c *Composer) (*made, error) {
	m := &made{addresses: s.addresses, before: s.tables}
	b.small = b.small[:0]
	for rest := s; rest.start < s.end; {
		run := rest.cut()
		headings, tables := b.write(&run)
		rest.tables += tables
		m.headings, m.tables = append(m.headings, headings...), m.tables+tables
		var err error
		if b.small, err = c.smallInto(b.small, "text.html", b.html); err != nil {
			return nil, err
		}
	}
	m.html = b.small
	return m, nil
}

// edit puts text in the place of a range of the HTML of a part.
type edit struct {
	at, end int
	text    string
}

// write leaves the HTML of a stretch in b.html, as it is before it is minified.
func (b *Blocks) write(r *stretch) (headings []Heading, tables int) {
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
		b.html = append(append(b.html, r.part.HTML[at:e.at]...), e.text...)
		at = e.end
	}
	b.html = append(b.html, r.part.HTML[at:r.end]...)
	return headings, tables
}
