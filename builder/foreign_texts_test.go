package builder_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
)

// What must not go out does not: half a merge, a pointer in place of a file, and
// what was held back by the file that another name has.
func TestWhatMustNotGoOut(t *testing.T) {
	conflict := "# P\n\n<<<<<<< ours\nA month.\n||||||| base\nA week.\n=======\nA year.\n>>>>>>> theirs\n"
	for _, c := range []struct{ text, want string }{
		{conflict, "content/privacy.md:3: has marks of a merge conflict"},
		{strings.ReplaceAll(conflict, "\n", "\r\n"), "content/privacy.md:3: has marks of a merge conflict"},
		{"---\ntitle: P\n---\nA.\n=======\nB.\n>>>>>>> abc1234 (x)\n", "content/privacy.md:7: has marks of a merge conflict"},
		{"See [it](a.pdf).\n", "content/privacy.md:1: the link \"a.pdf\" leads to a Git LFS pointer, not to the file itself"},
		{"A.\n>>>>>>> feature/x\n", "content/privacy.md:2: has marks of a merge conflict"},
		{lfsPointer, "content/privacy.md:1: is a Git LFS pointer, not the text itself"},
	} {
		expect(t, refused(t, repository(t, on("2021-01-01", privacy(c.text), write("content/a.pdf", lfsPointer))), errContent), c.want)
	}
	built(t, repository(t, on("2021-01-01", privacy("Heading\n=======\n\n> > > > > > > deep\n\n<<<<<< six\n")), on("2021-02-01", privacy("A.\n"))))

	r := repository(t, on("2021-01-01", privacy("It is a secretword here.\n")), on("2021-02-01", privacy("Other.\n")),
		on("2021-03-01", write("redactions.yml", "- policy: privacy\n  version: 2021-01-01\n  whole: true\n  reason: a name\n  authority: the company\n  date: 2021-03-01\n"),
			write("policysite.yml", "title: Of this name\n"), write("history.yml", "privacy:\n- version: 2021-02-01\n  summary: Said later.\n")))
	s := built(t, r)
	s.without("secretword")
	if !strings.Contains(s.file("index.html"), "Of this name") || !strings.Contains(s.file("privacy/index.html"), "Said later.") {
		t.Error("the other name of a file of settings is not read")
	}
	for _, file := range []string{"policysite", "history", "redactions"} {
		r := repository(t, on("2021-01-01", privacy("A.\n"), write(file+".yml", ""), write(file+".yaml", "")))
		expect(t, refused(t, r, errUsage), fmt.Sprintf("there are both %s.yaml and %[1]s.yml", file))
	}
	expect(t, refused(t, repository(t, on("2021-01-01", privacy("A.\n"), write("policysite.toml", ""))), errUsage), "policysite.toml is not read")
}

// An empty text is a draft until it was a policy, and never ends one.
func TestEmptyTexts(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01", privacy("A.\n"), write("content/later.md", "---\ntitle: Later\n---\n\n<!-- to come -->\n"))))
	if len(s.Policies) != 1 || len(s.result.Warnings) != 1 || !strings.Contains(s.result.Warnings[0].Error(), "content/later.md: has no text") {
		t.Errorf("%s%v", s.tell(), s.result.Warnings)
	}
	expect(t, refused(t, repository(t, on("2021-01-01", privacy("A.\n")), on("2021-02-01", privacy("\n"))), errContent), "content/privacy.md: has no text")
}

// What is passed over is said in one note, and what cannot be meant is not.
func TestWhatIsPassedOverIsSaid(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01",
		write("privacy.md", "A.\n"), write("README.md", "B.\n"), write("docs/AGENTS.md", "C.\n"), write("terms.rst", "D\n"),
		write("_drafts/x.md", "E.\n"), write("node_modules/a/README.md", "F\n"), write(".github/SUPPORT.md", "G\n"))))
	const want = "no policysite.yaml and no folder content, so every text is a policy: privacy.md; passed over: _drafts/x.md (folders that begin with _), terms.rst (formats that are not read), README.md, docs/AGENTS.md (names that hosts and tools give a meaning); `include` in policysite.yaml takes texts by their names"
	if !slices.Contains(s.result.Notes, want) {
		t.Errorf("notes %q\nwant %q", s.result.Notes, want)
	}
	many := repository(t)
	for i := range 30 {
		many.Write(fmt.Sprintf("content/%d.md", i), "---\nreview_on: 2020\nkind: "+fmt.Sprint(i)+"\n---\nA.\n")
	}
	many.Write("content/z.md", "---\nkind: x\n---\nA.\n")
	many.Commit("2021-01-01T12:00:00Z", "x")
	s = built(t, many)
	if w := s.result.Warnings; len(w) != 2 || w[0].Error() != "content/0.md:2: unknown key \"review_on\" in front matter, and in 29 more texts" || w[1].Error() != "content/0.md:3: unknown key \"kind\" in front matter, and in 30 more texts" {
		t.Errorf("warnings %v", w)
	}
	for _, n := range s.result.Notes {
		if strings.Count(n, ".md") > 11 {
			t.Errorf("a note of %d names", strings.Count(n, ".md"))
		}
	}
}

// A site of another generator gets a configuration that makes a site, pasted as it
// is; one without policies is told what there is.
func TestSitesOfOtherGenerators(t *testing.T) {
	for name, c := range map[string]struct {
		files  []string // "path", or "path=text"
		policy string   // one of them, on the site that is made
	}{
		"Jekyll":     {[]string{"_config.yml", "pages/scope.md", "_posts/2020-01-01-x.md"}, "pages/scope"},
		"Hugo":       {[]string{"config.yaml=baseURL: https://example.com/", "content/legal/_index.md=# Privacy", "content/posts/a.md"}, "legal"},
		"Hugo old":   {[]string{"config.json={}", "archetypes/default.md", "content/about.md"}, "about"},
		"Zola":       {[]string{"config.toml=base_url = 'x'", "content/a.md=# Our conditions of use"}, "a"},
		"mdBook":     {[]string{"book.toml", "src/SUMMARY.md", "src/rules.md"}, "rules"},
		"Sphinx":     {[]string{"docs/conf.py", "docs/bylaws.md=# The bylaws"}, "bylaws"},
		"VitePress":  {[]string{"docs/.vitepress/config.mts", "docs/guide/start.md", "docs/legal/cookies.md"}, "legal/cookies"},
		"Docusaurus": {[]string{"docusaurus.config.ts", "docs/intro.md", "src/pages/terms.md"}, "pages/terms"},
		"Astro":      {[]string{"astro.config.mjs", "src/content/policies/x.md=---\ntitle: Code of conduct\n---\nA."}, "content/policies/x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := repository(t)
			for _, f := range c.files {
				p, text, ok := strings.Cut(f, "=")
				if !ok {
					text = "Words of it.\n"
				}
				if strings.HasPrefix(text, "#") {
					text += "\n\nWords.\n"
				}
				r.Write(p, text)
			}
			r.Commit("2021-01-01T12:00:00Z", "x")
			_, err := builder.Check(t.Context(), options(r))
			var foreign *catalog.ForeignSite
			if !errors.As(err, &foreign) || !errors.Is(err, errUsage) {
				t.Fatalf("%v", err)
			}
			config := foreign.Config
			r.Write("policysite.yaml", config)
			r.Commit("2021-02-01T12:00:00Z", "x")
			if s := built(t, r); !s.has(c.policy + "/index.html") {
				t.Errorf("no %s with\n%s%s", c.policy, config, s.tell())
			}
		})
	}
	built(t, repository(t, on("2021-01-01", privacy("A.\n"), write("config.json", "{}"), write("config.yml", "a: b\n"))))
	_, err := builder.Check(t.Context(), options(repository(t, on("2021-01-01", write("README.md", "# Bylaws\n")))))
	var fail *policy.Failure
	if !errors.As(err, &fail) || !errors.Is(err, errContent) || !strings.HasPrefix(fail.Hint, "README.md: passed over (names") {
		t.Errorf("%v", err)
	}
	expect(t, refused(t, repository(t, on("2021-01-01", privacy("A.\n"), write("policysite.yaml", "include: [legal/*.md]\n"))), errUsage), "include: no text of the commit matches legal/*.md")
}

// Links lead to what the site itself serves: files, aliases, former addresses.
func TestLinksToWhatTheSiteServes(t *testing.T) {
	s := built(t, repository(t,
		on("2021-01-01", write("content/tos.md", "# T\n\n## Fees\n\nA.\n")),
		on("2021-02-01", rename("content/tos.md", "content/terms.md"), write("static/f/a b.pdf", "x"), write("content/legal/_index.md", "# Legal\n\nB.\n"),
			privacy("[a](/f/a%20b.pdf#page=2) [b](/old/) [c](/OLD2.html) [d](terms.md#fees) [e](terms.md#none) [f](/f/none.pdf) [g](/legal/)\n"),
			write("content/other.md", "---\naliases: [/old/, /OLD2.html]\n---\nC.\n"))))
	page := s.file("privacy/index.html")
	for _, want := range []string{`href="../f/a%20b.pdf#page=2"`, `href="../other/">b<`, `href="../other/">c<`, `href="../terms/#fees">d<`, `href="../terms/">e<`, `<a>f<`, `href="../legal/">g<`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	var said []string
	for _, w := range s.result.Warnings {
		said = append(said, w.Error())
	}
	expect(t, strings.Join(said, "\n"), `
		content/privacy.md:1: the link "terms.md#none" leads to the page, which has no such heading
		content/privacy.md:1: the link "/f/none.pdf" leads to no file of the commit`)
}

// Names are compared in one form, and what is no address of the web is one of a file.
func TestLinksToNames(t *testing.T) {
	const composed, decomposed = "k\u00fcndigung", "ku\u0308ndigung"
	s := built(t, repository(t, on("2021-01-01",
		write("content/"+decomposed+".md", "# Aus\n\n## Zur\u00fcck\n\nA.\n"), write("content/"+decomposed+".pdf", "x"), write("content/"+composed+"-2.md", "B.\n"),
		privacy("[a]("+composed+".md) [b]("+composed+".pdf) [c]("+decomposed+".md#zuru\u0308ck) [d]("+decomposed+"-2.md) [e](9:30.md) [f](due:now) [g]([terms]) [h](x.md) [h](x.md) [i](../) [j](//example.com/x)\n"))))
	page := s.file("privacy/index.html")
	for _, want := range []string{`href="../k%C3%BCndigung/">a<`, `.pdf">b<`, `href="../k%C3%BCndigung/#zur%C3%BCck">c<`, `href="../k%C3%BCndigung-2/">d<`, `<a>e<`, `<a>f<`, `<a>g<`, `>i<`, `href="//example.com/x"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	var said []string
	for _, w := range s.result.Warnings {
		said = append(said, w.Error())
	}
	expect(t, strings.Join(said, "\n"), `
		content/privacy.md:1: link with the scheme "due" keeps its text and loses its target
		content/privacy.md:1: the link "9:30.md" leads to no file of the commit
		content/privacy.md:1: the link "[terms]" leads to no file of the commit
		content/privacy.md:1: the link "x.md" leads to no file of the commit`)
}

// Texts of one title are told apart on the home page.
func TestEqualTitlesAreToldApart(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01", write("content/a/x.md", "# Notice\n\nA.\n"), write("content/b/x.md", "# Notice\n\nB.\n"), privacy("# Privacy\n\nC.\n"))))
	home := s.file("index.html")
	if !strings.Contains(home, ">/a/x/<") || !strings.Contains(home, ">/b/x/<") || strings.Contains(home, ">/privacy/<") {
		t.Errorf("home page:\n%s", home)
	}
}

// A text whose day has not come, or is past, is not on the site; one that was there
// before stays as it was. The site is to be built again on that day.
func TestPublishDateHoldsBack(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("Old words.\n"), write("content/gone.md", "---\nexpiryDate: 2022-01-01\n---\nExpired.\n"), write("content/index.md", "---\nexpiryDate: 2022-01-01\n---\nExpired.\n")),
		on("2021-02-01", privacy("---\npublishDate: 2031-02-01T08:00:00Z\n---\nSecretword.\n"), write("content/new.md", "---\npublishdate: 2031-03-01\n---\nSecretword.\n")),
		on("2021-03-01", privacy("---\npublishDate: 2031-02-01T08:00:00Z\n---\nSecretword twice.\n")),
		on("2021-04-01", privacy("---\npublishDate: 2031-01-01\n---\nSecretword for another day.\n")),
		on("2021-05-01", privacy("---\npublishDate: 2031-02-01\n---\nSecretword again.\n")))
	s := built(t, r, func(o *builder.Options) { o.At = date("2021-06-01") })
	s.without("Secretword")
	if *s.NextChange != "2022-01-01" || !s.has("gone/index.html") {
		t.Errorf("next %s\n%s", *s.NextChange, s.tell())
	}
	expect(t, s.tell(), `
		gone content/gone.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, )
		privacy content/privacy.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, )`)
	if want := "held back by publishDate until its day: content/new.md (2031-03-01), content/privacy.md (2031-02-01, and the version before stays)"; !slices.Contains(s.result.Notes, want) {
		t.Errorf("notes %q", s.result.Notes)
	}
	s = built(t, r, func(o *builder.Options) { o.At = date("2022-01-01") })
	s.without("Secretword", "Expired")
	if *s.NextChange != "2031-02-01" || s.result.NextChange != date("2031-02-01") || len(s.Policies) != 1 {
		t.Errorf("next %s\n%s", *s.NextChange, s.tell())
	}
	if w := s.result.Warnings; len(w) != 1 || w[0].Error() != "content/gone.md:2: expiryDate is past: the text is not on the site from 2022-01-01 on" {
		t.Errorf("%v", w)
	}
	s = built(t, r, func(o *builder.Options) { o.At = date("2031-02-01") })
	expect(t, s.tell(), `
		privacy content/privacy.md in-force 2021-05-01
		 2021-01-01 initial [2021-01-01, 2031-02-01)
		 2021-02-01 wording
		 2021-03-01 wording
		 2021-04-01 wording
		 2021-05-01 wording [2031-02-01, )`)
}

// The day of a text that was held back stays, whatever its policy says next.
func TestPublishDateOfThePast(t *testing.T) {
	r := repository(t, on("2020-01-10", privacy("One.\n")),
		on("2020-02-01", privacy("---\neffective: 2020-03-01\npublishDate: 2020-04-01\n---\nTwo.\n")))
	before := built(t, r, forDay("2020-04-15"))
	commit(r, on("2020-05-01", privacy("---\npublishDate: 2020-06-01\n---\nThree.\n")))
	held := `
		privacy content/privacy.md in-force 2020-02-01
		 2020-01-10 initial [2020-01-10, 2020-04-01)
		 2020-02-01 wording [2020-04-01, `
	expect(t, before.tell(), held+")")
	next := built(t, r, forDay("2020-05-05"), previous(before.dir))
	expect(t, next.tell(), held+")")
	expect(t, built(t, r, forDay("2020-06-02"), previous(next.dir)).tell(), strings.Replace(held, "force 2020-02-01", "force 2020-05-01", 1)+`2020-06-01)
		 2020-05-01 wording [2020-06-01, )`)
	// A text that is taken back before its day was never in force.
	commit(r, on("2020-05-20", privacy("Two.\n")))
	expect(t, built(t, r, forDay("2020-06-02"), previous(next.dir)).tell(), `
		privacy content/privacy.md in-force 2020-05-20
		 2020-01-10 initial [2020-01-10, 2020-04-01)
		 2020-02-01 wording [2020-04-01, 2020-05-20)
		 2020-05-01 wording
		 2020-05-20 wording [2020-05-20, ) = 2020-02-01`)
}

// A draft of a policy that has versions withdraws it, and its author hears of it.
func TestDraftsOfPoliciesWithVersions(t *testing.T) {
	for _, front := range []string{"draft: true", "published: false", "permalink: false", "Draft: yes"} {
		r := repository(t, on("2021-01-01", privacy("A.\n"), write("content/b.md", "B.\n")), on("2021-02-01", privacy("---\n"+front+"\n---\nA.\n")),
			on("2021-03-01", write("policysite.yaml", "archived: [privacy]\n")))
		s := built(t, r)
		if w := s.result.Warnings; len(w) != 1 || w[0].Error() != "content/privacy.md:2: is a draft now, which withdraws a policy that has versions" {
			t.Errorf("%s: %v", front, w)
		}
		expect(t, s.tell(), `
			b content/b.md in-force 2021-01-01
			 2021-01-01 initial [2021-01-01, )
			privacy content/privacy.md withdrawn
			 2021-01-01 initial [2021-01-01, 2021-02-01) + draft`)
	}
	s := built(t, repository(t, on("2021-01-01", privacy("---\nexpiryDate: 2021-05-01\n---\nA.\n"), write("content/b.md", "B.\n"), write("policysite.yaml", "archived: [privacy]\n"))))
	if !strings.Contains(s.tell(), "withdrawn\n 2021-01-01 initial [2021-01-01, 2021-05-01)") {
		t.Error(s.tell())
	}
}

// What other generators mean by an address of a page is read where it is one.
func TestAddressesOfOtherGenerators(t *testing.T) {
	r := repository(t)
	for i, c := range []struct{ front, page, warning string }{
		{"slug: /", "1", "slug: / is the home page, and is not read"},
		{"slug: /our/terms/", "our/terms", ""},
		{"slug: ./terms-b", "terms-b", ""},
		{"permalink: /caf%C3%A9/", "café", ""},
		{"permalink: /fees.html#due", "fees", ""},
		{"permalink: /:year/:title/", "6", "permalink: \"/:year/:title/\" is not a path of this site, and is not read"},
		{"permalink: [a, b]", "7", "permalink: is not an address, and is not read"},
		{"permalink: true", "8", ""},
		{"url: https://example.com/c/", "9", "url: \"https://example.com/c/\" is not a path of this site, and is not read"},
		{"permalink: /index.html", "10", "permalink: /index.html is the home page, and is not read"},
		{"permalink: \"{{ page.filePathStem }}.html\"", "11", "permalink: \"{{ page.filePathStem }}.html\" is not a path of this site, and is not read"},
		{"layout: none.njk", "12", ""},
	} {
		name := fmt.Sprintf("content/%d.md", i+1)
		r.Write(name, "---\n"+c.front+"\n---\nWords.\n")
		r.Commit("2021-01-01T12:00:00Z", "x")
		s := built(t, r)
		said := ""
		for _, w := range s.result.Warnings {
			if strings.HasPrefix(w.Error(), name) {
				said += strings.TrimPrefix(w.Error(), name+":2: ")
			}
		}
		if !s.has(c.page+"/index.html") || said != c.warning {
			t.Errorf("%s: a page %v, said %q\n%s", c.front, s.has(c.page+"/index.html"), said, s.tell())
		}
	}
}

// A value of the past that cannot be read takes nothing away, and is told once.
func TestValuesOfThePastAreLeftOut(t *testing.T) {
	r := repository(t)
	for i, front := range []string{"lastmod: May 2020\nchange: huge", "effective: 2020-02-30", "title: [a, b]", "weight: heavy", "draft: maybe", "retroactive: 1", "aliases: {a: b}"} {
		r.Write("content/privacy.md", fmt.Sprintf("---\n%s\n---\nWords %d.\n", front, i))
		r.Commit(fmt.Sprintf("2021-01-%02dT12:00:00Z", i+1), "x")
	}
	r.Write("content/privacy.md", "Words now.\n")
	r.Commit("2021-02-01T12:00:00Z", "x")
	s := built(t, r)
	if len(s.Policies[0].Versions) != 8 {
		t.Error(s.tell())
	}
	note := ""
	for _, n := range s.result.Notes {
		if strings.HasPrefix(n, "values in the front matter ") {
			note += n
		}
	}
	if !strings.HasPrefix(note, "values in the front matter of older texts (7) cannot be read, and are left out: content/privacy.md:2 in commit ") ||
		!strings.Contains(note, " (lastmod), content/privacy.md:2 in commit ") || !strings.HasSuffix(note, " and 4 more") {
		t.Errorf("%q", note)
	}
}
