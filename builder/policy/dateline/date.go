package dateline

import (
	"strings"
	"time"
)

// date is a date in a sentence, in tokens.
type date struct {
	start, end       int
	year, month, day int
	slashes          bool // both of its numbers may be the month
}

func (s *sentence) findDates() []date {
	var out []date
	for i := 0; i < len(s.tokens); {
		if d, ok := s.date(i); ok {
			out = append(out, d)
			i = d.end
			continue
		}
		i++
	}
	return out
}

// reader reads tokens one after the other.
type reader struct {
	*sentence
	at int
}

func (r *reader) is(k tokenKind) bool { return r.at < len(r.tokens) && r.tokens[r.at].kind == k }

// text reads one of the given words or marks, parted by spaces.
func (r *reader) text(any string) bool {
	if r.at < len(r.tokens) && r.tokens[r.at].kind != number && strings.Contains(" "+any+" ", " "+r.tokens[r.at].text+" ") {
		r.at++
		return true
	}
	return false
}

// number reads a number of up to two digits.
func (r *reader) number(n *int) bool {
	if r.is(number) && r.tokens[r.at].digits <= 2 {
		*n = r.tokens[r.at].n
		r.at++
		return true
	}
	return false
}

func (r *reader) year(n *int) bool {
	if r.is(number) && r.tokens[r.at].digits == 4 && r.tokens[r.at].n >= 1900 && r.tokens[r.at].n < 2100 {
		*n = r.tokens[r.at].n
		r.at++
		return true
	}
	return false
}

func (r *reader) month(n *int) bool {
	if r.is(word) && r.months[r.tokens[r.at].text] > 0 {
		*n = r.months[r.tokens[r.at].text]
		r.at++
		r.text(".")
		return true
	}
	return false
}

// separator reads the mark that stands between two numbers.
func (r *reader) separator() string {
	if r.is(mark) && r.tokens[r.at].glued && strings.Contains("-/.", r.tokens[r.at].text) {
		r.at++
		if sep := r.tokens[r.at-1].text; sep == "." || r.is(number) && r.tokens[r.at].glued {
			return sep
		}
		r.at--
	}
	return ""
}

// again reads the same mark once more.
func (r *reader) again(sep string) bool { return sep != "" && r.separator() == sep }

// ordinal reads what makes a number of a day an ordinal.
func (r *reader) ordinal() {
	if r.at < len(r.tokens) && r.tokens[r.at].glued {
		if !r.text("st nd rd th er ere eme e º ª a o ° .") {
			return
		}
		r.text(".")
	} else {
		r.text("er") // "1 er janvier"
	}
}

// date reads a date that begins at i.
func (s *sentence) date(i int) (date, bool) {
	d := date{start: i}
	r := reader{s, i}
	ok := false
	switch {
	case r.year(&d.year):
		ok = r.fromYear(&d)
	case r.month(&d.month):
		ok = r.fromMonth(&d)
	case r.number(&d.day):
		ok = r.fromDay(&d)
	}
	if !ok || d.month < 1 || d.month > 12 {
		return date{}, false
	}
	if d.day > 0 || d.slashes {
		if t := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC); int(t.Month()) != d.month || t.Day() != d.day {
			return date{}, false
		}
	}
	// Numbers that go on are not those of a date.
	if n := r.at; n+1 < len(s.tokens) && s.tokens[n-1].kind == number && s.tokens[n].glued && s.tokens[n+1].glued &&
		s.tokens[n+1].kind == number && strings.Contains("-/.", s.tokens[n].text) {
		return date{}, false
	}
	r.text("г г. р р. r року года годa году roku")
	d.end = r.at
	if d.end < len(s.tokens) && s.tokens[d.end-1].kind == word && s.tokens[d.end].text == "." && d.end+1 < len(s.tokens) {
		d.end++
	}
	return d, true
}

// fromYear reads on after a year: "2026-03-01", "2026. 3. 1.", "2026年3月1日",
// "2026. március 1."
func (r *reader) fromYear(d *date) bool {
	if r.text("年 년") {
		if !r.number(&d.month) || !r.text("月 월") {
			return false
		}
		at := r.at
		if !r.number(&d.day) || !r.text("日 일 号 號") {
			d.day, r.at = 0, at
		}
		return true
	}
	at := r.at
	if sep := r.separator(); sep != "" && r.number(&d.month) {
		month := r.at
		if r.again(sep) && r.number(&d.day) {
			if r.at < len(r.tokens) && sep == "." && r.tokens[r.at].glued && r.tokens[r.at].text == "." && r.at+1 < len(r.tokens) {
				r.at++
			}
			return d.day > 0
		}
		d.day, r.at = 0, month
		return sep != "."
	}
	r.at = at
	r.text(". ,")
	if !r.month(&d.month) {
		return false
	}
	at = r.at
	if r.number(&d.day) {
		r.ordinal()
	} else {
		r.at = at
	}
	return true
}

// fromMonth reads on after the name of a month: "March 1st, 2026", "March, 1, 2026",
// "March 2026".
func (r *reader) fromMonth(d *date) bool {
	at := r.at
	r.text(",")
	if r.number(&d.day) {
		r.ordinal()
		r.text(",")
		r.text("of de")
		if r.year(&d.year) {
			return d.day > 0
		}
		d.day = 0
	}
	r.at = at
	r.text("-")
	r.text(",")
	r.text("of de del")
	return r.year(&d.year)
}

// fromDay reads on after the number of a day: "1 March 2026", "01.03.2026",
// "3/1/2026".
func (r *reader) fromDay(d *date) bool {
	if d.day == 0 {
		return false
	}
	at := r.at
	if sep := r.separator(); sep != "" {
		if month := 0; r.number(&month) {
			if !r.again(sep) || !r.year(&d.year) {
				return false
			}
			d.month = month
			if sep != "." && month > 12 && d.day <= 12 {
				d.month, d.day = d.day, month
			}
			d.slashes = sep != "." && d.month <= 12 && d.day <= 12 && d.month != d.day
			return d.day > 0
		}
		if sep != "." && r.year(&d.year) { // "03/2026"
			d.month, d.day = d.day, 0
			return true
		}
	}
	r.at = at
	r.ordinal()
	r.text("-")
	r.text("of de den d")
	if !r.month(&d.month) {
		return false
	}
	r.text(",")
	r.text("-")
	r.text("of de del")
	return r.year(&d.year)
}

// inRange reports whether a date is the first of a range.
func (s *sentence) inRange(d date) bool {
	at := s.afterTime(d.end)
	for ; at < len(s.tokens) && s.tokens[at].kind == mark && strings.Contains(")*_,", s.tokens[at].text); at++ {
	}
	if at < len(s.tokens) && s.tokens[at].kind == mark && strings.Contains("-–—~", s.tokens[at].text) {
		at++
	} else if m, ok := s.table.match(ranges, s.tokens, at); ok {
		at += m.n
	} else {
		return false
	}
	_, ok := s.date(s.gap(at))
	return ok
}

// afterTime is where the time and zone end that follow a date: "at 10:00 a.m.
// UTC", "T10:00:00Z".
func (s *sentence) afterTime(at int) int {
	r := reader{s, at}
	r.text(",")
	r.text("at t um a kl ore o")
	hour := 0
	if !r.number(&hour) || hour > 24 {
		return at
	}
	minutes := 0
	clock := false
	for r.at < len(s.tokens) && (s.tokens[r.at].text == ":" || s.tokens[r.at].text == "h") && s.tokens[r.at].glued {
		if r.at++; !r.number(&minutes) {
			break
		}
		clock = true
	}
	if r.text("am pm noon uhr") {
		clock = true
	} else if p := r; p.text("a p") && p.text(".") && p.text("m") {
		p.text(".")
		clock, r = true, p
	}
	if !clock {
		return at
	}
	z := r
	bracket := z.text("(")
	named := z.text("z utc gmt cet cest bst ist est edt cst cdt mst mdt pst pdt et ct mt pt jst kst msk aest aedt eet eest wet west eastern pacific central mez mesz")
	if named {
		z.text("time")
	}
	if z.at+1 < len(s.tokens) && strings.Contains("+-", s.tokens[z.at].text) && s.tokens[z.at].kind == mark && s.tokens[z.at+1].kind == number {
		z.at += 2
		if z.text(":") {
			z.number(&minutes)
		}
		named = true
	}
	if named && (!bracket || z.text(")")) {
		r = z
	}
	return r.at
}
