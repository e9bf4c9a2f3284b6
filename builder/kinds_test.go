package builder_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
)

// What one commit does to a text, and the kind of version or revision it is.
func TestKinds(t *testing.T) {
	const text = `---
title: Privacy policy
description: In short
version: "1.0"
---

We keep [logs](https://example.com/logs) for 30 days.

- one
- two

![A chart](https://example.com/chart.png)

Last updated: July 14, 2021
`
	tests := []struct{ name, old, new, kind string }{
		{"a word", "30 days", "14 days", "wording"},
		{"a word and a link", "https://example.com/logs) for 30", "https://example.com/log) for 14", "wording"},
		{"the title", "title: Privacy policy", "title: Privacy", "wording"},
		{"an image's alternative text", "A chart", "The chart", "wording"},
		{"a new paragraph", "\n- one", "\nNew.\n\n- one", "wording"},
		{"the order of items", "- one\n- two", "- two\n- one", "wording"},
		{"a date line", "July 14, 2021", "July 15, 2021", "dates"},
		{"the form of a date line", "July 14, 2021", "14 July 2021", "dates"},
		{"a date line that is gone", "Last updated: July 14, 2021\n", "", "dates"},
		{"a date that says no day", "July 14, 2021", "July 2021", "dates"},
		{"a declared date", "version:", "effective: 2022-01-01\nversion:", "dates"},
		{"a date and a link", "/logs) for 30 days.\n\n- one\n- two\n\n![A chart](https://example.com/chart.png)\n\nLast updated: July 14", "/log) for 30 days.\n\n- one\n- two\n\n![A chart](https://example.com/chart.png)\n\nLast updated: July 15", "dates"},
		{"a link's target", "example.com/logs", "example.com/log", "links"},
		{"an image's target", "chart.png", "chart.svg", "links"},
		{"a link and bold", "[logs](https://example.com/logs)", "**[logs](https://example.com/log)**", "links"},
		{"bold", "30 days", "**30** days", "formatting"},
		{"a list that is numbered", "- one\n- two", "1. one\n2. two", "formatting"},
		{"a link that is no longer one", "[logs](https://example.com/logs)", "logs", "links"},
		{"a bullet's sign", "- one\n- two", "* one\n* two", "source"},
		{"lines wrapped anew", "[logs](https://example.com/logs) for 30", "[logs](https://example.com/logs)\nfor\n30", "source"},
		{"Windows line ends", "\n", "\r\n", "source"},
		{"the label", `version: "1.0"`, `version: "1.1"`, "source"},
		{"the description", "In short", "In brief", "source"},
		{"what is said of the version", "version:", "change: minor\nsummary: Nothing.\nversion:", "source"},
		{"a comment in front matter", "version:", "# a comment\nversion:", "source"},
		{"an id that is the path's", "version:", "id: privacy\nversion:", "source"},
		{"TOML for YAML", "---\ntitle: Privacy policy\ndescription: In short\nversion: \"1.0\"\n---", "+++\ntitle = \"Privacy policy\"\n+++", "source"},
		{"a title that the first heading says", "---\n\nWe", "---\n\n# Privacy policy\n\nWe", "formatting"},
	}
	// One repository for each would take a second longer: every second commit
	// goes back to the first text.
	steps := []step{on("2020-01-01", privacy(text))}
	for i, test := range tests {
		if !strings.Contains(text, test.old) {
			t.Fatalf("%s: no %q in the text", test.name, test.old)
		}
		n := 1
		if test.old == "\n" {
			n = -1
		}
		steps = append(steps,
			on(fmt.Sprintf("2021-01-%02d", i+1), privacy(strings.Replace(text, test.old, test.new, n))),
			on(fmt.Sprintf("2021-02-%02d", i+1), privacy(text)))
	}
	s := built(t, repository(t, steps...))
	have := map[string]string{}
	for _, v := range s.Policies[0].Versions {
		for _, r := range v.Revisions {
			have[r.Recorded[:10]] = r.Kind
		}
	}
	for i, test := range tests {
		// There and back differ by the same.
		for _, month := range []string{"01", "02"} {
			if kind := have[fmt.Sprintf("2021-%s-%02d", month, i+1)]; kind != test.kind {
				t.Errorf("%s (%s): %s, want %s", test.name, month, kind, test.kind)
			}
		}
	}
}

func TestKindsOfWhatComesAndGoes(t *testing.T) {
	tests := []struct {
		name  string
		steps []step
		want  string
	}{
		{
			name: "a draft before the first version belongs to it",
			steps: []step{
				on("2021-01-01", privacy("---\ndraft: true\n---\nPlans.\n")),
				on("2021-01-02", privacy("---\ndraft: true\n---\nMore plans.\n")),
				on("2021-02-01", privacy("Words.\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, ) + draft, draft`,
		},
		{
			name: "a draft between versions is a gap",
			steps: []step{
				on("2021-01-01", privacy("Words.\n")),
				on("2021-02-01", privacy("---\ndraft: true\n---\nWords.\n")),
				on("2021-03-01", privacy("Words.\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01) + draft
				 2021-03-01 restored [2021-03-01, )`,
		},
		{
			name: "restored with other words",
			steps: []step{
				on("2021-01-01", privacy("Words.\n"), write("content/x.md", "X\n")),
				on("2021-02-01", remove("content/privacy.md")),
				on("2021-03-01", privacy("New words.\n"), remove("content/x.md")),
			},
			want: `
				privacy content/privacy.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01) + withdrawn
				 2021-03-01 restored [2021-03-01, )`,
		},
		{
			name: "reverts are versions",
			steps: []step{
				on("2021-01-01", privacy("A\n")), on("2021-02-01", privacy("B\n")), on("2021-03-01", privacy("A\n")),
				on("2021-04-01", privacy("B\n")), on("2021-05-01", privacy("A\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-05-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, 2021-04-01) = 2021-01-01
				 2021-04-01 wording [2021-04-01, 2021-05-01) = 2021-02-01
				 2021-05-01 wording [2021-05-01, ) = 2021-03-01`,
		},
		{
			name: "versions of one day are numbered, whatever the clock says in between",
			steps: []step{
				on("2021-01-02", privacy("A\n")), on("2021-01-01", privacy("B\n")), on("2021-01-02", privacy("C\n")), on("2021-01-02", privacy("D\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-01-02-3
				 2021-01-02 initial
				 2021-01-01 wording [2021-01-01, 2021-01-02)
				 2021-01-02-2 wording
				 2021-01-02-3 wording [2021-01-02, )`,
		},
		{
			name: "order is the chain's, never the clock's",
			steps: []step{
				on("2021-03-01", privacy("A\n")), on("2021-02-01", privacy("B\n")), on("2021-01-01", privacy("C\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-01-01
				 2021-03-01 initial
				 2021-02-01 wording
				 2021-01-01 wording [2021-01-01, )`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expect(t, built(t, repository(t, test.steps...)).tell(), test.want)
		})
	}
}

// An old revision that cannot be rendered keeps its place; its page says why
// and offers the source.
func TestBrokenRevisionOfThePastKeepsItsPlace(t *testing.T) {
	const broken = "---\ntitle: P\nBroken *words*.\n"
	s := built(t, repository(t,
		on("2021-01-01", privacy("Words.\n")),
		on("2021-02-01", privacy(broken)),
		on("2021-03-01", privacy("Words.\xff\n")),
		on("2021-04-01", privacy("Words.\n")),
	))
	expect(t, s.tell(), `
		privacy content/privacy.md in-force 2021-04-01
		 2021-01-01 initial [2021-01-01, 2021-02-01)
		 2021-02-01 wording [2021-02-01, 2021-03-01)
		 2021-03-01 wording [2021-03-01, 2021-04-01)
		 2021-04-01 wording [2021-04-01, ) = 2021-01-01`)
	v := s.Policies[0].Versions[1]
	if want := "front matter opens with --- and never closes"; or(v.Error) != want || v.TextSHA256 != nil || v.WordingSHA256 != nil {
		t.Errorf("error %q, text %s, wording %s", or(v.Error), or(v.TextSHA256), or(v.WordingSHA256))
	}
	if page := s.file("privacy/2021-02-01/index.html"); !strings.Contains(page, "front matter opens with --- and never closes") || !strings.Contains(page, `href=index.md`) && !strings.Contains(page, `href="index.md"`) || strings.Contains(page, "data-policy-text") {
		t.Errorf("page of the broken version:\n%s", page)
	}
	if source := s.file("privacy/2021-02-01/index.md"); source != broken {
		t.Errorf("source: %q", source)
	}
}

// Front matter of the past that cannot be read takes no text away: what nobody can
// mend any more is shown and compared.
func TestOldFrontMatterTakesNoTextAway(t *testing.T) {
	fronts := []string{
		"lastmod: 1 May 2019", "effective: 2021-02-30", "weight: first", "title: [a, b]", "title: a: b", "draft: perhaps",
		"change: big", "lang: a language", "url: /../x/", "aliases: {a: b}", "summary: [[x]]", "permalink: /:title/",
	}
	words := strings.Fields("one two three four five six seven eight nine ten eleven twelve")
	r := repository(t)
	for i, front := range fronts {
		commit(r, on(fmt.Sprintf("2021-%02d-01", i+1), privacy("---\n"+front+"\n---\n\nWe keep it for "+words[i]+" days.\n")))
	}
	commit(r, on("2022-01-01", privacy("We keep it for no day.\n")))
	s := built(t, r)
	for i := range fronts {
		at := fmt.Sprintf("privacy/2021-%02d-01/", i+1)
		if page := s.file(at + "index.html"); !strings.Contains(page, "for "+words[i]+" days") || s.Policies[0].Versions[i].Error != nil {
			t.Errorf("%s takes the text away", fronts[i])
		}
		if i > 0 && !strings.Contains(s.file(at+"changes/index.html"), ">"+words[i-1]+"<") {
			t.Errorf("%s: no redline with what was before", fronts[i])
		}
	}
}

// The same text is an error while it is the present, and the errors of a
// whole run are reported together.
func TestErrorsOfThePresentAreReportedTogether(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("Words.\n")),
		on("2021-02-01",
			privacy("---\ntitle: P\n\neffective: March 1\n---\nWords.\n"),
			write("content/a.md", "---\nchange: big\nweight: x\n---\nWords.\n"),
			write("content/b.md", "---\ntitle: x\n"),
			write("content/c.md", "---\naliases: ../up\n---\nWords.\n"),
			write("content/d.md", "---\nid: privacy\n---\nWords.\n"),
			write("content/draft.md", "---\ndraft: true\nchange: big\n---\n[x](nowhere.md)\n"),
		),
	)
	expect(t, refused(t, r, errContent), `
		content/a.md:2: change: expected material or minor or editorial, found "big"
		content/a.md:3: weight: expected a whole number, found "x"
		content/b.md:1: front matter opens with --- and never closes
		content/c.md:2: aliases: expected a path without empty parts, . and .., found "../up"
		content/privacy.md: has the id "privacy", and so has content/d.md
		content/privacy.md:4: effective: expected a day such as 2026-03-01, found "March 1"`)
}

// Labels, change and summary are those of the revision that started the
// version; front matter wins over trailers.
func TestWhatAuthorsSayOfAVersion(t *testing.T) {
	front := func(keys, text string) string { return "---\n" + keys + "\n---\n" + text + "\n" }
	r := repository(t,
		on("2021-01-01", privacy(front("version: 1.10\nchange: material\nsummary: First", "A"))),
		on("2021-02-01", privacy(front("version: 1.11\nchange: material\nsummary: First", "B"))),
		on("2021-02-02", privacy(front("version: 1.12\nchange: minor\nsummary: Afterthought", "B"))),
		on("2021-03-01 Edit\n\nPolicy-Change: minor\nPolicy-Summary: By the\n  commit\n", privacy(front("version: 2", "C"))),
		on("2021-04-01 Edit\n\nPolicy-Change: minor\nPolicy-Summary: By the commit\n", privacy(front("version: 2\nchange: editorial\nsummary: By the text", "D"))),
		on("2021-05-01 Policy-Change: minor", privacy(front("version: 2\nchange: editorial\nsummary: By the text", "E"))),
	)
	// A branch whose commits say something, merged by one that says nothing.
	r.Branch("edit")
	commit(r,
		on("2021-05-02 One\n\nPolicy-Change: material\nPolicy-Summary: Older\n", privacy(front("version: 3", "F"))),
		on("2021-05-03 Two\n\nPolicy-Summary: Newest\n", privacy(front("version: 3", "G"))),
	)
	r.Checkout("main")
	r.Merge("2021-06-01T12:00:00Z", "Merge", "edit")
	s := built(t, r)
	var have strings.Builder
	for _, v := range s.Policies[0].Versions {
		fmt.Fprintf(&have, "%s %s|%s|%s|%s\n", v.ID, v.Kind, or(v.Label), or(v.Change), or(v.Summary))
	}
	expect(t, have.String(), `
		2021-01-01 initial|1.10|material|First
		2021-02-01 wording|1.11||
		2021-03-01 wording|2|minor|By the commit
		2021-04-01 wording|2|editorial|By the text
		2021-05-01 wording|2||
		2021-06-01 wording|3|material|Newest`)
}

// A merged branch is one step: what was tried on it was never published.
func TestMergedBranchIsOneStep(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("A\n")))
	r.Branch("edit")
	commit(r,
		on("2021-01-02", privacy("unpublished attempt\n")), on("2021-01-03", privacy("B\n")))
	r.Checkout("main")
	r.Merge("2021-02-01T12:00:00Z", "Merge", "edit")
	// A merge that holds what neither side did is what it holds.
	r.Branch("other")
	commit(r, on("2021-02-02", write("other.txt", "x\n")))
	r.Checkout("main")
	privacy("Evil words\n")(r)
	r.MergeAs("2021-03-01T12:00:00Z", "Evil merge", "other")
	s := built(t, r)
	expect(t, s.tell(), `
		privacy content/privacy.md in-force 2021-03-01
		 2021-01-01 initial [2021-01-01, 2021-02-01)
		 2021-02-01 wording [2021-02-01, 2021-03-01)
		 2021-03-01 wording [2021-03-01, )`)
	s.without("unpublished attempt")
	if text := s.file("privacy/index.html"); !strings.Contains(text, "Evil words") {
		t.Error("the merge's own words are not on the page")
	}
}

func TestAVersionDeclaresWhatItStatesItself(t *testing.T) {
	s := built(t, repository(t,
		on("2021-01-01", privacy("---\neffective: 2021-01-01\n---\nA\n\nLast updated: 2020-12-01\n")),
		on("2021-02-01", privacy("B\n")),
		on("2021-03-01", privacy("---\nlastmod: 2021-03-01\n---\nC\n")),
		on("2021-04-01", privacy("D\n\nEffective: 2021-04-01\n")),
	))
	var have strings.Builder
	for _, v := range s.Policies[0].Versions {
		d := v.Declared
		fmt.Fprintf(&have, "%s updated %s %v, effective %s %v\n", v.ID, or(d.LastUpdated), d.LastUpdatedInText, or(d.Effective), d.EffectiveInText)
	}
	expect(t, have.String(), `
		2021-01-01 updated 2020-12-01 true, effective 2021-01-01 false
		2021-02-01 updated  false, effective  false
		2021-03-01 updated 2021-03-01 false, effective  false
		2021-04-01 updated  false, effective 2021-04-01 true`)
}

// The day of a record is that of the site's zone, or the author's.
func TestDaysAreOfTheSitesZoneAndClock(t *testing.T) {
	r := repository(t, on("2021-01-31T23:30:00Z A", privacy("A\n")))
	r.Write("content/privacy.md", "B\n")
	r.Git("add", "-A")
	r.Git("-c", "user.name=X", "commit", "-q", "-m", "B", "--date=2020-06-01T12:00:00Z") // committed in 2021, see historytest.Env
	for _, test := range []struct{ settings, want string }{
		{"title: T", "2021-01-31 2021-01-01"},
		{"timezone: Asia/Tokyo", "2021-02-01 2021-01-01"},
		{"timezone: America/New_York", "2021-01-31 2020-12-31"},
		{"dates: author", "2021-01-31 2020-06-01"},
	} {
		r.Write("policysite.yaml", test.settings+"\n")
		r.Commit("2022-01-01T00:00:00Z", "Settings")
		var have []string
		for _, v := range built(t, r).Policies[0].Versions {
			have = append(have, v.ID)
		}
		if strings.Join(have, " ") != test.want {
			t.Errorf("%s: %v, want %s", test.settings, have, test.want)
		}
	}
}

// --at decides which version is in force, and what has to be built again when.
func TestAtDecidesWhatIsInForce(t *testing.T) {
	r := repository(t,
		on("2026-01-15", privacy("A\n"), write("content/terms.md", "Terms\n")),
		on("2026-05-04", privacy("---\neffective: 2026-06-01\n---\nB\n")),
		on("2026-05-10", write("content/terms.md", "---\neffective: 2026-07-01\n---\nNew terms\n")),
	)
	for _, test := range []struct{ at, status, current, next, shows string }{
		{"2026-01-01", "upcoming", "", "2026-01-15", "A"},
		{"2026-01-15", "in-force", "2026-01-15", "2026-06-01", "A"},
		{"2026-05-31", "in-force", "2026-01-15", "2026-06-01", "A"},
		{"2026-06-01", "in-force", "2026-05-04", "2026-07-01", "B"},
		{"2026-07-01", "in-force", "2026-05-04", "", "B"},
	} {
		s := built(t, r, func(o *builder.Options) { o.At = date(test.at) })
		p := s.Policies[0]
		if p.Status != test.status || or(p.Current) != test.current || or(s.NextChange) != test.next || s.result.NextChange.String() != test.next || s.At != test.at {
			t.Errorf("at %s: %s, current %s, next %s (%s)", test.at, p.Status, or(p.Current), or(s.NextChange), s.result.NextChange)
		}
		if text := policyText(t, s.file("privacy/index.html")); strings.TrimSpace(text) != test.shows {
			t.Errorf("at %s the page shows %q", test.at, text)
		}
	}
}
