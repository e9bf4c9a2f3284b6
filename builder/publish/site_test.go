package publish

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// tree returns what is below dir: path → mode and content, or target of a link.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(full string, d fs.DirEntry, err error) error {
		if err != nil || full == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, full)
		if err != nil {
			return err
		}
		var content []byte
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(full)
			out[rel] = "-> " + target
			return err
		case info.Mode().IsRegular():
			if content, err = os.ReadFile(full); err != nil {
				return err
			}
		}
		out[rel] = info.Mode().String() + " " + string(content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantTree(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	have := tree(t, dir)
	for path := range have {
		if _, ok := want[path]; !ok {
			t.Errorf("%s: has %s, which should not be there", dir, path)
		}
	}
	for path, content := range want {
		if have[path] != content {
			t.Errorf("%s/%s:\nhave %q\nwant %q", dir, path, have[path], content)
		}
	}
}

// put writes files, making folders; a path that ends in a slash is a folder.
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for path, content := range files {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "/") {
			if err := os.MkdirAll(full, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// start opens a site and adds files to it.
func start(t *testing.T, dir string, files map[string]string) *Site {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Abort() })
	for path, content := range files {
		if err := s.Add(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func build(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := start(t, dir, files).Commit(); err != nil {
		t.Fatal(err)
	}
}

// wantFailure checks the reason of an error and what its message names.
func wantFailure(t *testing.T, err, reason error, names ...string) {
	t.Helper()
	if !errors.Is(err, reason) {
		t.Fatalf("error %v, want one of reason %q", err, reason)
	}
	for _, name := range names {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name %q", err, name)
		}
	}
}

func TestFirstSite(t *testing.T) {
	top := t.TempDir()
	s, err := Open(filepath.Join(top, "out", "site"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	page := []byte("<!doctype html><title>Privacy</title><p>We keep nothing.")
	given := bytes.Clone(page)
	for path, content := range map[string][]byte{"privacy/2021-07-14/index.html": page, "404.html": []byte("<p>gone"), ".nojekyll": nil} {
		if err := s.Add(path, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Add("privacy/2021-07-14/index.md", []byte("# Privacy  \n")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(top, "out", "site")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the destination exists before Commit: %v", err)
	}
	if s.Files() != 4 {
		t.Errorf("%d files, want 4", s.Files())
	}
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, given) {
		t.Errorf("Add changed the caller's bytes to %q", page)
	}
	wantTree(t, top, map[string]string{
		"out":                                    "drwxr-xr-x ",
		"out/site":                               "drwxr-xr-x ",
		"out/site/.nojekyll":                     "-rw-r--r-- ",
		"out/site/404.html":                      "-rw-r--r-- <p>gone",
		"out/site/privacy":                       "drwxr-xr-x ",
		"out/site/privacy/2021-07-14":            "drwxr-xr-x ",
		"out/site/privacy/2021-07-14/index.md":   "-rw-r--r-- # Privacy  \n",
		"out/site/privacy/2021-07-14/index.html": "-rw-r--r-- <!doctype html><title>Privacy</title><p>We keep nothing.",
		"out/site/.policysite": markerOf(map[string]string{
			".nojekyll": "", "404.html": "<p>gone", "privacy/2021-07-14/index.md": "# Privacy  \n",
			"privacy/2021-07-14/index.html": "<!doctype html><title>Privacy</title><p>We keep nothing.",
		}),
	})
}

func TestNextSiteReplacesOurs(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "public")
	build(t, dir, map[string]string{"index.html": "one", "gone/deep/index.html": "one", "file": "one"})
	// What we wrote is ours, whatever was done to it since.
	put(t, dir, map[string]string{"index.html": "edited by hand"})
	build(t, dir, map[string]string{"index.html": "two", "file/index.html": "two"})
	wantTree(t, top, map[string]string{
		"public":                 "drwxr-xr-x ",
		"public/index.html":      "-rw-r--r-- two",
		"public/file":            "drwxr-xr-x ",
		"public/file/index.html": "-rw-r--r-- two",
		"public/.policysite":     markerOf(map[string]string{"file/index.html": "two", "index.html": "two"}),
	})
}

func TestSiteDoesNotDependOnOrder(t *testing.T) {
	files := map[string]string{}
	for i := range 200 {
		files[fmt.Sprintf("p%d/v%d/index.html", i%20, i)] = fmt.Sprint("page ", i)
	}
	files["#odd"], files["a b.md"], files["اتفاقية/index.html"] = "x", "y", "z"
	var want map[string]string
	for round := range 3 {
		dir := filepath.Join(t.TempDir(), "public")
		s := start(t, dir, nil)
		paths := slices.Sorted(maps.Keys(files))
		rand.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for j := i; j < len(paths); j += 8 {
					add := s.Add
					if rand.IntN(2) == 0 {
						add = inPieces(s)
					}
					if err := add(paths[j], []byte(files[paths[j]])); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if err := s.Commit(); err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			want = tree(t, dir)
			// files, their folders and the marker
			if len(want) != 200+200+20+2+2+1 {
				t.Errorf("%d entries", len(want))
			}
			continue
		}
		wantTree(t, dir, want)
	}
}

// inPieces adds a file as AddFrom does, a few bytes at a time.
func inPieces(s *Site) func(path string, content []byte) error {
	return func(path string, content []byte) error {
		return s.AddFrom(path, func(w io.Writer) error {
			for piece := range slices.Chunk(content, 3) {
				if _, err := w.Write(piece); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "a", "b", "public")
	s := start(t, dir, map[string]string{"x/y/index.html": "x"})
	for range 2 {
		if err := s.Abort(); err != nil {
			t.Fatal(err)
		}
	}
	wantTree(t, top, map[string]string{})
	if err := s.Add("late.html", nil); err == nil || !strings.Contains(err.Error(), "late.html") {
		t.Errorf("Add after Abort: %v", err)
	}
	if err := s.Commit(); err == nil {
		t.Error("Commit after Abort succeeds")
	}

	build(t, dir, map[string]string{"index.html": "one"})
	want := tree(t, top)
	if err := start(t, dir, map[string]string{"index.html": "two"}).Abort(); err != nil {
		t.Fatal(err)
	}
	wantTree(t, top, want)
	s = start(t, dir, map[string]string{"index.html": "one"})
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := s.Abort(); err != nil {
		t.Errorf("Abort after Commit: %v", err)
	}
	wantTree(t, top, want)
}

// A caller that overlooks a failed Add does not publish a site with a hole.
func TestSiteThatLostAPageIsNotCommitted(t *testing.T) {
	for name, lose := range map[string]func(s *Site) error{
		"bad name":      func(s *Site) error { return s.Add("../x", nil) },
		"two of a name": func(s *Site) error { return s.Add("index.html", nil) },
		"two of a name, in pieces": func(s *Site) error {
			return s.AddFrom("index.html", func(io.Writer) error { return errors.New("written") })
		},
		"pieces that end": func(s *Site) error {
			return s.AddFrom("large.json", func(w io.Writer) error {
				_, err := w.Write([]byte("["))
				return errors.Join(err, errors.New("no more of it"))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			dir := filepath.Join(top, "public")
			build(t, dir, map[string]string{"index.html": "one"})
			want := tree(t, top)
			s := start(t, dir, map[string]string{"index.html": "two"})
			lost := lose(s)
			if lost == nil {
				t.Fatal("no error")
			}
			if err := s.Commit(); !errors.Is(err, lost) {
				t.Errorf("Commit: %v, want %v", err, lost)
			}
			wantTree(t, top, want)
		})
	}
}

func TestOneRunAtATime(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "public")
	first := start(t, dir, map[string]string{"index.html": "first"})
	_, err := Open(dir, Options{})
	wantFailure(t, err, policy.ErrOutput, dir, fmt.Sprintf("process %d since 2", os.Getpid()))
	if err := first.Commit(); err != nil {
		t.Fatalf("after the second was refused: %v", err)
	}
	build(t, dir, map[string]string{"index.html": "second"})
	wantTree(t, dir, map[string]string{"index.html": "-rw-r--r-- second", MarkerName: markerOf(map[string]string{"index.html": "second"})})
}

func TestGitFolderSurvives(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=A", "-c", "user.email=a@example.com"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
		return string(out)
	}
	put(t, dir, map[string]string{".nojekyll": ""})
	git("init", "-q")
	for i := range 3 {
		build(t, dir, map[string]string{"index.html": fmt.Sprint("site ", i), ".nojekyll": ""})
		git("add", "-A")
		git("commit", "-q", "-m", "site")
	}
	git("fsck", "--strict")
	if log := git("log", "--oneline"); strings.Count(log, "\n") != 3 {
		t.Errorf("git log:\n%s", log)
	}
	if status := git("status", "--porcelain"); status != "" {
		t.Errorf("git status: %s", status)
	}
}
