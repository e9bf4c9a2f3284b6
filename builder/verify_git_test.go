package builder_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
)

// With the repository, what is consistent in itself is found too.
func TestVerifyAgainstGit(t *testing.T) {
	t.Parallel()
	r := richRepository(t)
	whole := built(t, r)
	revise := func(name string, n int, change func(rev object)) func(s *site) {
		return func(s *site) {
			s.editVersion(name, func(v object) { change(v["revisions"].([]any)[n].(object)) })
		}
	}
	commits := strings.Fields(r.Git("rev-list", "--reverse", "HEAD"))
	for name, test := range map[string]struct {
		do   func(s *site)
		want []string
	}{
		"another date": {func(s *site) {
			s.editVersion("data@2021-01-01", func(v object) {
				v["recorded"] = "2021-01-01T13:00:00Z"
				v["revisions"].([]any)[0].(object)["recorded"] = v["recorded"]
			})
		}, []string{"data@2021-01-01: git: want 2021-01-01T12:00:00Z as the date of commit " + commits[0] + ", have 2021-01-01T13:00:00Z"}},
		"a commit of no branch":      {revise("data@2021-01-01", 0, func(rev object) { rev["commit"] = strings.Repeat("0", 40) }), []string{"data@2021-01-01: git: want a step of the branch"}},
		"another commit":             {revise("terms@2021-02-01", 0, func(rev object) { rev["commit"] = commits[3] }), []string{"terms@2021-02-01: git: "}},
		"another path":               {revise("data@2021-01-01", 0, func(rev object) { rev["path"] = "content/cookies.md" }), []string{"data@2021-01-01: git: want blob "}},
		"a path of nothing":          {revise("data@2021-01-01", 0, func(rev object) { rev["path"] = "content/x.md" }), []string{"data@2021-01-01: git: want a file content/x.md in commit " + commits[0]}},
		"a withdrawal that was none": {revise("cookies@2021-01-01", 1, func(rev object) { rev["commit"] = commits[6]; rev["recorded"] = "2021-05-02T12:00:00Z" }), []string{"cookies: git: want a revision of content/cookies.md at commit " + commits[5] + ", have none"}},
		"no withdrawal": {func(s *site) {
			s.editVersion("cookies@2021-01-01", func(v object) { v["revisions"] = v["revisions"].([]any)[:1] })
		}, []string{"cookies: git: want a revision of content/cookies.md at commit " + commits[5] + ", have none"}},
		"a false text with all its hashes": {func(s *site) {
			const source = "# Privacy\n\nWe keep your name?\n"
			s.put("data/2021-02-01/index.md", source)
			s.editVersion("data@2021-02-01", func(v object) {
				v["redacted"] = true
				v["source_sha256"] = fmt.Sprintf("%x", sha256.Sum256([]byte(source)))
				v["revisions"].([]any)[0].(object)["blob"] = strings.Repeat("0", 40)
			})
		}, []string{"data@2021-02-01: git: want blob "}},
		"a version that is nowhere": {func(s *site) {
			s.editPolicy("data", func(p object) {
				versions := p["versions"].([]any)
				p["versions"] = slices.Delete(versions, 1, 2)
			})
			s.delete("data/2021-02-01")
			s.seal()
		}, []string{"data: git: want a revision of content/privacy.md at commit " + commits[1] + ", have none"}},
		"the last version": {func(s *site) {
			s.editPolicy("data", func(p object) { versions := p["versions"].([]any); p["versions"] = versions[:len(versions)-1] })
			s.delete("data/2021-06-01")
			s.seal()
		}, []string{"data: git: want a revision of content/data.md at commit " + commits[7] + ", have none"}},
		"an attachment's commit": {func(s *site) {
			s.editVersion("terms@2021-02-01", func(v object) { v["attachments"].([]any)[0].(object)["commit"] = commits[8] })
		}, []string{"terms@2021-02-01: git: want files/form.pdf in commit " + commits[8]}},
		"a move from nowhere": {revise("data@2021-02-01-2", 1, func(rev object) { rev["from_path"] = "content/x.md" }), []string{"data@2021-02-01-2: git: want a file content/x.md before commit " + commits[5]}},
	} {
		t.Run(name, func(t *testing.T) {
			s := whole.copied(t)
			test.do(s)
			if _, have := s.verify(""); have != "" {
				t.Errorf("by itself it is consistent, have\n%s", have)
			}
			_, have := s.verify(r.Dir)
			for _, w := range test.want {
				if !strings.Contains("\n"+have, "\n"+w) {
					t.Errorf("not told: %s; but\n%s", w, have)
				}
			}
		})
	}
	t.Run("another repository", func(t *testing.T) {
		s := whole.copied(t)
		other := repository(t, on("2021-01-01", privacy("# Privacy\n\nAnother.\n")))
		_, err := builder.Verify(t.Context(), s.dir, builder.VerifyOptions{Repo: other.Dir})
		var fail *policy.Failure
		if !errors.As(err, &fail) || !errors.Is(err, policy.ErrHistory) || !strings.Contains(fail.Message, "has no commit "+r.Head()) || !strings.Contains(fail.Hint, "git fetch origin "+r.Head()) {
			t.Errorf("%v", err)
		}
		for dir, reason := range map[string]error{t.TempDir(): policy.ErrHistory, "no/such/folder": errUsage} {
			if _, err := builder.Verify(t.Context(), s.dir, builder.VerifyOptions{Repo: dir}); !errors.Is(err, reason) {
				t.Errorf("%s: %v, want %v", dir, err, reason)
			}
		}
	})
	t.Run("a clone that has more", func(t *testing.T) {
		s := whole.copied(t)
		clone := r.Clone()
		commit(clone, on("2022-01-01", write("content/data.md", "# Privacy\n\nLater.\n")))
		s.clean(clone.Dir)
	})
}

// What is withheld, and what git no longer has, are no differences.
func TestVerifyAcceptsWhatCannotBeRecomputed(t *testing.T) {
	r := richRepository(t)
	s := built(t, r)
	const page, source = "data/2021-02-01/index.html", "data/2021-02-01/index.md"
	s.put(source, "The text of this version is withheld.\n")
	s.replace(page, "We keep your name", "[withheld]")
	s.editVersion("data@2021-02-01", func(v object) {
		v["redacted"] = true
		for _, hash := range []string{"text_sha256", "wording_sha256", "source_sha256", "source_blob"} {
			v[hash] = nil
		}
		for _, rev := range v["revisions"].([]any) {
			rev.(object)["blob"] = nil
		}
	})
	// Rewritten history: the commit is gone. And a text that is older than git.
	s.editVersion("terms@2021-02-01", func(v object) {
		v["carried"] = true
		v["revisions"].([]any)[0].(object)["commit"] = strings.Repeat("0", 40)
		for _, a := range v["attachments"].([]any) {
			a.(object)["commit"] = strings.Repeat("0", 40)
		}
	})
	s.editVersion("cookies@2021-01-01", func(v object) { v["recorded"], v["revisions"] = nil, []any{} })
	if v := s.clean(""); v.Redacted != 1 || v.Carried != 1 || v.NotInGit != 0 {
		t.Errorf("by itself: %+v", v)
	}
	if v := s.clean(r.Dir); v.Redacted != 1 || v.Carried != 1 || v.NotInGit != 2 {
		t.Errorf("with the repository: %+v", v)
	}
	// Their files are still those that were published.
	s.put(source, "Something else.\n")
	if _, have := s.verify(""); !strings.HasPrefix(have, source+": changed: ") {
		t.Errorf("have\n%s", have)
	}
}
