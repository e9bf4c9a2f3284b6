//go:build !windows

package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Two builds at once, fifty times: each writes its site or is refused at once,
// and whoever reads meanwhile always finds a whole site.
func testTwoBuildsAtOnce(t *testing.T, b *bed) {
	b = b.beside(t)
	done := make(chan struct{})
	var reader sync.WaitGroup
	reads := 0
	reader.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			b.read(t)
			reads++
			time.Sleep(100 * time.Microsecond) // the builds need a processor too
		}
	})
	busy := regexp.MustCompile(`^policysite: \S+ is being written by (process \d+ since 2\S+|another process)\n`)
	written, refused := 0, 0
	for range 50 {
		var codes [2]int
		var said [2]string
		var both sync.WaitGroup
		for i, tag := range []string{"a", "b"} {
			both.Go(func() { codes[i], said[i] = b.run(b.args(tag)...) })
		}
		both.Wait()
		allowed := map[string]bool{}
		for i, tag := range []string{"a", "b"} {
			switch {
			case codes[i] == 0:
				written++
				allowed[tag] = true
			case codes[i] == exitOutput && busy.MatchString(said[i]):
				refused++
			default:
				t.Errorf("exit %d: %s", codes[i], said[i])
			}
		}
		if state := b.state(t); !allowed[state] {
			t.Fatalf("exit %d and %d; site %s", codes[0], codes[1], state)
		}
		b.wantClean(t)
	}
	close(done)
	reader.Wait()
	t.Logf("%d wrote, %d were refused; %d reads of a whole site", written, refused, reads)
	if refused == 0 || reads < 50 {
		t.Error("too little happened at once to tell anything")
	}
}

// read checks that a site is there at this moment: a manifest of the policies of
// one of the two, pages that both have, and what is the user's.
func (b *bed) read(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(b.public, "archive.json"))
	if err != nil {
		t.Error(err)
		return
	}
	var archive struct{ Policies []struct{ ID string } }
	if err := json.Unmarshal(data, &archive); err != nil || len(archive.Policies) != 3 {
		t.Errorf("archive.json: %d policies: %v", len(archive.Policies), err)
	}
	for _, page := range []string{"index.html", "privacy/index.html", "privacy/2024-01-01/index.md", "CNAME"} {
		if info, err := os.Stat(filepath.Join(b.public, page)); err != nil || info.Size() == 0 {
			t.Error(errors.Join(err, errors.New(page+" is missing or empty")))
		}
	}
}
