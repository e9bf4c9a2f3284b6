package builder_test

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder"
)

// hrefs are the addresses of the links and images in a policy's text on a
// page, permalinks of headings apart, in order.
func hrefs(t testing.TB, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	var visit func(n *html.Node, inside bool)
	visit = func(n *html.Node, inside bool) {
		if _, ok := attribute(n, "data-note"); ok {
			return
		}
		if _, ok := attribute(n, "data-policy-text"); ok {
			inside = true
		}
		if n.Type == html.ElementNode && inside && (n.Data == "a" || n.Data == "img") {
			href, ok := attribute(n, map[string]string{"a": "href", "img": "src"}[n.Data])
			if !ok {
				href = "nowhere"
			}
			out = append(out, href)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c, inside)
		}
	}
	visit(root, false)
	return out
}

func TestLinksBetweenTexts(t *testing.T) {
	tests := []struct {
		link, want string // as written; from /terms/eu/
		warning    string // of content/terms/eu.md
	}{
		{"../privacy.md", "/privacy/", ""},
		{"../privacy", "/privacy/", ""},
		{"../privacy.html", "/privacy/", ""},
		{"/privacy.md", "/privacy/", ""},
		{"/privacy/", "/privacy/", ""},
		{"/content/privacy.md", "/privacy/", ""},
		{"../../privacy/", "/privacy/", ""}, // as pages stand to each other
		{"../privacy.md#who-we-are", "/privacy/#who-we-are", ""},
		{"../privacy.md#user-content-who-we-are", "/privacy/#who-we-are", ""},
		{"../privacy.md#Who-We-Are", "/privacy/#who-we-are", ""},
		{"../privacy.md?plain=1#who-we-are", "/privacy/#who-we-are", ""},
		{"#scope", "/terms/eu/#scope", ""},
		{"eu.md#scope", "/terms/eu/#scope", ""},
		{"#", "/terms/eu/", ""},
		{"us/index.md", "/terms/us/", ""},
		{"us/", "/terms/us/", ""},
		{"us", "/terms/us/", ""},
		{"../index.md", "/", ""},
		{"..%2Fprivacy%2Emd", "/privacy/", ""},
		{"https://example.com/x", "https://example.com/x", ""},
		{"//example.com/x", "https://example.com/x", ""},
		{"mailto:legal@example.com", "mailto:legal@example.com", ""},
		{"tel:+4912345", "tel:+4912345", ""},
		{"javascript:alert(1)", "nowhere", "javascript"},
		{"data:text/html,x", "nowhere", `"data"`},
		{"nothing.md", "nowhere", `the link "nothing.md" leads to no file of the commit`},
		{"../../../../etc/passwd", "nowhere", `the link "../../../../etc/passwd" leads to no file of the commit`},
		{"/privacy/2020-01-01-2/changes/", "nowhere", `the link "/privacy/2020-01-01-2/changes/" leads to the page of a version`},
		{"2020-01-01/", "nowhere", `the link "2020-01-01/" leads to the page of a version`},
		{"/other/2020-01-01/", "nowhere", `the link "/other/2020-01-01/" leads to no file of the commit`},
		{"#nothing", "/terms/eu/", `the link "#nothing" leads to the page, which has no such heading`},
		{"plan.md", "nowhere", `the link "plan.md" leads to a policy that is not on the site`},
	}
	var text strings.Builder
	text.WriteString("# Scope\n\n")
	for _, test := range tests {
		fmt.Fprintf(&text, "[x](%s)\n\n", test.link)
	}
	r := repository(t, on("2021-01-01",
		write("content/terms/eu.md", text.String()),
		write("content/terms/us/index.md", "U\n"),
		write("content/terms/plan.md", "---\ndraft: true\n---\nPlan\n"),
		write("content/index.md", "Welcome to [privacy](privacy.md).\n"),
		privacy("# Privacy\n\n## Who we are\n\nWe.\n"),
	))
	s := built(t, r)
	for _, page := range []string{"/terms/eu/", "/terms/eu/2021-01-01/"} {
		have := hrefs(t, s.file(page[1:]+"index.html"))
		if len(have) != len(tests) {
			t.Fatalf("%s: %d links: %q", page, len(have), have)
		}
		for i, test := range tests {
			// A text's own page is the snapshot on the snapshot.
			want := strings.Replace(test.want, "/terms/eu/", page, 1)
			if have[i] != "nowhere" {
				have[i] = resolve(t, page, have[i])
			}
			if have[i] != want {
				t.Errorf("%s: %q leads to %q, want %q", page, test.link, have[i], want)
			}
		}
	}
	if have := hrefs(t, s.file("index.html")); !slices.Equal(have, []string{"./privacy/"}) {
		t.Errorf("the introduction links to %q", have)
	}
	for i, test := range tests {
		var have []string
		for _, w := range s.result.Warnings {
			if w.Path == "content/terms/eu.md" && w.Line == 3+2*i {
				have = append(have, w.Message)
			}
		}
		if (test.warning == "") != (len(have) == 0) || len(have) > 1 || len(have) == 1 && !strings.Contains(have[0], test.warning) {
			t.Errorf("%q on line %d warns %q, want %q", test.link, 3+2*i, have, test.warning)
		}
	}
	if _, broken := checkLinks(htmlPages(s), reader(s)); len(broken) > 0 {
		t.Errorf("broken on the site:\n%s", strings.Join(broken, "\n"))
	}
	// Strict, every one of them is an error, with its line.
	have := strings.Split(refused(t, r, errContent, func(o *builder.Options) { o.Strict = true }), "\n")
	if len(have) != len(s.result.Warnings) || !strings.HasPrefix(have[0], "content/terms/eu.md:") {
		t.Errorf("strict: %q", have)
	}
}

// resolve is the URL that an address on a page means, without its origin.
func resolve(t testing.TB, page, href string) string {
	t.Helper()
	base := &url.URL{Scheme: "https", Host: "site", Path: page}
	to, err := base.Parse(href)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(to.String(), "https://site")
}

func htmlPages(s *site) (out []string) {
	for name := range s.files() {
		if strings.HasSuffix(name, ".html") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func reader(s *site) func(string) (string, bool) {
	files := s.files()
	return func(p string) (string, bool) { c, ok := files[p]; return c, ok }
}

// Links of old versions are those of the repository as it was then.
func TestLinksOfThePast(t *testing.T) {
	s := built(t, repository(t,
		on("2021-01-01", privacy("[t](tos.md#rules) [old](gone.md)\n"), write("content/tos.md", "# Terms\n\n## Rules\n"), write("content/gone.md", "Gone\n")),
		on("2021-02-01", rename("content/tos.md", "content/terms.md"), remove("content/gone.md"), privacy("[t](terms.md#rules)\n")),
	))
	for page, want := range map[string][]string{
		"privacy/2021-01-01/index.html": {"../../terms/#rules", "nowhere"},
		"privacy/2021-02-01/index.html": {"../../terms/#rules"},
	} {
		if have := hrefs(t, s.file(page)); !slices.Equal(have, want) {
			t.Errorf("%s: %q, want %q", page, have, want)
		}
	}
	if len(s.result.Warnings) > 0 {
		t.Errorf("the past warns: %q", s.result.Warnings.Error())
	}
}

// On the redline of a long text a heading may be folded away: a link to it leads to the
// page that has it.
func TestLinksOnRedlinesLeadToTheSnapshot(t *testing.T) {
	text := func(word string) string {
		return word + " see [far below](#far).\n\n" + strings.ReplaceAll(lines("alpha", 40), "\n", "\n\n") + "# Far\n\n" + strings.ReplaceAll(lines("beta", 2000), "\n", "\n\n")
	}
	s := built(t, repository(t, on("2021-01-01", privacy(text("Please"))), on("2021-02-01", privacy(text("Do"))), on("2021-03-01", privacy(text("Kindly")))))
	if page := s.file("privacy/2021-02-01/changes/index.html"); strings.Contains(page, "alpha number 20") || strings.Contains(page, "id=far") {
		t.Error("nothing is folded on the redline")
	}
	if _, broken := checkLinks(htmlPages(s), reader(s)); len(broken) > 0 {
		t.Errorf("broken:\n%s", strings.Join(broken, "\n"))
	}
}

// Linked files are copied as they were in each version, once per content, with
// what became of them while the version was the latest.
func TestAttachmentsAreThoseOfTheVersion(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("A [dpa](files/dpa.pdf) ![chart](/files/chart.png)\n"), write("content/files/dpa.pdf", "one"), write("content/files/chart.png", "chart"), write("content/files/unlinked.pdf", "unlinked")),
		on("2021-02-01", write("content/files/dpa.pdf", "two")),
		on("2021-03-01", privacy("B [dpa](files/dpa.pdf)\n")),
		on("2021-04-01", privacy("C\n")),
		on("2021-05-01", write("content/files/dpa.pdf", "three"), remove("content/files/chart.png")),
		on("2021-06-01", privacy("D [dpa](files/dpa.pdf)\n")),
		on("2021-07-01", remove("content/files/dpa.pdf"), privacy("E\n")),
	)
	s := built(t, r)
	commits := strings.Fields(r.Git("log", "--reverse", "--format=%H"))
	asset := func(content, name string) string {
		return fmt.Sprintf("/assets/%x/%s", sha256.Sum256([]byte(content)), name)[:len("/assets/")+16] + "/" + name
	}
	type state struct{ content, name, commit string }
	want := map[string][]state{
		"2021-01-01": {{"one", "dpa.pdf", commits[0]}, {"two", "dpa.pdf", commits[1]}, {"chart", "chart.png", commits[0]}},
		"2021-03-01": {{"two", "dpa.pdf", commits[1]}},
		"2021-04-01": nil,
		"2021-06-01": {{"three", "dpa.pdf", commits[4]}},
		"2021-07-01": nil,
	}
	if len(s.Policies[0].Versions) != len(want) {
		t.Fatal(s.tell())
	}
	for _, v := range s.Policies[0].Versions {
		if len(v.Attachments) != len(want[v.ID]) {
			t.Fatalf("%s has %d attachments: %+v", v.ID, len(v.Attachments), v.Attachments)
		}
		for i, w := range want[v.ID] {
			a := v.Attachments[i]
			if a.Path != "content/files/"+w.name || a.URL != asset(w.content, w.name) || a.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(w.content))) || a.Commit != w.commit {
				t.Errorf("%s has %+v, want %+v", v.ID, a, w)
			}
			if s.file(a.URL[1:]) != w.content {
				t.Errorf("%s is not %q", a.URL, w.content)
			}
		}
	}
	// A version's page links the file as it was then, and names what it became.
	first := s.file("privacy/2021-01-01/index.html")
	if have := hrefs(t, first); !slices.Equal(have, []string{"../.." + asset("one", "dpa.pdf"), "../.." + asset("chart", "chart.png")}) {
		t.Errorf("links of the first version: %q", have)
	}
	if !strings.Contains(first, asset("two", "dpa.pdf")) || !strings.Contains(first, "1 February 2021") {
		t.Errorf("the first version does not name the later state:\n%s", first)
	}
	s.without("unlinked")
	var assets []string
	for name := range s.files() {
		if strings.HasSuffix(name, ".pdf") || strings.HasSuffix(name, ".png") {
			assets = append(assets, name)
		}
	}
	if len(assets) != 4 {
		t.Errorf("assets: %q", assets)
	}
}

func TestSymbolicLinks(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01",
		privacy("[a](a.pdf) [b](out.pdf) [c](loop.pdf) [d](alias.md) [e](abs.pdf)\n"),
		write("files/real.pdf", "real attachment"),
		link("content/a.pdf", "../files/real.pdf"),
		link("content/out.pdf", "../../outside.pdf"),
		link("content/loop.pdf", "loop.pdf"),
		link("content/abs.pdf", "/etc/passwd"),
		link("content/alias.md", "privacy.md"),
	)))
	want := "../assets/" + fmt.Sprintf("%x", sha256.Sum256([]byte("real attachment")))[:16] + "/a.pdf"
	if have := hrefs(t, s.file("privacy/index.html")); !slices.Equal(have, []string{want, "nowhere", "nowhere", "../privacy/", "nowhere"}) {
		t.Errorf("links: %q", have)
	}
	if a := s.Policies[0].Versions[0].Attachments; len(a) != 1 || a[0].Path != "content/a.pdf" {
		t.Errorf("attachments %+v", a)
	}
	if len(s.Policies) != 1 || s.has("alias/index.html") {
		t.Errorf("a symlinked text is no policy:\n%s", s.tell())
	}
	var have []string
	for _, w := range s.result.Warnings {
		have = append(have, w.Error())
	}
	expect(t, strings.Join(have, "\n"), `
		content/alias.md: is a symbolic link and not a policy
		content/privacy.md:1: the link "out.pdf" leads to no file of this repository
		content/privacy.md:1: the link "loop.pdf" leads to no file of this repository
		content/privacy.md:1: the link "abs.pdf" leads to no file of this repository`)
}

// A linked Markdown file that is no policy is an attachment; as a draft it
// stays away, later as well.
func TestDraftsAreNoAttachments(t *testing.T) {
	s := built(t, repository(t,
		on("2021-01-01", settings("exclude: [notes/*]\n"), privacy("[n](notes/n.md) [d](notes/d.md)\n"),
			write("content/notes/n.md", "note one"), write("content/notes/d.md", "---\ndraft: true\n---\nforbidden\n")),
		on("2021-02-01", write("content/notes/n.md", "---\ndraft: true\n---\nforbidden\n")),
		on("2021-03-01", write("content/notes/n.md", "note three")),
	))
	s.without("forbidden")
	var have []string
	for _, a := range s.Policies[0].Versions[0].Attachments {
		have = append(have, s.file(a.URL[1:]))
	}
	if strings.Join(have, ", ") != "note one, note three" {
		t.Errorf("attachments: %q", have)
	}
}

// Template syntax and functions that are taken out warn with their line.
func TestWarningsNameTheirLine(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01", privacy("---\ntitel: x\n---\n# P\n\n{{< note >}}\n\n<iframe src=\"https://example.com/\"></iframe>\n\nText.\n\n`{{< code >}}`\n"))))
	var have []string
	for _, w := range s.result.Warnings {
		have = append(have, fmt.Sprintf("%s:%d", w.Path, w.Line))
		if !w.Warning || w.Hint == "" {
			t.Errorf("%s: %q hints %q", w.Path, w.Message, w.Hint)
		}
	}
	if !slices.Equal(have, []string{"content/privacy.md:2", "content/privacy.md:6", "content/privacy.md:8"}) {
		t.Errorf("warnings: %v\n%s", have, s.result.Warnings.Error())
	}
}

// A path that is a symbolic link has a state for every file that it led to.
func TestAttachmentsBehindSymbolicLinks(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("[a](a.pdf)\n"), write("files/one.pdf", "one"), write("files/two.pdf", "two"), link("content/a.pdf", "../files/one.pdf")),
		on("2021-02-01", write("files/one.pdf", "one and a half")),
		on("2021-03-01", remove("content/a.pdf"), link("content/a.pdf", "../files/two.pdf")),
		on("2021-04-01", write("files/one.pdf", "nobody links to it any more")),
		on("2021-05-01", remove("content/a.pdf"), write("content/a.pdf", "three")),
	)
	s := built(t, r)
	commits := strings.Fields(r.Git("log", "--reverse", "--format=%H"))
	var have []string
	for _, a := range s.Policies[0].Versions[0].Attachments {
		if a.Path != "content/a.pdf" {
			t.Errorf("path %s", a.Path)
		}
		have = append(have, s.file(a.URL[1:])+" "+a.Commit)
	}
	want := []string{"one " + commits[0], "one and a half " + commits[1], "two " + commits[2], "three " + commits[4]}
	if !slices.Equal(have, want) {
		t.Errorf("have %q, want %q", have, want)
	}
	s.clean(r.Dir)
}
