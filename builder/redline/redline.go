package redline

import (
	"fmt"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Side is one of the two texts.
type Side struct {
	Doc   *policy.Document
	Title string // what front matter says; "" when it says nothing
}

// Redline is what leads from one text to another.
type Redline struct {
	policy.Comparison     // With apart
	Edits             int // stretches that were removed, added or replaced
	entries           []*entry
	headings          map[string]string // ids of the new text's headings by those of the old one's
	old, new          Side
}

// Part is a stretch of the visible text.
type Part struct {
	Op   Op
	Text string
}

// status says what became of a unit.
type status uint8

const (
	same status = iota
	edited
	removed
	added
)

// entry is a line of the redline: a unit of the old text, of the new, or one
// that is both.
type entry struct {
	status     status
	old, new   *unit
	cells      []cellPair
	moved      *entry // of a removed or added one: its other half
	notes      []string
	links      bool   // a link or image target changed
	change     int    // number of the change that it belongs to, from 1; 0 for none
	first      bool   // the first of that change
	section    *entry // the heading it stands under
	renumbered string // a note of a list number that other items' coming and going changed
	split      bool   // its text stood in another unit, or now does
}

// cellPair is a cell with what became of it; one side may be nil.
type cellPair struct {
	old, new *cell
	runs     []run
}

// Compare finds what leads from one text to another.
func Compare(old, new Side) *Redline {
	a, b := units(old.Doc, old.Title), units(new.Doc, new.Title)
	p := align(unitItems(a), unitItems(b), similarUnits)
	pairHeadings(a, b, p)
	r := &Redline{old: old, new: new, entries: arrange(a, b, p)}
	r.headings = map[string]string{}
	for _, e := range r.entries {
		if e.old != nil && e.new != nil && e.old.id != "" {
			r.headings[e.old.id] = e.new.id
		}
	}
	for _, e := range r.entries {
		e.compare(r)
	}
	r.findMoves()
	r.findSplits()
	r.noteNumbers()
	r.count()
	return r
}

// unitItems are what align is given.
func unitItems(us []*unit) []item {
	out := make([]item, len(us))
	for i, u := range us {
		out[i] = item{key: u.key, text: u.key}
		switch u.kind {
		case policy.Row:
			out[i].class = 1
			out[i].key = "\x01" + u.key // no row is a paragraph
		case policy.Code:
			out[i].class = 2
			out[i].key = "\x02" + u.key
		case policy.Heading:
			out[i].class = 3
			out[i].loose = unnumbered(u.key)
		}
	}
	return out
}

// pairHeadings takes headings that stand alone between the same neighbours for
// one that was renamed, whatever its words.
func pairHeadings(a, b []*unit, p pairing) {
	match := append([]int(nil), p.old...)
	gaps(match, len(b), func(i0, i1, j0, j1 int) {
		var ha, hb []int
		for i := i0; i < i1; i++ {
			if a[i].kind == policy.Heading {
				ha = append(ha, i)
			}
		}
		for j := j0; j < j1; j++ {
			if b[j].kind == policy.Heading {
				hb = append(hb, j)
			}
		}
		if len(ha) == 1 && len(hb) == 1 && a[ha[0]].level == b[hb[0]].level && (ha[0]-i0 == hb[0]-j0 || i1-ha[0] == j1-hb[0]) {
			p.old[ha[0]], p.new[hb[0]] = hb[0], ha[0]
		}
	})
}

// arrange puts the units of both sides into one order: in each gap what was
// removed, then what was added.
func arrange(a, b []*unit, p pairing) []*entry {
	out := make([]*entry, 0, len(a)+len(b))
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && p.old[i] < 0:
			out = append(out, &entry{status: removed, old: a[i]})
			i++
		case j < len(b) && p.new[j] < 0:
			out = append(out, &entry{status: added, new: b[j]})
			j++
		default:
			e := &entry{status: same, old: a[i], new: b[j]}
			if a[i].key != b[j].key {
				e.status = edited
			}
			out = append(out, e)
			i++
			j++
		}
	}
	return out
}

// compare finds what became of the cells of an entry.
func (e *entry) compare(r *Redline) {
	switch e.status {
	case removed:
		for k := range e.old.cells {
			c := &e.old.cells[k]
			e.cells = append(e.cells, cellPair{c, nil, []run{{op: Delete, old1: len(c.text)}}})
		}
		return
	case added:
		for k := range e.new.cells {
			c := &e.new.cells[k]
			e.cells = append(e.cells, cellPair{nil, c, []run{{op: Insert, new1: len(c.text)}}})
		}
		return
	}
	e.cells = pairCells(e.old.cells, e.new.cells)
	formatting := e.old.kind != e.new.kind || e.old.level != e.new.level
	for k := range e.cells {
		c := &e.cells[k]
		switch {
		case c.old == nil:
			c.runs = []run{{op: Insert, new1: len(c.new.text)}}
		case c.new == nil:
			c.runs = []run{{op: Delete, old1: len(c.old.text)}}
		default:
			c.runs = compareText(c.old, c.new)
			if c.old.text == c.new.text && (!sameMarkup(c.old.pieces, c.new.pieces) || c.old.header != c.new.header) {
				formatting = true
			}
			for _, x := range c.runs {
				if x.op == Equal && len(r.linkChanges(c, x)) > 0 {
					e.links = true
				}
			}
		}
	}
	if formatting && e.status == same {
		e.notes = append(e.notes, "formatting changed")
	}
	if e.status == edited && e.old.kind == policy.Heading && e.old.key != unnumbered(e.old.key) && unnumbered(e.old.key) == unnumbered(e.new.key) {
		e.notes = append(e.notes, "renumbered")
	}
}

// pairCells aligns the cells of two rows: by place where there are as many,
// else by what they say.
func pairCells(old, new []cell) []cellPair {
	var out []cellPair
	if len(old) == len(new) {
		for k := range old {
			out = append(out, cellPair{old: &old[k], new: &new[k]})
		}
		return out
	}
	items := func(cells []cell) []item {
		out := make([]item, len(cells))
		for i, c := range cells {
			out[i] = item{key: c.text, text: c.text}
		}
		return out
	}
	p := align(items(old), items(new), similarUnits)
	i, j := 0, 0
	for i < len(old) || j < len(new) {
		switch {
		case i < len(old) && p.old[i] < 0:
			out = append(out, cellPair{old: &old[i]})
			i++
		case j < len(new) && p.new[j] < 0:
			out = append(out, cellPair{new: &new[j]})
			j++
		default:
			out = append(out, cellPair{old: &old[i], new: &new[j]})
			i++
			j++
		}
	}
	return out
}

// movedWords is how many words a passage must have to be recognized as moved:
// shorter ones say the same by chance.
const movedWords = 4

// findMoves connects removed and added units that say the same.
func (r *Redline) findMoves() {
	key := func(u *unit) string {
		if u.kind == policy.Heading {
			return unnumbered(u.key)
		}
		return u.key
	}
	gone := map[string][]*entry{}
	for _, e := range r.entries {
		if e.status == removed && (countWords(e.old.key) >= movedWords || e.old.kind == policy.Heading) {
			gone[key(e.old)] = append(gone[key(e.old)], e)
		}
	}
	for _, e := range r.entries {
		if e.status != added {
			continue
		}
		if list := gone[key(e.new)]; len(list) > 0 {
			e.moved, list[0].moved = list[0], e
			gone[key(e.new)] = list[1:]
		}
	}
}

// findSplits recognizes what left a paragraph for one of its own, or joined
// another: it is no new text either.
func (r *Redline) findSplits() {
	whole := map[string]*entry{}
	for _, e := range r.entries {
		if e.moved == nil && len(e.cells) == 1 {
			switch e.status {
			case added:
				whole["+"+e.new.key] = e
			case removed:
				whole["-"+e.old.key] = e
			}
		}
	}
	if len(whole) == 0 {
		return
	}
	for _, e := range r.entries {
		if e.status != edited {
			continue
		}
		for _, c := range e.cells {
			for _, x := range c.runs {
				var other *entry
				var note string
				switch x.op {
				case Delete:
					other, note = whole["+"+strings.TrimSpace(c.old.text[x.old0:x.old1])], "split off from another paragraph"
				case Insert:
					other, note = whole["-"+strings.TrimSpace(c.new.text[x.new0:x.new1])], "joined with another paragraph"
				}
				if other == nil || other.split || countWords(c.textOf(x)) < movedWords {
					continue
				}
				other.split = true
				other.notes = append(other.notes, note)
				c.mark(x)
			}
		}
	}
}

// textOf is the text of a run.
func (c *cellPair) textOf(x run) string {
	if x.op == Delete {
		return c.old.text[x.old0:x.old1]
	}
	return c.new.text[x.new0:x.new1]
}

// mark makes a run count as moved.
func (c *cellPair) mark(x run) {
	for k := range c.runs {
		if c.runs[k] == x {
			c.runs[k].moved = true
		}
	}
}

// noteNumbers states list numbers that changed. Where items came or went that
// is their doing, and stated without being a change of its own.
func (r *Redline) noteNumbers() {
	shifted := map[*container]bool{} // lists in which items came or went
	for _, e := range r.entries {
		var u *unit
		switch e.status {
		case removed:
			u = e.old
		case added:
			u = e.new
		default:
			continue
		}
		for _, c := range u.path {
			shifted[c] = true
		}
	}
	for _, e := range r.entries {
		if e.old == nil || e.new == nil || e.old.number == e.new.number || e.old.number == 0 || e.new.number == 0 {
			continue
		}
		note := fmt.Sprintf("number %d, was %d", e.new.number, e.old.number)
		if list := listOf(e.new); list != nil && (shifted[list] || shifted[listOf(e.old)]) {
			e.renumbered = note
			continue
		}
		e.notes = append(e.notes, note)
		shifted[listOf(e.new)] = true // said once of a list
	}
}

// listOf is the innermost list around a unit.
func listOf(u *unit) *container {
	for k := len(u.path) - 1; k >= 0; k-- {
		if u.path[k].kind == policy.List {
			return u.path[k]
		}
	}
	return nil
}

// changed reports whether a reader has to look at the entry.
func (e *entry) changed() bool { return e.status != same || e.links || len(e.notes) > 0 }

// count numbers the changes and adds up words.
func (r *Redline) count() {
	var heading *entry
	var section *policy.Section
	sectionOf := map[*entry]int{}
	inChange, inEdit := false, false
	for _, e := range r.entries {
		u := e.new
		if u == nil {
			u = e.old
		}
		if u.kind == policy.Heading {
			heading = e
		}
		e.section = heading
		if !e.changed() {
			inChange, inEdit = false, false
			continue
		}
		if !inChange {
			r.Changes++
			e.first = true
		}
		inChange = true
		e.change = r.Changes
		at, ok := sectionOf[heading]
		if !ok {
			at = len(r.Sections)
			sectionOf[heading] = at
			s := policy.Section{First: e.change}
			if heading != nil {
				if heading.new != nil {
					s.ID, s.Heading = heading.new.id, heading.new.key
				} else {
					s.Heading = heading.old.key
				}
			}
			r.Sections = append(r.Sections, s)
		}
		section = &r.Sections[at]
		if e.first || section.Changes == 0 {
			section.Changes++
		}
		for _, c := range e.cells {
			for _, x := range c.runs {
				if x.op == Equal {
					inEdit = inEdit && x.new0 == x.new1
					continue
				}
				if !inEdit {
					r.Edits++
				}
				inEdit = true
				if e.moved != nil || e.split || x.moved {
					continue
				}
				n := countWords(c.textOf(x))
				if x.op == Insert {
					r.Added += n
					section.Added += n
				} else {
					r.Removed += n
					section.Removed += n
				}
			}
		}
	}
}

// Parts are the visible text of both sides: Equal and Delete joined give the
// old text, Equal and Insert the new one.
func (r *Redline) Parts() []Part {
	var out []Part
	put := func(op Op, text string) {
		if text == "" {
			return
		}
		if n := len(out); n > 0 && out[n-1].Op == op {
			out[n-1].Text += text
			return
		}
		out = append(out, Part{op, text})
	}
	for _, e := range r.entries {
		for _, c := range e.cells {
			for _, x := range c.runs {
				switch x.op {
				case Equal:
					put(Equal, c.new.text[x.new0:x.new1])
				default:
					put(x.op, c.textOf(x))
				}
			}
			oldLine, newLine := c.old != nil && c.old.text != "", c.new != nil && c.new.text != ""
			switch {
			case oldLine && newLine:
				put(Equal, "\n")
			case oldLine:
				put(Delete, "\n")
			case newLine:
				put(Insert, "\n")
			}
		}
	}
	return out
}

// linkChange is a link whose text stayed and whose target did not.
type linkChange struct {
	at       int // in the new text, where it ends
	from, to string
}

// linkChanges finds the links of an equal run whose target changed. Both texts
// of the run are the same, so places correspond.
func (r *Redline) linkChanges(c *cellPair, x run) []linkChange {
	var out []linkChange
	for _, p := range c.new.pieces {
		if p.end <= x.new0 || p.start >= x.new1 {
			continue
		}
		start, end := max(p.start, x.new0), min(p.end, x.new1)
		to := target(r.new.Doc, p)
		for _, q := range c.old.pieces {
			s, t := q.start-x.old0+x.new0, q.end-x.old0+x.new0
			if t <= start || s >= end {
				continue
			}
			if from := target(r.old.Doc, q); from != to && !r.sameHeading(from, to) {
				if n := len(out); n > 0 && out[n-1].from == from && out[n-1].to == to {
					out[n-1].at = min(t, end)
				} else {
					out = append(out, linkChange{min(t, end), from, to})
				}
			}
		}
	}
	return out
}

// sameHeading reports whether two fragments lead to what is the same heading in
// both texts: one that was renumbered or renamed takes its links along.
func (r *Redline) sameHeading(from, to string) bool {
	return strings.HasPrefix(from, "#") && strings.HasPrefix(to, "#") && r.headings[from[1:]] == to[1:] && to != "#"
}

// target is where a piece leads, as the author wrote it; "" for nowhere.
func target(d *policy.Document, p piece) string {
	switch {
	case p.image >= 0:
		return d.Links[p.image].Target
	case p.link >= 0:
		return d.Links[p.link].Target
	}
	return ""
}
