package policy_test

import (
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

func TestCacheIsBounded(t *testing.T) {
	const limit, cost = 1000, 10
	c := policy.Cache[int, int]{Limit: limit}
	for i := range 10 * limit {
		c.Put(i, -i, cost)
		if v, ok := c.Get(0); !ok || v != 0 {
			t.Fatalf("0 is forgotten after %d more, though it was asked for each time", i)
		}
		if v, ok := c.Get(i); !ok || v != -i {
			t.Fatalf("%d: got %d, %v", i, v, ok)
		}
	}
	kept := 0
	for i := range 10 * limit {
		if _, ok := c.Get(i); ok {
			kept++
		}
	}
	if kept < limit/cost/2 || kept > limit/cost {
		t.Errorf("%d values are kept, want %d to %d", kept, limit/cost/2, limit/cost)
	}
}

// Two versions of a text are there together, however large they are.
func TestCacheKeepsTwo(t *testing.T) {
	var c policy.Cache[string, string]
	c.Put("a", "1", 1<<30)
	c.Put("b", "2", 1<<30)
	for key, want := range map[string]string{"a": "1", "b": "2"} {
		if got, ok := c.Get(key); !ok || got != want {
			t.Errorf("%s: got %q, %v", key, got, ok)
		}
	}
	c.Put("c", "3", 1<<30)
	c.Put("d", "4", 1<<30)
	if got, ok := c.Get("a"); ok {
		t.Errorf("a: got %q, want it forgotten", got)
	}
}
