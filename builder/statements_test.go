package builder_test

import (
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

func later(yaml string) act { return write("history.yaml", yaml) }

// The record reaches back before git, and says later what commits did not say.
func TestTextsOlderThanGit(t *testing.T) {
	r := repository(t,
		on("2015-03-02", privacy("# Privacy\n\nThree.\n")),
		on("2016-03-02", privacy("# Privacy\n\nFour.\n")),
		on("2017-03-02", privacy("# Privacy\n\nFive.\n")),
		on("2021-01-01",
			write("content/history/privacy/2011-08-29.md", "---\nsource: https://example.com/privacy\n---\n# Privacy\n\nOne.\n"),
			write("content/history/privacy/2013.md", "# Privacy\n\nTwo.\n"),
			later(`
privacy:
  - file: content/history/privacy/2013.md
    seen: 2013-05-06
    evidence: https://web.archive.org/web/20130506000000/https://example.com/privacy
  - file: content/history/privacy/2011-08-29.md
    published: 2011-08-29
    summary: The first one
`)),
		on("2022-01-01", later(`
privacy:
  - file: content/history/privacy/2013.md
    seen: 2013-05-06
    evidence: https://web.archive.org/web/20130506000000/https://example.com/privacy
  - file: content/history/privacy/2011-08-29.md
    published: 2011-08-29
    summary: The first one
  - version: 2016-03-02
    published: 2016-03-01
    effective: 2016-04-01
    change: editorial
`)),
	)
	s := built(t, r)
	expect(t, s.tell(), `
		privacy content/privacy.md in-force 2017-03-02
		 2011-08-29 initial [2011-08-29, 2013-05-06)
		 2013-05-06 wording [2013-05-06, 2015-03-02)
		 2015-03-02 wording [2015-03-02, 2016-04-01)
		 2016-03-02 wording [2016-04-01, 2017-03-02)
		 2017-03-02 wording [2017-03-02, )`)
	versions := s.Policies[0].Versions
	for i, want := range []struct {
		recorded, published string
		revisions           int
	}{{"", "2011-08-29", 0}, {"", "", 0}, {"2015-03-02T12:00:00Z", "", 1}, {"2016-03-02T12:00:00Z", "2016-03-01", 1}, {"2017-03-02T12:00:00Z", "", 1}} {
		if v := versions[i]; v.Recorded != want.recorded || or(v.Published) != want.published || len(v.Revisions) != want.revisions {
			t.Errorf("%s: recorded %q, published %q, %d revisions; want %+v", v.ID, v.Recorded, or(v.Published), len(v.Revisions), want)
		}
	}
	for name, says := range map[string][]string{
		"privacy/2013-05-06/changes/index.html": {"<ins", "Two", "One"},
		"privacy/2015-03-02/changes/index.html": {"Three", "Two"},
		"privacy/2017-03-02/changes/index.html": {"Five", "Three"}, // 2016's is editorial: no change
		"privacy/2013-05-06/index.html":         {"Seen on", "6 May 2013", "web.archive.org/web/20130506000000", "Added on", "1 January 2021"},
		"privacy/2016-03-02/index.html":         {"Published", "1 March 2016", "1 January 2022", "Editorial change"},
		"privacy/2011-08-29/index.html":         {"The first one", "29 August 2011"},
		"privacy/changes/index.html":            {`This archive begins on <time datetime="2011-08-29">29 August 2011</time>. Earlier versions are not available here.`},
	} {
		page := s.file(name)
		for _, w := range says {
			if !strings.Contains(page, w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
	}
	if have, want := s.file("privacy/2011-08-29/index.md"), "---\nsource: https://example.com/privacy\n---\n# Privacy\n\nOne.\n"; have != want {
		t.Errorf("have %q, want %q", have, want)
	}
	if len(s.Policies) != 1 {
		t.Errorf("a file that history.yaml names is a policy: %s", s.tell())
	}
	s.clean(r.Dir)
	// Ids do not move, and the next build finds all of it again.
	stays(t, s, built(t, r, forDay("2026-12-01"), previous(s.dir)))
}

// A text from a file says of its version what a committed text says, and its
// entry says it better. The same text committed later starts no version.
func TestOlderTextsSayWhatTheyAre(t *testing.T) {
	const last = "---\nversion: \"3.0\"\nchange: material\nsummary: Three, not two.\n---\n# Privacy\n\nThree.\n"
	r := repository(t, on("2021-01-01",
		privacy(last),
		write("history/1.md", "---\nversion: \"1.10\"\neffective: 2018-02-01\n---\n# Privacy\n\nOne.\n"),
		write("history/2.md", "---\nversion: \"2.0\"\nchange: material\nsummary: Two, not one.\n---\n# Privacy\n\nTwo.\n"),
		write("history/3.md", last),
		later(`
privacy:
  - file: history/1.md
    published: 2018-01-01
  - file: history/2.md
    published: 2019-01-01
    change: minor
    summary: It was two.
  - file: history/3.md
    published: 2020-01-01
`)))
	commit(r, on("2021-02-01", rename("content/privacy.md", "content/about-you.md"), later(strings.Replace(r.Git("show", "HEAD:history.yaml"), "privacy:", "about-you:", 1))))
	s := built(t, r)
	expect(t, s.tell(), `
		about-you content/about-you.md in-force 2020-01-01
		 2018-01-01 initial [2018-02-01, 2019-01-01)
		 2019-01-01 wording [2019-01-01, 2020-01-01)
		 2020-01-01 wording [2020-01-01, ) + move, move from content/privacy.md`)
	var said []string
	for _, v := range s.Policies[0].Versions {
		said = append(said, strings.Join([]string{or(v.Label), or(v.Change), or(v.Summary)}, "|"))
	}
	// "material" of the third stands there unchanged, and is the second's.
	if have, want := strings.Join(said, "\n"), "1.10||\n2.0|minor|It was two.\n3.0||Three, not two."; have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
	s.clean(r.Dir)
	stays(t, s, built(t, r, forDay("2026-12-01"), previous(s.dir)))
}

// An older text takes the place that its day gives it, numbered after git's.
func TestOlderTextsNeverMoveIds(t *testing.T) {
	r := repository(t,
		on("2015-03-02", privacy("A\n")),
		on("2015-03-02T14:00:00Z", privacy("B\n")),
		on("2017-03-02", privacy("C\n")),
	)
	before := built(t, r)
	commit(r, on("2021-01-01", write("old/x.md", "X\n"), write("old/y.md", "Y\n"), later(`
privacy:
  - {file: old/x.md, published: 2015-03-02, effective: 2015-04-01}
  - {file: old/y.md, effective: 2016-01-01}
`)))
	s := built(t, r, forDay("2026-12-01"), previous(before.dir))
	expect(t, s.tell(), `
		privacy content/privacy.md in-force 2017-03-02
		 2015-03-02 initial
		 2015-03-02-2 wording [2015-03-02, 2015-04-01)
		 2015-03-02-3 wording [2015-04-01, 2016-01-01)
		 2016-01-01 wording [2016-01-01, 2017-03-02)
		 2017-03-02 wording [2017-03-02, )`)
	stays(t, before, s)
}

func TestLaterStatementsThatAreWrong(t *testing.T) {
	for _, test := range []struct {
		yaml, want string
		reason     error
	}{
		{"- a\n", "history.yaml:1: expected a list of entries for each policy", policy.ErrUsage},
		{"privacy: b\n", "history.yaml:1: privacy: expected a list of entries", policy.ErrUsage},
		{"privacy:\n- published: 2021-01-01\n", "history.yaml:2: privacy: expected `version` or `file`", policy.ErrUsage},
		{"privacy:\n- version: 2021-01-01\n  file: a.md\n", "history.yaml:2: privacy: expected `version` or `file`", policy.ErrUsage},
		{"privacy:\n- file: a.md\n", "history.yaml:2: privacy: a.md: expected `published`, `effective` or `seen`", policy.ErrUsage},
		{"privacy:\n- file: ../a.md\n  published: 2021-01-01\n", "history.yaml:2: file: expected a file below the folder of history.yaml", policy.ErrUsage},
		{"privacy:\n- version: 2021-01-01\n  publised: 2021-01-01\n", `history.yaml:3: unknown key "publised"`, policy.ErrUsage},
		{"privacy:\n- version: 2021-01-01\n  effective: 01/02/2021\n", `history.yaml:3: effective: expected a day such as 2026-03-01, found "01/02/2021"`, policy.ErrUsage},
		{"privacy:\n- version: 2021-01-01\n  evidence: ftp://x\n", "history.yaml:3: evidence: expected an address", policy.ErrUsage},
		{"privacy:\n- version: 2021-01-01\n- version: 2021-01-01\n", "history.yaml:3: privacy: names 2021-01-01 twice, also on line 2", policy.ErrUsage},
		{"privacy:\n- version: 2021-01-02\n  published: 2021-01-01\n", `history.yaml:2: privacy has no version "2021-01-02"`, policy.ErrContent},
		{"privat:\n- version: 2021-01-01\n  published: 2021-01-01\n", `history.yaml:2: no policy has the id "privat"`, policy.ErrContent},
		{"privacy:\n- file: policysite.yaml\n  published: 2021-01-02\n", "history.yaml: policysite.yaml is of 2021-01-02 and would stand after every version that is recorded", policy.ErrContent},
		{"privacy:\n- file: none.md\n  published: 2021-01-01\n", "history.yaml:2: file: there is no file none.md in the commit", policy.ErrContent},
	} {
		r := repository(t, on("2021-01-01", privacy("A\n"), settings("title: A\n"), later(test.yaml)))
		if said := refused(t, r, test.reason); !strings.Contains(said, test.want) {
			t.Errorf("%s: have %q, want %q", test.yaml, said, test.want)
		}
	}
}

// A draft that prepares the next version in git takes back nothing that is older than
// git; as the end of a policy it does.
func TestDraftBehindOlderTexts(t *testing.T) {
	r := repository(t,
		on("2020-01-10", write("old/a.md", "# Privacy\n\nOld words.\n"), later("privacy:\n- file: old/a.md\n  published: 2019-01-01\n"),
			settings("archived: [privacy]\n"), write("content/terms.md", "Terms.\n"), privacy("---\ndraft: true\n---\n# Privacy\n\nOld words and new.\n")),
		on("2020-02-10", privacy("---\ndraft: true\n---\n# Privacy\n\nOld words and more.\n")))
	expect(t, built(t, r).tell(), `
		privacy content/privacy.md withdrawn
		 2019-01-01 initial [2019-01-01, 2020-01-10) + draft, draft
		terms content/terms.md in-force 2020-01-10
		 2020-01-10 initial [2020-01-10, )`)
	commit(r, on("2020-06-01", privacy("# Privacy\n\nOld words and new ones.\n")))
	s := built(t, r)
	expect(t, s.tell(), `
		privacy content/privacy.md in-force 2020-06-01
		 2019-01-01 initial [2019-01-01, 2020-06-01)
		 2020-06-01 wording [2020-06-01, ) + draft, draft
		terms content/terms.md in-force 2020-01-10
		 2020-01-10 initial [2020-01-10, )`)
	if n := len(s.Policies[0].Versions[1].Revisions); n != 3 {
		t.Errorf("%d revisions, want the two drafts and the first version", n)
	}
}
