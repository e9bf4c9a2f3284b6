package builder_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
)

// A repository that somebody else wrote names folders and files outside of it:
// they are followed neither from the commit nor from the work tree.
func TestSymbolicLinksLeadNowhere(t *testing.T) {
	outside := t.TempDir()
	for name, content := range map[string]string{
		"secret.txt": "outsideword\n", "policy.html": "outsideword", "terms.md": "# Outsideword\n\nOutsideword.\n", "old.md": "# Outsideword\n",
		"policysite.yaml": "title: Outsideword\n",
	} {
		if err := os.WriteFile(filepath.Join(outside, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	// away is the way from the repository's root to the folder outside.
	away := func(r *historytest.Repo) string {
		rel, err := filepath.Rel(r.Dir, outside)
		if err != nil {
			t.Fatal(err)
		}
		return rel
	}
	relative := func(path, below string) act {
		return func(r *historytest.Repo) { r.Link(path, filepath.Join(away(r), below)) }
	}
	statement := write("history.yaml", "privacy:\n  - file: history/old.md\n    published: 2010-01-01\n")
	for _, c := range []struct {
		name, says string
		do         []act
	}{
		{"content, absolute", "content is a symbolic link", []act{remove("content"), link("content", outside)}},
		{"content, relative", "content is a symbolic link", []act{remove("content"), relative("content", "")}},
		{"content by a chain", "content is a symbolic link", []act{remove("content"), link("content", "first"), link("first", "second"), link("second", outside)}},
		{"content that is configured", "texts is a symbolic link", []act{settings("content: texts\n"), link("texts", outside)}},
		{"a folder above the content", "docs is a symbolic link", []act{settings("content: docs/legal\n"), link("docs", filepath.Dir(outside))}},
		{"static", "static is a symbolic link", []act{link("static", outside)}},
		{"static, the folder above", "static is a symbolic link", []act{link("static", "..")}},
		{"static, inside", "static is a symbolic link", []act{link("static", ".")}},
		{"static that is configured", "files is a symbolic link", []act{settings("static: files\n"), relative("files", "")}},
		{"a folder above static", "a/b is a symbolic link", []act{settings("static: a/b/c\n"), link("a/b", outside)}},
		{"layouts", "layouts is a symbolic link", []act{link("layouts", outside)}},
		{"layouts that are configured", "theme is a symbolic link", []act{settings("layouts: theme/\n"), relative("theme", "")}},
		{"texts of the past", "history", []act{statement, link("history", outside)}},
		{"a text of the past", "history/old.md", []act{statement, link("history/old.md", filepath.Join(outside, "old.md"))}},
		{"settings", "policysite.yaml is a symbolic link", []act{link("policysite.yaml", filepath.Join(outside, "policysite.yaml"))}},
		{"redactions", "redactions.yaml is a symbolic link", []act{link("redactions.yaml", filepath.Join(outside, "secret.txt"))}},
		{"a static file", "", []act{link("static/secret.txt", filepath.Join(outside, "secret.txt"))}},
		{"a folder in static", "", []act{link("static/more", outside)}},
		{"a layout", "", []act{link("layouts/policy.html", filepath.Join(outside, "policy.html"))}},
		{"partials", "", []act{link("layouts/partials", outside)}},
		{"a text", "", []act{link("content/terms.md", filepath.Join(outside, "terms.md"))}},
		{"a folder of texts", "", []act{link("content/more", outside)}},
		{"an attachment", "", []act{privacy("# Privacy\n\nSee [this](secret.txt).\n"), link("content/secret.txt", filepath.Join(outside, "secret.txt"))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			committed := repository(t, on("2021-01-01", privacy("# Privacy\n\nWords.\n")), on("2021-02-01", c.do...))
			reason := errUsage
			if strings.HasPrefix(c.says, "history") {
				reason = errContent // it is the entry of history.yaml that is wrong
			}
			if c.says != "" {
				if have := refused(t, committed, reason); !strings.Contains(have, c.says) {
					t.Errorf("build says %q, want %q", have, c.says)
				}
			} else {
				s := built(t, committed)
				s.without("outsideword")
				if len(s.result.Warnings) == 0 && c.name != "a folder of texts" { // that has no text
					t.Error("build does not warn")
				}
			}

			worked := repository(t, on("2021-01-01", privacy("# Privacy\n\nWords.\n")))
			for _, do := range c.do {
				do(worked)
			}
			l := live(t, options(worked))
			site, err := l.Load(context.Background())
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("serve says %v, want %q", err, c.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"secret.txt", "more/secret.txt", "index.html", "privacy/index.html", "terms/index.html", "more/terms/index.html"} {
				if content, err := site.File(context.Background(), name); err == nil && strings.Contains(strings.ToLower(string(content)), "outsideword") {
					t.Errorf("serve shows %s", name)
				}
			}
		})
	}
}

// What git keeps for itself, such as the addresses of remotes with their
// passwords, is not a folder of the repository's files.
func TestGitsOwnFolderIsNotShown(t *testing.T) {
	for _, folder := range []string{".git", ".git/hooks", ".GIT"} {
		for _, key := range []string{"static", "content", "layouts"} {
			r := repository(t, on("2021-01-01", privacy("# Privacy\n\nWords.\n")))
			settings(key + ": " + folder + "\n")(r)
			if _, err := live(t, options(r)).Load(context.Background()); err == nil || !strings.Contains(err.Error(), "is git's own folder") {
				t.Errorf("%s: %s: have %v", key, folder, err)
			}
		}
	}
}
