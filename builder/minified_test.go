package builder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
)

// A page has the same words, elements and attributes minified and not: with the
// default theme, whose templates are minified, and with a user's, whose pages are.
func TestMinifyingChangesNothingToRead(t *testing.T) {
	t.Parallel()
	steps := []step{
		on("2021-01-01", privacy("# Privacy\n\nWe keep *no* **logs** , \"none\" & <1.\n\n    a  b\n\n| a | b |\n|---|---|\n| c | d |\n\n![e](f.png) [g](h.md)\n"), write("content/index.md", "# Texts\n\nOf ours\n")),
		on("2022-01-01", privacy("# Privacy\n\nWe keep *some* **logs** , \"none\" & <1.\n\n    a  c\n\n| a | b |\n|---|---|\n| c | e |\n\n## Later\n\nNo [g](i.md)\n"), write("content/de/terms.md", "# Bedingungen\n\nKeine\n")),
	}
	for name, repository := range map[string]func(t testing.TB) *historytest.Repo{
		"default theme": func(t testing.TB) *historytest.Repo { return repository(t, steps...) },
		"own layout": func(t testing.TB) *historytest.Repo {
			return repository(t, append(steps, on("2023-01-01", write("layouts/partials/state.html", "<b>own</b> \n standing")))...)
		},
		"corpus": func(t testing.TB) *historytest.Repo {
			onlyWithEveryCorpus(t)
			return corpus(t, "basecamp-policies")
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := repository(t)
			small := built(t, r).files()
			large := built(t, r, func(o *builder.Options) { o.NoMinify = true }).files()
			if len(small) != len(large) {
				t.Errorf("%d files, %d not minified", len(small), len(large))
			}
			for file, page := range large {
				if !strings.HasSuffix(file, ".html") {
					continue
				}
				have, want := content(t, small[file]), content(t, page)
				for i := range max(len(have), len(want)) {
					if i >= min(len(have), len(want)) || have[i] != want[i] {
						t.Fatalf("%s has %q, and not minified %q", file, have[min(i, len(have)):min(i+10, len(have))], want[min(i, len(want)):min(i+10, len(want))])
					}
				}
			}
		})
	}
}

// content lists what a page consists of. A space counts where a reader sees it:
// between words and not beside the tag of a block.
func content(t testing.TB, page string) (out []string) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	space := "" // that comes before the next word
	var visit func(n *html.Node, pre bool)
	visit = func(n *html.Node, pre bool) {
		switch n.Type {
		case html.TextNode:
			switch {
			case n.Parent.Data == "style":
				return
			case pre:
				out = append(out, n.Data)
				return
			}
			for i, word := range strings.FieldsFunc(n.Data, func(r rune) bool { return strings.ContainsRune(" \n\t", r) }) {
				if i > 0 || strings.ContainsRune(" \n\t", rune(n.Data[0])) && space != "block" {
					space = " "
				}
				out = append(out, strings.TrimPrefix(space, "block")+word)
				space = ""
			}
			if strings.ContainsRune(" \n\t", rune(n.Data[len(n.Data)-1])) && space != "block" {
				space = " "
			}
			return
		case html.ElementNode:
			inline := slices.Contains([]string{"a", "b", "code", "del", "em", "img", "input", "ins", "s", "span", "strong", "time"}, n.Data)
			if !inline {
				space = "block"
				defer func() { space = "block" }()
			}
			slices.SortFunc(n.Attr, func(a, b html.Attribute) int { return strings.Compare(a.Key, b.Key) })
			out = append(out, strings.ReplaceAll(fmt.Sprint("<", n.Data, n.Attr), ", ", ",")) // as of "width=device-width, initial-scale=1"
			defer func() { out = append(out, "</"+n.Data) }()
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c, pre || n.Data == "pre")
		}
	}
	visit(root, false)
	return out
}
