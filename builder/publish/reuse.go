package publish

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
)

// Stamp tells without reading a file whether it is as it was written: what
// changes a file's bytes, or puts another in its place, leaves one of these
// another. That is what git's index and rsync go by.
type Stamp struct {
	Size     int64
	Modified int64  // nanoseconds since 1970
	Inode    uint64 // 0 where the system has none
	Mode     uint32 // as the system has it, with the type
}

// Note is what a run knows of the site that it wrote, for the next run.
type Note struct {
	Marker [sha256.Size]byte // the SHA-256 of its marker
	Stamps Stamps            // of each file that the marker lists, in its order
	Spared []bool            // whether the spare has that file too
	// Of each folder of the site, in the order of their paths after the site
	// itself, when it was last looked at; zero where that is not known.
	Folders FolderStamps
	// Of the same folders in the spare; zero where it has none of that path.
	Spare FolderStamps
}

// Stamps are stored field after field: gob alone takes six times as long for
// those of tens of thousands of files.
type Stamps []Stamp

// FolderStamps are stored as Stamps are.
type FolderStamps []FolderStamp

func (s Stamps) GobEncode() ([]byte, error) {
	return binary.Append(nil, binary.LittleEndian, []Stamp(s))
}
func (s *Stamps) GobDecode(data []byte) error { return decodeStamps(data, (*[]Stamp)(s)) }
func (s FolderStamps) GobEncode() ([]byte, error) {
	return binary.Append(nil, binary.LittleEndian, []FolderStamp(s))
}
func (s *FolderStamps) GobDecode(data []byte) error { return decodeStamps(data, (*[]FolderStamp)(s)) }

func decodeStamps[T Stamp | FolderStamp](data []byte, into *[]T) error {
	var one T
	*into = make([]T, len(data)/binary.Size(one))
	n, err := binary.Decode(data, binary.LittleEndian, *into)
	if err == nil && n != len(data) {
		err = errors.New("stamps are cut off")
	}
	return err
}

// contents are the folders of the site and of its spare as they were noted. A
// folder whose stamp is still the same was not changed after it was looked at, so
// that all in it is what the run left there: what did not stay was removed, and
// what was missing was made, and each of that changes the stamp.
func (n Note) contents(ours *ourFiles) (site, spare contents) {
	folders := append([]string{"."}, slices.Sorted(maps.Keys(ours.folders))...)
	if len(n.Folders) != len(folders) || len(n.Spare) != len(folders) || len(n.Spared) != len(n.Stamps) {
		return nil, nil
	}
	site, spare = make(contents, len(folders)), make(contents, len(folders))
	add := func(to contents, folder string, stamp FolderStamp) {
		to[folder] = listing{stamp: folderStamp{FolderStamp: stamp, own: true, open: true}}
		if folder != "." {
			above, name := split(folder)
			l := to[above]
			l.folders = append(l.folders, name)
			to[above] = l
		}
	}
	for i, folder := range folders {
		add(site, folder, n.Folders[i])
		if n.Spare[i].Inode != 0 {
			add(spare, folder, n.Spare[i])
		}
	}
	for path, f := range ours.files {
		if n.Spared[f.line] {
			above, name := split(path)
			l := spare[above]
			l.files = append(l.files, dirEntry{name: name, inode: n.Stamps[f.line].Inode})
			spare[above] = l
		}
	}
	return site, spare
}

// noteFolders notes the folders of the new site, and those of the old one, of
// which the spare was made.
func (n *Note) noteFolders(names *names, site, spare contents) {
	for _, folder := range names.folders() {
		n.Folders = append(n.Folders, site[folder].stamp.FolderStamp)
		n.Spare = append(n.Spare, spare[folder].stamp.FolderStamp)
	}
}

// recall finds out what can be reused of the old site: nothing, unless the note
// is of that very site. It returns what the note says of folders.
func (s *Site) recall(ours *ourFiles) (site, spare contents) {
	if s.options.Note == nil || ours == nil {
		return nil, nil
	}
	note := s.options.Note()
	if len(note.Stamps) > 0 && len(note.Stamps) == len(ours.files) && sha256.Sum256(ours.content) == note.Marker {
		s.old, s.stamps = ours, note.Stamps
		return note.contents(ours)
	}
	return nil, nil
}

// Note returns what the next run may go by, once Commit has succeeded.
func (s *Site) Note() Note { return s.note }

// Holds reports whether the old site has files of these paths with these
// SHA-256, hexadecimal, that are still as the run that wrote them left them.
// Holds may be called by many goroutines at once.
func (s *Site) Holds(sums map[string]string) bool {
	s.preparing.Wait()
	for path, sum := range sums {
		if !s.holds(path, sum) {
			return false
		}
	}
	return s.old != nil
}

// holds is Holds for one file.
func (s *Site) holds(path, sum string) bool {
	if s.old == nil {
		return false
	}
	f, ok := s.old.files[onDisk(path)]
	if !ok || f.sum != sum {
		return false
	}
	stamp, err := stampAt(s.there(path))
	return err == nil && stamp == s.stamps[f.line]
}

// stamp is that of a file of the old site.
func (s *Site) stamp(path string) Stamp { return s.stamps[s.old.files[onDisk(path)].line] }

// Reuse adds files of the old site, for which Holds was true, to the new one:
// each gets a second name, unless it has one there, so that the old site stays as
// it is; where the file system has no such names, a copy. Reuse may be called by
// many goroutines at once.
func (s *Site) Reuse(sums map[string]string) error {
	s.preparing.Wait()
	paths := slices.Sorted(maps.Keys(sums))
	standing, err := s.claim(paths)
	if err != nil {
		return err
	}
	all := make([]file, len(paths))
	for i, path := range paths {
		f := &all[i]
		if n, err := hex.Decode(f.sum[:], []byte(sums[path])); err != nil || n != len(f.sum) {
			return fmt.Errorf("%s: want a SHA-256, have %q", path, sums[path])
		}
		f.written = true
		if f.stamp, f.again, err = s.again(path, standing[i]); err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.failed = s.unwritten(path, err)
			return s.failed
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, path := range paths {
		*s.names.file(path) = all[i]
	}
	s.files += len(paths)
	return nil
}

// claim makes the folders of files that are to be reused, and says which of the
// files stand in the spare.
func (s *Site) claim(paths []string) (standing []bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	standing = make([]bool, len(paths))
	for i, path := range paths {
		if err := s.makeWay(path); err != nil {
			return nil, err
		}
		if standing[i], err = s.spare.file(path, s.stamp(path).Inode); err != nil {
			s.failed = s.unwritten(path, err)
			return nil, s.failed
		}
	}
	return standing, nil
}

// again brings one file of the old site to the new one, unless it stands there,
// and reports whether what is there now is that very file.
func (s *Site) again(path string, standing bool) (_ Stamp, same bool, err error) {
	if standing {
		return s.stamp(path), true, nil
	}
	old, now := s.there(path), s.at(path)
	if err := os.Link(old, now); err == nil {
		return s.stamp(path), true, nil
	}
	info, err := os.Lstat(old)
	if err != nil {
		return Stamp{}, false, err
	}
	if err := copyFile(old, now, info); err != nil {
		return Stamp{}, false, err
	}
	stamp, err := stampAt(now)
	return stamp, false, err
}

// Sums returns the SHA-256 of files that were added, hexadecimal, by their
// paths.
func (s *Site) Sums(paths []string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := make(map[string]string, len(paths))
	for _, path := range paths {
		if f, ok := s.names.at(path); ok && f != nil {
			sums[path] = hex.EncodeToString(f.sum[:])
		}
	}
	return sums
}

// makeWay claims the path of a file that is to be added, and makes the folders
// that it needs.
func (s *Site) makeWay(path string) error {
	if !s.writable {
		return fmt.Errorf("%s: added to a site that is closed", path)
	}
	if s.failed == nil {
		s.failed = s.makeFoldersOf(path)
	}
	return s.failed
}

func (s *Site) makeFoldersOf(path string) error {
	folders, err := s.names.claim(path)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if err := s.mkdir(folder); err != nil {
			return s.unwritten(folder, err)
		}
	}
	return nil
}
