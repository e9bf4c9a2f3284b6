package publish

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// Looking again finds what looking for the first time would, whatever was done
// in between and however soon after the first look.
func TestLookingAgain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for round := range 20 {
		dir := t.TempDir()
		put(t, dir, map[string]string{"a/b/c/x": "", "a/b/y": "", "d/z": "", "e/": "", "f/g/h/": ""})
		if round%2 == 0 {
			time.Sleep(20 * time.Millisecond)
		}
		var before contents
		for step := range 30 {
			now, err := readContents(dir, before, func(rel string) bool { return filepath.Base(rel) == "y" })
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := readContents(dir, nil, func(rel string) bool { return filepath.Base(rel) == "y" })
			if err != nil {
				t.Fatal(err)
			}
			if have, want := namesIn(now), namesIn(fresh); !maps.EqualFunc(have, want, slices.Equal) {
				t.Fatalf("round %d, step %d: have %q, want %q", round, step, have, want)
			}
			before = now
			folders := slices.Sorted(maps.Keys(now))
			folder := filepath.Join(dir, folders[rnd.IntN(len(folders))])
			switch name := filepath.Join(folder, strconv.Itoa(rnd.IntN(5))); rnd.IntN(4) {
			case 0:
				os.Mkdir(name, 0o755)
			case 1:
				os.RemoveAll(name)
			case 2:
				os.WriteFile(name, nil, 0o644)
			case 3:
				os.Rename(name, filepath.Join(folder, "y"))
			}
		}
	}
}

// A folder that nobody changed for a while is not read again.
func TestSettledFoldersAreNotReadAgain(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"a/x": "", "b/x": ""})
	first, err := readContents(dir, nil, func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	if first["a"].stamp.Changed != 0 {
		t.Errorf("a folder of this moment has the stamp %v, which may be that of a later change", first["a"].stamp)
	}
	if now, err := lookAtFolder(filepath.Join(dir, "a"), os.Geteuid()); err != nil || now.Changed == 0 {
		t.Skipf("no times that nobody sets here: %v", err)
	}
	time.Sleep(settled + 50*time.Millisecond)
	before, err := readContents(dir, first, func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, map[string]string{"b/y": ""})
	// A name that is not there tells what was read and what remembered.
	a := before["a"]
	a.files = append(a.files, dirEntry{name: "remembered"})
	before["a"] = a
	again, err := readContents(dir, before, func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	if have := namesIn(again); !slices.Equal(have["a"], []string{"remembered", "x"}) || !slices.Equal(have["b"], []string{"x", "y"}) {
		t.Errorf("found %q", have)
	}
}

func namesIn(found contents) map[string][]string {
	all := map[string][]string{}
	for rel, l := range found {
		for _, name := range l.folders {
			all[rel] = append(all[rel], name+"/")
		}
		for _, f := range l.files {
			all[rel] = append(all[rel], f.name)
		}
		slices.Sort(all[rel])
	}
	return all
}
