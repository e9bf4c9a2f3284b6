package markdown_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/markdown"
)

// What CommonMark would leave out stays on the page. text is the visible text, said
// what the warnings have in common with it: lines, and words.
func TestNoTextIsDropped(t *testing.T) {
	for _, c := range []struct{ source, text, said string }{
		// Placeholders are text, alone in a block too; tags of HTML are tags.
		{"Sold by <Your Firm GmbH>, for <price> and <<Fee>>.\n", "Sold by <Your Firm GmbH>, for <price> and <<Fee>>.\n", "1: <Your Firm GmbH> is not a tag of HTML"},
		{"<Address of the buyer>\nand more\n", "<Address of the buyer> and more\n", "1: <Address of the buyer> is not"},
		{"For <Section number> and <details open>x</details>\n", "For <Section number> and\nx\n", "1: <Section number> is not"},
		{"To <address>, for <Title> and <time>x</time>\n", "To <address>, for <Title> and x\n", "1: <address> is never closed and is shown"},
		{"<section>\nand more\n\n<style>\n", "<section> and more <style>\n", "1: <section> is never closed"},
		{"A</agreed> b <tabs/>\n", "A</agreed> b <tabs/>\n", "1: </agreed> is not"},
		{"A <my-note>b</my-note> c <x-y>\n", "A b c <x-y>\n", "1: <x-y> is not"},
		{"A <time>b</time> <svg><path d='x'/></svg> <acronym>c</acronym>\n", "A b c\n", "1: <svg> is removed"},
		{"A <br>b <KBD>c</KBD> `<Name>`\n", "A b c <Name>\n", ""},
		// A definition that leads nowhere and that nothing refers to is a sentence.
		{"[Buyer]: You\n[Seller]: Acme \"as named\"\n", "[Buyer]: You [Seller]: Acme \"as named\"\n", ""},
		{"[Buyer]: You\n\nA [buyer] is\n", "A buyer is\n", ""},
		{"[Buyer]: buyer.md\n[Other]: #other\n[Mail]: mailto:a@b.example\n\nA.\n", "A.\n", ""},
		{"[Buyer]: You\n[x]: https://example.com/\n\nA [x].\n", "A x.\n", "1: reads as a link definition"},
	} {
		doc, err := markdown.New(markdown.Options{}).Render([]byte(c.source), 1)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, n := range doc.Notes {
			said += fmt.Sprintf("%d: %s", n.Line, n.Message)
			if !n.Warning {
				t.Errorf("%q: %v is not a warning", c.source, n)
			}
		}
		if have := doc.Text(""); have != c.text || (said == "") != (c.said == "") || !strings.HasPrefix(said, c.said) || len(doc.Notes) > 1 {
			t.Errorf("%q:\nhave %q, %q\nwant %q, %q", c.source, have, said, c.text, c.said)
		}
	}
}

// The numbers of a list are its author's.
func TestNumbersOfLists(t *testing.T) {
	for source, want := range map[string]string{
		"1. a\n3. b\n10. c\n":    "<ol> <li>a</li> <li value=\"3\">b</li> <li value=\"10\">c</li> </ol>",
		"4) a\n\n5) b\n\n2) c\n": "<ol start=\"4\"> <li> <p>a</p> </li> <li> <p>b</p> </li> <li value=\"2\"> <p>c</p> </li> </ol>",
		"1. a\n1. b\n1. c\n":     "<ol> <li>a</li> <li>b</li> <li>c</li> </ol>",
		"7. a\n7. b\n":           "<ol start=\"7\"> <li>a</li> <li>b</li> </ol>",
		"1. a\n1. b\n2. c\n":     "<ol> <li>a</li> <li value=\"1\">b</li> <li>c</li> </ol>",
		"- 1. a\n  3. b\n":       "<ul> <li> <ol> <li>a</li> <li value=\"3\">b</li> </ol> </li> </ul>",
		"1. a <u>u</u>\n5. b\n":  "<ol> <li>a <u>u</u></li> <li value=\"5\">b</li> </ol>",
		"0. a\n1. b\n":           "<ol start=\"0\"> <li>a</li> <li>b</li> </ol>",
	} {
		doc, err := markdown.New(markdown.Options{}).Render([]byte(source), 1)
		if err != nil {
			t.Fatal(err)
		}
		html := ""
		for _, p := range doc.Parts {
			html += p.HTML
		}
		if have := strings.Join(strings.Fields(html), " "); have != want {
			t.Errorf("%q:\nhave %s\nwant %s", source, have, want)
		}
		if text := doc.Text(""); strings.ContainsAny(text, "0123456789") {
			t.Errorf("%q: numbers are text: %q", source, text)
		}
	}
}

// Marks of text stand within blocks, as HTML has it, wherever their author put them.
func TestMarksAroundBlocks(t *testing.T) {
	for source, want := range map[string]string{
		"<del>\n\nGone.\n\n</del>\n":                                                    "<p><s>Gone.</s></p>",
		"<strike>\n\n- a *b*\n-\n\n</strike>\n\nc\n":                                    "<ul> <li><s>a <em>b</em></s></li> <li></li> </ul> <p>c</p>",
		"<b>\n\n> a\n\n---\n\n|b|\n|-|\n|c|\n\n</b>\n":                                  "<blockquote> <p><b>a</b></p> </blockquote> <hr> <table> <thead> <tr> <th scope=\"col\"><b>b</b></th> </tr> </thead> <tbody> <tr> <td><b>c</b></td> </tr> </tbody> </table>",
		"<ins>\n\na\n\n<i>\n\nb\n\n</i>\n</ins>\n":                                      "<p><u>a</u></p> <p><i><u>b</u></i></p>",
		"<span lang=\"de\">\n\n# a\n\n</span>\n":                                        "<div lang=\"de\"> <h1 id=\"a\">a</h1> </div>",
		"<mark>\n\na\n\n</mark>\n":                                                      "<div> <p>a</p> </div>",
		"<a href=\"https://a.bc/\">\n\nb\n\n</a>\n\n<s lang=\"de\">\n\n    c\n\n</s>\n": "<a href=\"https://a.bc/\"> <p>b</p> </a> <pre><s lang=\"de\"><code>c </code></s></pre>",
	} {
		doc, err := markdown.New(markdown.Options{}).Render([]byte(source), 1)
		if err != nil {
			t.Fatal(err)
		}
		html := ""
		for _, p := range doc.Parts {
			html += p.HTML
		}
		if have := strings.Join(strings.Fields(html), " "); have != want {
			t.Errorf("%q:\nhave %s\nwant %s", source, have, want)
		}
	}
}
