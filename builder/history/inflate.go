package history

import (
	"encoding/binary"
	"math/bits"
)

// inflater decompresses what lies in memory whole and has a known size, RFC 1951.
// That takes less than half of the time of compress/flate, which takes and gives
// any number of bytes at a time. The zero value is ready.
type inflater struct {
	literals, distances codes
	lengths             [maxLiterals + maxDistances]uint8 // of the codes of the block
	fixed               bool                              // the codes are those of fixed blocks
}

const (
	maxLiterals  = 288 // bytes, the end of a block, lengths of repetitions
	maxDistances = 32
	maxCode      = 15 // bits
	rootBits     = 9
)

// codes tells the symbol that a code stands for. The table has an entry for each
// number that the next rootBits of the input make, the first bit lowest:
// symbol<<4 | length of the code. Where the code is longer, the entry is
// place<<4, of a table for the subBits behind them with entries of the same
// form. 0 is no code.
type codes struct {
	table   []uint32
	subBits int
}

// build makes the table for codes of these lengths, one for each symbol. It
// reports whether the codes are complete, a single one of one bit, or none.
func (c *codes) build(lengths []uint8) bool {
	var count, next [maxCode + 2]int
	for _, n := range lengths {
		count[n]++
	}
	used, free, longest := 0, 1, 0
	for n := 1; n <= maxCode; n++ {
		free = free<<1 - count[n]
		if free < 0 {
			return false
		}
		next[n+1] = next[n] + count[n]
		if count[n] > 0 {
			longest = n
		}
		used += count[n]
	}
	if free > 0 && (used > 1 || longest > 1) {
		return false
	}
	var sorted [maxLiterals]uint16 // by length, then by symbol
	for symbol, n := range lengths {
		if n > 0 {
			sorted[next[n]] = uint16(symbol)
			next[n]++
		}
	}
	if c.table == nil {
		c.table = make([]uint32, 1<<rootBits, 4<<rootBits)
	}
	c.table = c.table[:1<<rootBits]
	if free > 0 {
		clear(c.table)
	}
	c.subBits = max(longest-rootBits, 0)
	code, length, prefix, sub := 0, 0, -1, 0
	for _, symbol := range sorted[:used] {
		n := int(lengths[symbol])
		code <<= n - length
		length = n
		reversed := int(bits.Reverse16(uint16(code)) >> (16 - n))
		code++
		entry := uint32(symbol)<<4 | uint32(n)
		if n <= rootBits {
			for i := reversed; i < 1<<rootBits; i += 1 << n {
				c.table[i] = entry
			}
			continue
		}
		if low := reversed & (1<<rootBits - 1); low != prefix {
			prefix, sub = low, len(c.table)
			for range 1 << c.subBits {
				c.table = append(c.table, 0)
			}
			c.table[low] = uint32(sub) << 4
		}
		for i := reversed >> rootBits; i < 1<<c.subBits; i += 1 << (n - rootBits) {
			c.table[sub+i] = entry
		}
	}
	return true
}

// Lengths and distances are a number that the symbol stands for, and so many
// more bits to be added. codeOrder is how the lengths of the codes for the
// lengths of codes are arranged.
var (
	lengthBase    = [...]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = [...]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = [...]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [...]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
	codeOrder     = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

// bitReader reads numbers of bits.
type bitReader struct {
	in  []byte
	pos int    // of the byte behind the n bits
	b   uint64 // the next bits, the first one lowest: n of them, and perhaps more that fill ors in again
	n   int    // negative when more were taken than there are; these were 0
}

// fill makes n at least 56, or takes all that there is.
func (r *bitReader) fill() {
	if r.pos+8 <= len(r.in) {
		r.b |= binary.LittleEndian.Uint64(r.in[r.pos:]) << r.n
		r.pos += (63 - r.n) >> 3
		r.n |= 56
		return
	}
	for r.n < 56 && r.pos < len(r.in) {
		r.b |= uint64(r.in[r.pos]) << r.n
		r.pos++
		r.n += 8
	}
}

// take returns the next n bits. fill has to have been called for enough.
func (r *bitReader) take(n int) int {
	v := int(r.b & (1<<n - 1))
	r.b >>= n
	r.n -= n
	return v
}

// inflate decompresses what in begins with. It reports whether that is well
// formed and as long as out.
func (z *inflater) inflate(out, in []byte) bool {
	r := bitReader{in: in}
	size := 0
	for last := false; !last; {
		r.fill()
		last = r.take(1) == 1
		ok := false
		switch r.take(2) {
		case 0:
			size, ok = r.stored(out, size)
		case 1:
			if !z.fixed {
				z.fixedCodes()
			}
			size, ok = z.block(&r, out, size)
		case 2:
			if z.readCodes(&r) {
				size, ok = z.block(&r, out, size)
			}
		}
		if !ok || r.n < 0 {
			return false
		}
	}
	return size == len(out)
}

// stored copies a block that is not compressed to out, from size on.
func (r *bitReader) stored(out []byte, size int) (int, bool) {
	r.pos -= r.n >> 3
	r.b, r.n = 0, 0
	if r.pos+4 > len(r.in) {
		return 0, false
	}
	n := int(binary.LittleEndian.Uint16(r.in[r.pos:]))
	if n != int(^binary.LittleEndian.Uint16(r.in[r.pos+2:])) {
		return 0, false
	}
	r.pos += 4
	if n > len(r.in)-r.pos || n > len(out)-size {
		return 0, false
	}
	copy(out[size:], r.in[r.pos:r.pos+n])
	r.pos += n
	return size + n, true
}

// fixedCodes makes the codes that need not be told.
func (z *inflater) fixedCodes() {
	z.fixed = true
	l := z.lengths[:]
	for i := range l {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		case i < maxLiterals:
			l[i] = 8
		default:
			l[i] = 5
		}
	}
	z.literals.build(l[:maxLiterals])
	z.distances.build(l[maxLiterals:])
}

// readCodes reads the codes of a block.
func (z *inflater) readCodes(r *bitReader) bool {
	z.fixed = false
	r.fill()
	literals, distances, n := 257+r.take(5), 1+r.take(5), 4+r.take(4)
	if literals > 286 || distances > 30 {
		return false
	}
	var short [len(codeOrder)]uint8
	for i := range n {
		if r.n < 3 {
			r.fill()
		}
		short[codeOrder[i]] = uint8(r.take(3))
	}
	if !z.literals.build(short[:]) {
		return false
	}
	lengths := z.lengths[:literals+distances]
	for i := 0; i < len(lengths); {
		if r.n < 16 {
			r.fill()
		}
		symbol, ok := z.literals.symbol(r)
		length, times := uint8(symbol), 1
		switch {
		case !ok || symbol == 16 && i == 0:
			return false
		case symbol == 16:
			length, times = lengths[i-1], 3+r.take(2)
		case symbol == 17:
			length, times = 0, 3+r.take(3)
		case symbol == 18:
			length, times = 0, 11+r.take(7)
		}
		if r.n < 0 || times > len(lengths)-i {
			return false
		}
		for range times {
			lengths[i] = length
			i++
		}
	}
	return z.literals.build(lengths[:literals]) && z.distances.build(lengths[literals:])
}

// symbol takes the next code. It may take bits that are not there: n is negative
// then.
func (c *codes) symbol(r *bitReader) (uint32, bool) {
	e := c.table[r.b&(1<<rootBits-1)]
	if e&15 == 0 {
		i := int(e>>4) + int(r.b>>rootBits&(1<<c.subBits-1))
		if e == 0 || i >= len(c.table) {
			return 0, false
		}
		e = c.table[i]
	}
	r.b >>= e & 15
	r.n -= int(e & 15)
	return e >> 4, e != 0
}

// block reads what the codes of a block stand for into out, from size on.
func (z *inflater) block(r *bitReader, out []byte, size int) (int, bool) {
	for {
		if r.n < 48 { // the most that a length and a distance take
			r.fill()
		}
		symbol, ok := z.literals.symbol(r)
		switch {
		case !ok || r.n < 0:
			return 0, false
		case symbol < 256:
			if size >= len(out) {
				return 0, false
			}
			out[size] = byte(symbol)
			size++
			continue
		case symbol == 256:
			return size, true
		}
		symbol -= 257
		if int(symbol) >= len(lengthBase) {
			return 0, false
		}
		length := int(lengthBase[symbol]) + r.take(int(lengthExtra[symbol]))
		symbol, ok = z.distances.symbol(r)
		if !ok || int(symbol) >= len(distanceBase) {
			return 0, false
		}
		distance := int(distanceBase[symbol]) + r.take(int(distanceExtra[symbol]))
		if r.n < 0 || distance > size || length > len(out)-size {
			return 0, false
		}
		for length > 0 { // what is repeated may begin within what it becomes
			m := copy(out[size:size+length], out[size-distance:size])
			size, length, distance = size+m, length-m, distance+m
		}
	}
}
