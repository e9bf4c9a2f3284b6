package redline

import "strings"

// escape writes text for the content of an element.
func (w *writer) escape(s string) {
	from := 0
	if strings.IndexByte(s, '&') < 0 && strings.IndexByte(s, '<') < 0 { // of most
		w.out = append(w.out, s...)
		return
	}
	for i := 0; i < len(s); i++ {
		reference := ""
		switch s[i] {
		case '&':
			reference = "&amp;"
		case '<':
			reference = "&lt;"
		default:
			continue
		}
		w.out = append(append(w.out, s[from:i]...), reference...)
		from = i + 1
	}
	w.out = append(w.out, s[from:]...)
}

// escape returns text for the content of an element.
func escape(s string) string {
	if !strings.ContainsAny(s, "&<") {
		return s
	}
	var w writer
	w.escape(s)
	return string(w.out)
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;")

// quoted returns the value of an attribute, in quotes.
func quoted(s string) string { return `"` + attributeEscaper.Replace(s) + `"` }
