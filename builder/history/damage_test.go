package history

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// readAll reads the log of HEAD and every blob in it.
func readAll(t *testing.T, dir, engine string) (map[string]string, error) {
	t.Helper()
	r, err := Open(dir, engine)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	commit, err := r.Resolve("")
	if err != nil {
		return nil, err
	}
	l, err := r.Read(context.Background(), commit, nil)
	if err != nil {
		return nil, err
	}
	texts := make(map[string]string)
	for i, path := range l.paths {
		for _, e := range l.events[i] {
			text, err := r.Blob(l.blobs[e.blob].String())
			if err != nil {
				return nil, err
			}
			texts[fmt.Sprint(e.step, " ", path)] = string(text)
		}
	}
	return texts, nil
}

// overwrite replaces an object's file by other bytes; nil removes it.
func overwrite(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if data != nil {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func deflate(s string) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.Bytes()
}

// Whatever is wrong with an object, it is named, with path and commit, and is
// never taken for what it is not.
func TestDamagedObjects(t *testing.T) {
	objects := []struct{ name, rev, place string }{
		{"blob", "HEAD~1:content/privacy.md", "content/privacy.md in commit "},
		{"tree", "HEAD~1:content", "content in commit "},
		{"root tree", "HEAD~1^{tree}", "the root folder in commit "},
		{"commit", "HEAD~1", "parent of commit "},
		{"built commit", "HEAD", "meant by \"HEAD\""},
	}
	damages := []struct {
		name, message string
		data          func(old []byte) []byte
	}{
		{"missing", "is missing", func([]byte) []byte { return nil }},
		{"empty", "", func([]byte) []byte { return []byte{} }},
		{"cut off", "", func(old []byte) []byte { return old[:len(old)/2] }},
		{"not deflated", "", func([]byte) []byte { return []byte("blob 4\x00two\n") }},
		{"another text", "its content is that of blob", func([]byte) []byte { return deflate("blob 4\x00tow\n") }},
		{"another kind", "its content is that of commit", func([]byte) []byte { return deflate("commit 4\x00two\n") }},
		{"no kind", "", func([]byte) []byte { return deflate("nothing") }},
	}
	repo := small(t)
	for _, o := range objects {
		for _, d := range damages {
			id := repo.Git("rev-parse", o.rev)
			old, err := os.ReadFile(repo.Loose(id))
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, repo.Loose(id), d.data(old))
			for _, engine := range engines {
				_, err := readAll(t, repo.Dir, engine)
				var f *policy.Failure
				if !errors.Is(err, policy.ErrHistory) || !errors.As(err, &f) || f.Hint == "" {
					t.Fatalf("%s, %s, %s: error %v", o.name, d.name, engine, err)
				}
				if text := err.Error(); !strings.Contains(text, id) || !strings.Contains(text, o.place) || !strings.Contains(text, d.message) {
					t.Errorf("%s, %s, %s: %s", o.name, d.name, engine, text)
				}
			}
			if err := os.WriteFile(repo.Loose(id), old, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A loose blob whose header states another size than it has is the text that
// its id stands for, or refused; git sends it on with the wrong size, and reading
// goes on after it.
func TestWrongSize(t *testing.T) {
	repo := small(t)
	id := repo.Git("rev-parse", "HEAD~1:content/privacy.md")
	for _, size := range []string{"400", "0", "3", "5", "-4", "4000000", "99999999999999999999"} {
		overwrite(t, repo.Loose(id), deflate("blob "+size+"\x00two\n"))
		for _, engine := range engines {
			r := open(t, repo.Dir, engine)
			l := read(t, r, "")
			text, err := r.Blob(id)
			if err == nil && string(text) != "two\n" || err != nil && !errors.Is(err, policy.ErrHistory) {
				t.Errorf("%s, size %s: %q, %v", engine, size, text, err)
			}
			f, _ := l.Lookup(2, "content/privacy.md")
			if text, err := r.Blob(f.Blob); err != nil || string(text) != "three\n" {
				t.Errorf("%s, after size %s: %q, %v", engine, size, text, err)
			}
		}
	}
}

// Objects whose hash is right and whose content makes no sense.
func TestMalformedObjects(t *testing.T) {
	repo := small(t)
	write := func(kind, text string) string {
		return repo.GitIn(text, "hash-object", "--literally", "-w", "-t", kind, "--stdin")
	}
	blob := repo.Git("rev-parse", "HEAD:notes.txt")
	raw, _ := parseOID(blob)
	id := string(raw.sum[:20])
	tree := repo.Git("rev-parse", "HEAD^{tree}")
	ident := "author A <a@b.c> 1 +0000\ncommitter A <a@b.c> 1 +0000\n\nmessage\n"
	commits := map[string]string{
		"empty commit":      write("commit", ""),
		"no tree":           write("commit", ident),
		"tree is no id":     write("commit", "tree 1234\n"+ident),
		"parent is no id":   write("commit", "tree "+tree+"\nparent x\n"+ident),
		"tree is a blob":    write("commit", "tree "+blob+"\n"+ident),
		"parent is a tree":  write("commit", "tree "+tree+"\nparent "+tree+"\n"+ident),
		"merged is a blob":  write("commit", "tree "+tree+"\nparent "+repo.Head()+"\nparent "+blob+"\n"+ident),
		"merged is missing": write("commit", "tree "+tree+"\nparent "+repo.Head()+"\nparent "+strings.Repeat("1", 40)+"\n"+ident),
		"tree without mode": write("commit", "tree "+write("tree", "100644\x00"+id)+"\n"+ident),
		"tree cut off":      write("commit", "tree "+write("tree", "100644 a\x00"+id[:19])+"\n"+ident),
		"tree without zero": write("commit", "tree "+write("tree", "100644 a")+"\n"+ident),
		"mode of nothing":   write("commit", "tree "+write("tree", "070000 a\x00"+id)+"\n"+ident),
		"mode is no number": write("commit", "tree "+write("tree", "rw-r--r-- a\x00"+id)+"\n"+ident),
		"no name":           write("commit", "tree "+write("tree", "100644 \x00"+id)+"\n"+ident),
		"name with a slash": write("commit", "tree "+write("tree", "100644 a/b\x00"+id)+"\n"+ident),
		"the folder above":  write("commit", "tree "+write("tree", "40000 ..\x00"+string(id))+"\n"+ident),
		"folder is a blob":  write("commit", "tree "+write("tree", "40000 a\x00"+id)+"\n"+ident),
		"one name twice":    write("commit", "tree "+write("tree", "100644 b\x00"+id+"100664 a\x00"+id+"100644 b\x00"+id)+"\n"+ident),
	}
	for name, commit := range commits {
		for _, engine := range engines {
			_, err := open(t, repo.Dir, engine).Read(context.Background(), commit, nil)
			if !errors.Is(err, policy.ErrHistory) {
				t.Errorf("%s, %s: error %v", name, engine, err)
			}
		}
	}
	// Not in order: git writes no such tree, but reads it.
	entries := "100644 b\x00" + id + "100664 a\x00" + id
	odd := write("commit", "tree "+write("tree", entries)+"\n"+ident)
	for _, engine := range engines {
		l, err := open(t, repo.Dir, engine).Read(context.Background(), odd, nil)
		if err != nil || len(l.paths) != 2 || l.paths[0] != "a" {
			t.Errorf("%s: %v", engine, err)
		}
	}
}

// A pack with a wrong bit anywhere gives the whole truth or an error.
func TestDamagedPack(t *testing.T) {
	repo := historytest.New(t)
	for i := range 12 {
		repo.Write("content/privacy.md", lines("privacy", 40+i))
		repo.Write(fmt.Sprintf("content/%d.md", i%3), lines("x", 3*i))
		repo.Commit(day(i), "step")
	}
	repo.Git("repack", "-q", "-a", "-d", "-f", "--depth=50")
	want, err := readAll(t, repo.Dir, "go")
	if err != nil {
		t.Fatal(err)
	}
	packs, _ := filepath.Glob(repo.Path(".git/objects/pack/*.pack"))
	pack, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	refused := 0
	try := func(data []byte, engines ...string) {
		overwrite(t, packs[0], data)
		for _, engine := range engines {
			have, err := readAll(t, repo.Dir, engine)
			if err != nil {
				refused++
				if !errors.Is(err, policy.ErrHistory) {
					t.Errorf("%s: %v", engine, err)
				}
			} else if fmt.Sprint(have) != fmt.Sprint(want) {
				t.Errorf("%s: read something else", engine)
			}
		}
	}
	for i := range 150 {
		data := bytes.Clone(pack)
		data[rnd.IntN(len(data))] ^= 1 << rnd.IntN(8)
		try(data, engines[:1+i%10/9]...) // git itself now and then
	}
	if refused < 50 {
		t.Errorf("only %d of the damaged packs were refused", refused)
	}
	for _, n := range []int{0, 5, 30, len(pack) / 2, len(pack) - 30} {
		before := refused
		try(pack[:n], engines...)
		if refused != before+2 {
			t.Errorf("a pack cut off after %d bytes was not refused", n)
		}
	}
}

// A blob larger than the limit is not read; a build that does not need it is not
// disturbed.
func TestLargeBlob(t *testing.T) {
	repo := historytest.New(t)
	repo.Write("content/a.md", "text\n")
	repo.Write("content/video.md", "")
	if err := os.Truncate(repo.Path("content/video.md"), maxBlob+1); err != nil {
		t.Fatal(err)
	}
	repo.Commit(day(0), "large")
	repo.Rename("content/video.md", "content/film.md")
	repo.Write("content/film.md", "another\n")
	repo.Commit(day(1), "looks for what it was")
	for _, engine := range engines {
		r := open(t, repo.Dir, engine)
		l := read(t, r, "")
		rd, err := r.Reader()
		if err != nil {
			t.Fatal(err)
		}
		defer rd.Close()
		video, _ := l.Lookup(0, "content/video.md")
		_, err = rd.Blob(video.Blob)
		wantFailure(t, err, policy.ErrContent, "content/video.md", "")
		a, _ := l.Lookup(0, "content/a.md")
		if text, err := rd.Blob(a.Blob); err != nil || string(text) != "text\n" {
			t.Errorf("%s: after it %q, %v", engine, text, err)
		}
		if _, _, err := l.Follow(selection(t, r, l, "content/"), r.Blob); err != nil {
			t.Errorf("%s: %v", engine, err)
		}
	}
}
