package importer

import (
	"regexp"
	"strings"
)

// chunk is a part of Markdown between empty lines, or a whole fenced block.
type chunk struct {
	line  int // of the body, from 1
	lines []string
	code  bool
}

// chunks splits Markdown at its empty lines.
func chunks(markdown string) (out []chunk) {
	fence := ""
	open := false
	for i, line := range strings.Split(markdown, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		if fence == "" && strings.TrimSpace(line) == "" {
			open = false
			continue
		}
		if !open {
			out = append(out, chunk{line: i + 1})
			open = true
		}
		c := &out[len(out)-1]
		c.lines = append(c.lines, line)
		switch {
		case fence != "" && strings.HasPrefix(trimmed, fence) && strings.TrimLeft(trimmed, fence[:1]+" \t") == "":
			fence = ""
		case fence == "" && (strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~")):
			fence, c.code = trimmed[:3], true
		}
	}
	for i := range out {
		c := &out[i]
		c.code = c.code || strings.HasPrefix(c.lines[0], "    ") && (i == 0 || !out[i-1].list()) || strings.HasPrefix(c.lines[0], "\t")
	}
	return out
}

func (c *chunk) text() string { return strings.Join(c.lines, "\n") }

func join(all []chunk) string {
	var b strings.Builder
	for i := range all {
		if len(all[i].lines) == 0 {
			continue
		}
		for k, line := range all[i].lines {
			last := k == len(all[i].lines)-1
			if !all[i].code && (last || !strings.HasSuffix(line, "  ")) { // two spaces break the line
				line = strings.TrimRight(line, " ")
			}
			b.WriteString(line + "\n")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

var (
	atxHeading = regexp.MustCompile(`^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$`)
	listItem   = regexp.MustCompile(`^\s*(?:[-*+]|\d{1,9}[.)])\s`)
	linkText   = regexp.MustCompile(`!?\[((?:[^\[\]\\]|\\.|!\[[^\]]*\]\([^)]*\))*)\]\((?:[^()\\]|\\.|\([^()]*\))*\)`)
)

// heading is the level of a chunk that starts with a heading, and its words; 0
// for any other.
func (c *chunk) heading() (level int, text string) {
	if len(c.lines) == 0 || c.code {
		return 0, ""
	}
	m := atxHeading.FindStringSubmatch(c.lines[0])
	if m == nil {
		return 0, ""
	}
	return len(m[1]), m[2]
}

func (c *chunk) list() bool { return len(c.lines) > 0 && listItem.MatchString(c.lines[0]) }

// links counts the links of a chunk and the words outside of them.
func (c *chunk) links() (links, plain int) {
	text := c.text()
	if !strings.Contains(text, "](") {
		return 0, countWords(text) // as most have none, and the pattern is slow
	}
	links = len(linkText.FindAllStringIndex(text, -1))
	return links, countWords(linkText.ReplaceAllString(text, " "))
}
