package policy

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// Characters that no reader sees can make a text say one thing on paper and
// another in its bytes (CVE-2021-42574, Unicode TR #36). Some of them have
// their place in scripts that need them, and are right there.

// invisible are the characters that this is about, with their Unicode names.
var invisible = map[rune]string{
	'\u061c': "ARABIC LETTER MARK", '\u180e': "MONGOLIAN VOWEL SEPARATOR",
	'\u200b': "ZERO WIDTH SPACE", '\u200c': "ZERO WIDTH NON-JOINER", '\u200d': "ZERO WIDTH JOINER",
	'\u200e': "LEFT-TO-RIGHT MARK", '\u200f': "RIGHT-TO-LEFT MARK",
	'\u202a': "LEFT-TO-RIGHT EMBEDDING", '\u202b': "RIGHT-TO-LEFT EMBEDDING", '\u202c': "POP DIRECTIONAL FORMATTING",
	'\u202d': "LEFT-TO-RIGHT OVERRIDE", '\u202e': "RIGHT-TO-LEFT OVERRIDE",
	'\u2060': "WORD JOINER", '\u2061': "FUNCTION APPLICATION", '\u2062': "INVISIBLE TIMES", '\u2063': "INVISIBLE SEPARATOR", '\u2064': "INVISIBLE PLUS",
	'\u2066': "LEFT-TO-RIGHT ISOLATE", '\u2067': "RIGHT-TO-LEFT ISOLATE", '\u2068': "FIRST STRONG ISOLATE", '\u2069': "POP DIRECTIONAL ISOLATE",
	'\ufeff': "ZERO WIDTH NO-BREAK SPACE",
}

// isBidiControl reports whether a character reorders what follows it.
func isBidiControl(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// isTag reports whether a character is one of the invisible copies of ASCII,
// whose only use is in the flags of countries' parts.
func isTag(r rune) bool { return r >= 0xe0000 && r <= 0xe007f }

// markName is "U+202E RIGHT-TO-LEFT OVERRIDE"; "" for what is visible.
func markName(r rune) string {
	name, ok := invisible[r]
	if isTag(r) {
		name, ok = "TAG", true
	}
	if !ok {
		return ""
	}
	return fmt.Sprintf("U+%04X %s", r, name)
}

// BidiControl finds the first character of a path or a word that reorders what
// follows it, as "U+202E RIGHT-TO-LEFT OVERRIDE"; "" when there is none.
func BidiControl(s string) string {
	if i := strings.IndexFunc(s, isBidiControl); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return markName(r)
	}
	return ""
}

// The scripts in which marks have their place.
var (
	rightToLeft = []*unicode.RangeTable{unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam, unicode.Hanifi_Rohingya, unicode.Mandaic, unicode.Samaritan, unicode.Mende_Kikakui}
	joining     = append([]*unicode.RangeTable{ // zero width joiner and non-joiner
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
		unicode.Mongolian, unicode.Phags_Pa, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Balinese, unicode.Javanese,
	}, rightToLeft...)
	unspaced = []*unicode.RangeTable{ // zero width space and word joiner, where words stand without spaces
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Javanese, unicode.Balinese,
	}
)

// scriptSamples have a letter of the script that a language tag implies.
var scriptSamples = map[string]rune{
	"Arab": 'ا', "Hebr": 'א', "Syrc": 'ܐ', "Thaa": 'ހ', "Nkoo": 'ߊ', "Adlm": '\U0001e900', "Rohg": '\U00010d00', "Mand": 'ࡀ', "Samr": 'ࠀ',
	"Deva": 'क', "Beng": 'ক', "Guru": 'ਕ', "Gujr": 'ક', "Orya": 'କ', "Taml": 'க', "Telu": 'క', "Knda": 'ಕ', "Mlym": 'ക', "Sinh": 'ක', "Mong": 'ᠠ',
	"Khmr": 'ក', "Mymr": 'က', "Tibt": 'ཀ', "Thai": 'ก', "Laoo": 'ກ', "Hans": '中', "Hant": '中', "Hani": '中', "Jpan": '中', "Java": 'ꦏ', "Bali": 'ᬓ',
}

// scriptOf is a letter of the script that a language is written in; 0 when no
// mark has its place there. The marks of a script that has one are right next
// to that letter.
func scriptOf(lang string) rune {
	tag, err := language.Parse(lang)
	if err != nil {
		return 0
	}
	script, _ := tag.Script()
	return scriptSamples[script.String()]
}

// hasPlace reports whether a mark is right beside a letter.
func hasPlace(mark, letter rune) bool {
	switch mark {
	case '\u200e', '\u200f', '\u061c':
		return unicode.In(letter, rightToLeft...)
	case '\u200c':
		return unicode.In(letter, joining...)
	case '\u200d':
		return unicode.In(letter, joining...) || unicode.In(letter, unicode.So, unicode.Sk) || letter == '\ufe0f' // pictures are joined, too
	case '\u200b', '\u2060':
		return unicode.In(letter, unspaced...)
	case '\u180e':
		return unicode.Is(unicode.Mongolian, letter)
	}
	return isTag(mark) && (letter == '\U0001f3f4' || isTag(letter)) // the flag of Wales
}

// mostMarks is how many lines of one text are told of.
const mostMarks = 20

// invisibleMarks finds what no reader sees and the script of its line does not
// need: warnings, and errors for what reorders front matter, which becomes
// titles and addresses. bodyLine is the number of the first line that is not
// front matter; lang is what front matter says.
func invisibleMarks(source []byte, bodyLine int, lang string) (problems Problems) {
	if !mayHaveMarks(source) {
		return nil
	}
	letter := scriptOf(lang)
	more, line := 0, 0
	for text := range bytes.Lines(bytes.TrimPrefix(source, []byte("\ufeff"))) {
		line++
		if !mayHaveMarks(text) {
			continue
		}
		for _, mark := range misplaced(text, letter) {
			p := &Problem{Line: line, Message: "the invisible character " + markName(mark), Hint: "remove it, or write it as &#x" + fmt.Sprintf("%X", mark) + "; where it is meant", Warning: true}
			if isBidiControl(mark) {
				p.Message = "the invisible character " + markName(mark) + " makes what is read differ from what is written"
				p.Hint = "remove it; the direction of a text follows from its letters and `lang`"
			}
			if line < bodyLine {
				p.Warning = !isBidiControl(mark)
				if !p.Warning {
					p.Hint = "remove it: titles and addresses are made of front matter"
				}
			}
			if len(problems) == mostMarks && p.Warning {
				more++
				continue
			}
			problems = append(problems, p)
		}
	}
	if more > 0 {
		problems = append(problems, &Problem{Message: fmt.Sprintf("%d more lines with invisible characters", more), Warning: true})
	}
	return problems
}

// misplaced are the marks of a line that have no place in it, each once.
func misplaced(line []byte, letter rune) (out []rune) {
	rtl := bytes.ContainsFunc(line, func(r rune) bool { return unicode.In(r, rightToLeft...) })
	seen := map[rune]bool{}
	last, previous := rune(0), rune(0) // the character before, and the one before it if that was a mark
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		mark := r
		if r == '&' {
			mark = bidiReference(line[i:])
		}
		i += n
		if markName(mark) != "" && !seen[mark] {
			next, _ := utf8.DecodeRune(line[i:])
			right := hasPlace(mark, letter) || hasPlace(mark, last) || hasPlace(mark, next) || hasPlace(mark, previous) ||
				rtl && hasPlace(mark, 'א') && mark != '\u200c' && mark != '\u200d'
			if !right {
				seen[mark] = true
				out = append(out, mark)
			}
		}
		if markName(r) == "" {
			previous = r
		}
		last = r
	}
	return out
}

// bidiReference is the reordering character that a line starts with as a
// numeric character reference; 0 when it does not. They have no names.
func bidiReference(line []byte) rune {
	digits, ok := bytes.CutPrefix(line, []byte("&#"))
	if !ok {
		return 0
	}
	base := 10
	if len(digits) > 0 && digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	end := bytes.IndexByte(digits, ';')
	if end < 0 || end > 8 {
		return 0
	}
	n, err := strconv.ParseInt(string(digits[:end]), base, 32)
	if err != nil || !isBidiControl(rune(n)) {
		return 0
	}
	return rune(n)
}

// mayHaveMarks is false for nearly all texts, and fast.
func mayHaveMarks(text []byte) bool {
	for _, lead := range [...]string{"&#", "\xd8\x9c", "\xe1\xa0\x8e", "\xe2\x81", "\xef\xbb\xbf", "\xf3\xa0"} {
		if bytes.Contains(text, []byte(lead)) {
			return true
		}
	}
	for {
		at := bytes.Index(text, []byte("\xe2\x80"))
		if at < 0 || at+2 >= len(text) {
			return false
		}
		// U+2010 to U+2029 are dashes and quotation marks.
		if c := text[at+2]; c < 0x90 || c > 0xa9 {
			return true
		}
		text = text[at+2:]
	}
}
