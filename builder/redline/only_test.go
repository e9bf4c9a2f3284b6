package redline_test

import (
	"testing"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// Where no word comes or goes, a redline says what it is that changed.
func TestChangesWithoutWords(t *testing.T) {
	const a, b, c = "We keep the data of every order for ten years.\n", "You may ask us at any time what we know of you.\n", "All letters go to the address that stands above.\n"
	for _, x := range []struct {
		old, new string
		only     policy.Only
	}{
		{a + "\n" + b + "\n" + c, a + "\n" + c + "\n" + b, policy.OnlyMoved},
		{"We sell books, maps and pens.\n", "We sell books, maps, and pens!\n", policy.OnlyPunctuation},
		{"Don't keep what isn't yours.\n", "Don’t keep what isn’t yours.\n", policy.OnlyPunctuation},
		{"2.1 " + a, "2.2 " + a, policy.OnlyNumbers},
		{a + b, a + "\n" + b, policy.OnlyParagraphs},
		{a, b, ""},
		{a + "\n" + b + "\n" + c, a + "\n" + c + "\n" + b + "Now.\n", ""},
		{a, a, ""},
	} {
		side := func(source string) redline.Side {
			return redline.SideOf(markdown.New(markdown.Options{}).Text([]byte(source)))
		}
		r := redline.Compare(side(x.old), side(x.new))
		if r.Only != x.only || (r.Only != "" || x.old == x.new) != (r.Added+r.Removed == 0) {
			t.Errorf("%q, %q: have %q, %d words added, %d removed; want %q", x.old, x.new, r.Only, r.Added, r.Removed, x.only)
		}
	}
}
