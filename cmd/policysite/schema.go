package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/docs/schema"
)

func (a *app) schemaCommand() *cobra.Command {
	names := schema.Names()
	return &cobra.Command{
		Use:       "schema NAME",
		Short:     "Print the JSON Schema of a file, for editors and programs",
		Long:      "schema prints the JSON Schema (2020-12) of a file: " + strings.Join(names, ", ") + ".",
		Example:   "  policysite schema config > policysite.schema.json",
		Args:      oneArg,
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(names, args[0]) {
				hint := usage(cmd)
				if near := policy.Nearest(args[0], names); near != "" {
					hint = "did you mean " + near + "?"
				}
				return policy.Fail(policy.ErrUsage, nil, hint, "expected %s or %s, found %q", strings.Join(names[:len(names)-1], ", "), names[len(names)-1], args[0])
			}
			_, err := a.exact().Write(schema.Of(args[0]))
			return err
		},
	}
}
