//go:build !unix

package importer_test

import (
	"testing"
	"time"
)

var started = time.Now()

// cpuTime is the time on the wall, where there is no other.
func cpuTime(*testing.T) time.Duration { return time.Since(started) }
