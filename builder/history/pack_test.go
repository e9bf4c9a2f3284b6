package history

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// edited makes a repository of objects of all kinds and sizes: texts edited
// again and again, a file that deflate cannot make shorter, an empty one, a tag.
func edited(t *testing.T, steps int) *historytest.Repo {
	t.Helper()
	repo := historytest.New(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 200_000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	repo.Write("empty.md", "")
	terms := strings.SplitAfter(lines("terms", 3000), "\n")
	for i := range steps {
		repo.Write("content/privacy.md", lines("privacy", 40+i))
		terms[i*31%len(terms)] += "It is longer than it was.\n"
		repo.Write("content/terms.md", strings.Join(terms, ""))
		repo.Write(fmt.Sprintf("content/%d.md", i%3), lines("x", 3*i))
		if i%8 == 0 {
			noise[i] ^= 1
			repo.Write("noise.bin", string(noise)+lines("noise", 2000))
		}
		repo.Commit(day(i%28), "step")
	}
	repo.Git("tag", "-a", "-m", "version 1", "v1")
	return repo
}

// gitObject is an object as git prints it.
type gitObject struct {
	kind string
	data []byte
}

// allObjects returns the objects of a repository as git has them.
func allObjects(repo *historytest.Repo) map[oid]gitObject {
	out := []byte(repo.Git("cat-file", "--batch-all-objects", "--batch"))
	all := make(map[oid]gitObject)
	for len(out) > 0 {
		line, rest, _ := bytes.Cut(out, []byte("\n"))
		f := strings.Fields(string(line))
		id, _ := parseOID(f[0])
		size, _ := strconv.Atoi(f[2])
		all[id] = gitObject{f[1], rest[:size]}
		out = rest[min(size+1, len(rest)):]
	}
	return all
}

// checkObjects reads objects in several orders, three times.
func checkObjects(t *testing.T, o objects, want map[oid]gitObject) {
	t.Helper()
	ids := slices.SortedFunc(maps.Keys(want), func(a, b oid) int { return bytes.Compare(a.sum[:], b.sum[:]) })
	for range 3 {
		for _, id := range ids {
			kind, data, err := o.get(id)
			if err != nil || kind != want[id].kind || !bytes.Equal(data, want[id].data) {
				t.Fatalf("%s: %s of %d bytes, %v; want %s of %d", id, kind, len(data), err, want[id].kind, len(want[id].data))
			}
		}
		rand.New(rand.NewPCG(5, 6)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	}
}

// Every object of every form of pack is what git says it is.
func TestPacks(t *testing.T) {
	forms := []struct {
		name  string
		make  func(repo *historytest.Repo)
		packs int
		chain int // of deltas, at least
	}{
		{"offsets of bases", func(repo *historytest.Repo) { repo.Git("repack", "-q", "-a", "-d", "-f", "--window=2") }, 1, 5},
		{"ids of bases", func(repo *historytest.Repo) {
			repo.Git("-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f", "--window=2")
		}, 1, 5},
		{"deep chains", func(repo *historytest.Repo) {
			repo.Git("repack", "-q", "-a", "-d", "-f", "--window=2", "--depth=4095")
		}, 1, 10},
		{"no deltas", func(repo *historytest.Repo) { repo.Git("repack", "-q", "-a", "-d", "-f", "--window=0") }, 1, 0},
		{"not compressed", func(repo *historytest.Repo) {
			repo.Git("-c", "pack.compression=0", "repack", "-q", "-a", "-d", "-F")
		}, 1, 3},
		{"large offsets", func(repo *historytest.Repo) {
			repo.Git("repack", "-q", "-a", "-d", "-f")
			packs, _ := filepath.Glob(repo.Path(".git/objects/pack/*.pack"))
			index := strings.TrimSuffix(packs[0], ".pack") + ".idx"
			if err := os.Remove(index); err != nil {
				panic(err)
			}
			// Offsets from 2000 on are written as those behind 2 GiB are.
			repo.Git("index-pack", "--index-version=2,2000", "-o", index, packs[0])
		}, 1, 3},
		{"several packs", func(repo *historytest.Repo) {
			repo.Git("repack", "-q", "-d")
			for i := range 3 {
				repo.Write("content/privacy.md", lines("privacy", 90+i))
				repo.Commit(day(28), "step")
				repo.Git("repack", "-q", "-d")
			}
		}, 4, 3},
	}
	original := edited(t, 60)
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			repo := original.Clone()
			repo.Git("config", "pack.threads", "1") // several share the objects, and chains are as long as it happens
			form.make(repo)
			indexes, _ := filepath.Glob(repo.Path(".git/objects/pack/*.idx"))
			if len(indexes) != form.packs {
				t.Fatalf("%d packs, want %d", len(indexes), form.packs)
			}
			deepest := 0
			for _, index := range indexes {
				for line := range strings.Lines(repo.Git("verify-pack", "-v", index)) {
					if f := strings.Fields(line); len(f) == 7 { // a delta
						n, _ := strconv.Atoi(f[5])
						deepest = max(deepest, n)
					}
				}
			}
			if deepest < form.chain {
				t.Errorf("chains of %d deltas, want %d", deepest, form.chain)
			}
			want := allObjects(repo)
			if len(want) < 200 {
				t.Fatalf("%d objects", len(want))
			}
			checkObjects(t, open(t, repo.Dir, "go").objects, want)
		})
	}
}

// An object that is larger than allowed is not read, and neither is one that
// builds on it.
func TestPacksLimit(t *testing.T) {
	repo := historytest.New(t)
	repo.Write("a", lines("text", 1000))
	repo.Commit(day(0), "large")
	repo.Write("a", lines("text", 50))
	repo.Commit(day(1), "small")
	repo.Git("repack", "-q", "-a", "-d", "-f")
	large, _ := parseOID(repo.Git("rev-parse", "HEAD~1:a"))
	small, _ := parseOID(repo.Git("rev-parse", "HEAD:a"))
	if delta := repo.GitIn(small.String(), "cat-file", "--batch-check=%(deltabase)"); delta != large.String() {
		t.Fatalf("the small text is a delta of %s", delta)
	}
	s := open(t, repo.Dir, "go").objects.store
	for _, id := range []oid{large, small} {
		if _, _, err := s.read(id, 4000); !errors.Is(err, errTooLarge) {
			t.Errorf("error %v, want %v", err, errTooLarge)
		}
	}
}

// A wrong bit anywhere, in a pack or in its index, or an end too soon, gives the
// object or an error.
func TestPacksDamaged(t *testing.T) {
	repo := historytest.New(t)
	for i := range 8 {
		repo.Write("content/privacy.md", lines("privacy", 20+i))
		repo.Commit(day(i), "step")
	}
	for _, ofs := range []string{"true", "false"} {
		repo.Git("-c", "repack.useDeltaBaseOffset="+ofs, "repack", "-q", "-a", "-d", "-f")
		packs, _ := filepath.Glob(repo.Path(".git/objects/pack/*.pack"))
		index := strings.TrimSuffix(packs[0], ".pack") + ".idx"
		repo.Git("index-pack", "--index-version=2,200", "-o", index, packs[0])
		want := allObjects(repo)
		good, bad := 0, 0
		try := func(file string, data []byte) {
			overwrite(t, file, data)
			r := open(t, repo.Dir, "go")
			defer r.Close()
			for id := range want {
				kind, data, err := r.objects.get(id)
				if err != nil {
					bad++
					continue
				}
				if good++; kind != want[id].kind || !bytes.Equal(data, want[id].data) {
					t.Fatal("another object of the same id")
				}
			}
		}
		for _, file := range []string{packs[0], index} {
			whole, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(whole); i += 7 {
				data := bytes.Clone(whole)
				data[i] ^= 1 << (i % 8)
				try(file, data)
				if i%16 == 0 {
					try(file, whole[:i])
				}
			}
			overwrite(t, file, whole)
		}
		if good < 500 || bad < 500 {
			t.Errorf("read %d objects, could not read %d", good, bad)
		}
		checkObjects(t, open(t, repo.Dir, "go").objects, want)
	}
}

// Readers of a repository work side by side, and git may pack it again
// meanwhile.
func TestReadersAndPacking(t *testing.T) {
	repo := edited(t, 20)
	repo.Git("repack", "-q", "-a", "-d", "-f")
	r := open(t, repo.Dir, "go")
	l := read(t, r, "")
	check := func(rd *Reader) error {
		for _, id := range l.blobs {
			text, err := rd.Blob(id.String())
			if err != nil {
				return err
			}
			if hashObject(kindBlob, text, id.size) != id {
				return fmt.Errorf("%s is something else", id)
			}
		}
		return nil
	}
	before, err := r.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if err := check(before); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	readAll := func() {
		wait.Go(func() {
			rd, err := r.Reader()
			if err != nil {
				t.Error(err)
				return
			}
			defer rd.Close()
			for range 3 {
				if err := check(rd); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 4 {
		readAll()
	}
	repo.Write("new.md", "new\n")
	repo.Commit(day(28), "new")
	repo.Git("-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f")
	wait.Wait()
	readAll() // its packs are gone
	wait.Wait()
	if err := errors.Join(r.Close(), check(before)); err != nil {
		t.Error(err)
	}
	id := repo.Git("rev-parse", "HEAD:new.md")
	rd, err := r.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer rd.Close()
	if text, err := rd.Blob(id); err != nil || string(text) != "new\n" {
		t.Errorf("what was packed since: %q, %v", text, err)
	}
}

// A pack that go-git cannot read is no reason to call an object missing.
func TestPacksUnknown(t *testing.T) {
	repo := small(t)
	repo.Git("repack", "-q", "-a", "-d")
	packs, _ := filepath.Glob(repo.Path(".git/objects/pack/*.pack"))
	index := strings.TrimSuffix(packs[0], ".pack") + ".idx"
	repo.Git("index-pack", "--index-version=1", "-o", index, packs[0])
	_, err := open(t, repo.Dir, "go").Resolve("")
	wantFailure(t, err, policy.ErrHistory, "is corrupt: "+filepath.Base(index), "")
	read(t, open(t, repo.Dir, "cli"), "")
}
