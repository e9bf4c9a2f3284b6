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

// Headings may end in attributes, "## Your rights {#rights lang=en}", of which
// id, lang and dir are kept. goldmark's own reading of them panics on {id=1}
// and is quadratic for "{a={a={a=", so it is not asked.

// atxHeading parses "## Title {#id} ##".
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

// takeAttributes takes the attributes off the last line of a heading. What is
// no list of attributes stays part of the title.
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
	open := bytes.LastIndexByte(line, '{')
	if open < 0 || open > 0 && line[open-1] == '\\' {
		return
	}
	attributes, ok := parseAttributes(string(line[open+1 : len(line)-1]))
	if !ok {
		return
	}
	for _, a := range attributes {
		switch {
		case a.name == "id" && a.value != "",
			a.name == "lang" && validLang(a.value),
			a.name == "dir" && validDir(a.value):
			heading.SetAttributeString(a.name, a.value)
		}
	}
	title := bytes.TrimRight(line[:open], " \t")
	if closing { // "## Title ## {#id}": the closing marks are now at the end
		if bare := bytes.TrimRight(title, "#"); len(bare) == 0 || bytes.HasSuffix(bare, []byte(" ")) {
			title = bytes.TrimRight(bare, " \t")
		}
	}
	segment.Stop -= len(line) - len(title)
	heading.Lines().Set(last, segment)
}

type nameValue struct{ name, value string }

// parseAttributes reads what stands between braces: "#id", ".class" and
// name=value, with or without quotation marks, separated by white space.
func parseAttributes(s string) (out []nameValue, ok bool) {
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" {
			return out, len(out) > 0
		}
		if s[0] == '#' || s[0] == '.' {
			word, after, _ := strings.Cut(s[1:], " ")
			if word == "" || strings.ContainsAny(word, `"'=<>{}`) {
				return nil, false
			}
			name := "id"
			if s[0] == '.' {
				name = "class"
			}
			out = append(out, nameValue{name, word})
			s = after
			continue
		}
		name, after, found := strings.Cut(s, "=")
		if !found || !validLang(name) || name[0] <= '9' || after == "" {
			return nil, false // names start with a letter: {1=2} is part of the title
		}
		var value string
		if after[0] == '"' || after[0] == '\'' {
			if value, s, found = strings.Cut(after[1:], after[:1]); !found {
				return nil, false
			}
		} else {
			value, s, _ = strings.Cut(after, " ")
		}
		out = append(out, nameValue{strings.ToLower(name), value})
	}
}

// validLang reports whether s has only the characters of a language tag
// (RFC 5646), which are also those of an attribute's name.
func validLang(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
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
