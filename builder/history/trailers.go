package history

import (
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// subject returns the first line of a commit message that is not empty.
func subject(message string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(message, " \t\r\n"), "\n")
	return strings.TrimSpace(line)
}

// parseTrailers reads Policy-Change and Policy-Summary from a commit message,
// as git-interpret-trailers(1) would if it were configured with these two keys,
// but from every closing paragraph of trailers: hosts append more of them when
// they squash commits, behind a line of dashes.
func parseTrailers(message string) (t policy.Trailers) {
	for _, block := range trailerBlocks(strings.Split(message, "\n")) {
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
				case policy.Material, policy.Minor, policy.Editorial:
					t.Change = v
				case "":
				default:
					t.Unknown = "Policy-Change: " + value + ", expected material, minor or editorial"
				}
			case "policy-summary":
				if mark := policy.Deceptive(value); mark != "" {
					t.Unknown = "Policy-Summary: with " + mark + ", which is refused"
				} else if value != "" {
					t.Summary = value
				}
			}
		}
	}
	return t
}

// trailerBlocks returns the paragraphs of trailers that a message ends with, in
// their order. The first paragraph is the title and never one of them.
func trailerBlocks(lines []string) (blocks [][]string) {
	title := 0
	for title < len(lines) && (isBlank(lines[title]) || isComment(lines[title])) {
		title++
	}
	for end := len(lines); ; {
		for end > 0 && isBreak(lines[end-1]) {
			end--
		}
		start := end
		for start > 0 && !isBreak(lines[start-1]) {
			start--
		}
		switch {
		case start <= title:
			return blocks
		case areTrailers(lines[start:end]):
			blocks = slices.Insert(blocks, 0, lines[start:end])
		case !ofHost(lines[start:end]):
			return blocks
		}
		end = start
	}
}

// ofHost reports whether a paragraph is what GitLab or Azure DevOps append to a merge.
func ofHost(lines []string) bool {
	return !slices.ContainsFunc(lines, func(line string) bool {
		return !strings.HasPrefix(line, "See merge request ") && !strings.HasPrefix(line, "Related work items:")
	})
}

// areTrailers reports whether a paragraph is one of trailers: only trailers, or,
// when one that git or this program knows is among them, at least a quarter of
// its lines. Lines that start with # are comments.
func areTrailers(lines []string) bool {
	trailers, others := 0, 0
	known, inTrailer := false, false
	for _, line := range lines {
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
	return trailers > 0 && (others == 0 || known && trailers*3 >= others)
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

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// isBreak reports whether a line parts paragraphs: it is blank, or the line of
// dashes that a host puts above what it appends.
func isBreak(line string) bool {
	line = strings.TrimSpace(line)
	return strings.Trim(line, "-") == "" && (line == "" || len(line) >= 3)
}

func isComment(line string) bool { return strings.HasPrefix(line, "#") }

// isFolded reports whether a line continues the one before it.
func isFolded(line string) bool {
	return !isBlank(line) && (line[0] == ' ' || line[0] == '\t')
}
