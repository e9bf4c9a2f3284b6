//go:build !unix

package pages

import (
	"testing"
	"time"
)

var started = time.Now()

// cpuTime is the time on the wall, where there is no other.
func cpuTime(testing.TB) time.Duration { return time.Since(started) }
