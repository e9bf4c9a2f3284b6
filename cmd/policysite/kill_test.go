//go:build !windows

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Builds are killed at random moments: half of them anywhere from the first
// moment to the last, half while the new site takes the place of the old one.
// After each, the destination holds one of the two sites, whole, with all that is
// the user's; and in the end one build cleans up whatever the killed ones left.
//
//	go test ./cmd/policysite -run Kill -kills 300 -v
func TestKill(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.mend(t, "a")
	// About as long as a build takes, so that kills fall on all of it.
	var length time.Duration
	for _, next := range []string{"b", "a"} {
		began := time.Now()
		b.mend(t, next)
		length = max(length, time.Since(began))
	}
	site, dead, swapped, leftovers, bad := "a", 0, 0, 0, 0
	for i := range *kills {
		next := map[string]string{"a": "b", "b": "a"}[site]
		cmd := exec.Command(b.program, b.args(next)...)
		cmd.Env = b.env
		before := names(t, b.world)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if i%2 == 0 {
			time.Sleep(rand.N(length))
		} else {
			b.awaitCommit(before, ended)
			time.Sleep(rand.N(length / 5))
		}
		// One that has ended is no longer there to be killed.
		_ = cmd.Process.Kill()
		if err := <-ended; err != nil {
			if cmd.ProcessState.ExitCode() != -1 {
				t.Fatalf("exit %d", cmd.ProcessState.ExitCode())
			}
			dead++
			length = length * 8 / 7
		} else {
			// How long a build takes changes with what else the machine does.
			length = length * 3 / 4
		}
		if len(names(t, b.world)) > 3 {
			leftovers++
		}
		switch state := b.state(t); state {
		case site:
		case next:
			site = next
			swapped++
		default:
			bad++
			t.Errorf("kill %d: %s", i, state)
		}
	}
	t.Logf("%d of %d were killed in time, %d of them left something, %d sites were swapped in; a build takes %v", dead, *kills, leftovers, swapped, length)
	if dead < *kills/4 || leftovers == 0 || swapped == 0 && *kills >= 100 {
		t.Error("too few kills fell on a build to tell anything")
	}
	b.mend(t, site)
	fmt.Printf("kill test: %d kills, %d bad states\n", *kills, bad)
}

// awaitCommit returns when a build has listed its files in a folder that was not
// there before, the last thing it does before it swaps; or when it has ended
// without being seen to do so.
func (b *bed) awaitCommit(before []string, ended <-chan error) {
	for len(ended) == 0 {
		entries, err := os.ReadDir(b.world)
		if err != nil {
			return
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".public.policysite-new-") || slices.Contains(before, e.Name()) {
				continue
			}
			if _, err := os.Lstat(b.world + "/" + e.Name() + "/.policysite"); err == nil {
				return
			}
		}
	}
}
