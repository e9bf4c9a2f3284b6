package publish

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// lineElements start and end a line of text of their own.
var lineElements = map[atom.Atom]bool{
	atom.Address: true, atom.Article: true, atom.Aside: true, atom.Blockquote: true, atom.Body: true, atom.Caption: true, atom.Dd: true, atom.Details: true, atom.Div: true,
	atom.Dl: true, atom.Dt: true, atom.Figcaption: true, atom.Figure: true, atom.Footer: true, atom.Form: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Head: true,
	atom.Header: true, atom.Hr: true, atom.Html: true, atom.Li: true, atom.Main: true, atom.Nav: true, atom.Ol: true, atom.P: true, atom.Pre: true, atom.Section: true,
	atom.Summary: true, atom.Table: true, atom.Tbody: true, atom.Td: true, atom.Tfoot: true, atom.Th: true, atom.Thead: true, atom.Title: true, atom.Tr: true, atom.Ul: true, atom.Br: true,
}

// visibleText returns what a browser shows of a page, its lines separated by "\n":
// white space collapsed as CSS does (ASCII only: a no-break space is a letter),
// kept in <pre> and <textarea>. Elements that show without text stand as <name>.
func visibleText(t *testing.T, page []byte) string {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	const keep = "\x00" // before a line that stays as it is
	var walk func(n *html.Node, pre bool)
	walk = func(n *html.Node, pre bool) {
		line := false
		switch n.Type {
		case html.TextNode:
			if pre {
				for part := range strings.SplitAfterSeq(n.Data, "\n") {
					out.WriteString(strings.ReplaceAll(part, "\n", "\n"+keep))
				}
				return
			}
			out.WriteString(strings.Map(func(r rune) rune {
				if strings.ContainsRune(" \t\n\f\r", r) {
					return ' '
				}
				return r
			}, n.Data))
			return
		case html.ElementNode:
			switch n.DataAtom {
			case atom.Script, atom.Style:
				return
			case atom.Img, atom.Input, atom.Svg:
				out.WriteString("<" + n.Data + ">")
			case atom.Pre, atom.Textarea:
				pre = true
			}
			line = lineElements[n.DataAtom] || n.DataAtom == atom.Textarea
		}
		if line {
			out.WriteString("\n")
		}
		if line && pre {
			out.WriteString(keep)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, pre)
		}
		if line {
			out.WriteString("\n")
		}
	}
	walk(doc, false)
	var lines []string
	for line := range strings.SplitSeq(out.String(), "\n") {
		if kept, ok := strings.CutPrefix(line, keep); ok {
			lines = append(lines, kept)
			continue
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' })
		if len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return strings.Join(lines, "\n")
}

// skeleton returns a page's elements with their attributes, in order.
func skeleton(t *testing.T, page []byte) []string {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		tag := n.Data
		for _, a := range n.Attr {
			if n.DataAtom == atom.Svg && a.Key == "xmlns" {
				continue // HTML knows by the name that it is SVG
			}
			tag += fmt.Sprintf(" %s=%q", a.Key, a.Val)
		}
		out = append(out, tag)
	}
	return out
}

// wantSamePage checks that a page reads and is built like the one it was made from.
func wantSamePage(t *testing.T, page []byte) []byte {
	t.Helper()
	small, err := Minify("page.html", page)
	if err != nil {
		t.Fatalf("%v\n%s", err, page)
	}
	if before, after := visibleText(t, page), visibleText(t, small); before != after {
		t.Errorf("text differs\nbefore %q\nafter  %q\nof %s\nto %s", before, after, page, small)
	}
	if before, after := skeleton(t, page), skeleton(t, small); !slices.Equal(before, after) {
		t.Errorf("elements differ\nbefore %q\nafter  %q\nof %s\nto %s", before, after, page, small)
	}
	return small
}

func TestMinifiedTextIsTheSame(t *testing.T) {
	for _, body := range []string{
		"<p>We <ins>may</ins> <del>shall</del> <ins>not</ins>, ever<del>.</del> <b> a </b> b<i> c</i>d <i>e </i>f</p>",
		"<p><del>a</del><ins>b</ins> <span data-note>inserted</span> <ins><a href=x>c</a></ins> d</p>",
		"<pre><code>func x() {\n\n\treturn   1 \n}\n</code></pre> after",
		"<pre>\n\n two line feeds lead </pre>",
		"<p>inline <code> a  b </code> and <kbd>c</kbd> <samp>d</samp></p>",
		"<p>ten&nbsp;days&nbsp; and \u00a0 more, thin\u2009space, zero\u200bwidth &shy; &ensp;x&emsp;</p>",
		"<p><bdi>اتفاقية</bdi> <bdo dir=rtl>abc</bdo> <bdi> x </bdi>y</p>",
		"<textarea>\n  a\n   b  </textarea> <input value=' a  b '> c",
		"<p>AT&amp;T &amp;lt; &amp;copy; &amp;copy 1 &amp;#x41; &lt;b&gt; a &amp; b &lt; c &gt; d &quot;q&quot; &#39; &amp;notin; &amp;not</p>",
		"<p title='say &quot;no&quot; &amp;copy; &amp;amp; it&#39;s  two'>x</p> <a href='?a=1&amp;copy=2&amp;b=3&amp;lt=4'>y</a>",
		"<ul> <li> a <ul> <li>b</li> </ul> </li> <li><p>c</p> d</li> </ul>",
		"<table> <caption> t </caption> <colgroup> <col> </colgroup> <thead> <tr> <th> a </th> <th>b</th></tr></thead> <tbody><tr><td colspan=1> <b>c</b> d</td> <td></td></tr></tbody></table>",
		"<dl><dt> a <dd> b </dl> <details> <summary> s </summary> d </details>",
		"a<br> b <br/> c <img src=x alt=''> d <img src=y alt='e'>f<img src=z alt> g",
		"<p>a <!-- comment --> b<!-- c --> d <!-- e -->f</p>",
		"<p>Footnote<sup id='fn:1'><a href='#f'>1</a></sup> and<sub>2</sub> <label> l <input type='checkbox' checked=''> m</label></p>",
		"<blockquote> <p> q </p> </blockquote> text <hr> text",
		"<p>one</p>\n<p>two</p> three <em>four</em>\n<em>five</em>\n\n six",
		"<a href='a/'>x</a> <a href=''>y</a> <a href='a b'>z</a> <a href='http://example.com/A?x=1'>Z</a><a id=top></a> w",
		"<div hidden> <p>h</p> </div> <span></span> <span> </span>x <i></i> y",
		"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'><path d='M0 0h10'/></svg> after",
		"<select><option value=a>A</option><option>B b</option></select> <button> c </button> d",
		"<p>soft\nwrapped\r\nlines\ttabs</p>",
		"<h2 id='überblick'>Ü &mdash; b <a href='#%C3%BC' data-note>#</a></h2>",
		"<p>1 < 2 && 3 > 2 <3 &notanentity; & &;</p>",
		"<noscript><p>n</p></noscript> <p>\u2028 separator \u0085 next</p>",
		"<div data-policy-text>x</div> <div data-redline=''> y </div>",
		"<p lang=ar dir=rtl>السياسة <ins>جديدة</ins> النص</p>",
		"<meta itemprop=x content='a, b'> <time datetime=2021-07-14>14 July 2021</time> <q>quoted</q> <abbr title='a b'>ab</abbr>",
	} {
		wantSamePage(t, []byte("<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n<title> A  page </title>\n</head>\n<body>\n"+body+"\n</body>\n</html>\n"))
	}
}

// Pages made at random of everything that decides about white space.
func TestMinifiedTextIsTheSameAtRandom(t *testing.T) {
	const rounds = 2000
	for seed := range uint64(rounds) {
		wantSamePage(t, randomPage(rand.New(rand.NewPCG(seed, 1))))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func randomPage(r *rand.Rand) []byte {
	var b strings.Builder
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	space := func() { b.WriteString(pick("", "", " ", "\n", "  \n\t", " <!-- c --> ", "<!---->")) }
	text := func() {
		b.WriteString(pick("word", "two words", "&amp;", "&lt;", "&amp;copy", "&nbsp;", "\u00a0", ".", "ü", "ال", "a &gt; b", "&amp;amp;", "(c)", "\u200b"))
	}
	var inline, block func(depth int)
	inline = func(depth int) {
		for range 1 + r.IntN(4) {
			space()
			switch {
			case depth > 0 && r.IntN(2) == 0:
				tag := pick("b", "i", "em", "ins", "del", "code", "a href=x", "span class=y", "bdi", "mark", "sup", "abbr title='a &amp; b'", "time", "small", "label", "q", "u", "s")
				b.WriteString("<" + tag + ">")
				if !strings.Contains(tag, " ") || depth > 1 {
					inline(depth - 2)
				}
				name, _, _ := strings.Cut(tag, " ")
				b.WriteString("</" + name + ">")
			case r.IntN(8) == 0:
				b.WriteString(pick("<br>", "<img src=a alt=b>", "<input type=checkbox disabled>", "<wbr>", "<textarea> x\n y </textarea>"))
			default:
				text()
			}
		}
		space()
	}
	block = func(depth int) {
		for range 1 + r.IntN(3) {
			space()
			switch n := r.IntN(10); {
			case n < 4 || depth <= 0:
				tag := pick("p", "h2", "div", "summary", "address")
				b.WriteString("<" + tag + ">")
				inline(3)
				b.WriteString("</" + tag + ">")
			case n == 4:
				b.WriteString("<pre><code>" + pick("", "\n", "\n\n") + "a  b\n\n  c &lt;d&gt;  \n" + "</code></pre>")
			case n == 5:
				b.WriteString("<table><thead><tr><th>")
				inline(2)
				b.WriteString("</th></tr></thead><tbody><tr><td>")
				block(depth - 2)
				b.WriteString("</td></tr></tbody></table>")
			case n == 6:
				inline(3) // loose text
			default:
				tag := pick("ul", "ol", "blockquote", "section", "div", "details", "ins", "del")
				b.WriteString("<" + tag + ">")
				if tag == "ul" || tag == "ol" {
					space()
					b.WriteString("<li>")
					inline(2)
					block(depth - 1)
					b.WriteString("</li>")
					space()
				} else {
					block(depth - 1)
				}
				b.WriteString("</" + tag + ">")
			}
			space()
		}
	}
	b.WriteString("<!doctype html><html><head><title>t</title></head><body>")
	block(3)
	b.WriteString("</body></html>")
	return []byte(b.String())
}

func TestMinifyByExtension(t *testing.T) {
	for _, test := range []struct{ path, content, want string }{
		{"a.css", "/* note */\nbody {\n  margin : 0px;\n}\n", "body{margin:0}"},
		{"a.js", "// note\nlet page = 1;\nexport { page };\n", "let page=1;export{page}"},
		{"a.json", "{ \"v\": 1.10, \"n\": 1e3, \"s\": \"a  \\u003cb>\" }\n", `{"v":1.10,"n":1e3,"s":"a  \u003cb>"}`},
		{"a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\">\n  <!-- note -->\n  <title>A logo</title>\n  <rect width=\"10\"/>\n</svg>\n", `<svg xmlns="http://www.w3.org/2000/svg"><title>A logo</title><rect width="10"/></svg>`},
		{"a.html", "<input type=\"text\" value=\"\"> <p class=\"a b\">x</p>", `<input type=text><p class="a b">x</p>`},
		{"a.html", "<style>\n p { color : red }\n</style>\n<p style='color : red'>x", "<style>p{color:red}</style><p style=color:red>x"},
		{"a.html", "<script>\n let a = 1 ; f(a)\n</script>", "<script>let a=1;f(a)</script>"},
		{"a.html", "<script type=\"module\">\n f( \"<\\/script>\" )\n</script>", "<script type=module>f(\"<\\/script>\")</script>"},
		{"a.html", "<script type=\"text/javascript\">\n f( \"<\\/script>\" )\n</script>", "<script type=text/javascript>f(\"<\\/script>\")</script>"},
		{"a.html", "<script type=\"application/ld+json\">\n { \"@type\": \"WebPage\", \"v\": 1.0, \"s\": \"\\u003c/script>\" }\n</script>", `<script type=application/ld+json>{"@type":"WebPage","v":1.0,"s":"\u003c/script>"}</script>`},
		{"a.html.tmpl", "{{define \"main\"}}\n<p class=\"a\">\n {{if .B}}b {{else}} <i title=\"{{.C}}\">c</i> {{end}} d</p>\n<ul>\n{{range .E}}<li>{{.}}</li>\n{{end}}</ul>\n{{end}}\n",
			"{{define \"main\"}}<p class=a>{{if .B}}b {{else}} <i title=\"{{.C}}\">c</i> {{end}} d</p><ul>{{range .E}}<li>{{.}}</li>{{end}}</ul>{{end}}"},
		{"a.txt", "a  b\n", "a  b\n"},
		{"index.md", "# a  \n", "# a  \n"},
		{"_headers", "/*\n  X: y\n", "/*\n  X: y\n"},
		{"a.html", "", ""},
		{"a.css", "", ""},
	} {
		small, err := Minify(test.path, []byte(test.content))
		if err != nil || string(small) != test.want {
			t.Errorf("%s: %q\nhave %q, %v\nwant %q", test.path, test.content, small, err, test.want)
		}
	}
	for path, content := range map[string]string{
		"dir/a.json": `{"a": 1`, "dir/b.json": "", "dir/a.js": "let = (", "dir/a.html": "<script>let = (</script>",
		"dir/c.html": "<script type=application/ld+json>{</script>",
	} {
		if _, err := Minify(path, []byte(content)); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: %q: error %v, want one that names the file", path, content, err)
		}
	}
}

// A page of very many character references stays as it is: the library would
// take hours over it.
func TestMinifyOfManyReferences(t *testing.T) {
	page := []byte("<p>" + strings.Repeat("&quot;&amp;", 500_000) + "</p>\n")
	if small, err := Minify("index.html", page); err != nil || !bytes.Equal(small, page) {
		t.Errorf("%d bytes became %d: %v", len(page), len(small), err)
	}
	if small, err := Minify("index.html", page[:33_003]); err != nil || len(small) > 10_000 {
		t.Errorf("33003 bytes became %d: %v", len(small), err)
	}
}

// FuzzMinify: no input makes a minifier panic, hang or change what it was given.
func FuzzMinify(f *testing.F) {
	for _, ext := range []string{".html", ".css", ".js", ".svg", ".json"} {
		for _, content := range []string{"<p>a<b> c", "a{b:c}", "let a=1", "<svg><path d='M0 0z'/></svg>", `{"a":1}`, "\x00", "<"} {
			f.Add(ext, content)
		}
	}
	f.Fuzz(func(t *testing.T, ext, content string) {
		given := []byte(content)
		_, _ = Minify("a"+ext, given[:len(given):len(given)])
		if string(given) != content {
			t.Fatalf("%q became %q", content, given)
		}
	})
}
