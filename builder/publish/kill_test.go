//go:build !windows

package publish

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/history/historytest"
)

// Set in the environment of this test binary, these make it a run that builds a
// site at childDir, all of whose files hold childText.
const (
	childDir     = "POLICYSITE_TEST_DIR"
	childText    = "POLICYSITE_TEST_TEXT"
	childRenames = "POLICYSITE_TEST_RENAMES" // not "": swap by renames
)

func TestMain(m *testing.M) {
	if os.Getenv(childDir) == "" {
		historytest.UseMemory()
		os.Exit(m.Run())
	}
	if err := child(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func child() error {
	s, err := Open(os.Getenv(childDir), Options{})
	if err != nil {
		return err
	}
	if os.Getenv(childRenames) != "" {
		s.exchange = func(a, b string) error { return errors.ErrUnsupported }
	}
	// The longest path comes with the text: sites differ in what they hold.
	text := os.Getenv(childText)
	for _, path := range append(childFiles, text+"/only.html") {
		if err := s.Add(path, []byte(text)); err != nil {
			return errors.Join(err, s.Abort())
		}
	}
	return s.Commit()
}

// childFiles are written by every child.
var childFiles = func() (files []string) {
	for i := range 60 {
		files = append(files, fmt.Sprintf("p%d/v%d/index.html", i%7, i))
	}
	return files
}()

// childSite is the tree of a child's site, with users' files.
func childSite(text string) map[string]string {
	want := withUsers(map[string]string{})
	files, contents := names{}, map[string]string{}
	for _, path := range append(childFiles, text+"/only.html") {
		folders, err := files.claim(path)
		if err != nil {
			panic(err)
		}
		for _, folder := range folders {
			want[folder] = "drwxr-xr-x "
		}
		want[path] = "-rw-r--r-- " + text
		contents[path] = text
	}
	want[MarkerName] = markerOf(contents)
	return want
}

func childCommand(t *testing.T, dir, text string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), append(env, childDir+"="+dir, childText+"="+text)...)
	return cmd
}

func same(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for path, content := range a {
		if b[path] != content {
			return false
		}
	}
	return true
}

// Runs are killed at random moments. Whatever the moment, the destination holds
// the old site or the new one, whole, with all that is the user's; and the next
// run goes through as if nothing had been.
func TestKilledRunsLeaveOldSiteOrNew(t *testing.T) {
	for _, way := range []struct{ name, renames string }{{"exchange", ""}, {"renames", "yes"}} {
		t.Run(way.name, func(t *testing.T) {
			top := t.TempDir()
			dir := filepath.Join(top, "public")
			build(t, dir, nil)
			putUsers(t, dir)
			run := func(text string) *exec.Cmd { return childCommand(t, dir, text, childRenames+"="+way.renames) }
			// As long as a run takes, so that kills fall on all of it.
			var length time.Duration
			for range 3 {
				began := time.Now()
				if out, err := run("0").CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				length = max(length, time.Since(began))
			}
			const kills = 30
			have := "0"
			var dead, swapped, between int
			for i := range kills {
				next := fmt.Sprint(i + 1)
				cmd := run(next)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(rand.N(length))
				if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Fatal(err)
				}
				if err := cmd.Wait(); err != nil {
					dead++
				}
				if _, err := os.Lstat(dir); way.renames != "" && errors.Is(err, os.ErrNotExist) {
					// The one moment without a site; the next run ends it.
					between++
					if err := start(t, dir, nil).Abort(); err != nil {
						t.Fatal(err)
					}
				}
				switch after := tree(t, dir); {
				case same(after, childSite(have)):
				case same(after, childSite(next)):
					have = next
					swapped++
				default:
					wantTree(t, dir, childSite(have))
					t.Fatalf("kill %d: neither the site %s nor the site %s", i, have, next)
				}
			}
			t.Logf("%d of %d killed in time, %d sites swapped in, %d times between two renames", dead, kills, swapped, between)
			if dead == 0 {
				t.Error("no run was killed in time: nothing was tested")
			}
			if out, err := run("last").CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			wantTree(t, dir, childSite("last"))
			if entries, err := os.ReadDir(top); err != nil || len(entries) != 1 {
				t.Errorf("beside the site: %v, %v", entries, err)
			}
		})
	}
}

// The modes of a site do not depend on the umask of who builds it.
func TestUmask(t *testing.T) {
	for _, mask := range []int{0o000, 0o022, 0o027, 0o077} {
		t.Run(fmt.Sprintf("%03o", mask), func(t *testing.T) {
			top := t.TempDir()
			dir := filepath.Join(top, "public")
			old := syscall.Umask(mask)
			defer syscall.Umask(old)
			for range 2 {
				build(t, dir, map[string]string{"a/b/index.html": "x"})
				wantTree(t, dir, map[string]string{
					"a": "drwxr-xr-x ", "a/b": "drwxr-xr-x ", "a/b/index.html": "-rw-r--r-- x", MarkerName: markerOf(map[string]string{"a/b/index.html": "x"}),
				})
			}
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != dirMode {
				t.Errorf("the site itself: %v, %v", info.Mode(), err)
			}
		})
	}
}
