package pages

import (
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// TestOneTextOnPagesOfDifferentDepth has a text that links to a page of the
// site, to the home page, to another site and to nothing.
func TestOneTextOnPagesOfDifferentDepth(t *testing.T) {
	const html = `<h2 id="a&amp;b">A</h2><p><a href="terms.md">t</a> <a href="/">h</a> <a href="https://example.org/?a=1&amp;b">o</a> <a href="gone.md">g</a> <img src="gone.png" alt="a &lt; b"></p><table></table>`
	span := func(part string) policy.Span {
		i := strings.Index(html, part)
		if i < 0 {
			t.Fatalf("no %q", part)
		}
		return policy.Span{Start: i, End: i + len(part)}
	}
	doc := &policy.Document{
		Links: []policy.Link{
			{Target: "terms.md", Attr: span(` href="terms.md"`)},
			{Target: "/", Attr: span(` href="/"`)},
			{Target: "https://example.org/?a=1&b", Attr: span(` href="https://example.org/?a=1&amp;b"`)},
			{Target: "gone.md", Attr: span(` href="gone.md"`)},
			{Target: "gone.png", Image: true, Alt: "a < b", Attr: span(` src="gone.png"`), Element: span(`<img src="gone.png" alt="a &lt; b">`)},
		},
		Parts: []*policy.Part{{HTML: html, Links: 5, Blocks: []policy.Block{
			{Kind: policy.Heading, Level: 2, ID: "a&b", Text: "A", Outer: span(`<h2 id="a&amp;b">A</h2>`), Inner: policy.Span{Start: len(`<h2 id="a&amp;b">`), End: len(`<h2 id="a&amp;b">A`)}},
			{Kind: policy.Table, Outer: span(`<table></table>`)},
		}}},
	}
	texter := Texter{Words: words.English()}
	text := texter.Text(doc, []Address{{URL: "/terms/", Href: "#x"}, {URL: "/"}, {Href: "https://example.org/?a=1&b"}, {}, {}})
	if len(text.Headings) != 1 || text.Headings[0] != (Heading{2, "a&b", "A"}) {
		t.Errorf("headings: %v", text.Headings)
	}
	p := newPolicy("privacy", "Privacy", fact{"2020-01-01", "2020-01-01", "", policy.Initial, "", ""})
	out := site{}
	err := New(Site{Title: "T", Places: []policy.Place{p.Place}}, defaultTheme(t)).Policy(p,
		Texts{
			Text:   func(int) (Text, error) { return text, nil },
			Source: func(int) ([]byte, error) { return nil, nil },
		}, out.emit(t))
	if err != nil {
		t.Fatal(err)
	}
	for page, root := range map[string]string{"privacy/index.html": "../", "privacy/2020-01-01/index.html": "../../"} {
		want := `<h2 id="a&amp;b">A <a class=permalink data-note href="#a&amp;b" aria-label="Link to this section">#</a></h2>` +
			`<p><a href="` + root + `terms/#x">t</a> <a href="` + root + `./">h</a> <a href="https://example.org/?a=1&amp;b">o</a> <a>g</a> <span class=lost-image>a &lt; b</span></p>` +
			`<div class=table role=region tabindex=0 aria-label="Table"><table></table></div>`
		if got := textIn(out[page]); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", page, got, want)
		}
	}
}

// textIn cuts the text out of a page of the default theme.
func textIn(page string) string {
	_, after, _ := strings.Cut(page, " data-policy-text>")
	text, _, _ := strings.Cut(after, "</div>\n")
	return text
}
