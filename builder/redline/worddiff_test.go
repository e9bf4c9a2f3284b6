package redline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/redline"
)

func TestMarksNoMoreEditsThanAWordDiffOfTheSource(t *testing.T) {
	for path, name := range map[string]string{"privacy/index.md": "basecamp-policies", "Facebook/Terms of Service.md": "pga-versions"} {
		t.Run(name, func(t *testing.T) { compareWithWordDiff(t, name, path) })
	}
}

// compareWithWordDiff compares twenty consecutive pairs of one policy.
func compareWithWordDiff(t *testing.T, name, policy string) {
	const pairs = 20
	r := markdown.New(markdown.Options{})
	seen, ours, theirs := 0, 0, 0
	corpus(t, clone(t, name), func(path string, old, new []byte) {
		if path != policy || seen == pairs {
			return
		}
		a, b := side(t, r, old), side(t, r, new)
		seen++
		l := redline.Compare(a, b)
		want := wordDiffEdits(t, old, new)
		ours, theirs = ours+l.Edits, theirs+want
		if l.Edits > want {
			t.Errorf("%s: %d edits, git diff --word-diff shows %d\n%s", path, l.Edits, want, l.Text(redline.TextOptions{Words: english}))
		}
	})
	if seen < pairs {
		t.Errorf("%d pairs of %s, want %d", seen, policy, pairs)
	}
	t.Logf("%d pairs: %d edits, git diff --word-diff of the source shows %d", seen, ours, theirs)
}

// wordDiffEdits counts the stretches that git marks as removed, added or
// replaced.
func wordDiffEdits(t *testing.T, old, new []byte) int {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for name, content := range map[string][]byte{a: old, b: new} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("git", "diff", "--no-index", "--word-diff=porcelain", a, b).Output()
	if _, differs := err.(*exec.ExitError); err != nil && !differs {
		t.Fatal(err)
	}
	edits, in, body := 0, false, false
	for line := range strings.Lines(string(out)) {
		switch {
		case strings.HasPrefix(line, "@@"):
			body, in = true, false
		case body && (line[0] == '-' || line[0] == '+'):
			if !in {
				edits++
			}
			in = true
		case body && line[0] == ' ':
			in = false
		}
	}
	return edits
}
