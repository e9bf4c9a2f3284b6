package pages

import (
	"html/template"
	"strings"
	"testing"
)

// What is made once is what a template would write each time:
// TestLimitsChangeNoByte compares whole sites. Here, that it is made once, and
// that no partial of the list has got another name or other data since.
func TestFragmentsAreMadeOnce(t *testing.T) {
	all := fixture()
	theme := defaultTheme(t)
	build(t, fixtureSite(all), theme, all, nil)
	for name, f := range theme.fragments {
		if len(f.made) == 0 {
			t.Errorf("none of %s", name)
		}
		f.essence = func(any) any { return nil }
		for essence, html := range f.made {
			if plain, err := f.of(essence); err != nil || plain != html {
				t.Errorf("%s of %v: have %q, want %q, %v", name, essence, html, plain, err)
			}
		}
	}
}

func TestFragmentsHaveABound(t *testing.T) {
	f := &fragments{}
	html := template.HTML(strings.Repeat("x", 1<<10))
	for i := range 3 * mostFragments >> 10 {
		f.keep(i, html)
		if n := len(f.made); n<<10 > mostFragments || n == 0 || f.made[i] != html {
			t.Fatalf("%d fragments after %d", n, i+1)
		}
	}
}
