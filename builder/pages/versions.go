package pages

import (
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Current is current.json of a policy: what an app asks that knows which version its
// user has accepted. Nothing in it changes from one day to the next unless another
// version is in force.
type Current struct {
	ID       string          `json:"id"` // of the policy
	Title    string          `json:"title"`
	URL      string          `json:"url"` // below the site's root, percent-encoded
	Lang     string          `json:"lang"`
	Version  *CurrentVersion `json:"version"`  // the one in force; null when none is
	Material CurrentChange   `json:"material"` // the latest change marked material that is or was in force, else the first version
	Upcoming *CurrentVersion `json:"upcoming"` // the next to be in force; null when none is known
}

// CurrentChange names a version.
type CurrentChange struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

// CurrentVersion is a version of a Current.
type CurrentVersion struct {
	CurrentChange
	Label         OrNull            `json:"label"`
	InForce       *ManifestInterval `json:"in_force"`
	TextSHA256    OrNull            `json:"text_sha256"` // null where words are redacted
	WordingSHA256 OrNull            `json:"wording_sha256"`
}

// Versions is versions.json of a policy: what archive.json says of it, without the
// revisions.
type Versions struct {
	PolicyFacts
	Versions []VersionFacts   `json:"versions"` // oldest first
	Origins  []ManifestOrigin `json:"origins"`  // of each line of the text in force; null where it has more than maxOrigins
}

// maxOrigins lines are more than any policy has; the file of a text of a million
// one-letter lines would be larger than the text by far.
const maxOrigins = 20_000

// maxCurrent is the size of a current.json in bytes, which apps may ask for often.
const maxCurrent = 2048

// current tells which version of a policy is in force.
func current(p *policy.Policy) Current {
	named := func(i int) CurrentChange {
		return CurrentChange{p.Versions[i].ID, escapePath(versionURL(p, i))}
	}
	version := func(i int) *CurrentVersion {
		v := versionFacts(p, i)
		return &CurrentVersion{named(i), v.Label, v.InForce, v.TextSHA256, v.WordingSHA256}
	}
	out := Current{ID: p.ID, Title: p.Title, URL: escapePath(p.URL), Lang: p.Lang, Material: named(0)}
	if p.Current >= 0 {
		out.Version = version(p.Current)
	}
	for i := range p.Versions {
		switch v := &p.Versions[i]; {
		case v.Draft:
		case stateOf(p, i) == stateUpcoming:
			if out.Upcoming == nil {
				out.Upcoming = version(i)
			}
		case v.IsChange() && v.Mark() == policy.Material && (p.Current < 0 || i <= p.Current):
			out.Material = named(i)
		}
	}
	return out
}

// small writes a Current, with a title and labels cut where they would make it larger
// than maxCurrent.
func (cur Current) small() ([]byte, error) {
	b, err := marshal(cur, "", "")
	if err != nil || len(b) < maxCurrent {
		return append(b, '\n'), err
	}
	const most = 60 // characters
	cur.Title = cut(cur.Title, most)
	for _, v := range []*CurrentVersion{cur.Version, cur.Upcoming} {
		if v != nil {
			v.Label = OrNull(cut(string(v.Label), most))
		}
	}
	b, err = marshal(cur, "", "")
	return append(b, '\n'), err
}

// cut shortens a text to a number of characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

// programFile is what programs ask for of a policy: a file below its URL.
type programFile struct {
	name string
	copy func(p *policy.Policy, again Again, emit Emit) error // makes it once more, for a former URL
}

func (c *Composer) programFiles() []programFile {
	all := *c
	all.only = ""
	files := []programFile{
		{"current.json", func(p *policy.Policy, _ Again, emit Emit) error { return all.current(p, emit) }},
		{"versions.json", func(p *policy.Policy, _ Again, emit Emit) error { return all.versions(p, emit) }},
	}
	if c.base.origin != "" {
		files = append(files, programFile{feedName, all.copyFeed})
	}
	return files
}

// current writes current.json.
func (c *Composer) current(p *policy.Policy, emit Emit) error {
	name := p.URL + "current.json"
	if !c.wants(name) {
		return nil
	}
	b, err := current(p).small()
	if err != nil {
		return err
	}
	return emit(file(name), b)
}

// versions writes versions.json.
func (c *Composer) versions(p *policy.Policy, emit Emit) error {
	name := p.URL + "versions.json"
	if !c.wants(name) {
		return nil
	}
	out := Versions{PolicyFacts: c.policyFacts(p), Versions: []VersionFacts{}}
	if n := len(p.Origins); n == 0 || p.Origins[n-1].Line+p.Origins[n-1].Lines <= maxOrigins {
		out.Origins = ManifestOrigins(p)
	}
	for i := range p.Versions {
		if !p.Versions[i].Draft {
			out.Versions = append(out.Versions, versionFacts(p, i))
		}
	}
	indent := " "
	if c.site.Minified {
		indent = ""
	}
	b, err := marshal(out, "", indent)
	if err != nil {
		return err
	}
	return emit(file(name), append(b, '\n'))
}
