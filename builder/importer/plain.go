package importer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// plain reads plain text: paragraphs between empty lines, headings that are
// short lines of their own, bullets, numbers.
func (r *reading) plain(content string) error {
	if len(content) > maxVisible {
		return fmt.Errorf("has %d bytes of text, expected at most %d", len(content), maxVisible)
	}
	r.bagIn.add(content)
	all := chunks(strings.ReplaceAll(content, "\f", "\n\n"))
	for i := range all {
		all[i].code = false
		trimLines(all[i].lines)
	}
	r.tokens()
	suite := numberedSuite(all)
	headings := r.headings(all, suite)
	for i := range all {
		c := &all[i]
		if suite[i] {
			c.lines = []string{escapeLine(c.lines[0])}
			continue
		}
		if headings[i] {
			continue
		}
		list := r.numbered(c.lines)
		for k, line := range c.lines {
			if m := bullet.FindStringSubmatch(line); m != nil {
				c.lines[k] = m[1] + "• " + escapeLine(m[2])
			} else if !list[k] {
				c.lines[k] = escapeLine(line)
			} else {
				number, text, _ := strings.Cut(strings.TrimSpace(line), " ")
				c.lines[k] = number + " " + escapeLine(strings.TrimSpace(text))
			}
		}
	}
	r.body = join(all)
	r.tidy()
	return nil
}

var dashItem = regexp.MustCompile(`^(\s*)[-*+–—]\s+(\S.*)$`)

// trimLines takes the indentation off lines, bullets apart, which may stand
// one below another, and makes bullets of the dashes that stand for them.
func trimLines(lines []string) {
	for k, line := range lines {
		if m := dashItem.FindStringSubmatch(line); m != nil {
			line = m[1] + "• " + m[2]
		}
		if bullet.MatchString(line) {
			lines[k] = strings.TrimRight(line, " \t")
		} else {
			lines[k] = strings.TrimSpace(line)
		}
	}
}

// headings marks the chunks of one short line that are headings, and returns
// which: of those that begin the text the last is its title, the others name
// whose text it is.
func (r *reading) headings(all []chunk, suite map[int]bool) map[int]bool {
	candidate := func(i int) bool {
		if i >= len(all) || len(all[i].lines) != 1 || suite[i] {
			return false
		}
		line := all[i].lines[0]
		return asHeading(line) && !bullet.MatchString(line) && !numberedLine.MatchString(line) && !yearWords.MatchString(line) && !strings.Contains(line, "@")
	}
	title, top := -1, 0
	for top < len(all)-1 && len(all[top].lines) == 1 && countWords(all[top].lines[0]) <= headingWords && !sentenceEnd.MatchString(all[top].lines[0]) && !yearWords.MatchString(all[top].lines[0]) && !suite[top] {
		if candidate(top) {
			title = top
		}
		top++
	}
	out := map[int]bool{}
	for i := max(title, 0); i < len(all)-1; i++ {
		if !candidate(i) {
			continue
		}
		mark := "## "
		if i == title {
			mark = "# "
		}
		all[i].lines = []string{mark + escapeLine(all[i].lines[0])}
		out[i] = true
	}
	return out
}

var numberItem = regexp.MustCompile(`^(\d{1,3})([.)])\s+\S`)

// numbered finds lines that are items of a numbered list: two or more in a
// chunk, each number following the one before. Their numbers are then numbers
// of a list, which a list makes by itself.
func (r *reading) numbered(lines []string) map[int]bool {
	out := map[int]bool{}
	next, mark := "", ""
	for k, line := range lines {
		m := numberItem.FindStringSubmatch(line)
		if m == nil || k == 0 && m[1] != "1" || next != "" && (m[1] != next || m[2] != mark) {
			if k == 0 || m != nil {
				return nil // text whose lines happen to start with numbers
			}
			continue
		}
		n, _ := strconv.Atoi(m[1])
		next, mark = strconv.Itoa(n+1), m[2]
		out[k] = true
	}
	if len(out) < 2 {
		return nil
	}
	for k := range out {
		r.numbers.add(numberItem.FindStringSubmatch(lines[k])[1])
	}
	return out
}

var (
	specials    = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "<", `\<`, "~~", `\~~`, "|", `\|`)
	underscore  = regexp.MustCompile(`(^|[^\pL\pN_])(_+)|(_+)($|[^\pL\pN_])`)
	bracket     = regexp.MustCompile(`\[([^\]]*\](?:[(\[:]|))`)
	lineStart   = regexp.MustCompile(`^(?:#{1,6}(?:\s|$)|>|[-+](?:\s|$)|=+\s*$|-+\s*$|~~~|:)`)
	numberStart = regexp.MustCompile(`^(\d{1,9})([.)])(\s|$)`)
	reference   = regexp.MustCompile(`&(#?\w+;)`)
)

// escapeLine makes Markdown of a line of plain text that says the same.
func escapeLine(line string) string {
	line = specials.Replace(line)
	line = reference.ReplaceAllString(line, `\&$1`)
	line = underscore.ReplaceAllStringFunc(line, func(s string) string { return strings.ReplaceAll(s, "_", `\_`) })
	line = bracket.ReplaceAllStringFunc(line, func(s string) string {
		inner := s[1:]
		if strings.HasSuffix(inner, "]") && !strings.HasPrefix(inner, "^") && inner != " ]" && inner != "x]" && inner != "X]" && inner != "]" {
			return s // [at], [dot]: nothing defines such a reference
		}
		return `\` + s
	})
	if lineStart.MatchString(line) {
		line = `\` + line
	}
	return numberStart.ReplaceAllString(line, `$1\$2$3`)
}
