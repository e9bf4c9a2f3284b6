package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
)

// completePolicy offers a shell the ids of policies, as the first argument.
func (a *app) completePolicy(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	a.quiet = true
	opt, err := a.options()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ids, _ := builder.IDs(cmd.Context(), opt) // none where nothing can be read
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// completeVersion offers what completePolicy does, and the versions of a policy behind
// its "@", or as the arguments that follow it.
func (a *app) completeVersion(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	id, _, at := strings.Cut(typed, "@")
	prefix := id + "@"
	switch {
	case len(args) > 0:
		id, prefix = args[0], ""
	case !at:
		return a.completePolicy(cmd, args, typed)
	}
	a.quiet = true
	archive, err := a.archive(cmd, []string{id})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer archive.Close()
	var out []string
	for _, v := range archive.Policies[0].Versions {
		out = append(out, prefix+v.ID)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
