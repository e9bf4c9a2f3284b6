package redline

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/words"
)

// The scanner takes short cuts. Texts are put together from what the rules of
// UAX #29 treat differently: letters of several scripts, digits, marks that join
// in the middle, marks that combine, white space of several kinds.
func TestScannerFindsTheBoundariesOfTheStandard(t *testing.T) {
	parts := strings.Split("a|B|word|7|42|.|,|:|;|'|\"|_|-|/|(|#|*|  | | |\t|\n|\r\n|\u00a0|\u2003|\u3000|\u2019|“|é|e\u0301|\u0301|\u00ad|\u200d|א|ש|ا|ب|ไทย|字|カ|ー|😀|🇩|🇪|©|€|\x00|\x7f|\xff|www.x.org|3.14|it's", "|")
	rng := rand.New(rand.NewPCG(29, 29))
	for range 50_000 {
		var b strings.Builder
		for range 1 + rng.IntN(12) {
			b.WriteString(parts[rng.IntN(len(parts))])
		}
		text := b.String()
		want := words.FromString(text)
		s := scan(text)
		for want.Next() {
			if !s.next() || s.start != want.Start() || s.end != want.End() || s.word != isWord(want.Value()) {
				t.Fatalf("%q: got %d to %d, word %v, want %d to %d, word %v", text, s.start, s.end, s.word, want.Start(), want.End(), isWord(want.Value()))
			}
		}
		if s.next() {
			t.Fatalf("%q: a token after the last", text)
		}
	}
}
