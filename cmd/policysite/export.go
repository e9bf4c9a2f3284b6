package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write the record in the form of another archive",
		Example: "  policysite export ota dataset",
		Args:    knownCommand, SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	ota := &cobra.Command{
		Use:   "ota DIR",
		Short: "Write the record in the layout of an Open Terms Archive dataset",
		Long: `ota writes every version of the policies that have a terms-type in the layout of
a dataset of Open Terms Archive, and a declaration by which it can track the site,
into a folder that is new or empty.`,
		Example: "  policysite export ota dataset --baseURL https://example.com/policies/",
		Args:    oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.running = true
			archive, err := a.archive(cmd, nil)
			if err != nil {
				return err
			}
			defer archive.Close()
			out, err := archive.ExportOTA(cmd.Context(), args[0])
			if err != nil || a.quiet {
				return err
			}
			if a.report.format == "json" {
				return writeJSON(a.exact(), out)
			}
			for _, left := range out.LeftOut {
				a.report.note("left out: " + left)
			}
			_, err = fmt.Fprintf(a.people(), "%s: %s of %s, %s\n", args[0], count(out.Policies, "policy", "policies"), out.Service, count(out.Versions, "version", "versions"))
			return err
		},
	}
	a.sourceFlags(ota)
	a.addressFlags(ota)
	cmd.AddCommand(ota)
	return cmd
}
