package policy

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestConfigKeys(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	none := func() Config { return Config{SiteConfig: SiteConfig{Language: "en", Timezone: time.UTC}} }
	tests := []struct {
		yaml string
		want func(c *Config)
	}{
		{"", func(*Config) {}},
		{"# nothing\n", func(*Config) {}},
		{"title: Legal", func(c *Config) { c.Title = "Legal" }},
		{"title:", func(*Config) {}},
		{"baseURL: https://example.com/legal/", func(c *Config) { c.BaseURL = "https://example.com/legal/" }},
		{"organization: Example GmbH", func(c *Config) { c.Organization = "Example GmbH" }},
		{"language: de", func(c *Config) { c.Language, c.Languages = "de", []string{"de"} }},
		{"languages: [de, en, pt_BR]", func(c *Config) { c.Language, c.Languages = "de", []string{"de", "en", "pt-BR"} }},
		{"languages: [de, en]\nlanguage: en", func(c *Config) { c.Languages = []string{"en", "de"} }},
		{"languages: [de]\nlanguage: en", func(c *Config) { c.Languages = []string{"en", "de"} }},
		{"controlling: pt_BR", func(c *Config) { c.Controlling = "pt-BR" }},
		{"timezone: Europe/Berlin", func(c *Config) { c.Timezone = berlin }},
		{"content: legal/", func(c *Config) { c.Content = "legal" }},
		{"content: .", func(c *Config) { c.Content = "." }},
		{`content: legal\texts`, func(c *Config) { c.Content = "legal/texts" }},
		{"include: legal/*.md", func(c *Config) { c.Include = []string{"legal/*.md"} }},
		{"include: [./a.md, /b.md, 'x/{a,b}.md']", func(c *Config) { c.Include = []string{"a.md", "b.md", "x/{a,b}.md"} }},
		{"exclude:\n  - '**/old/*'", func(c *Config) { c.Exclude = []string{"**/old/*"} }},
		{"dates: author", func(c *Config) { c.AuthorDates = true }},
		{"dates: committer", func(*Config) {}},
		{"layouts: theme", func(c *Config) { c.Layouts = "theme" }},
		{"static: files", func(c *Config) { c.Static = "files" }},
		{"archived: [/beta/, terms/us]", func(c *Config) { c.Archived = []string{"beta", "terms/us"} }},
		{"since:\n  /privacy/: 2020-01-01\n  terms: 0123abc", func(c *Config) {
			c.Since = map[string]string{"privacy": "2020-01-01", "terms": "0123abc"}
		}},
		{"since:\n  privacy: 0000000", func(c *Config) { c.Since = map[string]string{"privacy": "0000000"} }}, // not the number 0
		{"commit-subjects: true", func(c *Config) { c.CommitSubjects = true }},
		{"html: trusted", func(c *Config) { c.TrustedHTML = true }},
		{"docx: true", func(c *Config) { c.Docx = true }},
		{"redirects: rules", func(c *Config) { c.RulesAlone = true }},
		{"redirects: both", func(c *Config) {}},
		{"html: sanitize", func(*Config) {}},
		{"notice-days: 30", func(c *Config) { c.NoticeDays = 30 }},
		{"silence: [undated, placeholder]", func(c *Config) { c.Silence = []string{RuleUndated, RulePlaceholder} }},
	}
	for _, test := range tests {
		want := none()
		test.want(&want)
		have, problems := ParseConfig([]byte(test.yaml))
		if len(problems) > 0 || !reflect.DeepEqual(have, want) {
			t.Errorf("%q:\nhave %+v %q\nwant %+v", test.yaml, have, list(problems), want)
		}
	}
	if have, problems := ParseConfig(nil); len(problems) > 0 || !reflect.DeepEqual(have, none()) {
		t.Errorf("without a file: %+v %q", have, list(problems))
	}
}

func TestConfigProblems(t *testing.T) {
	tests := []struct{ yaml, want string }{
		{"title: A\nbaseUrl: /", `p.md:2: unknown key "baseUrl"; hint: did you mean "baseURL"?`},
		{"titel: A", `p.md:1: unknown key "titel"; hint: did you mean "title"?`},
		{"taxonomies: A", `p.md:1: unknown key "taxonomies"`},
		{"title: A\n\ntitle: B", `p.md:3: title: stands twice, on line 1 too; hint: keep one of the two`},
		{"baseURL: example.com", `p.md:1: baseURL: expected an address such as https://example.com/legal/, found "example.com"; hint: baseURL: https://example.com/legal/`},
		{"baseURL: https://example.com/?a=b", `p.md:1: baseURL: expected an address such as https://example.com/legal/, found "https://example.com/?a=b"; hint: baseURL: https://example.com/legal/`},
		{"language: e", `p.md:1: language: expected a language tag such as en or pt-BR, found "e"`},
		{"languages: [en, '1']", `p.md:1: languages: expected a language tag such as en or pt-BR, found "1"`},
		{"timezone: Berlin", `p.md:1: timezone: expected a time zone such as Europe/Berlin, found "Berlin"`},
		{"timezone: Local", `p.md:1: timezone: expected a time zone such as Europe/Berlin, found "Local"`},
		{"content: ../x", `p.md:1: content: expected a folder below the one that holds policysite.yaml, found "../x"`},
		{"layouts: /x", `p.md:1: layouts: expected a folder below the one that holds policysite.yaml, found "/x"`},
		{"static: a/../..", `p.md:1: static: expected a folder below the one that holds policysite.yaml, found "a/../.."`},
		{"include: '[a'", `p.md:1: include: "[a" is not a pattern such as legal/*.md`},
		{"dates: author date", `p.md:1: dates: expected committer or author, found "author date"`},
		{"dates: commiter", `p.md:1: dates: expected committer or author, found "commiter"; hint: did you mean "committer"?`},
		{"since: 2020-01-01", "p.md:1: since: expected a commit or a day for each policy; hint: since:\n  privacy: 2020-01-01"},
		{"since:\n  privacy: 2020-1-1", "p.md:2: since: privacy: expected a day such as 2020-01-01 or a commit, found \"2020-1-1\""},
		{"since:\n  privacy: last year", "p.md:2: since: privacy: expected a day such as 2020-01-01 or a commit, found \"last year\""},
		{"since:\n  privacy: abc123", "p.md:2: since: privacy: expected a day such as 2020-01-01 or a commit, found \"abc123\""},
		{"commit-subjects: maybe", `p.md:1: commit-subjects: expected true or false, found "maybe"`},
		{"html: raw", `p.md:1: html: expected sanitize or trusted, found "raw"`},
		{"notice-days: ten", `p.md:1: notice-days: expected a whole number, found "ten"`},
		{"- a", "p.md:1: YAML: expected lines of `key: value`; hint: see docs/front-matter.md for the keys"},
	}
	for _, test := range tests {
		_, problems := ParseConfig([]byte(test.yaml))
		if have := list(problems); len(have) != 1 || have[0] != test.want || problems[0].Warning {
			t.Errorf("%q:\nhave %q\nwant %q", test.yaml, have, test.want)
		}
	}
}

func TestConfigReportsAllProblemsTogether(t *testing.T) {
	_, problems := ParseConfig([]byte("titel: A\nhtml: raw\ntimezone: Mars\n"))
	if have := strings.Join(list(problems), "\n"); strings.Count(have, "\n") != 2 {
		t.Errorf("have %s", have)
	}
}
