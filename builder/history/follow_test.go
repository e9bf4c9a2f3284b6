package history

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
)

// day gives the nth step of a test its time.
func day(n int) string { return fmt.Sprintf("2021-01-%02dT12:00:00Z", n+1) }

// lines makes a text of numbered lines, all different from those of other
// names.
func lines(name string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s, line %d\n", name, i)
	}
	return b.String()
}

// words makes a text of the numbered words from one to another, so that
// it has two triples less than words.
func words(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "w%d ", i)
	}
	return b.String()
}

// follow tells the histories of the policies below content/ in one line each:
// "path: step, step path, step from>path, step -", with "(gone)" after the path
// of a policy that is gone; "-" is a deletion, "~" one of a text that lives on in a format that is not read. Beginnings follow.
func follow(t *testing.T, repo *historytest.Repo) string {
	t.Helper()
	r := open(t, repo.Dir, "go")
	l := read(t, r, "")
	histories, beginnings, err := l.Follow(selection(t, r, l, "content/"), r.Blob)
	if err != nil {
		t.Fatal(err)
	}
	commits, rows := rawLog(repo, "HEAD")
	checkLog(t, l, commits, rows)
	checkHistories(t, l, histories, rows)
	var out strings.Builder
	for _, h := range histories {
		out.WriteString(h.Path)
		if !h.Live {
			out.WriteString(" (gone)")
		}
		path := h.Path
		for i, rev := range h.Revisions {
			fmt.Fprintf(&out, "%s %d", []string{":", ","}[min(i, 1)], rev.Step)
			if rev.FromPath != "" {
				fmt.Fprintf(&out, " %s>", rev.FromPath)
			}
			if i == 0 || rev.Path != path {
				out.WriteString(" " + rev.Path)
			}
			if rev.Blob == "" {
				out.WriteString(map[bool]string{false: " -", true: " ~"}[rev.Unread])
			}
			path = rev.Path
		}
		out.WriteString("\n")
	}
	for _, b := range beginnings {
		fmt.Fprintf(&out, "%d %s (%s)", b.Step, b.Appeared, b.Path)
		for _, c := range b.Candidates {
			fmt.Fprintf(&out, " %s %.0f%%", c.Path, 100*c.Likeness)
			if c.Rival != "" {
				fmt.Fprintf(&out, " against %s %.0f%%", c.Rival, 100*c.RivalLikeness)
			}
		}
		if b.Elsewhere != "" {
			out.WriteString(" was " + b.Elsewhere)
		}
		out.WriteString("?\n")
	}
	return out.String()
}

// Each test lists what is done to a repository, a step an entry, and what
// Follow then tells.
func TestFollow(t *testing.T) {
	type edit = map[string]string // path → text; "" removes it
	a, b, c := lines("a", 10), lines("b", 10), lines("c", 10)
	tests := []struct {
		name  string
		steps []edit
		want  string
	}{
		{"edits", []edit{{"content/a.md": a}, {"readme": "x"}, {"content/a.md": b}},
			"content/a.md: 0 content/a.md, 2\n"},
		{"revert is a revision", []edit{{"content/a.md": a}, {"content/a.md": b}, {"content/a.md": a}},
			"content/a.md: 0 content/a.md, 1, 2\n"},
		{"gone", []edit{{"content/a.md": a}, {"content/a.md": ""}},
			"content/a.md (gone): 0 content/a.md, 1 -\n"},
		{"gone and back with another text", []edit{{"content/a.md": a}, {"content/a.md": ""}, {"x": "x"}, {"content/a.md": b}},
			"content/a.md: 0 content/a.md, 1 -, 3\n"},
		{"renamed", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": a}},
			"content/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"renamed and edited, half of the words alike", []edit{{"content/a.md": words(1, 102)}, {"content/a.md": "", "content/b.md": words(1, 52) + words(201, 250)}},
			"content/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"less than half is named", []edit{{"content/a.md": words(1, 102)}, {"content/a.md": "", "content/b.md": words(1, 51) + words(201, 251)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\n1 content/b.md (content/b.md) content/a.md 49%?\n"},
		{"of the larger text, not of the smaller", []edit{{"content/a.md": words(1, 102)}, {"content/a.md": "", "content/b.md": words(1, 207)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\n1 content/b.md (content/b.md) content/a.md 49%?\n"},
		{"blanks, line ends, mark-up and case do not count", []edit{{"content/a.md": "---\ntitle: x\n---\n# A b\n\nC *d* e [f](x.md) g.\r\n"}, {"content/a.md": "", "content/b.md": "a B c d   e\nF <!-- not this --> <b>G</b>\n"}},
			"content/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"triples count as often as they are there", []edit{{"content/a.md": strings.Repeat("same ", 100)}, {"content/a.md": "", "content/b.md": "same same same " + words(1, 100)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\n"},
		{"texts without words are equal, not alike", []edit{{"content/a.md": "\n"}, {"content/a.md": "", "content/b.md": "\n\n"}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\n"},
		{"texts of one or two words", []edit{{"content/a.md": "Two words."}, {"content/a.md": "", "content/b.md": "# two *words*"}},
			"content/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"one name, and 15 % alike", []edit{{"content/privacy-policy.md": words(1, 102)}, {"content/privacy-policy.md": "", "content/legal/Privacy.md": words(1, 17) + words(201, 285)}},
			"content/legal/Privacy.md: 0 content/privacy-policy.md, 1 content/privacy-policy.md> content/legal/Privacy.md\n"},
		{"one name, and 14 % alike, is named", []edit{{"content/privacy.md": words(1, 102)}, {"content/privacy.md": "", "content/legal/privacy.md": words(1, 16) + words(201, 286)}},
			"content/legal/privacy.md: 1 content/legal/privacy.md\ncontent/privacy.md (gone): 0 content/privacy.md, 1 -\n" +
				"1 content/legal/privacy.md (content/legal/privacy.md) content/privacy.md 14%?\n"},
		{"a name that a third text has does not help", []edit{{"content/privacy.md": words(1, 102), "content/eu/privacy.md": words(400, 500)}, {"content/privacy.md": "", "content/legal/privacy.md": words(1, 42) + words(201, 260)}},
			"content/eu/privacy.md: 0 content/eu/privacy.md\ncontent/legal/privacy.md: 1 content/legal/privacy.md\ncontent/privacy.md (gone): 0 content/privacy.md, 1 -\n" +
				"1 content/legal/privacy.md (content/legal/privacy.md) content/privacy.md 40%?\n"},
		{"another year is another name", []edit{{"content/fees-2020.md": words(1, 102)}, {"content/fees-2020.md": "", "content/fees-2021.md": words(1, 42) + words(201, 260)}},
			"content/fees-2020.md (gone): 0 content/fees-2020.md, 1 -\ncontent/fees-2021.md: 1 content/fees-2021.md\n1 content/fees-2021.md (content/fees-2021.md) content/fees-2020.md 40%?\n"},
		{"not when a living text is nearly as much alike", []edit{{"content/a.md": words(1, 102), "content/x.md": words(1, 62) + words(301, 340)}, {"content/a.md": "", "content/b.md": words(1, 72) + words(201, 230)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\ncontent/x.md: 0 content/x.md\n" +
				"1 content/b.md (content/b.md) content/a.md 70% against content/x.md 60%?\n"},
		{"unless the paths have a longer end in common", []edit{{"content/01-a/09-tos.md": words(1, 102), "content/x.md": words(1, 62) + words(301, 340)}, {"content/01-a/09-tos.md": "", "content/2. A/TOS/index.md": words(1, 72) + words(201, 230)}},
			"content/2. A/TOS/index.md: 0 content/01-a/09-tos.md, 1 content/01-a/09-tos.md> content/2. A/TOS/index.md\ncontent/x.md: 0 content/x.md\n"},
		{"template siblings that move together", []edit{{"content/eu/tos.md": words(1, 90) + words(201, 210), "content/us/tos.md": words(1, 90) + words(300, 310)},
			{"content/eu/tos.md": "", "content/us/tos.md": "", "content/legal/eu/tos.md": words(1, 91) + words(201, 210), "content/legal/us/tos.md": words(1, 91) + words(300, 310)}},
			"content/legal/eu/tos.md: 0 content/eu/tos.md, 1 content/eu/tos.md> content/legal/eu/tos.md\ncontent/legal/us/tos.md: 0 content/us/tos.md, 1 content/us/tos.md> content/legal/us/tos.md\n"},
		{"paths under two languages are never one", []edit{{"content/fr/a.md": a}, {"content/fr/a.md": "", "content/a.md": a}},
			"content/a.md: 1 content/a.md\ncontent/fr/a.md (gone): 0 content/fr/a.md, 1 -\n"},
		{"into another format, and back", []edit{{"content/a.md": a}, {"content/a.md": "", "docs/a.rst": "A\n=\n\n" + a}, {"docs/a.rst": b}, {"content/a.md": b}},
			"content/a.md: 0 content/a.md, 1 ~, 3\n"},
		{"another text of that name is not it", []edit{{"content/a.md": a}, {"content/a.md": "", "content/a.rst": b}},
			"content/a.md (gone): 0 content/a.md, 1 -\n"},
		{"nor is one of another name", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.rst": a}},
			"content/a.md (gone): 0 content/a.md, 1 -\n"},
		{"from another format", []edit{{"docs/a.rst": a}, {"docs/a.rst": "", "content/a.md": a}},
			"content/a.md: 1 content/a.md\n1 content/a.md (content/a.md) was docs/a.rst?\n"},
		{"a part that was taken out is named", []edit{{"content/all.md": words(1, 500)}, {"content/all.md": "", "content/part.md": words(100, 150)}},
			"content/all.md (gone): 0 content/all.md, 1 -\ncontent/part.md: 1 content/part.md\n1 content/part.md (content/part.md) content/all.md 10%?\n"},
		{"three candidates at most", []edit{{"content/a.md": words(1, 50), "content/b.md": words(51, 100), "content/c.md": words(101, 150), "content/d.md": words(151, 190)},
			{"content/a.md": "", "content/b.md": "", "content/c.md": "", "content/d.md": "", "content/all.md": words(1, 190)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/all.md: 1 content/all.md\ncontent/b.md (gone): 0 content/b.md, 1 -\ncontent/c.md (gone): 0 content/c.md, 1 -\ncontent/d.md (gone): 0 content/d.md, 1 -\n" +
				"1 content/all.md (content/all.md) content/a.md 26% against content/b.md 26% content/b.md 26% against content/a.md 26% content/c.md 26% against content/a.md 26%?\n"},
		{"an empty formerly silences", []edit{{"content/a.md": words(1, 102)}, {"content/a.md": "", "content/b.md": "formerly: \n" + words(1, 204)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\n"},
		{"renamed there and back", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": a}, {"content/b.md": "", "content/a.md": c}},
			"content/a.md: 0 content/a.md, 1 content/a.md> content/b.md, 2 content/b.md> content/a.md\n"},
		{"back to its path, after another text was there", []edit{
			{"content/a.md": a}, {"content/a.md": "", "content/b.md": a}, {"content/a.md": c}, {"content/a.md": ""}, {"content/b.md": "", "content/a.md": a}},
			"content/a.md: 0 content/a.md, 1 content/a.md> content/b.md, 4 content/b.md> content/a.md\ncontent/a.md (gone): 2 content/a.md, 3 -\n"},
		{"the old path again, while the policy lives elsewhere, is new", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": a}, {"content/a.md": a}},
			"content/a.md: 2 content/a.md\ncontent/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"swapped in one step: the paths stay", []edit{{"content/a.md": a, "content/b.md": b}, {"content/a.md": b, "content/b.md": a}},
			"content/a.md: 0 content/a.md, 1\ncontent/b.md: 0 content/b.md, 1\n"},
		{"swapped by way of a third name: the texts go along", []edit{{"content/a.md": a, "content/b.md": b},
			{"content/a.md": "", "content/t.md": a}, {"content/b.md": "", "content/a.md": b}, {"content/t.md": "", "content/b.md": a}},
			"content/a.md: 0 content/b.md, 2 content/b.md> content/a.md\n" +
				"content/b.md: 0 content/a.md, 1 content/a.md> content/t.md, 3 content/t.md> content/b.md\n"},
		{"a copy is new", []edit{{"content/a.md": a}, {"content/b.md": a}},
			"content/a.md: 0 content/a.md\ncontent/b.md: 1 content/b.md\n"},
		{"moved in with its history", []edit{{"old/a.md": a}, {"old/a.md": b}, {"old/a.md": "", "content/a.md": b}},
			"content/a.md: 0 old/a.md, 1, 2 old/a.md> content/a.md\n"},
		{"moved out is gone", []edit{{"content/a.md": a}, {"content/a.md": "", "old/a.md": a}, {"old/a.md": b}},
			"content/a.md (gone): 0 content/a.md, 1 -\n"},
		{"moved out and in again keeps all", []edit{{"content/a.md": a}, {"content/a.md": "", "old/a.md": a}, {"old/a.md": b}, {"old/a.md": "", "content/b.md": b}},
			"content/b.md: 0 content/a.md, 1 content/a.md> old/a.md, 2, 3 old/a.md> content/b.md\n"},
		{"back while the moved text stays outside", []edit{{"content/a.md": a}, {"content/a.md": "", "old/a.md": a}, {"old/a.md": b}, {"content/a.md": c}},
			"content/a.md: 0 content/a.md, 1 -, 3\n"},
		{"the most alike is it", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": lines("a", 6), "content/c.md": lines("a", 9)}},
			"content/b.md: 1 content/b.md\ncontent/c.md: 0 content/a.md, 1 content/a.md> content/c.md\n"},
		{"equal before alike", []edit{{"content/a.md": a, "content/b.md": lines("a", 9)}, {"content/a.md": "", "content/b.md": "", "content/c.md": a}},
			"content/b.md (gone): 0 content/b.md, 1 -\ncontent/c.md: 0 content/a.md, 1 content/a.md> content/c.md\n"},
		{"equal bytes: the longest common end of the path", []edit{{"content/a.md": a, "content/b.md": a}, {"content/a.md": "", "content/b.md": "", "content/x/b.md": a, "content/x/a.md": a}},
			"content/x/a.md: 0 content/a.md, 1 content/a.md> content/x/a.md\ncontent/x/b.md: 0 content/b.md, 1 content/b.md> content/x/b.md\n"},
		{"of more than the name", []edit{{"content/eu/a.md": a, "content/us/a.md": a}, {"content/eu/a.md": "", "content/us/a.md": "", "content/x/eu/a.md": a, "content/x/us/a.md": a}},
			"content/x/eu/a.md: 0 content/eu/a.md, 1 content/eu/a.md> content/x/eu/a.md\ncontent/x/us/a.md: 0 content/us/a.md, 1 content/us/a.md> content/x/us/a.md\n"},
		{"of whole components", []edit{{"content/deu/a.md": a, "content/us/a.md": a}, {"content/deu/a.md": "", "content/us/a.md": "", "content/x/eu/a.md": a}},
			"content/deu/a.md (gone): 0 content/deu/a.md, 1 -\ncontent/us/a.md (gone): 0 content/us/a.md, 1 -\ncontent/x/eu/a.md: 1 content/x/eu/a.md\n" +
				"1 content/x/eu/a.md (content/x/eu/a.md) content/deu/a.md 100% against content/us/a.md 100% content/us/a.md 100% against content/deu/a.md 100%?\n"},
		{"else it is ambiguous", []edit{{"content/a.md": a, "content/b.md": a}, {"content/a.md": "", "content/b.md": "", "content/c.md": a}, {"content/c.md": "", "content/d.md": a}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md (gone): 0 content/b.md, 1 -\ncontent/d.md: 1 content/c.md, 2 content/c.md> content/d.md\n" +
				"1 content/c.md (content/d.md) content/a.md 100% against content/b.md 100% content/b.md 100% against content/a.md 100%?\n"},
		{"unless formerly says it", []edit{{"content/a.md": a, "content/b.md": a}, {"content/a.md": "", "content/b.md": "", "content/c.md": a}, {"content/c.md": "formerly: content/b.md\n" + a}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/c.md: 0 content/b.md, 1 content/b.md> content/c.md, 2\n"},
		{"formerly, in the same step", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": "formerly: content/a.md\n" + b}},
			"content/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"formerly, steps later, across another rename", []edit{
			{"content/a.md": a}, {"content/a.md": ""}, {"content/b.md": b}, {"content/b.md": "", "content/c.md": b}, {"content/c.md": "formerly: content/a.md\n" + b}},
			"content/c.md: 0 content/a.md, 1 -, 2 content/b.md, 3 content/b.md> content/c.md, 4\n"},
		{"formerly does not take what lives", []edit{{"content/a.md": a}, {"content/b.md": "formerly: content/a.md\n" + b}},
			"content/a.md: 0 content/a.md\ncontent/b.md: 1 content/b.md\n"},
		{"formerly of a text outside", []edit{{"old/a.md": a}, {"old/a.md": ""}, {"content/b.md": "formerly: old/a.md\n" + b}},
			"content/b.md: 0 old/a.md, 1 -, 2 content/b.md\n"},
		{"one id in another form of path", []edit{{"content/a.md": a}, {"content/a.md": "", "content/a/index.md": b}},
			"content/a/index.md: 0 content/a.md, 1 content/a.md> content/a/index.md\n"},
		{"an id of the built commit holds for all time", []edit{{"content/privacy.md": a}, {"content/privacy.md": ""}, {"content/p.md": b}, {"content/p.md": "id: privacy\n" + b}},
			"content/p.md: 0 content/privacy.md, 1 -, 2 content/p.md, 3\n"},
		{"across renames", []edit{{"content/privacy.md": a}, {"content/privacy.md": ""}, {"content/p.md": b}, {"content/p.md": "", "content/q.md": b}, {"content/q.md": "id: privacy\n" + b}},
			"content/q.md: 0 content/privacy.md, 1 -, 2 content/p.md, 3 content/p.md> content/q.md, 4\n"},
		{"ids that both texts declared then", []edit{{"content/a.md": "id: x\n" + a}, {"content/a.md": "", "content/b.md": "id: x\n" + b}, {"content/b.md": ""}},
			"content/b.md (gone): 0 content/a.md, 1 content/a.md> content/b.md, 2 -\n"},
		{"an id in the text of a policy's past does not make it another", []edit{{"content/a.md": "id: b\n" + a, "content/b.md": b}, {"content/a.md": a}},
			"content/a.md: 0 content/a.md, 1\ncontent/b.md: 0 content/b.md\n"},
		{"an id in both texts outweighs likeness", []edit{{"content/a.md": "id: x\n" + a}, {"content/a.md": "", "content/b.md": a, "content/c.md": "id: x\n" + b}},
			"content/b.md: 1 content/b.md\ncontent/c.md: 0 content/a.md, 1 content/a.md> content/c.md\n"},
		{"the newer of two with one id is renamed, then the older goes", []edit{{"content/a.md": a}, {"content/z.md": "id: a\n" + b}, {"content/z.md": "", "content/y.md": "id: a\n" + b}, {"content/a.md": ""}},
			"content/y.md: 0 content/a.md, 3 content/a.md> content/y.md\n"},
		{"two with one id: the older, then the other", []edit{{"content/a.md": a}, {"content/a/index.md": b}, {"content/a/index.md": c}, {"content/a.md": c}, {"content/a.md": ""}, {"content/a/index.md": a}},
			"content/a/index.md: 0 content/a.md, 3, 4 content/a.md> content/a/index.md, 5\n"},
		{"the newer one goes", []edit{{"content/a.md": a}, {"content/a/index.md": b}, {"content/a/index.md": ""}, {"content/a.md": c}},
			"content/a.md: 0 content/a.md, 3\n"},
		{"the older one moves out", []edit{{"content/a.md": a}, {"content/a/index.md": b}, {"content/a.md": "", "old/a.md": a}, {"old/a.md": b}},
			"content/a/index.md: 0 content/a.md, 2 content/a.md> content/a/index.md\n"},
		{"the older one takes another id", []edit{{"content/a.md": a}, {"content/a/index.md": b}, {"content/a.md": "", "content/z.md": a}, {"content/a/index.md": c}},
			"content/a/index.md: 2 content/a/index.md, 3\ncontent/z.md: 0 content/a.md, 2 content/a.md> content/z.md\n"},
		{"the same by an id declared later", []edit{{"content/x.md": a}, {"content/n.md": b}, {"content/x.md": ""}, {"content/n.md": "id: x\n" + b}},
			"content/n.md: 0 content/x.md, 2 content/x.md> content/n.md, 3\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			repo := historytest.New(t)
			for i, step := range test.steps {
				for path, text := range step {
					if text == "" {
						repo.Remove(path)
					}
				}
				for path, text := range step {
					if text != "" {
						repo.Write(path, text)
					}
				}
				repo.Commit(day(i), "step")
			}
			if have := follow(t, repo); have != test.want {
				t.Errorf("have\n%swant\n%s", have, test.want)
			}
		})
	}
}

// What becomes a symbolic link, or was one, is no text then; an executable bit
// is no revision.
func TestFollowModes(t *testing.T) {
	repo := historytest.New(t)
	repo.Write("content/a.md", lines("a", 10))
	repo.Write("content/b.md", lines("b", 10))
	repo.Commit(day(0), "both")
	repo.Chmod("content/b.md", true)
	repo.Commit(day(1), "mode")
	repo.Rename("content/a.md", "content/c.md")
	repo.Link("content/a.md", "c.md")
	repo.Commit(day(2), "move, and leave a link")
	repo.Remove("content/b.md")
	repo.Link("content/b.md", "c.md")
	repo.Commit(day(3), "only a link is left")
	want := "content/b.md (gone): 0 content/b.md, 3 -\ncontent/c.md: 0 content/a.md, 2 content/a.md> content/c.md\n"
	if have := follow(t, repo); have != want {
		t.Errorf("have\n%swant\n%s", have, want)
	}
	l := read(t, open(t, repo.Dir, "go"), "")
	for step, want := range []FileMode{Regular, Executable, Executable, Symlink} {
		if f, _ := l.Lookup(step, "content/b.md"); f.Mode != want {
			t.Errorf("step %d: mode %d, want %d", step, f.Mode, want)
		}
	}
}

// A merge is one step, whatever happened on the branches.
func TestFollowMerges(t *testing.T) {
	repo := historytest.New(t)
	repo.Write("content/a.md", lines("a", 10))
	repo.Commit(day(0), "start")
	for _, name := range []string{"draft", "other", "third"} {
		repo.Checkout("main")
		repo.Branch(name)
		repo.Write("content/"+name+".md", lines(name, 10))
		repo.Commit(day(1), name)
		repo.Write("content/"+name+".md", lines(name, 12))
		repo.Commit(day(2), name)
	}
	repo.Checkout("main")
	repo.Merge(day(3), "merge", "draft")            // step 1
	repo.Merge(day(4), "octopus", "other", "third") // step 2
	repo.Branch("evil")
	repo.Write("content/draft.md", lines("draft", 14))
	repo.Commit(day(5), "draft")
	repo.Checkout("main")
	repo.Write("content/a.md", "evil\n")
	repo.MergeAs(day(6), "evil merge, and -s ours", "evil") // step 3
	want := "content/a.md: 0 content/a.md, 3\ncontent/draft.md: 1 content/draft.md\n" +
		"content/other.md: 2 content/other.md\ncontent/third.md: 2 content/third.md\n"
	if have := follow(t, repo); have != want {
		t.Errorf("have\n%swant\n%s", have, want)
	}
}
