package builder_test

import (
	"os"
	"path/filepath"
	"strings"
)

// spare is the folder that waits for the next build; "" when there is none.
func (e *editing) spare() string {
	dirs, _ := filepath.Glob(filepath.Join(e.opt.Cache, "spare", "*", "site"))
	switch len(dirs) {
	case 0:
		return ""
	case 1:
		return dirs[0]
	}
	e.t.Fatalf("several spares: %q", dirs)
	return ""
}

// spoil does something to the spare and says what.
func (e *editing) spoil() string {
	spare := e.spare()
	if spare == "" {
		return "none"
	}
	var files, folders []string
	filepath.WalkDir(spare, func(path string, d os.DirEntry, err error) error {
		if err == nil && path != spare && d.IsDir() {
			folders = append(folders, path)
		} else if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	if len(files) == 0 || len(folders) == 0 {
		return "nothing in it"
	}
	file, folder := e.pick(files...), e.pick(folders...)
	outside := filepath.Join(e.t.TempDir(), "outside")
	e.check(os.MkdirAll(outside, 0o755))
	e.check(os.WriteFile(filepath.Join(outside, "index.html"), []byte("not ours"), 0o644))
	what := e.pick("in place", "replaced", "removed", "swapped", "modes", "half", "other files", "link", "link for folder", "folder for file", "file for folder", "names", "gone", "file", "link for all", "empty")
	switch what {
	case "in place": // which is the site's file too
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
		e.check(err)
		_, err = f.WriteString("<!-- added -->")
		e.check(err)
		e.check(f.Close())
	case "replaced": // by one of the same size, time and mode
		info, err := os.Stat(file)
		e.check(err)
		e.check(os.Remove(file))
		e.check(os.WriteFile(file, []byte(strings.Repeat("x", int(info.Size()))), 0o644))
		e.check(os.Chtimes(file, info.ModTime(), info.ModTime()))
	case "removed":
		e.check(os.RemoveAll(folder))
	case "swapped": // files of the site, but at other paths
		other := e.pick(files...)
		e.check(os.Rename(file, outside+"/a"))
		os.Rename(other, file)
		e.check(os.Rename(outside+"/a", other))
	case "modes":
		for _, folder := range folders {
			e.check(os.Chmod(folder, 0o700))
		}
		e.check(os.Chmod(spare, 0o700))
	case "half":
		for _, file := range files {
			if e.rnd.IntN(2) == 0 {
				e.check(os.Remove(file))
			}
		}
	case "other files":
		e.check(os.MkdirAll(filepath.Join(folder, "other", "deep"), 0o755))
		for _, name := range []string{"other/deep/index.html", "other/a.html", ".policysite", "CNAME"} {
			e.check(os.WriteFile(filepath.Join(folder, name), []byte("other"), 0o644))
		}
		e.check(os.WriteFile(filepath.Join(spare, ".policysite"), []byte("other"), 0o644))
		e.check(os.WriteFile(filepath.Join(spare, "CNAME"), []byte("other"), 0o644))
	case "link":
		e.check(os.Remove(file))
		e.check(os.Symlink(filepath.Join(outside, "index.html"), file))
	case "link for folder":
		e.check(os.RemoveAll(folder))
		e.check(os.Symlink(outside, folder))
	case "folder for file":
		e.check(os.Remove(file))
		e.check(os.Mkdir(file, 0o755))
		e.check(os.WriteFile(filepath.Join(file, "index.html"), []byte("other"), 0o644))
	case "file for folder":
		e.check(os.RemoveAll(folder))
		e.check(os.WriteFile(folder, []byte("other"), 0o644))
	case "names":
		if upper := filepath.Join(filepath.Dir(folder), strings.ToUpper(filepath.Base(folder))); upper != folder { // a date has no letters
			e.check(os.Rename(folder, upper))
		}
	case "gone":
		e.check(os.RemoveAll(spare))
	case "file":
		e.check(os.RemoveAll(spare))
		e.check(os.WriteFile(spare, []byte("other"), 0o644))
	case "link for all":
		e.check(os.RemoveAll(spare))
		e.check(os.Symlink(outside, spare))
	case "empty":
		e.check(os.RemoveAll(spare))
		e.check(os.Mkdir(spare, 0o755))
	}
	e.spoiled++
	e.outside = append(e.outside, filepath.Join(outside, "index.html"))
	return what
}

// checkSpare makes sure that nothing is in the spare but what the site has, and
// that nothing outside was touched.
func (e *editing) checkSpare(done []string) {
	e.t.Helper()
	spare := e.spare()
	if spare != "" {
		e.check(filepath.WalkDir(spare, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			have, err := d.Info()
			e.check(err)
			rel, _ := filepath.Rel(spare, path)
			want, err := os.Lstat(filepath.Join(e.opt.Destination, rel))
			if err != nil || have.Mode() != want.Mode() || !d.IsDir() && !os.SameFile(have, want) {
				e.t.Errorf("after %q: the spare has %s, %v; the site %v (%v)", done, rel, have.Mode(), want, err)
			}
			return nil
		}))
	}
	for _, path := range e.outside {
		if content, err := os.ReadFile(path); err != nil || string(content) != "not ours" {
			e.t.Fatalf("after %q: a file outside is %q, %v", done, content, err)
		}
	}
	e.outside = nil
	beside, err := filepath.Glob(filepath.Join(filepath.Dir(e.opt.Destination), ".*"))
	if e.check(err); len(beside) > 0 {
		e.t.Errorf("after %q: beside the site stand %q", done, beside)
	}
}
