package redline

import (
	"slices"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words/phrases"
)

// HTMLOptions say how a redline is written.
type HTMLOptions struct {
	// Address returns the address on the page for a link of the new text, and
	// whether it leads anywhere. nil: links are left out.
	Address func(link int) (href string, ok bool)
	// Into is what the redline is appended to, so that its memory can be used
	// again; nil for memory of its own.
	Into []byte
	// Snapshot is the address of the page with the whole new text. Unchanged runs fold
	// into one line, and lead to it where the text is too large for them to open in
	// place. "" writes everything, unless Fold says that they fold and open in place.
	Snapshot string
	Fold     bool
	Words    *phrases.Phrases // of what is not the text
}

// HTML writes the redline. Insertions are in <ins>, deletions in <del>, and what
// is neither old nor new text carries data-note. Each change starts with a note
// that has its number and leads to the ones before and after; their ids are "~1"
// and so on, which no heading has.
//
// The headings fit into the outline of a page that has a level-1 heading of its
// own: there must be one, while a redline may show two, the old title and the
// new. A fold takes headings away, so the levels are made to have no gaps. A
// heading that gets another level states its own in data-level, by which style
// sheets keep its looks.
//
// It takes at most four times the HTML of both texts and 4 KB: where marks would
// take more, each text is shown whole, the old one as deleted and the new one as
// inserted.
func (r *Redline) HTML(opt HTMLOptions) []byte {
	limit := 4*(r.old.htmlSize()+r.new.htmlSize()) + 4096
	if r.spoken.in != opt.Words {
		*r.spoken = marksIn(opt.Words)
	}
	w := writer{r: r, opt: opt, words: opt.Words, marks: r.spoken, out: slices.Grow(opt.Into, min(r.shown, limit)+1024), inNew: r.containers(), level: 1}
	w.width = r.tableWidths(w.inNew)
	var folds []folded
	if opt.Snapshot != "" || opt.Fold {
		folds = r.folds()
	}
	size := 0
	for _, p := range r.new.doc.Parts {
		size += len(p.HTML)
	}
	inPlace := size < openBelow || opt.Snapshot == ""
	// each calls entry for what is written, and fold for what is folded.
	each := func(entry func(*entry), fold func(folded)) {
		rest := folds
		for i := 0; i < len(r.entries); i++ {
			if len(rest) > 0 && rest[0].from == i {
				fold(rest[0])
				i, rest = rest[0].to-1, rest[1:]
				continue
			}
			entry(&r.entries[i])
		}
	}
	heads := func(e *entry) {
		if b := e.unit().block; b.Kind == policy.Heading && b.Level <= 1 {
			w.shift = 1
		}
	}
	each(heads, func(f folded) {
		for i := f.from; inPlace && i < f.to; i++ {
			heads(&r.entries[i])
		}
	})
	from := len(opt.Into)
	each(func(e *entry) {
		if len(w.out)-from <= limit {
			w.entry(e)
		}
	}, func(f folded) { w.fold(f, inPlace) })
	w.closeTo(0)
	if len(w.out)-from > limit {
		w.out = w.out[:from]
		w.replacement()
	}
	return w.out
}

// htmlSize is about how many bytes the HTML of a text has.
func (s *sequence) htmlSize() int {
	n := 0
	for _, p := range s.doc.Parts {
		n += len(p.HTML)
	}
	if len(s.units) > 0 && s.units[0].place.index < 0 {
		n += len(s.units[0].block.Text) // the title
	}
	return n
}

// replacement shows both texts whole, without mark-up.
func (w *writer) replacement() {
	anchors := map[*policy.Block]int{} // for the links to the sections
	for i, k := 0, 0; i < len(w.r.entries) && k < len(w.r.Sections); i++ {
		if e := &w.r.entries[i]; e.first && int(e.change) == w.r.Sections[k].First {
			anchors[e.unit().block] = int(e.change)
			k++
		}
	}
	w.put("<p class=edit-note", w.note, ">", escape(w.words.T("too-much")), "</p>")
	hidden := func(id string) string { return "<p class=hidden" + w.note + ">" + escape(w.words.T(id)) + "</p>" }
	for _, side := range []struct {
		open, shut string
		units      []unit
	}{
		{"<del class=removed>" + hidden("deleted"), hidden("deleted-end") + "</del>", w.r.old.units},
		{"<ins class=added>" + hidden("inserted"), hidden("inserted-end") + "</ins>", w.r.new.units},
	} {
		w.put(side.open)
		for i := range side.units {
			w.bare(&side.units[i], anchors)
		}
		w.closeTo(0)
		w.put(side.shut)
	}
}

// bare writes a unit without mark-up, and its anchor if it has one.
func (w *writer) bare(u *unit, anchors map[*policy.Block]int) {
	w.enter(w.path(&entry{new: u}))
	id := ""
	if change, ok := anchors[u.block]; ok {
		id = " id=~" + strconv.Itoa(change)
		delete(anchors, u.block)
	}
	text := func(cell string) {
		for k := range u.width() {
			w.put("<", cell, ">")
			w.escape(u.cellBlock(k).Text)
			w.put("</", cell, ">")
		}
	}
	switch u.block.Kind {
	case policy.Row:
		w.put("<tr", id, ">")
		text("td")
		w.put("</tr>")
	case policy.Code:
		w.put("<pre", id, ">")
		text("code")
		w.put("</pre>")
	default:
		around, cell := "div", "p"
		if w.inList() {
			around = "li"
		}
		if u.block.Kind == policy.Heading {
			cell = "h" + strconv.Itoa(w.headingLevel(u))
		}
		w.put("<", around, id, ">")
		text(cell)
		w.put("</", around, ">")
	}
}

// inList reports whether a list is open and none of its items: raw HTML can have
// text there.
func (w *writer) inList() bool {
	n := len(w.stack)
	return n > 0 && (w.stack[n-1].kind == policy.List || w.stack[n-1].kind == policy.Footnotes)
}

// headingLevel is the level that a heading gets in the outline of the page.
func (w *writer) headingLevel(u *unit) int {
	w.level = min(ownLevel(u)+w.shift, w.level+1, 6)
	return w.level
}

func ownLevel(u *unit) int { return max(1, min(6, u.block.Level)) }

// unit is the new one, and the old one of what was removed.
func (e *entry) unit() *unit {
	if e.new == nil {
		return e.old
	}
	return e.new
}

func (e *entry) width() int {
	if e.cells == nil {
		return e.new.width()
	}
	return len(e.cells)
}

type writer struct {
	r     *Redline
	opt   HTMLOptions
	words *phrases.Phrases
	*marks
	out    []byte
	stack  []*container
	around []*container // memory of path
	inNew  map[*container]*container
	width  map[*container]int
	// Regions of a page must have different names.
	tables       int
	cells        int // of the row that is open, where they are units of their own
	memory       identicalCells
	shift, level int // of headings: added to every level; the level of the last one
}

// marks are what stands around what changed, in words for readers who do not see it.
type marks struct {
	in                               *phrases.Phrases
	note                             string // attributes of what is not the text
	hidden                           string // start tag of what readers do not see
	openDel, closeDel                string
	openIns, closeIns                string
	openMovedDel, openMovedIns, gone string
}

// marksIn are the marks in the words of a page. The spaces of what is hidden do not
// break and do not collapse: an ordinary one would merge with the text's own.
func marksIn(w *phrases.Phrases) marks {
	lang, dir := w.Language()
	m := marks{in: w, note: " data-note lang=" + lang + " dir=" + dir}
	m.hidden = "<span class=hidden" + m.note + ">"
	before := func(id string) string { return m.hidden + escape(w.T(id)) + "\u00a0</span>" }
	after := func(id string) string { return m.hidden + "\u00a0" + escape(w.T(id)) + "\u00a0</span>" }
	m.openDel, m.closeDel = "<del>"+before("deleted"), after("deleted-end")+"</del>"
	m.openIns, m.closeIns = "<ins>"+before("inserted"), after("inserted-end")+"</ins>"
	m.openMovedDel, m.openMovedIns = "<del class=moved>"+before("moved-from-here"), "<ins class=moved>"+before("moved-here")
	m.gone = "<span class=deleted" + m.note + ">" + before("deleted")
	return m
}

func (w *writer) put(parts ...string) {
	for _, p := range parts {
		w.out = append(w.out, p...)
	}
}

// entry writes one unit.
func (w *writer) entry(e *entry) {
	w.enter(w.path(e))
	u := e.unit()
	class := ""
	switch {
	case e.status == removed && e.moved != nil:
		class = ` class="removed moved"`
	case e.status == removed:
		class = " class=removed"
	case e.status == added && e.moved != nil:
		class = ` class="added moved"`
	case e.status == added:
		class = " class=added"
	}
	if u.block.Kind == policy.Row {
		w.row(e, u, class)
		return
	}
	if w.inList() {
		w.put("<li>")
		defer w.put("</li>")
	}
	if u.block.Kind == policy.Cell {
		w.put("<td", class, ">")
		w.cells++
		w.rowNotes(e)
		w.cell(&w.r.pairs(e, &w.memory)[0])
		w.breaks(e)
		w.put("</td>")
		return
	}
	if w.hasNotes(e) {
		w.put("<p class=edit-note", w.note)
		if u.block.Kind != policy.Heading {
			w.anchor(e)
		}
		w.put(">")
		w.notes(e)
		w.put("</p>")
	}
	switch u.block.Kind {
	case policy.Heading:
		own := ownLevel(u)
		tag := "h" + strconv.Itoa(w.headingLevel(u))
		w.put("<", tag)
		if w.level != own {
			w.put(" data-level=", strconv.Itoa(own))
		}
		if e.new != nil && u.block.ID != "" {
			w.put(" id=", quoted(u.block.ID))
		}
		w.put(class, ">")
		if e.first { // not before the heading, where the section before it ends
			w.put("<span")
			w.anchor(e)
			w.put(">")
		}
		w.cell(&w.r.pairs(e, &w.memory)[0])
		if e.first {
			w.put("</span>")
		}
		w.breaks(e)
		w.put("</", tag, ">")
	case policy.Code:
		w.put("<pre", class, "><code>")
		w.cell(&w.r.pairs(e, &w.memory)[0])
		w.put("\n</code></pre>") // as of a snapshot: the last newline of code ends it, and is not read
	default:
		w.put("<p", class, ">")
		w.cell(&w.r.pairs(e, &w.memory)[0])
		w.breaks(e)
		w.put("</p>")
	}
}

// breaks says that a paragraph ends in one of the texts only, and goes on in the
// other with the next one that it has: <ins class=break> where the old text goes on,
// <del class=break> where the new one does.
func (w *writer) breaks(e *entry) {
	mark := func(tag string, u *unit) {
		if u == nil || !u.cut() {
			return
		}
		w.put("<", tag, " class=break>")
		if op := e.broken(); op != Equal {
			w.put(w.hidden, escape(breakNote(op).in(w.words)), "\u00a0</span><span", w.note, " aria-hidden=true>¶</span>")
		}
		w.put("</", tag, ">")
	}
	switch {
	case e.old != nil && e.old.cut():
		w.put(e.old.ending())
	case e.new != nil && e.new.cut():
		w.put(e.new.ending())
	}
	mark("ins", e.old)
	mark("del", e.new)
}

func (w *writer) row(e *entry, u *unit, class string) {
	w.put("<tr", class, ">")
	n := 0
	pairs := w.r.pairs(e, &w.memory)
	for k := range pairs {
		c := &pairs[k]
		tag := "td"
		if c.new != nil && c.new.header || c.new == nil && c.old != nil && c.old.header {
			tag = "th"
		}
		w.put("<", tag, ">")
		if n == 0 {
			w.rowNotes(e)
		}
		w.cell(c)
		w.put("</", tag, ">")
		n++
	}
	for t := u.around(policy.Table); n < w.widthOf(t); n++ {
		w.put("<td></td>")
	}
	w.put("</tr>")
}

// rowNotes writes the notes of an entry into the cell at hand.
func (w *writer) rowNotes(e *entry) {
	if w.hasNotes(e) {
		w.put("<span class=edit-note", w.note)
		w.anchor(e)
		w.put(">")
		w.notes(e)
		w.put("</span> ")
	}
}

// cell writes the text of a cell with its marks.
func (w *writer) cell(c *cellPair) {
	for k, x := range c.runs {
		switch x.op {
		case Equal:
			w.run(c, x)
		case Delete:
			if x.moved {
				w.put(w.openMovedDel)
			} else {
				w.put(w.openDel)
			}
			w.run(c, x)
			if c.new != nil && !(k+1 < len(c.runs) && w.r.sameLinks(c, x, c.runs[k+1])) {
				w.linksOf(w.r.old.doc, c.old, x.old0, x.old1)
			}
			w.put(w.closeDel)
		case Insert:
			if x.moved {
				w.put(w.openMovedIns)
			} else {
				w.put(w.openIns)
			}
			w.run(c, x)
			if c.old != nil && !(k > 0 && w.r.sameLinks(c, c.runs[k-1], x)) {
				w.linksOf(w.r.new.doc, c.new, x.new0, x.new1)
			}
			w.put(w.closeIns)
		case left:
			w.put(w.gone)
			w.escape(c.textOf(x))
			w.put("</span>")
		}
	}
}

// run writes the text of a run with its signs.
func (w *writer) run(c *cellPair, x run) {
	of, at, end, isNew := c.new, x.new0, x.new1, true
	if x.op == Delete {
		of, at, end, isNew = c.old, x.old0, x.old1, false
	}
	for _, s := range w.r.signs(c, x) {
		w.pieces(of, at, s.at, isNew)
		at = s.at
		switch {
		case s.links():
			w.put("<span class=link-change", w.note, ">(")
			w.escape(s.words().in(w.words))
			w.put(")</span>")
		case s.kind == lineEnd && (s.op != Delete || x.op == Delete):
			w.put("<br>")
		case s.kind == object:
			w.put("<sup", w.note)
			if x.op == Equal && s.op == Delete {
				w.put(" class=deleted")
			} else if x.op == Equal && s.op == Insert {
				w.put(" class=inserted")
			}
			w.put(">")
			w.escape(s.in(w.words))
			w.put("</sup>")
		}
	}
	w.pieces(of, at, end, isNew)
}

// pieces writes a stretch of a cell's text with its mark-up.
func (w *writer) pieces(c *cell, start, end int, isNew bool) {
	for i := range c.pieces {
		p := &c.pieces[i]
		s, t := max(p.start, start), min(p.end, end)
		if s >= t {
			continue
		}
		closing := ""
		if href, ok := w.address(p.link, isNew); ok {
			w.put("<a href=", quoted(href), ">")
			closing = "</a>"
		}
		for _, tag := range p.tags {
			w.put("<", tag, ">")
		}
		w.piece(p, c.text[s:t], isNew)
		for _, tag := range slices.Backward(p.tags) {
			w.put("</", tag, ">")
		}
		w.put(closing)
	}
}

// linksOf states where the links of a replaced stretch lead: with its words
// its target may have changed.
func (w *writer) linksOf(d *policy.Document, c *cell, start, end int) {
	for _, l := range c.links(d, start, end) {
		if !l.bare {
			w.put("<span class=link-change", w.note, ">(")
			w.escape(w.words.T("link-target", "To", l.target))
			w.put(")</span>")
		}
	}
}

func (w *writer) piece(p *piece, text string, isNew bool) {
	switch p.atom {
	case image:
		if src, ok := w.address(p.image, isNew); ok {
			w.put("<img src=", quoted(src), " alt=", quoted(text), ">")
			return
		}
		w.escape(text)
	case checked:
		w.put("<input type=checkbox checked disabled aria-label=", quoted(w.words.T("done")), ">")
	case unchecked:
		w.put("<input type=checkbox disabled aria-label=", quoted(w.words.T("not-done")), ">")
	case struck:
		w.put("<s>")
		w.escape(strings.TrimSuffix(strings.TrimPrefix(text, "~~"), "~~"))
		w.put("</s>")
	default:
		w.escape(text)
	}
}

// address is that of a link; the old text's have none.
func (w *writer) address(link int, isNew bool) (string, bool) {
	if link < 0 || !isNew || w.opt.Address == nil {
		return "", false
	}
	return w.opt.Address(link)
}
