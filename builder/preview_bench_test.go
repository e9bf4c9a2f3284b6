package builder_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/layouts"
)

// manyVersions clones a large repository from the corpora beside the checkout.
func manyVersions(b *testing.B) builder.Options {
	b.Helper()
	bundle, err := filepath.Abs("../../shared/corpora/pga-versions.bundle")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(bundle); err != nil {
		b.Skipf("no corpora beside the checkout: %v", err)
	}
	dir := filepath.Join(b.TempDir(), "repository")
	if out, err := exec.Command("git", "clone", "--quiet", bundle, dir).CombinedOutput(); err != nil {
		b.Fatalf("git clone: %v\n%s", err, out)
	}
	return builder.Options{Source: dir, Theme: layouts.FS, Generator: "policysite test", At: date("2026-11-22")}
}

// BenchmarkEdit is a load after a save, with the page that the author looks at.
func BenchmarkEdit(b *testing.B) {
	opt := manyVersions(b)
	l := live(b, opt)
	load(b, l)
	texts, err := filepath.Glob(filepath.Join(opt.Source, "*", "Privacy Policy.md"))
	if err != nil || len(texts) == 0 {
		b.Fatalf("no text to edit: %v", err)
	}
	text, err := os.ReadFile(texts[0])
	if err != nil {
		b.Fatal(err)
	}
	edit := func(i int) {
		b.StopTimer()
		if err := os.WriteFile(texts[0], fmt.Appendf(text, "\nEdit %d.\n", i), 0o600); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		p := load(b, l)
		if len(p.Changed) != 1 {
			b.Fatalf("changed: %q", p.Changed)
		}
		page(b, p, p.Changed[0][1:]+"index.html")
	}
	edit(-1)
	b.ResetTimer()
	for i := range b.N {
		edit(i)
	}
}

// BenchmarkCold is a whole build of the same repository, to compare with.
func BenchmarkCold(b *testing.B) {
	opt := manyVersions(b)
	for b.Loop() {
		opt.Destination = filepath.Join(b.TempDir(), "site")
		if _, err := builder.Build(context.Background(), opt); err != nil {
			b.Fatal(err)
		}
	}
}
