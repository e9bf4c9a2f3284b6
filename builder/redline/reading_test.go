package redline

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestSimilarityIsWholeOrBelowTheThreshold(t *testing.T) {
	words := strings.Fields("we keep logs of what you do here for thirty days")
	rng := rand.New(rand.NewPCG(7, 8))
	text := func() string {
		var out []string
		for range rng.IntN(12) {
			out = append(out, words[rng.IntN(len(words))])
		}
		return strings.Join(out, " ")
	}
	above, given := 0, 0
	for range 20_000 {
		a, b := read(text(), nil), read(text(), nil)
		whole := similarity(&a.bag, &b.bag, 0)
		for _, threshold := range []float64{similarUnits, similarSentences, 0.5, 1} {
			s := similarity(&a.bag, &b.bag, threshold)
			if s != whole && (s != 0 || whole >= threshold) {
				t.Fatalf("%q and %q: %v, and from %v on %v", a.text, b.text, whole, threshold, s)
			}
			if s >= threshold {
				above++
			} else if s != whole {
				given++
			}
		}
	}
	if above < 1000 || given < 1000 {
		t.Errorf("%d pairs are above the threshold, and %d were given up", above, given)
	}
}
