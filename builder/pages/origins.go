package pages

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// originsPage is what origins.html is given: the text that a policy shows, with notes
// that say since when its parts stand.
type originsPage struct {
	*versionPage
	Bar   template.HTML   // a drawing of Years
	Years []template.HTML // how much of the text dates from which, oldest first
}

func originsURL(p *policy.Policy) string { return p.URL + "origins/" }

// originsPage writes since when each part of the text that a policy shows stands.
func (c *Composer) originsPage(p *policy.Policy, texts Texts, emit Emit) error {
	url, i := originsURL(p), p.Shown()
	if !c.wants(url) || len(p.Origins) == 0 {
		return nil
	}
	page := c.page(url, p.Lang)
	notes := originNotes{c: c, page: &page, p: p}
	text, err := texts.Noted(i, notes.write)
	if err != nil {
		return err
	}
	version, err := c.versionPage(url, p, i, text, &tables{})
	if err != nil {
		return err
	}
	out := &originsPage{versionPage: version}
	out.Years, out.Bar = notes.years()
	w := out.Page.words
	out.Page.Title = w.T("page-of", "Page", w.T("origins"), "Policy", out.Heading.Text)
	out.Page.NoIndex = true
	out.Page.crumb(w.T("origins"))
	return c.write(emit, "origins.html", &out.Page, out, text.HTML)
}

// originNotes are the notes of a text.
type originNotes struct {
	c     *Composer
	page  *Page
	p     *policy.Policy
	sizes map[int]int // by years: of what dates from it, in characters
}

// stretch is passages that follow one another and date from the same version.
type stretch struct {
	policy.Origin
	mixed bool // First is that of the oldest of them
	title bool // it is the title alone
}

// write makes a note for each stretch. That of the title stands below it, or where the
// text begins if the page shows the title elsewhere.
func (n *originNotes) write(passages []Passage) map[int]template.HTML {
	n.sizes = map[int]int{}
	out := map[int]template.HTML{}
	var last *stretch
	at := 0 // the line at which the note of last stands
	put := func() {
		if last != nil {
			out[at] += n.note(last)
		}
	}
	for k, passage := range passages {
		s := n.of(passage)
		if !s.Withheld {
			n.sizes[n.p.Versions[s.Since].Day.Year] += passage.Size
		}
		if last != nil && last.takes(&s) {
			continue
		}
		put()
		last, at = &s, passage.Line
		if passage.Title && k+1 < len(passages) {
			last.title, at = true, passages[k+1].Line
		}
	}
	put()
	return out
}

// of is what is said of a passage: of a row of a table, what is said of its cells.
func (n *originNotes) of(passage Passage) stretch {
	k, _ := slices.BinarySearchFunc(n.p.Origins, passage.Line, func(o policy.Origin, line int) int { return o.Line + o.Lines - 1 - line })
	out := stretch{Origin: n.p.Origins[k]}
	for _, o := range n.p.Origins[k+1:] {
		if o.Line >= passage.Line+passage.Lines {
			break
		}
		if o.Withheld || out.Withheld {
			out.Withheld, out.Since = true, -1
			continue
		}
		s := stretch{Origin: o}
		if out.StoodBefore != s.StoodBefore {
			out.StoodBefore = -1
		}
		out.join(&s)
		out.Since, out.mixed = max(out.Since, s.Since), false
	}
	return out
}

// takes makes a passage part of a stretch, if it dates from the same version.
func (s *stretch) takes(next *stretch) bool {
	if s.Withheld != next.Withheld || s.Since != next.Since || s.StoodBefore != next.StoodBefore || !slices.Equal(s.Unread, next.Unread) {
		return false
	}
	s.join(next)
	s.title = false
	return true
}

// join takes what is said of another passage of when it first stood and was changed.
func (s *stretch) join(next *stretch) {
	s.mixed = s.mixed || next.mixed || s.First != next.First
	s.First = min(s.First, next.First)
	both := func(a, b []int) []int {
		all := slices.Concat(a, b)
		slices.Sort(all)
		return slices.Compact(all)
	}
	s.Changes, s.Unread = both(s.Changes, next.Changes), both(s.Unread, next.Unread)
}

// mostInNote changes are listed in a note; of more, the last ones.
const mostInNote = 10

// note is what is said of a stretch.
func (n *originNotes) note(s *stretch) template.HTML {
	w, p, page := n.page.words, n.p, n.page
	var b strings.Builder
	b.WriteString(`<div class="since small" data-note><div>`)
	if s.title {
		b.WriteString(escape(w.T("origin-title")) + " ")
	}
	if s.Withheld {
		b.WriteString(escape(w.T("origin-withheld")) + "</div></div>")
		return template.HTML(b.String())
	}
	name := func(i int) template.HTML {
		_, name, _ := n.c.name(page, p.Versions[i].ID)
		return name
	}
	link := func(words any, i int) template.HTML {
		url := versionURL(p, i)
		if compared(p, i) >= 0 {
			url = ChangesURL(p, i)
		}
		return linkedHTML(words, Href(page.URL, url))
	}
	b.WriteString(string(link(w.HTML("origin-since", "Day", name(s.Since)), s.Since)))
	more := func(h template.HTML) { b.WriteString("<br>" + string(h)) }
	if s.StoodBefore >= 0 {
		more(linkedHTML(w.HTML("origin-before", "Day", name(s.StoodBefore)), Href(page.URL, versionURL(p, s.StoodBefore))))
	}
	if k := len(s.Unread); k > 0 {
		more(w.HTML("origin-unread", k))
	}
	if s.First < s.Since || len(s.Changes) > 0 {
		id := "origin-first"
		if s.mixed {
			id = "origin-first-mixed"
		}
		said := w.HTML(id, "Day", name(s.First))
		if k := len(s.Changes); k > 0 {
			said += " · " + w.HTML("origin-changed", k)
		}
		fmt.Fprintf(&b, "<details><summary>%s</summary><ul><li>%s</li>", said, linkedHTML(name(s.First), Href(page.URL, versionURL(p, s.First))))
		if len(s.Changes) > mostInNote {
			fmt.Fprintf(&b, "<li>%s</li>", linkedHTML(w.T("all-changes"), Href(page.URL, p.URL+"changes/")))
		}
		for _, i := range s.Changes[max(0, len(s.Changes)-mostInNote):] {
			fmt.Fprintf(&b, "<li>%s</li>", link(name(i), i))
		}
		b.WriteString("</ul></details>")
	}
	b.WriteString("</div></div>")
	return template.HTML(b.String())
}

// years say how much of the text dates from which year, in words and as a bar for the
// eye.
func (n *originNotes) years() (said []template.HTML, bar template.HTML) {
	all := 0
	for _, size := range n.sizes {
		all += size
	}
	if all == 0 {
		return nil, ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="timeline share" viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true">`, lineWidth, lineHeight)
	years, at := slices.Sorted(maps.Keys(n.sizes)), 0
	for k, year := range years {
		size := n.sizes[year]
		percent := strconv.Itoa((200*size + all) / (2 * all))
		if percent == "0" {
			percent = "<1"
		}
		said = append(said, n.page.words.HTML("origins-share", "Year", strconv.Itoa(year), "Percent", percent))
		from, to := lineWidth*at/all, lineWidth*(at+size)/all
		x := from
		if n.page.Dir == "rtl" {
			x = lineWidth - to
		}
		fmt.Fprintf(&b, `<rect x="%d" width="%d" height="%d" fill-opacity="%d%%" vector-effect="non-scaling-stroke" class="material"><title>%d</title></rect>`,
			x, to-from, lineHeight, 100*(k+1)/len(years), year)
		at += size
	}
	b.WriteString("</svg>")
	return said, template.HTML(b.String())
}

// ManifestOrigin says of a line of the text in force since when it stands: see
// policy.Origin.
type ManifestOrigin struct {
	Block       int      `json:"block"` // line of the visible text, from 1
	Withheld    bool     `json:"withheld"`
	Since       OrNull   `json:"since"`   // ids of versions; null and no list where words of the line are withheld
	First       OrNull   `json:"first"`   // likewise
	Changes     []string `json:"changes"` // oldest first
	StoodBefore OrNull   `json:"stood_before"`
	Unread      []string `json:"unread"`
}

// ManifestOrigins are the origins of the text that a policy shows, one for each line.
func ManifestOrigins(p *policy.Policy) []ManifestOrigin {
	ids := func(all []int) []string {
		out := make([]string, len(all))
		for k, i := range all {
			out[k] = p.Versions[i].ID
		}
		return out
	}
	id := func(i int) OrNull {
		if i < 0 {
			return ""
		}
		return OrNull(p.Versions[i].ID)
	}
	out := []ManifestOrigin{}
	for _, o := range p.Origins {
		for k := range o.Lines {
			out = append(out, ManifestOrigin{o.Line + k, o.Withheld, id(o.Since), id(o.First), ids(o.Changes), id(o.StoodBefore), ids(o.Unread)})
		}
	}
	return out
}
