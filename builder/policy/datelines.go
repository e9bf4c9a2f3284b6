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
	n, title := 0, -1
	for _, p := range d.Parts {
		for i := range p.Blocks {
			if b := &p.Blocks[i]; title < 0 && b.Kind == Heading && b.Level == 1 {
				title = n + i
			}
		}
		n += len(p.Blocks)
	}
	if title < 0 {
		title = n
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

// without is the text without the statements that were found in it.
func without(text string, found []foundStatement) string {
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

// findStatements finds the date statements of one block's text: what datePattern
// matches from left to right in the reach of each year, as far as the year is
// the match's own. One that merely begins within the reach of another's year
// would be cut off.
//
// A block can be megabytes long. So the expression is tried only before what
// looks like the year of a date, where a word begins that it can begin with, and
// only once there, however many years follow.
func findStatements(text string) []foundStatement {
	var out []foundStatement
	f := finder{text: text}
	after := 0 // the statement before
	for year := indexYear(text, 0); year >= 0; {
		start := clip(text, max(after, year-yearReachBefore))
		end := clip(text, min(len(text), year+yearReachAfter))
		next := year + 4
		if yearOfDate(text, start, year) {
			f.reach(start, year)
			at := start
			for i := range f.openings {
				o := &f.openings[i]
				if o.at < at {
					continue // within the match before
				}
				m := f.match(o, end)
				if m == nil {
					continue
				}
				at = o.at + m[1]
				date, ok := readDate(text[o.at:], m)
				if !ok || o.at+yearOf(m) != year || !wordStart(text, o.at) {
					continue
				}
				out = append(out, foundStatement{statement{text[o.at:at], m[2*labelEffective] >= 0, date}, o.at, at})
				after, next = at, max(next, at)
			}
		}
		year = indexYear(text, next)
	}
	return out
}

// finder tries datePattern where it can begin.
type finder struct {
	text     string
	openings []opening // in order
	seen     int       // they have been looked for up to here
	reader   strings.Reader
}

// opening is a place where datePattern can begin.
type opening struct {
	at    int
	match []int // see regexp.Regexp.FindReaderSubmatchIndex
	final bool  // however much of the text it is given
}

// reach has openings be those of [start, end). Neither is less than it was
// before.
func (f *finder) reach(start, end int) {
	gone := 0
	for gone < len(f.openings) && f.openings[gone].at < start {
		gone++
	}
	f.openings = f.openings[gone:]
	for f.seen = max(f.seen, start); f.seen < end; f.seen++ {
		if opens(f.text[f.seen:]) {
			f.openings = append(f.openings, opening{at: f.seen})
		}
	}
}

// match is what datePattern matches at an opening, in the text before end.
func (f *finder) match(o *opening, end int) []int {
	if !o.final {
		f.reader.Reset(f.text[o.at:end])
		o.match = datePattern.FindReaderSubmatchIndex(&f.reader)
		o.final = f.reader.Len() > 0 // it did not come to the end
	}
	return o.match
}

const (
	yearReachBefore = 160 // from the start of a statement to its year: label, weekday, day, month
	yearReachAfter  = 48  // from the year on: month and day, time and zone
)

// yearOfDate reports whether the year at a place can be that of a date that
// begins at start or after it: a month follows it, or a day stands before it and
// nothing that no date has in between.
func yearOfDate(text string, start, year int) bool {
	if after := text[year+4:]; len(after) >= 2 && strings.IndexByte("-/.", after[0]) >= 0 && isDigit(after[1]) {
		return true
	}
	if year == start || text[year-1] < utf8.RuneSelf && !isLetter(text[year-1]) && strings.IndexByte(" \t\n\f\r.,-/", text[year-1]) < 0 {
		return false
	}
	return strings.ContainsAny(text[start:year], "0123456789")
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// beginnings are what datePattern can begin with, as far as it takes to tell from
// most other text, by their first bytes. A letter of ASCII stands for both its
// cases, a space for white space, "0" for a digit. A label that is added to the
// one is added to the other.
var beginnings = func() (out [256][]string) {
	for _, s := range []string{
		"ver", "v.", "v ", "v0", "the ", "effective", "date ", "in ", "into ", "ink", "take", "come", "came ", "g\xc3", "wirk", "entr", "en ",
		"fecha ", "vigente", "geldig", "ingang", "last", "laat", "late", "revi", "updated", "modified", "zuletzt", "letzte", "stand",
		"ak", "actualizado", "derni", "mis", "\xc3\xba", "\xc3\x9a",
	} {
		first := s[0]
		out[first] = append(out[first], s)
		if isLetter(first) {
			out[first-'a'+'A'] = out[first]
		}
		if first == 's' {
			out["ſ"[0]] = append(out["ſ"[0]], s)
		}
	}
	return out
}()

// opens reports whether a date statement can begin where s does.
func opens(s string) bool {
	for _, b := range beginnings[s[0]] {
		if beginsWith(s, b) {
			return true
		}
	}
	return false
}

func beginsWith(s, beginning string) bool {
	if len(s) < len(beginning) {
		return false
	}
	for i := range len(beginning) {
		switch c, want := s[i], beginning[i]; {
		case c == want || isLetter(want) && c|0x20 == want:
		case want == ' ' && (c == '\t' || c == '\n' || c == '\f' || c == '\r'):
		case want == '0' && isDigit(c):
		case want == 's' && c == "ſ"[0], want == 'k' && c == "\u212a"[0]: // the two that fold to a letter of ASCII
			return true
		default:
			return false
		}
	}
	return true
}

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
	digit := func(i int) bool { return i >= 0 && i < len(s) && isDigit(s[i]) }
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
// text itself: a bare "amended" or "published" is as often said of a law. It
// matches at the beginning of what it is given, see beginnings.
var datePattern = regexp.MustCompile(`^(?i)` +
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
