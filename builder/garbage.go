package builder

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Go collects garbage when there is as much of it as lives. A run that keeps
// little collects a dozen times then on its way to what every run takes; and
// what a build keeps grows with the number of versions, slowly, so that one of
// many would take twice that.
const (
	someGarbage  = 100 << 20 // bytes
	someHeap     = 200 << 20 // bytes; a build is to do with 256 MiB in all
	leastPercent = 50
	leastHeap    = 4 << 20 // bytes that Go takes to live at least
	everySoOften = 20 * time.Millisecond
)

// BoundGarbage bounds the garbage of this process for as long as it runs, to
// 100 MiB while the heap comes to no more than 200 MiB, and to half of what
// lives beyond that. It is for programs that do nothing but build, and respects
// what GOGC and GOMEMLIMIT say.
func BoundGarbage() {
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
	live = max(live, leastHeap)
	garbage := min(someGarbage, someHeap-min(live, someHeap))
	return int(max(garbage*100/live, leastPercent))
}
