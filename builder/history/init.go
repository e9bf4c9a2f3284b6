package history

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/policysite/policysite/builder/policy"
)

// InitialCommit is a commit that Init makes.
type InitialCommit struct {
	Files       map[string][]byte // all files that this commit adds or changes, by path with slashes
	Message     string            // "" leaves the files uncommitted
	Name, Email string            // of author and committer
	When        time.Time
}

// Init creates a git repository in dir, which may exist and hold files, with
// the branch main and these commits, and leaves the files of the last one in
// the work tree. It needs neither the git program nor the user's
// configuration. A dir that is a repository already, or that has one of the
// files, is policy.ErrOutput, and nothing is written.
func Init(dir string, commits []InitialCommit) error {
	fail := func(err error) error {
		return policy.Fail(policy.ErrOutput, err, "", "cannot create a git repository in %s", dir)
	}
	for _, c := range commits {
		for _, path := range slices.Sorted(maps.Keys(c.Files)) {
			if !filepath.IsLocal(filepath.FromSlash(path)) {
				return fail(fmt.Errorf("%q is not a path within it", path))
			}
			if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(path))); err == nil {
				return policy.Fail(policy.ErrOutput, nil, "name a folder that does not exist yet", "%s already exists", filepath.Join(dir, path))
			}
		}
	}
	repo, err := git.PlainInitWithOptions(dir, &git.PlainInitOptions{
		InitOptions: git.InitOptions{DefaultBranch: plumbing.NewBranchReferenceName("main")},
	})
	if errors.Is(err, git.ErrRepositoryAlreadyExists) {
		return policy.Fail(policy.ErrOutput, nil, "name a folder that does not exist yet", "%s is a git repository already", dir)
	}
	if err != nil {
		return fail(err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		return fail(err)
	}
	for _, c := range commits {
		for _, path := range slices.Sorted(maps.Keys(c.Files)) {
			file := filepath.Join(dir, filepath.FromSlash(path))
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				return fail(err)
			}
			if err := os.WriteFile(file, c.Files[path], 0o666); err != nil {
				return fail(err)
			}
			if c.Message == "" {
				continue
			}
			if _, err := tree.Add(path); err != nil {
				return fail(err)
			}
		}
		if c.Message == "" {
			continue
		}
		who := &object.Signature{Name: c.Name, Email: c.Email, When: c.When}
		if _, err := tree.Commit(c.Message, &git.CommitOptions{Author: who, Committer: who}); err != nil {
			return fail(err)
		}
	}
	return nil
}
