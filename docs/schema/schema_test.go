package schema_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/docs/schema"
)

var update = flag.Bool("update", false, "write the schemas as they are made now")

// node is a JSON Schema, https://json-schema.org/draft/2020-12.
type node struct {
	Schema      string           `json:"$schema,omitempty"`
	ID          string           `json:"$id,omitempty"`
	Title       string           `json:"title,omitempty"`
	Description string           `json:"description,omitempty"`
	Ref         string           `json:"$ref,omitempty"`
	Type        any              `json:"type,omitempty"` // a name, or a list of names
	Const       any              `json:"const,omitempty"`
	Enum        []any            `json:"enum,omitempty"`
	Pattern     string           `json:"pattern,omitempty"`
	Format      string           `json:"format,omitempty"`
	Properties  map[string]*node `json:"properties,omitempty"`
	Patterns    map[string]*node `json:"patternProperties,omitempty"`
	Required    []string         `json:"required,omitempty"`
	Additional  any              `json:"additionalProperties,omitempty"` // false, or a schema
	Items       *node            `json:"items,omitempty"`
	MinItems    int              `json:"minItems,omitempty"`
	MaxItems    int              `json:"maxItems,omitempty"`
	AnyOf       []*node          `json:"anyOf,omitempty"`
	OneOf       []*node          `json:"oneOf,omitempty"`
	Defs        map[string]*node `json:"$defs,omitempty"`
}

// meanings are the last cells of a table of a document, by the names in its first
// cell. The table stands below a heading, and after a word that only it follows.
func meanings(t *testing.T, file, heading, after string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../" + file)
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut("\n"+string(text), "\n"+heading+"\n")
	_, section, ok2 := strings.Cut(section, "\n"+after)
	section, _, _ = strings.Cut(section, "\n\n")
	if !ok || !ok2 {
		t.Fatalf("%s has no %q with %q", file, heading, after)
	}
	out := map[string]string{}
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) < 2 || !strings.HasPrefix(cells[0], " `") {
			continue
		}
		meaning := link.ReplaceAllString(see.ReplaceAllString(strings.TrimSpace(cells[len(cells)-1]), ""), "$1")
		for _, m := range name.FindAllStringSubmatch(cells[0], -1) {
			out[strings.ToLower(m[1])] = meaning
		}
	}
	return out
}

var (
	link = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	see  = regexp.MustCompile(`[;,:] see (the )?\[[^\]]*\]\([^)]*\)`)
	name = regexp.MustCompile("`([\\w-]+)(?:: true)?`")
	word = []string{"string", "number", "boolean", "null"} // YAML and TOML spell a word like a number, and so on
)

// anyCase is a pattern of words in any case.
func anyCase(words ...string) string {
	var b strings.Builder
	for _, r := range strings.Join(words, "|") {
		if lower, upper := strings.ToLower(string(r)), strings.ToUpper(string(r)); lower != upper {
			b.WriteString("[" + upper + lower + "]")
		} else {
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return "^(" + strings.ReplaceAll(b.String(), `\|`, "|") + ")$"
}

// forms are the definitions of a schema of a file that people write.
var forms = map[string]*node{
	"word":     {Type: word},
	"words":    {Type: append([]string{"array"}, word...), Items: &node{Type: word}},
	"flag":     {AnyOf: []*node{{Type: []string{"boolean", "null"}}, {Type: "string", Pattern: anyCase("true", "yes", "on", "false", "no", "off", "")}}},
	"number":   {AnyOf: []*node{{Type: []string{"integer", "null"}}, {Type: "string", Pattern: `^\s*([-+]?\d+)?\s*$`}}},
	"day":      {Type: []string{"string", "null"}, Pattern: `^\s*(\d{4}-\d{2}-\d{2}([Tt ].*)?)?\s*$`},
	"language": {Type: []string{"string", "boolean", "null"}, Pattern: `^\s*([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*)?\s*$`},
	"address":  {Type: []string{"string", "null"}, Pattern: `^\s*(https?://.+)?$`},
	"range":    {AnyOf: []*node{{Type: []string{"integer", "null"}}, {Type: "string", Pattern: `^\s*\d+\s*(-\s*\d+\s*)?$`}}},
	"map":      {Type: "object", Additional: &node{Type: word}},
}

// of is the schema of a form, with what a document says of it.
func of(t *testing.T, f policy.Form, about string, defs map[string]*node, meaning map[string]string) *node {
	n := &node{Description: about}
	switch {
	case f.Keys != nil:
		*n = *object(t, f.Keys, defs, meaning)
		n.Description = about
	case f.Of != nil:
		words := &node{}
		for _, w := range f.Of {
			words.Enum = append(words.Enum, w)
		}
		switch f.Kind {
		case "words":
			n.AnyOf = []*node{words, {Type: "array", Items: words}, {Type: "null"}}
		case "open": // editors offer these
			n.AnyOf = []*node{words, forms["word"]}
		default:
			n.Enum = append(words.Enum, "", nil)
		}
	case f.Kind != "":
		if forms[f.Kind] == nil {
			t.Fatalf("no schema for %q", f.Kind)
		}
		defs[f.Kind] = forms[f.Kind]
		n.Ref = "#/$defs/" + f.Kind
	}
	return n
}

// object is a mapping with these keys and no others. Each has a meaning.
func object(t *testing.T, keys []policy.Key, defs map[string]*node, meaning map[string]string) *node {
	n := &node{Type: "object", Properties: map[string]*node{}, Additional: false}
	for _, k := range keys {
		about := meaning[strings.ToLower(k.Name)]
		if about == "" {
			t.Errorf("no document says what %s means", k.Name)
		}
		n.Properties[k.Name] = of(t, k.Form, about, defs, meaning)
	}
	return n
}

// written are the schemas of the files that people write.
func written(t *testing.T) map[string]*node {
	defs := map[string]map[string]*node{"config": {}, "front-matter": {}, "history": {}, "redactions": {}}

	meaning := meanings(t, "configuration.md", "# Configuration", "| Key |")
	for key, about := range map[string]string{"logo": "A picture in place of the site's title, by its path from the source folder", "favicon": "An icon, by its path from the source folder",
		"home": "The organization's own site, linked in the header of every page", "accent": "Colour of links, in quotes", "links": "At the foot of every page: text and address of each"} {
		meaning[key] = about
	}
	config := object(t, policy.Keys(policy.ConfigKeys), defs["config"], meaning)
	config.Type = []string{"object", "null"}

	// Keys of front matter are matched without case, and unknown ones only warn.
	meaning = meanings(t, "front-matter.md", "## All keys", "| Key |")
	meaning["published"] = meaning["draft"]
	matter := &node{Type: []string{"object", "null"}, Properties: map[string]*node{}, Patterns: map[string]*node{}}
	for _, k := range policy.Keys(policy.FrontMatterKeys) {
		about := meaning[strings.ToLower(k.Name)]
		if about == "" {
			t.Errorf("front-matter.md does not say what %s means", k.Name)
		}
		for i, name := range append([]string{k.Name}, k.Synonyms...) {
			if i > 0 {
				about = "The same as " + k.Name
			}
			matter.Properties[name] = of(t, k.Form, about, defs["front-matter"], nil)
			matter.Patterns[anyCase(name)] = of(t, k.Form, "", defs["front-matter"], nil)
		}
	}

	meaning = meanings(t, "later.md", "## Add to the record", "| Key |")
	entry := object(t, policy.Keys(policy.StatementKeys), defs["history"], meaning)
	entry.OneOf = []*node{{Required: []string{"version"}}, {Required: []string{"file"}, AnyOf: []*node{{Required: []string{"published"}}, {Required: []string{"effective"}}, {Required: []string{"seen"}}}}}
	history := &node{Type: []string{"object", "null"}, Additional: &node{Type: "array", Items: entry}}

	meaning = meanings(t, "later.md", "## Withhold words", "| Key |")
	redaction := object(t, policy.Keys(policy.RedactionKeys), defs["redactions"], meaning)
	redaction.Required = []string{"policy", "version", "reason", "authority", "date"}
	redaction.AnyOf = []*node{{Required: []string{"whole"}}, {Required: []string{"block", "words"}}}
	redactions := &node{Type: []string{"array", "null"}, Items: redaction}

	out := map[string]*node{"config": config, "front-matter": matter, "history": history, "redactions": redactions}
	for name, n := range out {
		n.Defs = defs[name]
	}
	return out
}

// made is the schema of what a program writes: every member is there, whatever it is.
// meanings are by the name of the type.
func made(t *testing.T, of reflect.Type, meaning map[string]map[string]string) *node {
	switch of {
	case reflect.TypeFor[policy.Date]():
		return &node{Type: []string{"string", "null"}, Format: "date", Pattern: `^\d{4}-\d{2}-\d{2}$`}
	case reflect.TypeFor[pages.OrNull]():
		return &node{Type: []string{"string", "null"}}
	case reflect.TypeFor[policy.Status]():
		return &node{Enum: []any{policy.StatusInForce, policy.StatusUpcoming, policy.StatusWithdrawn}}
	}
	switch of.Kind() {
	case reflect.Pointer:
		return &node{AnyOf: []*node{made(t, of.Elem(), meaning), {Type: "null"}}}
	case reflect.Slice:
		return &node{Type: "array", Items: made(t, of.Elem(), meaning)}
	case reflect.Array:
		return &node{Type: "array", Items: made(t, of.Elem(), meaning), MinItems: of.Len(), MaxItems: of.Len()}
	case reflect.String:
		return &node{Type: "string"}
	case reflect.Bool:
		return &node{Type: "boolean"}
	case reflect.Int:
		return &node{Type: "integer"}
	case reflect.Struct:
		n := &node{Type: "object", Properties: map[string]*node{}}
		for i := range of.NumField() {
			if of.Field(i).Anonymous {
				embedded := made(t, of.Field(i).Type, meaning)
				maps.Copy(n.Properties, embedded.Properties)
				n.Required = append(n.Required, embedded.Required...)
				continue
			}
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			member := made(t, of.Field(i).Type, meaning)
			if name == "change" {
				member = &node{Enum: []any{policy.Material, policy.Minor, policy.Editorial, nil}}
			}
			if name == "kind" {
				member = kinds[of]
			}
			if name == "origins" {
				member = &node{AnyOf: []*node{member, {Type: "null"}}}
			}
			if about := meaning[of.Name()]; about != nil {
				if member.Description = about[name]; member.Description == "" && name != "id" && name != "url" && name != "title" && name != "lang" {
					t.Errorf("no document says what %s of %s means", name, of.Name())
				}
			}
			n.Properties[name] = member
			n.Required = append(n.Required, name)
		}
		return n
	}
	t.Fatalf("no schema for %v", of)
	return nil
}

// kinds are those of versions and of revisions.
var kinds = map[reflect.Type]*node{
	reflect.TypeFor[pages.VersionFacts]():     {Enum: []any{"initial", "wording", "dates", "links", "formatting", "restored"}},
	reflect.TypeFor[pages.ManifestRevision](): {Enum: []any{"initial", "wording", "dates", "links", "formatting", "restored", "source", "move", "draft", "withdrawn", "unread"}},
}

// all are the schemas by name, each with what it is.
func all(t *testing.T) map[string]*node {
	out := written(t)
	policies, versions := meanings(t, "urls.md", "### A policy", "| Field |"), meanings(t, "urls.md", "### A version", "| Field |")
	versionsFile := maps.Clone(policies)
	versionsFile["origins"] = "Since when each line of the text in force stands"
	meaning := map[string]map[string]string{
		"Manifest": meanings(t, "urls.md", "### The site", "| Field |"), "ManifestStatement": meanings(t, "urls.md", "### A statement", "| Field |"),
		"PolicyFacts": policies, "ManifestPolicy": policies, "Versions": versionsFile, "VersionFacts": versions, "ManifestVersion": versions,
		"ManifestOrigin": meanings(t, "for-programs.md", "## versions.json", "| Field |"),
		"Current":        meanings(t, "for-programs.md", "## current.json", "| Field |"),
	}
	out["archive"] = made(t, reflect.TypeFor[pages.Manifest](), meaning)
	out["archive"].Properties["format"].Const = pages.ManifestFormat
	out["current"] = made(t, reflect.TypeFor[pages.Current](), meaning)
	out["versions"] = made(t, reflect.TypeFor[pages.Versions](), meaning)
	for name, title := range map[string]string{
		"archive": "archive.json", "current": "current.json of a policy", "versions": "versions.json of a policy", "config": "policysite.yaml", "front-matter": "Front matter of a policy", "history": "history.yaml", "redactions": "redactions.yaml",
	} {
		out[name].Schema, out[name].ID, out[name].Title = "https://json-schema.org/draft/2020-12/schema", "https://raw.githubusercontent.com/policysite/policysite/main/docs/schema/"+name+".json", title
	}
	return out
}

// The schemas are what the code and the documents say.
func TestSchemasAreOfToday(t *testing.T) {
	schemas := all(t)
	for name, n := range schemas {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(n); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(name+".json", want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if have := schema.Of(name); !bytes.Equal(have, want.Bytes()) {
			t.Errorf("%s.json is not what the code says: go test ./docs/schema -update writes it", name)
		}
	}
	if names := schema.Names(); !*update && len(names) != len(schemas) || slices.ContainsFunc(names, func(n string) bool { return schemas[n] == nil }) {
		t.Errorf("schemas %q", names)
	}
}
