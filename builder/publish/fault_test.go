package publish

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A run that was killed before its folder had its last name, or whose leftover
// was copied or restored from a backup, leaves a folder with the number of
// another one. It still is not a site, and nothing in it is the user's.
func TestUnfinishedSiteUnderAnotherNumber(t *testing.T) {
	for name, left := range map[string]map[string]string{
		"nothing in it yet": {".public.policysite-new-7/": ""},
		"a few pages":       {".public.policysite-new-7/index.html": "new", ".public.policysite-new-7/privacy/index.html": "new", ".public.policysite-new-7/.nojekyll": ""},
		"half a marker":     {".public.policysite-new-7/index.html": "new", ".public.policysite-new-7/" + MarkerName: "# policysite-si"},
		"an empty marker":   {".public.policysite-new-7/index.html": "new", ".public.policysite-new-7/" + MarkerName: ""},
	} {
		for _, exists := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				top := t.TempDir()
				dir := filepath.Join(top, "public")
				want := map[string]string{}
				if exists {
					build(t, dir, map[string]string{"index.html": "old"})
					put(t, dir, map[string]string{"CNAME": "mine"})
					want = tree(t, top)
				}
				put(t, top, left)
				if err := start(t, dir, nil).Abort(); err != nil {
					t.Fatal(err)
				}
				wantTree(t, top, want)
			})
		}
	}
}

// The folder that was there before the first site may have been empty, or have
// held nothing but the user's: killed after the exchange, it is under our name.
func TestLeftoverOfAFirstSite(t *testing.T) {
	for name, held := range map[string]map[string]string{
		"empty":   {"./": ""},
		"CNAME":   {"CNAME": "mine", ".well-known/x": "x"},
		"one dot": {".nojekyll": ""},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			dir := filepath.Join(top, "public")
			put(t, dir, held)
			s := start(t, dir, map[string]string{"index.html": "one"})
			dead := errors.New("killed")
			s.exchange = func(a, b string) error {
				// The user adds a file at the last moment.
				put(t, dir, map[string]string{".late": "late"})
				return errors.Join(exchangeFolders(a, b), dead)
			}
			if err := s.commit(); !errors.Is(err, dead) {
				t.Fatal(err)
			}
			if err := s.lock.file.Close(); err != nil {
				t.Fatal(err)
			}
			s.lock, s.new = nil, ""
			if err := start(t, dir, nil).Abort(); err != nil {
				t.Fatal(err)
			}
			have := tree(t, dir)
			for path, content := range held {
				if path != "./" && have[path] != "-rw-r--r-- "+content {
					t.Errorf("%s: %q", path, have[path])
				}
			}
			if have["index.html"] != "-rw-r--r-- one" || have[".late"] != "-rw-r--r-- late" {
				t.Errorf("the site: %q", have)
			}
			if entries, err := os.ReadDir(top); err != nil || len(entries) != 1 {
				t.Errorf("beside the site: %v, %v", entries, err)
			}
		})
	}
}
