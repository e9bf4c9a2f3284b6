package markdown

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

// breakClauses keeps the clauses of a paragraph such as
//
//	The following applies:
//	(a) we keep the data for a year;
//	(b) we delete it then.
//
// on lines of their own. Markdown knows no such lists and would run them
// together. Where at least two lines of a paragraph start with a label of one
// style, every line that starts with one of that style does so on a new line; a
// sentence that happens to be wrapped before "(a)" stays as it is.
func breakClauses(n ast.Node, source []byte) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c.Kind() {
		case ast.KindParagraph, ast.KindTextBlock:
			if c.Lines().Len() > 1 {
				breakParagraph(c, source)
			}
		default:
			if c.Type() == ast.TypeBlock {
				breakClauses(c, source)
			}
		}
	}
}

func breakParagraph(p ast.Node, source []byte) {
	lines := p.Lines()
	var lineCount [labelStyles]int
	for i := range lines.Len() {
		segment := lines.At(i)
		lineCount[labelOf(segment.Value(source))]++
	}
	lineCount[noLabel] = 0
	several := false
	for _, n := range lineCount {
		several = several || n > 1
	}
	if !several {
		return
	}
	line := 0 // the line in which the node is
	for c := p.FirstChild(); c != nil; c = c.NextSibling() {
		t, ok := c.(*ast.Text)
		if !ok || !t.SoftLineBreak() {
			continue
		}
		for line+1 < lines.Len() && lines.At(line).Stop <= t.Segment.Start {
			line++
		}
		if line+1 == lines.Len() {
			return
		}
		next := lines.At(line + 1)
		if lineCount[labelOf(next.Value(source))] > 1 {
			t.SetHardLineBreak(true)
		}
	}
}

// labelStyle is how a clause is labelled; labels of one list have one style.
type labelStyle uint8

const (
	noLabel     labelStyle = iota
	parenthesis            // (a) (iv) (12)
	halfBracket            // a) iv) 12)
	letterDot              // a. iv.
	numberDot              // 1.
	decimal                // 1.1 1.1. 1.1.1
	sectionSign            // § 3
	bullet                 // • – ·
	labelStyles            // how many there are
)

// labelOf is the style of the label that a line starts with; there may be
// marks of emphasis around it.
func labelOf(line []byte) labelStyle {
	line = bytes.TrimLeft(line, " \t")
	line = bytes.TrimLeft(line, "*_")
	if len(line) < 3 {
		return noLabel
	}
	r, n := utf8.DecodeRune(line)
	switch r {
	case '•', '–', '—', '·', '◦', '▪', '●', '‣':
		if spaceAt(line, n) {
			return bullet
		}
	case '§':
		rest := bytes.TrimLeft(line[n:], " \u00a0")
		if len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
			return sectionSign
		}
	case '(':
		if end := wordEnd(line, 1); end > 1 && end < len(line) && line[end] == ')' && spaceAt(line, end+1) {
			return parenthesis
		}
	default:
		return wordLabel(line)
	}
	return noLabel
}

// wordLabel is the style of a label that starts with a letter or digit.
func wordLabel(line []byte) labelStyle {
	end := wordEnd(line, 0)
	if end == 0 || end >= len(line) {
		return noLabel
	}
	number := line[0] >= '0' && line[0] <= '9'
	switch {
	case line[end] == ')' && spaceAt(line, end+1):
		return halfBracket
	case line[end] != '.':
		return noLabel
	case spaceAt(line, end+1) && number:
		return numberDot
	case spaceAt(line, end+1):
		return letterDot
	case !number:
		return noLabel
	}
	for end < len(line) && line[end] == '.' {
		next := end + 1
		for next < len(line) && line[next] >= '0' && line[next] <= '9' {
			next++
		}
		if next == end+1 { // a dot at the end
			end = next
			break
		}
		end = next
	}
	if spaceAt(line, end) {
		return decimal
	}
	return noLabel
}

// wordEnd is where the letter, small roman number or number of a label ends
// that starts at the given place; the place itself when there is none.
func wordEnd(line []byte, start int) int {
	end := start
	for end < len(line) && line[end] >= '0' && line[end] <= '9' {
		end++
	}
	if end > start {
		if end-start > 3 {
			return start // a year
		}
		return end
	}
	for end < len(line) && bytes.IndexByte([]byte("ivxlIVXL"), line[end]) >= 0 {
		end++
	}
	if end-start > 1 && end-start <= 6 {
		return end
	}
	end = start
	if end < len(line) && (line[end]|0x20) >= 'a' && (line[end]|0x20) <= 'z' {
		end++
		if end < len(line) && line[end] == line[start] { // (aa)
			end++
		}
	}
	return end
}

// spaceAt reports whether there is white space at the given place, or after
// marks of emphasis there, as in "**(a)** text".
func spaceAt(line []byte, i int) bool {
	for i < len(line) && (line[i] == '*' || line[i] == '_') {
		i++
	}
	if i >= len(line) {
		return false
	}
	r, _ := utf8.DecodeRune(line[i:])
	return unicode.IsSpace(r)
}
