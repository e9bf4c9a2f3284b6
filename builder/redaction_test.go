package builder_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
)

func redactions(yaml string) act { return write("redactions.yaml", yaml) }

// secret is a policy whose second version says what it should not.
func secret() []step {
	return []step{
		on("2021-01-01", privacy("---\naliases: [/old/]\n---\n# Privacy\n\nWe keep data.\n\n## Contact\n\nWrite to us.\n")),
		on("2021-02-01", privacy("# Privacy\n\nWe keep data.\n\n## Contact of Jane Roe\n\nCall [Jane Roe](mailto:jane.roe@example.com) at *555 0100* today.\n\nSee [above](#contact-of-jane-roe) and [her picture](jane-roe.jpg).\n"), write("content/jane-roe.jpg", "a picture of her")),
		on("2021-03-01", privacy("---\naliases: [/old/]\n---\n# Privacy\n\nWe keep data.\n\n## Contact\n\nCall the office.\n")),
	}
}

var her = []string{"jane", "roe", "555 0100", " 0100"}

func TestRedactionOfAWholeVersion(t *testing.T) {
	r := repository(t, secret()...)
	before := built(t, r)
	commit(r, on("2021-04-01", redactions(`
- policy: privacy
  version: 2021-02-01
  whole: true
  reason: personal data of an employee
  authority: Data protection authority, order 12/2021
  date: 2021-03-30
  salt: 3c1f7a
`)))
	for _, opt := range []func(*testing.T) *site{
		func(t *testing.T) *site { return built(t, r) },
		func(t *testing.T) *site { return built(t, r, previous(before.dir)) },
	} {
		s := opt(t)
		s.without(append(her, "a picture of her")...)
		expect(t, s.tell(), `
			privacy content/privacy.md in-force 2021-03-01
			 2021-01-01 initial [2021-01-01, 2021-02-01)
			 2021-02-01 wording [2021-02-01, 2021-03-01) redacted
			 2021-03-01 wording [2021-03-01, )`)
		s.clean(r.Dir)
		page := s.file("privacy/2021-02-01/index.html")
		for _, said := range []string{"The text of this version is withheld", "personal data of an employee", "Data protection authority, order 12/2021", "30 March 2021"} {
			if !strings.Contains(page, said) {
				t.Errorf("the page does not say %q", said)
			}
		}
		for _, name := range []string{"privacy/2021-02-01/changes/index.html", "privacy/2021-03-01/changes/index.html"} {
			if !strings.Contains(s.file(name), "is withheld") {
				t.Errorf("%s does not say why there is no redline", name)
			}
		}
		for _, name := range []string{"privacy/2021-02-01/index.md", "old/2021-02-01/index.md"} {
			if !strings.Contains(s.file(name), "> Reason: personal data of an employee\n") {
				t.Errorf("%s does not say why it is withheld", name)
			}
		}
		v := s.Policies[0].Versions[1]
		if v.TextSHA256 != nil || v.WordingSHA256 != nil || v.SourceSHA256 != "" || v.SourceBlob != "" || v.Revisions[0].Blob != nil || len(v.Attachments) > 0 {
			t.Errorf("the manifest gives the words away: %+v", v)
		}
		var said struct {
			Redaction struct {
				Whole        bool
				SaltedSHA256 string `json:"salted_sha256"`
			}
		}
		if err := json.Unmarshal(v.Statements[0], &said); err != nil {
			t.Fatal(err)
		}
		if source := *before.Policies[0].Versions[1].TextSHA256; said.Redaction.SaltedSHA256 == "" || said.Redaction.SaltedSHA256 == source {
			t.Errorf("expected a salted hash, found %q", said.Redaction.SaltedSHA256)
		}
	}
}

// Where git no longer has a redacted version either, its place stays.
func TestRedactionOutlivesThePurge(t *testing.T) {
	r := repository(t, secret()...)
	note := redactions("- policy: privacy\n  version: 2021-02-01\n  whole: true\n  reason: r\n  authority: a\n  date: 2021-03-30\n  salt: x\n")
	commit(r, on("2021-04-01", note))
	before := built(t, r, forDay("2021-06-01"))
	r.Git("reset", "-q", "--hard", "HEAD~3")
	commit(r, secret()[2], on("2021-04-01", note))
	after := built(t, r, forDay("2021-06-02"), previous(before.dir))
	after.without(her...)
	expect(t, after.tell(), `
		privacy content/privacy.md in-force 2021-03-01
		 2021-01-01 initial [2021-01-01, 2021-02-01)
		 2021-02-01 wording [2021-02-01, 2021-03-01) carried redacted
		 2021-03-01 wording [2021-03-01, )`)
	if have, want := string(after.Policies[0].Versions[1].Statements[0]), string(before.Policies[0].Versions[1].Statements[0]); have != want {
		t.Errorf("have %s, want %s", have, want)
	}
	// The words were replaced by others, and the version is there still.
	r.Git("reset", "-q", "--hard", "HEAD~2")
	replaced := secret()[1]
	replaced.do = []act{privacy("# Privacy\n\nWe keep data.\n\n## Contact of ***\n")}
	commit(r, replaced, secret()[2], on("2021-04-01", note))
	after = built(t, r, forDay("2021-06-02"), previous(before.dir))
	after.without(her...)
	if have, want := string(after.Policies[0].Versions[1].Statements[0]), string(before.Policies[0].Versions[1].Statements[0]); have != want || after.Policies[0].Versions[1].Carried {
		t.Errorf("have %s, want %s", have, want)
	}
}

func TestRedactionOfWords(t *testing.T) {
	r := repository(t, secret()...)
	commit(r, on("2021-04-01", redactions(`
- {policy: privacy, version: 2021-02-01, block: 3, words: 3-4, reason: r, authority: a, date: 2021-03-30}
- {policy: privacy, version: 2021-02-01, block: 4, words: 2-3, reason: r, authority: a, date: 2021-03-30}
- {policy: privacy, version: 2021-02-01, block: 4, words: 5-6, reason: r, authority: a, date: 2021-03-30}
`)))
	s := built(t, r)
	// The file that the text links to has her name, and is no word of the text.
	for name, content := range s.files() {
		for _, w := range her {
			if strings.Contains(strings.ToLower(strings.ReplaceAll(content, "jane-roe.jpg", "")), w) {
				t.Errorf("%s has %q", name, w)
			}
		}
	}
	s.clean(r.Dir)
	page := s.file("privacy/2021-02-01/index.html")
	for _, left := range []string{"Contact of [withheld]", "Call [withheld] at [withheld] today.", "We keep data.", "Parts of this version are withheld and marked [withheld].", `id="withheld-1"`} {
		if !strings.Contains(page, left) {
			t.Errorf("the page lacks %q:\n%s", left, page)
		}
	}
	if text := s.file("privacy/2021-02-01/index.md"); !strings.Contains(text, "Call [withheld] at [withheld] today.\n") {
		t.Errorf("the source is replaced by %q", text)
	}
	if redline := s.file("privacy/2021-03-01/changes/index.html"); !strings.Contains(redline, "[withheld]") {
		t.Errorf("the redline does not show that words are withheld")
	}
	if v := s.Policies[0].Versions[1]; !v.Redacted || v.TextSHA256 != nil || v.SourceSHA256 != "" {
		t.Errorf("the manifest gives the words away: %+v", v)
	}
}

// A Word document goes to others.
func TestWordDocumentsOfAnArchiveWithhold(t *testing.T) {
	r := repository(t, secret()...)
	commit(r, on("2021-04-01", settings("organization: Example GmbH\nbaseURL: https://example.com/\n"), redactions(`
- {policy: privacy, version: 2021-02-01, block: 3, words: 3-4, reason: r, authority: a, date: 2021-03-30}
- {policy: privacy, version: 2021-02-01, block: 4, words: 2-3, reason: r, authority: a, date: 2021-03-30}
- {policy: privacy, version: 2021-02-01, block: 4, words: 5-6, reason: r, authority: a, date: 2021-03-30}
`)))
	read := func() *builder.Archive {
		a, err := builder.ReadArchive(t.Context(), options(r), "privacy")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(a.Close)
		return a
	}
	a := read()
	for _, pair := range [][2]int{{0, 1}, {1, 2}, {2, 1}} {
		document, err := a.Word(t.Context(), a.Policies[0], pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		said := unzipped(t, document)
		for _, w := range her {
			if strings.Contains(strings.ToLower(strings.ReplaceAll(said, "jane-roe.jpg", "")), w) {
				t.Errorf("%v: the document has %q", pair, w)
			}
		}
		day := a.Policies[0].Versions[pair[1]].ID
		for _, want := range []string{"[withheld]", `w:author="Example GmbH" w:date="` + day + "T"} {
			if !strings.Contains(said, want) {
				t.Errorf("%v: the document lacks %q", pair, want)
			}
		}
	}
	commit(r, on("2021-04-02", redactions("- {policy: privacy, version: 2021-02-01, whole: true, reason: r, authority: a, date: 2021-03-30, salt: x}\n")))
	a = read()
	if _, err := a.Word(t.Context(), a.Policies[0], 0, 1); err == nil || !strings.Contains(err.Error(), "version 2021-02-01 of privacy is withheld") {
		t.Errorf("got %v", err)
	}
}

func TestRedactionsThatAreWrong(t *testing.T) {
	const rest = "reason: r, authority: a, date: 2021-03-30"
	for _, test := range []struct {
		yaml, want string
		reason     error
	}{
		{"- {policy: privacy, version: 2021-02-01, whole: true, authority: a, date: 2021-03-30}\n", "redactions.yaml:1: reason: is missing", policy.ErrUsage},
		{"- {policy: privacy, version: 2021-02-01, block: 3, " + rest + "}\n", "redactions.yaml:1: block: expected `whole: true`, or `block` and `words`", policy.ErrUsage},
		{"- {policy: privacy, version: 2021-02-01, block: 3, words: 4-2, " + rest + "}\n", `redactions.yaml:1: words: expected a range of words such as 3-7, found "4-2"`, policy.ErrUsage},
		{"- {policy: privacy, version: 2021-02-01, blok: 3, words: 1, " + rest + "}\n", `redactions.yaml:1: unknown key "blok"`, policy.ErrUsage},
		{"privacy: all\n", "redactions.yaml:1: expected a list of redactions", policy.ErrUsage},
		{"- [\n", "redactions.yaml:2: YAML:", policy.ErrUsage},
		{"- {policy: privacy, version: 2021-02-02, whole: true, " + rest + "}\n", `redactions.yaml:1: privacy has no version "2021-02-02"`, policy.ErrContent},
		{"- {policy: privat, version: 2021-02-01, whole: true, " + rest + "}\n", `redactions.yaml:1: no policy has the id "privat"`, policy.ErrContent},
		{"- {policy: privacy, version: 2021-02-01, block: 9, words: 1, " + rest + "}\n", "redactions.yaml:1: block: the text has 5, expected one of them, found 9", policy.ErrContent},
		{"- {policy: privacy, version: 2021-02-01, block: 2, words: 3-4, " + rest + "}\n", "redactions.yaml:1: words: block 2 has 3, expected some of them, found 3-4", policy.ErrContent},
	} {
		r := repository(t, secret()...)
		commit(r, on("2021-04-01", redactions(test.yaml)))
		if said := refused(t, r, test.reason); !strings.Contains(said, test.want) {
			t.Errorf("%s: have %q, want %q", test.yaml, said, test.want)
		}
	}
}

// Words that stand in the versions around are named, not repeated.
func TestRedactedWordsThatStandElsewhere(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("A\n\nCall Jane Roe now.\n")),
		on("2021-02-01", privacy("B\n\nCall Jane Roe now.\n")),
		on("2021-03-01", privacy("Call Jane Roe now.\n\nC\n")),
		on("2021-04-01", redactions("- {policy: privacy, version: 2021-02-01, block: 2, words: 2-3, reason: r, authority: a, date: 2021-03-30}\n")))
	var have []string
	s := built(t, r)
	for _, w := range s.result.Warnings {
		have = append(have, w.Error())
	}
	// The redlines on both sides do without them, whoever else has them.
	for _, name := range []string{"privacy/2021-02-01/index.html", "privacy/2021-02-01/index.md", "privacy/2021-02-01/changes/index.html", "privacy/2021-03-01/changes/index.html"} {
		if page := s.file(name); strings.Contains(page, "Jane") || !strings.Contains(page, "[withheld]") && !strings.HasSuffix(name, "changes/index.html") {
			t.Errorf("%s has the words", name)
		}
	}
	want := []string{
		"redactions.yaml:1: the words withheld of privacy@2021-02-01 stand in privacy@2021-01-01 too, in block 2",
		"redactions.yaml:1: the words withheld of privacy@2021-02-01 stand in privacy@2021-03-01 too, in block 1",
	}
	if strings.Join(have, "\n") != strings.Join(want, "\n") {
		t.Errorf("have %q, want %q", have, want)
	}
}

// Statements and redactions wait while their policy is off the site, and hold when it is
// back.
func TestRedactionsOutliveTheirPolicy(t *testing.T) {
	t.Parallel()
	r := repository(t, on("2020-01-10", privacy("# Privacy\n\nThe Secretword is here.\n"), write("content/terms.md", "Terms.\n"),
		redactions("- {policy: privacy, version: 2020-01-10, block: 2, words: 2, reason: r, authority: a, date: 2020-02-01}\n"),
		later("privacy:\n- version: 2020-01-10\n  published: 2020-01-11\n"), settings("since: {privacy: 2020-01-01}\n")))
	built(t, r).without("Secretword")
	const note = "statements and redactions of policies that are not on the site wait until these are: privacy"
	for _, off := range []act{remove("content/privacy.md"), privacy("---\ndraft: true\n---\nNext.\n"), privacy("---\npublishDate: 2031-01-01\n---\nNext.\n")} {
		commit(r, on("2020-02-10", off))
		if s := built(t, r, forDay("2020-03-01")); len(s.Policies) == 1 && !slices.Contains(s.result.Notes, note) {
			t.Errorf("notes %q", s.result.Notes)
		}
	}
	commit(r, on("2020-03-10", privacy("# Privacy\n\nOther words.\n")))
	s := built(t, r)
	s.without("Secretword")
	if v := s.Policies[0].Versions[0]; v.ID != "2020-01-10" || or(v.Published) != "2020-01-11" {
		t.Errorf("%+v", v)
	}
	refused(t, repository(t, on("2020-01-10", privacy("Words.\n"), later("pivacy:\n- version: 2020-01-10\n  published: 2020-01-11\n"))), errContent)
}
