package builder

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// What was put aside comes back, from memory and from the file, policy after
// policy.
func TestSpill(t *testing.T) {
	s, err := newSpill()
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2 {
		s.reset()
		var want [][]byte
		var pieces []piece
		for total := 0; total < 2*spillMemory; {
			b := bytes.Repeat([]byte{byte(random.Uint32())}, random.IntN(spillMemory/4))
			p, err := s.put(b)
			if err != nil {
				t.Fatal(err)
			}
			total += len(b)
			want, pieces = append(want, b), append(pieces, p)
		}
		var buf []byte
		for i, p := range pieces {
			have, err := s.get(p, buf)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(have, want[i]) {
				t.Fatalf("piece %d of %d bytes came back as another", i, len(want[i]))
			}
			if p.at >= spillMemory {
				buf = have
			}
		}
	}
	s.file.Close()
	if _, err := s.put(make([]byte, 2*spillMemory)); err == nil {
		t.Error("a file that cannot be written is no error")
	}
}
