package markdown

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
)

// rawHTML writes the raw HTML of a source. Each piece, a tag within a
// paragraph or a block of lines, is settled on its own before it joins the
// rest: no comment, script or unfinished tag can reach over its end and hide
// the text that follows. What the sanitizer will not allow is mapped to what
// keeps the text and its division into blocks.
type rawHTML struct {
	source  *source
	trusted bool

	found  bool           // some raw HTML was written, other than <br>
	open   map[string]int // elements that raw HTML opened and did not close
	nested int            // how many of them need an end tag
	told   bool           // that a tag is text
	piece  []byte
	clean  limitedBuffer

	policy *bluemonday.Policy // made when it is first needed
}

func (r *rawHTML) reset() {
	r.found, r.nested, r.told = false, 0, false
	clear(r.open)
}

// write writes one piece of raw HTML that starts at a line of the file.
func (r *rawHTML) write(w util.BufWriter, piece []byte, line int) {
	if r.source.err != nil {
		return
	}
	if r.trusted {
		r.found = true
		r.mark(w, piece, line)
		return
	}
	if name := openingTag(piece); name == "br" && bytes.IndexByte(piece, '>') == len(bytes.TrimSpace(piece))-1 {
		_, _ = w.WriteString("<br>")
		return
	}
	if name, end := bareTag(piece); name != "" && name != "script" && name != "style" {
		if r.placeholder(w, piece, name, line) {
			return
		}
		if end {
			r.endTag(w, name)
		} else {
			r.startTag(w, nil, name, false, line)
		}
		return
	}
	t := html.NewTokenizer(bytes.NewReader(piece))
	t.AllowCDATA(true) // its text is text
	at := 0
	unclosed := map[string]bool{} // names that no end tag follows
	for {
		kind := t.Next()
		if kind == html.ErrorToken { // the end; what is left is an unfinished tag
			r.text(w, piece[at:])
			return
		}
		raw := len(t.Raw()) // reading a token changes it
		switch kind {
		case html.TextToken:
			r.text(w, t.Text())
		case html.CommentToken:
			if v := piece[at : at+raw]; bytes.HasPrefix(v, []byte("<!--")) && v[len(v)-1] != '>' {
				r.source.note(line, "end it with -->", "comment is never closed and hides all that follows")
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, attributes := t.TagName()
			if r.isWord(piece[at:at+raw], string(name)) {
				t.NextIsNotRawText()
				r.placeholder(w, piece[at:at+raw], string(name), line)
				break
			}
			if string(name) == "script" || string(name) == "style" {
				r.noteRemoved(string(name), line)
				if !unclosed[string(name)] {
					unclosed[string(name)] = !closedBy(piece[at:], string(name))
				}
				if unclosed[string(name)] {
					t.NextIsNotRawText()
				} else {
					skipped := at + raw
					for t.Next() == html.TextToken { // no text for readers
						skipped += len(t.Raw())
					}
					line += bytes.Count(piece[at:skipped], []byte("\n"))
					at = skipped
					raw = len(t.Raw()) // of its end tag
				}
				break
			}
			t.NextIsNotRawText()
			if r.placeholder(w, piece[at:at+raw], string(name), line) {
				break
			}
			r.startTag(w, t, string(name), attributes, line)
		case html.EndTagToken:
			name, _ := t.TagName()
			if !r.placeholder(w, piece[at:at+raw], string(name), line) {
				r.endTag(w, string(name))
			}
		}
		line += bytes.Count(piece[at:at+raw], []byte("\n"))
		at += raw
	}
}

// placeholder writes a tag that HTML does not define as the text that it is, such as
// "<Company Name>", and reports whether it is one. What a custom element holds, one
// that is closed, is text without it.
func (r *rawHTML) placeholder(w util.BufWriter, tag []byte, name string, line int) bool {
	why := "is not a tag of HTML"
	if r.isWord(tag, name) {
		why = "is never closed"
	} else if !isSentence(tag) && (isElement(name) || drawnElements[name] && r.draws()) ||
		strings.Contains(name, "-") && r.source.spend(len(r.source.text), 0) && closedBy(r.source.text, name) {
		return false
	}
	if !r.told {
		r.told = true
		r.source.note(line, "fill in what it stands for, or write it between backticks", "%s %s and is shown as it stands", strings.TrimSpace(string(tag)), why)
	}
	r.text(w, tag)
	return true
}

// isElement reports whether HTML defines an element.
func isElement(name string) bool {
	return definedElements[name] || allowedElements[name] || hasFunction[name] || becomes[name] != ""
}

// draws reports whether the text has a drawing or a formula in its mark-up.
func (r *rawHTML) draws() bool {
	text := r.source.text
	return r.source.spend(2*len(text), 0) && (closedBy(text, "svg") || closedBy(text, "math"))
}

// loose are elements that may stand without attributes and without an end tag, or whose
// name nobody takes for a word.
var loose = set(`a p li dt dd rp rt rb rtc colgroup thead tbody tfoot tr th td html head body optgroup br hr img wbr col
	b i u em strong big tt font center div span nobr spacer`)

// isWord reports whether a tag such as "<address>" stands for a word to be filled in:
// it has no attribute, and nothing closes it.
func (r *rawHTML) isWord(tag []byte, name string) bool {
	return !loose[name] && isElement(name) && len(tag) == len(name)+len("<>") && tag[1] != '/' && r.source.spend(len(r.source.text), 0) && !closedBy(r.source.text, name)
}

// booleans are attributes that HTML has without a value.
var booleans = set(`allowfullscreen async autofocus autoplay border checked compact controls declare default defer disabled download
	draggable formnovalidate hidden inert ismap itemscope loop multiple muted noshade nomodule novalidate nowrap open playsinline readonly
	required reversed scoped seamless selected contenteditable`)

// isSentence reports whether a tag that begins with the name of an element goes on as
// none does, such as "<Address of the buyer>": in words alone.
func isSentence(tag []byte) bool {
	inner := bytes.TrimSuffix(bytes.TrimPrefix(tag, []byte("<")), []byte(">"))
	words := bytes.Fields(inner)
	if len(words) < 2 {
		return false
	}
	for _, w := range words[1:] {
		if runOf(string(w), isLetter) != len(w) || booleans[strings.ToLower(string(w))] {
			return false
		}
	}
	return true
}

func (r *rawHTML) text(w util.BufWriter, text []byte) {
	r.found = r.found || len(bytes.TrimSpace(text)) > 0
	_, _ = w.Write(util.EscapeHTML(text))
}

// closedBy reports whether an end tag of the given name is in a piece.
func closedBy(piece []byte, name string) bool {
	for {
		i := bytes.Index(piece, []byte("</"))
		if i < 0 {
			return false
		}
		piece = piece[i+2:]
		if len(piece) >= len(name) && strings.EqualFold(string(piece[:len(name)]), name) {
			return true
		}
	}
}

// openingTag is the lower-case name of the start tag that a piece begins with;
// "" when there is none.
func openingTag(piece []byte) string {
	if len(piece) < 2 || piece[0] != '<' {
		return ""
	}
	end := 1
	for end < len(piece) && bytes.IndexByte([]byte(" \t\n/>"), piece[end]) < 0 {
		end++
	}
	return strings.ToLower(string(piece[1:end]))
}

// bareTag is the lower-case name of the one tag without attributes that a
// piece is, as nearly all tags within paragraphs are, and whether it is an end
// tag; "" for any other piece.
func bareTag(piece []byte) (name string, end bool) {
	if len(piece) < 3 || piece[0] != '<' || piece[len(piece)-1] != '>' {
		return "", false
	}
	v := piece[1 : len(piece)-1]
	if v[0] == '/' {
		v, end = v[1:], true
	}
	for i, c := range v {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return "", false
		}
	}
	return strings.ToLower(string(v)), end
}

func (r *rawHTML) noteRemoved(name string, line int) {
	r.source.note(line, "only marks of text pass; `html: trusted` in policysite.yaml lets all raw HTML pass", "<%s> is removed", name)
}

func (r *rawHTML) startTag(w util.BufWriter, t *html.Tokenizer, name string, attributes bool, line int) {
	if hasFunction[name] {
		r.noteRemoved(name, line)
	}
	as := r.element(name)
	if as == "" {
		return
	}
	r.found = true
	_, _ = w.WriteString("<" + as)
	var seen map[string]bool
	if attributes {
		seen = map[string]bool{}
	}
	for attributes {
		var key, value []byte
		key, value, attributes = t.TagAttr()
		r.attribute(w, as, string(key), string(value), seen)
	}
	if as == "img" && !seen["alt"] {
		_, _ = w.WriteString(` alt=""`)
	}
	if as == "details" { // closed, it would hide text, on paper for good
		_, _ = w.WriteString(` open=""`)
	}
	if seen["id"] || as == "a" || as == "img" {
		_, _ = w.WriteString(` ` + lineAttribute + `="-` + strconv.Itoa(line) + `"`)
	}
	_ = w.WriteByte('>')
	if voidElements[as] {
		return
	}
	if r.open == nil {
		r.open = map[string]int{}
	}
	r.open[as]++
	if !endOptional[as] {
		if r.nested++; r.nested > maxOpen {
			r.source.fail(line, "raw HTML leaves too many elements open")
		}
	}
}

// endTag closes only what raw HTML opened, never an element of the Markdown
// around it.
func (r *rawHTML) endTag(w util.BufWriter, name string) {
	as := r.element(name)
	if as == "" || r.open[as] == 0 {
		return
	}
	r.open[as]--
	if !endOptional[as] {
		r.nested--
	}
	_, _ = w.WriteString("</" + as + ">")
}

// element is what an element becomes: itself, another, or "" for nothing.
func (r *rawHTML) element(name string) string {
	as, known := becomes[name]
	switch {
	case allowedElements[name]:
		as = name
	case !known:
		return ""
	}
	if tableParts[as] && r.open["table"] == 0 {
		// The parser drops these outside a table, and would join the words of
		// neighbouring cells.
		if as == "td" || as == "th" || as == "tr" || as == "caption" {
			return "div"
		}
		return ""
	}
	return as
}

// attribute writes an attribute if it is one that readers need.
func (r *rawHTML) attribute(w util.BufWriter, element, key, value string, seen map[string]bool) {
	if key == "name" && element == "a" {
		key = "id"
	}
	if seen[key] {
		return
	}
	ok := false
	switch key {
	case "id":
		value = authorID(value)
		ok = value != ""
	case "lang":
		ok = validLang(value)
	case "dir":
		value = strings.ToLower(value)
		ok = validDir(value)
	case "href":
		ok = element == "a"
	case "src", "alt":
		ok = element == "img"
	case "title":
		ok = element == "a" || element == "img" || element == "abbr" || element == "dfn"
	case "type":
		ok = element == "ol" && len(value) == 1 && strings.Contains("1aAiI", value)
	case "start":
		ok = element == "ol" && isInteger(value)
	case "value":
		ok = element == "li" && isInteger(value)
	case "colspan", "rowspan":
		n, err := strconv.Atoi(value)
		ok = (element == "td" || element == "th") && err == nil && n > 0 && n <= 1000 // the HTML standard's limit
	case "scope":
		ok = element == "th" && (value == "col" || value == "row" || value == "colgroup" || value == "rowgroup")
	}
	if ok {
		seen[key] = true
		_, _ = w.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
	}
}

func isInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil
}

// mark writes trusted HTML as it is, with the lines of its links.
func (r *rawHTML) mark(w util.BufWriter, piece []byte, line int) {
	if name, _ := bareTag(piece); name != "" && name != "a" && name != "img" {
		_, _ = w.Write(piece)
		return
	}
	t := html.NewTokenizer(bytes.NewReader(piece))
	at := 0
	for kind := t.Next(); kind != html.ErrorToken; kind = t.Next() {
		raw := piece[at : at+len(t.Raw())]
		at += len(raw)
		name := ""
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			name = openingTag(raw)
		}
		if name == "a" || name == "img" {
			_, _ = w.Write(raw[:1+len(name)])
			_, _ = w.WriteString(` ` + lineAttribute + `="-` + strconv.Itoa(line) + `"`)
			_, _ = w.Write(raw[1+len(name):])
		} else {
			_, _ = w.Write(raw)
		}
		line += bytes.Count(raw, []byte("\n"))
	}
	_, _ = w.Write(piece[at:])
}
