package builder

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// MaxReview bounds the Markdown of a review, in bytes. GitHub takes 65,536 characters
// for a comment, and drops a job summary of more than 1 MiB whole.
const MaxReview = 64_000

// Bounds within a review, so that one policy leaves room for the others.
const (
	maxRows     = 100 // of the table
	maxListed   = 20  // findings of one policy
	maxSections = 10  // named
	maxWords    = 300 // characters of what an author says
)

// Markdown is the review for people, for a comment on a pull request or the summary of
// a job: what each policy would publish, what was forgotten, and the redlines, cut to
// MaxReview bytes.
func (r *Review) Markdown() string {
	var b strings.Builder
	b.WriteString("## What this publishes\n\n")
	if len(r.Changes) == 0 {
		fmt.Fprintf(&b, "No policy changes since %.7s.\n", r.Base)
	} else {
		fmt.Fprintf(&b, "%s, compared with %.7s.\n\n| Policy | What | Length | In force | Findings |\n| --- | --- | --- | --- | --- |\n", counted(len(r.Changes), "policy changes", "policies change"), r.Base)
	}
	for _, h := range r.Held {
		fmt.Fprintf(&b, "\n%s is held back by %s. To see what that day publishes, add %s to the command.\n", code(h.Path), code("publishDate"), code("--at "+h.Until.String()))
	}
	of := map[string]policy.Problems{}
	for _, f := range r.Findings {
		of[f.Path] = append(of[f.Path], f)
	}
	for i, c := range r.Changes {
		if i == maxRows {
			fmt.Fprintf(&b, "| … and %d more | | | | |\n", len(r.Changes)-i)
			break
		}
		size, days := "", ""
		if v := c.Version; v != nil {
			if v.Comparison != nil {
				size = fmt.Sprintf("+%d −%d", v.Comparison.Added, v.Comparison.Removed)
			}
			days = inForceDays(v)
		}
		findings := ""
		if n := len(of[c.Path]); n > 0 {
			findings = fmt.Sprint(n)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", markdownText(c.Title), kindWords(c.Kind), size, days, findings)
	}
	if slices.ContainsFunc(r.Changes, func(c Change) bool { return c.redline != "" }) {
		b.WriteString("\n" + words.English().T("announce-marks") + "\n")
	}
	var sections []string
	for _, c := range r.Changes {
		sections = append(sections, c.facts(of[c.Path]))
		delete(of, c.Path)
	}
	var elsewhere policy.Problems
	for _, f := range r.Findings {
		if of[f.Path] != nil {
			elsewhere = append(elsewhere, f)
		}
	}
	if len(elsewhere) > 0 {
		b.WriteString("\n### In other texts\n\n" + list(elsewhere))
	}
	const room = 400 // for what is said of a cut
	facts := 0
	for _, s := range sections {
		facts += len(s)
	}
	for i, c := range r.Changes {
		share := (MaxReview - room - b.Len() - facts) / (len(r.Changes) - i)
		section := sections[i] + c.cut(share-room)
		if b.Len()+len(section) > MaxReview-room {
			fmt.Fprintf(&b, "\n%s left out, for want of room.\n", counted(len(r.Changes)-i, "more policy is", "more policies are"))
			break
		}
		b.WriteString(section)
		facts -= len(sections[i])
	}
	return b.String()
}

// RefusedMarkdown says why nothing would be published.
func RefusedMarkdown(problems policy.Problems) string {
	return "## This cannot be published\n\n" + list(problems)
}

// facts is what is said of a change above its redline.
func (c *Change) facts(findings policy.Problems) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s (%s)\n", markdownText(c.Title), kindWords(c.Kind), code(c.Path))
	if v := c.Version; v != nil {
		var facts []string
		if v.Change != "" {
			facts = append(facts, "Marked "+v.Change)
		}
		if v.Summary != "" {
			facts = append(facts, markdownText(v.Summary))
		}
		if v.Error != "" {
			facts = append(facts, "Cannot be rendered: "+markdownText(v.Error))
		}
		if x := v.Comparison; x != nil {
			unit := words.Unit(c.lang)
			size := fmt.Sprintf("%s added, %d removed", counted(x.Added, strings.TrimSuffix(unit, "s"), unit), x.Removed)
			if x.Moved > 0 {
				size += fmt.Sprintf(", %d moved", x.Moved)
			}
			facts = append(facts, size)
			if len(x.Sections) > 0 {
				var names []string
				for _, s := range x.Sections[:min(len(x.Sections), maxSections)] {
					name := s.Heading
					if name == "" {
						name = "beginning"
					}
					names = append(names, markdownText(name))
				}
				if more := len(x.Sections) - maxSections; more > 0 {
					names = append(names, fmt.Sprintf("and %d more", more))
				}
				facts = append(facts, "Sections: "+strings.Join(names, ", "))
			}
		}
		if days := inForceDays(v); days != "" {
			facts = append(facts, "In force "+days)
		}
		for _, d := range []struct {
			what string
			day  policy.Date
		}{{"Last updated", v.Declared.LastUpdated}, {"Effective", v.Declared.Effective}} {
			if !d.day.IsZero() {
				facts = append(facts, d.what+" as stated: "+d.day.String())
			}
		}
		if v.Label != "" {
			facts = append(facts, "Version "+markdownText(v.Label))
		}
		b.WriteByte('\n')
		for _, f := range facts {
			b.WriteString("- " + f + "\n")
		}
	}
	if len(findings) > 0 {
		b.WriteString("\n" + list(findings))
	}
	return b.String()
}

// list writes findings as a list.
func list(findings policy.Problems) string {
	var b strings.Builder
	for i, f := range findings {
		if i == maxListed {
			fmt.Fprintf(&b, "- and %d more\n", len(findings)-i)
			break
		}
		where := f.Path
		if f.Line > 0 {
			where += fmt.Sprintf(":%d", f.Line)
		}
		mend, _, _ := strings.Cut(f.Hint, "\n")
		b.WriteString("- ")
		if f.Rule != "" {
			b.WriteString("**" + f.Rule + "** ")
		}
		b.WriteString(code(where) + ": " + markdownText(f.Message))
		if mend != "" {
			b.WriteString("<br>" + markdownText(mend))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// cut is the redline, cut to a number of bytes between its lines, with a word on where
// the rest is.
func (c *Change) cut(most int) string {
	if c.redline == "" {
		return ""
	}
	// Neither people nor issues are meant by what stands in a policy.
	whole := strings.NewReplacer("@", "@<!-- -->", "#", "#<!-- -->").Replace(c.redline)
	rest := "`policysite diff " + c.ID + "` shows all of it"
	if c.Address != "" {
		rest = "[all of it](" + c.Address + ") once it is published, or " + rest
	}
	shown, isCut := pages.CutLines(whole, most)
	out := "\n" + shown
	if isCut {
		out += fmt.Sprintf("\nThe redline is cut here, after %d %% of it: %s.\n", 100*len(shown)/len(whole), rest)
	}
	return out
}

// kindWords say what became of a policy.
func kindWords(k policy.Kind) string {
	w := words.English()
	return map[policy.Kind]string{
		policy.Initial:    w.T("first-version"),
		policy.Wording:    w.T("wording-changed"),
		policy.Dates:      w.T("dates-changed"),
		policy.Links:      w.T("links-changed"),
		policy.Formatting: w.T("formatting-changed"),
		policy.Restored:   w.T("published-again"),
		policy.Source:     "Nothing changed that a reader sees",
		policy.Move:       "Only its path changed",
		policy.Draft:      "Withdrawn: it is a draft now",
		policy.Withdrawn:  "Withdrawn",
		policy.Unread:     "Withdrawn: its new format is not read",
	}[k]
}

func inForceDays(v *policy.Version) string {
	switch in := v.InForce; {
	case in == nil:
		return ""
	case in.Until.IsZero():
		return "from " + in.From.String()
	default:
		return in.From.String() + " to " + in.Last().String()
	}
}

var markdownEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"|", `\|`, "~", `\~`, "!", `\!`, "$", `\$`, "#", "#<!-- -->", "@", "@<!-- -->",
)

// markdownText is a text of the author's as it stands in Markdown, cut where it is long.
func markdownText(s string) string {
	s = policy.CollapseSpace(policy.Printable(s))
	if r := []rune(s); len(r) > maxWords {
		s = string(r[:maxWords]) + "…"
	}
	return listMark.ReplaceAllString(markdownEscapes.Replace(s), `$1\$2`)
}

// listMark is what would begin a list.
var listMark = regexp.MustCompile(`^(\d*)([-+.)])`)

func code(s string) string { return "<code>" + markdownText(s) + "</code>" }

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
