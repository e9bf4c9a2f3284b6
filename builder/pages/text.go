package pages

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
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

// Texter makes the texts of one policy ready for pages, in the words of their language,
// one after the other.
type Texter struct {
	Words *words.Words
	cites map[*policy.Part][]cite // versions share most of their parts
	html  []byte                  // of the text made last
	edits []edit                  // of the part at hand
}

// Passage is a part of a text that is on lines of its own: a block, or a row of a table.
type Passage struct {
	Line, Lines int // of the visible text, from 1
	Size        int // of its words, in characters
	Title       bool
}

// Noted is Text with notes, which Notes makes of the passages of the text: each stands
// before the passage that begins on the line by which it is given. title is that of
// front matter, whose line is not in the document.
func (t *Texter) Noted(doc *policy.Document, title string, addresses []Address, notes Notes) Text {
	w := textWriter{Texter: t, text: Text{HTML: t.html[:0]}, cited: map[[4]byte]int{}, line: 1}
	var passages []Passage
	if line := doc.TitleLine(title); line != "" {
		passages = append(passages, Passage{1, 1, utf8.RuneCountInString(line), true})
		w.line = 2
	}
	line := w.line
	for _, p := range doc.Parts {
		eachPassage(p, p.Blocks, nil, func(b, _ *policy.Block) {
			p := passageOf(b, line)
			p.Title = line == 1 && b.Kind == policy.Heading && b.Level == 1
			passages = append(passages, p)
			line += p.Lines
		})
	}
	w.notes = notes(passages)
	return w.write(doc, addresses)
}

// Notes makes the notes of a text.
type Notes func([]Passage) map[int]template.HTML

// eachPassage calls f for each block that is a passage. around is what a note of it
// cannot stand in: the table that begins with it, a link, the head of a fold.
func eachPassage(p *policy.Part, blocks []policy.Block, around *policy.Block, f func(b, around *policy.Block)) {
	for i := range blocks {
		b := &blocks[i]
		within := around
		switch {
		case b.Kind == policy.Table, b.Kind == policy.Group && around == nil && noteless.MatchString(p.HTML[b.Outer.Start:b.Inner.Start]):
			within = b
		case b.Kind == policy.Row && around != nil && around.Kind == policy.Table && i > 0:
			around = nil
			within = nil
		}
		if passageOf(b, 0).Lines > 0 {
			f(b, within)
		}
		if b.Kind != policy.Row {
			eachPassage(p, b.Children, within, f)
		}
	}
}

var noteless = regexp.MustCompile(`^<(?:a|summary)[ >]`)

// passageOf is the passage that a block is; one without lines if it is none.
func passageOf(b *policy.Block, line int) Passage {
	out := Passage{Line: line}
	add := func(text string) {
		if text != "" {
			out.Lines += 1 + strings.Count(text, "\n")
			out.Size += utf8.RuneCountInString(text)
		}
	}
	switch b.Kind {
	case policy.Row:
		for i := range b.Children {
			add(b.Children[i].Text)
		}
	case policy.Paragraph, policy.Heading, policy.Code, policy.Cell:
		add(b.Text)
	}
	return out
}

// note puts the notes of a part where they may stand.
func (w *textWriter) note(p *policy.Part) {
	eachPassage(p, p.Blocks, nil, func(b, around *policy.Block) {
		note := string(w.notes[w.line])
		w.line += passageOf(b, 0).Lines
		if note == "" {
			return
		}
		at := b.Outer.Start
		switch {
		case around != nil && strings.HasPrefix(p.HTML[around.Outer.Start:], "<summary"):
			at = around.Outer.End
		case around != nil:
			at = around.Outer.Start
		case b.Kind == policy.Row:
			at = b.Children[0].Inner.Start
		case b.Kind == policy.Cell:
			at = b.Inner.Start
		}
		w.edit(at, at, note)
	})
}

// Text makes a document ready for a page. addresses are those of its Links. Headings
// get a permalink, passages an id by which they can be cited, and tables a box to
// scroll in; what is added and is not text carries data-note. The HTML holds until the
// next call.
func (t *Texter) Text(doc *policy.Document, addresses []Address) Text {
	w := textWriter{Texter: t, text: Text{HTML: t.html[:0]}, cited: map[[4]byte]int{}}
	return w.write(doc, addresses)
}

func (w *textWriter) write(doc *policy.Document, addresses []Address) Text {
	for _, a := range addresses {
		if a.URL != "" {
			w.text.Leads = append(w.text.Leads, a.URL)
		}
	}
	links := doc.Links
	for _, p := range doc.Parts {
		w.part(p, links[:p.Links], addresses[:p.Links])
		links, addresses = links[p.Links:], addresses[p.Links:]
	}
	w.html = w.text.HTML
	return w.text
}

type textWriter struct {
	*Texter
	text   Text
	tables int             // so far
	cited  map[[4]byte]int // how many passages have had an id
	notes  map[int]template.HTML
	line   int // of the next passage, if there are notes
}

// cite is the id of a passage, and where its start tag takes it.
type cite struct {
	at  int
	sum [4]byte // the first of the SHA-256 of its visible text
	id  string  // the attribute
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
	if w.notes != nil {
		w.note(p)
	}
	w.blocks(p.Blocks)
	for _, c := range w.citesOf(p) {
		n := w.cited[c.sum] + 1
		if w.cited[c.sum] = n; n > 1 {
			c.id += "-" + strconv.Itoa(n)
		}
		w.edit(c.at, c.at, c.id)
	}
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
				w.edit(b.Inner.End, b.Inner.End, ` <a class=permalink data-note href="#`+escape(fragment)+`" aria-label="`+escape(w.Words.T("link-to-section"))+`">#</a>`)
			}
		case policy.Table:
			name := w.Words.T("table")
			if w.tables++; w.tables > 1 {
				name = w.Words.T("table-nth", "Nth", w.tables) // regions of a page must have different names
			}
			w.edit(b.Outer.Start, b.Outer.Start, `<div class=table role=region tabindex=0 aria-label="`+escape(name)+`">`)
			w.edit(b.Outer.End, b.Outer.End, "</div>")
		}
		w.blocks(b.Children)
	}
}

// citesOf are the ids of the passages of a part: of paragraphs, list items, rows and
// code blocks. They are made of what a passage says, so that they do not depend on what
// stands before it.
func (t *Texter) citesOf(p *policy.Part) []cite {
	if out, ok := t.cites[p]; ok {
		return out
	}
	var out []cite
	add := func(b *policy.Block, tag, text string) {
		name := p.HTML[b.Outer.Start:b.Outer.End]
		if text == "" || b.ID != "" || !strings.HasPrefix(name, tag) || name[len(tag)] != '>' && name[len(tag)] != ' ' {
			return // it cannot be cited, or by an id of its own; or it is text without a tag
		}
		sum := sha256.Sum256([]byte(text))
		at := b.Outer.Start + len(tag)
		out = append(out, cite{at, [4]byte(sum[:4]), " id=~" + hex.EncodeToString(sum[:4])})
	}
	var walk func(blocks []policy.Block)
	walk = func(blocks []policy.Block) {
		for i := range blocks {
			b := &blocks[i]
			within := b.Children
			switch b.Kind {
			case policy.Paragraph:
				add(b, "<p", line(b))
			case policy.Code:
				add(b, "<pre", line(b))
			case policy.Item:
				if len(within) > 0 && within[0].Kind == policy.Paragraph {
					add(b, "<li", line(&within[0]))
					within = within[1:]
				}
			case policy.Row:
				text := ""
				for k := range within {
					text += line(&within[k])
				}
				add(b, "<tr", text)
				within = nil
			}
			walk(within)
		}
	}
	walk(p.Blocks)
	if t.cites == nil {
		t.cites = map[*policy.Part][]cite{}
	}
	t.cites[p] = out
	return out
}

// line is the visible text of a block that has no others in it.
func line(b *policy.Block) string {
	if b.Text == "" {
		return ""
	}
	return b.Text + "\n"
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
		_, tag, _ := bytes.Cut(text, []byte("<img")) // most texts have none
		_, rest, found := bytes.Cut(tag, []byte(`src="`))
		if !found {
			return false
		}
		if text = rest; len(text) > len(scheme) && strings.EqualFold(string(text[:len(scheme)]), scheme) {
			return true
		}
	}
}
