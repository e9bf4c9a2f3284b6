package builder

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// wordsOf returns what a page says in its element with data-policy-text: its
// text without what carries data-note, with a space for every run of white
// space, and with the words of images and the marks of struck text and of
// checkboxes. Where several elements carry it, the words are those of all.
func wordsOf(page []byte) (words string, elements int) {
	// Without scripts, what stands in noscript is parsed like everything else.
	root, err := html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return "", 0 // nested deeper than any page of ours
	}
	var b strings.Builder
	b.Grow(len(page) / 2)
	var visit func(n *html.Node, inside bool)
	visit = func(n *html.Node, inside bool) {
		switch {
		case n.Type == html.TextNode && inside:
			writeWords(&b, n.Data)
		case n.Type == html.ElementNode && !inside && hasAttribute(n, "data-policy-text"):
			inside = true
			elements++
		case n.Type == html.ElementNode && inside:
			if hasAttribute(n, "data-note") || isUnseen(n.Data) {
				return
			}
			mark := markOf(n)
			writeWords(&b, mark)
			if n.Data == "s" || n.Data == "del" || n.Data == "strike" {
				defer writeWords(&b, mark)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c, inside)
		}
		if n.Type == html.ElementNode && inside {
			writeWords(&b, " ")
		}
	}
	visit(root, false) // the parser nests no deeper than 512
	return b.String(), elements
}

// isUnseen tells of elements whose content is no text for readers, and which
// the minifier may have rewritten.
func isUnseen(element string) bool {
	switch element {
	case "script", "style", "template", "iframe", "noembed", "noframes":
		return true
	}
	return false
}

// markOf is what an element says that has no text for it.
func markOf(n *html.Node) string {
	switch n.Data {
	case "s", "del", "strike":
		return "~~"
	case "img":
		for _, a := range n.Attr {
			if a.Key == "alt" {
				return a.Val
			}
		}
	case "input":
		if hasAttribute(n, "checked") {
			return "[x]"
		}
		return "[ ]"
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return true
		}
	}
	return false
}

// writeWords writes s with a space for every run of white space.
func writeWords(b *strings.Builder, s string) {
	space := false
	for i, r := range s {
		switch {
		case unicode.IsSpace(r):
			if !space {
				b.WriteByte(' ')
			}
			space = true
		default:
			_, n := utf8.DecodeRuneInString(s[i:])
			b.WriteString(s[i : i+n])
			space = false
		}
	}
}

// compareWords compares what two pages say, wherever spaces stand. Where they
// differ it returns the words about the first difference.
func compareWords(want, have string) (wanted, found string, same bool) {
	i, j := 0, 0
	for {
		for i < len(want) && want[i] == ' ' {
			i++
		}
		for j < len(have) && have[j] == ' ' {
			j++
		}
		if i == len(want) || j == len(have) || want[i] != have[j] {
			break
		}
		i, j = i+1, j+1
	}
	if i == len(want) && j == len(have) {
		return "", "", true
	}
	return around(want, i), around(have, j), false
}

// around is what stands about a byte of s, from word to word.
func around(s string, at int) string {
	const before, after = 24, 40
	start, end := max(0, at-before), min(len(s), at+after)
	if start > 0 {
		start += max(0, strings.IndexByte(s[start:at], ' '))
	}
	if end < len(s) {
		end = max(at, start+strings.LastIndexByte(s[start:end], ' '))
	}
	out := strings.Join(strings.Fields(strings.ToValidUTF8(s[start:end], "")), " ")
	if start > 0 {
		out = "…" + out
	}
	if end < len(s) {
		out += "…"
	}
	return out
}
