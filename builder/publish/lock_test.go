package publish

import (
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// The lock file is removed and made again while others open it: a lock on a file
// that is no longer there holds nothing, and must not be taken for one.
func TestLockFileThatComesAndGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var all sync.WaitGroup
	var inside, taken atomic.Int32
	for range 8 {
		all.Go(func() {
			for range 500 {
				l, err := acquire(path)
				if err != nil {
					var busy *busyError
					if !errors.As(err, &busy) {
						t.Error(err)
					}
					continue
				}
				taken.Add(1)
				if inside.Add(1) != 1 {
					t.Error("two hold the lock")
				}
				inside.Add(-1)
				if err := l.release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if taken.Load() == 0 {
		t.Error("nobody got the lock")
	}
	if l, err := acquire(path); err != nil {
		t.Errorf("after all are gone: %v", err)
	} else if err := l.release(); err != nil {
		t.Error(err)
	}
}
