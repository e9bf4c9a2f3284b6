package history

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// small makes a repository of three steps with a policy in content/.
func small(t *testing.T, args ...string) *historytest.Repo {
	t.Helper()
	repo := historytest.Init(t, args...)
	for i, text := range []string{"one\n", "two\n", "three\n"} {
		repo.Write("content/privacy.md", text)
		repo.Write("notes.txt", "notes\n")
		repo.Commit(day(i), text)
	}
	return repo
}

// wantFailure checks an error's reason, and that its message and its hint hold
// what they have to.
func wantFailure(t *testing.T, err, reason error, message, hint string) {
	t.Helper()
	var f *policy.Failure
	if !errors.As(err, &f) || !errors.Is(err, reason) {
		t.Fatalf("have error %v, want one that is %q", err, reason)
	}
	if !strings.Contains(f.Error(), message) || !strings.Contains(f.Hint, hint) {
		t.Errorf("have %q, hint %q\nwant %q, hint %q", f.Error(), f.Hint, message, hint)
	}
}

// Every form of repository gives the same log as the plain one, with both
// engines.
func TestOpenForms(t *testing.T) {
	repo := small(t)
	plain := read(t, open(t, repo.Dir, "go"), "")
	dir := t.TempDir()
	tests := []struct {
		name         string
		make         func(dir string) (open string)
		root, prefix string // relative to dir; root "" is bare
	}{
		{"sub-folder", func(dir string) string {
			repo.Git("clone", "-q", repo.Dir, dir)
			return dir + "/content"
		}, ".", "content"},
		{"bare", func(dir string) string {
			repo.Git("clone", "-q", "--bare", repo.Dir, dir)
			return dir
		}, "", ""},
		{"git folder itself", func(dir string) string {
			repo.Git("clone", "-q", repo.Dir, dir)
			return dir + "/.git"
		}, "", ""},
		{"linked worktree", func(dir string) string {
			repo.Git("worktree", "add", "-q", "--detach", dir)
			return dir
		}, ".", ""},
		{"detached", func(dir string) string {
			repo.Git("clone", "-q", repo.Dir, dir)
			repo.At(dir).Git("checkout", "-q", "--detach")
			return dir
		}, ".", ""},
		{"packed", func(dir string) string {
			repo.Git("clone", "-q", repo.Dir, dir)
			repo.At(dir).Git("repack", "-q", "-a", "-d", "-f")
			repo.At(dir).Git("pack-refs", "--all")
			return dir
		}, ".", ""},
		{"alternates of alternates", func(dir string) string {
			repo.Git("clone", "-q", "-s", repo.Dir, dir+"-between")
			repo.Git("clone", "-q", "-s", dir+"-between", dir)
			return dir
		}, ".", ""},
		{"relative alternates", func(dir string) string {
			repo.Git("clone", "-q", "-s", repo.Dir, dir)
			rel, err := filepath.Rel(dir+"/.git/objects", repo.Dir+"/.git/objects")
			if err != nil {
				t.Fatal(err)
			}
			repo.At(dir).Write(".git/objects/info/alternates", "# comment\n"+rel+"\n")
			return dir
		}, ".", ""},
		{"sparse checkout with worktreeConfig", func(dir string) string {
			repo.Git("clone", "-q", repo.Dir, dir)
			repo.At(dir).Git("sparse-checkout", "set", "content")
			if repo.At(dir).Git("config", "extensions.worktreeConfig") != "true" {
				t.Fatal("sparse-checkout did not set extensions.worktreeConfig")
			}
			return dir
		}, ".", ""},
		{"submodule", func(dir string) string {
			super := historytest.New(t)
			super.Git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repo.Dir, "sub")
			if err := os.Symlink(super.Dir+"/sub", dir); err != nil {
				t.Fatal(err)
			}
			return dir
		}, ".", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			at := filepath.Join(dir, strings.ReplaceAll(test.name, " ", "-"))
			opened := test.make(at)
			for _, engine := range []string{"auto", "go", "cli"} {
				r := open(t, opened, engine)
				if l := read(t, r, ""); !reflect.DeepEqual(l, plain) {
					t.Errorf("%s: another log than that of the plain repository", engine)
				}
				root := ""
				if test.root != "" {
					root, _ = filepath.EvalSymlinks(at)
				}
				if r.Root() != root || r.Prefix() != test.prefix || r.Bare() != (root == "") {
					t.Errorf("%s: root %q, prefix %q, bare %t", engine, r.Root(), r.Prefix(), r.Bare())
				}
			}
		})
	}
}

// Where go-git cannot read a repository, auto takes the git program.
func TestOpenSHA256(t *testing.T) {
	repo := small(t, "--object-format=sha256")
	repo.Write("content/terms.md", "four\n")
	repo.Commit(day(3), "four")
	commits, rows := rawLog(repo, "HEAD")
	if len(commits[0]) != 64 {
		t.Fatalf("commit id %s is not SHA-256", commits[0])
	}
	r := open(t, repo.Dir, "auto")
	l := read(t, r, "")
	checkLog(t, l, commits, rows)
	f, _ := l.Lookup(2, "content/privacy.md")
	if text, err := r.Blob(f.Blob); err != nil || string(text) != "three\n" {
		t.Errorf("blob: %q, %v", text, err)
	}
	if id, err := r.Resolve(commits[1][:10]); err != nil || id != commits[1] {
		t.Errorf("abbreviated: %s, %v", id, err)
	}
	_, err := Open(repo.Dir, "go")
	wantFailure(t, err, policy.ErrHistory, "objectformat", "--git cli")

	repo = small(t)
	repo.Git("config", "core.repositoryFormatVersion", "1")
	repo.Git("config", "extensions.fromTheFuture", "true")
	_, err = Open(repo.Dir, "go")
	wantFailure(t, err, policy.ErrHistory, "fromthefuture", "--git cli")
	_, err = Open(repo.Dir, "auto")
	wantFailure(t, err, policy.ErrHistory, "unknown repository extension", "")
}

func TestOpenRefuses(t *testing.T) {
	repo := small(t)
	shallow := repo.Clone("--depth=1")
	borrowed := repo.Clone()
	borrowed.Write(".git/objects/info/alternates", "/nowhere/objects\n")
	stale := filepath.Join(t.TempDir(), "worktree")
	elsewhere := repo.Clone()
	elsewhere.Git("worktree", "add", "-q", "--detach", stale)
	elsewhere.Remove(".git/worktrees")
	for _, engine := range engines {
		_, err := Open(t.TempDir(), engine)
		wantFailure(t, err, policy.ErrHistory, "not in a git repository", "git init")
		_, err = Open(shallow.Dir, engine)
		wantFailure(t, err, policy.ErrHistory, "shallow", "fetch-depth: 0")
		wantFailure(t, err, policy.ErrHistory, "shallow", "GIT_DEPTH: 0")
		wantFailure(t, err, policy.ErrHistory, "shallow", "git fetch --unshallow")
		_, err = Open(borrowed.Dir, engine)
		wantFailure(t, err, policy.ErrHistory, "/nowhere/objects", "full clone")
		_, err = Open(stale, engine)
		wantFailure(t, err, policy.ErrHistory, "not there", "git worktree repair")
		_, err = Open(filepath.Join(repo.Dir, "nowhere"), engine)
		wantFailure(t, err, policy.ErrUsage, "nowhere", "")
	}
	_, err := Open(repo.Dir, "libgit")
	wantFailure(t, err, policy.ErrUsage, "libgit", "")
	// A shallow clone's worktrees share what is missing.
	linked := filepath.Join(t.TempDir(), "linked")
	shallow.Git("worktree", "add", "-q", "--detach", linked)
	_, err = Open(linked, "go")
	wantFailure(t, err, policy.ErrHistory, "shallow", "")
	// Once it is complete it is welcome.
	shallow.Git("fetch", "-q", "--unshallow")
	read(t, open(t, shallow.Dir, "go"), "")
}

// A partial clone is good for what it has, and is refused for what it has not,
// which is not fetched.
func TestPartialClone(t *testing.T) {
	repo := small(t)
	want, err := readAll(t, repo.Dir, "go")
	if err != nil {
		t.Fatal(err)
	}
	promisor := repo.Clone()
	promisor.Git("repack", "-q", "-a", "-d")
	packs, _ := filepath.Glob(promisor.Path(".git/objects/pack/*.pack"))
	promisor.Write(".git/objects/pack/"+strings.TrimSuffix(filepath.Base(packs[0]), "pack")+"promisor", "")
	old := repo.Git("rev-parse", "HEAD~1:content/privacy.md")
	for _, c := range []struct {
		name    string
		clone   *historytest.Repo
		missing string // "" for nothing
	}{
		{"without large texts", repo.Clone("--filter=blob:limit=1k"), ""},
		{"without old texts", repo.Clone("--filter=blob:none"), "object " + repo.Git("rev-parse", "HEAD~2:content/privacy.md") + " (content/privacy.md in commit "},
		{"without trees", repo.Clone("--filter=tree:0", "--bare"), "(the root folder in commit "},
		{"with a promisor pack", promisor, ""},
	} {
		for _, engine := range engines {
			have, err := readAll(t, c.clone.Dir, engine)
			if c.missing == "" {
				if err != nil || !reflect.DeepEqual(have, want) {
					t.Errorf("%s, %s: %v", c.name, engine, err)
				}
				continue
			}
			wantFailure(t, err, policy.ErrHistory, "the repository is a partial clone, and ", "git fetch --refetch --no-filter")
			wantFailure(t, err, policy.ErrHistory, c.missing, "`filter`")
		}
		if c.missing != "" {
			c.clone.Git("fetch", "-q", "--refetch", "--no-filter") // as the hint says
			if have, err := readAll(t, c.clone.Dir, "go"); err != nil || !reflect.DeepEqual(have, want) {
				t.Errorf("%s, mended: %v", c.name, err)
			}
		}
	}
	// One text that is there and one that is not.
	clone := repo.Clone("--filter=blob:none")
	for _, engine := range engines {
		r := open(t, clone.Dir, engine)
		if text, err := r.Blob(repo.Git("rev-parse", "HEAD:content/privacy.md")); err != nil || string(text) != "three\n" {
			t.Errorf("%s: the present text: %q, %v", engine, text, err)
		}
		_, err := r.Blob(old)
		wantFailure(t, err, policy.ErrHistory, old+" is not in it", "")
	}
	if n := clone.Git("rev-list", "--objects", "--all", "--missing=print"); !strings.Contains(n, "?"+old) {
		t.Error("the old text was fetched")
	}
}

// What git refuses for the sake of the user's safety is passed on with what
// git says would mend it.
func TestOpenOtherOwner(t *testing.T) {
	repo := small(t)
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	_, err := Open(repo.Dir, "cli")
	wantFailure(t, err, policy.ErrHistory, "dubious ownership", "git config --global --add safe.directory")
}

func TestOpenWithoutGit(t *testing.T) {
	repo := small(t)
	t.Setenv("PATH", "")
	read(t, open(t, repo.Dir, "auto"), "")
	_, err := Open(repo.Dir, "cli")
	wantFailure(t, err, policy.ErrHistory, "git program is not installed", "--git go")
}

// Variables that a hook or a user sets for another repository mean nothing.
func TestOpenIgnoresEnvironment(t *testing.T) {
	repo, other := small(t), historytest.New(t)
	t.Setenv("GIT_DIR", other.Path(".git"))
	t.Setenv("GIT_WORK_TREE", other.Dir)
	t.Setenv("GIT_OBJECT_DIRECTORY", other.Path(".git/objects"))
	for _, engine := range engines {
		if l := read(t, open(t, repo.Dir, engine), ""); len(l.Steps) != 3 {
			t.Errorf("%s: %d steps", engine, len(l.Steps))
		}
	}
}

// Replace refs and grafts, local to one clone, do not rewrite history.
func TestReadIgnoresReplacements(t *testing.T) {
	repo := small(t)
	commits, rows := rawLog(repo, "HEAD")
	repo.Git("replace", commits[1], commits[0])
	repo.Write(".git/info/grafts", commits[2]+"\n")
	for _, engine := range engines {
		checkLog(t, read(t, open(t, repo.Dir, engine), ""), commits, rows)
	}
}

func TestResolve(t *testing.T) {
	repo := small(t)
	repo.Git("tag", "v1", "HEAD~1")
	repo.Git("tag", "-a", "-m", "two", "v2", "HEAD~1")
	repo.Git("tag", "-a", "-m", "a tag of a tag", "v3", "v2")
	repo.Git("branch", "legal/next", "HEAD~2")
	repo.Git("tag", "text", "HEAD:notes.txt")
	clone := repo.Clone()
	at := strings.Fields(repo.Git("rev-list", "--reverse", "HEAD"))
	var fake string
	if fake = strings.Repeat("1", 40); fake == at[0] {
		t.Fatal("what a coincidence")
	}
	for _, engine := range engines {
		r := open(t, clone.Dir, engine)
		for rev, want := range map[string]string{
			"": at[2], "HEAD": at[2], "main": at[2], "refs/heads/main": at[2], "heads/main": at[2], "origin": at[2], "origin/main": at[2],
			"v1": at[1], "v2": at[1], "v3": at[1], "tags/v3": at[1], "origin/legal/next": at[0],
			at[0]: at[0], at[1][:7]: at[1], strings.ToUpper(at[1][:9]): at[1],
			"HEAD~1": at[1], "HEAD~2": at[0], "HEAD^": at[1], "v2^": at[0], "main~~": at[0], "main~0": at[2], "main^0": at[2], "main^1~1": at[0],
		} {
			if have, err := r.Resolve(rev); err != nil || have != want {
				t.Errorf("%s: %q is %s, %v; want %s", engine, rev, have, err, want)
			}
		}
		for _, rev := range []string{"nope", fake, fake[:7], "HEAD~3", "HEAD^2", "-h", "--all", "~1", "HEAD~x", "text", "main:notes.txt", "HEAD~99999999999999999999", "../HEAD", "a b", "abc"} {
			_, err := r.Resolve(rev)
			wantFailure(t, err, policy.ErrUsage, rev, "git log")
		}
		_, err := r.Resolve("legal/next~1")
		wantFailure(t, err, policy.ErrUsage, "legal/next~1", "did you mean origin/legal/next~1?")
		_, err = open(t, historytest.New(t).Dir, engine).Resolve("")
		wantFailure(t, err, policy.ErrHistory, "no commits yet", "git commit")
	}
}
