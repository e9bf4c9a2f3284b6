package redline

import (
	"cmp"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// column is one of a table in a redline: its places in the old and in the new rows,
// -1 where it has none. One that moved stands there twice.
type column struct {
	old, new int
	moved    int // of one with one place: the other; else -1
}

// tables are an old and a new table some rows of which are one.
type tables struct{ old, new *container }

// tableColumns are columns that do not correspond by their places.
type tableColumns struct {
	tables
	columns []column
}

// findColumns finds the tables whose columns came, went or moved, by the cells that
// say the same in the rows that are one.
func (r *Redline) findColumns(w *workspace) {
	rows := map[tables][]*entry{}
	var order []tables
	for i := range r.entries {
		e := &r.entries[i]
		if e.old == nil || e.new == nil || e.old.block.Kind != policy.Row || e.new.block.Kind != policy.Row {
			continue
		}
		t := tables{e.old.around(policy.Table), e.new.around(policy.Table)}
		if e.status == edited && rows[t] == nil {
			order = append(order, t)
		}
		if e.status == edited || rows[t] != nil {
			rows[t] = append(rows[t], e)
		}
	}
	for _, t := range order {
		if columns := w.alignColumns(rows[t]); columns != nil {
			r.columns = append(r.columns, tableColumns{t, columns})
			noteColumns(rows[t][0], columns)
		}
	}
}

// columnsOf are the columns of the table that an entry is a row of, if they changed.
func (r *Redline) columnsOf(e *entry) []column {
	if len(r.columns) == 0 || e.unit().block.Kind != policy.Row {
		return nil
	}
	for _, c := range r.columns {
		if (e.old == nil || c.old == e.old.around(policy.Table)) && (e.new == nil || c.new == e.new.around(policy.Table)) {
			return c.columns
		}
	}
	return nil
}

// alignColumns is nil where columns correspond by their places, or do not at all.
func (w *workspace) alignColumns(rows []*entry) []column {
	const most, enough = 400, 50 // pairs of columns: more are no table that people read; rows that tell
	n, m := rows[0].old.width(), rows[0].new.width()
	if n*m > most {
		return nil
	}
	rows = rows[:min(enough, len(rows))]
	var pairs []candidate
	for i := range n {
		for j := range m {
			alike := 0.0
			for _, e := range rows {
				if i < e.old.width() && j < e.new.width() {
					alike += w.alike(e.old.cellBlock(i).Text, e.new.cellBlock(j).Text)
				}
			}
			if alike /= float64(len(rows)); alike >= similarUnits {
				pairs = append(pairs, candidate{i, j, alike})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	p := pairing{unpaired(nil, n), unpaired(nil, m)}
	for _, c := range pairs {
		if p.old[c.old] < 0 && p.new[c.new] < 0 {
			p.old[c.old], p.new[c.new] = c.new, c.old
		}
	}
	var found []candidate
	for i, j := range p.old {
		if j >= 0 {
			found = append(found, candidate{i, j, 1})
		}
	}
	if len(found) == 0 {
		return nil
	}
	chain := pairing{unpaired(nil, n), unpaired(nil, m)}
	for _, c := range heaviestChain(found, 0, m) {
		chain.old[c.old], chain.new[c.new] = c.new, c.old
	}
	gaps(slices.Clone(chain.old), m, func(i0, i1, j0, j1 int) {
		alone := func(p []int, from, to int) bool {
			return !slices.ContainsFunc(p[from:to], func(k int) bool { return k >= 0 })
		}
		if i1-i0 == j1-j0 && alone(p.old, i0, i1) && alone(p.new, j0, j1) { // renamed, and rewritten
			for k := range i1 - i0 {
				chain.old[i0+k], chain.new[j0+k] = j0+k, i0+k
			}
		}
	})
	var out []column
	for i, j := 0, 0; i < n || j < m; {
		switch {
		case i < n && chain.old[i] < 0:
			out = append(out, column{i, -1, p.old[i]})
			i++
		case j < m && chain.new[j] < 0:
			out = append(out, column{-1, j, p.new[j]})
			j++
		default:
			out = append(out, column{i, j, -1})
			i++
			j++
		}
	}
	if len(out) == n && n == m {
		return nil
	}
	return out
}

// alike is how alike the texts of two cells are, 0 to 1.
func (w *workspace) alike(a, b string) float64 {
	if a == b {
		return 1
	}
	return similarity(&w.read(a).bag, &w.read(b).bag, 0)
}

// noteColumns says which columns moved, by their names in the first row.
func noteColumns(first *entry, columns []column) {
	first.detail = &detail{}
	name := func(j int) string { return first.new.cellBlock(j).Text }
	for _, c := range columns {
		switch {
		case c.old >= 0 || c.moved < 0:
		case c.new+1 < first.new.width():
			first.notes = append(first.notes, say("column-before", "Column", name(c.new), "Other", name(c.new+1)))
		default:
			first.notes = append(first.notes, say("column-after", "Column", name(c.new), "Other", name(c.new-1)))
		}
	}
}

// byColumns pairs the cells of rows, of which one may be missing: then, or where
// columns came or went, some pairs have one side or none.
func (w *workspace) byColumns(columns []column, old, new []cell) []cellPair {
	out := make([]cellPair, len(columns))
	at := func(cells []cell, k int) *cell {
		if k < 0 || k >= len(cells) {
			return nil
		}
		return &cells[k]
	}
	for k, c := range columns {
		out[k] = cellPair{old: at(old, c.old), new: at(new, c.new)}
	}
	for k, c := range columns {
		if c.old < 0 || c.new >= 0 || c.moved < 0 {
			continue
		}
		to := slices.IndexFunc(columns, func(d column) bool { return d.old < 0 && d.new == c.moved })
		if out[k].old != nil && out[to].new != nil {
			w.move(&out[k], &out[to])
			out[k].moved, out[to].moved = true, true
		}
	}
	return out
}
