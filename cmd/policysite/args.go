package main

import (
	"fmt"

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
