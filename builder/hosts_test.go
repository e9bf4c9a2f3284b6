package builder_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// What a build says a site takes of hosts' limits is what lies in the folder.
func TestSharesOfLimits(t *testing.T) {
	aliases := "aliases:\n"
	for i := range 30 {
		aliases += fmt.Sprintf("  - /old-%d/\n", i)
	}
	r := repository(t, on("2021-01-01", privacy("---\n"+aliases+"---\nA\n"), write("content/terms/eu.md", "T\n")), on("2021-02-01", privacy("---\n"+aliases+"---\nA b\n"), write("static/large.bin", strings.Repeat("x", 3<<20))))
	s := built(t, r)
	want := map[string]int64{}
	count := func(what string, n int64) { want[what] += n }
	err := filepath.WalkDir(s.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == s.dir {
			return err
		}
		count("GitLab Pages: files and folders", 1)
		if d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		count("Cloudflare Pages: files", 1)
		count("GitHub Pages: bytes", info.Size())
		want["Cloudflare Pages: bytes in one file"] = max(want["Cloudflare Pages: bytes in one file"], info.Size())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want["GitLab Pages: bytes"] = want["GitHub Pages: bytes"]
	rules := s.file("_redirects")
	want["GitLab Pages: bytes of redirect rules"] = int64(len(rules))
	want["GitLab Pages: redirect rules"] = int64(strings.Count(rules, "\n"))
	want["Cloudflare Pages: redirect rules with patterns"] = int64(strings.Count(rules, "* "))
	want["Cloudflare Pages: redirect rules"] = want["GitLab Pages: redirect rules"] - want["Cloudflare Pages: redirect rules with patterns"]
	if want["GitLab Pages: redirect rules"] < 30 || len(s.result.Shares) != len(want) {
		t.Fatalf("%d rules; %d shares, expected %d", want["GitLab Pages: redirect rules"], len(s.result.Shares), len(want))
	}
	for _, share := range s.result.Shares {
		have, expected := share.Taken, want[share.Host+": "+share.What]
		slack := int64(0)
		if strings.HasSuffix(share.What, "bytes") {
			slack = 1000 // the list of files has two lines of notes that are not counted
		}
		if max(have-expected, expected-have) > slack || share.Limit < 100 {
			t.Errorf("%s takes %d of %d %s, expected %d", share.Host, share.Taken, share.Limit, share.What, expected)
		}
	}
}
