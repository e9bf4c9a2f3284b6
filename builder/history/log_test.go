package history

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// At every step the log holds what git ls-tree lists.
func TestLogFiles(t *testing.T) {
	repo := historytest.New(t)
	repo.Write("content/privacy.md", "one\n")
	repo.Write("content.md", "sorts between the folder and what is in it\n")
	repo.Write("content-a/x", "x\n")
	repo.Commit(day(0), "files")
	repo.Write("content/terms/eu.md", "two\n")
	repo.Write("run", "#!/bin/sh\n")
	repo.Chmod("run", true)
	repo.Link("link.md", "content/privacy.md")
	repo.Commit(day(1), "modes")
	repo.Remove("content", "run")
	repo.Write("content", "a file where a folder was\n")
	repo.Write("run/sub", "a folder where a file was\n")
	repo.Commit(day(2), "file and folder change places")
	repo.Write("größe und 'quotes\".md", "names\n")
	repo.Git("update-index", "--add", "--cacheinfo", "160000,"+repo.Head()+",module")
	repo.Git("add", "größe und 'quotes\".md")
	repo.Git("commit", "-q", "-m", "a submodule")
	repo.Remove("content")
	repo.Git("commit", "-q", "-a", "-m", "removed")
	commits, rows := rawLog(repo, "HEAD")
	for _, engine := range engines {
		l := read(t, open(t, repo.Dir, engine), "")
		checkLog(t, l, commits, rows)
		for step, commit := range commits {
			want := repo.Git("ls-tree", "-r", "-z", commit)
			var have strings.Builder
			for f := range l.Files(step) {
				kind := "blob"
				if f.Mode == Submodule {
					kind = "commit"
				}
				fmt.Fprintf(&have, "%s %s %s\t%s\x00", gitModes[f.Mode], kind, f.Blob, f.Path)
				if g, ok := l.Lookup(step, f.Path); !ok || g != f {
					t.Errorf("step %d: Lookup(%q) is %v, %t", step, f.Path, g, ok)
				}
			}
			if have.String() != want {
				t.Errorf("step %d: have %q\nwant %q", step, have.String(), want)
			}
		}
		for _, c := range []struct {
			step int
			path string
			want bool
		}{{0, "", true}, {0, "content", true}, {0, "content/privacy.md", false}, {0, "content/terms", false}, {1, "content/terms", true},
			{2, "content", false}, {2, "run", true}, {1, "run", false}, {0, "conten", false}} {
			if l.IsDir(c.step, c.path) != c.want {
				t.Errorf("IsDir(%d, %q) is not %t", c.step, c.path, c.want)
			}
		}
		if _, ok := l.Lookup(3, "content/privacy.md"); ok {
			t.Error("a removed file is there")
		}
		if _, ok := l.Lookup(-1, "content/privacy.md"); ok {
			t.Error("a file is there before the first step")
		}
	}
}

func TestLogStates(t *testing.T) {
	repo := historytest.New(t)
	for i, text := range []string{"", "a", "a", "b", "", "c", "c"} { // of the steps; "" is none
		if text != "" {
			repo.Write("logo.svg", text)
			repo.Chmod("logo.svg", i == 6)
		} else if i > 0 {
			repo.Remove("logo.svg")
		}
		repo.Commit(day(i), "step")
	}
	r := open(t, repo.Dir, "go")
	l := read(t, r, "")
	for _, c := range []struct {
		from, to int
		want     string
	}{{0, 6, "1a 3b 5c"}, {0, 0, ""}, {1, 1, "1a"}, {2, 2, "1a"}, {2, 3, "1a 3b"}, {3, 4, "3b"}, {4, 4, ""}, {4, 5, "5c"}, {6, 9, "5c"}} {
		have := ""
		for _, s := range l.States("logo.svg", c.from, c.to) {
			text, err := r.Blob(s.File.Blob)
			if err != nil {
				t.Fatal(err)
			}
			have += fmt.Sprintf(" %d%s", s.Step, text)
		}
		if strings.TrimSpace(have) != c.want {
			t.Errorf("from %d to %d: have %q, want %q", c.from, c.to, have, c.want)
		}
	}
	if l.States("nothing", 0, 9) != nil {
		t.Error("a path that never was has states")
	}
}

// The order is the chain's whatever the clocks say, and times are as the
// commits state them.
func TestReadTimes(t *testing.T) {
	repo := historytest.New(t)
	whens := []string{"2021-07-14T10:00:00+0530", "2021-07-14T10:00:00+0530", "2001-01-01T00:00:00-1200", "2040-12-31T23:59:59+1400", "1970-01-01T00:00:00Z"}
	for i, when := range whens {
		repo.Write("a", fmt.Sprint(i))
		repo.Commit(when, fmt.Sprintf("\n  Subject %d \n\nbody\n", i))
	}
	for _, engine := range engines {
		l := read(t, open(t, repo.Dir, engine), "")
		for i, s := range l.Steps {
			want, err := time.Parse(strings.TrimPrefix("x2006-01-02T15:04:05Z0700", "x"), whens[i])
			if err != nil {
				t.Fatal(err)
			}
			if s.Committed.Format(time.RFC3339) != want.Format(time.RFC3339) || !s.Authored.Equal(want) || s.Subject != fmt.Sprint("Subject ", i) {
				t.Errorf("step %d: %q at %s, by its author %s; want %s", i, s.Subject, s.Committed, s.Authored, want)
			}
		}
	}
}

func TestParseTime(t *testing.T) {
	for ident, want := range map[string]string{
		"A <a@b.c> 1626256800 +0200":              "2021-07-14T12:00:00+02:00",
		"A > B <a@b.c> 1626256800 -0330":          "2021-07-14T06:30:00-03:30",
		"<> 1626256800 +9999":                     "2021-07-14T10:00:00Z",
		"A <a@b.c> 1626256800 -2359":              "2021-07-13T10:01:00-23:59",
		"A <a@b.c> 1626256800 zone":               "2021-07-14T10:00:00Z",
		"A <a@b.c> 1626256800":                    "2021-07-14T10:00:00Z",
		"A <a@b.c>":                               "1970-01-01T00:00:00Z",
		"A <a@b.c> yesterday +0200":               "1970-01-01T02:00:00+02:00",
		"A <a@b.c> -5 +0000":                      "1970-01-01T00:00:00Z",
		"A <a@b.c> 99999999999999 +0000":          "9999-12-30T23:59:59Z",
		"A <a@b.c> 99999999999999999999999 +1400": "9999-12-31T13:59:59+14:00",
		"": "1970-01-01T00:00:00Z",
	} {
		have, none := parseTime(ident)
		if have.Format(time.RFC3339) != want || none != (have.UTC().Year() != 2021) {
			t.Errorf("%q: have %s (none: %t), want %s", ident, have.Format(time.RFC3339), none, want)
		}
		if _, err := have.MarshalJSON(); err != nil {
			t.Errorf("%q: %v", ident, err)
		}
	}
}

// Trees are in git's order, whoever wrote them, and have no name twice: neither of
// two files nor of a file and a folder, wherever they stand.
func TestParseTree(t *testing.T) {
	tree := func(entries ...string) []byte {
		var b []byte
		for _, e := range entries {
			b = append(append(append(b, e...), 0), strings.Repeat("x", 20)...)
		}
		return b
	}
	for _, c := range []struct {
		entries []string
		want    string
	}{
		{[]string{"100644 a", "100644 a.b", "40000 a.c", "100644 b"}, "a a.b a.c b"},
		{[]string{"100644 b", "40000 a.c", "100644 a"}, "a a.c b"},
		{[]string{"40000 a", "100644 a0"}, "a a0"},
		{[]string{"100644 a", "100644 a"}, ""},
		{[]string{"100644 a", "100755 a"}, ""},
		{[]string{"100644 a", "120000 a", "100644 b"}, ""},
		{[]string{"40000 a", "40000 a"}, ""},
		{[]string{"100644 a", "100644 b", "100644 a"}, ""},
		{[]string{"100644 a", "40000 a"}, ""},
		{[]string{"100644 a", "100644 a.b", "100644 a-b", "40000 a"}, ""},
		{[]string{"160000 a", "100644 a.b", "40000 a", "100644 b"}, ""},
	} {
		entries, err := parseTree(tree(c.entries...), 20)
		var have []string
		for _, e := range entries {
			have = append(have, string(e.name))
		}
		if strings.Join(have, " ") != c.want || (c.want == "") != errors.Is(err, errMalformed) {
			t.Errorf("%q: have %q, %v", c.entries, have, err)
		}
	}
}

// A message is read in its own encoding, whatever else stands in the header.
func TestParseCommit(t *testing.T) {
	tree := strings.Repeat("12", 20)
	c, err := parseCommit([]byte("tree " + tree + "\nparent " + tree + "\nauthor A\ncommitter B\nencoding ISO-8859-1\ngpgsig -----BEGIN\n tree x\n -----END\n\nGr\xf6\xdfe\n\nparent 3\n"))
	if err != nil || subject(c.message) != "Größe" || len(c.parents) != 1 || c.tree.String() != tree {
		t.Errorf("have %+v, %v", c, err)
	}
	if subject("") != "" || subject("\n\n") != "" {
		t.Error("no message has a subject")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("tree "+strings.Repeat("12", 20)+"\nauthor A <> 1 +0\n\nS\n\nPolicy-Change: minor\n x"), uint8(20))
	f.Add([]byte("100644 a\x00"+strings.Repeat("x", 20)+"40000 a\x00"+strings.Repeat("y", 20)), uint8(20))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		if c, err := parseCommit(data); err == nil {
			parseTrailers(c.message)
		}
		entries, err := parseTree(data, 20+size%2*12)
		for i := 1; err == nil && i < len(entries); i++ {
			if compareEntries(entries[i-1], entries[i]) >= 0 {
				t.Errorf("%v before %v", entries[i-1], entries[i])
			}
		}
		parseTag(data)
		parseConfig(string(data))
	})
}

func TestReadProgressAndCancel(t *testing.T) {
	repo := small(t)
	r := open(t, repo.Dir, "go")
	ctx, cancel := context.WithCancel(context.Background())
	seen := ""
	if _, err := r.Read(ctx, repo.Head(), func(done, total int) { seen += fmt.Sprint(done, "/", total, " ") }); err != nil || seen != "1/3 2/3 3/3 " {
		t.Errorf("progress %q, %v", seen, err)
	}
	cancel()
	if _, err := r.Read(ctx, repo.Head(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	_, err := r.Read(context.Background(), "HEAD", nil)
	wantFailure(t, err, policy.ErrUsage, "HEAD", "")
}

// Readers work side by side.
func TestReaders(t *testing.T) {
	repo := historytest.New(t)
	for i := range 30 {
		repo.Write("content/a.md", lines("a", 100)+fmt.Sprint(i))
		repo.Commit(day(i%20), "step")
	}
	repo.Git("repack", "-q", "-a", "-d")
	for _, engine := range engines {
		r := open(t, repo.Dir, engine)
		l := read(t, r, "")
		var all sync.WaitGroup
		for range 4 {
			rd, err := r.Reader()
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				defer rd.Close()
				for step := range l.Steps {
					f, _ := l.Lookup(step, "content/a.md")
					want := lines("a", 100) + fmt.Sprint(step)
					text, err := rd.Blob(f.Blob)
					if err != nil || string(text) != want {
						t.Errorf("step %d: %d of %d bytes, %v", step, len(text), len(want), err)
					}
				}
			})
		}
		all.Wait()
		if _, err := r.Blob("nonsense"); !errors.Is(err, policy.ErrHistory) {
			t.Errorf("no id: %v", err)
		}
		_, err := r.Blob(l.Steps[0].Commit)
		wantFailure(t, err, policy.ErrHistory, "expected a blob", "git fsck")
		_, err = r.Blob(strings.Repeat("1", 40))
		wantFailure(t, err, policy.ErrHistory, "missing", "git fsck")
	}
}
