package builder

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

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
	var (
		out  = make([]*record.Resolved, len(all))
		sums record.Sums
		mu   sync.Mutex
		done int
	)
	err := parallel(ctx, len(order), func(ctx context.Context, next func() (int, bool)) error {
		blobs, err := in.repo.Reader()
		if err != nil {
			return err
		}
		defer blobs.Close()
		r := record.NewReader(cat, blobs, &sums)
		for n, ok := next(); ok; n, ok = next() {
			i := order[n]
			resolved, err := do(r, all[i])
			if err != nil {
				return err
			}
			mu.Lock()
			out[i] = resolved
			if done += len(all[i].History.Revisions); in.opt.Progress != nil {
				in.opt.Progress("building", done, total)
			}
			mu.Unlock()
		}
		return nil
	})
	return out, err
}

// parallel runs as many workers as there are processors, which take turns at
// 0 … n-1: each asks next for the next one until there is none. The first error
// ends them all.
func parallel(ctx context.Context, n int, worker func(ctx context.Context, next func() (int, bool)) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		taken int
	)
	next := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if taken == n || ctx.Err() != nil {
			return 0, false
		}
		taken++
		return taken - 1, true
	}
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			err := func() (err error) {
				defer recovered(&err)
				return worker(ctx, next)
			}()
			if err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// Bug is a fault of this program that came up while it ran. It reaches the
// caller as an error, so that nothing is left half-done.
type Bug struct {
	Value any
	Stack []byte
}

func (b *Bug) Error() string { return fmt.Sprintf("a fault of this program: %v", b.Value) }

// recovered makes an error of a panic; it is to be deferred.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = &Bug{r, debug.Stack()}
	}
}
