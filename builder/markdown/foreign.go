package markdown

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"golang.org/x/text/width"

	"github.com/policysite/policysite/builder/policy"
)

// Syntax of other generators: what has a place in a policy is read, and shown in
// the plainest way; what they would fill in warns.

var (
	// admonitionLine is MkDocs': "!!! note" or `??? note "Title"`, above indented lines.
	admonitionLine = regexp.MustCompile(`^(?:!!!|\?\?\?\+?)[ \t]+([\pL][\pL\pN_-]*)(?:[ \t]+[\pL\pN_-]+)*(?:[ \t]+"([^"]*)")?[ \t]*$`)
	// directiveLine is Docusaurus', VitePress' and MyST's: ":::note Title", up to ":::".
	directiveLine = regexp.MustCompile(`^(:{3,})[ \t]*(?:\{[ \t]*\.?([\pL][\pL\pN_-]*)([^{}]*)\}|\.?([\pL][\pL\pN_-]*))[ \t]*(.*?)[ \t]*$`)
	// titleOf and attributesAfter are what an attribute list of Pandoc's, or of
	// Docusaurus' and VitePress', says of it.
	titleOf         = regexp.MustCompile(`\btitle="([^"]*)"`)
	attributesAfter = regexp.MustCompile(`[ \t]*\{[^{}]*\}$`)
	directiveEnd    = regexp.MustCompile(`^:{3,}[ \t]*$`)
	alertLine       = regexp.MustCompile(`(?i)^\[!(note|tip|important|warning|caution)\][ \t]*$`)
	// fenceLine is the information of a fence that is a directive of MyST.
	fenceLine = regexp.MustCompile(`^\{([\pL][\pL\pN_:-]*)\}[ \t]*(.*?)[ \t]*$`)
	// attributeLine is an attribute list of kramdown's on a line of its own.
	attributeLine = regexp.MustCompile(`^[ \t]*\{:[^{}\n]*\}[ \t]*$`)
)

// keyword is how the kind of an admonition is shown where it has no title.
func keyword(kind string) string {
	r, n := utf8.DecodeRuneInString(kind)
	return string(unicode.ToUpper(r)) + strings.ToLower(kind[n:])
}

// titled makes a paragraph of words that are not in the source as they stand.
func titled(words string) *ast.Paragraph {
	p := ast.NewParagraph()
	p.AppendChild(p, ast.NewString([]byte(words)))
	return p
}

// containers reads admonitions as quotes with their title as first line.
type containers struct{ source *source }

// untitled is the attribute of a quote that an admonition becomes: its kind, where it
// has no title; else "".
const untitled = "data-kind"

// colons is the attribute of a quote that ":::" closes: how many there are.
const colons = "data-colons"

func (containers) Trigger() []byte { return []byte{'!', '?', ':'} }

func (c containers) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	indent := len(line) - len(bytes.TrimLeft(line, " "))
	bare := string(bytes.TrimRight(line[indent:], "\r\n"))
	if indent > 3 || len(pc.OpenedBlocks()) > maxNesting {
		return nil, parser.NoChildren
	}
	quote := ast.NewBlockquote()
	var kind, title string
	if m := admonitionLine.FindStringSubmatch(bare); m != nil {
		if title = m[2]; title != "" || !strings.HasSuffix(bare, `""`) {
			kind = m[1]
		}
	} else if m := directiveLine.FindStringSubmatch(bare); m != nil {
		kind, title = m[2]+m[4], attributesAfter.ReplaceAllString(m[5], "")
		if n := len(title) - 1; n > 0 && title[0] == '[' && title[n] == ']' {
			title = title[1:n]
		}
		if said := titleOf.FindStringSubmatch(m[3]); said != nil && title == "" {
			title = said[1]
		}
		quote.SetAttributeString(colons, len(m[1]))
	} else {
		return nil, parser.NoChildren
	}
	switch {
	case strings.TrimSpace(title) != "": // marks in it are read like any others
		p := ast.NewParagraph()
		start := segment.Start - segment.Padding + indent + strings.LastIndex(bare, title)
		p.Lines().Append(text.NewSegment(start, start+len(title)))
		quote.AppendChild(quote, p)
		kind = ""
	case kind != "":
		kind = keyword(kind)
	}
	quote.SetAttributeString(untitled, kind)
	reader.AdvanceToEOL()
	return quote, parser.HasChildren
}

func (containers) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	line, _ := reader.PeekLine()
	if n, ok := node.AttributeString(colons); ok {
		bare := bytes.TrimSpace(line)
		if directiveEnd.Match(bare) && len(bare) >= n.(int) {
			reader.AdvanceToEOL()
			return parser.Close
		}
		return parser.Continue | parser.HasChildren
	}
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return parser.Continue | parser.HasChildren
	case bytes.HasPrefix(line, []byte("    ")):
		reader.Advance(4)
	case line[0] == '\t':
		reader.Advance(1)
	default:
		return parser.Close
	}
	return parser.Continue | parser.HasChildren
}

func (containers) Close(ast.Node, text.Reader, parser.Context) {}

func (containers) CanInterruptParagraph() bool { return true }
func (containers) CanAcceptIndentedLine() bool { return false }

// spansParts reports whether a text has what goes on over empty lines and lines that
// are not indented, so that it has to be rendered as a whole: directives, and the
// definitions of a list.
func spansParts(text []byte) bool {
	return bytes.Contains(text, []byte(":::")) || bytes.Contains(text, []byte("\n:")) && definitionLine.Match(text)
}

var definitionLine = regexp.MustCompile(`\n:[ \t]`)

// readForeign reads alerts and titles of fences, and warns of what is shown as it is.
func (s *source) readForeign(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Blockquote:
			s.readAlert(c)
		case *ast.FencedCodeBlock:
			s.readFence(c)
		case *ast.CodeBlock, *ast.HTMLBlock:
		default:
			if c.Type() == ast.TypeBlock && c.Lines() != nil && c.Lines().Len() > 0 {
				s.readLines(c)
				s.noteStars(c)
			}
		}
		if c.Type() == ast.TypeBlock {
			s.readForeign(c)
		}
	}
}

// readAlert shows the mark of GitHub's alerts as GitHub does.
func (s *source) readAlert(quote *ast.Blockquote) {
	if kind, ok := quote.AttributeString(untitled); ok {
		quote.RemoveAttributes()
		if kind == "" {
			return
		}
		p := titled(kind.(string))
		if first := quote.FirstChild(); first != nil {
			quote.InsertBefore(quote, first, p)
		} else {
			quote.AppendChild(quote, p)
		}
		return
	}
	p, ok := quote.FirstChild().(*ast.Paragraph)
	if !ok || p.Lines().Len() == 0 {
		return
	}
	first := p.Lines().At(0)
	m := alertLine.FindSubmatch(bytes.TrimRight(first.Value(s.text), " \t\r\n"))
	if m == nil {
		return
	}
	for c := p.FirstChild(); c != nil; c = p.FirstChild() {
		t, ok := c.(*ast.Text)
		if !ok || t.Segment.Start >= first.Stop {
			break
		}
		p.RemoveChild(p, c)
	}
	quote.InsertBefore(quote, p, titled(keyword(string(m[1]))))
	if p.FirstChild() == nil {
		quote.RemoveChild(quote, p)
	}
}

// readFence shows the title of a fence, which is text, and warns of a directive.
func (s *source) readFence(code *ast.FencedCodeBlock) {
	if code.Info == nil {
		return
	}
	m := fenceLine.FindSubmatch(code.Info.Segment.Value(s.text))
	if m == nil {
		return
	}
	s.foreign(s.line(code.Info.Segment.Start), "{"+string(m[1])+"}", "is a directive of another generator; what it holds is shown as code")
	if len(m[2]) > 0 {
		code.Parent().InsertBefore(code.Parent(), code, titled(string(m[2])))
	}
}

// lineSyntax is syntax that lines begin with, by their first bytes.
var lineSyntax = []struct {
	first string
	re    *regexp.Regexp
	is    string
}{
	{"[{", regexp.MustCompile(`^(\[\[?_?(?i:toc)_?\]?\]|\{\{?(?i:toc)\}?\})[ \t]*$`), "is a table of contents of another generator, and is shown as it is"},
	{"(", regexp.MustCompile(`^\([\pL\pN_-]+\)=[ \t]*$`), "is a label of another generator, and is shown as it is"},
	{"ie", regexp.MustCompile(`^(import .+ from ['"].+['"];?|export (const|default|function) .*)$`), "is code of MDX, and is shown as it is"},
	{"#", regexp.MustCompile(`^#{1,6}[^#\s\d!].*`), "is not a heading without a space after the signs"},
	{":", regexp.MustCompile(`^:{3,}`), "is a mark of a directive that is not read here, and is shown as it is"},
	{"-;=/", regexp.MustCompile(`^(;?--8<--|===[!+]? "|/{3,} *(\pL|$))`), "is a mark of MkDocs that is not read here, and is shown as it is"},
	{".", regexp.MustCompile(`^\.\. [\pL-]+::`), "is a directive of reStructuredText, and is shown as it is"},
	{"*", regexp.MustCompile(`^\*\[[^\]]+\]:[^*]*$`), "is an abbreviation of another generator, and is shown as it is"},
}

var (
	// braces are attribute lists that are not read here, and roles of MyST.
	braces = regexp.MustCompile("\\{[.#!][^{}\\s][^{}\n]*\\}|\\{[\\pL_-]+=[^{}\n]*\\}|\\{[a-z][a-z:+-]*\\}`")
	// shortcode is an emoji by its name.
	shortcode = regexp.MustCompile(`(?:^|\s)(:(?:[a-z][a-z0-9_+-]*|[+-]1):)(?:\s|$)`)
	// looseStar is emphasis that closes between punctuation and a letter, and looseBars
	// what closes within a word: CommonMark takes neither.
	looseStar = regexp.MustCompile(`(?:^|[\s(])(\*)[^\s*][^*]*[.,:;!?)\]]\*[\pL\pN]`)
	looseBars = regexp.MustCompile(`(?:^|[\s(])(__)[^\s_][^_]*[^\s_]__[\pL\pN]`)
)

const notTaken = "is not taken for emphasis here, and is shown: put a space or no punctuation beside it"

// readLines warns of lines that other generators would not show as they are.
func (s *source) readLines(block ast.Node) {
	for i := range block.Lines().Len() {
		segment := block.Lines().At(i)
		line := bytes.TrimSpace(segment.Value(s.text))
		if len(line) == 0 {
			continue
		}
		for _, l := range lineSyntax {
			if strings.IndexByte(l.first, line[0]) >= 0 && l.re.Match(line) {
				s.foreign(s.line(segment.Start), string(line), l.is)
				break
			}
		}
		if bytes.IndexByte(line, '{') >= 0 {
			s.foreignWithin(block, segment, braces, 0, "is not read here, and is shown as it is")
		}
		if line[0] == ':' || bytes.Contains(line, []byte(" :")) {
			s.foreignWithin(block, segment, shortcode, 1, "is the name of a character, and is shown as it is")
		}
		if bytes.Contains(line, []byte("__")) {
			s.foreignWithin(block, segment, looseBars, 1, notTaken)
		}
		if bytes.Count(line, []byte("*")) > 1 {
			s.foreignWithin(block, segment, looseStar, 1, notTaken)
		}
	}
}

// foreignWithin warns of the first match of a group in a line that is not in code.
func (s *source) foreignWithin(block ast.Node, line text.Segment, re *regexp.Regexp, group int, is string) {
	m := re.FindSubmatchIndex(line.Value(s.text))
	if m == nil {
		return
	}
	at := line.Start + m[2*group]
	what := string(s.text[at : line.Start+m[2*group+1]])
	if covers(codeSpans(block, nil), at+1) || at > 0 && (s.text[at-1] == '\\' || s.text[at-1] == '{') {
		return
	}
	s.foreign(s.line(at), strings.TrimSuffix(what, "`"), is)
}

// noteStars warns of emphasis that CommonMark does not take: its stars are shown.
func (s *source) noteStars(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			s.takeSpanAttributes(t)
			if t.SoftLineBreak() && s.wide(t) {
				t.SetSoftLineBreak(false)
			}
			if v := t.Segment.Value(s.text); bytes.Contains(v, []byte("**")) && (t.Segment.Start == 0 || s.text[t.Segment.Start-1] != '\\') && !bytes.Contains(v, []byte("\\*")) {
				s.foreign(s.line(t.Segment.Start), "**", notTaken)
			}
		} else if c.Kind() != ast.KindCodeSpan {
			s.noteStars(c)
		}
	}
}

// wide reports whether the line break after a text stands between two East Asian wide
// characters, where it is no space. goldmark's own option for this also joins lines
// at any punctuation (v1.8.7). Korean is written with spaces.
func (s *source) wide(t *ast.Text) bool {
	before := s.lastBefore(t)
	next := t.NextSibling()
	for next != nil && next.Kind() != ast.KindText && next.Type() == ast.TypeInline {
		next = next.FirstChild()
	}
	after, ok := next.(*ast.Text)
	if !ok {
		return false
	}
	r, _ := utf8.DecodeRune(after.Segment.Value(s.text))
	return isWide(before) && isWide(r)
}

// lastBefore is the last character up to the end of a text, which may be empty: behind
// emphasis, a link, or a reference, which shows nothing there.
func (s *source) lastBefore(t *ast.Text) rune {
	for n := ast.Node(t); n != nil; n = n.PreviousSibling() {
		last := n
		for last.LastChild() != nil {
			last = last.LastChild()
		}
		if t, ok := last.(*ast.Text); ok && !t.Segment.IsEmpty() {
			r, _ := utf8.DecodeLastRune(t.Segment.Value(s.text))
			return r
		} else if last.Kind() == ast.KindImage || last.Kind() == ast.KindAutoLink {
			return 0
		}
	}
	return 0
}

// isWide reports whether a character is East Asian and wide, in a script without spaces.
func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return (k == width.EastAsianWide || k == width.EastAsianFullwidth) && !unicode.Is(unicode.Hangul, r)
}

// isWidePunct reports whether a character is punctuation of East Asian sentences. The
// dot between parts of a name is none.
func isWidePunct(r rune) bool { return isWide(r) && unicode.IsPunct(r) && r != '・' }

// foreignHint is the hint of warnings of syntax of others.
const foreignHint = "write the words themselves, or put code between backticks"

// foreign warns of syntax of others.
func (s *source) foreign(line int, what, is string) {
	if len(what) > 60 {
		what = strings.ToValidUTF8(what[:60], "") + "…"
	}
	s.note(line, foreignHint, "%s %s", what, is)
}

// onceForeign leaves one of the warnings of syntax of others that are alike.
func onceForeign(notes []policy.Problem) []policy.Problem {
	if len(notes) < 2 {
		return notes
	}
	told := map[string]bool{}
	return slices.DeleteFunc(notes, func(n policy.Problem) bool {
		again := n.Hint == foreignHint && told[n.Message]
		told[n.Message] = true
		return again
	})
}

// attributeLists takes attribute lists of kramdown's, "{: #id .class}", off the lines
// of paragraphs that are nothing else. Their id is that of the paragraph, or of the
// heading, list or quotation that they follow.
type attributeLists struct{ source *source }

func (a attributeLists) Transform(p *ast.Paragraph, reader text.Reader, _ parser.Context) {
	lines := p.Lines()
	kept := text.NewSegments()
	id, ofList := "", false
	for i := range lines.Len() {
		line := lines.At(i)
		list := bytes.TrimRight(line.Value(reader.Source()), "\r\n")
		if !attributeLine.Match(list) {
			kept.Append(line)
			continue
		}
		items, _ := parseAttributes(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(list)), "{:"), "}"))
		for _, item := range items {
			if item.name == "id" && id == "" {
				id = authorID(item.value)
				ofList = line.Start == 0 || reader.Source()[line.Start-1] == '\n'
			}
		}
	}
	if kept.Len() == lines.Len() {
		return
	}
	if kept.Len() > 0 {
		last := kept.At(kept.Len() - 1)
		kept.Set(kept.Len()-1, last.TrimRightSpace(reader.Source()))
		p.SetLines(kept)
		var of ast.Node = p
		if item := p.Parent(); item.Kind() == ast.KindListItem {
			of = item
			if ofList {
				of = item.Parent()
			}
		}
		identify(of, id)
		return
	}
	identify(p.PreviousSibling(), id)
	p.Parent().RemoveChild(p.Parent(), p)
}

// identify gives a block an id, unless it has one.
func identify(block ast.Node, id string) {
	if block == nil || id == "" {
		return
	}
	if _, has := block.AttributeString("id"); !has {
		block.SetAttributeString("id", id)
	}
}

// takeSpanAttributes takes an attribute list off what a text follows: a link, emphasis,
// code or an image, as in "[a](b){:target="_blank"}".
func (s *source) takeSpanAttributes(t *ast.Text) {
	before := t.PreviousSibling()
	if before == nil || before.Kind() == ast.KindText || !bytes.HasPrefix(s.text[t.Segment.Start:], []byte("{:")) {
		return
	}
	line, _, _ := bytes.Cut(s.text[t.Segment.Start:], []byte("\n"))
	n := bytes.IndexByte(line, '}')
	if n < 0 {
		return
	}
	for end := t.Segment.Start + n + 1; t != nil && t.Segment.Start < end; {
		t.Segment = t.Segment.WithStart(min(end, t.Segment.Stop))
		t, _ = t.NextSibling().(*ast.Text)
	}
}
