package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"github.com/policysite/policysite/builder/policy"
)

// bareLinks finds URLs and addresses in text. goldmark looks for an e-mail
// address from every word on; here only where an "@" follows in the line.
type bareLinks struct {
	parser.InlineParser
	source *source
}

// lastAt is where the last "@" of a line is. All are offsets of the source.
type lastAt struct {
	from, stop int // what was searched
	at         int // less than from when there is none
}

func (p bareLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	rest := line
	switch line[0] {
	case ' ', '*', '_', '~', '(': // what it is called for, unless a line starts
		rest = line[1:]
	}
	if len(rest) == 0 {
		return nil
	}
	if rest[0] != 'h' && rest[0] != 'w' { // of http:, https: and www.
		l := &p.source.lastAt
		if l.stop != segment.Stop || segment.Start < l.from {
			*l = lastAt{segment.Start, segment.Stop, segment.Stop - len(line) + bytes.LastIndexByte(line, '@')}
		}
		if l.at < segment.Start {
			return nil
		}
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// needsBareLinks reports whether bareLinks makes a difference to a text: where it
// can find something outside of targets. Beyond that goldmark cuts text into
// words for it, and so trims no more than one space at the end of a line.
func needsBareLinks(text []byte, targets []policy.Span) bool {
	if bytes.IndexByte(text, '\t') >= 0 || bytes.Contains(text, []byte("    \n")) {
		return true
	}
	at := 0
	for _, t := range targets {
		if hasLinkMark(text[at:t.Start]) {
			return true
		}
		at = t.End
	}
	return hasLinkMark(text[at:])
}

// hasLinkMark reports whether a text has what no bare link is without.
func hasLinkMark(text []byte) bool {
	return bytes.IndexByte(text, '@') >= 0 || bytes.Contains(text, []byte("http")) || bytes.Contains(text, []byte("www."))
}

// bareTagEnd is where a tag without attributes ends that a line starts with,
// such as "<br>" or "</b>"; 0 when it starts with none. goldmark's regular
// expressions find the same, and take fifty times as long.
func bareTagEnd(line []byte) int {
	i := 1
	if len(line) > 1 && line[1] == '/' {
		i = 2
	}
	for start := i; i < len(line); i++ {
		c := line[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', i > start && c >= '0' && c <= '9':
		case i > start && c == '>':
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

// strikethrough parses "~~text~~" as goldmark does, but for one thing: as GFM has it,
// "~" does not close "~~", and words that cost "~5~~" are not struck.
type strikethrough struct{}

func (strikethrough) Trigger() []byte { return []byte{'~'} }

func (strikethrough) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	node := parser.ScanDelimiter(line, before, 1, strikethrough{})
	if node == nil || node.OriginalLength > 2 || before == '~' {
		return nil
	}
	node.Segment = segment.WithStop(segment.Start + node.OriginalLength)
	block.Advance(node.OriginalLength)
	pc.PushDelimiter(node)
	return node
}

func (strikethrough) IsDelimiter(b byte) bool { return b == '~' }

func (strikethrough) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char && opener.OriginalLength == closer.OriginalLength
}

func (strikethrough) OnMatch(int) ast.Node { return extast.NewStrikethrough() }
