package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder/policy"
)

func (a *app) announceCommand() *cobra.Command {
	format := ""
	cmd := &cobra.Command{
		Use:   "announce POLICY[@ID]",
		Short: "Write a message about a version, for those who have to be told",
		Long: `Announce prints a message about the last change of a policy, or about another
version: what changes and when, the summary, the redline, and links to the pages
of the site. It is a mail of text and HTML that mail programs open as a draft,
without a sender or recipients. Announce sends nothing.`,
		Example: "  policysite announce privacy > privacy.eml\n  policysite announce privacy@2026-05-04 --format md",
		Args:    oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, version, hasVersion := strings.Cut(args[0], "@")
			if id == "" {
				return policy.Fail(policy.ErrUsage, nil, usage(cmd), "a policy's id is missing")
			}
			if format != "eml" && format != "md" && format != "html" {
				return policy.Fail(policy.ErrUsage, nil, "", "--format: expected eml, md or html, found %q", format)
			}
			archive, err := a.archive(cmd, []string{id})
			if err != nil {
				return err
			}
			defer archive.Close()
			p := archive.Policies[0]
			i := p.ChangeOf(len(p.Versions) - 1)
			if hasVersion {
				if i, err = archive.Version(p, version); err != nil {
					return err
				}
			}
			m, err := archive.Announce(cmd.Context(), p, i)
			if err != nil {
				return err
			}
			if !archive.HasAddress() && !a.quiet {
				a.report.note("the message has no links, since `baseURL` is not set")
			}
			var out []byte
			switch format {
			case "md":
				out = []byte(m.Markdown())
			case "html":
				out = []byte(m.HTML())
			default:
				if out, err = m.Mail(); err != nil {
					return err
				}
			}
			_, err = a.exact().Write(out)
			return err
		},
	}
	a.sourceFlags(cmd)
	a.addressFlags(cmd)
	cmd.Flags().StringVar(&format, "format", "eml", "form of the message: eml, md or html")
	cmd.ValidArgsFunction = a.completeVersion
	return cmd
}
