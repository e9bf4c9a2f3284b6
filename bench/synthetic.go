package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A synthetic repository is policies of about 25 KB, each edited again and again
// the way policies are: mostly a few words, a link or a date; at times mark-up
// alone, a paragraph, list or heading more or less, the text before once more,
// or a third of it anew. The seed is fixed: the same plan gives the same commits.
const seed = 20261122

// plan is how many versions each policy of a synthetic repository has.
type plan []int

// parsePlan reads "20x50", 20 policies of 50 versions, or a sum of such terms:
// "1x2500+15x500".
func parsePlan(text string) (plan, error) {
	var p plan
	for term := range strings.SplitSeq(text, "+") {
		policies, versions, _ := strings.Cut(term, "x")
		n, err1 := strconv.Atoi(policies)
		m, err2 := strconv.Atoi(versions)
		if err1 != nil || err2 != nil || n < 1 || m < 1 {
			return nil, fmt.Errorf("want POLICIESxVERSIONS such as 20x50 or 1x2500+15x500, have %q", text)
		}
		for range n {
			p = append(p, m)
		}
	}
	return p, nil
}

func (p plan) versions() (n int) {
	for _, m := range p {
		n += m
	}
	return n
}

// parseSize reads a number of versions, "40000" or "40k", and makes a plan of
// it: policies of 500 versions, and from 10,000 on one of 2,500 among them, as
// the longest histories that are known are.
func parseSize(text string) (plan, error) {
	digits, thousands := strings.CutSuffix(text, "k")
	n, err := strconv.Atoi(digits)
	if thousands {
		n *= 1000
	}
	if err != nil || n < 1 {
		return nil, fmt.Errorf("want a number of versions such as 40k, have %q", text)
	}
	var p plan
	if n >= 10_000 {
		p, n = append(p, 2500), n-2500
	}
	for ; n > 0; n -= 500 {
		p = append(p, min(n, 500))
	}
	return p, nil
}

// generate writes a synthetic repository, bare, to a folder that does not exist.
func generate(dir string, p plan) (err error) {
	if err := quiet("", "git", "init", "--quiet", "--bare", "--initial-branch=main", dir); err != nil {
		return err
	}
	cmd := exec.Command("git", "fast-import", "--quiet", "--date-format=raw")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w := bufio.NewWriterSize(in, 1<<20)
	p.write(w)
	err = w.Flush()
	in.Close()
	if ended := cmd.Wait(); ended != nil {
		return fmt.Errorf("git fast-import: %w", ended)
	}
	return err
}

// write writes the repository for git fast-import: first all texts, policy by
// policy, so that each is stored as its difference to the one before; then the
// commits, in which the policies take turns.
func (p plan) write(w io.Writer) {
	for i, versions := range p {
		t := newText(i)
		for v := range versions {
			if v > 0 {
				t.edit(v)
			}
			source := t.source()
			fmt.Fprintf(w, "blob\nmark :%d\ndata %d\n%s\n", p.mark(i, v), len(source), source)
		}
	}
	// Each policy has its versions spread over all of the time.
	total := p.versions()
	start := time.Date(2016, 1, 1, 9, 0, 0, 0, time.UTC)
	step := 10 * 365 * 24 * time.Hour / time.Duration(total)
	written := make([]int, len(p))
	for n := range total {
		next := 0
		for i := range p {
			// The one that lags behind most, as a share of its versions.
			if written[i]*p[next] < written[next]*p[i] {
				next = i
			}
		}
		when := start.Add(time.Duration(n) * step).Unix()
		fmt.Fprintf(w, "commit refs/heads/main\ncommitter Policies <policies@example.org> %d +0000\ndata 7\nUpdate\n\nM 100644 :%d %s\n\n",
			when, p.mark(next, written[next]), policyPath(next))
		written[next]++
	}
}

// mark is how fast-import calls the text of a version, from 1 on.
func (p plan) mark(policy, version int) int { return p[:policy].versions() + version + 1 }

func policyPath(i int) string {
	kinds := [...]string{"privacy", "terms", "cookies", "acceptable-use", "dpa"}
	return path.Join("content", fmt.Sprintf("service-%03d", i/len(kinds)), kinds[i%len(kinds)]+".md")
}

// text is a policy as it stands.
type text struct {
	rand   *rand.Rand
	blocks []string
	before []string // the blocks of the version before
}

// linkGroups is how many addresses the links of all texts lead to.
const linkGroups = 8

// textSize is about what a text has in bytes: the median of real ones.
const textSize = 25 << 10

func newText(i int) *text {
	t := &text{rand: rand.New(rand.NewPCG(seed, uint64(i)))}
	t.blocks = []string{"# " + t.words(2, 4), t.date(0)}
	for size := 0; size < textSize; {
		b := t.block(len(t.blocks))
		size += len(b) + 2
		t.blocks = append(t.blocks, b)
	}
	return t
}

func (t *text) source() string { return strings.Join(t.blocks, "\n\n") + "\n" }

// edit makes the next version, which always differs from the one before.
func (t *text) edit(version int) {
	now := slices.Clone(t.blocks)
	switch n := t.rand.IntN(100); {
	case n < 12 && t.before != nil: // back to the text before
		t.blocks, t.before = t.before, now
		return
	case n < 48: // words, in one place to four
		for range 1 + t.rand.IntN(4) {
			i := t.anywhere()
			t.blocks[i] = t.reword(t.blocks[i])
		}
	case n < 68: // links, as where an address changed everywhere
		links := regexp.MustCompile(fmt.Sprintf(`example\.org/%d/\d+`, t.rand.IntN(linkGroups)))
		to := fmt.Sprintf("example.org/%d/%d", t.rand.IntN(linkGroups), version)
		for i, b := range t.blocks {
			t.blocks[i] = links.ReplaceAllString(b, to)
		}
	case n < 78: // the date alone
		t.blocks[1] = t.date(version)
	case n < 86: // mark-up alone
		i := t.anywhere()
		if strings.Contains(t.blocks[i], "*") {
			t.blocks[i] = strings.ReplaceAll(t.blocks[i], "*", "")
		} else if words := strings.Split(t.blocks[i], " "); len(words) > 3 {
			words[2] = "*" + words[2] + "*"
			t.blocks[i] = strings.Join(words, " ")
		}
	case n < 98: // a block more, or less: the size stays about the same
		i := t.anywhere()
		if len(t.source()) < textSize {
			t.blocks = slices.Insert(t.blocks, i, t.block(t.rand.IntN(360)))
		} else {
			t.blocks = slices.Delete(t.blocks, i, i+1)
		}
	default: // a third of it anew
		n := len(t.blocks) / 3
		first := 2 + t.rand.IntN(len(t.blocks)-n-2)
		for i := first; i < first+n; i++ {
			t.blocks[i] = t.block(i)
		}
	}
	if slices.Equal(t.blocks, now) {
		t.blocks[1] = t.date(version)
	}
	t.before = now
}

// anywhere is a block below the title and the date.
func (t *text) anywhere() int { return 2 + t.rand.IntN(len(t.blocks)-2) }

// reword replaces a word, adds one, or takes one away. Marks of headings, lists
// and tables stay.
func (t *text) reword(block string) string {
	words := strings.Split(block, " ")
	i := t.rand.IntN(len(words))
	for strings.Trim(words[i], "abcdefghijklmnopqrstuvwxyz'") != "" {
		if i++; i == len(words) {
			return block
		}
	}
	word := strings.ToLower(t.words(1, 1))
	switch t.rand.IntN(5) {
	case 0:
		words = slices.Insert(words, i, word)
	case 1:
		words = slices.Delete(words, i, i+1)
	default:
		words[i] = word
	}
	return strings.Join(words, " ")
}

func (t *text) date(version int) string {
	return "Last updated: " + time.Date(2016, 1, 1+version, 0, 0, 0, 0, time.UTC).Format("January 2, 2006")
}

// block is a heading now and then, a list, a table, most often a paragraph.
func (t *text) block(i int) string {
	switch {
	case i%9 == 2:
		return "## " + t.words(2, 6)
	case i%9 == 5:
		var items []string
		for range 3 + t.rand.IntN(5) {
			items = append(items, "- "+t.sentence())
		}
		return strings.Join(items, "\n")
	case i%40 == 30:
		rows := []string{"| What | Why | How long |", "| --- | --- | --- |"}
		for range 4 + t.rand.IntN(8) {
			rows = append(rows, "| "+t.words(1, 4)+" | "+t.words(2, 8)+" | "+t.words(1, 3)+" |")
		}
		return strings.Join(rows, "\n")
	}
	return t.paragraph()
}

func (t *text) paragraph() string {
	var b strings.Builder
	for i := range 2 + t.rand.IntN(5) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.sentence())
	}
	if t.rand.IntN(3) == 0 {
		b.WriteString(" " + t.link(0))
	}
	return b.String()
}

func (t *text) link(version int) string {
	return fmt.Sprintf("See [%s](https://example.org/%d/%d).", strings.ToLower(t.words(1, 4)), t.rand.IntN(linkGroups), version)
}

func (t *text) sentence() string {
	s := t.words(8, 28) + "."
	if t.rand.IntN(6) == 0 {
		first, rest, _ := strings.Cut(s, " ")
		s = "**" + first + "** " + rest
	}
	return s
}

// words are between from and to words, the first of them in upper case.
func (t *text) words(from, to int) string {
	var b strings.Builder
	for i := range from + t.rand.IntN(to-from+1) {
		// Few words are frequent and many are rare, as in any text.
		word := vocabulary[min(t.rand.IntN(len(vocabulary)), t.rand.IntN(len(vocabulary)))]
		if i == 0 {
			word = strings.ToUpper(word[:1]) + word[1:]
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// vocabulary are words of policies, the frequent ones first.
var vocabulary = strings.Fields(`the of to and you your or in we our for that a may any with is by this as be are information
not on us other use service services such from personal data will if have it their at terms account these content which an
when provide rights can access do third parties agree privacy including law policy has about user users process purposes
consent applicable collect share under party legal disclose time without between all also request contact make changes
notice agreement upon device cookies how via through where because controller processor transfer security necessary
interest interests delete retain period subject must shall more only than they them it's its new one each within
available website application applications products features payment payments subscription subscriptions fees refund
cancel terminate termination suspend liability damages warranty warranties indemnify claims dispute arbitration court
jurisdiction governing intellectual property licence copyright trademark infringement prohibited conduct spam abuse
children minors age parent guardian region country countries state federal regulation regulations authority supervisory
complaint object restrict portability rectification erasure automated decision profiling advertising marketing
analytics measurement partners vendors affiliates subsidiaries merger acquisition bankruptcy subpoena enforcement
encryption storage backup incident breach notification employee contractor confidential obligation obligations
reasonable appropriate technical organisational measures standard contractual clauses adequacy annex schedule
definition definitions scope duration nature category categories recipient recipients source sources identifier
location browser operating system network address log diagnostic crash report support feedback survey contest
communication message messages email telephone postal mail preference preferences setting settings option opt
withdraw withdrawal effective date version amendment modification update updates continue continued acceptance
electronic signature waiver severability assignment entire force majeure survive interpretation language translation`)
