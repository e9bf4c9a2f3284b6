package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
)

func (a *app) buildCommand() *cobra.Command {
	fragments := ""
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Write the site",
		Long: `Build writes the site of a commit: texts, configuration, layouts and static files
all come from it. The site is written beside the destination and swapped in at
once.`,
		Example: "  policysite build -b https://example.com/legal/ -d public",
		Args:    noArgs,
		RunE: a.siteRun(func(ctx context.Context, opt builder.Options) (*builder.Result, error) {
			if opt.Fragments = fragments != ""; opt.Fragments {
				if opt.Destination != "" {
					return nil, policy.Fail(policy.ErrUsage, nil, "build twice: once with each", "--fragments and --destination name two folders")
				}
				opt.Destination = fragments
			}
			return builder.Build(ctx, opt)
		}),
	}
	a.siteFlags(cmd)
	cmd.Flags().StringVar(&fragments, "fragments", "", "folder for the pages as fragments, which another site mounts, in place of a site")
	cmd.Flags().StringVarP(&a.opt.Destination, "destination", "d", "", "folder for the site (default: public in the source)")
	cmd.Flags().BoolVar(&a.opt.NoMinify, "no-minify", false, "do not minify the pages")
	cmd.Flags().Bool("minify", true, "minify the pages")
	must(cmd.MarkFlagDirname("destination"))
	must(cmd.MarkFlagDirname("fragments"))
	return cmd
}

func (a *app) checkCommand() *cobra.Command {
	summary := ""
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Do all that build does, and write nothing",
		Long: `Check does all that build does, and writes nothing. With --base it also says what
would be published if the commit were merged into that branch, and what its
authors forgot: dates left as they were, placeholders, lost headings and more.`,
		Example: "  policysite check --strict\n  policysite check --base origin/main --summary summary.md",
		Args:    noArgs,
		RunE: a.siteRun(func(ctx context.Context, opt builder.Options) (*builder.Result, error) {
			if summary != "" && opt.Base == "" {
				return nil, policy.Fail(policy.ErrUsage, nil, "name the branch that the commit is to be merged into with --base", "--summary needs --base")
			}
			r, err := builder.Check(ctx, opt)
			if summary == "" {
				return r, err
			}
			return r, cmp.Or(writeReview(summary, r, err), err)
		}),
	}
	a.siteFlags(cmd)
	cmd.Flags().StringVar(&a.opt.Base, "base", "", "branch or commit to merge into, such as origin/main: also say what would be published, and what was forgotten")
	cmd.Flags().StringVar(&summary, "summary", "", "with --base: file to write this to as Markdown, with redlines, for a pull request")
	cmd.Flags().BoolVar(&a.moves, "moves", false, "list how each policy was followed through the history, and lines of front matter for those that were not")
	return cmd
}

// siteRun makes a site, or does as if, and says what came of it.
func (a *app) siteRun(do func(context.Context, builder.Options) (*builder.Result, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		opt, err := a.options()
		if err != nil {
			return err
		}
		start := time.Now()
		r, err := do(cmd.Context(), opt)
		if err != nil {
			return err
		}
		a.tell(r)
		a.warnOfLimits(r)
		return a.summary(r, time.Since(start))
	}
}

// writeReview writes what a review says, or why there is none.
func writeReview(file string, r *builder.Result, err error) error {
	text := ""
	var problems policy.Problems
	switch {
	case r != nil:
		text = r.Review.Markdown()
	case errors.As(err, &problems):
		text = builder.RefusedMarkdown(problems)
	default:
		return nil
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		return policy.Fail(policy.ErrOutput, err, "", "cannot write %s", file)
	}
	return nil
}

// A site that takes these percentages of what a host takes is told of, and
// warned of.
const (
	muchOfLimit = 50
	mostOfLimit = 80
)

// warnOfLimits is no matter of --strict: this program does not know the host.
func (a *app) warnOfLimits(r *builder.Result) {
	var over []string
	for _, s := range r.Shares {
		if s.Percent() >= mostOfLimit {
			over = append(over, fmt.Sprintf("%s takes %d %s, and this site has %d", s.Host, s.Limit, s.What, s.Taken))
		}
	}
	if len(over) > 0 && !a.quiet {
		a.report.problem(&policy.Problem{Warning: true, Message: strings.Join(over, "; "), Hint: "https://github.com/policysite/policysite/blob/main/docs/hosting.md#limits says what makes a site smaller"})
	}
}

// summary says in one line what was done, and in one for each what the site
// takes of hosts' limits.
func (a *app) summary(r *builder.Result, took time.Duration) error {
	if a.quiet {
		return nil
	}
	if !a.moves {
		r.Followed = nil
	}
	limits := []builder.Share{}
	for _, s := range r.Shares {
		if s.Percent() >= muchOfLimit {
			limits = append(limits, s)
		}
	}
	if a.report.format == "json" {
		return json.NewEncoder(a.exact()).Encode(struct {
			Policies    int                `json:"policies"`
			Versions    int                `json:"versions"`
			Files       int                `json:"files"`
			Destination string             `json:"destination"`
			NextChange  any                `json:"next_change"`
			Uncommitted []string           `json:"uncommitted"`
			Limits      []builder.Share    `json:"limits"`
			Carried     []string           `json:"newly_carried,omitempty"`
			Followed    []builder.Followed `json:"followed,omitempty"`
		}{r.Policies, r.Versions, r.Files, r.Destination, r.NextChange, append([]string{}, r.Uncommitted...), limits, r.Carried, r.Followed})
	}
	for _, f := range r.Followed {
		a.followed(f)
	}
	line := count(r.Policies, "policy", "policies") + ", " + count(r.Versions, "version", "versions")
	if r.Files > 0 {
		line += ", " + count(r.Files, "file", "files")
	}
	line += fmt.Sprintf(" in %.1f s", took.Seconds())
	if r.Destination != "" {
		line += " → " + r.Destination
	}
	if len(r.Carried) > 0 {
		line += "; carried forward from now on: " + strings.Join(r.Carried, ", ")
	}
	if n := len(r.Uncommitted); n > 0 {
		line += "; not committed, so not in it: " + count(n, "file", "files")
	}
	if !r.NextChange.IsZero() {
		line += "; build again on " + r.NextChange.String()
	}
	for _, s := range limits {
		line += fmt.Sprintf("\n%s: %d of %d %s, %d %%", s.Host, s.Taken, s.Limit, s.What, s.Percent())
	}
	_, err := fmt.Fprintln(a.people(), line)
	return err
}

// followed lists how a policy was followed.
func (a *app) followed(f builder.Followed) {
	fmt.Fprintln(a.people(), f.ID)
	for _, m := range f.Moves {
		line := map[builder.MoveKind]string{
			builder.Begins: "begins as " + m.Path, builder.Moves: m.From + " → " + m.Path, builder.Returns: "is back as " + m.Path,
			builder.Withdrawn: m.Path + " went", builder.Unread: m.Path + " went on in a format that is not read",
		}[m.What]
		switch m.By {
		case "":
		case policy.ByBytes:
			line += ", the same bytes"
		case policy.ByLikeness:
			line += fmt.Sprintf(", %d %% alike", int(m.Likeness*100+1e-9))
		case policy.ByPath:
			line += ", a path it held before"
		default:
			line += fmt.Sprintf(", by `%s`", m.By)
		}
		fmt.Fprintf(a.people(), "  %s %.7s %s\n", m.Day, m.Commit, line)
	}
	if len(f.Formerly) > 0 {
		fmt.Fprintln(a.people(), "  it may continue another text, by one of these lines in its front matter, or `formerly: []` for none:")
	}
	for _, line := range f.Formerly {
		fmt.Fprintln(a.people(), line)
	}
}
