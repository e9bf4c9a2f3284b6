package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/docs/schema"
	"github.com/policysite/policysite/layouts"
)

// compiled are the schemas, which are schemas themselves.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	out := map[string]*jsonschema.Schema{}
	for _, name := range schema.Names() {
		c := jsonschema.NewCompiler()
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Of(name)))
		if err == nil {
			err = c.AddResource(name, doc)
		}
		if err == nil {
			out[name], err = c.Compile(name)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return out
}

// fromYAML is YAML as an editor takes it: a day is a word.
func fromYAML(t *testing.T, data []byte) any {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	if len(root.Content) == 0 {
		return nil
	}
	return plain(t, root.Content[0])
}

func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.AliasNode:
		return plain(t, n.Alias)
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			out = append(out, plain(t, item))
		}
		return out
	}
	switch n.ShortTag() {
	case "!!int", "!!float", "!!bool", "!!null":
		var v any
		if err := n.Decode(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	return n.Value
}

// matter is the front matter of a text, and whether the program reads it without an
// error.
func matter(t *testing.T, source []byte) (any, bool) {
	t.Helper()
	_, body, _, problems := policy.ParseSource(source)
	front := string(source[:len(source)-len(body)])
	_, front, ok := strings.Cut(strings.TrimRight(front, "\r\n"), "\n")
	if !ok || len(problems.Errors(false)) > 0 {
		return nil, false
	}
	front = front[:max(0, strings.LastIndexByte(front, '\n')+1)]
	if !strings.HasPrefix(strings.TrimPrefix(string(source), "\ufeff"), "+++") {
		return fromYAML(t, []byte(front)), true
	}
	var v map[string]any
	if _, err := toml.Decode(front, &v); err != nil {
		t.Fatal(err)
	}
	for key, value := range v {
		if day, ok := value.(time.Time); ok {
			v[key] = day.Format(time.RFC3339)
		}
	}
	return v, true
}

// real are the files of this repository, of the sites in testdata and, of corpora, of
// real repositories beside the checkout, by the schema that they are of.
func real(t *testing.T, corpora bool) map[string][]any {
	t.Helper()
	out := map[string][]any{}
	take := func(name string, content []byte) {
		switch base := filepath.Base(name); {
		case base == "policysite.yaml":
			out["config"] = append(out["config"], fromYAML(t, content))
		case base == "history.yaml" || base == "redactions.yaml":
			kind := strings.TrimSuffix(base, ".yaml")
			out[kind] = append(out[kind], fromYAML(t, content))
		case filepath.Ext(base) == ".json":
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			kind := strings.TrimSuffix(base, ".json")
			out[kind] = append(out[kind], v)
		case filepath.Ext(base) == ".md":
			if v, ok := matter(t, content); ok {
				out["front-matter"] = append(out["front-matter"], v)
			}
		}
	}
	built := func(dir, content string) {
		site := filepath.Join(t.TempDir(), "site")
		_, err := builder.Build(t.Context(), builder.Options{Source: dir, Content: content, Destination: site, Theme: layouts.FS, Now: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Generator: "test"})
		if err != nil {
			t.Fatal(err)
		}
		for _, pattern := range []string{"archive.json", "*/*.json", "*/*/*.json"} {
			names, err := filepath.Glob(filepath.Join(site, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				content, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				take(name, content)
			}
		}
	}
	for _, name := range []string{"policysite.yaml", "history.yaml", "redactions.yaml"} {
		content, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		take(name, content)
	}
	for _, folder := range []string{"../../builder/testdata", "../../cmd/policysite/testdata/script"} {
		names, err := filepath.Glob(folder + "/*.txtar")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d, %v", folder, len(names), err)
		}
		for _, name := range names {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range archive.Files {
				if filepath.Ext(f.Name) == ".md" || strings.HasPrefix(folder, "../../builder") {
					take(f.Name, f.Data)
				}
			}
		}
	}
	for name, content := range map[string]string{"basecamp-policies": "", "psf-policies": "docs", "electron-governance": "."} {
		bundle, err := filepath.Abs("../../../shared/corpora/" + name + ".bundle")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(bundle); err != nil || !corpora {
			continue
		}
		dir := filepath.Join(t.TempDir(), name)
		if said, err := exec.Command("git", "clone", "-q", bundle, dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		texts, err := exec.Command("git", "-C", dir, "ls-files", "-z", "*.md").Output()
		if err != nil {
			t.Fatal(err)
		}
		for path := range strings.SplitSeq(strings.TrimRight(string(texts), "\x00"), "\x00") {
			if content, err := os.ReadFile(filepath.Join(dir, path)); err == nil { // none of a link to nothing
				take("x.md", content)
			}
		}
		if name != "electron-governance" {
			built(dir, content)
		}
	}
	built("../..", "") // the last one
	return out
}

// The schemas accept all that the program does: real files, and every key of what people
// write with values of every form.
func TestSchemasAcceptRealFiles(t *testing.T) {
	schemas := compiled(t)
	files := real(t, true)
	for name, fewest := range map[string]int{"archive": 2, "current": 3, "versions": 3, "config": 2, "front-matter": 30, "history": 2, "redactions": 2} {
		if len(files[name]) < fewest {
			t.Errorf("%d real files of %s", len(files[name]), name)
		}
		for _, v := range files[name] {
			if err := schemas[name].Validate(v); err != nil {
				t.Errorf("%s: %v\n%v", name, err, v)
			}
		}
	}
}

// samples are values of every form that a key may have, as YAML.
var samples = []string{
	"", "x", `""`, "true", "Yes", "off", "3", "-3", `"3"`, "3.5", "2026-05-04", "2026-05-04T10:00:00Z", "2026-5-4", "2026-13-04", "[]", "[a, b]", "[1, true]", "[[a]]", "[{a: b}]", "{}", "{a: b}", "{a: 2020-01-01}", "{a: [b]}",
	"https://example.com/", "http://x.example/y", "ftp://x", "en", "pt_BR", "x y", "Europe/Berlin", "committer", "both", "rules", "trusted", "material", "major", "terms/eu", "3-7", "7-3", "no-summary", "[no-summary]", "/a/", "'#0b55a0'", "{home: https://example.com/, links: {A: https://example.com/a}}", "{home: x}", "{logo: [a]}",
}

func TestSchemasAgreeWithTheProgram(t *testing.T) {
	schemas := compiled(t)
	accepts := map[string]func(yaml string) policy.Problems{
		"config": func(y string) policy.Problems { _, p := policy.ParseConfig([]byte(y)); return p },
		"front-matter": func(y string) policy.Problems {
			_, _, _, p := policy.ParseSource([]byte("---\n" + y + "---\nx\n"))
			return p
		},
		"history":    func(y string) policy.Problems { _, p := policy.ParseStatements([]byte(y)); return p },
		"redactions": func(y string) policy.Problems { _, p := policy.ParseRedactions([]byte(y)); return p },
	}
	frames := map[string]string{ // what a whole entry has besides; "%s" is a line of it
		"config": "%s\n", "front-matter": "%s\n",
		"history":    "privacy:\n  - version: 2020-01-01\n    %s\n",
		"redactions": "- {policy: p, version: v, reason: r, authority: a, date: 2026-01-01, whole: true}\n- policy: p\n  reason: r\n  version: v\n  authority: a\n  date: 2026-01-01\n  block: 2\n  words: 3\n  %s\n",
	}
	for file, frame := range frames {
		both, neither, looser := 0, 0, 0
		for _, k := range policy.Keys(file) {
			for _, name := range append([]string{k.Name, strings.ToUpper(k.Name)}, k.Synonyms...) {
				for _, sample := range samples {
					y := fmt.Sprintf(frame, name+": "+sample)
					if strings.Count(y, " "+name+":") > 1 {
						y = strings.Replace(y, "  "+name+": ", "  # ", 1) // of the frame
						if strings.HasPrefix(strings.TrimSpace(y), "- # ") {
							continue
						}
					}
					wrong := accepts[file](y).Errors(false)
					err := schemas[file].Validate(fromYAML(t, []byte(y)))
					switch {
					case len(wrong) == 0 && err != nil:
						t.Errorf("%s: the program accepts, and the schema refuses\n%s%v", file, y, err)
					case len(wrong) == 0:
						both++
					case err != nil:
						neither++
					default:
						looser++
					}
				}
			}
		}
		// A schema cannot say that a file is there, or that a range goes up.
		if both < 50 || neither < 5*looser {
			t.Errorf("%s: both accept %d, both refuse %d, the schema alone accepts %d", file, both, neither, looser)
		}
	}
	// What an entry cannot be without.
	for file, texts := range map[string][]string{
		"history":    {"p:\n  - {published: 2020-01-01}\n", "p:\n  - {file: a.md}\n", "p:\n  - {file: a.md, version: 2020-01-01, seen: 2020-01-01}\n", "p: {version: 2020-01-01}\n", "- p\n"},
		"redactions": {"- {policy: p, version: v, reason: r, authority: a, date: 2026-01-01}\n", "- {policy: p, version: v, reason: r, authority: a, whole: true}\n", "- {policy: p, version: v, reason: r, authority: a, date: 2026-01-01, block: 3}\n", "{policy: p}\n"},
		"config":     {"- a\n", "titel: x\n", "brand: {colour: x}\n"},
	} {
		for _, y := range texts {
			wrong, err := accepts[file](y), schemas[file].Validate(fromYAML(t, []byte(y)))
			if len(wrong) == 0 || err == nil {
				t.Errorf("%s: expected to be refused by both, found %v and %v\n%s", file, wrong, err, y)
			}
		}
	}
}

// Every member of what the program writes is required, and has one form.
func TestSchemasRefuseOtherRecords(t *testing.T) {
	schemas := compiled(t)
	all := real(t, false)
	for name, fewest := range map[string]int{"archive": 60, "current": 12, "versions": 40} {
		files := all[name]
		whole, err := json.Marshal(files[len(files)-1])
		if err != nil {
			t.Fatal(err)
		}
		tried := 0
		var change func(v any, at string, again func() error)
		change = func(v any, at string, again func() error) {
			switch v := v.(type) {
			case map[string]any:
				for key, value := range v {
					tried++
					delete(v, key)
					if again() == nil {
						t.Errorf("%s: accepted without %s.%s", name, at, key)
					}
					for _, other := range []any{map[string]any{"other": 1.0}, []any{[]any{}}, 1.5} {
						if v[key] = other; again() == nil {
							t.Errorf("%s: accepted with %v as %s.%s", name, other, at, key)
						}
					}
					if strings.Contains("status kind change format", key) {
						if v[key] = "other"; again() == nil {
							t.Errorf("%s: accepted with other as %s.%s", name, at, key)
						}
					}
					v[key] = value
					change(value, at+"."+key, again)
				}
			case []any:
				if len(v) > 0 {
					change(v[0], at+"[0]", again)
				}
			}
		}
		root, err := jsonschema.UnmarshalJSON(bytes.NewReader(whole))
		if err != nil {
			t.Fatal(err)
		}
		change(root, "", func() error { return schemas[name].Validate(root) })
		if tried < fewest || schemas[name].Validate(root) != nil {
			t.Errorf("%s: %d members changed", name, tried)
		}
	}
}
