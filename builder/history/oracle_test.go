package history

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

var engines = []string{"go", "cli"}

// open opens a repository and closes it with the test.
func open(t testing.TB, dir, engine string) *Repository {
	t.Helper()
	r, err := Open(dir, engine)
	if err != nil {
		t.Fatalf("%s: %v", engine, err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// read reads the log of a revision, "" for HEAD.
func read(t testing.TB, r *Repository, rev string) *Log {
	t.Helper()
	commit, err := r.Resolve(rev)
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Read(context.Background(), commit, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// row is a line of git log --raw: what a step did to a path.
type row struct {
	step             int
	path             string
	oldMode, newMode string
	oldBlob, newBlob string // zeros for none
}

// rawLog is the oracle: git's own account of a first-parent chain.
func rawLog(r *historytest.Repo, rev string) (commits []string, rows []row) {
	out := r.Git("log", "--first-parent", "--diff-merges=first-parent", "--raw", "--no-renames", "--no-abbrev", "-z", "--reverse", "--root", "--format=%x01%H", rev)
	fields := strings.Split(out, "\x00")
	for i := 0; i < len(fields); i++ {
		f := strings.TrimLeft(fields[i], "\n")
		if id, ok := strings.CutPrefix(f, "\x01"); ok {
			commits = append(commits, strings.TrimSpace(id))
			continue
		}
		if m := strings.Fields(f); len(m) == 5 {
			i++
			rows = append(rows, row{len(commits) - 1, fields[i], m[0][1:], m[1], m[2], m[3]})
		}
	}
	return commits, rows
}

var gitModes = map[FileMode]string{0: "000000", Regular: "100644", Executable: "100755", Symlink: "120000", Submodule: "160000"}

// checkLog compares a log with the oracle, row by row.
func checkLog(t *testing.T, l *Log, commits []string, rows []row) {
	t.Helper()
	if len(l.Steps) != len(commits) {
		t.Fatalf("%d steps, git lists %d", len(l.Steps), len(commits))
	}
	for i, c := range commits {
		if l.Steps[i].Commit != c {
			t.Fatalf("step %d is %s, git says %s", i, l.Steps[i].Commit, c)
		}
	}
	want := make(map[string]row, len(rows))
	for _, r := range rows {
		want[fmt.Sprint(r.step, " ", r.path)] = r
	}
	n := 0
	for i, path := range l.paths {
		old, oldBlob := FileMode(0), ""
		for _, e := range l.events[i] {
			n++
			blob := strings.Repeat("0", 2*int(l.blobs[0].size))
			if e.mode != 0 {
				blob = l.blobs[e.blob].String()
			}
			if oldBlob == "" {
				oldBlob = strings.Repeat("0", len(blob))
			}
			have := row{int(e.step), path, gitModes[old], gitModes[e.mode], oldBlob, blob}
			if w := want[fmt.Sprint(e.step, " ", path)]; w != have {
				t.Fatalf("have %+v\nwant %+v", have, w)
			}
			old, oldBlob = e.mode, blob
		}
	}
	if n != len(want) || n != len(rows) {
		t.Fatalf("%d events, git has %d", n, len(rows))
	}
}

// selection selects the Markdown files below content/ ("" for all). A text
// declares an id by a line "id: …", and earlier paths by a line "formerly: … …",
// among its first three: front matter or not.
func selection(t testing.TB, r *Repository, l *Log, content string) Selection {
	t.Helper()
	s := Selection{
		Selected: func(p string) bool { return strings.HasPrefix(p, content) && strings.HasSuffix(p, ".md") },
		Read:     func(p string) bool { return strings.HasSuffix(p, ".md") },
		Language: func(p string) string { return strings.TrimSuffix(p, strings.TrimPrefix(p, content+"fr/")) },
		ID: func(p string) string {
			p = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(p, content), ".md"), "/index")
			return strings.ToLower(p)
		},
		Declared: make(map[string]Declared),
		ReadID:   func(text []byte) string { return declaredIn(text).ID },
	}
	for f := range l.Files(len(l.Steps) - 1) {
		if s.Selected(f.Path) && (f.Mode == Regular || f.Mode == Executable) {
			text, err := r.Blob(f.Blob)
			if err != nil {
				t.Fatal(err)
			}
			if d := declaredIn(text); d.ID != "" || d.Formerly != nil || d.Begins {
				s.Declared[f.Path] = d
			}
		}
	}
	return s
}

func declaredIn(text []byte) (d Declared) {
	n := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			d.ID = id
		}
		if paths, ok := strings.CutPrefix(line, "formerly: "); ok {
			d.Formerly = strings.Fields(paths)
			d.Begins = len(d.Formerly) == 0
		}
		if n++; n == 3 {
			break
		}
	}
	return d
}

// checkHistories checks that every change of a path while a policy held it is
// told by exactly one revision of one policy, and that the revisions tell
// nothing else.
func checkHistories(t *testing.T, l *Log, histories []policy.History, rows []row) {
	t.Helper()
	type place struct {
		step int
		path string
	}
	told := make(map[place]int)   // by revisions
	holds := make(map[place]bool) // a policy, before or after the step
	taken := make(map[place]bool) // a policy is there after the step
	for _, h := range histories {
		for i, r := range h.Revisions {
			told[place{r.Step, r.Path}]++
			if r.FromPath != "" {
				told[place{r.Step, r.FromPath}]++
				if f, ok := l.Lookup(r.Step, r.FromPath); ok && (f.Mode == Regular || f.Mode == Executable) {
					t.Errorf("%s: step %d came from %s, where something still is", h.Path, r.Step, r.FromPath)
				}
			}
			if i > 0 && r.Step <= h.Revisions[i-1].Step {
				t.Errorf("%s: step %d follows step %d", h.Path, r.Step, h.Revisions[i-1].Step)
			}
			f, ok := l.Lookup(r.Step, r.Path)
			if gone := !ok || f.Mode != Regular && f.Mode != Executable; r.Blob == "" {
				if !gone && r.Step == h.Revisions[len(h.Revisions)-1].Step {
					t.Errorf("%s: deleted at step %d, but the file is there", h.Path, r.Step)
				}
				continue
			} else if gone || f.Blob != r.Blob {
				t.Errorf("%s: step %d has blob %s at %s, the log has %q", h.Path, r.Step, r.Blob, r.Path, f.Blob)
			}
			until := len(l.Steps)
			if i+1 < len(h.Revisions) {
				until = h.Revisions[i+1].Step
			}
			for s := r.Step; s < until; s++ {
				if taken[place{s, r.Path}] {
					t.Errorf("two policies at %s after step %d", r.Path, s)
				}
				taken[place{s, r.Path}], holds[place{s, r.Path}], holds[place{s + 1, r.Path}] = true, true, true
			}
		}
	}
	text := map[string]bool{"100644": true, "100755": true}
	in := make(map[place]bool)
	for _, r := range rows {
		before, after := text[r.oldMode], text[r.newMode]
		if !before && !after || before && after && r.oldBlob == r.newBlob {
			continue
		}
		p := place{r.step, r.path}
		in[p] = true
		want := 0
		if holds[p] {
			want = 1
		}
		if told[p] != want {
			t.Errorf("step %d, %s: %d revisions tell it, want %d", r.step, r.path, told[p], want)
		}
	}
	for _, h := range histories {
		for i, r := range h.Revisions {
			if in[place{r.Step, r.Path}] || r.FromPath != "" && in[place{r.Step, r.FromPath}] {
				continue
			}
			// What had no id of its own becomes a policy, unchanged, when the
			// one that had it goes by another id.
			if f, ok := l.Lookup(r.Step-1, r.Path); !ok || f.Blob != r.Blob || i > 0 && h.Revisions[i-1].Blob != "" {
				t.Errorf("%s: nothing happened at step %d", h.Path, r.Step)
			}
		}
	}
}

// corpus clones a real repository, kept as a bundle beside the checkout.
func corpus(t testing.TB, name string) *historytest.Repo {
	t.Helper()
	dir, err := filepath.Abs("../../../shared/corpora")
	if err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(dir, name+".bundle")
	if _, err := os.Stat(bundle); err != nil {
		t.Skipf("no corpora beside the checkout: %v", err)
	}
	r := historytest.New(t)
	clone := filepath.Join(t.TempDir(), path.Base(name))
	r.Git("clone", "-q", bundle, clone)
	return r.At(clone)
}

func TestCorpora(t *testing.T) {
	for _, name := range []string{"basecamp-policies", "pga-versions"} {
		t.Run(name, func(t *testing.T) {
			repo := corpus(t, name)
			commits, rows := rawLog(repo, "HEAD")
			var logs []*Log
			var all [][]policy.History
			for _, engine := range engines {
				r := open(t, repo.Dir, engine)
				l := read(t, r, "")
				checkLog(t, l, commits, rows)
				histories, beginnings, err := l.Follow(selection(t, r, l, ""), r.Blob)
				if err != nil {
					t.Fatal(err)
				}
				checkHistories(t, l, histories, rows)
				live, revisions := 0, 0
				for _, h := range histories {
					revisions += len(h.Revisions)
					if h.Live {
						live++
					}
				}
				t.Logf("%s: %d steps, %d policies, %d live, %d revisions, beginnings: %v", engine, len(l.Steps), len(histories), live, revisions, beginnings)
				logs, all = append(logs, l), append(all, histories)
			}
			if !reflect.DeepEqual(logs[0], logs[1]) || !reflect.DeepEqual(all[0], all[1]) {
				t.Error("the engines do not agree")
			}
		})
	}
}

// Reading a history with all its texts is meant to take less than twice the time
// of git log --raw and git cat-file --batch.
func BenchmarkHistory(b *testing.B) {
	repo := corpus(b, "pga-versions")
	for _, engine := range engines {
		b.Run(engine+"/walk", func(b *testing.B) {
			for b.Loop() {
				r := open(b, repo.Dir, engine)
				read(b, r, "")
				r.Close()
			}
		})
		b.Run(engine+"/follow", func(b *testing.B) {
			r := open(b, repo.Dir, engine)
			l := read(b, r, "")
			sel := selection(b, r, l, "")
			for b.Loop() {
				if _, _, err := l.Follow(sel, r.Blob); err != nil {
					b.Fatal(err)
				}
			}
		})
		// A build reads the texts of a policy oldest first; newest first is what
		// packs are made for.
		for _, order := range []string{"oldest", "newest"} {
			b.Run(engine+"/"+order+" first", func(b *testing.B) {
				r := open(b, repo.Dir, engine)
				l := read(b, r, "")
				for b.Loop() {
					readTexts(b, r, l, order == "newest")
				}
			})
		}
	}
	b.Run("git/walk", func(b *testing.B) {
		for b.Loop() {
			repo.Git("log", "--first-parent", "--diff-merges=first-parent", "--raw", "-z", "--no-renames")
		}
	})
	b.Run("git/texts", func(b *testing.B) {
		_, rows := rawLog(repo, "HEAD")
		var ids strings.Builder
		for _, r := range rows {
			if r.newMode != "000000" {
				ids.WriteString(r.newBlob + "\n")
			}
		}
		for b.Loop() {
			repo.GitIn(ids.String(), "cat-file", "--batch", "--buffer")
		}
	})
}

// readTexts reads every text of a log once, path by path, with a reader of its
// own.
func readTexts(b *testing.B, r *Repository, l *Log, newestFirst bool) {
	rd, err := r.Reader()
	if err != nil {
		b.Fatal(err)
	}
	defer rd.Close()
	seen := make(map[string]bool)
	size := 0
	for _, path := range l.paths {
		states := l.States(path, 0, len(l.Steps))
		if newestFirst {
			slices.Reverse(states)
		}
		for _, s := range states {
			if seen[s.File.Blob] {
				continue
			}
			seen[s.File.Blob] = true
			text, err := rd.Blob(s.File.Blob)
			if err != nil {
				b.Fatal(err)
			}
			size += len(text)
		}
	}
	b.SetBytes(int64(size))
}
