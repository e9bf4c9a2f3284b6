package redline_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

var english = words.English().Phrases

// checkLaws checks what always holds of a redline: by its parts, and by its
// HTML as a browser reads it.
func checkLaws(t testing.TB, name string, old, new redline.Side, l *redline.Redline, page []byte) {
	t.Helper()
	wantOld, wantNew := old.Doc.Text(old.Title), new.Doc.Text(new.Title)
	var gotOld, gotNew strings.Builder
	for _, p := range l.Parts(english) {
		if p.Op != redline.Insert {
			gotOld.WriteString(p.Text)
		}
		if p.Op != redline.Delete {
			gotNew.WriteString(p.Text)
		}
	}
	differ(t, name+": old text from parts", gotOld.String(), wantOld)
	differ(t, name+": new text from parts", gotNew.String(), wantNew)
	differ(t, name+": old text from HTML", visible(t, page, atom.Ins), wantOld)
	differ(t, name+": new text from HTML", visible(t, page, atom.Del), wantNew)
	checkLines(t, name, wantOld, wantNew, l)
	if l.Changes == 0 && wantNew != "" {
		differ(t, name+": formatting of texts without changes", tags(t, new.Doc), tags(t, old.Doc))
	}
	for i, s := range l.Sections {
		if i > 0 && s.First <= l.Sections[i-1].First {
			t.Errorf("%s: %q and the section before it have their first change in common", name, s.Heading)
		}
	}
}

// checkLines checks that the parts and Lines say the same of the lines that stayed, and
// that Lines names no line that is not there.
func checkLines(t testing.TB, name, oldText, newText string, l *redline.Redline) {
	t.Helper()
	type pair struct{ new, old int }
	from := map[pair]bool{}
	oldLines, newLines := strings.Count(oldText, "\n"), strings.Count(newText, "\n")
	l.Lines(func(new, old int) {
		from[pair{new, old}] = true
		if new < 0 || new >= newLines || old < 0 || old >= oldLines {
			t.Fatalf("%s: line %d of %d comes from line %d of %d", name, new, newLines, old, oldLines)
		}
	})
	at, whole := pair{}, true // whole: so far the two lines are the same
	for _, p := range l.Parts(english) {
		if p.Op != redline.Equal {
			whole = false
		}
		for line := range strings.Lines(p.Text) {
			ends := strings.HasSuffix(line, "\n")
			if ends && p.Op == redline.Equal && whole && !from[at] {
				t.Errorf("%s: line %d stayed, and does not come from line %d", name, at.new, at.old)
			}
			if ends && p.Op != redline.Insert {
				at.old++
			}
			if ends && p.Op != redline.Delete {
				at.new++
			}
			whole = p.Op == redline.Equal && (ends || whole)
		}
	}
}

// tags is the HTML of a document without what shows nothing: ids, the references
// between footnotes, and how its lines are wrapped.
func tags(t testing.TB, d *policy.Document) string {
	nodes, err := html.ParseFragment(strings.NewReader(d.Whole().Parts[0].HTML), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			out.WriteString(n.Data)
			return
		}
		var attrs strings.Builder
		for _, a := range n.Attr {
			if a.Key == "data-note" {
				return
			}
			if a.Key != "id" {
				fmt.Fprintf(&attrs, " %s=%q", a.Key, a.Val)
			}
		}
		out.WriteString("<" + n.Data + attrs.String() + ">")
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		out.WriteString("</" + n.Data + ">")
	}
	for _, n := range nodes {
		walk(n)
	}
	// White space at the edges of a block shows nothing; other laws compare the words.
	return strings.Join(strings.Fields(out.String()), "")
}

func TestEverySectionTouchedHasAnAnchorOfItsOwn(t *testing.T) {
	r := markdown.New(markdown.Options{})
	const text = "# T\n\n## Alpha\n\nOne two three four five six.\n\nThis alpha %s here with these words.\n\n## %s\n\nSeven eight nine ten eleven %s.\n"
	l := redline.Compare(side(t, r, fmt.Appendf(nil, text, "ends", "Beta", "twelve")), side(t, r, fmt.Appendf(nil, text, "closes", "Beta-2", "thirteen")))
	page := string(l.HTML(redline.HTMLOptions{Words: english}))
	if n := len(l.Sections); n != 2 || l.Changes != 2 || l.Sections[1].First != 2 {
		t.Fatalf("%d sections, %d changes: %+v", n, l.Changes, l.Sections)
	}
	alpha, first, second, beta := strings.Index(page, ">Alpha<"), strings.Index(page, " id=~1>"), strings.Index(page, " id=~2>"), strings.Index(page, " id=\"beta-2\"")
	if alpha < 0 || first < alpha || beta < first || second < beta {
		t.Errorf("Alpha at %d, its change at %d; Beta-2 at %d, its change at %d:\n%s", alpha, first, beta, second, page)
	}
}

func differ(t testing.TB, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := max(0, i-60)
	t.Errorf("%s differs at byte %d:\n got …%q\nwant …%q", what, i, got[from:min(len(got), i+80)], want[from:min(len(want), i+80)])
}

// visible reads the visible text of a redline as a stranger would who has only
// the specification: elements of one kind are dropped, and what carries
// data-note; every block gives a line. Where a break is dropped, two blocks are
// one.
func visible(t testing.TB, page []byte, drop atom.Atom) string {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(string(page)), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatal(err)
	}
	var out, line strings.Builder
	pre, on := false, false
	flush := func() {
		if on {
			return
		}
		s := line.String()
		line.Reset()
		if pre {
			s = strings.TrimSuffix(s, "\n")
		} else {
			s = policy.CollapseSpace(s)
		}
		if s != "" {
			out.WriteString(s + "\n")
		}
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch n.Type {
		case html.TextNode:
			on = on && strings.TrimSpace(n.Data) == ""
			line.WriteString(n.Data)
			return
		case html.ElementNode:
		default:
			return
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		if n.DataAtom == drop {
			on = on || attr["class"] == "break"
			return
		}
		if _, note := attr["data-note"]; note {
			return
		}
		block := false
		switch n.DataAtom {
		case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Li, atom.Ul, atom.Ol, atom.Td, atom.Th, atom.Tr, atom.Table, atom.Tbody, atom.Div, atom.Blockquote, atom.Pre:
			block = true
			flush()
			pre = n.DataAtom == atom.Pre
		case atom.Img:
			line.WriteString(attr["alt"])
		case atom.Input:
			if _, ok := attr["checked"]; ok {
				line.WriteString("[x]")
			} else {
				line.WriteString("[ ]")
			}
		case atom.S:
			line.WriteString("~~")
			defer line.WriteString("~~")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if block {
			flush()
			pre = false
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	flush()
	return out.String()
}

func TestWhatAnAuthorWroteIsEscaped(t *testing.T) {
	r := markdown.New(markdown.Options{})
	old := side(t, r, []byte("See [the *terms*](a?x=1&y=%22) & `<b>` here.\n\n![a \"b\"](c.png)\n"))
	new := side(t, r, []byte("See [the *terms*](<\"><script>alert(1)</script>>) & `<i>` here.\n\n![a \"b\"](<d\"><img onerror=x>.png>)\n"))
	l := redline.Compare(old, new)
	page := string(l.HTML(redline.HTMLOptions{Words: english, Address: func(i int) (string, bool) { return new.Doc.Links[i].Target, true }}))
	for _, bad := range []string{"<script", "<img onerror", "<i>", "<b>"} {
		if strings.Contains(page, bad) {
			t.Errorf("%s is in the page:\n%s", bad, page)
		}
	}
	checkLaws(t, "escaping", old, new, l, []byte(page))
}

// The more sentences of a paragraph move, the more runs are put together.
func TestManySentencesMove(t *testing.T) {
	r := markdown.New(markdown.Options{})
	rng := rand.New(rand.NewPCG(5, 6))
	for n := range 60 {
		var sentences []string
		for i := range 30 {
			sentences = append(sentences, fmt.Sprintf("Sentence %d says that w%d and w%d follow w%d at once.", i, rng.IntN(99), rng.IntN(99), rng.IntN(99)))
		}
		old := side(t, r, []byte(strings.Join(sentences, " ")))
		rng.Shuffle(len(sentences), func(i, k int) { sentences[i], sentences[k] = sentences[k], sentences[i] })
		for i := range sentences {
			if rng.IntN(3) == 0 {
				sentences[i] = strings.Replace(sentences[i], "says", "tells us", 1)
			}
		}
		new := side(t, r, []byte(strings.Join(sentences, " ")))
		l := redline.Compare(old, new)
		checkLaws(t, fmt.Sprint("shuffled ", n), old, new, l, l.HTML(redline.HTMLOptions{Words: english}))
		if l.Moved == 0 {
			t.Error("nothing moved")
		}
	}
}

// Texts of one-letter paragraphs, of words that alternate, of tables of tiny cells:
// marks would take many times the room of what they mark.
func TestSizeIsBounded(t *testing.T) {
	r := markdown.New(markdown.Options{})
	rng := rand.New(rand.NewPCG(3, 4))
	letters := func(between string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(string("xyz"[rng.IntN(3)]) + between)
		}
		return b.String()
	}
	for name, make := range map[string]func() string{
		"paragraphs": func() string { return letters("\n\n", 3000) },
		"words":      func() string { return letters(" ", 30000) },
		"items":      func() string { return "- " + letters("\n- ", 3000) + "x" },
		"headings":   func() string { return "# " + letters("\n\n# ", 3000) + "x" },
		"cells":      func() string { return "|a|b|\n|-|-|\n" + strings.ReplaceAll(letters("|", 4000), "||", "|\n") },
		"links":      func() string { return "[a](b)" + strings.ReplaceAll(letters(" ", 3000), "x", "[x](y)") },
		"breaks":     func() string { return letters("\\\n", 3000) + "x" },
		"title":      func() string { return "---\ntitle: " + letters("", 20000) + "\n---\n" + letters(" ", 5) },
	} {
		old, new := side(t, r, []byte(make())), side(t, r, []byte(make()))
		l := redline.Compare(old, new)
		for _, opt := range []redline.HTMLOptions{{Words: english}, {Words: english, Snapshot: "../"}} {
			page := l.HTML(opt)
			limit := 4096
			for _, s := range []redline.Side{old, new} {
				limit += 4 * (len(s.Doc.Whole().Parts[0].HTML) + len(s.Title))
			}
			if len(page) > limit {
				t.Errorf("%s: %d bytes, more than %d", name, len(page), limit)
			}
			if opt.Snapshot == "" {
				checkLaws(t, name, old, new, l, page)
			}
		}
	}
}
