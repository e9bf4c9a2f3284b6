package importer_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/markdown"
)

func wordsOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

// Every word of a page is in its Markdown or in a passage that was removed, and
// the words that are kept stand in their order. Pages are made of all that
// pages are made of, each word in them being told from every other.
func TestEveryWordIsAccountedFor(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	n := 0
	word := func() string { n++; return fmt.Sprintf("w%d", n) }
	some := func(most int) string {
		var out []string
		for range 1 + random.IntN(most) {
			out = append(out, word())
		}
		return strings.Join(out, " ")
	}
	blocks := []string{"p", "div", "div class=menu", "div id=cookie-banner", "section", "article", "header", "footer", "nav", "aside", "h1", "h2", "h3", "blockquote",
		"ul", "ol", "ol type=a", "table", "pre", "form", "details", "dl", "address", "figure", "center", "button", "custom-tag", "main"}
	inlines := []string{"b", "i", "em", "strong", "a href=/x", "a href=#y", "span", "code", "sup", "u", "del", "font color=red", "label", "q", "a href=javascript:x()"}
	marks := []string{"*", "_", "[x](y)", "<", "&amp;", "1.", "#", "|", "`", "~~", "\\", "•", "- ", "§", "$", "!"}
	var inline func(depth int) string
	inline = func(depth int) string {
		switch k := random.IntN(8); {
		case k < 4 || depth == 0:
			return some(6)
		case k == 4:
			mark := marks[random.IntN(len(marks))]
			if mark == "[x](y)" || mark == "1." {
				mark = "[" + word() + "](" + word() + ")"
			}
			return strings.ReplaceAll(mark, "<", "&lt;") + word()
		case k == 5:
			return some(2) + "<br>" + some(2)
		default:
			tag := inlines[random.IntN(len(inlines))]
			name, _, _ := strings.Cut(tag, " ")
			return "<" + tag + ">" + inline(depth-1) + "</" + name + "> " + inline(depth-1)
		}
	}
	var block func(depth int) string
	block = func(depth int) string {
		tag := blocks[random.IntN(len(blocks))]
		name, _, _ := strings.Cut(tag, " ")
		var inner strings.Builder
		children := 1 + random.IntN(4)
		for range children {
			content := inline(2)
			if depth > 0 && random.IntN(2) == 0 {
				content = block(depth - 1)
			}
			switch name {
			case "ul", "ol":
				content = "<li>" + content + "</li>"
			case "table":
				content = "<tr><td>" + content + "</td><td>" + inline(1) + "</td></tr>"
			case "dl":
				content = "<dt>" + some(2) + "</dt><dd>" + content + "</dd>"
			case "details":
				content = "<summary>" + some(2) + "</summary>" + content
			}
			inner.WriteString(content + "\n")
		}
		return "<" + tag + ">" + inner.String() + "</" + name + ">\n"
	}
	render := markdown.New(markdown.Options{})
	imported, removed := 0, 0
	for i := range 400 {
		n = 0
		var page strings.Builder
		page.WriteString("<html><body>")
		for range 1 + random.IntN(8) {
			page.WriteString(block(3))
		}
		text, err := read(importer.Source{Name: "x.html", Data: []byte(page.String())})
		if err != nil {
			if strings.Contains(err.Error(), "has no text") {
				continue
			}
			t.Fatalf("page %d: %v\n%s", i, err, page.String())
		}
		imported++
		doc, err := render.Render(text.Markdown, 1)
		if err != nil {
			t.Fatal(err)
		}
		kept := wordsOf(doc.Text(""))
		all := slices.Clone(kept)
		for _, p := range text.Removed {
			removed += p.Words
			all = append(all, wordsOf(p.Text)...)
		}
		want := regexp.MustCompile(`w\d+`).FindAllString(page.String(), -1)
		place := map[string]int{}
		for k, w := range want {
			place[w] = k
		}
		seen := map[string]int{}
		for _, w := range all {
			seen[w]++
		}
		for _, w := range want {
			if seen[w] != 1 {
				t.Errorf("page %d: %s stands in %d places\n%s\n%s", i, w, seen[w], page.String(), text.Markdown)
				break
			}
		}
		for k := 1; k < len(kept); k++ {
			if place[kept[k]] < place[kept[k-1]] {
				t.Errorf("page %d: %s stands behind %s\n%s\n%s", i, kept[k], kept[k-1], page.String(), text.Markdown)
				break
			}
		}
	}
	if imported < 200 || removed < 1000 {
		t.Errorf("%d pages imported, %d words removed: too few to show anything", imported, removed)
	}
}

// Whatever a source is, it makes no panic, and no word goes unseen.
func FuzzRead(f *testing.F) {
	f.Add("x.html", page)
	f.Add("x.txt", extracted)
	f.Add("x.txt", "Title\n\n1. One\n2. Two\n\n• a\n  • b\n")
	f.Add("x.md", "---\ntitle: x\n---\n# A\n\n** b ** [c] (https://d)\n")
	f.Add("x", "<table><tr><td><ol type=i><li value=3>x</table>")
	f.Fuzz(func(t *testing.T, name, data string) {
		text, err := read(importer.Source{Name: name, Data: []byte(data)})
		if err != nil {
			return
		}
		words := text.Kept
		for _, p := range text.Removed {
			words += p.Words
		}
		if words != text.In {
			t.Errorf("%d words in the source, %d kept or removed", text.In, words)
		}
	})
}
