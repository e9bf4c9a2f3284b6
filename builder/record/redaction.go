package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// redact leaves the redacted words out of a version's text, out of what it is read
// as and out of its source.
func redact(src *source, v *policy.Version) *source {
	if len(v.Redactions) == 0 {
		return src
	}
	if v.Withheld() || src.text.Doc == nil {
		// A text that cannot be rendered has no blocks to name.
		return &source{blob: src.blob, bytes: noteInstead(v, ""), text: &policy.Text{}}
	}
	text, _ := src.text.Withhold(v.Redactions)
	return &source{
		blob: src.blob, bytes: noteInstead(v, text.Doc.Text(text.Meta.Title)), text: text,
		redacted: redactedWords(src.text, v.Redactions),
	}
}

// redactedWords are the words that redactions of a text name, by redaction; ""
// where it has none, and where they are so few that they may be anywhere and say
// nothing.
func redactedWords(text *policy.Text, redactions []policy.Redaction) []string {
	const fewest = 8 // bytes
	lines := strings.Split(text.Doc.Text(text.Meta.Title), "\n")
	out := make([]string, len(redactions))
	for i, r := range redactions {
		if r.Block > len(lines) {
			continue
		}
		words := strings.Fields(lines[r.Block-1])
		words = words[min(r.First-1, len(words)):min(r.Last, len(words))]
		if joined := strings.Join(words, " "); len(joined) >= fewest {
			out[i] = joined
		}
	}
	return out
}

// without is a source as a redline shows it beside one with redacted words:
// without those words, wherever they are.
func (s *source) without(words []string) *source {
	if s.text.Doc == nil || len(words) == 0 {
		return s
	}
	var redactions []policy.Redaction
	for n, line := range strings.Split(s.text.Doc.Text(s.text.Meta.Title), "\n") {
		have := strings.Fields(line)
		for _, w := range words {
			want := strings.Fields(w)
			if len(want) == 0 {
				continue
			}
			for i := range len(have) - len(want) + 1 {
				if slices.Equal(have[i:i+len(want)], want) {
					redactions = append(redactions, policy.Redaction{Block: n + 1, First: i + 1, Last: i + len(want)})
				}
			}
		}
	}
	if redactions == nil {
		return s
	}
	text, _ := s.text.Withhold(redactions)
	return &source{blob: s.blob, bytes: s.bytes, text: text}
}

// addressesIn are the addresses of the links that are left of a document.
func addressesIn(left, whole *policy.Document, addresses []pages.Address) []pages.Address {
	if left == whole {
		return addresses
	}
	out := make([]pages.Address, 0, len(left.Links))
	for i, l := range whole.Links {
		if n := len(out); n < len(left.Links) && left.Links[n].Target == l.Target && left.Links[n].Image == l.Image {
			out = append(out, addresses[i])
		}
	}
	return out
}

// noteInstead is published in the place of a version's source: it states the
// redactions, and the visible text that they leave.
func noteInstead(v *policy.Version, text string) []byte {
	var b strings.Builder
	for _, r := range v.Redactions {
		what := "The text of this version is withheld."
		if !r.Whole && text != "" {
			what = fmt.Sprintf("Words of this version are withheld (block %d), and its source with them. Its text follows.", r.Block)
		}
		b.WriteString("> " + what + "\n")
		for _, fact := range []struct{ name, value string }{
			{"Reason", r.Reason}, {"Authority", r.Authority}, {"Date", r.Date.String()},
		} {
			if fact.value != "" {
				b.WriteString("> " + fact.name + ": " + fact.value + "\n")
			}
		}
		b.WriteString("\n")
	}
	for line := range strings.Lines(text) {
		b.WriteString(line + "\n")
	}
	return []byte(b.String())
}

// redactionCheck looks at the redactions of a policy version by version, for what
// their author should know.
type redactionCheck struct {
	file     string             // redactions.yaml, as messages name it
	before   string             // visible text of the version before, as the site shows it
	version  string             // its id
	last     []policy.Redaction // of that version
	words    []string           // that these name
	problems policy.Problems
}

// see takes the next version, with its text and with what the site shows of it.
// A redaction may name what the text does not have; and the words may stand in
// the next version or in the one before, whose page shows them.
func (x *redactionCheck) see(v *policy.Version, text, shown *policy.Text) {
	visible := ""
	if shown.Doc != nil {
		visible = shown.Doc.Text(shown.Meta.Title)
	}
	for i, r := range x.last {
		x.still(r, x.words[i], v.ID, visible)
	}
	x.last, x.words = nil, nil
	if len(v.Redactions) > 0 && !v.Withheld() && text.Doc != nil {
		_, wrong := text.Withhold(v.Redactions)
		for _, p := range wrong {
			p.Path = x.file
		}
		x.problems = append(x.problems, wrong...)
		x.last, x.words = v.Redactions, redactedWords(text, v.Redactions)
		for i, r := range x.last {
			x.still(r, x.words[i], x.version, x.before)
		}
	}
	x.version, x.before = v.ID, visible
}

// still warns of withheld words that another version shows.
func (x *redactionCheck) still(r policy.Redaction, words, version, visible string) {
	if words == "" || version == "" {
		return
	}
	before, _, found := strings.Cut(visible, words)
	if !found {
		return
	}
	x.problems = append(x.problems, &policy.Problem{
		Path: x.file, Line: r.Line, Warning: true,
		Message: fmt.Sprintf("the words withheld of %s@%s stand in %s@%s too, in block %d", r.Policy, r.Version, r.Policy, version, 1+strings.Count(before, "\n")),
		Hint:    "a redaction is of one version; add one for each that has the words",
	})
}
