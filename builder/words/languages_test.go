package words_test

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/policysite/policysite/builder/words"
	"github.com/policysite/policysite/layouts"
)

// shipped are the languages of the program, with the forms that whole numbers take in
// them (cldr.unicode.org, plural rules).
var shipped = map[string]string{
	"en": "one other", "id": "other", "ar": "zero one two few many other", "de": "one other",
	"fr": "one many other", "es": "one many other", "ja": "other",
}

// wordsOf are the messages of a file with their forms; one without has the form "".
func wordsOf(t *testing.T, lang string) map[string]map[string]string {
	content, err := fs.ReadFile(layouts.FS, "i18n/"+lang+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(lang, err)
	}
	out := map[string]map[string]string{}
	for id, m := range file {
		switch m := m.(type) {
		case string:
			out[id] = map[string]string{"": m}
		case map[string]any:
			out[id] = map[string]string{}
			for form, text := range m {
				out[id][form] = fmt.Sprint(text)
			}
		default:
			t.Fatalf("%s: %s is %T", lang, id, m)
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`{{\.(\w+)}}`)

func filled(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestEveryLanguageIsWhole(t *testing.T) {
	names, err := fs.Glob(layouts.FS, "i18n/*.yaml")
	if err != nil || len(names) != len(shipped) {
		t.Fatalf("the files are %v, %v", names, err)
	}
	english := wordsOf(t, "en")
	for _, name := range names {
		lang := strings.TrimSuffix(path.Base(name), ".yaml")
		have := wordsOf(t, lang)
		for id := range have {
			if english[id] == nil {
				t.Errorf("%s: %s is not in en.yaml", lang, id)
			}
		}
		for id, model := range english {
			m := have[id]
			want := strings.Fields(shipped[lang])
			if model[""] != "" {
				want = []string{""}
			}
			if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("%s: %s has the forms %q, want %q", lang, id, got, want)
				continue
			}
			args := filled(model["other"] + model[""])
			for form, text := range m {
				got := filled(text)
				if id == "days-in-year" { // which of the days says the year, and how
					continue
				}
				// One and two may be said in words.
				if n := slices.Index(args, "Count"); n >= 0 && slices.Contains([]string{"zero", "one", "two"}, form) {
					got = slices.DeleteFunc(got, func(s string) bool { return s == "Count" })
					if want := slices.Delete(slices.Clone(args), n, n+1); !slices.Equal(got, want) && form != "zero" {
						t.Errorf("%s: %s (%s) has %q filled in, want %q", lang, id, form, got, want)
					}
					continue
				}
				if !slices.Equal(got, args) {
					t.Errorf("%s: %s (%s) has %q filled in, want %q", lang, id, form, got, args)
				}
				if lang != "en" && len(text) > 25 && text == model[form] && len(placeholder.ReplaceAllString(text, "")) > 12 {
					t.Errorf("%s: %s is English: %s", lang, id, text)
				}
			}
		}
	}
}

// Days, numbers, lists and quotations are written as CLDR has them.
func TestAsEachLanguageWrites(t *testing.T) {
	book, err := words.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	tags := regexp.MustCompile(`<[^>]*>`)
	for lang, want := range map[string]string{
		"en": "4 May 2026|12,345|a and b|a, b and c|“a”|23 April – 16 August 2020|2nd version",
		"id": "4 Mei 2026|12.345|a dan b|a, b, dan c|“a”|23 April – 16 Agustus 2020|versi ke-2",
		"ar": "4 مايو 2026|12,345|\u2068a\u2069 و\u2068b\u2069|\u2068a\u2069 و\u2068b\u2069 و\u2068c\u2069|”\u2068a\u2069“|من 23 أبريل إلى 16 أغسطس 2020|النسخة رقم 2",
		"de": "4. Mai 2026|12.345|a und b|a, b und c|„a“|23. April bis 16. August 2020|2. Fassung",
		"fr": "4 mai 2026|12\u202f345|a et b|a, b et c|«\u00a0a\u00a0»|du 23 avril au 16 août 2020|2e version",
		"es": "4 de mayo de 2026|12.345|a y b|a, b y c|«a»|del 23 de abril al 16 de agosto de 2020|2.ª versión",
		"ja": "2026年5月4日|12,345|a、b|a、b、c|「a」|2020年4月23日～8月16日|同日第2版",
	} {
		w := book.Words(lang)
		have := strings.Join([]string{
			w.Date(day(t, "2026-05-04")), w.Number(12345), w.List([]string{"a", "b"}), w.List([]string{"a", "b", "c"}), w.T("quote", "Text", "a"),
			tags.ReplaceAllString(string(w.Days(day(t, "2020-04-23"), day(t, "2020-08-16"))), ""), w.Nth(2),
		}, "|")
		if have != want {
			t.Errorf("%s:\nhave %s\nwant %s", lang, have, want)
		}
	}
}

// Each form of a language is used for the numbers that take it.
func TestPlurals(t *testing.T) {
	book, err := words.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	arabic := book.Words("ar-PS")
	var have []string
	for _, n := range []int{0, 1, 2, 3, 10, 11, 99, 100, 103, 111} {
		have = append(have, arabic.T("policies-in-folder", n))
	}
	if have, want := strings.Join(have, "|"), "لا سياسات|سياسة واحدة|سياستان|3 سياسات|10 سياسات|11 سياسة|99 سياسة|100 سياسة|103 سياسات|111 سياسة"; have != want {
		t.Errorf("have %s\nwant %s", have, want)
	}
	if have, want := book.Words("fr").T("words-moved", 1000000), "1\u202f000\u202f000 de mots déplacés"; have != want {
		t.Errorf("have %s, want %s", have, want)
	}
}

// Words of the other direction do not change the order of those around them.
func TestOtherDirectionIsIsolated(t *testing.T) {
	book, err := words.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ lang, text, want string }{
		{"en", "الخصوصية", "What changed, \u2068الخصوصية\u2069"},
		{"en", "Privacy – プライバシー", "What changed, Privacy – プライバシー"},
		{"ar", "Privacy", "What changed، \u2068Privacy\u2069"},
		{"ar", "2026-05-04", "What changed، \u20682026-05-04\u2069"},
		{"ar", "الخصوصية 3.1", "What changed، الخصوصية 3.1"},
	} {
		w := book.Words(c.lang)
		want := strings.Replace(c.want, "What changed", w.T("what-changed"), 1)
		if have := w.T("page-of", "Page", w.T("what-changed"), "Policy", c.text); have != want {
			t.Errorf("%s: have %q, want %q", c.lang, have, want)
		}
	}
}

func TestWarnsOfWordsOfTheUser(t *testing.T) {
	whole, err := fs.ReadFile(layouts.FS, "i18n/es.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, content string
		want          []string
	}{
		{"pt.yaml", string(whole), nil},
		{"de.yaml", "home: Anfang\n", nil},
		{"de-AT.yaml", "home: Anfang\n", nil},
		{"pt.yaml", strings.Replace(string(whole), "\nhome: Inicio\n", "\n", 1), []string{"i18n/pt.yaml: words that it lacks (1) are English on pages: home"}},
		{"en.yaml", "\nhoem: Start\n", []string{"i18n/en.yaml:2: hoem: is not a word of the interface"}},
		{"en.yaml", "\nour-own: Ours\n", nil}, // for templates of the user's
		{"en.yaml", "as-of: At {{.Date}}\n", []string{"i18n/en.yaml:1: as-of: nothing is filled in for {{.Date}}, expected Day, Commit"}},
		{"ar.yaml", "edits:\n  one: تعديل\n  other: \"{{.Count}} تعديل\"\n", []string{"i18n/ar.yaml:1: edits: has no form for zero, two, few, many, which numbers of this language take"}},
	} {
		book, err := words.New(map[string][]byte{"i18n/" + c.file: []byte(c.content)})
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, p := range book.Warnings {
			place := p.Path
			if p.Line > 0 {
				place += fmt.Sprint(":", p.Line)
			}
			if !p.Warning || p.Hint == "" {
				t.Errorf("%v is no warning with a hint", p)
			}
			have = append(have, place+": "+p.Message)
		}
		if !slices.Equal(have, c.want) {
			t.Errorf("%s:\nhave %q\nwant %q", c.file, have, c.want)
		}
	}
}

// A terminal would show isolates, escaped.
func TestBareWordsHaveNoIsolates(t *testing.T) {
	book, err := words.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []*words.Words{book.Words("ar").Bare(), book.Words("en").Bare()} {
		all := w.T("added", 4) + w.T("words-removed", 12) + w.T("page-of", "Page", "Privacy", "Policy", "الخصوصية") + w.List([]string{"a", "ب"})
		if strings.ContainsAny(all, "\u2066\u2067\u2068\u2069") {
			t.Errorf("%q has isolates", all)
		}
	}
}

// A user's file of a country has some words, and the language's has the others.
func TestCountryFallsBackToItsLanguage(t *testing.T) {
	book, err := words.New(map[string][]byte{"i18n/de-AT.yaml": []byte("home: Anfang\n")})
	if err != nil {
		t.Fatal(err)
	}
	if w := book.Words("de-AT"); w.T("home")+"|"+w.T("changes")+"|"+book.Words("de").T("home") != "Anfang|Änderungen|Startseite" {
		t.Errorf("have %s, %s, %s", w.T("home"), w.T("changes"), book.Words("de").T("home"))
	}
}

func TestLanguageWithoutPluralsIsAProblem(t *testing.T) {
	if _, err := words.New(map[string][]byte{"i18n/tlh.yaml": []byte("home: juH\n")}); err == nil || !strings.Contains(err.Error(), "i18n/tlh.yaml: cannot be read as words of the interface") {
		t.Errorf("have %v", err)
	}
}
