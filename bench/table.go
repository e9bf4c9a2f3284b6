package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine is one line on where and when.
func machine() string {
	parts := []string{time.Now().UTC().Format("2006-01-02 15:04 UTC")}
	add := func(format string, value string) {
		if value != "" {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add("%s", field("/proc/cpuinfo", "model name"))
	add("%s processors", fmt.Sprint(runtime.NumCPU()))
	add("%s of memory", field("/proc/meminfo", "MemTotal"))
	add("%s", runtime.GOOS+"/"+runtime.GOARCH)
	add("%s", runtime.Version())
	add("%s", output("git", "--version"))
	add("node %s", output("node", "--version"))
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		add("load before: %s", strings.Join(strings.Fields(string(load))[:3], " "))
	}
	return strings.Join(parts, " · ")
}

// field is the first value of that name in a file of Linux; "" elsewhere.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func output(name string, args ...string) string {
	out, _ := exec.Command(name, args...).Output()
	return strings.TrimSpace(string(out))
}

// print prints all that was measured, as tables in Markdown.
func (b *bench) print(name string) {
	f := b.facts
	fmt.Printf("\n## %s\n\n%d policies, %d revisions, %d distinct texts, %.1f MB of Markdown in all revisions; medians of %d\n",
		name, f.Policies, f.Revisions, f.Blobs, float64(f.Bytes)/1e6, b.runs)
	if b.pages != nil {
		fmt.Printf("pages for other programs: %d, one for each version, %.1f MB of Markdown\n", b.pages.Pages, float64(b.pages.Bytes)/1e6)
	}
	b.printCosts()
	b.printFigures()
	b.printStages()
}

// printCosts prints what each program took.
func (b *bench) printCosts() {
	rows := []struct{ measurement, key, what string }{
		{"ours", "ours", "policysite build, with redlines"},
		{"F", "F", "F: git log --raw, git cat-file --batch"},
		{"H", "H", "H: Hugo " + hugoVersion + " --minify"},
		{"E", "E", "E: Eleventy " + eleventyVersion},
		{"W", "W", "W: git log -p --word-diff=porcelain"},
		{"history", "history", "history alone"},
		{"redlines", "redlines", "redlines alone"},
		{"cores", "cores1", "policysite build, GOMAXPROCS=1"},
		{"cores", "cores2", "policysite build, GOMAXPROCS=2"},
		{"rebuild", "cold", "policysite build in a work tree, cold"},
		{"rebuild", "rebuild", "the same after a commit, to the same place"},
		{"rebuild", "again", "the same after each later commit"},
	}
	fmt.Println("\n| program | CPU s | wall s | peak MiB |\n| --- | ---: | ---: | ---: |")
	for _, r := range rows {
		if !b.wants(r.measurement) {
			continue
		}
		c, ok := b.taken(r.key)
		switch {
		case !ok:
			fmt.Printf("| %s | %s | | |\n", r.what, b.missing(r.measurement))
		case c.wall == 0: // a part of a process
			fmt.Printf("| %s | %s | | |\n", r.what, seconds(c.cpu))
		default:
			fmt.Printf("| %s | %s | %s | %s |\n", r.what, seconds(c.cpu), seconds(c.wall), mebibytes(c.peak))
		}
	}
}

// missing says, in a cell, why there is no figure: the first reason that is
// known of some measurements.
func (b *bench) missing(measurements ...string) string {
	for _, name := range measurements {
		if why := b.failed[name]; why != nil {
			line, _, _ := strings.Cut(why.Error(), "\n")
			return "missing: " + strings.ReplaceAll(line, "|", `\|`)
		}
	}
	return "missing"
}

// budget is what a figure must not exceed, and should not; 0 says nothing.
type budget struct{ must, aim float64 }

// budgeted is how many revisions a corpus has for which the budgets were set.
// What every site needs outweighs what each version needs in a small one.
const budgeted = 4000

func atMost(limit float64) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf("≤ %g", limit)
}

// printFigures prints the figures that have a budget.
func (b *bench) printFigures() {
	headed := false
	line := func(format string, values ...any) {
		if !headed {
			fmt.Println("\n| figure | ours | yardstick | ratio | budget | aim |\n| --- | ---: | ---: | ---: | ---: | ---: |")
			headed = true
		}
		fmt.Printf(format, values...)
	}
	small := b.facts.Revisions < budgeted
	row := func(what, ours, yardstick string, have float64, limit budget) {
		if small {
			limit = budget{}
		}
		verdict := ""
		if limit.must > 0 && have > limit.must {
			verdict = " (over)"
		}
		line("| %s | %s | %s | %.3g%s | %s | %s |\n", what, ours, yardstick, have, verdict, atMost(limit.must), atMost(limit.aim))
	}
	cpu := func(c cost) (int64, string) { return int64(c.cpu), seconds(c.cpu) + " s" }
	wall := func(c cost) (int64, string) { return int64(c.wall), seconds(c.wall) + " s" }
	peak := func(c cost) (int64, string) { return c.peak, mebibytes(c.peak) + " MiB" }
	for _, r := range []struct {
		what            string
		needs           [2]string // measurements
		ours, yardstick string    // keys
		of              func(cost) (int64, string)
		budget
	}{
		{"history alone, CPU, against F", [2]string{"history", "F"}, "history", "F", cpu, budget{2, 1}},
		{"cold build, CPU, against F", [2]string{"ours", "F"}, "ours", "F", cpu, budget{45, 28}},
		{"cold build, CPU, against H", [2]string{"ours", "H"}, "ours", "H", cpu, budget{0.5, 0.33}},
		{"cold build, CPU, against E", [2]string{"ours", "E"}, "ours", "E", cpu, budget{0.3, 0.2}},
		{"peak memory against H", [2]string{"ours", "H"}, "ours", "H", peak, budget{0.1, 0.05}},
		{"all redlines, CPU, against W", [2]string{"redlines", "W"}, "redlines", "W", cpu, budget{1.5, 0.9}},
		{"wall with 2 processors against 1", [2]string{"cores", "cores"}, "cores2", "cores1", wall, budget{0.65, 0.55}},
		{"first rebuild after one commit, wall, against cold", [2]string{"rebuild", "rebuild"}, "rebuild", "cold", wall, budget{}},
		{"rebuild after one commit, wall, against cold", [2]string{"rebuild", "rebuild"}, "again", "cold", wall, budget{0.1, 0.04}},
	} {
		if !b.wants(r.needs[0]) || !b.wants(r.needs[1]) {
			continue
		}
		ours, ok := b.taken(r.ours)
		other, also := b.taken(r.yardstick)
		if !ok || !also {
			line("| %s | %s | | | | |\n", r.what, b.missing(r.needs[:]...))
			continue
		}
		a, as := r.of(ours)
		z, zs := r.of(other)
		row(r.what, as, zs, ratio(a, z), r.budget)
	}
	if r := b.redlines; r != nil {
		row(fmt.Sprintf("worst of %d pairs, CPU s: `git diff %.8s %.8s`, of %s", r.Pairs, r.Blobs[0], r.Blobs[1], r.Path),
			milliseconds(r.Worst), "", r.Worst.Seconds(), budget{0.5, 0.1})
	}
	if b.wants("edit") {
		b.printEdit(line, row)
	}
}

// printEdit prints how long an edit took until its page was written.
func (b *bench) printEdit(line func(format string, values ...any), row func(what, ours, yardstick string, have float64, limit budget)) {
	f := b.facts
	what := fmt.Sprintf("edit to written page, %d KB, %d revisions", (f.EditedSize+500)/1000, f.EditedRevisions)
	if b.edit == nil {
		line("| %s | %s | | | | |\n", what, b.missing("edit"))
		return
	}
	row(what+", ms, 95th percentile of "+fmt.Sprint(b.settings.edits), milliseconds(b.edit.P95), "", float64(b.edit.P95.Microseconds())/1000, budget{0, 50})
	if b.hugoEdit == nil {
		line("| %s, median, against Hugo's server | %s | %s | | | |\n", what, milliseconds(b.edit.Median), b.missing("server", "H"))
		return
	}
	row(what+", median, against Hugo's server", milliseconds(b.edit.Median), milliseconds(b.hugoEdit.Median),
		ratio(b.edit.Median, b.hugoEdit.Median), budget{0.5, 0})
}

// printStages prints what the stages of a build took.
func (b *bench) printStages() {
	if !b.wants("stages") {
		return
	}
	fmt.Println("\n| stage | CPU s | share | |\n| --- | ---: | ---: | --- |")
	if b.stages == nil {
		fmt.Printf("| all | %s | | |\n", b.missing("stages"))
		return
	}
	var all time.Duration
	for _, s := range b.stages {
		all += s.cpu
	}
	for _, s := range b.stages {
		fmt.Printf("| %s | %s | %.1f %% | %s |\n", s.name, seconds(s.cpu), 100*ratio(s.cpu, all), s.what)
	}
	c, _ := b.taken("stages")
	fmt.Printf("| all | %s | | sampled; the process took %s |\n", seconds(all), seconds(c.cpu))
}
