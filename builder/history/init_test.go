package history

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// Init needs no git program and asks no configuration, and git finds nothing
// wrong with what it makes.
func TestInit(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(home+"/.gitconfig", []byte("[user]\n\tname = Somebody\n[init]\n\tdefaultBranch = trunk\n[core]\n\tautocrlf = true\n[commit]\n\tgpgsign = true\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("PATH", "")
	dir := filepath.Join(t.TempDir(), "new", "site")
	first := time.Date(2024, 5, 1, 9, 0, 0, 0, time.FixedZone("", 2*60*60))
	commits := []InitialCommit{
		{map[string][]byte{"content/privacy.md": []byte("# Privacy\r\n"), ".gitignore": []byte("public/\n")}, "Publish the policy", "Policysite", "policysite@example.com", first},
		{map[string][]byte{"content/privacy.md": []byte("# Privacy policy\n")}, "Name it\n\nPolicy-Change: editorial\n", "Policysite", "policysite@example.com", first.AddDate(0, 1, 0)},
	}
	if err := Init(dir, commits); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir, "go")
	l := read(t, r, "main")
	if len(l.Steps) != 2 || !l.Steps[0].Committed.Equal(first) || l.Steps[1].Subject != "Name it" || l.Steps[1].Trailers.Change != "editorial" {
		t.Errorf("steps %+v", l.Steps)
	}
	if f, _ := l.Lookup(0, "content/privacy.md"); true {
		if text, err := r.Blob(f.Blob); err != nil || string(text) != "# Privacy\r\n" {
			t.Errorf("first text %q, %v", text, err)
		}
	}
	if _, ok := l.Lookup(1, ".gitignore"); !ok {
		t.Error("the second commit lost a file of the first")
	}
	err := Init(dir, []InitialCommit{{Files: map[string][]byte{"x": nil}, When: first}})
	wantFailure(t, err, policy.ErrOutput, "already", "")
	err = Init(dir, commits)
	wantFailure(t, err, policy.ErrOutput, "already exists", "")
	other := t.TempDir()
	err = Init(other, []InitialCommit{{Files: map[string][]byte{"../x": nil}, When: first}})
	wantFailure(t, err, policy.ErrOutput, "../x", "")
	if entries, err := os.ReadDir(other); err != nil || len(entries) > 0 {
		t.Errorf("a refused Init left %v", entries)
	}

	t.Setenv("PATH", path)
	repo := historytest.New(t).At(dir)
	if s := repo.Git("status", "--porcelain", "--branch"); s != "## main" {
		t.Errorf("git status: %q", s)
	}
	repo.Git("fsck", "--strict")
	if s := repo.Git("log", "-1", "--format=%an <%ae> %aI %cI"); s != "Policysite <policysite@example.com> 2024-06-01T09:00:00+02:00 2024-06-01T09:00:00+02:00" {
		t.Errorf("git log: %q", s)
	}
}
