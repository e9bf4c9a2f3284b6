package dateline

import (
	"flag"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

var update = flag.Bool("update", false, "write the table of labels into the documentation")

// The documentation lists the labels of every language.
func TestDocumentationListsTheLabels(t *testing.T) {
	const name, start, end = "../../../docs/how-it-decides.md", "<!-- labels -->\n", "\n## Which version is in force"
	var b strings.Builder
	b.WriteString("| Language | Last updated | Effective |\n| --- | --- | --- |\n")
	of := map[string]map[string]string{}
	for line := range strings.Lines(Labels) {
		cell := strings.Split(strings.TrimSpace(line), "\t")
		if of[cell[0]] == nil {
			of[cell[0]] = map[string]string{}
		}
		of[cell[0]][cell[1]] = "`" + cell[2] + "`"
	}
	for _, newLocale := range locale {
		code := newLocale().Locale()
		b.WriteString("| " + display.English.Languages().Name(language.MustParse(code)))
		for _, kind := range [][2]string{{updated, wasUpdated}, {effective, isEffective}} {
			b.WriteString(" | " + of[code][kind[0]])
			if verbs := of[code][kind[1]]; verbs != "" {
				b.WriteString("; *verbs* " + verbs)
			}
		}
		b.WriteString(" |\n")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), start)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatal("there is no place for the table")
	}
	want := before + start + b.String() + end + after
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(data) {
		t.Error("the table is another: go test ./builder/policy/dateline -update writes it")
	}
}
