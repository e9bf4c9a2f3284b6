package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// A text is split where CommonMark's blocks cannot reach over: before a line
// that follows an empty one, is not indented, and does not start a list item or
// a quote. There, paragraphs and tables have ended with the empty line, and
// lists, quotes and indented code end with the line at the latest. A block of
// code between fences and a comment do go on: see reaches.

// splitAt is the end of the part of a text that starts at an offset.
func splitAt(text []byte, from int) int {
	for at := from; ; {
		i := bytes.Index(text[at:], []byte("\n\n"))
		if i < 0 {
			return len(text)
		}
		at += i + 2
		for at < len(text) && text[at] == '\n' {
			at++
		}
		if at == len(text) || startsAnew(text[at:]) {
			return at
		}
	}
}

// startsAnew reports whether a line after an empty one ends all containers and
// starts none. A quote or an item would be counted as nested within the
// containers before it, which are only then closed.
func startsAnew(line []byte) bool {
	switch line[0] {
	case ' ', '\t', '>':
		return false
	case '-', '+', '*':
		return !endsMarker(line[1:])
	}
	n := 0
	for n < len(line) && line[n] >= '0' && line[n] <= '9' {
		n++
	}
	return n == 0 || n == len(line) || line[n] != '.' && line[n] != ')' || !endsMarker(line[n+1:])
}

// endsMarker reports whether what follows the mark of a list item lets it be
// one.
func endsMarker(rest []byte) bool {
	return len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\n'
}

// reaches reports whether the last block of a tree goes on with whatever
// follows the source: code between fences and HTML of the kinds that go over
// empty lines, with no end mark yet. Such a block has all lines to the end.
func reaches(root ast.Node, source []byte) bool {
	last := root.LastChild()
	switch block := last.(type) {
	case *ast.FencedCodeBlock:
	case *ast.HTMLBlock:
		if block.HTMLBlockType >= ast.HTMLBlockType6 || block.HasClosure() {
			return false
		}
	default:
		return false
	}
	n := last.Lines().Len()
	return n == 0 || last.Lines().At(n-1).Stop >= len(source)
}
