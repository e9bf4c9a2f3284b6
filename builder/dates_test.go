package builder_test

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
)

// Every date that a version is said to state stands in its text: the day, the
// month by a name or a number, and the year, close together.
func TestDatesStandInTheirTexts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"basecamp-policies", "psf-policies", "electron-governance", "pga-versions"} {
		t.Run(name, func(t *testing.T) {
			if name == "pga-versions" {
				onlyWithEveryCorpus(t)
			}
			opt := options(corpus(t, name))
			opt.Content = "."
			a, err := builder.ReadArchive(context.Background(), opt, "")
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			stated, missing := 0, 0
			for _, p := range a.Policies {
				for i := range p.Versions {
					d := p.Versions[i].Declared
					if !d.LastUpdatedInText && !d.EffectiveInText {
						continue
					}
					text, err := a.Text(p, i)
					if err != nil {
						t.Fatal(err)
					}
					check := func(day policy.Date, inText bool) {
						if !inText {
							return
						}
						if stated++; !stands(text, day) {
							missing++
							t.Errorf("%s@%s: %s does not stand in the text", p.ID, p.Versions[i].ID, day)
						}
					}
					check(d.LastUpdated, d.LastUpdatedInText)
					check(d.Effective, d.EffectiveInText)
				}
			}
			t.Logf("%d dates are said to stand in texts, %d do not", stated, missing)
		})
	}
}

var aNumber = regexp.MustCompile(`\d+`)

// stands looks a date up in a text by itself.
func stands(text string, day policy.Date) bool {
	// In English, and in the German of one text.
	months := []string{"jan", "feb", "mar|mär", "apr", "may|mai", "jun", "jul", "aug", "sep", "oct|okt", "nov", "dec|dez"}
	year := strconv.Itoa(day.Year)
	for at := strings.Index(text, year); at >= 0; {
		near := text[max(0, at-40):min(len(text), at+24)]
		month := slices.ContainsFunc(strings.Split(months[day.Month-1], "|"), func(name string) bool {
			return strings.Contains(strings.ToLower(near), name)
		})
		var numbers []string
		for _, n := range aNumber.FindAllString(near, -1) {
			numbers = append(numbers, strings.TrimLeft(n, "0"))
		}
		if i := slices.Index(numbers, strconv.Itoa(int(day.Month))); !month && i >= 0 {
			numbers, month = slices.Delete(numbers, i, i+1), true
		}
		if month && slices.Contains(numbers, strconv.Itoa(day.Day)) {
			return true
		}
		next := strings.Index(text[at+1:], year)
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return false
}

// What a text's dates mean for the site is said, with file, line and words.
func TestNotesOnDates(t *testing.T) {
	s := built(t, repository(t,
		on("2021-01-01", write("content/a.md", "A\n"), write("content/b.md", "Effective 1 May 2031\n")),
		on("2021-02-01", write("content/a.md", "A\n\nEffective date: **1 May 2031**\n"), write("content/b.md", "B\n"),
			write("content/c.md", "Updated May 2020\n\nEffective date for guests: 1 May 2020\n\nLast updated: 2 May 2020\n")),
	))
	have := strings.Join(s.result.Notes, "\n")
	for _, want := range []string{
		`a day to come in the text makes the newest version upcoming until then: content/a.md:3: "Effective date: 1 May 2031"`,
		`the text no longer states the coming day of the version before, so that the newest version takes effect at once: content/b.md: "2031-05-01"`,
		`a date in the text leaves the day open and declares nothing: content/c.md:1: "Updated May 2020"`,
		`a date in the text is for some readers only and declares nothing: content/c.md:3: "Effective date for guests: 1 May 2020"`,
	} {
		if !strings.Contains(have, want) {
			t.Errorf("have %s\nwant %s", have, want)
		}
	}
	for file, want := range map[string]string{
		"b/2021-02-01/index.html": "It took effect at once, because it no longer states the coming day 1 May 2031 that the version before it stated",
		"c/index.html":            "“Last updated” as stated 2 May 2020",
	} {
		if page := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(s.file(file), ""); !strings.Contains(page, want) {
			t.Errorf("%s does not say %q", file, want)
		}
	}
	var many []act
	for _, name := range strings.Split("abcdefghijkl", "") {
		many = append(many, write("content/"+name+".md", "Updated May 2020\n"))
	}
	if have := strings.Join(built(t, repository(t, on("2021-01-01", many...))).result.Notes, "\n"); strings.Count(have, "Updated May 2020") != 10 || !strings.Contains(have, ", and 2 more") {
		t.Errorf("of twelve: %s", have)
	}
}
