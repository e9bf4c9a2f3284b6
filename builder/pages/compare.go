package pages

import (
	"html/template"
	"slices"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// comparePage is what compare.html is given: any two versions of a policy, or any two
// files of the reader's.
type comparePage struct {
	Page     Page
	Policy   link
	Title    template.HTML
	TextLang string
	TextDir  string
	Versions []comparable // newest first; none where files are compared
	Script   string       // addresses; "" where the program cannot compare in a browser
	Worker   string
	Module   string
	Words    string // what the module says in the language of the page
	OfFiles  string // the page on which files are compared
}

// comparable is a version in the list of those to compare.
type comparable struct {
	*version
	Source string // address of its source; "" where there is none that can be compared
}

// Where what compares in a browser stands: a worker below /assets/ would have no
// origin, by the policy that is sent there.
const (
	compareURL = "/compare/"
	workerURL  = compareURL + "worker.js"
	moduleURL  = compareURL + "compare.bin"
)

// wordsURL is the address of the words of a language, for what compares.
func wordsURL(lang string) string { return compareURL + lang + ".txt" }

// compares reports whether pages compare texts in the reader's browser.
func (c *Composer) compares() bool { return c.theme.module != nil && !c.site.Fragments }

// comparePage begins a page on which texts are compared.
func (c *Composer) comparePage(url, lang string) *comparePage {
	out := &comparePage{Page: c.page(url, lang), TextDir: "auto", OfFiles: Href(url, compareURL)}
	out.Page.NoIndex = true
	if c.compares() {
		out.Page.Compares = true
		out.Script = Href(url, c.theme.compareURL)
		// Their addresses stay the same, what they are need not.
		out.Worker, out.Module = Href(url, workerURL)+"?"+c.theme.moduleSum, Href(url, moduleURL)+"?"+c.theme.moduleSum
		out.Words = Href(url, wordsURL(out.Page.Lang))
	}
	return out
}

// policyCompare writes the page on which any two versions of a policy are compared, and
// which lists the redlines there are. What is withheld, even in part, or cannot be
// rendered is not compared there.
func (c *Composer) policyCompare(p *policy.Policy, emit Emit) error {
	out := c.comparePage(p.URL+"compare/", p.Lang)
	if !c.wants(out.Page.URL) {
		return nil
	}
	page, w := &out.Page, out.Page.words
	out.Policy = page.policyLink(p)
	out.Title = w.HTML("compare-of", "Policy", linkHTML(page.link(p.Title, "", p.Lang)))
	out.TextLang, out.TextDir = p.Lang, words.Direction(p.Lang)
	page.Title = w.T("compare-of", "Policy", p.Title)
	c.within(page, p)
	page.crumb(w.T("compare"))
	for i, v := range slices.Backward(p.Versions) {
		if v.Draft || v.Kind == policy.Withdrawn {
			continue
		}
		line := comparable{version: c.version(page, p, i)}
		if v.Error == "" && len(v.Redactions) == 0 {
			line.Source = Href(page.URL, sourceURL(p, i))
		}
		out.Versions = append(out.Versions, line)
	}
	return c.write(emit, "compare.html", page, out, nil)
}

// compare writes the page on which any two files are compared, and what compares them.
func (c *Composer) compare(w *whole) error {
	if !c.compares() {
		return nil
	}
	files := map[string][]byte{c.theme.compareURL: c.theme.compare, workerURL: c.theme.worker, moduleURL: c.theme.module}
	langs := []string{""} // that of /compare/
	for _, p := range w.all {
		langs = append(langs, p.Lang)
	}
	for _, lang := range langs {
		words := c.Words(lang)
		if url := wordsURL(words.Lang); files[url] == nil {
			encoded, err := words.Encode()
			if err != nil {
				return err
			}
			files[url] = encoded
		}
	}
	for url, content := range files {
		if err := w.emit(file(url), content); err != nil {
			return err
		}
	}
	out := c.comparePage(compareURL, "")
	page, words := &out.Page, out.Page.words
	page.Title, out.Title = words.T("compare-files"), words.HTML("compare-files")
	page.crumb(page.Title)
	return c.write(w.emit, "compare.html", page, out, nil)
}
