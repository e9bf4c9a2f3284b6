package builder_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

var randomHistories = flag.Int("histories", 15, "how many repositories TestRandomHistories makes")

// Whatever happened in a repository, both engines read of it what git itself
// says happened on the publish branch, and every change of a path while a
// policy held it is one revision of one policy. Git's account is
//
//	GIT_NO_REPLACE_OBJECTS=1 git log --first-parent --diff-merges=first-parent --raw -z --no-renames --no-abbrev --reverse
//
// and the histories are those that historytest.Random makes up.
//
//	go test ./builder -run RandomHistories -histories 300 -seed 7
func TestRandomHistories(t *testing.T) {
	var steps, revisions, versions, refused atomic.Int64
	t.Run("all", func(t *testing.T) {
		for i := range *randomHistories {
			own := *seed + uint64(i)
			t.Run(fmt.Sprintf("seed=%d", own), func(t *testing.T) {
				t.Parallel()
				r := historytest.Random(t, rand.New(rand.NewPCG(own, 2)))
				// Policies that are gone count, too.
				settings := "archived: [privacy, terms, cookies, data, eu/terms, eu/privacy, old/privacy, old/terms, old/eu/terms]\n"
				r.GitIn(fmt.Sprintf("commit refs/heads/main\ncommitter A <a@b.c> 1700000000 +0000\ndata 0\nfrom refs/heads/main^0\nM 100644 inline policysite.yaml\ndata %d\n%s\n",
					len(settings), settings), "fast-import", "--quiet")
				commits, want := rawLog(r)
				steps.Add(int64(len(commits)))
				var manifests [][]byte
				var errs []error
				for _, engine := range gitEngines {
					checkRaw(t, r, engine, commits, want)
					m, err := manifestOf(r, engine)
					manifests, errs = append(manifests, m), append(errs, err)
				}
				if fmt.Sprint(errs[0]) != fmt.Sprint(errs[1]) || !bytes.Equal(manifests[0], manifests[1]) {
					t.Fatalf("the engines do not agree: %v, %v\n%s\n%s", errs[0], errs[1], manifests[0], manifests[1])
				}
				if err := errs[0]; err != nil {
					// No policy is left, or one that is archived was always a draft.
					if problems := policy.Problems(nil); !errors.Is(err, policy.ErrContent) && !errors.As(err, &problems) {
						t.Error(err)
					}
					refused.Add(1)
					return
				}
				var a archive
				if err := json.Unmarshal(manifests[0], &a); err != nil {
					t.Fatal(err)
				}
				n := checkHeld(t, &a, commits, want)
				revisions.Add(int64(n))
				for _, p := range a.Policies {
					versions.Add(int64(len(p.Versions)))
				}
			})
		}
	})
	t.Logf("%d histories from seed %d on: %d steps, %d revisions, %d versions; %d without a policy to show",
		*randomHistories, *seed, steps.Load(), revisions.Load(), versions.Load(), refused.Load())
	if revisions.Load() < steps.Load()/2 {
		t.Error("that is not much to be right about")
	}
}

// place is a path after a step.
type place struct {
	step int
	path string
}

// rawChange is what a step did to a path: modes and blobs, "000000" and zeros
// for none.
type rawChange struct {
	oldMode, mode, oldBlob, blob string
}

func isText(mode string) bool { return mode == "100644" || mode == "100755" }

// rawLog is the oracle: git's own account of the branch main.
func rawLog(r *historytest.Repo) (commits []string, changes map[place]rawChange) {
	changes = map[place]rawChange{}
	fields := strings.Split(r.Git("--no-replace-objects", "log", "--first-parent", "--diff-merges=first-parent", "--raw", "-z",
		"--no-renames", "--no-abbrev", "--reverse", "--root", "--format=%x01%H", "main"), "\x00")
	for i := 0; i < len(fields); i++ {
		f := strings.TrimLeft(fields[i], "\n")
		if id, ok := strings.CutPrefix(f, "\x01"); ok {
			commits = append(commits, strings.TrimSpace(id))
		} else if m := strings.Fields(f); len(m) == 5 {
			i++
			changes[place{len(commits) - 1, fields[i]}] = rawChange{strings.TrimPrefix(m[0], ":"), m[1], m[2], m[3]}
		}
	}
	return commits, changes
}

// checkRaw compares the log that an engine reads with the oracle.
func checkRaw(t *testing.T, r *historytest.Repo, engine string, commits []string, want map[place]rawChange) {
	t.Helper()
	repo, err := history.Open(r.Dir, engine)
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	l, err := repo.Read(context.Background(), commits[len(commits)-1], nil)
	if err != nil {
		t.Fatal(err)
	}
	modes := map[history.FileMode]string{history.Regular: "100644", history.Executable: "100755", history.Symlink: "120000", history.Submodule: "160000"}
	type content struct{ mode, blob string }
	nothing := content{"000000", strings.Repeat("0", len(commits[0]))}
	have := map[place]rawChange{}
	before := map[string]content{}
	var ids []string
	for i, step := range l.Steps {
		ids = append(ids, step.Commit)
		now := map[string]content{}
		for f := range l.Files(i) {
			now[f.Path] = content{modes[f.Mode], f.Blob}
			if _, ok := before[f.Path]; !ok {
				before[f.Path] = nothing
			}
		}
		for path, was := range before {
			is, ok := now[path]
			if !ok {
				is = nothing
			}
			if was != is {
				have[place{i, path}] = rawChange{was.mode, is.mode, was.blob, is.blob}
			}
		}
		before = now
	}
	if !slices.Equal(ids, commits) {
		t.Errorf("%s: the steps are %s, git lists %s", engine, ids, commits)
	}
	if !maps.Equal(have, want) {
		t.Errorf("%s: the log has %v, git lists %v", engine, have, want)
	}
}

// checkHeld checks that every change of a path while a policy held it is told
// by one revision of one policy, and that a revision's blob is what the path
// held. It returns the number of revisions.
func checkHeld(t *testing.T, a *archive, commits []string, raw map[place]rawChange) (revisions int) {
	t.Helper()
	// What stood at a path after a step: a text's blob.
	stood := func(at place) string {
		for ; at.step >= 0; at.step-- {
			if c, ok := raw[at]; ok && isText(c.mode) {
				return c.blob
			} else if ok {
				break
			}
		}
		return ""
	}
	told, held := map[place]int{}, map[place]bool{}
	for _, p := range a.Policies {
		path, since := "", 0 // where it lives since which step
		hold := func(until int) {
			for n := since; path != "" && n <= until; n++ {
				held[place{n, path}] = true
			}
		}
		last := -1
		for _, v := range p.Versions {
			for _, rev := range v.Revisions {
				revisions++
				step := slices.Index(commits, rev.Commit)
				if step <= last {
					t.Errorf("%s: commit %s is no later step", p.ID, rev.Commit)
				}
				here := place{step, rev.Path}
				hold(step)
				told[here]++
				if rev.FromPath != nil {
					told[place{step, *rev.FromPath}]++
				}
				if rev.Blob != nil && *rev.Blob != stood(here) {
					t.Errorf("%s: %s at %s is %s, git has %q", p.ID, rev.Path, rev.Commit, *rev.Blob, stood(here))
				}
				path, since, last = rev.Path, step, step
				hold(step)
				if rev.Blob == nil {
					path = ""
				}
			}
		}
		hold(len(commits) - 1)
	}
	for at, c := range raw {
		if was, is := isText(c.oldMode), isText(c.mode); !was && !is || was && is && c.oldBlob == c.blob {
			continue // of the mode alone, or of no text
		}
		if n := told[at]; n > 1 || held[at] != (n == 1) {
			t.Errorf("step %d of %s: %d revisions, a policy held it: %t", at.step, at.path, n, held[at])
		}
	}
	return revisions
}

// manifestOf is what archive.json says of a repository's branch main.
func manifestOf(r *historytest.Repo, engine string) ([]byte, error) {
	opt := options(r)
	opt.Git, opt.Rev = engine, "main"
	a, err := builder.ReadArchive(context.Background(), opt, "")
	if err != nil {
		return nil, err
	}
	defer a.Close()
	return json.Marshal(a.Manifest())
}
