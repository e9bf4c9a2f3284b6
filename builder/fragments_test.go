package builder_test

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/pages"
)

// fragments builds what another site mounts.
func fragments(opt *builder.Options) { opt.Fragments = true }

// Fragments have no page around them, no name that could clash, and no address that
// depends on the page they are on; they say what the pages of a site say.
func TestFragments(t *testing.T) {
	r := repository(t, append(policies(),
		on("2024-05-01", write("content/terms.md", "# Terms\n\nSee [contact](#contact), [privacy](privacy.md#privacy) and [a list](list.csv#row=2).\n\n## Contact\n\nWrite.[^1]\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n[^1]: By post.\n"), write("content/list.csv", "a,b\n"), write("static/own.txt", "own\n")),
		on("2024-06-01", rename("content/privacy.md", "content/data.md")))...)
	s, whole := built(t, r, fragments), built(t, r)
	if result, err := builder.Verify(context.Background(), s.dir, r.Dir, options(r)); err != nil || len(result.Differences) > 0 || !result.Rebuilt {
		t.Errorf("verify: %v %+v", err, result)
	}
	names := map[string]bool{}
	for name := range s.files() {
		names[name] = true
	}
	seen := 0
	for name := range names {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		seen++
		content := s.file(name)
		at := &url.URL{Path: "/legal/" + strings.TrimSuffix(name, "index.html")}
		var about struct{ URL, Title, Description, Canonical, Robots, Lang, Dir string }
		if err := json.Unmarshal([]byte(s.file(strings.TrimSuffix(name, "html")+"json")), &about); err != nil {
			t.Fatal(err)
		}
		page := whole.file(name)
		if about.URL != at.EscapedPath() || about.Canonical != "https://www.example.com"+about.URL || about.Lang != "en" || about.Dir != "ltr" ||
			strings.Contains(page, "noindex") != (about.Robots == "noindex") || !strings.Contains(page, "<title>"+about.Title) && name != "index.html" {
			t.Errorf("%s: %+v", name, about)
		}
		z := html.NewTokenizer(strings.NewReader(content))
		ids, wanted := map[string]bool{}, []string{}
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			token := z.Token()
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			switch token.Data {
			case "html", "head", "body", "main", "script", "style", "link", "meta":
				t.Errorf("%s has <%s>", name, token.Data)
			}
			for _, a := range token.Attr {
				switch a.Key {
				case "class":
					for _, class := range strings.Fields(a.Val) {
						if class != "policysite" && !strings.HasPrefix(class, "ps-") {
							t.Errorf("%s has the class %s", name, class)
						}
					}
				case "id":
					if ids[a.Val] = true; !strings.HasPrefix(a.Val, "ps-") && a.Val[0] != '~' {
						t.Errorf("%s has the id %s", name, a.Val)
					}
				case "aria-labelledby":
					wanted = append(wanted, a.Val)
				case "href", "src":
					to, err := url.Parse(a.Val)
					if err != nil {
						t.Fatal(err)
					}
					if to.Host != "" {
						continue
					}
					if to.Path == "" {
						wanted = append(wanted, to.Fragment)
						continue
					}
					file, inside := strings.CutPrefix(to.Path, "/legal/")
					if file == "" || strings.HasSuffix(file, "/") {
						file += "index.html"
					}
					if !inside || !names[file] {
						t.Errorf("%s leads to %s, where nothing is", name, a.Val)
					}
					if id := to.Fragment; id != "" && strings.HasSuffix(file, ".html") && !strings.Contains(s.file(file), `id="`+id+`"`) {
						t.Errorf("%s leads to %s, which has no such id", name, a.Val)
					}
				}
			}
		}
		for _, id := range wanted {
			if !ids[id] {
				t.Errorf("%s leads to #%s, which it does not have", name, id)
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d fragments", seen)
	}
	for _, name := range []string{"404.html", "robots.txt", "_headers", "sitemap.xml", "privacy/index.html"} {
		if names[name] {
			t.Errorf("%s is there, which is the matter of the site that mounts fragments", name)
		}
	}
	for _, name := range []string{"own.txt", "data/2024-01-01/index.md", "archive.json", "feed.atom", "terms/current.json", "policysite.css"} {
		if !names[name] {
			t.Errorf("%s is not there", name)
		}
	}
	if rules := s.file("_redirects"); !strings.Contains(rules, "/legal/privacy/* /legal/data/:splat 301\n") {
		t.Errorf("_redirects has\n%s", rules)
	}
	// The class of every rule is one that fragments have.
	style := s.file(pages.FragmentStyle)
	if found := regexp.MustCompile(`[^\w-]\.(?:[a-z][\w-]*)`).FindAllString(style, -1); len(found) < 300 {
		t.Errorf("%d classes in the style sheet", len(found))
	} else {
		for _, class := range found {
			if class = class[1:]; class != ".policysite" && !strings.HasPrefix(class, ".ps-") {
				t.Errorf("the style sheet is about %s", class)
			}
		}
	}
}
