package importer

import "regexp"

// Texts that a tool made of a whole page have the page's menus at their start
// and its footer at their end. Chunks that consist of links go, and those
// between them; a text without links loses nothing.

var (
	pageEnd    = regexp.MustCompile(`(?i)©|\(c\)\s*\d{4}|&copy;|\bcopyright\b|all rights reserved`)
	contactSay = regexp.MustCompile(`(?i)contact|question|complain|rights|inquir`)
)

// fewLinks may stand at the start of any text.
const fewLinks = 3

// menus removes the chunks above the first heading if all of them are menus,
// labels of menus, and cookie banners.
func (r *reading) menus(all []chunk) {
	linked, end := 0, 0
	for ; end < len(all); end++ {
		c := &all[end]
		if level, _ := c.heading(); level > 0 || c.code {
			break
		}
		links, plain := c.links()
		switch {
		case len(c.lines) == 0:
		case fragments.MatchString(c.text()):
			return // a table of contents
		case links > 0 && plain <= links:
			linked++
		case plain <= 3 && !sentenceEnd.MatchString(c.text()): // the label of a menu
		case plain <= 40 && cookieWords.MatchString(c.text()) && agreeWords.MatchString(c.text()):
		default:
			return // words that no heading follows may be text
		}
	}
	if linked < fewLinks || end == len(all) {
		return
	}
	for i := range all[:end] {
		why := "menu of the page"
		if cookieWords.MatchString(all[i].text()) {
			why = "cookie banner"
		}
		r.drop(why, all[i:i+1]...)
	}
}

var fragments = regexp.MustCompile(`\]\(#`)

var sentenceEnd = regexp.MustCompile(`[.;!?](?:\s|$)`)

// section is a heading with what follows it.
type section struct {
	from  int // its first chunk, -1 without a heading
	links int
	plain int // words outside of links, the heading's and a copyright line's not counted
	end   bool
}

// footer removes the last sections of a page if they are a footer: columns of
// links, each under a heading, of which the last ends the page.
func (r *reading) footer(all []chunk) {
	start, end := len(all), false
	sections, tentative, links := 0, 0, 0
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
		r.lastLines(all)
		return
	}
	r.drop("footer of the page", all[start:]...)
}

// lastSection is the section that ends before a chunk.
func lastSection(all []chunk, to int) section {
	s := section{from: -1}
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
		s.links, s.plain = s.links+links, s.plain+plain
	}
	return s
}

// lastLines removes lines of links and the copyright line that end a page
// without a heading of their own.
func (r *reading) lastLines(all []chunk) {
	start, linked, end := len(all), false, false
	for ; start > 0; start-- {
		c := &all[start-1]
		level, _ := c.heading()
		links, plain := c.links()
		last := plain <= 25 && pageEnd.MatchString(c.text())
		menu := links >= 2 && plain <= links
		if level > 0 || c.code || len(c.lines) > 0 && !last && !menu {
			break
		}
		end = end || last
		linked = linked || menu && !last
	}
	if linked && end {
		r.drop("footer of the page", all[start:]...)
	}
}
