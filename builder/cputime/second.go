package cputime

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

// Second is what a test may call a second: the processor time, here and now, of a
// piece of work that took one on the machine where the limits of the tests were
// set. A limit in such seconds fails for what the code does, and not for the
// machine on which it runs.
var Second = sync.OnceValue(func() time.Duration {
	const part = 20 // of the work that took a second
	var most time.Duration
	for range 3 {
		start := Used()
		words := make([]string, 0, 100_000)
		seen := map[string]bool{}
		for i := range cap(words) {
			word := strconv.Itoa(i * 7_919 % 1_000_003)
			words, seen[word] = append(words, word), true
		}
		slices.Sort(words)
		most = max(most, Used()-start)
	}
	return most * part
})
