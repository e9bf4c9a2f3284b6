package builder_test

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/layouts"
)

var (
	statesDay = regexp.MustCompile(`(?i)\b(?:last (?:updated|modified|revised)|effective(?: date| as of)?|updated)\b[^.\n]{0,20}?((?:\d{1,2} )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?:\d{1,2}(?:st|nd|rd|th)?,? )?\d{4}|\d{4}-\d{2}-\d{2})`)
	markup    = strings.NewReplacer("*", "", "_", "", "#", "", ">", "")
)

// daysIn are the days that a source states of itself, as a person would look for them.
func daysIn(source string) (days []string) {
	for _, m := range statesDay.FindAllStringSubmatch(markup.Replace(source), -1) {
		days = append(days, m[1])
	}
	return days
}

// Of every change of wording in real repositories, checked as it came, those are
// undated that state the same days before and after.
func TestUndatedOfCorpora(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"basecamp-policies": "", "psf-policies": "docs"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := corpus(t, name)
			opt := builder.Options{Source: r.Dir, Content: content, Theme: layouts.FS, Now: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)}
			a, err := builder.ReadArchive(context.Background(), opt, "")
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			type change struct{ path, before, now string }
			rewordings := map[string][]change{} // by commit
			paths := map[string]bool{}          // of policies that are there to this day: others have no record
			for _, p := range a.Policies {
				blob := ""
				for _, v := range p.Versions {
					for _, rev := range v.Revisions {
						if rev.Kind == policy.Wording {
							rewordings[rev.Commit] = append(rewordings[rev.Commit], change{rev.Path, blob, rev.Blob})
						}
						blob, paths[rev.Path] = rev.Blob, true
					}
				}
			}
			changes, undated := 0, 0
			for i, commit := range slices.Sorted(maps.Keys(rewordings)) {
				if !*everyCorpus && i%30 != 0 {
					continue // a tenth of a minute, not one
				}
				opt.Rev, opt.Base = commit, commit+"~1"
				result, err := builder.Check(context.Background(), opt)
				if err != nil {
					t.Fatalf("%s: %v", commit, err)
				}
				have := []string{}
				for _, f := range result.Review.Findings {
					if f.Rule == policy.RuleUndated && paths[f.Path] {
						have = append(have, f.Path)
					}
				}
				want := []string{}
				for _, c := range rewordings[commit] {
					before, now := daysIn(r.Git("cat-file", "blob", c.before)), daysIn(r.Git("cat-file", "blob", c.now))
					if len(now) > 0 && slices.Equal(before, now) {
						want = append(want, c.path)
					}
				}
				slices.Sort(want)
				if !slices.Equal(have, want) {
					t.Errorf("%s: undated %q, want %q", commit, have, want)
				}
				changes++
				undated += len(have)
			}
			t.Logf("%d commits change wording, %d texts undated", changes, undated)
			if changes < 3 || undated == 0 && *everyCorpus {
				t.Errorf("checked %d commits, %d undated", changes, undated)
			}
		})
	}
}
