package builder_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// Which text of the past is which policy, decided at each step in the order
// (a) a path or id that was held before, (b) one that goes and one that comes,
// (c) a new policy.
func TestIdentity(t *testing.T) {
	ten := lines("alpha", 10)
	tests := []struct {
		name  string
		steps []step
		want  string
		note  string // in one of the notes
	}{
		{
			name: "a moved text is the same policy",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten)),
				on("2021-02-01", rename("content/a.md", "content/b.md")),
			},
			want: `
				b content/b.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, ) + move from content/a.md`,
		},
		{
			name: "moved and edited, half of the words alike",
			steps: []step{
				on("2021-01-01", write("content/a.md", words("alpha", 40))),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", words("alpha", 22)+words("beta", 18))),
			},
			want: `
				b content/b.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording from content/a.md [2021-02-01, )`,
		},
		{
			name: "less alike is a new policy, and said",
			steps: []step{
				on("2021-01-01", write("content/a.md", words("alpha", 40))),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", words("alpha", 20)+words("beta", 20))),
			},
			want: `
				b content/b.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )`,
			note: "formerly: content/a.md # 47 % alike",
		},
		{
			name: "a line to paste is in the syntax of the text's front matter",
			steps: []step{
				on("2021-01-01", write("content/a.md", words("alpha", 40))),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", "+++\ntitle = \"B\"\n+++\n"+words("alpha", 20)+words("beta", 20))),
			},
			want: `
				b content/b.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )`,
			note: "`formerly = []` for none:\nformerly = \"content/a.md\" # 47 % alike",
		},
		{
			name: "an empty formerly says that it continues nothing",
			steps: []step{
				on("2021-01-01", write("content/a.md", words("alpha", 40))),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", "---\nformerly: []\n---\n"+words("alpha", 20)+words("beta", 20))),
			},
			want: `
				b content/b.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )`,
		},
		{
			name: "less alike and of one name is the same",
			steps: []step{
				on("2021-01-01", write("content/privacy-policy.md", words("alpha", 40))),
				on("2021-02-01", remove("content/privacy-policy.md"), write("content/legal/privacy.md", words("alpha", 10)+words("beta", 30))),
			},
			want: `
				legal/privacy content/legal/privacy.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording from content/privacy-policy.md [2021-02-01, )`,
		},
		{
			name: "half of the larger text is meant",
			steps: []step{
				on("2021-01-01", write("content/a.md", words("alpha", 20))),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", words("alpha", 20)+words("beta", 30))),
			},
			want: `
				b content/b.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )`,
			note: "formerly: content/a.md # 37 % alike",
		},
		{
			name: "a living text that is nearly as much alike is named",
			steps: []step{
				on("2021-01-01", write("content/a.md", words("alpha", 40)), write("content/x.md", words("alpha", 32)+words("gamma", 8))),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", words("alpha", 36)+words("beta", 4))),
			},
			want: `
				b content/b.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )
				x content/x.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
			note: "formerly: content/a.md # 89 % alike; content/x.md is 78 %",
		},
		{
			name: "two languages are never one",
			steps: []step{
				on("2021-01-01", write("policysite.yaml", "languages: [en, fr]\n"), write("content/a.fr.md", ten)),
				on("2021-02-01", rename("content/a.fr.md", "content/a.md")),
			},
			want: `
				a content/a.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )`,
		},
		{
			name: "equal bytes before similar text",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten), write("content/c.md", ten+"one more\n")),
				on("2021-02-01", remove("content/a.md", "content/c.md"), write("content/x.md", ten)),
			},
			want: `
				x content/x.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, ) + move from content/a.md`,
		},
		{
			name: "equal bytes: the longest common end of the path",
			steps: []step{
				on("2021-01-01", write("content/x/a.md", ten), write("content/y/b.md", ten)),
				on("2021-02-01", remove("content/x", "content/y"), write("content/z/b.md", ten)),
			},
			want: `
				z/b content/z/b.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, ) + move from content/y/b.md`,
		},
		{
			name: "of more than the file name",
			steps: []step{
				on("2021-01-01", write("content/1/eu/a.md", ten), write("content/2/us/a.md", ten)),
				on("2021-02-01", remove("content/1", "content/2"), write("content/3/us/a.md", ten)),
			},
			want: `
				3/us/a content/3/us/a.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, ) + move from content/2/us/a.md`,
		},
		{
			name: "what is ambiguous is not followed, and said",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten), write("content/b.md", ten)),
				on("2021-02-01", remove("content/a.md", "content/b.md"), write("content/c.md", ten)),
			},
			want: `
				c content/c.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )`,
			note: "\nformerly: content/a.md # 100 % alike; content/b.md is 100 %\nformerly: content/b.md # 100 %",
		},
		{
			name: "formerly decides what is ambiguous, whenever it is said",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten), write("content/b.md", ten)),
				on("2021-02-01", remove("content/a.md", "content/b.md"), write("content/c.md", ten)),
				on("2021-03-01", write("content/c.md", "---\nformerly: content/b.md\n---\n"+ten)),
			},
			want: `
				c content/c.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, ) + move from content/b.md, source`,
		},
		{
			name: "formerly joins what a rewrite has parted",
			steps: []step{
				on("2021-01-01", write("content/a.md", "Old words.\n")),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", "---\nformerly: a.md\n---\nNew words.\n")),
			},
			want: `
				b content/b.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording from content/a.md [2021-02-01, )`,
		},
		{
			name: "formerly joins what went at an earlier step",
			steps: []step{
				on("2021-01-01", write("content/a.md", "Old words.\n"), write("content/other.md", "Other.\n")),
				on("2021-02-01", remove("content/a.md")),
				on("2021-03-01", write("content/b.md", "---\nformerly: content/a.md\n---\nNew words.\n")),
			},
			want: `
				b content/b.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01) + withdrawn
				 2021-03-01 restored [2021-03-01, )
				other content/other.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name: "formerly names a path outside the content folder",
			steps: []step{
				on("2021-01-01", write("legal/tos.md", "Old words.\n"), write("content/x.md", "X\n")),
				on("2021-02-01", remove("legal/tos.md"), write("content/terms.md", "---\nformerly: legal/tos.md\n---\nNew words.\n")),
			},
			want: `
				terms content/terms.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording from legal/tos.md [2021-02-01, )
				x content/x.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name: "an id at the built commit holds for the whole history",
			steps: []step{
				on("2021-01-01", write("content/privacy.md", "Old words.\n")),
				on("2021-02-01", remove("content/privacy.md"), write("content/p2.md", "New words.\n")),
				on("2021-03-01", write("content/p2.md", "---\nid: privacy\n---\nNew words.\n")),
			},
			want: `
				privacy content/p2.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording from content/privacy.md [2021-02-01, ) + source`,
		},
		{
			name: "an id in both texts joins them",
			steps: []step{
				on("2021-01-01", write("content/a.md", "---\nid: terms\n---\nOld words.\n")),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", "---\nid: terms\n---\nNew words.\n")),
			},
			want: `
				terms content/b.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording from content/a.md [2021-02-01, )`,
		},
		{
			name: "a text that was deleted and returns is restored, however different",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten), write("content/x.md", "X\n")),
				on("2021-02-01", remove("content/a.md")),
				on("2021-03-01", write("content/a.md", "All new.\n")),
			},
			want: `
				a content/a.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-02-01) + withdrawn
				 2021-03-01 restored [2021-03-01, )
				x content/x.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name: "back and forth is one policy",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten)),
				on("2021-02-01", rename("content/a.md", "content/b.md")),
				on("2021-03-01", rename("content/b.md", "content/a.md")),
				on("2021-04-01", rename("content/a.md", "content/b.md")),
			},
			want: `
				b content/b.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, ) + move from content/a.md, move from content/b.md, move from content/a.md`,
		},
		{
			name: "a path that was held before, before likeness",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten)),
				on("2021-02-01", rename("content/a.md", "content/b.md")),
				on("2021-03-01", remove("content/b.md"), write("content/a.md", "All new.\n"), write("content/c.md", ten)),
			},
			want: `
				a content/a.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-03-01) + move from content/a.md
				 2021-03-01 wording from content/b.md [2021-03-01, )
				c content/c.md in-force 2021-03-01
				 2021-03-01 initial [2021-03-01, )`,
		},
		{
			name: "a path whose policy lives elsewhere is free for a new one",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten)),
				on("2021-02-01", rename("content/a.md", "content/b.md"), write("content/a.md", "All new.\n")),
			},
			// The path never went: it is the same policy with new words.
			want: `
				a content/a.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, )
				b content/b.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )`,
		},
		{
			name: "a copy is a new policy",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten)),
				on("2021-02-01", write("content/b.md", ten)),
			},
			want: `
				a content/a.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )
				b content/b.md in-force 2021-02-01
				 2021-02-01 initial [2021-02-01, )`,
		},
		{
			name: "two that swap texts stay who they are",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten), write("content/b.md", lines("beta", 10))),
				on("2021-02-01", rename("content/a.md", "t.md"), rename("content/b.md", "content/a.md"), rename("t.md", "content/b.md")),
			},
			want: `
				a content/a.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, )
				b content/b.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, )`,
		},
		{
			name: "of two paths with one id the older goes on",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten)),
				on("2021-02-01", write("content/a/index.md", "Another.\n")),
				on("2021-03-01", write("content/a/index.md", "Another, edited.\n")),
				on("2021-04-01", remove("content/a/index.md")),
			},
			want: `
				a content/a.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
		{
			name: "when it goes the other is the policy",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten)),
				on("2021-02-01", write("content/a/index.md", "Another.\n")),
				on("2021-03-01", remove("content/a.md")),
			},
			want: `
				a content/a/index.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-03-01)
				 2021-03-01 wording from content/a.md [2021-03-01, )`,
		},
		{
			name: "a text moved into the content folder brings its history",
			steps: []step{
				on("2021-01-01", write("legal/a.md", lines("alpha", 10))),
				on("2021-02-01", write("legal/a.md", lines("alpha", 9))),
				on("2021-03-01", rename("legal/a.md", "content/a.md")),
			},
			want: `
				a content/a.md in-force 2021-02-01
				 2021-01-01 initial [2021-01-01, 2021-02-01)
				 2021-02-01 wording [2021-02-01, ) + move from legal/a.md`,
		},
		{
			name: "a change of mode is no revision",
			steps: []step{
				on("2021-01-01", write("content/a.md", ten)),
				on("2021-02-01", chmod("content/a.md")),
			},
			want: `
				a content/a.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := built(t, repository(t, test.steps...))
			expect(t, s.tell(), test.want)
			if test.note == "" {
				if n := s.notes("formerly"); n != nil {
					t.Errorf("ambiguous: %q", n)
				}
			} else if len(s.notes(test.note)) != 1 {
				t.Errorf("no note with %q in %q", test.note, s.result.Notes)
			}
		})
	}
}

// What is ambiguous at a merge of two files into one is settled by the very
// line that the build prints.
func TestAmbiguityIsSettledByTheLineThatIsPrinted(t *testing.T) {
	ten := lines("alpha", 10)
	r := repository(t,
		on("2021-01-01", write("content/eu.md", ten), write("content/us.md", ten)),
		on("2021-02-01", remove("content/eu.md", "content/us.md"), write("content/all.md", ten)),
	)
	notes := built(t, r).notes("formerly")
	if len(notes) != 1 {
		t.Fatalf("notes: %q", notes)
	}
	if !strings.Contains(notes[0], "content/all.md begins in commit "+r.Head()[:7]+", which deletes texts that it may continue") {
		t.Errorf("note: %s", notes[0])
	}
	line := strings.Split(notes[0], "\n")[1]
	commit(r, on("2021-03-01", write("content/all.md", "---\n"+line+"\n---\n"+ten)))
	s := built(t, r)
	expect(t, s.tell(), `
		all content/all.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, ) + move from content/eu.md, source`)
	if n := s.notes("formerly"); n != nil {
		t.Errorf("still ambiguous: %q", n)
	}
}

// A text that goes on in another format is not withdrawn: its version stays in
// force. When it is gone from the commit, its page says why.
func TestUnread(t *testing.T) {
	ten := lines("alpha", 10)
	steps := []step{
		on("2021-01-01", write("policysite.yaml", "archived: [a]\n"), write("content/a.md", ten), write("content/x.md", "X\n")),
		on("2021-02-01", remove("content/a.md"), write("docs/a.rst", "A\n=\n\n"+ten)),
	}
	s := built(t, repository(t, steps...))
	expect(t, s.tell(), `
		a content/a.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, ) + unread
		x content/x.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, )`)
	if page := s.file("a/index.html"); !strings.Contains(page, "Kept in a format that is not read here since") {
		t.Errorf("the page does not say it: %s", page)
	}
	s = built(t, repository(t, append(steps, on("2021-03-01", write("docs/a.rst", "Other.\n")), on("2021-04-01", write("content/a.md", lines("alpha", 11))))...))
	expect(t, s.tell(), `
		a content/a.md in-force 2021-04-01
		 2021-01-01 initial [2021-01-01, 2021-04-01) + unread
		 2021-04-01 wording [2021-04-01, )
		x content/x.md in-force 2021-01-01
		 2021-01-01 initial [2021-01-01, )`)
}

// What was another format before is not shown, and that is said.
func TestBeginsInAnotherFormat(t *testing.T) {
	ten := lines("alpha", 10)
	s := built(t, repository(t,
		on("2021-01-01", write("content/x.md", "X\n"), write("docs/a.html", "<p>"+ten)),
		on("2021-02-01", remove("docs/a.html"), write("content/a.md", ten)),
	))
	if n := s.notes("earlier versions in a format that is not read are not shown: content/a.md (as docs/a.html, until commit "); len(n) != 1 {
		t.Errorf("notes: %q", s.result.Notes)
	}
}

// A value of a trailer that means nothing is said: of the newest version as a
// warning, and once for all policies of a commit.
func TestUnknownChange(t *testing.T) {
	r := repository(t,
		on("2021-01-01", write("content/a.md", "A\n"), write("content/b.md", "B\n")),
		on("2021-02-01 All\n\nPolicy-Change: huge", write("content/a.md", "A one\n"), write("content/b.md", "B one\n")),
		on("2021-03-01", write("content/a.md", "A two\n"), write("content/b.md", "B two\n")),
		on("2021-04-01 One\n\nPolicy-Change: tiny", write("content/a.md", "A three\n")),
	)
	s := built(t, r)
	if n := s.notes("says Policy-Change: huge, expected material, minor or editorial"); len(n) != 1 {
		t.Errorf("notes: %q", s.result.Notes)
	}
	if w := s.result.Warnings; len(w) != 1 || w[0].Path != "content/a.md" || !strings.Contains(w[0].Message, "commit "+r.Head()[:7]+" says Policy-Change: tiny") {
		t.Errorf("warnings: %v", w)
	}
}

// words makes a text of one line.
func words(word string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s%d ", word, i)
	}
	return b.String()
}

// Two living files may not be one policy, nor stand at one address.
func TestTwoLivingFilesWithOneIDOrURL(t *testing.T) {
	for name, test := range map[string]struct {
		do   []act
		want string
	}{
		"one id by path": {[]act{write("content/a.md", "A\n"), write("content/a/index.md", "B\n")},
			`content/a/index.md: has the id "a", and so has content/a.md`},
		"one id by front matter": {[]act{write("content/a.md", "A\n"), write("content/b.md", "---\nid: a\n---\nB\n")},
			`content/b.md:2: has the id "a", and so has content/a.md`},
		"one URL": {[]act{write("content/a.md", "A\n"), write("content/b.md", "---\nurl: /a/\n---\nB\n")},
			"content/b.md:2: would stand at /a/, and so would content/a.md"},
		"reserved": {[]act{write("content/changes.md", "A\n")},
			"content/changes.md: would stand at /changes/, which is reserved"},
		"reserved below a policy": {[]act{write("content/a.md", "A\n"), write("content/a/2020-01-01.md", "B\n")},
			"content/a/2020-01-01.md: would stand at /a/2020-01-01/, which is reserved below the policy content/a.md"},
		"a file of the site": {[]act{write("content/_redirects.md", "A\n")},
			"content/_redirects.md: would stand at /_redirects/, which is reserved"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, refused(t, repository(t, on("2021-01-01", test.do...)), policy.ErrContent), test.want)
		})
	}
}
