package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// What makes manual pages is no part of the program: a release runs this test.
var manual = flag.String("manual", "", "folder for the manual pages and completions of a release")

func TestManual(t *testing.T) {
	dir := *manual
	if dir == "" {
		dir = t.TempDir()
	}
	man, completions := filepath.Join(dir, "man"), filepath.Join(dir, "completions")
	for _, d := range []string{man, completions} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	root := (&app{}).root()
	root.InitDefaultCompletionCmd()
	root.DisableAutoGenTag = true
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "policysite", Manual: "policysite"}, man); err != nil {
		t.Fatal(err)
	}
	for shell, write := range map[string]func(string) error{
		"bash": func(name string) error { return root.GenBashCompletionFileV2(name, true) },
		"zsh":  root.GenZshCompletionFile,
		"fish": func(name string) error { return root.GenFishCompletionFile(name, true) },
		"ps1":  root.GenPowerShellCompletionFileWithDesc,
	} {
		if err := write(filepath.Join(completions, "policysite."+shell)); err != nil {
			t.Error(err)
		}
	}
	var all func(*cobra.Command)
	all = func(cmd *cobra.Command) {
		page, err := os.ReadFile(filepath.Join(man, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"))
		if err != nil || !strings.Contains(strings.ReplaceAll(string(page), `\-`, "-"), cmd.Short) {
			t.Errorf("the manual page of %s does not say %q (%v)", cmd.CommandPath(), cmd.Short, err)
		}
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				all(sub)
			}
		}
	}
	all(root)
}
