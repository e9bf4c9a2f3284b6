package history

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// checkLive checks that every selected text of the built commit is a policy,
// unless it has the id of another.
func checkLive(t *testing.T, l *Log, sel Selection, histories []policy.History) {
	t.Helper()
	id := func(path string) string { return cmp.Or(sel.Declared[path].ID, sel.ID(path)) }
	live, ids := make(map[string]bool), make(map[string]bool)
	for _, h := range histories {
		if h.Live {
			if live[h.Path] {
				t.Errorf("two policies at %s", h.Path)
			}
			live[h.Path], ids[id(h.Path)] = true, true
		}
	}
	for f := range l.Files(len(l.Steps) - 1) {
		if sel.Selected(f.Path) && (f.Mode == Regular || f.Mode == Executable) && !live[f.Path] && !ids[id(f.Path)] {
			t.Errorf("%s is no policy", f.Path)
		}
	}
}

// Every kind of event, as the log and the histories have it and as git itself
// says. builder's test of this name goes on to the
// versions, and can be asked for more.
func TestRandomHistories(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			repo := historytest.Random(t, rand.New(rand.NewPCG(seed, 1)))
			commits, rows := rawLog(repo, "main")
			r := open(t, repo.Dir, "go")
			l := read(t, r, "main")
			checkLog(t, l, commits, rows)
			sel := selection(t, r, l, "content/")
			histories, beginnings, err := l.Follow(sel, r.Blob)
			if err != nil {
				t.Fatal(err)
			}
			checkHistories(t, l, histories, rows)
			checkLive(t, l, sel, histories)
			if seed%4 != 0 {
				return
			}
			c := open(t, repo.Dir, "cli")
			other := read(t, c, "main")
			histories2, beginnings2, err := other.Follow(sel, c.Blob)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(l, other) || !reflect.DeepEqual(histories, histories2) || !reflect.DeepEqual(beginnings, beginnings2) {
				t.Error("the engines do not agree")
			}
		})
	}
}
