package history

import (
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

// visit lists the files of a work tree that git does not ignore: those that are
// committed, and those that no .gitignore and no info/exclude names.
// Submodules and other repositories in the work tree are left alone.
type visit struct {
	root    string // of the work tree
	exclude string // the repository's info/exclude; "" for none
	base    *Log   // what is committed, after its last step
	skip    []string
	file    func(name string, info fs.FileInfo) error

	folders []string            // that were read, absolute
	ignored []gitignore.Pattern // of the folders from the root to the one at hand
}

func (v *visit) place(name string) string { return filepath.Join(v.root, filepath.FromSlash(name)) }

// one lists a single file; that it is named is reason enough.
func (v *visit) one(name string) error {
	info, err := os.Lstat(v.place(name))
	if err != nil || info.IsDir() {
		return nil
	}
	return v.file(name, info)
}

// below lists what is in a folder, "" for the root, and below it.
func (v *visit) below(folder string) error {
	v.ignored = nil
	if v.exclude != "" {
		v.ignore(v.exclude, nil)
	}
	if folder != "" {
		parts := strings.Split(folder, "/")
		for i := range parts {
			v.ignore(v.place(path.Join(path.Join(parts[:i]...), ".gitignore")), parts[:i])
		}
	}
	return v.list(folder)
}

// ignore adds the patterns of a file; dir is the folder they are about.
func (v *visit) ignore(file string, dir []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return // most folders have none
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			v.ignored = append(v.ignored, gitignore.ParsePattern(line, dir))
		}
	}
}

func (v *visit) list(dir string) error {
	before := len(v.ignored)
	defer func() { v.ignored = v.ignored[:before] }()
	var parts []string
	if dir != "" {
		parts = strings.Split(dir, "/")
	}
	v.ignore(v.place(path.Join(dir, ".gitignore")), parts)
	entries, err := os.ReadDir(v.place(dir))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil // it went in the meantime, or is not for us
	}
	if err != nil {
		return unreadable(err)
	}
	v.folders = append(v.folders, v.place(dir))
	matcher := gitignore.NewMatcher(v.ignored)
	head := len(v.base.Steps) - 1
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		was, committed := v.base.Lookup(head, name)
		ignored := func() bool { return matcher.Match(append(slices.Clip(parts), e.Name()), e.IsDir()) }
		switch {
		case e.Name() == ".git":
		case e.IsDir():
			if was.Mode == Submodule || slices.Contains(v.skip, name) {
				continue
			}
			if _, err := os.Lstat(v.place(name + "/.git")); err == nil {
				continue // a repository of its own
			}
			// What is committed may stand in a folder that is ignored.
			if (e.Name() == "node_modules" || ignored()) && !v.base.IsDir(head, name) {
				continue
			}
			if err := v.list(name); err != nil {
				return err
			}
		case e.Type().IsRegular() || e.Type() == fs.ModeSymlink:
			if !committed && ignored() {
				continue
			}
			info, err := e.Info()
			if err != nil {
				continue // it went in the meantime
			}
			if err := v.file(name, info); err != nil {
				return err
			}
		}
	}
	return nil
}

func unreadable(err error) error {
	return policy.Fail(policy.ErrUsage, err, "", "cannot read the work tree")
}
