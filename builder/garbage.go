package builder

import (
	"math"
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
	someHeap     = 192 << 20 // bytes; a build is to do with 256 MiB in all
	someMemory   = 224 << 20 // bytes, with what is free and not given back
	leastPercent = 50
	leastHeap    = 4 << 20 // bytes that Go takes to live at least
	everySoOften = 20 * time.Millisecond
)

// BoundGarbage bounds the garbage of this process for as long as it runs, to
// 100 MiB while the heap comes to no more than 192 MiB, and to half of what
// lives beyond that; and has memory given back that is not used. It is for
// programs that do nothing but build, and respects what GOGC and GOMEMLIMIT say.
func BoundGarbage() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	percent, limit := garbagePercent(0), memoryLimit(0)
	debug.SetGCPercent(percent)
	debug.SetMemoryLimit(limit)
	go func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		for {
			time.Sleep(everySoOften)
			metrics.Read(live)
			lives := live[0].Value.Uint64()
			// Every change stops the program for some microseconds.
			if want := garbagePercent(lives); want < percent*9/10 || want > percent*11/10 {
				percent = want
				debug.SetGCPercent(percent)
			}
			if want := memoryLimit(lives); want != limit {
				limit = want
				debug.SetMemoryLimit(limit)
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

// memoryLimit is that of the collector, for what lives: it gives memory back
// before it takes more than someMemory. Where too much lives for that, it would
// do nothing else, and has no limit.
func memoryLimit(live uint64) int64 {
	if live > someMemory*4/5 {
		return math.MaxInt64
	}
	return someMemory
}
