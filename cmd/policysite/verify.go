package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/verify"
	"github.com/policysite/policysite/layouts"
)

func (a *app) verifyCommand() *cobra.Command {
	opt := builder.Options{Theme: layouts.FS, Generator: generator()}
	var repo string
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Check a published site against its own record, and against git",
		Long: `Verify recomputes every hash of a site from the files in its folder, and compares
the words on the page of every version with those of its source. With --repo it
also compares the record with the git repository that the site was built from,
builds the site again and compares every byte, and names what only the site says.
It prints each difference on a line of its own, and ends with exit code 5 if there
is one.`,
		Example: "  policysite verify public --repo .",
		Args:    oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.progress = newProgress(a.report.to, a.quiet); a.progress != nil {
				opt.Progress = a.progress.show
			}
			found, err := builder.Verify(cmd.Context(), args[0], repo, opt)
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
	flags.StringVar(&repo, "repo", "", "folder of the git repository that the site was built from")
	flags.StringVar(&opt.Git, "git", "auto", "how to read git: auto, go or cli (the git program)")
	must(cmd.MarkFlagDirname("repo"))
	must(cmd.RegisterFlagCompletionFunc("git", cobra.FixedCompletions([]string{"auto", "go", "cli"}, cobra.ShellCompDirectiveNoFileComp)))
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return cmd
}

// tellVerified prints what a verification found: the differences, what the
// rebuild took from the site, and last a summary.
func (a *app) tellVerified(dir string, v *verify.Result) error {
	if a.quiet && len(v.Differences) == 0 {
		return nil
	}
	if a.report.format == "json" {
		return json.NewEncoder(a.exact()).Encode(struct {
			Site string `json:"site"`
			*verify.Result
		}{dir, v})
	}
	var b strings.Builder
	for _, d := range v.Differences {
		fmt.Fprintln(&b, policy.Printable(fmt.Sprint(d)))
	}
	if !a.quiet {
		for _, t := range v.Taken {
			const most = 10
			names := strings.Join(t.Names[:min(most, len(t.Names))], ", ")
			if n := len(t.Names) - most; n > 0 {
				names += fmt.Sprintf(" and %d more", n)
			}
			fmt.Fprintf(&b, "taken from the site: %s: %s\n", t.What, names)
		}
		fmt.Fprintf(&b, "%s: %s\n", dir, verified(v))
	}
	_, err := a.people().Write([]byte(b.String()))
	return err
}

// verified says how a verification ended, and what it did not look at.
func verified(v *verify.Result) string {
	parts := []string{count(v.Files, "file", "files"), count(v.Policies, "policy", "policies"), count(v.Versions, "version", "versions")}
	for _, some := range []struct {
		n    int
		what string
	}{{v.Redacted, "redacted"}, {v.Carried, "carried"}, {v.NotInGit, "not in git"}} {
		if some.n > 0 && !(v.Git && some.what == "carried") { // they are not in git
			parts = append(parts, fmt.Sprintf("%d of them %s", some.n, some.what))
		}
	}
	verdict := "all as recorded"
	if n := len(v.Differences); n > 0 {
		verdict = count(n, "difference", "differences")
	}
	switch {
	case v.Rebuilt:
		verdict += fmt.Sprintf(", every byte compared with a build from commit %.7s", v.Head)
	case !v.Git:
		verdict += "; not compared with git"
	case v.Generator != generator():
		verdict += fmt.Sprintf("; commits and sources compared with git up to commit %.7s, pages not: %s wrote them, and this is %s", v.Head, v.Generator, generator())
	default:
		verdict += fmt.Sprintf("; commits and sources compared with git up to commit %.7s, pages not: they cannot be built again", v.Head)
	}
	if v.Behind > 0 {
		verdict += "; that commit is " + count(v.Behind, "commit", "commits") + " behind the branch"
	} else if v.Behind < 0 {
		verdict += "; that commit is not on the branch"
	}
	return strings.Join(parts, ", ") + ": " + verdict
}
