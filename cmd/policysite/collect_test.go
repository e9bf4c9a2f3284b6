package main

import "testing"

func TestGarbageIsBoundedByWhatLives(t *testing.T) {
	for live := uint64(leastHeap); live < 4<<30; live += live/7 + 1000 {
		garbage := live * uint64(garbagePercent(live)) / 100
		if most := max(someGarbage, live/2); garbage > most || garbage < most*98/100 {
			t.Fatalf("%d bytes live: %d bytes of garbage, want %d", live, garbage, most)
		}
	}
	if garbagePercent(0) != garbagePercent(leastHeap) {
		t.Errorf("nothing lives: %d %%, want as for %d bytes", garbagePercent(0), leastHeap)
	}
}
