package main

import "testing"

func TestGarbageIsBoundedByWhatLives(t *testing.T) {
	for live := uint64(0); live < 4<<30; live += live/7 + 1000 {
		percent := garbagePercent(live)
		garbage := live * uint64(percent) / 100
		switch {
		case percent < leastPercent || percent > mostPercent:
			t.Fatalf("%d bytes live: %d %% of garbage, want %d to %d", live, percent, leastPercent, mostPercent)
		case garbage > max(mostGarbage, live/2):
			t.Fatalf("%d bytes live: %d bytes of garbage, want at most %d, or half of what lives", live, garbage, mostGarbage)
		case garbage < min(live, mostGarbage*49/50) && garbage < live/2:
			t.Fatalf("%d bytes live: %d bytes of garbage, want as much as lives, up to %d", live, garbage, mostGarbage)
		}
	}
}
