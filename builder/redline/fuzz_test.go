package redline_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/redline"
)

func FuzzCompare(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Files[0].Data), string(archive.Files[1].Data))
	}
	f.Add("| a | b |\n|---|---|\n| c | d |\n", "1. x\n2. y\n   - z\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		r := markdown.New(markdown.Options{})
		old, new := side(t, r, []byte(a)), side(t, r, []byte(b))
		if old.Doc == nil || new.Doc == nil {
			t.Skip()
		}
		l := redline.Compare(old, new)
		checkLaws(t, "fuzz", old, new, l, l.HTML(redline.HTMLOptions{Words: english}))
		checkWord(t, "fuzz", old, new, l)
		l.HTML(redline.HTMLOptions{Words: english, Snapshot: "../"})
		if same := redline.Compare(old, old); same.Changes != 0 || same.Edits != 0 {
			t.Errorf("a text differs from itself: %+v", same.Comparison)
		}
	})
}

func TestATextDoesNotDifferFromItself(t *testing.T) {
	r := markdown.New(markdown.Options{})
	s := side(t, r, []byte("# A\n\nOne [link](x) and **two**.\n\n1. a\n2. b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n"))
	l := redline.Compare(s, s)
	if l.Changes != 0 || l.Edits != 0 || l.Added != 0 || l.Removed != 0 || len(l.Sections) != 0 || len(l.Parts(english)) != 1 {
		t.Errorf("got %+v with %d parts", l.Comparison, len(l.Parts(english)))
	}
}

// unrelated writes about size bytes of text that has nothing but common words
// in common with another seed's.
func unrelated(seed uint64, size int) []byte {
	rng := rand.New(rand.NewPCG(seed, seed))
	common := strings.Fields("the of and to a in that is for it as was with be by on not he this are or his from at which but have an they you")
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "## Section %d of text %d\n\n", b.Len(), seed)
		for range 1 + rng.IntN(4) {
			for range 20 + rng.IntN(120) {
				if rng.IntN(2) == 0 {
					b.WriteString(common[rng.IntN(len(common))])
				} else {
					fmt.Fprintf(&b, "w%d", rng.IntN(30000))
				}
				b.WriteString([]string{" ", " ", " ", " ", ", ", ". "}[rng.IntN(6)])
			}
			b.WriteString("\n\n")
		}
	}
	return []byte(b.String())
}

// BenchmarkUnrelatedMegabytes is the worst that two honest texts can ask for.
func BenchmarkUnrelatedMegabytes(b *testing.B) {
	r := markdown.New(markdown.Options{})
	old, new := side(b, r, unrelated(1, 1<<20)), side(b, r, unrelated(2, 1<<20))
	b.ReportAllocs()
	for b.Loop() {
		redline.Compare(old, new).HTML(redline.HTMLOptions{Words: english, Snapshot: "../"})
	}
}

// BenchmarkOneParagraphMegabytes has all of it in one paragraph and one
// sentence.
func BenchmarkOneParagraphMegabytes(b *testing.B) {
	flat := func(seed uint64) []byte {
		return []byte(strings.NewReplacer("\n\n", " ", ".", "", "#", "").Replace(string(unrelated(seed, 1<<20))))
	}
	r := markdown.New(markdown.Options{})
	old, new := side(b, r, flat(1)), side(b, r, flat(2))
	b.ReportAllocs()
	for b.Loop() {
		redline.Compare(old, new).HTML(redline.HTMLOptions{Words: english, Snapshot: "../"})
	}
}
