package redline_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/redline"
)

// checkComparer compares two texts by a Comparer that has compared others, and
// without one, when they share no parts.
func checkComparer(t testing.TB, name string, c *redline.Comparer, old, new redline.Side) {
	t.Helper()
	apart := func(s redline.Side) redline.Side { return redline.Side{Doc: s.Doc.Whole(), Title: s.Title} }
	got, want := c.Compare(old, new), redline.Compare(apart(old), apart(new))
	if !reflect.DeepEqual(got.Comparison, want.Comparison) || got.Edits != want.Edits || !slices.Equal(got.Parts(english), want.Parts(english)) {
		t.Errorf("%s: got %+v, want %+v", name, got.Comparison, want.Comparison)
	}
	for _, opt := range []redline.HTMLOptions{{Words: english}, {Words: english, Snapshot: "../"}, {Words: english, Address: func(i int) (string, bool) { return new.Doc.Links[i].Target, true }}} {
		wanted := want.HTML(opt)
		opt.Into = make([]byte, 0, 100)
		if html := got.HTML(opt); !bytes.Equal(html, wanted) {
			t.Errorf("%s:\ngot  %s\nwant %s", name, html, wanted)
		}
	}
}

func TestAComparerForgetsNothingAndMixesNothingUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	// The same words come as text, as an image, in a link, struck, in a table,
	// in a heading, split and joined.
	words := strings.Fields("we keep logs of what you do here for thirty days unless the law asks for more of them than that")
	sentence := func() string {
		from := rng.IntN(4)
		s := strings.Join(words[from:from+8+rng.IntN(8)], " ")
		switch rng.IntN(8) {
		case 0:
			s = strings.Replace(s, "what you", "![what you](image.png)", 1)
		case 1:
			s = strings.Replace(s, "what you", fmt.Sprintf("[what you](https://example.org/path-%d)", rng.IntN(3)), 1)
		case 2:
			s = strings.Replace(s, "what you", "~~what you~~", 1)
		case 3:
			s = strings.Replace(s, "logs", "records", 1)
		}
		return strings.ToUpper(s[:1]) + s[1:] + "."
	}
	block := func() string {
		switch rng.IntN(8) {
		case 0:
			return "## " + sentence()
		case 1:
			return "| " + sentence() + " | " + sentence() + " |\n|---|---|\n| " + sentence() + " | b |"
		case 2:
			return "- " + sentence() + "\n- " + sentence()
		case 3:
			return "- [x] " + sentence()
		case 4:
			return sentence() + "\n\n" + sentence()
		}
		return sentence() + " " + sentence() + " " + sentence()
	}
	r := markdown.New(markdown.Options{})
	var c redline.Comparer
	var last redline.Side
	for n := range 3000 {
		var blocks []string
		for range 1 + rng.IntN(6) {
			blocks = append(blocks, block())
		}
		next := side(t, r, []byte(strings.Join(blocks, "\n\n")))
		if n > 0 {
			checkComparer(t, fmt.Sprint("pair ", n), &c, last, next)
		}
		if t.Failed() {
			break
		}
		last = next
	}
}

// Of these paragraphs nothing but targets differs.
func TestTargetsOfTextsThatShareParts(t *testing.T) {
	r := markdown.New(markdown.Options{})
	var c redline.Comparer
	const text = "We keep logs.\n\nAs [the law](https://example.org/a-%d) has it.\n\n|[a](/b-%[1]d)|\n|-|\n\n- ![c](d/e-%[1]d)\n"
	old, new := side(t, r, fmt.Appendf(nil, text, 100)), side(t, r, fmt.Appendf(nil, text, 200))
	checkComparer(t, "targets", &c, old, new)
	if n := c.Compare(old, new).Changes; n != 1 {
		t.Errorf("%d changes, want 1: all paragraphs but the first", n)
	}
	if n := c.Compare(new, new).Changes; n != 0 {
		t.Errorf("%d changes of nothing", n)
	}
}

func TestHTMLGoesBehindWhatIsThere(t *testing.T) {
	r := markdown.New(markdown.Options{})
	l := redline.Compare(side(t, r, []byte("a b c")), side(t, r, []byte("a b d")))
	if got, want := string(l.HTML(redline.HTMLOptions{Words: english, Into: []byte("before")})), "before"+string(l.HTML(redline.HTMLOptions{Words: english})); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatMovedOnceHasNotMovedEverywhere(t *testing.T) {
	r := markdown.New(markdown.Options{})
	whole := side(t, r, []byte("We keep logs for as long as it takes. You may ask us to delete them."))
	split := side(t, r, []byte("We keep logs for as long as it takes.\n\nYou may ask us to delete them."))
	short := side(t, r, []byte("We keep logs for as long as it takes."))
	var c redline.Comparer
	for _, new := range []redline.Side{split, short, split} {
		checkComparer(t, new.Doc.Text(""), &c, whole, new)
	}
	if got := c.Compare(whole, split).Removed; got != 0 {
		t.Errorf("%d words are removed by a split", got)
	}
	if got := c.Compare(whole, short).Removed; got != 7 {
		t.Errorf("%d words are removed, want 7", got)
	}
}
