package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/files"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
	"github.com/policysite/policysite/layouts"
)

func (a *app) redlineCommand() *cobra.Command {
	var output, word string
	var asText, asJSON bool
	cmd := &cobra.Command{
		Use:   "redline OLD.md NEW.md",
		Short: "Show what changed between any two files",
		Long: `Redline compares two Markdown files, in a repository or not. It prints an HTML page
that needs no other file; with --text, a redline for the terminal; with --json, the
same array as diff --json. With --docx it writes a Word document with tracked changes.`,
		Example: "  policysite redline old.md new.md > redline.html",
		Args:    func(cmd *cobra.Command, args []string) error { return argCount(cmd, args, 2, 2) },
		RunE: func(_ *cobra.Command, args []string) error {
			var texts [2]files.File
			for i, name := range args {
				content, err := os.ReadFile(name)
				if err != nil {
					return policy.Fail(policy.ErrUsage, err, "redline takes two files; `policysite diff` takes a policy and its versions", "no file to compare")
				}
				texts[i] = files.File{Name: name, Content: content}
			}
			if word != "" {
				document, err := builder.FilesInWord(texts[0], texts[1])
				if err != nil {
					return err
				}
				return writeDocument(word, document)
			}
			r, err := files.Compare(texts[0], texts[1])
			if err != nil {
				return err
			}
			var page []byte
			switch {
			case asJSON:
				var out bytes.Buffer
				err = writeJSON(&out, parts(r))
				page = out.Bytes()
			case asText:
				page = []byte(r.Text(redline.TextOptions{Colour: a.colour() && output == "", Words: words.English().Phrases}))
			default:
				page, err = builder.RedlinePage(layouts.FS, args[0], args[1], r)
			}
			if err != nil {
				return err
			}
			if output == "" {
				to := a.exact()
				if asText {
					to = a.out // it is escaped, and has colours
				}
				_, err := to.Write(page)
				return err
			}
			if err := os.WriteFile(output, page, 0o644); err != nil {
				return policy.Fail(policy.ErrOutput, err, "", "the redline was not written")
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "file to write to (default: standard output)")
	cmd.Flags().BoolVar(&asText, "text", false, "for the terminal, not HTML")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the visible text as what stayed (=), went (-) and came (+)")
	cmd.Flags().StringVar(&word, "docx", "", "Word document to write, with tracked changes")
	cmd.MarkFlagsMutuallyExclusive("text", "json", "docx")
	cmd.MarkFlagsMutuallyExclusive("output", "docx")
	must(cmd.MarkFlagFilename("output"))
	must(cmd.MarkFlagFilename("docx", "docx"))
	return cmd
}

// writeDocument writes a Word document whole or not at all: Word mends what it can of a
// broken one, and half a contract is worse than none.
func writeDocument(name string, content []byte) error {
	fresh := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%d", filepath.Base(name), os.Getpid()))
	err := os.WriteFile(fresh, content, 0o644)
	if err == nil {
		err = os.Rename(fresh, name)
	}
	if err != nil {
		os.Remove(fresh)
		return policy.Fail(policy.ErrOutput, err, "", "the Word document was not written")
	}
	return nil
}
