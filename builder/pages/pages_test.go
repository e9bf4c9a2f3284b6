package pages

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder/policy"
)

func htmlPages(s site) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if strings.HasSuffix(name, ".html") {
			out = append(out, name)
		}
	}
	return out
}

// elements parses a page and calls f for every element.
func elements(t testing.TB, page string, f func(n *html.Node, attr func(string) string)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			f(n, func(key string) string {
				for _, a := range n.Attr {
					if a.Key == key {
						return a.Val
					}
				}
				return ""
			})
		}
	}
}

func TestEveryPageHasOneLevelOneHeadingAndUniqueIDs(t *testing.T) {
	out := buildFixture(t)
	for _, name := range htmlPages(out) {
		h1, texts := 0, 0
		ids := map[string]bool{}
		elements(t, out[name], func(n *html.Node, attr func(string) string) {
			if n.Data == "h1" {
				h1++
			}
			for _, a := range n.Attr {
				if a.Key == "data-policy-text" {
					texts++
				}
			}
			if id := attr("id"); id != "" {
				if ids[id] {
					t.Errorf("%s: the id %q stands there twice", name, id)
				}
				ids[id] = true
			}
			if n.Data == "time" {
				if _, err := policy.ParseDate(attr("datetime")); err != nil {
					t.Errorf("%s: <time datetime>: %v", name, err)
				}
			}
			if attr("style") != "" && n.Data != "th" && n.Data != "td" || n.Data == "style" && name != "404.html" || n.Data == "script" && attr("src") == "" {
				t.Errorf("%s: inline style or script in <%s>", name, n.Data)
			}
		})
		if h1 != 1 {
			t.Errorf("%s: %d <h1>, want 1", name, h1)
		}
		want := 0
		if name == "index.html" || (strings.Contains(out[name], "About this version") || strings.Contains(out[name], "عن هذه النسخة")) && name != "terms/2011-01-05/index.html" {
			want = 1
		}
		if texts != want {
			t.Errorf("%s: %d elements with data-policy-text, want %d", name, texts, want)
		}
	}
}

// TestLinksResolve follows every address on every page, as a host at each base
// would serve it.
func TestLinksResolve(t *testing.T) {
	for _, baseURL := range []string{"", "https://example.com", "https://example.com/legal/", "/sub/path"} {
		all := fixture()
		config := fixtureSite(all)
		config.BaseURL = baseURL
		theme := defaultTheme(t)
		out := build(t, config, theme, all, nil)
		for _, p := range all {
			for _, v := range p.Versions {
				for _, a := range v.Attachments {
					out[file(a.URL)] = "" // the builder writes attachments
				}
			}
		}
		root := parseBase(baseURL)
		followed := 0
		for _, name := range htmlPages(out) {
			at, err := url.Parse("https://example.com" + root.rooted("/"+name))
			if err != nil {
				t.Fatal(err)
			}
			elements(t, out[name], func(n *html.Node, attr func(string) string) {
				for _, key := range []string{"href", "src"} {
					address := attr(key)
					if address == "" || strings.HasPrefix(address, "#") {
						continue
					}
					to, err := at.Parse(address)
					if err != nil {
						t.Fatal(err)
					}
					below, ok := strings.CutPrefix(to.Path, mustUnescape(t, root.path))
					if !ok || to.Host != "example.com" {
						t.Errorf("base %q: %s: %s leads out of the site", baseURL, name, address)
						continue
					}
					if below == "" || strings.HasSuffix(below, "/") {
						below += "index.html"
					}
					if _, ok := out[below]; !ok {
						t.Errorf("base %q: %s: nothing stands at %s", baseURL, name, address)
					}
					followed++
				}
			})
		}
		if followed < 1000 {
			t.Errorf("base %q: only %d links", baseURL, followed)
		}
	}
}

func mustUnescape(t testing.TB, s string) string {
	u, err := url.PathUnescape(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestFragmentsResolveOnTheirPage(t *testing.T) {
	out := buildFixture(t)
	for _, name := range htmlPages(out) {
		ids := map[string]bool{}
		var wanted []string
		elements(t, out[name], func(n *html.Node, attr func(string) string) {
			ids[attr("id")] = true
			if f, ok := strings.CutPrefix(attr("href"), "#"); ok {
				wanted = append(wanted, f)
			}
			if id := attr("aria-labelledby"); id != "" {
				wanted = append(wanted, id)
			}
		})
		for _, f := range wanted {
			if !ids[f] {
				t.Errorf("%s: no element has the id %q", name, f)
			}
		}
	}
}

func TestUserInputIsEscaped(t *testing.T) {
	out := buildFixture(t)
	for name, content := range out {
		if strings.HasSuffix(name, ".html") && (strings.Contains(content, "<script>alert") || strings.Contains(content, "<em>machine")) {
			t.Errorf("%s: a title or summary became mark-up", name)
		}
	}
	if !strings.Contains(out["ai-use/index.html"], "Use of &lt;em&gt;machine&lt;/em&gt; &amp; human judgement") {
		t.Error("the title is not on the page as its author wrote it")
	}
	if !strings.Contains(out["archive.json"], `"Use of <em>machine</em> & human judgement"`) {
		t.Error("the manifest escapes what JSON need not")
	}
}

func TestSameInputSameBytes(t *testing.T) {
	if a, b := buildFixtureAnew(t), buildFixtureAnew(t); !maps.Equal(a, b) {
		t.Error("two builds of one site differ")
	}
}

// TestWorkersShareAComposer writes all policies at the same time.
func TestWorkersShareAComposer(t *testing.T) {
	want := buildFixture(t)
	all := fixture()
	c := New(fixtureSite(all), defaultTheme(t))
	var wait sync.WaitGroup
	for range 4 {
		for _, p := range all {
			wait.Go(func() {
				err := c.Policy(p, textsOf(p), func(path string, content []byte) error {
					if want[path] != string(content) {
						t.Errorf("%s differs", path)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
}

// TestUnchangedPolicyKeepsItsBytes changes one policy and adds another: no
// file at or below the URL of any other may change.
func TestUnchangedPolicyKeepsItsBytes(t *testing.T) {
	before := buildFixture(t)
	all := fixture()
	terms := all[2]
	terms.Title = "Terms of use"
	terms.Versions[1].InForce.Until = date("2026-05-19")
	terms.Versions = append(terms.Versions, newPolicy("terms", "Terms of use",
		fact{"2026-05-19", "2026-05-19", "", policy.Wording, policy.Minor, ""}).Versions...)
	terms.Current = 2
	compare(terms)
	all = append(all, newPolicy("zoo", "Zoo rules", fact{"2026-05-18", "2026-05-18", "", policy.Initial, "", ""}))
	after := build(t, fixtureSite(all), defaultTheme(t), all, nil)
	compared := 0
	for name, content := range before {
		first, _, _ := strings.Cut(name, "/")
		if !slices.Contains([]string{"privacy", "ar", "ai-use", "cookies", "acceptable-use"}, first) && !strings.HasPrefix(name, "terms/eu/") {
			continue
		}
		compared++
		if after[name] != content {
			t.Errorf("%s changed with another policy", name)
		}
	}
	if compared < 100 {
		t.Errorf("only %d files were compared", compared)
	}
	if after["terms/index.html"] == before["terms/index.html"] || after["index.html"] == before["index.html"] {
		t.Error("the change does not show")
	}
}

func TestOnlyThreePagesSayForWhenTheSiteWasBuilt(t *testing.T) {
	var found []string
	out := buildFixture(t)
	for _, name := range htmlPages(out) {
		if strings.Contains(out[name], "As of <time") || strings.Contains(out[name], fixtureBuilt.Commit) {
			found = append(found, name)
		}
	}
	if want := []string{"about-this-archive/index.html", "changes/index.html", "index.html"}; !slices.Equal(found, want) {
		t.Errorf("pages that name the built commit: %q, want %q", found, want)
	}
}

func TestOverheadIsSmall(t *testing.T) {
	all := fixture()
	out := buildFixture(t)
	for _, p := range all {
		for i, v := range p.Versions {
			name := file(versionURL(p, i))
			if v.Error == "" {
				if n := len(out[name]) - len(textOf(p, i).HTML); n > 12<<10 {
					t.Errorf("%s: %d bytes beside the text", name, n)
				}
			}
		}
	}
}

func TestPreviewSaysSoOnEveryPage(t *testing.T) {
	all := fixture()
	config := fixtureSite(all)
	config.Preview = true
	out := build(t, config, defaultTheme(t), all, nil)
	noindex := regexp.MustCompile(`<meta name="robots" content="noindex">`)
	for _, name := range htmlPages(out) {
		if !strings.Contains(out[name], "Preview, not published") && !strings.Contains(out[name], "معاينة غير منشورة") || len(noindex.FindAllString(out[name], -1)) != 1 {
			t.Errorf("%s does not say that it is a preview", name)
		}
	}
}

func TestWhatPagesSayOfStatus(t *testing.T) {
	out := buildFixture(t)
	for _, c := range []struct{ page, want string }{
		{"privacy/index.html", `A new version takes effect on <time datetime="2026-06-01">1 June 2026</time>.</strong> It was recorded 28 days before.`},
		{"privacy/index.html", `partners.pdf, as of <time datetime="2025-01-20">`},
		{"privacy/index.html", `In force <time datetime="2024-03-03">3 March 2024</time> – <time datetime="2026-05-31">31 May 2026</time> · version 2.0`},
		{"privacy/index.html", `<link rel="canonical" href="https://example.com/legal/privacy/">`},
		{"privacy/2021-07-14/index.html", `<strong>Version of <time datetime="2021-07-14">14 July 2021</time> (version 1.1).</strong>`},
		{"privacy/2021-07-14/index.html", `In force <time datetime="2021-07-14">14 July 2021</time> – <time datetime="2024-03-02">2 March 2024</time>.`},
		{"privacy/2021-07-14/index.html", `<meta name="robots" content="noindex">`},
		{"privacy/2021-07-14/index.html", `<link rel="canonical" href="https://example.com/legal/privacy/2021-07-14/">`},
		{"privacy/2021-07-14/index.html", `<a rel="next" href="../2021-07-14-2/"><span class="hidden">Next version: </span><time datetime="2021-07-14">14 July 2021</time>, 2nd version</a>`},
		{"privacy/2021-07-14-2/index.html", `Never took effect.`},
		{"privacy/2024-03-03/index.html", `class="banner current"`},
		{"privacy/2026-05-04/index.html", `Takes effect on <time datetime="2026-06-01">`},
		{"terms/2011-01-05/index.html", `it is not valid UTF-8 at byte 312`},
		{"terms/2011-01-05/index.html", `href="index.md"`},
		{"terms/index.html", `<a href="2011-01-05/">Same text as <time datetime="2011-01-05">`},
		{"ai-use/index.html", `Takes effect on <time datetime="2026-09-01">`},
		{"cookies/index.html", `No longer published here since <time datetime="2021-11-30">`},
		{"cookies/index.html", `<meta name="robots" content="noindex">`},
		{"ar/privacy/index.html", `lang="ar" dir="rtl" data-version="2024-03-20/"`},
		{"ar/privacy/index.html", `href="https://example.com/legal/privacy/" hreflang="en"`},
		{"privacy/changes/index.html", `2 minor revisions since`},
		{"privacy/changes/index.html", `<svg class="timeline"`},
		{"about-this-archive/index.html", `What the dates mean`},
		{"cookies/changes/index.html", `<tr data-from="2021-11-30"><td><time datetime="2021-11-30">30 November 2021</time></td><td>–</td><td>None</td></tr>`},
	} {
		if !strings.Contains(out[c.page], c.want) {
			t.Errorf("%s does not say %s", c.page, c.want)
		}
	}
	if strings.Contains(out["privacy/index.html"], "noindex") {
		t.Error("the page of a policy in force is kept from search engines")
	}
}

func TestLongArchiveIsDividedByYears(t *testing.T) {
	out := buildFixture(t)
	listed := map[string]int{}
	for name, content := range out {
		if strings.HasPrefix(name, "acceptable-use/changes/") {
			listed[path.Dir(name)] = strings.Count(content, `<li class="change">`)
		}
	}
	want := map[string]int{"acceptable-use/changes": 60}
	for _, y := range []string{"2015", "2014", "2013", "2012"} {
		want["acceptable-use/changes/"+y] = 6
	}
	if !maps.Equal(listed, want) {
		t.Errorf("changes by page: %v, want %v", listed, want)
	}
	if !strings.Contains(out["acceptable-use/changes/index.html"], `<li id="y2013"><a href="2013/">`) {
		t.Error("the first page does not lead to the earlier years")
	}
}

// The manifest is written policy by policy, and is what it would be in one piece.
func TestManifestInPieces(t *testing.T) {
	for name, minified := range map[string]bool{"indented": false, "small": true} {
		for n := range fixture() {
			all := fixture()[:n]
			config := fixtureSite(all)
			config.Minified = minified
			c, out := New(config, defaultTheme(t)), site{}
			if err := c.Only("archive.json").Site(all, nil, fixtureBuilt, Again{}, out.emit(t), pieces(out.emit(t))); err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			e := json.NewEncoder(&want)
			e.SetEscapeHTML(false)
			if !minified {
				e.SetIndent("", " ")
			}
			if err := e.Encode(c.Manifest(all, fixtureBuilt)); err != nil {
				t.Fatal(err)
			}
			if whole := strings.TrimSuffix(want.String(), "\n"); strings.TrimSuffix(out["archive.json"], "\n") != whole || len(out) != 1 {
				t.Errorf("%s, %d policies:\nhave %s\nwant %s", name, n, out["archive.json"], whole)
			}
		}
	}
}

func TestManifestShape(t *testing.T) {
	all := fixture()
	out := build(t, fixtureSite(all), defaultTheme(t), all, nil)
	keys := func(object json.RawMessage) []string {
		d := json.NewDecoder(bytes.NewReader(object))
		var names []string
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		for d.More() {
			k, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, k.(string))
			var v json.RawMessage
			if err := d.Decode(&v); err != nil {
				t.Fatal(err)
			}
		}
		return names
	}
	member := func(object json.RawMessage, name string) json.RawMessage {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(object, &m); err != nil {
			t.Fatal(err)
		}
		return m[name]
	}
	element := func(list json.RawMessage, i int) json.RawMessage {
		var l []json.RawMessage
		if err := json.Unmarshal(list, &l); err != nil {
			t.Fatal(err)
		}
		return l[i]
	}
	whole := json.RawMessage(out["archive.json"])
	privacy := element(member(whole, "policies"), 0)
	version := element(member(privacy, "versions"), 3)
	for _, c := range []struct {
		object json.RawMessage
		want   string
	}{
		{whole, "format generator title base_url head at preview timezone next_change source content minified policies"},
		{privacy, "id title url path lang status current former translation_of translates behind versions"},
		{version, "id url kind label change summary recorded published declared in_force words_added words_removed same_text_as error carried redacted statements attachments text_sha256 wording_sha256 source_sha256 source_blob source_url revisions"},
		{member(version, "declared"), "last_updated effective last_updated_in_text effective_in_text"},
		{member(version, "in_force"), "from until"},
		{element(member(version, "attachments"), 0), "path url sha256 commit"},
		{element(member(version, "revisions"), 0), "commit blob path from_path recorded kind subject"},
	} {
		if got := strings.Join(keys(c.object), " "); got != c.want {
			t.Errorf("members %s\nwant    %s", got, c.want)
		}
	}
	for name, want := range map[string]string{
		"summary": "null", "published": "null", "words_added": "13", "words_removed": "3", "error": "null", "same_text_as": "null", "statements": "[]",
		"recorded": `"2024-03-03T09:12:03Z"`, "url": `"/privacy/2024-03-03/"`, "source_url": `"/privacy/2024-03-03/index.md"`,
	} {
		if got := string(member(version, name)); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := string(member(whole, "next_change")); got != `"2026-06-01"` {
		t.Errorf("next_change is %s", got)
	}
	if got := string(member(element(member(privacy, "versions"), 2), "in_force")); got != "null" {
		t.Errorf("in_force of a version that never was is %s", got)
	}
	if got := member(element(member(privacy, "versions"), 0), "words_added"); string(got) != "null" {
		t.Errorf("words_added of the first version is %s", got)
	}
	if got := member(element(member(privacy, "versions"), 2), "words_removed"); string(got) != "0" {
		t.Errorf("words_removed of a version with other links alone is %s", got)
	}
	if got := member(element(member(element(member(whole, "policies"), 2), "versions"), 1), "words_added"); string(got) != "null" {
		t.Errorf("words_added against a version that cannot be rendered is %s", got)
	}
	upcoming := element(member(whole, "policies"), 4)
	if got := string(member(upcoming, "current")); got != "null" {
		t.Errorf("current of an upcoming policy is %s", got)
	}
	if v := element(member(upcoming, "versions"), 0); string(member(v, "attachments")) != "[]" || string(member(v, "label")) != "null" {
		t.Errorf("empty values: %s", v)
	}
	if empty := New(Site{}, defaultTheme(t)).Manifest(nil, Built{}); empty.Policies == nil {
		t.Error("policies is null when there are none")
	}
}
