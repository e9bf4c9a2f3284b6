package history

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// stores returns a log as it comes back from where it was stored.
func stores(t testing.TB, l *Log) *Log {
	t.Helper()
	var data bytes.Buffer
	if err := gob.NewEncoder(&data).Encode(l); err != nil {
		t.Fatal(err)
	}
	out := new(Log)
	if err := gob.NewDecoder(&data).Decode(out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever log it goes on from, be it of an earlier commit, a later one, one of
// another branch or of another repository: ReadOn gives what Read gives, and
// leaves that log as it is.
func TestReadOn(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			repo := historytest.Random(t, rand.New(rand.NewPCG(seed, 1)))
			other := historytest.Random(t, rand.New(rand.NewPCG(seed, 2)))
			engine := engines[seed%10/9]
			r := open(t, repo.Dir, engine)
			logs := map[string]*Log{"nothing": nil, "no steps": {}, "another repository": read(t, open(t, other.Dir, engine), "main")}
			full := map[string]*Log{}
			for _, commit := range strings.Fields(repo.Git("rev-list", "--all")) {
				full[commit] = read(t, open(t, repo.Dir, engine), commit)
				logs[commit] = stores(t, full[commit])
				if !reflect.DeepEqual(logs[commit], full[commit]) {
					t.Fatalf("%s: the log is another after it was stored", commit)
				}
			}
			went := 0
			for from, before := range logs {
				for to, want := range full {
					done := 0
					have, err := r.ReadOn(context.Background(), before, to, func(int, int) { done++ })
					if err != nil || !reflect.DeepEqual(have, want) {
						t.Fatalf("from %s to %s: have %+v, want %+v, %v", from, to, have, want, err)
					}
					steps := len(want.Steps)
					if before != nil && len(before.Steps) > 0 && want.Continues(before) {
						steps -= len(before.Steps)
						went++
					}
					if done != steps {
						t.Errorf("from %s to %s: %d steps were read, want %d", from, to, done, steps)
					}
				}
				if want := full[from]; want != nil && !reflect.DeepEqual(before, want) {
					t.Fatalf("%s: the log was changed", from)
				}
			}
			if went <= len(full) {
				t.Error("nearly no log was of use")
			}
		})
	}
}

// What a step says of itself, or takes from what it merged, is in a commit that no
// step before it could reach.
func TestTrailersAreOfTheStep(t *testing.T) {
	merged := 0
	for seed := range uint64(5) {
		repo := historytest.Random(t, rand.New(rand.NewPCG(seed, 1)))
		for i, step := range read(t, open(t, repo.Dir, "go"), "main").Steps {
			told := step.Commit
			if i > 0 {
				told = step.Commit + "^1.." + step.Commit
			}
			messages := repo.Git("log", "--format=%B", told) + "\n"
			if summary := step.Trailers.Summary; summary == "" && strings.Contains(messages, "Policy-Summary") ||
				summary != "" && !strings.Contains(messages, "Policy-Summary: "+summary+"\n") {
				t.Errorf("step %s says %q, want one of: %s", step.Commit, summary, messages)
			} else if summary != "" && !strings.Contains(repo.Git("log", "-1", "--format=%B", step.Commit), summary) {
				merged++
			}
		}
	}
	if merged == 0 {
		t.Error("no step has the summary of what it merged")
	}
}

// A log that was cut off or changed where it was stored is refused, or taken for
// another one; it does no harm.
func TestStoredLogIsDamaged(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	r := open(t, historytest.Random(t, rnd).Dir, "go")
	data, err := read(t, r, "main").GobEncode()
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 5000 {
		bad := bytes.Clone(data)
		if rnd.IntN(3) == 0 {
			bad = bad[:rnd.IntN(len(bad))]
		} else {
			for range 1 + rnd.IntN(3) {
				bad[rnd.IntN(len(bad))] ^= 1 << rnd.IntN(8)
			}
		}
		var l Log
		if err := l.GobDecode(bad); err != nil {
			refused++
			continue
		}
		for i := range l.Steps {
			for range l.Files(i) {
			}
		}
	}
	if refused < 1000 {
		t.Errorf("%d of 5000 were refused", refused)
	}
}

// What is missing is refused where it is read: among the steps that no log tells.
func TestReadOnTrusts(t *testing.T) {
	repo := historytest.New(t)
	for _, text := range []string{"a", "b", "c"} {
		repo.Write("a.md", text)
		repo.Commit("2021-01-01T12:00:00Z", text)
	}
	commits := strings.Fields(repo.Git("rev-list", "HEAD"))
	r := open(t, repo.Dir, "go")
	logs := []*Log{read(t, r, "HEAD"), read(t, r, "HEAD~1"), read(t, r, "HEAD~2")}
	if err := os.Remove(loose(repo, commits[1])); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, false} {
		_, err := open(t, repo.Dir, "go").ReadOn(context.Background(), logs[i], commits[0], nil)
		if (err == nil) != want || err != nil && !errors.Is(err, policy.ErrHistory) {
			t.Errorf("from HEAD~%d: %v", i, err)
		}
	}
}
