// Package verify is a stranger's check of a published site. It believes nothing
// that it can compute:
//
//   - every file of the marker is there with its SHA-256, and no other file is;
//   - archive.json agrees with itself and with the marker: ids, addresses,
//     intervals, references between versions;
//   - the source of every version has the recorded hashes, and gives, rendered,
//     the recorded text and wording;
//   - the page of every version, and the policy's own, says the words of the
//     source;
//   - with a repository: the revisions are commits, dates and blobs of the branch;
//     and the whole site, built again, has the same bytes.
//
// Building again takes from the site what only an earlier site can say: when a
// version was published, and what git no longer has. The result names that.
// Without a repository a folder that was changed throughout, hashes included, is
// not found out.
package verify

import (
	"cmp"
	"context"
	"os"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// Options of a verification. The zero value looks at the site alone.
type Options struct {
	Repo string // folder in the repository that the site was built from; "" asks no repository
	Git  string // how to read it: "auto", "go" or "cli"; "" is "auto"

	// Generator is the name and version of this program. It builds a site again
	// that it has written itself, and no other.
	Generator string
	// Rebuild builds a site again from the repository. It takes from the site,
	// whose files read gives, what git does not say, and hands every file that it
	// makes to add. Both are safe for concurrent use.
	Rebuild func(ctx context.Context, site Site, read func(path string, limit int64) ([]byte, error), add func(path string, content []byte)) ([]Taken, error)

	// Progress is told how far long work has come; nil tells nobody.
	Progress func(doing string, done, total int)
}

// Taken are facts of one kind that a rebuild took from the site, because git does
// not say them.
type Taken struct {
	What  string   `json:"what"`
	Names []string `json:"names"` // "privacy@2021-07-14", "/old/"; sorted
}

// Result is what Check found.
type Result struct {
	Head      string `json:"head"`      // the commit that the site says it was built from
	Generator string `json:"generator"` // that the site says has written it
	Counts
	Git         bool         `json:"git"`         // the repository was asked
	Rebuilt     bool         `json:"rebuilt"`     // every byte was compared with that of a rebuild
	Behind      int          `json:"behind"`      // commits of the branch after the head; -1 when the head is not on it
	Taken       []Taken      `json:"taken"`       // by the rebuild
	Differences []Difference `json:"differences"` // sorted by place
}

// Counts are how many there are of what a site has.
type Counts struct {
	Files    int `json:"files"` // that the site says it has
	Policies int `json:"policies"`
	Versions int `json:"versions"`
	Redacted int `json:"redacted"`   // versions with redacted words: what they said cannot be recomputed
	Carried  int `json:"carried"`    // versions that git no longer had when the site was built
	NotInGit int `json:"not_in_git"` // versions that git does not have; without a rebuild, also those that are older than git
}

// Difference is one thing that is not as recorded.
type Difference struct {
	Where string `json:"where"` // "privacy/index.html", a file; "privacy" or "privacy@2021-07-14", what archive.json says of them
	Class Class  `json:"class"`
	Want  string `json:"want"`
	Have  string `json:"have"`
}

func (d Difference) String() string {
	return d.Where + ": " + string(d.Class) + ": expected " + d.Want + ", found " + d.Have
}

// Class tells what kind of thing is not as recorded.
type Class string

const (
	Missing      Class = "missing"      // a file is not there, or is not a regular file
	Extra        Class = "extra"        // a file is in no list
	Wording      Class = "wording"      // a page says other words than the source of its version
	Presentation Class = "presentation" // a page of a version has other bytes than were published, and the words of its source
	Source       Class = "source"       // a source is not the recorded one
	Text         Class = "text"         // a source, rendered, does not have the recorded text or wording
	Attachment   Class = "attachment"   // a linked file is not the recorded one
	Changed      Class = "changed"      // any other file has other bytes than were published
	Record       Class = "record"       // archive.json or .policysite contradicts itself or the other
	Git          Class = "git"          // the repository gives something else
)

// Check verifies the site in a folder. A folder that is not a site is
// policy.ErrUsage, a repository that cannot be read or does not have the site's
// commit policy.ErrHistory. Differences are not an error.
func Check(ctx context.Context, dir string, opt Options) (*Result, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, policy.Fail(policy.ErrUsage, err, "", "cannot open the site")
	}
	defer root.Close()
	v := &verifier{dir: dir, root: root, opt: opt, told: map[string]bool{}}
	if err := v.readMarker(); err != nil {
		return nil, err
	}
	if err := v.hashFiles(ctx); err != nil {
		return nil, err
	}
	if err := v.readManifest(); err != nil {
		return nil, err
	}
	if v.manifest.Format != "" { // else it could not be read, and that has been told
		v.checkManifest()
		if err := v.checkTexts(ctx); err != nil {
			return nil, err
		}
	}
	v.tellFiles()
	if opt.Repo != "" && v.manifest.Format != "" {
		if err := v.checkGit(ctx); err != nil {
			return nil, err
		}
	}
	v.tellExtra()
	return v.sum(), nil
}

// verifier is the state of a verification.
type verifier struct {
	dir  string // as the caller wrote it, for messages
	root *os.Root
	opt  Options

	listed   map[string]string // path → SHA-256, as the marker says; nil when the marker cannot be read
	have     map[string]string // path → SHA-256 of what is there; nothing for what is not a file
	manifest manifest

	told   map[string]bool // files of which a difference says more than that their bytes changed
	built  map[string]bool // files of the rebuild; nil without one
	result Result
}

// differ notes a difference.
func (v *verifier) differ(where string, class Class, want, have string) {
	v.result.Differences = append(v.result.Differences, Difference{where, class, want, have})
}

// differFile notes a difference of a file, which makes it needless to say that
// its bytes changed.
func (v *verifier) differFile(path string, class Class, want, have string) {
	v.differ(path, class, want, have)
	v.told[path] = true
}

func (v *verifier) progress(doing string, done, total int) {
	if v.opt.Progress != nil {
		v.opt.Progress(doing, done, total)
	}
}

// sum sums up.
func (v *verifier) sum() *Result {
	out := &v.result
	out.Head, out.Generator, out.Files, out.Policies = v.manifest.Head, v.manifest.Generator, len(v.listed), len(v.manifest.Policies)
	for _, p := range v.manifest.Policies {
		out.Versions += len(p.Versions)
		for _, ver := range p.Versions {
			if ver.Redacted {
				out.Redacted++
			}
			if ver.Carried {
				out.Carried++
			}
		}
	}
	out.Taken, out.Differences = append([]Taken{}, out.Taken...), append([]Difference{}, out.Differences...)
	slices.SortFunc(out.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Want, b.Want), cmp.Compare(a.Have, b.Have))
	})
	return out
}
