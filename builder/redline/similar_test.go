package redline

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkSurely fails the test if two texts are said to be similar surely, and are
// not.
func checkSurely(t *testing.T, a, b string) (surely bool) {
	t.Helper()
	for _, threshold := range []float64{similarUnits, similarSentences} {
		x, y := item{text: a}, item{text: b}
		if surelySimilar(&x, &y, threshold) {
			surely = true
			if s := new(workspace).similarity(&x, &y, threshold); s < threshold {
				t.Errorf("%q and %q are not similar: %v", a, b, s)
			}
		}
	}
	return surely
}

func TestSurelySimilarTextsAreSimilar(t *testing.T) {
	words := strings.Fields("We keep logs, for 7-day and/or 30.5 (days) o'clock. example.com/x_y 1,000 “Daten” 隐私政策 سياسة e\u0301 \u0301e a\u200db 🇩🇪🇫🇷 👩\u200d👧 _a_ … § नीति a\x00b ภาษาไทย")
	rng := rand.New(rand.NewPCG(3, 4))
	surely := 0
	for range 20_000 {
		var a []string
		for range 1 + rng.IntN(12) {
			a = append(a, words[rng.IntN(len(words))])
		}
		b := append([]string(nil), a...)
		for range 1 + rng.IntN(3) {
			at, to := rng.IntN(len(b)+1), 0
			to = at + rng.IntN(min(4, len(b)-at+1))
			var put []string
			for range rng.IntN(4) {
				put = append(put, words[rng.IntN(len(words))])
			}
			b = append(append(append([]string(nil), b[:at]...), put...), b[to:]...)
		}
		if checkSurely(t, strings.Join(a, " "), strings.Join(b, " ")) {
			surely++
		}
	}
	if surely < 1000 {
		t.Errorf("only %d pairs are surely similar", surely)
	}
	x, y := item{class: 1, text: "the same words"}, item{class: 2, text: "the same words"}
	if surelySimilar(&x, &y, similarUnits) {
		t.Error("a row is said to be a paragraph")
	}
}

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
	var w workspace
	above, given := 0, 0
	for range 20_000 {
		a, b := item{text: text()}, item{text: text()}
		whole := w.similarity(&a, &b, 0)
		for _, threshold := range []float64{similarUnits, similarSentences, 0.5, 1} {
			s := w.similarity(&a, &b, threshold)
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

// TestShortSequencesAreMatchedAsByTheLibrary has sequences that are not asked
// about, and those that are.
func TestShortSequencesAreMatchedAsByTheLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	skipped := 0
	for range 20_000 {
		var a, b []int32
		var old, new []item
		var x, y []token
		for range 1 + rng.IntN(9) {
			id := int32(rng.IntN(12))
			a, old, x = append(a, id), append(old, item{key: string(rune('a' + id/2)), sort: id % 2}), append(x, token{id: id})
		}
		for range 1 + rng.IntN(9) {
			id := int32(rng.IntN(12))
			b, new, y = append(b, id), append(new, item{key: string(rune('a' + id/2)), sort: id % 2}), append(y, token{id: id})
		}
		found := 0
		matches(a, b, false, func(int, int) { found++ })
		if sharesNothing(old, new) != sharesNoToken(x, y) {
			t.Fatalf("%v and %v as items and as tokens", a, b)
		}
		if sharesNothing(old, new) {
			skipped++
			if found > 0 {
				t.Fatalf("%v and %v share %d", a, b, found)
			}
		}
	}
	if skipped < 1000 {
		t.Errorf("only %d pairs share nothing", skipped)
	}
}

func FuzzSurelySimilar(f *testing.F) {
	f.Add("We keep logs for 7 days.", "We keep logs for 30 days.")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			t.Skip() // no text is
		}
		checkSurely(t, a, b)
		checkSurely(t, a+" some words "+b, a+" words "+b)
	})
}
