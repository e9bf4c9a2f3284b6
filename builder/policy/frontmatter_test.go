package policy

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// list writes problems as people read them, a hint after "; hint: ".
func list(problems Problems) []string {
	out := []string{}
	for _, p := range problems {
		at := *p
		at.Path = "p.md"
		s := at.Error()
		if p.Warning {
			s = "warning: " + s
		}
		if p.Hint != "" {
			s += "; hint: " + p.Hint
		}
		out = append(out, s)
	}
	return out
}

func day(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Every key with every synonym, in YAML and in TOML, sets what it names and
// nothing else.
func TestFrontMatterKeys(t *testing.T) {
	tests := []struct {
		keys  string // separated by blanks
		value string // YAML; in TOML, too, unless toml is given
		toml  string
		want  Meta
	}{
		{"title", `"Privacy: a policy"`, "", Meta{Title: "Privacy: a policy"}},
		{"description", `"In short"`, "", Meta{Description: "In short"}},
		{"weight", `-3`, "", Meta{Weight: -3}},
		{"draft", `true`, "", Meta{Draft: true}},
		{"draft", `false`, "", Meta{}},
		{"published", `false`, "", Meta{Draft: true}},
		{"published", `true`, "", Meta{}},
		{"published", `"2024-03-01"`, "", Meta{}},
		{"publishdate publish-date publish_date", `2026-03-01T08:00:00Z`, "", Meta{PublishDate: day("2026-03-01")}},
		{"expirydate expiry-date expiry_date", `2026-03-01`, "", Meta{ExpiryDate: day("2026-03-01")}},
		{"url permalink", `false`, "", Meta{Draft: true}},
		{"lang", `"pt_BR"`, "", Meta{Identity: Identity{Lang: "pt-BR"}}},
		{"layout", `"wide"`, "", Meta{Layout: "wide"}},
		{"slug", `"data"`, "", Meta{Identity: Identity{Slug: "data"}}},
		{"url permalink", `"/legal/privacy.html"`, "", Meta{Identity: Identity{URL: "/legal/privacy.html"}}},
		{"aliases redirect_from", `["/a", "/b/"]`, "", Meta{Identity: Identity{Aliases: []string{"/a", "/b/"}}}},
		{"aliases redirect_from", `"/a"`, "", Meta{Identity: Identity{Aliases: []string{"/a"}}}},
		{"id", `"terms/eu"`, "", Meta{Identity: Identity{ID: "terms/eu"}}},
		{"formerly", `["legal/tos.md"]`, "", Meta{Identity: Identity{Formerly: []string{"legal/tos.md"}}}},
		{"formerly", `"tos.md"`, "", Meta{Identity: Identity{Formerly: []string{"tos.md"}}}},
		{"version", `1.10`, "", Meta{OfVersion: OfVersion{Version: "1.10"}}},
		{"version", `3`, "", Meta{OfVersion: OfVersion{Version: "3"}}},
		{"version", `"3.1 (final)"`, "", Meta{OfVersion: OfVersion{Version: "3.1 (final)"}}},
		{"version", `2021-07-14`, "", Meta{OfVersion: OfVersion{Version: "2021-07-14"}}},
		{"last-updated last_updated lastmod last_modified_at updated", `2026-03-01`, "", Meta{OfVersion: OfVersion{LastUpdated: day("2026-03-01")}}},
		{"last-updated", `"2026-03-01"`, "", Meta{OfVersion: OfVersion{LastUpdated: day("2026-03-01")}}},
		{"last-updated", `2026-03-01T23:30:00-07:00`, "", Meta{OfVersion: OfVersion{LastUpdated: day("2026-03-01")}}},
		{"last-updated", `"2026-03-01 08:15:00 +0200"`, "", Meta{OfVersion: OfVersion{LastUpdated: day("2026-03-01")}}},
		{"effective effective-date effective_date", `2026-03-01`, "", Meta{OfVersion: OfVersion{Effective: day("2026-03-01")}}},
		{"change", `"material"`, "", Meta{OfVersion: OfVersion{Change: Material}}},
		{"change", `"minor"`, "", Meta{OfVersion: OfVersion{Change: Minor}}},
		{"change", `"editorial"`, "", Meta{OfVersion: OfVersion{Change: Editorial}}},
		{"summary", "|\n  Two\n  lines.\n", "\"\"\"\nTwo\nlines.\n\"\"\"", Meta{OfVersion: OfVersion{Summary: "Two lines."}}},
		{"retroactive", `true`, "", Meta{OfVersion: OfVersion{Retroactive: true}}},
		{"terms-type", `"privacy POLICY"`, "", Meta{TermsType: "Privacy Policy"}},
		{"translation-of", `"privacy"`, "", Meta{Identity: Identity{TranslationOf: "privacy"}}},
		{"translates", `"2026-05-04"`, "", Meta{OfVersion: OfVersion{Translates: "2026-05-04"}}},
		{"params", `{owner: Legal, tags: [a, b], office: {city: Bern}}`, `{owner = "Legal", tags = ["a", "b"], office = {city = "Bern"}}`, Meta{Params: map[string]any{"owner": "Legal", "tags": []string{"a", "b"}, "office": map[string]any{"city": "Bern"}}}},
		{"source", `"https://example.com/old"`, "", Meta{OfVersion: OfVersion{Source: "https://example.com/old"}}},
	}
	seen := map[string]bool{}
	for _, test := range tests {
		for key := range strings.FieldsSeq(test.keys) {
			seen[key] = true
			asTOML := test.toml
			if asTOML == "" {
				asTOML = test.value
			}
			for fence, source := range map[string]string{
				"---": fmt.Sprintf("---\n%s: %s\n---\nText.\n", key, test.value),
				"+++": fmt.Sprintf("+++\n%s = %s\n+++\nText.\n", key, asTOML),
			} {
				meta, body, line, problems := ParseSource([]byte(source))
				if len(problems) > 0 {
					t.Errorf("%q: %q", source, list(problems))
				}
				if string(body) != "Text.\n" || line != strings.Count(source, "\n") {
					t.Errorf("%q: body %q on line %d", source, body, line)
				}
				name := key
				for _, k := range frontMatterKeys {
					if strings.Contains(" "+strings.Join(k.synonyms, " ")+" ", " "+key+" ") {
						name = k.name
					}
				}
				if meta.Lines[name] != 2 {
					t.Errorf("%s%s stands on line %d, want 2", fence, key, meta.Lines[name])
				}
				if meta.TOML != (fence == "+++") {
					t.Errorf("%s: TOML is %v", fence, meta.TOML)
				}
				meta.Lines, meta.TOML = nil, false
				if !reflect.DeepEqual(meta, test.want) {
					t.Errorf("%q:\nhave %+v\nwant %+v", source, meta, test.want)
				}
			}
		}
	}
	for _, k := range frontMatterKeys {
		for _, name := range append([]string{k.name}, k.synonyms...) {
			if !seen[name] {
				t.Errorf("no test reads %q", name)
			}
		}
	}
}

// Where front matter ends and Markdown begins, whatever an editor made of the
// file.
func TestFrontMatterEnds(t *testing.T) {
	tests := []struct {
		name, source, title, body string
		line                      int
	}{
		{"none", "# Privacy\n\nText.\n", "", "# Privacy\n\nText.\n", 1},
		{"empty file", "", "", "", 1},
		{"empty block", "---\n---\n# P\n", "", "# P\n", 3},
		{"comment only", "---\n# a note\n---\n# P\n", "", "# P\n", 4},
		{"byte order mark", "\xEF\xBB\xBF---\ntitle: P\n---\nText\n", "P", "Text\n", 4},
		{"byte order mark, no front matter", "\xEF\xBB\xBF# P\n", "", "# P\n", 1},
		{"line ends of old Macintoshes", "---\rtitle: P\r---\rText\r", "P", "Text\n", 4},
		{"Windows line ends", "---\r\ntitle: P\r\n---\r\nText\r\n", "P", "Text\r\n", 4},
		{"Windows line ends, TOML", "+++\r\ntitle = \"P\"\r\n+++\r\nText\r\n", "P", "Text\r\n", 4},
		{"blanks behind the fences", "--- \ntitle: P\n---\t\nText\n", "P", "Text\n", 4},
		{"dots end YAML", "---\ntitle: P\n...\nText\n", "P", "Text\n", 4},
		{"no newline at the end", "---\ntitle: P\n---", "P", "", 4},
		{"rules below stay", "---\ntitle: P\n---\nA\n\n---\n\nB\n", "P", "A\n\n---\n\nB\n", 4},
		{"an empty line before it", "\n---\ntitle: P\n---\nText\n", "P", "Text\n", 5},
		{"a comment of several lines before it", "<!-- (c)\nExample -->\r\n\n---\nTitle: P\n---\nText\n", "P", "Text\n", 7},
		{"a comment alone", "<!-- (c) -->\n# P\n", "", "<!-- (c) -->\n# P\n", 1},
		{"a rule first", "---\n\nA\n\n---\nB\n", "", "---\n\nA\n\n---\nB\n", 1},
		{"a rule that nothing closes", "---\nSome words.\n", "", "---\nSome words.\n", 1},
		{"a list between rules", "---\n- a\n- b\n---\n", "", "---\n- a\n- b\n---\n", 1},
		{"mark-up between rules", "---\n**We**: *you* [x\n---\n", "", "---\n**We**: *you* [x\n---\n", 1},
		{"rules with a label after a comment", "<!-- x -->\n---\nNote: words.\n---\n", "", "<!-- x -->\n---\nNote: words.\n---\n", 1},
		{"keys of others", "---\ntitle: P\nauthors:\n  - name: Bob\nTags: [[a, b], [c]]\nsidebar_position: {x: y}\n---\nText\n", "P", "Text\n", 8},
		{"plus signs do not end YAML", "---\ntitle: P\nsummary: |\n  +++\n---\nText\n", "P", "Text\n", 6},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			meta, body, line, problems := ParseSource([]byte(test.source))
			if len(problems) > 0 {
				t.Errorf("problems: %q", list(problems))
			}
			if meta.Title != test.title || string(body) != test.body || line != test.line {
				t.Errorf("title %q, body %q, line %d", meta.Title, body, line)
			}
		})
	}
}

func TestFrontMatterProblems(t *testing.T) {
	const isoHint = "; hint: days are written as year-month-day"
	const form = "; hint: write YAML between two lines ---, or TOML between two lines +++"
	tests := []struct{ source, want string }{
		{"---\ntitle: P\n\neffective: March 1\n---\n", `p.md:4: effective: expected a day such as 2026-03-01, found "March 1"` + isoHint},
		{"+++\ntitle = \"P\"\n\neffective = \"March 1\"\n+++\n", `p.md:4: effective: expected a day such as 2026-03-01, found "March 1"` + isoHint},
		{"---\neffective: 2026-02-30\n---\n", `p.md:2: effective: expected a day such as 2026-03-01, found "2026-02-30"; hint: February 2026 has 28 days`},
		{"---\nlastmod: 2026-3-1\n---\n", `p.md:2: lastmod: expected a day such as 2026-03-01, found "2026-3-1"` + isoHint},
		{"---\nupdated: 01/03/2026\n---\n", `p.md:2: updated: expected a day such as 2026-03-01, found "01/03/2026"` + isoHint},
		{"---\nefective: 2026-03-01\n---\n", `warning: p.md:2: unknown key "efective" in front matter; hint: did you mean "effective"?`},
		{"---\ntitle: A\ntitle: B\n---\n", `p.md:3: title: stands twice, as title on line 2 too; hint: keep one of the two`},
		{"---\neffective: 2026-03-01\neffective_date: 2026-03-01\n---\n", `p.md:3: effective_date: stands twice, as effective on line 2 too; hint: keep one of the two`},
		{"---\nchange: materiel\n---\n", `p.md:2: change: expected material or minor or editorial, found "materiel"; hint: did you mean "material"?`},
		{"---\nweight: first\n---\n", `p.md:2: weight: expected a whole number, found "first"`},
		{"---\ndraft: maybe\n---\n", `p.md:2: draft: expected true or false, found "maybe"`},
		{"---\nlang: english language\n---\n", `p.md:2: lang: expected a language tag such as en or pt-BR, found "english language"`},
		{"---\ntitle: [a, b]\n---\n", `p.md:2: title: expected one value, found a list`},
		{"---\naliases: {a: b}\n---\n", `p.md:2: aliases: expected a list of words`},
		{"---\naliases: [[a]]\n---\n", `p.md:2: aliases: expected a list of words`},
		{"---\ntitle: P\n# no end\n", `p.md:1: front matter opens with --- and never closes; hint: end it with a line ---`},
		{"+++\ntitle = \"P\"\n---\n", `p.md:1: front matter opens with +++ and never closes; hint: end it with a line +++`},
		{"---yaml\ntitle: P\ndraft: true\n---\n", `p.md:1: front matter opens with ---yaml, which is not read` + form},
		{"\n--- JSON\n{\"title\": \"P\"}\n---\n", `p.md:2: front matter opens with --- JSON, which is not read` + form},
		{"{\n\"title\": \"P\"\n}\n", `p.md:1: front matter in JSON is not read` + form},
		{"---\n---\ntitle: P\nversion: 3\n---\n", `p.md:1: an empty block of front matter stands above the one with keys; hint: delete the empty block`},
		{"---\n# none\n---\n\n---\ntitle: P\n---\n", `p.md:1: an empty block of front matter stands above the one with keys; hint: delete the empty block`},
		{"---\ntitle = \"P\"\nversion = 3\n---\n", `p.md:2: expected YAML between two lines ---, found TOML; hint: write it between two lines +++`},
		{"---toml\ntitle = \"P\"\n---\n", `p.md:1: front matter opens with ---toml, which is not read; hint: write YAML between two lines ---, or TOML between two lines +++`},
		{"---\n\n---\n\n---\ntitle: P\n---\n", `p.md:1: an empty block of front matter stands above the one with keys; hint: delete the empty block`},
		{"---\nchange: major\n---\n", `p.md:2: change: expected material or minor or editorial, found "major"; hint: did you mean "material"?`},
		{"---\ntitle: P\n" + strings.Repeat("#", maxFrontMatter) + "\n---\n", fmt.Sprintf("p.md:1: front matter of %d bytes, at most %d are read", maxFrontMatter+len("title: P\n\n"), maxFrontMatter)},
	}
	for _, test := range tests {
		_, _, _, problems := ParseSource([]byte(test.source))
		if have := list(problems); len(have) != 1 || have[0] != test.want {
			t.Errorf("%.80q:\nhave %q\nwant %q", test.source, have, test.want)
		}
	}
}

// What the libraries say of broken YAML and TOML is theirs; the line is ours.
func TestBrokenFrontMatterNamesItsLine(t *testing.T) {
	for source, line := range map[string]int{
		"---\ntitle: P\nsummary: a: b\n---\n":      3,
		"---\ntitle: \"P\n---\n":                   2,
		"---\ntitle: P\n\tchange: minor\n---\n":    3,
		"---\ntitle: P\naliases: [a\n---\n":        3,
		"+++\ntitle = \"P\"\nversion = x\n+++\n":   3,
		"+++\ntitle = P\n+++\n":                    2,
		"+++\ntitle = \"P\"\ntitle = \"Q\"\n+++\n": 3,
	} {
		_, _, _, problems := ParseSource([]byte(source))
		if len(problems) != 1 || problems[0].Warning || problems[0].Hint == "" {
			t.Errorf("%q: %q", source, list(problems))
			continue
		}
		// A library may notice at the end of what was left open.
		if l := problems[0].Line; l < line || l > line+1 {
			t.Errorf("%q: line %d, want %d: %s", source, l, line, problems[0].Message)
		}
	}
}

// A draft stays one when its front matter cannot be read.
func TestBrokenFrontMatterOfADraftIsADraft(t *testing.T) {
	for source, want := range map[string]bool{
		"---\ndraft: true\ntitle: a: b\n---\n":       true,
		"---\ntitle: a: b\n  draft: 'yes'\n---\n":    true,
		"---\ndraft: true\nno end":                   true,
		"+++\ndraft = true\ntitle = a: b\n+++\n":     true,
		"---\ndraft: on\ntitle: [\n---\n":            true,
		"---\ndraft: false\ntitle: a: b\n---\n":      false,
		"---\ntitle: a: b\n---\n\ndraft: true\n":     false, // that is text
		"---\nsummary: not a draft: true story\n---": false,
	} {
		meta, _, _, problems := ParseSource([]byte(source))
		if len(problems.Errors(false)) == 0 {
			t.Errorf("%q: no error", source)
		}
		if meta.Draft != want {
			t.Errorf("%q: draft is %v", source, meta.Draft)
		}
	}
}

// Anchors may make a YAML document endless, or exponentially large.
func TestFrontMatterAnchors(t *testing.T) {
	meta, _, _, problems := ParseSource([]byte("---\ntitle: &t P\nsummary: *t\naliases: &a [/x]\nformerly: *a\n---\n"))
	if len(problems) > 0 || meta.Summary != "P" || !reflect.DeepEqual(meta.Formerly, []string{"/x"}) {
		t.Errorf("aliases of words and lists: %+v %q", meta, list(problems))
	}
	bomb := "---\na0: &a0 {x: y}\n"
	for i := range 40 {
		bomb += fmt.Sprintf("a%d: &a%d {l: *a%d, r: *a%d}\n", i+1, i+1, i, i)
	}
	for _, source := range []string{"---\na: &a {b: *a}\n---\n", "---\na: &a [*a]\n---\n", bomb + "---\n"} {
		ParseSource([]byte(source)) // comes back
	}
}

func FuzzParseSource(f *testing.F) {
	for _, seed := range []string{
		"", "---\n", "---\ntitle: P\n---\nText\n", "+++\nversion = 1.10\n+++\r\n\r\nText", "\xEF\xBB\xBF---\r\neffective: x\r\n...\r\nA\r\nB",
		"---\na: &a {b: *a}\n---\n", "# P\n\n---\n", "---\n? [a]\n: b\n---\nx", "+++\n[a.b]\nc = [1, {d = 2}]\n+++\nx", "---\n!!binary a: b\n---\n", "---\n<<: {title: P}\n---\n",
		"---\npeffgictv\x7f: \reffg\n...", // to YAML a carriage return ends a line
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		meta, body, line, problems := ParseSource(source)
		text := bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF"))
		if !bytes.Contains(text, []byte("\n")) {
			text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
		}
		if line < 1 {
			t.Fatalf("body on line %d", line)
		}
		// The body is the rest of the file from its line on, to the byte.
		rest := text
		for range line - 1 {
			_, rest, _ = bytes.Cut(rest, []byte("\n"))
		}
		if unread := body == nil && len(problems.Errors(false)) > 0; !unread && !bytes.Equal(rest, body) {
			t.Errorf("body %q on line %d, the file has %q", body, line, rest)
		}
		lines := 1 + bytes.Count(text, []byte("\n"))
		for _, p := range problems {
			if p.Line < 0 || p.Line > lines || p.Message == "" {
				t.Errorf("problem on line %d of %d: %q", p.Line, lines, p.Message)
			}
		}
		if again, _, _, _ := ParseSource(source); !reflect.DeepEqual(meta, again) {
			t.Error("read twice, two results")
		}
	})
}

// What keeps a text off the site does so however it is spelled, and when the rest
// cannot be read.
func TestHeldBack(t *testing.T) {
	for source, want := range map[string]bool{
		"---\nDRAFT: yes\n---\n":                          true,
		"+++\nPublished = false\n+++\n":                   true,
		"---\nPermalink: off\n---\n":                      true,
		"---\npublished: true\ndraft: true\n---\n":        true,
		"---\npublished: false\ndraft: false\n---\n":      true,
		"---\npublished: No\nx: [\n---\n":                 true,
		"<!-- c -->\n---\ndraft: true\n---\n":             true,
		"---yaml\nDraft: true\n---\n":                     true,
		"{\"title\": \"P\",\n\"draft\": true}\n":          true,
		"---\n---\npublished: false\n---\n":               true,
		"---\npublished: 2024-05-06\ndraft: false\n---\n": false,
		"---\npermalink: /a/\n---\n\npublished: false\n":  false,
	} {
		if meta, _, _, _ := ParseSource([]byte(source)); meta.Draft != want {
			t.Errorf("%q: draft is %t", source, meta.Draft)
		}
	}
}
