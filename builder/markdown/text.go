package markdown

import (
	"bytes"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/policysite/policysite/builder/policy"
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escape(s string) string { return escaper.Replace(s) }

func unescape(b []byte) string {
	if bytes.IndexByte(b, '&') < 0 {
		return string(b)
	}
	return html.UnescapeString(string(b))
}

// appendUnescaped appends HTML text with its character references resolved.
func appendUnescaped(to, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			return append(to, text...)
		}
		to = append(to, text[:i]...)
		text = text[i:]
		end := bytes.IndexByte(text[:min(len(text), 40)], ';') // the longest name has 33 bytes
		if end < 0 {
			to = append(to, '&')
			text = text[1:]
			continue
		}
		switch string(text[:end+1]) {
		case "&amp;":
			to = append(to, '&')
		case "&lt;":
			to = append(to, '<')
		case "&gt;":
			to = append(to, '>')
		case "&quot;":
			to = append(to, '"')
		default:
			to = append(to, html.UnescapeString(string(text[:end+1]))...)
		}
		text = text[end+1:]
	}
}

// visibleText is what policy.CollapseSpace makes of a text. It works in place
// and is several times faster, which counts: it sees every byte of a history.
func visibleText(b []byte) string {
	end := 0 // of what is done, in b
	ascii := true
	for i := 0; i < len(b); {
		word := i
		for i < len(b) && plain(b[i]) {
			i++
			if i+1 < len(b) && b[i] == ' ' && plain(b[i+1]) { // as nearly all white space is
				i += 2
			}
		}
		white, unseen, n := false, false, 0
		if i < len(b) {
			white, unseen, n = look(b[i:])
			if b[i] >= utf8.RuneSelf {
				ascii = false
			}
			if !white && !unseen {
				i += n
			}
		}
		if end != word {
			end += copy(b[end:], b[word:i])
		} else {
			end = i
		}
		if white || unseen {
			i += n
		}
		if white && end > 0 && b[end-1] != ' ' {
			b[end] = ' '
			end++
		}
	}
	if end > 0 && b[end-1] == ' ' {
		end--
	}
	b = b[:end]
	if ascii || norm.NFC.QuickSpan(b) == len(b) {
		return string(b)
	}
	return string(norm.NFC.Bytes(b))
}

func plain(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// look reports whether b starts with white space or with a character that shows
// nothing, and how many bytes the first character has, or at least the first that can
// be told from these.
func look(b []byte) (white, unseen bool, n int) {
	switch c := b[0]; {
	case c < utf8.RuneSelf:
		return c == ' ' || c >= '\t' && c <= '\r', false, 1
	case c == 0xc2 || c >= 0xe1 && c <= 0xe3 || c == 0xef: // all of them beyond ASCII, U+0085 to U+FEFF, start so
		r, n := utf8.DecodeRune(b)
		return unicode.IsSpace(r), policy.IsUnseen(r), n
	}
	return false, false, 1
}

// codeText is the lines of code as they are, in Normalization Form C, without
// characters that show nothing and without the newline at the end.
func codeText(b []byte) string {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return norm.NFC.String(policy.WithoutUnseen(string(b)))
}
