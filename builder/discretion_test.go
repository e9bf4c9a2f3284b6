package builder_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history/historytest"
)

// Nothing but the texts of current policies, their history, and what they link
// to reaches the site.
func TestNothingElseReachesTheSite(t *testing.T) {
	r := repository(t,
		on("2021-01-01 subjectword one\n\nbodyword\n",
			privacy("Words, and [the DPA](files/dpa.pdf).\n"),
			write("content/files/dpa.pdf", "attachment one"),
			write("content/files/secret.pdf", "secretword"),
			write("secrets.env", "secretword=1"),
			write("content/.env", "secretword"),
			write("content/.hidden/x.md", "secretword"),
			write("content/node_modules/x.md", "secretword"),
			write("content/README.md", "secretword"),
			write("content/deleted.md", "deletedword"),
			write("content/plan.md", "---\ndraft: true\ntitle: draftword\n---\ndraftword\n"),
			write("content/late.md", "latedraftword, once public\n")),
		on("2021-02-01 subjectword two", privacy("Words, [the DPA](files/dpa.pdf), [late](late.md) and [deleted](deleted.md#x).\n")),
		on("2021-03-01 subjectword three",
			remove("content/deleted.md"),
			write("content/late.md", "---\ndraft: true\n---\nlatedraftword\n"),
			privacy("Words and [the DPA](files/dpa.pdf).\n")),
		on("2021-04-01 subjectword four", write("content/files/dpa.pdf", "attachment two"), write("content/plan.md", "---\ndraft: yes\ntitle: a: b\n---\ndraftword\n")),
	)
	s := built(t, r)
	s.without("subjectword", "bodyword", "secretword", "deletedword", "draftword", "latedraftword", historytest.Name, historytest.Email)
	if len(s.Policies) != 1 {
		t.Errorf("%d policies", len(s.Policies))
	}
	for _, v := range s.Policies[0].Versions {
		for _, r := range v.Revisions {
			if r.Subject != nil {
				t.Errorf("subject %q", *r.Subject)
			}
		}
	}
	if n := s.notes("gone"); len(n) != 1 || !strings.HasSuffix(n[0], ": deleted") {
		t.Errorf("notes: %q", s.result.Notes)
	}

	commit(r, on("2021-05-01 subjectword five", settings("commit-subjects: true\n")))
	s = built(t, r)
	var subjects []string
	for _, v := range s.Policies[0].Versions {
		for _, r := range v.Revisions {
			subjects = append(subjects, or(r.Subject))
		}
	}
	if have := strings.Join(subjects, ", "); have != "subjectword one, subjectword two, subjectword three" {
		t.Errorf("subjects: %s", have)
	}
	s.without("bodyword", historytest.Name, historytest.Email)
}

// History before `since` is not shown, and no word of it is anywhere.
func TestSinceLeavesNoWordOfWhatWasBefore(t *testing.T) {
	r := repository(t,
		on("2021-01-01 cutword", privacy("---\ntitle: cutword\nversion: cutword\nsummary: cutword\n---\ncutword [x](cutword.pdf) A\n"), write("content/cutword.pdf", "cutword")),
		on("2021-02-01", privacy("---\ntitle: Privacy\nsummary: cutword\n---\ncutword A\n")),
		on("2021-03-01", privacy("---\ntitle: Privacy\n---\nA\n")),
		on("2021-04-01", privacy("---\ntitle: Privacy\n---\nB\n")),
		on("2021-05-01", privacy("---\ntitle: Privacy\n---\nA\n"), remove("content/cutword.pdf")),
	)
	third := r.Git("rev-parse", "HEAD~2")
	for _, since := range []string{"2021-02-02", "2021-03-01", third, third[:7], third[:20]} {
		commit(r, on("2022-01-01", settings("since:\n  privacy: "+since+"\n")))
		s := built(t, r)
		expect(t, s.tell(), `
			privacy content/privacy.md in-force 2021-05-01
			 2021-03-01 initial [2021-03-01, 2021-04-01)
			 2021-04-01 wording [2021-04-01, 2021-05-01)
			 2021-05-01 wording [2021-05-01, ) = 2021-03-01`)
		s.without("cutword")
	}
	// What cannot be understood would show all: it is refused.
	for since, want := range map[string]string{
		"privacy: 2021-3-1":   `policysite.yaml:2: since: privacy: expected a day such as 2020-01-01 or a commit, found "2021-3-1"`,
		"privacy: 0123456":    "policysite.yaml: since: privacy: 0123456 is not a step of the publish branch",
		"privcay: 2021-03-01": "policysite.yaml: since: privcay: no policy has this id",
	} {
		commit(r, on("2022-01-01", settings("since:\n  "+since+"\n")))
		if have := refused(t, r, errUsage); have != "the configuration is wrong: "+want {
			t.Errorf("since %s:\nhave %s\nwant %s", since, have, want)
		}
	}
}

// A policy gone from the built commit is on the site when `archived` says so.
func TestArchivedPolicyStays(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("Words.\n"), write("content/beta.md", "# Beta terms\n\nbetaword\n")),
		on("2021-02-01", remove("content/beta.md")),
	)
	s := built(t, r)
	s.without("betaword")
	if s.has("beta/index.html") || len(s.notes("archived` in policysite.yaml: beta")) != 1 {
		t.Errorf("not archived: %q", s.result.Notes)
	}
	commit(r, on("2021-03-01", settings("archived: [beta, gamma]\n")))
	s = built(t, r)
	expect(t, s.tell(), `
		beta content/beta.md withdrawn
		 2021-01-01 initial [2021-01-01, 2021-02-01) + withdrawn
		privacy content/privacy.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, )`)
	page := s.file("beta/index.html")
	if !strings.Contains(page, "No longer published here since") || !strings.Contains(page, "1 February 2021") || !strings.Contains(page, "betaword") {
		t.Errorf("page of the archived policy:\n%s", page)
	}
	if n := s.notes(`no policy "gamma" is gone from this commit`); len(n) != 1 {
		t.Errorf("notes: %q", s.result.Notes)
	}
	// Its withdrawal has a blob of null.
	revisions := s.Policies[0].Versions[0].Revisions
	if last := revisions[len(revisions)-1]; last.Kind != "withdrawn" || last.Blob != nil || last.Path != "content/beta.md" {
		t.Errorf("last revision %+v", last)
	}
}

// What another generator's folders hold is not ours.
func TestForeignSiteIsNotTaken(t *testing.T) {
	for _, test := range []struct {
		name   string
		do     []act
		config string
		ids    string
	}{
		{"Hugo", []act{
			write("hugo.toml", "title = 'x'\n"), write("content/privacy.md", "P\n"), write("content/legal/terms-of-service.md", "T\n"), write("content/blog/hello.md", "Hello\n"),
			write("layouts/base.html", "{{ broken"), write("static/cname.txt", "foreignstatic"), write("public/index.html", "x"),
		}, "content: content\ninclude:\n  - legal/terms-of-service.md\n  - privacy.md\n", "legal/terms-of-service privacy"},
		{"Jekyll", []act{
			write("_config.yml", "title: x\n"), write("privacy.md", "P\n"), write("terms.md", "T\n"), write("about.md", "A\n"), write("_posts/2020-01-01-privacy.md", "x\n"), write("_includes/privacy.md", "x\n"),
			write("layouts/base.html", "{{ broken"), write("static/cname.txt", "foreignstatic"),
		}, "content: .\ninclude:\n  - privacy.md\n  - terms.md\n", "privacy terms"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := repository(t, on("2021-01-01", test.do...))
			if have, want := refused(t, r, errUsage), "this is a site of "+test.name+", and nothing says which of its texts are policies"; !strings.HasSuffix(have, want) {
				t.Errorf("have %s", have)
			}
			_, err := builder.Check(t.Context(), options(r))
			var foreign *catalog.ForeignSite
			if !errors.As(err, &foreign) || !strings.HasSuffix(foreign.Config, "\n"+test.config) {
				t.Fatalf("have %v with\n%s\nwant\n%s", err, foreign.Config, test.config)
			}
			// What it prints is ready to use.
			commit(r, on("2021-02-01", settings(foreign.Config)))
			s := built(t, r)
			var ids []string
			for _, p := range s.Policies {
				ids = append(ids, p.ID)
			}
			if have := strings.Join(ids, " "); have != test.ids {
				t.Errorf("policies %s, want %s", have, test.ids)
			}
			s.without("foreignstatic", "hello")
			// A content folder says as much.
			s = built(t, repository(t, on("2021-01-01", append(test.do, write("policies/a.md", "A\n"))...)), func(o *builder.Options) { o.Content = "policies" })
			if len(s.Policies) != 1 || s.Policies[0].ID != "a" {
				t.Errorf("with --content policies: %s", s.tell())
			}
			s.without("foreignstatic")
		})
	}
}
