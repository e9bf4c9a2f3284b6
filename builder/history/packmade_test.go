package history

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"

	"github.com/policysite/policysite/builder/history/historytest"
)

// written is an object of a pack that a test makes.
type written struct {
	id      byte   // of which the whole id is made
	kind    byte   // as in gitformat-pack(5): 3 is a blob, 6 and 7 are deltas
	size    uint64 // as the header has it
	base    []byte // of a delta
	content []byte // compressed
}

func named(id byte) (h plumbing.Hash) {
	copy(h[:], bytes.Repeat([]byte{id}, len(h)))
	return h
}

// header writes kind and size as a pack has them.
func (o written) header() []byte {
	return binary.AppendUvarint(nil, o.size>>4<<7|uint64(o.kind)<<4|o.size&15)
}

// readWritten writes the only pack of a repository and its index, and reads object
// 2. That has another id than its content would have, which read does not compare.
func readWritten(t *testing.T, repo *historytest.Repo, objects []written) (kind string, data []byte, err error) {
	t.Helper()
	pack := []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00")
	var index idxfile.Writer
	index.OnHeader(uint32(len(objects)))
	for _, o := range objects {
		index.OnInflatedObjectContent(named(o.id), int64(len(pack)), 0, nil)
		pack = append(append(append(pack, o.header()...), o.base...), o.content...)
	}
	index.OnFooter(named(0))
	x, err := index.Index()
	if err != nil {
		t.Fatal(err)
	}
	var encoded bytes.Buffer
	if _, err := idxfile.NewEncoder(&encoded).Encode(x); err != nil {
		t.Fatal(err)
	}
	for ext, data := range map[string][]byte{".pack": append(pack, make([]byte, 20)...), ".idx": encoded.Bytes()} {
		if err := os.WriteFile(filepath.Join(repo.Path(".git/objects/pack"), "pack-1"+ext), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h := named(2)
	return open(t, repo.Dir, "go").objects.store.read(oidOf(h[:]), maxBlob)
}

// distance is how a delta names a base so many bytes before it.
func distance(n int) []byte {
	out := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		out = append([]byte{0x80 | byte(n&0x7f)}, out...)
	}
	return out
}

// delta makes a pack of two objects, of which the second is a delta.
func delta(first written, back int, size uint64, delta []byte) []written {
	return []written{first, {id: 2, kind: 6, size: size, base: distance(len(first.header()) + len(first.content) + back), content: delta}}
}

// Packs that no git writes give an error, and soon.
func TestPacksMalformed(t *testing.T) {
	repo := historytest.New(t)
	first := written{id: 1, kind: 3, size: 8, content: deflate("12345678")}
	of := func(back int, text string) []written { return delta(first, back, uint64(len(text)), deflate(text)) }
	by := func(id byte) []byte { h := named(id); return h[:] }
	one := func(kind byte, size uint64, content []byte) []written {
		return []written{{id: 2, kind: kind, size: size, content: content}}
	}
	var circle []written
	for i := range byte(3) {
		circle = append(circle, written{id: 2 + i, kind: 7, size: 4, base: by(2 + (i+1)%3), content: deflate("\x08\x01\x01x")})
	}
	for name, test := range map[string]struct {
		objects []written
		want    string // what is read; "" for an error
	}{
		"a text":                    {one(3, 4, deflate("text")), "text"},
		"a delta":                   {of(0, "\x08\x05\x91\x02\x04\x01!"), "3456!"},
		"a copy behind the base":    {of(0, "\x08\x04\x91\x05\x04"), ""},
		"a copy cut off":            {of(0, "\x08\x04\x91\x05"), ""},
		"an insertion cut off":      {of(0, "\x08\x04\x04abc"), ""},
		"more than its size":        {of(0, "\x08\x02\x03abc"), ""},
		"less than its size":        {of(0, "\x08\x04\x03abc"), ""},
		"an unknown instruction":    {of(0, "\x08\x03\x00\x03abc"), ""},
		"a base of another size":    {of(0, "\x09\x03\x03abc"), ""},
		"an empty delta":            {of(0, ""), ""},
		"a delta with one size":     {of(0, "\x08"), ""},
		"a size without end":        {of(0, strings.Repeat("\x88", 30)), ""},
		"a base within another":     {of(-1, "\x08\x03\x03abc"), ""},
		"a base before the pack":    {of(1000, "\x08\x03\x03abc"), ""},
		"a delta of itself":         {[]written{{id: 2, kind: 7, size: 5, base: by(2), content: deflate("\x08\x03\x03abc")}}, ""},
		"a base that is not there":  {[]written{{id: 2, kind: 7, size: 5, base: by(9), content: deflate("\x08\x03\x03abc")}}, ""},
		"deltas in a circle":        {circle, ""},
		"kind 0":                    {one(0, 4, deflate("text")), ""},
		"kind 5":                    {one(5, 4, deflate("text")), ""},
		"longer than it says":       {one(3, 3, deflate("text")), ""},
		"not compressed":            {one(3, 4, []byte("text")), ""},
		"compressed to nothing":     {one(3, 4, nil), ""},
		"a size that is no number":  {one(3, 1<<63, deflate("text")), ""},
		"much larger than allowed":  {one(3, 1<<40, deflate("text")), ""},
		"a delta to 2^63":           {of(0, "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), ""},
		"a delta larger than stays": {delta(first, 0, 1<<40, deflate("\x08\x03\x03abc")), ""},
	} {
		kind, data, err := readWritten(t, repo, test.objects)
		if test.want == "" && (err == nil || errors.Is(err, errMissing)) ||
			test.want != "" && (err != nil || kind != kindBlob || string(data) != test.want) {
			t.Errorf("%s: %s %q, error %v", name, kind, data, err)
		}
	}
}

// What is small in a pack and inflates to much, whatever its header says, is
// refused before it fills the memory.
func TestPacksBombs(t *testing.T) {
	repo := historytest.New(t)
	const size = 1 << 30
	zeros := func(n int) []byte {
		var b bytes.Buffer
		w, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
		for range n >> 20 {
			w.Write(make([]byte, 1<<20))
		}
		w.Close()
		return b.Bytes()
	}
	first := written{id: 1, kind: 3, size: 1 << 20, content: zeros(1 << 20)}
	copies := binary.AppendUvarint(binary.AppendUvarint(nil, 1<<20), size)
	for range size >> 20 {
		copies = append(copies, 0xc0, 0x10) // the whole base
	}
	bomb := zeros(size)
	for name, objects := range map[string][]written{
		"a text":                  {{id: 2, kind: 3, size: size, content: bomb}},
		"a text that lies":        {{id: 2, kind: 3, size: 4, content: bomb}},
		"a delta":                 delta(first, 0, uint64(len(copies)), deflate(string(copies))),
		"a delta that lies":       delta(first, 0, 4, bomb),
		"a large delta":           delta(first, 0, size, bomb),
		"a delta of a large base": delta(written{id: 1, kind: 3, size: size, content: bomb}, 0, 4, deflate("\x08\x01\x01x")),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := readWritten(t, repo, objects)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 32<<20 {
			t.Errorf("%s: error %v, took %d MiB", name, err, took>>20)
		}
	}
}
