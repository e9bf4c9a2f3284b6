package pages

import (
	"html/template"
	"strconv"

	"github.com/policysite/policysite/builder/policy"
)

// dateHTML is a day for a page; "" for none. Templates have it as the function date.
func dateHTML(d policy.Date) template.HTML {
	if d.IsZero() {
		return ""
	}
	return template.HTML(`<time datetime="` + d.String() + `">` + d.Long() + `</time>`)
}

// nameHTML is a version's name: "4 May 2026 (2)".
func nameHTML(on policy.Date, nth string) template.HTML {
	name := dateHTML(on)
	if name == "" {
		name = "an unknown day"
	}
	if nth != "" {
		name += template.HTML(" (" + escape(nth) + ")")
	}
	return name
}

// Dates says what is recorded, declared and worked out of the version's dates.
func (v *version) Dates() template.HTML {
	out := template.HTML("")
	say := func(what string, d policy.Date) {
		if !d.IsZero() {
			out += template.HTML(what) + " " + dateHTML(d) + " · "
		}
	}
	if !v.Recorded.IsZero() {
		say("Recorded", v.Day)
	}
	if v.PublishedOn {
		say("published", v.Published)
	}
	say("declared last updated", v.Declared.LastUpdated)
	say("declared effective", v.Declared.Effective)
	switch {
	case v.InForce != nil:
		out += "in force, by this record, from " + dateHTML(v.InForce.From)
		if until := dateHTML(v.InForce.Until); until != "" {
			out += " until " + until
		}
	case v.Draft:
		out += "a draft, not committed yet"
	default:
		out += "not in force on any day of this record"
	}
	if s := v.Cite.SameText; s != nil {
		out += template.HTML(` · the text is that of <a href="`+escape(s.Href)+`">`) + s.Name + "</a> again"
	}
	return out
}

// Words says how many words the version added and removed.
func (v *version) Words() string {
	if v.Comparison == nil {
		return ""
	}
	return words(v.Comparison)
}

// words says how many words were added and removed.
func words(c *policy.Comparison) string {
	if c.Only != "" {
		return wordless[c.Only]
	}
	return amount(c.Added, "word") + " added, " + strconv.Itoa(c.Removed) + " removed"
}

// wordless says what changed where no word was added or removed.
var wordless = map[policy.Only]string{
	policy.OnlyMoved:       "text moved, no word added or removed",
	policy.OnlyPunctuation: "punctuation alone, no word",
	policy.OnlyNumbers:     "clauses renumbered, no word added or removed",
	policy.OnlyParagraphs:  "paragraphs divided or joined, no word added or removed",
}

// amount says how many of something there are.
func amount(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
