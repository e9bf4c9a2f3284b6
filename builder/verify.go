package builder

import (
	"cmp"
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/policysite/policysite/builder/policy"
)

// VerifyOptions of a verification. The zero value looks at the site alone.
type VerifyOptions struct {
	Repo string // folder in the repository that the site was built from; "" asks no repository
	Git  string // as in Options

	// Progress is as in Options.
	Progress func(doing string, done, total int)
}

// Verification is what Verify found.
type Verification struct {
	Head        string // the commit that the site says it was built from
	Files       int    // that the site says it has
	Policies    int
	Versions    int
	Redacted    int          // versions whose words are withheld: only their files are checked
	Carried     int          // versions that git no longer had when the site was built
	NotInGit    int          // versions that were not looked for in the repository: carried ones, and those without revisions; 0 without one
	Differences []Difference // sorted by place
}

// Difference is one thing that is not as recorded.
type Difference struct {
	Where string          `json:"where"` // "privacy/index.html", a file; "privacy" or "privacy@2021-07-14", what archive.json says of them
	Class DifferenceClass `json:"class"`
	Want  string          `json:"want"`
	Have  string          `json:"have"`
}

func (d Difference) String() string {
	return d.Where + ": " + string(d.Class) + ": want " + d.Want + ", have " + d.Have
}

// DifferenceClass tells what kind of thing is not as recorded.
type DifferenceClass string

const (
	DiffMissing      DifferenceClass = "missing"      // a file is not there, or is no regular file
	DiffWording      DifferenceClass = "wording"      // a page says other words than the source of its version
	DiffPresentation DifferenceClass = "presentation" // a page of a version has other bytes than were published, and the words of its source
	DiffSource       DifferenceClass = "source"       // a source is not the recorded one
	DiffText         DifferenceClass = "text"         // a source, rendered, does not have the recorded text or wording
	DiffAttachment   DifferenceClass = "attachment"   // a linked file is not the recorded one
	DiffChanged      DifferenceClass = "changed"      // any other file has other bytes than were published
	DiffRecord       DifferenceClass = "record"       // archive.json or .policysite contradicts itself or the other
	DiffGit          DifferenceClass = "git"          // the repository says something else than archive.json
)

// Verify recomputes every hash of the site in a folder, from the bytes of the
// folder alone, and with opt.Repo holds its record against git. It believes
// nothing that it can compute:
//
//   - every file of the marker is there, with its SHA-256;
//   - archive.json agrees with itself and with the marker: ids, addresses,
//     intervals, references between versions;
//   - the source of every version has the recorded hashes, and rendered gives
//     the recorded text and wording;
//   - the page of every version, and the policy's own, says the words of the
//     source;
//   - with a repository: every revision is what git has at its commit and path,
//     with its date, and no change of a path while a policy held it is left out.
//
// What it cannot find: a policy that is left out altogether, or versions before
// the first that is there; and a folder that was changed throughout, hashes
// included, where no repository contradicts it.
//
// A folder that is no site is policy.ErrUsage, a repository that cannot be read
// or does not have the site's commit policy.ErrHistory. Differences are no error.
func Verify(ctx context.Context, dir string, opt VerifyOptions) (*Verification, error) {
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
	v.checkManifest()
	if err := v.checkTexts(ctx); err != nil {
		return nil, err
	}
	v.tellFiles()
	if opt.Repo != "" {
		if err := v.checkHistory(ctx); err != nil {
			return nil, err
		}
	}
	return v.result(), nil
}

// verifier is the state of a verification.
type verifier struct {
	dir  string // as the caller wrote it, for messages
	root *os.Root
	opt  VerifyOptions

	listed   map[string]string // path → SHA-256, as the marker says; nil when the marker cannot be read
	have     map[string]string // path → SHA-256 of what is there; nothing for what is no file
	manifest manifest

	mu          sync.Mutex
	told        map[string]bool // files of which a difference says more than that their bytes changed
	notInGit    int
	differences []Difference
}

// differ notes a difference.
func (v *verifier) differ(where string, class DifferenceClass, want, have string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.differences = append(v.differences, Difference{where, class, want, have})
}

// differFile notes a difference of a file, which makes it needless to say that
// its bytes changed.
func (v *verifier) differFile(path string, class DifferenceClass, want, have string) {
	v.differ(path, class, want, have)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.told[path] = true
}

// result sums up.
func (v *verifier) result() *Verification {
	out := &Verification{
		Head: v.manifest.Head, Files: len(v.listed), Policies: len(v.manifest.Policies),
		NotInGit: v.notInGit, Differences: v.differences,
	}
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
	slices.SortFunc(out.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Want, b.Want), cmp.Compare(a.Have, b.Have))
	})
	return out
}

// inParallel lets as many workers as there are processors take turns at 0 … n-1.
// A worker asks next for the next one until there is none; the first error ends
// them all.
func (v *verifier) inParallel(ctx context.Context, doing string, n int, worker func(next func() (int, bool)) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		taken int
	)
	next := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if taken == n || ctx.Err() != nil {
			return 0, false
		}
		taken++
		if v.opt.Progress != nil {
			v.opt.Progress(doing, taken, n)
		}
		return taken - 1, true
	}
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					cancel(&policy.Bug{Value: r, Stack: debug.Stack()})
				}
			}()
			if err := worker(next); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
