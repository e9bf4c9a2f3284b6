package builder_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

func previous(where string) func(*builder.Options) {
	return func(o *builder.Options) { o.Previous = where }
}

func forDay(day string) func(*builder.Options) {
	return func(o *builder.Options) { o.At = date(day) }
}

// git runs git in the repository of a test.
func git(args ...string) act { return func(r *historytest.Repo) { r.Git(args...) } }

// thirtyDays is a policy on its way, beside another.
func thirtyDays() []step {
	return []step{
		on("2021-01-01", privacy("# Privacy\n\nWe keep data for ten days.\n"), write("content/terms.md", "# Terms\n\nBe nice.\n")),
		on("2021-02-01", privacy("# Privacy\n\nWe keep data for twenty days. See [the list](list.pdf).\n"), write("content/list.pdf", "%PDF-1.4 list")),
		on("2021-03-01", privacy("# Privacy\n\nWe keep data for thirty days.\n")),
	}
}

// afresh makes what the repository holds a new one, without its history.
func afresh(day string, do ...act) func(r *historytest.Repo) {
	return func(r *historytest.Repo) {
		r.Git("checkout", "-q", "--orphan", "fresh")
		for _, a := range do {
			a(r)
		}
		commit(r, on(day))
		r.Git("branch", "-q", "-D", "main")
		r.Git("branch", "-q", "-m", "main")
	}
}

// What was published stays, whatever becomes of the history.
func TestWhatWasPublishedStays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		rewrite func(r *historytest.Repo)
		want    string
		notes   string // has this
	}{
		{
			name:    "nothing happened",
			rewrite: func(r *historytest.Repo) {},
			want: `
				privacy content/privacy.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, )
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name: "a version in the middle is taken out",
			rewrite: func(r *historytest.Repo) {
				r.Git("reset", "-q", "--hard", "HEAD~2")
				commit(r, on("2021-03-01", privacy("# Privacy\n\nWe keep data for thirty days.\n")))
			},
			want: `
				privacy content/privacy.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01) carried
				 2021-03-01 wording [2021-03-01, )
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
			notes: "privacy@2021-02-01",
		},
		{
			name:    "the last version is taken out, and the text before it is back",
			rewrite: func(r *historytest.Repo) { r.Git("reset", "-q", "--hard", "HEAD~1") },
			want: `
				privacy content/privacy.md in-force 2021-06-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, 2021-06-01) carried
				 2021-06-01 wording [2021-06-01, ) = 2021-02-01
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
			notes: "privacy@2021-03-01",
		},
		{
			name: "the last version is amended, and its words stay",
			rewrite: func(r *historytest.Repo) {
				r.Git("reset", "-q", "--hard", "HEAD~1")
				commit(r, on("2021-03-01", privacy("---\neffective: 2022-01-01\n---\n# Privacy\n\nWe keep data for thirty days.\n")))
			},
			want: `
				privacy content/privacy.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, 2022-01-01) carried
				 2021-03-01-2 dates [2022-01-01, )
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
			notes: "privacy@2021-03-01",
		},
		{
			name: "the last version is amended",
			rewrite: func(r *historytest.Repo) {
				r.Git("reset", "-q", "--hard", "HEAD~1")
				commit(r, on("2021-05-01", privacy("# Privacy\n\nWe keep data for forty days.\n")))
			},
			want: `
				privacy content/privacy.md in-force 2021-05-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, 2021-05-01) carried
				 2021-05-01 wording [2021-05-01, )
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
			notes: "privacy@2021-03-01",
		},
		{
			name: "all of it is squashed into one commit",
			rewrite: func(r *historytest.Repo) {
				r.Git("reset", "-q", "--soft", "HEAD~2")
				r.Git("commit", "-q", "--amend", "-m", "All", "--date", "2021-05-01T12:00:00Z")
			},
			want: `
				privacy content/privacy.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01) carried
				 2021-02-01 wording [2021-02-01, 2021-03-01) carried
				 2021-03-01 wording [2021-03-01, )
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name: "a rebase gives every commit another date, and a new one follows",
			rewrite: func(r *historytest.Repo) {
				r.Git("rebase", "-q", "--root", "--force-rebase") // committer dates are those of today
				commit(r, on("2021-06-02", privacy("# Privacy\n\nWe keep data for ever.\n")))
			},
			want: `
				privacy content/privacy.md in-force 2021-06-02
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, 2021-06-02)
				 2021-06-02 wording [2021-06-02, )
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name:    "the repository begins anew in another folder",
			rewrite: afresh("2021-06-01", settings("content: legal\n"), git("mv", "content", "legal")),
			want: `
				privacy legal/privacy.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01) carried
				 2021-02-01 wording [2021-02-01, 2021-03-01) carried
				 2021-03-01 wording [2021-03-01, )
				terms legal/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name:    "the repository begins anew without a policy",
			rewrite: afresh("2021-06-01", remove("content/privacy.md")),
			want: `
				privacy content/privacy.md withdrawn
				 2021-01-01 initial [2021-01-01, 2021-02-01) carried
				 2021-02-01 wording [2021-02-01, 2021-03-01) carried
				 2021-03-01 wording [2021-03-01, 2021-06-01) carried
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name:    "a policy is deleted",
			rewrite: func(r *historytest.Repo) { commit(r, on("2021-05-01", remove("content/privacy.md"))) },
			want: `
				privacy content/privacy.md withdrawn
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, 2021-05-01) + withdrawn
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name: "a policy is a draft again",
			rewrite: func(r *historytest.Repo) {
				commit(r, on("2021-05-01", privacy("---\ndraft: true\n---\n# Privacy\n\nSecret.\n")))
			},
			want: `
				privacy content/privacy.md withdrawn
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, 2021-05-01) + draft
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name: "a policy gets another name and another address",
			rewrite: func(r *historytest.Repo) {
				commit(r, on("2021-05-01", rename("content/privacy.md", "content/data.md"), write("content/terms.md", "---\nurl: /legal/terms/\n---\n# Terms\n\nBe nice.\n")))
			},
			want: `
				data content/data.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, 2021-03-01)
				 2021-03-01 wording [2021-03-01, ) + move from content/privacy.md
				terms content/terms.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, ) + source`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := repository(t, thirtyDays()...)
			before := built(t, r, forDay("2021-06-01"))
			test.rewrite(r)
			after := built(t, r, forDay("2021-06-10"), previous(before.dir))
			expect(t, after.tell(), test.want)
			stays(t, before, after)
			if !strings.Contains(strings.Join(after.result.Notes, "\n"), test.notes) {
				t.Errorf("the notes do not name %s: %q", test.notes, after.result.Notes)
			}
			after.clean(r.Dir)
			again := built(t, r, forDay("2021-06-10"), previous(after.dir))
			stays(t, before, again)
			stays(t, after, again)
			last := built(t, r, forDay("2021-06-10"), previous(again.dir))
			if have, want := last.files(), again.files(); !equalFiles(have, want) {
				t.Error("built again and again it is not the same")
			}
		})
	}
}

func equalFiles(a, b map[string]string) bool {
	for name := range b {
		if a[name] != b[name] {
			return false
		}
	}
	return len(a) == len(b)
}

// stays checks that every address of one site resolves in the next, and that
// every version says there what it said.
func stays(t *testing.T, before, after *site) {
	t.Helper()
	for name := range before.files() {
		if !after.has(name) {
			t.Errorf("%s is gone", name)
		}
	}
	for _, p := range before.Policies {
		for _, v := range p.Versions {
			i := slices.IndexFunc(after.Policies, func(q struct {
				ID, Title, URL, Path, Lang, Status string
				Current                            *string
				Versions                           []version
			}) bool {
				return slices.ContainsFunc(q.Versions, func(w version) bool {
					return w.ID == v.ID && *w.WordingSHA256 == *v.WordingSHA256 && w.SourceSHA256 == v.SourceSHA256 && w.Recorded == v.Recorded && w.Published != nil
				})
			})
			if i < 0 {
				t.Errorf("%s@%s is not what it was", p.ID, v.ID)
			}
			if have, want := after.file(v.SourceURL[1:]), before.file(v.SourceURL[1:]); have != want {
				t.Errorf("%s: have %q, want %q", v.SourceURL, have, want)
			}
			for _, a := range v.Attachments {
				if have, want := after.file(a.URL[1:]), before.file(a.URL[1:]); have != want {
					t.Errorf("%s: have %q, want %q", a.URL, have, want)
				}
			}
		}
	}
}

// A text that is older than git and was published stays, when the file says something
// else or another text takes its day.
func TestOlderTextsThatArePublishedStay(t *testing.T) {
	t.Parallel()
	r := repository(t, on("2021-01-01", privacy("# Privacy\n\nNew words.\n"), write("old/a.md", "# Privacy\n\nOld wrods.\n"), later("privacy:\n- file: old/a.md\n  published: 2019-01-01\n")))
	before := built(t, r, forDay("2021-01-15"))
	commit(r, on("2021-02-01", write("old/a.md", "# Privacy\n\nOld words.\n"), write("old/b.md", "# Privacy\n\nOther words.\n"),
		later("privacy:\n- file: old/b.md\n  published: 2019-01-01\n- file: old/a.md\n  published: 2019-01-01\n")))
	after := built(t, r, forDay("2021-02-15"), previous(before.dir))
	stays(t, before, after)
	expect(t, after.tell(), `
		privacy content/privacy.md in-force 2021-01-01
		 2019-01-01 initial carried
		 2019-01-01-2 wording
		 2019-01-01-3 wording [2019-01-01, 2021-01-01)
		 2021-01-01 wording [2021-01-01, )`)
	if again := built(t, r, forDay("2021-02-15"), previous(after.dir)); again.tell() != after.tell() {
		t.Errorf("built again:\n%s", again.tell())
	}
}

// Another policy that comes to stand at a published address, with versions of the same
// days, is told of.
func TestAddressTakenOver(t *testing.T) {
	t.Parallel()
	r := repository(t, on("2020-01-10", write("content/terms.md", "# Terms\n\nAlpha words stand here alone.\n"), write("content/new.md", "# New\n\nThe new one is another text altogether.\n")))
	before := built(t, r)
	commit(r, on("2020-02-10", rename("content/terms.md", "content/terms-2020.md")))
	before = built(t, r, previous(before.dir))
	if len(before.result.Warnings) > 0 {
		t.Errorf("a move: %v", before.result.Warnings)
	}
	commit(r, on("2020-03-10", rename("content/new.md", "content/terms.md")))
	s := built(t, r, previous(before.dir))
	want := "content/terms.md: /terms/2020-01-10/ would say what terms@2020-01-10 says, and was published with the words of terms-2020@2020-01-10"
	if w := s.result.Warnings; len(w) != 1 || w[0].Error() != want {
		t.Errorf("have %v", w)
	}
	refused(t, r, errContent, previous(before.dir), func(o *builder.Options) { o.Strict = true })
}

// The first appearance on a site is evidence of publication, and the day stays.
func TestPublishedIsTheDayOfTheFirstSite(t *testing.T) {
	r := repository(t, thirtyDays()...)
	first := built(t, r, forDay("2021-06-01"))
	if p := first.Policies[0].Versions[0].Published; p != nil {
		t.Errorf("published %s, with no evidence", *p)
	}
	commit(r, on("2021-06-05", privacy("# Privacy\n\nFour.\n")))
	second := built(t, r, forDay("2021-06-06"), previous(first.dir))
	third := built(t, r, forDay("2021-06-09"), previous(second.dir))
	for i, want := range []string{"2021-06-01", "2021-06-01", "2021-06-01", "2021-06-06"} {
		if have := or(third.Policies[0].Versions[i].Published); have != want {
			t.Errorf("version %d: published %q, want %q", i, have, want)
		}
	}
	if page := third.file("privacy/2021-06-05/index.html"); !strings.Contains(page, "Published by <time") {
		t.Error("the page does not say when it was published")
	}
}

// A site can be read from where it is published.
func TestPreviousSiteFromItsAddress(t *testing.T) {
	r := repository(t, thirtyDays()...)
	before := built(t, r, forDay("2021-06-01"))
	for _, hidden := range []bool{false, true} { // a host may not show files that start with a dot or an underscore
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if hidden && (strings.Contains(q.URL.Path, "/.") || strings.Contains(q.URL.Path, "/_")) {
				http.NotFound(w, q)
				return
			}
			http.StripPrefix("/legal/", http.FileServer(http.Dir(before.dir))).ServeHTTP(w, q)
		}))
		defer server.Close()
		r.Git("reset", "-q", "--hard", "HEAD~1")
		after := built(t, r, forDay("2021-06-10"), previous(server.URL+"/legal"))
		stays(t, before, after)
		r.Git("reset", "-q", "--hard", "ORIG_HEAD")
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	refused(t, r, policy.ErrUsage, previous(server.URL))
}

// An address that an author no longer names still leads to its policy.
func TestAliasesOutliveTheirMention(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("---\naliases: [/old/data.html, /older/]\n---\nA\n")))
	before := built(t, r, forDay("2021-06-01"))
	commit(r, on("2021-02-01", privacy("A\n")))
	after := built(t, r, forDay("2021-06-10"), previous(before.dir))
	stays(t, before, after)
	if page := after.file("older/index.html"); !strings.Contains(page, "../privacy/") {
		t.Errorf("/older/ leads elsewhere: %s", page)
	}
}

func TestNothingPublishedIsTakenBack(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(r *historytest.Repo, before string)
		reason error
		say    string
		option func(*builder.Options)
	}{
		{"a setting moves ids: timezone", func(r *historytest.Repo, _ string) {
			commit(r, on("2021-05-01", settings("timezone: Pacific/Kiritimati\n")))
		}, policy.ErrUsage, "2021-01-01 of content/privacy.md would be that of 2021-01-02", nil},
		{"a setting moves ids: dates", func(r *historytest.Repo, _ string) {
			commit(r, on("2021-05-01", settings("dates: author\n")))
		}, policy.ErrUsage, "would be that of 2020-12-24", nil},
		{"a setting moves ids: languages", func(r *historytest.Repo, _ string) {
			commit(r, on("2021-05-01", settings("language: en\nlanguages: [en, id]\n")))
		}, policy.ErrUsage, `content/terms.id.md: the id would be "id/terms", and was "terms-id" when it was published`, nil},
		{"strict", func(r *historytest.Repo, _ string) { r.Git("reset", "-q", "--hard", "HEAD~1") },
			policy.ErrHistory, "privacy@2021-03-01", func(o *builder.Options) { o.Strict = true }},
		{"the previous site's manifest was altered", func(r *historytest.Repo, before string) {
			alter(t, filepath.Join(before, "archive.json"), `"title":"Privacy"`, `"title":"Privaci"`)
		}, policy.ErrHistory, "archive.json", nil},
		{"a source that only the previous site has was altered", func(r *historytest.Repo, before string) {
			r.Git("reset", "-q", "--hard", "HEAD~1")
			alter(t, filepath.Join(before, "privacy/2021-03-01/index.md"), "thirty", "ninety")
		}, policy.ErrHistory, "privacy/2021-03-01/index.md", nil},
		{"the wording that was published is another", func(r *historytest.Repo, before string) {
			if err := os.Remove(filepath.Join(before, ".policysite")); err != nil {
				t.Fatal(err)
			}
			wording := `"wording_sha256":"`
			at := strings.Index(read(t, filepath.Join(before, "archive.json")), wording)
			sum := read(t, filepath.Join(before, "archive.json"))[at+len(wording):][:64]
			alter(t, filepath.Join(before, "archive.json"), wording+sum, wording+strings.Repeat("0", 64))
		}, policy.ErrHistory, "was published with other words", nil},
		{"no site", func(r *historytest.Repo, before string) {
			if err := os.Remove(filepath.Join(before, "archive.json")); err != nil {
				t.Fatal(err)
			}
		}, policy.ErrUsage, "is not a site", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			steps := thirtyDays()
			steps[0].do = append(steps[0].do, write("content/terms.id.md", "Baik.\n"))
			r := historytest.New(t)
			commit(r, steps[0])
			r.Write("content/privacy.md", "# Privacy\n\nWe keep data for twenty days.\n")
			commit(r, on("2021-02-01"))
			r.Git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "--amend", "--no-edit", "--date", "2020-12-24T12:00:00Z")
			commit(r, steps[2])
			before := built(t, r, forDay("2021-06-01"))
			test.change(r, before.dir)
			change := []func(*builder.Options){forDay("2021-06-10"), previous(before.dir)}
			if test.option != nil {
				change = append(change, test.option)
			}
			if said := refused(t, r, test.reason, change...); !strings.Contains(said, test.say) {
				t.Errorf("expected %q, found %q", test.say, said)
			}
		})
	}
	r := repository(t, thirtyDays()...)
	preview := built(t, r, func(o *builder.Options) { o.Preview = true })
	if said := refused(t, r, policy.ErrUsage, previous(preview.dir)); !strings.Contains(said, "is a preview") {
		t.Error(said)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// alter replaces words in a file that has them.
func alter(t *testing.T, name, old, new string) {
	t.Helper()
	content := read(t, name)
	if !strings.Contains(content, old) {
		t.Fatalf("%s has no %q", name, old)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(content, old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}
