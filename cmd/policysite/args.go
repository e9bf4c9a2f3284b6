package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder/policy"
)

// The checks of cobra say no word of how to mend a call, and take any mistake
// for exit code 1.

func noArgs(cmd *cobra.Command, args []string) error {
	return argCount(cmd, args, 0, 0)
}

func atMostOneArg(cmd *cobra.Command, args []string) error {
	return argCount(cmd, args, 0, 1)
}

func oneArg(cmd *cobra.Command, args []string) error {
	return argCount(cmd, args, 1, 1)
}

// knownCommand is asked about what follows the program's name.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "`policysite --help` lists the commands"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return policy.Fail(policy.ErrUsage, nil, hint, "unknown command %q", args[0])
}

func argCount(cmd *cobra.Command, args []string, least, most int) error {
	switch {
	case len(args) > most:
		return policy.Fail(policy.ErrUsage, nil, usage(cmd), "unexpected argument %q", args[most])
	case len(args) < least:
		return policy.Fail(policy.ErrUsage, nil, usage(cmd), "an argument is missing")
	}
	return nil
}

func usage(cmd *cobra.Command) string { return fmt.Sprintf("usage: %s", cmd.UseLine()) }
