package redline

import (
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words/phrases"
)

// TextOptions say how a redline is written for a terminal or a message. By default
// deletions stand in [-…-] and insertions in {+…+}.
type TextOptions struct {
	Colour bool             // marks what changed by colour, struck and underlined
	HTML   bool             // writes a <p> for each line, with <del> and <ins>: for a message, or Markdown
	Words  *phrases.Phrases // of what is not the text
}

// Text writes the changes of the redline, section by section, for reading in a
// terminal or a message. What did not change is left out, and what a terminal would
// obey is escaped.
func (r *Redline) Text(opt TextOptions) string {
	var b strings.Builder
	var section *entry
	var memory identicalCells
	first := true
	for i := range r.entries {
		e := &r.entries[i]
		if !e.changed() && (i == 0 || r.entries[i-1].broken() == Equal) {
			continue // the second half of a paragraph that was split is shown, changed or not
		}
		if e.section != section && e.section != e {
			section = e.section
			if !first {
				b.WriteByte('\n')
			}
			if section != nil {
				b.WriteString(opt.line(opt.heading(r.headingOf(section))))
			}
		}
		if e.section == e {
			section = e
		}
		if e.first && !first {
			b.WriteByte('\n')
		}
		first = false
		if len(e.notes) == 0 && slices.ContainsFunc(e.cells, func(c cellPair) bool { return c.moved }) && !slices.ContainsFunc(e.cells, cellPair.edited) {
			continue // its columns moved, as those of the row above
		}
		for _, n := range r.notesOf(e, opt.Words) {
			b.WriteString(opt.line(opt.note(n)))
		}
		if e.moved != nil && e.status == removed { // it is read at its new place
			if !e.along {
				b.WriteString(opt.line(opt.deleted(opt.plain(opening(strings.ReplaceAll(strings.TrimRight(e.old.text(), "\x00"), "\x00", " | "))))))
			}
			continue
		}
		var line strings.Builder
		between := ""
		for _, c := range r.pairs(e, &memory) {
			if c.moved && c.new == nil {
				continue // it is read in its new column
			}
			line.WriteString(between)
			between = " | "
			r.cellText(&line, &c, e.moved != nil, opt)
		}
		switch e.broken() {
		case Insert:
			line.WriteString(" " + opt.inserted("¶"))
		case Delete:
			line.WriteString(" " + opt.deleted("¶"))
		}
		b.WriteString(opt.line(line.String()))
	}
	return b.String()
}

// opening is what a text begins with, for readers to recognize it by.
func opening(text string) string {
	words := strings.Fields(text)
	if len(words) <= 8 {
		return text
	}
	return strings.Join(words[:7], " ") + " …"
}

// closing is what a text ends with.
func closing(text string) string {
	words := strings.Fields(text)
	if len(words) <= 4 {
		return strings.TrimSpace(text)
	}
	return "… " + strings.Join(words[len(words)-3:], " ")
}

// headingOf is what a heading says now, or said.
func (r *Redline) headingOf(e *entry) string {
	if e.new != nil {
		return e.new.block.Text
	}
	return e.old.block.Text
}

// whereabouts names the section that an entry stands in, and of a heading the one
// before it. Of what moved within a section it says behind what it stands.
func (r *Redline) whereabouts(e *entry) note {
	if e.section == e {
		if before := r.headingAt(e.index-1, e); before != nil {
			return say("after-section", "Section", r.headingOf(before))
		}
		return say("at-beginning")
	}
	h := r.headingAt(e.index, e)
	if e.moved != nil && r.headingAt(e.moved.index, e.moved) == h {
		for i := e.index - 1; i >= 0; i-- {
			if before := &r.entries[i]; e.isBeside(before) {
				return say("after-section", "Section", opening(before.says(e)))
			}
		}
	}
	if h == nil {
		return say("at-beginning")
	}
	return say("quote", "Text", r.headingOf(h))
}

// headingAt is the heading under which the entry at a place stands in the text in which
// e stands; nil for none.
func (r *Redline) headingAt(i int32, e *entry) *entry {
	for i >= 0 {
		h := r.entries[i].section
		if h == nil || e.isBeside(h) {
			return h
		}
		i = h.index - 1
	}
	return nil
}

// isBeside reports whether another entry stands in the text in which one stands that
// came or went.
func (e *entry) isBeside(other *entry) bool {
	if e.new == nil {
		return other.old != nil
	}
	return other.new != nil
}

// says is what an entry says in the text in which another one stands.
func (e *entry) says(beside *entry) string {
	u := e.new
	if beside.new == nil {
		u = e.old
	}
	return strings.ReplaceAll(strings.TrimRight(u.text(), "\x00"), "\x00", " | ")
}

func (r *Redline) cellText(b *strings.Builder, c *cellPair, whole bool, opt TextOptions) {
	for i := 0; i < len(c.runs); i++ {
		x, links := c.runs[i], r.replacedLinks(c, i)
		text := r.runText(c, x, opt)
		for ; x.op == Delete && x.from != nil && i+1 < len(c.runs) && c.runs[i+1].from != nil && c.runs[i+1].op == Delete; i++ { // what moved is read at its new place
			x.moved = x.moved || c.runs[i+1].moved
			text += r.runText(c, c.runs[i+1], opt)
		}
		switch {
		case x.op == Insert && x.moved && (c.moved || whole && c.edited()):
		case x.op == Insert && x.moved && !whole:
			text = opt.mark(text, "\x1b[32;4m", "{~", "~}", "<ins><em>", "</em></ins>")
		case x.op == Delete && x.moved && !whole:
			text = opt.mark(text, "\x1b[31;9m", "[~", "~]", "<del><em>", "</em></del>")
		case x.op == Insert:
			text = opt.inserted(text)
		case x.op == Delete || x.op == left:
			text = opt.deleted(text)
		}
		b.WriteString(text)
		for _, s := range links {
			b.WriteString(opt.note(" (" + s.words().in(opt.Words) + ")"))
		}
	}
}

// edited reports whether more became of a cell than that it moved.
func (c cellPair) edited() bool {
	return slices.ContainsFunc(c.runs, func(x run) bool { return x.op != Equal && !x.moved })
}

// runText is the text of a run with its signs.
func (r *Redline) runText(c *cellPair, x run, opt TextOptions) string {
	var b strings.Builder
	text, at := c.textOf(x), 0
	start := x.new0
	if x.op == Delete {
		start = x.old0
	}
	for _, s := range r.signs(c, x) {
		before := text[at : s.at-start]
		at = s.at - start
		spaced := strings.HasSuffix(before, " ")
		if s.kind == lineEnd || s.links() {
			before = strings.TrimSuffix(before, " ")
		}
		b.WriteString(opt.plain(before))
		switch {
		case s.links():
			b.WriteString(opt.note(" (" + s.words().in(opt.Words) + ")"))
			if spaced {
				b.WriteByte(' ')
			}
		case s.kind == object && x.op == Equal && s.op == Delete:
			b.WriteString(opt.deleted(opt.plain(s.in(opt.Words))))
		case s.kind == object && x.op == Equal && s.op == Insert:
			b.WriteString(opt.inserted(opt.plain(s.in(opt.Words))))
		case s.kind == object:
			b.WriteString(opt.plain(s.in(opt.Words)))
		case s.op != Delete || x.op == Delete:
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
	}
	b.WriteString(opt.plain(text[at:]))
	return b.String()
}

// The marks take text as plain writes it; heading and note take it as it is.

func (o TextOptions) inserted(s string) string {
	return o.mark(s, "\x1b[32;4m", "{+", "+}", "<ins>", "</ins>")
}

func (o TextOptions) deleted(s string) string {
	return o.mark(s, "\x1b[31;9m", "[-", "-]", "<del>", "</del>")
}

func (o TextOptions) mark(s, colour, open, shut, start, end string) string {
	switch {
	case o.HTML:
		return start + s + end
	case o.Colour:
		return colour + s + "\x1b[0m"
	}
	return open + s + shut
}

func (o TextOptions) note(s string) string {
	return o.mark(o.plain(s), "\x1b[2m", "", "", "<small>", "</small>")
}

func (o TextOptions) heading(s string) string {
	return o.mark(o.plain(s), "\x1b[1m", "# ", "", "<strong>", "</strong>")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (o TextOptions) plain(s string) string {
	if s = policy.PrintableText(s); o.HTML {
		s = escaper.Replace(s)
	}
	return s
}

func (o TextOptions) line(s string) string {
	if o.HTML {
		return "<p>" + strings.ReplaceAll(s, "\n", "<br>") + "</p>\n"
	}
	return s + "\n"
}
