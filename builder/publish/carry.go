package publish

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/policysite/policysite/builder/policy"
)

// entry is a file, folder or link of the user inside a site.
type entry struct {
	rel  string // relative to the site, with slashes
	info fs.FileInfo
}

// eachOfUsers calls visit for everything in the site at dir that is not ours: all
// that the marker does not list, and folders that hold nothing it lists. A folder
// comes before what is in it. Links are not followed; a mount point, and a folder
// that retire could not empty, is an error.
func eachOfUsers(dir string, ours map[string]bool, visit func(entry) error) error {
	folders := foldersOf(ours)
	return filepath.WalkDir(dir, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, full)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if !d.IsDir() && ours[onDisk(rel)] {
			return nil // most are, and need no look
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return visit(entry{rel, info})
		}
		// A folder of the user may be read-only, if its owner can change that:
		// see keepFolder.
		own := full == dir || folders[onDisk(rel)]
		if err := writable(full); err != nil && (own || !isOwner(info)) {
			return policy.Fail(policy.ErrOutput, err, "make that folder writable, or choose another folder with --destination", "the site that is there could not be removed: %s cannot be written", full)
		}
		if full == dir {
			return nil
		}
		mounted, err := isMount(full, filepath.Dir(full))
		if err != nil {
			return err
		}
		if mounted {
			return fmt.Errorf("%s is a mount point", full)
		}
		if own {
			return nil
		}
		return visit(entry{rel, info})
	})
}

// foldersOf returns the folders that files stand in.
func foldersOf(files map[string]bool) map[string]bool {
	folders := map[string]bool{}
	for file := range files {
		for dir := path.Dir(file); dir != "." && !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	return folders
}

// carry brings what the user put into the destination to the new site. Files are
// linked, not moved: until the swap they belong to the old site, after it to the
// new one, and a kill in between finds them in both.
func (s *Site) carry(ours map[string]bool) error {
	var folders []entry
	err := eachOfUsers(s.place.path, ours, func(e entry) error {
		old := filepath.Join(s.place.path, filepath.FromSlash(e.rel))
		now := filepath.Join(s.new, filepath.FromSlash(e.rel))
		have, err := s.standing(e.rel)
		if err != nil {
			return err
		}
		switch {
		case have == "" && e.info.IsDir():
			// Its mode may forbid to fill it, so that comes when all is in it.
			folders = append(folders, e)
			return s.makeFolders(e.rel)
		case have == "":
			if err := s.makeFolders(path.Dir(e.rel)); err != nil {
				return err
			}
			return link(old, now, e.info)
		case e.info.IsDir() && s.isFolder(have):
			return nil
		case have == e.rel && e.info.Mode().IsRegular() && !s.isFolder(have):
			// The same bytes, as an empty .nojekyll: nothing would be lost.
			if equal, err := equalFiles(old, now); err != nil || equal {
				return err
			}
		}
		return policy.Fail(policy.ErrOutput, nil, "move it elsewhere, or delete it if it is not needed",
			"%s was not written by policysite, and the new site has %s there", filepath.Join(s.shown, filepath.FromSlash(e.rel)), have)
	})
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(folders) {
		if err := os.Chmod(filepath.Join(s.new, filepath.FromSlash(e.rel)), e.info.Mode()); err != nil {
			return err
		}
	}
	return nil
}

// standing returns what the new site has at rel, or in the place of a folder
// that leads to rel; "" when nothing is in the way.
func (s *Site) standing(rel string) (string, error) {
	if n, ok := s.names.at(rel); ok {
		return n.path, nil
	}
	for dir := path.Dir(rel); dir != "."; dir = path.Dir(dir) {
		if n, ok := s.names.at(dir); ok {
			if n.folder {
				return "", nil
			}
			return n.path, nil
		}
	}
	return "", nil
}

func (s *Site) isFolder(rel string) bool {
	n, ok := s.names.at(rel)
	return ok && n.folder
}

// makeFolders makes rel and the folders above it in the new site, as far as they
// are missing, with the modes of folders of ours.
func (s *Site) makeFolders(rel string) error {
	if rel == "." {
		return nil
	}
	err := s.mkdir(rel)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.makeFolders(path.Dir(rel)); err != nil {
			return err
		}
		err = s.mkdir(rel)
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

// retire removes a site that another one has replaced. What is not ours in it
// must stand in the new site too; a file that the user added or replaced while
// the sites were swapped moves there. A kill in between does no harm: the marker
// goes last, so the next run still knows what is whose.
func retire(old, now string) error {
	ours, err := readMarker(old)
	if err != nil {
		return err
	}
	theirs, err := readMarker(now)
	if err != nil {
		return err
	}
	r := retirement{old: old, now: now, ours: ours, folders: foldersOf(ours), site: theirs, free: make(chan struct{}, runtime.GOMAXPROCS(0)-1)}
	if err := r.empty("."); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(old, MarkerName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Remove(old)
}

type retirement struct {
	old, now string
	ours     map[string]bool // files of ours in the old site
	folders  map[string]bool // folders that these stand in
	site     map[string]bool // files of ours in the new site
	free     chan struct{}   // goroutines that may help
}

// empty removes all that is in the folder rel of the old site, but for the marker.
func (r retirement) empty(rel string) error {
	entries, err := os.ReadDir(filepath.Join(r.old, rel))
	if err != nil {
		return err
	}
	// Folders near the root may go at the same time; deeper ones are in each
	// other's way.
	parallel := strings.Count(rel, "/") < 1
	var helpers sync.WaitGroup
	errs := make([]error, len(entries))
	for i, d := range entries {
		rel := path.Join(rel, d.Name())
		if d.IsDir() && parallel {
			select {
			case r.free <- struct{}{}:
				helpers.Go(func() {
					errs[i] = r.remove(rel, true)
					<-r.free
				})
				continue
			default:
			}
		}
		if errs[i] = r.remove(rel, d.IsDir()); errs[i] != nil {
			break
		}
	}
	helpers.Wait()
	return errors.Join(errs...)
}

// remove removes a file or folder of the old site.
func (r retirement) remove(rel string, folder bool) error {
	switch {
	case rel == MarkerName:
		return nil
	case folder:
		if !r.folders[onDisk(rel)] {
			if err := r.keepFolder(rel); err != nil {
				return err
			}
		}
		if err := r.empty(rel); err != nil {
			return err
		}
	case !r.ours[onDisk(rel)]:
		if moved, err := r.keepFile(rel); moved || err != nil {
			return err
		}
	}
	return os.Remove(filepath.Join(r.old, rel))
}

// keepFolder sees to it that a folder of the user is in the new site, and that
// the one in the old site can be emptied whatever its mode.
func (r retirement) keepFolder(rel string) error {
	info, err := os.Lstat(filepath.Join(r.old, rel))
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(r.now, rel)); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Join(r.now, rel), info.Mode().Perm()|0o700); err != nil {
			return err
		}
	}
	if info.Mode().Perm()&0o700 != 0o700 {
		return os.Chmod(filepath.Join(r.old, rel), info.Mode().Perm()|0o700)
	}
	return nil
}

// keepFile moves a file of the user to the new site, unless it is there already.
func (r retirement) keepFile(rel string) (moved bool, err error) {
	old, now := filepath.Join(r.old, rel), filepath.Join(r.now, rel)
	if equal, err := equalFiles(old, now); err != nil || equal {
		return false, err
	}
	if r.site[onDisk(rel)] {
		now += ".saved" // the site's page stands, and nothing of the user is lost
	}
	if err := os.MkdirAll(filepath.Dir(now), dirMode); err != nil {
		return false, err
	}
	return true, os.Rename(old, now)
}

// equalFiles reports whether two paths are one file, links with one target, or
// files with the same bytes. A path that leads to nothing equals no other.
func equalFiles(a, b string) (bool, error) {
	ia, err := os.Lstat(a)
	if err != nil {
		return false, err
	}
	ib, err := os.Lstat(b)
	if errors.Is(err, fs.ErrNotExist) {
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
	return equalBytes(a, b)
}

func equalBytes(a, b string) (bool, error) {
	fa, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer fa.Close()
	fb, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer fb.Close()
	ba, bb := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		na, ea := io.ReadFull(fa, ba)
		nb, eb := io.ReadFull(fb, bb)
		if !bytes.Equal(ba[:na], bb[:nb]) {
			return false, nil
		}
		for _, err := range []error{ea, eb} {
			if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
				return false, err
			}
		}
		if ea != nil {
			return true, nil
		}
	}
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
