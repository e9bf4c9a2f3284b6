package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// cost is what a process took, with every process that it started and waited
// for.
type cost struct {
	cpu  time.Duration // user and system
	wall time.Duration
	peak int64 // bytes, of the largest of these processes; 0 when it is not known
}

// command is a process to measure. Its standard output goes nowhere, or to out.
type command struct {
	dir  string
	env  []string // on top of this process's
	in   string   // file for standard input; "" for none
	out  *bytes.Buffer
	args []string
}

// run runs a command and measures it. This process must stay small: on Linux
// the peak of a child starts with the size of the process that forked it.
func (c command) run() (cost, error) {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), c.env...)
	if c.out != nil {
		cmd.Stdout = c.out
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if c.in != "" {
		f, err := os.Open(c.in)
		if err != nil {
			return cost{}, err
		}
		defer f.Close()
		cmd.Stdin = f
	}
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.args, " "), err, last(said.String(), 2000))
	}
	state := cmd.ProcessState
	return cost{state.UserTime() + state.SystemTime(), time.Since(start), peakOf(state)}, nil
}

// and is the cost of one process after another.
func (c cost) and(d cost) cost {
	return cost{c.cpu + d.cpu, c.wall + d.wall, max(c.peak, d.peak)}
}

// median takes the median of each figure by itself.
func median(costs []cost) cost {
	return cost{
		middle(costs, func(c cost) time.Duration { return c.cpu }),
		middle(costs, func(c cost) time.Duration { return c.wall }),
		middle(costs, func(c cost) int64 { return c.peak }),
	}
}

// middle is the median of one figure; of an even number, the mean of the two in
// the middle. There must be one at least.
func middle[T any, N ~int64](all []T, figure func(T) N) N {
	values := make([]N, len(all))
	for i, v := range all {
		values[i] = figure(v)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// child runs this program again to do one thing, and reads what it prints into
// result, unless that is nil.
func child(env []string, result any, args ...string) (cost, error) {
	self, err := os.Executable()
	if err != nil {
		return cost{}, err
	}
	var out bytes.Buffer
	c, err := command{env: env, out: &out, args: append([]string{self, "-child"}, args...)}.run()
	if err != nil || result == nil {
		return c, err
	}
	return c, json.Unmarshal(out.Bytes(), result)
}

// quiet runs a command that is not measured.
func quiet(dir string, args ...string) error {
	_, err := command{dir: dir, args: args}.run()
	return err
}

// last is the end of a text.
func last(text string, n int) string {
	text = strings.TrimSpace(text)
	return text[max(0, len(text)-n):]
}
