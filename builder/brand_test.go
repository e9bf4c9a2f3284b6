package builder_test

import (
	"slices"
	"strings"
	"testing"
)

func TestBrand(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01",
		write("policysite.yaml", `title: Legal
organization: Contoso
brand:
  logo: brand/logo.svg
  favicon: brand/logo.svg
  home: https://www.contoso.example/
  accent: "#fc0"
  links:
    Contact: https://www.contoso.example/contact
    Imprint: https://www.contoso.example/imprint
`),
		write("brand/logo.svg", `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>`),
		write("layouts/custom.css", "body { letter-spacing: .01em }"),
		write("layouts/policy.html", `{{define "main"}}<h1>{{.Policy.Title}}</h1><p>{{.Version.Record.Params.owner}}, {{index .Version.Record.Params.tags 1}}, {{.Version.Record.Params.office.city}}</p><div data-policy-text>{{.Page.Text}}</div>{{end}}`),
		write("content/privacy.md", "---\nparams:\n  owner: Legal team\n  tags: [a, b]\n  office:\n    city: Bern\n---\n# Privacy\n\nWe keep logs.\n"))))
	page := s.file("privacy/index.html")
	for _, want := range []string{
		`<img src="../assets/`, `logo.svg" alt="Legal"`, `<link rel="icon" href="../assets/`, `<a href="https://www.contoso.example/">contoso.example</a>`,
		`<li><a href="https://www.contoso.example/contact">Contact</a></li><li><a href="https://www.contoso.example/imprint">Imprint</a></li>`,
		`<meta name="theme-color" content="#ffcc00">`, `<meta property="og:site_name" content="Legal">`, "Legal team, b, Bern",
	} {
		if !strings.Contains(unquoted(page), unquoted(want)) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	style := ""
	for name, content := range s.files() {
		if strings.HasSuffix(name, "style.css") {
			style = content
		}
	}
	_, after, found := strings.Cut(style, ":root{--accent:#")
	if !found || !strings.Contains(after, "letter-spacing:.01em") || !strings.Contains(after, "#ffcc00") {
		t.Errorf("the style sheet does not end with the accent and the user's own: %q", style[max(0, len(style)-300):])
	}
	if !slices.ContainsFunc(s.result.Notes, func(n string) bool {
		return strings.HasPrefix(n, "the accent #ffcc00 has a contrast below 4.5:1 on the light ground, where #")
	}) || slices.ContainsFunc(s.result.Notes, func(n string) bool { return strings.Contains(n, "dark ground") }) {
		t.Errorf("notes: %q", s.result.Notes)
	}
}

// unquoted is HTML without the quotation marks that are left out where it is minified.
func unquoted(html string) string { return strings.ReplaceAll(html, `"`, "") }
