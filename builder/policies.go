package builder

import (
	"cmp"
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// eachPolicy has do resolve every policy of the site, each with a worker. It
// returns them in the order of their ids.
func (s *survey) eachPolicy(ctx context.Context, composer *pages.Composer, out *output, do func(context.Context, *worker, *subject) (*policy.Policy, *record, error)) ([]*policy.Policy, error) {
	policies := make([]*policy.Policy, len(s.subjects))
	// The longest first, so that the last worker is not left alone with it.
	order := make([]int, len(s.subjects))
	total := 0
	for i, sub := range s.subjects {
		order[i] = i
		total += len(sub.history.Revisions)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(len(s.subjects[b].history.Revisions), len(s.subjects[a].history.Revisions))
	})

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		mu      sync.Mutex
		failure error
		next    int
		done    int
		wg      sync.WaitGroup
	)
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if failure == nil {
			failure = err
		}
		cancel()
	}
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(order) || ctx.Err() != nil {
			return 0, false
		}
		next++
		return order[next-1], true
	}
	finish := func(i int, p *policy.Policy, r *record) {
		mu.Lock()
		defer mu.Unlock()
		policies[i] = p
		s.problems = append(s.problems, r.Problems...)
		s.permanence.add(p.ID, r)
		if done += len(s.subjects[i].history.Revisions); s.opt.Progress != nil {
			s.opt.Progress("building", done, total)
		}
	}
	for range min(runtime.GOMAXPROCS(0), len(order)) {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					fail(&Bug{r, debug.Stack()})
				}
			}()
			w, err := s.newWorker(composer, out)
			if err != nil {
				fail(err)
				return
			}
			defer w.close()
			for i, ok := take(); ok; i, ok = take() {
				p, r, err := do(ctx, w, s.subjects[i])
				if err != nil {
					fail(err)
					return
				}
				finish(i, p, r)
			}
		})
	}
	wg.Wait()
	if failure == nil {
		failure = ctx.Err()
	}
	return policies, failure
}
