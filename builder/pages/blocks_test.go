package pages

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// randomDocument has blocks of a few kinds, with few enough words for them to
// come again, and addresses for its links.
func randomDocument(random *rand.Rand) (*policy.Document, []Address) {
	doc := &policy.Document{}
	var html strings.Builder
	add := func(b policy.Block, start, inner, end string) policy.Block {
		b.Outer.Start = html.Len()
		html.WriteString(start)
		b.Inner.Start = html.Len()
		for rest := inner; ; {
			before, after, found := strings.Cut(rest, "@")
			html.WriteString(before)
			if !found {
				break
			}
			l := policy.Link{Target: "a b&c", Image: random.IntN(3) == 0, Alt: "d<e"}
			tag, name, close := "a", "href", "l</a>"
			if l.Image {
				tag, name, close = "img", "src", ""
			}
			l.Element.Start = html.Len()
			html.WriteString("<" + tag)
			l.Attr.Start = html.Len()
			html.WriteString(" " + name + `="a%20b&amp;c"`)
			l.Attr.End = html.Len()
			html.WriteString(">")
			l.Element.End = html.Len()
			html.WriteString(close)
			doc.Links = append(doc.Links, l)
			rest = after
		}
		b.Inner.End = html.Len()
		html.WriteString(end)
		b.Outer.End = html.Len()
		return b
	}
	for range 1 + random.IntN(8) {
		text := []string{"x", "@", "y @ @", ""}[random.IntN(4)]
		var b policy.Block
		switch random.IntN(6) {
		case 0:
			b = add(policy.Block{Kind: policy.Heading, Level: 2, ID: "i&j", Text: "x"}, `<h2 id="i&amp;j">`, text, "</h2>")
		case 1:
			b = add(policy.Block{Kind: policy.Table}, "<table>", text, "</table>")
		case 2:
			b = add(policy.Block{Kind: policy.Paragraph, Text: "z"}, "", "z "+text, "")
		case 3:
			b = policy.Block{Kind: policy.Quote}
			b.Outer.Start = html.Len()
			html.WriteString("<blockquote>")
			b.Inner.Start = html.Len()
			b.Children = []policy.Block{
				add(policy.Block{Kind: policy.Table}, "<table>", text, "</table>"),
				add(policy.Block{Kind: policy.Heading, Level: 3, ID: "k", Text: "K"}, `<h3 id="k">`, "K", "</h3>"),
			}
			b.Inner.End = html.Len()
			html.WriteString("</blockquote>")
			b.Outer.End = html.Len()
		default:
			b = add(policy.Block{Kind: policy.Paragraph, Text: "x"}, "<p>", text, "</p>")
		}
		doc.Blocks = append(doc.Blocks, b)
		html.WriteString([]string{"", "\n", "<br>"}[random.IntN(3)])
	}
	doc.HTML = html.String()
	addresses := make([]Address, len(doc.Links))
	for i := range addresses {
		addresses[i] = []Address{{}, {Href: "a b&c"}, {Href: "a%20b&amp;c"}, {URL: "/"}, {URL: "/a/"}, {URL: "/a/", Href: "#b"}, {Href: "#b"}}[random.IntN(7)]
	}
	return doc, addresses
}

// What was made for other texts makes no difference, and neither does where a
// text is cut.
func TestBlocksOfOtherTextsMakeNoDifference(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	made := 0
	minify := func(dst []byte, _ string, content []byte) ([]byte, error) {
		made++
		return append(dst, bytes.ReplaceAll(content, []byte("\n"), nil)...), nil
	}
	c, plain := New(Site{}, defaultTheme(t), minify), New(Site{}, defaultTheme(t), nil)
	var used, unmade Blocks
	runs := 0
	for i := range 20_000 {
		doc, addresses := randomDocument(random)
		got, err := c.NewText(doc, addresses, &used)
		if err != nil {
			t.Fatal(err)
		}
		before := made
		want, err := c.NewText(doc, addresses, &Blocks{})
		if err != nil {
			t.Fatal(err)
		}
		runs += made - before
		made = before
		if string(got.HTML) != string(want.HTML) || fmt.Sprint(got.Headings) != fmt.Sprint(want.Headings) {
			t.Fatalf("text %d, %s, %v:\n%s %v\nwant\n%s %v", i, doc.HTML, addresses, got.HTML, got.Headings, want.HTML, want.Headings)
		}
		whole := run{doc: doc, end: len(doc.HTML), blocks: doc.Blocks, links: doc.Links, addresses: addresses}
		headings, _ := unmade.write(&whole)
		got, err = plain.NewText(doc, addresses, &Blocks{})
		if err != nil {
			t.Fatal(err)
		}
		if string(got.HTML) != string(unmade.html) || len(got.Headings)+len(headings) > 0 && !reflect.DeepEqual(got.Headings, headings) {
			t.Fatalf("text %d in runs: %s %v\nwant\n%s %v", i, got.HTML, got.Headings, unmade.html, headings)
		}
	}
	if made == 0 || made > runs/2 {
		t.Errorf("%d of %d runs of blocks are made: little is kept", made, runs)
	}
}

func TestBlocksAreBounded(t *testing.T) {
	c := New(Site{}, defaultTheme(t), nil)
	var blocks Blocks
	for i := range 100 {
		html := fmt.Sprintf("<p>%d%s</p>", i, strings.Repeat(" word", 40_000))
		if _, err := c.NewText(&policy.Document{HTML: html}, nil, &blocks); err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, generation := range []map[string]*madeRun{blocks.young, blocks.old} {
			for _, m := range generation {
				size += len(m.key) + len(m.html)
			}
		}
		if size > mostBlocks+1<<20 {
			t.Fatalf("%d bytes are kept after %d texts, want no more than %d", size, i+1, mostBlocks)
		}
	}
}
