package publish

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

func TestForeignFolderIsRefusedUntouched(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	for name, test := range map[string]struct {
		files   map[string]string
		prepare func(top string) error
		dir     string // below top; "public" when empty
		protect string // below top
		names   []string
	}{
		"other people's site": {files: map[string]string{"public/index.html": "mine"}, names: []string{"index.html", "not empty"}},
		"a dot-file and more": {files: map[string]string{"public/.git/HEAD": "x", "public/CNAME": "x", "public/notes": "x"}, names: []string{"notes"}},
		"a file":              {files: map[string]string{"public": "text"}, names: []string{"is a file"}},
		"a link to a folder": {
			files:   map[string]string{"real/": ""},
			prepare: func(top string) error { return os.Symlink("real", filepath.Join(top, "public")) },
			names:   []string{"symbolic link to real"},
		},
		"a link to nothing": {
			prepare: func(top string) error { return os.Symlink("nothing", filepath.Join(top, "public")) },
			names:   []string{"symbolic link to nothing"},
		},
		"below a link to nothing": {
			prepare: func(top string) error { return os.Symlink("nothing", filepath.Join(top, "link")) },
			dir:     "link/public",
			names:   []string{"leads nowhere"},
		},
		"below a file":        {files: map[string]string{"file": "text"}, dir: "file/public", names: []string{"file"}},
		"a cut marker":        {files: map[string]string{"public/.policysite": "# policysite-site/1\nindex.h", "public/index.html": "x"}, names: []string{".policysite"}},
		"a later marker":      {files: map[string]string{"public/.policysite": "# policysite-site/2\n", "public/index.html": "x"}, names: []string{".policysite"}},
		"a merge conflict":    {files: map[string]string{"public/.policysite": "# policysite-site/1\n# note\n<<<<<<< a\n", "public/index.html": "x"}, names: []string{".policysite:3"}},
		"a folder as marker":  {files: map[string]string{"public/.policysite/x": "x"}, names: []string{".policysite"}},
		"the source":          {files: map[string]string{"public/.policysite": string(Marker(nil)), "public/.git/HEAD": "x"}, protect: "public", names: []string{"made from"}},
		"around the source":   {files: map[string]string{"public/.hidden/repo/content/privacy.md": "x"}, protect: "public/.hidden/repo/content", names: []string{"made from"}},
		"around a new source": {files: map[string]string{"public/": ""}, protect: "public/not/yet", names: []string{"made from"}},
		"the source, by a link": {
			files:   map[string]string{"repo/.git/HEAD": "x"},
			prepare: func(top string) error { return os.Symlink(".", filepath.Join(top, "here")) },
			dir:     "here/repo", protect: "repo", names: []string{"made from"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			put(t, top, test.files)
			if test.prepare != nil {
				if err := test.prepare(top); err != nil {
					t.Fatal(err)
				}
			}
			var protect []string
			if test.protect != "" {
				protect = []string{filepath.Join(top, test.protect)}
			}
			if test.dir == "" {
				test.dir = "public"
			}
			before := tree(t, top)
			_, err := Open(filepath.Join(top, test.dir), Options{Protect: protect})
			wantFailure(t, err, policy.ErrOutput, append(test.names, filepath.Join(top, test.dir))...)
			wantTree(t, top, before)
		})
	}
	t.Run("home", func(t *testing.T) {
		put(t, home, map[string]string{".profile": "x"})
		before := tree(t, home)
		_, err := Open(home, Options{})
		wantFailure(t, err, policy.ErrOutput, "home")
		wantTree(t, home, before)
	})
	t.Run("no name", func(t *testing.T) {
		_, err := Open("", Options{})
		wantFailure(t, err, policy.ErrUsage)
	})
	t.Run("root", func(t *testing.T) {
		_, err := Open(filepath.VolumeName(home)+string(filepath.Separator), Options{})
		wantFailure(t, err, policy.ErrOutput, "root")
	})
}

func TestFoldersThatCountAsEmpty(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing":                   {},
		"what a repository ignores": {".gitignore": "*\n!.gitignore\n"},
		"a checkout for publishing": {".git": "gitdir: ../.git/worktrees/public\n", "CNAME": "policies.example"},
		"an empty hidden folder":    {".well-known/": ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "public")
			put(t, dir, files)
			put(t, dir, map[string]string{"./": ""})
			want := tree(t, dir)
			for _, content := range []string{"one", "two"} {
				build(t, dir, map[string]string{"index.html": content})
				want["index.html"] = "-rw-r--r-- " + content
				want[MarkerName] = markerOf(map[string]string{"index.html": content})
				wantTree(t, dir, want)
			}
		})
	}
}

// A marker that went through a checkout on Windows still is one.
func TestMarkerWithCRLF(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, map[string]string{"old.html": "x", "#old": "x"})
	path := filepath.Join(dir, MarkerName)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	build(t, dir, map[string]string{"new.html": "y"})
	wantTree(t, dir, map[string]string{"new.html": "-rw-r--r-- y", MarkerName: markerOf(map[string]string{"new.html": "y"})})
}
