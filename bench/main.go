// Bench measures policysite against programs that are known: git, Hugo and
// Eleventy, on the same repository in the same run.
//
//	go run ./bench                                  a small synthetic repository
//	go run ./bench policies.bundle                  a repository, or a bundle of one
//	go run ./bench -synthetic 1x2500+15x500         16 policies, 10,000 versions
//	go run ./bench -growth 1k,10k,40k,100k          how cost grows
//	go run ./bench -n 5 -only ours,F,H REPOSITORY   some measurements, five times each
//
// It prints tables in Markdown: what each program took (CPU seconds, user and
// system, of all its processes; time on the wall; the largest resident size),
// how that compares with the budgets, and what the stages of a build took.
// Runs alternate, and figures are medians. docs/performance.md says what each
// row means.
//
// Hugo and Eleventy are installed into the user's cache folder when they are
// first asked for. What cannot be had is named as missing.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// started is when this process was.
var started = time.Now()

// measurements are what -only chooses from.
var measurements = []string{"ours", "F", "H", "E", "W", "history", "redlines", "cores", "rebuild", "edit", "stages"}

// settings are what the command line says.
type settings struct {
	runs    int
	edits   int
	only    []string
	profile string // file for the CPU profile; "" when nobody wants it
}

func (s *settings) wants(name string) bool { return slices.Contains(s.only, name) }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && args[0] == "-child" {
		return do(args[1:])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	set := &settings{}
	flags.IntVar(&set.runs, "n", 3, "how many runs to take the median of")
	flags.IntVar(&set.edits, "edits", 50, "how many edits to take the median of")
	flags.StringVar(&set.profile, "profile", "", "keep the CPU profile of a build in this file")
	only := flags.String("only", strings.Join(measurements, ","), "what to measure")
	synthetic := flags.String("synthetic", "", "measure a synthetic repository: POLICIESxVERSIONS, or a sum of such terms")
	growth := flags.String("growth", "", "measure synthetic repositories of so many versions, such as 1k,10k,40k,100k, and nothing else")
	if err := flags.Parse(args); err != nil {
		return err
	}
	set.only = strings.Split(*only, ",")
	for _, name := range set.only {
		if !slices.Contains(measurements, name) {
			return fmt.Errorf("-only: want some of %s, have %q", strings.Join(measurements, ","), name)
		}
	}
	if set.runs < 1 || set.edits < 1 {
		return fmt.Errorf("-n, -edits: want 1 or more")
	}
	work, err := os.MkdirTemp("", "policysite-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		os.RemoveAll(work)
		os.Exit(130)
	}()
	program := filepath.Join(work, "policysite.exe")
	say("building policysite")
	if err := quiet("", "go", "build", "-o", program, "github.com/policysite/policysite/cmd/policysite"); err != nil {
		return err
	}
	fmt.Println(machine())
	if *growth != "" {
		return grow(program, work, strings.Split(*growth, ","), set.runs)
	}
	corpora := flags.Args()
	if *synthetic == "" && len(corpora) == 0 {
		*synthetic = "20x50"
	}
	if *synthetic != "" {
		p, err := parsePlan(*synthetic)
		if err != nil {
			return fmt.Errorf("-synthetic: %w", err)
		}
		dir := filepath.Join(work, "synthetic.git")
		say("writing a synthetic repository of %d versions", p.versions())
		if _, err := child(nil, nil, "generate", dir, *synthetic); err != nil {
			return err
		}
		if err := measure(program, work, dir, "synthetic "+*synthetic, set); err != nil {
			return err
		}
	}
	for _, name := range corpora {
		if err := measure(program, work, name, filepath.Base(name), set); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// say tells what is going on, apart from the results.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%7.1f s  %s\n", time.Since(started).Seconds(), fmt.Sprintf(format, args...))
}

// grow measures builds of synthetic repositories of several sizes. Each is
// compared with the first one; from 10,000 versions on, with that.
//
// The largest is built first, and no site is removed before the end: a file takes
// the kernel two or three times as long where a virtual machine has to get memory
// for it from its host. That is so for all of a large site but its first gigabytes,
// and would not be for a small one that comes first, or after others were removed.
func grow(program, work string, sizes []string, runs int) error {
	plans := make([]plan, len(sizes))
	for i, size := range sizes {
		var err error
		if plans[i], err = parseSize(size); err != nil {
			return fmt.Errorf("-growth: %w", err)
		}
	}
	order := make([]int, len(plans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(plans[j].versions(), plans[i].versions()) })
	costs := make([]cost, len(plans))
	for _, i := range order {
		var err error
		if costs[i], err = growTo(program, work, plans[i], runs); err != nil {
			return err
		}
	}
	fmt.Println("\n| versions | policies | CPU s | CPU ms per version | wall s | peak MiB | versions, times | CPU, times |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	base := 0
	for i, p := range plans {
		c, more, moreCPU := costs[i], "", ""
		if i > 0 {
			more = fmt.Sprintf("%.1f", float64(p.versions())/float64(plans[base].versions()))
			moreCPU = fmt.Sprintf("%.1f", ratio(c.cpu, costs[base].cpu))
		}
		if p.versions() == 10_000 {
			base = i
		}
		fmt.Printf("| %d | %d | %s | %.2f | %s | %s | %s | %s |\n", p.versions(), len(p), seconds(c.cpu),
			c.cpu.Seconds()*1000/float64(p.versions()), seconds(c.wall), mebibytes(c.peak), more, moreCPU)
	}
	return nil
}

// growTo measures builds of one synthetic repository.
func growTo(program, work string, p plan, runs int) (cost, error) {
	var terms []string
	for _, m := range p {
		terms = append(terms, fmt.Sprintf("1x%d", m))
	}
	versions := p.versions()
	dir := filepath.Join(work, fmt.Sprintf("growth-%d.git", versions))
	say("writing a synthetic repository of %d versions", versions)
	if _, err := child(nil, nil, "generate", dir, strings.Join(terms, "+")); err != nil {
		return cost{}, err
	}
	var all []cost
	for i := range runs {
		say("%d versions, build %d of %d", versions, i+1, runs)
		site := filepath.Join(work, fmt.Sprintf("growth-%d-%d", versions, i))
		c, err := command{env: cacheAt(site + "-cache"), args: build(program, dir, site)}.run()
		if err != nil {
			return cost{}, err
		}
		all = append(all, c)
	}
	return median(all), nil
}

// build is the command line of a build.
func build(program, source, destination string) []string {
	return []string{program, "build", "--quiet", "--source", source, "--destination", destination}
}

// cacheAt gives a build another folder for the user's cache.
func cacheAt(dir string) []string { return []string{"XDG_CACHE_HOME=" + dir} }
