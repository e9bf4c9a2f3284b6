//go:build darwin || freebsd || linux

package main

import (
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// peakOf is the largest resident size of a process that ended, or of one that
// it started and waited for, in bytes; 0 when the system does not tell.
func peakOf(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss) // getrusage(2): in bytes there, in KiB elsewhere
	}
	return int64(usage.Maxrss) << 10
}

// usedByThread is the CPU time of the calling thread so far. getrusage would
// know it only as of the last tick of the scheduler.
func usedByThread() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return time.Since(started)
	}
	return time.Duration(t.Nano())
}
