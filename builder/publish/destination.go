package publish

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// place is where a site goes.
type place struct {
	shown  string // as the caller wrote it, for messages
	parent string // absolute, symbolic links resolved
	path   string // the destination: parent and its name
}

// locate finds the place that dir names, and refuses one around a path to protect.
// Only the folders above the destination are resolved: the destination itself must
// not be a link.
func locate(dir string, protect []string) (place, error) {
	if dir == "" {
		return place{}, policy.Fail(policy.ErrUsage, nil, "", "expected a destination folder, found an empty name")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return place{}, policy.Fail(policy.ErrOutput, err, "", "cannot find %s", dir)
	}
	parent, base := filepath.Dir(abs), filepath.Base(abs)
	if parent == abs {
		return place{}, policy.Fail(policy.ErrOutput, nil, elsewhere, "%s is the root of a file system", dir)
	}
	if parent, err = resolve(parent); err != nil {
		return place{}, policy.Fail(policy.ErrOutput, err, "", "cannot find the folder around %s", dir)
	}
	p := place{shown: dir, parent: parent, path: filepath.Join(parent, base)}
	return p, p.allow(protect)
}

// resolve returns path with its symbolic links resolved, as far as it exists.
func resolve(path string) (string, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return resolved, err
	}
	if _, err := os.Lstat(path); err == nil {
		return "", &fs.PathError{Op: "resolve", Path: path, Err: errors.New("is a symbolic link that leads nowhere")}
	}
	above, err := resolve(filepath.Dir(path))
	return filepath.Join(above, filepath.Base(path)), err
}

const elsewhere = "choose another folder with --destination"

// beside returns the path of something of ours next to the destination.
func (p place) beside(suffix string) string {
	return filepath.Join(p.parent, "."+filepath.Base(p.path)+".policysite-"+suffix)
}

// allow refuses a destination around something that has to survive: replacing
// it would move that into the folder that is removed.
func (p place) allow(protect []string) error {
	for _, path := range protect {
		if p.holds(path) {
			return policy.Fail(policy.ErrOutput, nil, elsewhere+", for example one inside it", "%s holds what the site is made from (%s) and cannot become the site", p.shown, path)
		}
	}
	if home, err := os.UserHomeDir(); err == nil && p.holds(home) {
		return policy.Fail(policy.ErrOutput, nil, elsewhere+", for example one inside it", "%s holds your home folder and cannot become a site", p.shown)
	}
	return nil
}

// holds reports whether path is the destination or below it. Folders are
// compared as such, so that other spellings of one are the same.
func (p place) holds(path string) bool {
	self, err := os.Stat(p.path)
	exists := err == nil
	if real, err := resolve(path); err == nil {
		path = real
	}
	for {
		if path == p.path {
			return true
		}
		if info, err := os.Stat(path); err == nil && exists && os.SameFile(info, self) {
			return true
		}
		above := filepath.Dir(path)
		if above == path {
			return false
		}
		path = above
	}
}

// inspect looks at the destination, and refuses it when it is not ours to
// replace or cannot be replaced. ours is what its marker says; nil when it has none.
func (p place) inspect() (ours ourPaths, exists bool, err error) {
	refuse := func(cause error, hint, why string) (ourPaths, bool, error) {
		return nil, false, policy.Fail(policy.ErrOutput, cause, hint, "%s %s", p.shown, why)
	}
	info, err := os.Lstat(p.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, nil
	case err != nil:
		return refuse(err, "", "cannot be read")
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(p.path)
		if err != nil {
			return refuse(err, "", "cannot be read")
		}
		return refuse(nil, "name the folder that it leads to, or remove the link", "is a symbolic link to "+target+", which a new site would replace")
	case !info.IsDir():
		return refuse(nil, elsewhere, "is a file, not a folder")
	}
	switch mounted, err := isMount(p.path, p.parent); {
	case err != nil:
		return refuse(err, "", "cannot be read")
	case mounted:
		return refuse(nil, "build to a folder inside it, or mount the folder around it", "is a mount point, which cannot be swapped for a new site")
	}
	entries, err := os.ReadDir(p.path)
	if err != nil {
		return refuse(err, "", "cannot be read")
	}
	if ours, err = readMarker(p.path); err != nil {
		return refuse(err, "restore that file, or choose another folder with --destination", "may be a site of policysite, but it does not say which of its files are")
	}
	if i := foreign(entries); ours == nil && i >= 0 {
		return refuse(nil, elsewhere+", or empty this one", "is not empty and policysite did not write it; it holds "+entries[i].Name())
	}
	return ours, true, nil
}

// foreign returns the index of the first entry that a folder without a marker
// must not hold to become a site; -1 when there is none.
func foreign(entries []fs.DirEntry) int {
	return slices.IndexFunc(entries, func(e fs.DirEntry) bool {
		return !strings.HasPrefix(e.Name(), ".") && e.Name() != "CNAME"
	})
}

// makeParents makes a folder and those above it, and returns the ones that were
// missing, outermost first.
func makeParents(dir string) (made []string, err error) {
	var missing []string
	for path := dir; ; path = filepath.Dir(path) {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			break
		}
		missing = append(missing, path)
	}
	for _, path := range slices.Backward(missing) {
		switch err := os.Mkdir(path, dirMode); {
		case err == nil:
			made = append(made, path)
		case !errors.Is(err, fs.ErrExist): // another run may be faster
			return made, err
		}
	}
	return made, nil
}
