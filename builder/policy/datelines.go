package policy

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Date statements are recognized in the first and the last ten top-level
// blocks, and in the ten after the first level-1 heading (a text saved from a
// web page may have its page's furniture above it). Sentences elsewhere are
// about something else.
const dateWindowBlocks = 10

// dateWindow tells of a top-level block's index whether date statements in it
// are recognized.
func (d *Document) dateWindow() func(i int) bool {
	n := len(d.Blocks)
	title := n
	for i := range d.Blocks {
		if b := &d.Blocks[i]; b.Kind == Heading && b.Level == 1 {
			title = i
			break
		}
	}
	return func(i int) bool {
		return i < dateWindowBlocks || i >= n-dateWindowBlocks || i > title && i <= title+dateWindowBlocks
	}
}

// statement is one recognized date statement: "Version 1.4, effective Sept 16,
// 2022", from its leading version number or label to the end of its date, time
// and zone.
type statement struct {
	text      string
	effective bool // else it says when the text was last updated
	date      Date
}

// statements are the date statements of the text, in its order.
func (d *Document) statements() []statement {
	var out []statement
	inWindow := d.dateWindow()
	for i := range d.Blocks {
		if !inWindow(i) {
			continue
		}
		d.Blocks[i].leaves(func(leaf *Block) {
			if leaf.Kind == Code {
				return
			}
			for _, s := range findStatements(leaf.Text) {
				out = append(out, s.statement)
			}
		})
	}
	return out
}

// declaredIn takes the first statement of each kind.
func declaredIn(statements []statement) Declared {
	var d Declared
	for _, s := range statements {
		switch {
		case s.effective && d.Effective.IsZero():
			d.Effective, d.EffectiveInText = s.date, true
		case !s.effective && d.LastUpdated.IsZero():
			d.LastUpdated, d.LastUpdatedInText = s.date, true
		}
	}
	return d
}

func withoutStatements(text string) string {
	found := findStatements(text)
	if found == nil {
		return text
	}
	var b strings.Builder
	at := 0
	for _, s := range found {
		b.WriteString(text[at:s.start])
		at = s.end
	}
	b.WriteString(text[at:])
	return b.String()
}

type foundStatement struct {
	statement
	start, end int
}

// findStatements finds the date statements of one block's text. The expression
// is run only around what looks like a year, since a block can be hundreds of
// kilobytes long, and finds the statement whose year that is: one that merely
// begins within the reach of another's year would be cut off.
func findStatements(text string) []foundStatement {
	var out []foundStatement
	after := 0 // the statement before
	for year := indexYear(text, 0); year >= 0; {
		start := clip(text, max(after, year-yearReachBefore))
		end := clip(text, min(len(text), year+yearReachAfter))
		next := year + 4
		for _, m := range datePattern.FindAllStringSubmatchIndex(text[start:end], -1) {
			date, ok := readDate(text[start:end], m)
			if !ok || start+yearOf(m) != year || !wordStart(text, start+m[0]) {
				continue
			}
			s := foundStatement{statement{text[start+m[0] : start+m[1]], m[2*labelEffective] >= 0, date}, start + m[0], start + m[1]}
			out = append(out, s)
			after, next = s.end, max(next, s.end)
		}
		year = indexYear(text, next)
	}
	return out
}

const (
	yearReachBefore = 160 // from the start of a statement to its year: label, weekday, day, month
	yearReachAfter  = 48  // from the year on: month and day, time and zone
)

// clip moves i back to the start of a character.
func clip(s string, i int) int {
	for i > 0 && i < len(s) && s[i]&0xC0 == 0x80 {
		i--
	}
	return i
}

// indexYear finds "19" or "20" followed by two digits, not within a longer
// number.
func indexYear(s string, from int) int {
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	for i := from; i+4 <= len(s); i++ {
		if (s[i] == '1' && s[i+1] == '9' || s[i] == '2' && s[i+1] == '0') &&
			digit(i+2) && digit(i+3) && !digit(i+4) && !digit(i-1) {
			return i
		}
	}
	return -1
}

// wordStart reports whether no letter or digit stands right before i: a label
// is a word of its own ("unmodified" is none).
func wordStart(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// months by the names that stand in date lines, in lower case, without a dot.
var months = map[string]time.Month{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
	"januar": 1, "jänner": 1, "februar": 2, "märz": 3, "mai": 5, "juni": 6, "juli": 7, "oktober": 10, "dezember": 12,
	"janvier": 1, "février": 2, "mars": 3, "avril": 4, "juin": 6, "juillet": 7, "août": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12,
	"enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8, "septiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12,
	"januari": 1, "februari": 2, "maart": 3, "mei": 5, "augustus": 8,
}

// Sub-expressions of datePattern.
const (
	labelEffective = iota + 1
	isoYear
	isoMonth
	isoDay
	monthFirst
	monthFirstDay
	monthFirstYear
	dayFirst
	dayFirstMonth
	dayFirstYear
	numericA
	numericB
	numericYear
)

// datePattern matches a label, what links it to a date, and the date with its
// time and zone. English and, since policies come in pairs of languages,
// German, French, Spanish and Dutch. Only labels that state something of the
// text itself: a bare "amended" or "published" is as often said of a law.
var datePattern = regexp.MustCompile(`(?i)` +
	`(?:(?:version|ver\.|v\.?)\s*\d+(?:\.\d+)*\s*[,;:(|·–—-]*\s*)?` +
	`(?:` + // label
	`((?:the\s+)?effective\s+date|date\s+effective|effective(?:\s+(?:as\s+of|as\s+from|as\s+at|from|since|on|starting))?|` +
	`(?:in|takes|comes\s+into|came\s+into|into)\s+(?:effect|force)(?:\s+(?:as\s+of|from|since|on))?|` +
	`gültig\s+(?:ab|seit)|in\s+kraft\s+(?:seit|ab)|wirksam\s+ab|inkrafttreten|` +
	`(?:date\s+d[’']\s*)?entrée\s+en\s+vigueur|en\s+vigueur(?:\s+(?:depuis|à\s+compter\s+du|à\s+partir\s+du|au))?|` +
	`(?:fecha\s+de\s+)?entrada\s+en\s+vigor|(?:en\s+vigor|vigente)\s+desde|` +
	`(?:geldig\s+vanaf|ingangsdatum))` +
	`|(?:(?:date\s+(?:of\s+(?:the\s+)?)?)?last\s+(?:updated?|revised|revision|modified|modification|changed?|amended|amendment|edited)|latest\s+(?:update|revision)|` +
	`revision\s+date|date\s+(?:of\s+(?:the\s+)?)?(?:update|revision|updated|revised)|updated|revised|modified|` +
	`zuletzt\s+(?:aktualisiert|geändert)|letzte\s+(?:aktualisierung|änderung)|stand|aktualisiert|` +
	`dernière\s+(?:mise\s+à\s+jour|modification)|mise?\s+à\s+jour|` +
	`última\s+(?:actualización|modificación|revisión)|actualizado|` +
	`laatst\s+(?:bijgewerkt|gewijzigd)|laatste\s+(?:wijziging|update))` +
	`)` +
	`(?:\s*date)?\s*(?:[:=|·–—-]+|\bis\b|\bwas\b)?\s*(?:(?:as\s+of|as\s+at|on|from|since|the|am|vom|ab|seit|le|du|el|del|op)\s+)?` +
	`(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?` +
	`(?:` + // date
	`((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?:\b|T\d\d:\d\d(?::\d\d)?(?:z\b|[+-]\d\d:?\d\d\b)?)` +
	`|(\pL{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+((?:19|20)\d\d)\b` +
	`|(\d{1,2})(?:st|nd|rd|th|er|\.|º)?\s*(?:of\s+|de\s+|-)?\s*(\pL{3,10})\.?,?\s*(?:de\s+|del\s+|-)?\s*((?:19|20)\d\d)\b` +
	`|(\d{1,2})[./-](\d{1,2})[./-]((?:19|20)\d\d)\b` +
	`)` +
	`(?:[\sT,]+(?:at\s+)?\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]\.?m\b\.?)?(?:\s*(?:z\b|utc(?:[+-]\d{1,2})?|gmt(?:[+-]\d{1,2})?|[a-z]{1,3}[sd]?t\b|[+-]\d\d:?\d\d))?)?`)

// yearOf is where the year of a match stands.
func yearOf(m []int) int {
	return max(m[2*isoYear], m[2*monthFirstYear], m[2*dayFirstYear], m[2*numericYear])
}

// readDate reads the date of a match; false when it is none (30 February), or
// one that readers of different countries read differently (01/03/2026).
func readDate(s string, m []int) (Date, bool) {
	sub := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return s[m[2*i]:m[2*i+1]]
	}
	number := func(i int) int { n, _ := strconv.Atoi(sub(i)); return n }
	var d Date
	switch {
	case m[2*isoYear] >= 0:
		d = Date{number(isoYear), time.Month(number(isoMonth)), number(isoDay)}
	case m[2*monthFirst] >= 0:
		d = Date{number(monthFirstYear), months[strings.ToLower(sub(monthFirst))], number(monthFirstDay)}
	case m[2*dayFirst] >= 0:
		d = Date{number(dayFirstYear), months[strings.ToLower(sub(dayFirstMonth))], number(dayFirst)}
	default:
		a, b := number(numericA), number(numericB)
		switch {
		case a > 12 || a == b:
			d = Date{number(numericYear), time.Month(b), a}
		case b > 12:
			d = Date{number(numericYear), time.Month(a), b}
		default:
			return Date{}, false
		}
	}
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return d, DateOf(t, time.UTC) == d
}
