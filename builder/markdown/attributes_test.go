package markdown

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// What is an attribute, to the last character, is taken; all else is part of
// the title, in the text, the HTML and the id.
func TestHeadingAttributes(t *testing.T) {
	for _, c := range []struct{ source, tag, text string }{
		{"# A {#b}", `<h1 id="b">`, "A"},
		{"# A {#b}  ", `<h1 id="b">`, "A"},
		{"# A{#b}", `<h1 id="b">`, "A"},
		{"# A {  #b\t.c  }", `<h1 id="b">`, "A"},
		{"# A {#b .c lang=en}", `<h1 id="b" lang="en">`, "A"},
		{"# A {.c lang=\"pt-BR\" dir=RTL}", `<h1 id="a" lang="pt-BR" dir="rtl">`, "A"},
		{"# A {onclick=b style=\"c: d\" e=5}", `<h1 id="a">`, "A"},
		{"# A {lang=b_c dir=d id=\"\"}", `<h1 id="a">`, "A"},
		{"# A {#b-c_d:e.f}", `<h1 id="b-c_d:e.f">`, "A"},
		{"# A {#größe}", `<h1 id="größe">`, "A"},
		{"# A {#سياسة}", `<h1 id="سياسة">`, "A"},
		{"# A ## {#b}", `<h1 id="b">`, "A"},
		{"# A\t##\t{#b}", `<h1 id="b">`, "A"},
		{"# A# {#b}", `<h1 id="b">`, "A#"},
		{"# A {b {#c}", `<h1 id="c">`, "A {b"},
		{"# A \\\\{#b}", `<h1 id="b">`, `A \`},
		{"A\nB {#c}\n===", `<h1 id="c">`, "A B"},
		{"> A {#b}\n> ---", `<h2 id="b">`, "A"},

		{"# A {#!000}  ", `<h1 id="a-000">`, "A {#!000}"},
		{"# A {onck= }", `<h1 id="a-onck-">`, "A {onck= }"},
		{"# A {#b} ##", `<h1 id="a-b">`, "A {#b}"},
		{"# A {#b} c", `<h1 id="a-b-c">`, "A {#b} c"},
		{"# A \\{#b}", `<h1 id="a-b">`, "A {#b}"},
		{"# A \\\\\\{#b}", `<h1 id="a-b">`, `A \{#b}`},
		{"# A {}", `<h1 id="a-">`, "A {}"},
		{"# A { }", `<h1 id="a--">`, "A { }"},
		{"# A {#}", `<h1 id="a-">`, "A {#}"},
		{"# A {b}", `<h1 id="a-b">`, "A {b}"},
		{"# A {b c=d}", `<h1 id="a-b-cd">`, "A {b c=d}"},
		{"# A {#b c}", `<h1 id="a-b-c">`, "A {#b c}"},
		{"# A {#b#c}", `<h1 id="a-bc">`, "A {#b#c}"},
		{"# A {#b, .c}", `<h1 id="a-b-c">`, "A {#b, .c}"},
		{"# A {#b\u00a0c}", `<h1 id="a-b-c">`, "A {#b c}"},
		{"# A {b=}", `<h1 id="a-b">`, "A {b=}"},
		{"# A {b = c}", `<h1 id="a-b--c">`, "A {b = c}"},
		{"# A {1=b}", `<h1 id="a-1b">`, "A {1=b}"},
		{"# A {id=1b}", `<h1 id="a-id1b">`, "A {id=1b}"},
		{"# A {b=1234567890123456}", `<h1 id="a-b1234567890123456">`, "A {b=1234567890123456}"},
		{"# A {class=1}", `<h1 id="a-class1">`, "A {class=1}"},
		{"# A {class=true}", `<h1 id="a-classtrue">`, "A {class=true}"},
		{"# A {b='c'}", `<h1 id="a-bc">`, "A {b='c'}"},
		{"# A {b=\"c}", `<h1 id="a-bc">`, `A {b="c}`},
		{"# A {b=\"c\"d=e}", `<h1 id="a-bcde">`, `A {b="c"d=e}`},
		{"# A {b=c{#d}}", `<h1 id="a-bcd">`, "A {b=c{#d}}"},
		{"# A {{ b }}", `<h1 id="a--b-">`, "A {{ b }}"},
		{"A {#b}\nC\n---", `<h2 id="a-b-c">`, "A {#b} C"},
		{"A {#b}", `<p>`, "A {#b}"},
	} {
		doc := render(t, c.source+"\n")
		checkDocument(t, doc)
		checkSafe(t, doc)
		before, _, _ := strings.Cut(doc.Parts[0].HTML, "A")
		if tag := before[strings.LastIndexByte(before, '<'):]; tag != c.tag {
			t.Errorf("%q starts with %s, want %s", c.source, tag, c.tag)
		}
		if got := strings.TrimSuffix(doc.Text(""), "\n"); got != c.text {
			t.Errorf("%q has the text %q, want %q", c.source, got, c.text)
		}
		checkKept(t, New(Options{}), []byte(c.source), doc)
	}
}

// goldmark takes all that is taken here, and takes it for the same.
func TestAttributesAreGoldmarks(t *testing.T) {
	taken := 0
	compare := func(inner string) {
		all, ok := parseAttributes(inner)
		if !ok {
			return
		}
		taken++
		reader := text.NewReader([]byte("{" + inner + "}"))
		want, ok := parser.ParseAttributes(reader)
		if rest, _ := reader.PeekLine(); !ok || rest != nil {
			t.Fatalf("{%s} is %q, and goldmark leaves %q of it", inner, all, rest)
		}
		var got []nameValue // with the classes together, where the first stands, as goldmark has them
		for _, a := range all {
			if i := slices.IndexFunc(got, func(g nameValue) bool { return g.name == "class" }); a.name == "class" && i >= 0 {
				got[i].value += " " + a.value
				continue
			}
			got = append(got, a)
		}
		if len(got) != len(want) {
			t.Fatalf("{%s} is %q, want %q", inner, got, want)
		}
		for i, w := range want {
			// Numbers, true, false and null have types, there.
			if s, isText := w.Value.([]byte); got[i].name != string(w.Name) || isText && got[i].value != string(s) {
				t.Fatalf("{%s} is %q, want %q", inner, got, want)
			}
		}
	}
	const characters = "#.=\" \ta1-:,'\\{}!é"
	var all func(inner string, more int)
	all = func(inner string, more int) {
		compare(inner)
		if more > 0 {
			for _, c := range characters {
				all(inner+string(c), more-1)
			}
		}
	}
	all("", 4)
	parts := []string{"#", ".", "#a", ".b", "c=", "id=", "class=", "d", "e", "true", "null", "1", "23", "-", "\"", "\"f g\"", "\"\\", "\\", " ", " ", "  ", "\t", ",", "{", "}", "[", "]", "=", "é", "\u00a0", "\x00", "\v"}
	random := rand.New(rand.NewPCG(7, 8))
	for range 300_000 {
		var b strings.Builder
		for range random.IntN(10) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		compare(b.String())
	}
	if taken < 5_000 {
		t.Errorf("only %d are attributes: little is tested", taken)
	}
}

// A heading is one of goldmark's: with its attributes taken, or with all that
// it says; and the second where goldmark takes none. Nor does it matter what is
// around it.
func TestTitlesAreGoldmarks(t *testing.T) {
	extensions := goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.DefinitionList)
	taking := goldmark.New(extensions, goldmark.WithParserOptions(parser.WithAttribute())).Parser()
	keeping := goldmark.New(extensions).Parser()
	parts := []string{"a", "b ", " ", "{", "}", "{#c}", "{#c} ", "{#d .e}", "{f=g}", "{h= }", "{#!}", "{}", "{#", "\\", "\\\\", "#", " #", " ##", "\t##",
		"`", "*", "[i](j)", "\"", ",", "{k=\"l}\"}", "{m=1}", "\u00a0", "\t"}
	random := rand.New(rand.NewPCG(9, 10))
	r, used, plain := New(Options{}), New(Options{}), New(Options{})
	took, kept := 0, 0
	for range 8_000 {
		var b strings.Builder
		for range random.IntN(9) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		title := b.String()
		for _, source := range []string{"# " + title + "\n", "A " + title + "\n===\n", "> A\n> " + title + "\n> ---\n", "- ## " + title + "\n\n# A\n"} {
			tree := func(p parser.Parser) string {
				return dump(p.Parse(text.NewReader([]byte(source))), []byte(source))
			}
			r.source.reset([]byte(source), 1, maxWork)
			got, whole, bare := tree(r.parser), tree(keeping), tree(taking)
			switch {
			case got == whole:
				kept++
			case got == bare:
				took++
			default:
				t.Fatalf("%q is\n%s\nwant\n%s\nor\n%s", source, got, whole, bare)
			}
			checkJoin(t, used, plain, fmt.Sprintf("%q", source), []byte(source), 1)
		}
	}
	if took < 2_000 || kept < 2_000 {
		t.Errorf("attributes taken from %d headings, not from %d: little is tested", took, kept)
	}
}
