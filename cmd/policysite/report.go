package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
)

// Exit codes. 0 is success.
const (
	exitContent     = 1
	exitUsage       = 2
	exitHistory     = 3
	exitOutput      = 4
	exitMismatch    = 5
	exitBug         = 70  // EX_SOFTWARE of sysexits.h
	exitInterrupted = 130 // as shells say of SIGINT
)

// reporter prints messages: no capital, no final period, a hint where there is
// one.
type reporter struct {
	to     io.Writer
	format string // "text", "json" or "github"
	hint   string // the last one printed: it is not said again and again
}

func (r *reporter) setFormat() error {
	switch r.format {
	case "text", "json", "github":
		return nil
	}
	format := r.format
	r.format = "text"
	return policy.Fail(policy.ErrUsage, nil, "", "--format: expected text, json or github, found %q", format)
}

// failure prints why a run failed and returns its exit code.
func (r *reporter) failure(err error, verbose bool) int {
	if err == nil {
		return 0
	}
	var (
		problems policy.Problems
		fail     *policy.Failure
		foreign  *catalog.ForeignSite
		bug      *policy.Bug
	)
	switch {
	case errors.As(err, &bug):
		return r.bug(bug.Value, bug.Stack, verbose)
	case errors.Is(err, context.Canceled):
		r.message("error", &policy.Problem{Message: "interrupted; nothing was changed"})
		return exitInterrupted
	case errors.As(err, &problems):
		for _, p := range problems {
			strict := *p
			strict.Warning = false // it is what the run failed of
			r.problem(&strict)
		}
	case errors.As(err, &foreign):
		r.message("error", &policy.Problem{Message: err.Error(), Hint: "put this into " + policy.ConfigFile + ", commit it, and build again:\n\n" + foreign.Config})
	case errors.As(err, &fail):
		r.message("error", &policy.Problem{Message: err.Error(), Hint: fail.Hint})
	default:
		r.message("error", &policy.Problem{Message: err.Error()})
	}
	switch {
	case errors.Is(err, policy.ErrUsage):
		return exitUsage
	case errors.Is(err, policy.ErrHistory):
		return exitHistory
	case errors.Is(err, policy.ErrOutput):
		return exitOutput
	case errors.Is(err, policy.ErrMismatch):
		return exitMismatch
	}
	return exitContent
}

// bug reports a fault of this program.
func (r *reporter) bug(value any, stack []byte, verbose bool) int {
	hint := "please report it with the output of `policysite version` and of this command with --verbose"
	if verbose {
		hint += "\n" + string(stack)
	}
	r.message("error", &policy.Problem{Message: fmt.Sprintf("a fault of this program: %v", value), Hint: hint})
	return exitBug
}

func (r *reporter) problem(p *policy.Problem) {
	level := "error"
	if p.Warning {
		level = "warning"
	}
	r.message(level, p)
}

func (r *reporter) note(text string) { r.message("note", &policy.Problem{Message: text}) }

func (r *reporter) message(level string, p *policy.Problem) {
	if r.format != "json" || isTerminal(r.to) {
		shown := *p
		shown.Path, shown.Message, shown.Hint = policy.Printable(p.Path), policy.PrintableText(p.Message), policy.PrintableText(p.Hint)
		p = &shown
	}
	switch r.format {
	case "json":
		json.NewEncoder(r.to).Encode(struct {
			Level   string `json:"level"`
			Path    string `json:"path,omitempty"`
			Line    int    `json:"line,omitempty"`
			Column  int    `json:"column,omitempty"`
			Message string `json:"message"`
			Hint    string `json:"hint,omitempty"`
			Rule    string `json:"rule,omitempty"`
		}{level, p.Path, p.Line, p.Column, p.Message, p.Hint, p.Rule})
	case "github":
		fmt.Fprintln(r.to, githubAnnotation(level, p))
	default:
		start := "policysite: "
		if level != "error" {
			start += level + ": "
		}
		rule := ""
		if p.Rule != "" {
			rule = " [" + p.Rule + "]"
		}
		fmt.Fprintln(r.to, r.paint(level, start)+p.Error()+rule)
		if p.Hint != "" && p.Hint != r.hint {
			fmt.Fprintln(r.to, "hint: "+strings.TrimRight(p.Hint, "\n"))
		}
		r.hint = p.Hint
	}
}

// githubAnnotation writes a workflow command of GitHub Actions,
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
func githubAnnotation(level string, p *policy.Problem) string {
	if level == "note" {
		level = "notice"
	}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var where []string
	if p.Path != "" {
		where = append(where, "file="+property.Replace(p.Path))
	}
	if p.Line > 0 {
		where = append(where, fmt.Sprintf("line=%d", p.Line))
	}
	if p.Column > 0 {
		where = append(where, fmt.Sprintf("col=%d", p.Column))
	}
	if p.Rule != "" {
		where = append(where, "title="+p.Rule)
	}
	message := p.Message
	if p.Hint != "" {
		message += "\nhint: " + p.Hint
	}
	out := "::" + level
	if len(where) > 0 {
		out += " " + strings.Join(where, ",")
	}
	return out + "::" + data.Replace(message)
}

// paint colours the start of a line, on a terminal and without NO_COLOR
// (https://no-color.org).
func (r *reporter) paint(level, s string) string {
	if !isTerminal(r.to) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return s
	}
	colour := map[string]string{"error": "31", "warning": "33", "note": "36"}[level]
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress shows on a terminal how far long work has come. A nil progress
// shows nothing.
type progress struct {
	to    io.Writer
	start time.Time

	mu    sync.Mutex
	last  time.Time
	shown bool
}

func newProgress(to io.Writer, quiet bool) *progress {
	if quiet || !isTerminal(to) {
		return nil
	}
	return &progress{to: to, start: time.Now()}
}

// show is called often; it writes a line once work has lasted a second, and
// again ten times a second.
func (p *progress) show(doing string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.start) < time.Second || now.Sub(p.last) < 100*time.Millisecond || total == 0 {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.to, "\r\x1b[K%s: %d %%", doing, 100*done/total)
}

func (p *progress) clear() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.to, "\r\x1b[K")
		p.shown = false
	}
}
