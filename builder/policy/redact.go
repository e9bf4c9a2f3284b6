package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// withheldMark stands where words are withheld, in the HTML and in the text.
const withheldMark = "[withheld]"

// Withhold returns the text without the words that redactions name: neither its
// document nor its title has them, nor any id or link target that stood among
// them. The block that they stood in loses its mark-up. What is wrong with a
// redaction is a Problem with a line and no path.
func (t *Text) Withhold(redactions []Redaction) (*Text, Problems) {
	if t.Doc == nil {
		return t, nil
	}
	out := *t
	doc := t.Doc.Whole()
	doc.IDs = maps.Clone(doc.IDs)
	out.Doc = doc
	lines := withheldLines{redactions: redactions, words: map[int]int{}}
	if title := doc.TitleLine(t.Meta.Title); title != "" {
		if text, changed := lines.next(title); changed {
			out.Meta.Title = text
		}
	}
	var edits []htmlEdit
	var visit func(blocks []Block)
	visit = func(blocks []Block) {
		for i := range blocks {
			b := &blocks[i]
			visit(b.Children)
			if b.Text == "" {
				continue
			}
			text, changed := lines.next(b.Text)
			if !changed {
				continue
			}
			// A heading that says the title says it without the words.
			if b.Kind == Heading && CollapseSpace(out.Meta.Title) == b.Text {
				out.Meta.Title = text
			}
			b.Text, b.Breaks = text, nil
			edits = append(edits, doc.withoutID(b, len(edits))...)
			edits = append(edits, htmlEdit{b.Inner.Start, b.Inner.End, htmlEscaper.Replace(text)})
			doc.dropIDs(b.Inner)
		}
	}
	visit(doc.Parts[0].Blocks)
	doc.edit(edits)
	return &out, lines.problems()
}

// withoutID gives a heading, whose id is made of its words, another one.
func (d *Document) withoutID(b *Block, n int) []htmlEdit {
	tag := d.Parts[0].HTML[b.Outer.Start:b.Inner.Start]
	at := strings.Index(tag, ` id="`+htmlEscaper.Replace(b.ID)+`"`)
	if b.ID == "" || at < 0 {
		return nil
	}
	delete(d.IDs, b.ID)
	old := htmlEscaper.Replace(b.ID)
	b.ID = fmt.Sprintf("withheld-%d", n+1)
	d.IDs[b.ID] = true
	start := b.Outer.Start + at + len(` id="`)
	return []htmlEdit{{start, start + len(old), b.ID}}
}

// dropIDs forgets the ids that stand in a range of the HTML.
func (d *Document) dropIDs(in Span) {
	rest := d.Parts[0].HTML[in.Start:in.End]
	for {
		_, after, found := strings.Cut(rest, ` id="`)
		if !found {
			return
		}
		id, after, _ := strings.Cut(after, `"`)
		delete(d.IDs, htmlUnescaper.Replace(id))
		rest = after
	}
}

// htmlEdit puts text in the place of a range of the HTML.
type htmlEdit struct {
	start, end int
	text       string
}

// edit makes edits in the one part that there is, which are in order and do not
// overlap, and moves what stands behind them. Links within them are gone.
func (d *Document) edit(edits []htmlEdit) {
	if len(edits) == 0 {
		return
	}
	part := d.Parts[0]
	var html strings.Builder
	at := 0
	for _, e := range edits {
		html.WriteString(part.HTML[at:e.start])
		html.WriteString(e.text)
		at = e.end
	}
	html.WriteString(part.HTML[at:])
	part.HTML = html.String()
	moved := func(p int) int {
		by := 0
		for _, e := range edits {
			if p < e.end {
				break
			}
			by += len(e.text) - (e.end - e.start)
		}
		return p + by
	}
	move := func(s *Span) { s.Start, s.End = moved(s.Start), moved(s.End) }
	var visit func(blocks []Block)
	visit = func(blocks []Block) {
		for i := range blocks {
			move(&blocks[i].Outer)
			move(&blocks[i].Inner)
			visit(blocks[i].Children)
		}
	}
	visit(part.Blocks)
	links := d.Links
	d.Links = nil
	for _, l := range links {
		if !slices.ContainsFunc(edits, func(e htmlEdit) bool { return e.start <= l.Element.Start && l.Element.End <= e.end }) {
			move(&l.Attr)
			move(&l.Element)
			d.Links = append(d.Links, l)
		}
	}
	part.Links = len(d.Links)
}

var (
	htmlEscaper   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
	htmlUnescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&")
)

// withheldLines goes through the lines of a visible text.
type withheldLines struct {
	redactions []Redaction
	line       int         // of the visible text, from 1
	words      map[int]int // how many the lines have that redactions name
}

// next takes the next block's text, which of code may have several lines, and
// returns it without the words that are withheld.
func (l *withheldLines) next(text string) (string, bool) {
	lines := strings.Split(text, "\n")
	changed := false
	for i, line := range lines {
		if i > 0 && i == len(lines)-1 && line == "" {
			break // the end of the last line of code
		}
		l.line++
		withheld := map[int]bool{}
		words := strings.Fields(line)
		for _, r := range l.redactions {
			if r.Block == l.line {
				l.words[r.Block] = len(words)
				for n := r.First; n <= min(r.Last, len(words)); n++ {
					withheld[n] = true
				}
			}
		}
		if len(withheld) > 0 {
			lines[i], changed = withoutWords(line, withheld), true
		}
	}
	return strings.Join(lines, "\n"), changed
}

// withoutWords replaces each run of words, counted from 1.
func withoutWords(line string, withheld map[int]bool) string {
	var b strings.Builder
	rest := line
	for n := 1; rest != ""; n++ {
		start := len(rest) - len(strings.TrimLeft(rest, " \t"))
		end := start + strings.IndexAny(rest[start:]+" ", " \t")
		switch {
		case !withheld[n]:
			b.WriteString(rest[:end])
		case !withheld[n-1]:
			b.WriteString(rest[:start] + withheldMark)
		}
		rest = rest[end:]
	}
	return b.String()
}

// problems are the redactions that name a line or a word that the text does not
// have.
func (l *withheldLines) problems() Problems {
	var out Problems
	for _, r := range l.redactions {
		words, found := l.words[r.Block]
		hint := fmt.Sprintf("blocks are the lines of `policysite show %s@%s --text`, words what stands between spaces there; both are counted from 1", r.Policy, r.Version)
		switch {
		case !found:
			out = append(out, &Problem{Line: r.Line, Message: fmt.Sprintf("block: the text has %d, expected one of them, found %d", l.line, r.Block), Hint: hint})
		case r.Last > words:
			out = append(out, &Problem{Line: r.Line, Message: fmt.Sprintf("words: block %d has %d, expected some of them, found %d-%d", r.Block, words, r.First, r.Last), Hint: hint})
		}
	}
	return out
}
