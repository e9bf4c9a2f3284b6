package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// bench is the measurement of one corpus.
type bench struct {
	*settings
	program string
	work    string // folder for all that is made
	source  string // bare clone of the corpus
	facts   *facts
	pages   *extracted // nil when nobody needs them

	hugo     string            // program; "" when it cannot be had
	eleventy string            // script; "" when it cannot be had
	costs    map[string][]cost // by measurement
	failed   map[string]error  // why a measurement is missing
	made     int               // see fresh

	redlines *compared
	edit     *edited
	hugoEdit *edited
	stages   []share
}

// measure prepares a corpus, takes all measurements of it and prints them.
func measure(program, work, corpus, name string, set *settings) error {
	dir, err := os.MkdirTemp(work, "corpus-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{settings: set, program: program, work: dir, source: filepath.Join(dir, "corpus.git"), costs: map[string][]cost{}, failed: map[string]error{}}
	if corpus, err = filepath.Abs(corpus); err != nil {
		return err
	}
	say("preparing %s", name)
	if err := quiet("", "git", "clone", "--quiet", "--bare", "--single-branch", "--no-tags", corpus, b.source); err != nil {
		return err
	}
	if _, err := child(nil, &b.facts, "survey", b.source, b.path("blobs")); err != nil {
		return err
	}
	if err := b.prepare(); err != nil {
		return err
	}
	for i := range b.runs {
		for _, name := range measurements {
			if !b.wants(name) || b.failed[name] != nil || once(name) {
				continue
			}
			say("%s, %d of %d", name, i+1, b.runs)
			if err := b.take(name); err != nil {
				b.failed[name] = err
				say("%s: %v", name, err)
			}
		}
	}
	for _, name := range measurements {
		if b.wants(name) && once(name) {
			say("%s", name)
			if err := b.take(name); err != nil {
				b.failed[name] = err
				say("%s: %v", name, err)
			}
		}
	}
	b.print(name)
	return nil
}

// once tells which measurements are no processes that take turns.
func once(name string) bool { return name == "edit" || name == "stages" }

func (b *bench) path(name string) string { return filepath.Join(b.work, name) }

// fresh is a path that nothing had before. What is made there stays until the
// end: ext4 does not give out the inodes of files that were deleted in the last
// minutes, and looks for others, file by file, at the cost of the next program.
func (b *bench) fresh(name string) string {
	b.made++
	return b.path(name + "-" + strconv.Itoa(b.made))
}

// prepare gets the other programs and the pages that they need.
func (b *bench) prepare() error {
	var err error
	if b.wants("H") || b.wants("edit") {
		if b.hugo, err = hugo(); err != nil {
			b.hugo, b.failed["H"] = "", fmt.Errorf("no Hugo %s: %w", hugoVersion, err)
		}
	}
	if b.wants("E") {
		if b.eleventy, err = eleventy(); err != nil {
			b.eleventy, b.failed["E"] = "", fmt.Errorf("no Eleventy %s: %w", eleventyVersion, err)
		}
	}
	if b.hugo == "" && b.eleventy == "" {
		return nil
	}
	say("extracting pages")
	site := b.fresh("site")
	if _, err := b.build(b.source, site); err != nil {
		return err
	}
	if _, err := child(nil, &b.pages, "extract", site, b.facts.Edited, b.path("pages/content")); err != nil {
		return err
	}
	return configure(b.path("pages"))
}

// take takes one measurement once.
func (b *bench) take(name string) error {
	add := func(name string, c cost, err error) error {
		if err == nil {
			b.costs[name] = append(b.costs[name], c)
		}
		return err
	}
	pages := b.path("pages")
	switch name {
	case "ours":
		c, err := b.build(b.source, b.fresh("site"))
		return add(name, c, err)
	case "F":
		log, err := command{dir: b.source, args: []string{"git", "log", "--raw", "-z", "--no-renames"}}.run()
		if err != nil {
			return err
		}
		texts, err := command{dir: b.source, in: b.path("blobs"), args: []string{"git", "cat-file", "--batch", "--buffer"}}.run()
		return add(name, log.and(texts), err)
	case "W":
		c, err := command{dir: b.source, args: []string{"git", "log", "-p", "--word-diff=porcelain"}}.run()
		return add(name, c, err)
	case "H":
		site := b.fresh("hugo")
		c, err := command{dir: pages, env: []string{"HUGO_CACHEDIR=" + b.path("hugo-cache")},
			args: []string{b.hugo, "--minify", "--quiet", "--noBuildLock", "--destination", site}}.run()
		return add(name, c, b.complete(site, err))
	case "E":
		site := b.fresh("eleventy")
		c, err := command{dir: pages, args: []string{"node", b.eleventy, "--quiet", "--output=../" + filepath.Base(site)}}.run()
		return add(name, c, b.complete(site, err))
	case "history":
		c, err := child(nil, nil, "history", b.source)
		return add(name, c, err)
	case "redlines":
		var r compared
		if _, err := child(nil, &r, "redlines", b.source); err != nil {
			return err
		}
		if b.redlines == nil || r.Worst < b.redlines.Worst {
			b.redlines = &r // the same pairs each time: what took longer was disturbed
		}
		return add(name, cost{cpu: r.CPU}, nil)
	case "cores":
		for _, processors := range []string{"1", "2"} {
			c, err := b.build(b.source, b.fresh("site"), "GOMAXPROCS="+processors)
			if add("cores"+processors, c, err) != nil {
				return err
			}
		}
		return nil
	case "rebuild":
		return b.rebuild(add)
	case "edit":
		return b.latency()
	case "stages":
		return b.profiled()
	}
	panic("there is no measurement " + name)
}

// build is a cold build.
func (b *bench) build(source, destination string, env ...string) (cost, error) {
	return command{env: append(cacheAt(b.fresh("cache")), env...), args: build(b.program, source, destination)}.run()
}

// complete fails when another program did not make every page.
func (b *bench) complete(site string, err error) error {
	if err != nil {
		return err
	}
	n := 0
	err = filepath.WalkDir(site, func(name string, d os.DirEntry, err error) error {
		if strings.HasSuffix(name, ".html") {
			n++
		}
		return err
	})
	if err == nil && n != b.pages.Pages {
		err = fmt.Errorf("%s made %d pages of %d", site, n, b.pages.Pages)
	}
	return err
}

// clone makes a work tree of the corpus.
func (b *bench) clone(name string) (string, error) {
	dir := b.path(name)
	return dir, quiet("", "git", "clone", "--quiet", b.source, dir)
}

// rebuild builds, and twice commits an edit of one policy and builds to the same
// place again: the first such build has no spare of an earlier one.
func (b *bench) rebuild(add func(string, cost, error) error) error {
	source, err := b.clone("rebuild")
	if err != nil {
		return err
	}
	defer os.RemoveAll(source)
	run := command{env: cacheAt(b.fresh("cache")), args: build(b.program, source, b.fresh("site"))}
	c, err := run.run()
	if add("cold", c, err) != nil {
		return err
	}
	file := filepath.Join(source, filepath.FromSlash(b.facts.Edited))
	for _, key := range []string{"rebuild", "again"} {
		// Commits are further apart than that; and a folder that changed in the two
		// seconds before a build is read again by it.
		time.Sleep(3 * time.Second)
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, append(text, "\nOne more sentence.\n"...), 0o666); err != nil {
			return err
		}
		if err := quiet(source, "git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "--all", "--message=Edit"); err != nil {
			return err
		}
		c, err = run.run()
		if err := add(key, c, err); err != nil {
			return err
		}
	}
	return nil
}

// latency measures the preview, and Hugo's.
func (b *bench) latency() error {
	source, err := b.clone("edit")
	if err != nil {
		return err
	}
	defer os.RemoveAll(source)
	if _, err := child(nil, &b.edit, "edit", source, b.facts.Edited, fmt.Sprint(b.settings.edits)); err != nil {
		return err
	}
	if b.hugo == "" {
		return nil
	}
	say("edit, Hugo's server")
	if b.hugoEdit, err = rebuilds(b.hugo, b.path("pages"), b.pages.Edited, min(b.settings.edits, 20)); err != nil {
		b.failed["server"] = err
	}
	return nil
}

// profiled is a build with a profile, and what its stages took.
func (b *bench) profiled() error {
	profile := b.profile
	if profile == "" {
		profile = b.path("cpu.prof")
	}
	c, err := child(nil, nil, "build", b.source, b.fresh("site"), profile)
	if err != nil {
		return err
	}
	b.costs["stages"] = []cost{c}
	b.stages, err = breakdown(profile)
	return err
}

// taken is the median of a measurement; false when there is none.
func (b *bench) taken(name string) (cost, bool) {
	if len(b.costs[name]) == 0 {
		return cost{}, false
	}
	return median(b.costs[name]), true
}

func ratio[N ~int64](a, b N) float64 { return float64(a) / float64(max(b, 1)) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// mebibytes is a size in memory.
func mebibytes(n int64) string {
	if n == 0 {
		return "not known"
	}
	return fmt.Sprint((n + 1<<19) >> 20)
}
