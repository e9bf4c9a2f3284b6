package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// event is one revision of a timeline, in few words: the day it was recorded,
// and its text, "draft" or "gone". A text may end in front matter:
// "new words; effective 2026-06-01, change minor, retroactive".
func play(t *testing.T, tl *Timeline, events ...string) {
	t.Helper()
	for i, e := range events {
		recorded, what, _ := strings.Cut(e, " ")
		at, err := time.Parse(time.DateOnly, recorded)
		if err != nil {
			t.Fatal(err)
		}
		rev := Revision{Step: i, Path: "p.md", Blob: hexSHA256([]byte(what))[:40]}
		step := Step{Commit: fmt.Sprintf("%040d", i), Committed: at.Add(12 * time.Hour), Authored: at.AddDate(-1, 0, 0)}
		if what == "gone" {
			rev.Blob = ""
			tl.Add(rev, step, nil, nil)
			continue
		}
		words, front, _ := strings.Cut(what, "; ")
		meta := Meta{Draft: words == "draft"}
		for f := range strings.SplitSeq(front, ", ") {
			key, value, _ := strings.Cut(f, " ")
			switch key {
			case "effective":
				meta.Effective = day(value)
			case "updated":
				meta.LastUpdated = day(value)
			case "change":
				meta.Change = value
			case "summary":
				meta.Summary = value
			case "retroactive":
				meta.Retroactive = true
			case "":
			default:
				t.Fatalf("unknown %q", key)
			}
		}
		tl.Add(rev, step, NewText([]byte(what), meta, paragraphs(words)), nil)
	}
}

// tell writes a lifecycle in few words.
func tell(l Lifecycle) string {
	var b strings.Builder
	for i, v := range l.Versions {
		fmt.Fprintf(&b, "%s %s", v.ID, v.Kind)
		if v.InForce != nil {
			fmt.Fprintf(&b, " [%s, %s)", v.InForce.From, v.InForce.Until)
		}
		if i == l.Current {
			b.WriteString(" current")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s", l.Status)
	if !l.NextChange.IsZero() {
		fmt.Fprintf(&b, ", next %s", l.NextChange)
	}
	return b.String()
}

func TestTimeline(t *testing.T) {
	tests := []struct {
		name   string
		at     string
		events []string
		want   []string
	}{
		{"versions follow each other", "2026-12-01",
			[]string{"2026-01-15 a", "2026-05-04 b"},
			[]string{"2026-01-15 initial [2026-01-15, 2026-05-04)", "2026-05-04 wording [2026-05-04, ) current", "in-force"}},
		{"two of a day: the first was never in force", "2026-12-01",
			[]string{"2026-01-15 a", "2026-01-15 b", "2026-01-15 c"},
			[]string{"2026-01-15 initial", "2026-01-15-2 wording", "2026-01-15-3 wording [2026-01-15, ) current", "in-force"}},
		{"a version that takes effect later", "2026-05-31",
			[]string{"2026-01-15 a", "2026-05-04 b; effective 2026-06-01"},
			[]string{"2026-01-15 initial [2026-01-15, 2026-06-01) current", "2026-05-04 wording [2026-06-01, )", "in-force, next 2026-06-01"}},
		{"on the day it takes effect", "2026-06-01",
			[]string{"2026-01-15 a", "2026-05-04 b; effective 2026-06-01"},
			[]string{"2026-01-15 initial [2026-01-15, 2026-06-01)", "2026-05-04 wording [2026-06-01, ) current", "in-force"}},
		{"not yet in force", "2026-05-31",
			[]string{"2026-05-04 b; effective 2026-06-01"},
			[]string{"2026-05-04 initial [2026-06-01, )", "upcoming, next 2026-06-01"}},
		{"a site built for a day before its record", "2020-01-01",
			[]string{"2026-05-04 b"},
			[]string{"2026-05-04 initial [2026-05-04, )", "upcoming, next 2026-05-04"}},
		{"a pending version is postponed", "2026-05-20",
			[]string{"2026-01-15 a", "2026-05-04 b; effective 2026-06-01", "2026-05-10 b; effective 2026-07-01"},
			[]string{"2026-01-15 initial [2026-01-15, 2026-06-01) current", "2026-05-04 wording [2026-06-01, 2026-07-01)", "2026-05-10 dates [2026-07-01, )", "in-force, next 2026-06-01"}},
		{"a pending version is brought forward", "2026-05-20",
			[]string{"2026-01-15 a", "2026-05-04 b; effective 2026-07-01", "2026-05-10 b; effective 2026-06-01"},
			[]string{"2026-01-15 initial [2026-01-15, 2026-06-01) current", "2026-05-04 wording", "2026-05-10 dates [2026-06-01, )", "in-force, next 2026-06-01"}},
		{"a correction of a pending version waits with it", "2026-05-20",
			[]string{"2026-01-15 a", "2026-05-04 b; effective 2026-06-01", "2026-05-10 c; effective 2026-06-01"},
			[]string{"2026-01-15 initial [2026-01-15, 2026-06-01) current", "2026-05-04 wording", "2026-05-10 wording [2026-06-01, )", "in-force, next 2026-06-01"}},
		{"a date line changed after it took effect rewrites nothing", "2026-12-01",
			[]string{"2026-01-15 a", "2026-05-04 b; effective 2026-06-01", "2026-09-10 b; effective 2026-05-01"},
			[]string{"2026-01-15 initial [2026-01-15, 2026-06-01)", "2026-05-04 wording [2026-06-01, 2026-09-10)", "2026-09-10 dates [2026-09-10, ) current", "in-force"}},
		{"a restated date is of the past", "2026-12-01",
			[]string{"2026-05-04 b; effective 2026-06-01", "2026-09-10 c; effective 2026-06-01"},
			[]string{"2026-05-04 initial [2026-06-01, 2026-09-10)", "2026-09-10 wording [2026-09-10, ) current", "in-force"}},
		{"a carried-over date is not declared by the version itself", "2026-12-01",
			[]string{"2026-05-04 b; effective 2026-06-01", "2026-05-10 c"},
			[]string{"2026-05-04 initial", "2026-05-10 wording [2026-05-10, ) current", "in-force"}},
		{"retroactive", "2026-12-01",
			[]string{"2026-01-15 a", "2026-05-04 b; effective 2026-03-01, retroactive"},
			[]string{"2026-01-15 initial [2026-01-15, 2026-03-01)", "2026-05-04 wording [2026-03-01, ) current", "in-force"}},
		{"retroactive before all there was", "2026-12-01",
			[]string{"2026-01-15 a", "2026-05-04 b; effective 2025-03-01, retroactive"},
			[]string{"2026-01-15 initial", "2026-05-04 wording [2025-03-01, ) current", "in-force"}},
		{"retroactive unchanged is ignored", "2026-12-01",
			[]string{"2026-01-15 a; effective 2026-01-01, retroactive", "2026-05-04 b; effective 2026-01-01, retroactive"},
			[]string{"2026-01-15 initial [2026-01-01, 2026-05-04)", "2026-05-04 wording [2026-05-04, ) current", "in-force"}},
		{"a clock that runs backwards", "2026-12-01",
			[]string{"2026-03-01 a", "2026-05-01 b", "2026-04-01 c", "2026-03-01 d"},
			[]string{"2026-03-01 initial", "2026-05-01 wording", "2026-04-01 wording", "2026-03-01-2 wording [2026-03-01, ) current", "in-force"}},
		{"a clock that once ran ahead", "2026-12-01",
			[]string{"2026-01-01 a", "2027-01-01 b", "2026-02-01 c", "2026-03-01 d"},
			[]string{"2026-01-01 initial [2026-01-01, 2026-02-01)", "2027-01-01 wording", "2026-02-01 wording [2026-02-01, 2026-03-01)", "2026-03-01 wording [2026-03-01, ) current", "in-force"}},
		{"withdrawn and restored", "2026-12-01",
			[]string{"2026-01-01 a", "2026-02-01 gone", "2026-04-01 a", "2026-05-01 gone"},
			[]string{"2026-01-01 initial [2026-01-01, 2026-02-01)", "2026-04-01 restored [2026-04-01, 2026-05-01)", "withdrawn"}},
		{"during the gap", "2026-03-01",
			[]string{"2026-01-01 a", "2026-02-01 gone", "2026-04-01 a"},
			[]string{"2026-01-01 initial [2026-01-01, 2026-02-01)", "2026-04-01 restored [2026-04-01, )", "withdrawn, next 2026-04-01"}},
		{"before the withdrawal", "2026-01-10",
			[]string{"2026-01-01 a", "2026-02-01 gone"},
			[]string{"2026-01-01 initial [2026-01-01, 2026-02-01) current", "in-force, next 2026-02-01"}},
		{"a draft between versions counts as a withdrawal", "2026-12-01",
			[]string{"2026-01-01 a", "2026-02-01 draft", "2026-03-01 draft", "2026-04-01 b"},
			[]string{"2026-01-01 initial [2026-01-01, 2026-02-01)", "2026-04-01 restored [2026-04-01, ) current", "in-force"}},
		{"drafts before the first version count for nothing", "2026-12-01",
			[]string{"2026-01-01 draft", "2026-02-01 gone", "2026-04-01 b"},
			[]string{"2026-04-01 initial [2026-04-01, ) current", "in-force"}},
		{"a withdrawal before a pending version took effect", "2026-12-01",
			[]string{"2026-05-04 b; effective 2026-06-01", "2026-05-20 gone"},
			[]string{"2026-05-04 initial", "withdrawn"}},
		{"restored, in force later", "2026-05-26",
			[]string{"2026-01-01 a", "2026-05-20 gone", "2026-05-25 b; effective 2026-06-10"},
			[]string{"2026-01-01 initial [2026-01-01, 2026-05-20)", "2026-05-25 restored [2026-06-10, )", "withdrawn, next 2026-06-10"}},
		{"a withdrawal with a clock ahead", "2026-03-01",
			[]string{"2026-01-01 a", "2027-01-01 gone", "2026-02-01 b"},
			[]string{"2026-01-01 initial [2026-01-01, 2026-02-01)", "2026-02-01 restored [2026-02-01, ) current", "in-force"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tl := NewTimeline(TimelineOptions{Zone: time.UTC})
			play(t, tl, test.events...)
			live := !strings.HasSuffix(test.events[len(test.events)-1], " gone")
			if have, want := tell(tl.Finish(day(test.at), live)), strings.Join(test.want, "\n"); have != want {
				t.Errorf("have\n%s\nwant\n%s", have, want)
			}
		})
	}
}

// The rule itself, day by day: in force is the last version in chain order with
// from ≤ D, unless the policy was withdrawn by then.
func TestIntervalsAreTheRuleDayByDay(t *testing.T) {
	const days = 40
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	on := func(i int) Date { return DateOf(first.AddDate(0, 0, i), time.UTC) }
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		tl := NewTimeline(TimelineOptions{Zone: time.UTC})
		const withdrawn, nothing = -1, -2
		type counting struct {
			version int
			from    Date
		}
		var chain []counting
		var events []string
		versions := 0
		gone := true
		for i := range 1 + r.IntN(8) {
			recorded := on(r.IntN(days)) // clocks run as they like
			switch what := r.IntN(10); {
			case what < 2 && !gone:
				events = append(events, recorded.String()+" gone")
				chain, gone = append(chain, counting{withdrawn, recorded}), true
			case what < 3:
				events = append(events, recorded.String()+" draft")
				if !gone {
					chain, gone = append(chain, counting{withdrawn, recorded}), true
				}
			default:
				e, from := fmt.Sprintf("%s words %d", recorded, i), recorded
				if r.IntN(2) == 0 {
					effective := on(r.IntN(days))
					e += "; effective " + effective.String()
					if effective.After(recorded) {
						from = effective
					} else if r.IntN(3) == 0 && !strings.Contains(strings.Join(events, ""), "retroactive") {
						e += ", retroactive"
						from = effective
					}
				}
				events = append(events, e)
				chain, gone = append(chain, counting{versions, from}), false
				versions++
			}
		}
		play(t, tl, events...)
		if versions == 0 {
			continue
		}
		rule := func(d Date) int {
			last := nothing
			for _, c := range chain {
				if !c.from.After(d) {
					last = c.version
				}
			}
			return last
		}
		at := on(r.IntN(days))
		l := tl.Finish(at, !strings.HasSuffix(events[len(events)-1], "gone"))
		var next Date
		for i := -1; i <= days; i++ {
			d, have := on(i), -1
			for n, v := range l.Versions {
				if v.InForce.Contains(d) {
					if have >= 0 {
						t.Fatalf("seed %d: on %s versions %d and %d are in force\n%s", seed, d, have, n, strings.Join(events, "\n"))
					}
					have = n
				}
			}
			if want := max(rule(d), -1); have != want {
				t.Fatalf("seed %d: on %s version %d is in force, the rule says %d\n%s\n%s", seed, d, have, want, strings.Join(events, "\n"), tell(l))
			}
			if d.After(at) && next.IsZero() && rule(d) != rule(on(i-1)) {
				next = d
			}
			if d == at && (l.Current != have || (l.Status == StatusInForce) != (have >= 0)) {
				t.Fatalf("seed %d: on %s: current %d, %s; in force is %d", seed, d, l.Current, l.Status, have)
			}
		}
		if l.NextChange != next {
			t.Fatalf("seed %d: at %s the next change is %s, the rule says %s\n%s\n%s", seed, at, l.NextChange, next, strings.Join(events, "\n"), tell(l))
		}
		for _, v := range l.Versions {
			if i := v.InForce; i != nil && !i.Until.IsZero() && !i.From.Before(i.Until) {
				t.Fatalf("seed %d: interval [%s, %s)", seed, i.From, i.Until)
			}
		}
	}
}

// Change, summary, retroactive and dates are said of one version.
func TestWhatIsSaidOfOneVersion(t *testing.T) {
	tl := NewTimeline(TimelineOptions{Zone: time.UTC})
	play(t, tl,
		"2026-01-01 a; updated 2025-12-01, change material, summary First",
		"2026-02-01 b; change material, summary First",
		"2026-03-01 c; change minor, summary Second, effective 2026-03-01",
		"2026-04-01 d; change material",
	)
	var have []string
	for _, v := range tl.Finish(day("2026-12-01"), true).Versions {
		have = append(have, fmt.Sprintf("%s|%s|%s", v.Change, v.Summary, say(v.Declared)))
	}
	want := "material|First|updated 2025-12-01\n||\nminor|Second|effective 2026-03-01\nmaterial||"
	if strings.Join(have, "\n") != want {
		t.Errorf("have\n%s\nwant\n%s", strings.Join(have, "\n"), want)
	}
}

func TestSameTextAsSkipsTheVersionBefore(t *testing.T) {
	tl := NewTimeline(TimelineOptions{Zone: time.UTC})
	play(t, tl, "2026-01-01 a", "2026-02-01 b", "2026-03-01 a", "2026-04-01 a; updated 2026-04-01", "2026-05-01 b", "2026-06-01 a")
	var have []string
	for _, v := range tl.Finish(day("2026-12-01"), true).Versions {
		have = append(have, v.SameTextAs)
	}
	// The fourth equals the third, directly before it, and the first.
	if want := "[  2026-01-01 2026-01-01 2026-02-01 2026-04-01]"; fmt.Sprint(have) != want {
		t.Errorf("have %v, want %s", have, want)
	}
}

func TestEffectiveOfThePastWarnsOnce(t *testing.T) {
	for name, test := range map[string]struct {
		events []string
		want   int
	}{
		"new":                   {[]string{"2026-05-01 a; effective 2026-04-01"}, 1},
		"restated":              {[]string{"2026-05-01 a; effective 2026-06-01", "2026-07-01 b; effective 2026-06-01"}, 0},
		"changed":               {[]string{"2026-05-01 a; effective 2026-06-01", "2026-07-01 b; effective 2026-06-02"}, 1},
		"of an earlier version": {[]string{"2026-05-01 a; effective 2026-04-01", "2026-07-01 b"}, 0},
		"retroactive":           {[]string{"2026-05-01 a; effective 2026-04-01, retroactive"}, 0},
		"of the same day":       {[]string{"2026-05-01 a; effective 2026-05-01"}, 0},
	} {
		tl := NewTimeline(TimelineOptions{Zone: time.UTC})
		play(t, tl, test.events...)
		if p := tl.Problems(); len(p) != test.want || test.want > 0 && (!p[0].Warning || p[0].Hint == "") {
			t.Errorf("%s: %q", name, list(p))
		}
	}
}

// The day is that of the site's zone, and of the author's clock if so set.
func TestRecordedDays(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tokyo := time.FixedZone("JST", 9*3600)
	step := Step{Committed: at("2026-01-31T23:30:00+01:00"), Authored: at("2025-06-01T01:00:00+02:00")}
	for want, opt := range map[string]TimelineOptions{
		"2026-01-31": {Zone: time.UTC},
		"2026-02-01": {Zone: tokyo},
		"2025-05-31": {Zone: time.UTC, AuthorDates: true},
		"2025-06-01": {Zone: tokyo, AuthorDates: true},
	} {
		if have := DateOf(opt.Recorded(step), opt.Zone).String(); have != want {
			t.Errorf("%+v: %s, want %s", opt, have, want)
		}
	}
	for _, absurd := range []time.Time{time.Unix(1<<40, 0), time.Unix(-1<<40, 0), time.Unix(-62135596801, 0)} {
		o := TimelineOptions{Zone: tokyo}
		if _, err := time.Parse(time.RFC3339, o.Recorded(Step{Committed: absurd}).Format(time.RFC3339)); err != nil {
			t.Error(err)
		}
	}
}

// What `since` hides is in nothing that is left.
func TestSinceHidesTheBeginning(t *testing.T) {
	events := []string{"2026-01-01 a", "2026-02-01 b; effective 2026-12-01", "2026-03-01 a", "2026-03-01 c"}
	finish := func(at, since string) Lifecycle {
		tl := NewTimeline(TimelineOptions{Zone: time.UTC, Since: func(_ int, d Date) bool { return !d.Before(day(since)) }})
		play(t, tl, events...)
		return tl.Finish(day(at), true)
	}
	l := finish("2026-04-01", "2026-03-01")
	if have, want := tell(l), "2026-03-01 initial\n2026-03-01-2 wording [2026-03-01, ) current\nin-force"; have != want || l.Cut != 2 {
		t.Errorf("have\n%s\nand %d cut, want\n%s", have, l.Cut, want)
	}
	if l.Versions[0].SameTextAs != "" || l.Versions[0].Revisions[0].Kind != Initial {
		t.Errorf("the first version tells of what is hidden: %+v", l.Versions[0])
	}
	// On a day when a hidden version was in force, this record shows none.
	if have, want := tell(finish("2026-02-15", "2026-03-01")), "2026-03-01 initial\n2026-03-01-2 wording [2026-03-01, )\nupcoming, next 2026-03-01"; have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
	// The latest version is always left.
	if have, want := tell(finish("2026-04-01", "2027-01-01")), "2026-03-01-2 initial [2026-03-01, ) current\nin-force"; have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
}
