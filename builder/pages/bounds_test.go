package pages

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/cputime"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/layouts"
)

// renderWith makes the pages of the first policy of the fixture with a template of
// the user's.
func renderWith(t *testing.T, name, content string) error {
	t.Helper()
	all := fixture()
	theme, err := NewTheme(layouts.FS, own(map[string]string{name: content}), "layouts", nil)
	if err != nil {
		return err
	}
	return New(fixtureSite(all), theme).Policy(all[0], textsOf(all[0]), site{}.emit(t))
}

func main(body string) string { return `{{define "main"}}` + body + `{{end}}` }

// Templates come with the repository, and whoever builds another's may not be
// at their mercy: what has no end is an error that names the place.
func TestTemplatesHaveLimits(t *testing.T) {
	doubling := func(f string) string {
		return main("{{$x := `''''%%%%&&&&`}}{{range 60}}{{$x = " + f + "}}{{end}}{{len $x}}")
	}
	const steps, strs, calls = "the page takes more than 5000000 steps: a loop with too many rounds", "the page makes strings of more than 16 MiB", "templates call one another more than 1000 deep"
	branches := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `{{define "t%d"}}{{template "t%d"}}{{template "t%d"}}{{end}}`, i, i+1, i+1)
		}
		return b.String() + fmt.Sprintf(`{{define "t%d"}}{{end}}`, n)
	}
	for _, c := range []struct{ name, content, want string }{
		{"loop that writes nothing", main("{{range 10000000000}}{{end}}"), "layouts/policy.html:1:39: " + steps},
		{"loops in loops", main(strings.Repeat("{{range 10000}}", 8) + strings.Repeat("{{end}}", 8)), steps},
		{"loop around an expression", main("{{range 10000000000}}{{if and (eq 1 1) (lt 1 2) (not false)}}{{end}}{{end}}"), steps},
		{"loop that writes", main("{{range 10000000000}}12345678901234567890123456789012345678901234567890{{end}}"), "the page is larger than 32 MiB"},
		{"10 GB", main(`{{range 10000000}}{{printf "%1000d" .}}{{end}}`), strs},
		{"too many loops in one another", main(strings.Repeat("{{range .}}<a href='{{.}}'>", 9) + strings.Repeat("{{end}}", 9)), `layouts/policy.html: template "main" has more than 8 loops in one another`},
		{"recursion", main(`{{template "main" .}}`), calls},
		{"recursion of two", `{{define "a"}}{{template "main" .}}{{end}}` + main(`{{template "a" .}}`), calls},
		{"recursion that branches", branches(60) + main(`{{template "t0"}}`), steps},
		{"recursion with a string at each level", main(`{{with printf "%s%s" . "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}{{template "main" .}}{{end}}`), "layouts/policy.html"},
		{"width", main(`{{range 1000}}{{printf "%1000000d" .}}{{end}}`), strs},
		{"width of an argument", main(`{{range 1000}}{{printf "%*d" 1000000 .}}{{end}}`), strs},
		{"precision", main(`{{range 1000}}{{printf "%.1000000f" 1.0}}{{end}}`), strs},
		{"string doubled by printf", doubling("printf `%s%s` $x $x"), strs},
		{"string repeated by one printf", main("{{$x := printf `%1000000d` 1}}{{printf `" + strings.Repeat("%[1]s", 20_000) + "` $x}}"), strs},
		{"string doubled by print", doubling("print $x $x"), strs},
		{"string doubled by println", doubling("println $x $x"), strs},
		{"string doubled by js", doubling("js $x"), strs},
		{"string doubled by html", doubling("html $x $x"), strs},
		{"string doubled by urlquery", doubling("urlquery $x $x"), strs},
		{"values printed", main("{{range 100000}}{{$x := print $}}{{end}}"), strs},
		{"values printed by one printf", main("{{$x := printf `" + strings.Repeat("%[1]v", 40_000) + "` $}}"), strs},
		{"large file", main(strings.Repeat("{{/* x */}}\n", 30_000)), "layouts/policy.html: is larger than 256 KiB"},
		{"deep file", main(strings.Repeat("{{if 1}}", 16_000) + strings.Repeat("{{end}}", 16_000)), ""},
		{"deep expression", main("{{" + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000) + "}}"), "layouts/policy.html:1: max expression depth exceeded"},
		{"text twice", main("<div data-policy-text>{{.Page.Text}}{{.Page.Text}}</div>"), "the page has its .Text twice, which must stand in one element"},
		{"files", main(`{{readFile "/etc/passwd"}}`), `layouts/policy.html:1: function "readFile" not defined`},
		{"environment", main(`{{env "HOME"}}`), `layouts/policy.html:1: function "env" not defined`},
		{"network", main(`{{getJSON "https://example.com/"}}`), `layouts/policy.html:1: function "getJSON" not defined`},
		{"what counts", main(`{{leaveTemplate 1}}`), `layouts/policy.html:1: function "leaveTemplate" not defined`},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := cputime.Used()
			err := renderWith(t, "policy.html", c.content)
			if took := cputime.Used() - start; took > 10*cputime.Second() {
				t.Errorf("took %v of processor time", took)
			}
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var problems policy.Problems
			if !errors.As(err, &problems) || len(problems) != 1 || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(problems[0].Path, "layouts") || problems[0].Hint == "" {
				t.Errorf("have %.300v, want %s", err, c.want)
			}
		})
	}
}

// A partial of the user's is to blame where it is, and the folder where the
// place is not known.
func TestLimitsNameTheUsersFile(t *testing.T) {
	err := renderWith(t, "partials/mark.html", `{{range 10000000000}}{{end}}`)
	if err == nil || !strings.HasPrefix(err.Error(), "layouts/partials/mark.html:1:") {
		t.Errorf("have %v", err)
	}
	err = renderWith(t, "partials/mark.html", `{{range 10000000}}12345678901234567890123456789012345678901234567890{{end}}`)
	if err == nil || !strings.HasPrefix(err.Error(), "layouts: ") || !strings.HasSuffix(err.Error(), "the page is larger than 32 MiB") {
		t.Errorf("have %v", err)
	}
}

// Counting changes nothing: pages of a theme with own files have the bytes
// that they have without limits.
func TestLimitsChangeNoByte(t *testing.T) {
	all := fixture()
	content := map[string]string{}
	for _, name := range []string{"policy.html", "changes.html", "partials/mark.html", "home.html"} {
		file, err := layouts.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		content[name] = string(file)
	}
	theme, err := NewTheme(layouts.FS, own(content), "layouts", nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, bounded := build(t, fixtureSite(all), defaultTheme(t), all, nil), build(t, fixtureSite(all), theme, all, nil)
	if len(plain) != len(bounded) {
		t.Errorf("%d files and %d", len(plain), len(bounded))
	}
	for name, page := range plain {
		if bounded[name] != page {
			t.Errorf("%s differs", name)
		}
	}
}
