package redline_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/cputime"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/redline"
)

// generated is a policy of about 60 KB with links, lists and a table, as its
// publisher would change it from version to version.
func generated() string {
	var b strings.Builder
	b.WriteString("# Policy\n\n")
	for i, paragraph := range strings.Split(string(unrelated(7, 50<<10)), "\n\n") {
		b.WriteString(paragraph + "\n\n")
		if i%7 == 3 {
			fmt.Fprintf(&b, "See [section %d](https://example.org/%d?v=1) and **its annex**.\n\n- first of %d\n- second of %d\n\n", i, i, i, i)
		}
	}
	b.WriteString("| a | b |\n|---|---|\n")
	for i := range 40 {
		fmt.Fprintf(&b, "| row %d | value %d |\n", i, i*i)
	}
	return b.String()
}

// edits are the kinds of versions that histories of policies are made of.
func edits() []struct{ name, text string } {
	text := generated()
	paragraphs := strings.Split(text, "\n\n")
	moved := append(append(append([]string(nil), paragraphs[:10]...), paragraphs[20:]...), paragraphs[10:20]...)
	return []struct{ name, text string }{
		{"Same", text},
		{"OneWord", strings.Replace(text, "value 400 ", "sum 400 ", 1)},
		{"EveryLink", strings.ReplaceAll(text, "?v=1", "?v=2")},
		{"EveryParagraph", strings.ReplaceAll(text, " the ", " this ")},
		{"Moved", strings.Join(moved, "\n\n")},
		{"Rewritten", string(unrelated(8, 60<<10))},
	}
}

func BenchmarkEdit(b *testing.B) {
	r := markdown.New(markdown.Options{})
	old := side(b, r, []byte(generated()))
	for _, e := range edits() {
		new := side(b, r, []byte(e.text))
		b.Run(e.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				redline.Compare(old, new).HTML(redline.HTMLOptions{Words: english, Snapshot: "../"})
			}
		})
		b.Run(e.name+"/prepared", func(b *testing.B) {
			old, new := old.Prepare(), new.Prepare()
			b.ReportAllocs()
			for b.Loop() {
				redline.Compare(old, new).HTML(redline.HTMLOptions{Words: english, Snapshot: "../"})
			}
		})
	}
}

func TestPreparedSidesGiveTheSameRedlines(t *testing.T) {
	r := markdown.New(markdown.Options{})
	old := side(t, r, []byte(generated()))
	prepared := old.Prepare()
	for range 2 { // what the first round left behind does not show in the second
		for _, e := range edits() {
			new := side(t, r, []byte(e.text))
			for _, opt := range []redline.HTMLOptions{{Words: english}, {Words: english, Snapshot: "../"}} {
				want, got := redline.Compare(old, new), redline.Compare(prepared, new.Prepare())
				if !reflect.DeepEqual(got.Comparison, want.Comparison) || !bytes.Equal(got.HTML(opt), want.HTML(opt)) {
					t.Errorf("%s: got %+v, want %+v", e.name, got.Comparison, want.Comparison)
				}
			}
		}
	}
	if (redline.Side{}).Prepare() != (redline.Side{}) {
		t.Error("a text that cannot be rendered was prepared")
	}
}

// BenchmarkSince makes the redlines from ten old texts to one, as a build does
// for the last changes of a policy.
func BenchmarkSince(b *testing.B) {
	r := markdown.New(markdown.Options{})
	text := generated()
	var old []redline.Side
	for i := range 10 {
		text = strings.Replace(text, fmt.Sprintf("row %d ", i), "line ", 1)
		text = strings.ReplaceAll(text, fmt.Sprintf(" %c", 'a'+i), fmt.Sprintf(" x%c", 'a'+i))
		old = append(old, side(b, r, []byte(text)).Prepare())
	}
	new := side(b, r, []byte(generated())).Prepare()
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range old {
				redline.Compare(old[i], new).HTML(redline.HTMLOptions{Words: english, Snapshot: "../"})
			}
		}
	})
	b.Run("comparer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var c redline.Comparer
			var html []byte
			for i := range old {
				html = c.Compare(old[i], new).HTML(redline.HTMLOptions{Words: english, Into: html[:0], Snapshot: "../"})
			}
		}
	})
}

// BenchmarkCorpus makes the redlines of all consecutive pairs of a real policy
// repository, each text prepared once. Rendering is not counted: the texts of a
// policy are rendered before. The yardstick is what git takes to compare the words of
// all that its log has.
func BenchmarkCorpus(b *testing.B) {
	for _, name := range []string{"basecamp-policies", "pga-versions"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			dir := clone(b, name)
			for b.Loop() {
				b.StopTimer()
				log := exec.Command("git", "-C", dir, "log", "-p", "--word-diff=porcelain")
				if err := log.Run(); err != nil {
					b.Fatal(err)
				}
				git := log.ProcessState.UserTime() + log.ProcessState.SystemTime()
				r := markdown.New(markdown.Options{})
				var c redline.Comparer
				var html []byte
				var sides []redline.Side // of one policy
				path, pairs, used := "", 0, time.Duration(0)
				compare := func() {
					runtime.GC()
					before := cputime.Used()
					b.StartTimer()
					for i := range sides {
						sides[i] = sides[i].Prepare()
						if i > 0 && sides[i-1].Doc != nil && sides[i].Doc != nil {
							html = c.Compare(sides[i-1], sides[i]).HTML(redline.HTMLOptions{Words: english, Into: html[:0], Snapshot: "../"})
							pairs++
						}
						if i > 0 {
							sides[i-1] = redline.Side{}
						}
					}
					b.StopTimer()
					used += cputime.Used() - before
				}
				corpus(b, dir, func(next string, old, new []byte) {
					if next != path {
						compare()
						path, sides = next, []redline.Side{side(b, r, old)}
					}
					sides = append(sides, side(b, r, new))
				})
				compare()
				b.StartTimer()
				b.ReportMetric(float64(pairs), "pairs")
				b.ReportMetric(float64(used.Milliseconds()), "cpu-ms")
				b.ReportMetric(used.Seconds()/git.Seconds(), "of-git")
			}
		})
	}
}
