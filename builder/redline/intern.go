package redline

// interner numbers strings. It is a map[string]int32 that is emptied at little
// cost and keeps its memory.
type interner struct {
	slots []int32 // number + 1; a power of two of them, 0 where none is
	seen  []interned
}

type interned struct {
	hash uint32
	key  string
}

// reset forgets all strings and makes room for about n.
func (in *interner) reset(n int) {
	in.seen = in.seen[:0]
	size := 64
	for size < 2*n {
		size *= 2
	}
	if size > cap(in.slots) {
		in.slots = make([]int32, size)
		return
	}
	in.slots = in.slots[:size]
	clear(in.slots)
}

// id is the number of a string, from 0 on in the order of their coming.
func (in *interner) id(key string) int32 {
	h := uint32(2166136261) // FNV-1a
	for i := 0; i < len(key); i++ {
		h = (h ^ uint32(key[i])) * 16777619
	}
	mask := len(in.slots) - 1
	at := int(h) & mask
	for ; in.slots[at] != 0; at = (at + 1) & mask {
		if s := &in.seen[in.slots[at]-1]; s.hash == h && s.key == key {
			return in.slots[at] - 1
		}
	}
	in.seen = append(in.seen, interned{h, key})
	in.slots[at] = int32(len(in.seen))
	if 4*len(in.seen) > 3*len(in.slots) {
		in.grow()
	}
	return int32(len(in.seen)) - 1
}

func (in *interner) grow() {
	in.slots = make([]int32, 2*len(in.slots))
	mask := len(in.slots) - 1
	for i := range in.seen {
		at := int(in.seen[i].hash) & mask
		for in.slots[at] != 0 {
			at = (at + 1) & mask
		}
		in.slots[at] = int32(i) + 1
	}
}
