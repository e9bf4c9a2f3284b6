package words

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gohugoio/locales"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"github.com/policysite/policysite/builder/policy"
)

// forms are those of a message, by their names in CLDR; "other" alone where it has one.
func forms(m *i18n.Message) map[string]string {
	out := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
	maps.DeleteFunc(out, func(_, text string) bool { return text == "" })
	return out
}

// plurals are the forms that a language has for whole numbers, "other" last.
func plurals(lang string) (out []string) {
	for _, rule := range localeOf(lang).PluralsCardinal() {
		if rule != locales.PluralRuleUnknown {
			out = append(out, strings.ToLower(rule.String()))
		}
	}
	return out
}

// placeholders are the names that a text has filled in.
func placeholders(text string) (out []string) {
	for {
		_, rest, found := strings.Cut(text, "{{")
		if !found {
			return out
		}
		name, after, _ := strings.Cut(rest, "}}")
		out = append(out, strings.TrimPrefix(strings.TrimSpace(name), "."))
		text = after
	}
}

// check warns of what a file of the user's has that no page asks for, and of what its
// language lacks.
func (b *Book) check(name string, content []byte) {
	const hint = "layouts/i18n/en.yaml of the program has them all"
	lang := strings.TrimSuffix(path.Base(name), ".yaml")
	chain := b.chain(lang)
	if len(chain) == 0 {
		return
	}
	warn := func(hint, id, format string, args ...any) {
		line := 0
		for i, l := range bytes.Split(content, []byte("\n")) {
			if id != "" && bytes.HasPrefix(l, []byte(id+":")) {
				line = i + 1
			}
		}
		b.Warnings = append(b.Warnings, &policy.Problem{Path: name, Line: line, Message: fmt.Sprintf(format, args...), Hint: hint, Warning: true})
	}
	models, own := shipped()[source](), b.own[chain[0]]
	for _, id := range slices.Sorted(maps.Keys(own)) {
		model := models[id]
		if model == nil { // a mistake, or a word of the user's own
			if near := policy.Nearest(id, slices.Collect(maps.Keys(models))); near != "" {
				warn("did you mean `"+near+"`?", id, "%s: is not a word of the interface", id)
			}
			continue
		}
		if len(forms(model)) > 1 {
			have := forms(own[id])
			missing := slices.DeleteFunc(plurals(lang), func(form string) bool { return have[form] != "" })
			if len(missing) > 0 {
				warn(hint, id, "%s: has no form for %s, which numbers of this language take", id, strings.Join(missing, ", "))
			}
		}
		known := placeholders(strings.Join(slices.Collect(maps.Values(forms(model))), " "))
		if id == "days-in-year" {
			known = append(known, "From", "ToInYear")
		}
		for _, text := range forms(own[id]) {
			for _, p := range placeholders(text) {
				if !slices.Contains(known, p) {
					warn(hint, id, "%s: nothing is filled in for {{.%s}}, expected %s", id, p, policy.ListWords(known, 5))
				}
			}
		}
	}
	var missing []string
	have := messages{}
	for _, lang := range chain {
		maps.Copy(have, b.of(lang))
	}
	for _, id := range slices.Sorted(maps.Keys(models)) {
		if have[id] == nil {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		warn(hint, "", "words that it lacks (%d) are English on pages: %s", len(missing), policy.ListWords(missing, 5))
	}
}
