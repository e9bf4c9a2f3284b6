package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"time"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/cputime"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/layouts"
)

// do does one thing in a process of its own, so that it can be measured and
// takes no part in other measurements.
func do(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("-child: want what to do")
	}
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	var result any
	var err error
	switch args[0] {
	case "generate":
		var p plan
		if p, err = parsePlan(arg(2)); err == nil {
			err = generate(arg(1), p)
		}
	case "survey":
		result, err = survey(arg(1), arg(2))
	case "extract":
		result, err = extract(arg(1), arg(2), arg(3))
	case "build":
		err = profiled(arg(1), arg(2), arg(3))
	case "history":
		err = readAll(arg(1))
	case "redlines":
		result, err = redlines(arg(1))
	case "edit":
		var n int
		if n, err = strconv.Atoi(arg(3)); err == nil {
			result, err = edits(arg(1), arg(2), n)
		}
	default:
		err = fmt.Errorf("-child: nothing is called %q", args[0])
	}
	if err != nil || result == nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func options(source string) builder.Options {
	return builder.Options{Source: source, Theme: layouts.FS, Generator: "policysite bench", Now: time.Now()}
}

// profiled is a build with a CPU profile.
func profiled(source, destination, profile string) error {
	f, err := os.Create(profile)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	opt := options(source)
	opt.Destination = destination
	_, err = builder.Build(context.Background(), opt)
	return err
}

// readAll reads the history of all policies and every text of it, each once.
func readAll(source string) error {
	p, err := readPast(source)
	if err != nil {
		return err
	}
	defer p.repo.Close()
	reader, err := p.repo.Reader()
	if err != nil {
		return err
	}
	defer reader.Close()
	seen := map[string]bool{}
	for _, h := range p.histories {
		for _, r := range slices.Backward(h.Revisions) {
			if r.Blob == "" || seen[r.Blob] {
				continue
			}
			seen[r.Blob] = true
			if _, err := reader.Blob(r.Blob); err != nil {
				return err
			}
		}
	}
	return nil
}

// compared says what the redlines of all pairs of versions took.
type compared struct {
	Pairs int
	CPU   time.Duration // all of them, the collection of their garbage too
	Worst time.Duration // of one pair: CPU time of its thread, the best of five tries
	Path  string        // of the worst pair
	Blobs [2]string
}

// redlined is a pair of texts whose redline took long.
type redlined struct {
	old, new redline.Side
	took     time.Duration
	path     string
	blobs    [2]string
}

// redlines writes the redline of every revision of every policy against the one
// before it, as a build does: each text prepared once, and those of a policy by one
// Comparer. Reading and rendering
// are not counted: texts are made ready in batches.
func redlines(source string) (*compared, error) {
	p, err := readPast(source)
	if err != nil {
		return nil, err
	}
	defer p.repo.Close()
	runtime.LockOSThread() // usedByThread is about this goroutine alone
	renderer := markdown.New(markdown.Options{})
	out := &compared{}
	var slowest []redlined
	for _, h := range p.histories {
		var last redline.Side
		var comparer redline.Comparer
		var html []byte
		lastBlob := ""
		for revisions := h.Revisions; len(revisions) > 0; {
			type ready struct {
				side redline.Side
				blob string
			}
			var batch []ready
			for size := 0; len(revisions) > 0 && size < 4<<20; revisions = revisions[1:] {
				blob := revisions[0].Blob
				if blob == "" || blob == lastBlob {
					continue // gone, or moved
				}
				text, err := p.repo.Blob(blob)
				if err != nil {
					return nil, err
				}
				size += len(text)
				meta, body, line, _ := policy.ParseSource(text)
				if doc, err := renderer.Render(body, line); err == nil {
					batch = append(batch, ready{redline.Side{Doc: doc, Title: meta.Title}, blob})
				}
			}
			runtime.GC() // what rendering left is not to be collected below
			start := cputime.Used()
			for _, b := range batch {
				before := usedByThread()
				next := b.side.Prepare()
				if last.Doc != nil {
					html = comparer.Compare(last, next).HTML(redline.HTMLOptions{Into: html[:0], Snapshot: "../"})
					out.Pairs++
					slowest = keepSlowest(slowest, redlined{last, next, usedByThread() - before, h.Path, [2]string{lastBlob, b.blob}})
				}
				last, lastBlob = next, b.blob
			}
			out.CPU += cputime.Used() - start
		}
	}
	for _, r := range slowest {
		took := r.took
		for range 5 {
			before := usedByThread()
			redline.Compare(redline.Side{Doc: r.old.Doc, Title: r.old.Title}, redline.Side{Doc: r.new.Doc, Title: r.new.Title}).HTML(redline.HTMLOptions{Snapshot: "../"})
			took = min(took, usedByThread()-before)
		}
		if took > out.Worst {
			out.Worst, out.Path, out.Blobs = took, r.path, r.blobs
		}
	}
	return out, nil
}

// keepSlowest keeps the ten pairs that took longest: which of them is the worst
// one is measured again, more than once.
func keepSlowest(all []redlined, r redlined) []redlined {
	all = append(all, r)
	slices.SortFunc(all, func(a, b redlined) int { return cmp.Compare(b.took, a.took) })
	return all[:min(len(all), 10)]
}

// edited says how long it took from the save of a text to its page.
type edited struct{ Median, P95 time.Duration }

// edits saves a text again and again, and makes its page each time the way a
// preview does: it looks at the work tree, makes the page, and here writes it to
// a file. The time until the system tells of a save is not in it.
func edits(source, path string, n int) (*edited, error) {
	live, err := builder.OpenLive(options(source))
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	preview, err := live.Load(ctx)
	if err != nil {
		return nil, err
	}
	if err := preview.Warm(ctx); err != nil {
		return nil, err
	}
	file := filepath.Join(source, filepath.FromSlash(path))
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	page := filepath.Join(filepath.Dir(source), "edited.html")
	var all []time.Duration
	for i := range n + 1 {
		start := time.Now()
		if err := os.WriteFile(file, fmt.Appendf(text, "\nEdit %d.\n", i), 0o666); err != nil {
			return nil, err
		}
		if preview, err = live.Load(ctx); err != nil {
			return nil, err
		}
		if len(preview.Changed) != 1 {
			return nil, fmt.Errorf("an edit of %s changed %q: want one policy", path, preview.Changed)
		}
		content, err := preview.File(ctx, preview.Changed[0][1:]+"index.html")
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(page, content, 0o666); err != nil {
			return nil, err
		}
		if i > 0 { // the first is of another kind: there was no draft before it
			all = append(all, time.Since(start))
		}
	}
	return spread(all), nil
}

// spread is the median of some times, and the time that 95 of 100 do not
// exceed.
func spread(all []time.Duration) *edited {
	slices.Sort(all)
	return &edited{
		middle(all, func(d time.Duration) time.Duration { return d }),
		all[(len(all)*95+99)/100-1],
	}
}
