package pages

import (
	"fmt"
	"html/template"
	"strings"
	"testing"

	"github.com/policysite/policysite/layouts"
)

// What is made once is what a template would write each time:
// TestLimitsChangeNoByte compares whole sites. Here, that it is made once, and
// that no partial of the list has got another name or other data since.
func TestFragmentsAreMadeOnce(t *testing.T) {
	all := fixture()
	theme := defaultTheme(t)
	build(t, fixtureSite(all), theme, all, nil)
	made := map[string]int{}
	for f, html := range theme.fragments.made {
		made[f.partial]++
		plain := strings.Builder{}
		if err := theme.fragments.partials.ExecuteTemplate(&plain, f.partial, f.essence); err != nil || plain.String() != string(html) {
			t.Errorf("%s of %v: have %q, want %q, %v", f.partial, f.essence, html, plain.String(), err)
		}
	}
	names, err := layouts.FS.ReadDir("partials")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		partial := "partials/" + name.Name()
		if hasEssence(partial) != (made[partial] > 0) {
			t.Errorf("%s: has an essence: %v, and %d fragments", partial, hasEssence(partial), made[partial])
		}
		delete(made, partial)
	}
	if len(made) > 0 {
		t.Errorf("fragments of partials that the theme has not: %v", made)
	}
}

func TestFragmentsHaveABound(t *testing.T) {
	f := &fragments{}
	html := template.HTML(strings.Repeat("x", 1<<10))
	for i := range 3 * mostFragments >> 10 {
		f.keep(fragment{fmt.Sprint(i), i}, html)
		if n := len(f.made); n<<10 > mostFragments || n == 0 || f.made[fragment{fmt.Sprint(i), i}] != html {
			t.Fatalf("%d fragments after %d", n, i+1)
		}
	}
}
