package redline

import "strings"

// references are what stands in HTML for bytes that mean something there.
var references = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;"}

// escape writes text for HTML.
func (w *writer) escape(s string) {
	from := 0
	for i := 0; i < len(s); i++ {
		if reference := references[s[i]]; reference != "" {
			w.out = append(append(w.out, s[from:i]...), reference...)
			from = i + 1
		}
	}
	w.out = append(w.out, s[from:]...)
}

// escape returns text as HTML.
func escape(s string) string {
	if !strings.ContainsAny(s, `&<>"`) {
		return s
	}
	var w writer
	w.escape(s)
	return string(w.out)
}
