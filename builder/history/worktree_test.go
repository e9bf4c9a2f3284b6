package history

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

func TestUncommitted(t *testing.T) {
	repo := historytest.New(t)
	for _, path := range []string{"same.md", "touched.md", "modified.md", "gone.md", "crlf.md", "sub/gone.md", "becomes-link.md", "becomes-folder.md", "other.txt", "build/tracked.md", "lib/old.md"} {
		repo.Write(path, path+"\nsecond line\n")
	}
	repo.Write("committed-crlf.md", "one\r\ntwo\r\n")
	repo.Link("link.md", "same.md")
	repo.Link("moved-link.md", "same.md")
	repo.Write(".gitignore", "# comment\n*.tmp.md\nbuild/\n!kept.tmp.md\n")
	repo.Git("add", "-A", "-f")
	repo.Git("commit", "-q", "-m", "start")

	all := func(path string) bool { return strings.HasSuffix(path, ".md") }
	head := repo.Head()
	check := func(relevant func(string) bool, want ...string) {
		t.Helper()
		for _, engine := range engines {
			have, err := open(t, repo.Dir, engine).Uncommitted(head, relevant)
			if err != nil || !slices.Equal(have, want) {
				t.Errorf("%s: have %q, %v\nwant %q", engine, have, err, want)
			}
		}
	}
	check(all)

	now, err := os.Stat(repo.Path("touched.md"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(repo.Path("touched.md"), now.ModTime().Add(5e9), now.ModTime().Add(5e9)); err != nil {
		t.Fatal(err)
	}
	repo.Chmod("touched.md", true)
	repo.Write("crlf.md", "crlf.md\r\nsecond line\r\n")
	repo.Write("committed-crlf.md", "one\ntwo\n")
	check(all)

	repo.Write("modified.md", "modified\n")
	repo.Write("other.txt", "not relevant\n")
	repo.Remove("gone.md", "sub", "becomes-link.md", "becomes-folder.md", "moved-link.md")
	repo.Link("becomes-link.md", "same.md")
	repo.Link("moved-link.md", "modified.md")
	repo.Write("becomes-folder.md/inside.md", "new\n")
	repo.Write("new.md", "new\n")
	repo.Write("x.tmp.md", "ignored\n")
	repo.Write("kept.tmp.md", "not ignored\n")
	repo.Write("build/new.md", "ignored\n")
	repo.Write("build/tracked.md", "tracked, though ignored\n")
	repo.Write("deep/.gitignore", "secret.md\n/top.md\n")
	repo.Write("deep/er/secret.md", "ignored\n")
	repo.Write("deep/er/top.md", "new\n")
	repo.Write("deep/top.md", "ignored\n")
	repo.Write(".git/info/exclude", "excluded.md\n")
	repo.Write("excluded.md", "ignored\n")
	repo.Write(".git/hidden.md", "not a file of the work tree\n")
	nested := repo.At(filepath.Join(repo.Dir, "nested"))
	repo.Git("init", "-q", "nested")
	nested.Write("theirs.md", "of another repository\n")
	check(all, "becomes-folder.md", "becomes-folder.md/inside.md", "becomes-link.md", "build/tracked.md", "deep/er/top.md",
		"gone.md", "kept.tmp.md", "modified.md", "moved-link.md", "new.md", "sub/gone.md")
	check(func(path string) bool { return strings.HasPrefix(path, "sub/") }, "sub/gone.md")

	// The commit is what counts, not the index.
	repo.Git("add", "-u")
	repo.Git("add", "new.md")
	check(func(path string) bool { return path == "new.md" || path == "gone.md" }, "gone.md", "new.md")
}

// With core.autocrlf, and in a sparse checkout, a fresh work tree is as
// committed.
func TestUncommittedCheckouts(t *testing.T) {
	repo := historytest.New(t)
	repo.Write("content/a.md", "one\ntwo\n")
	repo.Write("rest/b.md", "one\n")
	repo.Commit(day(0), "start")
	for _, args := range [][]string{{"-c", "core.autocrlf=true"}, {"--sparse"}} {
		clone := repo.Clone(args...)
		have, err := open(t, clone.Dir, "auto").Uncommitted(clone.Head(), func(string) bool { return true })
		if err != nil || len(have) > 0 {
			t.Errorf("%s: %q, %v", args, have, err)
		}
	}
	bare := repo.Clone("--bare")
	_, err := open(t, bare.Dir, "auto").Uncommitted(repo.Head(), func(string) bool { return true })
	wantFailure(t, err, policy.ErrUsage, "bare", "")
}

// What is not committed is one step more: the files that git would not ignore,
// below the folders that are asked for, in a linked worktree as in the main one.
func TestDrafts(t *testing.T) {
	repo := historytest.New(t)
	for _, path := range []string{"content/same.md", "content/modified.md", "content/gone.md", "content/crlf.md", "content/node_modules/kept.md", "rest/modified.md", "policysite.yaml"} {
		repo.Write(path, path+"\nsecond line\n")
	}
	repo.Write("content/film.mp4", "")
	if err := os.Truncate(repo.Path("content/film.mp4"), maxBlob+1); err != nil {
		t.Fatal(err)
	}
	repo.Write(".gitignore", "*.tmp.md\n")
	repo.Commit(day(0), "start")
	repo.Write(".git/info/exclude", "excluded.md\n")
	linked := repo.At(filepath.Join(t.TempDir(), "linked"))
	repo.Git("worktree", "add", "-q", "--detach", linked.Dir)

	for _, w := range []*historytest.Repo{repo, linked} {
		r := open(t, w.Dir, "go")
		base := read(t, r, "")
		tree := r.WorkTree()
		look := func(want ...string) {
			t.Helper()
			scope := Scope{Folders: []string{"content"}, Files: []string{"policysite.yaml"}, Skip: []string{"content/public"}}
			l, drafts, folders, err := tree.Read(base, scope, time.Unix(1700000000, 0), r.Blob)
			if err != nil {
				t.Fatal(err)
			}
			var have []string
			for i, path := range l.paths {
				if e := l.events[i][len(l.events[i])-1]; int(e.step) == len(base.Steps) {
					text := "-"
					if e.mode != 0 {
						text = string(drafts[l.blobs[e.blob].String()])
					}
					have = append(have, path+": "+strings.TrimSpace(text))
				}
			}
			if !slices.Equal(have, want) || (l == base) != (want == nil) {
				t.Errorf("have %q\nwant %q", have, want)
			}
			if !slices.Contains(folders, w.Path("content")) || slices.Contains(folders, w.Path("rest")) {
				t.Errorf("read %q", folders)
			}
		}
		look()
		w.Write("content/modified.md", "modified\n")
		w.Write("content/crlf.md", "content/crlf.md\r\nsecond line\r\n")
		w.Remove("content/gone.md")
		w.Write("content/new/new.md", "new\n")
		w.Write("content/x.tmp.md", "ignored\n")
		w.Write("content/excluded.md", "ignored\n")
		w.Write("content/public/index.md", "skipped\n")
		w.Write("content/node_modules/kept.md", "was committed\n")
		w.Write("content/lib/node_modules/readme.md", "was not\n")
		w.Write("rest/modified.md", "not asked for\n")
		w.Write("policysite.yaml", "title: T\n")
		for range 2 {
			look("content/gone.md: -", "content/modified.md: modified", "content/new/new.md: new", "content/node_modules/kept.md: was committed", "policysite.yaml: title: T")
		}
		w.Write("content/modified.md", "content/modified.md\nsecond line\n")
		look("content/gone.md: -", "content/new/new.md: new", "content/node_modules/kept.md: was committed", "policysite.yaml: title: T")

		have, err := r.Uncommitted(base.Steps[0].Commit, func(path string) bool { return strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".mp4") })
		want := []string{"content/gone.md", "content/new/new.md", "content/node_modules/kept.md", "content/public/index.md", "rest/modified.md"}
		if err != nil || !slices.Equal(have, want) {
			t.Errorf("uncommitted: have %q, %v\nwant %q", have, err, want)
		}
		// A byte of the large file is a difference, though none that is shown.
		f, err := os.OpenFile(w.Path("content/film.mp4"), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte("x"))
		f.Close()
		look("content/gone.md: -", "content/new/new.md: new", "content/node_modules/kept.md: was committed", "policysite.yaml: title: T")
		have, err = r.Uncommitted(base.Steps[0].Commit, func(path string) bool { return strings.HasSuffix(path, ".mp4") })
		if err != nil || !slices.Equal(have, []string{"content/film.mp4"}) {
			t.Errorf("uncommitted: %q, %v", have, err)
		}
	}
}
