package markdown

import (
	"cmp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// The versions of a policy differ little from one to the next, so a text is
// rendered in parts where that gives the same document, and what the parts of
// the texts before became is kept. What has a meaning beyond its part (raw
// HTML, footnotes, reference definitions) makes the whole text be rendered at
// once, and so does whatever would be an error: there is one way to each error.

// With more, parts cost more than they save.
const (
	maxParts    = 50_000       // of a text
	maxPartWork = maxWork / 20 // for a part, see source.spend
	maxJoinWork = maxWork / 10 // for all parts of a text
)

// joiner puts the pieces of one text together. Ids are all that a part needs to
// know of the others: a heading's gets a number when another has it.
type joiner struct {
	pieces  []*piece
	ids     []string       // of all headings
	numbers map[string]int // see freeID
	html    strings.Builder
	doc     *policy.Document
	nested  []policy.Block // room for blocks within others
	shift   int            // from the piece at hand to the document
	ends    []shiftEnd     // where the shift changed within the piece
}

// shiftEnd is a place in a piece from which on the shift is another.
type shiftEnd struct{ at, shift int }

// join makes the document of a text of its parts; nil when the whole text has
// to be rendered at once.
func (r *Renderer) join(text []byte, firstLine int) (doc *policy.Document) {
	defer func() {
		if recover() != nil { // goldmark, see Render: it may like the whole text better
			doc = nil
		}
	}()
	r.raw.reset()
	if firstLine < 1 || !r.cut(text) {
		return nil
	}
	return r.joiner.document(firstLine)
}

// cut finds the pieces of a text, and reports whether they can be joined. Where
// a block goes on over the end of a part, twice as many parts are taken for one
// each time, so that a text is read no more than a few times.
func (r *Renderer) cut(text []byte) bool {
	j := &r.joiner
	clear(j.pieces)
	j.pieces = j.pieces[:0]
	work, cells, headings, rendered, loose := 0, 0, 0, 0, false
	for at := 0; at < len(text); {
		end := splitAt(text, at)
		p := r.piece(text[at:end])
		for more := 1; p.open && end < len(text); more *= 2 {
			for range more {
				end = splitAt(text, end)
			}
			p = r.piece(text[at:end])
		}
		work += p.work
		if p.whole || len(j.pieces) == maxParts || work > maxJoinWork {
			return false
		}
		j.pieces = append(j.pieces, p)
		at = end
		cells += p.cells
		headings += len(p.ids)
		rendered += p.rendered
		if len(p.blocks) > 0 {
			if loose && p.looseStart {
				return false // they would be one block
			}
			loose = p.looseEnd
		}
	}
	// Numbers of lines are longer in the whole text: hence half.
	return cells <= maxCells && headings <= maxHeadings && rendered <= maxOutput(len(text))/2
}

// piece renders a part of a text, or finds what was made of it before.
func (r *Renderer) piece(text []byte) *piece {
	p := r.memo.get(text)
	if p == nil {
		p = r.newPiece(text)
		r.memo.put(p)
	}
	return p
}

// newPiece renders a part of a text: with its targets masked, if that was not
// done before, or else as it is.
func (r *Renderer) newPiece(text []byte) *piece {
	if r.masks.mask(text) {
		of := r.memo.get(r.masks.text)
		known := of != nil
		if !known {
			of = r.renderPart(r.masks.text, r.masks.targets)
		}
		if p := r.masks.unmask(text, of); p != nil {
			if !known {
				r.memo.put(of)
			}
			return p
		}
	}
	return r.renderPart(text, nil)
}

// renderPart renders a part of a text, as if there were nothing else. The piece is
// of no use if what stands at the given places is anything but links' targets.
func (r *Renderer) renderPart(text []byte, targets []policy.Span) *piece {
	with := r.bare
	if needsBareLinks(text, targets) {
		with = r.parser
	}
	p := &piece{text: string(text), whole: true}
	s := &r.source
	s.reset(text, 1, maxPartWork)
	if r.convert(with) != nil || s.alone || r.raw.found || r.html.over {
		return p
	}
	p.rendered = len(r.html.bytes)
	doc := r.blocks.build(r.html.bytes)
	if s.err != nil {
		return p
	}
	p.whole, p.open, p.work, p.cells = false, s.open, s.work, s.cells
	p.lines = strings.Count(p.text, "\n")
	p.html, p.blocks, p.links = doc.HTML, doc.Blocks, doc.Links
	p.notes = sortedNotes(s.notes)
	p.ids = slices.Clone(r.blocks.ids)
	p.nested = countNested(p.blocks)
	p.visible = isVisible(doc)
	if n := len(p.blocks); n > 0 {
		p.looseStart, p.looseEnd = isLoose(&p.blocks[0]), isLoose(&p.blocks[n-1])
	}
	return p
}

// sortedNotes are notes in order of their lines, nil when there are none.
func sortedNotes(notes []policy.Problem) []policy.Problem {
	if len(notes) == 0 {
		return nil
	}
	notes = slices.Clone(notes)
	slices.SortStableFunc(notes, func(a, b policy.Problem) int { return cmp.Compare(a.Line, b.Line) })
	return notes
}

// document joins the pieces; nil when two of them give the same id.
func (j *joiner) document(firstLine int) *policy.Document {
	var blocks, nested, links, notes, headings, length int
	visible := false
	for _, p := range j.pieces {
		blocks += len(p.blocks)
		nested += p.nested
		links += len(p.links)
		notes += len(p.notes)
		headings += len(p.ids)
		length += len(p.html)
		visible = visible || p.visible
	}
	doc := &policy.Document{IDs: make(map[string]bool, headings)}
	j.doc = doc
	if !j.giveIDs(&length) {
		return nil
	}
	if !visible {
		doc.Notes = append(doc.Notes, noText)
	}
	if blocks > 0 {
		doc.Blocks = make([]policy.Block, blocks)
	}
	if links > 0 {
		doc.Links = make([]policy.Link, 0, links)
	}
	if notes > 0 {
		doc.Notes = slices.Grow(doc.Notes, notes)
	}
	j.nested = make([]policy.Block, nested)
	j.html = strings.Builder{}
	j.html.Grow(length)
	top, ids, line := doc.Blocks, j.ids, firstLine-1
	for _, p := range j.pieces {
		j.add(p, top[:len(p.blocks)], ids[:len(p.ids)], line)
		top, ids = top[len(p.blocks):], ids[len(p.ids):]
		line += p.lines
	}
	doc.HTML = j.html.String()
	j.doc, j.nested, j.html = nil, nil, strings.Builder{}
	return doc
}

// giveIDs gives all headings the ids that they have in the whole text. length
// is that of the HTML.
func (j *joiner) giveIDs(length *int) bool {
	taken := j.doc.IDs
	for _, p := range j.pieces {
		for i := range p.ids {
			if id := &p.ids[i]; id.author {
				if taken[id.id] {
					return false
				}
				taken[id.id] = true
			}
		}
	}
	j.ids = j.ids[:0]
	clear(j.numbers)
	for _, p := range j.pieces {
		for i := range p.ids {
			e := &p.ids[i]
			id := e.id
			if !e.author {
				if taken[e.base] {
					id = freeID(e.base, func(id string) bool { return taken[id] }, j.numbers)
				} else {
					id = e.base
				}
				taken[id] = true
				*length += len(id) - len(e.id)
			}
			j.ids = append(j.ids, id)
		}
	}
	return true
}

// add appends a piece whose headings have the given ids. line is the number of
// lines of the file before it.
func (j *joiner) add(p *piece, blocks []policy.Block, ids []string, line int) {
	j.shift = j.html.Len()
	j.ends = j.ends[:0]
	copied := 0
	for i := range p.ids {
		if e := &p.ids[i]; ids[i] != e.id {
			j.html.WriteString(p.html[copied:e.at])
			j.html.WriteString(escape(ids[i]))
			copied = e.at + len(escape(e.id))
			j.ends = append(j.ends, shiftEnd{copied, j.html.Len() - copied})
		}
	}
	j.html.WriteString(p.html[copied:])

	j.blocks(blocks, p.blocks)
	if len(j.ends) > 0 {
		setIDs(blocks, ids)
	}
	for i := range p.links {
		link := p.links[i]
		link.Attr, link.Element = j.span(link.Attr), j.span(link.Element)
		link.Line += line // without raw HTML, all links and notes have one
		j.doc.Links = append(j.doc.Links, link)
	}
	for _, n := range p.notes {
		n.Line += line
		j.doc.Notes = append(j.doc.Notes, n)
	}
}

// blocks copies blocks of the piece at hand.
func (j *joiner) blocks(to, from []policy.Block) {
	copy(to, from)
	for i := range to {
		b := &to[i]
		b.Outer, b.Inner = j.span(b.Outer), j.span(b.Inner)
		if n := len(b.Children); n > 0 {
			children := j.nested[:n:n]
			j.nested = j.nested[n:]
			j.blocks(children, b.Children)
			b.Children = children
		}
	}
}

// span is where a span of the piece at hand is in the document.
func (j *joiner) span(s policy.Span) policy.Span {
	if len(j.ends) == 0 {
		return policy.Span{Start: s.Start + j.shift, End: s.End + j.shift}
	}
	return policy.Span{Start: j.place(s.Start), End: j.place(s.End)}
}

// place is where an offset of the piece at hand is in the document.
func (j *joiner) place(at int) int {
	i, found := slices.BinarySearchFunc(j.ends, at, func(e shiftEnd, at int) int { return cmp.Compare(e.at, at) })
	if found {
		i++
	}
	if i == 0 {
		return at + j.shift
	}
	return at + j.ends[i-1].shift
}

// setIDs gives headings their ids, in order, and returns those left.
func setIDs(blocks []policy.Block, ids []string) []string {
	for i := range blocks {
		b := &blocks[i]
		if b.Kind == policy.Heading {
			b.ID, ids = ids[0], ids[1:]
		}
		ids = setIDs(b.Children, ids)
	}
	return ids
}
