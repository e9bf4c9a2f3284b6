package history

import (
	"context"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// MergeBase returns the newest commit that two commits both have in their history,
// first parents and others: where the one would be merged into the other. It is
// policy.ErrUsage when there is none.
func (r *Repository) MergeBase(ctx context.Context, a, b string) (string, error) {
	ours, _, err := r.reach(ctx, []string{a}, nil)
	if err != nil {
		return "", err
	}
	_, bases, err := r.reach(ctx, []string{b}, ours)
	if err != nil {
		return "", err
	}
	// Of several, those that another one has in its own history are older.
	for i := 0; i < len(bases) && len(bases) > 1; {
		others := slices.Delete(slices.Clone(bases), i, i+1)
		names := make([]string, len(others))
		for n, id := range others {
			names[n] = id.String()
		}
		older, _, err := r.reach(ctx, names, nil)
		if err != nil {
			return "", err
		}
		if older[bases[i]] {
			bases = others
		} else {
			i++
		}
	}
	if len(bases) == 0 {
		return "", policy.Fail(policy.ErrUsage, nil, "name the branch that the commit is to be merged into", "the commits %.7s and %.7s have no history in common", a, b)
	}
	newest, at := bases[0], int64(0)
	for _, id := range bases {
		c, err := r.objects.commit(id)
		if err != nil {
			return "", failure(err, "")
		}
		if t := c.committed.Unix(); t > at {
			newest, at = id, t
		}
	}
	return newest.String(), nil
}

// reach returns all commits in the history of some, and where it came upon the
// commits of until, beyond which it does not go.
func (r *Repository) reach(ctx context.Context, from []string, until map[oid]bool) (seen map[oid]bool, met []oid, err error) {
	seen = map[oid]bool{}
	var queue []oid
	for _, name := range from {
		id, _ := parseOID(name)
		queue = append(queue, id)
	}
	for len(queue) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		if until[id] {
			met = append(met, id)
			continue
		}
		c, err := r.objects.commit(id)
		if err != nil {
			return nil, nil, failure(err, "a commit before "+from[0])
		}
		queue = append(queue, c.parents...)
	}
	return seen, met, nil
}
