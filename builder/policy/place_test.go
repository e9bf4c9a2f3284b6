package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"privacy":             "privacy",
		"Privacy Policy":      "privacy-policy",
		"/terms/EU/":          "terms/eu",
		"a.b_c--d":            "a-b_c-d",
		"--a--":               "a",
		"Cafe\u0301":          "café",
		"ÄÖÜ straße":          "äöü-straße",
		"İstanbul":            "istanbul",
		"سياسة الخصوصية":      "سياسة-الخصوصية",
		"नीति":                "नीति", // the vowel signs are marks
		"隐私政策":                "隐私政策",
		"2021-07-14":          "2021-07-14",
		"100 % free & easy":   "100-free-easy",
		"_drafts":             "_drafts",
		"terms of/use (v1.2)": "terms-of/use-v1-2",
	} {
		if have, err := Slug(in); err != nil || have != want {
			t.Errorf("%q becomes %q, %v; want %q", in, have, err, want)
		}
		if again, err := Slug(want); err != nil || again != want {
			t.Errorf("%q is a slug, and becomes %q, %v", want, again, err)
		}
	}
	for _, in := range []string{"", "/", "...", "a/../b", "a//b", "a/ /b", "🙂"} {
		if have, err := Slug(in); err == nil {
			t.Errorf("%q becomes %q, want an error", in, have)
		}
	}
}

func TestLayoutSelectsPolicies(t *testing.T) {
	plain := Layout{Content: "content", Skip: []string{"content/static", "public"}, Language: "en"}
	root := Layout{Skip: []string{"layouts", "static", "public"}, Language: "en"}
	tests := []struct {
		name   string
		layout Layout
		yes    string
		no     string
	}{
		{"the content folder", plain,
			"content/privacy.md content/terms/eu.markdown content/index.md content/x/index.md content/readme-first.md content/a.MD content/b.Markdown content/x/_index.md content/security.md content/agents-terms.md",
			"privacy.md contents/a.md content/a.txt content/README.de.md content/readme_fr.md content/CONTRIBUTING-pt-BR.md content/CODE_OF_CONDUCT_zh-Hans.md content/SUMMARY.md content/SECURITY.md content/AGENTS.md content/Claude.pt-BR.md content/x/copilot-instructions.md content/404.md content/a.mdx content/b.rst content/_drafts/a.md content/x/_includes/y/a.md content/md content/README.md content/x/readme.md content/LICENSE.md content/Licence.md content/CONTRIBUTING.markdown content/CODE_OF_CONDUCT.md content/changelog.md content/.hidden/a.md content/.a.md content/node_modules/a.md content/x/vendor/a.md content/static/a.md"},
		{"the root of the repository", root,
			"privacy.md legal/terms.md",
			"README.md layouts/a.md static/a.md public/privacy/2020-01-01/index.md .github/a.md vendor/x/a.md"},
		{"a source folder", Layout{Source: "site", Content: "site/content", Language: "en"},
			"site/content/a.md", "content/a.md site/a.md site/contents/a.md"},
		{"include alone decides", Layout{Content: "content", Include: []string{"legal/*.md", "README.md", "/x/**/*.txt"[1:], "terms"}, Language: "en"},
			"legal/a.md README.md content/README.md x/a.txt x/y/z.txt content/legal/a.md terms content/terms",
			"content/privacy.md legal/a/b.md privacy.md"},
		{"include is relative to the source folder, or to content", Layout{Source: "site", Content: "site/content", Include: []string{"legal/*.md"}, Language: "en"},
			"site/legal/a.md site/content/legal/a.md", "legal/a.md"},
		{"exclude", Layout{Content: "content", Exclude: []string{"content/a.md", "b.md", "old/**"}, Language: "en"},
			"content/c.md content/x/b.md", "content/a.md content/b.md content/old/a.md content/old/x/y.md"},
		{"exclude from include", Layout{Include: []string{"*.md"}, Exclude: []string{"b.md"}, Language: "en"},
			"a.md", "b.md x/a.md"},
	}
	for _, test := range tests {
		for p := range strings.FieldsSeq(test.yes) {
			if !test.layout.Selected(p) {
				t.Errorf("%s: %s is no policy", test.name, p)
			}
		}
		for p := range strings.FieldsSeq(test.no) {
			if test.layout.Selected(p) {
				t.Errorf("%s: %s is a policy", test.name, p)
			}
		}
	}
}

func TestLayoutGivesIDs(t *testing.T) {
	one := Layout{Content: "content", Language: "en"}
	two := Layout{Content: "content", Language: "en", Languages: []string{"en", "id", "pt-BR"}}
	root := Layout{Language: "en"}
	tests := []struct {
		layout         *Layout
		path           string
		id, lang, base string
	}{
		{&one, "content/privacy.md", "privacy", "en", "privacy"},
		{&one, "content/terms/eu.markdown", "terms/eu", "en", "terms/eu"},
		{&one, "content/Terms of Use/EU.md", "terms-of-use/eu", "en", "terms-of-use/eu"},
		{&one, "content/x/index.md", "x", "en", "x"},
		{&one, "content/x/y/index.markdown", "x/y", "en", "x/y"},
		{&one, "legal/privacy.md", "legal/privacy", "en", "legal/privacy"}, // its past, or included
		{&one, "content/privacy.id.md", "privacy-id", "en", "privacy-id"},  // no languages configured
		{&one, "content/id/privacy.md", "id/privacy", "en", "id/privacy"},
		{&root, "privacy.md", "privacy", "en", "privacy"},
		{&two, "content/privacy.id.md", "id/privacy", "id", "privacy"},
		{&two, "content/id/privacy.md", "id/privacy", "id", "privacy"},
		{&two, "content/terms/eu.id.md", "id/terms/eu", "id", "terms/eu"},
		{&two, "content/x/index.id.md", "id/x", "id", "x"},
		{&two, "content/privacy.pt-BR.md", "pt-br/privacy", "pt-BR", "privacy"},
		{&two, "content/privacy.en.md", "privacy", "en", "privacy"},
		{&two, "content/en/privacy.md", "privacy", "en", "privacy"},
		{&two, "content/privacy.fr.md", "privacy-fr", "en", "privacy-fr"},
		{&two, "content/….md", "", "en", ""},
	}
	for _, test := range tests {
		id, lang, base := test.layout.ID(test.path)
		if id != test.id || lang != test.lang || base != test.base {
			t.Errorf("%s has the id %q in %q of %q, want %q in %q of %q", test.path, id, lang, base, test.id, test.lang, test.base)
		}
	}
}

func TestIntroductionIsTheIndexOfTheContentFolder(t *testing.T) {
	l := Layout{Content: "content", Language: "en", Languages: []string{"en", "id"}}
	for p, want := range map[string]bool{
		"content/index.md": true, "content/index.markdown": true, "content/en/index.md": true, "content/index.en.md": true,
		"index.md": false, "content/x/index.md": false, "content/index.id.md": false, "content/id/index.md": false, "content/index2.md": false,
	} {
		if l.Introduction(p) != want {
			t.Errorf("%s: %v, want %v", p, !want, want)
		}
	}
}

func TestPlace(t *testing.T) {
	l := Layout{Content: "content", Language: "en", Languages: []string{"en", "de"}}
	tests := []struct {
		name string
		path string
		meta Meta
		want Place
	}{
		{"the path alone", "content/terms/eu.md", Meta{},
			Place{ID: "terms/eu", URL: "/terms/eu/", Lang: "en", Base: "terms/eu"}},
		{"lang changes neither id nor URL", "content/privacy.md", Meta{Identity: Identity{Lang: "fr"}},
			Place{ID: "privacy", URL: "/privacy/", Lang: "fr", Base: "privacy"}},
		{"another language", "content/privacy.de.md", Meta{},
			Place{ID: "de/privacy", URL: "/de/privacy/", Lang: "de", Base: "privacy"}},
		{"id", "content/x.md", Meta{Identity: Identity{ID: "terms/eu"}},
			Place{ID: "terms/eu", URL: "/terms/eu/", Lang: "en", Base: "terms/eu"}},
		{"id of another language", "content/x.de.md", Meta{Identity: Identity{ID: "de/privacy"}},
			Place{ID: "de/privacy", URL: "/de/privacy/", Lang: "de", Base: "privacy"}},
		{"slug replaces the last segment of the URL", "content/terms/eu.md", Meta{Identity: Identity{Slug: "Europe (EU)"}},
			Place{ID: "terms/eu", URL: "/terms/europe-eu/", Lang: "en", Base: "terms/eu"}},
		{"url replaces the whole URL", "content/terms/eu.md", Meta{Identity: Identity{URL: "legal/Terms EU/"}},
			Place{ID: "terms/eu", URL: "/legal/terms-eu/", Lang: "en", Base: "terms/eu"}},
		{"url wins over slug", "content/terms.md", Meta{Identity: Identity{URL: "/a/", Slug: "b"}},
			Place{ID: "terms", URL: "/a/", Lang: "en", Base: "terms"}},
		{"permalink .html becomes an alias", "content/terms.md", Meta{Identity: Identity{URL: "/legal/terms.html"}},
			Place{ID: "terms", URL: "/legal/terms/", Lang: "en", Base: "terms", Former: []string{"/legal/terms.html"}}},
		{"permalink /index.html is that page", "content/terms.md", Meta{Identity: Identity{URL: "/legal/terms/index.html"}},
			Place{ID: "terms", URL: "/legal/terms/", Lang: "en", Base: "terms"}},
		{"aliases stay as they were", "content/terms.md", Meta{Identity: Identity{Aliases: []string{"/Old/Terms", "tos/", "/tos.html", "/x/index.html"}}},
			Place{ID: "terms", URL: "/terms/", Lang: "en", Base: "terms", Former: []string{"/Old/Terms/", "/tos/", "/tos.html", "/x/"}}},
		{"aliases with fragments and codes", "content/terms.md", Meta{Identity: Identity{Aliases: []string{"/tos#a", "/tos/#b", "/caf%C3%A9?x"}}},
			Place{ID: "terms", URL: "/terms/", Lang: "en", Base: "terms", Former: []string{"/tos/", "/café/"}}},
		{"translation-of", "content/agb.md", Meta{Identity: Identity{TranslationOf: "/terms/"}},
			Place{ID: "agb", URL: "/agb/", Lang: "en", Base: "agb", TranslationOf: "terms"}},
	}
	for _, test := range tests {
		test.want.Path = test.path
		have, problems := l.Place(test.path, &test.meta)
		if len(problems) > 0 || !reflect.DeepEqual(have, test.want) {
			t.Errorf("%s:\nhave %+v %q\nwant %+v", test.name, have, list(problems), test.want)
		}
	}
}

func TestPlaceRefuses(t *testing.T) {
	l := Layout{Content: "content", Language: "en"}
	const aliasHint, urlHint = "; hint: aliases: [/old/privacy/]", "; hint: url: /legal/privacy/"
	tests := []struct {
		path, front, want string
	}{
		{"content/….md", "", "p.md: no id can be made of this file's name; hint: rename it, or give it an `id:` in front matter"},
		{"content/a.md", "id: Terms EU", `p.md:2: id: expected lower-case letters, digits, - and / as in terms/eu, found "Terms EU"; hint: did you mean "terms-eu"?`},
		{"content/a.md", "id: ../x", `p.md:2: id: expected lower-case letters, digits, - and / as in terms/eu, found "../x"`},
		{"content/a.md", "slug: '!'", `p.md:2: slug: expected a letter or digit in "!"; hint: slug: privacy`},
		{"content/a.md", "url: /../etc/", `p.md:2: url: expected a path without empty parts, . and .., found "/../etc/"` + urlHint},
		{"content/a.md", "permalink: https://example.com/a", `warning: p.md:2: permalink: "https://example.com/a" is not a path of this site, and is not read` + urlHint},
		{"content/a.md", "permalink: /:year/:title/", `warning: p.md:2: permalink: "/:year/:title/" is not a path of this site, and is not read` + urlHint},
		{"content/a.md", `permalink: "/{{ page.fileSlug }}/"`, `warning: p.md:2: permalink: "/{{ page.fileSlug }}/" is not a path of this site, and is not read` + urlHint},
		{"content/a.md", "url: /", `warning: p.md:2: url: / is the home page, and is not read`},
		{"content/a.md", "permalink: /index.html", `warning: p.md:2: permalink: /index.html is the home page, and is not read`},
		{"content/a.md", "permalink: {build: x}", `warning: p.md:2: permalink: is not an address, and is not read`},
		{"content/a.md", "aliases: ../../x", `p.md:2: aliases: expected a path without empty parts, . and .., found "../../x"` + aliasHint},
		{"content/a.md", "aliases: /a/../b", `p.md:2: aliases: expected a path without empty parts, . and .., found "/a/../b"` + aliasHint},
		{"content/a.md", `aliases: '\..\x'`, `p.md:2: aliases: expected a plain path, found "\\..\\x"` + aliasHint},
		{"content/a.md", "aliases: /%2e%2e/x", `p.md:2: aliases: expected a path without empty parts, . and .., found "/../x"` + aliasHint},
		{"content/a.md", "aliases: //evil.example/x", `warning: p.md:2: aliases: "//evil.example/x" is on another host, and is not read` + aliasHint},
		{"content/a.md", "aliases: /a//b", `p.md:2: aliases: expected a path without empty parts, . and .., found "/a//b"` + aliasHint},
		{"content/a.md", "aliases: '/a|b'", `p.md:2: aliases: expected a plain path, found "/a|b"` + aliasHint},
		{"content/a.md", "redirect_from: ['/#top']", `warning: p.md:2: aliases: "/#top" is the home page, and is not read` + aliasHint},
	}
	for _, test := range tests {
		meta, _, _, problems := ParseSource([]byte("---\n" + test.front + "\n---\n"))
		_, more := l.Place(test.path, &meta)
		have := list(append(problems, more...))
		if len(have) != 1 || !strings.HasPrefix(have[0], test.want) {
			t.Errorf("%s with %q:\nhave %q\nwant %q", test.path, test.front, have, test.want)
		}
	}
}

func TestCheckPlaces(t *testing.T) {
	at := func(id, url string, former ...string) Place {
		return Place{ID: id, Path: strings.ReplaceAll(id, "/", "_") + ".md", URL: url, Former: former}
	}
	tests := []struct {
		name   string
		places []Place
		want   []string
	}{
		{"apart", []Place{at("a", "/a/"), at("a/b", "/a/b/"), at("2020-01-01", "/2020-01-01/"), at("x/assets", "/x/assets/")}, nil},
		{"two with one id", []Place{at("a", "/a/"), {ID: "a", Path: "b.md", URL: "/b/"}},
			[]string{`b.md: has the id "a", and so has a.md`}},
		{"two with one URL", []Place{at("a", "/x/"), at("b", "/x/")}, []string{`b.md: would stand at /x/, and so would a.md`}},
		{"three with one id", []Place{at("a", "/a/"), {ID: "a", Path: "b.md", URL: "/b/"}, {ID: "a", Path: "c.md", URL: "/c/"}},
			[]string{`b.md: has the id "a", and so has a.md`, `c.md: has the id "a", and so has b.md`}},
		{"reserved at the root", []Place{at("changes", "/changes/"), at("assets/a", "/assets/a/"), at("compare", "/compare/"), at("as-of", "/as-of/"), at("_headers", "/_headers/"), at("_redirects", "/_redirects/")},
			[]string{"changes.md: would stand at /changes/, which is reserved", "assets_a.md: would stand at /assets/a/, which is reserved", "compare.md: would stand at /compare/, which is reserved", "as-of.md: would stand at /as-of/, which is reserved", "_headers.md: would stand at /_headers/, which is reserved", "_redirects.md: would stand at /_redirects/, which is reserved"}},
		{"reserved below a policy", []Place{at("a", "/a/"), at("a/changes", "/a/changes/"), at("a/compare/b", "/a/compare/b/"), at("a/origins", "/a/origins/"), at("a/as-of", "/a/as-of/"), at("a/2020-01-01", "/a/2020-01-01/"), at("a/2020-01-01-2", "/a/2020-01-01-2/")},
			[]string{"a_changes.md: would stand at /a/changes/, which is reserved below the policy a.md", "a_compare_b.md: would stand at /a/compare/b/, which is reserved below the policy a.md", "a_origins.md: would stand at /a/origins/, which is reserved below the policy a.md", "a_as-of.md: would stand at /a/as-of/, which is reserved below the policy a.md", "a_2020-01-01.md: would stand at /a/2020-01-01/, which is reserved below the policy a.md", "a_2020-01-01-2.md: would stand at /a/2020-01-01-2/, which is reserved below the policy a.md"}},
		{"reserved below a language", []Place{at("pt-br/about-this-archive", "/pt-br/about-this-archive/"), at("de/about-this-archive", "/de/about-this-archive/")},
			[]string{"pt-br_about-this-archive.md: would stand at /pt-br/about-this-archive/, which is reserved"}},
		{"reserved below a policy, not below a folder", []Place{at("a/changes", "/a/changes/"), at("b/2020-01-01", "/b/2020-01-01/")}, nil},
		{"an alias that is a file of the site", []Place{at("a", "/a/", "/archive.json/", "/robots.txt/", "/_redirects/x/", "/CNAME/")},
			[]string{"a.md: aliases: /archive.json/ is an address of the site itself", "a.md: aliases: /robots.txt/ is an address of the site itself", "a.md: aliases: /_redirects/x/ is an address of the site itself"}},
	}
	for _, test := range tests {
		var have []string
		problems, out := CheckPlaces(test.places, []string{"en", "pt-BR"})
		for _, p := range problems {
			have = append(have, p.Error())
			if alias := strings.HasPrefix(p.Message, "aliases: "); p.Hint == "" || p.Warning != alias || alias && len(out[p.Path]) == 0 {
				t.Errorf("%s: %s: no hint, a page in the way that is a warning, or an alias that is none", test.name, p.Message)
			}
		}
		if !slices.Equal(have, test.want) {
			t.Errorf("%s:\nhave %q\nwant %q", test.name, have, test.want)
		}
	}
}
