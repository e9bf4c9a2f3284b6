package markdown

import (
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

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
