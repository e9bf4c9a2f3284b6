package pages

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// isRedline reports whether a page says, in one of the languages of the fixture, what
// changed.
func isRedline(page string) bool {
	return strings.Contains(page, "<title>What ") || strings.Contains(page, "<title>ما تغي")
}

func TestEveryComparisonHasAPage(t *testing.T) {
	all := fixture()
	out := buildFixture(t)
	var want []string
	for _, p := range all {
		for i, v := range p.Versions {
			if v.Comparison != nil || i > 0 && (v.Error != "" || p.Versions[p.ChangeOf(i-1)].Error != "") { // a page that says why there is none
				want = append(want, file(ChangesURL(p, i)))
			}
			if p.Current >= 0 && v.IsChange() && i < p.ChangeOf(p.Current) {
				want = append(want, file(sinceURL(p, i)))
			}
		}
	}
	if len(want) < 150 {
		t.Fatalf("the fixture has only %d redlines", len(want))
	}
	var have []string
	for _, name := range htmlPages(out) {
		if isRedline(out[name]) {
			have = append(have, name)
		}
	}
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("have %q\nwant %q", have, want)
	}
	for _, none := range []string{
		"privacy/2019-05-04/changes/index.html", // the first
		"privacy/2021-07-14-2/since/index.html", // no change
		"privacy/2024-03-03/since/index.html",   // in force
		"cookies/2015-03-09/since/index.html",   // none is in force
	} {
		if _, ok := out[none]; ok {
			t.Errorf("%s is written", none)
		}
	}
}

// The last ten changes before the version in force, and the last of each year
// before these, have a redline to it. All others lead to the next one that has, on
// a page whose size does not depend on how many there are.
func TestOlderChangesLeadToARedlineToTheVersionInForce(t *testing.T) {
	out := buildFixture(t)
	size := 0
	for year := 2012; year <= 2025; year++ {
		for month := 1; month <= 11; month += 2 {
			id := fmt.Sprintf("%d-%02d-11", year, month)
			page := out["acceptable-use/"+id+"/since/index.html"]
			next := fmt.Sprintf("%d-11-11", year)
			if id > "2024-01-11" {
				next = id
			} else if id == "2024-01-11" {
				next = "2024-03-11"
			}
			switch {
			case id == "2025-11-11": // it is in force
				if page != "" {
					t.Errorf("%s has a page of what has changed since", id)
				}
			case next == id:
				if !strings.Contains(page, "data-redline") {
					t.Errorf("%s has no redline to the version in force", id)
				}
			default:
				if strings.Contains(page, "data-redline") || !strings.Contains(page, `href="../../`+next+`/since/"`) {
					t.Errorf("%s does not lead to %s", id, next)
				}
				if size = cmp.Or(size, len(page)); max(size, len(page))-min(size, len(page)) > 100 {
					t.Errorf("the page of %s has %d bytes, another %d", id, len(page), size)
				}
			}
		}
	}
	// The only change before it cannot be rendered.
	if page := out["terms/2011-01-05/since/index.html"]; page == "" || strings.Contains(page, "data-redline") || strings.Contains(page, "The nearest is") {
		t.Errorf("a version without a text leads to %q", page)
	}
}

func TestRedlineStandsInOneElement(t *testing.T) {
	out := buildFixture(t)
	redlines := 0
	for _, name := range htmlPages(out) {
		found := 0
		elements(t, out[name], func(n *html.Node, attr func(string) string) {
			for _, a := range n.Attr {
				if a.Key != "data-redline" {
					continue
				}
				found++
				if lang := n.Parent.Attr; len(lang) < 3 || lang[1].Key != "lang" || lang[2].Key != "dir" {
					t.Errorf("%s: the redline does not stand in its language: %v", name, lang)
				}
			}
			if (n.Data == "ins" || n.Data == "del") && found == 0 {
				t.Errorf("%s: <%s> outside of the redline", name, n.Data)
			}
		})
		want := 0
		if isRedline(out[name]) && !strings.Contains(out[name], "There is no comparison") && !strings.Contains(out[name], "cannot be compared here") {
			want = 1
			redlines++
		}
		if found != want {
			t.Errorf("%s: %d elements with data-redline, want %d", name, found, want)
		}
	}
	if redlines < 100 {
		t.Errorf("only %d redlines", redlines)
	}
}

func TestWhatPagesSayOfChanges(t *testing.T) {
	out := buildFixture(t)
	const redline = "privacy/2026-05-04/changes/index.html"
	for _, c := range []struct{ page, want string }{
		{redline, `<title>What changed on 4 May 2026, Privacy policy – Contoso policies</title>`},
		{redline, `What changed on <time datetime="2026-05-04">4 May 2026</time></h1>`},
		{redline, `<meta name="robots" content="noindex">`},
		{redline, `<link rel="canonical" href="https://example.com/legal/privacy/2026-05-04/changes/">`},
		{redline, `<meta property="og:description" content="Last changed 4 May 2026: You can now take your data with you. We also say who we share it with. (`},
		{redline, `from version <a href="../../2024-03-03/">2.0</a> to <a href="../">3.0</a>`}, // not the editorial one between
		{redline, `<a href="../../2024-03-03/">Version of <time datetime="2024-03-03">`},
		{redline, `<li>Takes effect on <time datetime="2026-06-01">1 June 2026</time></li><li>Recorded <time datetime="2026-05-04">4 May 2026</time> (Europe/Berlin)</li><li>“Last updated” as stated <time datetime="2024-03-01">1 March 2024</time></li><li>“Effective” as stated <time datetime="2026-06-01">1 June 2026</time></li>`},
		{redline, `You can now take your data with you.`},
		{redline, `Material change`},
		{redline, `<strong>7 edits:</strong> <span class="inserted">+1 word</span> <span class="deleted">−0 words</span>`},
		{redline, `<summary>7 sections changed</summary>`},
		{redline, `<li><a href="#~1">Beginning</a></li>`},
		{redline, `<li><a href="#~7">Your rights</a> <span class="small">+1 −0</span></li>`},
		{redline, `<a rel="prev" href="../../2024-04-09/changes/">`},
		{redline, `<h2 data-level="1" id="section-1"><del>`},
		{"privacy/2021-07-14-2/changes/index.html", `Only addresses of links changed`},
		{"privacy/2021-07-14-2/changes/index.html", `<strong>1 edit:</strong> <span class="inserted">+0 words</span> <span class="deleted">−0 words</span>`},
		{"privacy/2021-07-14-2/changes/index.html", `<a rel="prev" href="../../2021-07-14/changes/">`},
		{"privacy/2021-07-14-2/changes/index.html", `What changed on <time datetime="2021-07-14">14 July 2021</time>, 2nd version</h1>`},
		{"privacy/2021-07-14/changes/index.html", `<a href="../since/">Compare with today’s text</a>`},
		{"privacy/2024-03-03/changes/index.html", `<p class="summary">What we collect and Who we share it with`},
		{"privacy/2024-04-02/changes/index.html", `<strong>The text is the same.</strong> The stated “last updated” date changed from <time datetime="2024-03-01">1 March 2024</time> to <time datetime="2024-04-01">1 April 2024</time>.`},
		{"privacy/2024-04-09/changes/index.html", `Editorial change`},
		{"ar/privacy/2024-03-20/changes/index.html", `lang="ar" dir="rtl" data-side-by-side="جنبًا إلى جنب" data-in-one="في نص واحد"><div data-redline>`},
		{"ar/privacy/2024-03-20/changes/index.html", "ما نجمعه و"},
		{"ar/privacy/2024-03-20/changes/index.html", `<a href="#~1">ما نجمعه</a>`},

		{"privacy/2021-07-14/since/index.html", `What changed since <time datetime="2021-07-14">14 July 2021</time></h1>`},
		{"privacy/2021-07-14/since/index.html", `from version <a href="../">1.1</a> to <a href="../../2024-03-03/">2.0</a>`}, // in force; the newest is not yet
		{"privacy/2021-07-14/since/index.html", `<strong>2 edits:</strong> <span class="inserted">+7 words</span> <span class="deleted">−5 words</span>`},
		{"privacy/2021-07-14/since/index.html", `<meta name="robots" content="noindex">`},
		{"privacy/2021-07-14/since/index.html", `<link rel="canonical" href="https://example.com/legal/privacy/2021-07-14/since/">`},
		{"acceptable-use/2012-01-11/since/index.html", `There is no comparison of this version with today’s text. The nearest is <a href="../../2012-`},
		{"terms/2011-01-05/since/index.html", `There is no comparison of this version with today’s text.`},

		{"privacy/index.html", `Last changed <time datetime="2024-03-03">3 March 2024</time>: What we collect and Who we share it with`},
		{"privacy/index.html", `<a href="2024-03-03/changes/">See what changed<`},
		{"privacy/index.html", `<a href="2026-05-04/">Read it</a> · <a href="2026-05-04/changes/">See what changes</a>`},
		{"privacy/2021-07-14/index.html", `<a href="changes/">What changed in this version</a> · <a href="since/">Compare with today’s text</a></span></p>`},
		{"privacy/2019-05-04/index.html", `<a href="since/">Compare with today’s text</a></span></p>`},
		{"privacy/2024-03-03/index.html", `<a href="changes/">What changed in this version</a></span></p>`},
		{"privacy/changes/index.html", `<li class="change material">`},
		{"privacy/changes/index.html", `<a href="../2026-05-04/changes/#~1">Beginning</a>, <a href="../2026-05-04/changes/#~2">What we collect</a>, <a href="../2026-05-04/changes/#~3">From you</a>, <a href="../2026-05-04/changes/#~4">From your visits</a>, 3 more sections`},
		{"privacy/changes/index.html", `<span class="inserted">+1</span> <span class="deleted">−0</span>`},
		{"privacy/changes/index.html", `<a href="../2026-05-04/">Read<`},
		{"privacy/changes/index.html", `<p>What we collect and Who we share it with`},
		{"privacy/changes/index.html", `<a href="../2024-04-02/changes/">See what changed<`}, // folded
		{"changes/index.html", `<a href="../privacy/2026-05-04/changes/">See what changed<`},
		{"index.html", `<a href="privacy/2026-05-04/changes/"><time`},
	} {
		if !strings.Contains(out[c.page], c.want) {
			t.Errorf("%s does not say %s", c.page, c.want)
		}
	}
	if page := out["privacy/2024-04-02/changes/index.html"]; strings.Contains(page, "changed</summary>") || strings.Contains(page, "0 edits") {
		t.Error("a redline without a difference lists some")
	}
	if page := out["privacy/2026-05-04/changes/index.html"]; strings.Contains(page, `rel="next"`) || strings.Contains(page, "Compare with today") {
		t.Error("the newest redline leads to a later one")
	}
}

// TestRedlineWithoutDifference has versions that say the same as the one they
// are compared with, for every reason there is.
func TestRedlineWithoutDifference(t *testing.T) {
	for kind, want := range map[policy.Kind]string{
		policy.Formatting: "The text is the same.</strong> Only its formatting changed.",
		policy.Links:      "The text is the same.</strong> Only addresses of links changed.",
		policy.Restored:   "The text is the same.</strong> It was published again.",
		policy.Wording:    "The text is the same.</strong> ·",
		policy.Dates:      "The text is the same.</strong> The stated “effective” date changed from none to <time datetime=\"2021-06-01\">1 June 2021</time>.",
	} {
		p := newPolicy("p", "P", fact{"2020-01-01", "2020-01-01", "2021-01-01", policy.Initial, "", ""}, fact{"2021-01-01", "2021-01-01", "", kind, "", ""})
		p.Versions[1].Comparison = &policy.Comparison{With: "2020-01-01"}
		if kind == policy.Dates {
			p.Versions[1].Declared.Effective = date("2021-06-01")
		}
		out := build(t, Site{Title: "T"}, defaultTheme(t), []*policy.Policy{p}, nil)
		if page := out["p/2021-01-01/changes/index.html"]; !strings.Contains(page, want) {
			t.Errorf("%s: the page does not say %s:\n%s", kind, want, page)
		}
	}
}

func TestSummaryNamesSections(t *testing.T) {
	sections := func(headings ...string) *policy.Comparison {
		c := &policy.Comparison{}
		for _, h := range headings {
			c.Sections = append(c.Sections, policy.Section{Heading: h})
		}
		return c
	}
	for _, c := range []struct {
		kind       policy.Kind
		comparison *policy.Comparison
		want       string
	}{
		{policy.Wording, nil, "Wording changed"},
		{policy.Wording, sections(), "Wording changed"},
		{policy.Wording, sections("Terms"), "Wording changed"}, // the title: its section may be the whole text
		{policy.Wording, sections("A"), "A"},
		{policy.Wording, sections("", "A"), "Beginning and A"},
		{policy.Wording, sections("Terms", "A", "B"), "Beginning, A and B"},
		{policy.Wording, sections("A", "B", "C", "D"), "A, B and 2 more sections"},
		{policy.Restored, sections("A"), "Published again: A"},
		{policy.Restored, sections(), "Published again"},
		{policy.Links, sections("A"), "Only addresses of links changed"},
		{policy.Initial, nil, "First version"},
	} {
		v := &policy.Version{Kind: c.kind, Comparison: c.comparison, Content: policy.Content{Title: "Terms"}}
		if got := Summary(words.English(), v); got != c.want {
			t.Errorf("%s with %v: %q, want %q", c.kind, c.comparison, got, c.want)
		}
	}
}
