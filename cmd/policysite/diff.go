package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

func (a *app) diffCommand() *cobra.Command {
	var on, word string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff POLICY [ID [ID]]",
		Short: "Show what changed between two versions of a policy",
		Long: `Diff shows what changed. Without an id, it compares the last change with the change
before it; with one, that version with the version in force; with two, the first
with the second. --on names the version that this record shows as in force on a
day. With --docx it writes a Word document with tracked changes, in which is withheld
what the site withholds.`,
		Example: "  policysite diff privacy 2026-01-15 2026-05-04\n  policysite diff privacy 2026-01-15 --docx privacy.docx",
		Args:    func(cmd *cobra.Command, args []string) error { return argCount(cmd, args, 1, 3) },
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := dayOf("--on", on)
			if err != nil {
				return err
			}
			archive, err := a.archive(cmd, args[:1])
			if err != nil {
				return err
			}
			defer archive.Close()
			p := archive.Policies[0]
			var ends []int
			if !day.IsZero() {
				i, err := archive.On(p, day)
				if err != nil {
					return err
				}
				ends = append(ends, i)
			}
			for _, id := range args[1:] {
				i, err := archive.Version(p, id)
				if err != nil {
					return err
				}
				ends = append(ends, i)
			}
			from, to, err := between(cmd, p, ends)
			if err != nil {
				return err
			}
			if word != "" {
				document, err := archive.Word(cmd.Context(), p, from, to)
				if err != nil {
					return err
				}
				return writeDocument(word, document)
			}
			r, err := archive.Redline(p, from, to)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.exact(), parts(r))
			}
			v, w, in := &p.Versions[from], &p.Versions[to], archive.Words(p)
			fmt.Fprintf(a.out, "%s  %s → %s  (%s)\n", p.ID, v.ID, w.ID, wordsChanged(in, r, words.Unit(p.Lang)))
			if r.Changes == 0 {
				_, err = fmt.Fprintln(a.out, in.T("diff-none"))
				return err
			}
			_, err = fmt.Fprintf(a.out, "\n%s", r.Text(redline.TextOptions{Colour: a.colour(), Words: in.Phrases}))
			return err
		},
	}
	a.sourceFlags(cmd)
	cmd.Flags().StringVar(&on, "on", "", "the version in force on a day, instead of an id")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the visible text as what stayed (=), went (-) and came (+)")
	cmd.Flags().StringVar(&word, "docx", "", "Word document to write, with tracked changes")
	cmd.MarkFlagsMutuallyExclusive("json", "docx")
	must(cmd.MarkFlagFilename("docx", "docx"))
	cmd.ValidArgsFunction = a.completeVersion
	return cmd
}

// between tells which version is compared with which.
func between(cmd *cobra.Command, p *policy.Policy, ends []int) (from, to int, err error) {
	switch len(ends) {
	case 0:
		to = p.ChangeOf(len(p.Versions) - 1)
		if to == 0 {
			return 0, 0, policy.Fail(policy.ErrUsage, nil, usage(cmd), "%s has one change only, and nothing to compare it with", p.ID)
		}
		return p.ChangeOf(to - 1), to, nil
	case 1:
		if p.Current < 0 {
			return 0, 0, policy.Fail(policy.ErrUsage, nil, usage(cmd), "no version of %s is in force to compare with", p.ID)
		}
		return ends[0], p.Current, nil
	case 2:
		return ends[0], ends[1], nil
	}
	return 0, 0, policy.Fail(policy.ErrUsage, nil, usage(cmd), "two versions are compared; three were named")
}

// colour tells whether results may be coloured.
func (a *app) colour() bool {
	return isTerminal(a.out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// wordsChanged says how much changed, in words or characters.
func wordsChanged(in *words.Words, r *redline.Redline, unit string) string {
	said := in.T("diff-"+unit, r.Added)
	say := func(id string, args ...any) { said = in.T("list-next", "Before", said, "Next", in.T(id, args...)) }
	say("diff-removed", r.Removed)
	if r.Moved > 0 {
		say("diff-moved", r.Moved)
	}
	say("diff-places", r.Changes)
	if r.Rewrite() {
		say("diff-rewrite", "Percent", 100-r.Lost)
	}
	return said
}

// part is an element of what diff --json and redline --json print.
type part struct {
	Op    string `json:"op"`
	Text  string `json:"text"`
	Moved bool   `json:"moved,omitempty"`
	Note  string `json:"note,omitempty"`
}

func parts(r *redline.Redline) []part {
	out := []part{}
	for _, p := range r.Parts(words.English().Phrases) { // programs read them
		out = append(out, part{string(rune(p.Op)), p.Text, p.Moved, p.Note})
	}
	return out
}
