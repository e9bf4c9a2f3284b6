package history

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What likeness takes for one text, and what it does not.
func TestSample(t *testing.T) {
	same := [][2]string{
		{"one two three four", "One, *two* __THREE__\n\n- four."},
		{"one two", "# one `two`"},
		{"one", "  one\n"},
		{"", "---\ntitle: one two three\n---\n"},
		{"one two three", "+++\ntitle = \"x\"\n+++\none two three"},
		{"one two three", "one <!-- not\nthis --> <span class=\"x\">two</span> three <https://example.com/>"},
		{"one two three", "one [two](https://example.com/a_(b)/c \"title\") three\n\n[two]: https://example.com/\n"},
		{"one three", "one ![](picture.png) three"},
		{"one note 1 two three", "one [note] [^1] two three"},
		{"one a b two", "one < a b > two"}, // no tag
		{"caf\u00e9 two three", "cafe\u0301 two three"},
		{"我们 收集", "我们收集"},
		{"プ ラ イ", "プライ"},
	}
	for _, pair := range same {
		a, b := newSample([]byte(pair[0])), newSample([]byte(pair[1]))
		if !slices.Equal(a, b) {
			t.Errorf("%q and %q are not the same", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{
		{"one two three", "one three two"},
		{"one two", "two one"},
		{"one two three", "one two"},
		{"one [two](a) three", "one two a three"},
		{"one <Company Name three", "one three"},
		{"หนึ่ง สอง", "หนึ่ง"},
	} {
		if a, b := newSample([]byte(pair[0])), newSample([]byte(pair[1])); slices.Equal(a, b) {
			t.Errorf("%q and %q are the same", pair[0], pair[1])
		}
	}
	for text, want := range map[string]int{"": 0, "one": 1, "one two": 1, "one two three": 1, "one two three four": 2, "我们收集": 2, "a_b c-d": 2} {
		if have := len(newSample([]byte(text))); have != want {
			t.Errorf("%q has %d triples, want %d", text, have, want)
		}
	}
}

// An index says of many texts what comparing them one by one says.
func TestIndex(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	text := func() sample {
		var b strings.Builder
		for range rnd.IntN(60) {
			b.WriteString([]string{"a ", "b ", "c ", "d "}[rnd.IntN(4)])
		}
		return newSample([]byte(b.String()))
	}
	for range 200 {
		all := make([]sample, rnd.IntN(8))
		for i := range all {
			all[i] = text()
		}
		of := text()
		for i, have := range newIndex(all).likeness(of) {
			if want := likeness(shared(all[i], of), len(all[i]), len(of)); have != want {
				t.Fatalf("have %v, want %v", have, want)
			}
		}
	}
}

func TestOneName(t *testing.T) {
	for _, test := range []struct {
		p, q string
		want bool
	}{
		{"privacy.md", "legal/Privacy.markdown", true},
		{"privacy.md", "privacy-policy.md", true},
		{"privacy_policy.md", "Policy on privacy.md", true},
		{"09-privacy.md", "1.2 privacy.md", true},
		{"privacy/index.md", "privacy.md", true},
		{"privacy/README.md", "privacy/_index.md", true},
		{"data-protection-policy.md", "data-privacy-policy.md", true}, // two of four
		{"privacy-policy.md", "privacy-notice.md", false},             // one of three
		{"a.html.md", "a.md", true},
		{"fees-2020.md", "fees-2021.md", false},
		{"2020.md", "2021.md", false},
		{"terms-v1.md", "terms-v2.md", false},
		{"terms-v1.md", "terms.md", true},
		{"privacy.md", "cookies.md", false},
	} {
		if have := oneName(name(test.p), name(test.q)); have != test.want {
			t.Errorf("%s and %s: have %v", test.p, test.q, have)
		}
	}
	for _, test := range []struct {
		p, q string
		want int
	}{
		{"a/b/c.md", "x/b/c.md", 2},
		{"a/b/c.md", "x/B/C.markdown", 2},
		{"04-a/1-b/c.md", "03-a/b/02_c.md", 3},
		{"a/b/index.md", "x/b.md", 1},
		{"a/c.md", "a/d.md", 0},
		{"c.md", "c.md", 1},
	} {
		if have := commonTail(test.p, test.q); have != test.want {
			t.Errorf("%s and %s: have %d, want %d", test.p, test.q, have, test.want)
		}
	}
}
