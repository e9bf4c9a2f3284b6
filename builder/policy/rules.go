package policy

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The names of rules: of what people forget when they change a text. What breaks a
// rule is a warning.
const (
	RuleUndated     = "undated"
	RuleDatesDiffer = "dates-differ"
	RuleShortNotice = "short-notice"
	RuleNoSummary   = "no-summary"
	RuleLostAnchor  = "lost-anchor"
	RulePlaceholder = "placeholder"
	RuleTranslation = "stale-translation"
	RuleNoRedirect  = "no-redirect"
)

// Rules say what each rule finds, and how to mend it.
var Rules = []struct {
	Name, Finds, Mend string
}{
	{RuleUndated, "the wording changed, and every date and version number that the text states is as it was", "set `last-updated` or `version`, or the date in the text, or mark the change `change: editorial`"},
	{RuleDatesDiffer, "front matter and the text state different days", "make the two agree: front matter counts"},
	{RuleShortNotice, "a change takes effect in fewer days than `notice-days` asks for", "set `effective` to a later day, or mark the change minor or editorial"},
	{RuleNoSummary, "a change is marked material and has no summary", "add `summary:` in front matter, or `Policy-Summary:` in the commit"},
	{RuleLostAnchor, "a link leads to a heading that is gone", "the ids of headings are their words in lower case, joined by -; mend the link, or give the heading the id it had: `## Words {#id}`"},
	{RulePlaceholder, "a placeholder such as TBD, [DATE] or lorem ipsum came into the text", "write what belongs there"},
	{RuleTranslation, "the wording of a text changed, and a translation of it did not", "change the translation, too"},
	{RuleNoRedirect, "a policy goes, and its address leads nowhere", "list its id under `archived` in policysite.yaml, or its address under `aliases` of the text that takes its place"},
}

// Finding is a problem that breaks a rule. Without a format it says what the rule finds.
func Finding(rule string, path string, line int, format string, args ...any) *Problem {
	p := &Problem{Path: path, Line: line, Rule: rule, Warning: true, Message: fmt.Sprintf(format, args...)}
	for _, r := range Rules {
		if r.Name == rule {
			p.Message, p.Hint = cmp.Or(p.Message, r.Finds), r.Mend
		}
	}
	p.Hint += "\nto silence it: "
	if rule != RuleNoRedirect { // whose text is gone
		p.Hint += "`<!-- policysite silence " + rule + " -->` in the text, or "
	}
	p.Hint += "`silence: [" + rule + "]` in policysite.yaml"
	return p
}

func ruleNames() (names []string) {
	for _, r := range Rules {
		names = append(names, r.Name)
	}
	return names
}

// silence is a comment that silences rules for the text it stands in.
var silence = regexp.MustCompile(`<!--\s*policysite:?\s+silence:?\s+([^>]*?)\s*-->`)

// Silenced are the rules that comments of a source silence. A name that is not a
// rule's is a problem, without a path.
func Silenced(source []byte) (rules []string, problems Problems) {
	for _, m := range silence.FindAllSubmatchIndex(source, -1) {
		for _, name := range strings.FieldsFunc(string(source[m[2]:m[3]]), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
			if !slices.Contains(ruleNames(), name) {
				line := 1 + bytes.Count(source[:m[0]], []byte("\n"))
				problems = append(problems, &Problem{Line: line, Warning: true, Message: fmt.Sprintf("silence: %q is not a rule", name), Hint: suggest(name, ruleNames())})
			}
			rules = append(rules, name)
		}
	}
	return rules, problems
}

// Undated reports whether a version says something else than the one before it
// while every date and label that it states are as they were. One that states none
// is not undated, and neither is one that its author marks editorial.
func (v *Version) Undated(before *Version) bool {
	return v.Kind == Wording && v.Mark() != Editorial &&
		v.Declared == before.Declared && v.Label == before.Label &&
		(v.Declared != Declared{} || v.Label != "")
}

// Stated is the line on which the text states its first date; 0 for none.
func (t *Text) Stated() int {
	for _, s := range t.statements {
		if !s.Some && !s.date.IsZero() {
			return s.line
		}
	}
	return 0
}

// Contradiction is a day that front matter states, while the text states another.
type Contradiction struct {
	Key   string
	Front Date
	Words string // of the text
	Line  int    // of the source; 0 when unknown
}

// Contradictions are those of a version recorded on a day.
func (t *Text) Contradictions(day Date) (out []Contradiction) {
	prose := declaredIn(t.statements, day)
	for _, c := range []struct {
		key          string
		front, prose Date
	}{
		{"last-updated", t.Meta.LastUpdated, prose.LastUpdated},
		{"effective", t.Meta.Effective, prose.Effective},
	} {
		if c.front.IsZero() || c.prose.IsZero() || c.front == c.prose {
			continue
		}
		i := slices.IndexFunc(t.statements, func(s statement) bool { return s.date == c.prose && !s.Some })
		out = append(out, Contradiction{c.key, c.front, t.statements[i].text, t.statements[i].line})
	}
	return out
}

// placeholder matches what is left where words were to be filled in. TODO alone is a
// Spanish word.
var placeholder = regexp.MustCompile(`(?i:lorem ipsum)|\b(?:TBD|TBC|FIXME)\b|\bTODO:` +
	`|\[(?i:(?:insert|enter|fill in|your (?:name|company|organi[sz]ation|e-?mail|address)) ?[^\]\[]{0,60}|(?:effective )?date|(?:company |your )?name|company|e-?mail(?: address)?|address|year|url|website|phone(?: number)?|jurisdiction|country|state|city|number|amount|todo|xx+|●|•|_+)\]` +
	`|<(?i:(?:insert|your|company|product|service|effective) ?(?:name|date|address|e-?mail|url)?)>`)

// comment is one within a line.
var comment = regexp.MustCompile(`<!--.*?-->`)

// Placeholder is one that came into a text.
type Placeholder struct {
	Words string
	Line  int // of the source
}

// Placeholders are those that stand in a text more often than in the one before it.
// now and before are visible texts; source and old are their sources, by which the
// line is told.
func Placeholders(now, before string, source, old []byte) (out []Placeholder) {
	known := map[string]bool{}
	for line := range bytes.Lines(old) {
		known[string(bytes.TrimSpace(line))] = true
	}
	seen := map[string]bool{}
	for _, words := range placeholder.FindAllString(now, -1) {
		if seen[words] || strings.Count(now, words) <= strings.Count(before, words) {
			continue
		}
		seen[words] = true
		line, n := 0, 0
		for l := range bytes.Lines(source) {
			n++
			if !known[string(bytes.TrimSpace(l))] && strings.Contains(strings.ReplaceAll(string(comment.ReplaceAll(l, nil)), `\`, ""), words) {
				line = n
				break
			}
		}
		out = append(out, Placeholder{words, line})
	}
	return out
}
