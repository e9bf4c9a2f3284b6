package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// tables parses GFM tables within the limits, and keeps the text of cells that
// a row has beyond its header: GFM and goldmark drop them.
type tables struct {
	parser.ParagraphTransformer
	source *source
}

func (p tables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	if p.source.err != nil || !p.fits(node, reader.Source()) {
		return
	}
	parent, previous := node.Parent(), node.PreviousSibling()
	end := node.Lines().At(node.Lines().Len() - 1).Stop
	p.ParagraphTransformer.Transform(node, reader, pc)

	// The table takes the place of the paragraph, or follows what is left of it.
	next := parent.FirstChild()
	if node.Parent() != nil {
		next = node.NextSibling()
	} else if previous != nil {
		next = previous.NextSibling()
	}
	if table, ok := next.(*extast.Table); ok {
		p.keepSurplus(table, reader.Source(), end)
	}
}

// fits checks the limits before goldmark allocates what a table asks for.
func (p tables) fits(node *ast.Paragraph, source []byte) bool {
	lines := node.Lines()
	for i := 1; i < lines.Len(); i++ {
		segment := lines.At(i)
		line := segment.Value(source)
		if len(bytes.Trim(line, "-:| \t\n")) > 0 {
			continue
		}
		if above := lines.At(i - 1); cells(above.Value(source)) < cells(line) {
			return false // GFM makes no table of a header that is too short
		}
		columns := bytes.Count(line, []byte("|")) + 1
		if columns > maxColumns+2 { // there may be one at both ends
			p.source.fail(p.source.line(segment.Start), "table with more than %d columns", maxColumns)
			return false
		}
		p.source.cells += columns * (lines.Len() - i)
		if p.source.cells > maxCells {
			p.source.fail(p.source.line(segment.Start), "more than %d table cells", maxCells)
			return false
		}
		// goldmark compares each escaped "|" in a code span with all others.
		escaped := 0
		for j := i - 1; j < lines.Len(); j++ {
			line := lines.At(j)
			escaped += bytes.Count(line.Value(source), []byte(`\|`))
		}
		return p.source.spend(escaped*escaped, segment.Start)
	}
	return true
}

// cells is how many cells a line of a table has.
func cells(line []byte) int {
	line = bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(line), []byte("|")), []byte("|"))
	return 1 + bytes.Count(line, []byte("|")) - bytes.Count(line, []byte(`\|`))
}

// keepSurplus gives the last cell of a row what its line has beyond it, just
// as it is written.
func (p tables) keepSurplus(table *extast.Table, source []byte, end int) {
	columns := len(table.Alignments)
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		last := row.LastChild()
		if row.Kind() != extast.KindTableRow || last == nil || row.ChildCount() != columns || last.Lines().Len() == 0 {
			continue
		}
		cell := last.Lines().At(0)
		stop := end
		if n := bytes.IndexByte(source[cell.Stop:end], '\n'); n >= 0 {
			stop = cell.Stop + n
		}
		if len(bytes.Trim(source[cell.Stop:stop], "| \t")) == 0 {
			continue
		}
		full := text.NewSegment(cell.Start, stop)
		full = full.TrimRightSpace(source)
		if source[full.Stop-1] == '|' {
			full.Stop--
			full = full.TrimRightSpace(source)
		}
		last.Lines().Set(0, full)
		p.source.note(p.source.line(cell.Start), `give the header as many cells as its longest row, or write \| for a | in a cell`,
			"row has more cells than the table's header: the last cell shows the rest of the line")
	}
}

// tableCell writes a cell; its alignment is a class, since style attributes
// are what a content security policy forbids first.
func (r *nodes) tableCell(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	cell := n.(*extast.TableCell)
	// An empty <th> is announced as a header that says nothing.
	header := n.Parent().Kind() == extast.KindTableHeader && n.HasChildren()
	switch {
	case !entering && header:
		_, _ = w.WriteString("</th>\n")
		return ast.WalkContinue, nil
	case !entering:
		_, _ = w.WriteString("</td>\n")
		return ast.WalkContinue, nil
	case header:
		_, _ = w.WriteString(`<th scope="col"`)
	default:
		_, _ = w.WriteString("<td")
	}
	switch cell.Alignment {
	case extast.AlignLeft:
		_, _ = w.WriteString(` class="align-left"`)
	case extast.AlignRight:
		_, _ = w.WriteString(` class="align-right"`)
	case extast.AlignCenter:
		_, _ = w.WriteString(` class="align-center"`)
	}
	_ = w.WriteByte('>')
	return ast.WalkContinue, nil
}
