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
