// Package historytest builds real git repositories for tests. Only tests
// import it.
//
//	r := historytest.New(t)
//	r.Write("content/privacy.md", "# Privacy\n")
//	first := r.Commit("2021-07-14T10:00:00Z", "Add the privacy policy")
//	r.Rename("content/privacy.md", "content/privacy-policy.md")
//	second := r.Commit("2022-01-01T09:00:00+02:00", "Move it\n\nPolicy-Change: editorial\n")
//
// Everything is done by the git program, told to read no configuration but the
// repository's own, so that a test means the same on every machine. Whatever
// goes wrong ends the test.
package historytest

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Name and Email are the author and the committer of all commits.
const (
	Name  = "Test Author"
	Email = "author@example.com"
)

// Repo is a repository, usually with a work tree. All methods work in Dir; At
// leads to another one.
type Repo struct {
	Dir    string // absolute path of the work tree
	t      testing.TB
	stream *stream // nil when none is running
}

// New makes an empty repository, on the branch main, in a folder that is
// removed with the test.
func New(t testing.TB) *Repo {
	t.Helper()
	return Init(t)
}

// Init is New with further arguments for git init, such as "--bare" or
// "--object-format=sha256".
func Init(t testing.TB, args ...string) *Repo {
	t.Helper()
	r := &Repo{Dir: t.TempDir(), t: t}
	r.Git(append(append([]string{"init", "-q", "-b", "main", "--template="}, args...), ".")...)
	return r
}

// At returns the same tools for another repository, one that git made: a
// clone, a linked worktree.
func (r *Repo) At(dir string) *Repo { return &Repo{Dir: dir, t: r.t} }

// Clone clones the repository over the file transport, as a server would give
// it (--depth and --filter work), and returns the clone.
func (r *Repo) Clone(args ...string) *Repo {
	r.t.Helper()
	r.Git("config", "uploadpack.allowFilter", "true")
	dir := filepath.Join(r.t.TempDir(), "clone")
	all := append([]string{"clone", "-q"}, args...)
	r.Git(append(all, "file://"+r.Dir, dir)...)
	return r.At(dir)
}

// Loose returns the place of an object's own file. It takes all objects out of
// their packs.
func (r *Repo) Loose(id string) string {
	r.t.Helper()
	r.settle()
	packs, _ := filepath.Glob(r.Path(".git/objects/pack/*.pack"))
	for _, pack := range packs {
		data, err := os.ReadFile(pack)
		r.check(err)
		r.check(os.Remove(pack))
		r.check(os.Remove(strings.TrimSuffix(pack, "pack") + "idx"))
		r.GitIn(string(data), "unpack-objects", "-q")
	}
	return r.Path(".git/objects/" + id[:2] + "/" + id[2:])
}

// Path returns the place of a file of the work tree.
func (r *Repo) Path(path string) string { return filepath.Join(r.Dir, filepath.FromSlash(path)) }

// Write writes a file, folders included.
func (r *Repo) Write(path, text string) {
	r.t.Helper()
	file := r.Path(path)
	r.check(os.MkdirAll(filepath.Dir(file), 0o755))
	r.check(os.WriteFile(file, []byte(text), 0o644))
}

// Link writes a symbolic link.
func (r *Repo) Link(path, target string) {
	r.t.Helper()
	file := r.Path(path)
	r.check(os.MkdirAll(filepath.Dir(file), 0o755))
	r.check(os.Symlink(target, file))
}

// Chmod makes a file executable, or not.
func (r *Repo) Chmod(path string, executable bool) {
	r.t.Helper()
	mode := os.FileMode(0o644)
	if executable {
		mode = 0o755
	}
	r.check(os.Chmod(r.Path(path), mode))
}

// Remove removes files, or folders with all they hold.
func (r *Repo) Remove(paths ...string) {
	r.t.Helper()
	for _, path := range paths {
		if _, err := os.Lstat(r.Path(path)); err != nil {
			r.t.Fatal(err)
		}
		r.check(os.RemoveAll(r.Path(path)))
	}
}

// Rename moves a file or folder.
func (r *Repo) Rename(from, to string) {
	r.t.Helper()
	r.check(os.MkdirAll(filepath.Dir(r.Path(to)), 0o755))
	r.check(os.Rename(r.Path(from), r.Path(to)))
}

// Commit commits the whole work tree, as author and committer at that time
// ("2021-07-14T10:00:00Z", or anything else that git reads), and returns the
// commit's id. A commit that changes nothing is made all the same.
func (r *Repo) Commit(when, message string) string {
	r.t.Helper()
	if id, ok := r.commit(when, message); ok {
		return id
	}
	r.Git("add", "-A")
	r.gitAt(when, message, "commit", "-q", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim", "-F", "-")
	return r.Head()
}

// Merge merges the branches (or commits) into the current branch, never as a
// fast-forward, and returns the merge's id. A conflict ends the test; MergeAs
// makes the merges that git would not.
func (r *Repo) Merge(when, message string, branches ...string) string {
	r.t.Helper()
	args := []string{"-c", "merge.directoryRenames=false", "merge", "-q", "--no-ff", "--cleanup=verbatim", "-m", message}
	r.gitAt(when, "", append(args, branches...)...)
	return r.Head()
}

// MergeAs makes a merge whose tree is the work tree as it stands, whatever the
// merged branches (or commits) hold: an evil merge, "-s ours", an octopus with
// conflicts. It returns the merge's id.
func (r *Repo) MergeAs(when, message string, branches ...string) string {
	r.t.Helper()
	r.Git("add", "-A")
	args := []string{"commit-tree", r.Git("write-tree"), "-F", "-", "-p", r.Head()}
	for _, b := range branches {
		args = append(args, "-p", r.Git("rev-parse", b+"^{commit}"))
	}
	id := r.gitAt(when, message, args...)
	r.Git("reset", "-q", "--hard", id)
	return id
}

// Branch creates a branch at the current commit and moves to it.
func (r *Repo) Branch(name string) {
	r.t.Helper()
	r.Git("checkout", "-q", "-b", name)
}

// Checkout moves the work tree to a branch, tag or commit.
func (r *Repo) Checkout(rev string) {
	r.t.Helper()
	r.Git("checkout", "-q", rev)
}

// Head returns the id of the current commit.
func (r *Repo) Head() string {
	r.t.Helper()
	return r.Git("rev-parse", "HEAD")
}

// Git runs git in the work tree and returns what it prints, without the
// newline at the end.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	return r.run(nil, nil, args...)
}

// GitIn is Git with a standard input.
func (r *Repo) GitIn(stdin string, args ...string) string {
	r.t.Helper()
	return r.run(strings.NewReader(stdin), nil, args...)
}

func (r *Repo) gitAt(when, stdin string, args ...string) string {
	r.t.Helper()
	return r.run(strings.NewReader(stdin), []string{"GIT_AUTHOR_DATE=" + when, "GIT_COMMITTER_DATE=" + when}, args...)
}

func (r *Repo) run(stdin io.Reader, env []string, args ...string) string {
	r.t.Helper()
	r.settle()
	cmd := r.command(args...)
	cmd.Stdin = stdin
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(stdout.String(), "\n")
}

func (r *Repo) command(args ...string) *exec.Cmd {
	// No housekeeping and no waiting for the disk: nobody needs these
	// repositories after the test.
	cmd := exec.Command("git", append([]string{"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsync=none"}, args...)...)
	cmd.Dir = r.Dir
	cmd.Env = Env()
	return cmd
}

func (r *Repo) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// Env is the environment git runs in: this process's without any GIT_
// variable, no configuration of the user or the system, and fixed identities.
func Env() []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GIT_") {
			env = append(env, kv)
		}
	}
	return append(env,
		"LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME="+Name, "GIT_AUTHOR_EMAIL="+Email,
		"GIT_COMMITTER_NAME="+Name, "GIT_COMMITTER_EMAIL="+Email,
		"GIT_AUTHOR_DATE=2021-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2021-01-01T00:00:00Z",
	)
}
