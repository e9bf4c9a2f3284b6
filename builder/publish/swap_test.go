package publish

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// What a run leaves that is killed at one place or another, and what the next
// Open makes of it. The states are those that the steps of Commit go through.
func TestLeftoversOfKilledRuns(t *testing.T) {
	one := map[string]string{"index.html": "one", "a/index.html": "one"}
	two := map[string]string{"index.html": "two"}
	wantOne := map[string]string{
		"index.html": "-rw-r--r-- one", "a": "drwxr-xr-x ", "a/index.html": "-rw-r--r-- one", "CNAME": "-rw-r--r-- mine",
		MarkerName: markerOf(one),
	}
	wantTwo := map[string]string{
		"index.html": "-rw-r--r-- two", "CNAME": "-rw-r--r-- mine", MarkerName: markerOf(two),
	}
	edited := maps.Clone(wantTwo)
	edited["CNAME"] = "-rw-r--r-- edited"
	// killed runs commit up to the swap, and then what exchange does.
	killed := func(t *testing.T, dir string, exchange func(s *Site, a, b string) error) {
		t.Helper()
		s := start(t, dir, two)
		dead := errors.New("killed")
		s.exchange = func(a, b string) error {
			if err := exchange(s, a, b); err != nil {
				t.Fatal(err)
			}
			return dead
		}
		if err := s.commit(); !errors.Is(err, dead) {
			t.Fatalf("commit: %v", err)
		}
		// The kernel drops the lock, and nobody cleans up.
		if err := s.lock.file.Close(); err != nil {
			t.Fatal(err)
		}
		s.lock, s.new = nil, ""
	}
	for name, test := range map[string]struct {
		exchange func(s *Site, a, b string) error
		linux    bool
		want     map[string]string
	}{
		"before the swap":           {exchange: func(*Site, string, string) error { return nil }, want: wantOne},
		"after the exchange":        {exchange: func(_ *Site, a, b string) error { return exchangeFolders(a, b) }, linux: true, want: wantTwo},
		"after it, and an edit":     {exchange: exchangeAfterEdit, linux: true, want: edited},
		"between two renames":       {exchange: func(s *Site, a, b string) error { return os.Rename(b, s.place.beside("old-1")) }, want: wantOne},
		"after two renames":         {exchange: func(s *Site, _, _ string) error { _, err := s.replace(); return err }, want: wantTwo},
		"while the old one goes":    {exchange: func(s *Site, _, _ string) error { return halfRetired(s) }, want: wantTwo},
		"and the user removes both": {exchange: func(s *Site, _, b string) error { return errors.Join(os.RemoveAll(s.new), os.RemoveAll(b)) }, want: map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.linux && runtime.GOOS != "linux" {
				t.Skip("folders are exchanged on Linux alone")
			}
			top := t.TempDir()
			dir := filepath.Join(top, "public")
			build(t, dir, one)
			put(t, dir, map[string]string{"CNAME": "mine"})
			killed(t, dir, test.exchange)
			s, err := Open(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Abort(); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			if len(test.want) > 0 {
				want["public"] = "drwxr-xr-x "
			}
			for path, content := range test.want {
				want["public/"+path] = content
			}
			wantTree(t, top, want)
		})
	}
}

// exchangeAfterEdit swaps right after somebody saved a file, as editors do, in the
// old site: the edit is nowhere else.
func exchangeAfterEdit(_ *Site, a, b string) error {
	draft := filepath.Join(b, "draft")
	return errors.Join(os.WriteFile(draft, []byte("edited"), 0o644), os.Rename(draft, filepath.Join(b, "CNAME")), exchangeFolders(a, b))
}

// halfRetired swaps by renames and removes some of the old site.
func halfRetired(s *Site) error {
	old, err := s.replace()
	if err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(old, "a"))
}

// Only folders with the names that Open gives are taken for leftovers.
func TestOtherFoldersBesideTheSiteStay(t *testing.T) {
	top := t.TempDir()
	files := map[string]string{
		".public.policysite-new-mine/x": "x", ".public.policysite-new-12a/x": "x", ".public.policysite-old": "x", ".public.policysite-new-7": "a file",
		".other.policysite-new-7/x": "x", "public.policysite-new-7/x": "x", "x.public.policysite-old-7/x": "x",
	}
	put(t, top, files)
	want := tree(t, top)
	if err := start(t, filepath.Join(top, "public"), nil).Abort(); err != nil {
		t.Fatal(err)
	}
	wantTree(t, top, want)
}
