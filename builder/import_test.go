package builder_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// What the site shows of a version can be imported again, word for word.
func TestImportOwnPages(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("---\ntitle: Our privacy\n---\n# Privacy\n\nLast updated: 2021-01-01\n\n* a\n* b\n  1. one\n  2. two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | <br>2 |\n\n```\ncode  here\n\n  two\n```\n")),
		on("2021-02-01", privacy("No heading, *all* **marks** ~~struck~~ `code` \\* 1\\. &amp; <b>raw</b> [x] [^1] a_b_c.\n\n- [x] done\n- [ ] not\n\n[^1]: A note.\n\n<ol type=\"a\"><li>lettered</li></ol>\n\n* * *\n\n![alt](pic.png) [link](https://example.com)\n")),
		on("2021-03-01", privacy("---\ntitle: Privacy\n---\n\n## Privacy of *yours*\n\nHard  \nbreak\n\n<div>\n\ninner\n\n</div>\n\n1\\. no list\n\n5. five\n6. six\n")))
	checkOwnPages(t, built(t, r), 3)
}

func TestImportCorpus(t *testing.T) {
	t.Parallel()
	onlyWithEveryCorpus(t)
	checkOwnPages(t, built(t, corpus(t, "basecamp-policies")), 250)
}

func checkOwnPages(t *testing.T, s *site, least int) {
	t.Helper()
	renderer := markdown.New(markdown.Options{})
	visible := func(source []byte) string {
		meta, body, line, _ := policy.ParseSource(source)
		doc, err := renderer.Render(body, line)
		if err != nil {
			t.Fatal(err)
		}
		return doc.Text(meta.Title)
	}
	dir := t.TempDir()
	checked := 0
	for _, p := range s.Policies {
		for _, v := range p.Versions {
			if v.TextSHA256 == nil {
				continue
			}
			page := filepath.Join(s.dir, filepath.FromSlash(v.URL), "index.html")
			checked++
			r, err := builder.ImportTexts(context.Background(), importer.Options{
				Source: dir, Policy: fmt.Sprintf("p%d", checked), Texts: []string{page}, Date: date("2001-01-01"),
			})
			if err != nil {
				t.Errorf("%s: %v", v.URL, err)
				continue
			}
			written, err := os.ReadFile(filepath.Join(dir, r.Imported[0].File))
			if err != nil {
				t.Fatal(err)
			}
			have := visible(written)
			if sum := sha256.Sum256([]byte(have)); hex.EncodeToString(sum[:]) == *v.TextSHA256 && r.Imported[0].Text.Sure {
				continue
			}
			t.Errorf("%s: another text", v.URL)
			lines, want := strings.Split(have, "\n"), strings.Split(visible([]byte(s.file(v.SourceURL))), "\n")
			for i := range min(len(lines), len(want)) {
				if lines[i] != want[i] {
					t.Errorf("line %d: have %q, want %q", i+1, lines[i], want[i])
					break
				}
			}
		}
	}
	if checked < least {
		t.Errorf("%d pages checked, want %d", checked, least)
	}
}
