package markdown

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// render makes the document of a source that has no error, as if it stood from
// the first line of its file on, and returns it in one part.
func render(t testing.TB, source string) *policy.Document {
	t.Helper()
	doc, err := New(Options{}).Render([]byte(source), 1)
	if err != nil {
		t.Fatalf("%.80q: %v", source, err)
	}
	return doc.Whole()
}

func TestVisibleText(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"paragraphs", "One\ntwo.\n\nThree.\n", "One two.\nThree.\n"},
		{"white space collapses", "a \t b\u00a0\u2003c&nbsp;d\n", "a b c d\n"},
		{"hard breaks", "a  \nb\\\nc<br>d<br/>e\n", "a b c d e\n"},
		{"normalization form C", "Cafe\u0301\n\n`e\u0301`\n", "Caf\u00e9\n\u00e9\n"},
		{"headings", "# A *b* #\n\nC\n===\n", "A b\nC\n"},
		{"heading attributes are no text", "# A {#b lang=en}\n\n# A {b}\n", "A\nA {b}\n"},
		{"tight list", "- a\n- b\n", "a\nb\n"},
		{"loose list", "- a\n\n- b\n\n  c\n", "a\nb\nc\n"},
		{"markers are no text", "1. a\n2. b\n\n* c\n\n10) d\n", "a\nb\nc\nd\n"},
		{"an item without the blocks in it", "- a\n  - b\n    1. c\n- d\n", "a\nb\nc\nd\n"},
		{"blocks in an item", "- a\n\n  > b\n\n  ```\n  c\n  ```\n- # d\n", "a\nb\nc\nd\n"},
		{"empty items give no line", "- a\n-\n- b\n", "a\nb\n"},
		{"rule and comment give no line", "a\n\n---\n\n<!-- x -->\n\nb\n", "a\nb\n"},
		{"a rule parts words where it is no block", "# a<hr>b\n\n|c<hr>d|\n|-|\n\n<pre>e<hr>f</pre>\n", "a b\nc d\ne f\n"},
		{"quote", "> a\n> b\n>\n> c\n", "a b\nc\n"},
		{"a line for each cell", "|a|b|\n|-|-|\n|c|d e|\n||f|\n", "a\nb\nc\nd e\nf\n"},
		{"cells beyond the header stay", "|a|\n|-|\n|b|c|\n", "a\nb|c\n"},
		{"checkboxes", "- [ ] a\n- [x] b\n- [X] c\n", "[ ] a\n[x] b\n[x] c\n"},
		{"image", "See ![the *logo*](l.png \"title\").\n", "See the logo.\n"},
		{"image without alternative", "![](l.png) a\n", "a\n"},
		{"links", "[a](b \"c\") <https://d.e> www.f.g\n", "a https://d.e www.f.g\n"},
		{"struck text", "a ~~b c~~ d\n\n<del>e</del> <s>f</s>\n", "a ~~b c~~ d\n~~e~~ ~~f~~\n"},
		{"struck blocks", "<del>\n\na\n\n- b\n\n</del>\n\nc\n", "~~a~~\n~~b~~\nc\n"},
		{"code keeps its lines", "```go\na  b\n\n\tc\n```\n\n    d\n      e\n", "a  b\n\n\tc\nd\n  e\n"},
		{"code span", "a `b  <c> &amp;` d\n", "a b <c> &amp; d\n"},
		{"character references", "&copy; &#65; &lt;b&gt; \\*c\\* &unknown;\n", "© A <b> *c* &unknown;\n"},
		{"raw blocks", "<div>a <b>b</b>\n<p>c</p>d</div>\n", "a b\nc\nd\n"},
		{"raw table", "<table><tr><td>a</td><td>b</td></tr></table>\n", "a\nb\n"},
		{"raw list", "<ul><li>a<li>b</ul>\n", "a\nb\n"},
		{"raw definitions", "<dl><dt>a</dt><dd>b</dd></dl>\n", "a\nb\n"},
		{"raw details", "<details><summary>a</summary>\n\nb\n\n</details>\n", "a\nb\n"},
		{"raw cells outside a table", "<td>a</td><td>b</td>\n", "a\nb\n"},
		{"raw inline HTML", "a <span style=\"x\">b</span><blink>c</blink>\n", "a bc\n"},
		{"text of what is removed", "<form>a <button>b</button></form>\n\n<iframe>c</iframe>\n", "a b\nc\n"},
		{"scripts and styles are no text", "<script>a</script>\n\nb <style>c</style>d\n", "b d\n"},
		{"footnotes in order of reference", "a[^2] b[^1] c[^2]\n\n[^1]: one\n[^2]: two\n\nd\n", "a b c\nd\ntwo\none\n"},
		{"footnotes of footnotes", "a[^x]\n\n[^y]: why\n[^x]: ex[^y]\n", "a\nex\nwhy\n"},
		{"footnotes without reference", "a[^1]\n\n[^0]: zero\n[^1]: one\n", "a\none\nzero\n"},
		{"references without footnote", "a[^1]\n", "a[^1]\n"},
		{"blocks in a footnote", "a[^1]\n\n[^1]: one\n\n    two\n", "a\none\ntwo\n"},
		{"line ends and byte order mark", "\ufeffa\r\nb\r\rc\n", "a b\nc\n"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := render(t, c.source)
			if got := doc.Text(""); got != c.want {
				t.Errorf("%q\nhas the text %q\nwant         %q\n%s", c.source, got, c.want, doc.Parts[0].HTML)
			}
		})
	}
}

func TestItemsHaveTheirNumbers(t *testing.T) {
	for source, want := range map[string]string{
		"3. a\n4. b\n9. c\n": "3 4 9",
		"- a\n- b\n":         "0 0",
		"<ol start=\"7\"><li>a</li><li value=\"2\">b</li><li>c</li></ol>\n": "7 2 3",
	} {
		doc := render(t, source)
		var numbers []string
		for _, item := range doc.Parts[0].Blocks[0].Children {
			numbers = append(numbers, fmt.Sprint(item.Number))
		}
		if got := strings.Join(numbers, " "); got != want {
			t.Errorf("%q: items %s, want %s", source, got, want)
		}
	}
}

// headingIDs are the ids of the headings, in order, also of those in blocks.
func headingIDs(blocks []policy.Block) (ids []string) {
	for _, b := range blocks {
		if b.Kind == policy.Heading {
			ids = append(ids, b.ID)
		}
		ids = append(ids, headingIDs(b.Children)...)
	}
	return ids
}

func TestHeadingIDs(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"lower case, spaces, punctuation", "# What We Collect, and Why?\n", "what-we-collect-and-why"},
		{"as GitHub: dropped characters leave their spaces", "# Terms & Conditions\n", "terms--conditions"},
		{"numbers, dots, hyphens, underscores", "## 1.2 Opt-out of foo_bar\n", "12-opt-out-of-foo_bar"},
		{"mark-up is not part of it", "# *The* `code` of [us](x)\n", "the-code-of-us"},
		{"Arabic", "# سياسة الخصوصية\n", "سياسة-الخصوصية"},
		{"German", "# Änderungen für Größen\n", "änderungen-für-größen"},
		{"Devanagari keeps its marks", "# नीति\n", "नीति"},
		{"duplicates", "# A\n\n# A\n\n# A\n", "a a-1 a-2"},
		{"a number that is taken", "# A\n\n# A 1\n\n# A\n", "a a-1 a-2"},
		{"explicit", "# A {#my-id}\n\nB {#b}\n---\n", "my-id b"},
		{"a later explicit id wins", "# A\n\n# B {#a}\n", "a-1 a"},
		{"explicit twice", "# A {#x}\n\n# B {#x}\n", "x x-1"},
		{"raw id is taken", "# A\n\n<p id=\"a\">b</p>\n", "a-1"},
		{"raw heading", "<h2>My Title</h2>\n", "my-title"},
		{"emoji only", "# 🎉\n\n# 🚀\n\n#\n", "section section-1 section-2"},
		{"odd attributes are text or nothing", "# A {id=1}\n\n# B {=}\n", "1 b-"},
		{"what is no attribute is part of it", "# A {#b!c}\n\n# D {e= }\n\nF {#g h}\n===\n", "a-bc d-e- f-g-h"},
		{"white space in an id", "# A {id=\"b  c\"}\n\n# A {id=\" \"}\n", "b-c a"},
		{"ids of footnotes are theirs", "# A {#fn:1}\n\n# A {#fnref:1}\n\nb[^1]\n\n[^1]: c\n", "a a-1"},
		{"the last id counts", "# A {#b id=c}\n", "c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := render(t, c.source)
			if got := strings.Join(headingIDs(doc.Parts[0].Blocks), " "); got != c.want {
				t.Errorf("%q has ids %q, want %q", c.source, got, c.want)
			}
			checkDocument(t, doc)
		})
	}
}

func TestNotes(t *testing.T) {
	for _, c := range []struct{ name, source, note, text string }{
		{"script", "a\n\n<script>x</script>\n", "3: <script> is removed", "a\n"},
		{"script within a block", "<div>\n<p>a</p>\n<script>\nx\n</script>\n</div>\n", "3: <script> is removed", "a\n"},
		{"iframe", "a\nb <iframe src=\"x\">c</iframe>\n", "2: <iframe> is removed", "a b c\n"},
		{"form", "<form action=x>\na</form>\n", "1: <form> is removed", "a\n"},
		{"javascript", "a\n\n[b](javascript:alert(1))\n", `3: link with the scheme "javascript" keeps its text and loses its target`, "a\nb\n"},
		{"spelled oddly", "[b](<JAVA&Tab;script:x>)\n", `1: link with the scheme "javascript" keeps its text and loses its target`, "b\n"},
		{"colon as character reference", "[b](javascript&colon;alert)\n", `1: link with the scheme "javascript" keeps its text and loses its target`, "b\n"},
		{"raw javascript", "a\n<a href=\"javascript&colon;x\">b</a>\n", `2: link with the scheme "javascript" keeps its text and loses its target`, "a b\n"},
		{"reference definition", "[b]\n\n[b]: vbscript:x\n", `1: link with the scheme "vbscript" keeps its text and loses its target`, "b\n"},
		{"automatic link", "<ftp://a.b/c>\n", `1: link with the scheme "ftp" keeps its text and loses its target`, "ftp://a.b/c\n"},
		{"data", "[b](data:text/html,x)\n", `1: link with the scheme "data" keeps its text and loses its target`, "b\n"},
		{"data image", "\n![the logo](data:image/png;base64,x)\n", `2: image with the scheme "data" keeps its text and loses its target`, "the logo\n"},
		{"Hugo shortcode", "a\n{{< toc >}} b\n", `2: "{{<" is template syntax of another generator and is shown as it is`, "a {{< toc >}} b\n"},
		{"Liquid", "- a\n- {% include x %}\n", `2: "{%" is template syntax of another generator and is shown as it is`, "a\n{% include x %}\n"},
		{"template in code", "`{{ a }}`\n\n```\n{% b %}\n```\n", "", "{{ a }}\n{% b %}\n"},
		{"braces alone", "a {{ b\n", `1: "{{ " is template syntax of another generator and is shown as it is`, "a {{ b\n"},
		{"id twice", "# A {#x}\n\n# B {#x}\n", `3: id "x" is given twice`, "A\nB\n"},
		{"unused footnote", "a\n\n[^1]: b\n", "3: no reference leads to footnote [^1]", "a\nb\n"},
		{"long row", "|a|\n|-|\n|b|c|\n", "3: row has more cells than the table's header: the last cell shows the rest of the line", "a\nb|c\n"},
		{"comment without end", "a\n\n<!-- b\n", "3: comment is never closed and hides all that follows", "a\n"},
		{"allowed schemes", "[a](https://b) [c](HTTP://d) [e](mailto:f@g.h) [i](tel:+49) [j](k.md) [l](/m?n=o:p#q:r) [s](#t)\n", "", "a c e i j l s\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := render(t, c.source)
			var notes []string
			for _, n := range doc.Notes {
				notes = append(notes, fmt.Sprintf("%d: %s", n.Line, n.Message))
				if !n.Warning || n.Hint == "" || n.Path != "" {
					t.Errorf("expected a warning with a hint and without a path, found %+v", n)
				}
			}
			if got := strings.Join(notes, "\n"); got != c.note {
				t.Errorf("%q has the notes\n%s\nwant\n%s", c.source, got, c.note)
			}
			if got := doc.Text(""); got != c.text {
				t.Errorf("%q has the text %q, want %q", c.source, got, c.text)
			}
			checkDocument(t, doc)
		})
	}
}

func TestLinesAreLinesOfTheFile(t *testing.T) {
	doc, err := New(Options{}).Render([]byte("a\n\n[b](c)\n![d](e)\n<a href=f>g</a>\n\n<iframe></iframe>\n"), 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range doc.Links {
		got = append(got, fmt.Sprint(l.Line, l.Image, l.Target, l.Alt))
	}
	want := []string{"12falsec", "13trueed", "14falsef"}
	for i, w := range []policy.Link{{Line: 12, Target: "c"}, {Line: 13, Image: true, Target: "e", Alt: "d"}, {Line: 14, Target: "f"}} {
		want[i] = fmt.Sprint(w.Line, w.Image, w.Target, w.Alt)
	}
	if !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
	if len(doc.Notes) != 1 || doc.Notes[0].Line != 16 {
		t.Errorf("notes %+v, want one for line 16", doc.Notes)
	}
}

func TestTargetsAreAsTheAuthorWroteThem(t *testing.T) {
	for source, want := range map[string]string{
		"[a](b%20c?d&amp;e)\n":        "b%20c?d&e",
		"[a](<b c>)\n":                "b c",
		"[a](سياسة.md)\n":             "سياسة.md",
		"[a](b\\_c)\n":                "b_c",
		"<a href=\"b&#38;c\">a</a>\n": "b&c",
	} {
		doc := render(t, source)
		if len(doc.Links) != 1 || doc.Links[0].Target != want {
			t.Errorf("%q: links %+v, want the target %q", source, doc.Links, want)
		}
	}
}

func TestTrustedHTMLPasses(t *testing.T) {
	const source = "<script src=\"x.js\"></script>\n\n<p onclick=\"y()\">a <a href=\"javascript:z\">b</a></p>\n\n[c](javascript:d)\n"
	doc, err := New(Options{Trusted: true}).Render([]byte(source), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<script src="x.js">`, `onclick="y()"`, `href="javascript:z"`} {
		if !strings.Contains(doc.Parts[0].HTML, want) {
			t.Errorf("%s is missing in %s", want, doc.Parts[0].HTML)
		}
	}
	// Markdown is as strict as ever.
	if strings.Contains(doc.Parts[0].HTML, "javascript:d") || len(doc.Notes) != 1 || doc.Notes[0].Line != 5 {
		t.Errorf("%s\n%+v", doc.Parts[0].HTML, doc.Notes)
	}
}

func TestClauses(t *testing.T) {
	for _, c := range []struct {
		name, source string
		breaks       int
	}{
		{"letters", "We may:\n(a) keep it;\n(b) delete it.\n", 2},
		{"roman", "We may:\n(i) keep it;\n(ii) delete it;\n(iii) sell it.\n", 3},
		{"half brackets", "We may:\na) keep it;\nb) delete it.\n", 2},
		{"decimals", "1.1 We keep it.\n1.2 We delete it.\n", 1},
		{"bullets", "We may:\n• keep it\n• delete it\n", 2},
		{"sections", "§ 1 Scope\n§ 2 Terms\n", 1},
		{"emphasized labels", "**(a)** keep it;\n**(b)** delete it.\n", 1},
		{"within a list", "- We may:\n  (a) keep it;\n  (b) delete it.\n", 2},
		{"a clause that is wrapped", "(a) keep\nit;\n(b) delete\nit.\n", 1},
		{"wrapped before one label", "as said in paragraph\n(a) of the law, and\nelsewhere.\n", 0},
		{"two styles", "as said in\n(a) of the law, and\n1.1 of these terms.\n", 0},
		{"a sentence", "We keep the data\nfor a year and\nthen we delete it.\n", 0},
		{"years", "It was so in\n2019. Then came\n2020. And so on.\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := render(t, c.source)
			if got := strings.Count(doc.Parts[0].HTML, "<br"); got != c.breaks {
				t.Errorf("%d line breaks, want %d: %s", got, c.breaks, doc.Parts[0].HTML)
			}
			if n := strings.Count(doc.Text(""), "\n"); n != 1 {
				t.Errorf("%d lines of text, want 1", n)
			}
		})
	}
}

func TestOneRendererGivesWhatANewOneGives(t *testing.T) {
	used := New(Options{})
	for range 2 {
		for _, source := range sources {
			got, err := used.Render([]byte(source), 1)
			if err != nil {
				t.Fatalf("%q: %v", source, err)
			}
			want := render(t, source)
			if got = got.Whole(); got.Parts[0].HTML != want.Parts[0].HTML || got.Text("") != want.Text("") || len(got.Notes) != len(want.Notes) || !maps.Equal(got.IDs, want.IDs) {
				t.Errorf("%q:\n%s\nwant\n%s", source, got.Parts[0].HTML, want.Parts[0].HTML)
			}
		}
		_, _ = used.Render([]byte(strings.Repeat("> ", 500)), 1) // what fails leaves nothing behind
	}
}
