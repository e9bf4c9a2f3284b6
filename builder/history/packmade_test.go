package history

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// written is an object of a pack that a test makes.
type written struct {
	id      oid
	kind    byte
	size    int64  // as the header has it
	base    []byte // of a delta
	content []byte // compressed
}

// writePack writes a pack and its index below dir, an objects folder.
func writePack(t *testing.T, dir string, objects []written) {
	t.Helper()
	pack := []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00")
	offsets := make(map[oid]uint32)
	for _, o := range objects {
		offsets[o.id] = uint32(len(pack))
		pack = append(pack, header(o.kind, uint64(o.size))...)
		pack = append(append(pack, o.base...), o.content...)
	}
	pack = append(pack, make([]byte, sha1.Size)...)
	slices.SortFunc(objects, func(a, b written) int { return bytes.Compare(a.id.sum[:], b.id.sum[:]) })
	index := []byte(indexMagic)
	for b := range 256 {
		n := 0
		for _, o := range objects {
			if int(o.id.sum[0]) <= b {
				n++
			}
		}
		index = binary.BigEndian.AppendUint32(index, uint32(n))
	}
	for _, o := range objects {
		index = append(index, o.id.sum[:packedID]...)
	}
	index = append(index, make([]byte, 4*len(objects))...)
	for _, o := range objects {
		index = binary.BigEndian.AppendUint32(index, offsets[o.id])
	}
	index = append(index, make([]byte, indexBehind)...)
	if err := os.MkdirAll(filepath.Join(dir, "pack"), 0o755); err != nil {
		t.Fatal(err)
	}
	for ext, data := range map[string][]byte{".pack": pack, ".idx": index} {
		if err := os.WriteFile(filepath.Join(dir, "pack", "pack-1"+ext), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// header writes kind and size as a pack has them.
func header(kind byte, size uint64) []byte {
	return binary.AppendUvarint(nil, size>>4<<7|uint64(kind)<<4|size&15)
}

func raw(n byte) []byte { return bytes.Repeat([]byte{n}, packedID) }

func named(n byte) oid { return oidOf(raw(n)) }

// Packs that no git writes give an error, and soon.
func TestPacksMalformed(t *testing.T) {
	base := written{id: named(1), kind: 3, size: 8, content: deflate("12345678")}
	ofs := func(distance byte, delta string) []written {
		return []written{base, {id: named(2), kind: 6, size: int64(len(delta)), base: []byte{distance}, content: deflate(delta)}}
	}
	back := byte(len(header(3, 8)) + len(base.content)) // from the second object to the first
	var loop []written
	for i := range byte(3) {
		loop = append(loop, written{id: named(2 + i), kind: 7, size: 4, base: raw(2 + (i+1)%3), content: deflate("\x08\x01\x01x")})
	}
	whole := func(kind byte, size int64, content []byte) []written {
		return []written{{id: named(2), kind: kind, size: size, content: content}}
	}
	dictionary := deflate("12345678")
	dictionary[1] = 0x20
	for dictionary[1]%31 != 31-byte(int(dictionary[0])*256%31) {
		dictionary[1]++
	}
	tests := map[string]struct {
		objects []written
		want    string // what is read; "" for an error
	}{
		"a delta":                    {ofs(back, "\x08\x05\x91\x02\x04\x01!"), "3456!"},
		"a copy without a length":    {ofs(back, "\x08\x05\x80"), ""}, // which is 64 KiB
		"a copy of all":              {ofs(back, "\x08\x08\x90\x08"), "12345678"},
		"a copy behind the base":     {ofs(back, "\x08\x04\x91\x05\x04"), ""},
		"a copy far behind":          {ofs(back, "\x08\x04\xff\xff\xff\xff\xff\xff\xff\xff"), ""},
		"a copy cut off":             {ofs(back, "\x08\x04\x91\x05"), ""},
		"an insertion cut off":       {ofs(back, "\x08\x04\x04abc"), ""},
		"more than its size":         {ofs(back, "\x08\x02\x03abc"), ""},
		"less than its size":         {ofs(back, "\x08\x04\x03abc"), ""},
		"an unknown instruction":     {ofs(back, "\x08\x03\x00\x03abc"), ""},
		"a base of another size":     {ofs(back, "\x09\x03\x03abc"), ""},
		"a delta to nothing":         {ofs(back, "\x08\x00"), "nothing"},
		"an empty delta":             {ofs(back, ""), ""},
		"a delta with one size":      {ofs(back, "\x08"), ""},
		"a size without end":         {ofs(back, strings.Repeat("\x88", 30)), ""},
		"a size of 2^63":             {ofs(back, "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), ""},
		"a delta of itself":          {ofs(0, "\x08\x03\x03abc"), ""},
		"a base within another":      {ofs(back-1, "\x08\x03\x03abc"), ""},
		"a base before the pack":     {ofs(127, "\x08\x03\x03abc"), ""},
		"a distance without end":     {[]written{base, {id: named(2), kind: 6, size: 1, base: bytes.Repeat([]byte{0xff}, 40)}}, ""},
		"a base that is not there":   {[]written{base, {id: named(2), kind: 7, size: 4, base: raw(9), content: deflate("\x08\x01\x01x")}}, ""},
		"deltas in a circle":         {loop, ""},
		"kind 0":                     {whole(0, 4, deflate("text")), ""},
		"kind 5":                     {whole(5, 4, deflate("text")), ""},
		"a text":                     {whole(3, 4, deflate("text")), "text"},
		"longer than it says":        {whole(3, 3, deflate("text")), "tex"},
		"shorter than it says":       {whole(3, 5, deflate("text")), ""},
		"much shorter than it says":  {whole(3, 1<<20, deflate("text")), ""},
		"too large":                  {whole(3, 1<<40, deflate("text")), ""},
		"not compressed":             {whole(3, 4, []byte("text")), ""},
		"with a dictionary":          {whole(3, 8, dictionary), ""},
		"compressed to nothing":      {whole(3, 4, nil), ""},
		"empty":                      {whole(3, 0, deflate("")), "nothing"},
		"a byte in a block":          {whole(3, 300, blocks(strings.Repeat("abc", 100))), strings.Repeat("abc", 100)},
		"a byte in a block, far off": {whole(3, 16000, blocks(strings.Repeat("text", 4000))), strings.Repeat("text", 4000)},
	}
	for name, test := range tests {
		dir := t.TempDir()
		writePack(t, dir, test.objects)
		r := openPacks(packIndexes([]string{dir}))
		kind, data, err := r.read(named(2), maxBlob)
		switch {
		case test.want == "":
			if err == nil || errors.Is(err, errMissing) {
				t.Errorf("%s: %q, error %v", name, data, err)
			}
		case err != nil || kind != kindBlob || string(data) != strings.TrimPrefix(test.want, "nothing"):
			t.Errorf("%s: %s %q, error %v", name, kind, data, err)
		}
		if _, _, err := r.read(named(8), maxBlob); !errors.Is(err, errMissing) {
			t.Errorf("%s: an object that is not there: error %v", name, err)
		}
		r.close()
	}
}

// blocks compresses to six times the length: each byte in a block of its own.
func blocks(s string) []byte {
	out := []byte{0x78, 0x01}
	for i := range len(s) {
		out = append(out, 0, 1, 0, 0xfe, 0xff, s[i])
	}
	return append(out, 1, 0, 0, 0xff, 0xff)
}

// A chain may be as long as git makes them, and no longer.
func TestPacksChain(t *testing.T) {
	text, delta := deflate("x"), deflate("\x01\x01\x90\x01")
	for _, n := range []int{maxChain, maxChain + 1} {
		var objects []written
		last := 0
		for i := range n + 1 {
			id := named(0)
			binary.BigEndian.PutUint32(id.sum[1:], uint32(i))
			o := written{id: id, kind: 3, size: 1, content: text}
			if i > 0 {
				o = written{id: id, kind: 6, size: 4, base: []byte{byte(last)}, content: delta}
			}
			last = len(header(o.kind, uint64(o.size))) + len(o.base) + len(o.content)
			objects = append(objects, o)
		}
		id := objects[n].id
		dir := t.TempDir()
		writePack(t, dir, objects)
		r := openPacks(packIndexes([]string{dir}))
		_, data, err := r.read(id, maxBlob)
		if n == maxChain && (err != nil || string(data) != "x") || n > maxChain && !errors.Is(err, errMalformed) {
			t.Errorf("%d deltas: %q, error %v", n, data, err)
		}
		r.close()
	}
}
