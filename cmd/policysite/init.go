package main

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder/history"
)

// The sample of `init`: its first and its second commit, each with all files
// and the message in COMMIT.
//
//go:embed all:sample
var sample embed.FS

// sampleDates are the days of the sample's commits. They are fixed and months
// apart, so that the first site has an archive worth looking at.
var sampleDates = map[string]time.Time{
	"1": time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC),
	"2": time.Date(2026, 5, 4, 9, 12, 33, 0, time.UTC),
}

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a repository with a sample policy in two versions",
		Args:  atMostOneArg,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			commits, err := sampleCommits()
			if err != nil {
				return err
			}
			if err := history.Init(dir, commits); err != nil {
				return err
			}
			if a.quiet {
				return nil
			}
			source := ""
			if dir != "." {
				source = " -s " + dir
			}
			_, err = fmt.Fprintf(a.out, "a sample policy in two versions → %s\nnext: policysite build%s\n", dir, source)
			return err
		},
	}
}

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
