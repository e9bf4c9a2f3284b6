//go:build !windows

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// What goes wrong while a site is written, where no privileges are needed to
// make it go wrong. TestFaultSweep goes through the rest.
func TestFaults(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	t.Run("write that is cut", func(t *testing.T) { testWriteThatIsCut(t, b) })
	t.Run("destination that is refused", func(t *testing.T) { testDestinationThatIsRefused(t, b) })
	t.Run("read-only destination", func(t *testing.T) { testReadOnlyDestination(t, b) })
	t.Run("two builds at once", func(t *testing.T) { testTwoBuildsAtOnce(t, b) })
}

// A disk that takes no more in the middle of a file: the kernel cuts a write at
// the limit and refuses the next. The message names the file.
func testWriteThatIsCut(t *testing.T, b *bed) {
	b = b.beside(t)
	before := treeOf(t, b.world)
	// In blocks of 512 bytes, as POSIX has it.
	for _, blocks := range []int{4, 8} {
		cmd := exec.Command("sh", append([]string{"-c", `ulimit -f "$0" && exec "$@"`, fmt.Sprint(blocks), b.program}, b.args("b")...)...)
		cmd.Env = b.env
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatalf("%d blocks: no error", blocks)
		}
		wantRefusal(t, cmd.ProcessState.ExitCode(), string(out), "file too large")
		if !regexp.MustCompile("cannot write " + regexp.QuoteMeta(b.public) + "/[^:]+: ").Match(out) {
			t.Errorf("%d blocks: the message names no file: %s", blocks, out)
		}
		if after := treeOf(t, b.world); !maps.Equal(before, after) {
			t.Errorf("%d blocks: %s", blocks, difference(after, before))
		}
	}
	b.mend(t, "b")
}

// What cannot or must not be replaced is refused with exit code 4, and nothing in
// it or beside it changes.
func testDestinationThatIsRefused(t *testing.T, b *bed) {
	put := func(path, content string) error {
		full := filepath.Join(b.world, path)
		return errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(content), 0o644))
	}
	mounted := "/proc"
	if runtime.GOOS == "darwin" {
		mounted = "/dev"
	}
	for name, test := range map[string]struct {
		prepare func() error
		dir     string // relative to the world, or absolute
		says    string
	}{
		"other people's folder": {func() error { return put("other/thesis.tex", "years of work") }, "other", "is not empty and policysite did not write it; it holds thesis.tex"},
		"a file":                {func() error { return put("file", "text") }, "file", "is a file, not a folder"},
		"a link to our site":    {func() error { return os.Symlink("public", filepath.Join(b.world, "link")) }, "link", "is a symbolic link to public"},
		"a mount point":         {func() error { return nil }, mounted, mounted + " is a mount point"},
		"a page of the user's":  {func() error { return put("public/dpa/index.html", "mine") }, "public", filepath.Join("dpa", "index.html") + " was not written by policysite"},
		"a file in the way":     {func() error { return put("public/dpa", "mine") }, "public", "dpa was not written by policysite"},
	} {
		t.Run(name, func(t *testing.T) {
			b.settle(t)
			b.mustBuild(t, "a")
			b.addUsers(t)
			if err := test.prepare(); err != nil {
				t.Fatal(err)
			}
			dir := test.dir
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(b.world, dir)
			}
			before := treeOf(t, b.world)
			code, out := b.run("build", "-s", b.repo, "--rev", "b", "-d", dir)
			wantRefusal(t, code, out, test.says)
			if after := treeOf(t, b.world); !maps.Equal(before, after) {
				t.Errorf("changed: %s", difference(after, before))
			}
		})
	}
}

// Folders that whoever builds may not write to: a new site beside one that
// cannot be removed would be in the way of every later build.
func testReadOnlyDestination(t *testing.T, b *bed) {
	for name, test := range map[string]struct {
		closed string // relative to the world
		says   string // "" when the build goes through
	}{
		"the folder around it":   {".", "cannot write beside"},
		"the destination":        {"public", "public cannot be written"},
		"a folder in it":         {"public/privacy", "privacy cannot be written"},
		"a folder of the user's": {"public/uploads/2026", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b.settle(t)
			b.mustBuild(t, "a")
			b.addUsers(t)
			closed := filepath.Join(b.world, test.closed)
			if err := os.Chmod(closed, 0o555); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(closed, 0o755) }) // for it to be removed
			before := treeOf(t, b.world)
			cmd := b.unprivileged(t, b.args("b")...)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil {
				t.Fatal(err)
			}
			after := treeOf(t, b.world)
			if test.says == "" {
				if path := "public/uploads/2026"; err != nil || after[path] != before[path] || !strings.HasPrefix(after[path], "dr-xr-xr-x") {
					t.Errorf("%v, %s: %s", err, after[path], out)
				}
				b.wantClean(t)
				return
			}
			wantRefusal(t, cmd.ProcessState.ExitCode(), string(out), test.says)
			if !maps.Equal(before, after) {
				t.Errorf("changed: %s", difference(after, before))
			}
		})
	}
}

// unprivileged returns a build by a user to whom modes apply, as they do not to
// root.
func (b *bed) unprivileged(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(b.program, args...)
	cmd.Env = b.env
	if os.Geteuid() != 0 {
		return cmd
	}
	const nobody = 65534
	for _, dir := range []string{b.program, b.repo, b.world} {
		// The folder around a test's own lets nobody else in.
		if err := os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o711); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(b.world, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, nobody, nobody))
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}

// wantRefusal checks a build that must fail with exit code 4: it says why in one
// line, with or without a hint, and does not crash.
func wantRefusal(t *testing.T, code int, out string, says ...string) {
	t.Helper()
	if code != exitOutput || !strings.HasPrefix(out, "policysite: ") || strings.Contains(out, "goroutine ") || strings.Count(out, "\n") > 2 {
		t.Errorf("exit %d, want %d: %s", code, exitOutput, out)
	}
	for _, say := range says {
		if !strings.Contains(out, say) {
			t.Errorf("the message does not say %q: %s", say, out)
		}
	}
}
