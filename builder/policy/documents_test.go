package policy

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// firstCells are the words in backticks in the first cells of the tables below a
// heading of a document.
func firstCells(t *testing.T, document, heading string) (out []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + document)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), heading)
	if !found {
		t.Fatalf("%s has no %q", document, heading)
	}
	table, _, _ = strings.Cut(table, "\n## ")
	for _, row := range regexp.MustCompile(`(?m)^\| (.*?) \|`).FindAllStringSubmatch(table, -1) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return out
}

// The tables of the documents have every key and every rule, and no other.
func TestDocumentedNames(t *testing.T) {
	var keys []string
	for _, k := range frontMatterKeys {
		keys = append(keys, k.name)
	}
	documented := firstCells(t, "front-matter.md", "## All keys")
	spelled := func(name string) string { // as the document spells it
		for _, d := range documented {
			if strings.EqualFold(d, name) {
				return d
			}
		}
		return name
	}
	for i := range keys {
		keys[i] = spelled(keys[i])
	}
	keys = append(keys, "permalink", "redirect_from")                               // names of other keys
	keys = slices.DeleteFunc(keys, func(k string) bool { return k == "published" }) // stands at `draft`
	if slices.Sort(keys); !slices.Equal(documented, keys) {
		t.Errorf("front-matter.md has %v,\nwant %v", documented, keys)
	}

	source, err := os.ReadFile("config.go")
	if err != nil {
		t.Fatal(err)
	}
	var settings []string
	for _, m := range regexp.MustCompile(`(?m)^\t\t"([a-zA-Z-]+)": +func\(f field\)`).FindAllStringSubmatch(string(source), -1) {
		settings = append(settings, m[1])
	}
	slices.Sort(settings)
	if documented := firstCells(t, "configuration.md", "| Key | Default | Meaning |"); len(settings) < 15 || !slices.Equal(documented, settings) {
		t.Errorf("configuration.md has %v,\nwant %v", documented, settings)
	}

	source, err = os.ReadFile("statement.go")
	if err != nil {
		t.Fatal(err)
	}
	history, redactions, found := strings.Cut(string(source), "func ParseRedactions")
	for _, of := range []struct{ source, heading string }{
		{history, "## Add to the record"}, {redactions, "## Withhold words"},
	} {
		var want []string
		for _, m := range regexp.MustCompile(`(?m)^\t+"([a-z-]+)": +func\(f field\)`).FindAllStringSubmatch(of.source, -1) {
			want = append(want, m[1])
		}
		slices.Sort(want)
		have := firstCells(t, "later.md", of.heading)
		for i := range have {
			have[i], _, _ = strings.Cut(have[i], ":") // `whole: true`
		}
		have = slices.DeleteFunc(have, func(k string) bool { return !slices.Contains(want, k) && strings.Contains(k, ".") })
		if slices.Sort(have); !found || len(want) < 9 || !slices.Equal(slices.Compact(have), want) {
			t.Errorf("later.md, %s, has %v,\nwant %v", of.heading, have, want)
		}
	}

	rules := ruleNames()
	slices.Sort(rules)
	if documented := firstCells(t, "pull-requests.md", "| Rule | Finds |"); !slices.Equal(documented, rules) {
		t.Errorf("pull-requests.md has %v,\nwant %v", documented, rules)
	}
	text, err := os.ReadFile("../../docs/pull-requests.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Rules {
		finds := strings.ToUpper(r.Finds[:1]) + r.Finds[1:]
		if !strings.Contains(string(text), "| `"+r.Name+"` | "+finds) {
			t.Errorf("pull-requests.md does not say of %s: %s", r.Name, finds)
		}
	}
}
