package pages

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/policysite/policysite/builder/policy"
)

// frameLang is the language of the interface.
const frameLang = "en"

// direction returns the writing direction of a BCP 47 language, "rtl" or
// "ltr", by the script it is written in (Unicode CLDR, likely subtags).
func direction(lang string) string {
	if lang == frameLang {
		return "ltr" // of most pages, several times for each
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return "ltr"
	}
	script, _ := tag.Script()
	switch script.String() {
	case "Adlm", "Arab", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa":
		return "rtl"
	}
	return "ltr"
}

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

// textLink is a link whose text is in a language of its own.
func textLink(text, href, lang string) link {
	l := link{Text: text, Href: href}
	if lang != "" && lang != frameLang {
		l.Lang, l.Dir = lang, direction(lang)
	}
	return l
}

// policyLink is a link to a policy's own page, by its title.
func policyLink(from string, p *policy.Policy) link {
	return textLink(p.Title, Href(from, p.URL), p.Lang)
}
