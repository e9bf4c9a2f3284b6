package markdown

import (
	"bytes"
	"sort"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// noteTemplates warns of template syntax of other generators outside code: it
// would be shown to readers as it is.
func (s *source) noteTemplates(root ast.Node) {
	if bytes.Contains(s.text, []byte("{{")) || bytes.Contains(s.text, []byte("{%")) {
		s.templatesIn(root)
	}
}

func (s *source) templatesIn(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c.Type() != ast.TypeBlock {
			continue
		}
		if c.Kind() != ast.KindCodeBlock && c.Kind() != ast.KindFencedCodeBlock {
			var code []text.Segment // once a line needs them
			for i := range c.Lines().Len() {
				line := c.Lines().At(i)
				v := s.text[line.Start:line.Stop]
				if bytes.IndexByte(v, '{') < 0 {
					continue
				}
				// Both once for a line: it may be the whole text.
				braces, percent := bytes.LastIndex(v, []byte("}}")), bytes.LastIndex(v, []byte("%}"))
				at, mark := templateMark(v, 0, braces, percent)
				for mark != "" {
					if code == nil {
						code = codeSpans(c, []text.Segment{})
					}
					if !covers(code, line.Start+at) {
						s.foreign(s.line(line.Start), strconv.Quote(mark), "is template syntax of another generator and is shown as it is")
						break
					}
					at, mark = templateMark(v, at+1, braces, percent)
				}
			}
		}
		s.templatesIn(c)
	}
}

// templateMark is the first opening mark in a line from an offset on, and
// where it stands; "" when there is none. Some marks count only before the
// last closing one, which stands where braces and percent say.
func templateMark(line []byte, from, braces, percent int) (int, string) {
	for at := from; at+1 < len(line); at++ {
		if line[at] != '{' {
			continue
		}
		switch {
		case line[at+1] == '{' && at+2 < len(line) && bytes.IndexByte([]byte("<% "), line[at+2]) >= 0:
			return at, string(line[at : at+3])
		case line[at+1] == '{' && at+2 <= braces:
			return at, "{{"
		case line[at+1] == '%' && at+2 <= percent:
			return at, "{%"
		}
	}
	return 0, ""
}

// codeSpans appends where the code spans of a block are, in order.
func codeSpans(n ast.Node, to []text.Segment) []text.Segment {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c.Type() != ast.TypeInline {
			continue
		}
		if c.Kind() == ast.KindCodeSpan {
			for t := c.FirstChild(); t != nil; t = t.NextSibling() {
				if t, ok := t.(*ast.Text); ok {
					to = append(to, t.Segment)
				}
			}
		}
		to = codeSpans(c, to)
	}
	return to
}

func covers(segments []text.Segment, offset int) bool {
	i := sort.Search(len(segments), func(i int) bool { return segments[i].Stop > offset })
	return i < len(segments) && segments[i].Start <= offset
}
