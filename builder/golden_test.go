package builder_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/policysite/policysite/builder"
)

var update = flag.Bool("update", false, "write the sites in testdata as they are built now")

// testdata/*.txtar are whole sites, not minified. Each archive holds the files of
// the commits, "2021-02-01/content/privacy.md" by the day of the commit, without
// content where the commit removes the file; then the paths of the site's files,
// "site", and some of these files, "site/privacy/index.html". With -update what is
// there of the site is written as it is now; a file that the site does not have
// fails. Of a page only what is in <main> is compared, without empty lines.
func TestSites(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 3 {
		t.Fatalf("%d sites in testdata: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			commits := map[string][]act{}
			for _, f := range golden.Files {
				day, path, ok := strings.Cut(f.Name, "/")
				switch {
				case !ok || day == "site":
				case len(f.Data) == 0:
					commits[day] = append(commits[day], remove(path))
				default:
					commits[day] = append(commits[day], write(path, string(f.Data)))
				}
			}
			var steps []step
			for _, day := range slices.Sorted(maps.Keys(commits)) {
				steps = append(steps, on(day, commits[day]...))
			}
			files := built(t, repository(t, steps...), func(opt *builder.Options) { opt.NoMinify = true }).files()
			for i := range golden.Files {
				f := &golden.Files[i]
				path, ok := strings.CutPrefix(f.Name, "site/")
				have, exists := files[path]
				switch {
				case f.Name == "site":
					var names []string // in the order that they have without the hashes
					for name := range files {
						names = append(names, assetHash.ReplaceAllString(name, "assets/HASH/$1"))
					}
					slices.Sort(names)
					have = strings.Join(names, "\n") + "\n"
				case !ok:
					continue
				case !exists:
					t.Errorf("%s: no file %s on the site", name, path)
					continue
				}
				have = assetHash.ReplaceAllString(have, "assets/HASH/$1")
				if path != "" && filepath.Ext(path) == ".html" {
					_, have, _ = strings.Cut(have, "<main")
					have, _, _ = strings.Cut("<main"+have, "</main>")
				}
				have = emptyLines.ReplaceAllString(have, "\n")
				if !strings.HasSuffix(have, "\n") {
					have += "\n" // as txtar has it
				}
				if want := string(f.Data); have != want && !*update {
					t.Errorf("%s: have\n%s\nwant\n%s", f.Name, have, want)
				}
				f.Data = []byte(have)
			}
			if *update && !t.Failed() {
				if err := os.WriteFile(name, txtar.Format(golden), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	// What no test claims is no golden.
	all, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.IsDir() || filepath.Ext(e.Name()) != ".txtar" {
			t.Errorf("testdata/%s: no test reads it", e.Name())
		}
	}
}

var emptyLines = regexp.MustCompile(`\n(\s*\n)+`)

// assetHash is the address of the theme's style sheet or script, which is another
// with every change of them.
var assetHash = regexp.MustCompile(`assets/[0-9a-f]{16}/(style\.css|script\.js)`)
