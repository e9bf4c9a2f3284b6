package importer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Source text of what is written: front matter, and entries of history.yaml.
// Both are lines of `key: value`, written by hand so that a file that people
// keep stays as they keep it, comments and all.

var plainScalar = regexp.MustCompile(`^[\pL\pN/][\pL\pN /._()'’“”%+=?&~–—-]*$`)

// scalar writes a value in YAML, in quotation marks where a reader could take
// it for something else. A string of JSON is one of YAML.
func scalar(s string) string {
	if plainScalar.MatchString(s) && !strings.HasSuffix(s, " ") && !ambiguous.MatchString(s) {
		return s
	}
	if isAddress.MatchString(s) {
		return s
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var (
	ambiguous = regexp.MustCompile(`(?i)^(?:true|false|yes|no|on|off|null|y|n|~|[-+.\d][\d._eE+:-]*|0[xob][\da-f_]+)$`)
	isAddress = regexp.MustCompile(`^https?://[^\s#'"\[\]{},&*!|>%@` + "`" + `]+[^\s:#'"\[\]{},&*!|>%@` + "`" + `]$`)
)

// field is one line of YAML; none for an empty value.
func field(b *strings.Builder, indent, key, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s%s: %s\n", indent, key, value)
	}
}

// Page is a text with its front matter, as it is written to a file.
func Page(t *Text, label string, declared policy.Declared, source string) []byte {
	var b strings.Builder
	m := &t.Meta
	title := m.Title
	if title == "" {
		title = t.Title
	}
	if m.Version != "" {
		label = m.Version
	}
	for _, f := range []struct{ key, value string }{
		{"title", title}, {"description", m.Description}, {"lang", m.Lang}, {"version", label}, {"summary", m.Summary}, {"change", m.Change},
	} {
		if f.value != "" {
			field(&b, "", f.key, scalar(f.value))
		}
	}
	field(&b, "", "last-updated", declared.LastUpdated.String())
	field(&b, "", "effective", declared.Effective.String())
	if m.Source != "" {
		source = m.Source
	}
	if source != "" {
		field(&b, "", "source", scalar(source))
	}
	if b.Len() == 0 {
		return t.Markdown
	}
	return []byte("---\n" + b.String() + "---\n\n" + string(t.Markdown))
}

// Append adds entries about files to the text of a history.yaml, which may be
// empty, behind what it has of the policy already. Its comments and its order
// stay.
func Append(existing []byte, id string, entries []policy.Entry) ([]byte, error) {
	end := "\n"
	if strings.Contains(string(existing), "\r\n") {
		end = "\r\n"
	}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(string(existing), "\r\n", "\n"), "\n"), "\n")
	if len(existing) == 0 {
		lines = nil
	}
	at, indent, err := place(lines, id)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	if at < 0 {
		at, indent = len(lines), "  "
		if len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) != "" && lines[len(lines)-1] != "---" {
			b.WriteByte('\n')
		}
		b.WriteString(scalar(id) + ":\n")
	}
	for _, e := range entries {
		b.WriteString(indent + "- file: " + scalar(e.File) + "\n")
		inner := indent + "  "
		field(&b, inner, "published", e.Published.String())
		field(&b, inner, "effective", e.Effective.String())
		if e.Evidence != "" {
			field(&b, inner, "evidence", scalar(e.Evidence))
		}
		field(&b, inner, "seen", e.Seen.String())
	}
	added := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	out := append(append(append([]string{}, lines[:at]...), added...), lines[at:]...)
	return []byte(strings.Join(out, end) + end), nil
}

// place finds where the list of a policy ends: the line behind its last entry,
// and how far its entries are indented. -1 when there is no such list.
func place(lines []string, id string) (at int, indent string, err error) {
	key := regexp.MustCompile(`^(?:` + regexp.QuoteMeta(id) + `|"` + regexp.QuoteMeta(id) + `"|'` + regexp.QuoteMeta(id) + `')\s*:(.*)$`)
	start := -1
	for i, l := range lines {
		if m := key.FindStringSubmatch(l); m != nil {
			if rest, _, _ := strings.Cut(m[1], "#"); strings.TrimSpace(rest) != "" {
				return 0, "", fmt.Errorf("line %d: want the entries of %s as a list below its name, each starting with a dash", i+1, id)
			}
			start = i
		}
	}
	if start < 0 {
		return -1, "", nil
	}
	at, indent = start+1, "  "
	found := false
	for i := start + 1; i < len(lines); i++ {
		content := strings.TrimLeft(lines[i], " ")
		depth := len(lines[i]) - len(content)
		switch {
		case content == "", content[0] == '#' && (!found || depth <= len(indent)):
		case strings.HasPrefix(content, "- ") && !found:
			found, indent, at = true, lines[i][:depth], i+1
		case depth > len(indent) && found, strings.HasPrefix(content, "- ") && depth == len(indent):
			at = i + 1
		default:
			return at, indent, nil
		}
	}
	return at, indent, nil
}
