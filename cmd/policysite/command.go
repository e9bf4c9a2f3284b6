package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/layouts"
)

// app is what the flags of all commands say.
type app struct {
	out      io.Writer
	report   reporter
	opt      builder.Options
	at       string
	quiet    bool
	verbose  bool
	moves    bool // check lists how each policy was followed
	running  bool // the command line was understood
	progress *progress
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	a := &app{out: stdout, report: reporter{to: stderr, format: "text"}}
	defer func() {
		if r := recover(); r != nil {
			a.progress.clear()
			code = a.report.bug(r, debug.Stack(), a.verbose)
		}
	}()
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	a.progress.clear()
	if err != nil && !a.running && !errors.Is(err, policy.ErrUsage) {
		hint := "`policysite --help` lists the commands"
		if m := exclusiveFlags.FindStringSubmatch(err.Error()); m != nil {
			err, hint = fmt.Errorf("--%s exclude each other", strings.Join(strings.Fields(m[1]), " and --")), "leave all but one of them out"
		}
		err = policy.Fail(policy.ErrUsage, nil, hint, "%v", err)
	}
	return a.report.failure(err, a.verbose)
}

func (a *app) root() *cobra.Command {
	version := false
	root := &cobra.Command{
		Use:   "policysite",
		Short: "Publish policies from git with every version and every change",
		Long: `policysite reads a company's policies, kept as Markdown in git, and writes a
static site: the text in force, a page for every version there has been, and an
archive of the changes.`,
		Example:       "  policysite init sample && policysite build -s sample",
		SilenceErrors: true, SilenceUsage: true,
		Args: knownCommand, SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return a.printVersion()
			}
			return cmd.Help()
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return cmp.Or(a.report.setFormat(), emptyFlag(cmd))
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return flagError(cmd, err)
	})
	root.Flags().BoolVar(&version, "version", false, "print the version of this program")
	flags := root.PersistentFlags()
	flags.StringVar(&a.report.format, "format", "text", "form of messages: text, json or github")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print errors only")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "print more")
	root.AddCommand(a.initCommand(), a.buildCommand(), a.serveCommand(), a.checkCommand(), a.logCommand(), a.showCommand(), a.diffCommand(), a.redlineCommand(), a.announceCommand(), a.exportCommand(), a.importCommand(), a.verifyCommand(), a.schemaCommand(), a.versionCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  policysite help build"
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if _, rest, err := root.Find(args); err != nil || len(rest) > 0 {
					return knownCommand(root, args)
				}
				return nil
			}
		case "completion":
			cmd.Example = "  policysite completion bash > /etc/bash_completion.d/policysite"
			cmd.Args, cmd.SuggestionsMinimumDistance = knownCommand, 2
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Example = "  policysite completion " + shell.Name() + " > policysite." + shell.Name()
			}
		}
		do := cmd.RunE
		if do == nil {
			continue
		}
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.running = true
			return do(cmd, args)
		}
	}
	return root
}

var (
	unknownFlag = regexp.MustCompile(`^unknown flag: --(.+)$`)
	// exclusiveFlags is what cobra says of flags that exclude each other.
	exclusiveFlags = regexp.MustCompile(`^if any flags in the group \[.*\] are set none of the others can be; \[(.*)\] were all set$`)
	wrongValue     = regexp.MustCompile(`^invalid argument "(.*)" for ".*?--([a-zA-Z-]+)" flag: `)
)

// flagError says in plain words what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	hint := "`" + cmd.CommandPath() + " --help` lists the flags"
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if near := policy.Nearest(m[1], known); near != "" {
			hint = "did you mean --" + near + "?\n" + hint
		}
	}
	if m := wrongValue.FindStringSubmatch(err.Error()); m != nil {
		wants := map[string]string{"int": "a whole number", "duration": "a duration such as 700ms", "bool": "true or false"}
		if f := cmd.Flags().Lookup(m[2]); f != nil && wants[f.Value.Type()] != "" {
			return policy.Fail(policy.ErrUsage, nil, hint, "--%s: expected %s, found %q", m[2], wants[f.Value.Type()], m[1])
		}
	}
	return policy.Fail(policy.ErrUsage, nil, hint, "%v", err)
}

// emptyFlag refuses a flag whose value is empty, as that of a variable which is not set:
// a build with --previous "" would forget what was published.
func emptyFlag(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.String() == "" && err == nil {
			err = policy.Fail(policy.ErrUsage, nil, "leave the flag out, or give it a value: "+f.Usage, "--%s: expected a value, found none", f.Name)
		}
	})
	return err
}

// sourceFlags are those of every command that reads a repository.
func (a *app) sourceFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&a.opt.Source, "source", "s", ".", "folder to read, in a git repository")
	flags.StringVar(&a.opt.Content, "content", "", "folder with the policies, relative to the source (default: content, if there is one)")
	flags.StringVar(&a.opt.Rev, "rev", "", "commit, branch or tag to read (default: HEAD)")
	flags.StringVar(&a.at, "at", "", "day that decides which version is in force, such as 2026-03-01 (default: $SOURCE_DATE_EPOCH, else today)")
	flags.StringVar(&a.opt.Git, "git", "auto", "how to read git: auto, go or cli (the git program)")
	must(cmd.MarkFlagDirname("source"))
	must(cmd.RegisterFlagCompletionFunc("git", cobra.FixedCompletions([]string{"auto", "go", "cli"}, cobra.ShellCompDirectiveNoFileComp)))
}

// addressFlags are those of commands that write the site's address.
func (a *app) addressFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&a.opt.BaseURL, "baseURL", "b", "", "address of the site, such as https://example.com/legal/")
	flags.StringVar(&a.opt.BaseURL, "base-url", "", "the same as --baseURL")
}

// siteFlags are those of commands that make a site.
func (a *app) siteFlags(cmd *cobra.Command) {
	a.sourceFlags(cmd)
	flags := cmd.Flags()
	a.addressFlags(cmd)
	flags.BoolVar(&a.opt.Preview, "preview", false, "mark every page as a preview, not published")
	flags.StringVar(&a.opt.Previous, "previous", "", "folder or address of the site as it was last published: nothing that it published is lost")
	flags.BoolVar(&a.opt.First, "first", false, "with --previous: nothing was published there yet; for a run by hand, never for a schedule")
	flags.BoolVar(&a.opt.Strict, "strict", false, "warnings are errors, and so is, with --previous, a published version that git no longer has")
}

// must is for mistakes in this program's own flags.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// options completes the options that flags have set.
func (a *app) options() (builder.Options, error) {
	opt := a.opt
	opt.Theme, opt.Generator, opt.Now = layouts.FS, generator(), time.Now()
	switch {
	case a.at != "":
		day, err := dayOf("--at", a.at)
		if err != nil {
			return opt, err
		}
		opt.At = day
	default:
		// https://reproducible-builds.org/specs/source-date-epoch/
		if epoch, ok := os.LookupEnv("SOURCE_DATE_EPOCH"); ok {
			seconds, err := strconv.ParseInt(epoch, 10, 64)
			if err != nil {
				return opt, policy.Fail(policy.ErrUsage, nil, "", "SOURCE_DATE_EPOCH: expected seconds since 1970, found %q", epoch)
			}
			opt.Now = time.Unix(seconds, 0)
		}
	}
	if a.progress = newProgress(a.report.to, a.quiet); a.progress != nil {
		opt.Progress = a.progress.show
	}
	return opt, nil
}

// dayOf reads the value of a flag that is a day; "" is none.
func dayOf(flag, value string) (policy.Date, error) {
	if value == "" {
		return policy.Date{}, nil
	}
	day, err := policy.ParseDate(value)
	if err != nil {
		return day, policy.Fail(policy.ErrUsage, err, policy.DayHint(value), "%s", flag)
	}
	return day, nil
}

// fewWarnings are as many as a person reads, and fewFindings of those that a change
// brings.
const (
	fewWarnings = 10
	fewFindings = 50
)

// tell prints what a run found that did not stop it.
func (a *app) tell(r *builder.Result) {
	a.progress.clear()
	if a.quiet {
		return
	}
	shown := r.Warnings
	if a.report.format == "text" && !a.verbose && len(shown) > fewWarnings {
		n := 0 // of these each has to be looked at
		if r.Review != nil && len(r.Review.Findings) <= fewFindings {
			n = len(r.Review.Findings)
		}
		shown = slices.Concat(shown[:n], sumUp(shown[n:]))
	}
	for _, p := range shown {
		a.report.problem(p)
	}
	if len(shown) < len(r.Warnings) {
		a.report.note(fmt.Sprintf("%d warnings in all; --verbose prints them, with hints", len(r.Warnings)))
	}
	for _, n := range r.Notes {
		a.report.note(n)
	}
	if len(r.Uncommitted) > 0 {
		a.report.note("not committed: " + policy.ListWords(r.Uncommitted, 10))
	}
}

// sumUp leaves one of the warnings that are mended in one way, and says how many there
// are like it.
func sumUp(all policy.Problems) policy.Problems {
	alike := map[string]int{}
	way := func(p *policy.Problem) string { return cmp.Or(p.Hint, p.Message) }
	for _, p := range all {
		alike[way(p)]++
	}
	var out policy.Problems
	for _, p := range all {
		n := alike[way(p)]
		if n == 0 || len(out) == fewWarnings {
			continue
		}
		alike[way(p)] = 0
		one := *p
		one.Hint = ""
		if n > 1 {
			one.Message += fmt.Sprintf(", and %d more like it", n-1)
		}
		out = append(out, &one)
	}
	return out
}

// escaping writes texts for people, with what a terminal would obey escaped.
type escaping struct{ to io.Writer }

func (e escaping) Write(p []byte) (int, error) {
	if _, err := io.WriteString(e.to, policy.PrintableText(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// people is where results for people go.
func (a *app) people() io.Writer { return escaping{a.out} }

// exact is where bytes go that count as they are, unless a terminal would obey them.
func (a *app) exact() io.Writer {
	if isTerminal(a.out) {
		return a.people()
	}
	return a.out
}

// count writes "1 policy" or "3 policies".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
