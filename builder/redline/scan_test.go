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

func TestWhatReadersTakeForOneWordIsOneToken(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"by 2024-05-01, or 01/03/2024.", "by| |2024-05-01|,| |or| |01/03/2024|."},
		{"Section 4.2(b)(ii) costs $1,000.00 (or €5)", "Section| |4.2(b)(ii)| |costs| |$1,000.00| |(|or| |€5|)"},
		{"ask a.b-c@mail.example.org. See https://x.org/a?b=c, www.y.org/z!", "ask| |a.b-c@mail.example.org|.| |See| |https://x.org/a?b=c|,| |www.y.org/z|!"},
		{"thirty (30) days, $x, 5-day, a@b, 3(", "thirty| |(|30|)| |days|,| |$|x|,| |5|-|day|,| |a|@|b|,| |3|("},
	} {
		var got []string
		for s := scan(c.text); s.nextWhole(); {
			got = append(got, s.text[s.start:s.end])
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%q: got %s", c.text, strings.Join(got, "|"))
		}
	}
}
