package history

import (
	"io/fs"
	"path/filepath"

	"github.com/policysite/policysite/builder/policy"
)

// Inside reports whether a folder is in a git repository, be it a damaged one.
func Inside(dir string) bool {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	for at := abs; err == nil; at = filepath.Dir(at) {
		if _, ok, err := locateIn(at); ok || err != nil {
			return true
		}
		if filepath.Dir(at) == at {
			break
		}
	}
	return false
}

// OpenFolder returns a Repository of a folder that is in no git repository: it
// has a work tree, and no commit nor blob.
func OpenFolder(dir string) (*Repository, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return nil, policy.Fail(policy.ErrUsage, err, "", "cannot open the folder %s", dir)
	}
	return &Repository{at: location{root: abs}, objects: objects{store: noStore{}}}, nil
}

// noStore holds no object.
type noStore struct{}

func (noStore) read(oid, int64) (string, []byte, error) { return "", nil, errMissing }
func (noStore) resolve(string) (oid, error)             { return oid{}, errMissing }
func (noStore) close() error                            { return nil }

// GitFolders returns the folders, absolute, in which git notes what HEAD is and
// which commits the refs mean; none for a folder without a repository.
func (r *Repository) GitFolders() []string {
	if r.at.gitDir == "" {
		return nil
	}
	out := []string{r.at.gitDir, filepath.Join(r.at.gitDir, "logs")}
	if r.at.commonDir != r.at.gitDir {
		out = append(out, r.at.commonDir)
	}
	refs := filepath.Join(r.at.commonDir, "refs")
	filepath.WalkDir(refs, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			out = append(out, name)
		}
		return nil
	})
	return out
}
