//go:build !windows

package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	sweep = flag.Int("sweep", 0, "let write-side system calls of a build fail, one at a time: all at its beginning and end, and one of so many between")
	kills = flag.Int("kills", 20, "builds to kill at random moments")
)

// bed is a repository with two commits to build, tagged a and b, and a folder
// that nothing but the program writes to.
type bed struct {
	program string
	repo    string
	world   string // holds public, the destination, home, the user's folder, and tmp, for temporary files
	public  string
	env     []string
	// sites are the trees of the site "a" or "b" with users' files in it, and of
	// "only a" or "only b", without.
	sites map[string]map[string]string
}

// ofUsers is what users keep in the destination.
var ofUsers = map[string]string{
	"CNAME":                    "policies.example\n",
	".well-known/security.txt": "Contact: mailto:security@example.com\n",
	"privacy/notes.txt":        "beside a page of the site\n",
	"uploads/2026/scan.pdf":    "%PDF",
}

func newBed(t *testing.T) *bed {
	t.Helper()
	top := t.TempDir()
	program, err := exec.LookPath("policysite") // this test's own, see TestMain
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{program: program, repo: filepath.Join(top, "repo"), sites: map[string]map[string]string{}}
	b.settle(t)
	b.commits(t)
	for _, tag := range []string{"a", "b"} {
		b.sites["only "+tag] = b.firstSite(t, tag)
		b.mustBuild(t, tag)
		if tag == "a" {
			b.addUsers(t)
		}
		b.sites[tag] = treeOf(t, b.public)
		files := b.sites["only "+tag]
		for path, content := range b.sites[tag] {
			if _, users := ofUsers[path]; !users && strings.HasPrefix(content, "-") && files[path] != content {
				t.Fatalf("site %s: %s differs from a first build", tag, path)
			}
		}
		for path := range files {
			if _, ok := b.sites[tag][path]; !ok {
				t.Fatalf("site %s: %s is missing", tag, path)
			}
		}
	}
	if len(b.sites["a"]) < 30 || maps.Equal(b.sites["a"], b.sites["b"]) {
		t.Fatalf("sites of %d and %d files and folders", len(b.sites["a"]), len(b.sites["b"]))
	}
	return b
}

// firstSite is the tree of a site where none was before.
func (b *bed) firstSite(t *testing.T, tag string) map[string]string {
	t.Helper()
	alone := filepath.Join(t.TempDir(), "public")
	if code, out := b.run("build", "-s", b.repo, "--rev", tag, "-d", alone); code != 0 {
		t.Fatalf("exit %d: %s", code, out)
	}
	return treeOf(t, alone)
}

// beside returns a bed with the same repository and a world of its own, where
// site a stands.
func (b *bed) beside(t *testing.T) *bed {
	t.Helper()
	other := *b
	other.settle(t)
	other.mustBuild(t, "a")
	other.addUsers(t)
	other.mend(t, "a")
	return &other
}

// settle gives the bed a world in which nothing is.
func (b *bed) settle(t *testing.T) {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir()) // system calls name no links
	if err != nil {
		t.Fatal(err)
	}
	b.world = filepath.Join(top, "world")
	b.public = filepath.Join(b.world, "public")
	temp, home := filepath.Join(b.world, "tmp"), filepath.Join(b.world, "home")
	if err := errors.Join(os.MkdirAll(temp, 0o755), os.Mkdir(home, 0o755)); err != nil {
		t.Fatal(err)
	}
	b.env = append(os.Environ(), "TMPDIR="+temp, "HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache"), "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "SOURCE_DATE_EPOCH=1924905600")
}

// commits makes the repository: b has eight versions of three policies, and
// each of the two sites has pages that the other has not.
func (b *bed) commits(t *testing.T) {
	t.Helper()
	day := 0
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", b.repo, "-c", "user.name=E", "-c", "user.email=e@example.com", "-c", "gc.auto=0"}, args...)...)
		date := fmt.Sprintf("2024-01-%02dT12:00:00Z", day)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write := func(name, text string) {
		t.Helper()
		full := filepath.Join(b.repo, "content", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(b.repo, 0o755); err != nil {
		t.Fatal(err)
	}
	git("init", "-q", "-b", "main")
	commit := func(texts map[string]string) {
		t.Helper()
		day++
		for name, text := range texts {
			write(name, text)
		}
		git("add", "-A")
		git("commit", "-q", "-m", fmt.Sprint("day ", day))
	}
	text := func(title string, words int) string {
		return "# " + title + "\n\n" + strings.Repeat("We keep what you give us. ", words) + "\n"
	}
	commit(map[string]string{"privacy.md": text("Privacy", 20), "terms.md": text("Terms", 30), "cookies.md": text("Cookies", 5)})
	commit(map[string]string{"privacy.md": text("Privacy", 21)})
	commit(map[string]string{"terms.md": text("Terms", 31)})
	git("tag", "a")
	commit(map[string]string{"privacy.md": text("Privacy", 25), "terms.md": text("Terms", 20)})
	if err := os.Remove(filepath.Join(b.repo, "content", "cookies.md")); err != nil {
		t.Fatal(err)
	}
	write("logo.svg", `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`)
	commit(map[string]string{"dpa.md": text("Data processing", 4) + "\n![logo](logo.svg)\n", "privacy.md": text("Privacy", 2)})
	git("tag", "b")
}

func (b *bed) addUsers(t *testing.T) {
	t.Helper()
	for path, content := range ofUsers {
		full := filepath.Join(b.public, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(content), 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink("../privacy", filepath.Join(b.public, "uploads", "latest")), os.Chmod(filepath.Join(b.public, "uploads", "2026"), 0o700)); err != nil {
		t.Fatal(err)
	}
}

// run runs the program and returns its exit code, -1 when a signal ended it, and
// what it printed.
func (b *bed) run(args ...string) (int, string) {
	cmd := exec.Command(b.program, args...)
	cmd.Env = b.env
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		return -1, err.Error()
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// args are those of a build of a commit to the destination.
func (b *bed) args(tag string) []string {
	return []string{"build", "-s", b.repo, "--rev", tag, "-d", b.public}
}

func (b *bed) mustBuild(t *testing.T, tag string) {
	t.Helper()
	if code, out := b.run(b.args(tag)...); code != 0 {
		t.Fatalf("a build of %s after all that: exit %d: %s", tag, code, out)
	}
}

// state says which of the sites stands at the destination; "nothing", or what is
// wrong with it.
func (b *bed) state(t *testing.T) string {
	t.Helper()
	if _, err := os.Lstat(b.public); errors.Is(err, fs.ErrNotExist) {
		return "nothing"
	}
	have := treeOf(t, b.public)
	var wrong string
	for _, name := range slices.Sorted(maps.Keys(b.sites)) {
		if maps.Equal(have, b.sites[name]) {
			return name
		}
		wrong += "\nnot " + name + ": " + difference(have, b.sites[name])
	}
	return wrong
}

// mend runs a build that must go through, give the site of this name and clean
// up whatever an earlier one left.
func (b *bed) mend(t *testing.T, site string) {
	t.Helper()
	b.mustBuild(t, strings.TrimPrefix(site, "only "))
	if state := b.state(t); state != site {
		t.Errorf("after a clean build: expected site %s, found %s", site, state)
	}
	b.wantClean(t)
}

// wantClean fails when there is more in the world than a site.
func (b *bed) wantClean(t *testing.T) {
	t.Helper()
	if have, want := names(t, b.world), []string{"home", "public", "tmp"}; !slices.Equal(have, want) {
		t.Errorf("beside the destination: %q, want %q", have, want)
	}
	for _, dir := range []string{"home", "tmp"} {
		if have := names(t, filepath.Join(b.world, dir)); len(have) > 0 {
			t.Errorf("left in %s: %q", dir, have)
		}
	}
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// treeOf returns all below dir: path → mode, and content or target.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := filepath.WalkDir(dir, func(full string, d fs.DirEntry, err error) error {
		if err != nil || full == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var content []byte
		switch {
		case info.Mode().IsRegular():
			content, err = os.ReadFile(full)
		case info.Mode()&fs.ModeSymlink != 0:
			var target string
			target, err = os.Readlink(full)
			content = []byte(target)
		}
		rel, relErr := filepath.Rel(dir, full)
		tree[filepath.ToSlash(rel)] = info.Mode().String() + " " + string(content)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// difference names a few paths in which two trees differ.
func difference(have, want map[string]string) string {
	var paths []string
	for path, content := range have {
		switch wanted, ok := want[path]; {
		case !ok:
			paths = append(paths, "+"+path)
		case wanted != content:
			paths = append(paths, "~"+path)
		}
	}
	for path := range want {
		if _, ok := have[path]; !ok {
			paths = append(paths, "-"+path)
		}
	}
	slices.Sort(paths)
	return strings.Join(paths[:min(len(paths), 8)], " ")
}
