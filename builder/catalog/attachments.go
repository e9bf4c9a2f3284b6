package catalog

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Files that texts link to are not trusted: whoever may write a text chooses them,
// and browsers take some of them for pages of the site's own origin.

// Web servers run or obey files of these names and endings, in whatever folder
// they stand. Some endings are words of languages, too: privacy.pl.pdf is Polish.
var (
	serverNames   = set("web.config global.asax _worker.js _headers _redirects _routes.json php.ini")
	serverEndings = set(`php php3 php4 php5 php7 php8 phps phtml pht phar shtml shtm stm cgi fcgi asp aspx asa asax ascx ashx asmx axd
		cshtml vbhtml jsp jspx jspf jspa jsw jsv cfm cfml cfc rhtml`)
	lastServerEndings = set("pl py rb lua hta")
)

// By these endings browsers take a file for a page, and for XML, in which scripts
// run as well. What plainEndings have is shown as it is written.
var (
	htmlEndings  = set("html htm xhtml xht mht mhtml htc")
	xmlEndings   = set("svg svgz xml xsl xslt xsd rss atom rdf owl mml mathml xspf jnlp kml gpx xul xbl wsdl opml plist dae x3d musicxml xlf xliff")
	plainEndings = set("txt md markdown csv json")
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// Unpublished says why the file at a path is not published for a text that links
// to it, as in "it is a dot file", and what to do; "" when it is published. With
// trusted, texts may bring pages of their own.
func Unpublished(name string, content []byte, trusted bool) (why, hint string) {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != ".well-known" {
			return "it is a dot file, or in a dot folder", "rename it, if it is for readers"
		}
	}
	base := strings.TrimRight(strings.ToLower(path.Base(name)), ". ")
	endings := strings.Split(base, ".")[1:]
	last := ""
	if n := len(endings); n > 0 {
		last = endings[n-1]
	}
	if serverNames[base] || lastServerEndings[last] || slices.ContainsFunc(endings, func(e string) bool { return serverEndings[e] }) {
		return "web servers act on files of that name", "publish it in an archive such as .zip"
	}
	kind := ""
	switch {
	case htmlEndings[last]:
		kind = "text/html"
	case xmlEndings[last]:
		kind = "text/xml"
	case !plainEndings[last]: // browsers look at what is in it, where the server does not say what it is
		kind, _, _ = strings.Cut(http.DetectContentType(content), ";")
	}
	switch {
	case kind == "text/html" && !trusted:
		return "it is HTML, which may run scripts", "link to a PDF or a text; `html: trusted` publishes it"
	case kind == "text/xml":
		if err := inert(content); err != nil {
			return "its XML " + err.Error() + ", and may run scripts", "take that out of it, or publish it as an image such as .png"
		}
	}
	return "", ""
}

// Bounds of XML that is looked through.
const (
	maxXML      = 16 << 20
	maxXMLDepth = 500
)

var (
	// plainDoctype names a document type without declaring anything.
	plainDoctype = regexp.MustCompile(`^DOCTYPE\s+[\w:.-]+(\s+PUBLIC\s+"[^"<>\[\]]*")?(\s+SYSTEM)?(\s+"[^"<>\[\]]*")?\s*$`)
	// activeElements run scripts, load what does, or bring other languages in.
	activeElements = set("script handler listener foreignobject iframe embed object")
	activeSpaces   = []string{"http://www.w3.org/1999/xhtml", "http://www.w3.org/1999/XSL/Transform", "http://www.w3.org/2001/xml-events"}
	// scripts are found in a value without its white space, dataAddress in an address with its content.
	scripts     = regexp.MustCompile(`(?:java|vb)script:`)
	dataAddress = regexp.MustCompile(`(?:^|[^a-z])data:([^,;)]*)`)
	inertData   = regexp.MustCompile(`^(?:image/(?:png|jpe?g|gif|webp|avif|bmp)|font/|application/(?:x-)?font|application/vnd\.ms-fontobject)`)
	eventName   = regexp.MustCompile(`(?i)^on[a-z]`)
	cssEscape   = regexp.MustCompile(`\\(?:([0-9a-fA-F]{1,6})\s?|(.))`)
)

// inert returns what makes a browser run something when it opens an XML file: what
// is not found here is neither script nor event, leads to no script and brings no
// other language in. What this program cannot read, a browser may read otherwise:
// other encodings, entities of its own, style sheets that transform it.
func inert(content []byte) error {
	if len(content) > maxXML {
		return fmt.Errorf("is larger than %d MiB", maxXML>>20)
	}
	d := xml.NewDecoder(bytes.NewReader(content)) // strict: no entity but the five of XML, no encoding but UTF-8
	depth, elements := 0, 0
	var style int // depth of the <style> that is open
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && depth == 0 && elements > 0 {
			return nil
		} else if err != nil {
			return fmt.Errorf("cannot be read (%w)", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth, elements = depth+1, elements+1; depth > maxXMLDepth {
				return fmt.Errorf("is nested deeper than %d levels", maxXMLDepth)
			}
			if name := strings.ToLower(t.Name.Local); activeElements[name] || slices.Contains(activeSpaces, t.Name.Space) {
				return fmt.Errorf("has the element <%s>", t.Name.Local)
			} else if name == "style" && style == 0 {
				style = depth
			}
			for _, a := range t.Attr {
				if err := inertAttribute(t.Name.Local, a); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if depth == style {
				style = 0
			}
			depth--
		case xml.CharData:
			if style > 0 && active(string(t)) {
				return errors.New("has a style that leads to a script")
			}
		case xml.ProcInst:
			if strings.EqualFold(t.Target, "xml-stylesheet") {
				return errors.New("has a style sheet of its own")
			}
		case xml.Directive:
			if !plainDoctype.Match(t) {
				return errors.New("declares entities or more")
			}
		}
	}
}

func inertAttribute(element string, a xml.Attr) error {
	name := strings.ToLower(a.Name.Local)
	switch {
	case a.Name.Space == "xmlns":
	case eventName.MatchString(name) || a.Name.Space == "http://www.w3.org/2001/xml-events":
		return fmt.Errorf("has the event attribute %s", a.Name.Local)
	case name == "attributename" && (eventName.MatchString(local(a.Value)) || strings.EqualFold(local(a.Value), "href")):
		return fmt.Errorf("changes the attribute %[2]s in <%[1]s>", element, a.Value)
	case active(a.Value):
		return fmt.Errorf("has an attribute %s that leads to a script", a.Name.Local)
	}
	return nil
}

// local is a name without its prefix.
func local(name string) string {
	return strings.TrimSpace(name[strings.LastIndexByte(name, ':')+1:])
}

// active reports whether a value is or has an address that may run something, as
// browsers read it: without white space and control characters, and in CSS with
// escapes.
func active(value string) bool {
	plain := func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}
	unescaped := cssEscape.ReplaceAllStringFunc(value, func(escape string) string {
		m := cssEscape.FindStringSubmatch(escape)
		if n, err := strconv.ParseInt(m[1], 16, 32); err == nil {
			return string(rune(n))
		}
		return m[2]
	})
	for _, v := range []string{strings.Map(plain, value), strings.Map(plain, unescaped)} {
		if scripts.MatchString(v) {
			return true
		}
		for _, data := range dataAddress.FindAllStringSubmatch(v, -1) {
			if !inertData.MatchString(data[1]) {
				return true
			}
		}
	}
	return false
}
