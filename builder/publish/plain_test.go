package publish

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func byLibrary(t testing.TB, content string) string {
	t.Helper()
	small, err := library("text/html", []byte(content))
	if err != nil {
		t.Fatalf("%q: %v", content, err)
	}
	return string(small)
}

func byHand(t testing.TB, content string) (small string, rough int) {
	t.Helper()
	out, err := minifyHTML(nil, []byte(content), func(part []byte) ([]byte, error) {
		rough += len(part)
		return library("text/html", part)
	})
	if err != nil {
		t.Fatalf("%q: %v", content, err)
	}
	return string(out), rough
}

// plainHead is a head with all that ours have.
const plainHead = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>“A &amp; b” – c </title>\n\n<meta name=\"robots\" content=\"noindex\">\n<link rel=\"alternate next\" href=\"index.md\" type=\"text/markdown\" hreflang=\"de\">\n<script src=\"a.js\" defer></script>\n</head>\n<body>\n"

// heads are what a page may begin with.
var heads = []string{
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>A &amp; b</title>\n\n<link rel=\"canonical\" href=\"../\">\n<style>a > b { color: red }</style>\n<script src=\"a.js\" defer></script>\n</head>\n<body>\n",
	"<!doctype html><html><head><title>a </head> b</title></head><body>", "<!doctype html><head><script>\"</head>\"</script></head> <p>", "<!-- </head> --><p>a</head>",
	plainHead,
	"<!doctype html>\n<html>\n<head>\n<title> a </title> b <meta name=\"Keywords\" content=\"a, b\"> <meta name=\"a\" content=\"c, d\"></head>\n<body> <p> a", "<!doctype html><head><title> a <p> b </title> </head><body> c <p>",
	"<!doctype html><head><meta name=\"viewport\" content=\"width=1.0, a\"></head><body>", "<!doctype html><head><meta name=\"a\" content=\"width=1.0, a\" name=\"viewport\"></head><body>", "<!doctype html><head><link></link> </head><body>",
	"<!doctype html><head><title></title><script></script><script src=\"a\"> </script></head><body>", "<!doctype html><head><script defer src=\"a\"></script> a</head><body></body>",
	"<!doctype html><head><meta content=\"</head>\"> a <p> b </head> c", "<!doctype html><head><meta content='</head>'> a <p> b </head> c", "<!doctype html></head>", "<!doctype html><p>a </head> b",
	"<!doctype html><head><style> a { b: c } </head> </style></head> d", "<!doctype html><head><b> a </head> b", "<!doctype html><head> <pre> a </head> b",
}

// fragments are what HTML is made of, plain and not.
var fragments = []string{
	"<p>", "</p>", "<th scope=\"col\">", "<time datetime=\"2024-12-27\">", "</time>", "<p class=\"edit-note\" data-note lang=\"en\" dir=\"ltr\" id=\"~3\">", "<h2 id=\"a\">", "</h2>", "<ul>", "<li>", "</li>", "</ul>", "<ol start=\"3\">", "</ol>", "<li value=\"7\">",
	"<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"Table 2\">", "</div>", "<table>", "<tr>", "<td>", "<td colspan=\"2\">", "</td>", "</tr>", "</table>", "<br>", "<hr>", "<pre>", "</pre>", "<pre class=\"removed\">",
	"<ins>", "</ins>", "<del>", "</del>", "<span class=\"hidden\" data-note lang=\"en\" dir=\"ltr\">", "<span>", "</span>", "<strong>", "</strong>", "<code>", "</code>", "<q>", "</q>", "<em></em>", "<a href=\"x\"></a>",
	"<a href=\"https://example.org/?a=1&amp;b=2#c\">", "<a href=\"HTTPS://example.org\">", "<a href=\"../\">", "<a href=\"\xffprivacy/2021-01-02/\">", "<a href=\"data:text/plain,a\">", "<a href=\"\">", "<a href=\"a b\">", "<a href=\" a \">", "</a>",
	"<img src=\"a.png\" alt=\"An image, of &quot;a&quot;\">", "<img src=\"a.png\" alt=\"\">", "<input type=\"checkbox\" checked disabled aria-label=\"done\">", "<h3 class=\"\">", "</h3>", "<p title='x'>", "<p title=x>", "<p title = \"x\">", "<p id=\"a\" id=\"a\">", "<a id=\"a\" name=\"a\">", "<p onclick=\"alert( 1 )\">", "<p style=\"color: red\">", "<P>", "<p/>", "</p >", "<script>a < b</script>", "<svg><path d=\"M0 0\"/></svg>", "<!-- <p> -->", "<!doctype html>", "<textarea> <p> </textarea>", "<", "</", "</>", "<3", "<p", "<p title=\"", "<q class=\"",
	"<body>", "</body>", "</html>", "<main id=\"site:main\">", "</main>", "<nav aria-label=\"Site\">", "</nav>", "<header class=\"site\">", "</header>", "</head>",
	"<a rel=\"prev\" href=\"x\">", "<a href=\"index.md\" type=\"text/markdown\">", "<a type=\" Text/Plain; charset=utf-8\" rel=\"NEXT\">", "<input type=\"text\">",
	"<meta charset=\"utf-8\">", "<meta content=\"a\">", "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "<meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\">", "<title>", "</title>", "<head>", "<html lang=\"en\">",
	"<script src=\"a.js\" defer></script>", "<script></script>", "<link rel=\"next\" href=\"a\">", "<p defer>", "<p defer=\"\">", "<p content=\"a\">", "<a href=\"?a&amp;_b&amp;c&amp; &amp;amp;\">", "<img src=\"?a&amp;_b\" alt=\"a &amp; b\">",
	" ", " ", " ", "  ", "\n", "\n  ", "\t", "\r\n", "\u00a0", "\f", "a", "word", "two words", "a, b.", "é", "\x00", "&amp;", "&amp; ", "&amp;amp;", "&amp;lt;", "&amp;#x3c;", "&lt;", "&gt;", "&quot;", "&#39;", "&nbsp;", "&#160;", "&", "&a", "& ", ";", "#", "\"", "'", "=", ">", "`", "1",
}

func TestPlainHTMLIsMinifiedAsByTheLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	total, rough := 0, 0
	for n := range 300_000 {
		var b strings.Builder
		if n%11 == 0 {
			b.WriteString(heads[r.IntN(len(heads))])
		}
		// Mostly what comes early in the list, so that blocks stay plain.
		few := len(fragments)
		if n%2 == 0 {
			few = 49
		}
		for range 1 + r.IntN(12) {
			if r.IntN(2) == 0 {
				b.WriteString(fragments[r.IntN(few)])
			} else {
				b.WriteString(fragments[len(fragments)-1-r.IntN(40)])
			}
		}
		html := b.String()
		got, left := byHand(t, html)
		if want := byLibrary(t, html); got != want {
			t.Fatalf("%q\ngot  %q\nwant %q", html, got, want)
		}
		total, rough = total+len(html), rough+left
	}
	if rough > total*3/4 {
		t.Errorf("%d of %d bytes were left to the library", rough, total)
	}
}

func TestWhatIsPlain(t *testing.T) {
	for _, c := range []struct {
		html  string
		rough int // bytes that go to the library
	}{
		{`<p>Some “words” &amp; &quot;<strong>others</strong>&quot;, <a href="https://example.org/?a=1&amp;b=2">a link</a> &lt;`, 0},
		{"<h2 id=\"a\">A </h2>\n\n<pre><code>a  b\n</code></pre>\n<p>a <img src=\"a.png\" alt=\"b c\"> d</p>", 0},
		{`<p class="edit-note" data-note lang="en" dir="ltr" id="~1">Change 1 of 2 <a href="#~2">next<span class="hidden"> change</span></a></p>`, 0},
		{plainHead + "<a href=\"../?a=1&amp;_b\">a</a>\n<p>b <a href=\"index.md\" type=\"text/markdown\">c</a></p>\n</body>\n</html>\n", 0},
		{"<!doctype html><head><title>a</title><style> a { b: c } </style></head><body><p>d</p>", len("</title><style> a { b: c } </style></head>") + len("<body>")},
		{`<p>a</p><p>b&nbsp;c</p><p>d</p>`, len(`<p>b&nbsp;c`)},
		{`<p>a</p><pre> <code>b&nbsp;c<p title='x'> d</p> </code></pre><p>d</p>`, len(`<pre> <code>b&nbsp;c<p title='x'> d</p> </code></pre><p>d</p>`)},
		{`<p>a</p><p>b<script> 1 </script></p><p>d</p>`, len(`<p>b<script> 1 </script></p><p>d</p>`)},
	} {
		got, rough := byHand(t, c.html)
		if want := byLibrary(t, c.html); got != want || rough != c.rough {
			t.Errorf("%s\ngot  %s (%d bytes by the library)\nwant %s (%d)", c.html, got, rough, want, c.rough)
		}
	}
}

// FuzzPlain: what is taken for plain is minified as by the library.
func FuzzPlain(f *testing.F) {
	f.Add(strings.Join(fragments[:49], "a "))
	for _, s := range fragments {
		f.Add("<p>a " + s + " b</p> <p>")
	}
	for _, s := range heads {
		f.Add(s + "<p> a </p>\n</body>\n</html>\n")
	}
	f.Fuzz(func(t *testing.T, html string) {
		want, err := library("text/html", []byte(html))
		got, err2 := minifyHTML(nil, []byte(html), func(part []byte) ([]byte, error) { return library("text/html", part) })
		if (err == nil) != (err2 == nil) || err == nil && !bytes.Equal(got, want) {
			t.Fatalf("%q\ngot  %q %v\nwant %q %v", html, got, err2, want, err)
		}
	})
}

func BenchmarkMinifyHTML(b *testing.B) {
	html := []byte(strings.Repeat(`<p class="edit-note" data-note lang="en" dir="ltr" id="~1">Change 1 of 2 <a href="#~2">next<span class="hidden"> change</span></a></p>`+
		`<p>Some words that stand as they stood before, and <del><span class="hidden" data-note lang="en" dir="ltr">deleted:`+"\u00a0"+`</span>these<span class="hidden" data-note lang="en" dir="ltr">`+"\u00a0"+`end of deletion`+"\u00a0"+`</span></del> go with <a href="https://example.org/a">a link</a> &amp; &quot;the rest&quot;, for as long as it takes.</p>`, 200))
	for _, c := range []struct {
		name string
		f    func([]byte) ([]byte, error)
	}{
		{"library", func(html []byte) ([]byte, error) { return library("text/html", html) }},
		{"plain", func(html []byte) ([]byte, error) { return Minify(nil, "a.html", html) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(html)))
			for b.Loop() {
				if _, err := c.f(html); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
