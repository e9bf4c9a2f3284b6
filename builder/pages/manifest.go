package pages

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// Manifest is archive.json: all facts of a site, for programs. Its members and
// their order are a format of their own, "policysite-archive/1"; unknown
// values are null and never absent, lists are never null.
type Manifest struct {
	Format     string           `json:"format"`
	Generator  string           `json:"generator"`
	Title      string           `json:"title"`
	BaseURL    string           `json:"base_url"`
	Head       string           `json:"head"`
	At         policy.Date      `json:"at"`
	Preview    bool             `json:"preview"`
	Timezone   string           `json:"timezone"`
	NextChange policy.Date      `json:"next_change"`
	Policies   []ManifestPolicy `json:"policies"`
}

// ManifestPolicy is one policy of a Manifest.
type ManifestPolicy struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	URL      string            `json:"url"` // below the site's root, percent-encoded
	Path     string            `json:"path"`
	Lang     string            `json:"lang"`
	Status   policy.Status     `json:"status"`
	Current  OrNull            `json:"current"`
	Versions []ManifestVersion `json:"versions"` // oldest first
}

// ManifestVersion is one version of a ManifestPolicy.
type ManifestVersion struct {
	ID            string               `json:"id"`
	URL           string               `json:"url"`
	Kind          policy.Kind          `json:"kind"`
	Label         OrNull               `json:"label"`
	Change        OrNull               `json:"change"`
	Summary       OrNull               `json:"summary"`
	Recorded      OrNull               `json:"recorded"` // RFC 3339, UTC
	Published     policy.Date          `json:"published"`
	Declared      ManifestDeclared     `json:"declared"`
	InForce       *ManifestInterval    `json:"in_force"`
	WordsAdded    *int                 `json:"words_added"`
	WordsRemoved  *int                 `json:"words_removed"`
	SameTextAs    OrNull               `json:"same_text_as"`
	Error         OrNull               `json:"error"`
	Carried       bool                 `json:"carried"`
	Redacted      bool                 `json:"redacted"`
	Statements    []struct{}           `json:"statements"` // none, as long as nothing reads any
	Attachments   []ManifestAttachment `json:"attachments"`
	TextSHA256    OrNull               `json:"text_sha256"`
	WordingSHA256 OrNull               `json:"wording_sha256"`
	SourceSHA256  OrNull               `json:"source_sha256"`
	SourceBlob    OrNull               `json:"source_blob"`
	SourceURL     string               `json:"source_url"`
	Revisions     []ManifestRevision   `json:"revisions"` // oldest first
}

// ManifestDeclared are the dates that a version's author states.
type ManifestDeclared struct {
	LastUpdated       policy.Date `json:"last_updated"`
	Effective         policy.Date `json:"effective"`
	LastUpdatedInText bool        `json:"last_updated_in_text"`
	EffectiveInText   bool        `json:"effective_in_text"`
}

// ManifestInterval are the days on which a version is in force, half open.
type ManifestInterval struct {
	From  policy.Date `json:"from"`
	Until policy.Date `json:"until"`
}

// ManifestAttachment is a state of a file that a version's text links to.
type ManifestAttachment struct {
	Path   string `json:"path"`
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
	Commit string `json:"commit"`
}

// ManifestRevision is one revision of a policy.
type ManifestRevision struct {
	Commit   string      `json:"commit"`
	Blob     OrNull      `json:"blob"`
	Path     string      `json:"path"`
	FromPath OrNull      `json:"from_path"`
	Recorded OrNull      `json:"recorded"`
	Kind     policy.Kind `json:"kind"`
	Subject  OrNull      `json:"subject"`
}

// OrNull is a string that is written as null when it is empty, and read as
// empty from null.
type OrNull string

// MarshalJSON writes the string, or null, without escaping what only matters
// inside HTML.
func (s OrNull) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return marshal(string(s), "")
}

// marshal writes JSON with "<", ">" and "&" as they are.
func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return b.Bytes(), err
}

// stamp writes a recorded time as RFC 3339 in UTC; nothing for no time.
func stamp(t time.Time) OrNull {
	if t.IsZero() {
		return ""
	}
	return OrNull(t.UTC().Format(time.RFC3339))
}

// Manifest returns the facts of all policies, in the order given.
func (c *Composer) Manifest(all []*policy.Policy, built Built) Manifest {
	m := Manifest{
		Format:    "policysite-archive/1",
		Generator: c.site.Generator,
		Title:     c.site.Title,
		BaseURL:   c.site.BaseURL,
		Head:      built.Commit,
		At:        built.At,
		Preview:   c.site.Preview,
		Timezone:  built.Timezone,
		Policies:  []ManifestPolicy{},
	}
	for _, p := range all {
		if d := p.NextChange; !d.IsZero() && (m.NextChange.IsZero() || d.Before(m.NextChange)) {
			m.NextChange = d
		}
		m.Policies = append(m.Policies, manifestPolicy(p))
	}
	return m
}

func manifestPolicy(p *policy.Policy) ManifestPolicy {
	out := ManifestPolicy{
		ID:       p.ID,
		Title:    p.Title,
		URL:      escapePath(p.URL),
		Path:     p.Path,
		Lang:     p.Lang,
		Status:   p.Status,
		Versions: make([]ManifestVersion, 0, len(p.Versions)),
	}
	if p.Current >= 0 {
		out.Current = OrNull(p.Versions[p.Current].ID)
	}
	for i := range p.Versions {
		out.Versions = append(out.Versions, manifestVersion(p, i))
	}
	return out
}

func manifestVersion(p *policy.Policy, i int) ManifestVersion {
	v := &p.Versions[i]
	out := ManifestVersion{
		ID:            v.ID,
		URL:           escapePath(versionURL(p, i)),
		Kind:          v.Kind,
		Label:         OrNull(v.Label),
		Change:        OrNull(v.Change),
		Summary:       OrNull(v.Summary),
		Recorded:      stamp(v.Recorded),
		Declared:      ManifestDeclared(v.Declared),
		InForce:       (*ManifestInterval)(v.InForce),
		SameTextAs:    OrNull(v.SameTextAs),
		Error:         OrNull(v.Error),
		Statements:    []struct{}{},
		Attachments:   make([]ManifestAttachment, 0, len(v.Attachments)),
		TextSHA256:    OrNull(v.TextSHA256),
		WordingSHA256: OrNull(v.WordingSHA256),
		SourceSHA256:  OrNull(v.SourceSHA256),
		SourceBlob:    OrNull(v.Blob),
		SourceURL:     escapePath(sourceURL(p, i)),
		Revisions:     make([]ManifestRevision, 0, len(v.Revisions)),
	}
	if compared(p, i) >= 0 {
		out.WordsAdded, out.WordsRemoved = &v.Comparison.Added, &v.Comparison.Removed
	}
	for _, a := range v.Attachments {
		out.Attachments = append(out.Attachments, ManifestAttachment{a.Path, escapePath(a.URL), a.SHA256, a.Commit})
	}
	for _, r := range v.Revisions {
		out.Revisions = append(out.Revisions, ManifestRevision{
			Commit:   r.Commit,
			Blob:     OrNull(r.Blob),
			Path:     r.Path,
			FromPath: OrNull(r.FromPath),
			Recorded: stamp(r.Recorded),
			Kind:     r.Kind,
			Subject:  OrNull(r.Subject),
		})
	}
	return out
}

// manifest writes archive.json.
func (c *Composer) manifest(w *whole) error {
	if !c.wants("/archive.json") {
		return nil
	}
	b, err := marshal(c.Manifest(w.all, w.built), " ")
	if err != nil {
		return err
	}
	return w.emit("archive.json", b, false)
}
