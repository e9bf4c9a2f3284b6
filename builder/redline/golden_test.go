package redline_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/redline"
)

var update = flag.Bool("update", false, "write the goldens anew")

// Each file of testdata is a case of one screen: old.md, new.md, and how a
// person would mark the change up.
func TestMarksUpAsAPersonWould(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			content := map[string][]byte{}
			for _, f := range archive.Files {
				content[f.Name] = f.Data
			}
			r := markdown.New(markdown.Options{})
			old, new := side(t, r, content["old.md"]), side(t, r, content["new.md"])
			l := redline.Compare(old, new)
			checkLaws(t, name, old, new, l, l.HTML(redline.HTMLOptions{Words: english}))
			checkWord(t, name, old, new, l)
			got := []byte(l.Text(redline.TextOptions{Words: english}))
			if *update {
				for i := range archive.Files {
					if archive.Files[i].Name == "want.txt" {
						archive.Files[i].Data = got
						got = nil
					}
				}
				if got != nil {
					archive.Files = append(archive.Files, txtar.File{Name: "want.txt", Data: got})
				}
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if !bytes.Equal(got, content["want.txt"]) {
				t.Errorf("got:\n%s\nwant:\n%s", got, content["want.txt"])
			}
		})
	}
}
