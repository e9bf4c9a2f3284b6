package builder_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"

	"github.com/policysite/policysite/builder"
)

// review checks a commit of a repository against another.
func review(t *testing.T, opt builder.Options, base, rev string) *builder.Review {
	t.Helper()
	opt.Base, opt.Rev = base, rev
	result, err := builder.Check(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return result.Review
}

// checkReview renders the Markdown of a review, as a host does that lets HTML
// through, and returns the root of the page.
func checkReview(t *testing.T, r *builder.Review) *nethtml.Node {
	t.Helper()
	text := r.Markdown()
	if len(text) > builder.MaxReview {
		t.Errorf("%d bytes of Markdown, at most %d are taken", len(text), builder.MaxReview)
	}
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe())).Convert([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"ins", "del", "p", "small", "strong", "code"} {
		if open, shut := strings.Count(page.String(), "<"+tag+">"), strings.Count(page.String(), "</"+tag+">"); open != shut {
			t.Errorf("<%s> opens %d times and closes %d times", tag, open, shut)
		}
	}
	if loose := regexp.MustCompile(`(?m)^\|.*$|^#+ .*$`).FindString(page.String()); loose != "" {
		t.Errorf("Markdown that did not become HTML: %q", loose)
	}
	root, err := nethtml.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func elements(n *nethtml.Node, tag string) (out []*nethtml.Node) {
	for d := range n.Descendants() {
		if d.Type == nethtml.ElementNode && d.Data == tag {
			out = append(out, d)
		}
	}
	return out
}

func textOf(n *nethtml.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == nethtml.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// The Markdown of a review shows what authors wrote, word for word, and neither
// mentions people nor makes mark-up of it.
func TestReviewShowsWords(t *testing.T) {
	t.Parallel()
	r := repository(t,
		on("2026-01-01", privacy("# A | B @all <Company>\n\nOne `<i>` stays.\n")),
		on("2026-01-02", privacy("---\nsummary: \"1. first\"\n---\n# A | B @all <Company>\n\nTwo `</p><script>` & @team #1 **stay**.\n\n    code\n    of two lines\n"), write("content/new_one.md", "# New\n")),
	)
	page := checkReview(t, review(t, options(r), "HEAD~1", "HEAD"))
	if rows := elements(page, "tr"); len(rows) != 3 || len(elements(rows[2], "td")) != 5 {
		t.Errorf("%d rows", len(rows))
	}
	all := textOf(page)
	for _, want := range []string{"A | B @all <Company>", "Two </p><script> & @team #1 stay.", "content/new_one.md", "First version"} {
		if want = strings.ReplaceAll(want, "Two ", ""); !strings.Contains(all, want) {
			t.Errorf("%q is not in %s", want, all)
		}
	}
	if len(elements(page, "script"))+len(elements(page, "i")) > 0 {
		t.Error("an author's words became elements")
	}
	if n := len(elements(page, "ol")); n > 0 || !strings.Contains(all, "1. first") {
		t.Errorf("a summary became %d lists: %s", n, all)
	}
	if code := elements(page, "br"); len(code) == 0 {
		t.Error("the lines of code are joined")
	}
	if source := review(t, options(r), "HEAD~1", "HEAD").Markdown(); regexp.MustCompile(`@\w|#\d`).MatchString(source) {
		t.Errorf("mentions somebody:\n%s", source)
	}
}

// Where words are not divided by spaces, characters count, as on the pages.
func TestReviewCountsCharacters(t *testing.T) {
	t.Parallel()
	r := repository(t,
		on("2026-01-01", write("content/ja.md", "---\nlang: ja\n---\n# 規約\n\n記録は保存します。\n")),
		on("2026-01-02", write("content/ja.md", "---\nlang: ja\n---\n# 規約\n\n記録は保存します。三十日で消します。\n")),
	)
	if text := review(t, options(r), "HEAD~1", "HEAD").Markdown(); !strings.Contains(text, "\n- 8 characters added, 0 removed\n") {
		t.Error(text)
	}
}

// However much changes, the Markdown stays below its limit, and every policy that is
// left out is counted.
func TestReviewIsBounded(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 60, 400} {
		text := func(word string) string {
			return "# Title of " + strings.Repeat("long words ", 30) + "\n\n" + strings.Repeat(strings.Repeat(word+" ", 40)+"\n\n", 60_000/n/40)
		}
		var old, new []act
		for i := range n {
			name := fmt.Sprintf("content/policy-%03d.md", i)
			old, new = append(old, write(name, text("old"))), append(new, write(name, text("new")))
		}
		r := repository(t, on("2026-01-01", old...), on("2026-01-02", new...))
		opt := options(r)
		opt.BaseURL = "https://example.com/legal/"
		result := review(t, opt, "HEAD~1", "HEAD")
		page := checkReview(t, result)
		if len(result.Changes) != n || !strings.Contains(result.Markdown(), fmt.Sprintf("%d policies change", n)) {
			t.Errorf("%d changes of %d", len(result.Changes), n)
		}
		shown, left := len(elements(page, "h3")), 0
		fmt.Sscanf(regexp.MustCompile(`\d+ more polic.* left out`).FindString(textOf(page)), "%d", &left)
		if shown+left != n || shown == 0 {
			t.Errorf("%d policies: %d are shown and %d left out", n, shown, left)
		}
		links := 0
		for _, a := range elements(page, "a") {
			if strings.HasPrefix(a.Attr[0].Val, "https://example.com/legal/policy-000/2026-01-02/changes/") {
				links++
			}
		}
		if n == 3 && links != 1 {
			t.Errorf("%d links to the rest of the first redline", links)
		}
	}
}

// The largest change of real policies, and all changes of a repository in one.
func TestReviewOfCorpora(t *testing.T) {
	onlyWithEveryCorpus(t)
	r := corpus(t, "pga-versions")
	opt := options(r)
	a, err := builder.ReadArchive(context.Background(), opt, "")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	commit, most := "", 0
	for _, p := range a.Policies {
		for i := range p.Versions {
			if c := p.Versions[i].Comparison; c != nil && c.Added+c.Removed > most {
				commit, most = p.Versions[i].Commit(), c.Added+c.Removed
			}
		}
	}
	for i, base := range []string{commit + "~1", r.Git("rev-list", "--max-parents=0", commit)} {
		result := review(t, opt, base, commit)
		page := checkReview(t, result)
		t.Logf("%d policies change: %d bytes, %d insertions shown, %d findings", len(result.Changes), len(result.Markdown()), len(elements(page, "ins")), len(result.Findings))
		if most < 10_000 || i == 0 && len(elements(page, "ins"))+len(elements(page, "del")) == 0 { // to the beginning, all is a first version
			t.Errorf("the largest change has %d words, and no redline is shown", most)
		}
	}
}
