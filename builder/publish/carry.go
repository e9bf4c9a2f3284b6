package publish

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// entry is a file, folder or link of the user inside a site.
type entry struct {
	rel  string // relative to the site, with slashes
	info fs.FileInfo
}

// look finds out what in the site at dir is not ours: all that the marker does
// not list, and folders that hold nothing it lists. before is what an earlier
// look found; nil when there was none.
func look(dir string, ours *ourFiles, before contents) (contents, error) {
	return readContents(dir, before, ours.has)
}

// users are the entries in t, the contents of the site at dir, that are not ours; a
// folder comes before what is in it. A mount point, and a folder that retire
// could not empty, is an error.
func (t contents) users(dir string, ours *ourFiles) ([]entry, error) {
	var all []entry
	for rel, l := range t {
		full := filepath.Join(dir, filepath.FromSlash(rel))
		own := rel == "." || ours.hasFolder(rel)
		// A folder of the user may be read-only, if its owner can change that:
		// see keepFolder.
		if !l.stamp.open && (own || !l.stamp.own) {
			if err := writable(full); err != nil {
				return nil, policy.Fail(policy.ErrOutput, err, "make that folder writable, or choose another folder with --destination", "the site that is there could not be removed: %s cannot be written", full)
			}
		}
		if l.stamp.mounted && rel != "." {
			return nil, fmt.Errorf("%s is a mount point", full)
		}
		if !own {
			all = append(all, entry{rel: rel})
		}
		for _, f := range l.files {
			all = append(all, entry{rel: join(rel, f.name)})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.rel, b.rel) })
	for i := range all {
		var err error
		if all[i].info, err = os.Lstat(filepath.Join(dir, filepath.FromSlash(all[i].rel))); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// lookAgain looks at the destination once more, and returns what the user put
// there.
func (s *Site) lookAgain() (held holdings, users []entry, err error) {
	held, err = s.place.inspect(s.ours)
	if err != nil || !held.exists {
		return held, nil, err
	}
	before := s.seen
	if held.ours != s.ours {
		before = nil // it tells apart what is no longer so
	}
	if s.seen, err = look(s.place.path, held.ours, before); err == nil {
		users, err = s.seen.users(s.place.path, held.ours)
	}
	if err != nil {
		err = s.uncarried(err)
	}
	return held, users, err
}

// carry brings what the user put into the destination to the new site. Files are
// linked, not moved: until the swap they belong to the old site, after it to the
// new one, and a kill in between finds them in both.
func (s *Site) carry(users []entry) error {
	var folders []entry
	for _, e := range users {
		have, err := s.standing(e.rel)
		if err != nil {
			return err
		}
		switch {
		case have == "" && e.info.IsDir():
			// Its mode may forbid to fill it, so that comes when all is in it.
			folders = append(folders, e)
			err = s.makeFolders(e.rel)
		case have == "":
			if err = s.makeFolders(path.Dir(e.rel)); err == nil {
				err = link(s.there(e.rel), s.at(e.rel), e.info)
			}
		case !e.info.IsDir() || !s.isFolder(have):
			err = s.inTheWay(e, have)
		}
		if err != nil {
			return err
		}
	}
	for _, e := range slices.Backward(folders) {
		if err := os.Chmod(s.at(e.rel), e.info.Mode()); err != nil {
			return err
		}
	}
	return nil
}

// inTheWay is an error unless an entry of the user is a file, and have, what the
// new site has there, is one of the same bytes, as an empty .nojekyll: nothing
// would be lost.
func (s *Site) inTheWay(e entry, have string) error {
	if have == e.rel && e.info.Mode().IsRegular() && !s.isFolder(have) {
		if equal, err := equalFiles(s.there(e.rel), s.at(e.rel)); err != nil || equal {
			return err
		}
	}
	return policy.Fail(policy.ErrOutput, nil, "move it elsewhere, or delete it if it is not needed",
		"%s was not written by policysite, and the new site has %s there", filepath.Join(s.shown, filepath.FromSlash(e.rel)), have)
}

// there is where a path of the site at the destination is.
func (s *Site) there(rel string) string { return filepath.Join(s.place.path, filepath.FromSlash(rel)) }

// standing returns what the new site has at rel, or in the place of a folder
// that leads to rel; "" when nothing is in the way.
func (s *Site) standing(rel string) (string, error) {
	if _, ok := s.names.at(rel); ok {
		return rel, nil
	}
	for dir := path.Dir(rel); dir != "."; dir = path.Dir(dir) {
		if f, ok := s.names.at(dir); ok {
			if f == nil {
				return "", nil
			}
			return dir, nil
		}
	}
	return "", nil
}

func (s *Site) isFolder(rel string) bool {
	f, ok := s.names.at(rel)
	return ok && f == nil
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

// retirement is what happens to a site that another one has replaced.
type retirement struct {
	old, now string            // where the two sites are
	ours     *ourFiles         // files of ours in the old site
	site     func(string) bool // whether a file of the new site is ours
	seen     contents          // of the old site, after it was replaced
	keeps    keeps             // what stays in the old site
}

// keeps says of a file or folder of ours whether it stays; nil: nothing does.
type keeps func(rel string, folder bool) bool

// retire removes a site of which nobody knows any more what is in it.
func retire(old, now string) error {
	ours, err := readMarker(old, nil)
	if err != nil {
		return err
	}
	theirs, err := readMarker(now, ours)
	if err != nil {
		return err
	}
	seen, err := look(old, ours, nil)
	if err != nil {
		return err
	}
	r := retirement{old: old, now: now, ours: ours, site: theirs.has, seen: seen}
	if err := r.empty(); err != nil {
		return err
	}
	return os.Remove(old)
}

// empty removes from the old site all that does not stay. What is not ours in it
// must stand in the new site too; a file that the user added or replaced while
// the sites were swapped moves there. A kill in between does no harm: the marker
// goes last, so the next run still knows what is whose.
func (r retirement) empty() error {
	users, err := r.seen.users(r.old, r.ours)
	if err != nil {
		return err
	}
	var gone []string
	for _, e := range users {
		if e.info.IsDir() {
			if err := r.keepFolder(e); err != nil {
				return err
			}
			continue
		}
		moved, err := r.keepFile(e.rel)
		if err != nil {
			return err
		}
		if !moved {
			gone = append(gone, e.rel)
		}
	}
	if r.ours != nil {
		for rel := range r.ours.files {
			if r.keeps == nil || !r.keeps(rel, false) {
				gone = append(gone, rel)
			}
		}
	}
	for rel := range r.seen {
		if rel != "." && (r.keeps == nil || !r.keeps(rel, true)) {
			gone = append(gone, rel)
		}
	}
	if err := removeAll(r.old, gone); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(r.old, MarkerName)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeAll removes files, and folders in which nothing else is, from a folder.
func removeAll(dir string, paths []string) error {
	// Folders at the top may be emptied at the same time; deeper ones are in
	// each other's way.
	tops := map[string][]string{}
	for _, p := range paths {
		top, _, _ := strings.Cut(p, "/")
		tops[top] = append(tops[top], p)
	}
	return atOnce(slices.Collect(maps.Values(tops)), func(paths []string) error {
		slices.Sort(paths) // a folder comes before what is in it
		for _, path := range slices.Backward(paths) {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(path))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	})
}

// keepFolder sees to it that a folder of the user is in the new site, and that
// the one in the old site can be emptied whatever its mode.
func (r retirement) keepFolder(e entry) error {
	rel, info := filepath.FromSlash(e.rel), e.info
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
	old, now := filepath.Join(r.old, filepath.FromSlash(rel)), filepath.Join(r.now, filepath.FromSlash(rel))
	if equal, err := equalFiles(old, now); err != nil || equal {
		return false, err
	}
	if r.site(rel) {
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
