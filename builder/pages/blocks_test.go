package pages

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// randomPart has blocks of a few kinds.
func randomPart(random *rand.Rand) *policy.Document {
	doc, part := &policy.Document{}, &policy.Part{}
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
	for range 1 + random.IntN(3) {
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
		part.Blocks = append(part.Blocks, b)
		html.WriteString([]string{"", "\n", "<br>"}[random.IntN(3)])
	}
	part.HTML, part.Links = html.String(), len(doc.Links)
	doc.Parts = []*policy.Part{part}
	return doc
}

// randomText is a text whose versions differ in little: each has the parts of the
// one before but for one, or another address for one link.
type randomText struct {
	parts     []*policy.Document
	addresses [][]Address
}

func (r *randomText) next(random *rand.Rand, parts []*policy.Document) (*policy.Document, []Address) {
	address := func() Address {
		return []Address{{}, {Href: "a b&c"}, {Href: "a%20b&amp;c"}, {URL: "/"}, {URL: "/a/"}, {URL: "/a/", Href: "#b"}, {Href: "#b"}}[random.IntN(7)]
	}
	if n := len(r.parts); n > 8 || n > 0 && random.IntN(3) == 0 {
		at := random.IntN(n)
		r.parts, r.addresses = slices.Delete(r.parts, at, at+1), slices.Delete(r.addresses, at, at+1)
	}
	p := parts[random.IntN(len(parts))]
	addresses := make([]Address, len(p.Links))
	for i := range addresses {
		addresses[i] = address()
	}
	at := random.IntN(len(r.parts) + 1)
	r.parts, r.addresses = slices.Insert(r.parts, at, p), slices.Insert(r.addresses, at, addresses)
	if list := r.addresses[random.IntN(len(r.addresses))]; len(list) > 0 {
		list[random.IntN(len(list))] = address()
	}
	doc := &policy.Document{}
	for _, p := range r.parts {
		doc.Parts, doc.Links = append(doc.Parts, p.Parts...), append(doc.Links, p.Links...)
	}
	return doc, slices.Concat(r.addresses...)
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
	var parts []*policy.Document
	for range 100 {
		parts = append(parts, randomPart(random))
	}
	var text randomText
	var used, unmade Blocks
	runs := 0
	for i := range 20_000 {
		doc, addresses := text.next(random, parts)
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
			t.Fatalf("text %d, %s, %v:\n%s %v\nwant\n%s %v", i, doc.Whole().Parts[0].HTML, addresses, got.HTML, got.Headings, want.HTML, want.Headings)
		}
		whole := doc.Whole()
		part := whole.Parts[0]
		headings, _ := unmade.write(&stretch{part, 0, len(part.HTML), part.Blocks, whole.Links, addresses, 0})
		got, err = plain.NewText(doc, addresses, &Blocks{})
		if err != nil {
			t.Fatal(err)
		}
		if string(got.HTML) != string(unmade.html) || len(got.Headings)+len(headings) > 0 && !reflect.DeepEqual(got.Headings, headings) {
			t.Fatalf("text %d in parts: %s %v\nwant\n%s %v", i, got.HTML, got.Headings, unmade.html, headings)
		}
	}
	if made == 0 || made > runs/2 {
		t.Errorf("%d of %d runs of blocks are made: little is kept", made, runs)
	}
}

func TestBlocksAreBounded(t *testing.T) {
	c := New(Site{}, defaultTheme(t), nil)
	var blocks Blocks
	for i := range 1000 {
		html := fmt.Sprintf("<p>%d%s</p>", i, strings.Repeat(" word", 100<<(i%10)))
		if _, err := c.NewText(&policy.Document{Parts: []*policy.Part{{HTML: html}}}, nil, &blocks); err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, generation := range []map[*policy.Part]*made{blocks.young, blocks.old} {
			for p, m := range generation {
				size += len(p.HTML) + len(m.html)
			}
		}
		if size > mostBlocks+1<<20 {
			t.Fatalf("%d bytes are kept after %d texts, want no more than %d", size, i+1, mostBlocks)
		}
	}
}
