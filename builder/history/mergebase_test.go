package history

import (
	"context"
	"errors"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// A merge base is what git says it is, where a branch has taken in the other, too.
func TestMergeBase(t *testing.T) {
	repo := historytest.New(t)
	n := 0
	commit := func() {
		repo.Write("file", string(rune('a'+n)))
		n++
		repo.Commit(day(n), "commit")
	}
	commit()
	repo.Git("branch", "side")
	commit()
	main1 := repo.Head()
	repo.Git("checkout", "-q", "side")
	repo.Write("other", "x")
	repo.Commit(day(9), "side")
	repo.Git("merge", "-q", "-m", "take in", main1)
	repo.Write("other", "y")
	repo.Commit(day(10), "side again")
	side := repo.Head()
	repo.Git("checkout", "-q", "-")
	commit()
	head := repo.Head()
	repo.Git("checkout", "-q", "--orphan", "alone")
	repo.Commit(day(11), "alone")
	alone := repo.Head()
	for _, engine := range engines {
		r := open(t, repo.Dir, engine)
		for _, pair := range [][2]string{{head, side}, {side, head}, {head, main1}, {main1, main1}} {
			want := repo.Git("merge-base", pair[0], pair[1])
			if have, err := r.MergeBase(context.Background(), pair[0], pair[1]); err != nil || have != want {
				t.Errorf("%s: %v: %q, %v, want %q", engine, pair, have, err, want)
			}
		}
		if _, err := r.MergeBase(context.Background(), head, alone); !errors.Is(err, policy.ErrUsage) {
			t.Errorf("%s: histories without a common commit: %v", engine, err)
		}
		// The commits of a branch are one step where it is merged.
		log, err := r.ReadMerged(context.Background(), main1, side, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(log.Steps); n != 3 || log.Steps[1].Commit != main1 || log.Steps[2].Commit != side {
			t.Errorf("%s: %d steps", engine, n)
		}
		if f, ok := log.Lookup(2, "other"); !ok || f.Blob != repo.Git("rev-parse", side+":other") {
			t.Errorf("%s: the merged step holds %v", engine, f)
		}
	}
}
