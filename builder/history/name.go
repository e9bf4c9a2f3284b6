package history

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// orderNumber leads a name to give it a place in a list: "09-privacy". Four
// digits are a year.
var orderNumber = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3})*[-_. ]+`)

// markupEndings are extensions that stand before another, as in "a.html.md".
var markupEndings = []string{".md", ".markdown", ".html", ".htm", ".txt"}

// bare returns a part of a path as tails compare it: in lower case, without
// order number. Of the last part the extension goes, too.
func bare(part string, last bool) string {
	part = strings.ToLower(norm.NFC.String(part))
	if last {
		part = strings.TrimSuffix(part, path.Ext(part))
		for slices.Contains(markupEndings, path.Ext(part)) {
			part = strings.TrimSuffix(part, path.Ext(part))
		}
	}
	if n := len(orderNumber.FindString(part)); n < len(part) {
		part = part[n:]
	}
	return part
}

// tail returns the parts of a path, the last first, without the name of an
// index.
func tail(p string) []string {
	parts := strings.Split(p, "/")
	slices.Reverse(parts)
	for i, part := range parts {
		parts[i] = bare(part, i == 0)
	}
	if len(parts) > 1 && slices.Contains([]string{"index", "_index", "readme"}, parts[0]) {
		parts = parts[1:]
	}
	return parts
}

// commonTail is how many parts at the end of two paths are the same.
func commonTail(p, q string) int {
	a, b := tail(p), tail(q)
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// name is the set of words of the last part of a path, or of its folder where that
// part is the name of an index.
func name(p string) []string {
	words := strings.FieldsFunc(tail(p)[0], func(r rune) bool { return !isWord(r) })
	slices.Sort(words)
	return slices.Compact(words)
}

// oneName reports whether two names are one: the words of one are all among
// those of the other, or at least half of all their words are common. Another
// number makes another name.
func oneName(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	common := 0
	for _, w := range a {
		if slices.Contains(b, w) {
			common++
		}
	}
	x, y := numbers(a), numbers(b)
	if len(x) > 0 && len(y) > 0 && !slices.Equal(x, y) {
		return false
	}
	return common == min(len(a), len(b)) || 2*common >= len(a)+len(b)-common
}

// numbers are the words of a name that have a digit.
func numbers(name []string) (out []string) {
	for _, w := range name {
		if strings.ContainsFunc(w, unicode.IsDigit) {
			out = append(out, w)
		}
	}
	return out
}
