package markdown

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/cputime"
	"github.com/policysite/policysite/builder/policy"
)

// BenchmarkVersions renders versions of a policy that differ in a line each.
// In one go they take BenchmarkRender's time.
func BenchmarkVersions(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	lines := slices.Collect(strings.Lines(string(synthetic)))
	size := 0
	var versions [][]byte
	for i := range 50 {
		lines[random.IntN(len(lines)/20)*20+2] = fmt.Sprintf("When you use the *service*, we collect some [data](data-%d.md),\n", i)
		versions = append(versions, []byte(strings.Join(lines, "")))
		size += len(versions[i])
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		r := New(Options{})
		for _, source := range versions {
			if _, err := r.Render(source, 1); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkHistory renders every text of a real history, as a build does.
func BenchmarkHistory(b *testing.B) {
	type body struct {
		text []byte
		line int
	}
	var all []body
	size := 0
	history(b, "pga-versions", func(int) bool { return true }, func(_ string, source []byte) {
		if _, text, line, _ := policy.ParseSource(source); text != nil {
			all = append(all, body{text, line})
			size += len(text)
		}
	})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	before := cputime.Used()
	for b.Loop() {
		r := New(Options{})
		for _, t := range all {
			if _, err := r.Render(t.text, t.line); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric((cputime.Used()-before).Seconds()/float64(b.N), "cpu-s/op")
}
