package historytest

import (
	"os"
	"strings"
	"testing"
)

// A repository built in two places has the same commit ids: nothing of the
// machine, its clock or its configuration gets in.
func TestSameHashEverywhere(t *testing.T) {
	build := func() string {
		r := New(t)
		r.Write("content/privacy.md", "# Privacy\n")
		r.Write("bin/run", "#!/bin/sh\n")
		r.Chmod("bin/run", true)
		r.Link("link.md", "content/privacy.md")
		r.Commit("2021-07-14T10:00:00Z", "Add\n\n# kept, though it looks like a comment\n")
		if status := r.Git("status", "--porcelain"); status != "" {
			t.Errorf("not as git commits it: %s", status)
		}
		r.Branch("draft")
		r.Write("content/terms.md", "# Terms\n")
		r.Commit("2021-07-15T10:00:00+02:00", "Terms")
		r.Checkout("main")
		r.Rename("content/privacy.md", "legal/privacy.md")
		r.Commit("2021-07-16T10:00:00Z", "Move")
		r.Merge("2021-07-17T10:00:00Z", "Merge", "draft")
		r.Write("content/terms.md", "# Terms, evil\n")
		return r.MergeAs("2021-07-18T10:00:00Z", "Evil merge", "draft")
	}
	a := build()
	t.Setenv("GIT_AUTHOR_NAME", "Somebody Else")
	t.Setenv("TZ", "Asia/Tokyo")
	b := build()
	if a != b {
		t.Errorf("built twice: %s and %s", a, b)
	}
}

func TestCommitKeepsMessageAndTree(t *testing.T) {
	r := New(t)
	r.Write("a.md", "one\n")
	r.Commit("2021-07-14T10:00:00+05:30", "Subject\n\nPolicy-Change: material\n")
	if got := r.Git("log", "-1", "--format=%ci %an %s|%b"); got != "2021-07-14 10:00:00 +0530 Test Author Subject|Policy-Change: material\n" {
		t.Errorf("log: %q", got)
	}
	r.Remove("a.md")
	r.Write("b.md", "two\n")
	r.Commit("2021-07-15T10:00:00Z", "")
	if got := r.Git("ls-tree", "--name-only", "HEAD"); got != "b.md" {
		t.Errorf("tree: %q", got)
	}
}

func TestCloneIsShallowWhenAsked(t *testing.T) {
	r := New(t)
	r.Write("a.md", "one\n")
	r.Commit("2021-07-14T10:00:00Z", "one")
	r.Write("a.md", "two\n")
	r.Commit("2021-07-15T10:00:00Z", "two")
	c := r.Clone("--depth=1")
	if n := c.Git("rev-list", "--count", "HEAD"); n != "1" {
		t.Errorf("a clone of depth 1 has %s commits", n)
	}
	if _, err := os.Stat(c.Path(".git/shallow")); err != nil {
		t.Error(err)
	}
	if !strings.HasSuffix(c.Dir, "clone") || c.Git("status", "--porcelain") != "" {
		t.Errorf("clone in %s is not clean", c.Dir)
	}
}
