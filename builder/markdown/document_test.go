package markdown

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/cputime"
	"github.com/policysite/policysite/builder/policy"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// sources have one of everything, alone and in odd company.
var sources = []string{
	"",
	"# A\n\nB *c* [d](e.md) ![f](g.png)\n\n## A\n",
	"- a\n- b\n  - c\n\n    d\n\n1. e\n   > f\n   > ```\n   > g\n   > ```\n",
	"|a|b|\n|:-|-:|\n|c|[d](e)|\n|f|g|h|\n",
	"a[^1] b[^2][^1]\n\n[^2]: two\n\n    - three\n\n[^1]: one\n[^3]: four\n",
	"---\n\n    code\n\n***\n\n~~a~~ - [x] b\n\n- [x] c\n",
	"# [a](b) *c*\n\n# ![d](e)\n\n<h3>[f](g)</h3>\n\n<h4><a href=\"h\">i</a></h4>\n",
	"<div>a<p>b</p>c</div>\n\n<table><tr><td>d<td>e</table>\n\nf <b>g\n\nh</b>\n",
	"<p>a\n<p>b\n<ul><li>c<li>d<ol start=3><li>e</ol></ul>\n\n</div>\n\n# f\n",
	"<a href=\"a\"><div>b</div></a>\n\n<pre>\nc\n d</pre>\n\n<h2 id=e>f</h2>\n\n<hr>\n",
	"<a>\n<p>b</p>\n</a>\n",
	"<details><summary>a</summary>\n\n- b\n\n</details>\n\n<!-- c -->\n\n<img src=d> <img src=e alt=f>\n",
	"<script>a</script>\n\n<svg><a href=\"javascript:b\">c</a></svg>\n\n[d](javascript:e) <f onclick=g>h</f>\n",
	"(a) b\n(b) c\n\nd\\\ne  \nf<br>g\n\n> h\ni\n",
	"<table><tr><td>\n\n# a\n\n- b\n\n</td></tr></table>\n",
	"<p id=a><span id=a>b</span>\n\n# c {#a}\n\n# سياسة\n",
}

// checkDocument fails the test unless a document is what its type says.
func checkDocument(t testing.TB, doc *policy.Document) {
	t.Helper()
	all := policy.Span{Start: 0, End: len(doc.Parts[0].HTML)}
	checkBlocks(t, doc, doc.Parts[0].Blocks, all)
	at := 0
	for _, l := range doc.Links {
		attribute, tag := ` href="`, "<a "
		if l.Image {
			attribute, tag = ` src="`, "<img "
		}
		if l.Element.Start < at || !within(l.Element, all) || !within(l.Attr, l.Element) {
			t.Errorf("link %+v after %d in %q", l, at, doc.Parts[0].HTML)
			return
		}
		if s := doc.Parts[0].HTML[l.Attr.Start:l.Attr.End]; !strings.HasPrefix(s, attribute) || !strings.HasSuffix(s, `"`) || strings.Count(s, `"`) != 2 {
			t.Errorf("the attribute of %+v is %q in %q", l, s, doc.Parts[0].HTML)
		}
		if s := doc.Parts[0].HTML[l.Element.Start:l.Element.End]; !strings.HasPrefix(s, tag) || !strings.HasSuffix(s, ">") || strings.Count(s, "<") != 1 {
			t.Errorf("the element of %+v is %q in %q", l, s, doc.Parts[0].HTML)
		}
		at = l.Element.End
	}
}

func within(s, of policy.Span) bool {
	return of.Start <= s.Start && s.Start <= s.End && s.End <= of.End
}

func checkBlocks(t testing.TB, doc *policy.Document, blocks []policy.Block, in policy.Span) {
	t.Helper()
	at := in.Start
	for _, b := range blocks {
		if !within(b.Outer, in) || !within(b.Inner, b.Outer) || b.Outer.Start < at {
			t.Errorf("%+v\nafter %d, in %v, of %q", b, at, in, doc.Parts[0].HTML)
			return
		}
		at = b.Outer.End
		outer := doc.Parts[0].HTML[b.Outer.Start:b.Outer.End]
		if b.Outer != b.Inner {
			name, rest, _ := strings.Cut(strings.TrimPrefix(outer, "<"), ">")
			name, _, _ = strings.Cut(name, " ")
			if outer[0] != '<' || !slices.Contains(strings.Fields(elements(&b)), name) {
				t.Errorf("a block of kind %d is %q", b.Kind, outer)
			}
			if b.Kind != policy.Rule && !strings.HasSuffix(rest, "</"+name+">") {
				t.Errorf("a block does not end with its end tag: %q", outer)
			}
		} else if b.Kind != policy.Paragraph {
			t.Errorf("a block of kind %d has no tags: %q", b.Kind, outer)
		}
		if b.ID != "" && (!doc.IDs[b.ID] || !strings.Contains(outer, ` id="`+escape(b.ID)+`"`)) {
			t.Errorf("id %q is not in %q", b.ID, outer)
		}
		leaf := b.Kind <= policy.Cell
		if leaf && b.Children != nil || !leaf && b.Text != "" {
			t.Errorf("a block has both, or what the other kind has: %+v", b)
		}
		if b.Kind != policy.Code && b.Text != policy.CollapseSpace(b.Text) {
			t.Errorf("text is not collapsed: %q", b.Text)
		}
		checkBlocks(t, doc, b.Children, b.Inner)
	}
}

// elements are the names that a block's element may have; a group may be any.
func elements(b *policy.Block) string {
	switch b.Kind {
	case policy.Paragraph:
		return "p"
	case policy.Heading:
		return fmt.Sprintf("h%d", b.Level)
	case policy.Code:
		return "pre"
	case policy.Cell:
		if b.Header {
			return "th"
		}
		return "td"
	case policy.Rule:
		return "hr"
	case policy.Quote:
		return "blockquote"
	case policy.List:
		if b.Ordered {
			return "ol"
		}
		return "ul menu"
	case policy.Item:
		return "li"
	case policy.Table:
		return "table"
	case policy.Row:
		return "tr"
	case policy.Footnotes:
		return "div"
	}
	return `div section article aside header footer nav address hgroup figure figcaption details summary dl dt dd caption
a abbr b bdi bdo cite code dfn em i kbd mark q rp rt ruby s samp small span strong sub sup u var`
}

// checkSafe fails the test if a browser could do more with the HTML of a
// document than show text, images and links, or if it is not well formed.
func checkSafe(t testing.TB, doc *policy.Document) {
	t.Helper()
	var open []string
	z := html.NewTokenizer(strings.NewReader(doc.Parts[0].HTML))
	ids := map[string]bool{}
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		switch kind {
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("%q in %q", token.Data, doc.Parts[0].HTML)
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> within %v in %q", token.Data, open, doc.Parts[0].HTML)
			}
			open = open[:len(open)-1]
		case html.StartTagToken, html.SelfClosingTagToken:
			if !allowedElements[token.Data] && token.Data != "input" {
				t.Errorf("<%s> in %q", token.Data, doc.Parts[0].HTML)
			}
			if !voidElements[token.Data] && token.Data != "input" {
				open = append(open, token.Data)
			}
			for _, a := range token.Attr {
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == lineAttribute, a.Key == containerAttribute:
					t.Errorf("attribute %s in %q", a.Key, doc.Parts[0].HTML)
				case a.Key == "href" || a.Key == "src":
					checkScheme(t, a.Val)
				case a.Key == "id":
					if ids[a.Val] || !doc.IDs[a.Val] {
						t.Errorf("id %q is given twice, or not in IDs: %q", a.Val, doc.Parts[0].HTML)
					}
					ids[a.Val] = true
				}
			}
		}
	}
	if len(open) > 0 {
		t.Errorf("%v stay open in %q", open, doc.Parts[0].HTML)
	}
	if _, err := html.Parse(strings.NewReader(doc.Parts[0].HTML)); err != nil {
		t.Errorf("%v: %q", err, doc.Parts[0].HTML)
	}
}

// checkTree fails the test if the tree that a browser makes of the HTML has an
// element or an attribute with a function, or if a piece of text is in none of
// the document's blocks.
func checkTree(t testing.TB, doc *policy.Document) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(doc.Parts[0].HTML), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatalf("%v: %q", err, doc.Parts[0].HTML)
	}
	for _, top := range nodes {
		for n := range top.Descendants() {
			checkNode(t, n, doc)
		}
		checkNode(t, top, doc)
	}
}

func checkNode(t testing.TB, n *html.Node, doc *policy.Document) {
	t.Helper()
	switch n.Type {
	case html.TextNode:
		return
	case html.ElementNode:
	default:
		t.Errorf("node %q in %q", n.Data, doc.Parts[0].HTML)
		return
	}
	switch n.Data {
	case "script", "style", "iframe", "frame", "object", "embed", "form", "button", "select", "textarea", "link", "meta", "base", "svg", "math", "template", "noscript", "title", "plaintext", "xmp", "noembed", "noframes", "body", "html", "head":
		t.Errorf("<%s> in %q", n.Data, doc.Parts[0].HTML)
	}
	if n.Namespace != "" {
		t.Errorf("<%s> of %s in %q", n.Data, n.Namespace, doc.Parts[0].HTML)
	}
	for _, a := range n.Attr {
		switch {
		case strings.HasPrefix(strings.ToLower(a.Key), "on"):
			t.Errorf("attribute %s in %q", a.Key, doc.Parts[0].HTML)
		case a.Key == "href" || a.Key == "src":
			checkScheme(t, a.Val)
		case slices.Contains([]string{"style", "srcset", "srcdoc", "action", "formaction", "data", "background", "poster", "ping", "xlink:href", "target"}, a.Key):
			t.Errorf("attribute %s in %q", a.Key, doc.Parts[0].HTML)
		}
	}
}

// checkKept fails the test unless every word of a source is in the text of its
// document. The words are goldmark's own. In raw HTML, scripts and styles are
// no text, and words may be joined by tags.
func checkKept(t testing.TB, r *Renderer, source []byte, doc *policy.Document) {
	t.Helper()
	if r.raw.found || slices.ContainsFunc(doc.Notes, func(n policy.Problem) bool { return strings.HasSuffix(n.Message, "is removed") }) {
		return
	}
	body, err := check(source, 1)
	if err != nil {
		t.Fatal(err)
	}
	body = spacedNote.ReplaceAll(body, []byte("[^$1]"))
	rest := squeeze(doc.Text(""))
	for _, w := range words(body) {
		if !strings.Contains(rest, w) {
			t.Errorf("%q is not in the text of %q", w, source)
			return
		}
	}
}

// spacedNote is a reference to a footnote with spaces in it, which goldmark takes for
// text unless it is spelled so below.
var spacedNote = regexp.MustCompile(`\[\^[ \t]*([^\]\n]*?)[ \t]*\]`)

// checkScheme reads a target the way the URL standard does, whatever this
// package makes of it.
func checkScheme(t testing.TB, target string) {
	t.Helper()
	bare := strings.TrimLeftFunc(target, func(r rune) bool { return r <= ' ' })
	bare = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(bare)
	scheme, _, found := strings.Cut(bare, ":")
	if !found || strings.ContainsAny(scheme, "/?#") {
		return
	}
	for i, r := range scheme {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", r)) {
			return // relative
		}
	}
	switch strings.ToLower(scheme) {
	case "", "http", "https", "mailto", "tel":
	default:
		t.Errorf("target %q", target)
	}
}

func TestDocumentsAreWhatTheirTypeSays(t *testing.T) {
	for _, source := range sources {
		doc := render(t, source)
		checkDocument(t, doc)
		checkSafe(t, doc)
	}
	// Each with each: nothing that one leaves open reaches into the next.
	for _, a := range sources {
		for _, b := range sources {
			doc := render(t, a+"\n\n"+b)
			checkDocument(t, doc)
			checkSafe(t, doc)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, source := range sources {
		f.Add([]byte(source))
	}
	for _, source := range []string{
		"[a](java&#115;cript&colon;b) <a href=' \x01javascript:c'>d</a> <a href=\"java\tscript:e\">",
		"<a href=\"x\"onclick=\"y\"/onerror=z><img src=x onerror=y>", "<svg><style><img src=x onerror=y></style></svg>",
		"<noscript><p title=\"</noscript><img src=x onerror=y>\">", "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=x&gt;\">",
		"<!-- a\n\n--!> <script>b</script>", "<![CDATA[<script>a</script>]]>", "![a](b\"onerror=\"c)", "# a {#\"onclick=b}\n\n# c {onclick=d}\n",
		"|a|\n|-|\n|<td>|\n", "[^1]: <div>\n\n[^1]", "\ufeff\r\r\n", "a\x00", "\xff",
	} {
		f.Add([]byte(source))
	}
	for _, source := range []string{
		"<a href=\"java&Tab;script:a\">b</a> <a href=java&#10;script:a>b</a> <a href=&#x6a;avascript&colon;a>b</a> [c](JaVaScRiPt:a) [d](<java\nscript:a>)",
		"<form action=\"javascript:a\"><button formaction=b>c</button><input onfocus=d autofocus></form> <iframe srcdoc=\"<script>a</script>\"></iframe>",
		"<base href=//evil.example> <meta http-equiv=refresh content=0> <link rel=stylesheet href=a> <object data=a></object> <embed src=a>",
		"<img srcset=\"x 1x\" style=background:url(a) src=\"data:image/svg+xml,<svg onload=a>\">", "<template><script>a</script></template> <plaintext><script>b",
		"<textarea></textarea><script>a</script></textarea> <title></title><img src=x onerror=b></title>", "<select><option><style></option></select><img src=x onerror=a></style>",
		"<table><td><a href=\"x\"><table><td></a><img src=x onerror=a>", "<svg><foreignObject><p><img src=x onerror=a></foreignObject></svg>", "<p dir=\"rtl\" lang='x\"onclick=\"a' id=\"b\" class=c>d</p>",
		"[a]: javascript:b\n\n[a] ![a]\n", "<javascript:a> <data:text/html,b> <http://c\" onclick=d>", "# a {onclick=b style=c #d .e}\n\na {#b}\n===\n",
		"```html onclick=a\n<script>b</script>\n```\n", "a<br onclick=b/><hr style=c><wbr>", "<xmp><script>a</script></xmp><noembed><script>b</script></noembed>", "&lt;script&gt;a&lt;/script&gt; \\<script>b\\</script>",
		"\u202ea\u2066 b\u200bc &#x202e;", strings.Repeat("[a](", 500), strings.Repeat("> ", 90) + "a", strings.Repeat("*a **b ", 60), strings.Repeat("&amp;", 500), "# a {" + strings.Repeat("b=c ", 500) + "}\n",
	} {
		f.Add([]byte(source))
	}
	r, trusted := New(Options{}), New(Options{Trusted: true})
	f.Fuzz(func(t *testing.T, source []byte) {
		start := cputime.Used()
		doc, err := r.Render(source, 1)
		// An input at a time: the process has nothing else to do.
		if took := cputime.Used() - start; took > 3*cputime.Second() {
			t.Errorf("took %v of processor time for %d bytes", took, len(source))
		}
		switch {
		case err != nil && strings.HasPrefix(err.Error(), "cannot be read as Markdown"):
			t.Fatal(err) // a panic
		case err == nil:
			doc := doc.Whole()
			checkDocument(t, doc)
			checkSafe(t, doc)
			checkTree(t, doc)
			checkText(t, doc)
			checkKept(t, r, source, doc)
			checkPaths(t, r, source, 1)
		}
		if _, err := trusted.Render(source, 1); err != nil && strings.HasPrefix(err.Error(), "cannot be read as Markdown") {
			t.Fatal(err)
		}
	})
}
