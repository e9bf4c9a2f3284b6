package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/policy"
)

// The sample of `init`: its first and its second commit, each with all files
// and the message in COMMIT.
//
//go:embed all:sample
var sample embed.FS

// sampleDates are the days of the sample's commits. They are fixed and months
// apart, so that the first site has an archive worth looking at.
var sampleDates = map[string]time.Time{
	"1": time.Unix(policy.SampleBegins, 0).UTC(),
	"2": time.Date(2026, 5, 4, 9, 12, 33, 0, time.UTC),
}

func (a *app) initCommand() *cobra.Command {
	empty := false
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a repository with a sample policy in two versions",
		Long: "Init makes a git repository with two committed versions of a sample policy, content/sample.md, so that there is an\n" +
			"archive to look at. With --empty it makes the configuration and the folder for your own policies, and commits nothing.",
		Example: "  policysite init sample\n  policysite init --empty legal",
		Args:    atMostOneArg,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			source, folder := "", filepath.Join(dir, "content")
			if dir != "." {
				source = " -s " + dir
			}
			commits, err := sampleCommits()
			if err != nil {
				return err
			}
			made, next := "a sample policy in two versions", ""
			if empty {
				commits = []history.InitialCommit{{Files: map[string][]byte{policy.ConfigFile: emptyConfig, ".gitignore": []byte("/public/\n")}}}
				made, next = policy.ConfigFile+" and the folder content", "next:       write your policies into "+folder+", and commit them\n"
			}
			if err := history.Init(dir, commits); err != nil {
				return err
			}
			if err := os.MkdirAll(folder, 0o777); err != nil {
				return policy.Fail(policy.ErrOutput, err, "", "cannot make the folder %s", folder)
			}
			if a.quiet {
				return nil
			}
			_, err = fmt.Fprintf(a.people(), "%s → %s\n%slook at it: policysite serve%[4]s --open\nbuild it:   policysite build%[4]s\n", made, dir, next, source)
			return err
		},
	}
	cmd.Flags().BoolVar(&empty, "empty", false, "without the sample: configuration and folders alone")
	return cmd
}

// emptyConfig are the settings that most sites have.
//
//go:embed empty.yaml
var emptyConfig []byte

func sampleCommits() ([]history.InitialCommit, error) {
	var commits []history.InitialCommit
	for _, number := range []string{"1", "2"} {
		root := path.Join("sample", number)
		c := history.InitialCommit{
			Files: map[string][]byte{}, Name: "Example Company", Email: "legal@example.com", When: sampleDates[number],
		}
		err := fs.WalkDir(sample, root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := sample.ReadFile(p)
			if name := strings.TrimPrefix(p, root+"/"); name == "COMMIT" {
				c.Message = string(content)
			} else {
				c.Files[name] = content
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		commits = append(commits, c)
	}
	return commits, nil
}
