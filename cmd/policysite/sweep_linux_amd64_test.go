package main

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Every write-side system call of a build on a file below the folder around the
// destination, temporary files included, fails once with EIO; with ENOSPC, from
// when on nothing finds room any more; and is where the program is killed. After
// each, the destination holds the old site or the new one, whole, with all that
// is the user's, and the next build goes through and leaves nothing else.
//
//	go test ./cmd/policysite -run FaultSweep -sweep 1 -v
func TestFaultSweep(t *testing.T) {
	if *sweep == 0 {
		t.Skip("takes minutes; -sweep runs it")
	}
	b := newBed(t)
	var calls, bad atomic.Int64
	t.Run("ways", func(t *testing.T) {
		for name, f := range map[string]fault{
			"EIO":    {errno: syscall.EIO},
			"ENOSPC": {errno: syscall.ENOSPC, lasting: true},
			"kill":   {kill: true},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				replaced, wrong := b.beside(t).sweep(t, f, "a", "b")
				first, wrongToo := b.beside(t).sweep(t, f, "nothing", "only b")
				calls.Store(int64(replaced + first))
				bad.Add(int64(wrong + wrongToo))
			})
		}
	})
	fmt.Printf("fault sweep: %d calls, EIO %[1]d, ENOSPC %[1]d, kill %[1]d: %d bad states\n", calls.Load(), bad.Load())
}

// sweep lets each call of a build that makes one site from another suffer f, and
// returns the number of builds and of bad states.
func (b *bed) sweep(t *testing.T, f fault, from, to string) (tried, bad int) {
	t.Helper()
	tag := to[len(to)-1:]
	restore := func() {
		t.Helper()
		if from == "nothing" {
			if err := os.RemoveAll(b.public); err != nil {
				t.Fatal(err)
			}
			return
		}
		b.mend(t, from)
	}
	restore()
	tr, said := b.trace(t, tag, fault{at: -1})
	if state := b.state(t); tr.exit != 0 || state != to {
		t.Fatalf("a build without faults: exit %d, site %s: %s", tr.exit, state, said)
	}
	kinds := map[string]int{}
	for _, c := range tr.calls {
		kinds[c.name]++
	}
	for _, kind := range []string{"openat", "write", "close", "syncfs", "fsync", "mkdirat", "renameat", "unlinkat", "flock"} {
		if kinds[kind] == 0 {
			t.Fatalf("no call of %s was seen, of %v", kind, kinds)
		}
	}
	calls := len(tr.calls)
	began, old, survived := time.Now(), 0, 0
	for n := range calls {
		// Pages are written alike, and beside an old site as without one.
		if 16 <= n && n < calls-48 && (from == "nothing" || n%*sweep != 0) {
			continue
		}
		tried++
		restore()
		f.at = n
		tr, said := b.trace(t, tag, f)
		if len(tr.calls) <= n {
			t.Fatalf("the build made %d calls, not %d", len(tr.calls), calls)
		}
		state := b.state(t)
		ok := state == from || state == to
		switch {
		case f.kill:
			ok = ok && tr.exit == -1
		case tr.exit == 0:
			// A folder that unlink cannot remove, rmdir can; a file that cannot be
			// linked is copied; a temporary file that nobody needs any more may end
			// as it likes. To overlook any other fault is to promise too much.
			c := tr.calls[n]
			temporary := strings.HasPrefix(c.path, "tmp/") || c.path == unnamed
			ok = state == to && (c.name == "unlinkat" || c.name == "linkat" || c.name == "close" && temporary)
			survived++
		default:
			ok = ok && tr.exit == exitOutput && strings.HasPrefix(said, "policysite: ") && !strings.Contains(said, "goroutine ")
		}
		if !ok {
			bad++
			t.Errorf("at call %d, %s: exit %d, site %s: %s", n, tr.calls[n], tr.exit, state, said)
		}
		if state == from {
			old++
		}
		if from == "nothing" {
			b.mend(t, to)
		}
	}
	restore()
	t.Logf("from %s to %s: %d of %d calls in %v, the old site stood after %d, %d went through all the same; calls %v", from, to, tried, calls, time.Since(began).Round(time.Second), old, survived, kinds)
	return tried, bad
}

// trace builds a commit under a tracer and returns what was printed too.
func (b *bed) trace(t *testing.T, tag string, f fault) (*tracer, string) {
	t.Helper()
	output, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	// One processor, so that calls come in about the same order every time.
	tr := &tracer{below: b.world, fault: f}
	if err := tr.trace(b.program, b.args(tag), append(b.env, "GOMAXPROCS=1"), output); err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(output.Name())
	if err != nil {
		t.Fatal(err)
	}
	return tr, string(said)
}
