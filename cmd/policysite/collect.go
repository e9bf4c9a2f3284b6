package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What a build keeps grows with the number of versions, slowly. Collecting when
// there is half as much garbage as lives keeps the memory for many of them low,
// and takes a tenth of a small build's time more than collecting when there is as
// much, which is what Go does. So there may be as much, up to mostGarbage, and
// half beyond that.
const (
	mostGarbage  = 100 << 20 // bytes
	leastPercent = 50
	mostPercent  = 100 // Go's own
	everySoOften = 100 * time.Millisecond
)

// collectGarbage holds the program's garbage to that for as long as it runs,
// unless who runs it has said how much there may be.
func collectGarbage() {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	percent := mostPercent
	for {
		metrics.Read(live)
		// Every change stops the program for some microseconds.
		if want := garbagePercent(live[0].Value.Uint64()); want < percent-5 || want > percent+5 {
			percent = want
			debug.SetGCPercent(percent)
		}
		time.Sleep(everySoOften)
	}
}

// garbagePercent is how much garbage there may be, in percent of the bytes that
// live.
func garbagePercent(live uint64) int {
	return int(min(max(mostGarbage*100/max(live, 1), leastPercent), mostPercent))
}
