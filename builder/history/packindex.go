package history

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
)

// packIndex tells where the objects of a packfile begin. It never changes, so
// that all readers of a repository share it.
type packIndex struct {
	pack  string // path of the packfile
	count int64  // of objects
	table []byte // the index file, version 2: gitformat-pack(5)
}

// An index file has a magic number and a version; for each byte b how many ids
// begin with one up to b, in 4 bytes; then, for count objects in the order of
// their ids, the ids, a checksum of 4 bytes each, an offset of 4 bytes each;
// then those offsets that need 8 bytes; then two checksums.
const (
	packMagic   = "PACK\x00\x00\x00\x02"
	indexMagic  = "\xfftOc\x00\x00\x00\x02"
	indexCounts = 8 // behind the magic number and the version
	indexIDs    = indexCounts + 256*4
	packedID    = 20 // SHA-1: only the git program reads other repositories
	perObject   = packedID + 4 + 4
	indexBehind = 2 * packedID
)

// packIndexes reads the indexes of all packs in folders of objects. It leaves
// out those that it does not understand.
func packIndexes(objectDirs []string) (all []*packIndex) {
	for _, dir := range objectDirs {
		dir = filepath.Join(dir, "pack")
		files, _ := os.ReadDir(dir)
		for _, file := range files {
			name, ok := strings.CutSuffix(file.Name(), ".idx")
			if !ok {
				continue
			}
			table, err := os.ReadFile(filepath.Join(dir, file.Name()))
			if err != nil || len(table) < indexIDs+indexBehind || string(table[:len(indexMagic)]) != indexMagic {
				continue
			}
			x := &packIndex{pack: filepath.Join(dir, name+".pack"), table: table}
			x.count = x.number(indexIDs - 4)
			if x.count <= int64(len(table)-indexIDs-indexBehind)/perObject {
				all = append(all, x)
			}
		}
	}
	return all
}

func (x *packIndex) number(at int64) int64 { return int64(binary.BigEndian.Uint32(x.table[at:])) }

// find returns where in the pack an object begins.
func (x *packIndex) find(id oid) (offset int64, ok bool) {
	first := indexCounts + int64(id.sum[0])*4
	low, high := int64(0), min(x.number(first), x.count)
	if id.sum[0] > 0 {
		low = x.number(first - 4)
	}
	for low < high {
		middle := (low + high) / 2
		at := indexIDs + middle*packedID
		switch c := bytes.Compare(id.sum[:id.size], x.table[at:at+packedID]); {
		case c < 0:
			high = middle
		case c > 0:
			low = middle + 1
		default:
			return x.offset(middle)
		}
	}
	return 0, false
}

// offset returns the offset of an object: a number with the highest bit set is
// the place of one of 8 bytes.
func (x *packIndex) offset(object int64) (int64, bool) {
	n := x.number(indexIDs + x.count*(packedID+4) + object*4)
	if n < 1<<31 {
		return n, true
	}
	at := indexIDs + x.count*perObject + (n-1<<31)*8
	if at+8 > int64(len(x.table)-indexBehind) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(x.table[at:])), true
}
