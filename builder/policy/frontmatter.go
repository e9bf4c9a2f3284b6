package policy

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Meta is what a text's front matter says.
type Meta struct {
	Title, Description string
	Weight             int
	Draft              bool
	Layout             string
	Identity
	OfVersion
	Lines map[string]int // the lines of keys, from 1
}

// Identity is what front matter says of which policy a text is, and where.
type Identity struct {
	ID            string
	Formerly      []string
	Lang          string
	Slug, URL     string // URL: of url or permalink
	Aliases       []string
	TranslationOf string
}

// OfVersion is what front matter says of one version of a text.
type OfVersion struct {
	Version     string // the author's label, always as written
	LastUpdated Date
	Effective   Date
	Retroactive bool
	Change      string // Material, Minor, Editorial or ""
	Summary     string
	Translates  string
	Source      string
}

// keys of front matter: the name that counts, and how its field is read.
var frontMatterKeys = []struct {
	name     string
	synonyms []string
	set      func(m *Meta, r *reader, f field)
}{
	{"title", nil, func(m *Meta, r *reader, f field) { m.Title = r.word(f) }},
	{"description", nil, func(m *Meta, r *reader, f field) { m.Description = r.word(f) }},
	{"weight", nil, func(m *Meta, r *reader, f field) { m.Weight = r.number(f) }},
	{"draft", nil, func(m *Meta, r *reader, f field) { m.Draft = r.flag(f) }},
	{"lang", nil, func(m *Meta, r *reader, f field) { m.Lang = r.lang(f) }},
	{"layout", nil, func(m *Meta, r *reader, f field) { m.Layout = r.word(f) }},
	{"slug", nil, func(m *Meta, r *reader, f field) { m.Slug = r.word(f) }},
	{"url", []string{"permalink"}, func(m *Meta, r *reader, f field) { m.URL = r.word(f) }},
	{"aliases", []string{"redirect_from"}, func(m *Meta, r *reader, f field) { m.Aliases = append(m.Aliases, r.words(f)...) }},
	{"id", nil, func(m *Meta, r *reader, f field) { m.ID = r.word(f) }},
	{"formerly", nil, func(m *Meta, r *reader, f field) { m.Formerly = r.words(f) }},
	{"version", nil, func(m *Meta, r *reader, f field) { m.Version = r.word(f) }},
	{"last-updated", []string{"last_updated", "lastmod", "updated"}, func(m *Meta, r *reader, f field) { m.LastUpdated = r.day(f) }},
	{"effective", []string{"effective-date", "effective_date"}, func(m *Meta, r *reader, f field) { m.Effective = r.day(f) }},
	{"change", nil, func(m *Meta, r *reader, f field) { m.Change = r.oneOf(f, Material, Minor, Editorial) }},
	{"summary", nil, func(m *Meta, r *reader, f field) { m.Summary = CollapseSpace(r.word(f)) }},
	{"retroactive", nil, func(m *Meta, r *reader, f field) { m.Retroactive = r.flag(f) }},
	{"translation-of", nil, func(m *Meta, r *reader, f field) { m.TranslationOf = r.word(f) }},
	{"translates", nil, func(m *Meta, r *reader, f field) { m.Translates = r.word(f) }},
	{"source", nil, func(m *Meta, r *reader, f field) { m.Source = r.word(f) }},
}

var langTag = regexp.MustCompile(`^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$`)

func (r *reader) lang(f field) string {
	w := r.word(f)
	if w != "" && !langTag.MatchString(w) {
		r.fail(f, "", "want a language tag such as en or pt-BR, have %q", w)
		return ""
	}
	return strings.ReplaceAll(w, "_", "-")
}

// maxFrontMatter bounds what is given to the YAML and TOML readers.
const maxFrontMatter = 64 << 10

// split separates front matter from the text. fence is "---", "+++" or "".
// bodyLine is the number of the body's first line.
func split(source []byte) (fence string, front, body []byte, bodyLine int, problem *Problem) {
	rest := bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF"))
	first, after, _ := bytes.Cut(rest, []byte("\n"))
	fence = string(bytes.TrimRight(first, " \t\r"))
	if fence != "---" && fence != "+++" {
		return "", nil, rest, 1, nil
	}
	front = after
	line := 2
	for at := 0; at < len(after); line++ {
		end := bytes.IndexByte(after[at:], '\n')
		next := at + end + 1
		if end < 0 {
			next = len(after)
		}
		l := string(bytes.TrimRight(after[at:next], " \t\r\n"))
		if l == fence || fence == "---" && l == "..." {
			front = after[:at]
			if len(front) > maxFrontMatter {
				return fence, nil, after[next:], line + 1, &Problem{Line: 1, Message: fmt.Sprintf("front matter of %d bytes, want at most %d", len(front), maxFrontMatter)}
			}
			return fence, front, after[next:], line + 1, nil
		}
		at = next
	}
	return fence, nil, nil, 1, &Problem{Line: 1, Message: "front matter opens with " + fence + " and never closes",
		Hint: "end it with a line " + fence + ", or put an empty line above a first line that is meant as a rule"}
}

// ParseSource separates a source into front matter and Markdown. body is the
// Markdown, bodyLine the number of its first line. Problems have no path; any
// that is no warning means that the text cannot be published as it stands.
func ParseSource(source []byte) (meta Meta, body []byte, bodyLine int, problems Problems) {
	if problem := CheckEncoding(source, 1); problem != nil {
		meta.Draft = draftInAnyEncoding(source)
		return meta, nil, 1, Problems{problem}
	}
	fence, front, body, bodyLine, problem := split(source)
	if problem != nil {
		meta.Draft = draftLine.Match(source)
		return meta, body, bodyLine, Problems{problem}
	}
	var fields []field
	switch fence {
	case "---":
		fields, problem = yamlFields(front, 2)
	case "+++":
		fields, problem = tomlFields(front, 2)
	}
	if problem != nil {
		meta.Draft = draftLine.Match(front)
		return meta, body, bodyLine, Problems{problem}
	}
	meta, problems = readMeta(fields)
	return meta, body, bodyLine, append(problems, invisibleMarks(source, bodyLine, meta.Lang)...)
}

// draftLine keeps a draft off the site even when its front matter cannot be
// read: what may not be published must not slip through by a typing mistake.
var draftLine = regexp.MustCompile(`(?mi)^\s*draft\s*[:=]\s*["']?(true|yes|on)\b`)

// draftInAnyEncoding finds the same in what is no UTF-8. Without its NULs and
// marks of byte order, UTF-16 reads like it as far as keys go.
func draftInAnyEncoding(source []byte) bool {
	plain := bytes.ReplaceAll(source, []byte{0}, nil)
	_, front, _, _, problem := split(bytes.TrimPrefix(bytes.TrimPrefix(plain, []byte("\xff\xfe")), []byte("\xfe\xff")))
	if problem != nil {
		front = plain
	}
	return draftLine.Match(front)
}

func readMeta(fields []field) (Meta, Problems) {
	m := Meta{Lines: map[string]int{}}
	var r reader
	var known []string
	for _, k := range frontMatterKeys {
		known = append(append(known, k.name), k.synonyms...)
	}
	spelled := map[string]string{}
next:
	for _, f := range fields {
		for _, k := range frontMatterKeys {
			if f.key != k.name && !slices.Contains(k.synonyms, f.key) {
				continue
			}
			if line := m.Lines[k.name]; line != 0 && k.name != "aliases" {
				r.fail(f, "keep one of the two", "stands twice, as %s on line %d too", spelled[k.name], line)
				continue next
			}
			m.Lines[k.name], spelled[k.name] = f.line, f.key
			k.set(&m, &r, f)
			continue next
		}
		r.problems = append(r.problems, &Problem{Line: f.line, Message: fmt.Sprintf("unknown key %q in front matter", f.key), Hint: suggest(f.key, known), Warning: true})
	}
	return m, r.problems
}

// Body is a source without its front matter.
func Body(source []byte) []byte {
	_, _, body, _, problem := split(source)
	if problem != nil && body == nil {
		return source
	}
	return body
}
