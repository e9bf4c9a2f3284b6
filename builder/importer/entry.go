package importer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Front matter and entries of history.yaml are lines of `key: value`. They are
// written by hand, so that a file that people keep stays as they keep it,
// comments and all.

var plainScalar = regexp.MustCompile(`^[\pL\pN/][\pL\pN /._()'’“”%+=?&~–—-]*$`)

// scalar writes a value in YAML, in quotation marks where a reader could take
// it for something else. A string of JSON is one of YAML.
func scalar(s string) string {
	if plainScalar.MatchString(s) && !strings.HasSuffix(s, " ") && !ambiguous.MatchString(s) || plainAddress.MatchString(s) || s == "" {
		return s
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be written to memory
	return strings.TrimSuffix(b.String(), "\n")
}

var (
	ambiguous    = regexp.MustCompile(`(?i)^(?:true|false|yes|no|on|off|null|y|n|~|[-+.\d][\d._eE+:-]*|0[xob][\da-f_]+)$`)
	plainAddress = regexp.MustCompile(`^https?://[^\s#'"\[\]{},&*!|>%@` + "`" + `]+[^\s:#'"\[\]{},&*!|>%@` + "`" + `]$`)
)

// fields writes lines of YAML, each of a key and a scalar, without those whose
// scalar is empty.
func fields(b *strings.Builder, indent string, lines ...[2]string) {
	for _, l := range lines {
		if l[1] != "" {
			b.WriteString(indent + l[0] + ": " + l[1] + "\n")
		}
	}
}

// page is a text with its front matter, as it is written to a file.
func page(t *Text, label string) []byte {
	var b strings.Builder
	m := &t.meta
	fields(&b, "",
		[2]string{"title", scalar(t.Title)},
		[2]string{"description", scalar(m.Description)},
		[2]string{"lang", scalar(m.Lang)},
		[2]string{"version", scalar(cmp.Or(m.Version, label))},
		[2]string{"summary", scalar(m.Summary)},
		[2]string{"change", scalar(m.Change)},
		[2]string{"last-updated", t.Declared.LastUpdated.String()},
		[2]string{"effective", t.Declared.Effective.String()},
		[2]string{"source", scalar(cmp.Or(m.Source, t.Address))})
	if b.Len() == 0 {
		return t.Markdown
	}
	return []byte("---\n" + b.String() + "---\n\n" + string(t.Markdown))
}

// appendEntries adds entries about files to the text of a history.yaml, behind
// the entries that it has of the policy. Its comments and its order stay.
func appendEntries(existing []byte, id string, entries []policy.Entry) ([]byte, error) {
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
		fields(&b, indent+"  ",
			[2]string{"published", e.Published.String()},
			[2]string{"effective", e.Effective.String()},
			[2]string{"evidence", scalar(e.Evidence)},
			[2]string{"seen", e.Seen.String()})
	}
	added := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	return []byte(strings.Join(slices.Insert(lines, at, added...), end) + end), nil
}

// place finds where the list of a policy ends: the line behind its last entry,
// and how far its entries are indented; -1 when the policy has no list.
func place(lines []string, id string) (at int, indent string, err error) {
	key := regexp.MustCompile(`^["']?` + regexp.QuoteMeta(id) + `["']?\s*:(.*)$`)
	start := -1
	for i, l := range lines {
		if m := key.FindStringSubmatch(l); m != nil {
			if rest, _, _ := strings.Cut(m[1], "#"); strings.TrimSpace(rest) != "" {
				return 0, "", fmt.Errorf("line %d: expected the entries of %s as a list below its name, each starting with a dash", i+1, id)
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
