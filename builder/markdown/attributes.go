package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Headings may end in attributes, "## Your rights {#rights lang=en}", of which
// id, lang and dir are kept:
//
//	attributes = "{" [space] item {space item} [space] "}"
//	item       = "#" word | "." word | name "=" value
//	value      = name | digits | `"` any but `"`, "\\" and "{" `"`
//	digits     = 1 to 15 of them
//	word       = letters, digits, "_", "-", ":", ".", and what is not ASCII, but for white space
//	name       = a letter, "_" or ":", then letters, digits, "_", "-", ":", "."
//
// They stand at the end of the last line; only the closing marks of "## A ##"
// may stand before them, and nothing may follow. Whatever is not of this form,
// to the last character, is part of the title: better a brace too many on the
// page than a word too few.
//
// Without quotation marks, the value of class is neither digits nor true, false
// or null, which have other types for goldmark. Whatever is of this form,
// goldmark's parser.ParseAttributes takes, too. It also takes "{}", "{#}",
// commas, lists, braces within braces, and items with nothing between them. It
// is not asked, for goldmark's headings panic on {id=1} and are quadratic for
// "{a={a={a=".

type nameValue struct{ name, value string }

// parseAttributes reads what stands between the braces. ok is false when any of
// it is not of the form above.
func parseAttributes(s string) (out []nameValue, ok bool) {
	for s = strings.TrimLeft(s, " \t"); s != ""; {
		a, n := parseItem(s)
		if n == 0 {
			return nil, false
		}
		after := strings.TrimLeft(s[n:], " \t")
		if after != "" && len(after) == len(s)-n {
			return nil, false
		}
		out = append(out, a)
		s = after
	}
	return out, len(out) > 0
}

// parseItem reads the first item of s, and how many bytes it has; 0 when there
// is none.
func parseItem(s string) (a nameValue, n int) {
	if s[0] == '#' || s[0] == '.' {
		n = runOf(s[1:], isWordByte)
		for _, r := range s[1 : 1+n] {
			if r >= utf8.RuneSelf && unicode.IsSpace(r) {
				return a, 0
			}
		}
		if n == 0 {
			return a, 0
		}
		a = nameValue{"class", s[1 : 1+n]}
		if s[0] == '#' {
			a.name = "id"
		}
		return a, 1 + n
	}
	n = nameLength(s)
	if n == 0 || n+1 >= len(s) || s[n] != '=' {
		return a, 0
	}
	a.name = s[:n]
	value := s[n+1:]
	if value[0] == '"' {
		end := strings.IndexAny(value[1:], `"\`)
		if end < 0 || value[1+end] != '"' {
			return a, 0
		}
		a.value = value[1 : 1+end]
		return a, n + 1 + len(`""`) + end
	}
	length := nameLength(value)
	word := length > 0 && value[:length] != "true" && value[:length] != "false" && value[:length] != "null"
	if length == 0 {
		length = runOf(value, isDigit)
	}
	if length == 0 || !word && (length > maxDigits || a.name == "class") {
		return a, 0
	}
	a.value = value[:length]
	return a, n + 1 + length
}

// maxDigits are few enough for goldmark, which makes a float64 of them.
const maxDigits = 15

// nameLength is how many bytes of a name s starts with.
func nameLength(s string) int {
	if s == "" || !isLetter(s[0]) && s[0] != '_' && s[0] != ':' {
		return 0
	}
	return runOf(s, func(c byte) bool { return c < utf8.RuneSelf && isWordByte(c) })
}

// runOf is how many bytes at the start of s are of a kind.
func runOf(s string, is func(byte) bool) int {
	n := 0
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '_' || c == '-' || c == ':' || c == '.' || c >= utf8.RuneSelf
}
