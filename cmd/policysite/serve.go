package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/preview"
)

// servePort is the port unless another is named.
const servePort = 1414

func (a *app) serveCommand() *cobra.Command {
	var (
		opt  preview.Options
		open bool
	)
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Preview the site while you edit, with what is not committed as the next version",
		Long: `Serve shows the site in a browser and keeps it up to date while you work. What is
not committed yet is shown as the next version of its policy: its page, what it
changes, and its line in the changes archive. A file with errors is shown as it
was before, with what is wrong on its page. Nothing is written to the repository
or to the destination.`,
		Example: "  policysite serve -O",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.Port < 0 || opt.Port > 65535 {
				return policy.Fail(policy.ErrUsage, nil, "", "--port: expected a number from 0 to 65535, found %d", opt.Port)
			}
			if opt.Poll < 0 || opt.Poll > 0 && opt.Poll < 50*time.Millisecond {
				return policy.Fail(policy.ErrUsage, nil, "", "--poll: expected a duration such as 700ms, found %s", opt.Poll)
			}
			return a.serve(cmd.Context(), opt, open)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&a.opt.Source, "source", "s", ".", "folder to read")
	flags.StringVar(&a.opt.Content, "content", "", "folder with the policies, relative to the source (default: content, if there is one)")
	flags.StringVar(&a.at, "at", "", "day that decides which version is in force, such as 2026-03-01 (default: $SOURCE_DATE_EPOCH, else today)")
	flags.StringVar(&a.opt.Git, "git", "auto", "how to read git: auto, go or cli (the git program)")
	flags.StringVarP(&a.opt.BaseURL, "baseURL", "b", "", "address of the site, such as https://example.com/legal/")
	flags.StringVar(&a.opt.BaseURL, "base-url", "", "the same as --baseURL")
	flags.BoolVar(&a.opt.NoMinify, "no-minify", false, "do not minify the pages")
	flags.IntVarP(&opt.Port, "port", "p", servePort, "port to listen on; 0 takes one that is free")
	flags.StringVar(&opt.Bind, "bind", "127.0.0.1", "address to listen on")
	flags.BoolVarP(&open, "open", "O", false, "open the site in the browser")
	flags.BoolVarP(&opt.Navigate, "navigateToChanged", "N", false, "browsers go to what changed")
	flags.DurationVar(&opt.Poll, "poll", 0, "look for changes this often, such as 700ms, instead of waiting to be told of them; for network drives")
	must(cmd.MarkFlagDirname("source"))
	return cmd
}

// serve connects the pipeline with the server.
func (a *app) serve(ctx context.Context, serve preview.Options, open bool) error {
	opt, err := a.options()
	if err != nil {
		return err
	}
	if _, fixed := os.LookupEnv("SOURCE_DATE_EPOCH"); !fixed {
		opt.Now = time.Time{} // the day may change while it serves
	}
	live, err := builder.OpenLive(opt)
	if err != nil {
		return err
	}
	serve.Load, serve.Folders = live.Load, live.Folders
	var one sync.Mutex // message at a time
	print := func(print func()) {
		one.Lock()
		defer one.Unlock()
		a.progress.clear()
		print()
	}
	serve.Say = func(message string) { print(func() { a.report.note(message) }) }
	serve.Wrong = func(errors policy.Problems) {
		print(func() {
			for _, p := range errors[:min(len(errors), fewWarnings)] {
				a.report.problem(p)
			}
			if more := len(errors) - fewWarnings; more > 0 {
				a.report.note(count(more, "more error", "more errors"))
			}
		})
	}
	serve.Found = func(found policy.Findings) {
		print(func() { a.tell(&builder.Result{Warnings: found.Problems, Notes: found.Notes}) })
	}
	serve.Loaded = func(l preview.Load) { print(func() { a.loaded(l) }) }
	serve.Ready = func(url string) {
		one.Lock()
		defer one.Unlock()
		a.progress.clear()
		if !loopback(serve.Bind) {
			a.report.note("whoever reaches this machine can read the site and its drafts: it listens on " + serve.Bind)
		}
		fmt.Fprintln(a.out, url)
		if !a.quiet {
			a.report.note("serving; press Ctrl+C to stop")
		}
		if open {
			if err := openBrowser(url); err != nil {
				a.report.note("cannot open a browser: " + err.Error())
			}
		}
	}
	return preview.Serve(ctx, serve)
}

// loaded says in one line what became of a change.
func (a *app) loaded(l preview.Load) {
	waited, built := l.Started.Sub(l.Noticed), l.Done.Sub(l.Started)
	line := fmt.Sprintf("loaded in %d ms", (waited + built).Milliseconds())
	if !l.First {
		line = "re" + line
	}
	if l.News != "" {
		line += ": " + l.News
	}
	switch {
	case a.verbose:
		a.report.note(fmt.Sprintf("%s (waited %s, built %s)", line, waited.Round(100*time.Microsecond), built.Round(100*time.Microsecond)))
	case !a.quiet && l.Err == nil && !l.First:
		a.report.note(line)
	}
}

func loopback(bind string) bool {
	return bind == "" || bind == "localhost" || bind == "::1" || strings.HasPrefix(bind, "127.")
}

// openBrowser asks the system to show an address.
func openBrowser(url string) error {
	var cmd *exec.Cmd
	switch runtime.GOOS {
	case "darwin":
		cmd = exec.Command("open", url)
	case "windows":
		cmd = exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	default:
		cmd = exec.Command("xdg-open", url)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait()
	return nil
}
