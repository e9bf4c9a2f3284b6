package pages

import "testing"

// BenchmarkPolicy writes the pages of a policy of 84 versions, without
// minifying them: 84 snapshots and redlines, 83 pages of what has changed since,
// and its archive.
func BenchmarkPolicy(b *testing.B) {
	all := fixture()
	c := New(fixtureSite(all), defaultTheme(b), nil)
	long := all[len(all)-1]
	b.ReportAllocs()
	start := processorTime(b)
	for b.Loop() {
		if err := c.Policy(long, textsOf(long), func(string, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processorTime(b)-start)/float64(b.N), "cpu-ns/op")
}
