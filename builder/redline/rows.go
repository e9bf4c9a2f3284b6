package redline

import (
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// openRows finds paragraphs and items of lists that became rows of a table, or were
// rows. It cuts them where the cells begin, and makes the cells units of their own.
func (w *workspace) openRows(old, new []unit) (a, b []unit, opened bool) {
	hasRows := func(us []unit) bool {
		return slices.ContainsFunc(us, func(u unit) bool { return u.sort() == row })
	}
	if len(old) == 0 || len(new) == 0 || hasRows(old) == hasRows(new) {
		return old, new, false
	}
	items := func(out []item, us []unit) []item {
		for i := range us {
			out = append(out, item{text: us[i].text()})
		}
		return out
	}
	w.old, w.new = items(w.old[:0], old), items(w.new[:0], new)
	p := w.alignGaps(similarParts)
	if hasRows(old) {
		a, b = w.openPaired(old, new, p.old)
	} else {
		b, a = w.openPaired(new, old, p.new)
	}
	return a, b, len(a)+len(b) > len(old)+len(new)
}

// openPaired opens the rows that have a partner, and cuts that.
func (w *workspace) openPaired(us, others []unit, partners []int) (opened, cuts []unit) {
	var at []cut
	for i := range us {
		u := us[i : i+1]
		if k := partners[i]; k >= 0 && u[0].sort() == row && others[k].sort() == prose {
			cells := u[0].open()
			if n := len(at); len(cells) > 1 {
				if at = w.cutWhole(at, others, k, cells); len(at) > n {
					u = cells
				}
			}
		}
		opened = append(opened, u...)
	}
	return opened, w.cut(others, at)
}

// open makes units of the cells of a row.
func (u *unit) open() []unit {
	f := flattener{place: u.place}
	f.blocks(u.block.Children, f.container(container{kind: policy.Row, parent: u.in, row: u}))
	return f.out
}
