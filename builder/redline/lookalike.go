package redline

import (
	"fmt"
	"strings"
	"unicode"
)

// lookalikes are characters that look the same in many typefaces: who replaces one
// by another changes a name, an account or an address without anyone seeing it.
var lookalikes = func() map[rune]rune {
	out := map[rune]rune{}
	for group := range strings.FieldsSeq("AАΑ BВΒ CСϹ EЕΕ HНΗ IІΙӀl1 JЈ KКΚ MМΜ NΝ OОΟ0 PРΡ SЅ TТΤ XХΧ YҮΥ ZΖ aа cсϲ dԁ eе hһ iі jј oоο pрρ qԛ sѕ vν wԝ xх yу -‐‑") {
		first := rune(0)
		for _, c := range group {
			if first == 0 {
				first = c
			}
			out[c] = first
		}
	}
	for c := rune('！'); c <= '～'; c++ { // the wide forms of ASCII
		out[c] = c - '！' + '!'
		if same, ok := out[out[c]]; ok {
			out[c] = same
		}
	}
	return out
}()

// lookAlike says, of a text and what replaced it, how they differ if they look the
// same; else it says nothing.
func lookAlike(from, to string) note {
	const aWord = 80 // bytes; longer stretches differ for other reasons
	if len(from) > aWord || len(to) > aWord {
		return note{}
	}
	a, b := []rune(from), []rune(to)
	same, other, alien := 0, note{}, false
	for len(a)+len(b) > 0 {
		switch {
		case len(a) > 0 && len(b) > 0 && a[0] == b[0]:
			same++
		case len(a) > 0 && len(b) > 0 && looks(a[0]) == looks(b[0]):
			if other == (note{}) {
				other = say("look-became", "From", character(a[0]), "To", character(b[0]))
			}
			alien = alien || !latin(a[0]) || !latin(b[0])
			same--
		case len(b) > 0 && unseen(b[0]):
			other, alien = say("look-unseen-added", "Character", character(b[0])), true
			b = b[1:]
			continue
		case len(a) > 0 && unseen(a[0]):
			other, alien = say("look-unseen-gone", "Character", character(a[0])), true
			a = a[1:]
			continue
		default:
			return note{}
		}
		a, b = a[1:], b[1:]
	}
	if other == (note{}) || !alien && same < 0 { // "10" and "IO" are two styles of numbers
		return note{}
	}
	return say("looks-same", "How", other)
}

func looks(c rune) rune {
	if same, ok := lookalikes[c]; ok {
		return same
	}
	return c
}

// latin reports whether a character is a letter or digit of everyday Latin text.
func latin(c rune) bool { return c < unicode.MaxLatin1 }

func unseen(c rune) bool { return unicode.In(c, unicode.Cf, unicode.Variation_Selector) }

// character names a character.
func character(c rune) note {
	for id, script := range map[string]*unicode.RangeTable{"latin-letter": unicode.Latin, "cyrillic-letter": unicode.Cyrillic, "greek-letter": unicode.Greek} {
		if unicode.Is(script, c) && (c < '！' || c > '～') {
			return say(id, "Letter", string(c))
		}
	}
	if c >= '0' && c <= '9' {
		return say("digit", "Digit", string(c))
	}
	return say("character", "Code", fmt.Sprintf("U+%04X", c))
}
