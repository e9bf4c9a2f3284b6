package policy

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy/dateline"
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

// statement is one date statement: "Version 1.4, effective Sept 16, 2022", from
// its version number or label to the end of its date, time and zone.
type statement struct {
	dateline.Statement
	text     string
	date     Date   // zero where the words and the datetime attribute leave it open
	datetime Date   // what the attribute says otherwise than the words
	log      *Block // the outermost list or table that it stands in, else its paragraph
	line     int    // of the source; 0 when unknown
}

// statementsIn finds those of a leaf.
func statementsIn(leaf, log *Block, title string) []statement {
	var out []statement
	for _, s := range dateline.Find(leaf.Text, leaf.Breaks, title) {
		st := statement{Statement: s, text: leaf.Text[s.Start:s.End], log: log}
		if s.Certain() {
			st.date = Date{s.Year, time.Month(s.Month), s.Day}
		}
		if stated, err := ParseDate(leaf.Datetime[:min(len(leaf.Datetime), len(time.DateOnly))]); err == nil && !s.Some {
			switch {
			case st.date.IsZero():
				st.date = stated
			case st.date != stated:
				st.datetime = stated
			}
		}
		out = append(out, st)
	}
	return out
}

// locate finds the lines of the source that statements stand on: the first with
// the words, else with the date, else with its year.
func locate(statements []statement, source []byte, meta *Meta) {
	if len(statements) == 0 {
		return
	}
	from := 0
	for n := slices.Max(append(slices.Collect(maps.Values(meta.Lines)), 0)); n > 0; n-- { // front matter
		from += bytes.IndexByte(source[from:], '\n') + 1
	}
	for i := range statements {
		s := &statements[i]
		for _, words := range []string{s.text, s.text[s.Date-s.Start:], strconv.Itoa(s.Year)} {
			if at := bytes.Index(source[from:], []byte(words)); at >= 0 {
				s.line = bytes.Count(source[:from+at], []byte("\n")) + 1
				break
			}
		}
	}
}

// declaredIn are the dates that statements declare for a version recorded on a
// day: the first of each kind, and where its list, table or paragraph has more
// of the kind, the latest; of days on which a text takes effect, the latest that
// has come.
func declaredIn(statements []statement, day Date) (d Declared) {
	take := func(is func(*statement) bool, due Date) Date {
		var first *statement
		var latest Date
		for i := range statements {
			s := &statements[i]
			if s.Some || s.date.IsZero() || !is(s) {
				continue
			}
			if first == nil {
				first = s
			}
			if s.log == first.log && s.date.After(latest) && (due.IsZero() || !s.date.After(due)) {
				latest = s.date
			}
		}
		if latest.IsZero() && first != nil {
			return first.date
		}
		return latest
	}
	d.LastUpdated = take(func(s *statement) bool { return s.Updated }, Date{})
	d.Effective = take(func(s *statement) bool { return s.Effective }, day)
	d.LastUpdatedInText, d.EffectiveInText = !d.LastUpdated.IsZero(), !d.Effective.IsZero()
	return d
}

// without is the text without the statements that were found in it.
func without(text string, found []statement) string {
	var b strings.Builder
	at := 0
	for _, s := range found {
		if !s.Some {
			b.WriteString(text[at:s.Start])
			at = s.End
		}
	}
	b.WriteString(text[at:])
	return b.String()
}

// DateNote is something to know of a date that the newest text states.
type DateNote struct {
	Kind  DateNoteKind
	Path  string
	Line  int    // of the source; 0 when unknown
	Words string // of the text
}

// DateNoteKind tells what there is to know.
type DateNoteKind int

const (
	DateComing DateNoteKind = iota // the version does not count before that day
	DateGone                       // the text no longer states the coming day of the version before
	DateOpen                       // the words do not say which day
	DateOfSome                     // it is for some readers only
)

// String says what there is to know.
func (k DateNoteKind) String() string {
	return [...]string{
		DateComing: "a day to come in the text makes the newest version upcoming until then",
		DateGone:   "the text no longer states the coming day of the version before, so that the newest version takes effect at once",
		DateOpen:   "a date in the text leaves the day open and declares nothing",
		DateOfSome: "a date in the text is for some readers only and declares nothing",
	}[k]
}

// Place is where the words are, and the words: `content/privacy.md:4: "Effective 1 May 2030"`.
func (n DateNote) Place() string {
	place := (&Problem{Path: n.Path, Line: n.Line}).Error()
	if n.Words != "" {
		place += strconv.Quote(n.Words)
	}
	return place
}

// states is the statement that a text takes effect on a day; nil without one.
func (t *Text) states(day Date) *statement {
	for i := range t.statements {
		if s := &t.statements[i]; s.Effective && !s.Some && s.date == day {
			return s
		}
	}
	return nil
}

// dateNotes are what to know of the statements that declare nothing.
func (t *Text) dateNotes() (notes []DateNote) {
	for _, s := range t.statements {
		switch {
		case s.Some:
			notes = append(notes, DateNote{Kind: DateOfSome, Line: s.line, Words: s.text})
		case s.date.IsZero():
			notes = append(notes, DateNote{Kind: DateOpen, Line: s.line, Words: s.text})
		}
	}
	return notes
}

// datetimes warns of attributes that say another day than the words.
func (t *Text) datetimes(path string) (ps Problems) {
	for _, s := range t.statements {
		if !s.datetime.IsZero() {
			ps = append(ps, &Problem{
				Path: path, Line: s.line, Warning: true,
				Message: fmt.Sprintf("the text says %q and its datetime attribute says %s; the words count", s.text, s.datetime),
				Hint:    "make the two agree",
			})
		}
	}
	return ps
}
