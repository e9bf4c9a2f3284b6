package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

func (a *app) logCommand() *cobra.Command {
	var asJSON bool
	var on string
	cmd := &cobra.Command{
		Use:     "log [POLICY]",
		Short:   "List the versions of one policy, or of all",
		Example: "  policysite log privacy --on 2026-03-01",
		Args:    atMostOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := dayOf("--on", on)
			if err != nil {
				return err
			}
			archive, err := a.archive(cmd, args)
			if err != nil {
				return err
			}
			defer archive.Close()
			if asJSON {
				manifest := archive.Manifest()
				if !day.IsZero() {
					for i, p := range archive.Policies {
						manifest.Policies[i].Versions = filter(manifest.Policies[i].Versions, func(n int) bool { return p.Versions[n].InForce.Contains(day) })
					}
				}
				return writeJSON(a.exact(), manifest.Policies)
			}
			return writeLog(a.people(), archive, day)
		},
	}
	a.sourceFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the policies of archive.json")
	cmd.Flags().StringVar(&on, "on", "", "only the versions that this record shows as in force on a day")
	cmd.ValidArgsFunction = a.completePolicy
	return cmd
}

// archive reads the record of the policy that the first argument names, or of
// all.
func (a *app) archive(cmd *cobra.Command, args []string) (*builder.Archive, error) {
	opt, err := a.options()
	if err != nil {
		return nil, err
	}
	id := ""
	if len(args) > 0 {
		id = args[0]
	}
	archive, err := builder.ReadArchive(cmd.Context(), opt, id)
	a.progress.clear()
	return archive, err
}

func filter[T any](list []T, keep func(i int) bool) []T {
	out := []T{}
	for i, v := range list {
		if keep(i) {
			out = append(out, v)
		}
	}
	return out
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// writeLog prints the versions of policies, newest first, each in the words of its
// language.
func writeLog(w io.Writer, archive *builder.Archive, day policy.Date) error {
	for i, p := range archive.Policies {
		in := archive.Words(p)
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s  %s  (%s)\n", p.ID, policy.Printable(p.Title), in.T("log-"+string(p.Status)))
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, v := range slices.Backward(p.Versions) {
			if day.IsZero() || v.InForce.Contains(day) {
				kind := in.T("log-kind-" + string(v.Kind))
				if mark := v.Mark(); mark != "" {
					kind += ", " + in.T("log-"+mark)
				}
				fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", v.ID, kind, inForce(in, v.InForce), policy.PrintableText(said(in, &v)))
			}
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func inForce(in *words.Words, i *policy.Interval) string {
	switch {
	case i == nil:
		return in.T("log-never")
	case i.Until.IsZero():
		return in.T("log-since", "From", i.From.String())
	}
	return in.T("log-days", "From", i.From.String(), "Last", i.Last().String())
}

// said is what there is to say of a version in one line.
func said(in *words.Words, v *policy.Version) string {
	switch {
	case v.Error != "":
		return in.T("log-error", "Why", v.Error)
	case v.Summary != "":
		return v.Summary
	case v.SameTextAs != "":
		return in.T("log-same", "Version", v.SameTextAs)
	}
	return pages.Summary(in, v)
}
