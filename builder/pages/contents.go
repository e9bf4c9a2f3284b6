package pages

import (
	"bytes"
	"html/template"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// contentsPage is what contents.html is given.
type contentsPage struct {
	Entries []entry
	Lang    string // of their texts, when it is not that of the page around
	Dir     string
}

// tables are the tables of contents of a policy's versions. Most have that of
// the version before.
type tables struct {
	of   contentsPage // the one made last
	html template.HTML
}

// entry is a line of the table of contents.
type entry struct {
	ID, Text string
	Sub      bool // below the line before it
}

// contents makes the table of contents of a version; "" when it has none.
func (t *tables) contents(c *Composer, page *Page, p *policy.Policy, i int, text Text) (template.HTML, error) {
	in := page.link("", "", p.Lang)
	of := contentsPage{contents(text.Headings, p.Versions[i].Title), in.Lang, in.Dir}
	switch {
	case of.Entries == nil:
		return "", nil
	case t.html != "" && slices.Equal(of.Entries, t.of.Entries):
		return t.html, nil
	}
	var html bytes.Buffer
	if err := c.theme.execute(&html, page.words, "contents.html", of); err != nil {
		return "", err
	}
	t.of, t.html = of, template.HTML(html.String())
	return t.html, nil
}

// A table of contents has at least fewestEntries lines. Its second level is
// left out when there are more than mostEntries, so that it stays smaller than
// the text it leads to.
const (
	fewestEntries = 4
	mostEntries   = 80
)

// contents is the table of contents of a text: its two highest levels of
// headings below the title. A short text has none.
func contents(headings []Heading, title string) []entry {
	if len(headings) > 0 && headings[0].Level == 1 && only(headings, 1) {
		headings = headings[1:]
	}
	top := 7
	for _, h := range headings {
		top = min(top, h.Level)
	}
	var all, high []entry
	for _, h := range headings {
		if h.Text == "" || h.ID == "" || h.Level > top+1 {
			continue
		}
		e := entry{ID: h.ID, Text: h.Text, Sub: h.Level > top}
		all = append(all, e)
		if !e.Sub {
			high = append(high, e)
		}
	}
	if len(all) > mostEntries && len(high) >= fewestEntries {
		all = high
	}
	if len(all) < fewestEntries {
		return nil
	}
	return all
}

// only reports whether exactly one heading has a level.
func only(headings []Heading, level int) bool {
	n := 0
	for _, h := range headings {
		if h.Level == level {
			n++
		}
	}
	return n == 1
}
