package pages

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// endonym returns a language's name in that language, "Bahasa Indonesia".
func endonym(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return lang
	}
	if name := display.Self.Name(tag); name != "" {
		return capital(name)
	}
	return lang
}

// capital makes the first letter a capital one.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToTitle(r)) + s[size:]
}

// folderName is what people read for a segment of a URL: a language's own name
// when the first segment is a configured language, else its words.
func (c *Composer) folderName(segment string, first bool) string {
	if first {
		for _, lang := range c.site.Languages {
			if strings.EqualFold(lang, segment) {
				return endonym(lang)
			}
		}
	}
	return capital(strings.ReplaceAll(segment, "-", " "))
}
