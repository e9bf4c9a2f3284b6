package pages

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// ManifestFormat names the members of a Manifest, their meaning and their order.
const ManifestFormat = "policysite-archive/1"

// Manifest is archive.json: all facts of a site, for programs. Unknown
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
	Source     string           `json:"source"`
	Content    string           `json:"content"`
	Minified   bool             `json:"minified"`
	Policies   []ManifestPolicy `json:"policies"`
}

// ManifestPolicy is one policy of a Manifest.
type ManifestPolicy struct {
	PolicyFacts
	Versions []ManifestVersion `json:"versions"` // oldest first
}

// PolicyFacts are those of a policy without its versions.
type PolicyFacts struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	URL     string        `json:"url"` // below the site's root, percent-encoded
	Path    string        `json:"path"`
	Lang    string        `json:"lang"`
	Status  policy.Status `json:"status"`
	Current OrNull        `json:"current"`
	Former  []string      `json:"former"` // addresses that lead to the policy, as url

	TranslationOf OrNull `json:"translation_of"` // id of the policy that it translates
	Translates    OrNull `json:"translates"`     // id of the version of that
	Behind        *int   `json:"behind"`         // how often that has changed since
}

// ManifestVersion is one version of a ManifestPolicy.
type ManifestVersion struct {
	VersionFacts
	Revisions []ManifestRevision `json:"revisions"` // oldest first
}

// VersionFacts are those of a version without its revisions.
type VersionFacts struct {
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
	Statements    []ManifestStatement  `json:"statements"` // made later
	Attachments   []ManifestAttachment `json:"attachments"`
	TextSHA256    OrNull               `json:"text_sha256"`
	WordingSHA256 OrNull               `json:"wording_sha256"`
	SourceSHA256  OrNull               `json:"source_sha256"`
	SourceBlob    OrNull               `json:"source_blob"`
	SourceURL     string               `json:"source_url"`
}

// ManifestStatement is what was said later of a version.
type ManifestStatement struct {
	Recorded   OrNull             `json:"recorded"` // since when it stands in history.yaml, RFC 3339, UTC
	Commit     OrNull             `json:"commit"`
	Published  policy.Date        `json:"published"`
	Effective  policy.Date        `json:"effective"`
	Seen       policy.Date        `json:"seen"`
	Evidence   OrNull             `json:"evidence"`
	Summary    OrNull             `json:"summary"`
	Change     OrNull             `json:"change"`
	ReplacedBy OrNull             `json:"replaced_by"`
	Redaction  *ManifestRedaction `json:"redaction"`
}

// ManifestRedaction says which words are withheld, and why.
type ManifestRedaction struct {
	Whole        bool        `json:"whole"`
	Block        *int        `json:"block"` // line of the visible text, from 1
	Words        *[2]int     `json:"words"` // the first and the last one of that line, from 1
	Reason       OrNull      `json:"reason"`
	Authority    OrNull      `json:"authority"`
	Date         policy.Date `json:"date"`
	SaltedSHA256 OrNull      `json:"salted_sha256"` // see policy.Redaction.SaltedSHA256
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
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return marshal(string(s), "", "")
		}
	}
	// Nearly all there are: hashes, ids, addresses.
	return append(append(append(make([]byte, 0, len(s)+2), '"'), s...), '"'), nil
}

// marshal writes JSON with "<", ">" and "&" as they are. prefix and indent are
// those of json.Indent.
func marshal(v any, prefix, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, indent)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
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
	if c.others == nil {
		c = c.Beside(all)
	}
	m := c.manifestOf(all, built)
	for _, p := range all {
		facts := c.manifestPolicy(p)
		for i := range p.Versions {
			facts.Versions = append(facts.Versions, manifestVersion(p, i))
		}
		m.Policies = append(m.Policies, facts)
	}
	return m
}

// manifestOf is the manifest of these policies without the facts of each.
func (c *Composer) manifestOf(all []*policy.Policy, built Built) Manifest {
	m := Manifest{
		Format:    ManifestFormat,
		Generator: c.site.Generator,
		Title:     c.site.Title,
		BaseURL:   c.site.BaseURL,
		Head:      built.Commit,
		At:        built.At,
		Preview:   c.site.Preview,
		Timezone:  built.Timezone,
		Source:    built.Source,
		Content:   built.Content,
		Minified:  c.site.Minified,

		NextChange: built.NextChange,
		Policies:   []ManifestPolicy{},
	}
	for _, p := range all {
		m.NextChange = policy.Earlier(m.NextChange, p.NextChange)
	}
	return m
}

// manifestPolicy is a policy with an empty list of versions.
func (c *Composer) manifestPolicy(p *policy.Policy) ManifestPolicy {
	return ManifestPolicy{c.policyFacts(p), []ManifestVersion{}}
}

func (c *Composer) policyFacts(p *policy.Policy) PolicyFacts {
	out := PolicyFacts{
		ID:     p.ID,
		Title:  p.Title,
		URL:    escapePath(p.URL),
		Path:   p.Path,
		Lang:   p.Lang,
		Status: p.Status,
		Former: make([]string, 0, len(p.Former)),
	}
	for _, former := range p.Former {
		out.Former = append(out.Former, escapePath(former))
	}
	if p.Current >= 0 {
		out.Current = OrNull(p.Versions[p.Current].ID)
	}
	if t := c.Translation(p); t != nil {
		if out.TranslationOf = OrNull(t.Of.ID); t.Version >= 0 {
			behind := len(t.Since)
			out.Translates, out.Behind = OrNull(t.Of.Versions[t.Version].ID), &behind
		}
	}
	return out
}

func versionFacts(p *policy.Policy, i int) VersionFacts {
	v := &p.Versions[i]
	out := VersionFacts{
		ID:            v.ID,
		URL:           escapePath(versionURL(p, i)),
		Kind:          v.Kind,
		Label:         OrNull(v.Label),
		Change:        OrNull(v.Change),
		Summary:       OrNull(v.Summary),
		Recorded:      stamp(v.Recorded),
		Published:     v.Published,
		Declared:      ManifestDeclared(v.Declared),
		InForce:       (*ManifestInterval)(v.InForce),
		SameTextAs:    OrNull(v.SameTextAs),
		Error:         OrNull(v.Error),
		Carried:       v.Carried,
		Redacted:      len(v.Redactions) > 0,
		Statements:    manifestStatements(v),
		Attachments:   make([]ManifestAttachment, 0, len(v.Attachments)),
		TextSHA256:    OrNull(v.TextSHA256),
		WordingSHA256: OrNull(v.WordingSHA256),
		SourceSHA256:  OrNull(v.SourceSHA256),
		SourceBlob:    OrNull(v.Blob),
		SourceURL:     escapePath(sourceURL(p, i)),
	}
	if compared(p, i) >= 0 {
		out.WordsAdded, out.WordsRemoved = &v.Comparison.Added, &v.Comparison.Removed
	}
	if out.Redacted {
		out.TextSHA256, out.WordingSHA256, out.SourceSHA256, out.SourceBlob = "", "", "", ""
	}
	for _, a := range v.Attachments {
		out.Attachments = append(out.Attachments, ManifestAttachment{a.Path, escapePath(a.URL), a.SHA256, a.Commit})
	}
	return out
}

func manifestVersion(p *policy.Policy, i int) ManifestVersion {
	v := &p.Versions[i]
	out := ManifestVersion{versionFacts(p, i), make([]ManifestRevision, 0, len(v.Revisions))}
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
		if out.Redacted {
			out.Revisions[len(out.Revisions)-1].Blob = "" // it is a hash of the words too
		}
	}
	return out
}

func manifestStatements(v *policy.Version) []ManifestStatement {
	out := []ManifestStatement{}
	for _, s := range v.Statements {
		out = append(out, ManifestStatement{
			Recorded: stamp(s.Recorded), Commit: OrNull(s.Commit),
			Published: s.Published, Effective: s.Effective, Seen: s.Seen, Evidence: OrNull(s.Evidence),
			Summary: OrNull(s.Summary), Change: OrNull(s.Change), ReplacedBy: OrNull(s.ReplacedBy),
		})
	}
	for _, r := range v.Redactions {
		said := ManifestRedaction{
			Whole: r.Whole, Reason: OrNull(r.Reason), Authority: OrNull(r.Authority), Date: r.Date,
			SaltedSHA256: OrNull(r.SaltedSHA256(v.SourceSHA256)),
		}
		if !r.Whole {
			said.Block, said.Words = &r.Block, &[2]int{r.First, r.Last}
		}
		out = append(out, ManifestStatement{Redaction: &said})
	}
	return out
}

// manifest writes archive.json, version by version: of many it is by far the
// largest file of the site.
func (c *Composer) manifest(w *whole) error {
	if !c.wants("/archive.json") {
		return nil
	}
	return w.emitFrom("archive.json", func(to io.Writer) error {
		out := listWriter{to: to}
		if !c.site.Minified {
			out.indent = " "
		} // else it is small from the start
		out.list(0, c.manifestOf(w.all, w.built), len(w.all), func(i int) {
			p := w.all[i]
			out.list(2, c.manifestPolicy(p), len(p.Versions), func(i int) {
				out.value(4, manifestVersion(p, i))
			})
		})
		if !c.site.Minified {
			out.write([]byte("\n"))
		}
		return out.err
	})
}

// listWriter writes JSON whose lists need not be in memory. Depths count the
// objects and lists around a value.
type listWriter struct {
	to     io.Writer
	indent string // for each level; "" writes all in one line
	err    error  // the first
}

func (l *listWriter) write(b []byte) {
	if l.err == nil {
		_, l.err = l.to.Write(b)
	}
}

func (l *listWriter) line(depth int) {
	if l.indent != "" {
		l.write([]byte("\n" + strings.Repeat(l.indent, depth)))
	}
}

func (l *listWriter) marshal(depth int, v any) (b []byte) {
	if l.err == nil {
		b, l.err = marshal(v, strings.Repeat(l.indent, depth), l.indent)
	}
	return b
}

// value writes a value.
func (l *listWriter) value(depth int, v any) { l.write(l.marshal(depth, v)) }

// list writes an object whose last member is a list, empty so far, with n
// elements in that list; element writes each of them, two levels deeper.
func (l *listWriter) list(depth int, object any, n int, element func(i int)) {
	frame := l.marshal(depth, object)
	end := max(bytes.LastIndexByte(frame, ']'), 0)
	l.write(frame[:end])
	for i := range n {
		if i > 0 {
			l.write([]byte(","))
		}
		l.line(depth + 2)
		element(i)
	}
	if n > 0 {
		l.line(depth + 1)
	}
	l.write(frame[end:])
}
