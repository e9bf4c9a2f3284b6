package history

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// packReader reads objects from packfiles, gitformat-pack(5), in a third of the
// time that go-git takes. It trusts no pack: what it returns is what the pack
// says, and objects.get compares it with the id. It is not for concurrent use.
type packReader struct {
	packs []pack // the one that had the last object comes first

	// recent are the objects read last, on which the next ones are built:
	// texts are read path by path. Readers of an object share its content.
	recent recent[place, packed]

	blocks   recent[place, []byte] // of packs, by where they begin
	in       []byte                // what is in two blocks
	inflater inflater
	delta    []byte
	chain    []packEntry
}

// pack is an open packfile and its index.
type pack struct {
	*packIndex
	file *os.File
}

// place is a place in a packfile.
type place struct {
	pack   pack
	offset int64
}

// packed is an object.
type packed struct {
	kind string
	data []byte // not to be changed
}

// packEntry is what stands at a place: an object, or a delta, which makes an
// object of another one of the pack.
type packEntry struct {
	at   place
	kind string // "" of a delta
	base int64  // of a delta: where the other object begins
	size int64  // of the content
	from int64  // where it begins, compressed
}

const (
	// recentSize bounds what is kept of the objects read last.
	recentSize = 4 << 20
	// blockSize is how much of a pack is read at once, and blocksSize bounds
	// what is kept of it: what is read one after the other are often neighbours,
	// a tree in one place and its folders' trees in others.
	blockSize  = 16 << 10
	blocksSize = 8 * blockSize
	// keptBuffer is the size of the largest buffer that is kept.
	keptBuffer = 1 << 20
	// maxChain is how many deltas may build on one another. Git makes 50, or as
	// many as it is told to, up to this.
	maxChain = 4095
)

// openPacks opens packs. It leaves out those that are not there any more, which
// git has packed anew, and those that it does not understand.
func openPacks(indexes []*packIndex) *packReader {
	r := &packReader{}
	r.recent.limit, r.blocks.limit = recentSize, blocksSize
	for _, x := range indexes {
		file, err := os.Open(x.pack)
		if err != nil {
			continue
		}
		var magic [len(packMagic)]byte
		if _, err := file.ReadAt(magic[:], 0); err != nil || string(magic[:]) != packMagic {
			file.Close()
			continue
		}
		r.packs = append(r.packs, pack{x, file})
	}
	return r
}

func (r *packReader) close() (err error) {
	for _, p := range r.packs {
		err = errors.Join(err, p.file.Close())
	}
	return err
}

// read returns an object. The error is errMissing when no pack has it, and
// errTooLarge when it, or one that it builds on, is larger than limit.
func (r *packReader) read(id oid, limit int64) (kind string, data []byte, err error) {
	for i, p := range r.packs {
		if offset, ok := p.find(id); ok {
			r.packs[0], r.packs[i] = p, r.packs[0]
			obj, err := r.object(place{p, offset}, limit)
			return obj.kind, obj.data, err
		}
	}
	return "", nil, errMissing
}

// object reads the object at a place: it goes down from delta to delta to an
// object that stands there itself or was read lately, and up again.
func (r *packReader) object(at place, limit int64) (obj packed, err error) {
	r.chain = r.chain[:0]
	for {
		var ok bool
		if obj, ok = r.recent.get(at); ok {
			break
		}
		e, err := r.entry(at)
		if err != nil {
			return packed{}, err
		}
		if e.size > limit {
			return packed{}, errTooLarge
		}
		if e.kind != "" {
			obj = packed{e.kind, make([]byte, e.size)}
			if err := r.inflate(e, obj.data); err != nil {
				return packed{}, err
			}
			r.recent.put(at, obj, len(obj.data))
			break
		}
		if len(r.chain) == maxChain {
			return packed{}, fmt.Errorf("%w: more than %d deltas build on one another", errMalformed, maxChain)
		}
		r.chain = append(r.chain, e)
		at.offset = e.base
	}
	for _, e := range slices.Backward(r.chain) {
		delta := r.delta[:cap(r.delta)]
		if int(e.size) > len(delta) {
			delta = make([]byte, e.size)
			if len(delta) <= keptBuffer {
				r.delta = delta
			}
		}
		delta = delta[:e.size]
		if err := r.inflate(e, delta); err != nil {
			return packed{}, err
		}
		if obj.data, err = patch(obj.data, delta, limit); err != nil {
			return packed{}, err
		}
		r.recent.put(e.at, obj, len(obj.data))
	}
	return obj, nil
}

// entry reads what stands before the content of an entry: its kind and size,
// and for a delta its base.
func (r *packReader) entry(at place) (packEntry, error) {
	const longest = binary.MaxVarintLen64 + packedID
	e := packEntry{at: at}
	if at.offset < int64(len(packMagic)) {
		return e, fmt.Errorf("%w: an object before the first one", errMalformed)
	}
	head, err := r.peek(at, longest)
	if err != nil {
		return e, err
	}
	// The number has the kind in bits 4 to 6, and the size in all others.
	kindAndSize, n := binary.Uvarint(head)
	if n <= 0 {
		return e, fmt.Errorf("%w: no size", errMalformed)
	}
	e.size = int64(kindAndSize>>7<<4 | kindAndSize&15)
	switch kind := kindAndSize >> 4 & 7; kind {
	case 1, 2, 3, 4:
		e.kind = [...]string{1: kindCommit, 2: kindTree, 3: kindBlob, 4: kindTag}[kind]
	case 6:
		distance, m := distance(head[n:])
		if m == 0 || distance == 0 {
			return e, fmt.Errorf("%w: a delta without a base", errMalformed)
		}
		e.base, n = at.offset-distance, n+m
	case 7:
		if len(head) < n+packedID {
			return e, fmt.Errorf("%w: a delta without a base", errMalformed)
		}
		id, ok := oidOf(head[n:n+packedID]), false
		if e.base, ok = at.pack.find(id); !ok {
			return e, fmt.Errorf("%w: a delta of %s, which is not in the packfile", errMalformed, id)
		}
		n += packedID
	default:
		return e, fmt.Errorf("%w: an object of kind %d", errMalformed, kind)
	}
	e.from = at.offset + int64(n)
	return e, nil
}

// distance reads a number of n bytes, 7 bits each, the highest first. To all
// bytes but the last 1 is added, so that there is one way to write a number. n
// is 0 when there is none.
func distance(b []byte) (d int64, n int) {
	d = -1
	for i, c := range b[:min(len(b), 8)] {
		d = (d+1)<<7 | int64(c&0x7f)
		if c&0x80 == 0 {
			return d, i + 1
		}
	}
	return 0, 0
}

// peek returns at least n bytes of a pack, fewer only where it ends. They are
// good until the next call.
func (r *packReader) peek(at place, n int) ([]byte, error) {
	skip := at.offset % blockSize
	start := place{at.pack, at.offset - skip}
	block, ok := r.blocks.get(start)
	if !ok {
		block = make([]byte, blockSize)
		read, err := at.pack.file.ReadAt(block, start.offset)
		if err != nil && err != io.EOF {
			return nil, err
		}
		block = block[:read]
		r.blocks.put(start, block, blockSize)
	}
	if int(skip)+n <= len(block) || len(block) < blockSize {
		return block[min(int(skip), len(block)):], nil
	}
	if cap(r.in) < n {
		r.in = make([]byte, n)
	}
	read, err := at.pack.file.ReadAt(r.in[:n], at.offset)
	if err != nil && err != io.EOF {
		return nil, err
	}
	return r.in[:read], nil
}

// inflate reads the content of an entry. What is large, or is not read well in
// memory, is read as a stream by the standard library, which says what is wrong.
// The checksum behind it is left alone: the id of an object says more.
func (r *packReader) inflate(e packEntry, content []byte) error {
	if n := len(content) + len(content)/8 + 64; n <= keptBuffer {
		in, err := r.peek(place{e.at.pack, e.from}, n)
		if err == nil && isZlib(in) && r.inflater.inflate(content, in[2:]) {
			return nil
		}
	}
	stream, err := zlib.NewReader(bufio.NewReader(io.NewSectionReader(e.at.pack.file, e.from, math.MaxInt64)))
	if err == nil {
		_, err = io.ReadFull(stream, content)
	}
	return err
}

// isZlib reports whether in begins as RFC 1950 has it, without a dictionary.
func isZlib(in []byte) bool {
	return len(in) >= 2 && in[0]&0x0f == 8 && in[1]&0x20 == 0 && binary.BigEndian.Uint16(in)%31 == 0
}

// patch makes an object of its base and a delta: the sizes of both objects, and
// instructions to copy a part of the base or to insert what follows.
func patch(base, delta []byte, limit int64) ([]byte, error) {
	from, n := binary.Uvarint(delta)
	if n <= 0 || from != uint64(len(base)) {
		return nil, fmt.Errorf("%w: a delta of another object", errMalformed)
	}
	delta = delta[n:]
	size, n := binary.Uvarint(delta)
	if n <= 0 {
		return nil, fmt.Errorf("%w: a delta without a size", errMalformed)
	}
	if size > uint64(limit) {
		return nil, errTooLarge
	}
	delta = delta[n:]
	out := make([]byte, 0, size)
	for len(delta) > 0 {
		var part []byte
		if op := delta[0]; op&0x80 != 0 {
			// Of an offset of four bytes and a length of three, each bit says
			// whether one is there; the others are 0.
			var number [8]byte
			delta = delta[1:]
			for i := range 7 {
				if op>>i&1 == 0 {
					continue
				}
				if len(delta) == 0 {
					return nil, fmt.Errorf("%w: a delta is cut off", errMalformed)
				}
				number[i], delta = delta[0], delta[1:]
			}
			offset, length := binary.LittleEndian.Uint32(number[:4]), binary.LittleEndian.Uint32(number[4:])
			if length == 0 {
				length = 1 << 16
			}
			if end := uint64(offset) + uint64(length); end <= uint64(len(base)) {
				part = base[offset:end]
			}
		} else if length := int(op); length < len(delta) {
			part, delta = delta[1:1+length], delta[1+length:]
		}
		if len(part) == 0 || len(part) > cap(out)-len(out) {
			return nil, fmt.Errorf("%w: a delta reaches too far", errMalformed)
		}
		out = append(out, part...)
	}
	if uint64(len(out)) != size {
		return nil, fmt.Errorf("%w: a delta is cut off", errMalformed)
	}
	return out, nil
}
