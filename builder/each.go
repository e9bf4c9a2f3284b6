package builder

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/record"
)

// each has do resolve policies of a catalog, as many at a time as there are
// processors. It returns them in the order in which they came.
func (in *input) each(ctx context.Context, cat *catalog.Catalog, all []*catalog.Policy, do func(*record.Reader, *catalog.Policy) (*record.Resolved, error)) ([]*record.Resolved, error) {
	// The longest first, so that the last goroutine is not left alone with it.
	order, total := make([]int, len(all)), 0
	for i, p := range all {
		order[i] = i
		total += len(p.History.Revisions)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(len(all[b].History.Revisions), len(all[a].History.Revisions))
	})
	out := make([]*record.Resolved, len(all))
	var mu sync.Mutex
	done := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, i := range order {
		group.Go(func() error {
			return in.with(ctx, cat, func(r *record.Reader) (err error) {
				if out[i], err = do(r, all[i]); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				if done += len(all[i].History.Revisions); in.opt.Progress != nil {
					in.opt.Progress("building", done, total)
				}
				return nil
			})
		})
	}
	return out, group.Wait()
}

// with lends a reader of a catalog.
func (in *input) with(ctx context.Context, cat *catalog.Catalog, use func(*record.Reader) error) error {
	return in.readers.With(ctx, in.repo, cat, nil, use)
}
