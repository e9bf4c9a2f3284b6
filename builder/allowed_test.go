package builder_test

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder/history/historytest"
)

// allowed is what the pages of a site say that they may load, by their paths,
// and what _headers says of all of them and of the files that texts link to.
func (s *site) allowed() (pages map[string]string, all, assets string) {
	pages = map[string]string{}
	for name, content := range s.files() {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		pages[name] = ""
		for z := html.NewTokenizer(strings.NewReader(content)); z.Next() != html.ErrorToken; {
			token := z.Token()
			attributes := map[string]string{}
			for _, a := range token.Attr {
				attributes[a.Key] = a.Val
			}
			if token.Data == "meta" && attributes["http-equiv"] == "Content-Security-Policy" {
				pages[name] = attributes["content"]
			}
		}
	}
	rule := ""
	for line := range strings.Lines(s.file("_headers")) {
		if value, ok := strings.CutPrefix(line, "  Content-Security-Policy: "); !ok && line[0] == '/' {
			rule = strings.TrimSpace(line)
		} else if ok && strings.HasSuffix(rule, "/assets/*") {
			assets += strings.TrimSpace(value)
		} else if ok {
			all += strings.TrimSpace(value)
		}
	}
	return pages, all, assets
}

func allowedRepository(t *testing.T, more ...act) *historytest.Repo {
	return repository(t,
		on("2021-01-01", append(more, privacy("# Privacy\n\nWords.\n"), write("content/old.md", "# Terms\n\n![Seal](HTTPS://images.example/seal.png)\n"))...),
		on("2021-02-01", privacy("# Privacy\n\nOther words.\n"), rename("content/old.md", "content/terms.md")))
}

const (
	tight = "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"
	loose = "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:"
)

func TestPagesSayWhatTheyMayLoad(t *testing.T) {
	pages, all, assets := built(t, allowedRepository(t)).allowed()
	if all != loose || assets != "sandbox" {
		t.Errorf("_headers says %q, and of attachments %q", all, assets)
	}
	remote := regexp.MustCompile(`^terms/(2021-01-01/|origins/)?index\.html$`)
	for name, have := range pages {
		if want := map[bool]string{true: loose, false: tight}[remote.MatchString(name)]; have != want {
			t.Errorf("%s may load %q, want %q", name, have, want)
		}
	}
	if len(pages) < 9 {
		t.Errorf("%d pages", len(pages))
	}
}

func TestTrustedTextsLoadWhatTheyWant(t *testing.T) {
	pages, all, assets := built(t, allowedRepository(t, settings("html: trusted\n"))).allowed()
	for name, have := range pages {
		if have != "" {
			t.Errorf("%s may load %q", name, have)
		}
	}
	if all != "" || assets != "sandbox" {
		t.Errorf("_headers says %q, and of attachments %q", all, assets)
	}
}

// One partial of the user's decides for pages and for _headers.
func TestUsersDecideWhatPagesMayLoad(t *testing.T) {
	pages, all, _ := built(t, allowedRepository(t, write("layouts/partials/content-security-policy.html", "default-src 'self';\n  frame-src https://video.example\n"))).allowed()
	for name, have := range pages {
		if strings.Join(strings.Fields(have), " ") != all {
			t.Errorf("%s may load %q, and _headers says %q", name, have, all)
		}
	}
	if all != "default-src 'self'; frame-src https://video.example" {
		t.Errorf("_headers says %q", all)
	}
	// A template of the user's that shows an image of another host goes on doing so.
	pages, _, _ = built(t, allowedRepository(t, write("layouts/partials/footer.html", `<footer class="site"><img src="https://images.example/logo.png" alt="Logo"></footer>`))).allowed()
	if have := pages["privacy/index.html"]; have != loose {
		t.Errorf("a page with an image of the layout may load %q", have)
	}
}

// _headers and _redirects of the user's follow those of the site.
func TestLinesOfHostFilesAreAppended(t *testing.T) {
	s := built(t, allowedRepository(t,
		write("static/_headers", "/downloads/*\n  X-Robots-Tag: noindex\n"), write("static/_redirects", "/legal /terms/ 302")))
	if have := s.file("_headers"); !strings.HasPrefix(have, "/*\n  X-Content-Type-Options: nosniff\n") || !strings.HasSuffix(have, "\n/downloads/*\n  X-Robots-Tag: noindex\n") {
		t.Errorf("_headers is %q", have)
	}
	if have := s.file("_redirects"); !strings.HasPrefix(have, "/old/* /terms/:splat 301\n") || !strings.HasSuffix(have, "\n/legal /terms/ 302") {
		t.Errorf("_redirects is %q", have)
	}
	if len(s.result.Warnings) > 0 {
		t.Error(s.result.Warnings)
	}
}
