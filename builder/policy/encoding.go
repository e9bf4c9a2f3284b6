package policy

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// CheckEncoding returns what keeps bytes from being a text, which is UTF-8; nil if they are one. firstLine is the number of their first line
// in the file. The message names the place as well, since pages of the past
// show it without the line.
func CheckEncoding(text []byte, firstLine int) *Problem {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return &Problem{Line: firstLine, Message: "is UTF-16", Hint: "save it as UTF-8"}
	}
	if nul := bytes.Count(text, []byte{0}); 4*nul > len(text) {
		return &Problem{Line: firstLine, Message: "is UTF-16, or not a text", Hint: "save it as UTF-8"}
	}
	if utf8.Valid(text) {
		return nil
	}
	at := 0
	for {
		r, n := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	line, where := placeOf(text, at, firstLine)
	return &Problem{Line: line, Message: "is not valid UTF-8 at " + where, Hint: "save it as UTF-8"}
}

// placeOf says where an offset is, in a line counted from first: "line 3, byte 7".
func placeOf(text []byte, offset, first int) (line int, where string) {
	start := bytes.LastIndexByte(text[:offset], '\n') + 1
	line = first + bytes.Count(text[:start], []byte("\n"))
	return line, fmt.Sprintf("line %d, byte %d", line, offset-start+1)
}
