package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// scanner splits a text along the word boundaries of Unicode Standard Annex
// #29. What is plain ASCII, and most text is, it splits by itself; the rest is
// left to the library.
type scanner struct {
	text       string
	start, end int  // of the token at hand
	word       bool // it is none of white space and punctuation
	library    words.Iterator[string]
}

func scan(text string) scanner { return scanner{text: text, library: *words.FromString("")} }

// Classes of bytes, as far as word boundaries are concerned.
const (
	other       = iota // of the library's
	blank              // a space
	alphabet           // a letter or digit of ASCII
	punctuation        // a mark of punctuation of ASCII that is a token whatever stands beside it
	middle             // one that letters or digits on both sides of it make part of a word
)

// classes of ASCII. "_" is among the others: it connects.
var classes = func() (out [256]uint8) {
	for c := byte('!'); c <= '~'; c++ {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			out[c] = alphabet
		case c == '.', c == ',', c == ':', c == ';', c == '\'':
			out[c] = middle
		case c != '_':
			out[c] = punctuation
		}
	}
	out[' '] = blank
	return out
}()

// next goes to the next token. It is false at the end of the text.
func (s *scanner) next() bool {
	text, at := s.text, s.end
	if at >= len(text) {
		return false
	}
	s.start = at
	class := classes[text[at]]
	at++
	switch class {
	case other:
		return s.ask()
	case alphabet:
		for at < len(text) && classes[text[at]] == alphabet {
			at++
		}
		if at < len(text) {
			switch classes[text[at]] {
			case other:
				return s.ask()
			case middle:
				if at+1 < len(text) && (classes[text[at+1]] == alphabet || classes[text[at+1]] == other) {
					return s.ask()
				}
			}
		}
	case blank:
		for at < len(text) && text[at] == ' ' {
			at++
		}
		fallthrough
	default:
		// A mark beyond ASCII may combine with what stands before it.
		if at < len(text) && text[at] >= utf8.RuneSelf {
			return s.ask()
		}
	}
	s.end, s.word = at, class == alphabet
	return true
}

// ask has the library find the end of the token.
func (s *scanner) ask() bool {
	s.library.SetText(s.text[s.start:])
	s.library.Next()
	s.end = s.start + s.library.End()
	s.word = isWord(s.text[s.start:s.end])
	return true
}

// nextWhole goes to the next token, and takes for one what readers take for one
// word: web addresses, email addresses, dates in digits, numbers of clauses, money.
func (s *scanner) nextWhole() bool {
	if !s.next() {
		return false
	}
	text, from := s.text, s.start
	switch c := text[from]; {
	case c >= '0' && c <= '9':
		s.number()
	case c == '$', c == '\xe2' && text[from:s.end] == "€", c == '\xc2' && text[from:s.end] == "£":
		if s.end < len(text) && text[s.end] >= '0' && text[s.end] <= '9' {
			s.next()
			s.number()
			s.start, s.word = from, true
		}
	case c == 'h', c == 'w':
		if end := addressEnd(text, from); end > s.end {
			s.end, s.word = end, true
			return true
		}
	}
	if s.word && s.end < len(text) && text[s.end] != ' ' && strings.IndexByte("@.-+_", text[s.end]) >= 0 {
		if end := emailEnd(text, from); end > s.end {
			s.end = end
		}
	}
	return true
}

// number makes the token at hand, which begins with a digit, end where a date or
// the number of a clause does: 2024-05-01, 4.2(b).
func (s *scanner) number() {
	text := s.text
	digit := func(i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }
	for at := s.end; at < len(text); at = s.end {
		switch {
		case (text[at] == '/' || text[at] == '-') && digit(at+1):
			for at++; digit(at); at++ {
			}
			if at < len(text) && classes[text[at]] != blank && classes[text[at]] != punctuation && classes[text[at]] != middle {
				return
			}
		case text[at] == '(':
			n := strings.IndexByte(text[at:min(len(text), at+7)], ')')
			if n < 2 || strings.IndexFunc(text[at+1:at+n], func(r rune) bool { return r >= utf8.RuneSelf || classes[r] != alphabet }) >= 0 {
				return
			}
			at += n + 1
			if at < len(text) && text[at] >= utf8.RuneSelf {
				return
			}
		default:
			return
		}
		s.end = at
	}
}

// addressEnd is where a web address ends that starts at from; 0 for none.
func addressEnd(text string, from int) int {
	rest := text[from:]
	if !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") && !strings.HasPrefix(rest, "www.") {
		return 0
	}
	if i := strings.IndexAny(rest, " \n<>\"”“()"); i >= 0 {
		rest = rest[:i]
	}
	return from + len(strings.TrimRight(rest, ".,;:!?"))
}

// emailEnd is where an email address ends that starts at from; 0 for none.
func emailEnd(text string, from int) int {
	at := from
	for at < len(text) && (classes[text[at]] == alphabet || strings.IndexByte(".-+_", text[at]) >= 0) {
		at++
	}
	if at == len(text) || text[at] != '@' {
		return 0
	}
	domain := at + 1
	for at = domain; at < len(text) && (classes[text[at]] == alphabet || text[at] == '.' || text[at] == '-'); at++ {
	}
	if at < len(text) && text[at] >= utf8.RuneSelf {
		return 0
	}
	name := strings.TrimRight(text[domain:at], ".-")
	if strings.IndexByte(name, '.') < 1 {
		return 0
	}
	return domain + len(name)
}

// isWord tells words from white space and punctuation.
func isWord(token string) bool {
	r, _ := utf8.DecodeRuneInString(token)
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return true
	}
	return strings.ContainsFunc(token, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
