package words

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gohugoio/locales"
	"github.com/gohugoio/locales/ar"
	"github.com/gohugoio/locales/bg"
	"github.com/gohugoio/locales/cs"
	"github.com/gohugoio/locales/da"
	"github.com/gohugoio/locales/de"
	"github.com/gohugoio/locales/el"
	"github.com/gohugoio/locales/en"
	"github.com/gohugoio/locales/en_GB"
	"github.com/gohugoio/locales/es"
	"github.com/gohugoio/locales/fa"
	"github.com/gohugoio/locales/fi"
	"github.com/gohugoio/locales/fr"
	"github.com/gohugoio/locales/he"
	"github.com/gohugoio/locales/hi"
	"github.com/gohugoio/locales/hu"
	"github.com/gohugoio/locales/id"
	"github.com/gohugoio/locales/it"
	"github.com/gohugoio/locales/ja"
	"github.com/gohugoio/locales/ko"
	"github.com/gohugoio/locales/lt"
	"github.com/gohugoio/locales/ms"
	"github.com/gohugoio/locales/nb"
	"github.com/gohugoio/locales/nl"
	"github.com/gohugoio/locales/pl"
	"github.com/gohugoio/locales/pt"
	"github.com/gohugoio/locales/pt_PT"
	"github.com/gohugoio/locales/ro"
	"github.com/gohugoio/locales/ru"
	"github.com/gohugoio/locales/sk"
	"github.com/gohugoio/locales/sv"
	"github.com/gohugoio/locales/th"
	"github.com/gohugoio/locales/tr"
	"github.com/gohugoio/locales/uk"
	"github.com/gohugoio/locales/vi"
	"github.com/gohugoio/locales/zh"
	"github.com/gohugoio/locales/zh_Hant"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// translators are the languages whose dates and numbers are known, by the names of
// CLDR. A day of English is written as in most of the world, unless it is American.
var translators = map[string]func() locales.Translator{
	"ar": ar.New, "bg": bg.New, "cs": cs.New, "da": da.New, "de": de.New, "el": el.New, "en": en_GB.New, "en-us": en.New,
	"es": es.New, "fa": fa.New, "fi": fi.New, "fr": fr.New, "he": he.New, "hi": hi.New, "hu": hu.New, "id": id.New,
	"it": it.New, "ja": ja.New, "ko": ko.New, "lt": lt.New, "ms": ms.New, "nb": nb.New, "nl": nl.New, "no": nb.New,
	"pl": pl.New, "pt": pt.New, "pt-pt": pt_PT.New, "ro": ro.New, "ru": ru.New, "sk": sk.New, "sv": sv.New, "th": th.New,
	"tr": tr.New, "uk": uk.New, "vi": vi.New, "zh": zh.New, "zh-hant": zh_Hant.New, "zh-tw": zh_Hant.New, "zh-hk": zh_Hant.New,
}

var englishLocale = en_GB.New()

// localeOf is what writes dates and numbers of a language.
func localeOf(lang string) locales.Translator {
	for name := strings.ToLower(lang); name != ""; {
		if make := translators[name]; make != nil {
			return make()
		}
		name = name[:max(0, strings.LastIndexByte(name, '-'))]
	}
	return translators[source]()
}

// Characters reports whether the length of a text in a language is counted in
// characters: Chinese and Japanese have no spaces between words.
func Characters(lang string) bool {
	if lang == source {
		return false
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return false
	}
	script, _ := tag.Script()
	return slices.Contains([]string{"Hans", "Hant", "Hani", "Jpan"}, script.String())
}

// Unit is what a text in a language is counted in, as messages are named: "words" or
// "characters".
func Unit(lang string) string {
	if Characters(lang) {
		return "characters"
	}
	return "words"
}

// LanguageName is what the words' language calls another: "Englisch".
func (w *Words) LanguageName(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return lang
	}
	own, err := language.Parse(w.Lang)
	if namer := display.Languages(own); err == nil && namer != nil {
		if name := namer.Name(tag); name != "" {
			return name
		}
	}
	return Endonym(lang)
}

// Endonym is a language's name in that language, "Bahasa Indonesia".
func Endonym(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return lang
	}
	switch base, _ := tag.Base(); base.String() {
	case "id":
		return "Bahasa Indonesia" // CLDR has "Indonesia" alone
	case "ms":
		return "Bahasa Melayu"
	}
	if name := display.Self.Name(tag); name != "" {
		return Capital(name)
	}
	return lang
}

// Capital makes the first letter a capital one.
func Capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToTitle(r)) + s[size:]
}

// Direction returns the writing direction of a BCP 47 language, "rtl" or "ltr", by the
// script it is written in (Unicode CLDR, likely subtags).
func Direction(lang string) string {
	if lang == source {
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
