package history

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// What counts as a trailer is what git takes for one.
func TestParseTrailers(t *testing.T) {
	repo := historytest.New(t)
	for message, want := range map[string]policy.Trailers{
		"Subject\n":                            {},
		"":                                     {},
		"Subject\n\nPolicy-Change: material\n": {Change: "material"},
		"Subject\n\nPolicy-Change: Material\npolicy-summary: Shorter.\n":                      {Change: "material", Summary: "Shorter."},
		"Subject\n\nBody.\n\nPolicy-Summary: One\n two\n\tthree\nReviewed-by: X\n\n":          {Summary: "One two three"},
		"Subject\n\nPolicy-Summary : spaced\n":                                                {Summary: "spaced"},
		"Subject\n\nPolicy-Summary: one\nPolicy-Summary: two\n":                               {Summary: "two"},
		"Policy-Change: minor\n":                                                              {}, // the title is none
		"Subject\nPolicy-Change: minor\n":                                                     {},
		"Subject\n\nPolicy-Change: minor\n\nNot the last paragraph.\n":                        {},
		"Subject\n\nOne line of prose.\nPolicy-Change: minor\n":                               {Change: "minor"},
		"Subject\n\nProse.\nProse.\nProse.\nProse.\nPolicy-Change: minor\n":                   {},
		"Subject\n\nProse.\nProse.\nSee-also: x\n":                                            {},
		"Subject\n\n# comment\nPolicy-Change: editorial\n# comment\n":                         {Change: "editorial"},
		"Subject\n\n(cherry picked from commit 1234)\nPolicy-Change: minor\nProse.\nProse.\n": {Change: "minor"},
		"Subject\n\nPolicy-Change:minor\n":                                                    {Change: "minor"},
		"Subject\n\nPolicy-Change: minor\r\nPolicy-Summary: CRLF\r\n":                         {Change: "minor", Summary: "CRLF"},
	} {
		if have := parseTrailers(message); have != want {
			t.Errorf("%q: have %+v, want %+v", message, have, want)
		}
		out := repo.GitIn(message, "-c", "trailer.change.key=Policy-Change", "-c", "trailer.summary.key=Policy-Summary",
			"interpret-trailers", "--parse", "--no-divider")
		var git policy.Trailers
		for line := range strings.Lines(out) {
			key, value, _ := strings.Cut(line, ":")
			switch value = strings.TrimSpace(value); strings.ToLower(strings.TrimSpace(key)) {
			case "policy-change":
				git.Change = strings.ToLower(value)
			case "policy-summary":
				git.Summary = value
			}
		}
		if git != want {
			t.Errorf("%q: git has %+v, want %+v", message, git, want)
		}
	}
	// These are ours: git does not know which values mean something.
	for message, want := range map[string]policy.Trailers{
		"Subject\n\nPolicy-Change: minor\n\nSee merge request legal/site!12\n": {Change: "minor"},
		"Subject\n\nPolicy-Change: minor\n\nRelated work items: #77\n":         {Change: "minor"},
		"Subject\n\nPolicy-Change: huge\nPolicy-Summary:\n":                    {Unknown: "Policy-Change: huge, expected material, minor or editorial"},
		"Subject\n\nPolicy-Change: minor\nPolicy-Change: whatever\n":           {Change: "minor", Unknown: "Policy-Change: whatever, expected material, minor or editorial"},
		"Subject\n\nPolicy-Summary: Red \x1b[31m.\n":                           {Unknown: "Policy-Summary: with U+001B, a control character, which is refused"},
		"Subject\n\nPolicy-Summary: Not \u202eso.\n":                           {Unknown: "Policy-Summary: with U+202E RIGHT-TO-LEFT OVERRIDE, which is refused"},
		"Subject\n\nPolicy-Change:\n":                                          {},
		// Nor does it look above the last paragraph, to which hosts add some.
		"Subject (#1)\n\nPolicy-Change: minor\n\nCo-authored-by: B <b@c.d>\n":                                                               {Change: "minor"},
		"Subject (#1)\n\nPolicy-Change: minor\nPolicy-Summary: One.\n\n---------\n\nCo-authored-by: B <b@c.d>\nCo-authored-by: C <c@c.d>\n": {Change: "minor", Summary: "One."},
		"Subject (#1)\n\nPolicy-Change: minor\n---------\nCo-authored-by: B <b@c.d>\n":                                                      {Change: "minor"},
		"Subject\n\nPolicy-Change: minor\n\nPolicy-Change: material\n\nSigned-off-by: B <b@c.d>\n":                                          {Change: "material"},
		"Subject\n\nPolicy-Change: minor\n\nProse.\n\n---\n\nCo-authored-by: B <b@c.d>\n":                                                   {},
		"Policy-Change: minor\n\n---------\n\nCo-authored-by: B <b@c.d>\n":                                                                  {},
	} {
		if have := parseTrailers(message); have != want {
			t.Errorf("%q: have %+v, want %+v", message, have, want)
		}
	}
}

// A message is read in the encoding that its commit names.
func TestMessageInItsEncoding(t *testing.T) {
	for name, word := range map[string]string{
		"ISO-8859-1": "\xe4ndern", "latin1": "\xe4ndern", "windows-1252": "\xe4ndern", "UTF-8": "ändern", "": "ändern",
		"nonsense": "ändern", // it is UTF-8 nevertheless
	} {
		repo := historytest.New(t)
		encoding := ""
		if name != "" {
			encoding = "encoding " + name + "\n"
		}
		message := "Titel\n\nPolicy-Summary: Wir " + word + ".\n"
		repo.GitIn(fmt.Sprintf("commit refs/heads/main\ncommitter A <a@b.c> 0 +0000\n%sdata %d\n%s\n", encoding, len(message), message), "fast-import", "--quiet")
		for _, engine := range engines {
			if have := read(t, open(t, repo.Dir, engine), "main").Steps[0].Trailers.Summary; have != "Wir ändern." {
				t.Errorf("%s, %s: have %q", name, engine, have)
			}
		}
	}
}

// A merge that says nothing says what the commits say that it brought in, and
// only those.
func TestMergedTrailers(t *testing.T) {
	repo := historytest.New(t)
	commit := func(when, message string) {
		repo.Write("file", repo.Git("rev-list", "--all", "--count"))
		repo.Commit(when, message)
	}
	commit("2021-01-01T00:00:00Z", "start\n\nPolicy-Change: material\nPolicy-Summary: start\n")
	repo.Branch("one")
	commit("2021-03-02T00:00:00Z", "newest\n\nPolicy-Change: minor\n")
	commit("2021-02-01T00:00:00Z", "a later commit, by its clock an earlier one\n\nPolicy-Change: editorial\nPolicy-Summary: one\n")
	repo.Checkout("main")
	repo.Branch("two")
	commit("2021-02-01T00:00:00Z", "at the same time, in another branch\n\nPolicy-Summary: two\n")
	repo.Checkout("main")
	repo.MergeAs("2021-04-01T00:00:00Z", "quiet octopus", "one", "two") // 1
	repo.MergeAs("2021-04-02T00:00:00Z", "nothing new", "one")          // 2
	repo.Checkout("one")
	commit("2021-05-01T00:00:00Z", "more\n\nPolicy-Change: material\nPolicy-Summary: more\n")
	repo.Checkout("main")
	repo.MergeAs("2021-06-01T00:00:00Z", "says one thing itself\n\nPolicy-Summary: by hand\n", "one") // 3
	commit("2021-06-02T00:00:00Z", "no merge")                                                        // 4
	want := []policy.Trailers{
		{Change: "material", Summary: "start"},
		{Change: "minor", Summary: "one"},
		{},
		{Change: "material", Summary: "by hand"},
		{},
	}
	for _, engine := range engines {
		l := read(t, open(t, repo.Dir, engine), "main")
		for i, s := range l.Steps {
			if have := s.TrailersOf("file"); have != want[i] {
				t.Errorf("%s: step %d, %s: have %+v, want %+v", engine, i, s.Subject, have, want[i])
			}
		}
	}
}

// A commit that was merged speaks of what it changed, or of all if it changed none of
// what the merge did.
func TestMergedTrailersAreOfWhatTheyChanged(t *testing.T) {
	repo := historytest.New(t)
	commit := func(when, file, message string) {
		repo.Write(file, when)
		repo.Commit(when, message)
	}
	commit("2021-01-01T00:00:00Z", "x/a", "start")
	commit("2021-01-02T00:00:00Z", "b", "start")
	repo.Branch("one")
	commit("2021-02-01T00:00:00Z", "x/a", "a\n\nPolicy-Change: editorial\n")
	commit("2021-02-02T00:00:00Z", "b", "b\n\nPolicy-Change: material\nPolicy-Summary: of b\n")
	repo.Checkout("main")
	repo.Merge("2021-03-01T00:00:00Z", "quiet", "one")
	repo.Branch("two")
	commit("2021-04-01T00:00:00Z", "b", "b again")
	repo.Git("commit", "-q", "--allow-empty", "-m", "of all\n\nPolicy-Summary: of all")
	repo.Checkout("main")
	repo.Merge("2021-05-01T00:00:00Z", "quiet", "two")
	for _, engine := range engines {
		l := read(t, open(t, repo.Dir, engine), "main")
		for _, c := range []struct {
			step int
			path string
			want policy.Trailers
		}{
			{2, "x/a", policy.Trailers{Change: "editorial"}},
			{2, "b", policy.Trailers{Change: "material", Summary: "of b"}},
			{3, "b", policy.Trailers{Summary: "of all"}},
		} {
			if have := l.Steps[c.step].TrailersOf(c.path); have != c.want {
				t.Errorf("%s: step %d, %s: have %+v, want %+v", engine, c.step, c.path, have, c.want)
			}
		}
	}
}

// What a step says of itself, or takes from what it merged, is in a commit that no
// step before it could reach.
func TestTrailersAreOfTheStep(t *testing.T) {
	merged := 0
	for seed := range uint64(5) {
		repo := historytest.Random(t, rand.New(rand.NewPCG(seed, 1)))
		for i, step := range read(t, open(t, repo.Dir, "go"), "main").Steps {
			told := step.Commit
			if i > 0 {
				told = step.Commit + "^1.." + step.Commit
			}
			messages := repo.Git("log", "--format=%B", told) + "\n"
			var paths []string
			for _, m := range step.Merged {
				paths = append(paths, m.Paths...)
			}
			if summary := step.TrailersOf(paths...).Summary; summary == "" && strings.Contains(messages, "Policy-Summary") ||
				summary != "" && !strings.Contains(messages, "Policy-Summary: "+summary+"\n") {
				t.Errorf("step %s says %q, want one of: %s", step.Commit, summary, messages)
			} else if summary != "" && !strings.Contains(repo.Git("log", "-1", "--format=%B", step.Commit), summary) {
				merged++
			}
		}
	}
	if merged == 0 {
		t.Error("no step has the summary of what it merged")
	}
}
