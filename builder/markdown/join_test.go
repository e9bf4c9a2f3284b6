package markdown

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// checkJoin fails the test unless a renderer that has seen other texts makes of
// a source what one without a memory makes of it in one go, errors included. It
// reports whether the document was joined of parts.
func checkJoin(t testing.TB, used, plain *Renderer, name string, source []byte, line int) bool {
	t.Helper()
	got, gotErr := used.Render(source, line)
	body, wantErr := check(source, line)
	var want *policy.Document
	if wantErr == nil {
		want, wantErr = plain.whole(body, line)
	}
	if !reflect.DeepEqual(gotErr, wantErr) {
		t.Fatalf("%s: error %v, want %v", name, gotErr, wantErr)
	}
	if wantErr == nil {
		if got, want = got.Whole(), want.Whole(); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: joined of parts, the document is another:\n%s", name, difference(got, want))
		}
	}
	return wantErr == nil && used.join(body, line) != nil
}

// difference is where two documents first differ.
func difference(got, want *policy.Document) string {
	g, w := reflect.ValueOf(*got), reflect.ValueOf(*want)
	for i := range g.NumField() {
		if reflect.DeepEqual(g.Field(i).Interface(), w.Field(i).Interface()) {
			continue
		}
		a, b := fmt.Sprintf("%+v", g.Field(i)), fmt.Sprintf("%+v", w.Field(i))
		if g.Type().Field(i).Name == "Parts" {
			a, b = fmt.Sprintf("%+v", *got.Parts[0]), fmt.Sprintf("%+v", *want.Parts[0])
		}
		at := 0
		for at < min(len(a), len(b)) && a[at] == b[at] {
			at++
		}
		at = max(0, at-200)
		return fmt.Sprintf("%s …%.600s\nwant …%.600s", g.Type().Field(i).Name, a[min(at, len(a)):], b[min(at, len(b)):])
	}
	return "nowhere"
}

// around are parts that change what stands before or after them, if anything
// does: with each other, and with sources, they make up texts.
var around = []string{
	"# A\n", "# A {#a}\n", "# A\n\n# A 1\n", "# B {#a-1 lang=en}\n\nC {#c}\n---\n", "#\n", "# A\n# A\n", "# A {#a}\n# A {#a}\n", "# A {id=\"b&c\"}\n# A {id=\"b&c\"}\n", "# A {id=\"b&c-1\"}\n", "# A {#b&c}\n# A {#a lang=}\n", "# <A> & \"B\"\n",
	"# A [b](c) ![d](e) {#f}\n", "> # A\n>\n> b\n", "- # A [b](c)\n\n  # A\n",
	"```\na\n\nb\n", "```\na\n\nb\n```\n", "~~~\n\n\n```\n\n~~~\n", "- a\n  ```\n  b\n\nc\n", "   ```\n\nb\n   ```\n", "> ```\n> a\n\nb\n", "```\n", "```\n\n```\n\na\n",
	"<!-- a\n\nb -->\n", "<!-- a\n\nb\n", "<!-- a -->\n\nb\n", "<!--> a\n\nb\n", "<?a\n\nb?>\n", "<!A\n\nb>\n", "<![CDATA[\n\na\n\n]]>\n", "<script>\n\na\n\n</script>\n", "<style>\n\na\n",
	"<textarea>\n\na\n", "<foo>\n\na\n\n</foo>\n", "<br>\n", "<br>\n\n<br>\n", "<br> a\n", "a <!-- b\n\nc -->\n", "a <foo>b</foo>\n", "<foo>\n",
	"<b>\n", "</b>\n", "<div>\n\na\n", "</div>\n", "a <b>c\n", "a </b> c\n", "<table><tr><td>\n",
	"[a]\n\n[a]: b\n", "[a]: b\n", "[a][a] ![a]\n", "a[^1]\n", "[^1]: b\n", "[^1]: b\n\n    c\n", "[^1]\n", "[a]:\n\nb\n",
	"- a\n\n- b\n", "- a\n\n\n\n- b\n", "-\n\n  a\n", "-\n\na\n", "1. a\n", "1) a\n", "2. a\n\n3. b\n", "1.1 a\n\n1.2 b\n", "1234567890. a\n", "* a\n\n    b\n", "**a** b\n\n*c*\n", "- - -\n", "---\n", "***\n", "- a\n- - -\n",
	"+\n", "-\ta\n\n\tb\n", "    a\n\n    b\n", "\ta\n\n\n\tb\nc\n", " a\n\n b\n", "  \na\n \t\nb\n", "\n\n\n", "a\n\n\n\nb", "- a\nb\n\n  c\n\nd\n",
	"> a\nb\n\nc\n", "> a\n\n> b\n", ">\n\na\n", "- > a\n\n  > b\n\nc\n",
	"|a|b|\n|-|-|\n|c|d|e|\n", "|a|\n|-|\n\n|b|\n", "|a|\n\n|-|\n|b|\n", "a | b\n- | -\n\nc | d\n", "|`a\\|b`|\n|-|\n",
	"===\n", "a\n\n===\n", "a\n\n---\n", "a\n---\n", "a  \n\nb\\\n\nc\\\n", "*a\n\nb*\n", "[a\n\nb](c)\n", "`a\n\nb`\n", "![a\n\n](b)\n", "~~a\n\nb~~\n",
	"{{ a }}\n", "{{ a\n\n}}\n", "`{{ a }}` {% b %}\n", "[a](javascript:b)\n", "[a](b)\n![c](d)\n\n<https://e.f>\n", "http://a.b c@d.e www.f.g\n", "(a) b\n(b) c\n", "a\u00a0\u2003\nb\r\n\r\nc\n", "\u2028\n\na\n", "\f\n\na\n", "a\n\f\nb\n",
	"- [ ] a\n- [x] b\n", "\\\n\n\\- a\n", "&nbsp;\n\n&amp\n", "سياسة\n\n# سياسة\n",
}

func TestPartsMakeTheSameDocument(t *testing.T) {
	all := slices.Concat(sources, around)
	for name, opt := range map[string]Options{"sanitized": {}, "trusted": {Trusted: true}} {
		t.Run(name, func(t *testing.T) {
			r, plain := New(opt), New(opt)
			joined, count := 0, 0
			check := func(source string) {
				count++
				if checkJoin(t, r, plain, fmt.Sprintf("%q", source), []byte(source), 3) {
					joined++
				}
			}
			for i, a := range all {
				for k, b := range all {
					if opt.Trusted && (i+k)%7 > 0 {
						continue
					}
					check(a + "\n" + b)
					if (i+k)%5 == 0 { // b is not the last part, and is known
						check(b + "\n\n# A\n\n" + a + "\n" + b)
					}
				}
			}
			if joined < count/4 {
				t.Errorf("only %d of %d texts are joined: little is tested", joined, count)
			}
		})
	}
}

// What a text is refused for is counted over all its parts.
func TestLimitsAreThoseOfTheWholeText(t *testing.T) {
	repeat := strings.Repeat
	r, plain := New(Options{}), New(Options{})
	table := repeat("|a", 100) + "\n" + repeat("|-", 100) + "\n" + repeat(repeat("|b", 100)+"\n", 98) + "\n"
	for _, c := range []struct{ name, source, want string }{
		{"headings", repeat("# a\n\n", maxHeadings+1), "more than 25000 headings"},
		{"cells", repeat(table, 21), "more than 200000 table cells at line 2022"},
		{"work", repeat(repeat("*a_ ", 5_000)+"\n\n", 20), "takes too long: too much mark-up that is never closed at line 13"},
		{"work of references", repeat("[a\n", 20_000) + "\n" + repeat("[a\n", 20_000) + "\n" + repeat("[b\n", 40_000), "takes too long: too much mark-up that is never closed at line 40003"},
		{"nesting", repeat("> ", 60) + "a\n\n" + repeat("> ", 101) + "a\n", "nested deeper than 100 levels at line 3"},
		{"nesting of what is only then closed", repeat("- ", 60) + "a\n\n" + repeat("> ", 60) + "a\n", "nested deeper than 100 levels at line 3"},
		{"size", repeat("a\n\n", 1<<20), "is larger than 2 MiB"},
		{"encoding", repeat("a\n\n", 100) + "\xff\n", "is not valid UTF-8 at line 201, byte 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := r.Render([]byte(c.source), 1); err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	for name, source := range map[string]string{
		"headings": repeat("# a\n\n", maxHeadings), "cells": repeat(table, 20), "nesting": repeat("> ", 60) + "a\n\n" + repeat("> ", 60) + "a\n",
	} {
		if !checkJoin(t, r, plain, name, []byte(source), 1) {
			t.Errorf("%s: not joined of parts", name)
		}
	}
}

// edit changes some lines of a text the way authors and bad merges do.
func edit(random *rand.Rand, lines []string) []string {
	at := random.IntN(len(lines) + 1)
	n := min(1+random.IntN(4), len(lines)-at)
	switch random.IntN(8) {
	case 0, 1, 2:
		part := around[random.IntN(len(around))]
		if random.IntN(3) > 0 { // what makes the whole text be rendered at once does not pile up
			part = "## " + string(rune('a'+random.IntN(3))) + "\n\nb *c* [d](e)\n"
		}
		return slices.Insert(lines, at, slices.Collect(strings.Lines(part+"\n"))...)
	case 3:
		return slices.Insert(lines, at, "\n")
	case 4, 5:
		return slices.Delete(lines, at, at+n)
	case 6:
		return slices.Insert(lines, at, slices.Clone(lines[at:at+n])...)
	}
	moved := slices.Clone(lines[at : at+n])
	lines = slices.Delete(lines, at, at+n)
	return slices.Insert(lines, random.IntN(len(lines)+1), moved...)
}

func TestEditsMakeTheSameDocument(t *testing.T) {
	const edits = 2_500
	random := rand.New(rand.NewPCG(3, 4))
	used, plain := New(Options{}), New(Options{})
	trusted, plainTrusted := New(Options{Trusted: true}), New(Options{Trusted: true})
	start := slices.Collect(strings.Lines(string(synthetic[:len(synthetic)/50])))
	lines := start
	joined := 0
	for i := range edits {
		if i%50 == 0 {
			lines = slices.Clone(start)
		}
		lines = edit(random, lines)
		source := retarget(random, []byte(strings.Join(lines, "")))
		if checkJoin(t, used, plain, fmt.Sprintf("edit %d, %q", i, source), source, 1+random.IntN(9)) {
			joined++
		}
		if i%10 == 0 {
			checkJoin(t, trusted, plainTrusted, fmt.Sprintf("edit %d, trusted, %q", i, source), source, 1)
		}
	}
	if joined < edits/3 {
		t.Errorf("only %d of %d texts are joined: little is tested", joined, edits)
	}
}

func FuzzJoin(f *testing.F) {
	for i, source := range slices.Concat(sources, around) {
		f.Add([]byte(source), uint64(i))
	}
	used, plain := New(Options{}), New(Options{})
	f.Fuzz(func(t *testing.T, source []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		for i := range 8 {
			checkJoin(t, used, plain, fmt.Sprintf("%d: %q", i, source), source, 1)
			source = retarget(random, source)
			checkJoin(t, used, plain, fmt.Sprintf("%d, other targets: %q", i, source), source, 1)
			source = []byte(strings.Join(edit(random, slices.Collect(strings.Lines(string(source)))), ""))
		}
	})
}

// What a renderer keeps is never changed by, or through, a document.
func TestDocumentsStayAsTheyAre(t *testing.T) {
	r := New(Options{})
	source := func(i int) []byte {
		return []byte(strings.Repeat("# A\n\n", i%7) + "- [a](b)\n\n  # A\n\nc\n" + strings.Repeat("\n# A [d](e)\n", i%5))
	}
	var docs []*policy.Document
	for i := range 70 {
		doc, err := r.Render(source(i), 1)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc)
	}
	for i, doc := range docs {
		whole := doc.Whole()
		want, err := New(Options{}).whole(source(i), 1)
		if err != nil {
			t.Fatal(err)
		}
		if want = want.Whole(); !reflect.DeepEqual(whole, want) {
			t.Errorf("text %d is another after later ones were rendered: %s", i, difference(whole, want))
		}
		var spoil func(blocks []policy.Block)
		spoil = func(blocks []policy.Block) {
			for i := range blocks {
				spoil(blocks[i].Children)
				blocks[i] = policy.Block{}
			}
		}
		spoil(whole.Parts[0].Blocks)
		clear(whole.Links)
		clear(doc.Links)
		clear(doc.Parts)
	}
	for i := range docs {
		checkJoin(t, r, New(Options{}), fmt.Sprint(i), source(i), 1)
	}
}

// Versions share the parts that they have in common, whatever stands before them,
// and those whose headings have numbers.
func TestVersionsShareParts(t *testing.T) {
	r := New(Options{})
	render := func(source string) []*policy.Part {
		doc, err := r.Render([]byte(source), 1)
		if err != nil {
			t.Fatal(err)
		}
		return doc.Parts
	}
	old := render("a\n\n# B\n\n[c](https://d/eee)\n\n# B\n\nf\n")
	new := render("A\n\n# B\n\n[c](https://d/EEE)\n\n# B\n\nf\n")
	if len(old) != 5 || len(new) != 5 {
		t.Fatalf("%d and %d parts", len(old), len(new))
	}
	for i, want := range []bool{false, true, false, true, true} {
		if shared := old[i] == new[i]; shared != want {
			t.Errorf("part %d, %q, shared: %v", i, new[i].HTML, shared)
		}
	}
}

func TestMemoryOfARendererIsBounded(t *testing.T) {
	r := New(Options{})
	paragraph := strings.Repeat("word ", 40)
	for i := range 12 {
		var source bytes.Buffer
		for n := range 3_000 {
			fmt.Fprintf(&source, "%d %d %s\n\n", i, n, paragraph)
		}
		if _, err := r.Render(source.Bytes(), 1); err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, generation := range []map[string]*piece{r.memo.young, r.memo.old} {
			for _, p := range generation {
				size += p.size()
			}
		}
		if size > memoLimit+2<<20 {
			t.Fatalf("%d bytes are kept after %d texts, want no more than %d", size, i+1, memoLimit)
		}
	}
}

var everyText = flag.Bool("every-text", false, "check the parts of every text of the corpora, not of a sample")

func TestPartsOfRealHistory(t *testing.T) {
	for _, c := range []struct {
		name           string
		every, joining int // of ten texts, how many are joined of parts
	}{{"basecamp-policies", 1, 7}, {"pga-versions", 80, 9}} {
		t.Run(c.name, func(t *testing.T) {
			r, plain := New(Options{}), New(Options{})
			count, joined := 0, 0
			// Four texts in a row, so that there is something to be reused.
			pick := func(n int) bool { return *everyText || n%(4*c.every) < 4 }
			history(t, c.name, pick, func(path string, source []byte) {
				_, body, line, _ := policy.ParseSource(source)
				if body == nil {
					return
				}
				count++
				if checkJoin(t, r, plain, path, body, line) {
					joined++
				}
			})
			t.Logf("%d of %d texts are joined of parts", joined, count)
			if count < 20 || joined < count*c.joining/10 {
				t.Errorf("%d of %d texts are joined of parts, want more", joined, count)
			}
		})
	}
	t.Run("texts beside the checkout", func(t *testing.T) {
		files, err := filepath.Glob("../../../shared/seeds/*.txt")
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Skip("there are no texts beside the checkout")
		}
		r, plain := New(Options{}), New(Options{})
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkJoin(t, r, plain, file, source, 1)
			checkJoin(t, r, plain, file, bytes.ToUpper(source), 1)
		}
	})
}
