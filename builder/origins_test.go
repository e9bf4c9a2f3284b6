package builder_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	interfacewords "github.com/policysite/policysite/builder/words"
)

// Origins, looked at from the other end: each line of the text in force is followed
// back, version by version, through what the redlines show.
func TestOriginsOfCorpora(t *testing.T) {
	t.Parallel()
	for name, least := range map[string]int{"basecamp-policies": 700, "psf-policies": 700} {
		t.Run(name, func(t *testing.T) {
			r := corpus(t, name)
			opt := options(r)
			if name == "psf-policies" {
				opt.Content = "docs"
			}
			if n := checkOrigins(t, opt); n.lines < least || n.edited < 100 || n.unsure > n.edited/4 {
				t.Errorf("that is not much to be right about: %+v", n)
			}
		})
	}
}

func TestOriginsOfRandomHistories(t *testing.T) {
	t.Parallel()
	var all checkedOrigins
	for i := range uint64(12) {
		t.Run(fmt.Sprintf("seed=%d", *seed+i), func(t *testing.T) {
			r := historytest.New(t)
			r.GitIn(randomEdits(rand.New(rand.NewPCG(*seed+i, 22)), 40), "fast-import", "--quiet")
			opt := options(r)
			opt.Rev = "main"
			n := checkOrigins(t, opt)
			all.lines, all.edited, all.back, all.unread, all.unsure = all.lines+n.lines, all.edited+n.edited, all.back+n.back, all.unread+n.unread, all.unsure+n.unsure
		})
	}
	t.Logf("%+v", all)
	if all.lines < 100 || all.edited < 50 || all.back < 5 || all.unread < 20 || all.unsure > all.edited/2 {
		t.Errorf("that is not much to be right about: %+v", all)
	}
}

// tellOrigins writes the origins of a repository's one policy, one a line: the lines of
// the text, since when they stand and since when in other words, and what was between.
func tellOrigins(t *testing.T, r *historytest.Repo, change ...func(*builder.Options)) string {
	t.Helper()
	opt := options(r)
	for _, c := range change {
		c(&opt)
	}
	a, err := builder.ReadArchive(context.Background(), opt, "privacy")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	p := a.Policies[0]
	var out strings.Builder
	id := func(i int) string { return p.Versions[i].ID }
	for _, o := range p.Origins {
		fmt.Fprintf(&out, "%d", o.Line)
		if o.Lines > 1 {
			fmt.Fprintf(&out, "-%d", o.Line+o.Lines-1)
		}
		if o.Withheld {
			fmt.Fprintln(&out, " withheld")
			continue
		}
		fmt.Fprintf(&out, " since %s first %s", id(o.Since), id(o.First))
		if o.StoodBefore >= 0 {
			fmt.Fprintf(&out, " before %s", id(o.StoodBefore))
		}
		list := func(name string, all []int) {
			var ids []string
			for _, i := range all {
				ids = append(ids, id(i))
			}
			if ids != nil {
				fmt.Fprintf(&out, " %s %s", name, strings.Join(ids, ", "))
			}
		}
		list("changed", o.Changes)
		list("unread", o.Unread)
		fmt.Fprintln(&out)
	}
	return out.String()
}

func TestOriginsOfALine(t *testing.T) {
	t.Parallel()
	const a, b, c = "We keep the data of our customers for thirty days. ", "We delete it when a contract ends, without delay.", "Write to the office for all that concerns this."
	text := func(paragraphs ...string) act { return privacy(strings.Join(paragraphs, "\n\n") + "\n") }
	days := func(texts ...act) (out []step) {
		for i, text := range texts {
			out = append(out, on(fmt.Sprintf("2021-%02d-01", i+1), text))
		}
		return out
	}
	for _, test := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"nothing changed", days(text("# P", a)), "1-2 since 2021-01-01 first 2021-01-01"},
		{"edited, then a link alone", days(text("# P", a+"[So](/a)"), text("# P", "Today "+a+"[So](/a)"), text("# P", "Today "+a+"[So](/b)")), `
			1 since 2021-01-01 first 2021-01-01
			2 since 2021-02-01 first 2021-01-01 changed 2021-02-01`},
		{"added and moved", days(text("# P", a, b), text("# P", a, b, c), text("# P", c, a, b)), `
			1 since 2021-01-01 first 2021-01-01
			2 since 2021-02-01 first 2021-02-01
			3-4 since 2021-01-01 first 2021-01-01`},
		{"split, and joined with another", days(text("# P", a+b, c), text("# P", a, b, c), text("# P", a, b+" "+c)), `
			1 since 2021-01-01 first 2021-01-01
			2 since 2021-02-01 first 2021-01-01 changed 2021-02-01
			3 since 2021-03-01 first 2021-01-01 changed 2021-02-01, 2021-03-01`},
		{"came back to its place", days(text("# P", "Thirty days."), text("# P", "Sixty days."), text("# P", "Thirty days.")), `
			1 since 2021-01-01 first 2021-01-01
			2 since 2021-03-01 first 2021-01-01 before 2021-01-01 changed 2021-02-01, 2021-03-01`},
		{"went and came back", days(text("# P", a, b), text("# P", b), text("# P", b, a)), `
			1-2 since 2021-01-01 first 2021-01-01
			3 since 2021-03-01 first 2021-01-01 before 2021-01-01 changed 2021-02-01, 2021-03-01`},
		{"a short line that comes anew is new", days(text("# P", "Yes.", b), text("# P", b), text("# P", b, "Yes.")), `
			1-2 since 2021-01-01 first 2021-01-01
			3 since 2021-03-01 first 2021-03-01`},
		{"an editorial version is a version", []step{on("2021-01-01", text("# P", a)), on("2021-02-01 Comma\n\nPolicy-Change: editorial", text("# P", a+"So.")), on("2021-03-01", text("# P", a+"So.", c))}, `
			1 since 2021-01-01 first 2021-01-01
			2 since 2021-02-01 first 2021-01-01 changed 2021-02-01
			3 since 2021-03-01 first 2021-03-01`},
		{"the date of the text is a line", days(text("# P", "Last updated: 1 January 2021", a), text("# P", "Last updated: 2 February 2021", a)), `
			1 since 2021-01-01 first 2021-01-01
			2 since 2021-02-01 first 2021-01-01 changed 2021-02-01
			3 since 2021-01-01 first 2021-01-01`},
		{"cells of a row", days(text("# P", "| Data | Days |\n|-|-|\n| Mail | 30 |\n| Name | 30 |"), text("# P", "| Data | Days |\n|-|-|\n| Mail | 60 |\n| Name | 30 |")), `
			1-4 since 2021-01-01 first 2021-01-01
			5 since 2021-02-01 first 2021-01-01 changed 2021-02-01
			6-7 since 2021-01-01 first 2021-01-01`},
		{"withdrawn between", days(text("# P", a), remove("content/privacy.md"), text("# P", a, b)), `
			1-2 since 2021-03-01 first 2021-01-01 before 2021-01-01
			3 since 2021-03-01 first 2021-03-01`},
		{"one cannot be rendered", days(text("# P", a, b), privacy("---\ntitle: P\nno end\n"), text("# P", a, c)), `
			1-2 since 2021-01-01 first 2021-01-01 unread 2021-02-01
			3 since 2021-03-01 first 2021-03-01 unread 2021-02-01`},
		{"one to come", append(days(text("# P", a)), on("2021-02-01", text("---\neffective: 2040-01-01\n---\n# P", a, b))), "1-2 since 2021-01-01 first 2021-01-01"},
		{"what the record does not show", append(days(text("# P", a), text("# P", b), text("# P", a)), on("2021-04-01", settings("since:\n  privacy: 2021-02-01\n"))), `
			1 since 2021-02-01 first 2021-02-01
			2 since 2021-03-01 first 2021-03-01`},
		{"a version is withheld", append(days(text("# P", a, b), text("# P", a, c), text("# P", a, c, b)), on("2021-04-01", redactions("- {policy: privacy, version: 2021-02-01, whole: true, reason: r, authority: a, date: 2021-04-01}\n"))), `
			1-2 since 2021-01-01 first 2021-01-01 unread 2021-02-01
			3 since 2021-03-01 first 2021-03-01 unread 2021-02-01
			4 since 2021-01-01 first 2021-01-01 unread 2021-02-01`},
		{"words of a version before are withheld", append(days(text("# P", a), text("# P", a, c), text("# P", "Today "+a, c)), on("2021-04-01", redactions("- {policy: privacy, version: 2021-02-01, block: 2, words: 3-4, reason: r, authority: a, date: 2021-04-01}\n- {policy: privacy, version: 2021-02-01, block: 3, words: 1, reason: r, authority: a, date: 2021-04-01}\n"))), `
			1 since 2021-01-01 first 2021-01-01
			2 since 2021-03-01 first 2021-01-01 changed 2021-03-01 unread 2021-02-01
			3 since 2021-03-01 first 2021-02-01 changed 2021-03-01 unread 2021-02-01`},
		{"words of the text in force are withheld", append(days(text("# P", a, b), text("# P", a, b, c)), on("2021-04-01", redactions("- {policy: privacy, version: 2021-02-01, block: 2, words: 3-4, reason: r, authority: a, date: 2021-04-01}\n"))), `
			1 since 2021-01-01 first 2021-01-01
			2 withheld
			3 since 2021-01-01 first 2021-01-01
			4 since 2021-02-01 first 2021-02-01`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expect(t, tellOrigins(t, repository(t, test.steps...)), test.want)
		})
	}
}

// Each note stands before what it is of, wherever that stands: in the text, in an item,
// in a row. What has the words of the title has its note below it.
func TestOriginsPage(t *testing.T) {
	t.Parallel()
	text := func(w string) act {
		return privacy(fmt.Sprintf(`---
title: Privacy
---
First, this is what we say on the whole.

Second, %[1]s of what we say comes here.

- Item one is the first of three items
- Item two is %[1]s second one of them
- Item three is the last one of them

1. Loose item one is first

2. Loose item two is %[1]s second

   Its other paragraph stayed as it was

> A quotation of %[1]s words of somebody

Below it, more of what we say.

`+"```\ncode of %[1]s kind\nnext line of code\n```"+`

| Data | Kept for |
|---|---|
| Mail | %[1]s days |
| Name | as long as you like |

## Heading of %[1]s section

<dl><dt>A term of %[1]s law</dt><dd>What it means to us</dd></dl>

<details><summary>The sum of %[1]s things</summary>All of the details</details>

<p align="center">A raw paragraph of %[1]s kind</p>

<a href="https://example.org/"><div>A block in a link that is as long</div></a>

The end of it is here.
`, w))
	}
	r := repository(t, on("2021-01-01", text("any")), on("2022-02-02", text("other")))
	s := built(t, r)
	s.clean(r.Dir)
	root, err := html.Parse(strings.NewReader(s.file("privacy/origins/index.html")))
	if err != nil {
		t.Fatal(err)
	}
	var notes strings.Builder
	note := ""
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		class, in := "", ""
		for _, a := range n.Attr {
			if a.Key == "class" {
				class = a.Val
			}
		}
		switch {
		case class == "since small":
			for p := n.Parent; p.Data != "div"; p = p.Parent {
				in += p.Data + " "
			}
			note += in + policy.CollapseSpace(wordsIn(n)) + " "
			return
		case n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" && note != "":
			fmt.Fprintf(&notes, "%s: %.13s\n", strings.TrimSpace(note), strings.TrimSpace(n.Data))
			note = ""
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	have := strings.ReplaceAll(notes.String(), "Since 2 February 2022 first stood 1 January 2021 · changed once 1 January 2021 2 February 2022", "NEW")
	expect(t, strings.ReplaceAll(have, "Since 1 January 2021", "OLD"), `
		OLD: First, this i
		NEW: Second, other
		li ul OLD: Item one is t
		li ul NEW: Item two is o
		li ul OLD: Item three is
		li ol NEW: Loose item tw
		li ol OLD: Its other par
		blockquote NEW: A quotation o
		OLD: Below it, mor
		NEW: code of other
		OLD: Data
		td tr tbody table NEW: Mail
		td tr tbody table OLD: Name
		NEW: Heading of ot
		dd dl OLD: What it means
		details NEW details OLD: All of the de
		NEW: A raw paragra
		OLD: A block in a `)
}

// A long list of changes is cut, and of withheld words nothing is said.
func TestOriginsPageSaysNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	var steps []step
	for i := range 13 {
		steps = append(steps, on(fmt.Sprintf("2021-01-%02d", i+1), privacy(fmt.Sprintf("# Privacy\n\nWe keep logs for %d days.\n\nAsk Jane Roe of the office.\n", 30+i))))
	}
	s := built(t, repository(t, append(steps,
		on("2021-02-01", privacy("# Privacy\n\nWe keep logs for 42 days.\n\nAsk Jane Roe of the office.\n\nOr write to us.\n")),
		on("2021-02-02", redactions("- {policy: privacy, version: 2021-02-01, block: 3, words: 2-3, reason: r, authority: a, date: 2021-02-02}\n")))...))
	page := s.file("privacy/origins/index.html")
	if strings.Contains(page, "Jane") || !strings.Contains(page, "Ask [withheld] of the office.") || !strings.Contains(page, "Words are withheld here, and nothing is said of them.") {
		t.Errorf("the page does not withhold what the version does:\n%s", page)
	}
	if n := strings.Count(page, `<li><a href="../2021-`); n != 11 || !strings.Contains(page, "changed 12 times") || !strings.Contains(page, ">All changes</a></li>") { // the first version, and ten changes
		t.Errorf("%d versions are listed:\n%s", n, page)
	}
	s.clean("")
}

// wordsIn are those of an element and all in it.
func wordsIn(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data + " "
	}
	out := ""
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out += wordsIn(c)
	}
	return out
}

// randomEdits is a history of a text, for fast-import: paragraphs that are edited,
// moved, split, joined, taken away and put back, by versions of which some are marked
// editorial, cannot be rendered, or withdraw the text.
func randomEdits(rnd *rand.Rand, n int) string {
	var out strings.Builder
	word := func() string {
		return fmt.Sprintf("%s%d", []string{"data", "law", "party", "term", "fee", "user"}[rnd.IntN(6)], rnd.IntN(60))
	}
	sentence := func() string {
		var words []string
		for range 5 + rnd.IntN(8) {
			words = append(words, word())
		}
		return "The " + strings.Join(words, " ") + "."
	}
	text := []string{"# Title", "Yes", "Last updated: 1 January 2020"}
	var gone []string
	for range 8 {
		text = append(text, sentence()+" "+sentence())
	}
	body := func(front string) string { return front + strings.Join(text, "\n\n") + "\n" }
	for i := range n {
		front := ""
		at, to := 1+rnd.IntN(len(text)-1), 1+rnd.IntN(len(text)-1)
		switch k := rnd.IntN(14); {
		case k < 3:
			words := strings.Fields(text[at])
			words[rnd.IntN(len(words))] = word()
			gone = append(gone, text[at])
			text[at] = strings.Join(words, " ")
		case k == 3:
			p := text[at]
			text = slices.Insert(slices.Delete(text, at, at+1), min(to, len(text)-1), p)
		case k == 4:
			if a, b, ok := strings.Cut(text[at], ". "); ok {
				text = slices.Replace(text, at, at+1, a+".", b)
			}
		case k == 5 && at+1 < len(text):
			text = slices.Replace(text, at, at+2, text[at]+" "+text[at+1])
		case k == 6 && len(text) > 4:
			gone = append(gone, text[at])
			text = slices.Delete(text, at, at+1)
		case k == 7 && len(gone) > 0:
			text = slices.Insert(text, to, gone[rnd.IntN(len(gone))])
		case k == 8:
			text = slices.Insert(text, to, sentence())
		case k == 9:
			front = "---\nchange: editorial\n---\n"
			text[at] += " " + sentence()
		case k == 10:
			text[2] = fmt.Sprintf("Last updated: %d March 2021", 1+rnd.IntN(28))
		case k == 11:
			front = "---\ntitle: no end\n"
		case i < n/3:
			front = "---\ndraft: true\n---\n"
		}
		if i == n-1 {
			front = ""
		}
		source := body(front)
		fmt.Fprintf(&out, "commit refs/heads/main\ncommitter A <a@b.c> %d +0000\ndata 0\nM 100644 inline content/privacy.md\ndata %d\n%s\n", 1600000000+i*86400*3, len(source), source)
	}
	return out.String()
}

// checkedOrigins counts the lines that were looked at.
type checkedOrigins struct{ lines, edited, back, unread, unsure int }

// checkOrigins checks what is said of each line of each policy of a repository in
// which nothing is withheld.
func checkOrigins(t *testing.T, opt builder.Options) (n checkedOrigins) {
	a, err := builder.ReadArchive(context.Background(), opt, "")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, p := range a.Policies {
		h := textHistory{t: t, archive: a, policy: p, lines: make([][]string, len(p.Versions)), pairs: map[int]backward{}}
		for i, v := range p.Versions[:p.Shown()+1] {
			if v.Error != "" {
				continue
			}
			text, err := a.Text(p, i)
			if err != nil {
				t.Fatal(err)
			}
			h.lines[i] = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		}
		line := 0
		for _, o := range p.Origins {
			if o.Line != line+1 || o.Lines < 1 || o.Withheld {
				t.Fatalf("%s: %+v follows line %d", p.ID, o, line)
			}
			for ; line < o.Line+o.Lines-1; line++ {
				h.check(line, &o, &n)
			}
		}
		if line != len(h.lines[p.Shown()]) {
			t.Fatalf("%s: %d lines have origins, the text has %d", p.ID, line, len(h.lines[p.Shown()]))
		}
	}
	return n
}

// textHistory has the lines of all versions of a policy; nil for what cannot be rendered.
type textHistory struct {
	t       *testing.T
	archive *builder.Archive
	policy  *policy.Policy
	lines   [][]string
	pairs   map[int]backward // by the newer version
}

// before is the version before another that can be read; -1 for none.
func (h *textHistory) before(i int) int {
	for i--; i >= 0 && h.lines[i] == nil; i-- {
	}
	return i
}

// restored reports whether the policy was withdrawn between two versions.
func (h *textHistory) restored(from, to int) bool {
	return slices.ContainsFunc(h.policy.Versions[from+1:to+1], func(v policy.Version) bool { return v.Kind == policy.Restored })
}

func (h *textHistory) check(line int, o *policy.Origin, n *checkedOrigins) {
	current := h.policy.Shown()
	words := h.lines[current][line]
	fail := func(format string, args ...any) {
		h.t.Errorf("%s, line %d %q, %+v: %s", h.policy.ID, line+1, words, *o, fmt.Sprintf(format, args...))
	}
	stood := func(i int) bool { return slices.Contains(h.lines[i], words) }
	if o.First < 0 || o.First > o.Since || o.Since > current || o.StoodBefore >= o.Since {
		fail("the order is wrong")
		return
	}
	n.lines++
	// The words stand in the version named, and from then on.
	var unread []int
	for i := o.Since; i <= current; i++ {
		switch {
		case h.lines[i] == nil:
			unread = append(unread, i)
		case !stood(i):
			fail("the words do not stand in version %d", i)
		}
	}
	before := h.before(o.Since)
	for i := o.Since - 1; i > before; i-- {
		unread = append([]int{i}, unread...)
	}
	if !slices.Equal(o.Unread, unread) {
		fail("%d cannot be read", unread)
	}
	n.unread += min(1, len(unread))
	// They do not stand in the one before it, unless its redline shows them as new here.
	last := -1
	for i := before; i >= 0 && last < 0; i-- {
		if h.lines[i] != nil && stood(i) {
			last = i
		}
	}
	switch returned := before >= 0 && h.restored(before, o.Since); {
	case before < 0:
	case returned && o.StoodBefore == before && stood(before):
	case last == before && (o.StoodBefore >= 0 || !h.copied(words, o.Since)):
		fail("the words stand in version %d before it", before)
	case last < before && o.StoodBefore != last && (o.StoodBefore >= 0 || len(words)+1 >= 20):
		fail("the words stood in version %d last", last)
	}
	n.back += min(1, o.StoodBefore+1)
	// First and Changes are what the redlines show.
	first, changes, sure := h.follow(line, current)
	if len(o.Changes) > 0 {
		n.edited++
	}
	switch {
	case !sure:
		n.unsure++
	case o.First != first || !slices.Equal(o.Changes, changes):
		fail("first stood in version %d, changed by %d", first, changes)
	}
}

// follow goes back from a line of a version to where it first stood, by all ways that
// there are. sure is false where a line moved on the way, of which parts say less than
// Lines, or where a short one may have come back to its place.
func (h *textHistory) follow(line, version int) (first int, changes []int, sure bool) {
	type place struct{ line, version int }
	first, sure = version, true
	seen, todo := map[place]bool{}, []place{{line, version}}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		before := h.before(at.version)
		if seen[at] || before < 0 {
			if before < 0 {
				first = min(first, at.version)
			}
			continue
		}
		seen[at] = true
		pair, words := h.pair(at.version), h.lines[at.version][at.line]
		from := slices.Sorted(maps.Keys(pair.from[at.line]))
		sure = sure && !pair.moved[at.line]
		if k := slices.IndexFunc(from, func(old int) bool { return h.lines[before][old] == words }); k >= 0 {
			todo = append(todo, place{from[k], before})
			continue
		}
		changed := len(from) > 0
		for _, old := range from {
			todo = append(todo, place{old, before})
		}
		for went, last := before, h.before(before); last >= 0 && !slices.Contains(h.lines[before], words); went, last = last, h.before(last) {
			if old := slices.Index(h.lines[last], words); old >= 0 {
				if sure = sure && len(words)+1 >= 20; sure {
					todo, changes, changed = append(todo, place{old, last}), append(changes, went), true
				}
				break
			}
		}
		if changed {
			changes = append(changes, at.version)
		} else {
			first = min(first, at.version)
		}
	}
	slices.Sort(changes)
	return first, slices.Compact(changes), sure
}

// backward says of the lines of a text from which lines of the text before it they come.
type backward struct {
	from  map[int]map[int]bool
	moved map[int]bool // or some of its words
}

// copied reports whether a redline shows one of the lines that say some words as
// something else before, or as nothing.
func (h *textHistory) copied(words string, version int) bool {
	pair, old := h.pair(version), h.lines[h.before(version)]
	for i, l := range h.lines[version] {
		stayed := false
		for from := range pair.from[i] {
			stayed = stayed || old[from] == words
		}
		if l == words && !stayed {
			return true
		}
	}
	return false
}

// pair reads a version's redline against the one before it: what both texts have is on
// a line of each.
func (h *textHistory) pair(version int) backward {
	if b, ok := h.pairs[version]; ok {
		return b
	}
	r, err := h.archive.Redline(h.policy, h.before(version), version)
	if err != nil {
		h.t.Fatal(err)
	}
	b := backward{map[int]map[int]bool{}, map[int]bool{}}
	old, new := 0, 0
	for _, p := range r.Parts(interfacewords.English().Phrases) {
		for piece := range strings.Lines(p.Text) {
			if p.Op == redline.Equal {
				if b.from[new] == nil {
					b.from[new] = map[int]bool{}
				}
				b.from[new][old] = true
			}
			b.moved[new] = b.moved[new] || p.Moved && p.Op == redline.Insert
			ends := strings.HasSuffix(piece, "\n")
			if ends && p.Op != redline.Insert {
				old++
			}
			if ends && p.Op != redline.Delete {
				new++
			}
		}
	}
	h.pairs[version] = b
	return b
}
