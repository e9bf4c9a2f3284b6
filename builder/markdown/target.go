package markdown

import (
	"strings"
)

// allow reports whether a target may stay, and notes it when it may not.
func (b *builder) allow(target string, image bool, line int) bool {
	what := "link"
	if image {
		what = "image"
		if target == "" {
			b.source.note(line, "write the file between the round brackets", "image without a target shows its alternative text")
			return false
		}
	}
	scheme := schemeOf(target)
	switch scheme {
	case "", "http", "https", "mailto", "tel":
		return true
	}
	b.source.note(line, "targets are relative, or start with https:, http:, mailto: or tel:",
		"%s with the scheme %q keeps its text and loses its target", what, scheme)
	return false
}

// schemeOf is the scheme that a browser sees in a target, in lower case; ""
// for a relative one. As the URL standard has it, control characters and
// spaces at the ends and tabs and line ends anywhere do not count. Other
// control characters are left out as well: no browser does so, but no author
// needs them, and "java\x01script:" is not worth trying.
func schemeOf(target string) string {
	var b strings.Builder
	for _, r := range target {
		switch {
		case r <= 0x20 || r >= 0x7f && r <= 0xa0 || r == '\u00ad' || r >= '\u200b' && r <= '\u200f' || r == '\ufeff':
		case r == ':':
			return strings.ToLower(b.String())
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		case b.Len() > 0 && (r >= '0' && r <= '9' || r == '+' || r == '-' || r == '.'):
			b.WriteRune(r)
		default:
			return "" // "/", "?", "#", or what no scheme has
		}
	}
	return ""
}

// withoutLineEnds is a target as the URL standard reads it: tabs and line ends
// are none of it, wherever they stand.
func withoutLineEnds(target string) string {
	if !strings.ContainsAny(target, "\t\n\r") {
		return target
	}
	return strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(target)
}

// appendTarget writes a target as the value of an attribute. Characters that a
// URL must not have are percent-encoded, so that the HTML is valid; what the
// author encoded, and letters of any script, stay.
func appendTarget(out []byte, target string) []byte {
	const hex = "0123456789ABCDEF"
	target = strings.Trim(target, " ")
	host := strings.Contains(target, "://[") || strings.HasPrefix(target, "//[") // an IPv6 address
	for i := 0; i < len(target); i++ {
		c := target[i]
		encode := false
		switch c {
		case '&':
			out = append(out, "&amp;"...)
			continue
		case '"', '<', '>', '\\', '^', '`', '{', '|', '}', 0x7f:
			encode = true
		case '[', ']':
			encode = !host
		case '%':
			encode = i+2 >= len(target) || !isHex(target[i+1]) || !isHex(target[i+2])
		default:
			encode = c <= ' '
		}
		if encode {
			out = append(out, '%', hex[c>>4], hex[c&15])
		} else {
			out = append(out, c)
		}
	}
	return out
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}
