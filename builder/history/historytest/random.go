package historytest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Random makes a repository with a made-up history on its branch main, by one
// run of git fast-import; the work tree stays empty. There are merges, octopus,
// criss-cross and evil merges and such that take nothing; renames, copies,
// swaps, deletions and returns, changes of mode, symbolic links and submodules;
// texts that declare an id or a former path, and drafts; and clocks that stand
// still, go back, or make no sense. Policies are below content/, and below old/
// are others.
func Random(t testing.TB, rnd *rand.Rand) *Repo {
	t.Helper()
	m := &maker{rnd: rnd, trees: []tree{{}}}
	head := m.commit("main", nil, m.edited(tree{}))
	for range 8 + rnd.IntN(20) {
		switch rnd.IntN(12) {
		case 0, 1: // a merge of branches from anywhere
			parents := []int{head}
			merged := maps.Clone(m.trees[head])
			for range 1 + rnd.IntN(3) {
				tip := 1 + rnd.IntN(len(m.trees)-1)
				m.reset(tip)
				for range 1 + rnd.IntN(3) {
					tip = m.commit("side", []int{tip}, m.edited(m.trees[tip]))
				}
				parents = append(parents, tip)
				if rnd.IntN(3) > 0 { // else nothing is taken from it
					maps.Copy(merged, m.trees[tip])
				}
			}
			if rnd.IntN(3) == 0 { // evil
				merged = m.edited(merged)
			}
			head = m.commit("main", parents, merged)
		case 2: // two branches merge each other, then one of them the other again
			ours := m.commit("main", []int{head}, m.edited(m.trees[head]))
			m.reset(head)
			theirs := m.commit("side", []int{head}, m.edited(m.trees[head]))
			merged := maps.Clone(m.trees[ours])
			maps.Copy(merged, m.trees[theirs])
			head = m.commit("main", []int{ours, theirs}, merged)
			tip := m.commit("side", []int{theirs, ours}, m.edited(merged))
			head = m.commit("main", []int{head, tip}, m.edited(m.trees[tip]))
		default:
			head = m.commit("main", []int{head}, m.edited(m.trees[head]))
		}
	}
	r := New(t)
	r.GitIn(m.stream.String(), "fast-import", "--quiet", "--force", "--date-format=raw-permissive")
	return r
}

// randomPaths make renames, swaps and shared ids likely: privacy.md and
// privacy/index.md have one id.
var randomPaths = []string{
	"content/privacy.md", "content/privacy/index.md", "content/terms.md", "content/eu/terms.md", "content/eu/privacy.md",
	"content/cookies.md", "old/privacy.md", "old/terms.md", "old/eu/terms.md", "notes.txt",
}

// tree is what a commit holds: path → mode, space, text.
type tree map[string]string

// maker writes a stream for git fast-import.
type maker struct {
	rnd    *rand.Rand
	stream strings.Builder
	trees  []tree // of the commits, by mark
}

func (m *maker) commit(branch string, parents []int, files tree) (mark int) {
	mark = len(m.trees)
	m.trees = append(m.trees, files)
	message := fmt.Sprintf("commit %d\n", mark)
	if m.rnd.IntN(4) == 0 {
		message += fmt.Sprintf("\nPolicy-Summary: summary %d\n", mark)
	}
	fmt.Fprintf(&m.stream, "commit refs/heads/%s\nmark :%d\ncommitter A <a@b.c> %s\ndata %d\n%s", branch, mark, m.time(), len(message), message)
	for i, p := range parents {
		fmt.Fprintf(&m.stream, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p)
	}
	m.stream.WriteString("deleteall\n")
	for _, path := range slices.Sorted(maps.Keys(files)) {
		mode, text, _ := strings.Cut(files[path], " ")
		if mode == "160000" { // a submodule's commit, of another repository
			fmt.Fprintf(&m.stream, "M %s %040x %s\n", mode, len(text), path)
		} else {
			fmt.Fprintf(&m.stream, "M %s inline %s\ndata %d\n%s\n", mode, path, len(text), text)
		}
	}
	return mark
}

// reset lets the side branch go on from a commit.
func (m *maker) reset(mark int) { fmt.Fprintf(&m.stream, "reset refs/heads/side\nfrom :%d\n\n", mark) }

// time is mostly one of few seconds, and sometimes one that is none.
func (m *maker) time() string {
	pick := func(s ...string) string { return s[m.rnd.IntN(len(s))] }
	seconds := fmt.Sprint(1600000000 + m.rnd.IntN(5)*100_000)
	if m.rnd.IntN(15) == 0 {
		seconds = pick("0", "-5", "-99999999999", "4102444800", "99999999999999")
	}
	return seconds + " " + pick("+0000", "-0330", "+1345", "-1200", "+9999")
}

// text draws from few lines, so that texts are often equal or similar.
func (m *maker) text() string {
	front := ""
	if m.rnd.IntN(6) == 0 {
		front += fmt.Sprintf("id: %s\n", []string{"privacy", "terms", "data"}[m.rnd.IntN(3)])
	}
	if m.rnd.IntN(10) == 0 {
		front += fmt.Sprintf("formerly: %s\n", randomPaths[m.rnd.IntN(len(randomPaths))])
	}
	if m.rnd.IntN(20) == 0 {
		front += "draft: true\n"
	}
	var b strings.Builder
	if front != "" {
		b.WriteString("---\n" + front + "---\n")
	}
	topic := m.rnd.IntN(4)
	for i := range 6 {
		if m.rnd.IntN(5) > 0 {
			fmt.Fprintf(&b, "topic %d line %d\n", topic, i)
		} else {
			fmt.Fprintf(&b, "line %d\n", m.rnd.IntN(50))
		}
	}
	return b.String()
}

// edited returns a tree that differs from another a little.
func (m *maker) edited(before tree) tree {
	files := maps.Clone(before)
	for range 1 + m.rnd.IntN(3) {
		there := slices.Sorted(maps.Keys(files))
		to := randomPaths[m.rnd.IntN(len(randomPaths))]
		if len(there) == 0 {
			files[to] = "100644 " + m.text()
			continue
		}
		from := there[m.rnd.IntN(len(there))]
		line := fmt.Sprintf("line %d\n", m.rnd.IntN(50))
		switch m.rnd.IntN(12) {
		case 0, 1: // add, or write over
			files[to] = "100644 " + m.text()
		case 2, 3: // edit
			files[from] += line
		case 4, 5: // delete
			delete(files, from)
		case 6, 7: // rename
			text := files[from]
			delete(files, from)
			files[to] = text
		case 8: // rename and edit
			text := files[from]
			delete(files, from)
			files[to] = text + line
		case 9: // swap
			if text, ok := files[to]; ok {
				files[to], files[from] = files[from], text
			}
		case 10: // copy
			files[to] = files[from]
		case 11: // mode
			modes := []string{"100755", "100755", "100644", "120000", "160000"}
			files[from] = modes[m.rnd.IntN(len(modes))] + files[from][6:]
		}
	}
	return files
}
