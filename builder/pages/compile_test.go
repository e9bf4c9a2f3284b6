package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/layouts"
)

// nasty are texts of which the library escapes something, in one place or the other.
var nasty = []string{
	"", "plain", "javascript:alert(1)", "JavaScript:alert(1)", " javascript:x", "https://example.com/a?b=c&d=e#f", "https://a:b", "http://example.com/", "mailto:a@b", "data:text/html,x",
	"a:b/", "./a:b/", "/a:b", ":", "%", "%4", "%41", "%zz", "a%20b", "a b", "a+b", "a&amp;b", "&", "<", ">", `"`, "'", "`", "=", "\\", "</title>", "</script>", "<!--", "-->", "]]>", "<b>x</b>",
	"a\tb\nc\rd\ve\ff", "a\x00b", "\x7f\x1b", "é", "سياسة", "中文", "🙂", "e\u0301", "\u2028\u2029", "\u00a0", "\ufeff", "\ufdd0", "\uffff", "\ufffd", "\xff", "a\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80",
	"../../a-b_c.d~e/", "#~3", "#", "?q", "a;b,c", "(x)", "[x]", "{x}", "*!$@^|", "Don’t “quote”", "don't", "O'Neil & Søn", "1 + 1", strings.Repeat("x", 9000) + "<",
}

// contexts are the places in a page that have escapers of their own.
var contexts = []string{
	`{{.}}`, `<p title="{{.}}">`, `<p title='{{.}}'>`, `<p title={{.}}>`, `<title>{{.}}</title>`, `<textarea>{{.}}</textarea>`,
	`<a href="{{.}}">`, `<a href='{{.}}'>`, `<a href={{.}}>`, `<a href="#{{.}}">`, `<a href="/x?q={{.}}">`, `<a href="/x/{{.}}/y">`, `<img src="{{.}}">`, `<img srcset="{{.}}">`,
	`<meta content="0; url={{.}}">`, `<time datetime="{{.}}">`, `<p class="a {{.}}">`, `<p lang="{{.}}" dir="rtl">`, `<p {{.}}>`, `<p style="color: {{.}}">`, `<p onclick="f({{.}})">`,
	`<style>p { color: {{.}} }</style>`, `<style>p { content: "{{.}}" }</style>`, `<script>f({{.}})</script>`, `<script>f("{{.}}")</script>`, `<script>f(/{{.}}/)</script>`, "<script>f(`{{.}}`)</script>",
}

type (
	word      string
	spoken    string // fmt asks these for their texts
	failing   string
	verbose   string
	deep      struct{ Text string }
	of[T any] struct{ Value T }
)

func (s spoken) String() string                 { return "<" + string(s) + ">" }
func (s failing) Error() string                 { return "error: " + string(s) }
func (s verbose) Format(f fmt.State, verb rune) { fmt.Fprintf(f, "%c+%s", verb, string(s)) }
func (d deep) String() string                   { return "deep " + d.Text }

// pageOf is a page template of a theme, and the same for the library.
type pageOf struct {
	*compiled
	library *template.Template
}

func compiledPage(t testing.TB, page string) pageOf {
	t.Helper()
	theme, err := NewTheme(fstest.MapFS{"base.html": {}, "page.html": {Data: []byte(page)}}, nil, "layouts", nil)
	if err != nil {
		t.Fatal(err)
	}
	library, err := theme.templates["page.html"].Clone()
	if err != nil {
		t.Fatal(err)
	}
	return pageOf{theme.compiled["page.html"], library}
}

// asTheLibrary compares what a compiled template writes with what the library
// does, and says whether the library was needed.
func asTheLibrary(t *testing.T, c pageOf, data any) (compiled bool) {
	t.Helper()
	have, want := bytes.NewBufferString("before"), bytes.NewBufferString("before")
	done := c.execute(have, data)
	switch err := c.library.Execute(want, data); {
	case !done && have.String() != "before":
		t.Errorf("the compiled template has given up and written %q", have)
	case done && err != nil:
		t.Errorf("of %+v the compiled template writes %q, and the library says %v", data, have, err)
	case done && !bytes.Equal(have.Bytes(), want.Bytes()):
		t.Errorf("of %+v the compiled template writes %q, want %q", data, have, want)
	}
	return done
}

func TestEscapingIsTheLibrarys(t *testing.T) {
	for _, context := range contexts {
		texts := compiledPage(t, strings.ReplaceAll(context, "{{.}}", "{{.Value}}"))
		escape := func(data any) {
			c := texts
			if _, ok := data.(of[string]); !ok {
				c = compiledPage(t, strings.ReplaceAll(context, "{{.}}", "{{.Value}}"))
			}
			if !asTheLibrary(t, c, data) && c.err != nil {
				t.Errorf("%s of %T: %v", context, data, c.err)
			}
		}
		for _, s := range nasty {
			escape(of[string]{s})
		}
		for _, s := range []string{"plain", "<b a='x'>&amp;+</b>", "javascript:x"} {
			for _, data := range []any{
				of[word]{word(s)}, of[spoken]{spoken(s)}, of[failing]{failing(s)}, of[verbose]{verbose(s)}, of[deep]{deep{s}}, &of[deep]{deep{s}}, of[*deep]{&deep{s}}, of[*string]{&s}, of[*string]{},
				of[template.HTML]{template.HTML(s)}, of[template.CSS]{template.CSS(s)}, of[template.URL]{template.URL(s)}, of[template.JS]{template.JS(s)}, of[template.HTMLAttr]{template.HTMLAttr(s)},
				of[[]string]{[]string{s}}, of[map[string]int]{map[string]int{s: 1}},
			} {
				escape(data)
			}
		}
		for _, data := range []any{of[int]{0}, of[int]{-12345}, of[bool]{true}, of[float64]{1.5}, of[int8]{-1}, of[policy.Date]{date("2026-05-04")}, &of[policy.Date]{date("2026-05-04")}, of[time.Time]{}} {
			escape(data)
		}
	}
}

// Every character that counts as one that an escaper leaves alone is, also among
// others: what is known of an escaper is what it does to single bytes.
func TestEscapersLookAtOneCharacterAfterTheOther(t *testing.T) {
	for _, context := range contexts {
		c := compiledPage(t, strings.ReplaceAll(context, "{{.}}", "{{.Value}}"))
		c.execute(new(bytes.Buffer), of[string]{})
		for _, e := range c.escapings.made {
			if !e.plain {
				continue
			}
			var left strings.Builder
			for r := range utf8.MaxRune + 1 {
				if e.leaves(string(r)) {
					left.WriteString(string(r) + "a" + string(r))
				}
			}
			var out strings.Builder
			if err := e.library.Execute(&out, left.String()); err != nil || out.String() != left.String() {
				t.Errorf("%s: a string of what is left alone is not: %v", context, err)
			}
		}
	}
}

func FuzzEscapingIsTheLibrarys(f *testing.F) {
	var pages []pageOf
	for _, context := range contexts {
		pages = append(pages, compiledPage(f, strings.ReplaceAll(context, "{{.}}", "{{.Value}}")))
	}
	for _, s := range nasty {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range pages {
			asTheLibrary(t, c, of[string]{s})
		}
	})
}

// sample is data for templates of tests.
type sample struct {
	Name, Empty string
	Number      int
	Zero        int
	Big         int64
	Ratio       float64
	Yes, No     bool
	Kind        word
	List        []*sample
	Texts       []string
	Table       map[string]string
	Any         any
	Next, None  *sample
	Day         policy.Date
	Inner       struct{ Name string }
	hidden      string
	*Embedded
}

type Embedded struct{ Below string }

func (s *sample) Upper() string          { return strings.ToUpper(s.Name) }
func (s sample) Count() int              { return len(s.List) }
func (s *sample) Plus(n int) int         { return s.Number + n }
func (s *sample) Fails() (string, error) { return "", fmt.Errorf("it fails") }
func (s *sample) Panics() string         { panic("it panics") }
func (s *sample) Below2() *Embedded      { return s.Embedded }

func newSample() *sample {
	return &sample{
		Name: "A & B", hidden: "x", Number: 2, Big: 3, Ratio: 1.5, Yes: true, Kind: "kind", Day: date("2026-05-04"), Any: "any",
		List:  []*sample{{Name: "one", Embedded: &Embedded{"1"}}, {Name: "two", Next: &sample{Name: "<inner>"}}},
		Texts: []string{"x", "<y>", ""}, Table: map[string]string{"a": "b"}, Next: &sample{Name: "next", Number: 300}, Embedded: &Embedded{"below"},
	}
}

// Templates are compiled or not, but what they write is what the library does.
func TestCompiledTemplatesWriteWhatTheLibraryDoes(t *testing.T) {
	for _, c := range []struct {
		page     string
		compiled bool
	}{
		{`text`, true},
		{``, true},
		{`{{.Name}} {{.Number}} {{.Upper}} {{.Count}} {{.Next.Upper}} {{.Next.Number}} {{.Inner.Name}} {{.Below}} {{.Below2.Below}} {{$.Name}} {{.Kind}} {{.Day}} {{.Day.Long}} {{.Day.IsZero}}`, true},
		{`{{"constant <"}} {{12}} {{len .List}} {{len .Name}}`, true},
		{`<!-- comment --><p title="{{/* nothing */}}{{.Name}}">{{- .Name -}} </p>`, true},
		{`{{if .Yes}}a{{end}}{{if .No}}b{{else}}c{{end}}{{if .Name}}d{{end}}{{if .Empty}}e{{else if .Number}}f{{end}}{{if .None}}g{{else}}h{{end}}{{if .List}}i{{end}}{{if .None}}{{else}}{{if .Inner}}j{{end}}{{end}}`, true},
		{`{{with .Next}}{{.Name}} {{$.Name}}{{end}}{{with .None}}a{{else}}{{.Name}}{{end}}{{with .Name}}{{.}}{{end}}{{with .Zero}}{{.}}{{else}}{{.Number}}{{end}}{{with .Inner}}inner{{end}}`, true},
		{`{{with .None}}a{{else with .Next}}{{.Name}}{{end}}`, true},
		{`{{range .List}}<i>{{.Name}}{{with .Next}}{{.Name}}{{end}}</i>{{else}}none{{end}}{{range .Texts}}{{.}},{{end}}{{range .Next.List}}x{{else}}{{.Name}}{{end}}`, true},
		{`{{range $i, $x := .Texts}}{{if $i}}, {{end}}{{$i}} {{$x}} {{.}} {{$.Name}}{{end}}{{range $x := .List}}{{$x.Name}}{{end}}`, true},
		{`{{$x := .Name}}{{if .Yes}}{{$x}}{{$x := .Number}}{{$x}}{{end}}{{$x}}{{$y := not .Yes}}{{if $y}}a{{else}}b{{end}}{{$y}}{{with .Next}}{{$x := .Name}}{{$x}}{{end}}{{$x}}`, true},
		{`{{if eq .Number 2}}a{{end}}{{if eq .Number 1 2 3}}b{{end}}{{if ne .Name "x"}}c{{end}}{{if eq .Kind "kind" "x"}}d{{end}}{{if eq .Kind .Name}}e{{end}}{{if gt (len .List) 1}}f{{end}}{{if gt 1 (len .List)}}g{{end}}{{eq 1 1}}`, true},
		{`{{if and .Yes .Name (not .No)}}a{{end}}{{if or .No .Empty (eq .Number 3)}}b{{else}}c{{end}}{{if and .Yes .None .None.Name}}d{{end}}{{if or .Yes .None.Name}}e{{end}}{{or .Empty .Name}} {{or .Empty ""}} {{and .Name .Empty}} {{and .Name "last"}} {{if not (or .No .Zero)}}f{{end}}{{with or .None .Next}}{{.Name}}{{end}}`, true},
		{`{{define "x"}}[{{.Name}}{{$.Number}}{{with .Next}}{{template "x2" .}}{{end}}]{{end}}{{define "x2"}}{{$n := .Name}}{{$n}}{{end}}{{$k := .Number}}{{template "x" .}}{{template "x" .Next}}{{template "x2" .}}{{range .List}}{{template "x" .}}{{end}}{{$k}}`, true},
		{`{{define "x"}} lang="{{.Name}}"{{end}}{{define "y"}}{{.Name}}{{end}}<p{{template "x" .}} title="{{template "y" .}}"><a href="{{template "y" .}}">{{template "y" .}}{{template "x" .}}</a><title>{{template "y" .}}</title><script>f({{template "y" .}})</script>`, true},
		// What the compiler does not know:
		{`{{printf "%05d" .Number}}`, false},
		{`{{.Name | len}}`, false},
		{`{{.Name | html}}`, false},
		{`{{html .Name}}`, false},
		{`{{index .Table "a"}}{{.Table.a}}`, false},
		{`{{.Any}}`, false},
		{`{{if .Any}}a{{end}}`, false},
		{`{{if .Table}}a{{end}}`, false},
		{`{{if .Ratio}}a{{end}}`, false},
		{`{{eq .Big 3}}`, false},
		{`{{eq .Yes true}}`, false},
		{`{{.Plus 3}}`, false},
		{`{{(.Next).Name}}`, false},
		{`{{and .Name .Number}}`, false},
		{`{{1.5}}{{0x10}}{{'a'}}`, false},
		{`{{range 3}}x{{end}}`, false},
		{`{{range $k, $v := .Table}}{{$k}}{{end}}`, false},
		{`{{range .Texts}}{{break}}{{end}}`, false},
		{`{{range $x := .Next.Texts}}a{{else}}{{len $x}}{{end}}`, false},
		{`{{$x := 1}}{{if .Yes}}{{$x = 2}}{{end}}{{$x}}`, false},
		{`{{if $x := .Name}}{{$x}}{{end}}`, false},
		{`{{with $x := .Name}}{{$x}}{{end}}`, false},
		{`{{define "x"}}x{{with .Next}}{{template "x" .}}{{end}}{{end}}{{template "x" .}}`, false},
		{`{{define "x"}}x{{end}}{{template "x"}}`, false},
		// What fails:
		{`text{{.None.Name}}`, false},
		{`text{{.Next.Below}}`, false},
		{`text{{.Fails}}`, false},
		{`text{{.Panics}}`, false},
		{`text{{.Author}}`, false},
		{`text{{.hidden}}`, false},
		{`text{{range .List}}{{.Below}}{{end}}`, false},
		{`text{{eq .Name .Number}}`, false},
		{`text{{len .Number}}`, false},
		{`<a href='{{if .Yes}}"{{end}}>x`, false},
	} {
		if compiled := asTheLibrary(t, compiledPage(t, c.page), newSample()); compiled != c.compiled {
			t.Errorf("%s is compiled: %t, want %t", c.page, compiled, c.compiled)
		}
	}
}

// oddFixture is the fixture with what else can be true of policies and versions,
// and with characters that are escaped.
func oddFixture() []*policy.Policy {
	all := fixture()
	odd := `What "we" do & don't <keep>: 1 + 1`
	p := all[0]
	p.Description, p.Title = odd, odd
	v := p.Versions
	v[0].Carried, v[0].Title, v[0].Label = true, odd, `<3> & "4"`
	v[0].Statements = []policy.Statement{
		{Published: date("2019-05-05"), Effective: date("2019-05-06"), Seen: date("2019-05-07"), Evidence: "javascript:alert(1)", Summary: odd, Change: policy.Minor, ReplacedBy: odd, On: date("2020-01-01")},
		{Evidence: "https://example.com/a?b=c&d=e f+g%20h"},
	}
	v[1].PublishedOn, v[1].Published = true, v[1].Day
	v[1].Redactions = []policy.Redaction{{Whole: true, Reason: odd, Authority: "ما", Date: date("2025-01-01")}}
	v[3].Redactions = []policy.Redaction{{Reason: odd}}
	v[3].Summary, v[3].Published = odd, v[3].Day
	v[5].Kind, v[6].Draft = policy.Withdrawn, true
	v[1].Comparison, v[5].Comparison = nil, nil
	all[1].URL, all[1].Status, all[1].Gone = "/ar/سياسة/", policy.StatusWithdrawn, date("2025-01-01")
	all[1].Versions[1].Summary = `قال "نعم" & <لا>`
	return all
}

// What a compiled theme writes is what the library writes, and the library has
// to write none of it.
func TestDefaultThemeIsCompiled(t *testing.T) {
	for name, all := range map[string][]*policy.Policy{"fixture": fixture(), "odd": oddFixture()} {
		for _, config := range []Site{
			fixtureSite(all),
			{Preview: true, Lang: "ar", Places: fixtureSite(all).Places},
			{Title: `"T" & <i>`, Organization: "O'", BaseURL: "http://example.com/a b/", Generator: "g+", NoticeDays: 1, Timezone: "UTC", Lang: "en"},
		} {
			compiled, library := defaultTheme(t), defaultTheme(t)
			library.compiled = nil
			for name := range compiled.templates {
				compiled.templates[name] = template.Must(template.New(name).Parse("{{.NotCompiled}}"))
			}
			have, want := build(t, config, compiled, all, nil), build(t, config, library, all, nil)
			for file := range want {
				if have[file] != want[file] {
					t.Errorf("%s: %s differs from what the library writes", name, file)
				}
			}
			if len(have) != len(want) {
				t.Errorf("%s: %d files, want %d", name, len(have), len(want))
			}
			var alone, whole bytes.Buffer
			r := redlineOf(all[2], 1, policy.Comparison{Changes: 2, Added: 1, Sections: []policy.Section{{First: 1, Changes: 1}, {Heading: "<h>", First: 2}}})
			if err := compiled.Standalone(&alone, "old's.md", "new+.md", r); err != nil {
				t.Error(err)
			}
			if err := library.Standalone(&whole, "old's.md", "new+.md", r); err != nil {
				t.Error(err)
			}
			if whole.Len() == 0 || alone.String() != whole.String() {
				t.Error("the page of two files differs from what the library writes")
			}
		}
	}
}

// A theme of which a file is the user's is left to the library, and to its limits.
func TestThemesOfUsersAreNotCompiled(t *testing.T) {
	for file, compiled := range map[string]bool{"partials/mark.html": false, "more.html": false, "partials/more.html": false, "style.css": true} {
		theme, err := NewTheme(layouts.FS, own(map[string]string{file: "x"}), "layouts", nil)
		if err != nil {
			t.Fatal(err)
		}
		if (theme.compiled != nil) != compiled || (theme.bounded != nil) == compiled {
			t.Errorf("with %s of the user's: compiled: %t, want %t", file, theme.compiled != nil, compiled)
		}
	}
}

// What fails in a compiled template is reported by the library.
func TestCompiledTemplatesNameThePlaceOfAFailure(t *testing.T) {
	for page, want := range map[string]string{
		"one\ntwo {{.None.Name}}": `page.html:2:11: executing "page.html" at <.None.Name>: nil pointer evaluating *pages.sample.Name`,
		"one\n\n{{.Panics}}":      `page.html:3:2: executing "page.html" at <.Panics>: error calling Panics: it panics`,
		"one\n{{.Author}}":        `page.html:2:2: executing "page.html" at <.Author>: can't evaluate field Author in type *pages.sample`,
	} {
		theme, err := NewTheme(fstest.MapFS{"base.html": {}, "page.html": {Data: []byte(page)}}, nil, "layouts", nil)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := theme.execute(&out, "page.html", newSample()); err == nil || err.Error() != "theme: template: "+want {
			t.Errorf("%q: have %v, want %s", page, err, want)
		}
	}
}
