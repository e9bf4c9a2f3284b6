package builder_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/layouts"
)

// says reports whether a page says each of these, whatever its tags and isolates are.
func says(t *testing.T, s *site, name string, want ...string) {
	t.Helper()
	page := s.file(name)
	plain := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(tags.ReplaceAllString(page, ""))
	for _, w := range want {
		if in := strings.Contains(plain, strings.TrimPrefix(w, "!")) || strings.Contains(unquoted(page), unquoted(strings.TrimPrefix(w, "!"))); in == strings.HasPrefix(w, "!") {
			t.Errorf("%s says it: %t: %q\n%s", name, in, w, page)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// A policy in three languages. The German text is behind, the Arabic one says which
// version it translates, and the English one prevails.
func translated(t *testing.T) *site {
	return built(t, repository(t,
		on("2024-02-01", settings("title: Contoso\nlanguages: [en, ar, de]\ncontrolling: en\n"),
			privacy("---\nversion: \"1\"\n---\n# Privacy\n\nWe keep logs.\n"),
			write("content/privacy.de.md", "# Datenschutz\n\nWir führen Protokolle.\n"),
			write("content/ar/privacy.md", "# الخصوصية\n\nنحتفظ بالسجلات.\n"),
			write("content/de/impressum.md", "# Impressum\n\nContoso.\n")),
		on("2024-09-12", privacy("---\nversion: \"2\"\n---\n# Privacy\n\nWe keep logs for a year.\n")),
		on("2025-03-05", privacy("---\nversion: \"3\"\n---\n# Privacy\n\nWe keep logs for a month.\n")),
		on("2025-06-10", write("content/ar/privacy.md", "---\ntranslates: \"2\"\n---\n# الخصوصية\n\nنحتفظ بالسجلات سنة.\n")),
	))
}

func TestTranslationsThatAreBehind(t *testing.T) {
	s := translated(t)
	says(t, s, "de/privacy/index.html",
		"Das Original wurde seitdem 2-mal geändert, zuletzt am 5. März 2025.",
		`<a href="../../privacy/2024-02-01/since/">Änderungen ansehen</a>`,
		"Weicht dieser Text von der Fassung auf Englisch ab, so ist jene Fassung maßgeblich.", `<a href="../../privacy/">Fassung auf Englisch</a>`)
	says(t, s, "ar/privacy/index.html",
		"تغيّر الأصل بعد ذلك، في 5 مارس 2025.", `<a href="../../privacy/2025-03-05/changes/">`,
		"إذا اختلف هذا النص عن النسخة باللغة الإنجليزية")
	says(t, s, "privacy/index.html", "!original", "!prevails")
	says(t, s, "de/impressum/index.html", "!Original", "!maßgeblich")
	// What a translation of the past says does not change with what its original says today.
	says(t, s, "de/privacy/2024-02-01/index.html", "!Das Original", "maßgeblich", `<a href="../../../privacy/2024-02-01/">Fassung auf Englisch</a>`)

	var archive struct {
		Policies []struct {
			ID            string
			TranslationOf *string `json:"translation_of"`
			Translates    *string
			Behind        *int
		}
	}
	if err := json.Unmarshal([]byte(s.file("archive.json")), &archive); err != nil {
		t.Fatal(err)
	}
	for _, p := range archive.Policies {
		want := map[string]string{
			"privacy": "null null null", "de/impressum": "null null null",
			"de/privacy": `"privacy" "2024-02-01" 2`, "ar/privacy": `"privacy" "2024-09-12" 1`,
		}[p.ID]
		have, err := json.Marshal([]any{p.TranslationOf, p.Translates, p.Behind})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(strings.Trim(string(have), "[]"), ",", " "); got != want {
			t.Errorf("%s: %s, want %s", p.ID, got, want)
		}
	}
	var warnings []string
	for _, p := range s.result.Warnings {
		warnings = append(warnings, p.Path+": "+p.Message)
	}
	for _, want := range []string{
		"content/privacy.de.md: translates the version 2024-02-01 of privacy, which has changed since (changes: 2, the newest 2025-03-05)",
		"content/ar/privacy.md: translates the version 2024-09-12 of privacy, which has changed since (changes: 1, the newest 2025-03-05)",
	} {
		if !slices.Contains(warnings, want) {
			t.Errorf("the warnings lack %q: %q", want, warnings)
		}
	}
}

func TestSwitchesBetweenLanguages(t *testing.T) {
	s := translated(t)
	says(t, s, "privacy/index.html",
		`<a href="../ar/privacy/" lang="ar" dir="rtl">العربية</a>`, `<a href="../de/privacy/" lang="de" dir="ltr">Deutsch</a>`,
		`<link rel="alternate" href="../ar/privacy/" hreflang="ar">`, `<link rel="alternate" href="./" hreflang="en">`)
	// From a version to those in force on its day.
	says(t, s, "privacy/2024-09-12/index.html", `<a href="../../ar/privacy/2024-02-01/"`, `<a href="../../de/privacy/2024-02-01/"`)
	says(t, s, "ar/privacy/2025-06-10/index.html", `<a href="../../../privacy/2025-03-05/"`, "!privacy/2024-09-12")
	says(t, s, "about-this-archive/index.html", `<a href="../ar/about-this-archive/" lang="ar" dir="rtl">العربية</a>`)
	says(t, s, "ar/about-this-archive/index.html", `<html lang="ar" dir="rtl">`, "عن هذا الأرشيف", `hreflang="de"`)
	// The home page has one entry for a policy, and one for what is in one language only.
	home := s.file("index.html")
	entries := regexp.MustCompile(`(?s)<p class="?name.*?</p>`).FindAllString(home, -1)
	if len(entries) != 2 || !strings.Contains(entries[0], "Privacy") || !strings.Contains(entries[1], "Impressum") {
		t.Errorf("the home page lists %q", entries)
	}
	says(t, s, "index.html", `<a href="ar/privacy/" lang="ar" dir="rtl">العربية</a>`, "!الخصوصية")
}

func TestTranslatesAVersionThatThereIsNot(t *testing.T) {
	s := built(t, repository(t, on("2024-02-01", settings("languages: [en, de]\n"),
		privacy("# Privacy\n\nWe keep logs.\n"), write("content/privacy.de.md", "---\ntranslates: 2023-01-01\n---\n# Datenschutz\n\nWir führen Protokolle.\n"))))
	if !slices.ContainsFunc(s.result.Warnings, func(p *policy.Problem) bool {
		return p.Path == "content/privacy.de.md" && p.Line == 2 && p.Message == `translates: expected a version of privacy, found "2023-01-01"`
	}) {
		t.Errorf("warnings: %v", s.result.Warnings)
	}
	says(t, s, "de/privacy/index.html", "!Original")
	if !strings.Contains(s.file("archive.json"), `"translation_of":"privacy","translates":null,"behind":null`) {
		t.Error("archive.json guesses which version is translated")
	}
}

func TestPrevailingLanguageThatNoTextIsIn(t *testing.T) {
	s := built(t, repository(t, on("2024-02-01", settings("languages: [en, de]\ncontrolling: fr\n"),
		privacy("# Privacy\n\nWe keep logs.\n"), write("content/privacy.de.md", "# Datenschutz\n\nWir führen Protokolle.\n"))))
	if !slices.ContainsFunc(s.result.Warnings, func(p *policy.Problem) bool {
		return p.Path == "policysite.yaml" && p.Message == `controlling: expected the language of a policy, found "fr"`
	}) {
		t.Errorf("warnings: %v", s.result.Warnings)
	}
	says(t, s, "de/privacy/index.html", "!maßgeblich")
}

// A translation that is to come with what it translates is not behind.
func TestTranslationToComeIsNotBehind(t *testing.T) {
	s := built(t, repository(t,
		on("2024-02-01", settings("languages: [en, de]\n"), privacy("# Privacy\n\nWe keep logs.\n"), write("content/privacy.de.md", "# Datenschutz\n\nWir führen Protokolle.\n")),
		on("2030-12-01", privacy("---\neffective: 2031-02-01\n---\n# Privacy\n\nWe keep few logs.\n"))))
	says(t, s, "de/privacy/index.html", "Vom Original gibt es eine neuere Fassung, die ab 1. Februar 2031 gilt.")
	s = built(t, repository(t,
		on("2024-02-01", settings("languages: [en, de]\n"), privacy("# Privacy\n\nWe keep logs.\n"), write("content/privacy.de.md", "# Datenschutz\n\nWir führen Protokolle.\n")),
		on("2030-12-01", privacy("---\neffective: 2031-02-01\n---\n# Privacy\n\nWe keep few logs.\n"),
			write("content/privacy.de.md", "---\neffective: 2031-02-01\n---\n# Datenschutz\n\nWir führen wenige Protokolle.\n"))))
	says(t, s, "de/privacy/index.html", "!Original", "Eine neue Fassung gilt ab 1. Februar 2031.")
}

// A user adds Portuguese with one file.
func TestPortugueseInOneFile(t *testing.T) {
	const some = `home: Início
changes: Alterações
about-archive: Sobre este arquivo
in-force-since: Em vigor desde {{.From}}
all-versions: Todas as versões
words-added:
  one: "+{{.Count}} palavra"
  many: "+{{.Count}} de palavras"
  other: "+{{.Count}} palavras"
`
	s := built(t, repository(t,
		on("2026-05-04", settings("languages: [en, pt]\n"), write("layouts/i18n/pt.yaml", some), write("content/privacidade.pt.md", "# Privacidade\n\nGuardamos registos.\n")),
		on("2026-06-05", write("content/privacidade.pt.md", "# Privacidade\n\nGuardamos registos durante um ano.\n"))))
	says(t, s, "pt/privacidade/index.html", `<html lang="pt" dir="ltr">`, "Em vigor desde 5 de junho de 2026", "Todas as versões", "Início", "Sobre este arquivo",
		"See what changed") // which the file lacks
	says(t, s, "pt/privacidade/2026-06-05/changes/index.html", "+3 palavras")
	says(t, s, "pt/about-this-archive/index.html", "Sobre este arquivo")
	if !slices.ContainsFunc(s.result.Warnings, func(p *policy.Problem) bool {
		return p.Path == "layouts/i18n/pt.yaml" && strings.HasPrefix(p.Message, "words that it lacks (")
	}) {
		t.Errorf("the words that are English are not warned of: %v", s.result.Warnings)
	}
	// A whole file is warned of nothing.
	whole, err := fs.ReadFile(layouts.FS, "i18n/es.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s = built(t, repository(t, on("2026-05-04", settings("language: pt\n"), write("layouts/i18n/pt.yaml", string(whole)), write("content/privacidade.md", "# Privacidade\n\nGuardamos registos.\n"))))
	if len(s.result.Warnings) > 0 {
		t.Errorf("warnings: %v", s.result.Warnings)
	}
}

func TestLengthsOfTextsWithoutSpaces(t *testing.T) {
	s := built(t, repository(t,
		on("2024-02-01", settings("languages: [en, ja, zh, th]\n"),
			write("content/privacy.ja.md", "# 規約\n\n記録を保存します。\n"),
			write("content/privacy.zh.md", "# 规则\n\n我们保存记录。\n"),
			write("content/privacy.th.md", "# กฎ\n\nเราเก็บ ข้อมูล\n")),
		on("2024-09-12",
			write("content/privacy.ja.md", "# 規約\n\n記録を保存します。アクセスログは消します。\n"),
			write("content/privacy.zh.md", "# 规则\n\n我们保存记录。我们不出售。\n"),
			write("content/privacy.th.md", "# กฎ\n\nเราเก็บ ข้อมูล ไว้\n"))))
	says(t, s, "ja/privacy/2024-09-12/changes/index.html", "+11文字")
	says(t, s, "zh/privacy/2024-09-12/changes/index.html", "+5 characters") // in English, as there is no file
	says(t, s, "th/privacy/2024-09-12/changes/index.html", " words</span>")
}
