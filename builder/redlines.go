package builder

import (
	"bytes"
	"slices"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// redlined is a redline that was put aside, and what it was made of.
type redlined struct {
	old, new   string // blobs
	addresses  []pages.Address
	snapshot   string
	comparison policy.Comparison
	html       piece
}

// keepRedlines is how many redlines of a policy may come back: many policies flip
// between two texts, and what has changed since the change before the last is
// what the last one changed.
const keepRedlines = 16

// redline puts the redline of two texts aside, as compare makes it, unless it was
// made before.
func (w *worker) redline(old, new *source, addresses []pages.Address, snapshot string) (policy.Comparison, piece, error) {
	whole := old.blob != "" && new.blob != "" && len(old.withheld)+len(new.withheld) == 0
	for i, m := range w.redlines {
		if !whole || m.old != old.blob || m.new != new.blob || !slices.Equal(m.addresses, addresses) {
			continue
		}
		html, err := w.relink(&m, snapshot)
		m.snapshot, m.html = snapshot, html
		w.redlines = append(slices.Delete(w.redlines, i, i+1), m)
		return m.comparison, html, err
	}
	r, err := w.compare(old, new, addresses, snapshot)
	if err != nil {
		return policy.Comparison{}, piece{}, err
	}
	html, err := w.spill.put(r.HTML)
	if whole {
		if len(w.redlines) == keepRedlines {
			w.redlines = slices.Delete(w.redlines, 0, 1)
		}
		w.redlines = append(w.redlines, redlined{old.blob, new.blob, addresses, snapshot, r.Comparison, html})
	}
	return r.Comparison, html, err
}

// relink puts a redline aside for another snapshot. Nothing else of it is different:
// no text links to a version's page or to what stands below, and a version's URL,
// being a slug and a date, is written in HTML as it is.
func (w *worker) relink(m *redlined, snapshot string) (piece, error) {
	if m.snapshot == snapshot {
		return m.html, nil
	}
	html, err := w.get(m.html, 3)
	if err != nil {
		return piece{}, err
	}
	from, to := pages.Address{URL: m.snapshot}.String(), pages.Address{URL: snapshot}.String()
	return w.spill.put(bytes.ReplaceAll(html, []byte(from), []byte(to)))
}
