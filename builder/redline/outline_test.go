package redline_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/redline"
)

// A redline's page has a level-1 heading of its own, and an outline without gaps.
func TestHeadingsFitIntoThePage(t *testing.T) {
	r := markdown.New(markdown.Options{})
	tag := regexp.MustCompile(`<h[1-6][^>]*>|</h[1-6]>`)
	large := strings.Repeat("six ", 200) + "seven" + "\n\n"
	long := "\n\none\n\ntwo\n\nthree\n\nfour\n\nfive\n\n"
	for _, c := range []struct{ snapshot, old, new, want string }{
		{"", "# Terms\n\n## B\n\n### C\n\na", "# Terms\n\n## B\n\n### C\n\nb", `<h2 data-level=1></h2><h3 data-level=2></h3><h4 data-level=3></h4>`},
		{"", "# Some old words\n\na paragraph", "a paragraph\n\n# Wholly different", `<h2 data-level=1></h2><h2 data-level=1></h2>`},
		{"", "## B\n\n### C\n\n## D\n\na", "## B\n\n### C\n\n## D\n\nb", `<h2></h2><h3></h3><h2></h2>`},
		{"", "### C\n\n##### E\n\n## B\n\na", "### C\n\n##### E\n\n## B\n\nb", `<h2 data-level=3></h2><h3 data-level=5></h3><h2></h2>`},
		{"", "# A\n\n## B\n\n### C\n\n#### D\n\n##### E\n\n###### F\n\na", "# A\n\n## B\n\n### C\n\n#### D\n\n##### E\n\n###### F\n\nb",
			`<h2 data-level=1></h2><h3 data-level=2></h3><h4 data-level=3></h4><h5 data-level=4></h5><h6 data-level=5></h6><h6></h6>`},
		{"../", "# A" + long + "## B\n\na", "# A" + long + "## B\n\nb", `<h2 data-level=1></h2><h3 data-level=2></h3>`},                        // the level-1 heading is in a fold that opens
		{"../", "# A" + long + strings.Repeat(large, 100) + "## B\n\na", "# A" + long + strings.Repeat(large, 100) + "## B\n\nb", `<h2></h2>`}, // it is on another page
	} {
		l := redline.Compare(side(t, r, []byte(c.old)), side(t, r, []byte(c.new)))
		html := string(l.HTML(redline.HTMLOptions{Words: english, Snapshot: c.snapshot}))
		got := strings.Join(tag.FindAllString(html, -1), "")
		if got = regexp.MustCompile(` id="[^"]*"| class=[a-z]*`).ReplaceAllString(got, ""); got != c.want {
			t.Errorf("%q and %q: %s, want %s\n%s", c.old, c.new, got, c.want, html)
		}
	}
}
