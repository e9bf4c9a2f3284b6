package builder_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/publish"
	"github.com/policysite/policysite/builder/verify"
	"github.com/policysite/policysite/layouts"
)

// richText has everything in it whose words stand in a page another way than in
// a source.
const richText = "---\ntitle: A title of its own\neffective: 2021-03-01\n---\n" +
	"## What *we* keep\n\nWe keep [your name](../files/form.pdf) and ~~your shoe size~~ nothing else&nbsp;&amp; no more.\n\n" +
	"![The whole process](../files/process.svg) ![lost](nowhere.png)\n\n- [x] done\n- [ ] to do\n\n" +
	"| a | b |\n|---|---|\n| c | `d < e` |\n\n```\nfirst line\n  second line\n```\n\n" +
	"A claim[^1] with <b>raw</b> HTML <script>alert(1)</script>.\n\n[^1]: Its reason.\n"

// richRepository is a repository with most of what a site can have.
func richRepository(t testing.TB) *historytest.Repo {
	return repository(t,
		on("2021-01-01", settings("title: Policies\nbaseURL: https://example.com/legal/\ncontent: content\narchived: [cookies]\n"),
			privacy("# Privacy\n\nWe keep nothing.\n\n"+lines("privacy", 12)), write("content/cookies.md", "# Cookies\n\nNone.\n"),
			write("content/سياسة.md", "# سياسة\n\nلا نحتفظ بأي شيء.\n"),
			write("files/form.pdf", "%PDF form"), write("files/process.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")),
		on("2021-02-01", write("content/terms.md", richText), privacy("# Privacy\n\nWe keep your name.\n\n"+lines("privacy", 12))),
		on("2021-02-01", privacy("# Privacy\n\nWe keep nothing.\n\n"+lines("privacy", 12))),
		on("2021-03-01", write("content/terms.md", "---\ntitle: Terms\nIt cannot be rendered.\n")),
		on("2021-04-01", write("content/terms.md", richText+"\nOne sentence more.\n"), write("files/form.pdf", "%PDF another form")),
		on("2021-05-01", rename("content/privacy.md", "content/data.md"), remove("content/cookies.md")),
		on("2021-05-02", chmod("content/data.md")),
		on("2021-06-01", write("content/data.md", "---\neffective: 2031-06-01\n---\n# Privacy\n\nWe shall keep everything.\n\n"+lines("privacy", 12))),
		on("2021-07-01", write("content/draft.md", "---\ndraft: true\n---\nNot yet.\n"), write("content/terms.md", richText+"\nOne sentence more than that.\n"), write("files/form.pdf", "%PDF a third form")),
	)
}

// copied is the same site in a folder of its own.
func (s *site) copied(t testing.TB) *site {
	t.Helper()
	out := *s
	out.t, out.dir = t, filepath.Join(t.TempDir(), "site")
	out.check(os.CopyFS(out.dir, os.DirFS(s.dir)))
	return &out
}

func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// verifier is the program that verifies, the same as builds.
var verifier = builder.Options{Theme: layouts.FS, Generator: "policysite test"}

// verify verifies a site; it returns the differences, one a line.
func (s *site) verify(repo string) (*verify.Result, string) {
	s.t.Helper()
	v, err := builder.Verify(s.t.Context(), s.dir, repo, verifier)
	if err != nil {
		s.t.Fatalf("verify: %v", err)
	}
	var b strings.Builder
	for _, d := range v.Differences {
		b.WriteString(d.String() + "\n")
	}
	return v, b.String()
}

// clean checks that a site is as recorded, with the repository and without.
func (s *site) clean(repo string) *verify.Result {
	s.t.Helper()
	v, differences := s.verify("")
	if differences != "" {
		s.t.Errorf("by itself:\n%s", differences)
	}
	if repo != "" {
		if v, differences = s.verify(repo); differences != "" {
			s.t.Errorf("with the repository:\n%s", differences)
		}
	}
	return v
}

func (s *site) path(file string) string { return filepath.Join(s.dir, filepath.FromSlash(file)) }

func (s *site) put(file, content string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(file), []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// replace replaces words of a file, which must be there.
func (s *site) replace(file, old, new string) {
	s.t.Helper()
	content := s.file(file)
	if !strings.Contains(content, old) {
		s.t.Fatalf("%s has no %q", file, old)
	}
	s.put(file, strings.Replace(content, old, new, 1))
}

func (s *site) delete(files ...string) {
	s.t.Helper()
	for _, file := range files {
		if err := os.RemoveAll(s.path(file)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// seal writes the marker anew, of the files that are there: whoever alters a
// site can do so.
func (s *site) seal() {
	s.t.Helper()
	sums, err := publish.ReadMarker("marker", strings.NewReader(s.file(publish.MarkerName)))
	if err != nil {
		s.t.Fatal(err)
	}
	for file := range sums {
		if !s.has(file) {
			delete(sums, file)
			continue
		}
		sums[file] = fmt.Sprintf("%x", sha256.Sum256([]byte(s.file(file))))
	}
	s.put(publish.MarkerName, string(publish.Marker(sums)))
}

// object is an object of JSON.
type object = map[string]any

// edit changes archive.json, and seals the site.
func (s *site) edit(change func(m object)) {
	s.t.Helper()
	var m object
	if err := json.Unmarshal([]byte(s.file("archive.json")), &m); err != nil {
		s.t.Fatal(err)
	}
	change(m)
	data, err := json.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	s.put("archive.json", string(data))
	s.seal()
}

// editVersion changes what archive.json says of a version, "privacy@2021-01-01".
func (s *site) editVersion(name string, change func(v object)) {
	s.t.Helper()
	id, day, _ := strings.Cut(name, "@")
	s.edit(func(m object) {
		for _, p := range m["policies"].([]any) {
			for _, v := range p.(object)["versions"].([]any) {
				if p.(object)["id"] == id && v.(object)["id"] == day {
					change(v.(object))
					return
				}
			}
		}
		s.t.Fatalf("archive.json has no %s", name)
	})
}

func (s *site) editPolicy(id string, change func(p object)) {
	s.t.Helper()
	s.edit(func(m object) {
		for _, p := range m["policies"].([]any) {
			if p.(object)["id"] == id {
				change(p.(object))
			}
		}
	})
}

func TestVerifyFindsNothingInWhatWasBuilt(t *testing.T) {
	t.Parallel()
	t.Run("most of what a site can have", func(t *testing.T) {
		r := richRepository(t)
		s := built(t, r)
		v := s.clean(r.Dir)
		broken := 0
		for _, p := range s.Policies {
			for _, ver := range p.Versions {
				if ver.Error != nil {
					broken++
				}
			}
		}
		if v.Files != s.result.Files || v.Policies != 4 || v.Versions != s.result.Versions || v.Head != r.Head() || broken != 1 || v.Redacted+v.Carried+v.NotInGit+v.Behind+len(v.Taken) != 0 || !v.Rebuilt {
			t.Errorf("%+v, the build says %+v; %d versions that cannot be rendered", v, s.result, broken)
		}
	})
	for name, change := range map[string]func(*builder.Options){
		"not minified":       func(o *builder.Options) { o.NoMinify = true },
		"a preview":          func(o *builder.Options) { o.Preview = true },
		"before any version": func(o *builder.Options) { o.At = date("2020-01-01") },
		"later":              func(o *builder.Options) { o.At = date("2031-12-31") },
	} {
		t.Run(name, func(t *testing.T) {
			r := richRepository(t)
			built(t, r, change).clean(r.Dir)
		})
	}
	for name, yaml := range map[string]string{
		"trusted HTML":      "html: trusted\n",
		"a history cut off": "since:\n  data: 2021-02-01\n",
		"author dates":      "dates: author\ntimezone: Pacific/Kiritimati\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := richRepository(t)
			commit(r, on("2021-08-01", settings(yaml+"content: content\n"), privacy("<div>\n<style>p { color : red }</style>\n<script>var  a = 1 ;</script>\n<iframe>x</iframe><noscript>No <b>script</b></noscript>\n\nKept. <button>Button</button></div>\n")))
			built(t, r).clean(r.Dir)
		})
	}
	t.Run("layouts of its own", func(t *testing.T) {
		r := richRepository(t)
		commit(r, on("2021-08-01", write("layouts/policy.html", `<!DOCTYPE html><html lang="en"><title>{{.Page.Title}}</title><main data-policy-text>{{.Page.Text}}</main></html>`)))
		built(t, r).clean(r.Dir)
	})
	t.Run("ids of SHA-256", func(t *testing.T) {
		r := historytest.Init(t, "--object-format=sha256")
		commit(r, on("2021-01-01", privacy("# Privacy\n\nOne.\n")), on("2021-02-01", privacy("# Privacy\n\nTwo.\n")))
		s := built(t, r)
		if len(s.Policies[0].Versions[0].SourceBlob) != 64 {
			t.Fatalf("blob %s", s.Policies[0].Versions[0].SourceBlob)
		}
		s.clean(r.Dir)
	})
}

func TestVerifyWantsASite(t *testing.T) {
	whole := built(t, repository(t, on("2021-01-01", privacy("# Privacy\n\nOne.\n"))))
	for name, test := range map[string]struct {
		do   func(s *site)
		want string
	}{
		"an empty folder": {func(s *site) { s.delete("."); s.check(os.MkdirAll(s.dir, 0o755)) }, "expected a file .policysite in it, found nothing"},
		"no folder":       {func(s *site) { s.dir += "x" }, "cannot open the site"},
		"a file":          {func(s *site) { s.dir = s.path("index.html") }, "cannot open the site"},
		"no marker":       {func(s *site) { s.delete(publish.MarkerName) }, "expected a file .policysite in it, found nothing"},
		"a linked marker": {func(s *site) {
			s.delete(publish.MarkerName)
			s.check(os.Symlink("index.html", s.path(publish.MarkerName)))
		}, "found a symbolic link"},
		"no archive.json":  {func(s *site) { s.delete("archive.json"); s.seal() }, "expected a file archive.json of the format policysite-archive/1, found nothing"},
		"another format":   {func(s *site) { s.edit(func(m object) { m["format"] = "policysite-archive/2" }) }, `another format, "policysite-archive/2"`},
		"neither is whole": {func(s *site) { s.put("archive.json", "{"); s.put(publish.MarkerName, "x") }, "expected a file archive.json of the format"},
	} {
		t.Run(name, func(t *testing.T) {
			s := whole.copied(t)
			test.do(s)
			_, err := builder.Verify(t.Context(), s.dir, "", verifier)
			if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("have %v, want %q", err, test.want)
			}
		})
	}
}

// A policy may be called like a version is.
func TestVerifyPoliciesNamedByADay(t *testing.T) {
	r := repository(t, on("2021-01-01", write("content/notes/2019-05-07.md", "# Notes\n\nOf that day.\n")))
	s := built(t, r)
	if !s.has("notes/2019-05-07/2021-01-01/index.html") {
		t.Error("there is no such policy")
	}
	s.clean(r.Dir)
}
