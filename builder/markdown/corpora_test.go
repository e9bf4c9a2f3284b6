package markdown

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// history calls f with the Markdown blobs of a bundle beside the checkout that
// are picked: path by path, each path's oldest first, and each blob once.
func history(t testing.TB, name string, pick func(n int) bool, f func(path string, source []byte)) {
	t.Helper()
	bundle, err := filepath.Abs(filepath.Join("../../../shared/corpora", name+".bundle"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bundle); err != nil {
		t.Skip("the corpora are not beside the checkout")
	}
	dir := t.TempDir()
	if out, err := exec.Command("git", "clone", "-q", "--bare", bundle, dir).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	log, err := exec.Command("git", "-C", dir, "-c", "core.quotePath=false",
		"log", "--reverse", "--format=", "--raw", "--no-abbrev", "--no-renames", "-m", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string][]string{}
	seen := map[string]bool{}
	for line := range strings.Lines(string(log)) { // ":100644 100644 <blob> <blob> M\t<path>"
		change, path, _ := strings.Cut(strings.TrimSpace(line), "\t")
		fields := strings.Fields(change)
		if len(fields) < 4 || !strings.HasSuffix(path, ".md") || seen[fields[3]] || strings.Trim(fields[3], "0") == "" {
			continue
		}
		seen[fields[3]] = true
		byPath[path] = append(byPath[path], fields[3])
	}
	var names, ids []string
	n := 0
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		for _, id := range byPath[path] {
			if pick(n) {
				names, ids = append(names, path+" "+id), append(ids, id)
			}
			n++
		}
	}
	cat := exec.Command("git", "-C", dir, "cat-file", "--batch", "--buffer")
	cat.Stdin = strings.NewReader(strings.Join(ids, "\n") + "\n")
	out, err := cat.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReaderSize(out, 1<<20)
	for _, name := range names {
		var id, kind string
		var size int
		if _, err := fmt.Fscanf(in, "%s %s %d\n", &id, &kind, &size); err != nil {
			t.Fatal(err)
		}
		source := make([]byte, size+1) // with a newline
		if _, err := io.ReadFull(in, source); err != nil {
			t.Fatal(err)
		}
		f(name, source[:size])
	}
	if err := cat.Wait(); err != nil {
		t.Fatal(err)
	}
}
