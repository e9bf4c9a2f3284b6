package builder_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/verify"
)

// forge changes archive.json, of which every other byte stays, and seals the
// site.
func (s *site) forge(change func(m *pages.Manifest)) {
	s.t.Helper()
	var m pages.Manifest
	s.check(json.Unmarshal([]byte(s.file("archive.json")), &m))
	change(&m)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	s.check(e.Encode(m))
	s.put("archive.json", strings.TrimSuffix(b.String(), "\n"))
	s.seal()
}

// forgeVersion changes what archive.json says of a version of the first policy,
// which is called data and moved once.
func forgeVersion(n int, change func(v *pages.ManifestVersion)) func(s *site) {
	return func(s *site) { s.forge(func(m *pages.Manifest) { change(&m.Policies[1].Versions[n]) }) }
}

// With the repository, what is consistent in itself is found too.
func TestVerifyAgainstGit(t *testing.T) {
	t.Parallel()
	r := richRepository(t)
	whole := built(t, r)
	commits := strings.Fields(r.Git("rev-list", "--reverse", "HEAD"))
	for name, test := range map[string]struct {
		do    func(s *site)
		want  []string // starts of lines
		taken string
	}{
		"nothing": {do: func(s *site) { s.forge(func(*pages.Manifest) {}) }},
		"another date": {do: forgeVersion(0, func(v *pages.ManifestVersion) {
			v.Recorded, v.Revisions[0].Recorded = "2021-01-01T13:00:00Z", "2021-01-01T13:00:00Z"
		}), want: []string{"data@2021-01-01: git: expected 2021-01-01T12:00:00Z as the date of commit " + commits[0] + ", found 2021-01-01T13:00:00Z", `archive.json: git: expected "…`}},
		"a commit of no branch": {do: forgeVersion(0, func(v *pages.ManifestVersion) { v.Revisions[0].Commit = strings.Repeat("0", 40) }), want: []string{"data@2021-01-01: git: expected a step of the branch"}},
		"a path of nothing":     {do: forgeVersion(0, func(v *pages.ManifestVersion) { v.Revisions[0].Path = "content/x.md" }), want: []string{`data@2021-01-01: git: expected blob "", content/x.md in commit ` + commits[0]}},
		"a move from nowhere":   {do: forgeVersion(2, func(v *pages.ManifestVersion) { v.Revisions[1].FromPath = "content/x.md" }), want: []string{`archive.json: git: expected "…`}},
		"a summary":             {do: forgeVersion(1, func(v *pages.ManifestVersion) { v.Summary = "Nothing changed" }), want: []string{`archive.json: git: expected "…`}},
		"a false text with all its hashes": {do: func(s *site) {
			const source = "# Privacy\n\nWe keep your name?\n"
			s.put("data/2021-02-01/index.md", source)
			forgeVersion(1, func(v *pages.ManifestVersion) {
				v.Redacted, v.SourceSHA256 = true, pages.OrNull(fmt.Sprintf("%x", sha256.Sum256([]byte(source))))
				v.Revisions[0].Blob = pages.OrNull(strings.Repeat("0", 40))
			})(s)
		}, want: []string{"data@2021-02-01: git: expected blob ", `data/2021-02-01/index.md: git: expected "`}},
		"the last version left out": {do: func(s *site) {
			s.delete("data/2021-06-01")
			s.forge(func(m *pages.Manifest) { m.Policies[1].Versions = m.Policies[1].Versions[:3] })
		}, want: []string{"data/2021-06-01/index.html: missing: ", `archive.json: git: expected "…`}},
		"a policy left out": {do: func(s *site) {
			s.delete("data")
			s.forge(func(m *pages.Manifest) { m.Policies = slices.Delete(m.Policies, 1, 2) })
		}, want: []string{"data/index.html: missing: ", `archive.json: git: expected "…`}},
		"no policies": {do: func(s *site) { s.forge(func(m *pages.Manifest) { m.Policies = nil }) }, want: []string{"archive.json: record: expected a list of policies, found null", `archive.json: git: expected "…`}},
		"an earlier version called published": {do: forgeVersion(0, func(v *pages.ManifestVersion) { v.Published = date("2020-12-01") }),
			want: []string{`data/2021-01-01/index.html: git: expected "`}, taken: "days of publication [data@2021-01-01]"},
		"a date of its own, called published": {do: forgeVersion(0, func(v *pages.ManifestVersion) {
			v.Published, v.Recorded = date("2020-12-01"), "2020-11-01T12:00:00Z"
		}), want: []string{`data/2021-01-01/index.html: git: expected "`}, taken: "recorded dates and ids [data@2021-01-01]"},
		"a version called carried": {do: forgeVersion(0, func(v *pages.ManifestVersion) { v.Carried = true }), want: []string{`archive.json: git: expected "…`}},
		"words of a redline":       {do: func(s *site) { s.replace("data/2021-02-01/changes/index.html", "name", "shoe size"); s.seal() }, want: []string{`data/2021-02-01/changes/index.html: git: expected "`}},
		"words beside the text": {do: func(s *site) {
			s.replace("data/index.html", "<main", "<p>We sell your data.<main")
			s.seal()
		}, want: []string{`data/index.html: git: expected "`}},
		"words called a note": {do: func(s *site) {
			s.replace("data/index.html", "We keep", "We <span data-note>do not</span> keep")
			s.seal()
		}, want: []string{`data/index.html: git: expected "`}},
		"a page of its own": {do: func(s *site) {
			s.put("mine.html", "mine")
			s.put(".policysite", s.file(".policysite")+strings.Repeat("0", 64)+"  mine.html\n")
			s.seal()
		}, want: []string{"mine.html: git: expected nothing, found a file that the repository does not give"}},
		"a file of nobody": {do: func(s *site) { s.put("mine.html", "mine") }, want: []string{"mine.html: extra: expected nothing"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := whole.copied(t)
			test.do(s)
			v, have := s.verify(r.Dir)
			for _, w := range test.want {
				if !strings.Contains("\n"+have, "\n"+w) {
					t.Errorf("not told: %s; but\n%s", w, have)
				}
			}
			if test.want == nil && have != "" || !v.Rebuilt || !strings.Contains(fmt.Sprint(v.Taken), test.taken) {
				t.Errorf("%+v", v)
			}
		})
	}
	t.Run("another repository", func(t *testing.T) {
		other := repository(t, on("2021-01-01", privacy("# Privacy\n\nAnother.\n")))
		_, err := builder.Verify(t.Context(), whole.dir, other.Dir, verifier)
		var fail *policy.Failure
		if !errors.As(err, &fail) || !errors.Is(err, policy.ErrHistory) || !strings.Contains(fail.Message, "has no commit "+r.Head()) || !strings.Contains(fail.Hint, "git fetch origin "+r.Head()) {
			t.Errorf("%v", err)
		}
		for dir, reason := range map[string]error{t.TempDir(): policy.ErrHistory, "no/such/folder": errUsage} {
			if _, err := builder.Verify(t.Context(), whole.dir, dir, verifier); !errors.Is(err, reason) {
				t.Errorf("%s: %v, want %v", dir, err, reason)
			}
		}
	})
	t.Run("another program version", func(t *testing.T) {
		s := whole.copied(t)
		s.forge(func(m *pages.Manifest) {
			m.Generator = "policysite 9"
			m.Policies[1].Versions[0].Revisions[0].Commit = commits[1]
		})
		if v, have := s.verify(r.Dir); v.Rebuilt || !v.Git || !strings.Contains(have, "data@2021-01-01: git: expected") || strings.Contains(have, "archive.json") {
			t.Errorf("%+v", v)
		}
	})
}

// A site that is built again with itself as the previous one is the same.
func TestRebuildIsAFixedPoint(t *testing.T) {
	t.Parallel()
	taken := func(v *verify.Result, what string) string {
		for _, t := range v.Taken {
			if t.What == what {
				return strings.Join(t.Names, " ")
			}
		}
		return ""
	}
	for name, change := range map[string]func(*builder.Options){
		"a content folder":  func(o *builder.Options) { o.Content = "legal" },
		"the whole folder":  func(o *builder.Options) { o.Content = "." },
		"an address":        func(o *builder.Options) { o.BaseURL = "https://example.org/x" },
		"a sub-folder":      func(o *builder.Options) { o.Source += "/legal" },
		"an earlier commit": func(o *builder.Options) { o.Rev = "HEAD~1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := repository(t, on("2021-01-01", privacy("# Privacy\n\nOne.\n"), write("legal/terms.md", "# Terms\n\n[A file](a.pdf)\n"), write("legal/a.pdf", "%PDF"), write("legal/policysite.yaml", "title: Legal\n")),
				on("2021-02-01", write("legal/terms.md", "# Terms\n\nTwo.\n")))
			s := built(t, r, change)
			v := s.clean(r.Dir)
			if want := len(r.Git("rev-list", s.Head+"..HEAD")) / 40; v.Behind != want {
				t.Errorf("%d commits behind, want %d", v.Behind, want)
			}
			// The folders need not be there any more, nor a work tree.
			r.Git("rm", "-q", "-r", "legal")
			commit(r, on("2021-03-01"))
			bare := t.TempDir()
			r.Git("clone", "-q", "--bare", r.Dir, bare)
			if again := s.clean(bare); again.Behind != v.Behind+1 {
				t.Errorf("%d commits behind, before %d", again.Behind, v.Behind)
			}
			r.Git("checkout", "-q", "--orphan", "other")
			r.Write("content/x.md", "x\n")
			commit(r, on("2021-04-01"))
			if other := s.clean(r.Dir); other.Behind != -1 {
				t.Errorf("%d commits behind on another branch", other.Behind)
			}
		})
	}
	t.Run("sites upon sites", func(t *testing.T) {
		r := repository(t, thirtyDays()...)
		var before *site
		for i, do := range []func(){
			func() {},
			func() { commit(r, on("2021-04-01", rename("content/privacy.md", "content/data.md"))) },
			func() { // another policy takes the place
				commit(r, on("2021-04-02", rename("content/data.md", "content/x/y.md"), write("content/data.md", "Another policy.\n"), write("content/x/y.md", "---\naliases: [/zz/]\n---\n# Privacy\n\nWe keep data for thirty days.\n")))
			},
			func() { // git forgets both
				afresh("2021-04-03", write("content/x/y.md", "# Privacy\n\nWe keep data for thirty days.\n"), remove("content/data.md"), settings("title: Anew\n"))(r)
			},
			func() {},
			func() {
				commit(r, on("2021-04-05", write("content/x/y.md", "# Privacy\n\nForty. See [the list](list.pdf).\n"), write("content/x/list.pdf", "list")))
			},
			func() { r.Git("reset", "-q", "--hard", "HEAD~1") },
			func() { // words of a version that git does not have, of one that it has, and a text that is older
				commit(r, on("2021-04-07", redactions("- {policy: x/y, version: 2021-04-05, block: 2, words: 1, reason: r, authority: a, date: 2021-04-07}\n- {policy: terms, version: 2021-01-01, block: 2, words: 2, reason: r, authority: a, date: 2021-04-07, salt: s}\n"),
					write("old.md", "# Terms\n\nBe.\n"), write("history.yaml", "terms:\n  - file: old.md\n    published: 2019-05-05\n")))
			},
			func() {},
			func() { commit(r, on("2021-04-09", remove("content/terms.md"))) },
		} {
			do()
			change := []func(*builder.Options){forDay(fmt.Sprintf("2021-05-%02d", i+1))}
			if before != nil {
				change = append(change, previous(before.dir))
			}
			before = built(t, r, change...)
			if v := before.clean(r.Dir); t.Failed() {
				t.Fatalf("site %d: %+v\n%s", i, v, before.tell())
			}
		}
		v := before.clean(r.Dir)
		for what, names := range map[string]string{
			"versions that git does not have": "data@2021-01-01 data@2021-02-01 data@2021-03-01 data@2021-04-02 x/y@2021-04-02 x/y@2021-04-05",
			"policies that are gone":          "data terms",
			"recorded dates and ids":          "terms@2021-01-01",
		} {
			if have := taken(v, what); have != names {
				t.Errorf("%s: have %s, want %s", what, have, names)
			}
		}
		if v.NotInGit != 6 || !strings.Contains(taken(v, "former addresses"), "/zz/") || !strings.Contains(taken(v, "files"), "/list.pdf") || !strings.Contains(taken(v, "days of publication"), "terms@2019-05-05") {
			t.Errorf("%+v", v)
		}
	})
	t.Run("links are not followed", func(t *testing.T) {
		r := repository(t, thirtyDays()...)
		before := built(t, r, forDay("2021-06-01"))
		r.Git("reset", "-q", "--hard", "HEAD~1")
		s := built(t, r, forDay("2021-06-02"), previous(before.dir))
		const source = "privacy/2021-03-01/index.md" // that the rebuild needs
		s.check(os.Rename(s.path(source), s.path("CNAME")))
		s.check(os.Symlink(s.path("CNAME"), s.path(source)))
		_, have := s.verify(r.Dir)
		if !strings.Contains(have, source+": missing: expected a file, found a symbolic link") || !strings.Contains(have, "archive.json: git: expected what can be built again from commit") {
			t.Errorf("have\n%s", have)
		}
	})
}

// What is withheld, and what git no longer has, are no differences where git is
// not asked.
func TestVerifyAcceptsWhatCannotBeRecomputed(t *testing.T) {
	s := built(t, richRepository(t))
	const page, source = "data/2021-02-01/index.html", "data/2021-02-01/index.md"
	s.put(source, "The text of this version is withheld.\n")
	s.replace(page, "We keep your name", "[withheld]")
	s.forge(func(m *pages.Manifest) {
		v := &m.Policies[1].Versions[1]
		v.Redacted, v.TextSHA256, v.WordingSHA256, v.SourceSHA256, v.SourceBlob, v.Revisions[0].Blob = true, "", "", "", "", ""
		m.Policies[1].Versions[2].Carried = true
		m.Policies[1].Versions[2].Revisions[0].Commit = strings.Repeat("0", 40)
	})
	if v := s.clean(""); v.Redacted != 1 || v.Carried != 1 || v.NotInGit != 0 || v.Git {
		t.Errorf("%+v", v)
	}
	// Their files are still those that were published.
	s.put(source, "Something else.\n")
	if _, have := s.verify(""); !strings.HasPrefix(have, source+": changed: ") {
		t.Errorf("have\n%s", have)
	}
}
