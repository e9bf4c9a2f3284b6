package builder_test

import (
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
)

// Which version the record shows as in force, on repositories whose clocks and
// date lines are not what one would wish.
func TestInForce(t *testing.T) {
	tests := []struct {
		name    string
		steps   []step
		want    string
		warning string
	}{
		{
			name: "a clock that runs backwards does not bring an older text back",
			steps: []step{
				on("2021-01-01", privacy("A\n")), on("2021-06-01", privacy("B\n")), on("2021-03-01", privacy("C\n")), on("2021-04-01", privacy("D\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-04-01
				 2021-01-01 initial [2021-01-01, 2021-03-01)
				 2021-06-01 wording
				 2021-03-01 wording [2021-03-01, 2021-04-01)
				 2021-04-01 wording [2021-04-01, )`,
		},
		{
			name: "a date line changed after it took effect rewrites nothing",
			steps: []step{
				on("2021-01-01", privacy("A\n")),
				on("2021-02-01", privacy("B\n\nEffective March 1, 2021\n")),
				on("2021-06-01", privacy("B\n\nEffective February 15, 2021\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-06-01
				 2021-01-01 initial [2021-01-01, 2021-03-01)
				 2021-02-01 wording [2021-03-01, 2021-06-01)
				 2021-06-01 dates [2021-06-01, )`,
			warning: "content/privacy.md:3: effective: 2021-02-15 is before the day the version was recorded, 2021-06-01, and does not count",
		},
		{
			name: "a pending version that is postponed takes effect on its first day, until it is replaced",
			steps: []step{
				on("2021-01-01", privacy("A\n")),
				on("2021-02-01", privacy("---\neffective: 2021-03-01\n---\nB\n")),
				on("2021-02-15", privacy("---\neffective: 2021-05-01\n---\nB\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-02-15
				 2021-01-01 initial [2021-01-01, 2021-03-01)
				 2021-02-01 wording [2021-03-01, 2021-05-01)
				 2021-02-15 dates [2021-05-01, )`,
		},
		{
			name: "a pending version that is withdrawn never was in force",
			steps: []step{
				on("2021-01-01", privacy("A\n"), write("content/x.md", "X\n")),
				on("2021-02-01", write("content/x.md", "---\neffective: 2021-06-01\n---\nY\n")),
				on("2021-03-01", write("content/x.md", "X\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-01-01
				 2021-01-01 initial [2021-01-01, )
				x content/x.md in-force 2021-03-01
				 2021-01-01 initial [2021-01-01, 2021-03-01)
				 2021-02-01 wording
				 2021-03-01 wording [2021-03-01, ) = 2021-01-01`,
		},
		{
			name: "retroactive, for one version",
			steps: []step{
				on("2021-01-01", privacy("A\n")),
				on("2021-06-01", privacy("---\neffective: 2021-03-01\nretroactive: true\n---\nB\n")),
				on("2021-07-01", privacy("---\neffective: 2021-03-01\nretroactive: true\n---\nC\n")),
			},
			want: `
				privacy content/privacy.md in-force 2021-07-01
				 2021-01-01 initial [2021-01-01, 2021-03-01)
				 2021-06-01 wording [2021-03-01, 2021-07-01)
				 2021-07-01 wording [2021-07-01, )`,
		},
		{
			name: "an earlier date without retroactive does not count",
			steps: []step{
				on("2021-06-01", privacy("---\ntitle: P\neffective: 2021-03-01\n---\nB\n")),
				on("2021-07-01", rename("content/privacy.md", "content/p.md")),
			},
			want: `
				p content/p.md in-force 2021-06-01
				 2021-06-01 initial [2021-06-01, ) + move from content/privacy.md`,
			warning: "content/p.md:3: effective: 2021-03-01 is before the day the version was recorded, 2021-06-01, and does not count",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := built(t, repository(t, test.steps...))
			expect(t, s.tell(), test.want)
			if have := s.result.Warnings.Error(); have != test.warning {
				t.Errorf("warnings: %s", have)
			}
		})
	}
}

// On a gap the site shows no version as in force, and the record says since
// when.
func TestGapsAreNotInForce(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("A\n"), write("content/x.md", "X\n")),
		on("2021-02-01", remove("content/privacy.md")),
		on("2021-03-01", privacy("B\n")),
		on("2021-04-01", privacy("---\ndraft: true\n---\nC\n")),
		on("2021-05-01", privacy("D\n")),
	)
	for at, want := range map[string]string{
		"2021-01-31": "in-force 2021-01-01 next 2021-02-01",
		"2021-02-01": "withdrawn  next 2021-03-01",
		"2021-03-31": "in-force 2021-03-01 next 2021-04-01",
		"2021-04-30": "withdrawn  next 2021-05-01",
		"2021-05-01": "in-force 2021-05-01 next ",
	} {
		s := built(t, r, func(o *builder.Options) { o.At = date(at) })
		p := s.Policies[0]
		if have := strings.Join([]string{p.Status, or(p.Current), "next", or(s.NextChange)}, " "); have != want {
			t.Errorf("at %s: %s, want %s", at, have, want)
		}
	}
}
