package importer

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Marks of Markdown that do not mean what their author meant, so that readers
// see them.
var (
	spacedStrong = regexp.MustCompile(`(^|[\s(>])(\*\*|__)[ \t]+([^\s*_][^*_\n]*?)[ \t]*(?:\*\*|__)|(^|[\s(>])(\*\*|__)([^\s*_][^*_\n]*?)[ \t]+(?:\*\*|__)(?:[\s.,;:)]|$)`)
	spacedEm     = regexp.MustCompile(`^\s*(?:>\s*)?\*[ \t]+(\S[^*\n]*?)[ \t]+\*\s*$`)
	spacedLink   = regexp.MustCompile(`\[([^\[\]\n]+)\][ \t]+\((https?://[^\s()]+|mailto:[^\s()]+|/[^\s()]*)\)`)
	codeSpans    = regexp.MustCompile("`[^`\n]*`")
)

// slips warns of such marks. firstLine is the number of the body's first line in
// its file.
func slips(body string, firstLine int) (out policy.Problems) {
	for _, c := range chunks(body) {
		if c.code {
			continue
		}
		for k, line := range c.lines {
			slip := func(have, want string) {
				out = append(out, &policy.Problem{
					Line: firstLine + c.line - 1 + k, Warning: true,
					Message: fmt.Sprintf("readers see the marks of `%s`", have), Hint: fmt.Sprintf("if it is meant so, write `%s`", want),
				})
			}
			line = codeSpans.ReplaceAllString(line, "")
			for _, m := range spacedStrong.FindAllStringSubmatch(line, -1) {
				mark, text := m[2]+m[5], strings.TrimSpace(m[3]+m[6])
				slip(strings.TrimSpace(m[0]), mark+text+mark)
			}
			if m := spacedEm.FindStringSubmatch(line); m != nil {
				slip(strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), ">")), "*"+m[1]+"*")
			}
			for _, m := range spacedLink.FindAllStringSubmatch(line, -1) {
				slip(m[0], "["+m[1]+"]("+m[2]+")")
			}
		}
	}
	return out
}
