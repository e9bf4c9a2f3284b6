package dateline

import (
	"os"
	"strings"
	"testing"
)

// TestLabelledLines measures on lines of real texts, of each of which a person
// said what it declares, how many are read right.
func TestLabelledLines(t *testing.T) {
	const name = "../../../../shared/cases/rules/dates.tsv"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Skip("the labelled lines are not here: ", err)
	}
	// The lines were cut: as many words as make a difference stand for what is missing.
	const cut = " and so it goes on for many more words "
	var right, wrong, missed, other int
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		cell := strings.Split(line, "\t")
		label, _, _ := strings.Cut(cell[5], " (")
		var u, e bool
		for _, s := range Find(strings.ReplaceAll(cell[6], "…", cut), nil, "") {
			u, e = u || s.Updated && !s.Some, e || s.Effective && !s.Some
		}
		have := "neither"
		switch {
		case u && e:
			have = "both"
		case u:
			have = "updated"
		case e:
			have = "effective"
		}
		want := label
		switch label {
		case "unclear", "label":
			continue
		case "updated", "effective", "both":
		default:
			want = "neither"
		}
		switch {
		case have == want && want != "neither":
			right++
		case have == want:
			other++
		case have == "neither":
			missed++
			t.Logf("line %d, missed, %s: %.150s", i+2, cell[5], cell[6])
		case want == "neither":
			wrong++
			t.Logf("line %d, %s for %s: %.150s", i+2, have, cell[5], cell[6])
		default:
			wrong++
			missed++
			t.Logf("line %d, %s for %s: %.150s", i+2, have, cell[5], cell[6])
		}
	}
	precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(right+missed)
	t.Logf("of %d lines: precision %.1f %%, recall %.1f %%", right+wrong+missed+other, 100*precision, 100*recall)
	if precision < 0.97 || recall < 0.86 {
		t.Errorf("want precision 97 %% and recall 86 %%")
	}
}
