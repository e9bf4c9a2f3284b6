package history

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// packs are the packfiles of a repository. All its readers share them.
type packs struct {
	dirs []string // of objects

	mu    sync.Mutex
	open  []*pack
	users int
}

// pack is an open packfile and its index.
type pack struct {
	index string // its path
	idxfile.Index
	file *os.File
}

// find returns the pack that has an object, and where the object begins. It
// knows the packs that look has found.
func (s *packs) find(h plumbing.Hash) (place, bool) {
	s.mu.Lock()
	open := s.open
	s.mu.Unlock()
	for _, p := range open {
		if offset, err := p.FindOffset(h); err == nil {
			return place{p, offset}, true
		}
	}
	return place{}, false
}

// look opens the packs that are not open yet, and reports whether there are any.
// Git may pack the repository while we read: packs that it removes stay open.
func (s *packs) look() (found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, dir := range s.dirs {
		names, _ := fs.Glob(os.DirFS(dir), "pack/*.idx")
		for _, name := range names {
			name = filepath.Join(dir, filepath.FromSlash(name))
			if slices.ContainsFunc(s.open, func(p *pack) bool { return p.index == name }) {
				continue
			}
			p, err := openPack(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // git has just removed it
			}
			if err != nil {
				return false, fmt.Errorf("%s: %w", filepath.Base(name), err)
			}
			s.open, found = append(slices.Clip(s.open), p), true
		}
	}
	return found, nil
}

func openPack(index string) (*pack, error) {
	f, err := os.Open(index)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	x := idxfile.NewMemoryIndex()
	if err := idxfile.NewDecoder(bufio.NewReader(f)).Decode(x); err != nil { // it reads four bytes at a time
		return nil, err
	}
	file, err := os.Open(strings.TrimSuffix(index, ".idx") + ".pack")
	return &pack{index, x, file}, err
}

// use counts a user of the packs. The last one that calls release closes them.
func (s *packs) use() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users++
}

func (s *packs) release() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users > 0 {
		return nil
	}
	for _, p := range s.open {
		err = errors.Join(err, p.file.Close())
	}
	s.open = nil
	return err
}

// packReader reads objects from packs: gitformat-pack(5). go-git's Scanner takes
// entries apart. Its Packfile would also put deltas together, but inflates what
// it finds however large that becomes, and reads deltas twice. The reader trusts
// no pack: objects.get compares what it returns with the id. It is not for
// concurrent use.
type packReader struct {
	scanners map[*pack]*packfile.Scanner

	// kept are objects that were read lately. The next ones build on them: texts
	// are read path by path. Readers of an object share its content.
	kept map[place]packed
	size int // of kept
}

// place is where an object begins.
type place struct {
	pack   *pack
	offset int64
}

// packed is an object.
type packed struct {
	kind plumbing.ObjectType
	data []byte // not to be changed
}

const (
	// keptSize bounds what is kept of the objects that were read lately.
	keptSize = 8 << 20
	// maxChain is how many deltas may build on one another. Git makes 50, or as
	// many as it is told to, up to this.
	maxChain = 4095
)

// object reads the object at a place. The error is errTooLarge when the object,
// or one that it builds on, is larger than limit.
func (r *packReader) object(at place, limit int64, chain int) (obj packed, err error) {
	if obj, ok := r.kept[at]; ok {
		return obj, nil
	}
	if chain > maxChain {
		return obj, fmt.Errorf("%w: more than %d deltas build on one another", errMalformed, maxChain)
	}
	scanner := r.scanners[at.pack]
	if scanner == nil {
		scanner = packfile.NewScanner(io.NewSectionReader(at.pack.file, 0, math.MaxInt64))
		r.scanners[at.pack] = scanner
	}
	header, err := scanner.SeekObjectHeader(at.offset)
	if err != nil {
		return obj, err
	}
	switch header.Type {
	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
		obj.kind = header.Type
		obj.data, err = inflate(scanner, header, limit)
	case plumbing.OFSDeltaObject, plumbing.REFDeltaObject:
		base := place{at.pack, header.OffsetReference}
		if header.Type == plumbing.REFDeltaObject {
			if base.offset, err = at.pack.FindOffset(header.Reference); err != nil {
				return obj, fmt.Errorf("%w: a delta of %s, which is not in the packfile", errMalformed, header.Reference)
			}
		}
		// The base first, so that no more than one delta is in memory.
		if obj, err = r.object(base, limit, chain+1); err != nil {
			return obj, err
		}
		if header, err = scanner.SeekObjectHeader(at.offset); err != nil {
			return obj, err
		}
		var delta []byte
		if delta, err = inflate(scanner, header, limit); err == nil {
			obj.data, err = patch(obj.data, delta, limit)
		}
	default:
		err = fmt.Errorf("%w: an object of kind %d", errMalformed, header.Type)
	}
	if err == nil {
		r.keep(at, obj)
	}
	return obj, err
}

// keep keeps an object, and forgets all others when they become too large.
func (r *packReader) keep(at place, obj packed) {
	if r.size += len(obj.data); r.size > keptSize {
		clear(r.kept)
		r.size = len(obj.data)
	}
	r.kept[at] = obj
}

// inflate reads the content behind a header, at most as much as the header says.
func inflate(s *packfile.Scanner, header *packfile.ObjectHeader, limit int64) ([]byte, error) {
	if header.Length < 0 || header.Length > limit {
		return nil, errTooLarge
	}
	content := bytes.NewBuffer(make([]byte, 0, header.Length))
	_, _, err := s.NextObject(content)
	return content.Bytes(), err
}

// patch makes an object of its base and a delta, which begins with the sizes of
// both and goes on with stretches of the base and bytes of its own (gitformat-pack,
// "Deltified representation"). It makes room once: that of go-git grows, which was a
// third of all memory that a build of 11,000 versions asked for.
func patch(base, delta []byte, limit int64) ([]byte, error) {
	from, n := binary.Uvarint(delta)
	size, m := binary.Uvarint(delta[max(n, 0):])
	if n <= 0 || m <= 0 || from != uint64(len(base)) {
		return nil, fmt.Errorf("%w: a delta without the sizes of its base and of what it makes", errMalformed)
	}
	if size > uint64(limit) {
		return nil, errTooLarge
	}
	out := make([]byte, 0, size)
	for delta = delta[n+m:]; len(delta) > 0; {
		op := delta[0]
		delta = delta[1:]
		piece := delta[:min(int(op), len(delta))]
		if op&0x80 == 0 {
			delta = delta[len(piece):]
			if op == 0 || len(piece) < int(op) {
				return nil, fmt.Errorf("%w: a delta that ends early", errMalformed)
			}
		} else {
			var number [7]byte // four bytes of an offset, three of a length
			for i := range number {
				if op&(1<<i) == 0 {
					continue
				}
				if len(delta) == 0 {
					return nil, fmt.Errorf("%w: a delta that ends early", errMalformed)
				}
				number[i], delta = delta[0], delta[1:]
			}
			offset := int64(binary.LittleEndian.Uint32(number[:4]))
			length := int64(number[4]) | int64(number[5])<<8 | int64(number[6])<<16
			if length == 0 {
				length = 0x10000
			}
			if offset+length > int64(len(base)) {
				return nil, fmt.Errorf("%w: a delta that goes beyond its base", errMalformed)
			}
			piece = base[offset : offset+length]
		}
		if len(piece) > cap(out)-len(out) {
			return nil, fmt.Errorf("%w: a delta that makes more than it says", errMalformed)
		}
		out = append(out, piece...)
	}
	if uint64(len(out)) != size {
		return nil, fmt.Errorf("%w: a delta that makes less than it says", errMalformed)
	}
	return out, nil
}
