package importer_test

import (
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/importer"
)

const page = `<!DOCTYPE html>
<html lang=en><head><meta charset=utf-8><title>Terms | Example</title><link rel=canonical href="https://example.com/terms?x=1#top">
<style>p{color:red}</style><script>document.write("never seen")</script></head><body>
<a class=skip href=#main>Skip to content</a>
<div id="cookie-banner">We use cookies. <button>Accept all</button></div>
<header><a href=/>Example</a><nav><ul><li><a href=/>Home</a><li><a href=/about>About us</a></ul></nav></header>
<div class=content>
<h1>Terms of <em>service</em></h1>
<p>Last updated: 3 March 2019</p>
<nav class=toc><ol><li><a href=#use>Use</a><li><a href=#money>Money</a></ol></nav>
<h2 id=use>1. Use</h2>
<p>Use it <b>well</b>, &amp; never for *evil*; see <a href="/privacy">our privacy policy</a>.<br>A line of its own.</p>
<p>• One thing<br>• Another thing</p>
<aside>In short: be kind.</aside>
<h2 id=money>2. Money</h2>
<ol type=a><li>You pay.<li>We send an invoice.</ol>
<table><tr><th>Plan<th>Price<tr><td>Small<td>1 €</table>
<table><tr><td colspan=2>Everything<tr><td>costs<td>money</table>
<details><summary>Refunds</summary><p>Within 30 days.</p></details>
<noscript><img src=pixel.gif alt=pixel></noscript>
<p>Questions? <a href="javascript:mail()">Write to us</a> <img src="data:image/png;base64,AA==" alt="(no fax)"></p>
</div>
<div class="site-footer"><p><a href=/jobs>Jobs</a> <a href=/press>Press</a> © 2019 Example</p></div>
<script src=x.js></script></body></html>`

func TestPage(t *testing.T) {
	text, err := read(importer.Source{Name: "terms.html", Data: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Terms of *service*

Last updated: 3 March 2019

1. [Use](#use)
2. [Money](#money)

## 1. Use

Use it **well**, & never for \*evil\*; see [our privacy policy](https://example.com/privacy).
A line of its own.

- One thing
- Another thing

In short: be kind.

## 2. Money

<ol type="a"><li>You pay.</li><li>We send an invoice.</li></ol>

| Plan | Price |
|---|---|
| Small | 1 € |

<table><tbody><tr><td colspan="2">Everything</td></tr><tr><td>costs</td><td>money</td></tr></tbody></table>

Refunds

Within 30 days.

Questions? Write to us (no fax)
`
	unbroken := strings.ReplaceAll(string(text.Markdown), "  \n", "\n") // where <br> was
	if unbroken != want {
		t.Errorf("have\n%s\nwant\n%s", unbroken, want)
	}
	if text.Title != "Terms of service" || text.Form != importer.HTML || text.Address != "https://example.com/terms?x=1" || text.Capture != nil {
		t.Errorf("title %q, form %q, address %q, capture %v", text.Title, text.Form, text.Address, text.Capture)
	}
	removed := map[string]string{}
	words := 0
	for _, p := range text.Removed {
		removed[p.Why] += strings.ReplaceAll(p.Text, "\n", "|")
		words += p.Words
	}
	for why, passage := range map[string]string{
		"button":                                 "Skip to content",
		"cookie banner":                          "We use cookies. |Accept all",
		"header of the page":                     "Example|Home|About us",
		"furniture of the page":                  "Jobs Press © 2019 Example",
		"form field or replacement for a script": "pixel",
	} {
		if collapse(removed[why]) != collapse(passage) {
			t.Errorf("%s: have %q, want %q", why, removed[why], passage)
		}
		delete(removed, why)
	}
	if len(removed) > 0 {
		t.Errorf("removed too: %q", removed)
	}
	if text.In != text.Kept+words {
		t.Errorf("%d words in the source, %d kept, %d removed", text.In, text.Kept, words)
	}
}

func collapse(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "|", " ")), " ")
}

// A clause is not lost because of what stands around it.
func TestClausesAreKept(t *testing.T) {
	const clause = "We keep your data for thirty days and then delete it for good"
	long := strings.Repeat("<p>"+strings.Repeat("Words of the terms. ", 20)+"</p>", 5)
	for name, html := range map[string]string{
		"a cookie policy":               `<div id="cookie-policy"><h1>Cookie notice</h1><p>` + clause + `, cookies too; you accept.</p></div>`,
		"a banner that is the page":     `<div class="cookie-consent">` + clause + ` cookies</div>`,
		"an aside of words":             long + `<aside>` + clause + `</aside>`,
		"a footer of an article":        long + `<article>` + long + `<footer>` + clause + `</footer></article>`,
		"a long footer":                 long + `<footer>` + strings.Repeat("<p>"+clause+"</p>", 20) + `</footer>`,
		"a hidden section":              long + `<div style="display:none" hidden aria-hidden=true><p>` + clause + `</p></div>`,
		"a folded section":              long + `<button>What we keep</button><div class=panel>` + clause + `</div>`,
		"a form around the page":        `<form>` + long + `<p>` + clause + `</p><input type=submit value=Go></form>`,
		"a table that lays out":         `<table><tr><td><a href=/>Home</a><td><h1>Terms</h1><p>` + clause + `</table>`,
		"a list of links with a clause": long + `<ul><li><a href=a>One</a><li><a href=b>Two</a><li><a href=c>Three</a><li><a href=d>Four</a><li>` + clause + `</ul>`,
		"a menu's name":                 long + `<div class="menu">` + strings.Repeat("<p>"+clause+" and so on and on.</p>", 4) + `</div>`,
		"beside the main part":          `<main>` + long + `</main><div><p>` + strings.Repeat(clause+". ", 5) + `</p></div>`,
		"definitions":                   long + `<dl><dt>Data<dd>` + clause + `</dl>`,
		"a heading in a link":           long + `<a href=#x><h3>` + clause + `</h3></a>`,
		"a block in bold":               long + `<b><p>` + clause + `</p></b>`,
		"text between blocks":           `<div>` + clause + long + `</div>`,
		"preformatted":                  long + "<pre>" + clause + "\n\n  and more</pre>",
	} {
		t.Run(name, func(t *testing.T) {
			text, err := read(importer.Source{Name: "x.html", Data: []byte("<html><body>" + html)})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text.Markdown), clause) {
				t.Errorf("the clause is gone:\n%s\nremoved: %+v", text.Markdown, text.Removed)
			}
		})
	}
}

// What an archive puts into its pages says where a page comes from, and is no
// part of it.
func TestArchivedPage(t *testing.T) {
	text, err := read(importer.Source{Name: "x.html", Data: []byte(`<html><head>
<script>__wm.wombat("http://www.example.com:80/privacy","20121028225912","https://web.archive.org/","web")</script></head><body>
<div id="wm-ipp-base"><div id=wm-ipp>12 captures 2010 - 2014 About this capture</div></div>
<h1>Privacy</h1><p>See <a href="/web/20121028225912/http://www.example.com/terms">the terms</a> and <a href="https://web.archive.org/web/20121028225912/http://other.example/">others</a>.
<img src="/web/20121028225912im_/http://www.example.com/logo.png" alt=Logo></p></body></html>
<!-- FILE ARCHIVED ON 22:59:12 Oct 28, 2012 AND RETRIEVED FROM THE INTERNET ARCHIVE ON 10:00:00 Nov 1, 2026. -->`)})
	if err != nil {
		t.Fatal(err)
	}
	const want = "# Privacy\n\nSee [the terms](http://www.example.com/terms) and [others](http://other.example/). ![Logo](http://www.example.com/logo.png)\n"
	if string(text.Markdown) != want {
		t.Errorf("have\n%s\nwant\n%s", text.Markdown, want)
	}
	if c := text.Capture; c == nil || c.Address != "https://web.archive.org/web/20121028225912/http://www.example.com:80/privacy" || c.Day().String() != "2012-10-28" {
		t.Errorf("capture %+v", c)
	}
	if len(text.Removed) != 1 || text.Removed[0].Why != "toolbar of the archive" {
		t.Errorf("removed %+v", text.Removed)
	}
}
