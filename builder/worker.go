package builder

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// eachPolicy resolves every policy of the site and hands each to use, with its
// texts at the worker's hand. It returns them in the order of their ids.
func (s *survey) eachPolicy(ctx context.Context, use func(*worker, *policy.Policy) error, out *output) ([]*policy.Policy, error) {
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
	finish := func(i int, p *policy.Policy, problems policy.Problems) {
		mu.Lock()
		defer mu.Unlock()
		policies[i] = p
		s.problems = append(s.problems, problems...)
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
			w, err := s.newWorker(out)
			if err != nil {
				fail(err)
				return
			}
			defer w.close()
			for i, ok := take(); ok; i, ok = take() {
				p, problems, err := w.resolve(ctx, s.subjects[i])
				if err == nil {
					err = use(w, p)
				}
				if err != nil {
					fail(err)
					return
				}
				finish(i, p, problems)
			}
		})
	}
	wg.Wait()
	if failure == nil {
		failure = ctx.Err()
	}
	return policies, failure
}

// worker takes one policy at a time from its blobs to its pages. Nothing of it
// is shared: go-git's storage and goldmark's parser must not be.
type worker struct {
	survey   *survey
	out      *output
	reader   *history.Reader
	renderer *markdown.Renderer
	spill    *spill
	versions []kept // of the policy at hand, all of them
	cut      int    // how many of them are not shown
	recent   []recent
	buf      [2][]byte
}

// kept is what the pages of one version need of its text.
type kept struct {
	step     int
	html     piece
	source   piece
	headings []pages.Heading
	files    []attached
}

// attached is a file that a version's text links to.
type attached struct {
	path string // as linked
	file history.File
}

// recent is a text that may come back: many policies flip between two.
type recent struct {
	blob   string
	source []byte
	text   *policy.Text
}

const keepRecent = 3

func (s *survey) newWorker(out *output) (*worker, error) {
	reader, err := s.repo.Reader()
	if err != nil {
		return nil, err
	}
	spill, err := newSpill()
	if err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	return &worker{
		survey: s, out: out, reader: reader, spill: spill,
		renderer: markdown.New(markdown.Options{Trusted: s.config.TrustedHTML}),
	}, nil
}

func (w *worker) close() {
	w.reader.Close()
	w.spill.close()
}

// resolve reads the revisions of a policy, oldest first, into versions, and
// puts the texts of the versions aside.
func (w *worker) resolve(ctx context.Context, sub *subject) (*policy.Policy, policy.Problems, error) {
	w.spill.reset()
	w.versions, w.recent = w.versions[:0], w.recent[:0]
	place := sub.place
	timeline := policy.NewTimeline(policy.TimelineOptions{
		Zone:        w.survey.config.Timezone,
		AuthorDates: w.survey.config.AuthorDates,
		Subjects:    w.survey.config.CommitSubjects,
		Name:        fileTitle(sub.history.Path),
		Since:       w.survey.since(sub),
	})
	for _, rev := range sub.history.Revisions {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		step := w.survey.log.Steps[rev.Step]
		if rev.Blob == "" {
			timeline.Add(rev, step, nil)
			continue
		}
		r, err := w.read(rev.Blob)
		if err != nil {
			return nil, nil, err
		}
		if former := w.survey.layout.FormerURL(rev.Path, &r.text.Meta); former != "" && former != place.URL && !slices.Contains(place.Former, former) && !r.text.Meta.Draft {
			place.Former = append(place.Former[:len(place.Former):len(place.Former)], former)
		}
		if timeline.Add(rev, step, r.text) < 0 {
			continue
		}
		if err := w.keep(rev, r); err != nil {
			return nil, nil, err
		}
	}
	if len(w.versions) == 0 {
		return nil, nil, errNoVersion(sub)
	}
	if err := w.attach(sub, timeline); err != nil {
		return nil, nil, err
	}
	life := timeline.Finish(w.survey.at, sub.history.Live)
	w.cut = life.Cut
	p := &policy.Policy{
		Place: place, Title: life.Versions[len(life.Versions)-1].Title, Description: sub.meta.Description,
		Weight: sub.meta.Weight, Layout: sub.meta.Layout,
		Status: life.Status, Versions: life.Versions, Current: life.Current, Gone: life.Gone, NextChange: life.NextChange,
	}
	var problems policy.Problems
	if sub.history.Live {
		problems = timeline.Problems()
		// What is shown of the text as it is now, though it started no version.
		if present := w.survey.present[sub.history.Path]; present != nil {
			p.Title = present.title
		}
	}
	return p, problems, nil
}

// read renders a blob, or finds it among the recent ones.
func (w *worker) read(blob string) (recent, error) {
	for i, r := range w.recent {
		if r.blob == blob {
			w.recent = append(slices.Delete(w.recent, i, i+1), r)
			return r, nil
		}
	}
	source, err := w.reader.Blob(blob)
	if err != nil {
		return recent{}, err
	}
	r := recent{blob: blob, source: source}
	meta, body, line, problems := policy.ParseSource(source)
	if wrong := problems.Errors(false); len(wrong) > 0 {
		r.text = policy.BrokenText(source, meta, wrong)
	} else if doc, err := w.renderer.Render(body, line); err != nil {
		r.text = policy.BrokenText(source, meta, err)
	} else {
		r.text = policy.NewText(source, meta, doc)
	}
	if len(w.recent) == keepRecent {
		w.recent = slices.Delete(w.recent, 0, 1)
	}
	w.recent = append(w.recent, r)
	return r, nil
}

// keep puts aside what the page of a version needs.
func (w *worker) keep(rev policy.Revision, r recent) (err error) {
	k := kept{step: rev.Step}
	if k.source, err = w.spill.put(r.source); err != nil {
		return err
	}
	if doc := r.text.Doc; doc != nil {
		from := origin{rev.Path, rev.Step, doc.IDs, w.reader.Blob}
		text, files, err := w.survey.writeText(doc, from, w.out)
		if err != nil {
			return err
		}
		k.headings, k.files = text.Headings, files
		if k.html, err = w.spill.put(text.HTML); err != nil {
			return err
		}
	}
	w.versions = append(w.versions, k)
	return nil
}

// text is the text of version i of the policy at hand.
func (w *worker) text(i int) (pages.Text, error) {
	k := w.versions[w.cut+i]
	html, err := w.spill.get(k.html, w.buf[0])
	w.buf[0] = html
	return pages.Text{HTML: html, Headings: k.headings}, err
}

// source is the source of version i of the policy at hand.
func (w *worker) source(i int) ([]byte, error) {
	source, err := w.spill.get(w.versions[w.cut+i].source, w.buf[1])
	w.buf[1] = source
	return source, err
}

// attach publishes the files that the versions link to: as they were then, and
// as they became while the version was the latest.
func (w *worker) attach(sub *subject, timeline *policy.Timeline) error {
	s := w.survey
	for i, k := range w.versions {
		until := s.head()
		if i+1 < len(w.versions) {
			until = w.versions[i+1].step - 1
		} else if last := sub.history.Revisions[len(sub.history.Revisions)-1]; last.Blob == "" {
			until = last.Step - 1
		}
		var out []policy.Attachment
		for _, a := range k.files {
			for n, state := range s.log.States(a.file.Path, k.step, until) {
				if state.File.Mode != history.Regular && state.File.Mode != history.Executable {
					continue
				}
				sum, url, err := w.out.attach(state.File, a.path, w.reader.Blob)
				if err != nil {
					return err
				}
				step := s.log.Steps[state.Step]
				options := policy.TimelineOptions{Zone: s.config.Timezone, AuthorDates: s.config.AuthorDates}
				out = append(out, policy.Attachment{
					Path: a.path, URL: url, SHA256: sum, Commit: step.Commit,
					Day: policy.DateOf(options.Recorded(step), options.Zone), Later: n > 0,
				})
			}
		}
		timeline.Attach(i, out)
	}
	return nil
}

func errNoVersion(sub *subject) error {
	return policy.Problems{{Path: sub.history.Path, Message: "has no version to show: every revision of it is a draft", Hint: "remove `draft`, or the policy from `archived`"}}
}

// since reads the setting that hides the beginning of a policy's history.
func (s *survey) since(sub *subject) func(step int, day policy.Date) bool {
	setting, ok := s.config.Since[sub.place.ID]
	if !ok {
		return nil
	}
	if day, err := policy.ParseDate(setting); err == nil {
		return func(_ int, d policy.Date) bool { return !d.Before(day) }
	}
	for i, step := range s.log.Steps {
		if len(setting) >= 7 && len(setting) <= len(step.Commit) && step.Commit[:len(setting)] == setting {
			return func(n int, _ policy.Date) bool { return n >= i }
		}
	}
	return nil
}
