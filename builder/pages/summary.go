package pages

import (
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// summary says what a version without a summary of its author's did.
func summary(v *policy.Version, lang string) string {
	switch v.Kind {
	case policy.Initial:
		return "First version in this record"
	case policy.Wording:
		said := "Wording changed"
		if where := whereabouts(v, lang); where != "" {
			said = "Changes in " + where
		}
		if c := v.Comparison; c != nil && c.Only != "" {
			said += ": " + words(c)
		}
		return said
	case policy.Dates:
		return "Stated dates changed, nothing else"
	case policy.Links:
		return "Addresses of links changed, not the wording"
	case policy.Formatting:
		return "Formatting changed, not the wording"
	case policy.Withdrawn:
		return "No longer published here"
	case policy.Restored:
		if where := whereabouts(v, lang); where != "" {
			return "Published again, with changes in " + where
		}
		return "Published again"
	}
	return ""
}

// A summary names at most mostNamed sections, a line of a changes archive at
// most mostListed.
const (
	mostNamed  = 3
	mostListed = 4
)

// whereabouts names the sections in which something changed: "“Cookies”, “Data
// retention” and 4 more sections". It is "" when there is nothing to name.
func whereabouts(v *policy.Version, lang string) string {
	if v.Comparison == nil {
		return ""
	}
	sections := v.Comparison.Sections
	// The section under the title may be the whole text.
	title := policy.CollapseSpace(v.Title)
	if len(sections) == 1 && introduction(sections[0], title) {
		return ""
	}
	more := 0
	if len(sections) > mostNamed {
		more = len(sections) - (mostNamed - 1)
		sections = sections[:mostNamed-1]
	}
	rtl := direction(lang) == "rtl"
	names := make([]string, 0, mostNamed+1)
	for _, s := range sections {
		switch {
		case introduction(s, title):
			names = append(names, "the introduction")
		case rtl:
			names = append(names, "\u2068“"+s.Heading+"”\u2069") // an isolate: the sentence around it runs the other way
		default:
			names = append(names, "“"+s.Heading+"”")
		}
	}
	if more > 0 {
		names = append(names, strconv.Itoa(more)+" more sections")
	}
	return list(names)
}

// introduction reports whether a section is the part before the first
// heading but the title, which has its white space collapsed.
func introduction(s policy.Section, title string) bool {
	return s.Heading == "" || s.Heading == title
}

// list joins names to a phrase: "a, b and c".
func list(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// touched is a section in which something changed.
type touched struct {
	Heading string
	Changes int
	Added   int // words
	Removed int
	Words   string // what changed, in words: "1 change: 2 words added, 0 removed"
	Link    link   // to the first change in it
}

// touchedSections lists sections with links to a redline; address is "" on the
// redline's own page.
func touchedSections(sections []policy.Section, address, lang string) []touched {
	out := make([]touched, len(sections))
	for i, s := range sections {
		href := address + "#~" + strconv.Itoa(s.First)
		said := amount(s.Changes, "change")
		if s.Added > 0 || s.Removed > 0 {
			said += ": " + words(&policy.Comparison{Added: s.Added, Removed: s.Removed})
		}
		out[i] = touched{s.Heading, s.Changes, s.Added, s.Removed, said, textLink(s.Heading, href, lang)}
		if s.Heading == "" {
			out[i].Link = link{Text: "Before the first heading", Href: href}
		}
	}
	return out
}

// FirstSections are the first of the sections that the version changed.
func (v *version) FirstSections() []touched {
	if v.Comparison == nil {
		return nil
	}
	sections := v.Comparison.Sections
	return touchedSections(sections[:min(mostListed, len(sections))], v.Changes, v.Lang)
}

// MoreSections is how many others there are.
func (v *version) MoreSections() int {
	if v.Comparison == nil {
		return 0
	}
	return max(0, len(v.Comparison.Sections)-mostListed)
}
