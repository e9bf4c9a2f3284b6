package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// datetimeAttribute carries what an attribute list says of the date in its
// paragraph. The pass over the HTML takes it out again.
const datetimeAttribute = "data-datetime"

// dateAttributes takes the list off a paragraph whose last line is one with a
// datetime, as kramdown has it:
//
//	Effective May 4, 2025
//	{: datetime="2025-05-04" }
type dateAttributes struct{}

func (dateAttributes) Transform(node *ast.Paragraph, reader text.Reader, _ parser.Context) {
	lines := node.Lines()
	last := lines.Len() - 1
	if last < 1 {
		return
	}
	segment := lines.At(last)
	line := bytes.TrimSpace(segment.Value(reader.Source()))
	inner, opened := bytes.CutPrefix(line, []byte("{:"))
	inner, closed := bytes.CutSuffix(inner, []byte("}"))
	if !opened || !closed {
		return
	}
	attributes, _ := parseAttributes(string(inner))
	for _, a := range attributes {
		if strings.EqualFold(a.name, "datetime") {
			node.SetAttributeString(datetimeAttribute, []byte(a.value))
			lines.SetSliced(0, last)
			before := lines.At(last - 1)
			lines.Set(last-1, before.TrimRightSpace(reader.Source()))
			return
		}
	}
}
