package builder

import "testing"

func TestGarbageIsBoundedByWhatLives(t *testing.T) {
	for live := uint64(leastHeap); live < 4<<30; live += live/7 + 1000 {
		garbage := live * uint64(garbagePercent(live)) / 100
		switch heap := live + garbage; {
		case garbage > someGarbage && garbage > live/2:
			t.Errorf("%d bytes live: %d bytes of garbage", live, garbage)
		case heap > someHeap && garbage > live/2:
			t.Errorf("%d bytes live: the heap comes to %d", live, heap)
		case garbage < live/2*98/100, heap < someHeap*98/100 && garbage < someGarbage*98/100:
			t.Errorf("%d bytes live: only %d bytes of garbage", live, garbage)
		}
	}
	if garbagePercent(0) != garbagePercent(leastHeap) {
		t.Errorf("nothing lives: %d %%, want as for %d bytes", garbagePercent(0), leastHeap)
	}
	for live := uint64(0); live < 4<<30; live += live/7 + 1000 {
		if limit := uint64(memoryLimit(live)); limit < live*5/4 {
			t.Errorf("%d bytes live: a limit of %d leaves no room for garbage", live, limit)
		}
	}
}
