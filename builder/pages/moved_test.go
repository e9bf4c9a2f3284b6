package pages

import (
	"math/rand/v2"
	neturl "net/url"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

func TestFormerAddressesLeadOn(t *testing.T) {
	out := buildFixture(t)
	for from, to := range map[string]string{
		"data-protection/index.html":                      "../privacy/",
		"data-protection/changes/index.html":              "../../privacy/changes/",
		"data-protection/2021-07-14-2/index.html":         "../../privacy/2021-07-14-2/",
		"data-protection/2021-07-14-2/changes/index.html": "../../../privacy/2021-07-14-2/changes/",
		"data-protection/2019-05-04/since/index.html":     "../../../privacy/2019-05-04/since/",
		"legal/privacy.html":                              "../privacy/",
	} {
		if !strings.Contains(out[from], `<meta http-equiv="refresh" content="0; url=`+to+`">`) || !strings.Contains(out[from], `<a href="`+to+`">`) {
			t.Errorf("%s does not lead to %s:\n%s", from, to, out[from])
		}
	}
	if out["data-protection/2019-05-04/index.md"] != out["privacy/2019-05-04/index.md"] {
		t.Error("the source does not stand at its former address")
	}
	if have, want := out["_redirects"], "/legal/legal/privacy.html /legal/privacy/ 301\n/legal/data-protection/* /legal/privacy/:splat 301\n"; have != want {
		t.Errorf("_redirects is\n%s\nwant\n%s", have, want)
	}
	if _, ok := out["data-protection/2019-05-04/changes/index.html"]; ok {
		t.Error("an address leads to a redline that does not exist")
	}
}

// TestLivingPageWins has a policy at the former URL of another one, which both
// have a version of the same day.
func TestLivingPageWins(t *testing.T) {
	moved := newPolicy("new", "New", fact{"2020-01-01", "2020-01-01", "2021-01-01", policy.Initial, "", ""}, fact{"2021-01-01", "2021-01-01", "", policy.Wording, "", ""})
	moved.Former = []string{"/old/", "/old/index.html", "/older/"}
	living := newPolicy("old", "Old", fact{"2021-01-01", "2021-01-01", "", policy.Initial, "", ""})
	compare(moved)
	other := newPolicy("other", "Other", fact{"2020-01-01", "2020-01-01", "", policy.Initial, "", ""})
	other.Former = []string{"/older/"}
	all := []*policy.Policy{moved, living, other}
	out := build(t, Site{Title: "T"}, defaultTheme(t), all, nil) // which fails when a file is written twice
	if strings.Contains(out["old/index.html"], "refresh") || strings.Contains(out["old/2021-01-01/index.html"], "refresh") {
		t.Error("a living page was replaced")
	}
	if string(sourceOf(living, 0)) != out["old/2021-01-01/index.md"] {
		t.Error("a living source was replaced")
	}
	if !strings.Contains(out["old/2020-01-01/index.html"], "url=../../new/2020-01-01/") {
		t.Error("an address below a living page, at which nothing lives, does not lead on")
	}
	if !strings.Contains(out["old/2021-01-01/changes/index.html"], "url=../../../new/2021-01-01/changes/") {
		t.Error("an address below a living version, at which nothing lives, does not lead on")
	}
	if !strings.Contains(out["older/index.html"], "url=../new/") {
		t.Error("the first policy to have had an address does not keep it")
	}
	// Lines for what most links lead to come first, splats last.
	if have, want := out["_redirects"], `
/old/2020-01-01/ /new/2020-01-01/ 301
/old/2020-01-01/since/ /new/2020-01-01/since/ 301
/old/2021-01-01/changes/ /new/2021-01-01/changes/ 301
/older/* /new/:splat 301
`; have != want[1:] {
		t.Errorf("_redirects is\n%s\nwant%s", have, want)
	}
}

func TestFilesForHosts(t *testing.T) {
	all := fixture()
	out := buildFixture(t)
	if !strings.Contains(out["robots.txt"], "Sitemap: https://example.com/legal/sitemap.xml\n") {
		t.Errorf("robots.txt: %s", out["robots.txt"])
	}
	for _, want := range []string{
		"<loc>https://example.com/legal/ar/privacy/</loc>",
		`<xhtml:link rel="alternate" hreflang="en" href="https://example.com/legal/privacy/">`,
		"<lastmod>2024-03-03</lastmod>",
	} {
		if !strings.Contains(out["sitemap.xml"], want) {
			t.Errorf("sitemap.xml lacks %s", want)
		}
	}
	if strings.Contains(out["sitemap.xml"], "cookies") || strings.Contains(out["sitemap.xml"], "2021-07-14/") {
		t.Error("sitemap.xml lists more than current pages")
	}
	config := fixtureSite(all)
	config.BaseURL = ""
	without := build(t, config, defaultTheme(t), all, nil)
	if _, ok := without["sitemap.xml"]; ok || strings.Contains(without["robots.txt"], "Sitemap") {
		t.Error("a site that does not know its address has a sitemap")
	}
	if !strings.Contains(without["404.html"], `href="/privacy/changes/"`) || !strings.Contains(out["404.html"], `href="/legal/privacy/changes/"`) {
		t.Error("404.html does not lead to the policies' archives from anywhere")
	}
	if theme := defaultTheme(t); !strings.Contains(out["404.html"], `href="/legal`+theme.styleURL+`"`) || strings.Contains(out["404.html"], "<style") {
		t.Error("404.html does not find its style from anywhere")
	}
	if _, ok := out[".nojekyll"]; !ok {
		t.Error("no .nojekyll")
	}
}

func TestHref(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"/", "/", "./"},
		{"/", "/privacy/", "privacy/"},
		{"/privacy/", "/", "../"},
		{"/privacy/", "/privacy/", "./"},
		{"/privacy/", "/privacy/changes/", "changes/"},
		{"/privacy/2021-07-14/", "/privacy/", "../"},
		{"/privacy/2021-07-14/", "/privacy/2024-03-03/", "../2024-03-03/"},
		{"/terms/eu/", "/terms-of-use/", "../../terms-of-use/"},
		{"/old/terms.html", "/terms/", "../terms/"},
		{"/old/terms.html", "/old/", "./"},
		{"/", "/سياسة/", "%D8%B3%D9%8A%D8%A7%D8%B3%D8%A9/"},
		{"/", "/assets/0/a b?.pdf", "assets/0/a%20b%3F.pdf"},
		{"/a/", "/a/b:c.pdf", "./b:c.pdf"},
	} {
		if got := Href(c.from, c.to); got != c.want {
			t.Errorf("Href(%q, %q) = %q, want %q", c.from, c.to, got, c.want)
		}
	}
	if got, want := AssetURL(strings.Repeat("0123456789abcdef", 4), "files/dpa.pdf"), "/assets/0123456789abcdef/dpa.pdf"; got != want {
		t.Errorf("AssetURL = %q, want %q", got, want)
	}
}

// Whatever the two pages are, a browser that follows the address gets there.
func TestHrefLeadsThere(t *testing.T) {
	names := []string{"a", "b", "a:b", "?#", "é", "2026-05-04", "%20", "a;b,c"}
	random := rand.New(rand.NewPCG(1, 2))
	url := func() string {
		u := "/"
		for range random.IntN(5) {
			u += names[random.IntN(len(names))] + "/"
		}
		if random.IntN(3) == 0 {
			u += names[random.IntN(len(names))]
		}
		return u
	}
	for range 20_000 {
		from, to := url(), url()
		at, err := neturl.Parse("https://example.com" + escapePath(from))
		if err != nil {
			t.Fatal(err)
		}
		there, err := at.Parse(Href(from, to))
		if err != nil || there.Path != to || there.Host != "example.com" {
			t.Fatalf("Href(%q, %q) = %q leads to %v, %v", from, to, Href(from, to), there, err)
		}
	}
}
