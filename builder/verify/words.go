package verify

import (
	"bytes"
	"strings"

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
	var visit func(n *html.Node, inside bool)
	visit = func(n *html.Node, inside bool) {
		after := ""
		switch {
		case n.Type == html.TextNode && inside:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && !inside:
			if _, inside = attribute(n, "data-policy-text"); inside {
				elements++
				after = " "
			}
		case n.Type == html.ElementNode:
			if _, note := attribute(n, "data-note"); note {
				return
			}
			after = " "
			switch n.Data {
			case "script", "style", "template", "iframe", "noembed", "noframes":
				return // not text for readers, and the minifier may have rewritten it
			case "s", "del", "strike":
				b.WriteString("~~")
				after = "~~ "
			case "img":
				alt, _ := attribute(n, "alt")
				b.WriteString(alt)
			case "input":
				if _, checked := attribute(n, "checked"); checked {
					b.WriteString("[x]")
				} else {
					b.WriteString("[ ]")
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c, inside)
		}
		b.WriteString(after)
	}
	visit(root, false) // the parser nests no deeper than 512
	return strings.Join(strings.Fields(b.String()), " "), elements
}

func attribute(n *html.Node, name string) (value string, ok bool) {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val, true
		}
	}
	return "", false
}

// compareWords compares what two pages say, wherever spaces stand. Where they
// differ it returns the words about the first difference.
func compareWords(want, have string) (wanted, found string, same bool) {
	i, j := 0, 0
	for i < len(want) && j < len(have) {
		switch {
		case want[i] == have[j]:
			i, j = i+1, j+1
		case want[i] == ' ':
			i++
		case have[j] == ' ':
			j++
		default:
			return around(want, i), around(have, j), false
		}
	}
	return around(want, i), around(have, j), i == len(want) && j == len(have)
}

// around is what stands about a byte of s, from word to word.
func around(s string, at int) string {
	start, end := max(0, at-24), min(len(s), at+40)
	before, after := "", ""
	if start > 0 {
		before = "…"
		start += max(0, strings.IndexByte(s[start:at], ' '))
	}
	if end < len(s) {
		after = "…"
		if i := strings.LastIndexByte(s[at:end], ' '); i > 0 {
			end = at + i
		}
	}
	return before + strings.Join(strings.Fields(strings.ToValidUTF8(s[start:end], "")), " ") + after
}
