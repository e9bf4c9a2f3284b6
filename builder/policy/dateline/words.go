package dateline

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gohugoio/locales"
	"github.com/gohugoio/locales/ar"
	"github.com/gohugoio/locales/bg"
	"github.com/gohugoio/locales/cs"
	"github.com/gohugoio/locales/da"
	"github.com/gohugoio/locales/de"
	"github.com/gohugoio/locales/en"
	"github.com/gohugoio/locales/es"
	"github.com/gohugoio/locales/fi"
	"github.com/gohugoio/locales/fr"
	"github.com/gohugoio/locales/hu"
	"github.com/gohugoio/locales/id"
	"github.com/gohugoio/locales/it"
	"github.com/gohugoio/locales/ja"
	"github.com/gohugoio/locales/ko"
	"github.com/gohugoio/locales/nb"
	"github.com/gohugoio/locales/nl"
	"github.com/gohugoio/locales/pl"
	"github.com/gohugoio/locales/pt"
	"github.com/gohugoio/locales/ro"
	"github.com/gohugoio/locales/ru"
	"github.com/gohugoio/locales/sk"
	"github.com/gohugoio/locales/sv"
	"github.com/gohugoio/locales/tr"
	"github.com/gohugoio/locales/uk"
	"github.com/gohugoio/locales/zh"
)

// Labels is the data file, one line for each language and use: the language, what
// the words are, and the words, parted by " ; ". "(a/b)" is a or b or nothing,
// "[a/b]" one of them. "D" stands for the date, where it is not at the end; "^" is
// the start of a sentence, "*" any beginning of a word.
//
//go:embed labels.tsv
var Labels string

// what words are; see Labels.
const (
	updated     = "updated"     // label: the text was updated
	effective   = "effective"   // label: it takes effect
	wasUpdated  = "was-updated" // verb whose subject has to be the document
	isEffective = "is-effective"
	we          = "we"         // who updates a text
	determiner  = "determiner" // "this", before document
	adjective   = "adjective"  // between the two
	document    = "document"
	of          = "of"        // after it: "terms of service"
	and         = "and"       // between two labels, or two names
	part        = "part"      // before document: it is something of the document
	older       = "older"     // the date is of another text
	law         = "law"       // or of a law
	some        = "some"      // or for some readers only
	only        = "only"      // the same, wherever it stands
	elsewhere   = "elsewhere" // what leads to other versions and formats
	between     = "between"   // a label and its date
	ranges      = "range"     // between two dates
	versions    = "version"   // before a version number
	none        = "none"      // what else happened on a day
	clause      = "clause"    // verbs: what follows the date is said of something else
	months      = "month"     // names that CLDR has not, with their numbers
)

// langs is a set of languages.
type langs uint32

const english langs = 1

// locale are the languages, English first.
var locale = []func() locales.Translator{
	en.New, de.New, fr.New, es.New, pt.New, it.New, nl.New, pl.New, cs.New, sk.New, hu.New, ro.New, bg.New, sv.New, da.New, nb.New, fi.New,
	ru.New, uk.New, tr.New, id.New, ar.New, zh.New, ja.New, ko.New,
}

// phrase is words of the data file.
type phrase struct {
	what   string
	words  []string // folded
	dated  bool     // the date stands within, after before
	before []string
	start  bool // only at the start of a sentence
	langs  langs
}

// table is the data file, and CLDR, ready for use.
type table struct {
	phrases map[string]map[string][]phrase // by what and by first word, the longest first
	labels  map[string][]phrase            // those of all four kinds
	after   map[string][]phrase            // those with a date within, by the first word after it
	endings []phrase                       // "*bedingungen"
	months  map[string]int
	days    map[string]bool // of the week
}

var (
	once   sync.Once
	loaded *table
)

// words is the table. Not sync.OnceValue: it would link all of CLDR into programs that
// look for no dates.
func words() *table {
	once.Do(func() { loaded = load() })
	return loaded
}

// load reads the data file and CLDR.
func load() *table {
	t := &table{
		phrases: map[string]map[string][]phrase{}, labels: map[string][]phrase{}, after: map[string][]phrase{},
		months: map[string]int{}, days: map[string]bool{},
	}
	code := map[string]langs{}
	for i, newLocale := range locale {
		l := newLocale()
		code[l.Locale()] = 1 << i
		for _, names := range [][]string{l.MonthsWide(), l.MonthsAbbreviated()} {
			for m, name := range names {
				if ts := tokens(name); len(ts) > 0 && ts[0].kind == word && !ts[0].wide { // else it is a number with a sign
					t.months[ts[0].text] = m + 1
				}
			}
		}
		for _, name := range slices.Concat(l.WeekdaysWide(), l.WeekdaysAbbreviated()) {
			if ts := tokens(name); len(ts) > 0 && !ts[0].wide {
				t.days[ts[0].text] = true
			}
		}
	}
	for line := range strings.Lines(Labels) {
		cell := strings.Split(strings.TrimSpace(line), "\t")
		for _, p := range strings.Split(cell[2], " ; ") {
			if cell[1] == months {
				name, n, _ := strings.Cut(p, " ")
				t.months[fold(name)], _ = strconv.Atoi(n)
				continue
			}
			for _, p := range expand(p) {
				t.add(cell[1], p, code[cell[0]])
			}
		}
	}
	for _, m := range append(slices.Collect(maps.Values(t.phrases)), t.labels, t.after) {
		for _, ps := range m {
			slices.SortStableFunc(ps, func(a, b phrase) int { return len(b.words) + len(b.before) - len(a.words) - len(a.before) })
		}
	}
	return t
}

func (t *table) add(what, text string, l langs) {
	p := phrase{what: what, langs: l}
	text, p.start = strings.CutPrefix(text, "^")
	text, ending := strings.CutPrefix(text, "*")
	for _, w := range tokens(text) {
		switch {
		case w.capital: // "D"
			p.before, p.words, p.dated = p.words, nil, true
		case w.kind == word:
			p.words = append(p.words, w.text)
		}
	}
	into := t.phrases[what]
	switch {
	case p.dated:
		into = t.after
	case ending:
		t.endings = append(t.endings, p)
		return
	case what == updated, what == effective, what == wasUpdated, what == isEffective:
		into = t.labels
	case into == nil:
		into = map[string][]phrase{}
		t.phrases[what] = into
	}
	first := p.words[0]
	same := func(o phrase) bool {
		return o.what == what && o.start == p.start && slices.Equal(o.words, p.words) && slices.Equal(o.before, p.before)
	}
	if i := slices.IndexFunc(into[first], same); i >= 0 {
		into[first][i].langs |= l
		return
	}
	into[first] = append(into[first], p)
}

// expand gives the phrases that one with "(…)" and "[…]" stands for.
func expand(s string) []string {
	open := strings.IndexAny(s, "([")
	if open < 0 {
		return []string{strings.Join(strings.Fields(s), " ")}
	}
	end, depth := open, 0
	for ; ; end++ {
		switch s[end] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	var choices []string
	for at, depth, i := open+1, 0, open+1; i <= end; i++ {
		switch c := s[i]; {
		case c == '(', c == '[':
			depth++
		case i == end, c == '/' && depth == 0:
			choices = append(choices, s[at:i])
			at = i + 1
		case c == ')', c == ']':
			depth--
		}
	}
	if s[open] == '(' {
		choices = append(choices, "")
	}
	var out []string
	for _, c := range choices {
		out = append(out, expand(s[:open]+c+s[end+1:])...)
	}
	return out
}

// match is a phrase found.
type match struct {
	n     int // tokens
	langs langs
	what  string
	start bool
}

// match finds the longest phrase of a kind at i.
func (t *table) match(what string, ts []token, i int) (match, bool) {
	return longest(t.phrases[what], ts, i)
}

func longest(of map[string][]phrase, ts []token, i int) (match, bool) {
	if i >= len(ts) || ts[i].kind != word {
		return match{}, false
	}
	for _, p := range of[ts[i].text] {
		if hasWords(ts, i, p.words) && (!p.start || atStart(ts, i)) {
			return match{len(p.words), p.langs, p.what, p.start}, true
		}
	}
	return match{}, false
}

func hasWords(ts []token, i int, ws []string) bool {
	if i < 0 || i+len(ws) > len(ts) {
		return false
	}
	for k, w := range ws {
		if ts[i+k].kind != word || ts[i+k].text != w {
			return false
		}
	}
	return true
}

// atStart reports whether only a few marks stand before i.
func atStart(ts []token, i int) bool {
	return i < 8 && !slices.ContainsFunc(ts[:i], func(t token) bool { return t.kind != mark })
}
