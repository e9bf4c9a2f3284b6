package history

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// node is a commit of a made-up history.
type node struct {
	files map[string]string // path → mode, space, content
}

// randomPaths make renames, swaps and shared ids likely: privacy.md and
// privacy/index.md have one id, and old/ is not selected.
var randomPaths = []string{
	"content/privacy.md", "content/privacy/index.md", "content/terms.md", "content/eu/terms.md", "content/eu/privacy.md",
	"content/cookies.md", "old/privacy.md", "old/terms.md", "old/eu/terms.md", "notes.txt",
}

// randomText draws from few lines, so that texts are often equal or similar.
func randomText(rnd *rand.Rand) string {
	var b strings.Builder
	if rnd.IntN(6) == 0 {
		fmt.Fprintf(&b, "id: %s\n", []string{"privacy", "terms", "data"}[rnd.IntN(3)])
	}
	if rnd.IntN(10) == 0 {
		fmt.Fprintf(&b, "formerly: %s\n", randomPaths[rnd.IntN(len(randomPaths))])
	}
	topic := rnd.IntN(4)
	for i := range 6 {
		if rnd.IntN(5) > 0 {
			fmt.Fprintf(&b, "topic %d line %d\n", topic, i)
		} else {
			fmt.Fprintf(&b, "line %d\n", rnd.IntN(50))
		}
	}
	return b.String()
}

// randomStep changes a tree a little.
func randomStep(rnd *rand.Rand, files map[string]string) map[string]string {
	files = maps.Clone(files)
	for range 1 + rnd.IntN(3) {
		there := slices.Sorted(maps.Keys(files))
		to := randomPaths[rnd.IntN(len(randomPaths))]
		if len(there) == 0 {
			files[to] = "100644 " + randomText(rnd)
			continue
		}
		from := there[rnd.IntN(len(there))]
		switch rnd.IntN(12) {
		case 0, 1: // add, or write over
			files[to] = "100644 " + randomText(rnd)
		case 2, 3: // edit
			files[from] += fmt.Sprintf("line %d\n", rnd.IntN(50))
		case 4, 5: // delete
			delete(files, from)
		case 6, 7: // rename
			text := files[from]
			delete(files, from)
			files[to] = text
		case 8: // rename and edit
			text := files[from]
			delete(files, from)
			files[to] = text + fmt.Sprintf("line %d\n", rnd.IntN(50))
		case 9: // swap
			if text, ok := files[to]; ok {
				files[to], files[from] = files[from], text
			}
		case 10: // copy
			files[to] = files[from]
		case 11: // mode
			if rnd.IntN(3) == 0 {
				files[from] = "120000 " + files[from][7:]
			} else {
				files[from] = "100755 " + files[from][7:]
			}
		}
	}
	return files
}

// randomRepository makes a repository with a history of merges, octopuses and
// evil merges, through git fast-import: one process for a whole history.
func randomRepository(t *testing.T, rnd *rand.Rand) *historytest.Repo {
	repo := historytest.New(t)
	var in strings.Builder
	nodes := []node{{}}
	commit := func(ref string, parents []int, files map[string]string) int {
		mark := len(nodes)
		nodes = append(nodes, node{files})
		message := fmt.Sprintf("commit %d\n", mark)
		if rnd.IntN(4) == 0 {
			message += fmt.Sprintf("\nPolicy-Summary: summary %d\n", mark)
		}
		// Clocks stand still, go back, and are in odd zones.
		fmt.Fprintf(&in, "commit %s\nmark :%d\ncommitter A <a@b.c> %d %s\ndata %d\n%s", ref, mark,
			1600000000+rnd.IntN(5)*1000, []string{"+0000", "-0330", "+1345", "-1200"}[rnd.IntN(4)], len(message), message)
		for i, p := range parents {
			fmt.Fprintf(&in, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p)
		}
		in.WriteString("deleteall\n")
		for _, path := range slices.Sorted(maps.Keys(files)) {
			mode, text, _ := strings.Cut(files[path], " ")
			fmt.Fprintf(&in, "M %s inline %s\ndata %d\n%s\n", mode, path, len(text), text)
		}
		return mark
	}
	// A side branch's ref is reset each time, so that its parents are those
	// that are given.
	reset := func(from int) { fmt.Fprintf(&in, "reset refs/heads/side\nfrom :%d\n\n", from) }
	head := commit("refs/heads/main", nil, randomStep(rnd, map[string]string{}))
	for range 8 + rnd.IntN(20) {
		if rnd.IntN(5) > 0 {
			head = commit("refs/heads/main", []int{head}, randomStep(rnd, nodes[head].files))
			continue
		}
		parents := []int{head}
		merged := maps.Clone(nodes[head].files)
		for range 1 + rnd.IntN(3) {
			tip := 1 + rnd.IntN(len(nodes)-1)
			reset(tip)
			for range 1 + rnd.IntN(3) {
				tip = commit("refs/heads/side", []int{tip}, randomStep(rnd, nodes[tip].files))
			}
			parents = append(parents, tip)
			if rnd.IntN(3) > 0 { // else: -s ours
				maps.Copy(merged, nodes[tip].files)
			}
		}
		if rnd.IntN(3) == 0 { // evil
			merged = randomStep(rnd, merged)
		}
		head = commit("refs/heads/main", parents, merged)
	}
	repo.GitIn(in.String(), "fast-import", "--quiet", "--force")
	return repo
}

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
		if sel.Selected(f.Path) && f.Mode != Symlink && !live[f.Path] && !ids[id(f.Path)] {
			t.Errorf("%s is no policy", f.Path)
		}
	}
}

func TestRandomHistories(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			repo := randomRepository(t, rand.New(rand.NewPCG(seed, 1)))
			commits, rows := rawLog(repo, "main")
			r := open(t, repo.Dir, "go")
			l := read(t, r, "main")
			checkLog(t, l, commits, rows)
			sel := selection(t, r, l, "content/")
			histories, ambiguous, err := l.Follow(sel, r.Blob)
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
			histories2, ambiguous2, err := other.Follow(sel, c.Blob)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(l, other) || !reflect.DeepEqual(histories, histories2) || !reflect.DeepEqual(ambiguous, ambiguous2) {
				t.Error("the engines do not agree")
			}
		})
	}
}
