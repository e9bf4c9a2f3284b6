package publish

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/policysite/policysite/builder/policy"
)

// entry is a file, folder or link in a site.
type entry struct {
	rel  string      // relative to the site, with slashes; "." is the site
	ours bool        // the marker lists it, or a file below it
	info fs.FileInfo // nil for a file of ours
}

// look returns all that is in the site at dir, a folder before what is in it. It
// does not follow links. A mount point in it, and a folder that retire could not
// empty, is an error.
func look(dir string, ours ourPaths) (all []entry, err error) {
	err = filepath.WalkDir(dir, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		e := entry{rel: ".", ours: true}
		if full != dir {
			e.rel = filepath.ToSlash(full[len(dir)+1:])
			e.ours = ours.has(e.rel, d.IsDir())
		}
		if d.IsDir() || !e.ours {
			if e.info, err = d.Info(); err != nil {
				return err
			}
		}
		if d.IsDir() {
			if mounted, err := isMount(full, filepath.Dir(full)); err != nil {
				return err
			} else if mounted {
				return fmt.Errorf("%s is a mount point", full)
			}
			// A folder of the user may be read-only, if this process may change
			// that: see keepFolder.
			if e.ours || !isOwner(e.info) {
				if err := writable(full); err != nil {
					return policy.Fail(policy.ErrOutput, err, "make that folder writable, or choose another folder with --destination", "the site that is there could not be removed: %s cannot be written", full)
				}
			}
		}
		all = append(all, e)
		return nil
	})
	return all, err
}

// carry brings what the user put into the destination to the new site. Files are
// linked, not moved: until the swap they belong to the old site, after it to the
// new one, and a kill in between finds them in both.
func (s *Site) carry(ours ourPaths) error {
	all, err := look(s.place.path, ours)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(e entry) bool { return e.ours })
	for _, e := range all {
		if err := s.bring(e); err != nil {
			return err
		}
	}
	// The mode of a folder may forbid to fill it, so that comes when all is in it.
	for _, e := range slices.Backward(all) {
		if have, _ := s.names.inPlaceOf(e.rel); have == "" && e.info.IsDir() {
			if err := os.Chmod(s.at(e.rel), e.info.Mode()); err != nil {
				return err
			}
		}
	}
	return nil
}

// bring is carry for one file or folder.
func (s *Site) bring(e entry) error {
	old, now := inside(s.place.path, e.rel), s.at(e.rel)
	have, folder := s.names.inPlaceOf(e.rel)
	switch {
	case have == "" && e.info.IsDir():
		return s.makeFolders(e.rel)
	case have == "":
		if err := s.makeFolders(path.Dir(e.rel)); err != nil {
			return err
		}
		return link(old, now, e.info)
	case folder && e.info.IsDir():
		return nil
	}
	// With a file of the same bytes, such as an empty .nojekyll, nothing is lost.
	if equal, err := equalFiles(old, now); err != nil || equal {
		return err
	}
	return policy.Fail(policy.ErrOutput, nil, "move it elsewhere, or delete it if it is not needed",
		"%s was not written by policysite, and the new site has %s there", inside(s.place.shown, e.rel), have)
}

// inside returns where a path of the site at dir is.
func inside(dir, rel string) string { return filepath.Join(dir, filepath.FromSlash(rel)) }

// makeFolders makes rel and the folders above it in the new site, as far as they
// are missing, with the modes of folders of ours.
func (s *Site) makeFolders(rel string) error {
	if rel == "." {
		return nil
	}
	err := s.mkdir(rel)
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.makeFolders(path.Dir(rel)); err == nil {
			err = s.mkdir(rel)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// link gives the file or symbolic link at old a second name. Where the file
// system has no hard links, or forbids one (Linux does, for files of other
// users), it makes a copy with the same mode and time.
func link(old, now string, info fs.FileInfo) error {
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(old)
		if err != nil {
			return err
		}
		return os.Symlink(target, now)
	}
	err := os.Link(old, now)
	if err == nil || errors.Is(err, fs.ErrExist) || !info.Mode().IsRegular() {
		return err
	}
	return copyFile(old, now, info)
}

func copyFile(old, now string, info fs.FileInfo) (err error) {
	from, err := os.Open(old)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(now, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Chmod(info.Mode())
	}
	if err == nil {
		err = syncFile(to)
	}
	if err := errors.Join(err, to.Close()); err != nil {
		return err
	}
	return os.Chtimes(now, info.ModTime(), info.ModTime())
}

// retire removes a site that another one has replaced. What is not ours in it is
// in the new site too; a file that the user added or replaced while the sites were
// swapped moves there. The marker goes last, so that after a kill the next run
// still knows what is whose.
func retire(old, now string) error {
	ours, err := readMarker(old)
	if err != nil {
		return err
	}
	theirs, err := readMarker(now)
	if err != nil {
		return err
	}
	all, err := look(old, ours)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.ours {
			continue
		}
		from, to := inside(old, e.rel), inside(now, e.rel)
		if e.info.IsDir() {
			err = keepFolder(from, to, e.info)
		} else {
			err = keepFile(from, to, theirs.has(e.rel, false))
		}
		if err != nil {
			return err
		}
	}
	for _, e := range slices.Backward(all[1:]) {
		if e.rel == MarkerName {
			continue
		}
		// Remove takes no folder that something was put into a moment ago.
		if err := os.Remove(inside(old, e.rel)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(inside(old, MarkerName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Remove(old)
}

// keepFolder sees to it that a folder of the user is in the new site, and that
// the one in the old site can be emptied whatever its mode.
func keepFolder(old, now string, info fs.FileInfo) error {
	open := info.Mode().Perm() | 0o700
	if _, err := os.Lstat(now); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(now, open); err != nil {
			return err
		}
	}
	if info.Mode().Perm() == open {
		return nil
	}
	return os.Chmod(old, open)
}

// keepFile moves a file of the user to the new site, unless it is there already.
// page says that the new site has a file of its own there.
func keepFile(old, now string, page bool) error {
	if equal, err := equalFiles(old, now); err != nil || equal {
		return err
	}
	if page {
		now += ".saved" // the site's page stays, and nothing of the user is lost
	}
	if err := os.MkdirAll(filepath.Dir(now), dirMode); err != nil {
		return err
	}
	return os.Rename(old, now)
}

// equalFiles reports whether two paths are one file, links with one target, or
// files with the same bytes. A path that leads to nothing equals no other.
func equalFiles(a, b string) (bool, error) {
	ia, err := os.Lstat(a)
	if err != nil {
		return false, err
	}
	ib, err := os.Lstat(b)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if os.SameFile(ia, ib) {
		return true, nil
	}
	if ia.Mode()&fs.ModeSymlink != 0 && ib.Mode()&fs.ModeSymlink != 0 {
		ta, err := os.Readlink(a)
		if err != nil {
			return false, err
		}
		tb, err := os.Readlink(b)
		return ta == tb, err
	}
	if !ia.Mode().IsRegular() || !ib.Mode().IsRegular() || ia.Size() != ib.Size() {
		return false, nil
	}
	ha, err := hashFile(a)
	if err != nil {
		return false, err
	}
	hb, err := hashFile(b)
	return ha == hb, err
}

func hashFile(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return [sha256.Size]byte(h.Sum(nil)), err
}

// removeTree removes a folder of ours that never was a site, with the second
// names of the user's files in it, whatever the modes of their folders.
func removeTree(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil || !errors.Is(err, fs.ErrPermission) {
		return err
	}
	err = filepath.WalkDir(dir, func(full string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && err == nil {
			return os.Chmod(full, 0o700)
		}
		return nil
	})
	return errors.Join(err, os.RemoveAll(dir))
}
