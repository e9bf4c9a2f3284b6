package pages

import (
	"testing"

	"github.com/policysite/policysite/builder/cputime"
)

// BenchmarkPolicy writes the pages of a policy of 84 versions, without
// minifying them: 84 snapshots, 83 redlines and pages of what has changed since,
// and its archive. Their texts cost nothing.
func BenchmarkPolicy(b *testing.B) {
	all := fixture()
	c := New(fixtureSite(all), defaultTheme(b))
	long := all[len(all)-1]
	text, changes := textOf(long, 1), redlineOf(long, 1, *long.Versions[1].Comparison)
	texts := Texts{
		Text:    func(int) (Text, error) { return text, nil },
		Source:  func(int) ([]byte, error) { return nil, nil },
		Changes: func(int) (Redline, error) { return changes, nil },
		Since:   func(int) (Redline, error) { return changes, nil },
	}
	b.ReportAllocs()
	start := cputime.Used()
	for b.Loop() {
		if err := c.Policy(long, texts, func(string, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cputime.Used()-start)/float64(b.N), "cpu-ns/op")
}
