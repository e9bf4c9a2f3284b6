package history

import (
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// subject returns the first line of a commit message that is not empty.
func subject(message string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(message, " \t\r\n"), "\n")
	return strings.TrimSpace(line)
}

// parseTrailers reads Policy-Change and Policy-Summary from a commit message,
// as git-interpret-trailers(1) would if it were configured with these two keys.
func parseTrailers(message string) (t policy.Trailers) {
	block := trailerBlock(strings.Split(message, "\n"))
	for i := 0; i < len(block); i++ {
		key, value, ok := trailer(block[i])
		if !ok {
			continue
		}
		for i+1 < len(block) && isFolded(block[i+1]) {
			i++
			value += " " + strings.TrimSpace(block[i])
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(key) {
		case "policy-change":
			switch v := strings.ToLower(value); v {
			case "material", "minor", "editorial":
				t.Change = v
			}
		case "policy-summary":
			if value != "" {
				t.Summary = value
			}
		}
	}
	return t
}

// trailerBlock returns the lines of the last paragraph, if it is one of
// trailers: not the first paragraph; and only trailers, or, when one that git or
// this program knows is among them, at least a quarter of its lines. Lines that
// start with # are comments.
func trailerBlock(lines []string) []string {
	end := len(lines)
	for end > 0 && isBlank(lines[end-1]) {
		end--
	}
	start := end
	for start > 0 && !isBlank(lines[start-1]) {
		start--
	}
	title := 0 // the message's first line
	for title < start && (isBlank(lines[title]) || isComment(lines[title])) {
		title++
	}
	if title == start {
		return nil
	}
	trailers, others := 0, 0
	known, inTrailer := false, false
	for _, line := range lines[start:end] {
		switch key, _, ok := trailer(line); {
		case isComment(line):
		case strings.HasPrefix(line, "(cherry picked from commit "):
			trailers, known, inTrailer = trailers+1, true, true
		case ok:
			trailers, inTrailer = trailers+1, true
			switch strings.ToLower(key) {
			case "signed-off-by", "policy-change", "policy-summary":
				known = true
			}
		case isFolded(line) && inTrailer:
		default:
			others, inTrailer = others+1, false
		}
	}
	if trailers > 0 && (others == 0 || known && trailers*3 >= others) {
		return lines[start:end]
	}
	return nil
}

// trailer splits a line "Key: value". Keys are letters, digits and dashes.
func trailer(line string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(line, ":")
	key = strings.TrimRight(key, " \t")
	if !ok || key == "" {
		return "", "", false
	}
	for _, c := range []byte(key) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
			return "", "", false
		}
	}
	return key, value, true
}

func isBlank(line string) bool   { return strings.TrimSpace(line) == "" }
func isComment(line string) bool { return strings.HasPrefix(line, "#") }

// isFolded reports whether a line continues the one before it.
func isFolded(line string) bool {
	return !isBlank(line) && (line[0] == ' ' || line[0] == '\t')
}
