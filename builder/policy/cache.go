package policy

// Cache keeps values that are worth keeping in memory: the text of a blob, what
// became of a paragraph. Each value costs some bytes, and Limit says about how
// many the cache holds. The two values that were put in last are always there,
// whatever they cost: two texts that are compared may be large.
//
// It has two generations. When the young one holds half of the limit, it becomes
// the old one, and what nobody got in the meantime is forgotten.
//
// A Cache needs nothing but its Limit. It is not for two goroutines at a time.
type Cache[K comparable, V any] struct {
	Limit      int
	young, old map[K]cached[V]
	cost       int // of young
}

type cached[V any] struct {
	value V
	cost  int
}

// Get returns the value that was put under a key, unless it is forgotten.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	e, ok := c.young[key]
	if !ok {
		if e, ok = c.old[key]; ok {
			c.Put(key, e.value, e.cost)
		}
	}
	return e.value, ok
}

// Put keeps a value under a key.
func (c *Cache[K, V]) Put(key K, value V, cost int) {
	if c.young == nil || c.cost >= c.Limit/2 {
		c.young, c.old, c.cost = map[K]cached[V]{}, c.young, 0
	}
	c.young[key] = cached[V]{value, cost}
	c.cost += cost
}
