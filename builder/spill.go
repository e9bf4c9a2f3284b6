package builder

import (
	"fmt"
	"os"
)

// spill keeps the texts of one policy at a time in a temporary file: how a
// version's page looks depends on the versions after it, and their texts
// together may be larger than the memory a build may take.
type spill struct {
	file *os.File
	end  int64
}

// piece is something that was put aside.
type piece struct {
	at   int64
	size int
}

func newSpill() (*spill, error) {
	f, err := os.CreateTemp("", "policysite-*")
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	// Where the system allows it, the file has no name from here on, so that
	// not even a kill leaves it behind.
	os.Remove(f.Name())
	return &spill{file: f}, nil
}

func (s *spill) put(b []byte) (piece, error) {
	p := piece{s.end, len(b)}
	if _, err := s.file.WriteAt(b, s.end); err != nil {
		return p, fmt.Errorf("temporary file: %w", err)
	}
	s.end += int64(len(b))
	return p, nil
}

// get reads a piece into buf, which it may grow.
func (s *spill) get(p piece, buf []byte) ([]byte, error) {
	if cap(buf) < p.size {
		buf = make([]byte, p.size)
	}
	buf = buf[:p.size]
	if _, err := s.file.ReadAt(buf, p.at); err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	return buf, nil
}

// reset forgets all pieces; the room they took is used again.
func (s *spill) reset() { s.end = 0 }

func (s *spill) close() {
	s.file.Close()
	os.Remove(s.file.Name())
}
