//go:build !windows

package main

import (
	"bufio"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What reads a repository writes to the destination and nowhere else: not to the
// repository, and not to the user's folders; and no temporary file is left.
func TestNothingIsWrittenElsewhere(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	before := treeOf(t, b.repo)
	wantClean := func(after string) {
		t.Helper()
		b.wantClean(t)
		have := treeOf(t, b.repo)
		maps.DeleteFunc(have, func(path, _ string) bool { return path == "public" || strings.HasPrefix(path, "public/") })
		if !maps.Equal(have, before) {
			t.Errorf("after %s: the repository differs: %s", after, difference(have, before))
		}
	}
	for _, git := range []string{"go", "cli"} {
		for _, args := range [][]string{
			{"check", "-s", b.repo}, {"build", "-s", b.repo}, {"build", "-s", b.repo, "--rev", "a", "--previous", filepath.Join(b.repo, "public")},
			{"verify", "--repo", b.repo, filepath.Join(b.repo, "public")},
		} {
			if code, out := b.run(append(args, "--git", git)...); code != 0 {
				t.Fatalf("%q: exit %d: %s", args, code, out)
			}
			wantClean(strings.Join(args, " "))
		}
		b.serve(t, git)
		wantClean("serve")
	}
}

// serve previews the repository with a draft in it, which it takes back.
func (b *bed) serve(t *testing.T, git string) {
	t.Helper()
	cmd := exec.Command(b.program, "serve", "-q", "-s", b.repo, "--port", "0", "--git", git)
	cmd.Env = b.env
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() // does nothing once it has ended
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(b.repo, "content", "privacy.md")
	committed, err := os.ReadFile(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range []struct{ content, shows string }{{string(committed), "Privacy"}, {string(committed) + "\nDrafted.\n", "Drafted."}} {
		if err := os.WriteFile(text, []byte(edit.content), 0o644); err != nil {
			t.Fatal(err)
		}
		page := ""
		for end := time.Now().Add(20 * time.Second); !strings.Contains(page, edit.shows); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("a draft is not shown: %s", page)
			}
			answer, err := http.Get(strings.TrimSpace(url) + "privacy/")
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			page = string(body)
		}
	}
	if err := os.WriteFile(text, committed, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
}
