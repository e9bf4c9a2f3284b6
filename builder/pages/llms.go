package pages

import (
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// llms writes llms.txt, which lists the texts in force as Markdown for programs that
// read text better than pages: https://llmstxt.org.
func (c *Composer) llms(w *whole) error {
	site := c.Words("")
	var b strings.Builder
	b.WriteString("# " + markdownLine(c.site.Title) + "\n\n")
	b.WriteString("## " + markdownLine(site.T("policies-title")) + "\n\n")
	for _, p := range c.arranged(w) {
		if p.Current < 0 {
			continue
		}
		about := unmarked(standing(c.Words(p.Lang), p, p.Current))
		if p.Lang != c.site.Lang {
			about += " (" + words.Endonym(p.Lang) + ")"
		}
		if p.Description != "" {
			about = p.Description + " " + about
		}
		source, whole := c.base.absolute(sourceURL(p, p.Current))
		if !whole {
			source = c.base.rooted(sourceURL(p, p.Current))
		}
		b.WriteString("- [" + markdownLine(p.Title) + "](" + source + "): " + markdownLine(about) + "\n")
	}
	return w.emit("llms.txt", []byte(b.String()))
}

var markdownEscaper = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "<", `\<`, "`", "\\`")

// markdownLine is a text as Markdown, in one line.
func markdownLine(s string) string {
	return markdownEscaper.Replace(policy.CollapseSpace(policy.Printable(s)))
}
