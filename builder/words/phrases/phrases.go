// Package phrases writes the messages of one language. It knows neither files of words
// nor CLDR: package words makes phrases of them, and gives a browser those of a page.
package phrases

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/unicode/bidi"
)

// Phrases are the messages of one language.
type Phrases struct {
	Lang    string               // BCP 47, as a text states it: "de-AT", with the words of "de"
	RTL     bool                 // whether it is written from right to left
	Bare    bool                 // without isolates
	Long    string               // a number of 19 digits, each of them 1, as the language writes it
	Classes [Classes]int         // of numbers: see Class
	Plain   map[string]Message   // by id, in the form of no number
	Counted []map[string]Message // by class of the number, and by id: those that have another form
}

// Message is the words between placeholders and the names of these, by turns.
type Message []string

// Classes is how many numbers have all forms of every language among them: those below
// 200, and a million.
const Classes = 201

// Class says which of these numbers takes the same form as n: languages tell numbers
// apart by their last two digits, some of the small ones, and whole millions ("un million
// de mots").
func Class(n int) int {
	switch {
	case n < 200:
		return max(n, 0)
	case n%1e6 == 0:
		return Classes - 1
	}
	return 100 + n%100
}

// Encode writes phrases for Read.
func (p *Phrases) Encode() ([]byte, error) { return yaml.Marshal(p) }

// Read reads what Encode has written.
func Read(encoded []byte) (*Phrases, error) {
	p := &Phrases{}
	return p, yaml.Unmarshal(encoded, p)
}

// Language is the language that the phrases are in, and the direction it is written in.
func (p *Phrases) Language() (lang, dir string) {
	if p.RTL {
		return p.Lang, "rtl"
	}
	return p.Lang, "ltr"
}

// T is a message as text. What its placeholders stand for follows: a number first
// where the message has one, which gives it its form and stands for Count, then by
// turns the names of others and what stands for them: T("edits", 3, "Of", "7").
// Numbers are written as the language does. A message that no file has is its id.
func (p *Phrases) T(id string, args ...any) string {
	m, count, args := p.Pick(id, args)
	if len(m) == 1 {
		return p.written(m[0])
	}
	var b strings.Builder
	b.Grow(64)
	for i, s := range m {
		if i%2 == 0 {
			b.WriteString(s)
		} else if v := Value(s, count, args); v != nil {
			b.WriteString(p.Text(v))
		}
	}
	return p.written(b.String())
}

// written is text as these phrases give it out.
func (p *Phrases) written(s string) string {
	if p.Bare {
		return isolates.Replace(s)
	}
	return s
}

// isolates are the characters that begin and end one.
var isolates = strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "")

// Pick is the message that T writes, the number that it has, and what other placeholders
// stand for.
func (p *Phrases) Pick(id string, args []any) (Message, any, []any) {
	m, ok := p.Plain[id]
	if !ok {
		m = Message{id}
	}
	if len(args)%2 == 0 {
		return m, nil, args
	}
	n, ok := args[0].(int)
	if !ok {
		return Message{id}, nil, nil
	}
	if counted, ok := p.Counted[p.Classes[Class(n)]][id]; ok {
		m = counted
	}
	return m, n, args[1:]
}

// Value is what stands for a placeholder; nil for nothing.
func Value(name string, count any, args []any) any {
	if name == "Count" && count != nil {
		return count
	}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return nil
}

// Text is what stands for a placeholder, as text. A value of a type of its own, such as
// HTML, stands as it is.
func (p *Phrases) Text(v any) string {
	switch v := v.(type) {
	case string:
		return p.Isolate(v)
	case int:
		return p.Number(v)
	}
	return fmt.Sprint(v)
}

// Isolate keeps a text of the other direction from changing the order of the words that
// it stands among: it becomes an isolate, as UAX #9 has it.
func (p *Phrases) Isolate(s string) string {
	if p.Bare || !p.RTL && strings.IndexFunc(s, beyondLatin) < 0 {
		return s // nearly all
	}
	for _, r := range s {
		c, _ := bidi.LookupRune(r)
		switch c.Class() {
		case bidi.L, bidi.ES: // "2026-05-04" would be turned around behind Arabic words
			if p.RTL {
				return "\u2068" + s + "\u2069"
			}
		case bidi.R, bidi.AL:
			if !p.RTL {
				return "\u2068" + s + "\u2069"
			}
		}
	}
	return s
}

func beyondLatin(r rune) bool { return r >= '\u0590' }

// Number writes a number: "4,858".
func (p *Phrases) Number(n int) string {
	digits := strconv.Itoa(n)
	from := len(p.Long)
	for left := len(digits); left > 0; {
		if from--; p.Long[from] == '1' {
			left--
		}
	}
	if len(digits) == len(p.Long)-from {
		return digits
	}
	out := []byte(p.Long[from:])
	for i := range out {
		if out[i] == '1' {
			out[i], digits = digits[0], digits[1:]
		}
	}
	return string(out)
}
