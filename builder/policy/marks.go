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

// Deceptive is the first character of a value that a terminal obeys, or that shows
// what follows in another order than it is written: "U+001B, a control character";
// "" when there is none. Isolates that are closed reorder nothing outside of them.
func Deceptive(value string) string {
	open := 0
	for _, r := range value {
		switch {
		case isObeyed(r):
			return controlName(r)
		case r == popIsolate && open > 0:
			open--
		case r >= 0x2066 && r < popIsolate:
			open++
		case isBidiControl(r):
			return markName(r)
		}
	}
	if open > 0 {
		return BidiControl(value)
	}
	return ""
}

const popIsolate = '\u2069'

// isObeyed reports whether a terminal may obey a character: the control characters
// but for white space, and but for NUL, which Markdown shows as U+FFFD.
func isObeyed(r rune) bool { return r != 0 && unicode.IsControl(r) && !unicode.IsSpace(r) }

func controlName(r rune) string { return fmt.Sprintf("U+%04X, a control character", r) }

// mostMarks is how many lines of one text are told of.
const mostMarks = 20

// Marks finds what no reader sees in a source: errors for control characters, for what
// overrides the order of letters and for isolates that are never closed, warnings for
// what the script of its line does not need. What front matter says is checked by
// ParseSource. bodyLine is the number of the first line that is not front matter; lang
// is what front matter says.
func Marks(source []byte, bodyLine int, lang string) (problems Problems) {
	if !mayHaveMarks(source) && !bytes.ContainsFunc(source, isObeyed) {
		return nil
	}
	const reorders = " makes what is read differ from what is written"
	letter := scriptOf(lang)
	more, line, wrong := 0, 0, false
	tell := func(line int, warning bool, hint, format string, args ...any) {
		if len(problems) >= mostMarks && (warning || wrong) {
			more++
			return
		}
		wrong = wrong || !warning
		problems = append(problems, &Problem{Line: line, Message: fmt.Sprintf(format, args...), Hint: hint, Warning: warning, Value: true})
	}
	const hint = "remove it; the direction of a text follows from its letters and `lang`"
	var open []Problem // isolates of the paragraph, where they are opened
	close := func() {
		for _, p := range open {
			if p.Line >= bodyLine {
				tell(p.Line, false, hint, "%s is never closed, and"+reorders, p.Message)
			}
		}
		open = open[:0]
	}
	for text := range bytes.Lines(bytes.TrimPrefix(source, []byte("\ufeff"))) {
		line++
		if len(bytes.TrimSpace(text)) == 0 {
			close()
		}
		for _, mark := range misplaced(text, letter) {
			name := "the invisible character " + markName(mark)
			switch inFront := line < bodyLine; {
			case isObeyed(mark):
				if !inFront {
					tell(line, false, "remove it", "has %s", controlName(mark))
				}
			case mark >= 0x2066 && mark < popIsolate:
				open = append(open, Problem{Line: line, Message: name})
			case mark == popIsolate && len(open) > 0:
				open = open[:len(open)-1]
			case isBidiControl(mark):
				overrides := mark == '\u202d' || mark == '\u202e'
				tell(line, inFront || !overrides, hint, "%s"+reorders, name)
			default:
				tell(line, true, fmt.Sprintf("remove it, or write it as &#x%X; where it is meant", mark), "%s", name)
			}
		}
	}
	close()
	if more > 0 {
		problems = append(problems, &Problem{Message: fmt.Sprintf("%d more lines with invisible characters", more), Warning: true})
	}
	return problems
}

// misplaced are the marks of a line that have no place in it, each once, but for
// isolates, and the control characters.
func misplaced(line []byte, letter rune) (out []rune) {
	rtl := bytes.ContainsFunc(line, func(r rune) bool { return unicode.In(r, rightToLeft...) })
	seen := map[rune]bool{}
	last, previous := rune(0), rune(0) // the character before, and the one before it if that was a mark
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		mark := r
		if r == '&' {
			mark = reference(line[i:])
		}
		i += n
		if (markName(mark) != "" || isObeyed(mark)) && !seen[mark] {
			next, _ := utf8.DecodeRune(line[i:])
			right := hasPlace(mark, letter) || hasPlace(mark, last) || hasPlace(mark, next) || hasPlace(mark, previous) ||
				rtl && hasPlace(mark, 'א') && mark != '\u200c' && mark != '\u200d'
			if !right {
				seen[mark] = mark < 0x2066 || mark > popIsolate
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

// reference is the control character, or the reordering one, that a line starts
// with as a numeric character reference; 0 when it does not. They have no names.
func reference(line []byte) rune {
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
	if r := rune(n); err == nil && (isBidiControl(r) || isObeyed(r)) {
		return r
	}
	return 0
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
