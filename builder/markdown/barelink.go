package markdown

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// bareLinks finds the addresses that stand in text without brackets, as GFM's own
// parser does: by the ":" of "https://", the "." of "www." and the "@", with letters
// of any script in them. goldmark's own ends an address at the first letter beyond
// ASCII, so that it leads elsewhere, and finds none after a no-break space. An address
// is linked whole or not at all. Where GFM would take the rest of a Chinese sentence
// into it, it ends at the sentence's punctuation.
type bareLinks struct{}

// Trigger is part of parser.InlineParser.
func (bareLinks) Trigger() []byte { return []byte{':', '.', '@'} }

// Parse is part of parser.InlineParser.
func (bareLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	last, ok := parent.LastChild().(*ast.Text)
	if !ok || last.Segment.Stop != segment.Start {
		return nil
	}
	source, at := block.Source(), segment.Start
	rest := source[at : at+len(bytes.TrimRight(line, "\r\n"))]
	prefix, start, end := "", at, 0
	switch before := last.Segment.Value(source); {
	case line[0] == '@':
		start = localStart(source[:at])
		end = domainEnd(rest, start > 0 && source[start-1] == '_')
		if start == at || end == 0 {
			return nil
		}
		if bytes.HasSuffix(source[:start], []byte("mailto:")) && last.Segment.Start <= start-len("mailto:") {
			start -= len("mailto:")
		}
		block.Advance(end)
		takeBack(parent, start, pc)
		return ast.NewAutoLink(ast.AutoLinkEmail, ast.NewTextSegment(text.NewSegment(start, at+end)))
	case pc.IsInLinkLabel():
		return nil
	case line[0] == ':' && bytes.HasPrefix(rest, []byte("://")):
		for _, scheme := range []string{"https", "http"} {
			if n := len(before) - len(scheme); n >= 0 && bytes.EqualFold(before[n:], []byte(scheme)) {
				if n > 0 && (isLetter(before[n-1]) || isDigit(before[n-1])) {
					return nil
				}
				start, end = at-len(scheme), addressEnd(rest, len("://"))
				break
			}
		}
	case line[0] == '.' && bytes.HasSuffix(before, []byte("www")):
		if n := len(before) - len("www"); n == 0 || startsAddress(before[:n]) {
			prefix, start, end = "https://", at-len("www"), addressEnd(rest, len("."))
		}
	}
	if end == 0 {
		return nil
	}
	block.Advance(end)
	takeBack(parent, start, pc)
	link := ast.NewLink()
	link.Destination = append([]byte(prefix), source[start:at+end]...)
	link.AppendChild(link, ast.NewTextSegment(text.NewSegment(start, at+end)))
	return link
}

// startsAddress reports whether an address without a scheme may follow some text:
// white space, marks of emphasis, or what East Asian sentences have before one.
func startsAddress(before []byte) bool {
	r, _ := utf8.DecodeLastRune(before)
	return unicode.IsSpace(r) || bytes.ContainsRune([]byte("*_~("), r) || r >= utf8.RuneSelf && unicode.IsPunct(r) || isWide(r)
}

// localStart is where the part of an e-mail address before the "@" starts, which
// ends a text; the length of the text when there is none.
func localStart(before []byte) int {
	end := len(before)
	start := end
	for start > 0 && (ofLocal(before[start-1]) || before[start-1] == '\\' && start < end && before[start] == '_') {
		start--
	}
	for start < end && !isLetter(before[start]) && !isDigit(before[start]) {
		start++
	}
	r, _ := utf8.DecodeLastRune(before[:start])
	if r == '@' || r == '\\' || r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r)) && !isWide(r) {
		return end // it would be cut
	}
	return start
}

func ofLocal(c byte) bool {
	return isLetter(c) || isDigit(c) || bytes.IndexByte([]byte("._+-'&"), c) >= 0
}

// domainEnd is where an e-mail address ends whose "@" some text starts with; 0 when
// it does not. emphasized tells that "_" stands before it, which one after it may
// belong to.
func domainEnd(rest []byte, emphasized bool) int {
	end, dots := 1, 0
	for ; end < len(rest) && (isLetter(rest[end]) || isDigit(rest[end]) || bytes.IndexByte([]byte("._-"), rest[end]) >= 0); end++ {
		if rest[end] == '.' {
			dots++
		}
	}
	for rest[end-1] == '.' || emphasized && rest[end-1] == '_' {
		if end--; rest[end] == '.' {
			dots--
		}
	}
	r, _ := utf8.DecodeRune(rest[end:])
	if c := rest[end-1]; dots < 1 || rest[1] == '.' || c == '-' || c == '_' || r == '@' || r >= utf8.RuneSelf && unicode.IsLetter(r) && !isWide(r) {
		return 0
	}
	return end
}

// addressEnd is where an address of the web ends whose host starts in some text at a
// place; 0 when there is no host with a dot.
func addressEnd(rest []byte, host int) int {
	end := hostEnd(rest, host)
	if end == 0 {
		return 0
	}
	open := 0 // wide brackets
walk:
	for end < len(rest) {
		r, n := utf8.DecodeRune(rest[end:])
		switch {
		case r == '<', r == '>', unicode.IsSpace(r), unicode.IsControl(r):
			break walk
		case !isWidePunct(r):
		case unicode.Is(unicode.Ps, r):
			open++
		case unicode.Is(unicode.Pe, r) && open > 0:
			open--
		default:
			break walk
		}
		end += n
	}
	return trimAddress(rest, end)
}

// hostEnd is where the name of a host ends; 0 when it is none: without a dot (but for
// the one behind "www"), or with "_" in its last two parts, as in GFM.
func hostEnd(rest []byte, host int) int {
	end := host
	for end < len(rest) {
		r, n := utf8.DecodeRune(rest[end:])
		if r != '.' && r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) {
			break
		}
		end += n
	}
	parts := bytes.Split(bytes.TrimRight(rest[host:end], "."), []byte("."))
	last := parts[max(0, len(parts)-2):]
	if len(parts[0]) == 0 || len(parts) == 1 && rest[0] == ':' || bytes.IndexByte(bytes.Join(last, nil), '_') >= 0 {
		return 0
	}
	return end
}

// trimAddress is where an address ends without the marks of its sentence: points,
// quotation marks, and brackets that it does not open.
func trimAddress(rest []byte, end int) int {
	opening, closing := bytes.Count(rest[:end], []byte("(")), bytes.Count(rest[:end], []byte(")"))
	for {
		r, n := utf8.DecodeLastRune(rest[:end])
		switch {
		case r == ')':
			if closing <= opening {
				return end
			}
			closing--
		case r == ';':
			word := end - 1
			for word > 0 && isLetter(rest[word-1]) {
				word--
			}
			if word < end-1 && word > 0 && rest[word-1] == '&' {
				n = end - word + 1
			}
		case bytes.ContainsRune([]byte("?!.,:*_~'\"\\"), r), r >= utf8.RuneSelf && unicode.IsPunct(r) && !unicode.Is(unicode.Pe, r):
		default:
			return end
		}
		end -= n
	}
}

// takeBack takes off a parent what was read of it from an offset on.
func takeBack(parent ast.Node, from int, pc parser.Context) {
	for {
		switch last := parent.LastChild().(type) {
		case *ast.Text:
			if last.Segment.Start < from {
				last.Segment = last.Segment.WithStop(from)
				return
			}
			parent.RemoveChild(parent, last)
			if last.Segment.Start == from {
				return
			}
		case *parser.Delimiter:
			pc.RemoveDelimiter(last) // it is text then
		default:
			return
		}
	}
}
