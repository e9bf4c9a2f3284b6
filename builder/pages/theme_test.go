package pages

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/layouts"
)

func own(contents map[string]string) map[string][]byte {
	out := map[string][]byte{}
	for name, content := range contents {
		out[name] = []byte(content)
	}
	return out
}

func TestFilesOfAThemeAreReplacedOneByOne(t *testing.T) {
	all := fixture()
	all[2].Layout = "plain"
	all[0].Layout = "home" // another generator's: the template of that name is not for policies
	all[3].Layout = "page" // another generator's: there is no such template
	theme, err := NewTheme(layouts.FS, own(map[string]string{
		"partials/mark.html":  `{{with .Mark}}[{{.}}]{{end}}`,
		"style.css":           "body { color: green }",
		"plain.html":          `<!DOCTYPE html><html lang="en"><title>{{.Page.Title}}</title><h1>{{.Policy.Title}}</h1><div data-policy-text>{{.Page.Text}}</div><a href="{{.Archive}}">all</a></html>`,
		"unrelated/list.html": `{{ .Broken`,
	}), "layouts", nil)
	if err != nil {
		t.Fatal(err)
	}
	before := build(t, fixtureSite(all), defaultTheme(t), all, nil)
	after := build(t, fixtureSite(all), theme, all, nil)
	if !strings.Contains(after["privacy/index.html"], "[minor]") || strings.Contains(after["privacy/index.html"], "Minor change") {
		t.Error("the partial was not replaced")
	}
	if !strings.Contains(after["privacy/index.html"], `<footer class="site">`) {
		t.Error("the frame was replaced, too")
	}
	if !strings.HasPrefix(after["terms/index.html"], `<!DOCTYPE html><html lang="en"><title>Terms of service</title><h1>Terms of service</h1><div data-policy-text>`+strings.ReplaceAll(string(textOf(all[2], 1).HTML), rootMark, "../")) {
		t.Error("the policy's own layout was not used")
	}
	if !strings.Contains(after["terms/eu/index.html"], "About this version") {
		t.Error("a policy with another generator's layout does not get the theme's")
	}
	if !theme.Has("plain") || theme.Has("page") || theme.Has("home") || theme.Has("") {
		t.Error("Has does not know the templates")
	}
	gone := func(s site) []string {
		return slices.DeleteFunc(slices.Sorted(maps.Keys(s)), func(name string) bool { return !strings.HasSuffix(name, "style.css") })
	}
	if a, b := gone(before), gone(after); len(b) != 1 || slices.Equal(a, b) {
		t.Errorf("the style sheet's address did not change with its content: %q, %q", a, b)
	}
}

func TestBrokenTemplatesNameTheirPlace(t *testing.T) {
	all := fixture()
	for _, c := range []struct{ name, content, want string }{
		{"policy.html", "{{define \"main\"}}\n\n{{if}}\n{{end}}", "theme/policy.html:3: "},
		{"policy.html", "{{define \"main\"}}\n<p>{{getenv \"HOME\"}}</p>{{end}}", "theme/policy.html:2: "},
		{"policy.html", "{{define \"main\"}}\n<p>{{.Version.Author}}</p>{{end}}", "theme/policy.html:2:"},
		{"redline.html", "{{define \"main\"}}{{.Redline.Author}}{{end}}", "theme/redline.html:1:"},
		{"since.html", "{{define \"main\"}}{{range .Between}}{{.Author}}{{end}}{{end}}", "theme/since.html:1:"},
		{"partials/mark.html", "\n\n{{.Tomorrow}}", "theme/partials/mark.html:3:"},
		{"partials/footer.html", "\n{{.Policy}}", "theme/partials/footer.html:2:"},
		{"snapshot.html", "{{define \"main\"}}\n<a href='{{if .Current}}\"{{end}}>x{{end}}", "theme/snapshot.html:"},
	} {
		theme, err := NewTheme(layouts.FS, own(map[string]string{c.name: c.content}), "theme", nil)
		if err == nil {
			c := New(fixtureSite(all), theme)
			for k := 0; k < len(all) && err == nil; k++ {
				err = c.Policy(all[k], textsOf(all[k]), site{}.emit(t))
			}
		}
		var problems policy.Problems
		if !errors.As(err, &problems) || len(problems) != 1 {
			t.Errorf("%s with %q: %v, want one problem", c.name, c.content, err)
			continue
		}
		if got := problems[0].Error(); !strings.HasPrefix(got, c.want) || problems[0].Hint == "" {
			t.Errorf("%s with %q: %s, want %s… and a hint", c.name, c.content, got, c.want)
		}
	}
}

func TestEveryBrokenTemplateIsReported(t *testing.T) {
	_, err := NewTheme(layouts.FS, own(map[string]string{"home.html": "{{", "base.html": "{{end}}"}), "layouts", nil)
	var problems policy.Problems
	if !errors.As(err, &problems) || len(problems) != 2 {
		t.Fatalf("have %v, want two problems", err)
	}
	if problems[0].Path != "layouts/base.html" || problems[1].Path != "layouts/home.html" {
		t.Errorf("problems of %s and %s", problems[0].Path, problems[1].Path)
	}
}
