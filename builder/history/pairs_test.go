package history

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
)

// Pairs of real texts that went and came at one step, which people have told
// apart: nearly all that are the same are followed, and nearly none that are not.
// A third text stands beside each pair, as much like the two as the nearest one of
// its repository was, and of their name where one had it.
func TestIdentityPairs(t *testing.T) {
	rules, err := filepath.Abs("../../../shared/cases/rules")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(filepath.Join(rules, "identity.tsv"))
	if err != nil {
		t.Skipf("no pairs beside the checkout: %v", err)
	}
	texts := untar(t, filepath.Join(rules, "identity-pairs.tar.gz"))
	rows := strings.Split(strings.TrimSpace(string(table)), "\n")
	columns := strings.Split(rows[0], "\t")
	var stream strings.Builder
	var pairs []map[string]string
	for _, line := range rows[1:] {
		p := map[string]string{}
		for i, value := range strings.Split(line, "\t") {
			p[columns[i]] = value
		}
		pairs = append(pairs, p)
		number := func(column string) float64 {
			n, err := strconv.ParseFloat(p[column], 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		old, now := texts[p["pair"]+".old"], texts[p["pair"]+".new"]
		rival := "third/rival.md"
		if number("third_same_name") > 0 {
			rival = "third/" + p["new_path"]
		}
		before := map[string]string{p["old_path"]: old, rival: like(now, number("rival_of_new"))}
		after := map[string]string{p["new_path"]: now, rival: like(old, number("rival_of_old"))}
		for i, files := range []map[string]string{before, after} {
			fmt.Fprintf(&stream, "commit refs/heads/p%s\ncommitter A <a@b.c> %d +0000\ndata 0\n\ndeleteall\n", p["pair"], i)
			for path, text := range files {
				fmt.Fprintf(&stream, "M 100644 inline %q\ndata %d\n%s\n", path, len(text), text)
			}
		}
	}
	repo := historytest.New(t)
	repo.GitIn(stream.String(), "fast-import", "--quiet")
	r := open(t, repo.Dir, "go")
	followed, total := map[string]int{}, map[string]int{}
	for _, p := range pairs {
		commit, err := r.Resolve("p" + p["pair"])
		if err != nil {
			t.Fatal(err)
		}
		l, err := r.Read(context.Background(), commit, nil)
		if err != nil {
			t.Fatal(err)
		}
		markdown := func(path string) bool { return strings.HasSuffix(path, ".md") }
		histories, _, err := l.Follow(Selection{
			Selected: markdown, ID: func(path string) string { return path }, ReadID: func([]byte) string { return "" },
		}, r.Blob)
		if err != nil {
			t.Fatal(err)
		}
		is := false
		for _, h := range histories {
			last := h.Revisions[len(h.Revisions)-1]
			is = is || last.Path == p["new_path"] && last.FromPath == p["old_path"]
		}
		total[p["label"]]++
		if is {
			followed[p["label"]]++
		}
		if want := p["label"] == "same"; is != want && p["label"] != "part" {
			t.Logf("%s: %s, followed: %v; %s alike, name: %s, rivals %s and %s: %s → %s", p["pair"], p["label"], is,
				p["triples"], p["name"], p["rival_of_old"], p["rival_of_new"], p["old_path"], p["new_path"])
		}
	}
	t.Logf("followed %v of %v", followed, total)
	if 4*followed["same"] < 3*total["same"] {
		t.Errorf("of those that are the same %d of %d are followed, want 75 %%", followed["same"], total["same"])
	}
	wrong := followed["different"] + followed["twin"] + followed["rewritten"]
	if all := total["different"] + total["twin"] + total["rewritten"]; 100*wrong > 6*all {
		t.Errorf("of those that are not the same %d of %d are followed, want 6 %% at most", wrong, all)
	}
}

// like makes a text that is as much like another as a number says.
func like(text string, much float64) string {
	words := strings.Fields(string(prose([]byte(text))))
	keep := int(much * float64(len(words)))
	for i := keep; i < len(words); i++ {
		words[i] = fmt.Sprintf("other%d", i)
	}
	return strings.Join(words, " ")
}

func untar(t *testing.T, name string) map[string]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for archive := tar.NewReader(plain); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		out[path.Base(h.Name)] = string(text)
	}
}
