package policy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Date is a civil day, without a time and without a zone. The zero Date means
// "none" and is written as null in JSON.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day on which t falls in loc.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{y, m, d}
}

// ParseDate reads an ISO 8601 calendar day, "2026-03-01", and nothing else: a
// day that does not exist (2026-02-30) is an error, not the second of March.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("expected a day such as 2026-03-01, found %q", s)
	}
	return DateOf(t, time.UTC), nil
}

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return d == Date{} }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// Earlier is the earlier of two days; the other when one is no date.
func Earlier(a, b Date) Date {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// DayBefore is the day before d; zero when d is.
func (d Date) DayBefore() Date {
	if d.IsZero() {
		return d
	}
	return DateOf(time.Date(d.Year, d.Month, d.Day-1, 0, 0, 0, 0, time.UTC), time.UTC)
}

// DaysTo counts the days from d to e; 0 where one is no date.
func (d Date) DaysTo(e Date) int {
	if d.IsZero() || e.IsZero() {
		return 0
	}
	at := func(d Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
	return int(at(e).Sub(at(d)).Hours() / 24)
}

// Compare orders days, as cmp.Compare does.
func (d Date) Compare(e Date) int {
	switch {
	case d.Before(e):
		return -1
	case e.Before(d):
		return 1
	}
	return 0
}

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// String returns the ISO 8601 form, "2026-03-01"; "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	if d.Year < 0 || d.Year > 9999 {
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
	}
	b := [len(time.DateOnly)]byte{4: '-', 7: '-'}
	put := func(at, end, n int) {
		for ; end > at; end-- {
			b[end-1], n = '0'+byte(n%10), n/10
		}
	}
	put(0, 4, d.Year)
	put(5, 7, int(d.Month))
	put(8, 10, d.Day)
	return string(b[:])
}

// Long returns the form people read, "1 March 2026"; "" for no date.
func (d Date) Long() string {
	if d.IsZero() {
		return ""
	}
	return strconv.Itoa(d.Day) + " " + d.Month.String() + " " + strconv.Itoa(d.Year)
}

// MarshalJSON writes the ISO form as a string, or null for no date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Date) UnmarshalJSON(b []byte) (err error) {
	if *d = (Date{}); string(b) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*d, err = ParseDate(s)
	return err
}
