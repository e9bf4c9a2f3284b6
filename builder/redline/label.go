package redline

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// label matches the label of a clause in front of it, as in "2.1", "(b)", "iv.",
// "Article 3", "§ 4", "第三条".
var label = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`(?:\p{L}+\.?|§§?)[ \x{a0}]*(?:\d+(?:\.\d+)*[a-z]?|[IVXLC]+|[A-Z])(?:[.:)]|[ \x{a0}][–—-])?`, // behind one of labelWords
	`\(?\d+(?:\.\d+)*[.)]`,
	`\d+(?:\.\d+)+`,
	`\d+(?:\.\d+)*(?:\([a-zA-Z]{1,4}\))+`,
	`\(?(?:[a-zA-Z]|[ivxlc]+|[IVXLC]+)[.)]`,
}, "|") + `)[ \x{a0}]+|^(?:第[0-9０-９一二三四五六七八九十百]+[条條章节節款项項]|[（(][0-9０-９一二三四五六七八九十]+[)）]|[0-9０-９一二三四五六七八九十]+、|[①-⑳])[ \x{3000}]*`)

// longestLabel is how far a label is looked for, in bytes.
const longestLabel = 64

// labelWords are the words, in small letters, that labels begin with.
var labelWords = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(`article section clause annex annexe schedule appendix exhibit part chapter paragraph art. sec. § §§ nr. artikel abschnitt anlage ziffer anhang
		artículo sección cláusula anexo artigo secção seção articolo sezione allegato chapitre artykuł článek čl. статья раздел пункт глава madde pasal`) {
		out[w] = true
	}
	return out
}()

// labelOf is how much of a text is the label of a clause. Without a mark behind it,
// "Section 4 applies" has none, nor has "2.5 percent".
func labelOf(s string) int {
	if !mayHaveLabel(s) {
		return 0
	}
	n := len(label.FindString(s[:min(len(s), longestLabel)])) // what a match costs grows with the text behind it
	if n == 0 || n == len(s) {
		return n
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s[:n], " \u00a0\u3000"))
	next, _ := utf8.DecodeRuneInString(s[n:])
	if unicode.In(last, unicode.Latin, unicode.Nd) && unicode.IsLower(next) {
		return 0
	}
	return n
}

// mayHaveLabel is false of most texts, which begin with a word.
func mayHaveLabel(s string) bool {
	end := strings.IndexAny(s[:min(len(s), 24)], " .)\u00a0")
	if end <= 0 {
		return s != "" && s[0] >= utf8.RuneSelf
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9' || c == '(':
		return true
	case s[end] == '.' && labelWords[strings.ToLower(s[:end+1])]:
		return true
	case s[end] == '.' || s[end] == ')':
		return end <= 5 // "viii"
	case labelWords[strings.ToLower(s[:end])]:
		return true
	}
	c, _ := utf8.DecodeRuneInString(s)
	return c >= utf8.RuneSelf && (unicode.Is(unicode.Han, c) || !unicode.IsLetter(c))
}
