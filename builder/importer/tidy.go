package importer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tidy takes from Markdown what tools and pages left in it, and gives lists and
// headings the form they were meant to have. It changes no word.
func (r *reading) tidy() {
	if r.untidied || r.err != nil {
		return
	}
	r.tokens()
	all := chunks(r.body)
	r.remarks(all)
	r.menus(all)
	r.footer(all)
	suite := numberedSuite(all)
	for i := range all {
		c := &all[i]
		if c.code || len(c.lines) == 0 {
			continue
		}
		if level, _ := c.heading(); level > 0 {
			if !strings.HasPrefix(c.lines[0], " ") { // else it may be an item's
				tidyHeading(c, level)
			}
			continue
		}
		if suite[i] {
			c.lines = []string{numberedHeading(c.lines[0])}
			continue
		}
		c.lines = bullets(c.lines)
	}
	r.body = join(all)
}

// drop removes chunks and takes note of them.
func (r *reading) drop(why string, all ...chunk) {
	for i := range all {
		r.remove(why, r.visible(all[i].text()))
		all[i].lines = nil
	}
}

// Programs that cut texts for language models put tokens around each sentence.
// [UNK] is not matched: it stands for a word that is lost.
var token = regexp.MustCompile(`[ \t]*\\?\[(?:CLS|SEP|PAD)\\?\]`)

// fewTokens may be words of a text.
const fewTokens = 4

func (r *reading) tokens() {
	found := token.FindAllString(r.body, -1)
	if len(found) < fewTokens {
		return
	}
	counts := bag{}
	for _, t := range found {
		counts.add(t)
	}
	r.removed.merge(counts)
	var names []string
	for _, name := range []string{"CLS", "SEP", "PAD"} {
		if n := counts[name]; n > 0 {
			names = append(names, "["+name+"] "+strconv.Itoa(n)+" times")
		}
	}
	r.text.Removed = append(r.text.Removed, Passage{"tokens of text extraction", len(found), strings.Join(names, ", ")})
	r.body = token.ReplaceAllString(r.body, "")
}

// remarkReach is how many chunks at either end of a text may be about where it
// comes from.
const remarkReach = 3

// remarks takes out what an archive or a collector wrote about the text.
func (r *reading) remarks(all []chunk) {
	for i := range all {
		if i >= remarkReach && i < len(all)-remarkReach {
			continue
		}
		c := captureIn(all[i].text())
		if c == nil || countWords(linkText.ReplaceAllString(all[i].text(), " ")) > 80 {
			continue
		}
		if r.text.Capture == nil {
			r.text.Capture = c
			r.address(c.Original)
		}
		r.drop("remark about an archived copy", all[i:i+1]...)
	}
}

var escapedNumber = regexp.MustCompile(`^(\d+(?:\.\d+)*)\\?([.)])`)

// wrapColumn is where html2text and its kin break lines, headings too.
const wrapColumn = 78

// tidyHeading writes a heading with one space, its number without a backslash,
// and with the rest of it if it was wrapped: if the line had no room for the
// first word of the next.
func tidyHeading(c *chunk, level int) {
	whole := len(c.lines[0])
	_, text := c.heading()
	next := 1
	for next < len(c.lines) {
		word, _, _ := strings.Cut(strings.TrimSpace(c.lines[next]), " ")
		first, _ := utf8.DecodeRuneInString(word)
		if whole > wrapColumn+2 || whole+1+len(word) <= wrapColumn || listItem.MatchString(c.lines[next]) || !unicode.IsLetter(first) {
			break
		}
		text += " " + strings.TrimSpace(c.lines[next])
		whole = len(c.lines[next])
		next++
	}
	text = escapedNumber.ReplaceAllString(collapse(text), "$1$2")
	c.lines = append([]string{strings.Repeat("#", level) + " " + text}, c.lines[next:]...)
}

var numberedLine = regexp.MustCompile(`^\s{0,3}(\d{1,3}(?:\.\d{1,3})*)\\?[.)]?\s+(\S.*)$`)

// headingWords is how long a heading may be that is marked by its number alone.
const headingWords = 14

// asHeading reports whether a line could be a heading: short, and not a sentence.
func asHeading(text string) bool {
	text = strings.TrimSpace(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	first, _ := utf8.DecodeRuneInString(text)
	return countWords(text) > 0 && countWords(text) <= headingWords && !strings.ContainsRune(".:;,!", last) &&
		(unicode.IsUpper(first) || unicode.IsDigit(first) || unicode.IsLetter(first) && !unicode.IsLower(first))
}

// numberedSuite finds headings that are marked by their numbers alone: chunks
// of one short line, the first numbered 1, each number following another. One
// alone may be anything.
func numberedSuite(all []chunk) map[int]bool {
	out := map[int]bool{}
	seen := map[string]bool{}
	for i := range all {
		c := &all[i]
		if len(c.lines) != 1 || c.code {
			continue
		}
		m := numberedLine.FindStringSubmatch(c.lines[0])
		if m == nil || !asHeading(m[2]) || !strings.Contains(c.lines[0], `\`) && listItem.MatchString(c.lines[0]) {
			continue
		}
		if !follows(m[1], seen) {
			continue
		}
		seen[m[1]] = true
		out[i] = true
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// follows reports whether a number is the first of its level, or comes after
// one that was seen.
func follows(number string, seen map[string]bool) bool {
	parent, last := "", number
	if i := strings.LastIndexByte(number, '.'); i >= 0 {
		parent, last = number[:i+1], number[i+1:]
		if !seen[number[:i]] {
			return false
		}
	}
	if seen[number] {
		return false
	}
	n := 0
	for _, d := range last {
		n = 10*n + int(d-'0')
	}
	return n == 1 || n > 1 && seen[parent+strconv.Itoa(n-1)]
}

func numberedHeading(line string) string {
	m := numberedLine.FindStringSubmatch(line)
	level := min(2+strings.Count(m[1], "."), 6)
	return strings.Repeat("#", level) + " " + escapedNumber.ReplaceAllString(strings.TrimSpace(line), "$1$2")
}

// Word processors begin the items of lists with such characters.
var bullet = regexp.MustCompile(`^(\s*)(?:[•‣◦▪●○∙⁃◾■➢✓]|&bull;|&#8226;)\s*(.*)$`)

// bullets makes items of lines that start with a bullet, one below another by
// how far they are indented.
func bullets(lines []string) []string {
	var out []string
	var indents []int
	for _, line := range lines {
		m := bullet.FindStringSubmatch(line)
		if m == nil {
			if len(indents) > 0 && len(out) > 0 { // an item goes on
				line = strings.Repeat("  ", len(indents)) + strings.TrimSpace(line)
			}
			out = append(out, line)
			continue
		}
		if len(indents) == 0 && len(out) > 0 {
			out[len(out)-1] = strings.TrimRight(strings.TrimSuffix(out[len(out)-1], `\`), " ")
			out = append(out, "")
		}
		indent := len(strings.ReplaceAll(m[1], "\t", "    "))
		for len(indents) > 0 && indents[len(indents)-1] > indent {
			indents = indents[:len(indents)-1]
		}
		if len(indents) == 0 || indents[len(indents)-1] < indent {
			indents = append(indents, indent)
		}
		text := strings.TrimRight(strings.TrimSuffix(m[2], `\`), " ")
		out = append(out, strings.Repeat("  ", len(indents)-1)+"- "+text)
	}
	return out
}
