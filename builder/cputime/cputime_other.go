//go:build !unix

package cputime

import "time"

var started = time.Now()

// Used is the time on the wall since the process began, where there is no other.
func Used() time.Duration { return time.Since(started) }
