package importer

import (
	"regexp"
	"strings"
)

// Markdown that says something else than its author meant, and that shows.
var (
	spacedStrong = regexp.MustCompile(`(^|[\s(>])(\*\*|__)[ \t]+([^\s*_][^*_\n]*?)[ \t]*(?:\*\*|__)|(^|[\s(>])(\*\*|__)([^\s*_][^*_\n]*?)[ \t]+(?:\*\*|__)(?:[\s.,;:)]|$)`)
	spacedEm     = regexp.MustCompile(`^\s*(?:>\s*)?\*[ \t]+(\S[^*\n]*?)[ \t]+\*\s*$`)
	spacedLink   = regexp.MustCompile(`\[([^\[\]\n]+)\][ \t]+\((https?://[^\s()]+|mailto:[^\s()]+|/[^\s()]*)\)`)
	codeSpans    = regexp.MustCompile("`[^`\n]*`")
)

// slips finds in a Markdown source what was probably meant otherwise.
// firstLine is the number of the body's first line in its file.
func slips(body string, firstLine int) (out []Slip) {
	for _, c := range chunks(body) {
		if c.code {
			continue
		}
		for k, line := range c.lines {
			at := firstLine + c.line - 1 + k
			line = codeSpans.ReplaceAllString(line, "")
			for _, m := range spacedStrong.FindAllStringSubmatch(line, -1) {
				mark, text := m[2]+m[5], strings.TrimSpace(m[3]+m[6])
				out = append(out, Slip{at, strings.TrimSpace(m[0]), mark + text + mark})
			}
			if m := spacedEm.FindStringSubmatch(line); m != nil {
				out = append(out, Slip{at, strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), ">")), "*" + m[1] + "*"})
			}
			for _, m := range spacedLink.FindAllStringSubmatch(line, -1) {
				out = append(out, Slip{at, m[0], "[" + m[1] + "](" + m[2] + ")"})
			}
		}
	}
	return out
}
