package publish

import (
	"bytes"
	"slices"
)

// Most of a site is plain: paragraphs, headings, lists and tables with links
// and emphasis in them, as our own writers write them. What the library makes
// of that can be said in a page of code, which takes a quarter of the time.
//
// White space and the library's other state do not reach over the tag of a
// block. So HTML is taken block by block, a block being its tag and all that
// follows up to the next block's, and a block with anything in it that is not
// known here goes to the library.

// kind tells tags apart as the library does.
type kind uint8

const (
	unknown  kind = iota
	block         // white space beside it means nothing
	inline        // white space beside it means something
	phrasing      // likewise, and an empty one keeps the space behind it
	object        // white space on both sides of it stays
)

// kindOf leaves out all elements whose content is not read as text and tags.
func kindOf(tag []byte) kind {
	switch string(tag) {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "div", "blockquote", "pre", "br", "hr", "dl", "dt", "dd",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "section", "figure", "figcaption", "details", "summary",
		"header", "nav", "main", "article", "aside", "footer", "html", "head", "title":
		return block
	case "a", "ins", "del", "script":
		return inline
	case "body", "link", "meta", "abbr", "b", "bdi", "bdo", "cite", "code", "dfn", "em", "i", "kbd", "mark", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var":
		return phrasing
	case "img", "input", "q":
		return object
	}
	return unknown
}

// plain is HTML being minified.
type plain struct {
	in, out []byte
	omit    bool // a space that comes next is superfluous
	open    bool // out ends in a space that is superfluous if a block's tag comes next
	pre     bool // within <pre>
	rough   bool // the block at hand has something in it that is not known here
}

// minifyHTML appends to dst what HTML becomes. library minifies blocks that are not
// plain.
func minifyHTML(dst, in []byte, library func([]byte) ([]byte, error)) ([]byte, error) {
	p := plain{in: in, out: slices.Grow(dst, len(in)), omit: true}
	from, to := 0, len(dst) // where the block at hand starts, in in and out
	finish := func(at int) error {
		if p.open {
			p.out = p.out[:len(p.out)-1]
		}
		if p.rough {
			small, err := library(in[from:at])
			if err != nil {
				return err
			}
			p.out = append(p.out[:to], small...)
		}
		from, to = at, len(p.out)
		p.omit, p.open, p.rough = true, false, false
		return nil
	}
	at, body := 0, headOf(in)
	if body > 0 && (bytes.HasPrefix(in, []byte("<!DOCTYPE html>")) || bytes.HasPrefix(in, []byte(doctype))) {
		p.out = append(p.out, doctype...)
		at = len(doctype)
	}
	for at < len(in) {
		if in[at] != '<' {
			end := bytes.IndexByte(in[at:], '<')
			if end < 0 {
				end = len(in) - at
			}
			p.text(in[at : at+end])
			at += end
			continue
		}
		start, t := at, readTag(in, at)
		isPre := string(t.name) == "pre"
		if t.kind == block && (!p.pre || isPre && t.end) {
			if err := finish(at); err != nil {
				return nil, err
			}
		}
		if isPre {
			p.pre = !t.end
		}
		if at = p.tag(t, at); at < 0 {
			p.rough = true // where it ends is not known either
			if start >= body {
				break
			}
			at = body
		}
	}
	return p.out, finish(len(in))
}

// doctype is what every declaration of HTML becomes.
const doctype = "<!doctype html>"

// headOf is where the body of a page begins: with something in the head that is
// not known here, all from there to the first block of the body is left to the
// library. It is 0 where that cannot be told at a glance.
func headOf(in []byte) int {
	if !bytes.HasPrefix(in, []byte("<!")) {
		return 0
	}
	for at := 0; ; {
		next := bytes.IndexByte(in[at:], '<')
		if next < 0 {
			return 0
		}
		start := at + next
		length := bytes.IndexByte(in[start:], '>')
		if length < 0 || len(bytes.TrimSpace(in[at:start])) > 0 {
			return 0
		}
		at = start + length + 1
		tag := in[start:at]
		if bytes.Count(tag, []byte(`"`))%2 != 0 || bytes.IndexByte(tag, '\'') >= 0 {
			return 0 // it may end elsewhere
		}
		name := bytes.TrimRight(tag[1:len(tag)-1], " ")
		name, _, _ = bytes.Cut(name, []byte(" "))
		switch string(bytes.ToLower(name)) {
		case "!doctype", "html", "head", "meta", "link", "base", "/head":
		case "title", "style", "script":
			// Their content is text, whatever it looks like.
			end := append(append([]byte("</"), name...), '>')
			next := bytes.Index(in[at:], end)
			if next < 0 {
				return 0
			}
			at += next + len(end)
		case "body":
			return at
		default:
			return 0
		}
	}
}

// space are the bytes of white space, as the library counts them.
var space = [256]bool{' ': true, '\t': true, '\n': true, '\r': true, '\f': true}

// special are the bytes of text that are not taken as they are, and odd those that
// are more than single spaces.
var (
	special = [256]bool{' ': true, '\t': true, '\n': true, '\r': true, '\f': true, '&': true}
	odd     = [256]bool{'\t': true, '\n': true, '\r': true, '\f': true, '&': true}
)

// text writes what stands between two tags.
func (p *plain) text(s []byte) {
	if p.rough {
		return
	}
	if p.pre {
		p.out = append(p.out, s...)
		return
	}
	if spaced(s) {
		if p.omit && s[0] == ' ' {
			s = s[1:]
		}
		p.out = append(p.out, s...)
		p.omit = s[len(s)-1] == ' '
		p.open = p.omit
		return
	}
	done := 0
	start := len(p.out)
	for i := 0; ; {
		for i < len(s) && !special[s[i]] {
			i++
		}
		if i == len(s) {
			break
		}
		switch c := s[i]; {
		case c == ' ' && i > 0 && i+1 < len(s) && !space[s[i+1]]:
			i++
		case c == '&':
			n, short := reference(s[i:])
			if n == 0 {
				p.rough = true
				return
			}
			if short != "" {
				p.out = append(append(p.out, s[done:i]...), short...)
				done = i + n
			}
			i += n
		default:
			p.out = append(p.out, s[done:i]...)
			one := byte(' ')
			for ; i < len(s) && space[s[i]]; i++ {
				if s[i] == '\n' || s[i] == '\r' {
					one = '\n'
				}
			}
			done = i
			if len(p.out) > start || !p.omit {
				p.out = append(p.out, one)
			}
		}
	}
	p.out = append(p.out, s[done:]...)
	p.omit = len(p.out) == start || space[p.out[len(p.out)-1]]
	p.open = p.omit && len(p.out) > start
}

// spaced reports whether a text is words with single spaces between and around
// them, as most are, and nothing that is written in another way.
func spaced(s []byte) bool {
	if len(s) < 2 || bytes.Contains(s, []byte("  ")) {
		return false
	}
	for _, c := range s {
		if odd[c] {
			return false
		}
	}
	return true
}

// reference is how long the character reference is that s starts with, and
// what it becomes; "" for itself. 0 stands for one that is not known here.
func reference(s []byte) (n int, short string) {
	switch {
	case bytes.HasPrefix(s, []byte("&quot;")):
		return 6, `"`
	case bytes.HasPrefix(s, []byte("&amp;")):
		if len(s) > 5 && (s[5] == '#' || '0' <= s[5] && s[5] <= '9' || 'a' <= s[5] && s[5] <= 'z' || 'A' <= s[5] && s[5] <= 'Z') {
			return 5, "" // with what follows it may be another
		}
		return 5, "&"
	case bytes.HasPrefix(s, []byte("&lt;")):
		return 4, ""
	case bytes.HasPrefix(s, []byte("&gt;")):
		return 4, ">"
	}
	return 0, ""
}

// tag is the beginning of a start or end tag: its name, with what stands before.
type tag struct {
	name []byte
	kind kind
	end  bool
}

// closes reports whether what stands in an element, up to its end tag, is what it
// looks like. There is no tag in a title, whatever looks like one, and what stands
// in a script is not known here; one without attributes either is nothing.
func (t tag) closes(start, rest []byte) bool {
	switch string(t.name) {
	case "title":
		end := bytes.IndexByte(rest, '<')
		return end >= 0 && bytes.HasPrefix(rest[end:], []byte("</title>"))
	case "script":
		return len(start) > len("<script>") && bytes.HasPrefix(rest, []byte("</script>"))
	}
	return true
}

// viewport is how our pages say that they fit every screen, and what the library
// makes of it.
const (
	viewport      = `<meta name="viewport" content="width=device-width, initial-scale=1">`
	smallViewport = `<meta name=viewport content="width=device-width,initial-scale=1">`
)

// readTag reads the tag at a place, up to its attributes. One that is not
// written as our writers write them has an unknown kind.
func readTag(in []byte, at int) (t tag) {
	at++
	if t.end = at < len(in) && in[at] == '/'; t.end {
		at++
	}
	start := at
	for at < len(in) && ('a' <= in[at] && in[at] <= 'z' || '0' <= in[at] && in[at] <= '9') {
		at++
	}
	t.name = in[start:at]
	if at < len(in) && (in[at] == '>' || in[at] == ' ' && !t.end) {
		t.kind = kindOf(t.name)
	}
	return t
}

// tag writes the tag at a place, and returns the one behind it; -1 when it is
// not known.
func (p *plain) tag(t tag, at int) (end int) {
	if t.kind == unknown {
		return -1
	}
	end = at + len("<") + len(t.name)
	if t.end {
		end++
	}
	// Whether the space before an end tag stays depends on what follows.
	p.rough = p.rough || p.open && t.end && t.kind != block
	p.open = false
	if t.kind == object {
		p.omit = false
	}
	if string(t.name) == "meta" && bytes.HasPrefix(p.in[at:], []byte(viewport)) {
		p.out = append(p.out, smallViewport...)
		return at + len(viewport)
	}
	p.out = append(p.out, p.in[at:end]...)
	for end < len(p.in) && p.in[end] == ' ' {
		if end = p.attr(t, end); end < 0 {
			return -1
		}
	}
	if end == len(p.in) || p.in[end] != '>' {
		return -1
	}
	p.out = append(p.out, '>')
	end++
	if !t.end && !t.closes(p.in[at:end], p.in[end:]) {
		return -1
	}
	p.rough = p.rough || t.kind == phrasing && !t.end && bytes.HasPrefix(p.in[end:], []byte("</"))
	return end
}
