package builder_test

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/adler32"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// trustCase is a repository and what becomes of it, whatever reads it. A name's
// number is that of the case in the documentation.
type trustCase struct {
	name string
	make func(t *testing.T) *historytest.Repo

	// Of a repository that is refused (exit code 3): what message and hint hold.
	message, hint []string

	// Of one that is built: what its site tells. The site has to be that of
	// the repository like returns, when there is one.
	want string
	like func(t *testing.T) *historytest.Repo

	// The engine that cannot read it, and says so with message and hint.
	cannot string
}

// threeSteps has three versions of a policy. The first commit and the last two
// have nothing to do with it.
func threeSteps(t *testing.T) *historytest.Repo {
	return repository(t,
		on("2021-01-01", write("notes.txt", "1\n")),
		on("2021-02-01", privacy("One.\n")), on("2021-03-01", privacy("Two.\n")), on("2021-04-01", privacy("Three.\n")),
		on("2021-05-01", write("notes.txt", "2\n")), on("2021-06-01", write("notes.txt", "3\n")),
	)
}

const threeVersions = `
	privacy content/privacy.md in-force 2021-04-01
	 2021-02-01 initial [2021-02-01, 2021-03-01)
	 2021-03-01 wording [2021-03-01, 2021-04-01)
	 2021-04-01 wording [2021-04-01, )`

func cloned(args ...string) func(*testing.T) *historytest.Repo {
	return func(t *testing.T) *historytest.Repo { return threeSteps(t).Clone(args...) }
}

// swapped is threeSteps with another text in the place of a loose blob: the
// object is well-formed, and not what its id says.
func swapped(rev string) func(*testing.T) *historytest.Repo {
	return func(t *testing.T) *historytest.Repo {
		r := threeSteps(t)
		false_, err := os.ReadFile(r.Loose(r.GitIn("Too.\n", "hash-object", "-w", "--stdin")))
		if err != nil {
			t.Fatal(err)
		}
		file := r.Loose(r.Git("rev-parse", rev+":content/privacy.md"))
		if err := errors.Join(os.Remove(file), os.WriteFile(file, false_, 0o444)); err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// at commits the work tree with author and committer lines of its own, such as
// git itself would not write.
func at(r *historytest.Repo, when, text string) {
	privacy(text)(r)
	r.Git("add", "-A")
	commit := fmt.Sprintf("tree %s\nparent %s\nauthor A <a@b.c> %s\ncommitter A <a@b.c> %s\n\nEdit\n", r.Git("write-tree"), r.Head(), when, when)
	r.Git("reset", "-q", "--hard", r.GitIn(commit, "hash-object", "-t", "commit", "--literally", "-w", "--stdin"))
}

var trustCases = []trustCase{
	{
		name: "01 shallow clone", make: cloned("--depth=1"),
		message: []string{"shallow clone: older versions are not in it"}, hint: []string{"fetch-depth: 0", "GIT_DEPTH: 0", "git fetch --unshallow"},
	},
	{
		name: "02 shallow clone with every change of a policy", make: cloned("--depth=5"),
		message: []string{"shallow clone"}, hint: []string{"fetch-depth: 0"},
	},
	{
		name: "03 clone without blobs", make: cloned("--filter=blob:none", "--no-checkout"),
		message: []string{"partial clone, and object"}, hint: []string{"git fetch --refetch --no-filter"},
	},
	{
		name: "04 clone without trees", make: cloned("--filter=tree:0", "--no-checkout"),
		message: []string{"partial clone, and object"}, hint: []string{"git fetch --refetch --no-filter"},
	},
	{
		name: "05 objects borrowed from another repository", want: threeVersions, like: threeSteps,
		make: func(t *testing.T) *historytest.Repo {
			r, dir := threeSteps(t), filepath.Join(t.TempDir(), "clone")
			r.Git("clone", "-q", "--shared", r.Dir, dir)
			if n := r.At(dir).Git("count-objects"); !strings.HasPrefix(n, "0 objects") {
				t.Fatalf("the clone has %s of its own", n)
			}
			return r.At(dir)
		},
	},
	{
		name: "05 objects borrowed from a repository that is gone",
		make: func(t *testing.T) *historytest.Repo {
			r, dir := threeSteps(t), filepath.Join(t.TempDir(), "clone")
			r.Git("clone", "-q", "--shared", r.Dir, dir)
			r.Remove(".git")
			return r.At(dir)
		},
		message: []string{"borrows objects from", "which is not there"}, hint: []string{"make a full clone"},
	},
	{
		name: "06 replaced and grafted commits", want: threeVersions, like: threeSteps,
		make: func(t *testing.T) *historytest.Repo {
			r := threeSteps(t)
			r.Git("replace", "HEAD~2", "HEAD~4")
			r.Write(".git/info/grafts", r.Git("rev-parse", "HEAD~1")+"\n")
			if n := r.Git("-c", "advice.graftFileDeprecated=false", "rev-list", "--count", "HEAD"); n != "2" {
				t.Fatalf("git itself sees %s commits, want 2", n)
			}
			return r
		},
	},
	{
		name: "07 another text in the place of one of the past", make: swapped("HEAD~3"),
		message: []string{"object 84c61bb0245c0ac967f53f52734637e820e9b763 (content/privacy.md in commit ", "is corrupt: its content is that of blob "},
		hint:    []string{"git fsck --full", "make a fresh clone"},
	},
	{
		name: "07 another text in the place of the present one", make: swapped("HEAD"),
		message: []string{"object 1a58bf6ddea4c3eb8d5ccc2dcf8963e7a205f3a2 (content/privacy.md in commit ", "is corrupt: its content is that of blob "},
		hint:    []string{"git fsck --full", "make a fresh clone"},
	},
	{
		name: "09 SHA-256", want: threeVersions, cannot: "go",
		make: func(t *testing.T) *historytest.Repo {
			r := historytest.Init(t, "--object-format=sha256")
			for i, text := range []string{"", "One.\n", "Two.\n", "Three.\n"} {
				r.Write("notes.txt", "notes\n")
				if text != "" {
					privacy(text)(r)
				}
				r.Commit(fmt.Sprintf("2021-0%d-01T12:00:00Z", i+1), "Edit")
			}
			return r
		},
		message: []string{"extensions.objectformat = sha256"}, hint: []string{"--git cli"},
	},
	{
		name: "10 sparse checkout with a configuration of its own", want: threeVersions, like: threeSteps,
		make: func(t *testing.T) *historytest.Repo {
			r := threeSteps(t).Clone()
			r.Git("sparse-checkout", "set", "nothing")
			if r.Git("config", "extensions.worktreeConfig") != "true" || r.Git("ls-files", "-t", "content") != "S content/privacy.md" {
				t.Fatal("the policy is checked out")
			}
			return r
		},
	},
	{
		name: "11 no commit yet", make: func(t *testing.T) *historytest.Repo { return repository(t) },
		message: []string{"no commits yet"}, hint: []string{"git commit"},
	},
	{
		name: "12 merge with words of its own", want: `
			privacy content/privacy.md in-force 2021-03-01
			 2021-01-01 initial [2021-01-01, 2021-03-01)
			 2021-03-01 wording [2021-03-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			r := repository(t, on("2021-01-01", privacy("One.\n")))
			r.Branch("side")
			commit(r, on("2021-02-01", write("notes.txt", "1\n")))
			r.Checkout("main")
			privacy("Neither side.\n")(r)
			r.MergeAs("2021-03-01T12:00:00Z", "Merge", "side")
			return r
		},
	},
	{
		name: "13 branch of five drafts", want: `
			privacy content/privacy.md in-force 2021-03-01
			 2021-01-01 initial [2021-01-01, 2021-03-01)
			 2021-03-01 wording [2021-03-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			r := repository(t, on("2021-01-01", privacy("One.\n")))
			r.Branch("side")
			for i := range 5 {
				commit(r, on(fmt.Sprintf("2021-02-0%d", i+1), privacy(fmt.Sprintf("Draft %d.\n", i))))
			}
			r.Checkout("main")
			r.Merge("2021-03-01T12:00:00Z", "Merge", "side")
			return r
		},
	},
	{
		name: "14 branch that was merged and not taken", want: `
			privacy content/privacy.md in-force 2021-01-01
			 2021-01-01 initial [2021-01-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			r := repository(t, on("2021-01-01", privacy("One.\n")))
			r.Branch("side")
			commit(r, on("2021-02-01", privacy("Other.\n")), on("2021-02-02", write("content/more.md", "More.\n")))
			r.Checkout("main")
			r.Git("merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge", "side")
			return r
		},
	},
	{
		name: "15 criss-cross merges and an octopus", want: `
			cookies content/cookies.md in-force 2021-07-01
			 2021-07-01 initial [2021-07-01, )
			dpa content/dpa.md in-force 2021-07-01
			 2021-07-01 initial [2021-07-01, )
			privacy content/privacy.md in-force 2021-02-01
			 2021-01-01 initial [2021-01-01, 2021-02-01)
			 2021-02-01 wording [2021-02-01, )
			terms content/terms.md in-force 2021-06-01
			 2021-01-01 initial [2021-01-01, 2021-03-01)
			 2021-03-01 wording [2021-03-01, 2021-06-01)
			 2021-06-01 wording [2021-06-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			r := repository(t, on("2021-01-01", privacy("One.\n"), write("content/terms.md", "One.\n")))
			r.Branch("other")
			commit(r, on("2021-02-02", write("content/terms.md", "Two.\n")))
			theirs := r.Head()
			r.Checkout("main")
			commit(r, on("2021-02-01", privacy("Two.\n")))
			ours := r.Head()
			r.Merge("2021-03-01T12:00:00Z", "Merge", theirs)
			r.Checkout("other")
			r.Merge("2021-04-01T12:00:00Z", "Merge", ours)
			commit(r, on("2021-05-01", write("content/terms.md", "Three.\n")))
			r.Checkout("main")
			commit(r, on("2021-05-01", write("notes.txt", "1\n")))
			if bases := strings.Fields(r.Git("merge-base", "--all", "main", "other")); len(bases) != 2 {
				t.Fatalf("the merge bases are %s, want two", bases)
			}
			r.Merge("2021-06-01T12:00:00Z", "Merge", "other")
			for _, name := range []string{"cookies", "dpa"} {
				r.Checkout(ours)
				r.Branch(name)
				commit(r, on("2021-06-01", write("content/"+name+".md", name+"\n")))
			}
			r.Checkout("main")
			r.Merge("2021-07-01T12:00:00Z", "Octopus", "cookies", "dpa")
			return r
		},
	},
	{
		name: "16 every commit in one second", want: `
			privacy content/privacy.md in-force 2021-01-01-5
			 2021-01-01 initial
			 2021-01-01-2 wording
			 2021-01-01-3 wording
			 2021-01-01-4 wording
			 2021-01-01-5 wording [2021-01-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			r := repository(t)
			for i := range 5 {
				commit(r, on("2021-01-01", privacy(fmt.Sprintf("Text %d.\n", i))))
			}
			return r
		},
	},
	{
		name: "17 a clock that runs backwards", want: `
			privacy content/privacy.md in-force 2021-01-01
			 2021-05-01 initial
			 2021-04-01 wording
			 2021-03-01 wording
			 2021-02-01 wording
			 2021-01-01 wording [2021-01-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			r := repository(t)
			for i := range 5 {
				commit(r, on(fmt.Sprintf("2021-0%d-01", 5-i), privacy(fmt.Sprintf("Text %d.\n", i))))
			}
			return r
		},
	},
	{
		name: "18 times and zones that are none", want: `
			privacy content/privacy.md in-force 2021-07-01
			 2021-01-01 initial
			 2021-04-01 wording
			 2021-04-01-2 wording
			 1970-01-01 wording
			 1970-01-01-2 wording
			 9998-01-01 wording
			 9998-01-01-2 wording
			 1970-01-01-3 wording [1970-01-01, 2021-07-01)
			 2021-07-01 wording [2021-07-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			r := repository(t, on("2021-01-01", privacy("Text 0.\n")))
			at(r, "1617235200 +9999", "Text 1.\n") // 2021-04-01T00:00:00Z
			at(r, "1617235200 -1200", "Text 2.\n")
			at(r, "0 +0000", "Text 3.\n")
			at(r, "-5 +0000", "Text 4.\n")
			at(r, "9223372036854775808 +0000", "Text 5.\n") // 2^63
			at(r, "99999999999999 +0000", "Text 6.\n")
			at(r, "yesterday", "Text 7.\n")
			at(r, "1625097600 +0000", "Text 8.\n") // 2021-07-01T00:00:00Z
			return r
		},
	},
	{
		name: "19 moved, and 40 % of its lines changed", want: `
			b content/b.md in-force 2021-02-01
			 2021-01-01 initial [2021-01-01, 2021-02-01)
			 2021-02-01 wording from content/a.md [2021-02-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			return repository(t, on("2021-01-01", write("content/a.md", lines("alpha", 10))),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", lines("alpha", 6)+lines("beta", 4))))
		},
	},
	{
		name: "20 two paths that swap their texts", want: `
			a content/a.md in-force 2021-02-01
			 2021-01-01 initial [2021-01-01, 2021-02-01)
			 2021-02-01 wording [2021-02-01, )
			b content/b.md in-force 2021-02-01
			 2021-01-01 initial [2021-01-01, 2021-02-01)
			 2021-02-01 wording [2021-02-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			return repository(t, on("2021-01-01", write("content/a.md", lines("alpha", 10)), write("content/b.md", lines("beta", 10))),
				on("2021-02-01", write("content/a.md", lines("beta", 10)), write("content/b.md", lines("alpha", 10))))
		},
	},
	{
		name: "21 a text split in halves", want: `
			a content/a.md withdrawn
			 2021-01-01 initial [2021-01-01, 2021-02-01) + withdrawn
			b content/b.md in-force 2021-02-01
			 2021-02-01 initial [2021-02-01, )
			c content/c.md in-force 2021-02-01
			 2021-02-01 initial [2021-02-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			return repository(t, on("2021-01-01", write("content/a.md", lines("alpha", 5)+lines("beta", 5)), settings("archived: [a]\n")),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", lines("alpha", 5)), write("content/c.md", lines("beta", 5))))
		},
	},
	{
		name: "21 a text split in a large and a small part", want: `
			b content/b.md in-force 2021-02-01
			 2021-01-01 initial [2021-01-01, 2021-02-01)
			 2021-02-01 wording from content/a.md [2021-02-01, )
			c content/c.md in-force 2021-02-01
			 2021-02-01 initial [2021-02-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			return repository(t, on("2021-01-01", write("content/a.md", lines("alpha", 7)+lines("beta", 3))),
				on("2021-02-01", remove("content/a.md"), write("content/b.md", lines("alpha", 7)), write("content/c.md", lines("beta", 3))))
		},
	},
	{
		name: "22 deleted, and there again", want: `
			a content/a.md in-force 2021-01-01
			 2021-01-01 initial [2021-01-01, )
			privacy content/privacy.md in-force 2021-03-01
			 2021-01-01 initial [2021-01-01, 2021-02-01) + withdrawn
			 2021-03-01 restored [2021-03-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			return repository(t, on("2021-01-01", privacy("One.\n"), write("content/a.md", "A.\n")),
				on("2021-02-01", remove("content/privacy.md")), on("2021-03-01", privacy("Two.\n")))
		},
	},
	{
		name: "23 back to what it was", want: `
			privacy content/privacy.md in-force 2021-03-01
			 2021-01-01 initial [2021-01-01, 2021-02-01)
			 2021-02-01 wording [2021-02-01, 2021-03-01)
			 2021-03-01 wording [2021-03-01, ) = 2021-01-01`,
		make: func(t *testing.T) *historytest.Repo {
			return repository(t, on("2021-01-01", privacy("A.\n")), on("2021-02-01", privacy("B.\n")), on("2021-03-01", privacy("A.\n")))
		},
	},
	{
		name: "24 only the mode", want: `
			privacy content/privacy.md in-force 2021-01-01
			 2021-01-01 initial [2021-01-01, )`,
		make: func(t *testing.T) *historytest.Repo {
			return repository(t, on("2021-01-01", privacy("One.\n")), on("2021-02-01", chmod("content/privacy.md")))
		},
	},
}

// What is trusted, what is refused, and in which order things happened. Case 8
// is TestBitFlips.
func TestTrustInHistory(t *testing.T) {
	for _, c := range trustCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.make(t)
			if c.want == "" {
				for _, engine := range gitEngines {
					distrusted(t, r, engine, c.message, c.hint)
				}
				return
			}
			var first map[string]string
			if c.like != nil {
				first = built(t, c.like(t)).files()
			}
			engines := gitEngines
			if c.cannot != "" {
				distrusted(t, r, c.cannot, c.message, c.hint)
				engines = []string{"auto", "cli"}
			}
			for _, engine := range engines {
				s := built(t, r, with(engine))
				expect(t, s.tell(), c.want)
				if c.like == nil {
					checkRevisions(t, r, s)
				}
				if first == nil {
					first = s.files()
				} else if !maps.Equal(first, s.files()) {
					t.Errorf("%s: another site", engine)
				}
			}
		})
	}
}

// distrusted checks that nothing is built of a repository, with exit code 3,
// and that it is said why and what to do.
func distrusted(t *testing.T, r *historytest.Repo, engine string, message, hint []string) {
	t.Helper()
	refused(t, r, policy.ErrHistory, with(engine))
	opt := options(r)
	opt.Git = engine
	_, err := builder.ReadArchive(context.Background(), opt, "")
	var f *policy.Failure
	if !errors.As(err, &f) || !errors.Is(err, policy.ErrHistory) {
		t.Fatalf("%s: %v", engine, err)
	}
	for _, want := range message {
		if !strings.Contains(f.Error(), want) {
			t.Errorf("%s: %q does not say %q", engine, f.Error(), want)
		}
	}
	for _, want := range hint {
		if !strings.Contains(f.Hint, want) {
			t.Errorf("%s: the hint %q does not say %q", engine, f.Hint, want)
		}
	}
}

// gibibyte is the id of the blob of 1 GiB of zeros: head -c 1G /dev/zero | git hash-object --stdin.
const gibibyte = "4fce05a4e4ed8cefef2d99f32c519b2fd7841b74"

// writeGibibyte writes that blob as a loose object of a megabyte: the same
// deflated piece again and again, which is faster than to deflate a gibibyte.
func writeGibibyte(t *testing.T, r *historytest.Repo) {
	t.Helper()
	const piece, pieces = 1 << 20, 1 << 10
	header := []byte("blob 1073741824\x00")
	var out, deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	out.Write([]byte{0x78, 0xda}) // RFC 1950, 2.2
	for _, data := range [][]byte{header, make([]byte, piece)} {
		deflated.Reset()
		w.Reset(&deflated)
		w.Write(data)
		w.Flush()
		if len(data) == piece {
			out.Write(bytes.Repeat(deflated.Bytes(), pieces))
		} else {
			out.Write(deflated.Bytes())
		}
	}
	deflated.Reset()
	w.Reset(&deflated)
	w.Close()
	out.Write(deflated.Bytes())
	// Of zeros the sum's low half stays, and is added to its high half each time.
	sum := adler32.Checksum(header)
	low, high := uint64(sum&0xffff), uint64(sum>>16)
	high = (high + low*piece*pieces) % 65521
	out.Write(binary.BigEndian.AppendUint32(nil, uint32(high<<16|low)))
	r.Write(".git/objects/"+gibibyte[:2]+"/"+gibibyte[2:], out.String())
	if kind := r.Git("cat-file", "-t", gibibyte); kind != "blob" || out.Len() > 2<<20 {
		t.Fatalf("a %s of %d bytes", kind, out.Len())
	}
}

// A blob of 1 GiB in a .git of one megabyte is not read to find out that it is
// too large: neither where a policy stands nor where a link leads.
func TestOneGibibyte(t *testing.T) {
	large := func(path, text string) *historytest.Repo {
		r := repository(t, on("2021-01-01", privacy("One.\n")))
		writeGibibyte(t, r)
		privacy(text)(r)
		r.Git("add", "-A")
		r.Git("update-index", "--add", "--cacheinfo", "100644,"+gibibyte+","+path)
		r.Git("commit", "-q", "-m", "Large")
		return r
	}
	for _, path := range []string{"content/privacy.md", "content/big.pdf"} {
		r := large(path, "See [this](big.pdf).\n")
		for _, engine := range gitEngines {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			message := refused(t, r, errContent, with(engine))
			runtime.ReadMemStats(&after)
			// Both a build and a check were done.
			if read := after.TotalAlloc - before.TotalAlloc; read > 128<<20 {
				t.Errorf("%s, %s: took %d MiB", path, engine, read>>20)
			}
			if want := fmt.Sprintf("object %s (%s in commit %s) is larger than 64 MiB", gibibyte, path, r.Head()); !strings.HasSuffix(message, want) {
				t.Errorf("%s, %s: %s\nwant %s", path, engine, message, want)
			}
		}
	}
	// In the past it keeps its place.
	past := large("content/privacy.md", "One.\n")
	commit(past, on("2021-03-01", privacy("Three.\n")))
	for _, engine := range gitEngines {
		s := built(t, past, with(engine))
		if v := s.Policies[0].Versions; len(v) != 3 || v[1].Error == nil || !strings.Contains(*v[1].Error, "larger than 64 MiB") {
			t.Errorf("%s: %s", engine, s.tell())
		}
		s.clean(past.Dir)
	}
	// Where nobody asks for it, it is no matter.
	r := large("video.mp4", "Two.\n")
	for _, engine := range gitEngines {
		if text := built(t, r, with(engine)).file("privacy/index.html"); !strings.Contains(text, "Two.") {
			t.Errorf("%s: the policy is not there", engine)
		}
	}
}

// lfs is what stands in git for a file that Git LFS keeps elsewhere.
const lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"

// A pointer of Git LFS is no text: an error while it is the present, and a
// version that cannot be rendered in the past.
func TestLFSPointer(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("One.\n")), on("2021-02-01", privacy(lfs)))
	for _, engine := range gitEngines {
		message := refused(t, r, errContent, with(engine))
		if !strings.HasPrefix(message, "content/privacy.md:") || !strings.HasSuffix(message, ": is a Git LFS pointer, not the text itself") {
			t.Errorf("%s: %s", engine, message)
		}
	}
	commit(r, on("2021-03-01", privacy("Two.\n")))
	for _, engine := range gitEngines {
		s := built(t, r, with(engine))
		expect(t, s.tell(), `
			privacy content/privacy.md in-force 2021-03-01
			 2021-01-01 initial [2021-01-01, 2021-02-01)
			 2021-02-01 wording [2021-02-01, 2021-03-01)
			 2021-03-01 wording [2021-03-01, )`)
		v := s.Policies[0].Versions[1]
		if or(v.Error) != "is a Git LFS pointer, not the text itself" || s.file("privacy/2021-02-01/index.md") != lfs {
			t.Errorf("%s: error %q, source %q", engine, or(v.Error), s.file("privacy/2021-02-01/index.md"))
		}
	}
}

// madeObject writes an object that git itself would not make.
func madeObject(r *historytest.Repo, kind, content string) string {
	return r.GitIn(content, "hash-object", "-t", kind, "-w", "--literally", "--stdin")
}

// A commit without a date has a version like any other; the build says what is
// shown in the place of the date.
func TestCommitsWithoutADateAreNamed(t *testing.T) {
	for who, want := range map[string]string{
		"A <a@b.c>":                       "1 January 1970",
		"A <a@b.c> yesterday +0000":       "1 January 1970",
		"A <a@b.c> -86400 +0000":          "1 January 1970",
		"A <a@b.c> 9999999999999 +0000":   "1 January 9998",
		"A <a@b.c> 253370764800 +0000":    "1 January 9998", // it is in 9999
		"A <a@b.c> 1626256800 +99999":     "",               // the day is that of the site's time zone
		"A <a@b.c> 1626256800 nonsense":   "",
		"A <a@b.c> 0 +0000":               "",
		"A <a@b.c> 99999999999999999999 ": "1 January 9998",
	} {
		r := repository(t, on("2020-01-01", privacy("# Privacy\n\nOne.\n")), on("2021-01-01", privacy("# Privacy\n\nTwo.\n")))
		commit := madeObject(r, "commit", "tree "+r.Git("rev-parse", "HEAD^{tree}")+"\nparent "+r.Git("rev-parse", "HEAD~1")+"\nauthor A <a@b.c> 1626256800 +0000\ncommitter "+who+"\n\nTwo\n")
		r.Git("update-ref", "refs/heads/main", commit)
		var warnings []string
		s := built(t, r)
		for _, w := range s.result.Warnings {
			warnings = append(warnings, w.Error())
		}
		expect := ""
		if want != "" {
			expect = "content/privacy.md: no date can be read in commit " + commit[:7] + ", so that " + want + " is shown as recorded"
		}
		if have := strings.Join(warnings, "\n"); have != expect || len(s.Policies[0].Versions) != 2 {
			t.Errorf("%q: have %q, want %q:\n%s", who, have, expect, s.tell())
		}
	}
}

// Of two entries with one name programs show either, so that the history cannot be trusted.
func TestTreesWithANameTwiceAreRefused(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("# Privacy\n\nOne.\n"), write("other", "# Other\n\nTwo.\n")))
	raw := func(rev string) string {
		id, err := hex.DecodeString(r.Git("rev-parse", rev))
		if err != nil {
			t.Fatal(err)
		}
		return string(id)
	}
	for name, tree := range map[string]string{
		"two files":           "100644 privacy.md\x00" + raw("HEAD:content/privacy.md") + "100644 privacy.md\x00" + raw("HEAD:other"),
		"a file and a folder": "100644 privacy.md\x00" + raw("HEAD:content/privacy.md") + "40000 privacy.md\x00" + raw("HEAD:content"),
	} {
		content := madeObject(r, "tree", tree)
		id, _ := hex.DecodeString(content)
		root := madeObject(r, "tree", "40000 content\x00"+string(id))
		r.Git("update-ref", "refs/heads/main", madeObject(r, "commit", "tree "+root+"\nauthor A <a@b.c> 1626256800 +0000\ncommitter A <a@b.c> 1626256800 +0000\n\nTwice\n"))
		if have := refused(t, r, policy.ErrHistory); !strings.Contains(have, `two entries are named "privacy.md"`) {
			t.Errorf("%s: have %s", name, have)
		}
		if out, err := exec.Command("git", "-C", r.Dir, "fsck", "--no-dangling").CombinedOutput(); err == nil || !strings.Contains(string(out), "duplicateEntries") {
			t.Errorf("%s: git fsck says %s", name, out)
		}
	}
}
