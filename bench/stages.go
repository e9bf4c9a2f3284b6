package main

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// stage is a part of a build, by the functions of which it is made.
type stage struct {
	name  string
	what  string
	marks []string // a function whose name holds one of them is of this stage
}

const ours = "github.com/policysite/policysite/builder"

// stages in the order of a build. A sample belongs to the stage of the deepest
// function on its stack that is of any: html/template, below pages, composes;
// go-git, below history, reads it.
var stages = []stage{
	{"history", "git: commits, trees and texts", []string{ours + "/history."}},
	{"render", "Markdown to blocks and HTML", []string{ours + "/markdown."}},
	{"resolve", "front matter, hashes, which revisions are versions", []string{ours + "/policy."}},
	{"redline", "what changed", []string{ours + "/redline."}},
	{"compose", "links and templates", []string{ours + "/pages."}},
	{"minify", "HTML, CSS, JS, XML and JSON made smaller", []string{"github.com/tdewolff/", ours + "/publish.Minify", ours + "/publish.minify", ours + "/publish.(*plain)", ours + "/publish.library", ours + "/publish.headOf", ours + "/publish.readTag", ours + "/publish.kindOf", ours + "/publish.plainURL", ours + "/publish.reference"}},
	{"write", "files, their hashes, the swap", []string{ours + "/publish."}},
	{"pipeline", "between the stages: pieces put aside and read again", []string{ours + "."}},
}

// Of whatever stage the memory was, collecting it is told apart.
var collecting = []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcStart", "runtime.gcMarkDone", "runtime.gcMarkTermination"}

// share is what one stage took of a build.
type share struct {
	name, what string
	cpu        time.Duration
}

// breakdown attributes the samples of a CPU profile to the stages.
func breakdown(profile string) ([]share, error) {
	var out bytes.Buffer
	if _, err := (command{out: &out, args: []string{"go", "tool", "pprof", "-traces", profile}}).run(); err != nil {
		return nil, err
	}
	took := map[string]time.Duration{}
	var (
		value time.Duration
		stack []string // the deepest function first
	)
	flush := func() {
		if len(stack) > 0 {
			took[stageOf(stack)] += value
		}
		value, stack = 0, nil
	}
	// After a heading, samples, each behind a line of dashes:
	//
	//	-----------+-------------------------------------------------------
	//	      10ms   runtime.memmove
	//	             bytes.(*Buffer).Write
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 1<<20)
	inside := false
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "-----------+") {
			flush()
			inside = true
			continue
		}
		if !inside || strings.TrimSpace(line) == "" {
			continue
		}
		head, function := strings.TrimSpace(line[:min(10, len(line))]), strings.TrimSpace(line[min(10, len(line)):])
		if head != "" {
			d, err := time.ParseDuration(strings.Replace(head, "mins", "m", 1))
			if err != nil {
				return nil, fmt.Errorf("go tool pprof -traces: want a time and a function, have %q", line)
			}
			value = d
		}
		stack = append(stack, function)
	}
	flush()
	if err := lines.Err(); err != nil {
		return nil, err
	}
	var all []share
	for _, s := range stages {
		all = append(all, share{s.name, s.what, took[s.name]})
	}
	return append(all, share{"garbage", "collection of memory, of all stages", took["garbage"]}, share{"runtime", "Go's scheduler and all else", took["runtime"]}), nil
}

func stageOf(stack []string) string {
	holds := func(marks []string) func(string) bool {
		return func(function string) bool {
			return slices.ContainsFunc(marks, func(mark string) bool { return strings.HasPrefix(function, mark) })
		}
	}
	if slices.ContainsFunc(stack, holds(collecting)) {
		return "garbage"
	}
	for _, function := range stack {
		for _, s := range stages {
			if holds(s.marks)(function) {
				return s.name
			}
		}
	}
	return "runtime"
}
