package markdown

import (
	"bytes"

	"github.com/policysite/policysite/builder/policy"
)

// elementClass tells what the pass over the HTML does with an element.
type elementClass uint8

const (
	inline      elementClass = iota // part of a text; unknown elements too
	void                            // part of a text, without content
	literal                         // its content is neither HTML nor text
	leaf                            // a block with text
	container                       // a block with blocks
	transparent                     // only groups the blocks of its container
	rule                            // a block without content
)

// classify tells how an element is read and, of a block, its kind.
func classify(name []byte) (elementClass, policy.BlockKind) {
	switch string(name) {
	case "p":
		return leaf, policy.Paragraph
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return leaf, policy.Heading
	case "pre":
		return leaf, policy.Code
	case "td", "th":
		return leaf, policy.Cell
	case "hr":
		return rule, policy.Rule
	case "blockquote":
		return container, policy.Quote
	case "ul", "ol", "menu":
		return container, policy.List
	case "li":
		return container, policy.Item
	case "table":
		return container, policy.Table
	case "tr":
		return container, policy.Row
	case "div", "section", "article", "aside", "header", "footer", "nav", "main", "address", "hgroup", "search",
		"figure", "figcaption", "details", "summary", "dl", "dt", "dd", "caption", "fieldset", "legend", "form", "dialog", "center":
		return container, policy.Group
	case "thead", "tbody", "tfoot", "colgroup", "col":
		return transparent, policy.Group
	case "br", "img", "input", "wbr", "area", "base", "embed", "keygen", "link", "meta", "param", "source", "track":
		return void, policy.Paragraph
	case "script", "style", "iframe", "noembed", "noframes", "noscript", "xmp", "plaintext":
		return literal, policy.Paragraph
	}
	return inline, policy.Paragraph
}

// attribute is one attribute of a start tag. value is as it stands there, with
// character references; start and end are where it stands in builder.in.
type attribute struct {
	name, value []byte
	start, end  int
}

// tag is a start tag.
type tag struct {
	name       []byte
	class      elementClass
	kind       policy.BlockKind
	start, end int // in builder.in
	attrs      []attribute
	id         string // unique
	doubleID   string // the id it would have, were it not another's
	alt        []byte // of an image: its alternative text, with character references
	note       bool   // has data-note: not text
	container  bool   // has containerAttribute
	datetime   string // the value of datetimeAttribute
}

func (t *tag) has(name string) bool {
	for _, a := range t.attrs {
		if string(a.name) == name {
			return true
		}
	}
	return false
}

func (t *tag) value(name string) string {
	for _, a := range t.attrs {
		if string(a.name) == name {
			return string(a.value)
		}
	}
	return ""
}

// nextTag is where the next tag starts.
func nextTag(html []byte, from int) int {
	if i := bytes.IndexByte(html[from:], '<'); i >= 0 {
		return from + i
	}
	return len(html)
}

// endTag reads an end tag and gives its name.
func (b *builder) endTag() []byte {
	start := b.pos + len("</")
	end := bytes.IndexByte(b.in[b.pos:], '>')
	if end < 0 {
		b.pos = len(b.in)
		return nil
	}
	b.pos += end + 1
	return b.in[start : b.pos-1]
}

// startTag reads a start tag, and writes it anew where it has to change.
func (b *builder) startTag() tag {
	t := tag{start: b.pos}
	end := bytes.IndexByte(b.in[b.pos:], '>')
	if end < 0 {
		end = len(b.in) - b.pos - 1
	}
	t.end = b.pos + end + 1
	b.pos = t.end
	at := t.start + 1
	for at < t.end-1 && b.in[at] != ' ' && b.in[at] != '/' {
		at++
	}
	t.name = b.in[t.start+1 : at]
	t.class, t.kind = classify(t.name)
	if at < t.end-1 {
		b.readAttributes(&t, at)
		b.settle(&t)
	} else if string(t.name) == "img" {
		b.settle(&t)
	}
	return t
}

func (b *builder) readAttributes(t *tag, at int) {
	b.attrs = b.attrs[:0]
	for last := t.end - 1; at < last; {
		a := attribute{start: at}
		for at < last && (b.in[at] == ' ' || b.in[at] == '/') {
			at++
		}
		name := at
		for at < last && b.in[at] != '=' && b.in[at] != ' ' && b.in[at] != '/' {
			at++
		}
		if at == name {
			at++
			continue
		}
		a.name = b.in[name:at]
		if at+1 < last && b.in[at] == '=' && b.in[at+1] == '"' {
			value := at + 2
			n := bytes.IndexByte(b.in[value:last], '"')
			if n < 0 {
				n = last - value
			}
			a.value = b.in[value : value+n]
			at = min(value+n+1, last)
		}
		a.end = at
		b.attrs = append(b.attrs, a)
	}
	t.attrs = b.attrs
}

// settle decides on the id and the target of an element.
func (b *builder) settle(t *tag) {
	line, raw, change := 0, false, false
	var id, target *attribute
	wanted := ""
	switch string(t.name) {
	case "a":
		wanted = "href"
	case "img":
		wanted = "src"
	}
	for i := range t.attrs {
		a := &t.attrs[i]
		switch string(a.name) {
		case lineAttribute:
			line, raw, change = idLine(string(a.value)), len(a.value) > 0 && a.value[0] == '-', true
		case containerAttribute:
			t.container, change = true, true
		case datetimeAttribute:
			t.datetime, change = unescape(a.value), true
		case "data-note":
			t.note = true
		case "alt":
			t.alt = a.value
		case "id":
			if id == nil {
				id = a
			}
		case wanted:
			if target == nil {
				target = a
			}
		}
	}
	if id != nil {
		if v := unescape(id.value); v == "" {
			change = true
		} else if b.doc.IDs[v] {
			b.source.note(line, "give one of the two another id", "id %q is given twice", v)
			t.doubleID, change = v, true
		} else {
			t.id, b.doc.IDs[v] = v, true
			b.ids = append(b.ids, elementID{id: v, author: true})
		}
	}
	image := string(t.name) == "img"
	if !change && target == nil && !image {
		return
	}
	b.rewrite(t, target, line, raw)
}

// rewrite writes a start tag without the attributes that are for this package
// alone, and records its target or takes it away.
func (b *builder) rewrite(t *tag, target *attribute, line int, raw bool) {
	image := string(t.name) == "img"
	link := policy.Link{Image: image, Line: line}
	keep := target != nil && !t.note && b.silent == 0
	footnote := target != nil && !keep // its target is always there, and no author's
	if target != nil {
		link.Target = withoutLineEnds(unescape(target.value))
		if keep && !(raw && b.trusted) {
			keep = b.allow(link.Target, image, line)
		}
	}
	b.flush(t.start)
	if image && !keep {
		b.out = append(b.out, t.alt...)
		b.copied = t.end
		return
	}
	start := len(b.out)
	b.out = append(b.out, '<')
	b.out = append(b.out, t.name...)
	for i := range t.attrs {
		a := &t.attrs[i]
		switch {
		case a == target && keep:
			link.Attr.Start = len(b.out)
			b.out = append(b.out, ' ')
			b.out = append(b.out, a.name...)
			b.out = append(b.out, `="`...)
			b.out = appendTarget(b.out, link.Target)
			b.out = append(b.out, '"')
			link.Attr.End = len(b.out)
		case a == target && !footnote,
			string(a.name) == lineAttribute, string(a.name) == containerAttribute, string(a.name) == datetimeAttribute,
			string(a.name) == "id" && t.id == "":
		default:
			b.out = append(b.out, b.in[a.start:a.end]...)
		}
	}
	b.out = append(b.out, '>')
	b.copied = t.end
	if keep {
		link.Element = policy.Span{Start: start, End: len(b.out)}
		link.Alt = unescape(t.alt)
		b.doc.Links = append(b.doc.Links, link)
	}
}
