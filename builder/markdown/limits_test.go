package markdown

import (
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/cputime"
)

func TestLimits(t *testing.T) {
	repeat := strings.Repeat
	deepList := func() string {
		var b strings.Builder
		for i := range 200 {
			b.WriteString(repeat("  ", i) + "- a\n")
		}
		return b.String()
	}
	for _, c := range []struct{ name, source, want string }{
		{"quotes", repeat("> ", 1<<19), "nested deeper than 100 levels at line 1"},
		{"lists in one line", repeat("+ ", 1<<19), "nested deeper than 100 levels at line 1"},
		{"lists", deepList(), "nested deeper than 100 levels at line 101"},
		{"links", repeat("[a](", 40_000), "takes too long: too much mark-up that is never closed at line 1"},
		{"brackets", repeat("[", 40_000), "brackets nested deeper than 100 levels at line 1"},
		{"emphasis", repeat("*a **b ", 200) + repeat("b** a* ", 200), "mark-up nested deeper than 100 levels"},
		{"raw elements", repeat("<b>", 200) + "a\n", "mark-up nested deeper than 100 levels"},
		{"raw blocks", repeat("<div>", 200) + "a\n", "nested deeper than 100 levels"},
		{"columns", "a\n\n" + repeat("|a", 5000) + "\n" + repeat("|-", 5000) + "\n", "table with more than 100 columns at line 4"},
		{"cells", repeat("|a", 100) + "\n" + repeat("|-", 100) + "\n" + repeat("|\n", 2000), "more than 200000 table cells at line 2"},
		{"footnote references", "[^1]: a\n\n" + repeat("[^1]", 100_000), "makes more than 20 times its size in HTML"},
		{"delimiters", repeat("*a_ ", 50_000), "takes too long: too much mark-up that is never closed at line 1"},
		{"backticks", func() string {
			var b strings.Builder
			for i := 1; b.Len() < 1<<20; i++ {
				b.WriteString("a" + repeat("`", i))
			}
			return b.String()
		}(), "takes too long: too much mark-up that is never closed at line 1"},
		{"reopened elements", repeat("<b id=1><i><u>", 30) + repeat("<p>x</p>", 20_000), "raw HTML leaves too many elements open"},
		{"size", repeat("word ", 3<<20/5), "is larger than 2 MiB"},
		{"encoding", "a\nb\xff\n", "is not valid UTF-8 at line 2, byte 2"},
		{"UTF-16 without a mark", "a\x00b\x00 \x00c\x00", "is UTF-16, or not a text"},
		{"Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "is a Git LFS pointer, not the text itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := cputime.Used()
			doc, err := New(Options{}).Render([]byte(c.source), 1)
			if took := cputime.Used() - start; took > 3*cputime.Second() {
				t.Errorf("took %v of processor time", took)
			}
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if doc != nil {
				t.Error("there is a document beside the error")
			}
		})
	}
}

// A limit is for what no one writes: long and wide texts stay below it.
func TestLargeTextsAreWithinTheLimits(t *testing.T) {
	repeat := strings.Repeat
	for name, source := range map[string]string{
		"paragraphs": repeat("We keep *some* of the [data](x) for `a` year, and then (some) more.\n\n", 20_000),
		"one line":   repeat("We keep *some* of the [data](x) for `a` year. ", 10_000),
		"nested":     repeat("> ", 99) + "a\n",
		"table":      repeat("|a", 50) + "\n" + repeat("|-", 50) + "\n" + repeat(repeat("|b", 50)+"\n", 1000),
		"headings":   repeat("# a\n\n", 20_000),
	} {
		if _, err := New(Options{}).Render([]byte(source), 1); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
