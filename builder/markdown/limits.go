package markdown

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"github.com/policysite/policysite/builder/policy"
)

// What a text may need. goldmark 1.8.7 cannot be cancelled and is quadratic
// for some input: 150 KB of "[](" take it 20 seconds and 200 KB of "*a_ " take
// 30, a 50 KB table can make 250 MB of HTML. The largest text of the public
// policy archives that were looked at has 0.8 MB.
const (
	maxSource    = 2 << 20
	maxNesting   = 100           // quotes, list items, footnotes; brackets; inline mark-up
	maxColumns   = 100           // of a table
	maxCells     = 200_000       // of all tables, those goldmark adds to short rows included
	maxHeadings  = 25_000        // each has a line in the table of contents
	maxWork      = 2_000_000_000 // see source.spend
	outputFactor = 20
	outputGrace  = 1 << 20
)

func maxOutput(source int) int { return outputFactor*source + outputGrace }

// LFSHint says what to do about a pointer in place of a file.
const LFSHint = "commit the file itself: `git lfs untrack` its pattern, `git add --renormalize .`"

// LFSPointer reports whether content is what Git LFS keeps in place of a file.
func LFSPointer(content []byte) bool {
	return bytes.HasPrefix(content, []byte("version https://git-lfs.github.com/spec/"))
}

// check refuses what cannot be a text, and makes every line end in "\n".
func check(body []byte, firstLine int) ([]byte, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	switch {
	case len(body) > maxSource:
		return nil, &policy.Problem{Message: fmt.Sprintf("is larger than %d MiB", maxSource>>20), Hint: "divide it into several texts"}
	case LFSPointer(body):
		return nil, &policy.Problem{
			Line: firstLine, Message: "is a Git LFS pointer, not the text itself",
			Hint: "keep texts out of Git LFS: `git lfs untrack` its pattern, `git add --renormalize .`, and commit",
		}
	}
	if problem := policy.CheckEncoding(body, firstLine); problem != nil {
		return nil, problem
	}
	if bytes.IndexByte(body, '\r') >= 0 {
		body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
		body = bytes.ReplaceAll(body, []byte("\r"), []byte("\n"))
	}
	return body, nil
}

// spend counts work that goldmark does more than once over the same bytes, in
// units of roughly a nanosecond, and reports whether there is some left. It is
// a count and no clock, so a text is refused on every machine or on none.
func (s *source) spend(units, offset int) bool {
	s.work += units
	if s.work > s.maxWork {
		s.fail(s.line(offset), "takes too long: too much mark-up that is never closed")
	}
	return s.err == nil
}

// nested keeps a container block from opening too deep.
type nested struct {
	parser.BlockParser
	source *source
}

func (p nested) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	opened := pc.OpenedBlocks()
	if len(opened) < maxNesting {
		return p.open(parent, reader, pc)
	}
	level := 0
	for _, b := range opened {
		switch b.Node.(type) {
		case *ast.Blockquote, *ast.ListItem, *extast.Footnote, *extast.DefinitionDescription:
			level++
		}
	}
	line, position := reader.Position()
	node, state := p.open(parent, reader, pc)
	if _, item := parent.(*ast.List); node != nil && (level > maxNesting || level == maxNesting && !item) {
		p.source.fail(p.source.line(position.Start), "nested deeper than %d levels", maxNesting)
		reader.SetPosition(line, position)
		return nil, parser.NoChildren
	}
	return node, state
}

// open opens a block, and keeps the number of a list item, which goldmark forgets.
func (p nested) open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	list, ok := parent.(*ast.List)
	if !ok || !list.IsOrdered() {
		return p.BlockParser.Open(parent, reader, pc)
	}
	line, _ := reader.PeekLine()
	node, state := p.BlockParser.Open(parent, reader, pc)
	if item, ok := node.(*ast.ListItem); ok {
		line = bytes.TrimLeft(line, " \t")
		if n, err := strconv.Atoi(string(line[:runOf(string(line[:min(len(line), 10)]), isDigit)])); err == nil {
			if p.source.numbers == nil {
				p.source.numbers = map[*ast.ListItem]int{}
			}
			p.source.numbers[item] = n
		}
	}
	return node, state
}

// numberItems gives the items of a list their author's numbers where counting would
// give others. Where all are alike, their author lets it be counted.
func (s *source) numberItems(n ast.Node) {
	if len(s.numbers) == 0 {
		return
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c.Type() != ast.TypeBlock {
			continue
		}
		if list, ok := c.(*ast.List); ok && list.IsOrdered() {
			s.numberList(list)
		}
		s.numberItems(c)
	}
}

func (s *source) numberList(list *ast.List) {
	alike := true
	for c := list.FirstChild(); c != nil; c = c.NextSibling() {
		item, ok := c.(*ast.ListItem)
		alike = alike && ok && s.numbers[item] == list.Start
	}
	if alike {
		return
	}
	next := list.Start
	for c := list.FirstChild(); c != nil; c = c.NextSibling() {
		if item, ok := c.(*ast.ListItem); ok {
			if n := s.numbers[item]; n != next {
				item.SetAttributeString("value", []byte(strconv.Itoa(n)))
				next = n
			}
			next++
		}
	}
}

// rest is how many bytes of a block follow an offset.
func rest(block ast.Node, offset int) int {
	lines := block.Lines()
	if lines.Len() == 0 {
		return 0
	}
	return max(0, lines.At(lines.Len()-1).Stop-offset)
}

// brackets keeps links from nesting too deep, and from being looked for too
// long: after "](" goldmark may read to the end of the block in vain.
type brackets struct {
	inner  parser.InlineParser
	source *source
}

func (p *brackets) Trigger() []byte { return p.inner.Trigger() }

func (p *brackets) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if p.source.err != nil {
		return nil
	}
	line, segment := block.PeekLine()
	node := p.inner.Parse(parent, block, pc)
	switch {
	case line[0] != ']':
		if node == nil {
			return nil
		}
		p.source.brackets++
		if p.source.brackets > maxNesting {
			p.source.fail(p.source.line(segment.Start), "brackets nested deeper than %d levels", maxNesting)
		}
	case p.source.brackets > 0:
		p.source.brackets--
		if node == nil && len(line) > 1 && (line[1] == '(' || line[1] == '[') {
			p.source.spend(5*rest(parent, segment.Start), segment.Start)
		}
	}
	return node
}

// CloseBlock passes on that a block ends.
func (p *brackets) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	p.source.brackets = 0
	p.inner.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

// codeSpan counts the backticks that are never closed: for each, goldmark
// reads to the end of the block.
type codeSpan struct {
	parser.InlineParser
	source *source
}

func (p codeSpan) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if p.source.err != nil {
		return nil
	}
	_, segment := block.PeekLine()
	node := p.InlineParser.Parse(parent, block, pc)
	if _, unclosed := node.(*ast.Text); unclosed {
		p.source.spend(2*rest(parent, segment.Start), segment.Start)
	}
	return node
}

// inlineHTML parses tags within text. It counts what looks like a tag to its
// very end and then is none.
type inlineHTML struct {
	parser.InlineParser
	source *source
}

func (p inlineHTML) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if p.source.err != nil {
		return nil
	}
	line, segment := block.PeekLine()
	if end := bareTagEnd(line); end > 0 {
		tag := ast.NewRawHTML()
		tag.Segments.Append(segment.WithStop(segment.Start + end))
		block.Advance(end)
		return tag
	}
	node := p.InlineParser.Parse(parent, block, pc)
	if node == nil && len(line) > 1 && line[1] >= 'A' {
		// A tag cannot go on after the next "<" outside quotation marks, and
		// goldmark's regular expression takes some 20 ns for a byte.
		n := bytes.IndexByte(line[1:], '>')
		if n < 0 {
			n = rest(parent, segment.Start)
		}
		p.source.spend(20*n, segment.Start)
	}
	return node
}

// emphasis counts delimiters: each may be compared with all before it in its
// block, which takes goldmark some 6 ns.
type emphasis struct {
	parser.InlineParser
	source *source
}

func (p emphasis) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	_, segment := block.PeekLine()
	if !p.source.spend(6*p.source.delimiters, segment.Start) {
		return nil
	}
	node := p.InlineParser.Parse(parent, block, pc)
	if node != nil {
		p.source.delimiters++
	}
	return node
}

// CloseBlock starts the count anew for the next block.
func (p emphasis) CloseBlock(ast.Node, text.Reader, parser.Context) { p.source.delimiters = 0 }

// references counts link reference definitions: for each, goldmark copies the
// lines of its paragraph.
type references struct {
	parser.ParagraphTransformer
	source *source
}

func (p references) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	definitions := 0
	for i := range lines.Len() {
		line := lines.At(i) // not trimmed yet
		if v := bytes.TrimLeft(line.Value(reader.Source()), " \t"); len(v) > 0 && v[0] == '[' {
			definitions++
		}
	}
	if definitions > 0 && p.sentences(node, reader.Source()) {
		return
	}
	if definitions > 0 && p.source.spend(definitions*lines.Len(), lines.At(0).Start) {
		p.ParagraphTransformer.Transform(node, reader, pc)
	}
}

var (
	// definition is a line that CommonMark takes for a link definition.
	definition = regexp.MustCompile(`^ {0,3}\[([^\]\[^][^\]\[]*)\]:[ \t]*(?:<([^<>]*)>|([^\s<>]+))(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$`)
	// definitionBegun is one whose target stands on the next line.
	definitionBegun = regexp.MustCompile(`^ {0,3}\[[^\]\[^][^\]\[]*\]:[ \t]*$`)
	// address is a target that leads somewhere: to a host, a person, a place of this
	// site, a file.
	address = regexp.MustCompile(`(?i)^(?:[a-z][a-z0-9+.-]*://|(?:mailto|tel|sms|urn|data|javascript):|\.{0,2}[/#?]|www\.|\S+@)|^[^\s/]+\.[a-z]{2,}(?:[/?#]|$)|\.[a-z][a-z0-9]{1,4}(?:[?#]\S*)?$|/$`)
)

// sentences reports whether a paragraph is none of definitions, although all its
// lines look like them: where nothing refers to them, and they lead to no address
// and no file, as in "[Controller]: Acme". Where only some do, it warns of those.
func (p references) sentences(node *ast.Paragraph, source []byte) bool {
	lines := node.Lines()
	found, first := 0, 0
	for i := 0; i < lines.Len(); i++ {
		at, n := lines.At(i), 1
		line := bytes.TrimRight(at.Value(source), "\n")
		if definitionBegun.Match(line) && i+1 < lines.Len() {
			next := lines.At(i + 1)
			line = append(append(slices.Clone(line), ' '), bytes.TrimSpace(next.Value(source))...)
			n, i = 2, i+1
		}
		m := definition.FindSubmatch(line)
		if m == nil || address.Match(m[2]) || address.Match(bytes.TrimRight(m[3], ".")) {
			continue
		}
		if p.source.words = true; !p.source.spend(3*len(p.source.text), at.Start) {
			return false
		}
		label := append(append([]byte{'['}, bytes.ToLower(bytes.TrimSpace(m[1]))...), ']')
		if bytes.Count(bytes.ToLower(p.source.text), label) > 1 {
			continue
		}
		if found == 0 {
			first = at.Start
		}
		found += n
	}
	if found > 0 && found < lines.Len() {
		p.source.note(p.source.line(first), "write it in another way, such as without the colon", "reads as a link definition, and is not shown")
	}
	return found > 0 && found == lines.Len()
}

// limitedBuffer takes so many bytes and no more. It is a util.BufWriter.
type limitedBuffer struct {
	bytes []byte
	limit int
	over  bool
}

func (b *limitedBuffer) reset(limit int) { *b = limitedBuffer{bytes: b.bytes[:0], limit: limit} }

func (b *limitedBuffer) room(n int) bool {
	if len(b.bytes)+n > b.limit {
		b.over = true
	}
	return !b.over
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.room(len(p)) {
		b.bytes = append(b.bytes, p...)
	}
	return len(p), nil
}

func (b *limitedBuffer) WriteString(s string) (int, error) {
	if b.room(len(s)) {
		b.bytes = append(b.bytes, s...)
	}
	return len(s), nil
}

func (b *limitedBuffer) WriteByte(c byte) error {
	if b.room(1) {
		b.bytes = append(b.bytes, c)
	}
	return nil
}

func (b *limitedBuffer) WriteRune(r rune) (int, error) {
	if b.room(utf8.UTFMax) {
		b.bytes = utf8.AppendRune(b.bytes, r)
	}
	return utf8.RuneLen(r), nil
}

func (b *limitedBuffer) Available() int { return b.limit - len(b.bytes) }
func (b *limitedBuffer) Buffered() int  { return 0 }
func (b *limitedBuffer) Flush() error   { return nil }
