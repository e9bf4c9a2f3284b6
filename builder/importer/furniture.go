package importer

import "regexp"

// Texts that a tool made of a whole page have the page's menus at their start
// and its footer at their end. What goes is what consists of links, and what
// stands between such; a text without links loses nothing.

var (
	pageEnd    = regexp.MustCompile(`(?i)©|\(c\)\s*\d{4}|&copy;|\bcopyright\b|all rights reserved`)
	contactSay = regexp.MustCompile(`(?i)contact|question|complain|rights|inquir`)
)

// fewLinks are as many as stand at the start of any text.
const fewLinks = 3

func (r *reading) furniture(all []chunk) error {
	if err := r.menus(all); err != nil {
		return err
	}
	return r.footer(all)
}

// menus removes what stands above the first heading if all of it is menus,
// their labels, and cookie banners.
func (r *reading) menus(all []chunk) error {
	linked, end := 0, 0
	for end < len(all) {
		c := &all[end]
		if level, _ := c.heading(); level > 0 || c.code {
			break
		}
		if len(c.lines) == 0 {
			end++
			continue
		}
		links, plain := c.links()
		switch {
		case fragments.MatchString(c.text()):
			return nil // a table of contents
		case links > 0 && plain <= links:
			linked++
		case plain <= 3 && !sentenceEnd.MatchString(c.text()): // the label of a menu
		case plain <= 40 && cookieWords.MatchString(c.text()) && agreeWords.MatchString(c.text()):
		default:
			return nil // words that a heading does not follow: there is no telling
		}
		end++
	}
	if linked < fewLinks || end == len(all) {
		return nil
	}
	for i := range all[:end] {
		why := "menu of the page"
		if cookieWords.MatchString(all[i].text()) {
			why = "cookie banner"
		}
		if err := r.drop(&all[i], why); err != nil {
			return err
		}
	}
	return nil
}

var fragments = regexp.MustCompile(`\]\(#`)

var sentenceEnd = regexp.MustCompile(`[.;!?](?:\s|$)`)

// section is a heading with what follows it.
type section struct {
	from, to int // chunks
	links    int
	plain    int // words outside of links, the heading's and a copyright line's not counted
	end      bool
}

// footer removes the last sections of a page if they are a footer: columns of
// links, each under a heading, of which the last ends the page.
func (r *reading) footer(all []chunk) error {
	start := len(all)
	sections, links := 0, 0
	end := false
	tentative := 0
	for to := len(all); to > 0; {
		s := lastSection(all, to)
		level, title := 0, ""
		if s.from >= 0 {
			level, title = all[s.from].heading()
		}
		if level == 0 || level == 1 || escapedNumber.MatchString(title) || contactSay.MatchString(title) {
			break
		}
		if s.links == 0 && (s.plain > 15 || sections == 0) || s.plain > 25 {
			break
		}
		end = end || s.end
		if s.links == 0 {
			tentative++
		} else {
			sections += 1 + tentative
			tentative = 0
			links += s.links
			start = s.from
		}
		to = s.from
	}
	if sections < 3 || links < 5 || !end {
		return r.lastLines(all)
	}
	for i := range all[start:] {
		if err := r.drop(&all[start+i], "footer of the page"); err != nil {
			return err
		}
	}
	return nil
}

// lastSection is the section that ends before a chunk; from is -1 when there is
// no heading above it.
func lastSection(all []chunk, to int) section {
	s := section{from: -1, to: to}
	for i := to - 1; i >= 0; i-- {
		if level, _ := all[i].heading(); level > 0 {
			s.from = i
			if len(all[i].lines) > 1 {
				rest := chunk{lines: all[i].lines[1:]}
				links, plain := rest.links()
				s.links, s.plain = s.links+links, s.plain+plain
			}
			break
		}
		if pageEnd.MatchString(all[i].text()) {
			s.end = true
			continue
		}
		links, plain := all[i].links()
		s.links += links
		s.plain += plain
	}
	return s
}

// lastLines removes lines of links and the copyright line that end a page
// without a heading of their own.
func (r *reading) lastLines(all []chunk) error {
	start, linked, end := len(all), 0, false
	for i := len(all) - 1; i >= 0; i-- {
		c := &all[i]
		if level, _ := c.heading(); level > 0 || c.code {
			break
		}
		links, plain := c.links()
		switch {
		case len(c.lines) == 0:
		case pageEnd.MatchString(c.text()) && plain <= 25:
			end = true
		case links >= 2 && plain <= links:
			linked++
		default:
			i = 0
			continue
		}
		start = i
	}
	if linked == 0 || !end {
		return nil
	}
	for i := range all[start:] {
		if err := r.drop(&all[start+i], "footer of the page"); err != nil {
			return err
		}
	}
	return nil
}
