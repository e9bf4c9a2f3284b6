package markdown

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// dump is a tree as text: kinds, and where links, tags and texts stand.
func dump(root ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			b.WriteByte(')')
			return ast.WalkContinue, nil
		}
		fmt.Fprintf(&b, "(%v", n.Kind())
		switch n := n.(type) {
		case *ast.Text:
			s, soft, hard := n.Segment, n.SoftLineBreak(), n.HardLineBreak()
			for { // where a text is cut is of no meaning
				next, ok := n.NextSibling().(*ast.Text)
				if !ok || soft || hard || next.Segment.Start != s.Stop {
					break
				}
				s.Stop, soft, hard = next.Segment.Stop, next.SoftLineBreak(), next.HardLineBreak()
				n.Parent().RemoveChild(n.Parent(), next)
			}
			fmt.Fprint(&b, s, soft, hard)
		case *ast.RawHTML:
			for i := range n.Segments.Len() {
				fmt.Fprint(&b, n.Segments.At(i))
			}
		case *ast.AutoLink:
			fmt.Fprintf(&b, "%d %s %s", n.Pos(), n.Protocol, n.Label(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// What is found faster is what goldmark finds.
func TestTagsAreGoldmarks(t *testing.T) {
	goldmarks := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.DefinitionList)).Parser()
	parts := []string{
		"a", "b ", " ", " ", "\n", "\n", "  \n", "\\\n", ":", "(", ")", "*", "**", "_", "~~", "|", "\n|-|-|\n", "|-|-|\n", "> ", "- ", "\t", "[", "](", "](r)", "!", "`", "\\", "&amp;", ".", ",", "-", "é",
		"<br>", "<BR>", "<br/>", "<br >", "</b>", "<b>", "</b >", "<b1>", "<1b>", "</1>", "<b-c>", "<b\nc>", "<", ">", "</", "<>", "</>", "<!-- x -->", "<b c=\"d>\">",
	}
	random := rand.New(rand.NewPCG(5, 6))
	r := New(Options{})
	found := map[string]int{}
	for range 20_000 {
		var b strings.Builder
		b.WriteString("a")
		for range random.IntN(14) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		source := []byte(b.String())
		r.source.reset(source, 1, maxWork)
		got := dump(r.parser.Parse(text.NewReader(source)), source)
		if len(r.source.notes) > 0 {
			continue // a long row of a table, whose text goldmark drops
		}
		if want := dump(goldmarks.Parse(text.NewReader(source)), source); got != want {
			if strings.Count(want, "(Table(") > strings.Count(got, "(Table(") {
				continue // one whose header is too short: none in GFM
			}
			t.Fatalf("%q is\n%s\nwant\n%s", source, got, want)
		}
		for _, kind := range []string{"RawHTML", "TableCell"} {
			found[kind] += strings.Count(got, kind)
		}
	}
	if found["TableCell"] < 100 || found["RawHTML"] < 5_000 {
		t.Errorf("%v: little is tested", found)
	}
}

func TestTextIsWrittenAsByGoldmark(t *testing.T) {
	parts := []string{"a", "words of ", " ", "\n", "é", "\\", "\\\\", "\\*", "\\ ", "\x00", "&", "&amp;", "&#x22;", "&#34;", "&eacute;", "&no;", "<", ">", "\"", "'", ";", "#"}
	random := rand.New(rand.NewPCG(3, 4))
	for range 10_000 {
		var source []byte
		for range random.IntN(8) {
			source = append(source, parts[random.IntN(len(parts))]...)
		}
		var got, want limitedBuffer
		got.reset(1000)
		want.reset(1000)
		textWriter{html.DefaultWriter}.Write(&got, source)
		html.DefaultWriter.Write(&want, source)
		if string(got.bytes) != string(want.bytes) {
			t.Fatalf("%q: got %q, want %q", source, got.bytes, want.bytes)
		}
	}
}
