package redline

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// HTMLOptions say how a redline is written.
type HTMLOptions struct {
	// Address returns what stands on the page for a link of the new text, and
	// whether it leads anywhere. nil: links are left out.
	Address func(link int) (href string, ok bool)
	// Snapshot is the address of the page with the whole new text. "" writes
	// everything; else unchanged runs fold into a link to it.
	Snapshot string
}

// foldFrom is the least number of unchanged units that fold, beside the one
// that is left on each side of a change.
const foldFrom = 3

// HTML writes the redline. Insertions stand in <ins>, deletions in <del>, and
// what is neither old nor new text carries data-note. Each change starts with a
// note that has its number and leads to the ones before and after, "~1" and so
// on being their ids: no heading has such an id.
func (r *Redline) HTML(opt HTMLOptions) []byte {
	w := writer{r: r, opt: opt, inNew: r.containers(), width: r.tableWidths()}
	for i := 0; i < len(r.entries); {
		if n := r.foldable(i, opt); n > 0 {
			w.fold(i, i+n)
			i += n
			continue
		}
		w.entry(r.entries[i])
		i++
	}
	w.closeTo(0)
	return w.out
}

// foldable is how many entries from i on fold into one line.
func (r *Redline) foldable(i int, opt HTMLOptions) int {
	if opt.Snapshot == "" || r.entries[i].changed() || i > 0 && r.entries[i-1].changed() {
		return 0
	}
	n := 0
	for i+n < len(r.entries) && !r.entries[i+n].changed() {
		n++
	}
	if i+n < len(r.entries) {
		n-- // the one before a change shows where the reader is
	}
	if n < foldFrom {
		return 0
	}
	return n
}

// containers maps those of the old text to those of the new that are the same,
// by the units in them.
func (r *Redline) containers() map[*container]*container {
	same := map[*container]*container{}
	for _, e := range r.entries {
		if e.old == nil || e.new == nil {
			continue
		}
		for k := 0; k < min(len(e.old.path), len(e.new.path)); k++ {
			a, b := e.old.path[k], e.new.path[k]
			if a.kind != b.kind || a.ol != b.ol {
				break
			}
			if _, ok := same[a]; !ok {
				same[a] = b
			}
		}
	}
	return same
}

// path is where an entry stands in the redline: the containers of the new
// text, and for what was removed those that it stood in if they are still there.
func (w *writer) path(e *entry) []*container {
	if e.new != nil {
		return e.new.path
	}
	out := make([]*container, len(e.old.path))
	for k, c := range e.old.path {
		if n, ok := w.inNew[c]; ok {
			c = n
		}
		out[k] = c
	}
	return out
}

// tableWidths is how many cells the widest row of each table has in the
// redline: all rows of a table must have as many.
func (r *Redline) tableWidths() map[*container]int {
	same := r.containers()
	out := map[*container]int{}
	for _, e := range r.entries {
		u := e.new
		if u == nil {
			u = e.old
		}
		if u.kind != policy.Row {
			continue
		}
		if t := tableOf(u); t != nil {
			if n, ok := same[t]; ok && e.new == nil {
				t = n
			}
			out[t] = max(out[t], len(e.cells))
		}
	}
	return out
}

func tableOf(u *unit) *container {
	for k := len(u.path) - 1; k >= 0; k-- {
		if u.path[k].kind == policy.Table {
			return u.path[k]
		}
	}
	return nil
}

type writer struct {
	r     *Redline
	opt   HTMLOptions
	out   []byte
	stack []*container
	inNew map[*container]*container
	width map[*container]int
	// Regions of a page must have different names.
	tables int
}

// note marks what is not of the text. Notes are English whatever the text is.
const note = ` data-note lang="en" dir="ltr"`

// hidden is a note for those who do not see the marks. Its spaces do not break
// and do not collapse: beside an ordinary one, a minifier takes the text's own
// space for superfluous.
func hidden(words string) string { return `<span class="hidden"` + note + `>` + words + `</span>` }

func (w *writer) put(parts ...string) {
	for _, p := range parts {
		w.out = append(w.out, p...)
	}
}

// enter opens and closes containers until path is what is open.
func (w *writer) enter(path []*container) {
	k := 0
	for k < len(w.stack) && k < len(path) && w.stack[k] == path[k] {
		k++
	}
	w.closeTo(k)
	for _, c := range path[k:] {
		w.open(c)
		w.stack = append(w.stack, c)
	}
}

func (w *writer) open(c *container) {
	switch c.kind {
	case policy.List:
		if c.ol {
			w.put("<ol>")
		} else {
			w.put("<ul>")
		}
	case policy.Footnotes:
		w.put("<ol>")
	case policy.Item:
		if c.number > 0 && len(w.stack) > 0 && w.stack[len(w.stack)-1].ol {
			w.put(`<li value="`, strconv.Itoa(c.number), `">`)
		} else {
			w.put("<li>")
		}
	case policy.Quote:
		w.put("<blockquote>")
	case policy.Table:
		label := "Table"
		if w.tables++; w.tables > 1 {
			label += " " + strconv.Itoa(w.tables)
		}
		w.put(`<div class="table" role="region" tabindex="0" aria-label="`, label, `"><table><tbody>`)
	default:
		w.put("<div>")
	}
}

func (w *writer) closeTo(k int) {
	for len(w.stack) > k {
		c := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		switch c.kind {
		case policy.List:
			if c.ol {
				w.put("</ol>")
			} else {
				w.put("</ul>")
			}
		case policy.Footnotes:
			w.put("</ol>")
		case policy.Item:
			w.put("</li>")
		case policy.Quote:
			w.put("</blockquote>")
		case policy.Table:
			w.put("</tbody></table></div>")
		default:
			w.put("</div>")
		}
	}
}

// entry writes one unit.
func (w *writer) entry(e *entry) {
	w.enter(w.path(e))
	u := e.new
	if u == nil {
		u = e.old
	}
	words := w.notes(e)
	class := ""
	switch {
	case e.status == removed && e.moved != nil:
		class = ` class="removed moved"`
	case e.status == removed:
		class = ` class="removed"`
	case e.status == added && e.moved != nil:
		class = ` class="added moved"`
	case e.status == added:
		class = ` class="added"`
	}
	if u.kind == policy.Row {
		w.row(e, u, class, words)
		return
	}
	if n := len(w.stack); n > 0 && (w.stack[n-1].kind == policy.List || w.stack[n-1].kind == policy.Footnotes) {
		w.put("<li>") // raw HTML can have text in a list that is in none of its items
		defer w.put("</li>")
	}
	if words != "" {
		w.put(`<p class="edit-note"`, note, w.anchor(e), `>`, words, `</p>`)
	}
	switch u.kind {
	case policy.Heading:
		tag := "h" + strconv.Itoa(max(1, min(6, u.level)))
		id := ""
		if e.new != nil && u.id != "" {
			id = ` id="` + escape(u.id) + `"`
		}
		w.put("<", tag, id, class, ">")
		w.cell(&e.cells[0])
		w.put("</", tag, ">")
	case policy.Code:
		w.put("<pre", class, "><code>")
		w.cell(&e.cells[0])
		w.put("</code></pre>")
	default:
		w.put("<p", class, ">")
		w.cell(&e.cells[0])
		w.put("</p>")
	}
}

func (w *writer) row(e *entry, u *unit, class, words string) {
	w.put("<tr", class, ">")
	n := 0
	for k := range e.cells {
		c := &e.cells[k]
		tag := "td"
		if c.new != nil && c.new.header || c.new == nil && c.old.header {
			tag = "th"
		}
		w.put("<", tag, ">")
		if n == 0 && words != "" {
			w.put(`<span class="edit-note"`, note, w.anchor(e), `>`, words, `</span> `)
		}
		w.cell(c)
		w.put("</", tag, ">")
		n++
	}
	for t := tableOf(u); n < w.widthOf(t); n++ {
		w.put("<td></td>")
	}
	w.put("</tr>")
}

func (w *writer) widthOf(t *container) int {
	if n, ok := w.inNew[t]; ok {
		return max(w.width[n], w.width[t])
	}
	return w.width[t]
}

// anchor gives the first unit of a change the id that others link to.
func (w *writer) anchor(e *entry) string {
	if !e.first {
		return ""
	}
	return fmt.Sprintf(` id="~%d"`, e.change)
}

// notes say what the marks do not: the number of the change with the way to
// its neighbours, where a passage moved, what changed beside the words.
func (w *writer) notes(e *entry) string {
	var parts []string
	if e.first && w.r.Changes > 0 {
		nav := fmt.Sprintf("Change %d of %d", e.change, w.r.Changes)
		if e.change > 1 {
			nav += fmt.Sprintf(` <a href="#~%d">previous<span class="hidden"> change</span></a>`, e.change-1)
		}
		if e.change < w.r.Changes {
			nav += fmt.Sprintf(` <a href="#~%d">next<span class="hidden"> change</span></a>`, e.change+1)
		}
		parts = append(parts, nav)
	}
	if e.moved != nil {
		direction := "moved from"
		if e.status == removed {
			direction = "moved to"
		}
		parts = append(parts, direction+" "+w.whereabouts(e.moved))
	}
	for _, n := range e.notes {
		parts = append(parts, escape(n))
	}
	if e.renumbered != "" && len(parts) > 0 {
		parts = append(parts, escape(e.renumbered))
	}
	return strings.Join(parts, " · ")
}

// whereabouts leads to the section that an entry stands in.
func (w *writer) whereabouts(e *entry) string {
	where := escape(w.r.whereabouts(e))
	if e.change > 0 {
		return fmt.Sprintf(`<a href="#~%d">%s</a>`, e.change, where)
	}
	return where
}

// fold writes one line for the entries [from, to).
func (w *writer) fold(from, to int) {
	// The line stands where both neighbours do, so that a list goes on after it.
	var path []*container
	if from > 0 && to < len(w.r.entries) {
		path = commonPath(w.path(w.r.entries[from-1]), w.path(w.r.entries[to]))
	}
	// Not within an item, a quotation or a division of its own: the folded
	// blocks may have stood outside of it.
	w.enter(path)
	text, at := w.foldText(from, to)
	href := w.opt.Snapshot
	if at != "" {
		href += "#" + at
	}
	line := text + `: <a href="` + escape(href) + `">read them</a>`
	inside := policy.Group
	if len(path) > 0 {
		inside = path[len(path)-1].kind
	}
	switch inside {
	case policy.List, policy.Footnotes:
		w.put(`<li class="fold"`, note, `>`, line, `</li>`)
	case policy.Table:
		w.put(`<tr class="fold"`, note, `><td colspan="`, strconv.Itoa(max(1, w.widthOf(path[len(path)-1]))), `">`, line, `</td></tr>`)
	default:
		w.put(`<p class="fold"`, note, `>`, line, `</p>`)
	}
}

func commonPath(a, b []*container) []*container {
	k := 0
	for k < len(a) && k < len(b) && a[k] == b[k] {
		k++
	}
	return a[:k:k]
}

// foldText says what is folded, and at which heading it starts.
func (w *writer) foldText(from, to int) (text, id string) {
	paragraphs, rows := 0, 0
	var headings []*unit
	for _, e := range w.r.entries[from:to] {
		switch e.new.kind {
		case policy.Heading:
			headings = append(headings, e.new)
		case policy.Row:
			rows++
		default:
			paragraphs++
		}
	}
	var parts []string
	for _, c := range []struct {
		n    int
		word string
	}{{paragraphs, "paragraph"}, {rows, "table row"}, {len(headings), "heading"}} {
		switch {
		case c.n == 1:
			parts = append(parts, "1 "+c.word)
		case c.n > 1:
			parts = append(parts, strconv.Itoa(c.n)+" "+c.word+"s")
		}
	}
	text = strings.Join(parts, ", ") + " unchanged"
	switch n := len(headings); {
	case n == 1:
		text += ", with “" + escape(headings[0].key) + "”"
	case n > 1:
		text += ", “" + escape(headings[0].key) + "” to “" + escape(headings[n-1].key) + "”"
	}
	if h := w.r.entries[from].section; h != nil && h.new != nil {
		id = escapeID(h.new.id)
	}
	return text, id
}

// cell writes the text of a cell with its marks.
func (w *writer) cell(c *cellPair) {
	for _, x := range c.runs {
		switch x.op {
		case Equal:
			w.equal(c, x)
		case Delete:
			w.put("<del>", hidden("deleted:\u00a0"))
			w.pieces(c.old, x.old0, x.old1, false)
			if c.new != nil {
				w.linksOf(w.r.old.Doc, c.old, x.old0, x.old1)
			}
			w.put(hidden("\u00a0end of deletion\u00a0"), "</del>")
		case Insert:
			w.put("<ins>", hidden("inserted:\u00a0"))
			w.pieces(c.new, x.new0, x.new1, true)
			if c.old != nil {
				w.linksOf(w.r.new.Doc, c.new, x.new0, x.new1)
			}
			w.put(hidden("\u00a0end of insertion\u00a0"), "</ins>")
		}
	}
}

// equal writes unchanged text, and after a link whose target changed both.
func (w *writer) equal(c *cellPair, x run) {
	at := x.new0
	for _, change := range w.r.linkChanges(c, x) {
		w.pieces(c.new, at, change.at, true)
		at = change.at
		w.put(`<span class="link-change"`, note, `>(`, escape(linkWords(change.from, change.to)), `)</span>`)
	}
	w.pieces(c.new, at, x.new1, true)
}

func linkWords(from, to string) string {
	switch {
	case from == "":
		return "link added: " + to
	case to == "":
		return "link removed: " + from
	}
	return "link changed from " + from + " to " + to
}

// pieces writes a stretch of a cell's text with its mark-up.
func (w *writer) pieces(c *cell, start, end int, isNew bool) {
	for _, p := range c.pieces {
		s, t := max(p.start, start), min(p.end, end)
		if s >= t {
			continue
		}
		closing := ""
		if href, ok := w.address(p.link, isNew); ok {
			w.put(`<a href="`, escape(href), `">`)
			closing = "</a>"
		}
		for _, tag := range p.tags {
			w.put("<", tag, ">")
			closing = "</" + tag + ">" + closing
		}
		w.piece(p, c.text[s:t], isNew)
		w.put(closing)
	}
}

// linksOf states where the links of a replaced stretch lead: with its words
// its target may have changed.
func (w *writer) linksOf(d *policy.Document, c *cell, start, end int) {
	last := -1
	for _, p := range c.pieces {
		if p.end > start && p.start < end && p.link >= 0 && p.link != last {
			last = p.link
			w.put(`<span class="link-change"`, note, `>(link to `, escape(d.Links[p.link].Target), `)</span>`)
		}
	}
}

func (w *writer) piece(p piece, text string, isNew bool) {
	switch p.atom {
	case "image":
		if src, ok := w.address(p.image, isNew); ok {
			w.put(`<img src="`, escape(src), `" alt="`, escape(text), `">`)
			return
		}
		w.put(escape(text))
	case "checked":
		w.put(`<input type="checkbox" checked disabled aria-label="done">`)
	case "unchecked":
		w.put(`<input type="checkbox" disabled aria-label="not done">`)
	case "struck":
		w.put("<s>", escape(strings.TrimSuffix(strings.TrimPrefix(text, "~~"), "~~")), "</s>")
	default:
		w.put(escape(text))
	}
}

// address is that of a link; the old text's have none.
func (w *writer) address(link int, isNew bool) (string, bool) {
	if link < 0 || !isNew || w.opt.Address == nil {
		return "", false
	}
	return w.opt.Address(link)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escape(s string) string { return escaper.Replace(s) }

// escapeID percent-encodes an id for a fragment.
func escapeID(id string) string { return (&url.URL{Fragment: id}).EscapedFragment() }
