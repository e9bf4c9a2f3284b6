package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Go collects garbage when there is as much of it as lives. A run that keeps
// little collects a dozen times then on its way to what every run takes; and
// what a build keeps grows with the number of versions, slowly, so that one of
// many would take twice that. So there may be someGarbage, or half of what lives
// where that is more.
const (
	someGarbage  = 100 << 20 // bytes
	leastPercent = 50
	leastHeap    = 4 << 20 // bytes that Go takes to live at least
	everySoOften = 20 * time.Millisecond
)

// collectGarbage holds the program's garbage to that for as long as it runs,
// unless who runs it has said how much there may be.
func collectGarbage() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	percent := garbagePercent(0)
	debug.SetGCPercent(percent)
	go func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		for {
			time.Sleep(everySoOften)
			metrics.Read(live)
			// Every change stops the program for some microseconds.
			if want := garbagePercent(live[0].Value.Uint64()); want < percent*9/10 || want > percent*11/10 {
				percent = want
				debug.SetGCPercent(percent)
			}
		}
	}()
}

// garbagePercent is how much garbage there may be, in percent of the bytes that
// live.
func garbagePercent(live uint64) int {
	return int(max(someGarbage*100/max(live, leastHeap), leastPercent))
}
