package history

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"

	"github.com/policysite/policysite/builder/policy"
)

// Uncommitted returns the paths, sorted and relative to the root, at which the
// work tree differs from a commit: files that were modified, that are new and
// not ignored, and that are gone. Only files that relevant accepts are looked
// at. Line ends do not count, since git may convert them; nor do executable
// bits. Submodules and nested repositories are left alone.
//
// .gitignore files and info/exclude say what is ignored. In a sparse checkout
// nothing is reported as gone. A bare repository is policy.ErrUsage.
func (r *Repository) Uncommitted(commit string, relevant func(path string) bool) ([]string, error) {
	if r.Bare() {
		return nil, policy.Fail(policy.ErrUsage, nil, "", "%s is a bare repository, it has no work tree", r.at.gitDir)
	}
	committed, err := r.snapshot(commit)
	if err != nil {
		return nil, err
	}
	t := &workTree{r: r, committed: committed, relevant: relevant, seen: make(map[string]bool)}
	t.ignore(filepath.Join(r.at.commonDir, "info", "exclude"), nil)
	if err := t.visit(""); err != nil {
		return nil, err
	}
	sparse := slices.ContainsFunc(r.at.config, func(s setting) bool {
		return s.section == "core" && s.key == "sparsecheckout" && s.isTrue()
	})
	for path, e := range committed {
		if !t.seen[path] && !sparse && e.mode != Submodule && relevant(path) {
			t.changed = append(t.changed, path)
		}
	}
	slices.Sort(t.changed)
	return t.changed, nil
}

// snapshot lists the files of a commit.
func (r *Repository) snapshot(commit string) (map[string]entry, error) {
	id, ok := parseOID(commit)
	if !ok {
		return nil, policy.Fail(policy.ErrUsage, nil, "", "want the id of a commit, have %q", commit)
	}
	c, err := r.objects.commit(id)
	if err != nil {
		return nil, failure(err, "")
	}
	// What became of nothing in one step is all that the commit holds.
	w := newWalker(r.objects)
	w.log.Steps = []policy.Step{{Commit: commit}}
	if err := w.compare(oid{}, c.tree, "", 0); err != nil {
		return nil, err
	}
	files := make(map[string]entry)
	for path, events := range w.paths {
		files[path] = entry{mode: (*events)[0].mode, id: w.log.blobs[(*events)[0].blob]}
	}
	return files, nil
}

// workTree is one comparison of the work tree with a commit.
type workTree struct {
	r         *Repository
	committed map[string]entry
	relevant  func(string) bool
	patterns  []gitignore.Pattern // of the folders from the root to the one being visited
	seen      map[string]bool
	changed   []string
}

// visit compares what is in a folder, and below it.
func (t *workTree) visit(dir string) error {
	before := len(t.patterns)
	defer func() { t.patterns = t.patterns[:before] }()
	var parts []string
	if dir != "" {
		parts = strings.Split(dir, "/")
	}
	t.ignore(t.place(path.Join(dir, ".gitignore")), parts)
	entries, err := os.ReadDir(t.place(dir))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil // it went in the meantime, or is not for us
	}
	if err != nil {
		return policy.Fail(policy.ErrUsage, err, "", "cannot read the work tree")
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		_, tracked := t.committed[name]
		ignored := gitignore.NewMatcher(t.patterns).Match(strings.Split(name, "/"), e.IsDir())
		if e.IsDir() {
			if e.Name() == ".git" || t.committed[name].mode == Submodule {
				continue
			}
			if _, err := os.Lstat(t.place(name + "/.git")); err == nil {
				continue
			}
			// A tracked file may stand in an ignored folder.
			if !ignored || t.holdsTracked(name) {
				if err := t.visit(name); err != nil {
					return err
				}
			}
			continue
		}
		if e.Name() == ".git" || !e.Type().IsRegular() && e.Type() != fs.ModeSymlink || ignored && !tracked || !t.relevant(name) {
			continue
		}
		t.seen[name] = true
		same, err := t.same(name, e.Type())
		if err != nil {
			return err
		}
		if !same {
			t.changed = append(t.changed, name)
		}
	}
	return nil
}

func (t *workTree) place(path string) string {
	return filepath.Join(t.r.at.root, filepath.FromSlash(path))
}

func (t *workTree) holdsTracked(dir string) bool {
	for path := range t.committed {
		if strings.HasPrefix(path, dir+"/") {
			return true
		}
	}
	return false
}

// ignore adds the patterns of a file; dir is the folder they are about.
func (t *workTree) ignore(file string, dir []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return // most folders have none
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			t.patterns = append(t.patterns, gitignore.ParsePattern(line, dir))
		}
	}
}

// same reports whether a file holds what was committed.
func (t *workTree) same(name string, typ fs.FileMode) (bool, error) {
	was, ok := t.committed[name]
	if !ok || (was.mode == Symlink) != (typ == fs.ModeSymlink) {
		return false, nil
	}
	if typ == fs.ModeSymlink {
		target, err := os.Readlink(t.place(name))
		return err == nil && hashObject(kindBlob, []byte(filepath.ToSlash(target)), was.id.size) == was.id, nil
	}
	now, err := os.ReadFile(t.place(name))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, policy.Fail(policy.ErrUsage, err, "", "cannot read the work tree")
	}
	if hashObject(kindBlob, now, was.id.size) == was.id {
		return true, nil
	}
	then, err := t.r.Blob(was.id.String())
	if errors.Is(err, policy.ErrContent) {
		return false, nil // too large to compare further
	}
	if err != nil {
		return false, err
	}
	return bytes.Equal(unixLines(then), unixLines(now)), nil
}

func unixLines(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
}
