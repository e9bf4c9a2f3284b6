package pages

import (
	"strconv"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// Summary says what a version without a summary of its author's did.
func Summary(w *words.Words, v *policy.Version) string {
	where := whereabouts(w, v)
	switch v.Kind {
	case policy.Initial:
		return w.T("first-version")
	case policy.Wording:
		if c := v.Comparison; c != nil && c.Rewrite() {
			return w.T("rewrite", "Percent", 100-c.Lost)
		}
		if where == "" {
			where = w.T("wording-changed")
		}
		if only := wordless(w, v.Comparison); only != "" {
			return w.T("summary-only", "Summary", where, "Only", only)
		}
		return where
	case policy.Dates:
		return w.T("dates-changed")
	case policy.Links:
		return w.T("links-changed")
	case policy.Formatting:
		return w.T("formatting-changed")
	case policy.Withdrawn:
		return w.T("no-longer-published")
	case policy.Restored:
		if where != "" {
			return w.T("published-again-sections", "Sections", where)
		}
		return w.T("published-again")
	}
	return ""
}

// wordless says what changed where no word was added or removed; "" where some were.
func wordless(w *words.Words, c *policy.Comparison) string {
	if c == nil || c.Only == "" {
		return ""
	}
	return w.T("only-" + string(c.Only))
}

// A summary names at most mostNamed sections, a line of a changes archive at
// most mostListed.
const (
	mostNamed  = 3
	mostListed = 4
)

// whereabouts names the sections in which something changed: "Cookies, Data
// retention and 4 more sections". It is "" when there is nothing to name.
func whereabouts(w *words.Words, v *policy.Version) string {
	if v.Comparison == nil || v.Kind != policy.Wording && v.Kind != policy.Restored {
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
	names := make([]string, 0, mostNamed+1)
	for _, s := range sections {
		if introduction(s, title) {
			names = append(names, w.T("beginning"))
		} else {
			names = append(names, s.Heading)
		}
	}
	if more > 0 {
		names = append(names, w.T("more-sections", more))
	}
	return w.List(names)
}

// introduction reports whether a section is the part before the first
// heading but the title, which has its white space collapsed.
func introduction(s policy.Section, title string) bool {
	return s.Heading == "" || s.Heading == title
}

// touched is a section in which something changed.
type touched struct {
	Link    link // to the first change in it
	Edits   int
	Added   int // words
	Removed int
}

// touchedSections lists sections with links to a redline; address is "" on the
// redline's own page.
func (p *Page) touchedSections(sections []policy.Section, address, lang string) []touched {
	out := make([]touched, len(sections))
	for i, s := range sections {
		href := address + "#~" + strconv.Itoa(s.First)
		to := p.link(s.Heading, href, lang)
		if s.Heading == "" {
			to = link{Text: p.words.T("beginning"), Href: href}
		}
		out[i] = touched{to, s.Changes, s.Added, s.Removed}
	}
	return out
}
