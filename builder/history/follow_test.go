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

// follow tells the histories of the policies below content/ in one line each:
// "path: step, step path, step from>path, step -", with "(gone)" after the path
// of a policy that is gone. Ambiguities follow.
func follow(t *testing.T, repo *historytest.Repo) string {
	t.Helper()
	r := open(t, repo.Dir, "go")
	l := read(t, r, "")
	histories, ambiguous, err := l.Follow(selection(t, r, l, "content/"), r.Blob)
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
				out.WriteString(" -")
			}
			path = rev.Path
		}
		out.WriteString("\n")
	}
	for _, a := range ambiguous {
		fmt.Fprintf(&out, "%d %s (%s) from %s?\n", a.Step, a.Appeared, a.Path, strings.Join(a.Candidates, ", "))
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
		{"renamed and edited, 6 of 10 lines", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": lines("a", 6) + lines("x", 4)}},
			"content/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"5 of 10 lines are too few", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": lines("a", 5) + lines("x", 5)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\n"},
		{"of the larger file, not of the smaller", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": a + lines("x", 7)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\n"},
		{"blank lines and line ends do not count", []edit{{"content/a.md": strings.ReplaceAll(a, "\n", "\r\n")}, {"content/a.md": "", "content/b.md": lines("a", 6) + lines("x", 4) + strings.Repeat("\n \t\n", 50)}},
			"content/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"lines count as often as they are there", []edit{{"content/a.md": strings.Repeat("same\n", 9) + "x\n"}, {"content/a.md": "", "content/b.md": "same\n" + lines("b", 9)}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md: 1 content/b.md\n"},
		{"empty texts are equal, not similar", []edit{{"content/a.md": "\n"}, {"content/a.md": "", "content/b.md": "\n\n"}},
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
		{"moved in with its history", []edit{{"old/a.txt": a}, {"old/a.txt": b}, {"old/a.txt": "", "content/a.md": b}},
			"content/a.md: 0 old/a.txt, 1, 2 old/a.txt> content/a.md\n"},
		{"moved out is gone", []edit{{"content/a.md": a}, {"content/a.md": "", "old/a.md": a}, {"old/a.md": b}},
			"content/a.md (gone): 0 content/a.md, 1 -\n"},
		{"moved out and in again keeps all", []edit{{"content/a.md": a}, {"content/a.md": "", "old/a.md": a}, {"old/a.md": b}, {"old/a.md": "", "content/b.md": b}},
			"content/b.md: 0 content/a.md, 1 content/a.md> old/a.md, 2, 3 old/a.md> content/b.md\n"},
		{"back while the moved text stays outside", []edit{{"content/a.md": a}, {"content/a.md": "", "old/a.md": a}, {"old/a.md": b}, {"content/a.md": c}},
			"content/a.md: 0 content/a.md, 1 -, 3\n"},
		{"best score first", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": lines("a", 7), "content/c.md": lines("a", 9)}},
			"content/b.md: 1 content/b.md\ncontent/c.md: 0 content/a.md, 1 content/a.md> content/c.md\n"},
		{"equal before similar", []edit{{"content/a.md": a, "content/b.md": lines("a", 9)}, {"content/a.md": "", "content/b.md": "", "content/c.md": a}},
			"content/b.md (gone): 0 content/b.md, 1 -\ncontent/c.md: 0 content/a.md, 1 content/a.md> content/c.md\n"},
		{"a tie goes to the file name", []edit{{"content/a.md": a, "content/b.md": a}, {"content/a.md": "", "content/b.md": "", "content/x/b.md": a, "content/x/a.md": a}},
			"content/x/a.md: 0 content/a.md, 1 content/a.md> content/x/a.md\ncontent/x/b.md: 0 content/b.md, 1 content/b.md> content/x/b.md\n"},
		{"then to the longest common suffix", []edit{{"content/eu/a.md": a, "content/us/a.md": a}, {"content/eu/a.md": "", "content/us/a.md": "", "content/x/eu/a.md": a, "content/x/us/a.md": a}},
			"content/x/eu/a.md: 0 content/eu/a.md, 1 content/eu/a.md> content/x/eu/a.md\ncontent/x/us/a.md: 0 content/us/a.md, 1 content/us/a.md> content/x/us/a.md\n"},
		{"of whole components", []edit{{"content/deu/a.md": a, "content/us/a.md": a}, {"content/deu/a.md": "", "content/us/a.md": "", "content/x/eu/a.md": a}},
			"content/deu/a.md (gone): 0 content/deu/a.md, 1 -\ncontent/us/a.md (gone): 0 content/us/a.md, 1 -\ncontent/x/eu/a.md: 1 content/x/eu/a.md\n" +
				"1 content/x/eu/a.md (content/x/eu/a.md) from content/deu/a.md, content/us/a.md?\n"},
		{"else it is ambiguous", []edit{{"content/a.md": a, "content/b.md": a}, {"content/a.md": "", "content/b.md": "", "content/c.md": a}, {"content/c.md": "", "content/d.md": a}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/b.md (gone): 0 content/b.md, 1 -\ncontent/d.md: 1 content/c.md, 2 content/c.md> content/d.md\n" +
				"1 content/c.md (content/d.md) from content/a.md, content/b.md?\n"},
		{"unless formerly says it", []edit{{"content/a.md": a, "content/b.md": a}, {"content/a.md": "", "content/b.md": "", "content/c.md": a}, {"content/c.md": "formerly: content/b.md\n" + a}},
			"content/a.md (gone): 0 content/a.md, 1 -\ncontent/c.md: 0 content/b.md, 1 content/b.md> content/c.md, 2\n"},
		{"formerly, in the same step", []edit{{"content/a.md": a}, {"content/a.md": "", "content/b.md": "formerly: content/a.md\n" + b}},
			"content/b.md: 0 content/a.md, 1 content/a.md> content/b.md\n"},
		{"formerly, steps later, across another rename", []edit{
			{"content/a.md": a}, {"content/a.md": ""}, {"content/b.md": b}, {"content/b.md": "", "content/c.md": b}, {"content/c.md": "formerly: content/a.md\n" + b}},
			"content/c.md: 0 content/a.md, 1 -, 2 content/b.md, 3 content/b.md> content/c.md, 4\n"},
		{"formerly does not take what lives", []edit{{"content/a.md": a}, {"content/b.md": "formerly: content/a.md\n" + b}},
			"content/a.md: 0 content/a.md\ncontent/b.md: 1 content/b.md\n"},
		{"formerly of a text outside", []edit{{"old/a.txt": a}, {"old/a.txt": ""}, {"content/b.md": "formerly: old/a.txt\n" + b}},
			"content/b.md: 0 old/a.txt, 1 -, 2 content/b.md\n"},
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
