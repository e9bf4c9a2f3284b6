package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
)

func (a *app) verifyCommand() *cobra.Command {
	var opt builder.VerifyOptions
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Check a published site against its own record, and against git",
		Long: `Verify recomputes every hash of a site from the files in its folder, and compares
the words on the page of every version with those of its source. With --repo it
also compares the record with the git repository that the site was built from.
It prints what is not as recorded, one thing a line, and ends with exit code 5 if
there is any.`,
		Args: oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.progress = newProgress(a.report.to, a.quiet); a.progress != nil {
				opt.Progress = a.progress.show
			}
			found, err := builder.Verify(cmd.Context(), args[0], opt)
			a.progress.clear()
			if err != nil {
				return err
			}
			if err := a.tellVerified(args[0], found); err != nil {
				return err
			}
			if len(found.Differences) > 0 {
				hint := "take the site from where it was published, or build it again"
				if found.Head != "" {
					hint += " from commit " + found.Head
				}
				return policy.Fail(policy.ErrMismatch, nil, hint, "%s is not as recorded", args[0])
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opt.Repo, "repo", "", "folder of the git repository that the site was built from")
	flags.StringVar(&opt.Git, "git", "auto", "how to read git: auto, go or cli (the git program)")
	must(cmd.MarkFlagDirname("repo"))
	must(cmd.RegisterFlagCompletionFunc("git", cobra.FixedCompletions([]string{"auto", "go", "cli"}, cobra.ShellCompDirectiveNoFileComp)))
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return cmd
}

// tellVerified prints what a verification found: the differences, and last a
// summary.
func (a *app) tellVerified(dir string, v *builder.Verification) error {
	if a.quiet && len(v.Differences) == 0 {
		return nil
	}
	if a.report.format == "json" {
		return json.NewEncoder(a.out).Encode(struct {
			Site        string               `json:"site"`
			Head        string               `json:"head"`
			Files       int                  `json:"files"`
			Policies    int                  `json:"policies"`
			Versions    int                  `json:"versions"`
			Redacted    int                  `json:"redacted"`
			Carried     int                  `json:"carried"`
			NotInGit    int                  `json:"not_in_git"`
			Differences []builder.Difference `json:"differences"`
		}{dir, v.Head, v.Files, v.Policies, v.Versions, v.Redacted, v.Carried, v.NotInGit, append([]builder.Difference{}, v.Differences...)})
	}
	for _, d := range v.Differences {
		if _, err := fmt.Fprintln(a.out, d); err != nil {
			return err
		}
	}
	if a.quiet {
		return nil
	}
	parts := []string{count(v.Files, "file", "files"), count(v.Policies, "policy", "policies"), count(v.Versions, "version", "versions")}
	for _, some := range []struct {
		n    int
		what string
	}{{v.Redacted, "redacted"}, {v.Carried, "carried"}, {v.NotInGit, "not in git"}} {
		if some.n > 0 {
			parts = append(parts, fmt.Sprintf("%d of them %s", some.n, some.what))
		}
	}
	verdict := "all as recorded"
	if n := len(v.Differences); n > 0 {
		verdict = count(n, "difference", "differences")
	}
	_, err := fmt.Fprintf(a.out, "%s: %s: %s\n", dir, strings.Join(parts, ", "), verdict)
	return err
}
