package policy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
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
	other        bool    // it is a list of more than words
	nested       []field // of a mapping that is the value, see deepest
	mapping      bool
}

// deceptive finds in a field what no value may have, as it is once it is decoded.
func (f *field) deceptive() string {
	found := Deceptive(f.key)
	for _, value := range f.values {
		found = cmp.Or(found, Deceptive(value))
	}
	for i := range f.nested {
		found = cmp.Or(found, f.nested[i].deceptive())
	}
	return found
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
		return nil, &Problem{Line: lines.inFile(node.Line), Message: "YAML: expected lines of `key: value`", Hint: "see docs/front-matter.md for the keys"}
	}
	return mappingFields(node, lines, deepest)
}

// yamlLines are the first and the last line of YAML in its file.
type yamlLines struct{ first, last int }

// inFile is the file's number of a line that the library counts from 1. To
// YAML U+2028 and a lone carriage return end lines, to editors they do not.
func (l yamlLines) inFile(n int) int { return min(l.first+max(n, 1)-1, l.last) }

// deepest is how many levels of mappings are read below the keys at the top. No setting
// is nested deeper, and reading on would follow anchors that hold themselves.
const deepest = 2

// mappingFields reads the keys of a mapping, and those of mappings so many levels below.
func mappingFields(node *yaml.Node, lines yamlLines, levels int) ([]field, *Problem) {
	var out []field
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		f := field{key: key.Value, line: lines.inFile(key.Line), column: value.Column}
		if key.Tag == "!!merge" {
			return nil, &Problem{Line: f.line, Message: "YAML: keys from elsewhere (<<) are not read", Hint: "write the keys themselves"}
		}
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
					f.other = true
					continue
				}
				f.values = append(f.values, item.Value)
			}
		case yaml.MappingNode:
			f.mapping = true
			if levels == 0 {
				break
			}
			nested, problem := mappingFields(value, lines, levels-1)
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
	if line := tooDeep(data); line > 0 {
		return nil, &Problem{Line: firstLine + line - 1, Message: fmt.Sprintf("TOML: nested deeper than %d levels", maxTOML), Hint: "see docs/front-matter.md for the keys; none has others below it"}
	}
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
	assignments := tomlAssignments(data)
	seen := map[string]bool{} // an array of tables gives its key for each
	for _, key := range meta.Keys() {
		if len(key) != 1 || seen[key[0]] {
			continue
		}
		seen[key[0]] = true
		line, raw := assignments[key[0]].line, assignments[key[0]].value
		out = append(out, tomlField(key[0], firstLine+line, decoded[key[0]], raw, deepest))
	}
	return out, nil
}

// tomlField is a key with a value, and those of tables so many levels below.
func tomlField(key string, line int, value any, raw string, levels int) field {
	f := field{key: key, line: line}
	switch v := value.(type) {
	case []any:
		f.list = true
		for _, item := range v {
			switch item.(type) {
			case []any, map[string]any:
				f.other = true
			}
			f.values = append(f.values, tomlWord(item, ""))
		}
	case map[string]any:
		f.mapping = true
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if levels > 0 {
				f.nested = append(f.nested, tomlField(name, line, v[name], "", levels-1))
			}
		}
	case []map[string]any:
		f.mapping = true
	default:
		f.values = []string{tomlWord(v, raw)}
	}
	return f
}

// maxTOML is how deep tables, lists and dotted keys may go. The library
// (v1.6.0) takes 10 GB for a dotted key of 60 KB.
const maxTOML = 50

// tooDeep is the line at which TOML is nested deeper than maxTOML, from 1; 0
// when it is nowhere. What stands in quotation marks and comments does not
// count; of broken TOML too much may.
func tooDeep(data []byte) (line int) {
	line = 1
	depth, dots := 0, 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '\n':
			line++
			dots = 0
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			depth = max(0, depth-1)
		case '=', ',':
			dots = 0
		case '.':
			dots++
		case '#':
			if end := bytes.IndexByte(data[i:], '\n'); end >= 0 {
				i += end - 1
			} else {
				return 0
			}
		case '"', '\'':
			mark := data[i : i+1]
			if long := bytes.Repeat(mark, 3); bytes.HasPrefix(data[i:], long) {
				mark = long
			}
			i += len(mark)
			for i < len(data) && !bytes.HasPrefix(data[i:], mark) && (len(mark) == 3 || data[i] != '\n') {
				if data[i] == '\n' {
					line++
				}
				if c == '"' && data[i] == '\\' {
					i++
				}
				i++
			}
			if len(mark) == 3 || i < len(data) && data[i] != '\n' {
				i += len(mark) - 1
			} else {
				i-- // a string that its line does not close
			}
		}
		if depth > maxTOML || dots > maxTOML {
			return line
		}
	}
	return 0
}

// assignment is where a key of TOML first stands, and what stands behind it.
type assignment struct {
	line  int // from 0
	value string
}

func tomlAssignments(data []byte) map[string]assignment {
	out := map[string]assignment{}
	i := 0
	for l := range bytes.SplitSeq(data, []byte("\n")) {
		if name, value, ok := strings.Cut(string(l), "="); ok {
			if name = strings.Trim(strings.TrimSpace(name), `"'`); out[name] == (assignment{}) {
				value, _, _ = strings.Cut(value, "#")
				out[name] = assignment{i, strings.TrimSpace(value)}
			}
		}
		i++
	}
	return out
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
	asked    *Form // of a reader without anything to read: what it is asked for
}

func (r *reader) fail(f field, hint, format string, args ...any) {
	r.problems = append(r.problems, &Problem{Line: f.line, Message: f.key + ": " + fmt.Sprintf(format, args...), Hint: hint, Value: true})
}

func (r *reader) warn(f field, hint, format string, args ...any) {
	r.fail(f, hint, format, args...)
	r.problems[len(r.problems)-1].Warning = true
}

func (r *reader) word(f field) string {
	r.is("word")
	if f.list || f.mapping {
		r.fail(f, "", "expected one value, found a list")
		return ""
	}
	if len(f.values) == 0 {
		return ""
	}
	return strings.TrimSpace(f.values[0])
}

// words reads a list; a single value is a list of one.
func (r *reader) words(f field) []string {
	r.is("words")
	if f.mapping || f.other {
		r.fail(f, "", "expected a list of words")
		return nil
	}
	return f.values
}

func (r *reader) flag(f field) bool {
	w := r.word(f)
	r.is("flag")
	switch strings.ToLower(w) {
	case "true", "yes", "on":
		return true
	case "false", "no", "off", "":
	default:
		r.fail(f, "", "expected true or false, found %q", w)
	}
	return false
}

func (r *reader) number(f field) int {
	w := r.word(f)
	r.is("number")
	if w == "" {
		return 0
	}
	n, err := strconv.Atoi(w)
	if err != nil {
		r.fail(f, "", "expected a whole number, found %q", w)
	}
	return n
}

// dayTime is a date with a time, in a form that another generator reads.
var dayTime = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[Tt ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?([Zz]|UTC|GMT|[+-]\d{2}(:?\d{2})?))?$`)

// day reads a day. Of a date with a time the day counts, in its own offset.
func (r *reader) day(f field) Date {
	w := r.word(f)
	r.is("day")
	if w == "" {
		return Date{}
	}
	if m := dayTime.FindStringSubmatch(w); m != nil {
		w = m[1]
	}
	d, err := ParseDate(w)
	if err != nil {
		r.fail(f, DayHint(w), "expected a day such as 2026-03-01, found %q", w)
	}
	return d
}

// DayHint says why what looks like a day is none.
func DayHint(w string) string {
	var y, m, d int
	if n, _ := fmt.Sscanf(w, "%4d-%2d-%2d", &y, &m, &d); n < 3 || len(w) != len("2026-03-01") || m < 1 || m > 12 {
		return "days are written as year-month-day"
	}
	last := time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC)
	return fmt.Sprintf("%s %d has %d days", last.Month(), y, last.Day())
}

func (r *reader) oneOf(f field, allowed ...string) string {
	w := r.word(f)
	r.is("word", allowed...)
	if w != "" && !slices.Contains(allowed, w) {
		r.fail(f, suggest(w, allowed), "expected %s, found %q", strings.Join(allowed, " or "), w)
		return ""
	}
	return w
}

// suggest is a hint naming the known word nearest to w, or "".
func suggest(w string, known []string) string {
	if near := Nearest(w, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// Nearest is the known word nearest to w, or "".
func Nearest(w string, known []string) string {
	if strings.EqualFold(w, "major") { // nearer to minor by its letters
		w = Material
	}
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(strings.ToLower(w), strings.ToLower(k)); d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	return best
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
