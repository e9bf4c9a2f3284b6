//go:build linux || darwin

// Bench measures policysite against Hugo and Eleventy, and against limits, and
// prints one table:
//
//	go run ./bench                                     a small synthetic repository
//	go run ./bench policies.bundle                     a repository, or a bundle of one
//	go run ./bench -n 5 -only ours,H policies.bundle   medians of five runs, two programs
//
// docs/performance.md says what each row is.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"go/version"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// rows are the table. A limit is one of the ratio to the yardstick, or of the
// figure itself where there is no yardstick.
var rows = []struct{ what, ours, yardstick, unit, must, aim string }{
	{"cold build, CPU, against H", "ours", "H", "s", "≤ 0.60", "≤ 0.40"},
	{"cold build, CPU, against E", "ours", "E", "s", "", ""},
	{"peak memory against H", "ours", "H", "MiB", "≤ 0.10", "≤ 0.05"},
	{"one policy of 5,000 versions against 500, CPU", "5000", "500", "s", "≤ 11", "≤ 10.3"},
	{"one policy of 5,000 versions against 500, bytes of the site", "5000", "500", "MB", "≤ 11", "≤ 10.3"},
	{"40,000 versions, peak memory", "40k", "", "MiB", "≤ 512", "≤ 256"},
	{"edit to reloaded page, 95th percentile", "edit", "", "ms", "≤ 250", "≤ 150"},
	{"code without tests", "code", "", "lines", "≤ 32500", "≤ 30000"},
	{"`go test ./...`, uncached, two processors", "tests", "", "s", "≤ 120", "≤ 60"},
}

const eleventyVersion = "3.1.8"

// hugoVersion is the newest Hugo that the Go at hand builds.
func hugoVersion() string {
	if version.Compare(runtime.Version(), "go1.27") < 0 {
		return "0.165.0" // 0.166.0 and later need Go 1.27
	}
	return "0.169.0"
}

type bench struct {
	ctx  context.Context
	work string // folder for all that is made
	root string // of the checkout
}

// cost is what a measurement found: figures by their units.
type cost map[string]float64

func main() {
	runs := flag.Int("n", 3, "how many runs to take the median of")
	only := flag.String("only", "ours,H,E,500,5000,40k,edit,code,tests", "what to measure")
	flag.Parse()
	if *runs < 1 || flag.NArg() > 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := attempt(func() { measure(ctx, flag.Arg(0), *runs, strings.Split(*only, ",")) }); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure takes the measurements by turns, so that what disturbs the machine
// disturbs all of them, and prints the table.
func measure(ctx context.Context, repository string, runs int, wanted []string) {
	// On a disk, the work of the file system would drown the rest.
	parent, room := "/dev/shm", syscall.Statfs_t{}
	if syscall.Statfs(parent, &room) != nil || room.Bavail*uint64(room.Bsize) < 10<<30 {
		parent = os.TempDir()
	}
	b := &bench{ctx: ctx, work: must(os.MkdirTemp(parent, "policysite-bench-*"))}
	defer os.RemoveAll(b.work)
	b.root = filepath.Dir(string(must(exec.Command("go", "env", "GOMOD").Output())))
	b.run(b.root, "go", "build", "-o", b.in("policysite"), "./cmd/policysite")
	if repository == "" {
		b.synthetic("corpus", slices.Repeat(plan{50}, 20))
	} else {
		b.run("", "git", "clone", "--quiet", "--bare", "--single-branch", "--no-tags", repository, b.in("corpus"))
	}
	load, _ := os.ReadFile("/proc/loadavg")
	costs := map[string][]cost{}
	for i := range runs {
		for _, name := range wanted {
			say("%s, %d of %d", name, i+1, runs)
			if err := attempt(func() { costs[name] = append(costs[name], b.take(name)) }); err != nil {
				say("%v", err)
			}
			check(cmp.Or(ctx.Err(), os.RemoveAll(b.in("out"))))
		}
	}
	fmt.Printf("%s · %d processors · %s/%s · %s · Hugo %s · Eleventy %s · load before: %.4s · sites in %s · %s · medians of %d\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		hugoVersion(), eleventyVersion, load, parent, filepath.Base(cmp.Or(repository, "a synthetic repository")), runs)
	fmt.Println("| figure | ours | yardstick | ratio | budget | aim |\n| --- | ---: | ---: | ---: | ---: | ---: |")
	for _, r := range rows {
		if slices.Contains(wanted, r.ours) && (r.yardstick == "" || slices.Contains(wanted, r.yardstick)) {
			ours, yardstick := median(costs[r.ours], r.unit), median(costs[r.yardstick], r.unit)
			row := fmt.Sprintf("| %s | %.5g %s | %.5g %s | %.3g | %s | %s |", r.what, ours, r.unit, yardstick, r.unit, ours/yardstick, r.must, r.aim)
			fmt.Println(strings.NewReplacer("NaN "+r.unit, "", "NaN", "").Replace(row))
		}
	}
}

// take takes a measurement once. What it writes into the folder out is removed after it.
func (b *bench) take(name string) cost {
	switch name {
	case "ours":
		return b.build(b.in("corpus"))
	case "H":
		program := b.tool("hugo-"+hugoVersion(), "hugo", "go", "install", "github.com/gohugoio/hugo@v"+hugoVersion())
		return b.yardstick(program, "--minify", "--quiet", "--noBuildLock", "--cacheDir="+b.in("out/cache"), "--destination="+b.in("out/site"))
	case "E":
		script := b.tool("eleventy-"+eleventyVersion, "node_modules/@11ty/eleventy/cmd.cjs",
			"npm", "install", "--prefix=.", "--ignore-scripts", "--no-audit", "--no-fund", "@11ty/eleventy@"+eleventyVersion)
		return b.yardstick("node", script, "--quiet", "--output=../out/site")
	case "500":
		return b.build(b.synthetic(name, plan{500}))
	case "5000":
		return b.build(b.synthetic(name, plan{5000}))
	case "40k":
		return b.build(b.synthetic(name, append(plan{2500}, slices.Repeat(plan{500}, 75)...)))
	case "edit":
		return cost{"ms": b.edit()}
	case "code":
		return weigh(b.root)
	case "tests":
		b.run(b.root, "go", "test", "-run=^$", "./...") // compiles
		start := time.Now()
		b.run(b.root, "env", "GOMAXPROCS=2", "go", "test", "-count=1", "./...")
		return cost{"s": time.Since(start).Seconds()}
	}
	panic("there is no measurement " + name)
}

func (b *bench) in(name string) string { return filepath.Join(b.work, name) }

// run runs a command. Its "s" is the user and system time of the process and of all that it
// waited for, its "MiB" the resident size of the largest of them. On Linux that is at least the
// size of the process that started it: this program must stay small.
func (b *bench) run(dir string, args ...string) cost {
	cmd := exec.CommandContext(b.ctx, args[0], args[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		check(fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out))
	}
	peak := float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	if runtime.GOOS == "darwin" {
		peak /= 1024 // it is in bytes there, and in KiB elsewhere
	}
	return cost{"s": (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), "MiB": peak}
}

func (b *bench) build(source string) cost {
	c := b.run("", b.in("policysite"), "build", "--quiet", "--source="+source, "--destination="+b.in("out/site"))
	c["MB"] = weigh(b.in("out/site"))["MB"]
	return c
}

// tool returns a file in the user's cache folder, and installs it first if it is not there.
func (b *bench) tool(name, file string, install ...string) string {
	dir := filepath.Join(must(os.UserCacheDir()), "policysite-bench", name)
	file = filepath.Join(dir, file)
	if _, err := os.Stat(file); err != nil {
		say("installing %s", name)
		check(os.MkdirAll(dir, 0o777))
		b.run(dir, append([]string{"env", "GOBIN=" + dir}, install...)...)
	}
	return file
}

// yardstick runs another program on one page of Markdown for each version.
func (b *bench) yardstick(args ...string) cost {
	if _, err := os.Stat(b.in("pages")); err != nil {
		b.build(b.in("corpus"))
		b.extract(b.in("out/site"))
		check(os.RemoveAll(b.in("out")))
	}
	c := b.run(b.in("pages"), args...)
	want, made := must(filepath.Glob(b.in("pages/content/*/*.md"))), must(filepath.Glob(b.in("out/site/*/*/index.html")))
	if len(made) != len(want) {
		check(fmt.Errorf("%s made %d pages of %d", args[0], len(made), len(want)))
	}
	return c
}

//go:embed pages
var configurations embed.FS

// extract writes the folder pages, for Hugo and Eleventy: their configurations, and the texts of all versions
// of a site of ours. The front matter has what a layout shows; another program may choke on the author's own.
func (b *bench) extract(site string) {
	check(os.CopyFS(b.work, configurations))
	var archive pages.Manifest
	check(json.Unmarshal(must(os.ReadFile(filepath.Join(site, "archive.json"))), &archive))
	for i, p := range archive.Policies {
		// An address of ours may mean something to another program.
		folder := b.in(fmt.Sprintf("pages/content/p%04d", i))
		check(os.MkdirAll(folder, 0o777))
		name := func(n int) string {
			if n < 0 || n >= len(p.Versions) {
				return ""
			}
			return fmt.Sprintf("v%05d", n)
		}
		for n, v := range p.Versions {
			source := must(os.ReadFile(filepath.Join(site, must(url.PathUnescape(v.SourceURL)))))
			_, body, _, _ := policy.ParseSource(source)
			text := strings.ReplaceAll(string(body), "{{", "{ {") // two braces open a shortcode of Hugo's
			day := fmt.Sprintf("%.10s", v.ID)
			page := fmt.Sprintf("---\ntitle: %q\ndate: %s\nday: %q\nprevious: %q\nnext: %q\nsha256: \"%x\"\ncommit: %q\n---\n%s",
				p.Title, day, day, name(n-1), name(n+1), sha256.Sum256(source), archive.Head, text)
			check(os.WriteFile(filepath.Join(folder, name(n)+".md"), []byte(page), 0o666))
		}
	}
}

// edit saves a policy again and again while policysite serve shows it. It returns the 95th percentile
// of the milliseconds until a client that listens, as a browser does, has fetched the new words.
func (b *bench) edit() float64 {
	source, clone := filepath.Join(b.root, "../shared/corpora/basecamp-policies.bundle"), b.in("out/clone")
	if _, err := os.Stat(source); err != nil {
		source = b.in("corpus")
	}
	b.run("", "git", "clone", "--quiet", source, clone)
	cmd := exec.CommandContext(b.ctx, b.in("policysite"), "serve", "--quiet", "--port=0", "--source="+clone)
	out := must(cmd.StdoutPipe())
	check(cmd.Start())
	defer cmd.Wait()
	defer cmd.Process.Kill()
	defer time.AfterFunc(5*time.Minute, func() { cmd.Process.Kill() }).Stop() // what waits below ends with the server
	home := strings.TrimSuffix(must(bufio.NewReader(out).ReadString('\n')), "/\n")
	var archive pages.Manifest
	check(json.Unmarshal(get(home+"/archive.json"), &archive))
	live := slices.DeleteFunc(archive.Policies, func(p pages.ManifestPolicy) bool { return p.Status != policy.StatusInForce })
	p := slices.MaxFunc(live, func(p, q pages.ManifestPolicy) int { return cmp.Compare(len(p.Versions), len(q.Versions)) })
	events := bufio.NewReader(must(http.Get(home + "/.policysite/events?page=" + p.URL)).Body)
	file := must(os.OpenFile(filepath.Join(clone, p.Path), os.O_WRONLY|os.O_APPEND, 0))
	var all []float64
	for i := range 51 {
		time.Sleep(700 * time.Millisecond) // saves in quick succession are taken together
		words, page := fmt.Sprintf("This is edit %d.", i), []byte(nil)
		saved := time.Now()
		must(file.WriteString("\n" + words + "\n"))
		for !bytes.Contains(page, []byte(words)) {
			if strings.Contains(must(events.ReadString('\n')), `"reload":true`) {
				page = get(home + p.URL)
			}
		}
		all = append(all, float64(time.Since(saved).Microseconds())/1000)
	}
	slices.Sort(all[1:]) // before the first save there was no draft
	return all[1+50*95/100]
}

func get(address string) []byte {
	answer := must(http.Get(address))
	defer answer.Body.Close()
	return must(io.ReadAll(answer.Body))
}

// weigh tells how many megabytes a folder has, and how many lines of Go without tests.
func weigh(dir string) cost {
	c := cost{}
	check(filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		c["MB"] += float64(must(d.Info()).Size()) / 1e6
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			c["lines"] += float64(bytes.Count(must(os.ReadFile(name)), []byte("\n")))
		}
		return nil
	}))
	return c
}

// median is the median of one figure; not a number where there is none.
func median(costs []cost, unit string) float64 {
	if len(costs) == 0 {
		return math.NaN()
	}
	slices.SortFunc(costs, func(a, b cost) int { return cmp.Compare(a[unit], b[unit]) })
	return (costs[(len(costs)-1)/2][unit] + costs[len(costs)/2][unit]) / 2
}

// say tells what is being done, apart from the table.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// check ends an attempt that failed.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func attempt(do func()) (err error) {
	defer func() {
		if failed := recover(); failed != nil {
			err = fmt.Errorf("%v", failed)
		}
	}()
	do()
	return nil
}
