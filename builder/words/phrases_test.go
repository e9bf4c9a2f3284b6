package words

import (
	"maps"
	"slices"
	"testing"

	"github.com/gohugoio/locales"

	"github.com/policysite/policysite/builder/words/phrases"
)

// Phrases that a browser reads give the same messages as these words, in every form.
func TestPhrasesAreRead(t *testing.T) {
	book, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for lang := range shipped() {
		w := book.Words(lang)
		encoded, err := w.Encode()
		if err != nil {
			t.Fatal(err)
		}
		p, err := phrases.Read(encoded)
		if err != nil {
			t.Fatal(lang, err)
		}
		if p.Lang != w.Lang || p.RTL != w.RTL || p.Long != w.Long {
			t.Errorf("%s: have %s, %t, %s", lang, p.Lang, p.RTL, p.Long)
		}
		for _, id := range slices.Sorted(maps.Keys(w.Plain)) {
			if have, want := p.T(id, "To", "privacy.md"), w.T(id, "To", "privacy.md"); have != want {
				t.Errorf("%s: have %q, want %q", lang, have, want)
			}
			for _, n := range []int{0, 1, 2, 3, 11, 100, 12345, 1e6} {
				if have, want := p.T(id, n), w.T(id, n); have != want {
					t.Errorf("%s: have %q, want %q", lang, have, want)
				}
			}
		}
	}
}

// Numbers take the forms, and are written, as CLDR says.
func TestNumbersAreThoseOfCLDR(t *testing.T) {
	book, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for lang := range translators {
		w := book.speak(lang, []string{source})
		of := map[[2]locales.PluralRule]int{} // class by rules
		for k := range 3000 {
			for _, n := range []int{k, k * 7919, k * 1e6} {
				if have, want := w.Number(n), w.locale.FmtNumber(float64(n), 0); have != want {
					t.Fatalf("%s: have %q, want %q", lang, have, want)
				}
				f := float64(n)
				rules := [2]locales.PluralRule{w.locale.CardinalPluralRule(f, 0), englishLocale.CardinalPluralRule(f, 0)}
				class := w.Classes[phrases.Class(n)]
				if known, ok := of[rules]; ok && known != class {
					t.Fatalf("%s: %d does not take the form that it has", lang, n)
				}
				of[rules] = class
			}
		}
	}
}
