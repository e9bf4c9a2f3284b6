package policy

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func paragraphs(texts ...string) *Document {
	var blocks []Block
	for _, s := range texts {
		blocks = append(blocks, para(s))
	}
	return inOnePart(blocks)
}

// say writes declared dates in few words: "updated 2021-07-14 in text".
func say(d Declared) string {
	var out []string
	if !d.LastUpdated.IsZero() {
		out = append(out, "updated "+d.LastUpdated.String())
	}
	if !d.Effective.IsZero() {
		out = append(out, "effective "+d.Effective.String())
	}
	return strings.Join(out, ", ")
}

// Date lines, what they declare, and what wording keeps of them.
func TestDateLines(t *testing.T) {
	tests := []struct{ line, want, wording string }{
		// English.
		{"Last updated: July 14, 2021", "updated 2021-07-14", ""},
		{"effective August 29, 2011", "effective 2011-08-29", ""},
		{"Version 1.4, effective Sept 16, 2022", "effective 2022-09-16", ""},
		{"last revised: 2019-03-20 20:48 edt", "updated 2019-03-20", ""},
		{"Effective date: 2011-08-29", "effective 2011-08-29", ""},
		{"EFFECTIVE DATE: MAY 25TH, 2018", "effective 2018-05-25", ""},
		{"Last updated on Wednesday, 3 March 2021 at 9:05 p.m. UTC", "updated 2021-03-03", ""},
		{"Last Updated – Jan. 1, 2020.", "updated 2020-01-01", "."},
		{"Date of last revision: 1st of February 2020", "updated 2020-02-01", ""},
		{"Last modified 2020/2/9", "updated 2020-02-09", ""},
		{"Revised 31/12/2020", "updated 2020-12-31", ""},
		{"Revised 12/31/2020", "updated 2020-12-31", ""},
		{"Revised 05.05.2020", "updated 2020-05-05", ""},
		{"These terms take effect from 1 May 2020", "", "These terms take effect from 1 May 2020"},
		{"This policy takes effect on 1 May 2020 for you", "effective 2020-05-01", "This policy for you"},
		{"In force since 2020-05-01", "effective 2020-05-01", ""},
		{"v2.1 (updated 2020-05-01)", "updated 2020-05-01", ")"},
		{"Version 3 · Last updated: 2020-05-01T10:00:00Z", "updated 2020-05-01", ""},
		{"Last updated: 2020-05-01 10:00 +02:00 by us", "updated 2020-05-01", "by us"},
		{"Terms (last updated 1 May 2020) of use", "updated 2020-05-01", "Terms () of use"},
		{"“Effective Date: May 1, 2020”", "effective 2020-05-01", "“”"},
		{"Effective: May 1, 2020. Last updated: June 2, 2020.", "updated 2020-06-02, effective 2020-05-01", ". ."},
		{"Version 2019.1, effective 2020-05-01", "effective 2020-05-01", ""},
		{"Effective 1 May 2020, and last updated on Wednesday, September 16, 2020 at 20:48 EDT", "updated 2020-09-16, effective 2020-05-01", ", and"},
		// The first of a kind counts, all are removed from wording.
		{"Effective 1 May 2020; effective 1 May 2021", "effective 2020-05-01", ";"},
		// Other languages.
		{"Zuletzt aktualisiert am 14. Juli 2021", "updated 2021-07-14", ""},
		{"Stand: 1. März 2020", "updated 2020-03-01", ""},
		{"Gültig ab 1. Jänner 2020", "effective 2020-01-01", ""},
		{"In Kraft seit 01.02.2020", "", "In Kraft seit 01.02.2020"}, // day or month first?
		{"In Kraft seit 25.02.2020", "effective 2020-02-25", ""},
		{"Dernière mise à jour : 1er août 2021", "updated 2021-08-01", ""},
		{"Date d’entrée en vigueur : 3 décembre 2021", "effective 2021-12-03", ""},
		{"Última actualización: 5 de septiembre de 2021", "updated 2021-09-05", ""},
		{"Fecha de entrada en vigor: 5 de enero del 2021", "effective 2021-01-05", ""},
		{"Laatst bijgewerkt op 7 maart 2021", "updated 2021-03-07", ""},
		{"Ingangsdatum: 7 mei 2021", "effective 2021-05-07", ""},
		// Not guessed, or no statement of the text about itself.
		{"Last updated: 01/03/2026", "", "Last updated: 01/03/2026"},
		{"Last updated: 1.3.2026", "", "Last updated: 1.3.2026"},
		{"Last updated: 30 February 2020", "", "Last updated: 30 February 2020"},
		{"Last updated: 2020-13-01", "", "Last updated: 2020-13-01"},
		{"Last updated: May 2020", "", "Last updated: May 2020"},
		{"Last updated: Foo 3, 2020", "", "Last updated: Foo 3, 2020"},
		{"Last updated: 3 May 12020", "", "Last updated: 3 May 12020"},
		{"July 14, 2021", "", "July 14, 2021"},
		{"The Act of 1 May 2020, as amended 2 May 2021, applies.", "", "The Act of 1 May 2020, as amended 2 May 2021, applies."},
		{"An unmodified 2020-05-01 copy", "", "An unmodified 2020-05-01 copy"},
		{"Non·effective 2020-05-01, or éffective 2020-05-02", "effective 2020-05-01", "Non·, or éffective 2020-05-02"},
	}
	for _, test := range tests {
		d := paragraphs(test.line)
		text := NewText(nil, Meta{}, d)
		if have := say(text.Declared()); have != test.want {
			t.Errorf("%q declares %q, want %q", test.line, have, test.want)
		}
		if dates := text.Declared(); dates.LastUpdatedInText != !dates.LastUpdated.IsZero() || dates.EffectiveInText != !dates.Effective.IsZero() {
			t.Errorf("%q: not said to stand in the text: %+v", test.line, dates)
		}
		if have := strings.TrimSuffix(wordingOf(d, ""), "\n"); have != test.wording {
			t.Errorf("%q has the wording %q, want %q", test.line, have, test.wording)
		}
	}
}

// A statement is found in whatever company it stands.
func TestDateLineDoesNotDependOnItsNeighbours(t *testing.T) {
	statements := []string{
		"Version 1.4, effective Sept 16, 2022", "Last updated on Wednesday, September 16, 2020 at 20:48:07 UTC+10",
		"last revised: 2019-03-20 20:48 edt", "Effective date: 2011-08-29", "Dernière mise à jour : 1er août 2021",
	}
	between := []string{". ", " — ", " © 2020 Example GmbH. ", strings.Repeat(" lorem", 40) + " ", " 2001 2002 2003 "}
	for _, a := range statements {
		for _, b := range statements {
			for _, gap := range between {
				text := a + gap + b
				var have []string
				for _, s := range findStatements(text) {
					have = append(have, s.text)
					if s.text != text[s.start:s.end] {
						t.Errorf("%q: span of %q is %q", text, s.text, text[s.start:s.end])
					}
				}
				if len(have) != 2 || have[0] != a || have[1] != b {
					t.Errorf("%q: found %q", text, have)
				}
			}
		}
	}
}

// Date lines count in the first and the last ten blocks, and in the ten after
// the first level-1 heading.
func TestDateLineWindows(t *testing.T) {
	const blocks, heading = 60, 25
	for _, titled := range []bool{false, true} {
		var have []int
		for at := range blocks {
			d := &Document{}
			for i := range blocks {
				b := Block{Kind: Paragraph, Text: fmt.Sprintf("Clause %d.", i)}
				switch {
				case i == at:
					b.Text = "Last updated: 2021-07-14"
				case i == heading && titled, i == heading+15 && titled:
					b.Kind, b.Level = Heading, 1
				case i == 12:
					b.Kind, b.Level = Heading, 2
				}
				if i%7 == 0 {
					d.Parts = append(d.Parts, &Part{})
				}
				part := d.Parts[len(d.Parts)-1]
				part.Blocks = append(part.Blocks, b)
			}
			found := say(NewText(nil, Meta{}, d).Declared()) != ""
			if found {
				have = append(have, at)
			}
			if kept := strings.Contains(wordingOf(d, ""), "2021-07-14"); kept == found {
				t.Errorf("block %d: recognized %v, and in the wording %v", at, found, kept)
			}
		}
		var want []int
		for i := range blocks {
			// With the heading's own block taken by the line, the next one counts.
			first := heading
			if i == heading {
				first = heading + 15
			}
			if i < 10 || i >= blocks-10 || titled && i > first && i <= first+10 {
				want = append(want, i)
			}
		}
		if fmt.Sprint(have) != fmt.Sprint(want) {
			t.Errorf("with a level-1 heading %v:\nhave %v\nwant %v", titled, have, want)
		}
	}
}

// Nested blocks of the windows count, code does not.
func TestDateLinesInBlocks(t *testing.T) {
	line := Block{Kind: Paragraph, Text: "Effective: 2021-07-14"}
	tests := []struct {
		name  string
		block Block
		want  string
	}{
		{"heading", Block{Kind: Heading, Level: 2, Text: "Effective: 2021-07-14"}, "effective 2021-07-14"},
		{"quote", Block{Kind: Quote, Children: []Block{line}}, "effective 2021-07-14"},
		{"list", Block{Kind: List, Children: []Block{{Kind: Item, Children: []Block{line}}}}, "effective 2021-07-14"},
		{"table", Block{Kind: Table, Children: []Block{{Kind: Row, Children: []Block{{Kind: Cell, Text: "Effective: 2021-07-14"}}}}}, "effective 2021-07-14"},
		{"cells apart", Block{Kind: Table, Children: []Block{{Kind: Row, Children: []Block{{Kind: Cell, Text: "Effective:"}, {Kind: Cell, Text: "2021-07-14"}}}}}, ""},
		{"code", Block{Kind: Code, Text: "Effective: 2021-07-14"}, ""},
	}
	for _, test := range tests {
		d := inOnePart([]Block{test.block})
		if have := say(NewText(nil, Meta{}, d).Declared()); have != test.want {
			t.Errorf("%s: %q, want %q", test.name, have, test.want)
		}
	}
}

// Front matter speaks first, for each of the two dates by itself.
func TestFrontMatterDatesWinOverLines(t *testing.T) {
	d := paragraphs("Last updated: 2020-01-01", "Effective: 2020-02-02")
	have := NewText(nil, Meta{OfVersion: OfVersion{Effective: day("2021-03-03")}}, d).Declared()
	want := Declared{LastUpdated: day("2020-01-01"), LastUpdatedInText: true, Effective: day("2021-03-03")}
	if have != want {
		t.Errorf("have %+v\nwant %+v", have, want)
	}
}

// everywhere is datePattern, to be found anywhere.
var everywhere = regexp.MustCompile(strings.TrimPrefix(datePattern.String(), "^"))

// statementsByPattern is what findStatements finds, by the expression alone.
func statementsByPattern(text string) (out []foundStatement) {
	after := 0
	for year := indexYear(text, 0); year >= 0; {
		start, end := clip(text, max(after, year-yearReachBefore)), clip(text, min(len(text), year+yearReachAfter))
		next := year + 4
		for _, m := range everywhere.FindAllStringSubmatchIndex(text[start:end], -1) {
			date, ok := readDate(text[start:end], m)
			if ok && start+yearOf(m) == year && wordStart(text, start+m[0]) {
				out = append(out, foundStatement{statement{text[start+m[0] : start+m[1]], m[2*labelEffective] >= 0, date}, start + m[0], start + m[1]})
				after = start + m[1]
				next = max(next, after)
			}
		}
		year = indexYear(text, next)
	}
	return out
}

// matching writes a text that an expression matches, each of its alternatives
// and of the cases of its letters as likely as the others.
func matching(rng *rand.Rand, b *strings.Builder, re *syntax.Regexp) {
	times := func(least, most int) {
		for range least + rng.IntN(most-least+1) {
			matching(rng, b, re.Sub[0])
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			for range rng.IntN(4) {
				r = unicode.SimpleFold(r)
			}
			b.WriteRune(r)
		}
	case syntax.OpCharClass:
		pair := 2 * rng.IntN(min(len(re.Rune)/2, 12))
		b.WriteRune(re.Rune[pair] + rng.Int32N(re.Rune[pair+1]-re.Rune[pair]+1))
	case syntax.OpCapture:
		matching(rng, b, re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			matching(rng, b, sub)
		}
	case syntax.OpAlternate:
		matching(rng, b, re.Sub[rng.IntN(len(re.Sub))])
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpStar:
		times(0, 2)
	case syntax.OpPlus:
		times(1, 2)
	case syntax.OpRepeat:
		times(re.Min, re.Max)
	}
}

// Wherever a statement stands and however it is written, it is found as the
// expression finds it when it is tried everywhere.
func TestFindsWhatTheExpressionFinds(t *testing.T) {
	tree, err := syntax.Parse(everywhere.String(), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	dates := []string{"1 May 2020", "May 1, 2020", "2020-05-01", "31.12.2020", "1er août 2021", "30 February 2020", "2020-0-0", "March 2020", "2020"}
	between := []string{" ", "", ", ", ". ", "x", " a.m. ", " T10:00 ", " version ", " v2 ", " in ", " stand ", " date ", " on ", ",,,TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT 10:00 ", strings.Repeat("–", 50), strings.Repeat(" ab", 45), "\u212a", "ſ", "\xc3"}
	found, pieces := 0, 0
	for range 4_000 {
		var b strings.Builder
		for range 1 + rng.IntN(4) {
			switch rng.IntN(4) {
			case 0:
				b.WriteString(dates[rng.IntN(len(dates))])
			case 1:
				b.WriteString(between[rng.IntN(len(between))])
			default:
				var s strings.Builder
				matching(rng, &s, tree)
				one := s.String()
				if rng.IntN(2) == 0 { // with a date that is one
					if loc := yearPattern.FindStringIndex(one); loc != nil {
						one = one[:loc[0]] + dates[rng.IntN(4)]
					}
				}
				b.WriteString(one)
				pieces++
			}
		}
		text := b.String()
		have, want := findStatements(text), statementsByPattern(text)
		if !slices.Equal(have, want) {
			t.Fatalf("%q:\nhave %+v\nwant %+v", text, have, want)
		}
		found += len(have)
	}
	if found < pieces/20 {
		t.Errorf("only %d statements in %d texts", found, pieces)
	}
}

// yearPattern finds where the date of a match begins, roughly.
var yearPattern = regexp.MustCompile(`\d{1,2}[^\d\s]{0,3}\s*\pL*\D{0,8}(19|20)\d\d|(19|20)\d\d|\pL{3,10}\.?\s+\d`)

func FuzzFindStatements(f *testing.F) {
	f.Add("Version 1.4, effective Sept 16, 2022")
	f.Add("last revised: 2019-03-20 20:48 edt, effective 30 February 2020 10:00 last updated 1 May 2021")
	f.Add("Dernière mise à jour : 1er août 2021")
	f.Fuzz(func(t *testing.T, text string) {
		if have, want := findStatements(text), statementsByPattern(text); !slices.Equal(have, want) {
			t.Errorf("%q:\nhave %+v\nwant %+v", text, have, want)
		}
	})
}

// Long blocks of what costs most: statements, and what looks like them until
// its end.
func BenchmarkFindStatements(b *testing.B) {
	const size = 1 << 20
	for _, test := range []struct{ name, text string }{
		{"Words", "We keep what you send us for as long as it takes, in logs of the last days. "},
		{"Statements", "Last updated: July 14, 2021. "},
		{"Years", "effective 2020 "},
		{"NoDates", "stand 2020-0-0 "},
		{"NoMonths", "in 1 Foo 2020 "},
		{"NoWords", "xstand 2020-1-1 "},
		{"Versions", "v1 v2 v3 1 May 2020 "},
	} {
		b.Run(test.name, func(b *testing.B) {
			text := strings.Repeat(test.text, size/len(test.text))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				findStatements(text)
			}
		})
	}
}
