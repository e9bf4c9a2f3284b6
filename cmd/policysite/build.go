package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
)

func (a *app) buildCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Write the site",
		Long: `Build writes the site of a commit: texts, configuration, layouts and static files
all come from it. The site is written beside the destination and swapped in at
once.`,
		Args: noArgs,
		RunE: a.siteRun(builder.Build),
	}
	a.siteFlags(cmd)
	cmd.Flags().StringVarP(&a.opt.Destination, "destination", "d", "", "folder for the site (default: public in the source)")
	cmd.Flags().BoolVar(&a.opt.NoMinify, "no-minify", false, "write pages as they are made")
	must(cmd.MarkFlagDirname("destination"))
	return cmd
}

func (a *app) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Do all that build does, and write nothing",
		Args:  noArgs,
		RunE:  a.siteRun(builder.Check),
	}
	a.siteFlags(cmd)
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
		return a.summary(r, time.Since(start))
	}
}

// summary says in one line what was done.
func (a *app) summary(r *builder.Result, took time.Duration) error {
	if a.quiet {
		return nil
	}
	if a.report.format == "json" {
		return json.NewEncoder(a.out).Encode(struct {
			Policies    int      `json:"policies"`
			Versions    int      `json:"versions"`
			Files       int      `json:"files"`
			Destination string   `json:"destination"`
			NextChange  any      `json:"next_change"`
			Uncommitted []string `json:"uncommitted"`
		}{r.Policies, r.Versions, r.Files, r.Destination, r.NextChange, append([]string{}, r.Uncommitted...)})
	}
	line := count(r.Policies, "policy", "policies") + ", " + count(r.Versions, "version", "versions")
	if r.Files > 0 {
		line += ", " + count(r.Files, "file", "files")
	}
	line += fmt.Sprintf(" in %.1f s", took.Seconds())
	if r.Destination != "" {
		line += " → " + r.Destination
	}
	if n := len(r.Uncommitted); n > 0 {
		line += "; not committed, so not in it: " + count(n, "file", "files")
	}
	if !r.NextChange.IsZero() {
		line += "; build again on " + r.NextChange.String()
	}
	_, err := fmt.Fprintln(a.out, line)
	return err
}
