package markdown

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// atxHeading parses "## Title ## {#id}".
type atxHeading struct{ parser.BlockParser }

func (p atxHeading) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	node, state := p.BlockParser.Open(parent, reader, pc)
	if node != nil {
		takeAttributes(node, reader.Source(), true)
	}
	return node, state
}

// setextHeading parses titles underlined with === or ---.
type setextHeading struct{ parser.BlockParser }

func (p setextHeading) Close(node ast.Node, reader text.Reader, pc parser.Context) {
	p.BlockParser.Close(node, reader, pc)
	if node.Parent() != nil {
		takeAttributes(node, reader.Source(), false)
	}
}

// takeAttributes takes the attributes off the last line of a heading, if it ends
// in some. closing says that marks before them may close the heading.
func takeAttributes(heading ast.Node, source []byte, closing bool) {
	last := heading.Lines().Len() - 1
	if last < 0 {
		return
	}
	segment := heading.Lines().At(last)
	line := segment.Value(source)
	if len(line) == 0 || line[len(line)-1] != '}' {
		return
	}
	after, _, _ := bytes.Cut(source[segment.Stop:], []byte("\n"))
	if len(bytes.TrimLeft(after, " \t")) > 0 { // "## Title {#id} ##": not at the end
		return
	}
	open := bytes.LastIndexByte(line, '{')
	if open < 0 || isEscaped(line, open) {
		return
	}
	inner, kramdown := strings.CutPrefix(string(line[open+1:len(line)-1]), ":")
	attributes, ok := parseAttributes(inner)
	if !ok && !kramdown {
		return
	}
	for _, a := range attributes {
		name, value := strings.ToLower(a.name), a.value
		switch name {
		case "id":
			value = authorID(value)
		case "lang":
			if !validLang(value) {
				continue
			}
		case "dir":
			if value = strings.ToLower(value); !validDir(value) {
				continue
			}
		default:
			continue
		}
		if value != "" {
			heading.SetAttributeString(name, value)
		}
	}
	title := bytes.TrimRight(line[:open], " \t")
	if closing { // "## Title ## {#id}": the closing marks are now at the end
		if bare := bytes.TrimRight(title, "#"); len(bare) == 0 || bytes.HasSuffix(bare, []byte(" ")) || bytes.HasSuffix(bare, []byte("\t")) {
			title = bytes.TrimRight(bare, " \t")
		}
	}
	segment.Stop -= len(line) - len(title)
	heading.Lines().Set(last, segment)
}

// isEscaped reports whether an odd number of backslashes stands before an offset.
func isEscaped(line []byte, at int) bool {
	before := line[:at]
	return (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 1
}

// authorID is what an id that an author gave becomes: without the white space
// that HTML does not allow in it. It is "" when it is one of those of footnotes.
func authorID(id string) string {
	id = strings.Join(strings.Fields(id), "-")
	if strings.HasPrefix(id, footnotePrefix) || strings.HasPrefix(id, referencePrefix) {
		return ""
	}
	return id
}

// validLang reports whether s has only the characters of a language tag
// (RFC 5646).
func validLang(s string) bool {
	for _, c := range []byte(s) {
		if !isLetter(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return s != ""
}

func validDir(s string) bool { return s == "ltr" || s == "rtl" || s == "auto" }

// slug makes the id of a heading of its text, the way GitHub does, so that
// links within texts that were kept there go on working: lower case; letters,
// marks, digits, "_" and "-" stay, spaces become "-", all else is dropped.
// A heading without any of these is a "section".
func slug(title string) string {
	var b strings.Builder
	for _, r := range title {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	if strings.Trim(b.String(), "-") == "" {
		return "section"
	}
	return b.String()
}

// freeID is base, or base with the first number that makes it free. next holds
// the numbers to go on with.
func freeID(base string, taken func(string) bool, next map[string]int) string {
	if !taken(base) {
		return base
	}
	for n := next[base] + 1; ; n++ {
		if id := base + "-" + strconv.Itoa(n); !taken(id) {
			next[base] = n
			return id
		}
	}
}
