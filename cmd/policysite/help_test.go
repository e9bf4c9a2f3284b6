package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every help text says what the command does and gives an example of it.
func TestEveryHelpTextHasAnExample(t *testing.T) {
	a := &app{out: io.Discard, report: reporter{to: io.Discard, format: "text"}}
	commands := 0
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		commands++
		if !strings.Contains(cmd.Example, "policysite ") || cmd.Short == "" {
			t.Errorf("%s: short %q, example %q", cmd.CommandPath(), cmd.Short, cmd.Example)
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(a.root())
	if commands < 15 {
		t.Errorf("only %d commands", commands)
	}
}
