// Package history turns a git repository into the histories of its policies.
//
// The publish branch is the first-parent chain of one commit. Read walks it
// once and remembers, for every path that ever existed on it, when it changed
// and to which blob; everything else (which file was where, which texts are one
// policy) is computed from that Log. Objects come from go-git, or from the git
// program where go-git cannot read a repository. Both only hand over raw bytes,
// which are parsed here and checked against their object id, so that both give
// the same result, and a damaged object is never taken for a text.
//
// A repository that cannot give the whole truth (a shallow clone, a missing or
// corrupt object) is refused with policy.ErrHistory.
package history
