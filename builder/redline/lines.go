package redline

import "strings"

// Lines calls f for each line of the new visible text with each line of the old one
// that it comes from, both counted from 0, in no particular order: one that stayed, was
// edited or moved comes from one, one that was joined from several, and one that was
// added from none. A line that was added comes from another if half of it are sentences
// that moved. The same two may be said twice.
func (r *Redline) Lines(f func(new, old int)) {
	l := lineWalk{f: f, gone: map[*entry]int{}, sentences: map[string]int{}}
	type place struct {
		*entry
		line int
	}
	var come []place // what was added
	for i := range r.entries {
		e := &r.entries[i]
		switch {
		case e.cells == nil:
			l.unchanged(e.new)
			continue
		case e.new == nil:
			l.gone[e] = l.old
		case e.old == nil:
			come = append(come, place{e, l.new})
		}
		l.cells(e, r.columnsOf(e))
	}
	for _, p := range come {
		switch {
		case p.moved != nil:
			old, new := l.gone[p.moved], p.line
			for k := range min(len(p.cells), len(p.moved.cells)) {
				a, b := p.moved.cells[k].old, p.cells[k].new
				l.link(&cellPair{old: a, new: b}, old, new)
				old, new = old+a.lines(), new+b.lines()
			}
		case len(p.cells) == 1 && p.cells[0].new.lines() == 1:
			l.fromSentences(&p.cells[0], p.line)
		}
	}
}

// lineWalk goes through both texts at once.
type lineWalk struct {
	f         func(new, old int)
	old, new  int            // the lines at which it is
	gone      map[*entry]int // on which line what was removed starts
	sentences map[string]int // on which old line stood what moved, by its words
}

func (l *lineWalk) unchanged(u *unit) {
	for k := range u.width() {
		for n := linesOf(u.cellBlock(k).Text); n > 0; n-- {
			l.f(l.new, l.old)
			l.old++
			l.new++
		}
	}
}

func (l *lineWalk) cells(e *entry, columns []column) {
	oldAt, newAt := make([]int, len(e.cells)), make([]int, len(e.cells))
	for k := range e.cells {
		c := &e.cells[k]
		oldAt[k], newAt[k] = l.old, l.new
		l.link(c, l.old, l.new)
		for _, x := range c.runs {
			if x.op == Delete && x.moved {
				l.sentences[c.textOf(x)] = l.old + strings.Count(c.old.text[:x.old0], "\n")
			}
		}
		if n := c.old.lines(); n > 0 && e.old.cut() {
			l.old += n - 1 // the next part goes on in its last line
		} else {
			l.old += n
		}
		if n := c.new.lines(); n > 0 && e.new.cut() {
			l.new += n - 1
		} else {
			l.new += n
		}
	}
	for k := range e.cells { // of a column that moved
		to := &e.cells[k]
		for n := range e.cells {
			if from := &e.cells[n]; to.moved && from.moved && to.new != nil && from.old != nil && columns[k].moved == columns[n].old {
				l.link(&cellPair{old: from.old, new: to.new}, oldAt[n], newAt[k])
			}
		}
	}
}

// link links the lines of two cells that are one, and start on these lines.
func (l *lineWalk) link(c *cellPair, old, new int) {
	n, m := c.old.lines(), c.new.lines()
	switch {
	case n == 0 || m == 0:
	case n == 1 && m == 1 || c.old.text == c.new.text || c.runs == nil:
		for k := range min(n, m) {
			l.f(new+k, old+k)
		}
	default: // code
		for _, x := range c.runs {
			if x.op != Equal {
				continue
			}
			i, j := old+strings.Count(c.old.text[:x.old0], "\n"), new+strings.Count(c.new.text[:x.new0], "\n")
			lines := strings.Split(c.new.text[x.new0:x.new1], "\n")
			for k, line := range lines {
				begins := k > 0 || startsLine(c.new.text, x.new0) && startsLine(c.old.text, x.old0)
				ends := k < len(lines)-1 || endsLine(c.new.text, x.new1) && endsLine(c.old.text, x.old1)
				if begins && ends || strings.TrimSpace(line) != "" { // a part that is blank is in many lines
					l.f(j+k, i+k)
				}
			}
		}
	}
}

func startsLine(text string, at int) bool { return at == 0 || text[at-1] == '\n' }

func endsLine(text string, at int) bool { return at == len(text) || text[at] == '\n' }

// fromSentences links a line that was added with those from which most of it moved.
func (l *lineWalk) fromSentences(c *cellPair, new int) {
	moved := 0
	for _, x := range c.runs {
		if x.op == Insert && x.moved {
			moved += x.new1 - x.new0
		}
	}
	if 2*moved < len(c.new.text) {
		return
	}
	for _, x := range c.runs {
		if old, ok := l.sentences[c.textOf(x)]; ok && x.op == Insert && x.moved {
			l.f(new, old)
		}
	}
}

// lines is how many lines of the visible text a cell has; nil has none.
func (c *cell) lines() int {
	if c == nil {
		return 0
	}
	return linesOf(c.text)
}

func linesOf(text string) int {
	if text == "" {
		return 0
	}
	return 1 + strings.Count(text, "\n")
}
