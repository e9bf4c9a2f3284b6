package builder_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/policysite/policysite"

// doors are the folders that alone may import an outside library, tests apart.
// A library that is not listed is for anybody.
var doors = map[string][]string{
	"github.com/go-git/":                 {"builder/history"},
	"github.com/yuin/goldmark":           {"builder/markdown"},
	"github.com/microcosm-cc/bluemonday": {"builder/markdown"},
	"github.com/tdewolff/":               {"builder/publish"},
	"github.com/fsnotify/":               {"builder/preview"},
	"github.com/clipperhouse/":           {"builder/redline"},
	"znkr.io/diff":                       {"builder/redline"},
	"github.com/JohannesKaufmann/":       {"builder/importer"},
	"go.yaml.in/yaml":                    {"builder/policy", "builder/words", "builder/words/phrases"},
	"github.com/BurntSushi/toml":         {"builder/policy"},
	"github.com/spf13/":                  {"cmd/policysite"},
	"github.com/gohugoio/locales":        {"builder/policy/dateline", "builder/words"},
	"github.com/nicksnyder/go-i18n":      {"builder/words"},
}

// The two rings around the vocabulary, builder/policy and builder/words: stages import it and no
// other stage; what is made of stages imports them.
var (
	stages = []string{"builder/history", "builder/markdown", "builder/redline", "builder/redline/docx", "builder/pages", "builder/publish", "builder/importer"}
	outer  = []string{"builder/catalog", "builder/record", "builder/verify", "builder/preview", "builder/files"}
)

// ours says what of this module a folder may import.
func ours(folder string) []string {
	ring := append([]string{"builder/policy", "builder/words"}, stages...)
	switch {
	case strings.HasPrefix(folder, "cmd/"), folder == "bench":
		return nil // anything
	case folder == "builder":
		return append(ring, outer...)
	case folder == "builder/record":
		return append(ring, "builder/catalog") // a record is of a policy that a catalog lists
	case folder == "builder/preview":
		return append(ring, "builder/catalog", "builder/record") // of the work tree
	case slices.Contains(outer, folder):
		return ring
	case folder == "builder/redline":
		return []string{"builder/policy", "builder/words/phrases"} // so that what browsers get is small
	case folder == "builder/redline/docx":
		return []string{"builder/redline", "builder/policy", "builder/words"} // a form of a redline
	case folder == "builder/policy":
		return []string{"builder/policy/dateline"}
	case folder == "builder/words":
		return []string{"builder/policy", "builder/words/phrases", "layouts"}
	case folder == "layouts", folder == "builder/policy/dateline", folder == "builder/words/phrases":
		return []string{}
	}
	return []string{"builder/policy", "builder/words"}
}

func TestImportsFormTwoRings(t *testing.T) {
	imported := map[string]bool{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "public" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		folder := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(file, ".."+string(filepath.Separator))))
		if path.Base(folder) == "historytest" {
			return nil // for tests alone
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(name, module+"/"); ok {
				imported[own] = true
				allowed := ours(folder)
				if path.Base(own) == "historytest" || allowed != nil && !slices.Contains(allowed, own) {
					t.Errorf("%s imports %s", file, own)
				}
				continue
			}
			for library, folders := range doors {
				if strings.HasPrefix(name, library) && !slices.Contains(folders, folder) {
					t.Errorf("%s imports %s, whose door is %s", file, name, strings.Join(folders, ", "))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range append(stages, "builder/policy", "builder/catalog", "builder/record") {
		if !imported[stage] {
			t.Errorf("nothing imports %s: was this test run on the module?", stage)
		}
	}
}
