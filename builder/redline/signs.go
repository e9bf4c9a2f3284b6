package redline

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words/phrases"
)

// sign is what a redline shows within a text beside its words.
type sign struct {
	kind     signKind
	op       Op     // Insert, Delete; Equal: both texts have it
	start    int    // of a link: where its words start in the text of the run
	at       int    // where it stands there; of a link, where its words end
	says     string // of an object: what it is
	footnote int    // of a reference to one
	image    string // of an image
	from, to string // of a link: its targets
}

type signKind uint8

const (
	lineEnd     signKind = iota // a hard break
	object                      // a reference to a footnote, or an image without words
	linkChange                  // where a link led, and where it leads
	imageChange                 // which image was shown, and which one is
)

// mark is what stands in a cell and is no text: a reference to a footnote, an image
// without words.
type mark struct {
	at       int // behind which byte of the text
	footnote int // its number; 0: an image
	image    string
}

func (m mark) String() string {
	if m.footnote > 0 {
		return "[" + strconv.Itoa(m.footnote) + "]"
	}
	return "[image " + m.image + "]"
}

// signs are those of a run, in order. They hold until the next call.
func (r *Redline) signs(c *cellPair, x run) []sign {
	out := r.found[0][:0]
	switch x.op {
	case Delete:
		out = c.old.signs(out, x.old0, x.old1, Delete)
	case Insert:
		out = c.new.signs(out, x.new0, x.new1, Insert)
	case Equal:
		out = append(out, r.linkChanges(c, x)...)
		if len(c.new.marks)+len(c.new.breaks)+len(c.old.marks)+len(c.old.breaks) == 0 {
			return out
		}
		before, now := c.old.signs(r.found[1][:0], x.old0, x.old1, Delete), c.new.signs(r.found[2][:0], x.new0, x.new1, Insert)
		r.found[1], r.found[2] = before, now
		for i := range before {
			before[i].at += x.new0 - x.old0
		}
		for _, s := range now {
			for ; len(before) > 0 && before[0].at <= s.at && s.op != Equal; before = before[1:] {
				if b := before[0]; b.at == s.at && b.kind == s.kind && r.sameMark(b.says, s.says) {
					s.op = Equal
				} else {
					out = append(out, b)
				}
			}
			out = append(out, s)
		}
		out = append(out, before...)
	}
	r.found[0] = out
	slices.SortStableFunc(out, func(a, b sign) int { return a.at - b.at })
	return out
}

// signs are those of a cell within its text from start to end.
func (c *cell) signs(out []sign, start, end int, op Op) []sign {
	for _, at := range c.breaks {
		if at >= start && at < end {
			out = append(out, sign{kind: lineEnd, op: op, at: at + 1})
		}
	}
	for _, m := range c.marks {
		if m.at > start && m.at <= end || m.at == 0 && start == 0 {
			out = append(out, sign{kind: object, op: op, at: m.at, says: m.String(), footnote: m.footnote, image: m.image})
		}
	}
	slices.SortStableFunc(out, func(a, b sign) int { return a.at - b.at })
	return out
}

// sameMark reports whether two marks are the same: the number of a footnote may
// have changed because others came and went.
func (r *Redline) sameMark(from, to string) bool {
	if now, ok := r.footnotes[from]; ok {
		return now == to
	}
	return from == to
}

// pairFootnotes notes which numbers the footnotes have now.
func (r *Redline) pairFootnotes() {
	for i := range r.entries {
		e := &r.entries[i]
		if e.old == nil || e.new == nil || e.old.in == nil || e.new.in == nil || e.old.number() == 0 || e.new.number() == 0 {
			continue
		}
		if e.old.around(policy.Footnotes) == e.old.in.parent && e.new.around(policy.Footnotes) == e.new.in.parent {
			if r.footnotes == nil {
				r.footnotes = map[string]string{}
			}
			r.footnotes[mark{footnote: e.old.number()}.String()] = mark{footnote: e.new.number()}.String()
		}
	}
}

// linkChanges finds the links of an equal run whose words stayed and whose target
// did not. Both texts of the run are the same, so places correspond.
func (r *Redline) linkChanges(c *cellPair, x run) []sign {
	if len(c.old.pieces) == 0 {
		return nil
	}
	var out []sign
	first := 0 // of the old pieces, which stand in order like the new ones
	shift := x.new0 - x.old0
	for i := range c.new.pieces {
		p := &c.new.pieces[i]
		if p.end <= x.new0 || p.start >= x.new1 {
			continue
		}
		start, end := max(p.start, x.new0), min(p.end, x.new1)
		to := target(r.new.doc, p)
		for first < len(c.old.pieces) && c.old.pieces[first].end+shift <= start {
			first++
		}
		for k := first; k < len(c.old.pieces); k++ {
			q := &c.old.pieces[k]
			if q.start+shift >= end {
				break
			}
			from := target(r.old.doc, q)
			if from == to || r.sameHeading(from, to) {
				continue
			}
			at := min(q.end+shift, end)
			if n := len(out); n > 0 && out[n-1].from == from && out[n-1].to == to {
				out[n-1].at = at
				continue
			}
			out = append(out, sign{kind: linkChange, start: max(q.start+shift, start), at: at, from: from, to: to})
			if p.atom == image && q.atom == image && from != "" && to != "" {
				out[len(out)-1].kind = imageChange
			}
		}
	}
	return out
}

// link is a link of a stretch of text.
type link struct {
	target string
	bare   bool // an address that says itself where it leads
	whole  bool // all its words stand in the stretch
}

// links are those of a stretch of a cell, in order.
func (c *cell) links(d *policy.Document, start, end int) (out []link) {
	last := -1
	for _, p := range c.pieces {
		if p.end <= start || p.start >= end || p.link < 0 {
			continue
		}
		whole := p.start >= start && p.end <= end
		if p.link == last { // the same, in other mark-up
			l := &out[len(out)-1]
			l.whole, l.bare = l.whole && whole, false
			continue
		}
		last = p.link
		target, words := d.Links[p.link].Target, c.text[p.start:p.end]
		bare := target == words || strings.HasSuffix(target, "://"+words) || target == "mailto:"+words
		out = append(out, link{target, bare, whole})
	}
	return out
}

func (r *Redline) sameTarget(from, to link) bool {
	return from.target == to.target || r.sameHeading(from.target, to.target)
}

// replacedLinks finds the links of run i of a cell, which takes the place of the run
// before it, that lead elsewhere than those which went with all their words. Where there
// are more or fewer of them, none took the place of another.
func (r *Redline) replacedLinks(c *cellPair, i int) (out []sign) {
	if i == 0 || c.runs[i].op != Insert || c.runs[i-1].op != Delete || len(c.old.pieces)+len(c.new.pieces) == 0 {
		return nil
	}
	partly := func(l link) bool { return !l.whole }
	from := slices.DeleteFunc(c.old.links(r.old.doc, c.runs[i-1].old0, c.runs[i-1].old1), partly)
	to := slices.DeleteFunc(c.new.links(r.new.doc, c.runs[i].new0, c.runs[i].new1), partly)
	for k := 0; len(from) == len(to) && k < len(to); k++ {
		if !(from[k].bare && to[k].bare) && !r.sameTarget(from[k], to[k]) {
			out = append(out, sign{kind: linkChange, from: from[k].target, to: to[k].target})
		}
	}
	return out
}

// in is what an object says in the words of a page.
func (s sign) in(w *phrases.Phrases) string {
	if s.image != "" {
		return w.T("image-without-words", "Image", s.image)
	}
	return s.says
}

// links reports whether a sign is of a link or an image whose target changed.
func (s sign) links() bool { return s.kind == linkChange || s.kind == imageChange }

// words say what a sign of a link says.
func (s sign) words() note {
	switch {
	case s.kind == imageChange:
		a, b := path.Base(s.from), path.Base(s.to)
		if a == b {
			a, b = s.from, s.to
		}
		a, b = shorten(a, b)
		return say("image-replaced", "From", a, "To", b)
	case s.from == "":
		return say("link-added", "To", s.to)
	case s.to == "":
		return say("link-removed", "From", s.from)
	}
	from, to := shorten(s.from, s.to)
	return say("link-changed", "From", from, "To", to)
}

// shorten leaves out of two addresses, if one is long, what they have in common behind
// the site, and what follows where they differ: many trackers change with each visit.
func shorten(a, b string) (string, string) {
	const long, shown = 120, 32 // bytes
	if max(len(a), len(b)) <= long {
		return a, b
	}
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	cut := func(s string) string {
		site, rest, left, more := 0, s[same:], "", ""
		if i := strings.Index(s, "://"); i >= 0 {
			i += len("://")
			site = i + strings.IndexByte(s[i:], '/') + 1
		}
		if same > site {
			left = "…"
		}
		if len(rest) > shown {
			rest, more = rest[:shown], "…"
		}
		return strings.ToValidUTF8(s[:min(site, same)]+left+rest+more, "")
	}
	return cut(a), cut(b)
}

// sameHeading reports whether two fragments lead to what is the same heading in
// both texts: one that was renumbered or renamed takes its links along.
func (r *Redline) sameHeading(from, to string) bool {
	return strings.HasPrefix(from, "#") && strings.HasPrefix(to, "#") && r.headings[from[1:]] == to[1:] && to != "#"
}

// target is where a piece leads, as the author wrote it; "" for nowhere.
func target(d *policy.Document, p *piece) string {
	switch {
	case p.image >= 0:
		return d.Links[p.image].Target
	case p.link >= 0:
		return d.Links[p.link].Target
	}
	return ""
}

// sameLinks reports whether what was replaced leads where it led.
func (r *Redline) sameLinks(c *cellPair, x, y run) bool {
	return x.op == Delete && y.op == Insert &&
		slices.EqualFunc(c.old.links(r.old.doc, x.old0, x.old1), c.new.links(r.new.doc, y.new0, y.new1), func(a, b link) bool { return r.sameTarget(a, b) })
}
