package builder_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
)

const lfsPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"

// Whatever bytes stand in a file: what cannot be read as a text, or has none,
// is an error of the present that names the file and, where there is one, the
// line. In the past the same bytes keep their place, and stay to be downloaded.
func TestFilesThatAreNoTexts(t *testing.T) {
	for name, c := range map[string]struct{ source, head, past string }{
		"Windows line ends":             {"---\r\ntitle: A\r\n---\r\n\r\nWords.\r\n", "", ""},
		"byte order mark":               {"\ufeff---\ntitle: A\n---\nWords.\n", "", ""},
		"NUL in YAML":                   {"---\ntitle: A\x00\n---\nWords.\n", "content/privacy.md:2: YAML: control characters are not allowed", ""},
		"not UTF-8":                     {"---\ntitle: A\n---\nWords.\n\nx\xff\n", "content/privacy.md:6: is not valid UTF-8 at line 6, byte 2", "is not valid UTF-8 at line 6, byte 2"},
		"not UTF-8 in YAML":             {"---\ntitle: A\n# \xff\n---\nWords.\n", "content/privacy.md:3: is not valid UTF-8 at line 3, byte 3", "is not valid UTF-8 at line 3, byte 3"},
		"not UTF-8 in TOML":             {"+++\ntitle = 'A\xff'\n+++\nWords.\n", "content/privacy.md:2: is not valid UTF-8 at line 2, byte 11", "is not valid UTF-8 at line 2, byte 11"},
		"UTF-8 of a surrogate":          {"Words \xed\xa0\x80.\n", "content/privacy.md:1: is not valid UTF-8 at line 1, byte 7", "is not valid UTF-8 at line 1, byte 7"},
		"overlong UTF-8":                {"Words \xc0\xaf.\n", "content/privacy.md:1: is not valid UTF-8 at line 1, byte 7", "is not valid UTF-8 at line 1, byte 7"},
		"UTF-16, little end first":      {"\xff\xfeW\x00o\x00r\x00d\x00\n\x00", "content/privacy.md:1: is UTF-16", "is UTF-16"},
		"UTF-16, big end first":         {"\xfe\xff\x00W\x00o\x00r\x00d\x00\n", "content/privacy.md:1: is UTF-16", "is UTF-16"},
		"UTF-16 without a mark":         {"W\x00o\x00r\x00d\x00\n\x00", "content/privacy.md:1: is UTF-16, or not a text", "is UTF-16, or not a text"},
		"nothing":                       {"", "no policy in content at commit", ""},
		"white space":                   {" \n\t\r\n\u00a0\n", "no policy in content at commit", ""},
		"front matter and nothing else": {"---\ntitle: A\n---\n", "no policy in content at commit", ""},
		"a comment and nothing else":    {"<!-- later -->\n", "no policy in content at commit", ""},
		"10 MB":                         {strings.Repeat("Some words of a policy.\n\n", 420_000), "content/privacy.md: is larger than 2 MiB", "is larger than 2 MiB"},
		"Git LFS":                       {lfsPointer, "content/privacy.md:1: is a Git LFS pointer, not the text itself", "is a Git LFS pointer, not the text itself"},
		"Git LFS after a mark":          {"\ufeff" + lfsPointer, "content/privacy.md:1: is a Git LFS pointer, not the text itself", "is a Git LFS pointer, not the text itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := repository(t, on("2021-01-01", privacy(c.source)))
			if c.head == "" {
				s := built(t, r)
				if text := strings.TrimSpace(policyText(t, s.file("privacy/index.html"))); text != "Words." {
					t.Errorf("text %q", text)
				}
			} else if have := refused(t, r, errContent); !strings.HasPrefix(have, c.head) {
				t.Errorf("have %s\nwant %s", have, c.head)
			}
			commit(r, on("2021-02-01", privacy("Other words.\n")))
			s := built(t, r)
			v := s.Policies[0].Versions
			if len(v) != 2 || v[0].ID != "2021-01-01" || or(v[0].Error) != c.past || (v[0].TextSHA256 == nil) != (c.past != "") {
				t.Fatalf("in the past: %s, error %q, want %q", s.tell(), or(v[0].Error), c.past)
			}
			if s.file("privacy/2021-01-01/index.md") != c.source {
				t.Error("the source is not the bytes of the commit")
			}
			if page := s.file("privacy/2021-01-01/index.html"); c.past != "" && (!strings.Contains(page, c.past) || !strings.Contains(page, "index.md") || strings.Contains(page, "data-policy-text")) {
				t.Errorf("the page does not say why there is no text:\n%s", page)
			}
		})
	}
}

// A draft that cannot be read stays a draft: it must not reach the site as the
// source of a version that could not be rendered.
func TestDraftsThatAreNoTextsStayDrafts(t *testing.T) {
	utf16 := func(s string) string {
		b := []byte("\xff\xfe")
		for _, c := range []byte(s) {
			b = append(b, c, 0)
		}
		return string(b)
	}
	for _, draft := range []string{"---\ndraft: true\n---\nsecretword \xff\n", "---\ndraft: true\n---\nsecretword \x00\n", utf16("---\ndraft: true\n---\nsecretword\n"), "---\r\ndraft: true\r\n---\r\n"} {
		r := repository(t, on("2021-01-01", privacy("Words.\n")), on("2021-02-01", privacy(draft)), on("2021-03-01", privacy("Words.\n")))
		s := built(t, r)
		s.without("secretword", "s\x00e\x00c\x00r")
		if v := s.Policies[0].Versions; v[len(v)-1].Error != nil || s.has("privacy/2021-02-01/index.md") {
			t.Errorf("%q: %s", draft, s.tell())
		}
	}
}

// A text that is no file: a symbolic link warns and is no policy, a submodule
// is none; in the past both are a time in which the policy was not there.
func TestTextsThatAreNoFiles(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("Words.\n"), write("content/other.md", "Other words.\n"), write("secret.txt", "secretword")),
		on("2021-02-01", remove("content/privacy.md"), link("content/privacy.md", "../secret.txt")),
	)
	s := built(t, r)
	if len(s.Policies) != 1 || s.Policies[0].ID != "other" || s.has("privacy/index.html") {
		t.Errorf("a symbolic link is a policy:\n%s", s.tell())
	}
	if w := s.result.Warnings; len(w) != 1 || w[0].Error() != "content/privacy.md: is a symbolic link and not a policy" || w[0].Hint == "" {
		t.Errorf("warnings %v", w)
	}
	s.without("secretword")
	if have := refused(t, r, errContent, func(o *builder.Options) { o.Strict = true }); have != "content/privacy.md: is a symbolic link and not a policy" {
		t.Errorf("strict: %s", have)
	}
	// A submodule of that name, and back to a text.
	commit(r, on("2021-03-01", remove("content/privacy.md")))
	r.Git("update-index", "--add", "--cacheinfo", "160000,"+r.Head()+",content/privacy.md")
	r.Git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "Submodule")
	if have := refused(t, r, errContent); have != "content/privacy.md: is a submodule and not a text" {
		t.Errorf("a submodule: %s", have)
	}
	r.Git("rm", "-q", "--cached", "content/privacy.md")
	commit(r, on("2021-05-01", privacy("Words again.\n")))
	s = built(t, r)
	s.without("secretword")
	expect(t, s.tell(), `
		other content/other.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, )
		privacy content/privacy.md in-force 2021-05-01
		 2021-01-01 initial [2021-01-01, 2021-02-01) + withdrawn
		 2021-05-01 restored [2021-05-01, )`)
	// A content folder that is a link is no folder of the commit.
	r = repository(t, on("2021-01-01", write("texts/a.md", "A\n"), link("content", "texts")))
	refused(t, r, errUsage, func(o *builder.Options) { o.Content = "content" })
}

// What no reader sees is named, unless the script of the text needs it; what
// overrides the order of letters or is never closed, and what a terminal obeys, is an
// error, and so is in front matter and in paths whatever reorders them.
func TestInvisibleCharacters(t *testing.T) {
	r := repository(t, on("2021-01-01",
		privacy("---\ntitle: Privacy \u2068של\u2069\n---\nPay 10\u202a001\u202c euro\u200b.\n\nThe name \u2067שלום (1)\u2069 is\n\u2068isolated\u2069.\n"),
		write("content/fa.md", "---\nlang: fa\n---\nمی\u200cخواهم \u200fPolicy\u200e\n"),
		write("content/he.md", "שלום \u200f(Policy)\u200e\n"),
		write("content/hi.md", "क्\u200dष\n"),
	))
	s := built(t, r)
	var have []string
	for _, w := range s.result.Warnings {
		have = append(have, w.Error())
	}
	expect(t, strings.Join(have, "\n"), `
		content/privacy.md:4: the invisible character U+202A LEFT-TO-RIGHT EMBEDDING makes what is read differ from what is written
		content/privacy.md:4: the invisible character U+202C POP DIRECTIONAL FORMATTING makes what is read differ from what is written
		content/privacy.md:4: the invisible character U+200B ZERO WIDTH SPACE`)
	refused(t, r, errContent, func(o *builder.Options) { o.Strict = true })
	commit(r, on("2021-02-01", privacy("---\ntitle: Priv\u202eacy\nslug: a\u2067b\n---\nWords.\n"), write("content/x\u2066y.md", "Words.\n")))
	if have := refused(t, r, errContent); strings.Count(have, "\n") != 2 ||
		!strings.Contains(have, "content/privacy.md:2: title: has U+202E") || !strings.Contains(have, "content/privacy.md:3: slug: has U+2067") ||
		!strings.Contains(have, "the path of this file has U+2066 LEFT-TO-RIGHT ISOLATE") {
		t.Errorf("have %s", have)
	}
	// Of the past, all of it is kept.
	commit(r, on("2021-03-01", privacy("Other words.\n"), rename("content/x\u2066y.md", "content/xy.md")))
	s = built(t, r)
	for _, p := range s.Policies {
		if p.ID == "privacy" && len(p.Versions) != 3 || p.ID == "xy" && (len(p.Versions) != 1 || p.Versions[0].Error != nil) {
			t.Errorf("in the past:\n%s", s.tell())
		}
	}
}

// However a control character or an override is written, it is refused where it
// would be published, and what the past has of them is shown as it was.
func TestCharactersThatAreObeyed(t *testing.T) {
	for text, want := range map[string]string{
		"---\ntitle: \"\\e]52;c;eA==\\a\"\n---\nWords.\n":              "privacy.md:2: title: has U+001B, a control character",
		"---\ntitle: \"a\\u202Eb\"\n---\nWords.\n":                     "privacy.md:2: title: has U+202E RIGHT-TO-LEFT OVERRIDE",
		"---\ntitle: \"a\\u2067b\"\n---\nWords.\n":                     "privacy.md:2: title: has U+2067 RIGHT-TO-LEFT ISOLATE",
		"---\ntitle: \"a\\u2069b\\u2068\"\n---\nWords.\n":              "privacy.md:2: title: has U+2069 POP DIRECTIONAL ISOLATE",
		"---\nversion: \"1\\x9b2J\"\n---\nWords.\n":                    "privacy.md:2: version: has U+009B, a control character",
		"---\nsummary: \"a\\x7f\"\n---\nWords.\n":                      "privacy.md:2: summary: has U+007F, a control character",
		"---\ntitle: P\naliases: [\"/a\", \"/b\\x1b\"]\n---\nWords.\n": "privacy.md:3: aliases: has U+001B, a control character",
		"---\nparams: {note: \"\\b\"}\n---\nWords.\n":                  "privacy.md:2: params: has U+0008, a control character",
		"+++\ntitle = \"a\\u001B[31m\"\n+++\nWords.\n":                 "privacy.md:2: title: has U+001B, a control character",
		"Words.\n\nMore \x1b[31mwords.\n":                              "privacy.md:3: has U+001B, a control character",
		"Words &#27;[31m.\n":                                           "privacy.md:1: has U+001B, a control character",
		"Words &#x9B;.\n":                                              "privacy.md:1: has U+009B, a control character",
		"Words\x7f.\n":                                                 "privacy.md:1: has U+007F, a control character",
		"Words\u0090.\n":                                               "privacy.md:1: has U+0090, a control character",
		"Words \u202eother\u202c.\n":                                   "privacy.md:1: the invisible character U+202E RIGHT-TO-LEFT OVERRIDE makes",
		"Words &#x202D;other.\n":                                       "privacy.md:1: the invisible character U+202D LEFT-TO-RIGHT OVERRIDE makes",
		"Words \u2067other.\n\nMore \u2069words.\n":                    "privacy.md:1: the invisible character U+2067 RIGHT-TO-LEFT ISOLATE is never closed",
		"[Words](terms.md \"&#8238;x\").\n":                            "privacy.md:1: the invisible character U+202E RIGHT-TO-LEFT OVERRIDE makes",
	} {
		r := repository(t, on("2021-01-01", privacy("Words.\n")), on("2021-02-01", privacy(text), write("content/terms.md", "Terms.\n")))
		if have := refused(t, r, errContent); !strings.Contains(have, want) || strings.Contains(have, "\n") {
			t.Errorf("%q: have %q, want %q", text, have, want)
		}
		commit(r, on("2021-03-01", privacy("Other words.\n")))
		for _, p := range built(t, r).Policies {
			for _, v := range p.Versions {
				if v.Error != nil {
					t.Errorf("%q: of the past: %s", text, *v.Error)
				}
			}
		}
	}
}

// Whatever words stand where addresses are made: an error that names the file,
// or a page inside the site. Nothing is written beside it.
func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("policy/testdata/hostile-paths.txt")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if s, err := strconv.Unquote(lines.Text()); err == nil {
			words = append(words, s)
		}
	}
	if len(words) < 200 {
		t.Fatalf("%d words", len(words))
	}
	// Each in TOML, whose strings can say any character.
	quote := func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, `\U%08X`, r)
		}
		return `"` + b.String() + `"`
	}
	layout := policy.Layout{Content: "content", Language: "en"}
	bad := repository(t)
	good := repository(t)
	places := []policy.Place{}
	fine := 0
	var wrong []string
	for i, w := range words {
		for _, key := range []string{"id", "slug", "url", "aliases"} {
			name := fmt.Sprintf("content/n%d%s.md", i, key)
			text := fmt.Sprintf("+++\n%s = %s\n+++\nWords of %d.\n", key, quote(w), i)
			meta, _, _, problems := policy.ParseSource([]byte(text))
			place, more := layout.Place(name, &meta)
			if len(append(problems, more...).Errors(false)) > 0 {
				bad.Write(name, text)
				wrong = append(wrong, name)
				continue
			}
			if clash, _ := policy.CheckPlaces(append(places, place), nil); len(clash) > 0 {
				continue // in the way of another one
			}
			places = append(places, place)
			good.Write(name, text)
			fine++
		}
	}
	if len(wrong) < 500 || fine < 200 {
		t.Errorf("%d are refused and %d are not: the words do not try much", len(wrong), fine)
	}
	bad.Write("content/a.md", "Words.\n")
	bad.Commit("2021-01-01T12:00:00Z", "x")
	have := refused(t, bad, errContent)
	for _, name := range wrong {
		if !strings.Contains(have, name+":") {
			t.Errorf("%s passes", name)
		}
	}
	good.Commit("2021-01-01T12:00:00Z", "x")
	beside := t.TempDir()
	s := built(t, good, func(o *builder.Options) { o.Destination = filepath.Join(beside, "in", "site") })
	if len(s.Policies) != fine {
		t.Errorf("%d policies, want %d", len(s.Policies), fine)
	}
	err = filepath.WalkDir(beside, func(p string, d fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(s.dir, p); err == nil && !d.IsDir() && !filepath.IsLocal(rel) && !strings.HasPrefix(d.Name(), ".") {
			t.Errorf("%s was written", p)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if _, broken := checkLinks(htmlPages(s), reader(s)); len(broken) > 0 {
		t.Errorf("broken:\n%s", strings.Join(broken, "\n"))
	}
}

// Names that some system cannot hold, or takes for one, are errors that name
// the texts.
func TestNamesThatAreNotPortable(t *testing.T) {
	for name, test := range map[string]struct {
		do   []act
		want string
	}{
		"a device":                     {[]act{write("content/CON.md", "A\n")}, `content/CON.md: would stand at /con/, but cannot be on Windows, where "con" is a device`},
		"a device as a folder":         {[]act{write("content/aux/a.md", "A\n")}, `content/aux/a.md: would stand at /aux/a/, but cannot be on Windows, where "aux" is a device`},
		"a device as a slug":           {[]act{privacy("---\nslug: lpt1\n---\nA\n")}, `content/privacy.md:2: slug: /lpt1/ cannot be on Windows, where "lpt1" is a device`},
		"a device as an alias":         {[]act{privacy("---\naliases: /old/nul.html\n---\nA\n")}, `content/privacy.md:2: aliases: "/old/nul.html" cannot be on Windows, where "nul.html" is a device`},
		"a long slug":                  {[]act{privacy("---\nslug: " + strings.Repeat("a", 300) + "\n---\nA\n")}, "content/privacy.md:2: slug: /" + strings.Repeat("a", 300) + "/ has a part of more than 255 bytes"},
		"an alias in capitals":         {[]act{privacy("---\naliases: /Privacy/\n---\nA\n")}, "content/privacy.md:2: aliases: /Privacy/, and content/privacy.md stands at /privacy/, which are one address where case or normalization do not count"},
		"an alias of two":              {[]act{privacy("---\naliases: /x/\n---\nA\n"), write("content/a.md", "---\naliases: /x/\n---\nA\n")}, "content/privacy.md:2: aliases: /x/ is one of content/a.md, too"},
		"texts in two cases":           {[]act{privacy("A\n"), write("content/Privacy.md", "B\n")}, `content/privacy.md: has the id "privacy", and so has content/Privacy.md`},
		"texts in two normal forms":    {[]act{write("content/caf\u00e9.md", "A\n"), write("content/cafe\u0301.md", "B\n")}, "content/caf\u00e9.md: has the id \"caf\u00e9\", and so has content/cafe\u0301.md"},
		"letters that fold to another": {[]act{write("content/s.md", "A\n"), write("content/\u017f.md", "B\n")}, "content/\u017f.md: would stand at /\u017f/, and content/s.md at /s/, which are one address where case or normalization do not count"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, refused(t, repository(t, on("2021-01-01", test.do...)), errContent, func(o *builder.Options) { o.Strict = true }), test.want)
		})
	}
	// What a text was called once does not stop a build, and leaves no address.
	s := built(t, repository(t, on("2021-01-01", write("content/con.md", "A\n")), on("2021-02-01", rename("content/con.md", "content/connect.md"))))
	if s.has("con/index.html") || s.Policies[0].URL != "/connect/" {
		t.Error("an address that no Windows can hold")
	}
}

// Dates are days that there are, in the one form that nobody misreads.
func TestDates(t *testing.T) {
	for date, want := range map[string]string{
		"2021-02-30": `content/privacy.md:2: effective: expected a day such as 2026-03-01, found "2021-02-30"`, "1/4/2023": `content/privacy.md:2: effective: expected a day such as 2026-03-01, found "1/4/2023"`,
		"2021-13-01": `content/privacy.md:2: effective: expected a day such as 2026-03-01, found "2021-13-01"`, "0000-00-00": `content/privacy.md:2: effective: expected a day such as 2026-03-01, found "0000-00-00"`,
		"99999-01-01": `content/privacy.md:2: effective: expected a day such as 2026-03-01, found "99999-01-01"`, "2021-03-01 10:00": "",
		"[2021-03-01]": "content/privacy.md:2: effective: expected one value, found a list", "2021-03-01": "", "": "",
	} {
		r := repository(t, on("2021-01-01", privacy("---\neffective: "+date+"\n---\nA\n")))
		if want == "" {
			if s := built(t, r); len(s.result.Warnings) > 0 {
				t.Errorf("%s: %v", date, s.result.Warnings)
			}
			continue
		}
		expect(t, refused(t, r, errContent), want)
	}
	// A key that nobody knows is a warning with a suggestion.
	s := built(t, repository(t, on("2021-01-01", privacy("---\nefective: 2021-01-01\n---\nA\n"))))
	if w := s.result.Warnings; len(w) != 1 || w[0].Error() != `content/privacy.md:2: unknown key "efective" in front matter` || w[0].Hint != `did you mean "effective"?` {
		t.Errorf("warnings %v", w)
	}
	// One of the future is upcoming, and says when to build again.
	s = built(t, repository(t, on("2021-01-01", privacy("A\n")), on("2021-02-01", privacy("---\neffective: 2031-05-01\n---\nB\n"))))
	if p := s.Policies[0]; p.Status != "in-force" || or(p.Current) != "2021-01-01" || or(s.NextChange) != "2031-05-01" {
		t.Errorf("%s next change %s", s.tell(), or(s.NextChange))
	}
	// One that goes back before the day of the commit warns, and changes nothing.
	s = built(t, repository(t, on("2021-01-01", privacy("---\neffective: 2021-01-01\n---\nA\n")), on("2021-02-01", privacy("---\neffective: 2020-01-01\n---\nB\n"))))
	if w := s.result.Warnings; len(w) != 1 || !strings.HasPrefix(w[0].Error(), "content/privacy.md:2: effective: ") || or(s.Policies[0].Versions[1].InForce.From) != "2021-02-01" {
		t.Errorf("%s warnings %v", s.tell(), w)
	}
	// None at all is told, as a note.
	if s := built(t, repository(t, on("2021-01-01", privacy("A\n")))); len(s.notes("texts state no date")) != 1 {
		t.Errorf("notes %q", s.result.Notes)
	}
}

// Templates of a repository have no end only until they are stopped.
func TestHostileTemplates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ template, want string }{
		"recursion":   {`{{define "main"}}{{template "main" .}}{{end}}`, "layouts/policy.html:1:"},
		"10 GB":       {`{{define "main"}}{{range 10000000000}}x{{end}}{{end}}`, "layouts/policy.html:1:"},
		"environment": {`{{define "main"}}{{env "HOME"}}{{end}}`, "layouts/policy.html:1: function \"env\" not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			r := repository(t, on("2021-01-01", privacy("A\n"), write("layouts/policy.html", c.template)))
			if have := refused(t, r, errContent); !strings.HasPrefix(have, c.want) {
				t.Errorf("have %s, want %s", have, c.want)
			}
		})
	}
}
