package builder_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

var (
	seed  = flag.Uint64("seed", 1, "where the random numbers of TestBitFlips and TestRandomHistories start")
	flips = flag.Int("flips", 0, "how many bits TestBitFlips flips in each repository, the corpus included; 0: 40 in a small one")
)

// gitEngines are the two ways to read a repository; they give the same site.
var gitEngines = []string{"go", "cli"}

func with(engine string) func(*builder.Options) {
	return func(opt *builder.Options) { opt.Git = engine }
}

// One wrong bit anywhere in a packfile or in its index has two outcomes: the
// history is not trusted, and nothing is written; or the bit is in nothing
// that the site needs, and the site is the very same.
//
//	go test ./builder -run BitFlips -flips 1000 -timeout 60m
//
// does that to the corpus beside the checkout, too. -seed chooses other bits.
func TestBitFlips(t *testing.T) {
	t.Parallel()
	t.Run("small", func(t *testing.T) {
		n := *flips
		if n == 0 {
			n = 40
		}
		flipBits(t, packed(t), n)
	})
	t.Run("basecamp-policies", func(t *testing.T) {
		if *flips == 0 {
			t.Skip("a build of the corpus for each bit takes a while: ask for it with -flips 100")
		}
		flipBits(t, corpus(t, "basecamp-policies"), *flips)
	})
}

// packed is a repository with texts that were edited again and again, so that
// most objects of its one pack are deltas; a merge, a move, an attachment and a
// file that the site does not need are among them.
func packed(t testing.TB) *historytest.Repo {
	r := busy(t)
	r.Write("notes/random.bin", noise(3000))
	for i := range 6 {
		r.Write("content/privacy.md", fmt.Sprintf("# Privacy\n\n%s\nWe keep %d logs.\n", lines("privacy", 30+i), i))
		r.Write("content/legal/terms.md", fmt.Sprintf("# Terms\n\n%s\nPay %d.\n", lines("terms", 40-i), i))
		r.Commit(fmt.Sprintf("2024-0%d-01T12:00:00Z", i+1), "Edit")
	}
	r.Branch("edit")
	commit(r, on("2024-08-01", privacy("# Privacy\n\n"+lines("privacy", 31))))
	r.Checkout("main")
	r.Merge("2024-09-01T12:00:00Z", "Merge", "edit")
	r.Git("repack", "-q", "-a", "-d", "-f", "--depth=50")
	return r
}

// noise is text that deflate cannot make shorter by much.
func noise(n int) string {
	rnd := rand.New(rand.NewPCG(7, 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return string(b)
}

// flipBits builds the site of a repository with one pack n times, each time
// with another bit flipped: of the pack, every fourth time of its index.
func flipBits(t *testing.T, r *historytest.Repo, n int) {
	find := func(pattern string) string {
		found, err := filepath.Glob(r.Path(".git/objects/pack/*" + pattern))
		if err != nil || len(found) != 1 {
			t.Fatalf("expected one %s, found %q, %v", pattern, found, err)
		}
		if err := os.Chmod(found[0], 0o644); err != nil {
			t.Fatal(err)
		}
		return found[0]
	}
	pack, index := find(".pack"), find(".idx")
	out := t.TempDir()
	want := map[string]string{} // by engine
	for _, engine := range gitEngines {
		sum, err := buildSum(r, engine, out)
		if err != nil {
			t.Fatal(err)
		}
		want[engine] = sum
	}
	if want["go"] != want["cli"] {
		t.Fatal("the engines do not build the same site")
	}
	rnd := rand.New(rand.NewPCG(*seed, 1))
	refused, same := map[string]int{}, map[string]int{} // by the file's extension
	for i := range n {
		file, engine := pack, gitEngines[i%2]
		if i%8 > 5 { // a quarter, half of it with either engine
			file = index
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		at, bit := rnd.Int64N(info.Size()), rnd.IntN(8)
		flip(t, file, at, bit)
		sum, err := buildSum(r, engine, out)
		flip(t, file, at, bit)
		where := fmt.Sprintf("bit %d of byte %d of %s, %s", bit, at, filepath.Ext(file), engine)
		switch {
		case err == nil && sum == want[engine]:
			same[filepath.Ext(file)]++
		case err == nil:
			t.Errorf("%s: another site", where)
		case !errors.Is(err, policy.ErrHistory):
			t.Errorf("%s: %v", where, err)
		default:
			refused[filepath.Ext(file)]++
		}
	}
	t.Logf("seed %d: %d bits of the pack and the index flipped: %d times refused (%v), %d times the same site (%v)",
		*seed, n, refused[".pack"]+refused[".idx"], refused, same[".pack"]+same[".idx"], same)
	if n >= 40 && (len(refused) < 2 || len(same) < 1) {
		t.Error("the flips say little: want refusals for both files, and the same site now and then")
	}
	if sum, err := buildSum(r, "go", out); err != nil || sum != want["go"] {
		t.Errorf("the repository is not what it was: %v", err)
	}
}

func flip(t *testing.T, file string, at int64, bit int) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	_, err = f.ReadAt(b[:], at)
	b[0] ^= 1 << bit
	if err == nil {
		_, err = f.WriteAt(b[:], at)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// buildSum builds a site below dir and returns a sum of all its files' names,
// modes and contents; after an error, which a panic is too, nothing may be
// left in dir.
func buildSum(r *historytest.Repo, engine, dir string) (sum string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	opt := options(r)
	opt.Git, opt.Destination = engine, filepath.Join(dir, "site")
	_, err = builder.Build(ctx, opt)
	left, dirErr := os.ReadDir(dir)
	if dirErr != nil {
		return "", dirErr
	}
	if err != nil {
		for _, e := range left {
			return "", fmt.Errorf("%s was left behind after: %v", e.Name(), err)
		}
		return "", err
	}
	h := sha256.New()
	err = filepath.WalkDir(opt.Destination, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		fmt.Fprintf(h, "%s\x00%v\x00%d\x00%s", rel, info.Mode(), len(content), content)
		return err
	})
	for _, e := range left {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return fmt.Sprintf("%x", h.Sum(nil)), err
}
