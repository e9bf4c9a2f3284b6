package docx

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/bidi"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// writer writes the body of a document.
type writer struct {
	opt           Options
	rtl           bool
	stamp         string // attributes of every change: who made it, and when
	body          strings.Builder
	lists         lists
	ids           int               // of changes and bookmarks, so far
	links         map[string]int    // by address: the number of the relationship
	relationships strings.Builder   // of those
	bookmarks     map[string]string // of headings: by "old#" or "new#" and their ids
	halves        map[int]int       // by the number of a move: 1 the old half is there, 2 the new one

	text   strings.Builder // of the paragraph that is open
	isOpen bool            // the next passage of either text goes on in it
	last   redline.Op      // of the passage that left it open
	link   string          // the hyperlink that is open in it
	moveID int             // of the range that is open in it
	held   *held           // the paragraph before it

	table  int // ID of the one that is open; 0 for none
	rows   strings.Builder
	of     redline.Op // the text that has it, Equal for both
	before redline.Op // the same of the table before
	grid   int        // cells of its widest row
	indent int        // of it, in twentieths of a point
	ended  ended
}

// ended is what was written last.
type ended uint8

const (
	nothing   ended = iota
	paragraph       // with a mark that stays
	ragged          // with one that may go: not before the end of the document
	table           // not before that either, nor before another table, which Word would take for the same
)

// held is a paragraph that stands in both texts and ends with what was inserted.
// Paragraphs that were inserted behind it may be the rest of that: then the mark that
// was there is the last one's, as in what Word writes where somebody types on. Of two
// insertions with the old mark between them LibreOffice makes one, and rejects the mark.
type held struct {
	text     string
	now, was properties
}

// document writes the passages of a redline.
func (w *writer) document(r *redline.Redline) {
	w.prepare(r)
	var behind []*redline.Passage // paragraphs that were removed behind a table that may go on
	put := func(l *redline.Passage) {
		if isRow(l) {
			w.row(l)
		} else {
			w.paragraph(l)
		}
	}
	for l := range r.Passages() {
		if w.table != 0 && !isRow(l) && opOf(l) == redline.Delete {
			behind = append(behind, l)
			continue
		}
		if !isRow(l) || opOf(l) != redline.Insert || tableOf(l) != w.table {
			for _, l := range behind {
				put(l)
			}
			behind = nil
		}
		put(l)
	}
	for _, l := range behind {
		put(l)
	}
	w.closeParagraph()
	w.closeTable()
	if w.ended != paragraph {
		w.body.WriteString("<w:p/>")
	}
}

// prepare finds what must be known before it is come upon: where the links within the
// text lead, and the moves both halves of which are there.
func (w *writer) prepare(r *redline.Redline) {
	n := 0
	for l := range r.Passages() {
		if p := either(l); p.Block.Kind == policy.Heading && p.Block.ID != "" {
			n++
			if l.Old != nil {
				w.bookmarks["old#"+l.Old.Block.ID] = bookmark(n)
			}
			if l.New != nil {
				w.bookmarks["new#"+l.New.Block.ID] = bookmark(n)
			}
		}
		for _, c := range l.Cells {
			for _, s := range c.Spans {
				if s.Moved && s.Op == redline.Delete {
					w.halves[s.Move] |= 1
				} else if s.Moved {
					w.halves[s.Move] |= 2
				}
			}
		}
	}
}

func bookmark(n int) string { return "_h" + strconv.Itoa(n) }

// either is the place of a passage in the new text, or in the old one.
func either(l *redline.Passage) *redline.Place {
	if l.New != nil {
		return l.New
	}
	return l.Old
}

func isRow(l *redline.Passage) bool { return either(l).Block.Kind == policy.Row }

// opOf says which of the texts has a passage.
func opOf(l *redline.Passage) redline.Op {
	switch {
	case l.New == nil:
		return redline.Delete
	case l.Old == nil:
		return redline.Insert
	}
	return redline.Equal
}

// change is a start tag, without its last character, of a change with a number of its own.
func (w *writer) change(tag string) string {
	w.ids++
	return "<w:" + tag + ` w:id="` + strconv.Itoa(w.ids) + `"` + w.stamp
}

// paragraph writes a passage that is not a row. Its paragraph ends in the texts in which
// the passage does: where in one of them only, its mark was inserted or deleted.
func (w *writer) paragraph(l *redline.Passage) {
	w.closeTable()
	whole := 0 // the move that the paragraph is
	if w.halves[l.Move] == 3 {
		whole = l.Move
		w.text.WriteString(w.rangeStart(opOf(l), whole))
	}
	w.line(l, whole)
	var now, was properties
	if l.New != nil {
		now = w.propertiesOf(l.New, 1)
	}
	if l.Old != nil {
		was = w.propertiesOf(l.Old, 0)
	}
	inOld, inNew := l.Old != nil && !l.Old.GoesOn, l.New != nil && !l.New.GoesOn
	if w.held != nil && inNew && l.Old == nil {
		if whole > 0 {
			w.text.WriteString(w.rangeEnd(redline.Insert))
		}
		next := held{w.text.String(), now, w.held.was}
		w.text.Reset()
		w.text.WriteString(w.held.text)
		w.end("ins", w.held.now, nil)
		w.held = &next
		return
	}
	w.release()
	switch spans := l.Cells[0].Spans; {
	case inOld && inNew && len(spans) > 0 && spans[len(spans)-1].Op == redline.Insert:
		w.held = &held{w.text.String(), now, was}
		w.text.Reset()
	case inOld && inNew:
		w.end("", now, &was)
	case inOld && whole > 0:
		w.end("moveFrom", was, nil)
	case inNew && whole > 0:
		w.end("moveTo", now, nil)
	case inOld:
		w.end("del", was, nil)
	case inNew:
		w.end("ins", now, nil)
	default:
		w.isOpen, w.last = true, opOf(l)
		if whole > 0 {
			w.text.WriteString(w.rangeEnd(opOf(l)))
		}
		return
	}
	if whole > 0 {
		w.body.WriteString(w.rangeEnd(opOf(l))) // behind the paragraph, so that its mark is in it
	}
}

// line writes the text of a paragraph, and what leads to it if it is a heading.
func (w *writer) line(l *redline.Passage, whole int) {
	named := ""
	switch p := either(l); {
	case p.Block.Kind != policy.Heading:
	case l.New != nil:
		named = w.bookmarks["new#"+p.Block.ID]
	default:
		named = w.bookmarks["old#"+p.Block.ID]
	}
	id := ""
	if named != "" {
		w.ids++
		id = strconv.Itoa(w.ids)
		w.text.WriteString(`<w:bookmarkStart w:id="` + id + `" w:name="` + named + `"/>`)
	}
	w.spans(l.Cells[0].Spans, whole)
	if id != "" {
		w.text.WriteString(`<w:bookmarkEnd w:id="` + id + `"/>`)
	}
	between := func(p *redline.Place, op redline.Op) {
		if p != nil && p.GoesOn && p.Between != "" {
			w.span(redline.Span{Op: op, Text: p.Between}, false)
		}
	}
	between(l.Old, redline.Delete)
	between(l.New, redline.Insert)
}

// end ends the paragraph that is open. mark says what became of its mark, if anything,
// and was what its properties were.
func (w *writer) end(mark string, now properties, was *properties) {
	p := now.xml(w.rtl)
	if mark != "" {
		p += "<w:rPr>" + w.change(mark) + "/></w:rPr>"
	} else if was != nil && *was != now {
		p += w.change("pPrChange") + "><w:pPr>" + was.xml(w.rtl) + "</w:pPr></w:pPrChange>"
	}
	if p != "" {
		p = "<w:pPr>" + p + "</w:pPr>"
	}
	w.body.WriteString("<w:p>" + p + w.text.String() + "</w:p>")
	w.text.Reset()
	if w.isOpen, w.ended = false, paragraph; mark != "" {
		w.ended = ragged
	}
}

// release writes the paragraph that is held.
func (w *writer) release() {
	if h := w.held; h != nil {
		text := w.text.String()
		w.text.Reset()
		w.text.WriteString(h.text)
		w.held = nil
		w.end("", h.now, &h.was)
		w.text.WriteString(text)
	}
}

// closeParagraph ends a paragraph that should go on, where what follows is none: it
// gets a mark in the text that has nothing of it.
func (w *writer) closeParagraph() {
	w.release()
	switch {
	case !w.isOpen:
	case w.last == redline.Delete:
		w.end("ins", properties{}, nil)
	case w.last == redline.Insert:
		w.end("del", properties{}, nil)
	default:
		w.end("", properties{}, nil)
	}
}

// tableOf is the ID of the table that a row is of; -1 for none, which raw HTML can have.
func tableOf(l *redline.Passage) int {
	for _, a := range either(l).In {
		if a.Kind == policy.Table {
			return a.ID
		}
	}
	return -1
}

// row writes a row of a table, which goes on as long as rows of it follow.
func (w *writer) row(l *redline.Passage) {
	w.closeParagraph()
	if id := tableOf(l); id != w.table {
		w.closeTable()
		w.table, w.indent, w.of = id, indentOf(either(l).In), opOf(l)
	} else if w.of != opOf(l) {
		w.of = redline.Equal
	}
	row := ""
	if !slices.ContainsFunc(l.Cells, func(c redline.Cell) bool { return !c.Header }) {
		row = "<w:tblHeader/>"
	}
	switch opOf(l) {
	case redline.Insert:
		row += w.change("ins") + "/>"
	case redline.Delete:
		row += w.change("del") + "/>"
	}
	if row != "" {
		row = "<w:trPr>" + row + "</w:trPr>"
	}
	w.rows.WriteString("<w:tr>" + row)
	for _, c := range l.Cells {
		cell, now := "", properties{}
		switch {
		case opOf(l) != redline.Equal || c.Old == c.New:
		case c.New:
			cell = w.change("cellIns") + "/>"
		default:
			cell = w.change("cellDel") + "/>"
		}
		if c.Header {
			now.style = "TableHeading"
		}
		w.spans(c.Spans, 0)
		w.rows.WriteString(`<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/>` + cell + `</w:tcPr><w:p>`)
		if p := now.xml(w.rtl); p != "" {
			w.rows.WriteString("<w:pPr>" + p + "</w:pPr>")
		}
		w.rows.WriteString(w.text.String() + "</w:p></w:tc>")
		w.text.Reset()
	}
	w.rows.WriteString("</w:tr>")
	w.grid = max(w.grid, len(l.Cells))
}

// closeTable writes the table that is open.
func (w *writer) closeTable() {
	if w.table == 0 {
		return
	}
	if w.ended == table { // what is between them comes and goes with one of them
		switch ops := string([]redline.Op{w.before, w.of}); {
		case strings.IndexByte(ops, byte(redline.Insert)) >= 0:
			w.end("ins", properties{}, nil)
		case strings.IndexByte(ops, byte(redline.Delete)) >= 0:
			w.end("del", properties{}, nil)
		default:
			w.end("", properties{}, nil)
		}
	}
	const page = 9026 // twentieths of a point
	visual, indent := "", ""
	if w.rtl {
		visual = "<w:bidiVisual/>"
	}
	if w.indent > 0 {
		indent = `<w:tblInd w:w="` + strconv.Itoa(w.indent) + `" w:type="dxa"/>`
	}
	w.body.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>` + visual + `<w:tblW w:w="0" w:type="auto"/>` + indent + `</w:tblPr><w:tblGrid>` +
		strings.Repeat(`<w:gridCol w:w="`+strconv.Itoa((page-w.indent)/w.grid)+`"/>`, w.grid) + "</w:tblGrid>" + w.rows.String() + "</w:tbl>")
	w.rows.Reset()
	w.table, w.grid, w.before, w.ended = 0, 0, w.of, table
}

// properties are those of a paragraph.
type properties struct {
	style         string
	list, level   int // the numbering; 0 for none
	left, hanging int // of lists and quotations, in twentieths of a point
}

// Indents, in twentieths of a point: of a level of a list, of its numbers, of a
// quotation.
const (
	listIndent   = 720
	numberIndent = 360
	quoteIndent  = 567
)

// indentOf is how far from the margin stands what is in some blocks.
func indentOf(in []redline.Around) (n int) {
	for _, a := range in {
		switch a.Kind {
		case policy.List, policy.Footnotes:
			n += listIndent
		case policy.Quote:
			n += quoteIndent
		}
	}
	return n
}

// propertiesOf are those of the paragraph of a place in one of the texts: 0 the old
// one, 1 the new.
func (w *writer) propertiesOf(p *redline.Place, text int) properties {
	var out properties
	out.list, out.level = w.lists.number(p, text)
	inQuote := slices.ContainsFunc(p.In, func(a redline.Around) bool { return a.Kind == policy.Quote })
	switch {
	case p.Block.Kind == policy.Heading:
		out.style = "Heading" + strconv.Itoa(max(1, min(6, p.Block.Level)))
	case p.Block.Kind == policy.Code:
		out.style = "Code"
	case inQuote:
		out.style = "Quote"
	case len(p.In) > 0 && indentOf(p.In) > 0:
		out.style = "ListParagraph"
	}
	if out.left = indentOf(p.In); out.list > 0 {
		out.hanging = numberIndent
	}
	return out
}

func (p properties) xml(rtl bool) string {
	var b strings.Builder
	if p.style != "" {
		b.WriteString(`<w:pStyle w:val="` + p.style + `"/>`)
	}
	if p.list > 0 {
		b.WriteString(`<w:numPr><w:ilvl w:val="` + strconv.Itoa(p.level) + `"/><w:numId w:val="` + strconv.Itoa(p.list) + `"/></w:numPr>`)
	}
	if rtl {
		b.WriteString("<w:bidi/>")
	}
	if p.left > 0 {
		b.WriteString(`<w:ind w:left="` + strconv.Itoa(p.left) + `"`)
		if p.hanging > 0 {
			b.WriteString(` w:hanging="` + strconv.Itoa(p.hanging) + `"`)
		}
		b.WriteString("/>")
	}
	return b.String()
}

// spans writes the text of a passage. whole is the move that all of it is, if it is one.
func (w *writer) spans(spans []redline.Span, whole int) {
	move, half := 0, redline.Equal
	enter := func(n int, op redline.Op) {
		if n == move {
			return
		}
		w.hyperlink("")
		if move > 0 {
			w.text.WriteString(w.rangeEnd(half))
		}
		if move, half = n, op; n > 0 {
			w.text.WriteString(w.rangeStart(op, n))
		}
	}
	for _, s := range spans {
		n := s.Move
		if w.halves[n] != 3 {
			n = 0
		}
		if whole == 0 {
			enter(n, s.Op)
		}
		w.span(s, n > 0 && s.Moved)
	}
	w.hyperlink("")
	enter(0, redline.Equal)
}

// rangeStart starts the range of a half of a move. Word finds the other half by the
// name. The schema wants a day here, where there may be none; Word does not.
func (w *writer) rangeStart(op redline.Op, move int) string {
	start := w.change(half(op)+"RangeStart") + ` w:name="move` + strconv.Itoa(move) + `"/>`
	w.moveID = w.ids
	return start
}

func (w *writer) rangeEnd(op redline.Op) string {
	return "<w:" + half(op) + `RangeEnd w:id="` + strconv.Itoa(w.moveID) + `"/>`
}

func half(op redline.Op) string {
	if op == redline.Delete {
		return "moveFrom"
	}
	return "moveTo"
}

// span writes a stretch of text, or a sign.
func (w *writer) span(s redline.Span, moved bool) {
	was, now := w.target(s.Old, 0), w.target(s.New, 1)
	if s.Op == redline.Equal && s.Old.Target != s.New.Target && was != now {
		w.piece(redline.Delete, s, false, was, w.look(s.Old, was))
		w.piece(redline.Insert, s, false, now, w.look(s.New, now))
		return
	}
	switch s.Op {
	case redline.Delete:
		w.piece(s.Op, s, moved, was, w.look(s.Old, was))
	case redline.Insert:
		w.piece(s.Op, s, moved, now, w.look(s.New, now))
	default:
		look := w.look(s.New, now)
		if before := w.look(s.Old, now); before != look && strings.TrimSpace(s.Text) != "" { // spaces look like nothing
			look += w.change("rPrChange") + "><w:rPr>" + before + "</w:rPr></w:rPrChange>"
		}
		w.piece(s.Op, s, false, now, look)
	}
}

// piece writes a span as one of the texts has it.
func (w *writer) piece(op redline.Op, s redline.Span, moved bool, href, look string) {
	w.hyperlink(href)
	tag, text := "", "t"
	switch {
	case op == redline.Equal:
	case moved:
		tag = half(op)
	case op == redline.Delete:
		tag, text = "del", "delText"
	default:
		tag = "ins"
	}
	if tag != "" {
		w.text.WriteString(w.change(tag) + ">")
	}
	switch {
	case s.Break:
		w.text.WriteString("<w:r><w:br/></w:r>")
	case s.Footnote > 0:
		w.text.WriteString(`<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>`)
		for _, digit := range strconv.Itoa(s.Footnote) {
			w.text.WriteString(`<w:sym w:font="Calibri" w:char="00` + strconv.FormatInt(int64(digit), 16) + `"/>`)
		}
		w.text.WriteString("</w:r>")
	default:
		for part, rtl := range w.directions(s.Text) {
			w.run(part, text, look, rtl)
		}
	}
	if tag != "" {
		w.text.WriteString("</w:" + tag + ">")
	}
}

// run writes text of one direction.
func (w *writer) run(s, tag, look string, rtl bool) {
	if rtl {
		if before, change, ok := strings.Cut(look, "<w:rPrChange"); ok { // which comes last
			look = before + "<w:rtl/><w:rPrChange" + change
		} else {
			look += "<w:rtl/>"
		}
	}
	if look != "" {
		look = "<w:rPr>" + look + "</w:rPr>"
	}
	w.text.WriteString("<w:r>" + look)
	for s != "" {
		n := strings.IndexAny(s, "\n\t")
		if n < 0 {
			n = len(s)
		}
		if n > 0 {
			w.text.WriteString("<w:" + tag + ` xml:space="preserve">` + escape(s[:n]) + "</w:" + tag + ">")
		}
		if s = s[n:]; s == "" {
			break
		}
		if s[0] == '\n' {
			w.text.WriteString("<w:br/>")
		} else {
			w.text.WriteString("<w:tab/>")
		}
		s = s[1:]
	}
	w.text.WriteString("</w:r>")
}

// directions are the stretches of a text of one direction, and whether that is from
// right to left: Word asks each run, and letters decide. What is none goes with the
// letters on both sides of it if these agree, else with the document.
func (w *writer) directions(s string) func(yield func(string, bool) bool) {
	return func(yield func(string, bool) bool) {
		from, end, last := 0, 0, w.rtl // end: behind the last letter, which was of that direction
		for i, c := range s {
			p, size := bidi.LookupRune(c)
			rtl := false
			switch p.Class() {
			case bidi.L:
			case bidi.R, bidi.AL:
				rtl = true
			default:
				continue
			}
			if rtl != last {
				cut := i
				if last != w.rtl {
					cut = end
				}
				if cut > from && !yield(s[from:cut], last) {
					return
				}
				from, last = cut, rtl
			}
			end = i + size
		}
		if last != w.rtl && end < len(s) {
			if !yield(s[from:end], last) {
				return
			}
			from, last = end, w.rtl
		}
		if from < len(s) {
			yield(s[from:], last)
		}
	}
}

// looks are what elements look like, in the order in which ECMA-376 wants them.
var looks = []struct {
	tags []string
	look string
}{
	{[]string{"code", "kbd", "samp"}, `<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>`},
	{[]string{"strong", "b"}, `<w:b/><w:bCs/>`},
	{[]string{"em", "i", "cite", "var", "dfn"}, `<w:i/><w:iCs/>`},
	{[]string{"s"}, `<w:strike/>`},
	{[]string{"mark"}, `<w:highlight w:val="yellow"/>`},
	{[]string{"u"}, `<w:u w:val="single"/>`},
	{[]string{"sup"}, `<w:vertAlign w:val="superscript"/>`},
	{[]string{"sub"}, `<w:vertAlign w:val="subscript"/>`},
}

// look is what text of some mark-up looks like, in the hyperlink href if that is one.
func (w *writer) look(m redline.Markup, href string) string {
	out, raised := "", false
	if href != "" {
		out = `<w:rStyle w:val="Hyperlink"/>`
	}
	for _, l := range looks {
		if slices.ContainsFunc(l.tags, func(tag string) bool { return slices.Contains(m.Tags, tag) }) && !(raised && l.tags[0] == "sub") {
			out += l.look
			raised = raised || l.tags[0] == "sup"
		}
	}
	return out
}

// hyperlink ends the hyperlink that is open and starts another, unless it is the same.
func (w *writer) hyperlink(href string) {
	if href == w.link {
		return
	}
	if w.link != "" {
		w.text.WriteString("</w:hyperlink>")
	}
	w.link = href
	if name, ok := strings.CutPrefix(href, "#"); ok {
		w.text.WriteString(`<w:hyperlink w:anchor="` + name + `" w:history="1">`)
	} else if href != "" {
		n, ok := w.links[href]
		if !ok {
			n = len(w.links) + 1
			w.links[href] = n
			w.relationships.WriteString(`<Relationship Id="link` + strconv.Itoa(n) + `" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="` + escape(href) + `" TargetMode="External"/>`)
		}
		w.text.WriteString(`<w:hyperlink r:id="link` + strconv.Itoa(n) + `" w:history="1">`)
	}
}

// target is where a link of one of the texts, 0 the old one and 1 the new, leads: "#"
// and a bookmark, or a whole address; "" for nowhere, for a document stands on no site.
func (w *writer) target(m redline.Markup, text int) string {
	if m.Target == "" {
		return ""
	}
	if id, ok := strings.CutPrefix(m.Target, "#"); ok {
		if decoded, err := url.PathUnescape(id); err == nil {
			id = decoded
		}
		if name := w.bookmarks[[]string{"old#", "new#"}[text]+id]; name != "" {
			return "#" + name
		}
	}
	if text == 1 && w.opt.Address != nil {
		return address(w.opt.Address(m.Link))
	}
	return address(m.Target)
}

// longestAddress is what Word takes.
const longestAddress = 2083

// address is a whole address as a document can state it; "" for any other.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || !slices.Contains([]string{"http", "https", "mailto", "tel"}, u.Scheme) {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c > '~' || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.WriteString("%" + strings.ToUpper(strconv.FormatInt(int64(c)+256, 16)[1:]))
		} else {
			b.WriteByte(c)
		}
	}
	if b.Len() > longestAddress {
		return ""
	}
	return b.String()
}
