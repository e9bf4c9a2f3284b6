// Package dateline finds the date statements of a text: where it says of itself
// when it was updated or takes effect. It is a small grammar over sentences. Its
// words, labels.tsv, and the month names of CLDR are part of a hashed definition:
// within a format version of the archive neither changes.
package dateline

import (
	"slices"
	"sort"
	"strings"
)

// Statement is one date statement.
type Statement struct {
	// Start and End are where it stands: from its label to the end of its date,
	// time and zone, with a version number that leads it.
	Start, End int
	Date       int  // where its date begins
	Updated    bool // it says when the text was updated
	Effective  bool // it says when the text takes effect
	Year       int
	Month      int
	Day        int  // 0 where only a month is stated
	Ambiguous  bool // readers of different countries read another day; Month and Day mean nothing
	// Some says that it is about some readers only: "Effective date in the EEA".
	// It then declares nothing and belongs to the wording.
	Some bool
}

// Certain reports whether it states a day.
func (s *Statement) Certain() bool { return s.Day > 0 && !s.Ambiguous }

// Find returns the date statements of one block's text, in order. breaks are
// where hard breaks stand in it, each the offset of a space. title is what the
// text is called: a sentence may have it as its subject.
func Find(text string, breaks []int, title string) []Statement {
	if !hasYear(text) {
		return nil
	}
	var out []Statement
	at := 0
	for _, end := range append(slices.Clone(breaks), len(text)) {
		for _, s := range sentences(text[at:end]) {
			if part := text[at+s.start : at+s.end]; hasYear(part) {
				out = append(out, read(part, at+s.start, title)...)
			}
		}
		at = end
	}
	return out
}

// hasYear reports whether s may hold the year of a date: most text does not, and
// is not looked at any further.
func hasYear(s string) bool {
	for i := 0; i+3 < len(s); i++ {
		switch c := s[i]; {
		case (c == '1' && s[i+1] == '9' || c == '2' && s[i+1] == '0') && isDigit(s[i+2]) && isDigit(s[i+3]):
			return true
		case c == 0xd9 && s[i+1] >= 0xa0 && s[i+1] <= 0xa9, // Arabic digits
			c == 0xdb && s[i+1] >= 0xb0 && s[i+1] <= 0xb9,                   // Persian ones
			c == 0xef && s[i+1] == 0xbc && s[i+2] >= 0x90 && s[i+2] <= 0x99: // full-width ones
			return true
		}
	}
	return false
}

// read reads one sentence, which stands at the given offset.
func read(text string, at int, title string) []Statement {
	s := sentence{table: words(), tokens: tokens(text), title: title}
	s.dates = s.findDates()
	if len(s.dates) == 0 {
		return nil
	}
	s.labels = s.findLabels()
	s.findStated()
	var out []Statement
	end := 0 // of the statement before, in tokens
	for _, d := range s.dates {
		if d.start < end {
			continue
		}
		f, ok := s.statement(d, end)
		if !ok || f.start < end {
			continue
		}
		s.said = f.document
		end = f.end
		out = append(out, Statement{
			Start: at + s.tokens[f.start].start, End: at + s.tokens[f.end-1].end, Date: at + s.tokens[d.start].start,
			Updated: f.updated, Effective: f.effective, Some: f.some,
			Year: d.year, Month: d.month, Day: d.day, Ambiguous: d.slashes && f.langs&english != 0,
		})
	}
	return out
}

// found is a statement in tokens of its sentence.
type found struct {
	start, end         int
	updated, effective bool
	some               bool
	document           bool  // the document is its subject
	whole              bool  // nothing else may stand in the sentence
	langs              langs // of its label
}

// Words bound what a statement may be: more of them, and the sentence is about
// something else.
const (
	mostOthers  = 8
	mostBetween = 8
	// mostElsewhere are the words that lead to another version or format.
	mostElsewhere = 6
	// mostTokens bounds a sentence of which every word counts, and how far back
	// in one the words are looked at that speak against a date.
	mostTokens = 160
)

// statement reads what is said of a date; from is where the statement before
// ends.
func (s *sentence) statement(d date, from int) (found, bool) {
	if s.inRange(d) {
		return found{}, false
	}
	f, ok := s.labelled(d, from)
	if !ok || !f.some && s.says(older, max(from, s.clauseOf(d.start)), d.start, f.langs) {
		return found{}, false
	}
	f.end = s.afterTime(max(f.end, d.end))
	return f, true
}

// labelled finds what labels a date: the words before it, after it, or those
// that the sentence begins with.
func (s *sentence) labelled(d date, from int) (found, bool) {
	i := sort.Search(len(s.labels), func(i int) bool { return s.labels[i].end > d.start }) - 1
	if i >= 0 && s.labels[i].start >= from {
		l := s.labels[i]
		if s.gap(l.end) >= d.start {
			return s.direct(l, i, d, from)
		}
		if s.acts(l, d, from) {
			return found{start: l.start, end: d.end, updated: true, langs: l.langs}, true
		}
	}
	if f, ok := s.after(d, from); ok {
		return f, true
	}
	if v, ok := s.versionBefore(d.start, from); ok {
		f := found{start: v.start, end: d.end, updated: true, langs: v.langs}
		return f, s.alone(f)
	}
	return s.around(d, from)
}

// direct reads a label that stands right before a date.
func (s *sentence) direct(l label, i int, d date, from int) (found, bool) {
	f := found{start: l.start, end: d.end, updated: l.what == updated || l.what == wasUpdated, langs: l.langs, whole: l.whole}
	f.effective = !f.updated
	if s.says(only, max(from, l.start-mostTokens), l.start, l.langs) {
		f.some = true
		return f, true
	}
	if l.what == isEffective || l.what == wasUpdated {
		switch s.subject(l.start, from) {
		case theDocument:
			f.document = true
			return f, true
		case forSome:
			f.some = true
			return f, true
		}
		// "The list was last updated on …" says enough without it.
		return f, (l.what == wasUpdated || atStart(s.tokens, l.start)) && s.alone(f)
	}
	if f.effective && s.aboutElse(d.end) {
		return found{}, false
	}
	if i > 0 { // "Last updated and effective: …"
		if b := s.labels[i-1]; b.start >= from && b.end < l.start && s.joined(b.end, l.start) && (b.what == updated || b.what == effective) {
			f.start = b.start
			f.updated = f.updated || b.what == updated
			f.effective = f.effective || b.what == effective
		}
	}
	if v, ok := s.versionBefore(f.start, from); ok {
		f.start = v.start
	}
	return f, s.alone(f)
}

// aboutElse reports whether a clause of its own follows a date, and is not about
// the document: "Effective 1 March 2027, prices will rise."
func (s *sentence) aboutElse(at int) bool {
	if at = s.afterTime(at); at == len(s.tokens) || s.tokens[at].text != "," {
		return false
	}
	return s.nounEnd(at+1, min(len(s.tokens), at+mostNoun)) < 0 && s.says(clause, at, min(len(s.tokens), at+mostNoun), english)
}

// after reads the words right after a date, and where they come in two parts,
// those before it: "zuletzt am … geändert".
func (s *sentence) after(d date, from int) (found, bool) {
	at := d.end
	for at < len(s.tokens) && s.tokens[at].kind == mark && s.tokens[at].text == "-" { // Hungarian "2023.08.02-től"
		at++
	}
	if at == len(s.tokens) {
		return found{}, false
	}
	for _, p := range s.table.after[s.tokens[at].text] {
		start := d.start - len(p.before)
		if start < from || !s.has(start, p.before) || !s.has(at, p.words) {
			continue
		}
		f := found{start: start, end: at + len(p.words), langs: p.langs}
		f.updated = p.what == updated || p.what == wasUpdated
		f.effective = !f.updated
		if p.what == isEffective && !atStart(s.tokens, start) {
			return f, s.subject(start, from) == theDocument
		}
		return f, s.alone(f)
	}
	return found{}, false
}

// around reads a sentence that begins with a label and ends with a date.
func (s *sentence) around(d date, from int) (found, bool) {
	if len(s.tokens) > mostTokens {
		return found{}, false
	}
	first := s.skip(from)
	if v, ok := s.version(first); ok {
		first = s.skip(v.end)
	}
	if s.has(first, []string{"the"}) {
		first++
	}
	for i, l := range s.labels {
		if l.start < first {
			continue
		}
		if l.start > first || l.end > d.start || l.what == isEffective || l.what == wasUpdated || s.skip(s.afterTime(d.end)) < s.ends() {
			break
		}
		if i+1 < len(s.labels) && s.labels[i+1].end <= d.start && s.labels[i+1].what != l.what {
			break
		}
		f := found{start: l.start, end: d.end, updated: l.what == updated, effective: l.what == effective, langs: l.langs}
		if s.count(l.end, d.start) > mostBetween*2 || s.says(none, l.end, d.start, l.langs) {
			break
		}
		if f.some = s.says(some, l.end, d.start, l.langs) || s.says(only, l.end, d.start, l.langs); f.some {
			return f, true
		}
		for k := l.end; k < d.start; k++ {
			if t := s.tokens[k]; t.kind == number && !t.glued || t.kind == mark && (t.text == "," || t.text == ";") {
				return found{}, false
			}
		}
		if v, ok := s.versionBefore(f.start, from); ok {
			f.start = v.start
		}
		return f, s.alone(f)
	}
	return found{}, false
}

// acts reports whether a label is what somebody did to the document: "we last
// updated these terms on …".
func (s *sentence) acts(l label, d date, from int) bool {
	if l.what != updated || d.start-l.end > 16 {
		return false
	}
	noun := s.nounEnd(l.end, d.start)
	if noun < 0 || s.gap(noun) < d.start {
		return false
	}
	for who := l.start - 1; who >= max(from, l.start-3); who-- {
		if m, ok := s.table.match(we, s.tokens, who); ok && who+m.n == l.start {
			return true
		}
	}
	who := s.clauseStart(l.start, from)
	if l.start-who < 1 || l.start-who > 3 {
		return false
	}
	for _, t := range s.tokens[who:l.start] { // a name
		if t.kind != word || !t.capital {
			return false
		}
	}
	return true
}

// alone reports whether little else stands in the sentence, and nothing that
// names a law.
func (s *sentence) alone(f found) bool {
	if len(s.tokens) > mostTokens {
		return false
	}
	start := f.start
	if v, ok := s.versionBefore(start, 0); ok {
		start = v.start
	}
	end := s.afterTime(f.end)
	if f.updated && !f.effective && atStart(s.tokens, start) && s.begins(end) {
		return !s.says(law, end, min(len(s.tokens), end+mostOthers), f.langs)
	}
	others := s.count(0, start)
	for at := end; at < len(s.tokens); { // what leads elsewhere is not counted
		next := at + 1
		for next < len(s.tokens) && !s.parts(next) {
			next++
		}
		if n := s.count(at, next); n > mostElsewhere*2 || !s.says(elsewhere, at, next, ^langs(0)) {
			others += n
		}
		at = next
	}
	most := mostOthers * 2
	if f.whole {
		most = 0
	}
	return others <= most && !s.says(law, 0, start, f.langs) && !s.says(law, end, len(s.tokens), f.langs)
}

// begins reports whether a token is the first word of another sentence, though
// nothing ends the one before: "Last updated: 17 October 2025 By clicking …", as
// captures of pages have it, which join lines.
func (s *sentence) begins(i int) bool {
	return i < len(s.tokens) && s.tokens[i].kind == word && s.tokens[i].capital && !s.tokens[i].glued
}

// parts reports whether a token begins another part of a sentence.
func (s *sentence) parts(i int) bool {
	return s.tokens[i].kind == mark && strings.Contains("()[]|/:;–—-,", s.tokens[i].text)
}
