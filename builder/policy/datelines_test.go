package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
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

// A version declares what its text states, and wording is without it, uncertain
// dates too; what is for some readers only stays.
func TestDateLines(t *testing.T) {
	tests := []struct{ line, want, wording string }{
		{"Last updated: July 14, 2021", "updated 2021-07-14", ""},
		{"Version 1.4, effective Sept 16, 2022", "effective 2022-09-16", ""},
		{"Terms (last updated 1 May 2020) of use", "updated 2020-05-01", "Terms () of use"},
		{"Effective: May 1, 2020. Last updated: June 2, 2020.", "updated 2020-06-02, effective 2020-05-01", ". ."},
		{"Last updated and effective: 1 May 2020", "updated 2020-05-01, effective 2020-05-01", ""},
		{"Last updated: 01/03/2026", "", ""},
		{"Last updated: March 2026", "", ""},
		{"Effective date in the EEA: 1 May 2020", "", "Effective date in the EEA: 1 May 2020"},
		{"Last updated: 30 February 2020", "", "Last updated: 30 February 2020"},
	}
	for _, test := range tests {
		d := paragraphs(test.line)
		have := NewText(nil, Meta{}, d).Declared(day("2022-01-01"))
		if say(have) != test.want {
			t.Errorf("%q declares %q, want %q", test.line, say(have), test.want)
		}
		if have.LastUpdatedInText != !have.LastUpdated.IsZero() || have.EffectiveInText != !have.Effective.IsZero() {
			t.Errorf("%q: not said to be of the text", test.line)
		}
		if have := strings.TrimSuffix(wordingOf(d, ""), "\n"); have != test.wording {
			t.Errorf("%q has the wording %q, want %q", test.line, have, test.wording)
		}
	}
}

// Of several of one kind in a list, a table or a paragraph the latest counts, of
// days on which a text takes effect the latest that has come; else the first.
func TestLogsOfDates(t *testing.T) {
	list := func(lines ...string) Block {
		var items []Block
		for _, l := range lines {
			items = append(items, within(Item, para(l)))
		}
		return within(List, items...)
	}
	tests := []struct {
		name, want string
		blocks     []Block
	}{
		{"a list", "updated 2021-03-01", []Block{list("Updated 1 May 2020", "Updated 1 March 2021", "Updated 1 June 2019")}},
		{"a list of days to come", "effective 2021-05-01", []Block{list("Effective 1 May 2020", "Effective 1 May 2021", "Effective 1 May 2022")}},
		{"a list of nothing but days to come", "effective 2022-05-01", []Block{list("Effective 1 May 2022", "Effective 1 March 2022")}},
		{"a table", "updated 2021-03-01", []Block{within(Table, within(Row, leaf(Cell, "Updated 1 May 2020")), within(Row, leaf(Cell, "Updated 1 March 2021")))}},
		{"a paragraph", "updated 2021-03-01", []Block{para("Updated 1 May 2020. Updated 1 March 2021.")}},
		{"paragraphs", "updated 2020-05-01", []Block{para("Updated 1 May 2020."), para("Updated 1 March 2021.")}},
		{"a line before a list", "updated 2020-05-01", []Block{para("Updated 1 May 2020."), list("Updated 1 March 2021")}},
		{"both kinds", "updated 2021-03-01, effective 2020-05-01", []Block{list("Effective 1 May 2020", "Updated 1 March 2021", "Updated 1 May 2020")}},
	}
	for _, test := range tests {
		if have := say(NewText(nil, Meta{}, inOnePart(test.blocks)).Declared(day("2021-12-31"))); have != test.want {
			t.Errorf("%s: have %s, want %s", test.name, have, test.want)
		}
	}
}

// A datetime attribute fills in what the words leave open, and no more.
func TestDatetimeAttributes(t *testing.T) {
	for _, test := range []struct{ line, datetime, want, warning string }{
		{"Effective May 2025", "2025-05-04", "effective 2025-05-04", ""},
		{"Effective 05/04/2025", "2025-05-04T10:00:00Z", "effective 2025-05-04", ""},
		{"Effective May 4, 2025", "2025-05-05", "effective 2025-05-04", "3: the text says \"Effective May 4, 2025\" and its datetime attribute says 2025-05-05; the words count"},
		{"Effective May 2025", "soon", "", ""},
		{"Words", "2025-05-04", "", ""},
	} {
		b := para(test.line)
		b.Datetime = test.datetime
		text := NewText([]byte("# T\n\n"+test.line), Meta{}, inOnePart([]Block{b}))
		warning := ""
		for _, p := range text.datetimes("a") {
			warning += strings.TrimPrefix(p.Error(), "a:")
		}
		if have := say(text.Declared(Date{})); have != test.want || warning != test.warning {
			t.Errorf("%s, %s: have %q and %q", test.line, test.datetime, have, warning)
		}
	}
}

// What there is to know of the dates of the newest text, with line and words.
func TestDateNotes(t *testing.T) {
	text := func(source string) *Text {
		var blocks []Block
		for b := range strings.SplitSeq(source, "\n\n") {
			blocks = append(blocks, para(strings.ReplaceAll(b, "*", "")))
		}
		return NewText([]byte(source), Meta{}, inOnePart(blocks))
	}
	const at = "2021-06-01"
	tests := []struct {
		name  string
		texts []string // of versions, each recorded a day after the one before, the last on at
		from  string
		want  []DateNote
	}{
		{"a day to come", []string{"Words.", "Words.\n\n**Effective** 1 July 2021"}, "2021-07-01", []DateNote{{DateComing, "a.md", 3, "Effective 1 July 2021"}}},
		{"no longer stated", []string{"Effective 1 July 2021", "Words."}, at, []DateNote{{DateGone, "a.md", 0, "2021-07-01"}}},
		{"another day to come", []string{"Effective 1 July 2021", "Effective 1 August 2021"}, "2021-08-01", []DateNote{{DateComing, "a.md", 1, "Effective 1 August 2021"}}},
		{"the same day to come", []string{"Effective 1 July 2021", "More.\n\nEffective 1 July 2021"}, "2021-07-01", []DateNote{{DateComing, "a.md", 3, "Effective 1 July 2021"}}},
		{"left open", []string{"Updated May 2021\n\nEffective 1/7/2021"}, at, []DateNote{{DateOpen, "a.md", 1, "Updated May 2021"}, {DateOpen, "a.md", 3, "Effective 1/7/2021"}}},
		{"for some", []string{"Effective date for guests: 1 July 2021"}, at, []DateNote{{DateOfSome, "a.md", 1, "Effective date for guests: 1 July 2021"}}},
		{"nothing", []string{"Effective 1 May 2021", "Effective 1 May 2021\n\nMore."}, at, nil},
	}
	for _, test := range tests {
		timeline := NewTimeline(TimelineOptions{Zone: time.UTC})
		for i, source := range test.texts {
			recorded := time.Date(2021, 6, 1-len(test.texts)+1+i, 12, 0, 0, 0, time.UTC)
			timeline.Add(Revision{Blob: fmt.Sprint(i), Path: "a.md", Step: i}, Step{Committed: recorded}, text(source), nil)
		}
		if have := timeline.DateNotes(day(at)); !slices.Equal(have, test.want) {
			t.Errorf("%s: have %v, want %v", test.name, have, test.want)
		}
		life := timeline.Finish(day("2030-01-01"), true)
		if have := life.Versions[len(life.Versions)-1].InForce.From; have != day(test.from) {
			t.Errorf("%s: in force from %s, want %s", test.name, have, test.from)
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
			found := say(NewText(nil, Meta{}, d).Declared(Date{})) != ""
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
		if have := say(NewText(nil, Meta{}, d).Declared(Date{})); have != test.want {
			t.Errorf("%s: %q, want %q", test.name, have, test.want)
		}
	}
}

// Front matter speaks first, for each of the two dates by itself.
func TestFrontMatterDatesWinOverLines(t *testing.T) {
	d := paragraphs("Last updated: 2020-01-01", "Effective: 2020-02-02")
	have := NewText(nil, Meta{OfVersion: OfVersion{Effective: day("2021-03-03")}}, d).Declared(Date{})
	want := Declared{LastUpdated: day("2020-01-01"), LastUpdatedInText: true, Effective: day("2021-03-03")}
	if have != want {
		t.Errorf("have %+v\nwant %+v", have, want)
	}
}
