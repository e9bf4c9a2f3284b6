package publish

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// putUsers puts into a destination what users put there.
func putUsers(t *testing.T, dir string) {
	t.Helper()
	put(t, dir, map[string]string{
		"CNAME": "policies.example\n", ".domains": "policies.example\n", ".git": "gitdir: ../.git/worktrees/public\n", ".well-known/security.txt": "Contact: x\n",
		"privacy/notes.txt": "beside a page of ours", "old/keep/me.txt": "in a folder of ours that goes", "uploads/": "", "read-only/a.txt": "a", "script.sh": "#!/bin/sh\n", "private": "secret",
	})
	for path, mode := range map[string]os.FileMode{"script.sh": 0o755, "private": 0o600, "read-only/a.txt": 0o444, "read-only": 0o555, "uploads": 0o700} {
		if err := os.Chmod(filepath.Join(dir, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"latest": "privacy", "broken": "nowhere", ".well-known/outside": "/etc/passwd"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "read-only"), 0o755) })
}

// users is what putUsers leaves in a tree.
var users = map[string]string{
	"CNAME": "-rw-r--r-- policies.example\n", ".domains": "-rw-r--r-- policies.example\n", ".git": "-rw-r--r-- gitdir: ../.git/worktrees/public\n",
	".well-known": "drwxr-xr-x ", ".well-known/security.txt": "-rw-r--r-- Contact: x\n", ".well-known/outside": "-> /etc/passwd",
	"privacy": "drwxr-xr-x ", "privacy/notes.txt": "-rw-r--r-- beside a page of ours",
	"old": "drwxr-xr-x ", "old/keep": "drwxr-xr-x ", "old/keep/me.txt": "-rw-r--r-- in a folder of ours that goes",
	"uploads": "drwx------ ", "read-only": "dr-xr-xr-x ", "read-only/a.txt": "-r--r--r-- a", "script.sh": "-rwxr-xr-x #!/bin/sh\n", "private": "-rw------- secret",
	"latest": "-> privacy", "broken": "-> nowhere",
}

// withUsers is a tree of users' files and of ours.
func withUsers(ours map[string]string) map[string]string {
	want := map[string]string{}
	for path, content := range users {
		want[path] = content
	}
	for path, content := range ours {
		want[path] = content
	}
	return want
}

func TestUsersFilesSurvive(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "public")
	build(t, dir, map[string]string{"index.html": "0", "privacy/index.html": "0", "old/keep/index.html": "0", "terms/index.html": "0"})
	putUsers(t, dir)
	for _, round := range []string{"1", "2"} {
		build(t, dir, map[string]string{"index.html": round, "privacy/index.html": round})
		wantTree(t, dir, withUsers(map[string]string{
			"index.html": "-rw-r--r-- " + round, "privacy/index.html": "-rw-r--r-- " + round,
			MarkerName: markerOf(map[string]string{"index.html": round, "privacy/index.html": round}),
		}))
	}
	if entries, err := os.ReadDir(top); err != nil || len(entries) != 1 {
		t.Errorf("beside the site: %v, %v", entries, err)
	}
}

// The same with two renames, as where folders cannot be exchanged.
func TestSwapByRenames(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "public")
	build(t, dir, map[string]string{"index.html": "0", "privacy/index.html": "0", "old/keep/index.html": "0"})
	putUsers(t, dir)
	s := start(t, dir, map[string]string{"index.html": "1", "privacy/index.html": "1"})
	s.exchange = func(a, b string) error { return errors.ErrUnsupported }
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	wantTree(t, dir, withUsers(map[string]string{
		"index.html": "-rw-r--r-- 1", "privacy/index.html": "-rw-r--r-- 1",
		MarkerName: markerOf(map[string]string{"index.html": "1", "privacy/index.html": "1"}),
	}))
	if entries, err := os.ReadDir(top); err != nil || len(entries) != 1 {
		t.Errorf("beside the site: %v, %v", entries, err)
	}
}

// The new site never takes the place of something that is not ours.
func TestUsersFileInTheWay(t *testing.T) {
	for name, test := range map[string]struct {
		users map[string]string
		ours  map[string]string
		names []string // what the message has to name; none when nothing is in the way
	}{
		"another text":         {users: map[string]string{"robots.txt": "all mine"}, ours: map[string]string{"robots.txt": "ours"}, names: []string{"robots.txt"}},
		"a text of one size":   {users: map[string]string{"robots.txt": "mine"}, ours: map[string]string{"robots.txt": "ours"}, names: []string{"robots.txt"}},
		"the same text":        {users: map[string]string{".nojekyll": ""}, ours: map[string]string{".nojekyll": ""}},
		"a file for a folder":  {users: map[string]string{"terms": "mine"}, ours: map[string]string{"terms/eu/index.html": "ours"}, names: []string{"terms"}},
		"a folder for a file":  {users: map[string]string{"terms/": ""}, ours: map[string]string{"terms": "ours"}, names: []string{"terms"}},
		"a file below a file":  {users: map[string]string{"privacy/mine.txt": "mine"}, ours: map[string]string{"privacy": "ours"}, names: []string{"privacy/mine.txt", "the new site has privacy there"}},
		"a folder of both":     {users: map[string]string{"terms/mine.txt": "mine"}, ours: map[string]string{"terms/index.html": "ours"}},
		"an empty one of both": {users: map[string]string{"terms/": ""}, ours: map[string]string{"terms/index.html": "ours"}},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			dir := filepath.Join(top, "public")
			build(t, dir, map[string]string{"index.html": "one", "privacy/index.html": "one"})
			put(t, dir, test.users)
			before := tree(t, top)
			err := start(t, dir, test.ours).Commit()
			if test.names != nil {
				wantFailure(t, err, policy.ErrOutput, test.names...)
				wantTree(t, top, before)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			after := tree(t, dir)
			for path, content := range test.users {
				if _, ok := after[strings.TrimSuffix(path, "/")]; !ok || !strings.HasSuffix(after[strings.TrimSuffix(path, "/")], " "+content) {
					t.Errorf("%s is lost: %q", path, after[path])
				}
			}
		})
	}
}

// Whoever edits a file in the destination while sites are swapped finds the edit
// in the new site.
func TestLateEditsSurvive(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "public")
	build(t, dir, map[string]string{"index.html": "one"})
	put(t, dir, map[string]string{"CNAME": "before", "folder/kept.txt": "kept"})
	s := start(t, dir, map[string]string{"index.html": "two", "feed.json": "two"})
	swap := s.exchange
	s.exchange = func(a, b string) error {
		// As editors save: another file takes the name.
		put(t, dir, map[string]string{"new": "after", "added/late/too.txt": "added", "feed.json": "mine"})
		if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "CNAME")); err != nil {
			t.Fatal(err)
		}
		put(t, dir, map[string]string{"added/empty/": ""})
		return swap(a, b)
	}
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	wantTree(t, top, map[string]string{
		"public": "drwxr-xr-x ", "public/index.html": "-rw-r--r-- two", "public/feed.json": "-rw-r--r-- two", "public/feed.json.saved": "-rw-r--r-- mine",
		"public/CNAME": "-rw-r--r-- after", "public/folder": "drwxr-xr-x ", "public/folder/kept.txt": "-rw-r--r-- kept",
		"public/added": "drwxr-xr-x ", "public/added/late": "drwxr-xr-x ", "public/added/late/too.txt": "-rw-r--r-- added", "public/added/empty": "drwxr-xr-x ",
		"public/.policysite": markerOf(map[string]string{"feed.json": "two", "index.html": "two"}),
	})
}

// The destination is looked at once more before it is replaced.
func TestDestinationThatChangedMeanwhile(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "public")
	s := start(t, dir, map[string]string{"index.html": "ours"})
	put(t, dir, map[string]string{"index.html": "mine"})
	before := tree(t, dir)
	wantFailure(t, s.Commit(), policy.ErrOutput, "index.html")
	wantTree(t, dir, before)
	if entries, err := os.ReadDir(top); err != nil || len(entries) != 1 {
		t.Errorf("beside the site: %v, %v", entries, err)
	}
}

func TestEqualFiles(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("0123456789abcdef", 5000)
	put(t, dir, map[string]string{"a": long, "same": long, "last": long[:len(long)-1] + "X", "short": long[1:], "empty": "", "none": "", "folder/": ""})
	for link, target := range map[string]string{"l1": "a", "l2": "a", "l3": "b"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"a", "a", true}, {"a", "same", true}, {"a", "last", false}, {"a", "short", false}, {"empty", "none", true}, {"a", "missing", false}, {"a", "folder", false},
		{"l1", "l2", true}, {"l1", "l3", false}, {"l1", "a", false},
	} {
		have, err := equalFiles(filepath.Join(dir, test.a), filepath.Join(dir, test.b))
		if err != nil || have != test.want {
			t.Errorf("%s and %s: %v, %v", test.a, test.b, have, err)
		}
	}
}

// Where files cannot be linked, copies have the same bytes, mode and time.
func TestCopyFile(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"a": "text"})
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.Chmod(a, 0o540); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(a)
	if err != nil {
		t.Fatal(err)
	}
	if err := copyFile(a, b, info); err != nil {
		t.Fatal(err)
	}
	wantTree(t, dir, map[string]string{"a": "-r-xr----- text", "b": "-r-xr----- text"})
	if copied, err := os.Lstat(b); err != nil || !copied.ModTime().Equal(info.ModTime()) {
		t.Errorf("time %v, want %v (%v)", copied.ModTime(), info.ModTime(), err)
	}
	if err := copyFile(a, b, info); err == nil {
		t.Error("a copy replaces a file")
	}
}
