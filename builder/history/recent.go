package history

// recent keeps the values that were used last: as many as have a size of limit
// together, and at most twice as many. A larger one is not kept.
type recent[K comparable, V any] struct {
	limit        int
	size         int // of newer
	newer, older map[K]sized[V]
}

type sized[V any] struct {
	value V
	size  int
}

func (r *recent[K, V]) get(key K) (V, bool) {
	if s, ok := r.newer[key]; ok {
		return s.value, true
	}
	s, ok := r.older[key]
	if ok {
		r.put(key, s.value, s.size)
	}
	return s.value, ok
}

func (r *recent[K, V]) put(key K, value V, size int) {
	if size > r.limit {
		return
	}
	if r.newer == nil || r.size+size > r.limit {
		r.newer, r.older, r.size = make(map[K]sized[V], len(r.newer)), r.newer, 0
	}
	r.newer[key] = sized[V]{value, size}
	r.size += size
}
