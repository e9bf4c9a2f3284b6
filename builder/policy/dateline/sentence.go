package dateline

import "strings"

// sentence is a sentence being read.
type sentence struct {
	*table
	tokens []token
	title  string
	dates  []date
	labels []label
	said   bool   // the statement before has the document as its subject
	stated []bool // of each token: it is of a label that stands right before its date
}

// label is a label of a sentence, in tokens.
type label struct {
	start, end int
	what       string
	langs      langs
	whole      bool // see found
}

// findLabels finds the labels from left to right, each the longest there is.
func (s *sentence) findLabels() []label {
	var out []label
	for i := 0; i < len(s.tokens); {
		m, ok := longest(s.table.labels, s.tokens, i)
		if !ok {
			i++
			continue
		}
		out = append(out, label{i, i + m.n, m.what, m.langs, m.start})
		i += m.n
	}
	return out
}

func (s *sentence) has(i int, ws []string) bool { return hasWords(s.tokens, i, ws) }

// says reports whether one of some words stands in [from, to): one of the given
// languages, or of English.
func (s *sentence) says(what string, from, to int, of langs) bool {
	for i := from; i < to; i++ {
		if m, ok := s.table.match(what, s.tokens, i); ok && i+m.n <= to && m.langs&(of|english) != 0 {
			return true
		}
	}
	return false
}

// gap is where what may stand between a label and its date ends: punctuation,
// prepositions, "is", a weekday.
func (s *sentence) gap(at int) int {
	for n := 0; at < len(s.tokens) && n < 12; n++ {
		t := s.tokens[at]
		m, ok := s.table.match(between, s.tokens, at)
		switch {
		case ok:
			at += m.n
		case t.kind == mark && t.text != ".", t.kind == word && s.days[t.text]:
			at++
		case t.kind == mark && n > 0 && s.tokens[at-1].kind == word: // "pr."
			at++
		default:
			return at
		}
	}
	return at
}

// joined reports whether nothing but "and" or a mark joins what ends and what
// begins there.
func (s *sentence) joined(from, to int) bool {
	for n := 0; from < to; n++ {
		if t := s.tokens[from]; t.kind == mark && strings.Contains(",/&+|:", t.text) {
			from++
		} else if m, ok := s.table.match(and, s.tokens, from); ok {
			from += m.n
		} else {
			return false
		}
		if n == 2 {
			return false
		}
	}
	return from == to
}

// findStated fills in stated.
func (s *sentence) findStated() {
	s.stated = make([]bool, len(s.tokens))
	d := 0
	for _, l := range s.labels {
		for d < len(s.dates) && s.dates[d].start < l.end {
			d++
		}
		if d < len(s.dates) && s.gap(l.end) >= s.dates[d].start {
			for i := l.start; i < s.dates[d].end; i++ {
				s.stated[i] = true
			}
		}
	}
}

// count counts the words that state no date, in halves: a character of a script
// that writes no spaces is half a word.
func (s *sentence) count(from, to int) (halves int) {
	for i := from; i < to; i++ {
		switch t := s.tokens[i]; {
		case s.stated[i] || t.kind == mark || t.text == "n" && i+1 < to && s.tokens[i+1].kind == mark: // "n°"
		case t.wide:
			halves++
		case !t.glued || s.tokens[i-1].kind == mark && !strings.Contains(".,-/:", s.tokens[i-1].text):
			halves += 2
		}
	}
	return halves
}

// skip is the first token from i on that is not a mark.
func (s *sentence) skip(i int) int {
	for i < len(s.tokens) && s.tokens[i].kind == mark {
		i++
	}
	return i
}

// ends is where the sentence ends but for what leads elsewhere in brackets or
// behind a line.
func (s *sentence) ends() int {
	for i, t := range s.tokens {
		if t.kind == mark && strings.Contains("([|", t.text) && s.says(elsewhere, i, len(s.tokens), ^langs(0)) {
			return i
		}
	}
	return len(s.tokens)
}

// clauseOf is where the clause begins that a token stands in, or what is looked at
// of it.
func (s *sentence) clauseOf(i int) int {
	first := max(0, i-mostTokens)
	for i--; i >= first; i-- {
		if t := s.tokens[i]; t.kind == mark && t.text == ";" {
			return i + 1
		}
	}
	return first
}

// clauseStart is where the words right before i begin that no mark parts.
func (s *sentence) clauseStart(i, from int) int {
	at := i
	for at > from && i-at < 4 && s.tokens[at-1].kind == word {
		at--
	}
	return at
}

// version reads a version number at i: "Version 1.4", "v2", "n° 30".
func (s *sentence) version(i int) (label, bool) {
	m, ok := s.table.match(versions, s.tokens, i)
	if !ok {
		return label{}, false
	}
	at := i + m.n
	for at < len(s.tokens) && (s.tokens[at].kind == mark && strings.Contains(".:#°º№", s.tokens[at].text) ||
		s.tokens[at].kind == word && strings.Contains(" n no nr º o ", " "+s.tokens[at].text+" ")) {
		at++
	}
	if at == len(s.tokens) || s.tokens[at].kind != number || s.tokens[at].digits > 3 {
		return label{}, false
	}
	for at++; at+1 < len(s.tokens) && s.tokens[at].glued && s.tokens[at].text == "." && s.tokens[at+1].glued && s.tokens[at+1].kind == number; {
		at += 2
	}
	return label{start: i, end: at, langs: m.langs}, true
}

// versionBefore reads a version number that ends right before i.
func (s *sentence) versionBefore(i, from int) (label, bool) {
	for start := i - 2; start >= max(from, i-16); start-- {
		if v, ok := s.version(start); ok && v.end <= i {
			gap := v.end
			for gap < i && (s.tokens[gap].kind == mark) {
				gap++
			}
			return v, gap == i || s.gap(gap) >= i
		}
	}
	return label{}, false
}

// subject tells of the words right before a verb.
type subject int

const (
	something   subject = iota
	theDocument         // "this policy"
	forSome             // "this policy for users in the EEA"
)

// mostNoun is how many tokens a document may be named with.
const mostNoun = 14

// subject reads the words that end right before a verb.
func (s *sentence) subject(verb, from int) subject {
	end := verb
	if end > from && s.tokens[end-1].text == ")" { // (“Terms”)
		for end--; end > max(from, verb-mostNoun) && s.tokens[end].text != "("; end-- {
		}
	}
	for end > from && s.tokens[end-1].kind == mark && strings.Contains("*_”\"’»", s.tokens[end-1].text) {
		end--
	}
	if s.isTitle(end, from) || s.said && end > from && end-from <= 2 && s.joined(from, end) { // "… and is effective from"
		return theDocument
	}
	for at := end - 1; at >= max(from, end-mostNoun); at-- {
		d, ok := s.table.match(determiner, s.tokens, at)
		if !ok || at > from && s.hangs(at-1) {
			continue
		}
		switch noun := s.nounEnd(at, end); {
		case noun == end && s.leadIn(from, at, d.langs):
			return forSome
		case noun == end:
			return theDocument
		case noun > 0 && s.says(some, noun, noun+1, d.langs):
			return forSome
		}
	}
	return something
}

// leadIn reports whether the words before the document and a comma limit what is
// said to some readers: "For existing customers, these terms take effect on …".
// An "in" alone is not enough: "In addition, …".
func (s *sentence) leadIn(from, document int, l langs) bool {
	if document == from || s.tokens[document-1].text != "," {
		return false
	}
	for i := document - 2; i >= from && s.tokens[i].kind == word; i-- {
		if s.tokens[i].text != "in" && s.says(some, i, i+1, l) {
			return true
		}
	}
	return false
}

// hangs reports whether a word makes what follows it part of something else:
// "changes to these terms".
func (s *sentence) hangs(i int) bool {
	_, ok := s.table.match(part, s.tokens, i)
	return ok
}

// isTitle reports whether the text's title stands right before end.
func (s *sentence) isTitle(end, from int) bool {
	if len(s.title) > 200 {
		return false
	}
	title := tokens(s.title)
	start := end - len(title)
	if len(title) == 0 || start < from {
		return false
	}
	for i, t := range title {
		if t.text != s.tokens[start+i].text || t.n != s.tokens[start+i].n {
			return false
		}
	}
	return start == from || s.tokens[start-1].kind == mark || s.says(determiner, start-1, start, english)
}

// nounEnd is where what names the document ends that begins at a determiner,
// "these Terms of Service", -1 when it is something else.
func (s *sentence) nounEnd(at, limit int) int {
	d, ok := s.table.match(determiner, s.tokens, at)
	if !ok {
		return -1
	}
	article := d.langs&english != 0 && s.tokens[at].text == "the"
	noun, others := -1, 0
	for i := at + d.n; i < limit; {
		t := s.tokens[i]
		n := s.noun(i, d.langs)
		if m, ok := s.table.match(adjective, s.tokens, i); ok && n == 0 && m.langs&d.langs != 0 {
			i += m.n
			if noun >= 0 {
				noun = i
			}
			continue
		}
		switch {
		case n > 0:
			i += n
			noun, others = i, 0
			continue
		case t.kind == mark && strings.Contains("&/“\"«*_’'", t.text):
		case t.kind == number && noun == i: // "version 3.0"
			for noun++; noun+1 < limit && s.tokens[noun].text == "." && s.tokens[noun+1].kind == number; {
				noun += 2
			}
			i = noun
			continue
		case t.kind == mark:
			return noun
		case noun < 0:
			if s.hangs(i) && s.of(i, d.langs) == 0 || article && others == 2 || others == 6 {
				return -1
			}
			others++
		case others > 0 || s.of(i, d.langs) > 0: // "… of Service and Agreement"
			if others++; others > 5 {
				return noun
			}
			if n := s.of(i, d.langs); n > 0 {
				i += n
				continue
			}
			if !s.joined(i, i+1) {
				noun = i + 1
			}
		case s.joined(i, i+1) && s.joins(i+1, limit, d.langs):
		default:
			return noun
		}
		i++
	}
	if noun > 0 && s.says(law, at, noun, d.langs) && !s.has(noun-2, []string{"by", "law"}) {
		return -1
	}
	return noun
}

// joins reports whether another name of the document follows: "terms and
// conditions".
func (s *sentence) joins(i, limit int, of langs) bool {
	for ; i < limit && s.tokens[i].kind == word; i++ {
		if s.noun(i, of) > 0 {
			return true
		}
	}
	return false
}

// of is how many tokens at i go on naming the document: "terms of service".
func (s *sentence) of(i int, l langs) int {
	if m, ok := s.table.match(of, s.tokens, i); ok && m.langs&l != 0 {
		return m.n
	}
	return 0
}

// noun is how many tokens at i are a word for a document.
func (s *sentence) noun(i int, of langs) int {
	if m, ok := s.table.match(document, s.tokens, i); ok && m.langs&of != 0 {
		return m.n
	}
	for _, p := range s.table.endings {
		if p.langs&of != 0 && strings.HasSuffix(s.tokens[i].text, p.words[0]) {
			return 1
		}
	}
	return 0
}
