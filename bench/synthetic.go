//go:build linux || darwin

package main

import (
	"bufio"
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A plan says how many versions each policy of a synthetic repository has. The
// same plan gives the same commits.
type plan []int

// synthetic returns a bare repository, and writes it if it is not there.
func (b *bench) synthetic(name string, p plan) string {
	dir := b.in(name)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	b.run("", "git", "init", "--quiet", "--bare", "--initial-branch=main", dir)
	cmd := exec.CommandContext(b.ctx, "git", "fast-import", "--quiet", "--date-format=raw")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	in := must(cmd.StdinPipe())
	check(cmd.Start())
	w := bufio.NewWriterSize(in, 1<<20)
	p.write(w)
	check(cmp.Or(w.Flush(), in.Close(), cmd.Wait()))
	return dir
}

// write writes the repository for git fast-import: first all texts, policy by policy, so that each
// is stored as its difference to the one before; then the commits, those of each policy over ten years.
func (p plan) write(w io.Writer) {
	type commit struct{ seconds, mark, policy int }
	var commits []commit
	for i, versions := range p {
		t := newText(i)
		for v := range versions {
			if v > 0 {
				t.edit(v)
			}
			commits = append(commits, commit{1451638800 + v*10*365*24*60*60/versions, len(commits) + 1, i})
			fmt.Fprintf(w, "blob\nmark :%d\ndata %d\n%s\n", len(commits), len(t.source()), t.source())
		}
	}
	slices.SortStableFunc(commits, func(a, b commit) int { return cmp.Compare(a.seconds, b.seconds) })
	for _, c := range commits {
		fmt.Fprintf(w, "commit refs/heads/main\ncommitter Policies <policies@example.org> %d +0000\ndata 7\nUpdate\n\nM 100644 :%d content/service-%d/policy-%d.md\n\n",
			c.seconds, c.mark, c.policy/5, c.policy)
	}
}

const textSize = 25 << 10 // about what a text has in bytes: the median of real ones

// text is a policy at one version: a title, a date and more.
type text struct {
	rand           *rand.Rand
	blocks, before []string
}

func newText(i int) *text {
	t := &text{rand: rand.New(rand.NewPCG(20261122, uint64(i)))}
	t.blocks = []string{"# " + t.words(3), date(0)}
	for len(t.source()) < textSize {
		t.blocks = append(t.blocks, t.block(len(t.blocks)))
	}
	return t
}

func (t *text) source() string { return strings.Join(t.blocks, "\n\n") + "\n" }

func date(version int) string {
	return time.Date(2016, 1, 1+version, 0, 0, 0, 0, time.UTC).Format("Last updated: January 2, 2006")
}

var links = regexp.MustCompile(`example\.org/\d+`)

// edit makes the next version, as policies are edited: it differs from the one before.
func (t *text) edit(version int) {
	now := slices.Clone(t.blocks)
	anywhere := func() int { return 2 + t.rand.IntN(len(t.blocks)-2) }
	i := anywhere()
	switch n := t.rand.IntN(100); {
	case n < 12 && t.before != nil: // the text before
		t.blocks = t.before
	case n < 48: // a few words
		for range 8 {
			i = anywhere()
			t.blocks[i] = strings.Replace(t.blocks[i], " "+t.word()+" ", " "+t.word()+" ", 1)
		}
	case n < 68: // the addresses of some links
		for i = version % 4; i < len(t.blocks); i += 4 {
			t.blocks[i] = links.ReplaceAllString(t.blocks[i], fmt.Sprintf("example.org/%d", version))
		}
	case n < 86: // mark-up, or below, where there is none, the date
		t.blocks[i] = strings.ReplaceAll(t.blocks[i], "**", "")
	case n < 98: // a block more, or less: the size stays about the same
		if len(t.source()) < textSize {
			t.blocks = slices.Insert(t.blocks, i, t.block(t.rand.IntN(360)))
		} else {
			t.blocks = slices.Delete(t.blocks, i, i+1)
		}
	default: // a third of it
		first := 2 + t.rand.IntN(len(t.blocks)/2)
		for i = first; i < first+len(t.blocks)/3; i++ {
			t.blocks[i] = t.block(i)
		}
	}
	if slices.Equal(t.blocks, now) {
		t.blocks[1] = date(version)
	}
	t.before = now
}

// block is a heading now and then, a list, a table, most often a paragraph.
func (t *text) block(i int) string {
	lines := make([]string, 2+t.rand.IntN(5))
	for j := range lines {
		lines[j] = t.words(8+t.rand.IntN(20)) + "."
	}
	lines[0] = "**" + strings.Replace(lines[0], " ", "** ", 1)
	switch {
	case i%9 == 2:
		return "## " + t.words(4)
	case i%9 == 5:
		return "- " + strings.Join(lines, "\n- ")
	case i%40 == 30:
		return "| What | Why |\n| --- | --- |\n| " + strings.Join(lines, " | |\n| ") + " | |"
	case i%3 == 0:
		lines[1] = "See [" + t.words(3) + "](https://example.org/0)."
	}
	return strings.Join(lines, " ")
}

//go:embed words.txt
var wordsOfPolicies string

// vocabulary has the frequent words first: in any text few are frequent, and many are rare.
var vocabulary = strings.Fields(wordsOfPolicies)

func (t *text) word() string {
	return vocabulary[min(t.rand.IntN(len(vocabulary)), t.rand.IntN(len(vocabulary)))]
}

// words are n words, the first of them in upper case.
func (t *text) words(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = t.word()
	}
	return strings.ToUpper(words[0][:1]) + strings.Join(words, " ")[1:]
}
