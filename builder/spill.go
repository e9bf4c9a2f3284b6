package builder

import (
	"errors"
	"os"

	"github.com/policysite/policysite/builder/policy"
)

// spill keeps the texts of one policy at a time in a temporary file: how a
// version's page looks depends on the versions after it, and their texts
// together may be larger than the memory a build may take.
type spill struct {
	file *os.File
	name string // path of the file; "" when it has none any more
	end  int64
}

// piece is something that was put aside.
type piece struct {
	at   int64
	size int
}

func newSpill() (*spill, error) {
	f, err := unnamedFile()
	if err == nil {
		return &spill{file: f}, nil
	}
	if errors.Is(err, errors.ErrUnsupported) {
		f, err = os.CreateTemp("", "policysite-*")
	}
	if err != nil {
		return nil, unspilled(err)
	}
	s := &spill{file: f, name: f.Name()}
	// Where the system allows it, the file has no name from here on, so that
	// hardly a kill leaves it behind.
	if os.Remove(s.name) == nil {
		s.name = ""
	}
	return s, nil
}

// unspilled is the failure to write or read a temporary file.
func unspilled(err error) error {
	return policy.Fail(policy.ErrOutput, err, "make room there, or name another folder for temporary files in TMPDIR", "temporary file")
}

func (s *spill) put(b []byte) (piece, error) {
	p := piece{s.end, len(b)}
	if _, err := s.file.WriteAt(b, s.end); err != nil {
		return p, unspilled(err)
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
		return nil, unspilled(err)
	}
	return buf, nil
}

// reset forgets all pieces; the room they took is used again.
func (s *spill) reset() { s.end = 0 }

func (s *spill) close() {
	s.file.Close()
	if s.name != "" {
		os.Remove(s.name)
	}
}
