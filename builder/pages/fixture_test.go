package pages

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/layouts"
)

// A site is what Emit was given: the content of every file by its path.
type site map[string]string

func (s site) emit(t testing.TB) Emit {
	var mu sync.Mutex
	return func(path string, content []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if _, twice := s[path]; twice {
			t.Errorf("%s is written twice", path)
		}
		s[path] = string(content)
		return nil
	}
}

// pieces makes an EmitFrom of an Emit.
func pieces(emit Emit) EmitFrom {
	return func(path string, write func(io.Writer) error) error {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return err
		}
		return emit(path, b.Bytes())
	}
}

func date(s string) policy.Date {
	d, err := policy.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// fact is one version of a fixture: what is needed to make up all the rest.
type fact struct {
	id, from, until string // from "" for a version that was never in force
	kind            policy.Kind
	change, summary string
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func commit(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// newPolicy makes a policy of facts, with the last one in force on a day that
// has no end as the current one.
func newPolicy(id, title string, facts ...fact) *policy.Policy {
	p := &policy.Policy{
		Place:   policy.Place{ID: id, Path: "content/" + id + ".md", URL: "/" + id + "/", Lang: "en", Base: id},
		Title:   title,
		Status:  policy.StatusInForce,
		Current: -1,
	}
	for i, f := range facts {
		day := date(f.id[:10])
		v := policy.Version{
			ID:       f.id,
			Kind:     f.kind,
			Recorded: time.Date(day.Year, day.Month, day.Day, 9, 12, i%60, 0, time.UTC),
			Day:      day,
			Content:  policy.Content{Title: title, TextSHA256: hash(id + f.id), WordingSHA256: hash("w" + id + f.id), SourceSHA256: hash("s" + id + f.id), Blob: commit("b" + id + f.id), Path: p.Path},
			Stated:   policy.Stated{Change: f.change, Summary: f.summary},
		}
		v.Revisions = []policy.RevisionFact{{
			Commit: commit("c" + id + f.id), Blob: v.Blob, Path: p.Path, Recorded: v.Recorded, Kind: f.kind, Subject: "",
		}}
		if f.from != "" {
			v.InForce = &policy.Interval{From: date(f.from)}
			if f.until != "" {
				v.InForce.Until = date(f.until)
			} else {
				p.Current = i
			}
		}
		p.Versions = append(p.Versions, v)
	}
	return p
}

// fixture is a site with one policy for each thing that can be true of one.
func fixture() []*policy.Policy {
	privacy := newPolicy("privacy", "Privacy policy",
		fact{"2019-05-04", "2019-05-04", "2021-07-14", policy.Initial, "", ""},
		fact{"2021-07-14", "2021-07-14", "2024-03-03", policy.Wording, policy.Material, "Adds what we keep of your visits, and for how long."},
		fact{"2021-07-14-2", "", "", policy.Links, "", ""},
		fact{"2024-03-03", "2024-03-03", "2026-06-01", policy.Wording, policy.Minor, ""},
		fact{"2024-04-02", "", "", policy.Dates, "", ""},
		fact{"2024-04-09", "", "", policy.Wording, policy.Editorial, "Mends a spelling mistake."},
		fact{"2026-05-04", "2026-06-01", "", policy.Wording, policy.Material, "You can now take your data with you. We also say who we share it with."},
	)
	privacy.Current = 3
	privacy.NextChange = date("2026-06-01")
	privacy.Weight = 1
	privacy.Description = "What we know about you, why, and what you can do about it."
	for i := range privacy.Versions {
		privacy.Versions[i].Label = fmt.Sprintf("%d.%d", 1+i/3, i%3)
		privacy.Versions[i].Declared = policy.Declared{LastUpdated: date("2024-03-01"), LastUpdatedInText: true}
	}
	privacy.Versions[6].Declared.Effective = date("2026-06-01")
	privacy.Versions[3].Attachments = []policy.Attachment{
		{Path: "content/files/partners.pdf", URL: AssetURL(hash("1"), "partners.pdf"), SHA256: hash("1"), Commit: commit("1"), Day: date("2024-03-03")},
		{Path: "content/files/partners.pdf", URL: AssetURL(hash("2"), "partners.pdf"), SHA256: hash("2"), Commit: commit("2"), Day: date("2025-01-20"), Later: true},
	}
	privacy.Former = []string{"/data-protection/", "/legal/privacy.html"}

	arabic := newPolicy("ar/privacy", "سياسة الخصوصية",
		fact{"2022-02-01", "2022-02-01", "2024-03-20", policy.Initial, "", ""},
		fact{"2024-03-20", "2024-03-20", "", policy.Wording, policy.Minor, ""})
	arabic.Lang, arabic.Base = "ar", "privacy"
	arabic.Description = "ما نعرفه عنك ولماذا."

	terms := newPolicy("terms", "Terms of service",
		fact{"2011-01-05", "2011-01-05", "2020-01-01", policy.Initial, "", ""},
		fact{"2020-01-01", "2020-01-01", "", policy.Restored, policy.Material, "The terms of 2011 hold again."})
	terms.Versions[1].SameTextAs = "2011-01-05"
	terms.Versions[0].Error = "it is not valid UTF-8 at byte 312"
	terms.Versions[0].TextSHA256, terms.Versions[0].WordingSHA256 = "", ""
	eu := newPolicy("terms/eu", "Terms for consumers in the European Union",
		fact{"2023-01-31", "2023-01-31", "", policy.Initial, "", ""})

	upcoming := newPolicy("ai-use", "Use of <em>machine</em> & human judgement",
		fact{"2026-05-02", "2026-09-01", "", policy.Initial, "", "Says <script>alert(1)</script> \"nothing\" & more"})
	upcoming.Status, upcoming.Current = policy.StatusUpcoming, -1

	gone := newPolicy("cookies", "Cookie policy",
		fact{"2015-03-09", "2015-03-09", "2018-05-25", policy.Initial, "", ""},
		fact{"2018-05-25", "2018-05-25", "2021-11-30", policy.Wording, "", ""})
	gone.Status, gone.Gone = policy.StatusWithdrawn, date("2021-11-30")

	long := newPolicy("acceptable-use", "Acceptable use")
	for n := range 90 {
		year, month := 2012+n/6, 1+2*(n%6)
		if year > 2025 {
			break
		}
		f := fact{fmt.Sprintf("%d-%02d-11", year, month), "", "", policy.Wording, "", ""}
		f.from = f.id
		if n == 0 {
			f.kind = policy.Initial
		}
		next := newPolicy("acceptable-use", "Acceptable use", f)
		if k := len(long.Versions); k > 0 {
			long.Versions[k-1].InForce.Until = date(f.id)
		}
		long.Versions = append(long.Versions, next.Versions...)
	}
	long.Current = len(long.Versions) - 1
	all := []*policy.Policy{privacy, arabic, terms, eu, upcoming, gone, long}
	for _, p := range all {
		compare(p)
	}
	return all
}

// sectionsOf are the headings under which the fixture's texts change.
func sectionsOf(p *policy.Policy) []string {
	if p.Lang == "ar" {
		return []string{"ما نجمعه", "لماذا نجمعه"}
	}
	return []string{"What we collect", "Who we share it with"}
}

// compare makes up what the redlines of a policy say in short.
func compare(p *policy.Policy) {
	for i := range p.Versions {
		v := &p.Versions[i]
		with := i - 1
		for with > 0 && v.IsChange() && !p.Versions[with].IsChange() {
			with--
		}
		if with < 0 || v.Error != "" || p.Versions[with].Error != "" {
			continue
		}
		c := &policy.Comparison{With: p.Versions[with].ID}
		switch v.Kind {
		case policy.Dates:
			v.Declared.LastUpdated = date("2024-04-01") // in front matter, so that the texts are the same
			v.Declared.LastUpdatedInText = false
		case policy.Links:
			c.Changes = 1
			c.Sections = []policy.Section{{Heading: v.Title, ID: "section-1", First: 1, Changes: 1}}
		default:
			c.Changes, c.Added, c.Removed = 2, 10+i, i
			for k, heading := range sectionsOf(p) {
				c.Sections = append(c.Sections, policy.Section{ID: fmt.Sprintf("s%d", k), Heading: heading, First: k + 1, Changes: 1, Added: (1 - k) * (10 + i), Removed: k * i})
			}
		}
		v.Comparison = c
	}
	if p.ID == "privacy" {
		c := p.Versions[6].Comparison
		c.Changes, c.Added, c.Removed, c.Sections = 7, 1, 0, []policy.Section{{First: 1, Changes: 1}}
		for k, heading := range []string{"What we collect", "From you", "From your visits", "Why we collect it", "Who we share it with", "Your rights"} {
			c.Sections = append(c.Sections, policy.Section{Heading: heading, First: k + 2, Changes: 1, Added: k / 5})
		}
	}
}

// redlineOf makes up a redline to version i, in the form of the engine's.
func redlineOf(p *policy.Policy, i int, c policy.Comparison) Redline {
	var b strings.Builder
	fold := func(tag string) {
		fmt.Fprintf(&b, `<%s class="fold" data-note>3 paragraphs unchanged: <a href="%s%s#section-1">read them</a></%[1]s>`, tag, rootMark, strings.TrimPrefix(escapePath(versionURL(p, i)), "/"))
	}
	if p.ID == "privacy" && c.Changes > 0 {
		b.WriteString(`<h2 data-level="1" id="section-1"><del><span class="hidden" data-note>deleted:</span>Privacy<span class="hidden" data-note>end of deletion</span></del> policy</h2><h3 data-level="6">small</h3>`)
	}
	fold("p")
	for n := 1; n <= c.Changes; n++ {
		note := fmt.Sprintf("Change %d of %d", n, c.Changes)
		if n > 1 {
			note += fmt.Sprintf(` <a href="#~%d">previous<span class="hidden"> change</span></a>`, n-1)
		}
		if n < c.Changes {
			note += fmt.Sprintf(` <a href="#~%d">next<span class="hidden"> change</span></a>`, n+1)
		}
		fmt.Fprintf(&b, `<h2>%s</h2><p class="edit-note" data-note id="~%d">%s</p>`, sectionsOf(p)[n%2], n, note)
		fmt.Fprintf(&b, `<p>Kept words <del><span class="hidden" data-note>deleted:</span>old words<span class="hidden" data-note>end of deletion</span></del><ins><span class="hidden" data-note>inserted:</span>new words<span class="hidden" data-note>end of insertion</span></ins>.</p>`)
	}
	b.WriteString(`<ul><li><p>one</p></li>`)
	fold("li")
	b.WriteString(`</ul>`)
	return Redline{Comparison: c, HTML: []byte(b.String())}
}

// sinceOf is the redline from a superseded change to the version in force.
func sinceOf(p *policy.Policy, i int) Redline {
	c := policy.Comparison{With: p.Versions[i].ID, Changes: 2, Added: 7, Removed: 5}
	for k, heading := range sectionsOf(p) {
		c.Sections = append(c.Sections, policy.Section{Heading: heading, First: k + 1, Changes: 1, Added: 7 * k, Removed: 5 * k})
	}
	return redlineOf(p, p.Current, c)
}

// textsOf are the texts of one policy of the fixture.
func textsOf(p *policy.Policy) Texts {
	return Texts{
		Text:   func(i int) (Text, error) { return textOf(p, i), nil },
		Source: func(i int) ([]byte, error) { return sourceOf(p, i), nil },
		Changes: func(i int) (Redline, error) {
			r := redlineOf(p, i, *p.Versions[i].Comparison)
			r.Excerpt = func() string { return excerptOf(p, i) }
			return r, nil
		},
		Since: func(i int) (Redline, error) { return sinceOf(p, i), nil },
	}
}

var paragraphs = []string{
	"We keep what you give us for as long as you have an account with us, and for ninety days after you have closed it. What the law obliges us to keep we keep for the time it names, and for nothing else.",
	"You may ask at any time what we know about you. We answer within thirty days, in writing, and at no cost; should a request be so large that we need longer, we tell you why before the thirty days are over.",
	"Where we rely on others to run a part of the service, they may use what they learn about you for that part alone. A list of them stands below, with what each one does and where it does it.",
}

var arabicParagraphs = []string{
	"نحتفظ بما تقدمه لنا ما دام لديك حساب عندنا، ولمدة تسعين يومًا بعد إغلاقه. وما يلزمنا القانون بحفظه نحفظه للمدة التي يحددها لا غير.",
	"يمكنك أن تسأل في أي وقت عما نعرفه عنك. نجيب خلال ثلاثين يومًا كتابةً ودون مقابل.",
}

// excerptOf makes up what a version changed.
func excerptOf(p *policy.Policy, i int) string {
	return "<p>We keep it for <del>30</del><ins>60</ins> days &amp; longer in " + p.ID + " " + p.Versions[i].ID + ".</p>\n"
}

// textOf makes up the text of a version.
func textOf(p *policy.Policy, i int) Text {
	v := &p.Versions[i]
	var b strings.Builder
	var t Text
	link := ` <a href="` + rootMark + `terms/#section-1">Our terms</a>.`
	heading := func(level int, text string) {
		id := fmt.Sprintf("section-%d", len(t.Headings)+1)
		t.Headings = append(t.Headings, Heading{level, id, text})
		fmt.Fprintf(&b, `<h%d id=%q>%s<a class="permalink" data-note href="#%s" aria-label="Permalink"> #</a></h%d>`+"\n", level, id, html.EscapeString(text), id, level)
	}
	words, titles := paragraphs, []string{"What we collect", "From you", "From your visits", "Why we collect it", "Who we share it with", "Your rights", "How to reach us"}
	if p.Lang == "ar" {
		words, titles = arabicParagraphs, []string{"ما نجمعه", "منك", "من زياراتك", "لماذا نجمعه", "مع من نشاركه", "حقوقك", "كيف تصل إلينا"}
	}
	if p.ID == "privacy" || p.Lang == "ar" {
		heading(1, v.Title)
	}
	fmt.Fprintf(&b, "<p>%s%s</p>\n", words[0], link)
	if p.ID == "cookies" {
		t.HTML = []byte(b.String())
		return t
	}
	for n, title := range titles {
		level := 2
		if n == 1 || n == 2 {
			level = 3
		}
		heading(level, title)
		fmt.Fprintf(&b, "<p>%s</p>\n", words[n%len(words)])
		if n == 3 {
			fmt.Fprintf(&b, "<ul>\n<li>%s</li>\n<li>%s\n<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n</li>\n</ul>\n<blockquote>\n<p>%s</p>\n</blockquote>\n", words[0], words[1], words[1])
		}
		if n == 4 {
			b.WriteString(`<div class="table" role="region" tabindex="0" aria-label="Table"><table><thead><tr><th>Partner</th><th>What it does</th><th>Where</th><th style="text-align:right">Since</th></tr></thead><tbody>` +
				`<tr><td>Northwind Hosting</td><td>Runs the computers that the service needs</td><td>Finland, Norway</td><td style="text-align:right">2019</td></tr>` +
				`<tr><td>Fabrikam Post</td><td>Sends the letters and messages you ask for</td><td>Ireland</td><td style="text-align:right">2021</td></tr></tbody></table></div>` + "\n")
		}
	}
	t.HTML = []byte(b.String())
	return t
}

func sourceOf(p *policy.Policy, i int) []byte {
	return fmt.Appendf(nil, "# %s\n\nsource of %s\n", p.Title, p.Versions[i].ID)
}

var fixtureBuilt = Built{Commit: commit("head"), At: date("2026-05-20"), Timezone: "Europe/Berlin"}

func fixtureSite(all []*policy.Policy) Site {
	s := Site{
		Title: "Contoso policies", Organization: "Contoso Cooperative", BaseURL: "https://example.com/legal/",
		Lang: "en", Generator: "policysite 1.0.0", Languages: []string{"en", "ar"}, NoticeDays: 14, Timezone: "Europe/Berlin", At: fixtureBuilt.At,
	}
	for _, p := range all {
		s.Places = append(s.Places, p.Place)
	}
	return s
}

func defaultTheme(t testing.TB) *Theme {
	t.Helper()
	theme, err := NewTheme(layouts.FS, nil, "layouts", nil)
	if err != nil {
		t.Fatal(err)
	}
	return theme
}

// build writes a whole site.
func build(t testing.TB, config Site, theme *Theme, all []*policy.Policy, intro *Text) site {
	t.Helper()
	c := New(config, theme)
	out := site{}
	for _, p := range all {
		if err := c.Policy(p, inOrder(t, p, textsOf(p)), out.emit(t)); err != nil {
			t.Fatal(err)
		}
	}
	again := Again{
		Source:  func(p *policy.Policy, i int) ([]byte, error) { return sourceOf(p, i), nil },
		Excerpt: func(p *policy.Policy, i int) (string, error) { return excerptOf(p, i), nil },
	}
	emit := out.emit(t)
	if err := c.Site(all, intro, fixtureBuilt, again, emit, pieces(emit)); err != nil {
		t.Fatal(err)
	}
	if err := c.Redirects(all, nil, emit); err != nil {
		t.Fatal(err)
	}
	return out
}

// inOrder reports texts that are asked for in another way than Texts promises:
// each once, from the newest on, a redline right after its text, what has changed
// since in the end, from the oldest on.
func inOrder(t testing.TB, p *policy.Policy, texts Texts) Texts {
	n := len(p.Versions)
	asked := map[string]int{"text": n, "changes": n, "since": -1}
	ask := func(what string, i int) {
		if i == asked[what] || i < asked[what] == (what == "since") {
			t.Errorf("%s: %s %d is asked for after %d", p.ID, what, i, asked[what])
		}
		asked[what] = i
	}
	return Texts{
		Source: texts.Source,
		Text: func(i int) (Text, error) {
			ask("text", i)
			return texts.Text(i)
		},
		Changes: func(i int) (Redline, error) {
			ask("changes", i)
			if asked["text"] != i || p.Versions[i].Comparison == nil {
				t.Errorf("%s: the redline of %d is asked for after text %d", p.ID, i, asked["text"])
			}
			return texts.Changes(i)
		},
		Since: func(i int) (Redline, error) {
			ask("since", i)
			if asked["text"] > i || p.ChangeOf(p.Current) <= i {
				t.Errorf("%s: what has changed since %d is asked for after text %d", p.ID, i, asked["text"])
			}
			return texts.Since(i)
		},
	}
}

func buildFixtureAnew(t testing.TB) site {
	all := fixture()
	intro := &Text{HTML: []byte("<p>Everything we promise, and everything we ask of you, since 2011.</p>\n")}
	return build(t, fixtureSite(all), defaultTheme(t), all, intro)
}

// shared is the fixture's site, built once for all tests that only read it.
var shared struct {
	once sync.Once
	site site
}

func buildFixture(t testing.TB) site {
	shared.once.Do(func() { shared.site = buildFixtureAnew(t) })
	return shared.site
}

// TestFixtureFitsIntoAFolder writes the fixture's site, to look at when
// PAGES_OUT names a folder: no file may stand where another needs a folder.
func TestFixtureFitsIntoAFolder(t *testing.T) {
	dir := cmp.Or(os.Getenv("PAGES_OUT"), t.TempDir())
	for name, content := range buildFixture(t) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
