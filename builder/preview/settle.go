package preview

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// settler waits until changes have come to rest, so that one save is one load
// whatever steps an editor takes, and so is a checkout of hundreds of files.
type settler struct {
	git   func() []string // git's folders
	stuck bool            // git did not come to rest the last time
}

const (
	quiet   = 60 * time.Millisecond // without a change
	longest = time.Second           // when changes never cease
	busy    = 5 * time.Second       // for git at most
	glance  = 25 * time.Millisecond // between looks at whether git is at work
)

// wait returns when a change came to rest, with the time of its first event;
// false when ctx is done.
func (s *settler) wait(ctx context.Context, changes <-chan time.Time) (time.Time, bool) {
	var first time.Time
	select {
	case <-ctx.Done():
		return first, false
	case first = <-changes:
	}
	if !s.rest(ctx, changes) {
		return first, false
	}
	if !s.gitBusy() {
		s.stuck = false
		return first, true
	}
	for until := time.Now().Add(busy); !s.stuck && time.Now().Before(until); {
		select {
		case <-ctx.Done():
			return first, false
		case <-time.After(glance):
		}
		if !s.gitBusy() {
			return first, s.rest(ctx, changes)
		}
	}
	s.stuck = true // a rebase may wait for a person; do not wait again for this one
	return first, true
}

// rest waits for a quiet moment.
func (s *settler) rest(ctx context.Context, changes <-chan time.Time) bool {
	end := time.NewTimer(longest)
	defer end.Stop()
	pause := time.NewTimer(quiet)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-changes:
			pause.Reset(quiet)
		case <-pause.C:
			return true
		case <-end.C:
			return true
		}
	}
}

// gitBusy reports whether git is in the middle of something.
func (s *settler) gitBusy() bool {
	folders := s.git()
	if len(folders) == 0 {
		return false
	}
	for _, name := range []string{"index.lock", "HEAD.lock", "rebase-merge", "rebase-apply"} {
		if _, err := os.Lstat(filepath.Join(folders[0], name)); err == nil {
			return true
		}
	}
	return false
}
