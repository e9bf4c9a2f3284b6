package builder_test

import (
	"fmt"
	"path"
	"strings"
	"testing"
)

// A build makes the page of a text and the redline of two texts once, where they may
// come back. A preview makes every one anew.
func TestTextsThatComeBackAreThoseOfTheirVersions(t *testing.T) {
	t.Parallel()
	// Two texts: what they say differs in the middle, and much of the same folds.
	text := func(days string) string {
		var b strings.Builder
		b.WriteString("# Rules\n\nAs [this one](#data) says, and [that](terms.md).\n\n")
		for i := range 12 {
			fmt.Fprintf(&b, "Clause %d stays.\n\n", i)
			if i == 6 {
				b.WriteString("## Data\n\nKept for " + days + " days, [see above](#rules) and [the list](list.csv).\n\n")
			}
		}
		return b.String()
	}
	for _, c := range []struct{ name, file string }{
		{"flips", "content/rules.md"},
		{"address in percent", "content/Bücher & mehr/rules.md"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			list := path.Join(path.Dir(c.file), "list.csv")
			steps := []step{on("2021-01-01", write(c.file, text("ten")), write("content/terms.md", "# Terms\n\nPay.\n"), write(list, "a\n"))}
			for i := range 9 {
				days := []string{"nine", "ten"}[i%2]
				if i == 6 {
					days = "no"
				}
				do := []act{write(c.file, text(days))}
				if i == 4 { // the link to it leads elsewhere from here on
					do = append(do, write(list, "a,b\n"))
				}
				steps = append(steps, on(fmt.Sprintf("2021-01-%02d", i/2+2), do...)) // two a day: 2021-01-02 and 2021-01-02-2
			}
			r := repository(t, steps...)
			s := built(t, r)
			wantSame(t, load(t, live(t, options(r), "")), s.dir)
		})
	}
}
