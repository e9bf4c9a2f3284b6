package policy

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Kind says what made a revision or a version differ from what stood before.
type Kind string

// Kinds of versions. Where several differ, the first of Wording, Dates, Links
// and Formatting names the version.
const (
	Initial    Kind = "initial"
	Wording    Kind = "wording"
	Dates      Kind = "dates"      // only declared dates or date lines of the text
	Links      Kind = "links"      // only link or image targets
	Formatting Kind = "formatting" // nothing but mark-up
	Restored   Kind = "restored"   // back after it was withdrawn or a draft
)

// Kinds of revisions that start no version.
const (
	Source    Kind = "source" // nothing a reader can see
	Move      Kind = "move"   // path only
	Draft     Kind = "draft"
	Withdrawn Kind = "withdrawn"
	Unread    Kind = "unread" // the text lives on in a format that is not read
)

// What an author says of a version.
const (
	Material  = "material"
	Minor     = "minor"
	Editorial = "editorial"
)

// Status of a policy on the day the site is built for.
type Status string

const (
	StatusInForce   Status = "in-force"
	StatusUpcoming  Status = "upcoming" // recorded, and no version in force yet
	StatusWithdrawn Status = "withdrawn"
)

// Policy is one policy with all its versions, resolved for one day. It holds
// facts and no texts, so that all policies of a site fit into memory together.
type Policy struct {
	Place
	Title       string // of the built commit; of a policy that is gone, of its last version
	Description string
	Weight      int
	Layout      string // front matter layout: the name of a template of the user's; "" for the theme's
	Status      Status
	Versions    []Version // oldest first; never empty
	Current     int       // index of the version in force; -1 when none is
	Origins     []Origin  // of the text that Shown names; nil where that cannot be read
	Gone        Date      // the recorded day since which the policy is not at the built commit; zero when it is
	Unread      bool      // it is gone since then because it is kept in a format that is not read
	NextChange  Date      // the next day on which another version, or none, is in force; zero when none is known

	// Stood maps a former URL to the last step of the chain at which the policy came to
	// stand there, or to ByText if its text states the URL. Those that only the previous
	// site knows are not in it.
	Stood map[string]int
}

// ByText is later than any step of the chain.
const ByText = math.MaxInt

// Place is where a policy stands: in the repository and on the site.
type Place struct {
	ID            string         // "privacy", "terms/eu", "id/privacy"
	Path          string         // relative to the repository root, with slashes
	URL           string         // below the site's root, slashes at both ends, not percent-encoded: "/privacy/"
	Former        []string       // former URLs and aliases, same form; one that names a file, "/old/terms.html", has no slash at its end
	Lang          string         // BCP 47
	Base          string         // the id without its language: the same for all languages of one policy
	TranslationOf string         // the id of the policy this one translates, as its author states; or ""
	Lines         map[string]int // the lines of the keys in its front matter, from 1
}

// Line is the line of front matter that says where the policy stands; 0 where its path
// does.
func (p *Place) Line() int { return cmp.Or(p.Lines["url"], p.Lines["slug"], p.Lines["id"]) }

// Latest is the newest version, in force or not.
func (p *Policy) Latest() *Version { return &p.Versions[len(p.Versions)-1] }

// Shown is the index of the version that stands at the policy's own URL: the
// one in force, else the first to come, else the last there was.
func (p *Policy) Shown() int {
	if p.Current >= 0 {
		return p.Current
	}
	if p.Status == StatusUpcoming {
		for i := range p.Versions {
			if p.Versions[i].InForce != nil {
				return i
			}
		}
	}
	return len(p.Versions) - 1
}

// ChangeOf is the index of the change that version i is, or folds under.
func (p *Policy) ChangeOf(i int) int {
	for i > 0 && !p.Versions[i].IsChange() {
		i--
	}
	return i
}

// Version is a revision that changed what a reader sees. What its id, text and
// source are is fixed by the chain up to its step.
type Version struct {
	ID         string // the recorded day; "2026-05-04-2" for the second of a day
	Draft      bool   // it is in a work tree and not in git; only previews have such a version, as the last one
	Kind       Kind
	Recorded   time.Time      // what git states, in UTC; zero for a text that is older than git
	Day        Date           // of Recorded, in the site's time zone; else the day in the id
	InForce    *Interval      // nil when this record never shows it as in force
	Comparison *Comparison    // with what was before; nil for the first version, and where either cannot be rendered
	Revisions  []RevisionFact // in chain order; drafts before the first version precede the one that started it
	Content
	Stated
	Evidence
}

// Content is the text of a version, and where it is.
type Content struct {
	Title         string
	Blob          string // object id of its source
	Path          string // of its source, relative to the repository root
	SourceSHA256  string // of its source's bytes, hexadecimal
	TextSHA256    string // of the visible text, hexadecimal; "" with an Error
	WordingSHA256 string // of the wording, hexadecimal; "" with an Error
	SameTextAs    string // id of the newest earlier version of equal text, the one directly before apart; or ""
	Error         string // why it cannot be rendered; or ""
	Attachments   []Attachment
}

// Stated is what the author says of a version.
type Stated struct {
	Label    string // "3.1"
	Change   string // Material, Minor, Editorial or ""
	Summary  string // or ""
	Declared Declared
	// TranslationOf is the version of the original that a translation says it
	// translates, by its id or label; "". It is that of the newest revision: who has
	// looked at a new version of the original may find nothing to change.
	TranslationOf string
	Params        map[string]any // of the front matter, for templates; nil where there are none
}

// Evidence is what was said or done later about a version.
type Evidence struct {
	Published   Date        // by which it was published, where there is evidence: see PublishedOn; or zero
	PublishedOn bool        // Published is the very day, as a later statement says; else the version was on a site built for that day
	Carried     bool        // git no longer has it: it is shown as it was published
	Statements  []Statement // made later
	Redactions  []Redaction // words that are redacted
}

// IsChange reports whether the version is a change: it altered the wording, or
// brought the policy (back), and its author did not mark it editorial.
func (v *Version) IsChange() bool {
	switch v.Kind {
	case Initial:
		return true
	case Wording, Restored:
		return v.Mark() != Editorial
	}
	return false
}

// Mark is what the author says of the version, be it later: Material, Minor,
// Editorial or "".
func (v *Version) Mark() string {
	mark := v.Change
	for _, s := range v.Statements {
		mark = cmp.Or(mark, s.Change)
	}
	return mark
}

// Withheld reports whether the whole text is.
func (v *Version) Withheld() bool {
	return slices.ContainsFunc(v.Redactions, func(r Redaction) bool { return r.Whole })
}

// Commit is the object id of the commit that recorded the version; "" for one
// that no commit did.
func (v *Version) Commit() string {
	for _, r := range v.Revisions {
		if r.Kind == v.Kind {
			return r.Commit
		}
	}
	return ""
}

// Comparison is what a redline says in short.
type Comparison struct {
	With     string    // id of the version compared with: for a change, the change before it
	Changes  int       // places a reader has to look at
	Added    int       // words; those that only moved are not counted
	Removed  int       // likewise
	Moved    int       // words that moved and stayed
	Lost     int       // of the shorter text, how much the other one does not have, in percent
	Sections []Section // touched ones, in the order of the new text
	Only     Only      // what changed, where no word was added or removed
}

// Rewrite reports whether less than half of either text stayed.
func (c *Comparison) Rewrite() bool { return c.Lost > 50 }

// Only is what changed where no word was added or removed; "" where some were, or where
// it is not known.
type Only string

// What may change without a word.
const (
	OnlyMoved       Only = "moved"
	OnlyPunctuation Only = "punctuation"
	OnlyNumbers     Only = "numbers"    // of clauses
	OnlyParagraphs  Only = "paragraphs" // that were divided or joined
)

// Section is a part of a text, under one heading, in which something changed.
type Section struct {
	ID      string // of its heading in the new text; "" when it is gone, or has none
	Heading string // "" before the first heading
	First   int    // number of its first change
	Changes int
	Added   int // words
	Removed int
}

// Declared are the dates that a version states itself.
type Declared struct {
	LastUpdated       Date
	Effective         Date
	LastUpdatedInText bool // stated by a line of the text, not by front matter
	EffectiveInText   bool
}

// Interval is a half-open range of days [From, Until).
type Interval struct {
	From  Date
	Until Date // the first day after it; zero: no end is known
}

// Last is the last day of the interval; zero when no end is known.
func (i *Interval) Last() Date { return i.Until.DayBefore() }

// Contains reports whether d lies in the interval.
func (i *Interval) Contains(d Date) bool {
	return i != nil && !d.Before(i.From) && (i.Until.IsZero() || d.Before(i.Until))
}

// RevisionFact is a revision with what it turned out to be.
type RevisionFact struct {
	Commit   string
	Blob     string // "" when withdrawn or unread
	Path     string
	FromPath string // "" when it did not move, or when its old path lives on
	Recorded time.Time
	Kind     Kind
	Subject  string
}

// Attachment is a state of a file that a version's text links to.
type Attachment struct {
	Path   string // relative to the repository root
	URL    string // below the site's root: "/assets/0123456789abcdef/dpa.pdf", not percent-encoded
	SHA256 string
	Commit string // at which the file was, or became, this
	Day    Date   // recorded day of that commit
	Later  bool   // the file became this while the version was the latest
}
