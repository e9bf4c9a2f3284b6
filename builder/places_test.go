package builder_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
)

// redirects checks that a page sends readers to another.
func (s *site) redirects(from, to string) {
	s.t.Helper()
	if !s.has(from) {
		s.t.Errorf("nothing stands at %s", from)
		return
	}
	page := s.file(from)
	if !strings.Contains(page, "url="+to+`"`) && !strings.Contains(page, "url="+to+">") {
		s.t.Errorf("%s does not redirect to %s:\n%s", from, to, page)
	}
}

// A URL that was published keeps working, with every address below it.
func TestFormerURLsRedirect(t *testing.T) {
	s := built(t, repository(t,
		on("2021-01-01", write("content/tos.md", "Words.\n")),
		on("2021-02-01", rename("content/tos.md", "content/terms.md")),
		on("2021-03-01", write("content/terms.md", "---\nslug: conditions\n---\nNew words.\n")),
		on("2021-04-01", write("content/terms.md", "---\npermalink: /legal/terms.html\naliases: [/Old, /x/y.html]\n---\nNew words.\n")),
		on("2021-05-01", write("content/tos.md", "Another policy.\n")),
	))
	expect(t, s.tell(), `
		terms content/terms.md in-force 2021-03-01
		 2021-01-01 initial [2021-01-01, 2021-03-01) + move from content/tos.md
		 2021-03-01 wording [2021-03-01, ) + source
		tos content/tos.md in-force 2021-05-01
		 2021-05-01 initial [2021-05-01, )`)
	if s.Policies[0].URL != "/legal/terms/" {
		t.Errorf("URL %s", s.Policies[0].URL)
	}
	s.redirects("terms/index.html", "../legal/terms/")
	s.redirects("terms/changes/index.html", "../../legal/terms/changes/")
	s.redirects("terms/2021-01-01/index.html", "../../legal/terms/2021-01-01/")
	s.redirects("conditions/index.html", "../legal/terms/")
	s.redirects("conditions/2021-03-01/index.html", "../../legal/terms/2021-03-01/")
	s.redirects("Old/index.html", "../legal/terms/")
	s.redirects("x/y.html", "../legal/terms/")
	s.redirects("legal/terms.html", "terms/")
	// Where another policy lives now, it stays; below it, only what it has not.
	if !strings.Contains(s.file("tos/index.html"), "Another policy") {
		t.Error("the living page gave way to a redirect")
	}
	s.redirects("tos/2021-01-01/index.html", "../../legal/terms/2021-01-01/")
	// Sources are copied.
	for _, at := range []string{"tos/2021-01-01/index.md", "terms/2021-01-01/index.md", "Old/2021-01-01/index.md", "legal/terms/2021-01-01/index.md"} {
		if s.file(at) != "Words.\n" {
			t.Errorf("%s is %q", at, s.file(at))
		}
	}
	if _, broken := checkLinks(htmlPages(s), reader(s)); len(broken) > 0 {
		t.Errorf("broken:\n%s", strings.Join(broken, "\n"))
	}
}

// What was once a reserved name does not stop a build of today.
func TestReservedNamesOfThePast(t *testing.T) {
	s := built(t, repository(t,
		on("2021-01-01", write("content/_headers.md", "Words.\n"), write("content/changes.md", lines("b", 5))),
		on("2021-02-01", rename("content/_headers.md", "content/a.md"), rename("content/changes.md", "content/b.md")),
	))
	if len(s.Policies) != 2 || !s.has("_headers") || strings.Contains(s.file("changes/index.html"), "url=") {
		t.Errorf("have %s", s.tell())
	}
}

func TestLanguages(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01",
		settings("languages: [en, id, pt-BR]\n"),
		privacy("Privacy, see [terms](terms.md).\n"),
		write("content/privacy.id.md", "Privasi\n"),
		write("content/en/terms.md", "Terms\n"),
		write("content/id/terms.md", "Ketentuan\n"),
		write("content/pt-BR/privacy.md", "Privacidade\n"),
		write("content/imprint.md", "---\nlang: de\n---\nImpressum\n"),
	)))
	var have strings.Builder
	for _, p := range s.Policies {
		have.WriteString(p.ID + " " + p.URL + " " + p.Lang + " " + p.Path + "\n")
	}
	expect(t, have.String(), `
		id/privacy /id/privacy/ id content/privacy.id.md
		id/terms /id/terms/ id content/id/terms.md
		imprint /imprint/ de content/imprint.md
		privacy /privacy/ en content/privacy.md
		pt-br/privacy /pt-br/privacy/ pt-BR content/pt-BR/privacy.md
		terms /terms/ en content/en/terms.md`)
	page := s.file("privacy/index.html")
	for _, href := range []string{"../id/privacy/", "../pt-br/privacy/"} {
		if !strings.Contains(page, href) {
			t.Errorf("no link to %s on the page:\n%s", href, page)
		}
	}
	// Moving a text from a suffix to a folder changes neither id nor URL.
	r := repository(t,
		on("2021-01-01", settings("languages: [en, id]\n"), write("content/privacy.id.md", "Privasi\n")),
		on("2021-02-01", rename("content/privacy.id.md", "content/id/privacy.md")))
	expect(t, built(t, r).tell(), `
		id/privacy content/id/privacy.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, ) + move from content/privacy.id.md`)
}

// The introduction is no policy; its text stands on the home page.
func TestIntroduction(t *testing.T) {
	s := built(t, repository(t,
		on("2021-01-01", privacy("P\n"), write("content/index.md", "---\ntitle: T\n---\nWelcome to *our* policies.\n")),
		on("2021-02-01", write("content/index.md", "Hello.\n"))))
	if len(s.Policies) != 1 {
		t.Error(s.tell())
	}
	if text := strings.TrimSpace(policyText(t, s.file("index.html"))); text != "Hello." {
		t.Errorf("introduction: %q", text)
	}
	s.without("Welcome to")
}

// The site of a folder of the repository.
func TestSourceInASubfolder(t *testing.T) {
	r := repository(t, on("2021-01-01",
		write("site/policysite.yaml", "title: Sub\nstatic: files\n"), write("site/content/a.md", "A [b](b.pdf) [up](../../README.md)\n"), write("site/content/b.pdf", "pdf"),
		write("site/files/x.txt", "static file"), write("content/no.md", "forbidden\n"), write("README.md", "readme\n"), write("policysite.yaml", "title: Root\n")))
	s := built(t, r, func(o *builder.Options) { o.Source = r.Path("site") })
	expect(t, s.tell(), `
		a site/content/a.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, )`)
	if s.file("x.txt") != "static file" || !strings.Contains(s.file("index.html"), "Sub") {
		t.Error("the folder's own settings do not hold")
	}
	s.without("forbidden")
	// Without -d the site stands in the source folder.
	s = built(t, r, func(o *builder.Options) { o.Source, o.Destination = r.Path("site"), "" })
	if s.result.Destination != filepath.Join(r.Path("site"), "public") {
		t.Errorf("destination %s", s.result.Destination)
	}
}

// Content folders, named in every way.
func TestContentFolder(t *testing.T) {
	files := []act{write("a.md", "A\n"), write("content/b.md", "B\n"), write("legal/c.md", "C\n"), write("docs/x.txt", "x")}
	for _, test := range []struct{ settings, flag, want string }{
		{"", "", "b"},
		{"content: legal", "", "c"},
		{"content: ./legal/", "", "c"},
		{"content: .", "", "a content/b legal/c"},
		{"content: legal", "content", "b"},
		{"", ".", "a content/b legal/c"},
		{"", "./legal/", "c"},
		{"include: [a.md, legal/*]", "", "a legal/c"},
		{"exclude: [content/b.md]\ncontent: .", "", "a legal/c"},
	} {
		s := built(t, repository(t, on("2021-01-01", append(files, settings(test.settings+"\n"))...)), func(o *builder.Options) { o.Content = test.flag })
		var ids []string
		for _, p := range s.Policies {
			ids = append(ids, p.ID)
		}
		if strings.Join(ids, " ") != test.want {
			t.Errorf("%q with --content %q: %v, want %s", test.settings, test.flag, ids, test.want)
		}
	}
	for flag, want := range map[string]error{"nothing": errUsage, "../..": errUsage, "docs": errContent} {
		refused(t, repository(t, on("2021-01-01", files...)), want, func(o *builder.Options) { o.Content = flag })
	}
	// No content folder: the whole repository.
	s := built(t, repository(t, on("2021-01-01", write("a.md", "A\n"), write("x/b.md", "B\n"), write("README.md", "R\n"))))
	if len(s.Policies) != 2 {
		t.Error(s.tell())
	}
}

func TestBareRepositoryNeedsADestination(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("A\n")))
	bare := r.At(filepath.Join(t.TempDir(), "bare.git"))
	r.Git("clone", "-q", "--bare", r.Dir, bare.Dir)
	if _, err := builder.Build(t.Context(), options(bare)); !errors.Is(err, errUsage) || err.Error() != "a bare repository has no folder public" {
		t.Errorf("have %v", err)
	}
	expect(t, built(t, bare).tell(), built(t, r).tell())
}

// --rev builds any commit, with the settings of that commit.
func TestRevision(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("A\n"), settings("title: Old\n")),
		on("2021-02-01", privacy("B\n"), settings("title: New\n")))
	r.Git("tag", "-a", "v1", "-m", "x", "HEAD~1")
	for _, rev := range []string{"HEAD~1", "v1", r.Git("rev-parse", "HEAD~1"), r.Git("rev-parse", "--short", "HEAD~1")} {
		s := built(t, r, func(o *builder.Options) { o.Rev = rev })
		if s.Head != r.Git("rev-parse", "HEAD~1") || len(s.Policies[0].Versions) != 1 || !strings.Contains(s.file("index.html"), "Old") {
			t.Errorf("%s: head %s\n%s", rev, s.Head, s.tell())
		}
	}
	refused(t, r, errUsage, func(o *builder.Options) { o.Rev = "nothing" })
}

// What is not committed is not on the site, and is named.
func TestUncommittedIsNamed(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("A\n"), write(".gitignore", "/public/\nignored.md\n"), write("README.md", "x\n")))
	privacy("uncommittedword\n")(r)
	write("content/new.md", "uncommittedword\n")(r)
	write("content/ignored.md", "uncommittedword\n")(r)
	write("README.md", "y\n")(r)
	write("policysite.yaml", "title: uncommittedword\n")(r)
	write("static/x.txt", "uncommittedword\n")(r)
	s := built(t, r, func(o *builder.Options) { o.Destination = "" })
	s.without("uncommittedword")
	if have, want := strings.Join(s.result.Uncommitted, " "), "content/new.md content/privacy.md policysite.yaml static/x.txt"; have != want {
		t.Errorf("uncommitted: %s, want %s", have, want)
	}
	s = built(t, r, func(o *builder.Options) { o.Rev = "HEAD" })
	if s.result.Uncommitted != nil {
		t.Errorf("with --rev: %q", s.result.Uncommitted)
	}
}

// Static files and layouts come from the commit.
func TestStaticFilesAndLayouts(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("A\n"),
		write("static/.well-known/security.txt", "Contact: x\n"), write("static/robots-extra.txt", "  as  it is  \n"), link("static/link.txt", "robots-extra.txt"),
		write("layouts/partials/state.html", "own standing"), write("static/own.md", "own\n")))
	s := built(t, r)
	if s.file("robots-extra.txt") != "  as  it is  \n" || s.file(".well-known/security.txt") != "Contact: x\n" || s.has("link.txt") || s.file("own.md") != "own\n" {
		t.Error("static files are not as they were")
	}
	if w := s.result.Warnings; len(w) != 1 || w[0].Path != "static/link.txt" {
		t.Errorf("warnings: %v", w)
	}
	refused(t, r, errContent, func(o *builder.Options) { o.Strict = true })
	// A static file where a page stands is refused, by name.
	commit(r, on("2021-02-01", remove("static/link.txt"), write("static/privacy/index.html", "mine")))
	if have := refused(t, r, errContent); !strings.HasPrefix(have, "static/privacy/index.html: ") {
		t.Errorf("have %s", have)
	}
	commit(r, on("2021-03-01", remove("static/privacy"), write("layouts/policy.html", "{{ .Broken")))
	if have := refused(t, r, errContent); !strings.Contains(have, "layouts/policy.html") {
		t.Errorf("have %s", have)
	}
}

// A repository without a policy writes nothing.
func TestNoPolicy(t *testing.T) {
	for name, do := range map[string][]act{
		"no Markdown":     {write("a.txt", "x")},
		"only a README":   {write("README.md", "x")},
		"only a draft":    {privacy("---\ndraft: true\n---\nx\n")},
		"an introduction": {write("content/index.md", "x")},
	} {
		if have := refused(t, repository(t, on("2021-01-01", do...)), errContent); !strings.HasPrefix(have, "no policy in ") {
			t.Errorf("%s: %s", name, have)
		}
	}
}

// The destination is replaced as a whole, and only if it is ours.
func TestDestinationIsReplacedAsAWhole(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("A\n"), write("content/beta.md", "B\n")))
	s := built(t, r)
	if err := os.WriteFile(filepath.Join(s.dir, "CNAME"), []byte("example.com"), 0o644); err != nil {
		t.Fatal(err)
	}
	commit(r, on("2021-02-01", remove("content/beta.md")))
	again := built(t, r, func(o *builder.Options) { o.Destination = s.dir })
	if again.has("beta/index.html") || !again.has("privacy/index.html") || again.file("CNAME") != "example.com" {
		t.Error("the site was not replaced, or more than the site")
	}
	// A failure leaves the old site as it was.
	before := again.files()
	commit(r, on("2021-03-01", privacy("---\nchange: x\n---\n")))
	opt := options(r)
	opt.Destination = s.dir
	if _, err := builder.Build(t.Context(), opt); err == nil {
		t.Fatal("built")
	}
	for name, content := range again.files() {
		if before[name] != content {
			t.Errorf("%s was changed", name)
		}
		delete(before, name)
	}
	if len(before) > 0 {
		t.Errorf("gone: %v", before)
	}
	// A folder with something else is refused untouched.
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "mine.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	commit(r, on("2021-04-01", privacy("A\n")))
	for _, dir := range []string{other, r.Dir, r.Path("content")} {
		opt.Destination = dir
		if _, err := builder.Build(t.Context(), opt); err == nil || !errors.Is(err, errOutput) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if left, _ := os.ReadDir(other); len(left) != 1 || !s.has("privacy/index.html") {
		t.Error("a refused folder was changed")
	}
}
