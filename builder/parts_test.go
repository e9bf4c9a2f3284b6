package builder_test

import (
	"fmt"
	"testing"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	interfacewords "github.com/policysite/policysite/builder/words"
)

// It makes no difference to a page in which parts its text was rendered.
func TestPagesOfPartsAreThoseOfTheWholeText(t *testing.T) {
	renderer := markdown.New(markdown.Options{})
	html := func(doc *policy.Document) string {
		addresses := make([]pages.Address, len(doc.Links))
		for i, l := range doc.Links {
			addresses[i].Href = l.Target
		}
		texter := pages.Texter{Words: interfacewords.English()}
		return string(texter.Text(doc, addresses).HTML)
	}
	kinds := []string{
		"a", "*a*", "a &amp; \"b\" &copy; c", "a  \nb", "[a](b)", "![a](b)", "![](b)", "<https://a.b>", "`a`", "http://a.b c", "**a**", "~~a~~ ", "(a) b\n(b) c",
		"# a", "# a\n# a", "a\n---", "- a\n- b", "- a\n\n  b\n\n  # a", "1. a\n\n   - [x] b", "> a\n>\n> # b", "> - a\n>\n> b", "    a\n\n\n    b", "```\na\n\nb\n```", "---",
		"|a|b|\n|-|:-|\n|*c*|d|", "{{ a }}", "\\", "\u00a0", "a <b>c</b>", "<p>a</p>", "<br>",
	}
	joined := 0
	for _, a := range kinds {
		for _, b := range kinds {
			for _, source := range []string{a + "\n\n" + b + "\n", "# a\n\n" + a + "\n\n\n\n" + b + "\n\n" + a} {
				doc, err := renderer.Render([]byte(source), 1)
				if err != nil {
					t.Fatal(err)
				}
				if len(doc.Parts) > 1 {
					joined++
				}
				if got, want := html(doc), html(doc.Whole()); got != want {
					t.Errorf("%q in parts is\n%s\nwant\n%s", source, got, want)
				}
				whole := fmt.Sprint(*doc.Whole().Parts[0])
				if html(doc); fmt.Sprint(*doc.Whole().Parts[0]) != whole {
					t.Errorf("%q is changed by making a page of it", source)
				}
			}
		}
	}
	if joined < 1000 {
		t.Errorf("only %d texts have parts: little is tested", joined)
	}
}
