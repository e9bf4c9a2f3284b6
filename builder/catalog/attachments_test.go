package catalog_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/policysite/policysite/builder/catalog"
)

// What web servers act on is told by its name, whatever it holds.
func TestNamesOfFilesThatAreNotPublished(t *testing.T) {
	for name, want := range map[string]string{
		".env": "dot file", "content/.htaccess": "dot file", ".aws/credentials": "dot folder", "a/.b/c.png": "dot folder", "..pdf": "dot file",
		".well-known/security.txt": "", "files/dpa.pdf": "", "files/a.b.c.pdf": "", "files/privacy.pl.pdf": "", "files/Acme Inc.pdf": "", "data.json": "", "style.css": "",
		"x.php": "servers act", "X.PHP": "servers act", "x.php.pdf": "servers act", "x.phtml": "servers act", "x.php ": "servers act", "x.php.": "servers act", "x.phar": "servers act",
		"x.shtml": "servers act", "x.shtml.en": "servers act", "x.stm": "servers act", "x.cgi": "servers act", "x.pl": "servers act", "x.py": "servers act", "x.asp": "servers act", "x.aspx": "servers act",
		"x.ashx": "servers act", "x.jsp": "servers act", "x.cfm": "servers act", "web.config": "servers act", "files/Web.Config": "servers act", "_worker.js": "servers act",
		"_headers": "servers act", "_redirects": "servers act", "_routes.json": "servers act", "php.ini": "servers act",
	} {
		for _, trusted := range []bool{false, true} {
			why, hint := catalog.Unpublished(name, []byte("words"), trusted)
			if want == "" && why != "" || want != "" && !strings.Contains(why, want) || (hint == "") != (why == "") {
				t.Errorf("%s: have %q, want %q", name, why, want)
			}
		}
	}
}

// HTML is told by its name, and by what is in it where its name says nothing.
func TestHTMLIsNotPublished(t *testing.T) {
	const page = "<!DOCTYPE html><title>x</title><script>alert(1)</script>"
	for name, content := range map[string]string{
		"x.html": page, "x.HTM": page, "x.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'/>", "x.xht": page, "x.mht": page, "x.mhtml": page,
		"x": page, "x.bin": page, "x.html.fr": page, "x.pdf": page, "x.js": "<!-- x --><script>", "x.dat": "\n\n  <HTML>",
	} {
		if why, _ := catalog.Unpublished(name, []byte(content), false); !strings.Contains(why, "HTML") {
			t.Errorf("%s: have %q", name, why)
		}
		if why, _ := catalog.Unpublished(name, []byte(content), true); why != "" {
			t.Errorf("%s, trusted: have %q", name, why)
		}
	}
	for _, name := range []string{"x.txt", "x.md", "x.csv", "x.json"} {
		if why, _ := catalog.Unpublished(name, []byte(page), false); why != "" {
			t.Errorf("%s is a text, and %s", name, why)
		}
	}
}

const svgOpen = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">`

func svg(inside string) string { return svgOpen + inside + "</svg>" }

// XML that draws, and nothing else.
func TestXMLThatIsPublished(t *testing.T) {
	for name, content := range map[string]string{
		"plain": svg(`<rect width="9" height="9" fill="url(#g)" style="stroke: #335; mask: url('#m')"/><title>The script: on time</title>`),
		"with a declaration and a type": `<?xml version="1.0" encoding="utf-8"?><!-- made by hand -->` +
			`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` + svg(`<path d="M0 0h9"/>`),
		"of an editor": `<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
			`<metadata><rdf:RDF/></metadata><g inkscape:label="metadata: layer"/></svg>`,
		"links":          svg(`<a xlink:href="https://example.com/?on=1"><text>More</text></a><use href="#a"/>`),
		"an image in it": svg(`<image href="data:image/png;base64,iVBORw0KGgo="/>`),
		"a style":        svg(`<style>@font-face { src: url(data:font/woff2;base64,d09GMg) } text { content: "\2014"; font: 9px serif }</style><text class="a">x</text>`),
		"motion":         svg(`<animate attributeName="opacity" from="0" to="1"/><set attributeName="fill" to="red"/>`),
		"entities":       svg(`<text>&amp;&lt;&#8212;</text>`),
		"a feed":         `<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://example.com/"/><title>x</title></feed>`,
	} {
		if why, _ := catalog.Unpublished("x.svg", []byte(content), false); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}

// XML that a browser may run something of, or that may be read in two ways.
func TestXMLThatIsNotPublished(t *testing.T) {
	sixteen := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	for name, content := range map[string]string{
		"script":                          svg(`<script>alert(1)</script>`),
		"script in capitals":              svg(`<SCRIPT>alert(1)</SCRIPT>`),
		"script with a prefix":            `<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script>alert(1)</s:script></s:svg>`,
		"script from elsewhere":           svg(`<script href="https://example.com/x.js"/>`),
		"script of XHTML":                 svg(`<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>`),
		"XHTML":                           svg(`<p xmlns="http://www.w3.org/1999/xhtml"/>`),
		"a foreign object":                svg(`<foreignObject><p>x</p></foreignObject>`),
		"an event":                        svg(`<rect onclick="alert(1)"/>`),
		"an event at the root":            `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"an event in capitals":            svg(`<rect onLoad="alert(1)"/>`),
		"an event with a reference":       svg(`<rect onclick="&#97;lert(1)"/>`),
		"an event of a listener":          svg(`<rect xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="click"/>`),
		"a handler":                       svg(`<handler type="application/ecmascript">alert(1)</handler>`),
		"javascript:":                     svg(`<a href="javascript:alert(1)"><text>x</text></a>`),
		"javascript: of xlink":            svg(`<a xlink:href="javascript:alert(1)"/>`),
		"javascript: with references":     svg(`<a xlink:href="&#106;ava&#x73;cript:alert(1)"/>`),
		"javascript: with white space":    svg("<a xlink:href=\"java&#10;scr&#9;ipt:alert(1)\"/>"),
		"javascript: in capitals":         svg(`<a href=" JavaScript:alert(1)"/>`),
		"vbscript:":                       svg(`<a href="vbscript:x"/>`),
		"a page as data":                  svg(`<a href="data:text/html,x"/>`),
		"an image as data that is active": svg(`<use href="data:image/svg+xml,x#x"/>`),
		"data without a type":             svg(`<a href="data:,x"/>`),
		"a style that leads to a script":  svg(`<rect style="fill: url(javascript:alert(1))"/>`),
		"a style with escapes":            svg(`<rect style="fill: url(\6a avascript:alert(1))"/>`),
		"a style sheet":                   svg(`<style>rect { fill: url("javascript:alert(1)") }</style>`),
		"a style sheet in CDATA":          svg(`<style><![CDATA[rect { fill: url(java` + "\t" + `script:alert(1)) }]]></style>`),
		"animated href":                   svg(`<a><animate attributeName="href" values="#a;javascript:alert(1)"/></a>`),
		"animated xlink:href":             svg(`<a><animate attributeName="xlink:href" to="#a"/></a>`),
		"set href":                        svg(`<a><set attributeName=" href " to="#a"/></a>`),
		"set event":                       svg(`<set attributeName="onclick" to="x"/>`),
		"a style sheet of its own":        `<?xml-stylesheet type="text/xsl" href="x.xsl"?>` + svg(``),
		"a transformation":                `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>`,
		"entities of its own":             `<!DOCTYPE svg [<!ENTITY x "<script>alert(1)</script>">]>` + svg(`&x;`),
		"attributes of its own":           `<!DOCTYPE svg [<!ATTLIST svg onload CDATA "alert(1)">]>` + svg(``),
		"a document type with a quote":    `<!DOCTYPE svg '><script>alert(1)</script><x a='>` + svg(``),
		"an unknown entity":               svg(`&nbsp;`),
		"UTF-16":                          sixteen(`<?xml version="1.0" encoding="utf-16"?>` + svg(`<script>alert(1)</script>`)),
		"another encoding":                `<?xml version="1.0" encoding="iso-8859-1"?>` + svg(``),
		"UTF-7":                           `<?xml version="1.0" encoding="utf-7"?>` + svg(`+ADw-script+AD4-`),
		"XML 1.1":                         `<?xml version="1.1"?>` + svg(``),
		"not UTF-8":                       svg("<text>\xff</text>"),
		"an end that is missing":          svgOpen + `<rect/>`,
		"an end too much":                 svg(``) + `</svg>`,
		"not XML":                         `just words`,
		"nothing":                         ``,
		"too deep":                        strings.Repeat("<g>", 600) + strings.Repeat("</g>", 600),
		"packed":                          "\x1f\x8b\x08\x00",
	} {
		for _, file := range []string{"x.svg", "x.xml", "x.rss"} {
			for _, trusted := range []bool{false, true} {
				if why, hint := catalog.Unpublished(file, []byte(content), trusted); !strings.Contains(why, "its XML ") || hint == "" {
					t.Errorf("%s, %s: have %q", name, file, why)
				}
			}
		}
	}
	if why, _ := catalog.Unpublished("x.unknown", []byte("<?xml version='1.0'?>"+svg(`<script/>`)), false); why == "" {
		t.Error("XML without an ending that says so is published")
	}
}
