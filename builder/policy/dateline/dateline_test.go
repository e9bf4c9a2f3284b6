package dateline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/policysite/policysite/builder/cputime"
)

// say writes statements in few words, each with the words that it takes out.
func say(text string, found []Statement) string {
	var out []string
	for _, s := range found {
		what := ""
		switch {
		case s.Some:
			what = "some "
		case s.Updated && s.Effective:
			what = "both "
		case s.Updated:
			what = "updated "
		case s.Effective:
			what = "effective "
		}
		switch {
		case s.Ambiguous:
			what += "?"
		case s.Day == 0:
			what += fmt.Sprintf("%d-%02d", s.Year, s.Month)
		default:
			what += fmt.Sprintf("%d-%02d-%02d", s.Year, s.Month, s.Day)
		}
		out = append(out, what+" <"+text[s.Start:s.End]+">")
	}
	return strings.Join(out, ", ")
}

// Each clause of the rule, with what it takes and what it leaves.
func TestFind(t *testing.T) {
	const title = "Visitor Charter"
	tests := []struct{ text, want string }{
		// 1. A label right before the date.
		{"Last updated: 14 July 2021", "updated 2021-07-14 <Last updated: 14 July 2021>"},
		{"(last revised, on Friday 14 July 2023)", "updated 2023-07-14 <last revised, on Friday 14 July 2023>"},
		{"Effective as of “July 14, 2021”", "effective 2021-07-14 <Effective as of “July 14, 2021>"},
		{"Our privacy page was last changed at 14 July 2021", "updated 2021-07-14 <was last changed at 14 July 2021>"},
		{"Unmodified 14 July 2021", ""},
		// A label right after it, where the language has it there.
		{"Die Hinweise wurden zuletzt am 3. Mai 2022 überarbeitet.", "updated 2022-05-03 <zuletzt am 3. Mai 2022 überarbeitet>"},
		{"2022年5月3日施行", "effective 2022-05-03 <2022年5月3日施行>"},
		{"14 July 2021 updated", ""},
		// A label at the start, the date at the end.
		{"Last revision of our house rules: 14 July 2021", "updated 2021-07-14 <Last revision of our house rules: 14 July 2021>"},
		{"Effective immediately, all guests leave by 14 July 2021", ""},
		{"Last update of what two three four five six seven eight nine: 14 July 2021", ""},
		// At most eight other words.
		{"one two three four five six seven eight, updated 14 July 2021", "updated 2021-07-14 <updated 14 July 2021>"},
		{"one two three four five six seven eight nine, updated 14 July 2021", ""},
		// A version number before the label, time and zone after the date, and what leads elsewhere do not count.
		{"Version 2.1, effective 14 July 2021 at 9:05 p.m. UTC, one two three four five six seven eight", "effective 2021-07-14 <Version 2.1, effective 14 July 2021 at 9:05 p.m. UTC>"},
		{"Updated 14 July 2021 (view our previous version) | Download as PDF one two three four", "updated 2021-07-14 <Updated 14 July 2021>"},
		// None where the other words name a law.
		{"Data Act, effective 12 September 2025", ""},
		{"Directive in force since 12 September 2025", ""},
		{"Das Gesetz ist gültig ab 1. Mai 2024", ""},
		// 2. The document as the subject, in a sentence of any length.
		{"These visitor terms take effect on 14 July 2021 for everybody who enters the house by the front door, whatever the weather may be on that day.", "effective 2021-07-14 <take effect on 14 July 2021>"},
		{"The following terms of service will be effective from 14 July 2021, whatever anybody may have said about it before that or afterwards.", "effective 2021-07-14 <will be effective from 14 July 2021>"},
		{"Visitor Charter goes into effect on 14 July 2021, whatever anybody may have said about it before that or afterwards.", "effective 2021-07-14 <goes into effect on 14 July 2021>"},
		{"We last updated these terms on 14 July 2021, and one two three four five six seven eight nine ten.", "updated 2021-07-14 <last updated these terms on 14 July 2021>"},
		{"Example Club revised our Code of Conduct on 14 July 2021.", "updated 2021-07-14 <revised our Code of Conduct on 14 July 2021>"},
		{"The fee is effective 14 July 2027.", ""},
		{"The new levy takes effect on 14 July 2027.", ""},
		{"Changes to these terms take effect on 14 July 2027.", ""},
		{"We updated our terms to say so on 14 July 2021, and one two three four five six.", ""},
		{"Die neue Gebühr gilt ab 1. Mai 2027.", ""},
		{"Diese Nutzungsbedingungen treten am 1. Mai 2027 in Kraft.", "effective 2027-05-01 <treten am 1. Mai 2027 in Kraft>"},
		{"Gilt ab 1. Mai 2027", "effective 2027-05-01 <Gilt ab 1. Mai 2027>"},
		{"Новые цены вступают в силу с 1 мая 2027 г.", ""},
		{"Эти правила вступают в силу с 1 мая 2027 г.", "effective 2027-05-01 <вступают в силу с 1 мая 2027 г>"},
		{"This DPA (the “Addendum”) is effective as of 14 July 2021.", "effective 2021-07-14 <is effective as of 14 July 2021>"},
		{"These rules of ours were updated on 1 May 2021 and are effective from 2 June 2021.", "updated 2021-05-01 <were updated on 1 May 2021>"},
		{"These terms were updated on 1 May 2021 and are effective from 2 June 2021.", "updated 2021-05-01 <were updated on 1 May 2021>, effective 2021-06-02 <are effective from 2 June 2021>"},
		{"Effective 14 July 2027, parking will cost more.", ""},
		{"Effective 14 July 2027, these terms will apply.", "effective 2027-07-14 <Effective 14 July 2027>"},
		// The verb says which date it is, not a participle before the noun.
		{"This revised policy takes effect on 14 July 2021.", "effective 2021-07-14 <takes effect on 14 July 2021>"},
		{"La présente charte entre en vigueur le 1er juin 2023.", "effective 2023-06-01 <entre en vigueur le 1er juin 2023>"},
		// 3. A version number right before a date.
		{"Version 1.0.1, October 11, 2018", "updated 2018-10-11 <Version 1.0.1, October 11, 2018>"},
		{"v2 (2018-10-11)", "updated 2018-10-11 <v2 (2018-10-11>"},
		{"Last updated and effective: 14 July 2021", "both 2021-07-14 <Last updated and effective: 14 July 2021>"},
		{"Updated 1 May 2021 and effective 2 June 2021", "updated 2021-05-01 <Updated 1 May 2021>, effective 2021-06-02 <effective 2 June 2021>"},
		// 4. None.
		{"The previous version was updated on 14 July 2021", ""},
		{"Old terms: effective 14 July 2021", ""},
		{"An update to our terms is effective 14 July 2021", ""},
		{"This replaces the version of 14 July 2021", ""},
		{"Effective from 1 May 2021 to 14 July 2021", ""},
		{"Effective 1 May 2021 – 14 July 2021", ""},
		{"Published 14 July 2021", ""},
		{"Approved: 14 July 2021", ""},
		{"Date: 14 July 2021", ""},
		{"14 July 2021", ""},
		{"Effective date in the EEA: 14 July 2021", "some 2021-07-14 <Effective date in the EEA: 14 July 2021>"},
		{"Effective date outside EEA, UK, and Switzerland: 14 July 2021", "some 2021-07-14 <Effective date outside EEA, UK, and Switzerland: 14 July 2021>"},
		{"For guests of today, this policy takes effect on 14 July 2021", "some 2021-07-14 <takes effect on 14 July 2021>"},
		{"In the EEA, this policy takes effect on 14 July 2021", "some 2021-07-14 <takes effect on 14 July 2021>"},
		{"In addition, this policy takes effect on 14 July 2021", "effective 2021-07-14 <takes effect on 14 July 2021>"},
		{"This policy for guests takes effect on 14 July 2021", "some 2021-07-14 <takes effect on 14 July 2021>"},
		// Sentences.
		{"Welcome. Updated 14 July 2021. Read on.", "updated 2021-07-14 <Updated 14 July 2021>"},
		{"One. Updated 14 July 2021. Two. Three.", ""},
		{"Updated 14 July 2021. One. Two. Three. Effective 1 May 2022.", "updated 2021-07-14 <Updated 14 July 2021>, effective 2022-05-01 <Effective 1 May 2022>"},
		{"Stand: 5. Oktober 2021", "updated 2021-10-05 <Stand: 5. Oktober 2021>"},
		{"Privacy NoticeLast updated: 14 July 2021", "updated 2021-07-14 <Last updated: 14 July 2021>"},
		{"Last updated: 14 July 2021 By going on you agree to all that we and our partners wrote here", "updated 2021-07-14 <Last updated: 14 July 2021>"},
		{"Last updated: 14 July 2021 by one of the many people who go on to write all of these pages", ""},
		{"Amended: 14 July 2021 Act on the protection of all those who go on to read these pages", ""},
		{"Effective 14 July 2021 Prices of all that we and our partners sell on these pages will rise", ""},
		// Forms of dates.
		{"Modified: May, 14, 2021", "updated 2021-05-14 <Modified: May, 14, 2021>"},
		{"Updated May, 2021", "updated 2021-05 <Updated May, 2021>"},
		{"Updated 18TH OF MARCH 2021", "updated 2021-03-18 <Updated 18TH OF MARCH 2021>"},
		{"Updated Sept. 3rd, 2021", "updated 2021-09-03 <Updated Sept. 3rd, 2021>"},
		{"Actualizado el 1º de mayo de 2021", "updated 2021-05-01 <Actualizado el 1º de mayo de 2021>"},
		{"Updated 2021.7.4", "updated 2021-07-04 <Updated 2021.7.4>"},
		{"Updated 2021-07-04T10:00:00Z", "updated 2021-07-04 <Updated 2021-07-04T10:00:00Z>"},
		{"시행일: 2021. 7. 4.", "effective 2021-07-04 <시행일: 2021. 7. 4>"},
		{"Stand 03.04.2021", "updated 2021-04-03 <Stand 03.04.2021>"},
		{"Updated 3.4.2021", "updated 2021-04-03 <Updated 3.4.2021>"},
		{"Updated 13/4/2021", "updated 2021-04-13 <Updated 13/4/2021>"},
		{"Updated 4-13-2021", "updated 2021-04-13 <Updated 4-13-2021>"},
		{"Updated 3/4/2021", "updated ? <Updated 3/4/2021>"},
		{"Updated 4/4/2021", "updated 2021-04-04 <Updated 4/4/2021>"},
		{"Mise à jour le 3/4/2021", "updated 2021-04-03 <Mise à jour le 3/4/2021>"},
		{"Updated March 2021", "updated 2021-03 <Updated March 2021>"},
		{"Stand: 03/2021", "updated 2021-03 <Stand: 03/2021>"},
		{"Updated 3/4/21", ""},
		{"Updated 30 February 2021", ""},
		{"Updated 2021-13-01", ""},
		{"آخر تحديث: ١٤ يوليو ٢٠٢١", "updated 2021-07-14 <آخر تحديث: ١٤ يوليو ٢٠٢١>"},
	}
	for _, test := range tests {
		if have := say(test.text, Find(test.text, nil, title)); have != test.want {
			t.Errorf("%s:\nhave %s\nwant %s", test.text, have, test.want)
		}
	}
}

// A line that ends at a hard break stands for itself.
func TestHardBreaks(t *testing.T) {
	const text = "one two three four five Updated 14 July 2021 one two three four five"
	if found := Find(text, nil, ""); len(found) != 0 {
		t.Errorf("without breaks: %s", say(text, found))
	}
	breaks := []int{strings.Index(text, " Updated"), strings.Index(text, " 2021") + len(" 2021")}
	if have := say(text, Find(text, breaks, "")); have != "updated 2021-07-14 <Updated 14 July 2021>" {
		t.Errorf("with breaks: have %s", have)
	}
}

// Every phrase of every language labels a date whose month its own language
// names.
func TestEveryLabel(t *testing.T) {
	for i, newLocale := range locale {
		l := newLocale()
		date := "14. " + l.MonthWide(time.July) + " 2021"
		switch l.Locale() {
		case "zh", "ja":
			date = "2021年7月14日"
		case "ko":
			date = "2021년 7월 14일"
		case "hu":
			date = "2021. július 14."
		}
		n := 0
		for _, of := range []map[string][]phrase{words().labels, words().after} {
			for _, p := range slices.Concat(slices.Collect(maps.Values(of))...) {
				if p.langs&(1<<i) == 0 || p.what != updated && p.what != effective {
					continue
				}
				n++
				text := strings.Join(p.words, " ") + " " + date
				if p.dated {
					text = strings.Join(p.before, " ") + " " + date + " " + strings.Join(p.words, " ")
				}
				if have := say(text, Find(text, nil, "")); !strings.HasPrefix(have, p.what+" 2021-07-14 <") || strings.Contains(have, ">,") {
					t.Errorf("%s: %s: have %s", l.Locale(), text, have)
				}
			}
		}
		if n < 6 {
			t.Errorf("%s has %d labels", l.Locale(), n)
		}
	}
}

// A name means one month whatever the language, and a phrase one thing.
func TestTheDataFileContradictsNothing(t *testing.T) {
	month := map[string]int{}
	for _, newLocale := range locale {
		l := newLocale()
		for _, names := range [][]string{l.MonthsWide(), l.MonthsAbbreviated()} {
			for m, name := range names {
				name = fold(strings.Trim(name, "."))
				if before := month[name]; before != 0 && before != m+1 {
					t.Errorf("%s: %q is month %d and %d", l.Locale(), name, before, m+1)
				}
				month[name] = m + 1
			}
		}
	}
	for first, ps := range words().labels {
		for i, p := range ps {
			for _, o := range ps[:i] {
				if strings.Join(o.words, " ") == strings.Join(p.words, " ") && o.what != p.what {
					t.Errorf("%s: %v is %s and %s", first, p.words, o.what, p.what)
				}
			}
		}
	}
}

// Whatever a text is, statements are in order, do not overlap and end where
// characters do.
func FuzzFind(f *testing.F) {
	for _, s := range []string{"Version 1.4, effective Sept 16, 2022 10:00 UTC", "2021年7月14日から適用", "Stand: 5. Oktober 2021. (These terms) take effect on 1/2/2021"} {
		f.Add(s, 5, "Terms")
	}
	f.Fuzz(func(t *testing.T, text string, brk int, title string) {
		if !utf8.ValidString(text) {
			return
		}
		var breaks []int
		if brk >= 0 && brk < len(text) && text[brk] == ' ' {
			breaks = []int{brk}
		}
		end := 0
		for _, s := range Find(text, breaks, title) {
			if s.Start < end || s.Date < s.Start || s.Date >= s.End || s.End > len(text) || !utf8.ValidString(text[s.Start:s.End]) || s.Month < 1 || s.Month > 12 {
				t.Fatalf("%+v in %q", s, text)
			}
			end = s.End
		}
	})
}

// However a text is made, it is read in proportion to its size.
func TestHostileTextsAreReadInLinearTime(t *testing.T) {
	for name, unit := range map[string]string{
		"no full stop":    "and the year 2021 passed ",
		"dates":           "14 July 2021 ",
		"labels":          "updated ",
		"labelled dates":  "updated 14 July 2021 ",
		"verbs":           "this policy takes effect on 14 July 2021, ",
		"determiners":     "this ",
		"brackets":        "(view 14 July 2021 ",
		"closed brackets": "14 July 2021) is effective ",
		"points":          "2021.",
		"years":           "2021. 1. ",
		"digits":          "20211",
		"versions":        "version 1.1.1.1.1.1 ",
		"marks":           "- dated 14 July 2021 ",
		"wide":            "更新日期2021年7月14日",
	} {
		measure := func(n int) time.Duration {
			text := strings.Repeat(unit, n/len(unit)) + " updated 14 July 2021"
			start := cputime.Used()
			Find(text, nil, strings.Repeat("a title ", 20))
			return cputime.Used() - start
		}
		if took := measure(1 << 18); took > cputime.Second() {
			t.Errorf("%s: %v for 256 KiB", name, took)
		}
	}
}
