package publish

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Add writes a file. path is relative to the site, with slashes:
// "privacy/2021-07-14/index.html". Add may be called by many goroutines at once;
// it keeps nothing of content. What the old site has with the same bytes is
// reused.
func (s *Site) Add(path string, content []byte) error {
	sum := sha256.Sum256(content) // before the lock: many do so at once
	s.preparing.Wait()
	if text := hex.EncodeToString(sum[:]); s.holds(path, text) {
		return s.Reuse(map[string]string{path: text})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.makeWay(path); err != nil {
		return err
	}
	stamp, err := s.write(path, content)
	if err != nil {
		s.failed = s.unwritten(path, err)
		return s.failed
	}
	*s.names.file(path) = file{sum: sum, stamp: stamp, written: true}
	s.files++
	return nil
}

// AddFrom writes a file piece by piece: one that is too large to be made in
// memory. Other files may be added meanwhile.
func (s *Site) AddFrom(path string, write func(io.Writer) error) error {
	s.preparing.Wait()
	if err := s.begin(path); err != nil {
		return err
	}
	made, err := s.writeFrom(path, write)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failed = s.unwritten(path, err)
		return s.failed
	}
	*s.names.file(path) = made
	s.files++
	return nil
}

// begin makes the place free for a file.
func (s *Site) begin(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.makeWay(path); err != nil {
		return err
	}
	if err := s.spare.clear(path); err != nil {
		s.failed = s.unwritten(path, err)
	}
	return s.failed
}

// at is where a path of the new site is. Paths come from claim, which lets none
// out of it; and its folders are ours, and were made or looked through by this
// run, so that no link leads out either.
func (s *Site) at(path string) string { return filepath.Join(s.new, filepath.FromSlash(path)) }

// mkdir makes a folder in the new site.
func (s *Site) mkdir(folder string) error {
	if stands, err := s.spare.folder(folder); stands || err != nil {
		return err
	}
	err := os.Mkdir(s.at(folder), dirMode)
	if err == nil && s.chmod {
		err = os.Chmod(s.at(folder), dirMode)
	}
	return err
}

// write makes a file in the new site.
func (s *Site) write(path string, content []byte) (Stamp, error) {
	if err := s.spare.clear(path); err != nil {
		return Stamp{}, err
	}
	mode := os.FileMode(0)
	if s.chmod {
		mode = fileMode
	}
	return createFile(s.at(path), content, mode)
}

// writeFrom makes a file, where nothing stands in the new site, piece by piece.
func (s *Site) writeFrom(path string, write func(io.Writer) error) (file, error) {
	f, err := os.OpenFile(s.at(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return file{}, err
	}
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(f, sum), 64<<10)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil && s.chmod {
		err = f.Chmod(fileMode)
	}
	if err == nil {
		err = syncFile(f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return file{}, err
	}
	stamp, err := stampAt(s.at(path)) // Windows may set the time when a file is closed
	return file{sum: [sha256.Size]byte(sum.Sum(nil)), stamp: stamp, written: true}, err
}

// addMarker writes the marker, and returns what there is to note of the files that
// it lists.
func (s *Site) addMarker() (Note, error) {
	if err := s.spare.clear(MarkerName); err != nil {
		return Note{}, err
	}
	written := s.names.written()
	n := Note{Stamps: make(Stamps, len(written)), Spared: make([]bool, len(written))}
	marker, err := s.writeFrom(MarkerName, func(w io.Writer) error {
		return writeMarker(w, len(written), func(yield func(path, sum string) bool) {
			for i, path := range written {
				f := s.names.file(path)
				n.Stamps[i], n.Spared[i] = f.stamp, f.again
				if !yield(path, hex.EncodeToString(f.sum[:])) {
					return
				}
			}
		})
	})
	n.Marker = marker.sum
	return n, err
}
