//go:build unix

package pages

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is what the process has used so far. Unlike the time on the wall, it
// does not grow with what else the machine does.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
