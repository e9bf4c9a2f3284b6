//go:build unix

package cputime

import (
	"syscall"
	"time"
)

// Used is the user and system time that this process has used so far, all its
// threads together: getrusage(2).
func Used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it has no reason to fail for a process itself
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
