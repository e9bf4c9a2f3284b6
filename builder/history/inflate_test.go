package history

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

func deflated(level int, data []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		panic(err)
	}
	w.Write(data)
	w.Close()
	return b.Bytes()
}

// What compress/flate wrote in any way is what it was, and is refused when it is
// cut off anywhere, or has another size.
func TestInflate(t *testing.T) {
	source, err := os.ReadFile("inflate.go")
	if err != nil {
		t.Fatal(err)
	}
	texts := [][]byte{nil, []byte("a"), []byte(strings.Repeat("a", 1000)), []byte(strings.Repeat("abc", 50_000)), source, bytes.Repeat(source, 20)}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 100 {
		text := make([]byte, rnd.IntN(3000))
		for j := range text {
			text[j] = byte(min(rnd.IntN(1+5*i), rnd.IntN(256)))
		}
		texts = append(texts, text)
	}
	var z inflater
	for _, text := range texts {
		for level := flate.HuffmanOnly; level <= flate.BestCompression; level++ {
			in, out := deflated(level, text), make([]byte, len(text)+1)
			if !z.inflate(out[:len(text)], in) || !bytes.Equal(out[:len(text)], text) {
				t.Fatalf("%d bytes of level %d are something else", len(text), level)
			}
			if z.inflate(out, in) || len(text) > 0 && z.inflate(out[:len(text)-1], in) {
				t.Fatalf("%d bytes of level %d have another size", len(text), level)
			}
			for n := 0; n < len(in); n += 1 + len(in)/50 {
				if z.inflate(out[:len(text)], in[:n]) {
					t.Fatalf("%d bytes of level %d are in the first %d of %d", len(text), level, n, len(in))
				}
			}
		}
	}
}

// The standard library finds the same in anything.
func FuzzInflate(f *testing.F) {
	text := strings.Repeat("The text of a policy, and the text of another. ", 20) + strings.Repeat("-", 500)
	for level := flate.HuffmanOnly; level <= flate.BestCompression; level++ {
		f.Add(uint16(len(text)), deflated(level, []byte(text)))
	}
	f.Fuzz(func(t *testing.T, size uint16, in []byte) {
		var z inflater
		out := make([]byte, size)
		good := z.inflate(out, in)
		want, err := io.ReadAll(flate.NewReader(bytes.NewReader(in)))
		if good != (err == nil && len(want) == int(size)) || good && !bytes.Equal(out, want) {
			t.Errorf("%t, %q; want %q, %v", good, out, want, err)
		}
	})
}

func BenchmarkInflate(b *testing.B) {
	source, err := os.ReadFile("inflate.go")
	if err != nil {
		b.Fatal(err)
	}
	text := bytes.Repeat(source, 4)
	for name, text := range map[string][]byte{"large": text, "small": source[:300]} {
		in := deflated(6, text)
		out := make([]byte, len(text))
		b.Run(name, func(b *testing.B) {
			var z inflater
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if !z.inflate(out, in) {
					b.Fatal("not inflated")
				}
			}
		})
		b.Run(name+" stdlib", func(b *testing.B) {
			r := flate.NewReader(nil)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r.(flate.Resetter).Reset(bytes.NewReader(in), nil)
				if _, err := io.ReadFull(r, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
