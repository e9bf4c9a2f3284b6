package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// reload is the script that serve adds to a page; what it asks for is allowed, too.
var reload = regexp.MustCompile(`<script src="/\.policysite/reload\.js" data-hash="[0-9a-f]+" data-style="[^"]*"></script>`)

// TestCheckoutsEndOnTheBuiltPage switches between two branches that differ in
// hundreds of files, faster than the site can be loaded.
func TestCheckoutsEndOnTheBuiltPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=E", "-c", "user.email=e@example.com", "-c", "gc.auto=0"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write := func(branch string) {
		for i := range 200 {
			name := filepath.Join(dir, "content", branch+fmt.Sprint(i/50), fmt.Sprintf("p%d.md", i))
			if i%2 == 0 {
				name = filepath.Join(dir, "content", fmt.Sprintf("p%d.md", i))
			}
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, fmt.Appendf(nil, "# Policy %d\n\nAs on %s.\n", i, branch), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		git("add", "--all")
		git("commit", "--quiet", "--message", branch)
	}
	git("init", "--quiet", "--initial-branch=a")
	write("a")
	git("checkout", "--quiet", "-b", "b")
	git("rm", "--quiet", "-r", "content")
	write("b")

	ctx, stop := context.WithCancel(t.Context())
	urls, stdout := io.Pipe()
	ended := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"serve", "--quiet", "--port", "0", "--source", dir, "--at", "2030-01-01"}, stdout, &stderr)
		stdout.Close()
	}()
	url, err := bufio.NewReader(urls).ReadString('\n')
	if err != nil {
		t.Fatalf("serve ended with %d: %s", <-ended, stderr.String())
	}
	url = url[:len(url)-1]

	for i := range 50 {
		git("checkout", "--quiet", []string{"a", "b"}[i%2])
	}
	git("checkout", "--quiet", "a")
	built := filepath.Join(t.TempDir(), "site")
	if code := run(t.Context(), []string{"build", "--quiet", "--source", dir, "--destination", built, "--at", "2030-01-01"}, io.Discard, io.Discard); code != 0 {
		t.Fatalf("build: %d", code)
	}
	for _, page := range []string{"", "p0/", "a0/p1/", "changes/"} {
		want, err := os.ReadFile(filepath.Join(built, page, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		var have []byte
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && !bytes.Equal(have, want); time.Sleep(20 * time.Millisecond) {
			answer, err := http.Get(url + page)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if n := len(reload.FindAll(body, -1)); n != 1 {
				t.Fatalf("/%s has the script %d times", page, n)
			}
			have = bytes.Replace(reload.ReplaceAll(body, nil), []byte("connect-src 'self'; "), nil, 1)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("/%s is not the page of a clean build", page)
		}
	}
	answer, err := http.Get(url + "b0/p1/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("a page of the other branch: %s", answer.Status)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("serve ended with %d: %s", code, stderr.String())
	}
}
