package policy

import (
	"cmp"
	"slices"
	"time"
)

// SampleBegins is the time of the first commit that `policysite init` makes, in seconds
// since 1970, and SamplePath the file in it.
const (
	SampleBegins = 1768469400
	SamplePath   = "content/sample.md"
)

// Step is one step of the publish branch: a commit of the first-parent chain.
// A merge is one step; the commits it brought in were never on the branch.
type Step struct {
	Commit    string    // object id, hexadecimal
	Committed time.Time // as the commit states it; committers can set it
	Authored  time.Time
	Subject   string // first line of the message
	Trailers  Trailers
	Merged    []Merged // the commits it merged that have trailers, newest first
	Undated   Undated
}

// Merged are the trailers of a commit that a step merged, and which of the paths that
// the step changed it changed itself.
type Merged struct {
	Trailers Trailers
	Paths    []string
}

// TrailersOf is what a step says of the policy at some paths: itself, else by the newest
// of the commits it merged that changed one of them, or none that the step changed.
func (s *Step) TrailersOf(paths ...string) Trailers {
	t := s.Trailers
	for _, m := range s.Merged {
		if len(m.Paths) > 0 && !slices.ContainsFunc(paths, func(p string) bool { return slices.Contains(m.Paths, p) }) {
			continue
		}
		t.Change = cmp.Or(t.Change, m.Trailers.Change)
		t.Summary = cmp.Or(t.Summary, m.Trailers.Summary)
		t.Unknown = cmp.Or(t.Unknown, m.Trailers.Unknown)
	}
	return t
}

// Undated tells which of a step's dates are not what its commit states, since it
// states none, or one that no calendar has.
type Undated struct{ Committed, Authored bool }

// Trailers are what a commit message says about the version it starts.
type Trailers struct {
	Change  string // Policy-Change: material, minor or editorial; "" when absent
	Summary string // Policy-Summary; "" when absent
	Unknown string // a value that is not read, and why: "Policy-Change: huge, expected material, …"
}

// History is everything that git says of one policy: its revisions, in the
// order of the chain, oldest first.
type History struct {
	Path      string // at the built commit; of a policy that is gone, the last one it held
	Live      bool   // is a policy at the built commit
	Revisions []Revision
}

// Revision is a step at which a policy's bytes or path changed.
type Revision struct {
	Step int    // index into the steps of the chain, which start with the oldest
	Path string // the policy's path after the step; of a deletion, the path it left
	// FromPath is the path before the step, when it differs from Path and
	// nothing lives there after the step; else "".
	FromPath string
	Blob     string // object id of the text, hexadecimal; "" for a deletion
	Unread   bool   // of a deletion: the text lives on in a format that is not read
	// By says what made the text the continuation of the one before, where it came
	// to stand at another path or came back; Likeness is how alike the two are
	// where that decided.
	By       By
	Likeness float64
}

// By says what makes two texts one policy.
type By string

const (
	ByPath     By = "path" // the policy has held it before
	ByID       By = "id"
	ByFormerly By = "formerly"
	ByBytes    By = "bytes"
	ByLikeness By = "likeness"
)
