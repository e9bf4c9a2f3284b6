package markdown_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/policysite/policysite/builder/markdown"
)

// example is one of a specification: what is written, and what it is to become.
type example struct {
	name     string // "CommonMark 12", "GFM 198"
	Markdown string
	HTML     string
	Example  int
}

// examples are those of CommonMark, which come with goldmark, and those of GFM's
// extensions.
func examples(t *testing.T) (out []example) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	for i := range out {
		out[i].name = fmt.Sprint("CommonMark ", out[i].Example)
	}
	data, err = os.ReadFile("testdata/gfm-spec.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?ms)^`{32} example \\w+ (\\d+)\n(.*?)^\\.\n(.*?)^`{32}$").FindAllStringSubmatch(string(data), -1) {
		out = append(out, example{name: "GFM " + m[1], Markdown: m[2], HTML: m[3]})
	}
	if len(out) < 650+24 {
		t.Fatalf("only %d examples", len(out))
	}
	return out
}

// outline is the elements of HTML, with the attributes that change what they mean; text
// is what they hold.
func outline(t *testing.T, source string) (elements, text string) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatal(err)
	}
	var shape, words strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			words.WriteString(n.Data)
			return
		case n.Type != html.ElementNode:
			return
		case n.Data == "script" || n.Data == "style":
			fmt.Fprintf(&shape, "<%s>", n.Data)
			return
		}
		fmt.Fprintf(&shape, "<%s", n.Data)
		for _, a := range n.Attr {
			switch a.Key {
			case "start", "value", "href", "src", "title", "alt", "checked":
				fmt.Fprintf(&shape, " %s=%s", a.Key, a.Val)
			}
			if a.Key == "alt" {
				words.WriteString(a.Val)
			}
		}
		shape.WriteString(">")
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		fmt.Fprintf(&shape, "</%s>", n.Data)
		words.WriteString(" ")
	}
	for _, n := range nodes {
		walk(n)
	}
	return shape.String(), words.String()
}

// others are the examples whose elements are others here, by why.
var others = map[string]string{
	"a tag that HTML does not define is text, so that no placeholder is lost":             "CommonMark 150 163 201 491 524 536 613 614 615 617",
	"<del> is what redlines are made of, so struck text is <s>, within its blocks":        "CommonMark 166 167 168 GFM 491",
	"what has a function is removed, and of its words those of a reader stay":             "CommonMark 170 171 172 173 176 178",
	"a target keeps the letters that its author wrote; what no address has is encoded":    "CommonMark 21 32 33 206 344 503 507 631 642 643",
	"an image without an alternative text says so":                                        "CommonMark 475",
	"a target has no scheme but http, https, mailto and tel":                              "CommonMark 596 598 599 601 GFM 628",
	"addresses without brackets are links, as in GFM":                                     "CommonMark 602 608 611 612",
	"an address without a scheme is one of https":                                         "GFM 621 622 623 624 625 626 627",
	"raw HTML is made well-formed: what a block opens it does not close in the next ones": "GFM 653",
}

func TestExamplesOfTheSpecifications(t *testing.T) {
	listed := map[string]bool{}
	for why, names := range others {
		spec := ""
		for _, w := range strings.Fields(names) {
			if w[0] > '9' {
				spec = w
			} else {
				listed[spec+" "+w] = why != ""
			}
		}
	}
	for _, e := range examples(t) {
		doc, err := markdown.New(markdown.Options{}).Render([]byte(e.Markdown), 1)
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		page := ""
		for _, p := range doc.Parts {
			page += p.HTML
		}
		want, words := outline(t, e.HTML)
		have, _ := outline(t, page)
		rest := letters(doc.Text(""))
		for _, w := range strings.Fields(words) {
			_, after, found := strings.Cut(rest, letters(w))
			if !found {
				t.Errorf("%s: %q is not in the text %q of %q", e.name, w, doc.Text(""), e.Markdown)
				break
			}
			rest = after
		}
		if have == want && listed[e.name] {
			t.Errorf("%s is no longer another: take it off the list", e.name)
		}
		if have != want && !listed[e.name] {
			t.Errorf("%s: %q\nhave %s\nwant %s", e.name, e.Markdown, have, want)
		}
	}
}

// letters are those of a text, and its digits.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.M, unicode.N) {
			return r
		}
		return -1
	}, s)
}
