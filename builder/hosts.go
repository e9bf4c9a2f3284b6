package builder

import (
	"path"
	"strings"

	"github.com/policysite/policysite/builder/pages"
)

// Share is what a site takes of a limit of a host.
type Share struct {
	Host  string `json:"host"`
	What  string `json:"what"` // what is counted, such as "files"
	Taken int64  `json:"taken"`
	Limit int64  `json:"limit"`
}

// Percent is rounded down: a site at 100 has reached the limit.
func (s Share) Percent() int64 { return 100 * s.Taken / s.Limit }

// weight is what hosts count of a site.
type weight struct {
	bytes, largest int64 // of all files, and of the largest one
	files          int64
	folders        map[string]bool
	rules          int64 // of _redirects, before the first with a splat or a placeholder
	patterns       int64 // of _redirects, from there on
	ruleBytes      int64 // of the file _redirects
}

// add counts a file, with its line in the list of files that publish.Marker
// makes: a SHA-256, two spaces, the name and a newline.
func (w *weight) add(name string, size int64) {
	w.files++
	w.bytes += size + int64(64+2+len(name)+1)
	w.largest = max(w.largest, size)
	for dir := path.Dir(name); dir != "." && !w.folders[dir]; dir = path.Dir(dir) {
		w.folders[dir] = true
	}
}

// addRules counts the rules of _redirects.
func (w *weight) addRules(content string) {
	w.ruleBytes = int64(len(content))
	for line := range strings.Lines(content) {
		from, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case !pages.IsRule(line):
		case w.patterns > 0 || strings.Contains(from, "*") || strings.Contains(from, "/:"):
			w.patterns++
		default:
			w.rules++
		}
	}
}

// shares compares a site with what hosts take at no charge: docs/hosting.md
// has the source of each limit.
func (w *weight) shares() []Share {
	const mib, gib = 1 << 20, 1 << 30
	files := w.files + 1 // the list of files is one, too
	return []Share{
		{"GitHub Pages", "bytes", w.bytes, 1e9},
		{"Cloudflare Pages", "files", files, 20_000},
		{"Cloudflare Pages", "bytes in one file", w.largest, 25 * mib},
		{"Cloudflare Pages", "redirect rules", w.rules, pages.MaxRules},
		{"Cloudflare Pages", "redirect rules with patterns", w.patterns, pages.MaxPatterns},
		{"GitLab Pages", "bytes", w.bytes, gib},
		{"GitLab Pages", "files and folders", files + int64(len(w.folders)), 200_000},
		{"GitLab Pages", "redirect rules", w.rules + w.patterns, 1000},
		{"GitLab Pages", "bytes of redirect rules", w.ruleBytes, 64 << 10},
	}
}
