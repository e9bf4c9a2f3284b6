package dateline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

type tokenKind uint8

const (
	word tokenKind = iota
	number
	mark // one character of punctuation or a symbol
)

// token is a word, a number or a mark of a sentence. Each character of a script
// that writes no spaces, and each syllable of Korean, is a word: labels there
// have no edges to be found by.
type token struct {
	start, end int
	text       string // of a word, folded
	kind       tokenKind
	n          int // of a number of up to four digits
	digits     int
	glued      bool // nothing stands between it and the token before
	capital    bool
	wide       bool // a character of a script that writes no spaces
}

// tokens takes a text apart. Hyphens and apostrophes within words are left out:
// "mise-à-jour" is "mise à jour", "d'entrée" is "d" and "entrée". Words that were
// joined when a page was saved part where a capital follows: "viewsLast".
func tokens(text string) []token {
	out := make([]token, 0, len(text)/5+1)
	end := 0 // of the token before
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		t := token{start: i}
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Cf, r):
			i += n
			continue
		case unicode.IsDigit(r):
			t.kind = number
			for i < len(text) {
				r, n := utf8.DecodeRuneInString(text[i:])
				if !unicode.IsDigit(r) {
					break
				}
				t.n = min(t.n*10+digit(r), 100000)
				t.digits++
				i += n
			}
		case isWide(r) || unicode.Is(unicode.Hangul, r):
			t.wide = isWide(r)
			i += n
			t.text = fold(text[t.start:i])
		case unicode.IsLetter(r) || unicode.IsMark(r):
			t.capital = unicode.IsUpper(r)
			i = wordEnd(text, i)
			t.text = fold(text[t.start:i])
		default:
			i += n
			t.kind, t.text = mark, text[t.start:i]
			if strings.ContainsRune("-'’‐‑", r) && len(out) > 0 && out[len(out)-1].kind == word && end == t.start {
				if next, _ := utf8.DecodeRuneInString(text[i:]); unicode.IsLetter(next) {
					end = i // it joins two words
					continue
				}
			}
			switch r {
			case '‐', '‑', '－':
				t.text = "-"
			case '．':
				t.text = "."
			case '／':
				t.text = "/"
			case '：':
				t.text = ":"
			case '，', '、', '،':
				t.text = ","
			}
		}
		t.end = i
		t.glued = end == t.start && len(out) > 0
		end = i
		out = append(out, t)
	}
	return out
}

// wordEnd is where the word that begins at i ends.
func wordEnd(text string, i int) int {
	var before, last rune
	for at, r := range text[i:] {
		switch {
		case at == 0:
		case !unicode.IsLetter(r) && !unicode.IsMark(r), isWide(r), unicode.Is(unicode.Hangul, r):
			return i + at
		case unicode.IsLower(last) && unicode.IsUpper(r): // "PolicyLast"
			return i + at
		case unicode.IsLower(r) && unicode.IsUpper(last) && unicode.IsUpper(before): // "MLast"
			return i + at - utf8.RuneLen(last)
		}
		before, last = last, r
	}
	return len(text)
}

// isWide reports whether r is of a script that writes no spaces.
func isWide(r rune) bool {
	return r >= 0x3000 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == '々' || r == 'ー'
}

// digit is the value of a decimal digit of any script.
func digit(r rune) int {
	if r < utf8.RuneSelf {
		return int(r - '0')
	}
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return int(r - zero)
}

// fold is lower case without accents, so that "MISE A JOUR" is "mise à jour".
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if s = strings.ToLower(s); ascii {
		return s
	}
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'ı':
			return 'i'
		}
		return r
	}, norm.NFD.String(s)))
}

// span is a stretch of a text.
type span struct{ start, end int }

// sentences are the sentences of a line: of more than three, the first and the
// last.
func sentences(line string) []span {
	var out []span
	at, n := 0, 0
	letters := false // "1." is no sentence
	add := func(end int) {
		if n++; n > 3 {
			out[2] = span{at, end}
		} else {
			out = append(out, span{at, end})
		}
		at, letters = end, false
	}
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c < utf8.RuneSelf:
			i++
			if c == '.' || c == '!' || c == '?' {
				if end := sentenceEnd(line, i-1); letters && end > 0 {
					i = end
					add(end)
				}
			} else if c|0x20 >= 'a' && c|0x20 <= 'z' {
				letters = true
			}
		default:
			r, n := utf8.DecodeRuneInString(line[i:])
			i += n
			if r == '。' || r == '！' || r == '？' {
				add(i)
			} else if unicode.IsLetter(r) {
				letters = true
			}
		}
	}
	if strings.TrimSpace(line[at:]) != "" {
		add(len(line))
	}
	if n > 3 {
		return []span{out[0], out[2]}
	}
	return out
}

// abbreviations that a sentence goes on after.
var abbreviations = map[string]bool{
	"inc": true, "ltd": true, "co": true, "corp": true, "dr": true, "mr": true, "mrs": true, "ms": true, "st": true, "vs": true,
	"no": true, "nr": true, "art": true, "abs": true, "sec": true, "ver": true, "eg": true, "ie": true, "etc": true, "approx": true, "rev": true,
}

// sentenceEnd is where the sentence ends that the mark at i may end; 0 when it
// does not.
func sentenceEnd(line string, i int) int {
	end := i + 1
	for end < len(line) && end < i+8 {
		r, n := utf8.DecodeRuneInString(line[end:])
		if !strings.ContainsRune(`.!?)]"'”’»*_`, r) {
			break
		}
		end += n
	}
	rest := strings.TrimLeftFunc(line[end:], unicode.IsSpace)
	if rest == "" {
		return len(line)
	}
	if len(rest) == len(line)-end { // no space follows
		return 0
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if unicode.IsLower(next) {
		return 0
	}
	if line[i] != '.' {
		return end
	}
	// The word that the point stands after.
	at := i
	for at > 0 && i-at < 24 {
		r, n := utf8.DecodeLastRuneInString(line[:at])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			break
		}
		at -= n
	}
	last := fold(line[at:i])
	following, _, _ := strings.Cut(rest[:min(len(rest), 40)], " ")
	switch digits := strings.Trim(last, "0123456789") == ""; {
	case last == "":
		return end
	case digits && unicode.IsDigit(next):
		if len(last) == 4 { // "2021. 7. 14." and not "2021. 7 Days"
			if day := strings.TrimLeft(rest, "0123456789"); len(day) < 3 || day[0] != '.' || day[1] != ' ' || !isDigit(day[2]) {
				return end
			}
		}
		return 0
	case digits:
		if words().months[fold(strings.Trim(following, ".,"))] > 0 {
			return 0
		}
	case utf8.RuneCountInString(last) == 1 && last < "\u0400", abbreviations[last]:
		_, starts := words().match(determiner, tokens(following), 0) // "… Corp. This version …"
		if !starts {
			return 0
		}
	case unicode.IsDigit(next) && words().months[last] > 0:
		return 0
	}
	return end
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
