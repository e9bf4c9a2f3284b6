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
	last    []*piece       // of the text before
	next    int            // in last: the one that is likely to come next
	ids     []string       // of all headings
	numbers map[string]int // see freeID
	key     []byte         // see Renderer.numbered
}

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
	return r.document(firstLine)
}

// cut finds the pieces of a text, and reports whether they can be joined.
func (r *Renderer) cut(text []byte) bool {
	j := &r.joiner
	clear(j.last)
	j.last, j.pieces, j.next = j.pieces, j.last[:0], 0
	work, cells, headings, rendered, loose := 0, 0, 0, 0, false
	for at := 0; at < len(text); {
		p := j.goesOn(text, at)
		if p == nil {
			p = r.pieceAt(text, at)
			j.resume(p)
		}
		work += p.work
		if p.whole || len(j.pieces) == maxParts || work > maxJoinWork {
			return false
		}
		j.pieces = append(j.pieces, p)
		at += len(p.text)
		cells += p.cells
		headings += len(p.ids)
		rendered += p.rendered
		if len(p.part.Blocks) > 0 {
			if loose && p.looseStart {
				return false // they would be one block
			}
			loose = p.looseEnd
		}
	}
	// Numbers of lines are longer in the whole text: hence half.
	return cells <= maxCells && headings <= maxHeadings && rendered <= maxOutput(len(text))/2
}

// goesOn is the piece of a part of a text if the text before had the same part in
// the place of it, which is found without looking it up; else nil. That saves 2 % of
// the processor time of a build of 4,840 revisions. Where the part ends depends on
// itself and on what follows, see splitAt.
func (j *joiner) goesOn(text []byte, at int) *piece {
	if j.next == len(j.last) {
		return nil
	}
	p := j.last[j.next]
	end := at + len(p.text)
	if end > len(text) || string(text[at:end]) != p.text {
		return nil
	}
	if end < len(text) && (p.open || !strings.HasSuffix(p.text, "\n\n") || text[end] == '\n' || !startsAnew(text[end:])) {
		return nil
	}
	j.next++
	return p
}

// resume looks for a piece among the next ones of the text before: others may be
// gone.
func (j *joiner) resume(p *piece) {
	const soon = 50
	ahead := j.last[j.next:]
	if i := slices.Index(ahead[:min(soon, len(ahead))], p); i >= 0 {
		j.next += i + 1
	}
}

// pieceAt renders the part of a text that starts at an offset, or finds what was
// made of it before. Where a block goes on over the end of a part, twice as many
// parts are taken for one each time, so that a text is read no more than a few
// times.
func (r *Renderer) pieceAt(text []byte, at int) *piece {
	end := splitAt(text, at)
	p := r.piece(text[at:end])
	for more := 1; p.open && end < len(text); more *= 2 {
		for range more {
			end = splitAt(text, end)
		}
		p = r.piece(text[at:end])
	}
	return p
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
			of = r.renderPart(r.masks.text)
		}
		if p := r.masks.unmask(text, of); p != nil {
			if !known {
				r.memo.put(of)
			}
			return p
		}
	}
	return r.renderPart(text)
}

// renderPart renders a part of a text, as if there were nothing else.
func (r *Renderer) renderPart(text []byte) *piece {
	p := &piece{text: string(text), whole: true}
	s := &r.source
	s.reset(text, 1, maxPartWork)
	if r.convert() != nil || s.alone || r.raw.found || r.html.over {
		return p
	}
	p.rendered = len(r.html.bytes)
	doc := r.blocks.build(r.html.bytes)
	if s.err != nil {
		return p
	}
	p.whole, p.open, p.work, p.cells = false, s.open, s.work, s.cells
	p.lines = strings.Count(p.text, "\n")
	p.part, p.links = doc.Parts[0], doc.Links
	p.notes = sortedNotes(s.notes)
	p.ids = slices.Clone(r.blocks.ids)
	p.nested = countNested(p.part.Blocks)
	p.visible = isVisible(doc)
	if n := len(p.part.Blocks); n > 0 {
		p.looseStart, p.looseEnd = isLoose(&p.part.Blocks[0]), isLoose(&p.part.Blocks[n-1])
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
func (r *Renderer) document(firstLine int) *policy.Document {
	j := &r.joiner
	var links, notes, headings int
	visible := false
	for _, p := range j.pieces {
		links += len(p.links)
		notes += len(p.notes)
		headings += len(p.ids)
		visible = visible || p.visible
	}
	doc := &policy.Document{IDs: make(map[string]bool, headings), Parts: make([]*policy.Part, 0, len(j.pieces))}
	if !j.giveIDs(doc.IDs) {
		return nil
	}
	if !visible {
		doc.Notes = append(doc.Notes, policy.Problem{Message: NoText})
	}
	if links > 0 {
		doc.Links = make([]policy.Link, 0, links)
	}
	if notes > 0 {
		doc.Notes = slices.Grow(doc.Notes, notes)
	}
	ids, line := j.ids, firstLine-1
	for _, p := range j.pieces {
		p := r.numbered(p, ids[:len(p.ids)])
		ids = ids[len(p.ids):]
		doc.Parts = append(doc.Parts, p.part)
		from := len(doc.Links)
		doc.Links = append(doc.Links, p.links...)
		for i := range doc.Links[from:] {
			doc.Links[from+i].Line += line // without raw HTML, all links and notes have one
		}
		for _, n := range p.notes {
			n.Line += line
			doc.Notes = append(doc.Notes, n)
		}
		line += p.lines
	}
	doc.Notes = onceForeign(doc.Notes)
	return doc
}

// giveIDs gives all headings the ids that they have in the whole text, and enters
// them into taken.
func (j *joiner) giveIDs(taken map[string]bool) bool {
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
			}
			j.ids = append(j.ids, id)
		}
	}
	return true
}

// numbered is a piece whose headings have the given ids: itself, or a copy, which is
// kept like it. No text has the bytes that part the ids in its key.
func (r *Renderer) numbered(p *piece, ids []string) *piece {
	own := true
	for i := range p.ids {
		own = own && ids[i] == p.ids[i].id
	}
	if own {
		return p
	}
	key := append(r.joiner.key[:0], p.text...)
	for _, id := range ids {
		key = append(append(key, 0), id...)
	}
	r.joiner.key = key
	if known := r.memo.get(key); known != nil {
		return known
	}
	var n numbering
	out := n.piece(p, ids)
	out.text = string(key)
	r.memo.put(out)
	return out
}

// numbering gives the headings of one piece other ids.
type numbering struct {
	ids  []string   // of the headings to come
	ends []shiftEnd // where the shift changes
}

// shiftEnd is a place in a piece from which on the shift is another.
type shiftEnd struct{ at, shift int }

func (n *numbering) piece(p *piece, ids []string) *piece {
	var html strings.Builder
	copied := 0
	for i := range p.ids {
		if e := &p.ids[i]; ids[i] != e.id {
			html.WriteString(p.part.HTML[copied:e.at])
			html.WriteString(escape(ids[i]))
			copied = e.at + len(escape(e.id))
			n.ends = append(n.ends, shiftEnd{copied, html.Len() - copied})
		}
	}
	html.WriteString(p.part.HTML[copied:])
	n.ids = ids
	out := *p
	out.part = &policy.Part{HTML: html.String(), Blocks: n.blocks(p.part.Blocks), Links: p.part.Links}
	out.links = slices.Clone(p.links)
	for i := range out.links {
		link := &out.links[i]
		link.Attr, link.Element = n.span(link.Attr), n.span(link.Element)
	}
	return &out
}

// blocks copies blocks of the piece, in order.
func (n *numbering) blocks(from []policy.Block) []policy.Block {
	out := slices.Clone(from)
	for i := range out {
		b := &out[i]
		b.Outer, b.Inner = n.span(b.Outer), n.span(b.Inner)
		if b.Kind == policy.Heading {
			b.ID, n.ids = n.ids[0], n.ids[1:]
		}
		b.Children = n.blocks(b.Children)
	}
	return out
}

func (n *numbering) span(s policy.Span) policy.Span {
	return policy.Span{Start: n.place(s.Start), End: n.place(s.End)}
}

// place is where an offset of the piece is in the copy.
func (n *numbering) place(at int) int {
	i, found := slices.BinarySearchFunc(n.ends, at, func(e shiftEnd, at int) int { return cmp.Compare(e.at, at) })
	if found {
		i++
	}
	if i == 0 {
		return at
	}
	return at + n.ends[i-1].shift
}
