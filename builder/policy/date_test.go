package policy

import (
	"fmt"
	"testing"
	"time"
)

// Dates are written as fmt writes them.
func TestDatesAreWritten(t *testing.T) {
	days := []Date{{-1, 1, 1}, {0, 1, 1}, {1, 1, 1}, {999, 9, 9}, {9999, 12, 31}, {10000, 1, 1}}
	for day := time.Date(2023, 12, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2025; day = day.AddDate(0, 0, 1) {
		days = append(days, DateOf(day, time.UTC))
	}
	for _, d := range days {
		if have, want := d.String(), fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day); have != want {
			t.Errorf("have %s, want %s", have, want)
		}
		if have, want := d.Long(), fmt.Sprintf("%d %s %d", d.Day, d.Month, d.Year); have != want {
			t.Errorf("have %s, want %s", have, want)
		}
	}
	if zero := (Date{}); zero.String() != "" || zero.Long() != "" {
		t.Errorf("no date is written as %q and %q", zero.String(), zero.Long())
	}
}
