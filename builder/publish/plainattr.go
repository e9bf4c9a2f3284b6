package publish

import "bytes"

// attrKind tells attributes apart by what the library does with their values.
type attrKind uint8

const (
	unknownAttr attrKind = iota
	data                 // may have no value
	boolean              // has no value
	words                // one space between words
	address
	mediaType
	always // in quotation marks
	named  // what a <meta> says, which changes how it is said
)

func attrKindOf(t tag, name []byte) attrKind {
	switch string(name) {
	case "href", "src":
		return address
	case "alt", "class", "colspan", "datetime", "dir", "hreflang", "id", "lang", "rel", "role", "rowspan", "scope", "start", "tabindex", "title", "value":
		return words
	case "type":
		if string(t.name) == "a" || string(t.name) == "link" {
			return mediaType
		}
	case "defer":
		return boolean
	case "charset", "content", "name":
		switch {
		case string(t.name) != "meta":
		case name[0] == 'n':
			return named
		case name[1] == 'o':
			return always
		default:
			return words
		}
	}
	switch {
	case bytes.HasPrefix(name, []byte("data-")):
		return data
	case bytes.HasPrefix(name, []byte("aria-")):
		return words
	}
	return unknownAttr
}

// attr writes an attribute of a tag, ` name` or ` name="value"`, and returns the
// place behind it; -1 when it is written in another way.
func (p *plain) attr(t tag, at int) (end int) {
	in := p.in
	end = at + 1
	for end < len(in) && ('a' <= in[end] && in[end] <= 'z' || in[end] == '-') {
		end++
	}
	name := in[at+1 : end]
	kind := attrKindOf(t, name)
	if !bytes.HasPrefix(in[end:], []byte(`="`)) {
		p.out = append(p.out, in[at:end]...)
		p.rough = p.rough || kind != data && kind != boolean
		if len(name) == 0 || end == len(in) || in[end] != ' ' && in[end] != '>' {
			return -1
		}
		return end
	}
	end += len(`="`)
	start, quoted, short := end, kind == always, false
	for {
		for end < len(in) && !marked[in[end]] {
			end++
		}
		if end == len(in) {
			return -1
		}
		c := in[end]
		if c == '"' {
			break
		}
		switch {
		case c == '&':
			n, to := reference(in[end:])
			p.rough = p.rough || n != len("&amp;")
			short = short || to != ""
		case c == ' ':
			quoted = true
			p.rough = p.rough || end == start || in[end-1] == ' ' || end+1 < len(in) && in[end+1] == '"'
		case space[c]:
			p.rough = true
		default:
			quoted = true
		}
		end++
	}
	value := in[start:end]
	end++
	if end == len(in) || in[end] != ' ' && in[end] != '>' {
		return -1
	}
	p.rough = p.rough || len(value) == 0 || !kind.plain(value)
	if quoted {
		p.out = append(p.out, in[at:start]...)
	} else {
		p.out = append(p.out, in[at:start-1]...)
	}
	for short {
		before, _, found := bytes.Cut(value, []byte("&amp;"))
		if short = found; !found {
			break
		}
		p.out = append(append(p.out, before...), '&')
		value = value[len(before):]
		if _, to := reference(value); to == "" {
			p.out = append(p.out, "amp;"...)
		}
		value = value[len("&amp;"):]
	}
	p.out = append(p.out, value...)
	if quoted {
		p.out = append(p.out, '"')
	}
	return end
}

// plain reports whether the value of an attribute stays as it is written, but
// for its quotation marks and references.
func (k attrKind) plain(value []byte) bool {
	switch k {
	case data, words, always:
		return true
	case address:
		return plainURL(value)
	case mediaType:
		for _, c := range value {
			if (c < 'a' || c > 'z') && c != '/' {
				return false
			}
		}
		return true
	case named:
		return !bytes.EqualFold(value, []byte("keywords")) && !bytes.EqualFold(value, []byte("viewport"))
	}
	return false
}

// marked are the bytes of an attribute's value that are not taken as they are, ask
// for quotation marks, or end it.
var marked = [256]bool{'"': true, ' ': true, '\t': true, '\n': true, '\r': true, '\f': true, '&': true, '\'': true, '<': true, '=': true, '>': true, '`': true}

// plainURL reports whether an address stays as it is written: the library
// rewrites those of data, and schemes in upper case.
func plainURL(s []byte) bool {
	if len(s) == 0 || s[0]|0x20 != 'h' && s[0]|0x20 != 'd' {
		return true
	}
	if bytes.HasPrefix(s, []byte("https:")) || bytes.HasPrefix(s, []byte("http:")) {
		return true
	}
	start := bytes.ToLower(s[:min(5, len(s))])
	return !bytes.HasPrefix(start, []byte("http")) && !bytes.Equal(start, []byte("data:"))
}
