package redline_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// clone is a folder with a real policy repository.
func clone(t testing.TB, name string) string {
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
	return dir
}

// corpus calls f with every consecutive pair of texts of the Markdown files of
// such a repository, oldest first.
func corpus(t testing.TB, dir string, f func(path string, old, new []byte)) {
	out, err := exec.Command("git", "-C", dir, "log", "--first-parent", "--diff-merges=first-parent", "--reverse", "--raw", "--no-abbrev", "--no-renames", "-z", "--format=", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	blobs := map[string][]string{}
	var paths []string
	fields := strings.Split(string(out), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		meta, path := strings.Fields(strings.TrimLeft(fields[i], "\n:")), fields[i+1]
		if len(meta) != 5 || !strings.HasSuffix(path, ".md") || meta[4] == "D" || !strings.HasPrefix(meta[1], "100") {
			continue
		}
		if blobs[path] == nil {
			paths = append(paths, path)
		}
		blobs[path] = append(blobs[path], meta[3])
	}
	cat := exec.Command("git", "-C", dir, "cat-file", "--batch")
	in, _ := cat.StdinPipe()
	pipe, _ := cat.StdoutPipe()
	if err := cat.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(pipe)
	read := func(id string) []byte {
		fmt.Fprintln(in, id)
		var size int
		if _, err := fmt.Fscanf(r, id+" blob %d\n", &size); err != nil {
			t.Fatalf("cat-file: %v", err)
		}
		content := make([]byte, size+1)
		if _, err := io.ReadFull(r, content); err != nil {
			t.Fatal(err)
		}
		return content[:size]
	}
	for _, path := range paths {
		var old []byte
		for i, id := range blobs[path] {
			new := read(id)
			if i > 0 && !bytes.Equal(old, new) {
				f(path, old, new)
			}
			old = new
		}
	}
	in.Close()
	cat.Wait()
}

func side(t testing.TB, r *markdown.Renderer, source []byte) redline.Side {
	meta, body, line, problems := policy.ParseSource(source)
	if len(problems.Errors(false)) > 0 {
		return redline.Side{}
	}
	doc, err := r.Render(body, line)
	if err != nil {
		return redline.Side{}
	}
	return redline.Side{Doc: doc, Title: meta.Title}
}

// ofPairs is for the fuller checks of .ci/run: all pairs of the large corpus take minutes.
var ofPairs = flag.Int("of-pairs", 0, "check one of so many pairs of the large corpus, and all of the others; 0: none, and one of four of the others")

func TestLawsHoldOnPairsOfRealPolicies(t *testing.T) {
	for _, name := range []string{"basecamp-policies", "psf-policies", "electron-governance", "pga-versions"} {
		t.Run(name, func(t *testing.T) {
			stride := max(*ofPairs, 1)
			switch large := name == "pga-versions"; {
			case large && *ofPairs == 0:
				t.Skip("without -of-pairs")
			case !large && *ofPairs == 0:
				stride = 4
			case !large:
				stride = 1
			}
			r := markdown.New(markdown.Options{})
			var c redline.Comparer
			pairs, seen := 0, 0
			var spent, worst time.Duration
			worstAt := ""
			corpus(t, clone(t, name), func(path string, old, new []byte) {
				if seen++; seen%stride != 0 {
					return
				}
				a, b := side(t, r, old), side(t, r, new)
				if a.Doc == nil || b.Doc == nil || t.Failed() {
					return
				}
				pairs++
				start := time.Now()
				l := redline.Compare(a, b)
				html := l.HTML(redline.HTMLOptions{Words: english})
				took := time.Since(start)
				spent += took
				if took > worst {
					worst, worstAt = took, path
				}
				checkLaws(t, path, a, b, l, html)
				if name == "basecamp-policies" || seen%10 == 0 {
					checkWord(t, path, a, b, l)
				}
				checkComparer(t, path, &c, a, b)
			})
			t.Logf("%d pairs, %v, the longest %v (%s)", pairs, spent, worst, worstAt)
		})
	}
}
