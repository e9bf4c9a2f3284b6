//go:build !windows

package publish

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// spared builds sites at one place, with a folder for spares.
type spared struct {
	t           *testing.T
	top, dir    string
	spares      string
	note        Note
	old, reused map[string]string // content and SHA-256 of files, by path
}

func newSpared(t *testing.T) *spared {
	top := t.TempDir()
	return &spared{t: t, top: top, dir: filepath.Join(top, "out", "public"), spares: filepath.Join(top, "cache", "spare")}
}

// open opens a site, adds files to it, and takes over those that are as they were.
func (b *spared) open(files map[string]string) *Site {
	b.t.Helper()
	note := b.note
	s, err := Open(b.dir, Options{Spares: b.spares, Note: func() Note { return note }})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { s.Abort() })
	b.reused = map[string]string{}
	for path, content := range files {
		sums := map[string]string{path: sumOf(content)}
		if b.old[path] == content && s.Holds(sums) {
			err = s.Reuse(sums)
			b.reused[path] = content
		} else {
			err = s.Add(path, []byte(content))
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return s
}

// build builds a site and checks it, and the spare that it leaves.
func (b *spared) build(files map[string]string) {
	b.t.Helper()
	s := b.open(files)
	if err := s.Commit(); err != nil {
		b.t.Fatal(err)
	}
	b.note, b.old = s.Note(), files
	b.check(files, b.reused)
}

// check compares the site with what was to be written, and the spare with the
// files of it that were taken over.
func (b *spared) check(files, reused map[string]string) {
	b.t.Helper()
	have, want := tree(b.t, b.dir), trees(b.t, files)
	want[MarkerName] = markerOf(files)
	for path := range users {
		delete(have, path)
	}
	if !maps.Equal(have, want) {
		b.t.Errorf("the site is\n%q\nwant\n%q", have, want)
	}
	if spare := b.spare(); spare != "" {
		for path := range tree(b.t, spare) {
			s, errS := os.Lstat(filepath.Join(spare, path))
			d, errD := os.Lstat(filepath.Join(b.dir, path))
			if errS != nil || errD != nil || !s.IsDir() && !os.SameFile(s, d) || !s.IsDir() && reused[path] == "" {
				b.t.Errorf("the spare has %s, which is not the site's: %v, %v", path, errS, errD)
			}
		}
		for path := range reused {
			if _, err := os.Lstat(filepath.Join(spare, path)); err != nil {
				b.t.Errorf("the spare lacks %s: %v", path, err)
			}
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(b.dir)); err != nil || len(entries) != 1 {
		b.t.Errorf("beside the site: %v, %v", entries, err)
	}
}

// trees is what tree says of files and their folders.
func trees(t *testing.T, files map[string]string) map[string]string {
	dir := t.TempDir()
	put(t, dir, files)
	return tree(t, dir)
}

func (b *spared) spare() string {
	b.t.Helper()
	place, err := locate(b.dir)
	if err != nil {
		b.t.Fatal(err)
	}
	path := filepath.Join(storeOf(b.spares, place.path).folder, spareName)
	if _, err := os.Lstat(path); err != nil {
		return ""
	}
	return path
}

func (b *spared) inode(path string) uint64 {
	b.t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		b.t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Ino
}

func pagesOf(n int, text string) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("p%d/v%d/index.html", i%3, i)] = "page"
	}
	files["index.html"] = text
	return files
}

// Two folders take turns, and a file that stays has a name in both.
func TestSpareIsUsed(t *testing.T) {
	b := newSpared(t)
	b.build(pagesOf(20, "0"))
	if spare := b.spare(); spare != "" {
		t.Errorf("a first site leaves %s", spare)
	}
	b.build(pagesOf(20, "1"))
	folder := filepath.Join("p1", "v4")
	for i := range 4 {
		site, spare := b.inode(filepath.Join(b.dir, folder)), b.inode(filepath.Join(b.spare(), folder))
		page := b.inode(filepath.Join(b.dir, folder, "index.html"))
		b.build(pagesOf(20+i, fmt.Sprint("again ", i)))
		if now := b.inode(filepath.Join(b.dir, folder)); now != spare {
			t.Errorf("build %d: the folder is %d, not the spare's %d", i, now, spare)
		}
		if now := b.inode(filepath.Join(b.spare(), folder)); now != site {
			t.Errorf("build %d: the spare has the folder %d, not the old site's %d", i, now, site)
		}
		if now := b.inode(filepath.Join(b.dir, folder, "index.html")); now != page {
			t.Errorf("build %d: the page was written anew", i)
		}
	}
	// What goes, goes from both.
	b.build(map[string]string{"index.html": "alone", "p1": "a file"})
	b.build(pagesOf(5, "1"))
	b.build(pagesOf(5, "2"))
}

// What is added with the bytes that the old site has there is not written again,
// unless somebody touched it.
func TestAddedAsItWas(t *testing.T) {
	b := newSpared(t)
	b.build(map[string]string{"index.html": "0", "same.html": "same", "p/same.html": "same", "touched.html": "same", "tampered.html": "same"})
	for i := range 3 { // the second finds a spare
		was := map[string]uint64{}
		for path := range b.old {
			was[path] = b.inode(filepath.Join(b.dir, path))
		}
		put(t, b.dir, map[string]string{"tampered.html": "evil"})
		then := time.Now().Add(-time.Duration(i+1) * time.Hour)
		if err := os.Chtimes(filepath.Join(b.dir, "touched.html"), then, then); err != nil {
			t.Fatal(err)
		}
		files := maps.Clone(b.old)
		files["index.html"] = fmt.Sprint("again ", i)
		s, err := Open(b.dir, Options{Spares: b.spares, Note: func() Note { return b.note }})
		if err != nil {
			t.Fatal(err)
		}
		for path, content := range files {
			if err := s.Add(path, []byte(content)); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.Files(); n != len(files) {
			t.Errorf("%d files, want %d", n, len(files))
		}
		if err := s.Commit(); err != nil {
			t.Fatal(err)
		}
		b.note, b.old = s.Note(), files
		b.check(files, map[string]string{"same.html": "same", "p/same.html": "same"})
		for path, inode := range was {
			if same := b.inode(filepath.Join(b.dir, path)) == inode; same != strings.HasSuffix(path, "same.html") {
				t.Errorf("build %d: %s is the same file: %t", i, path, same)
			}
		}
	}
}

// The user's files are in the site alone.
func TestSpareHasNothingOfUsers(t *testing.T) {
	b := newSpared(t)
	b.build(pagesOf(9, "0"))
	putUsers(t, b.dir)
	for i := range 4 {
		b.build(pagesOf(9, fmt.Sprint(i)))
		have := tree(t, b.dir)
		for path, want := range users {
			if have[path] != want {
				t.Errorf("build %d: %s is %q, want %q", i, path, have[path], want)
			}
		}
	}
}

// A run that fails leaves the spare to the next one, with nothing of its own in
// it; and no file that it, or anybody else, changed there gets into a site.
func TestSpareAfterFailures(t *testing.T) {
	b := newSpared(t)
	b.build(pagesOf(9, "0"))
	b.build(pagesOf(9, "1"))
	folder := b.inode(filepath.Join(b.spare(), "p1", "v4"))
	files := maps.Clone(pagesOf(12, "never"))
	files["p0/v0/index.html"] = "never"
	if err := b.open(files).Abort(); err != nil {
		t.Fatal(err)
	}
	if now := b.inode(filepath.Join(b.spare(), "p1", "v4")); now != folder {
		t.Error("the spare was not put back")
	}
	for path, content := range tree(t, b.spare()) {
		if strings.HasSuffix(content, "never") {
			t.Errorf("%s of the failed run is kept", path)
		}
	}
	// As if the run had been stopped before it cleaned up.
	page := filepath.Join(b.spare(), "p2", "v5", "index.html")
	info, err := os.Lstat(page)
	if err := errors.Join(err, os.Remove(page), os.WriteFile(page, []byte("evil"), 0o644), os.Chtimes(page, info.ModTime(), info.ModTime())); err != nil {
		t.Fatal(err)
	}
	b.build(pagesOf(9, "2"))
	b.build(pagesOf(9, "3"))
}

// A run that was killed after the swap left an old site with what the user had
// put there at the last moment; the next one brings it over.
func TestKilledBeforeItTrimmed(t *testing.T) {
	b := newSpared(t)
	b.build(pagesOf(9, "0"))
	b.build(pagesOf(9, "1"))
	s := b.open(pagesOf(9, "2"))
	dead := errors.New("killed")
	s.exchange = func(x, y string) error {
		put(t, b.dir, map[string]string{"late.txt": "late"})
		return errors.Join(exchangeFolders(x, y), dead)
	}
	s.wait()
	if err := s.commit(); !errors.Is(err, dead) {
		t.Fatal(err)
	}
	if err := s.lock.file.Close(); err != nil {
		t.Fatal(err)
	}
	s.lock, s.new = nil, ""
	b.old = nil
	b.note = Note{}
	s = b.open(pagesOf(9, "3"))
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(b.dir, "late.txt")); err != nil || string(content) != "late" {
		t.Errorf("%q, %v", content, err)
	}
}

// Spares of sites that are gone go; others stay.
func TestPruneSpares(t *testing.T) {
	a, b := newSpared(t), newSpared(t)
	b.spares = a.spares
	for _, x := range []*spared{a, b} {
		x.build(pagesOf(3, "0"))
		s := x.open(pagesOf(3, "1"))
		if err := s.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(b.dir); err != nil {
		t.Fatal(err)
	}
	PruneSpares(a.spares)
	if entries, err := os.ReadDir(a.spares); err != nil || len(entries) != 1 || a.spare() == "" {
		t.Errorf("%v, %v", entries, err)
	}
	a.note, a.old = Note{}, nil
	a.build(pagesOf(3, "2"))
}

// Nobody else can read what waits in the cache.
func TestSpareIsPrivate(t *testing.T) {
	b := newSpared(t)
	b.build(pagesOf(3, "0"))
	b.build(pagesOf(3, "1"))
	if info, err := os.Stat(filepath.Dir(b.spare())); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func sumOf(content string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(content))) }

// What somebody did to folders that a run has noted is seen, in the site and in
// the spare, and nothing of it gets where it does not belong.
func TestNotedFolders(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, 5))
			b := newSpared(t)
			n, noted := 40, 0
			b.build(pagesOf(n, "0"))
			for round := range 4 {
				b.build(pagesOf(n, fmt.Sprint("round ", round)))
				time.Sleep(settled + 100*time.Millisecond)
				b.build(pagesOf(n, fmt.Sprint("settled ", round)))
				for _, stamps := range [][]FolderStamp{b.note.Folders, b.note.Spare} {
					for _, stamp := range stamps {
						if stamp.Changed != 0 {
							noted++
						}
					}
				}
				mine := map[string]string{}
				for i := range 10 {
					v := rnd.IntN(n)
					in := fmt.Sprintf("p%d/v%d", v%3, v)
					switch site, spare := filepath.Join(b.dir, in), filepath.Join(b.spare(), in); rnd.IntN(8) {
					case 0:
						mine[in+fmt.Sprint("/", i, ".txt")] = "mine"
					case 1:
						os.RemoveAll(spare)
					case 2:
						os.RemoveAll(site)
					case 3:
						put(t, spare, map[string]string{"other/a.txt": "other", "b.txt": "other"})
					case 4:
						os.Remove(filepath.Join(spare, "index.html"))
					case 5:
						os.Remove(filepath.Join(site, "index.html"))
						put(t, site, map[string]string{"index.html": "evil"})
					case 6:
						os.Remove(filepath.Join(spare, "index.html"))
						put(t, spare, map[string]string{"index.html": "evil"})
					case 7:
						os.Chmod(spare, 0o700)
						os.Chmod(site, 0o700)
					}
				}
				put(t, b.dir, mine)
				n += rnd.IntN(9) - 4
				s := b.open(pagesOf(n, "after"))
				if err := s.Commit(); err != nil {
					t.Fatal(err)
				}
				b.note, b.old = s.Note(), pagesOf(n, "after")
				for path := range mine {
					full := filepath.Join(b.dir, path)
					if content, err := os.ReadFile(full); err != nil || string(content) != "mine" {
						t.Errorf("round %d: %s is %q, %v", round, path, content, err)
					}
					// With folders that nothing else is in.
					os.Remove(full)
					os.Remove(filepath.Dir(full))
				}
				b.check(b.old, b.reused)
			}
			if noted == 0 {
				t.Error("nothing was noted")
			}
		})
	}
}
