package builder

import (
	"errors"
	"os"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// spill keeps the texts of one policy at a time: how a version's page looks
// depends on the versions after it, and their texts together may be larger than
// the memory a build may take. What does not fit into memory goes to a temporary
// file.
type spill struct {
	memory []byte
	file   *os.File
	name   string // path of the file; "" when it has none any more
	end    int64
}

// spillMemory is how much of a policy's texts stays in memory, in bytes.
const spillMemory = 4 << 20

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
	if s.end+int64(len(b)) <= spillMemory {
		if n := len(s.memory) + len(b); n > cap(s.memory) && n > spillMemory/16 {
			s.memory = slices.Grow(s.memory, spillMemory-len(s.memory)) // append would copy it a dozen times
		}
		s.memory = append(s.memory, b...)
		s.end += int64(len(b))
		return p, nil
	}
	s.end = max(s.end, spillMemory)
	p.at = s.end
	if _, err := s.file.WriteAt(b, s.end); err != nil {
		return p, unspilled(err)
	}
	s.end += int64(len(b))
	return p, nil
}

// get returns a piece, to be read only. It may use buf, and grow it.
func (s *spill) get(p piece, buf []byte) ([]byte, error) {
	if p.at < spillMemory {
		return s.memory[p.at:][:p.size:p.size], nil
	}
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
func (s *spill) reset() { s.memory, s.end = s.memory[:0], 0 }

func (s *spill) close() {
	s.file.Close()
	if s.name != "" {
		os.Remove(s.name)
	}
}
