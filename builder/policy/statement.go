package policy

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Files beside policysite.yaml in which later commits say more of versions.
const (
	StatementsFile = "history.yaml"
	RedactionsFile = "redactions.yaml"
)

// Statement is what was said later of a version that its own commit does not
// say, by history.yaml.
type Statement struct {
	Recorded   time.Time // of the step since which it stands there unchanged, in UTC
	On         Date      // of Recorded, in the site's time zone
	Commit     string    // of that step
	Published  Date
	Effective  Date
	Seen       Date   // a day on which somebody found the text published
	Evidence   string // URL
	Summary    string
	Change     string // Material, Minor, Editorial or ""
	ReplacedBy string // id of the version, or the address, that took its place
}

// Entry is an entry of history.yaml: a Statement about a version that git
// gives, or about a text that is older than git's.
type Entry struct {
	Statement
	Policy  string // id
	Version string // id of the version it is about; or ""
	File    string // path of the text, relative to the folder of history.yaml; or ""
	Line    int
}

// Day is the day that an entry's text gets its id from: the day it was
// published, else that from which it is effective, else one on which it was
// seen.
func (e *Entry) Day() Date {
	for _, d := range []Date{e.Published, e.Effective, e.Seen} {
		if !d.IsZero() {
			return d
		}
	}
	return Date{}
}

// Redaction withholds words of a published version, because somebody with the
// authority to say so said so.
type Redaction struct {
	Policy    string // id
	Version   string // id
	Whole     bool
	Block     int // line of the visible text, from 1; 0 when Whole
	First     int // of its words, from 1
	Last      int // included
	Reason    string
	Authority string
	Date      Date
	Salt      string // what the source's hash is salted with: it must not be on the site; or ""
	Salted    string // the salted hash, as an earlier site had it; or ""
	Line      int
}

// SaltedSHA256 stands for the hash of a source whose words are withheld, since
// who knows most of a text can guess the rest of it by its hash: the SHA-256 of
// the salt followed by the source's SHA-256, hexadecimal; "" without a salt.
func (r *Redaction) SaltedSHA256(sourceSHA256 string) string {
	if r.Salted != "" || r.Salt == "" || sourceSHA256 == "" {
		return r.Salted // git may no longer have what it was made from
	}
	return hexSHA256([]byte(r.Salt + sourceSHA256))
}

// maxStatements bounds the files that later statements are read from, in bytes.
const maxStatements = 4 << 20

// ParseStatements reads history.yaml: for each policy's id a list of entries.
// Problems have no path.
func ParseStatements(data []byte) ([]Entry, Problems) {
	root, lines, problem := yamlRoot(data)
	if problem != nil || root == nil {
		return nil, only(problem)
	}
	const form = "privacy:\n  - file: history/privacy/2012-10-28.md\n    published: 2012-10-28"
	if root.Kind != yaml.MappingNode {
		return nil, Problems{{Line: lines.inFile(root.Line), Message: "expected a list of entries for each policy", Hint: form}}
	}
	var r reader
	var out []Entry
	said := map[string]int{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		id := strings.Trim(root.Content[i].Value, "/")
		entries, problem := yamlList(root.Content[i+1], lines, id+": expected a list of entries", form)
		if problem != nil {
			return nil, Problems{problem}
		}
		for _, fields := range entries {
			e := Entry{Policy: id, Line: fields[0].line}
			r.set(fields, e.keys(&r))
			at := field{key: id, line: e.Line}
			about := id + "\x00" + e.Version + "\x00" + e.File
			switch {
			case e.Version == "" && e.File == "" || e.Version != "" && e.File != "":
				r.fail(at, "version: names a version of the site, file: a text that is older than git", "expected `version` or `file`, one of the two")
			case e.File != "" && e.Day().IsZero():
				r.fail(at, "published: is the day it was put on the web, effective: the day its text states, seen: a day on which it was found", "%s: expected `published`, `effective` or `seen`", e.File)
			case said[about] != 0:
				r.fail(at, "keep one of the two", "names %s twice, also on line %d", e.Version+e.File, said[about])
			}
			said[about] = e.Line
			out = append(out, e)
		}
	}
	return out, r.problems
}

// keys are those of an entry, with what reads them.
func (e *Entry) keys(r *reader) map[string]func(field) {
	return map[string]func(field){
		"version":     func(f field) { e.Version = r.word(f) },
		"file":        func(f field) { e.File = r.file(f) },
		"published":   func(f field) { e.Published = r.day(f) },
		"effective":   func(f field) { e.Effective = r.day(f) },
		"seen":        func(f field) { e.Seen = r.day(f) },
		"evidence":    func(f field) { e.Evidence = r.address(f) },
		"summary":     func(f field) { e.Summary = CollapseSpace(r.word(f)) },
		"change":      func(f field) { e.Change = r.oneOf(f, Material, Minor, Editorial) },
		"replaced-by": func(f field) { e.ReplacedBy = r.word(f) },
	}
}

// ParseRedactions reads redactions.yaml: a list of entries. Problems have no
// path.
func ParseRedactions(data []byte) ([]Redaction, Problems) {
	root, lines, problem := yamlRoot(data)
	if problem != nil || root == nil {
		return nil, only(problem)
	}
	entries, problem := yamlList(root, lines, "expected a list of redactions",
		"- policy: privacy\n  version: 2021-07-14\n  whole: true\n  reason: …\n  authority: …\n  date: 2026-11-20")
	if problem != nil {
		return nil, Problems{problem}
	}
	var r reader
	var out []Redaction
	for _, fields := range entries {
		x := Redaction{Line: fields[0].line}
		var words string
		r.set(fields, x.keys(&r, &words))
		for _, want := range []struct{ key, value string }{
			{"policy", x.Policy}, {"version", x.Version}, {"reason", x.Reason}, {"authority", x.Authority}, {"date", x.Date.String()},
		} {
			if want.value == "" {
				r.fail(field{key: want.key, line: x.Line}, "every redaction names policy, version, reason, authority and date", "is missing")
			}
		}
		switch at := (field{key: "block", line: x.Line}); {
		case x.Whole && (x.Block != 0 || words != ""):
			r.fail(at, "leave out block and words, or whole", "the whole version is withheld")
		case !x.Whole && (x.Block < 1 || words == ""):
			r.fail(at, "whole: true withholds the version; block: is a line of `policysite show "+x.Policy+"@"+x.Version+" --text`, words: 3-7 are words of that line", "expected `whole: true`, or `block` and `words`")
		}
		out = append(out, x)
	}
	return out, r.problems
}

// keys are those of a redaction, with what reads them. words is set to the range as it
// is written.
func (x *Redaction) keys(r *reader, words *string) map[string]func(field) {
	return map[string]func(field){
		"policy":    func(f field) { x.Policy = strings.Trim(r.word(f), "/") },
		"version":   func(f field) { x.Version = r.word(f) },
		"whole":     func(f field) { x.Whole = r.flag(f) },
		"block":     func(f field) { x.Block = r.number(f) },
		"words":     func(f field) { *words = r.word(f); x.First, x.Last = r.wordRange(f, *words) },
		"reason":    func(f field) { x.Reason = CollapseSpace(r.word(f)) },
		"authority": func(f field) { x.Authority = CollapseSpace(r.word(f)) },
		"date":      func(f field) { x.Date = r.day(f) },
		"salt":      func(f field) { x.Salt = r.word(f) },
	}
}

func only(problem *Problem) Problems {
	if problem == nil {
		return nil
	}
	return Problems{problem}
}

// yamlRoot reads a file of later statements; nil when there is nothing in it.
func yamlRoot(data []byte) (*yaml.Node, yamlLines, *Problem) {
	lines := yamlLines{1, 1 + bytes.Count(data, []byte("\n"))}
	if len(data) > maxStatements {
		return nil, lines, &Problem{Message: fmt.Sprintf("has %d bytes, expected at most %d", len(data), maxStatements)}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		line, message := yamlError(err)
		return nil, lines, &Problem{Line: lines.inFile(line), Message: "YAML: " + message, Hint: "quote a value that holds `: ` or starts with a special character"}
	}
	if len(root.Content) == 0 || root.Content[0].Kind == yaml.ScalarNode && root.Content[0].Tag == "!!null" {
		return nil, lines, nil
	}
	return root.Content[0], lines, nil
}

// yamlList reads a list of mappings, none of which is empty.
func yamlList(node *yaml.Node, lines yamlLines, want, hint string) ([][]field, *Problem) {
	if node.Kind != yaml.SequenceNode {
		return nil, &Problem{Line: lines.inFile(node.Line), Message: want, Hint: hint}
	}
	var out [][]field
	for _, item := range node.Content {
		if item.Kind != yaml.MappingNode || len(item.Content) == 0 {
			return nil, &Problem{Line: lines.inFile(item.Line), Message: want, Hint: hint}
		}
		fields, problem := mappingFields(item, lines, 0)
		if problem != nil {
			return nil, problem
		}
		out = append(out, fields)
	}
	return out, nil
}

// set gives each field to what reads its key.
func (r *reader) set(fields []field, keys map[string]func(field)) {
	if r.asked != nil {
		below := r.keys(keys)
		*r.asked = Form{Keys: below}
		return
	}
	seen := map[string]int{}
	for _, f := range fields {
		do, known := keys[f.key]
		switch mark := f.deceptive(); {
		case mark != "":
			r.fail(f, "remove it", "has %s, which makes what is read differ from what is written", mark)
		case seen[f.key] != 0:
			r.fail(f, "keep one of the two", "stands twice, on line %d too", seen[f.key])
		case known:
			do(f)
		default:
			r.problems = append(r.problems, &Problem{Line: f.line, Message: fmt.Sprintf("unknown key %q", f.key), Hint: suggest(f.key, slices.Sorted(maps.Keys(keys)))})
		}
		seen[f.key] = f.line
	}
}

// file reads the path of a file below the folder of the one that names it.
func (r *reader) file(f field) string {
	w := r.word(f)
	clean := path.Clean(strings.ReplaceAll(w, `\`, "/"))
	if w == "" || clean == "." || path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		r.fail(f, "", "expected a file below the folder of %s, found %q", StatementsFile, w)
		return ""
	}
	return clean
}

// address reads an address of the web.
func (r *reader) address(f field) string {
	w := r.word(f)
	r.is("address")
	if u, err := url.Parse(w); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		r.fail(f, "", "expected an address such as https://web.archive.org/web/…, found %q", w)
		return ""
	}
	return w
}

// wordRange reads a range of words, "3-7", or one word, "3".
func (r *reader) wordRange(f field, w string) (first, last int) {
	r.is("range")
	a, b, ranged := strings.Cut(strings.ReplaceAll(w, " ", ""), "-")
	if !ranged {
		b = a
	}
	first, err := strconv.Atoi(a)
	last, err2 := strconv.Atoi(b)
	if err != nil || err2 != nil || first < 1 || last < first {
		r.fail(f, "words: 3-7 are the third to the seventh word of the block", "expected a range of words such as 3-7, found %q", w)
		return 0, 0
	}
	return first, last
}
