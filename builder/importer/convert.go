package importer

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// convert makes Markdown of a part of a page. Where the Markdown of a block
// would not say what the block says, the block stays HTML, which Markdown may
// hold.
func (r *reading) convert(root *html.Node) (string, error) {
	tidyElements(root)
	whole, err := toMarkdown(root)
	if err != nil || r.says(whole, root) {
		return whole, err
	}
	var b strings.Builder
	for _, block := range blocksOf(root) {
		markdown, err := toMarkdown(block)
		if err == nil && !r.says(markdown, block) {
			markdown, err = rawHTML(block)
		}
		if err != nil {
			return "", err
		}
		b.WriteString(markdown + "\n\n")
	}
	return b.String(), nil
}

// says reports whether Markdown shows the characters of the nodes it was made
// of, white space and the marks of struck text apart. Of a page of this program
// the lines have to be the same, too. Once there is an error, all is well.
func (r *reading) says(markdown string, n *html.Node) bool {
	visible := r.visible(markdown)
	want := n
	if r.exact {
		want = clone(n) // a break ends no line of the visible text
		for _, b := range findAll(want, func(e *html.Node) bool { return e.DataAtom == atom.Br }) {
			replaceWithText(b, " ")
		}
	}
	return r.err != nil || r.characters(visible) == r.characters(visibleText(want))
}

func (r *reading) characters(s string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(normalize(s), "~~", "")) {
		before := b.Len()
		for f := range strings.FieldsSeq(line) {
			b.WriteString(f)
		}
		if r.exact && b.Len() > before {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// blocksOf are the blocks of a page: the children of the innermost element
// that holds all of them. Text between blocks is a block.
func blocksOf(root *html.Node) (out []*html.Node) {
	var loose *html.Node
	for c := root.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case isInline(c):
			if loose == nil {
				loose = &html.Node{Type: html.ElementNode, DataAtom: atom.Div, Data: "div"}
				out = append(out, loose)
			}
			root.RemoveChild(c)
			loose.AppendChild(c)
		case c.DataAtom == atom.Div:
			loose = nil
			out = append(out, blocksOf(c)...)
		default:
			loose = nil
			out = append(out, c)
		}
		c = next
	}
	return out
}

// newConverter makes a converter of HTML to CommonMark with the tables and the
// strike-through of GFM.
func newConverter() *converter.Converter {
	c := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(commonmark.WithListEndComment(false)),
		strikethrough.NewStrikethroughPlugin(),
		table.NewTablePlugin(table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal)),
	))
	raw := func(keep func(*html.Node) bool) converter.HandleRenderFunc {
		return func(_ converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
			if !keep(n) {
				return converter.RenderTryNext
			}
			block, err := rawHTML(n)
			if err != nil {
				return converter.RenderTryNext
			}
			w.WriteString("\n\n" + block + "\n\n")
			return converter.RenderSuccess
		}
	}
	c.Register.RendererFor("table", converter.TagTypeBlock, raw(func(n *html.Node) bool { return !simpleTable(n) }), converter.PriorityEarly)
	c.Register.RendererFor("ol", converter.TagTypeBlock, raw(lettered), converter.PriorityEarly)
	return c
}

func toMarkdown(n *html.Node) (string, error) {
	// The library changes what it converts.
	out, err := newConverter().ConvertNode(clone(n))
	if err != nil {
		return "", err
	}
	return plainNumbers(string(out)), nil
}

var paddedNumber = regexp.MustCompile(`^(\s*)(0+)([1-9]\d*\.) `)

// plainNumbers writes the numbers of lists without leading zeros, which the
// library pads them with, at the same width.
func plainNumbers(markdown string) string {
	var b strings.Builder
	fenced := false
	for line := range strings.Lines(markdown) {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "```") {
			fenced = !fenced
		}
		if m := paddedNumber.FindStringSubmatch(line); m != nil && !fenced {
			line = m[1] + m[3] + strings.Repeat(" ", len(m[2])+1) + line[len(m[0]):]
		}
		b.WriteString(line)
	}
	return b.String()
}

// simpleTable reports whether GFM can say what a table says: one row of
// headings, as many cells in each row, and nothing but words in them.
func simpleTable(n *html.Node) bool {
	rows := findAll(n, func(e *html.Node) bool { return e.DataAtom == atom.Tr })
	columns := 0
	for i, row := range rows {
		cells := 0
		for c := row.FirstChild; c != nil; c = c.NextSibling {
			switch c.DataAtom {
			case atom.Th, atom.Td:
				if i == 0 && c.DataAtom == atom.Td || i > 0 && c.DataAtom == atom.Th || has(c, "colspan") || has(c, "rowspan") {
					return false
				}
				if find(c, func(e *html.Node) bool { return e != c && !isInline(e) }) != nil {
					return false
				}
				cells++
			}
		}
		if i == 0 {
			columns = cells
		}
		if cells != columns || cells == 0 {
			return false
		}
	}
	return columns > 0 && element(n, atom.Caption) == nil
}

// lettered reports whether a list is numbered by other than 1, 2, 3: others
// refer to "section 3(a)", and Markdown has no letters.
func lettered(n *html.Node) bool {
	t := attribute(n, "type")
	return t != "" && t != "1" || has(n, "reversed") || find(n, func(e *html.Node) bool { return e.DataAtom == atom.Li && has(e, "value") }) != nil
}

// rawHTML writes an element as HTML on one line, as Markdown wants it: an empty
// line would end it.
func rawHTML(n *html.Node) (string, error) {
	var b bytes.Buffer
	if err := html.Render(&b, n); err != nil {
		return "", err
	}
	lines := strings.Split(b.String(), "\n")
	if element(n, atom.Pre) != nil {
		return strings.Join(lines, "&#10;"), nil
	}
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, " "), nil
}

// known are the blocks that mean something to Markdown, or to the site.
var known = []atom.Atom{
	atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Li, atom.Blockquote, atom.Pre, atom.Hr, atom.Br,
	atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Th, atom.Td, atom.Caption, atom.Dl, atom.Dt, atom.Dd,
}

// tidyElements gives a page's elements a form that Markdown has: blocks without
// a meaning become <div>, tables that lay out a page lose their cells, and
// attributes that say nothing to a reader go.
func tidyElements(root *html.Node) {
	for c := root.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			if c.DataAtom == atom.Table && layoutTable(c) {
				for _, part := range append(parts(c), c) {
					rename(part, atom.Div)
				}
			}
			tidyElements(c)
			if empty(c) {
				cut(c)
			} else {
				tidyElement(c)
			}
		}
		c = next
	}
}

// empty reports whether a block has nothing in it, and says nothing by that.
func empty(n *html.Node) bool {
	if isInline(n) || slices.Contains([]atom.Atom{atom.Br, atom.Hr, atom.Td, atom.Th, atom.Tr, atom.Li}, n.DataAtom) {
		return false
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.TextNode || strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return true
}

func tidyElement(n *html.Node) {
	block := func(e *html.Node) bool { return e != n && !isInline(e) && e.DataAtom != atom.Br }
	switch {
	case isInline(n) && find(n, block) != nil:
		if inner := soleBlock(n); n.DataAtom == atom.A && inner != nil {
			swap(n, inner)
			return
		}
		rename(n, atom.Div)
	case n.DataAtom == atom.A && !has(n, "href"), n.DataAtom == atom.Font, n.DataAtom == atom.Label, n.DataAtom == atom.Time:
		rename(n, atom.Span)
	case n.DataAtom == atom.Summary, n.DataAtom == atom.Pre && find(n, block) != nil:
		rename(n, atom.Div)
	case n.DataAtom == atom.Dt && find(n, block) == nil, n.DataAtom == atom.Dd && find(n, block) == nil:
		rename(n, atom.P)
	case !isInline(n) && !slices.Contains(known, n.DataAtom), n.DataAtom == atom.Dl, n.DataAtom == atom.Dt, n.DataAtom == atom.Dd:
		rename(n, atom.Div)
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		switch a.Key {
		case "href", "src", "alt":
			return false
		case "start", "type", "value", "colspan", "rowspan":
			_, err := strconv.Atoi(a.Val)
			return a.Val == "1" && a.Key != "value" || err != nil && a.Key != "type"
		case "class":
			return n.DataAtom != atom.Code
		}
		return true
	})
}

// parts are the rows, cells and groups of a table, without those of tables in
// its cells.
func parts(n *html.Node) (out []*html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.DataAtom {
		case atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td, atom.Th, atom.Caption:
			out = append(append(out, c), parts(c)...)
		}
	}
	return out
}

// layoutTable reports whether a table holds parts of a page, not facts.
func layoutTable(n *html.Node) bool {
	cells, rows := 0, 0
	for _, part := range parts(n) {
		switch part.DataAtom {
		case atom.Th:
			return false
		case atom.Tr:
			rows++
		case atom.Td:
			cells++
		}
	}
	if cells <= rows {
		return true
	}
	return find(n, func(e *html.Node) bool {
		return e != n && slices.Contains([]atom.Atom{atom.Table, atom.H1, atom.H2, atom.H3}, e.DataAtom)
	}) != nil
}

// soleBlock is the block that is all there is in an element.
func soleBlock(n *html.Node) (block *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) == "":
		case block != nil || isInline(c) || find(c, func(e *html.Node) bool { return e != c && !isInline(e) }) != nil:
			return nil
		default:
			block = c
		}
	}
	return block
}

// swap makes <a><h3>…</h3></a> <h3><a>…</a></h3>.
func swap(outer, inner *html.Node) {
	outer.DataAtom, inner.DataAtom = inner.DataAtom, outer.DataAtom
	outer.Data, inner.Data = inner.Data, outer.Data
	outer.Attr, inner.Attr = inner.Attr, outer.Attr
}
