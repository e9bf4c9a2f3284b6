package policy

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"
)

// field is one key of front matter or of policysite.yaml, with its value as
// the author wrote it: `version: 1.10` is the text "1.10", not a number.
type field struct {
	key          string
	line, column int
	values       []string // one, unless it is a list; none for null
	list         bool
	nested       []field // of a mapping that is the value of a top-level key
	mapping      bool
}

// yamlFields reads a YAML mapping. firstLine is the number of data's first
// line in its file.
func yamlFields(data []byte, firstLine int) ([]field, *Problem) {
	lines := yamlLines{firstLine, firstLine + bytes.Count(data, []byte("\n"))}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		line, message := yamlError(err)
		return nil, &Problem{Line: lines.inFile(line), Message: "YAML: " + message, Hint: "quote a value that holds `: ` or starts with a special character"}
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	node := root.Content[0]
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil, nil
	}
	if node.Kind != yaml.MappingNode {
		return nil, &Problem{Line: lines.inFile(node.Line), Message: "YAML: want lines of `key: value`", Hint: "see docs/front-matter.md for the keys"}
	}
	return mappingFields(node, lines, true)
}

// yamlLines are the first and the last line of YAML in its file.
type yamlLines struct{ first, last int }

// inFile is the file's number of a line that the library counts from 1. To
// YAML U+2028 and a lone carriage return end lines, to editors they do not.
func (l yamlLines) inFile(n int) int { return min(l.first+max(n, 1)-1, l.last) }

// mappingFields reads the keys of a mapping. No setting is nested deeper than
// one level, and reading on would follow anchors that hold themselves.
func mappingFields(node *yaml.Node, lines yamlLines, top bool) ([]field, *Problem) {
	var out []field
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		f := field{key: key.Value, line: lines.inFile(key.Line), column: value.Column}
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		switch value.Kind {
		case yaml.ScalarNode:
			if value.Tag != "!!null" {
				f.values = []string{value.Value}
			}
		case yaml.SequenceNode:
			f.list = true
			for _, item := range value.Content {
				if item.Kind == yaml.AliasNode {
					item = item.Alias
				}
				if item.Kind != yaml.ScalarNode {
					return nil, &Problem{Line: lines.inFile(item.Line), Column: item.Column, Message: f.key + ": want a list of words"}
				}
				f.values = append(f.values, item.Value)
			}
		case yaml.MappingNode:
			f.mapping = true
			if !top {
				break
			}
			nested, problem := mappingFields(value, lines, false)
			if problem != nil {
				return nil, problem
			}
			f.nested = nested
		}
		out = append(out, f)
	}
	return out, nil
}

var yamlLine = regexp.MustCompile(`line (\d+)(?:, column \d+)?: *`)

// yamlError takes the line out of the library's message.
func yamlError(err error) (line int, message string) {
	message = err.Error()
	if m := yamlLine.FindStringSubmatchIndex(message); m != nil {
		line, _ = strconv.Atoi(message[m[2]:m[3]])
		message = message[m[1]:]
	}
	message, _, _ = strings.Cut(message, "\n")
	for _, prefix := range []string{"yaml: ", "go-yaml ", "load errors: "} {
		message = strings.TrimPrefix(message, prefix)
	}
	return line, strings.TrimSpace(message)
}

// tomlFields reads TOML. The library decodes values but keeps no positions and
// no spelling, so both come from the line that starts with the key.
func tomlFields(data []byte, firstLine int) ([]field, *Problem) {
	var decoded map[string]any
	meta, err := toml.Decode(string(data), &decoded)
	if err != nil {
		line, message := 1, err.Error()
		var parse toml.ParseError
		if errors.As(err, &parse) {
			line, message = parse.Position.Line, parse.Message
		}
		return nil, &Problem{Line: firstLine + line - 1, Message: "TOML: " + message, Hint: "texts stand in quotation marks, as in title = \"Privacy\""}
	}
	var out []field
	for _, key := range meta.Keys() {
		if len(key) != 1 {
			continue
		}
		line, raw := tomlLine(data, key[0])
		f := field{key: key[0], line: firstLine + line, column: 0}
		switch v := decoded[key[0]].(type) {
		case []any:
			f.list = true
			for _, item := range v {
				f.values = append(f.values, tomlWord(item, ""))
			}
		case map[string]any, []map[string]any:
			f.mapping = true
		default:
			f.values = []string{tomlWord(v, raw)}
		}
		out = append(out, f)
	}
	return out, nil
}

func tomlLine(data []byte, key string) (line int, raw string) {
	for i, l := range bytes.Split(data, []byte("\n")) {
		name, value, ok := strings.Cut(string(l), "=")
		if ok && strings.Trim(strings.TrimSpace(name), `"'`) == key {
			value, _, _ = strings.Cut(value, "#")
			return i, strings.TrimSpace(value)
		}
	}
	return 0, ""
}

// tomlWord spells a value: numbers and days as written, since 1.10 is a label.
func tomlWord(v any, raw string) string {
	switch v := v.(type) {
	case string:
		return v
	case time.Time:
		if v.Hour() == 0 && v.Minute() == 0 && v.Second() == 0 {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339)
	case int64, float64:
		if raw != "" {
			return raw
		}
	}
	return fmt.Sprint(v)
}

// reader turns fields into typed values and collects what is wrong with them.
type reader struct {
	problems Problems
}

func (r *reader) fail(f field, hint, format string, args ...any) {
	r.problems = append(r.problems, &Problem{Line: f.line, Message: f.key + ": " + fmt.Sprintf(format, args...), Hint: hint})
}

func (r *reader) word(f field) string {
	if f.list || f.mapping {
		r.fail(f, "", "want one value, have a list")
		return ""
	}
	if len(f.values) == 0 {
		return ""
	}
	return strings.TrimSpace(f.values[0])
}

// words reads a list; a single value is a list of one.
func (r *reader) words(f field) []string {
	if f.mapping {
		r.fail(f, "", "want a list")
		return nil
	}
	return f.values
}

func (r *reader) flag(f field) bool {
	switch w := r.word(f); strings.ToLower(w) {
	case "true", "yes", "on":
		return true
	case "false", "no", "off", "":
	default:
		r.fail(f, "", "want true or false, have %q", w)
	}
	return false
}

func (r *reader) number(f field) int {
	w := r.word(f)
	if w == "" {
		return 0
	}
	n, err := strconv.Atoi(w)
	if err != nil {
		r.fail(f, "", "want a whole number, have %q", w)
	}
	return n
}

func (r *reader) day(f field) Date {
	w := r.word(f)
	if w == "" {
		return Date{}
	}
	d, err := ParseDate(w)
	if err != nil {
		r.fail(f, "days are written as year-month-day, without a time", "want 2026-03-01, have %q", w)
	}
	return d
}

func (r *reader) oneOf(f field, allowed ...string) string {
	w := r.word(f)
	if w != "" && !slices.Contains(allowed, w) {
		r.fail(f, suggest(w, allowed), "want %s, have %q", strings.Join(allowed, " or "), w)
		return ""
	}
	return w
}

// suggest is a hint naming the known word nearest to w, or "".
func suggest(w string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(strings.ToLower(w), strings.ToLower(k)); d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// editDistance is the Levenshtein distance of two short words, in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
