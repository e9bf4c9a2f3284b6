package redline

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/policysite/policysite/builder/policy"
)

// piece is a stretch of a cell's text with the same mark-up.
type piece struct {
	start, end int      // in the cell's text
	tags       []string // inline elements around it, outermost first: "strong", "code"
	link       int      // index of the link around it; -1 for none
	atom       atom     // it is one thing, and no text
	image      int      // of an image: index of its link; -1 when it lost its target
}

// atom is what cannot be edited but only replaced.
type atom uint8

const (
	image atom = 1 + iota
	checked
	unchecked
	struck
)

// inlineTags are the elements whose mark-up a redline keeps.
var inlineTags = map[string]bool{
	"strong": true, "em": true, "b": true, "i": true, "u": true, "code": true, "sub": true, "sup": true, "small": true,
	"kbd": true, "mark": true, "abbr": true, "cite": true, "q": true, "var": true, "samp": true, "dfn": true,
}

// pieces reads the mark-up of a leaf. Should its text not come out as the
// block's, which is what counts, the mark-up is left aside. The pieces hold until
// the next call.
func (r *inlineReader) pieces(at *place, b *policy.Block) []piece {
	r.marks = r.marks[:0]
	if b.Kind == policy.Code || strings.IndexByte(at.html(b), '<') < 0 {
		return r.plain(b.Text)
	}
	*r = inlineReader{place: at, want: b.Text, out: r.out[:0], open: r.open[:0], marks: r.marks, link: append(r.link[:0], -1)}
	r.read(b.Inner.Start, b.Inner.End)
	if r.differs || r.at < len(b.Text) {
		r.marks = r.marks[:0]
		return r.plain(b.Text)
	}
	out := r.out[:0]
	for _, p := range r.out {
		if p.end = min(p.end, len(b.Text)); p.start < p.end {
			out = append(out, p)
		}
	}
	return out
}

// plain is text without mark-up.
func (r *inlineReader) plain(text string) []piece {
	r.out = r.out[:0]
	if text != "" {
		r.out = append(r.out, piece{end: len(text), link: -1, image: -1})
	}
	return r.out
}

// inlineReader reads mark-up, leaf by leaf in the same memory. The zero one is
// ready.
type inlineReader struct {
	place   *place
	want    string // the text that should come out
	at      int    // how much of it did
	differs bool   // something else did
	out     []piece
	open    []string // all open elements
	marks   []mark
	link    []int // stack of links, -1 at its bottom
	struck  int
	silent  int // depth within what is not text
	space   bool
}

// write takes what comes next of the text. Spaces behind its end make no
// difference.
func (r *inlineReader) write(s string) {
	rest := r.want[min(r.at, len(r.want)):]
	r.at += len(s)
	if len(s) > len(rest) {
		r.differs = r.differs || strings.Trim(s[len(rest):], " ") != ""
		s = s[:len(rest)]
	}
	r.differs = r.differs || rest[:len(s)] != s
}

func (r *inlineReader) read(at, end int) {
	src := r.place.part.HTML
	for at < end {
		if src[at] != '<' {
			next := strings.IndexByte(src[at:end], '<')
			if next < 0 {
				next = end - at
			}
			r.add(html.UnescapeString(src[at : at+next]))
			at += next
			continue
		}
		next := tagEnd(src, at, end)
		r.tag(src[at:next], at)
		at = next
	}
}

// tagEnd is where the tag that starts at at ends.
func tagEnd(src string, at, end int) int {
	quote := byte(0)
	for i := at + 1; i < end; i++ {
		switch c := src[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return end
}

func (r *inlineReader) tag(tag string, at int) {
	if strings.HasPrefix(tag, "</") {
		r.close(strings.Trim(tag, "</> \n"))
		return
	}
	name, _, _ := strings.Cut(strings.Trim(tag, "</>"), " ")
	switch name {
	case "br", "wbr":
		r.add(" ")
		return
	case "img":
		if r.silent == 0 {
			r.atom(image, attribute(tag, "alt"), r.place.linkAt(at))
		}
		return
	case "input":
		if strings.Contains(tag, "checked") {
			r.atom(checked, "[x]", -1)
		} else {
			r.atom(unchecked, "[ ]", -1)
		}
		return
	case "hr":
		return
	}
	r.open = append(r.open, name)
	switch {
	case r.silent > 0 || strings.Contains(tag, " data-note"):
		if _, number, ok := strings.Cut(attribute(tag, "id"), "fnref:"); ok && r.silent == 0 {
			number, _, _ = strings.Cut(number, ":")
			n, _ := strconv.Atoi(number)
			r.marks = append(r.marks, mark{at: r.at, footnote: max(1, n)})
		}
		r.silent++
	case name == "a":
		r.link = append(r.link, r.place.linkAt(at))
	case name == "del" || name == "s" || name == "strike":
		if r.struck++; r.struck == 1 {
			r.flush()
			r.out = append(r.out, piece{start: r.at, end: -1, tags: r.tags(), link: r.link[len(r.link)-1], image: -1, atom: struck})
			r.write("~~")
		}
	}
}

func (r *inlineReader) close(name string) {
	if len(r.open) == 0 {
		return
	}
	r.open = r.open[:len(r.open)-1]
	switch {
	case r.silent > 0:
		r.silent--
	case name == "a" && len(r.link) > 1:
		r.link = r.link[:len(r.link)-1]
	case name == "del" || name == "s" || name == "strike":
		if r.struck--; r.struck == 0 {
			r.write("~~")
			for i := len(r.out) - 1; i >= 0; i-- {
				if r.out[i].end < 0 {
					r.out[i].end = r.at
					r.out = r.out[:i+1]
					break
				}
			}
		}
	}
}

// tags are the open elements whose mark-up counts.
func (r *inlineReader) tags() []string {
	var out []string
	for _, name := range r.open {
		if inlineTags[name] {
			out = append(out, name)
		}
	}
	return out
}

// flush writes the space that was put off: to the piece before it when the
// mark-up goes on, else as a piece of its own, so that it is no part of a link
// that ended or begins.
func (r *inlineReader) flush() {
	if r.space && r.at > 0 {
		at := r.at
		r.write(" ")
		if n := len(r.out); n > 0 && r.out[n-1].end == at {
			last := &r.out[n-1]
			if last.atom == 0 && last.link == r.link[len(r.link)-1] && slices.Equal(last.tags, r.tags()) {
				last.end++
			} else {
				r.out = append(r.out, piece{start: at, end: at + 1, link: -1, image: -1})
			}
		}
	}
	r.space = false
}

func (r *inlineReader) atom(kind atom, text string, image int) {
	text = policy.CollapseSpace(text)
	if text == "" {
		if image >= 0 {
			r.marks = append(r.marks, mark{at: r.at, image: r.place.links[image-r.place.first].Target})
		}
		return
	}
	r.flush()
	start := r.at
	r.write(text)
	r.out = append(r.out, piece{start: start, end: r.at, tags: r.tags(), link: r.link[len(r.link)-1], image: image, atom: kind})
	r.space = r.space || kind == checked || kind == unchecked
}

func (r *inlineReader) add(s string) {
	if r.silent > 0 {
		return
	}
	if r.addAsIs(s) {
		return
	}
	s = policy.WithoutUnseen(s)
	n := plainStretch(s)
	if n < len(s) && norm.NFC.QuickSpanString(s) < len(s) {
		s = norm.NFC.String(s)
		n = plainStretch(s)
	}
	start := -1
	for ; len(s) > 0; n = plainStretch(s) {
		if n > 0 {
			r.flush()
			if start < 0 {
				start = r.at
			}
			r.write(s[:n])
			s = s[n:]
			continue
		}
		c, size := utf8.DecodeRuneInString(s)
		if unicode.IsSpace(c) {
			r.space = true
		} else {
			r.flush()
			if start < 0 {
				start = r.at
			}
			r.write(s[:size])
		}
		s = s[size:]
	}
	if start >= 0 && r.struck == 0 {
		r.out = append(r.out, piece{start: start, end: r.at, tags: r.tags(), link: r.link[len(r.link)-1], image: -1})
	}
}

// addAsIs adds what stands in the text as it is, spaces around it apart, as most does.
func (r *inlineReader) addAsIs(s string) bool {
	text := strings.Trim(s, " ")
	start := r.at
	if before := r.space || strings.HasPrefix(s, " "); before && start > 0 {
		start++
	}
	if text == "" || start > len(r.want) || !strings.HasPrefix(r.want[start:], text) || r.struck > 0 {
		return false
	}
	r.space = r.space || s[0] == ' '
	r.flush()
	r.write(text)
	r.space = s[len(s)-1] == ' '
	r.out = append(r.out, piece{start: start, end: r.at, tags: r.tags(), link: r.link[len(r.link)-1], image: -1})
	return true
}

// plainStretch is how much of a text, from its beginning, is visible ASCII with
// single spaces in between: it is written as it is.
func plainStretch(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c > ' ' && c < utf8.RuneSelf-1:
			n = i + 1
		case c == ' ' && n == i && i > 0:
		default:
			return n
		}
	}
	return n
}

// attribute is the value of a tag's attribute.
func attribute(tag, name string) string {
	_, rest, ok := strings.Cut(tag, " "+name+`="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}

// sameMarkup reports whether two runs of equal text are marked up alike, links
// apart.
func sameMarkup(a, b []piece) bool {
	alike := func(p, q *piece) bool { return p.atom == q.atom && slices.Equal(p.tags, q.tags) }
	for i, k := 0, 0; i < len(a) && k < len(b); {
		if !alike(&a[i], &b[k]) {
			return false
		}
		switch end := a[i].end - b[k].end; {
		case end < 0:
			i++
		case end > 0:
			k++
		default:
			i++
			k++
		}
	}
	return true
}
