package publish

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

func TestMountPointIsRefused(t *testing.T) {
	_, err := Open("/proc", Options{})
	wantFailure(t, err, policy.ErrOutput, "/proc is a mount point")
	if mounted, err := isMount(t.TempDir(), os.TempDir()); mounted || err != nil {
		t.Errorf("an ordinary folder: %v, %v", mounted, err)
	}
}

// Somebody who reads the site while it is built again and again finds a page at
// every moment.
func TestReadersAlwaysFindASite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, map[string]string{"privacy/index.html": "0"})
	done := make(chan error)
	go func() {
		for range 30 {
			s, err := Open(dir, Options{})
			if err == nil {
				err = s.Add("privacy/index.html", []byte("x"))
			}
			if err == nil {
				err = s.Commit()
			}
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	reads := 0
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			if reads < 100 {
				t.Errorf("%d reads are too few to tell", reads)
			}
			return
		default:
		}
		if _, err := os.Stat(filepath.Join(dir, "privacy", "index.html")); errors.Is(err, os.ErrNotExist) {
			t.Fatal("no page")
		}
		reads++
	}
}
