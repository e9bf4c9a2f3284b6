package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
)

// Where a version is named.
const (
	nowhere  = ""  // log POLICY
	behindAt = "@" // show POLICY@ID
	inOrder  = " " // diff POLICY ID ID
)

// known offers a shell the ids of policies, and the versions of the one that is named.
// What cannot be read has none.
func (a *app) known(versions string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		a.quiet = true
		opt, err := a.options()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		id, prefix := "", ""
		if before, _, ok := strings.Cut(typed, "@"); ok && versions == behindAt {
			id, prefix = before, before+"@"
		} else if len(args) > 0 && versions == inOrder {
			id = args[0]
		} else if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		} else {
			ids, _ := builder.IDs(cmd.Context(), opt)
			return ids, cobra.ShellCompDirectiveNoFileComp
		}
		archive, err := builder.ReadArchive(cmd.Context(), opt, id)
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
}
