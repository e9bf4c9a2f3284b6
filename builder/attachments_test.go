package builder_test

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
)

const activeSVG = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert("activeword")</script></svg>`

// assets are the files below assets/ that are not the theme's.
func (s *site) assets() (out []string) {
	for name := range s.files() {
		if strings.HasPrefix(name, "assets/") && !strings.HasSuffix(name, "/style.css") && !strings.HasSuffix(name, "/script.js") {
			out = append(out, filepath.Base(name))
		}
	}
	return out
}

// What a text links to, and is not published, leaves the text of the link, and its
// author is told. That holds for the past, for later states of a file, and for
// what the way of a symbolic link hides.
func TestActiveFilesAreNotPublished(t *testing.T) {
	r := repository(t,
		on("2021-01-01",
			write("content/index.md", "# Us\n\n[Welcome](files/welcome.html)\n"),
			privacy("# Privacy\n\n[page](files/page.html) ![figure](files/figure.svg) [list](files/list.php) [key](.env) [good](files/good.svg) [way](files/way.txt) [other](terms.html)\n"),
			write("content/files/page.html", "<script>activeword</script>"), write("content/files/welcome.html", "activeword"), write("content/files/figure.svg", activeSVG),
			write("content/files/list.php", "<?php activeword"), write("content/.env", "KEY=activeword\n"), write("content/files/good.svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`),
			write("content/terms.md", "# Terms\n\nWords.\n"), write("content/terms.html", "<p>activeword"), link("content/files/way.txt", "../.env")),
		on("2021-02-01", write("content/files/good.svg", activeSVG)),
		on("2021-03-01", privacy("# Privacy\n\nNo links.\n")))
	s := built(t, r, func(o *builder.Options) { o.Rev = "HEAD~2" })
	var warnings []string
	for _, w := range s.result.Warnings {
		warnings = append(warnings, w.Error())
	}
	expect(t, strings.Join(warnings, "\n"), `
		content/index.md:3: the link "files/welcome.html" leads to a file that is not published: it is HTML, which may run scripts
		content/privacy.md:3: the link "files/page.html" leads to a file that is not published: it is HTML, which may run scripts
		content/privacy.md:3: the link "files/figure.svg" leads to a file that is not published: its XML has the element <script>, and may run scripts
		content/privacy.md:3: the link "files/list.php" leads to a file that is not published: web servers act on files of that name
		content/privacy.md:3: the link ".env" leads to a file that is not published: it is a dot file, or in a dot folder
		content/privacy.md:3: the link "files/way.txt" leads to a file that is not published: it is a dot file, or in a dot folder`)
	for _, at := range []string{"HEAD~2", "HEAD~1", "HEAD"} {
		s := built(t, r, func(o *builder.Options) { o.Rev = at })
		s.without("activeword")
		if have := s.assets(); len(have) != 1 || have[0] != "good.svg" {
			t.Errorf("%s: published are %q", at, have)
		}
		page := s.file("privacy/2021-01-01/index.html")
		if text := regexp.MustCompile(`(?s)data-policy-text.*`).FindString(page); strings.Contains(text, "page.html") || strings.Contains(text, "figure.svg") || !strings.Contains(text, "<a>page</a>") ||
			!strings.Contains(text, "good.svg") || !strings.Contains(text, `<a href="../../terms/">other</a>`) {
			t.Errorf("%s: the text is %s", at, text)
		}
		for _, v := range s.Policies[0].Versions {
			for _, a := range v.Attachments {
				if !strings.HasSuffix(a.URL, "/good.svg") {
					t.Errorf("%s: archive.json has %s", at, a.URL)
				}
			}
		}
	}
	site := load(t, live(t, options(r)))
	if content, err := site.File(context.Background(), "privacy/2021-01-01/index.html"); err != nil || strings.Contains(string(content), "figure.svg") {
		t.Errorf("serve shows %s, %v", content, err)
	}
}

// With html: trusted texts bring pages along; XML and what servers act on stay away.
func TestTrustedPagesArePublished(t *testing.T) {
	r := repository(t, on("2021-01-01", settings("html: trusted\n"),
		privacy("# Privacy\n\n[page](page.html) ![figure](figure.svg) [list](list.php)\n"),
		write("content/page.html", "<script>own</script>"), write("content/figure.svg", activeSVG), write("content/list.php", "<?php")))
	s := built(t, r)
	if have := s.assets(); len(have) != 1 || have[0] != "page.html" || len(s.result.Warnings) != 2 {
		t.Errorf("published are %q, and warnings %v", have, s.result.Warnings)
	}
}

// What the user puts into static/ is the user's own.
func TestStaticFilesAreTheUsers(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01", privacy("# Privacy\n\n[page](/page.html)\n"), write("static/page.html", "<script>own</script>"), write("static/own.svg", activeSVG))))
	if !s.has("page.html") || !s.has("own.svg") || len(s.result.Warnings) > 0 || !strings.Contains(s.file("privacy/index.html"), `href="../page.html"`) {
		t.Errorf("warnings %v", s.result.Warnings)
	}
}

// A previous site that published more does not bring it back.
func TestActiveFilesAreNotKept(t *testing.T) {
	r := repository(t,
		on("2021-01-01", settings("html: trusted\n"), privacy("# Privacy\n\n[page](page.html) [good](good.pdf)\n"), write("content/page.html", "<script>activeword</script>"), write("content/good.pdf", "%PDF-1.4")),
		on("2021-02-01", privacy("# Privacy\n\nOther words.\n")))
	was := built(t, r)
	if len(was.assets()) != 2 {
		t.Fatal(was.assets())
	}
	// The history begins anew: the first version is carried forward.
	r = repository(t, on("2021-02-01", settings("html: sanitize\n"), privacy("# Privacy\n\nOther words.\n")))
	s := built(t, r, func(o *builder.Options) { o.Previous = was.dir })
	s.without("activeword")
	if have := s.assets(); len(have) != 1 || have[0] != "good.pdf" || len(s.notes("page.html")) != 1 {
		t.Errorf("published are %q, and notes %q", have, s.result.Notes)
	}
	if page := s.file("privacy/2021-01-01/index.html"); !strings.Contains(page, "good.pdf") || strings.Contains(page, "page.html") {
		t.Errorf("the page is %s", page)
	}
}
