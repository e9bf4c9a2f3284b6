package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A spare is the site before the last, without anything that the last one has
// not: folders, and second names (hard links) of its files. The next site is
// written into it, so that only what changed is made and removed: on some file
// systems folders are what takes longest. It waits in the user's cache folder.
//
// Nothing is taken on trust that a spare holds. It is looked through, a file of
// it is used only when it is the very file that the site has at that path, and
// what nobody asks for is removed.
type spare struct {
	root string
	// have is what stands in it and was not asked for yet, by foldPath.
	have map[string]spareEntry
	// found is what stood in it at first.
	found contents
}

type spareEntry struct {
	path   string
	folder bool
	mode   uint32 // of a folder
	inode  uint64 // of a file; 0 where that is not known
}

// readSpare looks through a spare, before is what an earlier look found. One in
// which something is that no site of this process can have left is an error.
func readSpare(root string, before contents) (spare, error) {
	t, err := readContents(root, before, func(string) bool { return false })
	if err != nil {
		return spare{}, err
	}
	s := spare{root, make(map[string]spareEntry, 3*len(t)), t}
	add := func(e spareEntry) {
		key := foldPath(e.path)
		if _, ok := s.have[key]; ok {
			err = errors.New("has names that differ in case alone")
		}
		s.have[key] = e
	}
	for rel, l := range t {
		if l.stamp.mounted || !l.stamp.own {
			err = errors.New("has folders that are not ours")
		}
		if rel != "." {
			add(spareEntry{path: rel, folder: true, mode: l.stamp.Mode})
		}
		for _, f := range l.files {
			add(spareEntry{path: join(rel, f.name), inode: f.inode})
		}
	}
	return s, err
}

// folder takes a folder for the new site and reports whether it stands there.
// What else has its place is removed.
func (s *spare) folder(path string) (bool, error) {
	e, ok := s.have[foldPath(path)]
	if !ok || e.path != path || !e.folder {
		return false, s.clear(path)
	}
	delete(s.have, foldPath(path))
	if e.mode != dirMode {
		return true, os.Chmod(s.at(path), dirMode)
	}
	return true, nil
}

// file takes the file with this inode for the new site, and reports whether it
// stands there. What else has its place is removed.
func (s *spare) file(path string, inode uint64) (bool, error) {
	e, ok := s.have[foldPath(path)]
	if !ok || e.path != path || e.folder || e.inode != inode || inode == 0 {
		return false, s.clear(path)
	}
	delete(s.have, foldPath(path))
	return true, nil
}

// clear removes what has the place of a new file or folder.
func (s *spare) clear(path string) error {
	key := foldPath(path)
	e, ok := s.have[key]
	if !ok {
		return nil
	}
	delete(s.have, key)
	if !e.folder {
		return os.Remove(s.at(e.path))
	}
	for key, below := range s.have {
		if strings.HasPrefix(below.path, e.path+"/") {
			delete(s.have, key)
		}
	}
	return os.RemoveAll(s.at(e.path))
}

// sweep removes all that nobody asked for.
func (s *spare) sweep() error {
	var gone []string
	for _, e := range s.have {
		gone = append(gone, e.path)
	}
	s.have = nil
	return removeAll(s.root, gone)
}

func (s *spare) at(path string) string { return filepath.Join(s.root, filepath.FromSlash(path)) }

// store is where the spare of one destination waits.
type store struct {
	folder string // "" keeps none
}

const (
	spareName = "site"        // the spare
	spareOf   = "destination" // a file that says of which destination
)

// storeOf returns the store of a destination in the folder of all stores, ""
// for none.
func storeOf(spares, destination string) store {
	if spares == "" {
		return store{}
	}
	sum := sha256.Sum256([]byte(destination))
	return store{filepath.Join(spares, hex.EncodeToString(sum[:16]))}
}

// take moves the spare beside the destination, under a name of prefix and a
// number; "" when there is none that could be moved there.
func (st store) take(prefix string) string {
	path := filepath.Join(st.folder, spareName)
	if st.folder == "" {
		return ""
	}
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		if taken, err := nameStaging(path, prefix); err == nil {
			return taken
		}
	}
	// On another file system, or nothing of ours. What stays is looked through
	// whenever it is taken.
	_ = removeTree(path)
	return ""
}

// put moves a spare into the store, or removes it.
func (st store) put(spare, destination string) error {
	if st.folder == "" {
		return removeTree(spare)
	}
	err := os.MkdirAll(st.folder, 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(st.folder, spareOf), []byte(destination+"\n"), 0o600)
	}
	if err == nil {
		err = os.Rename(spare, filepath.Join(st.folder, spareName))
	}
	if err != nil {
		return removeTree(spare)
	}
	return nil
}

// holds reports whether the store can hold a spare that stands in folder: whether
// the two are on one file system.
func (st store) holds(folder string) bool {
	return st.folder != "" && os.MkdirAll(st.folder, 0o700) == nil && sameDevice(st.folder, folder)
}

// PruneSpares removes from the folder that Options.Spares names the spares of
// destinations that are no longer there.
func PruneSpares(spares string) {
	stores, err := os.ReadDir(spares)
	if err != nil {
		return
	}
	for _, d := range stores {
		folder := filepath.Join(spares, d.Name())
		of, err := os.ReadFile(filepath.Join(folder, spareOf))
		if err == nil {
			_, err = os.Lstat(strings.TrimSuffix(string(of), "\n"))
		}
		if !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		// A run may be taking it. What has another name is no longer there for it.
		gone := filepath.Join(folder, "gone-"+strconv.FormatUint(rand.Uint64(), 10))
		if err := os.Rename(filepath.Join(folder, spareName), gone); err == nil {
			_ = removeTree(gone)
		}
		_ = os.Remove(filepath.Join(folder, spareOf))
		_ = os.Remove(folder) // next time, if not now
	}
}
