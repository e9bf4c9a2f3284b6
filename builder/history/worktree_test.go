package history

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
