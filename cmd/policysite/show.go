package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

func (a *app) showCommand() *cobra.Command {
	var on string
	var asJSON, asText, asSource, origins bool
	cmd := &cobra.Command{
		Use:     "show POLICY[@ID]",
		Short:   "Print a version of a policy, the one in force by default",
		Example: "  policysite show privacy@2026-05-04 --text",
		Args:    oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := dayOf("--on", on)
			if err != nil {
				return err
			}
			id, version, hasVersion := strings.Cut(args[0], "@")
			if hasVersion && !day.IsZero() {
				return policy.Fail(policy.ErrUsage, nil, "", "a version and --on are two ways to say the same: give one")
			}
			if origins && (hasVersion || !day.IsZero()) {
				return policy.Fail(policy.ErrUsage, nil, "give the policy alone", "--origins tells of the version that the policy's page shows, and of no other")
			}
			if id == "" {
				return policy.Fail(policy.ErrUsage, nil, usage(cmd), "a policy's id is missing")
			}
			archive, err := a.archive(cmd, []string{id})
			if err != nil {
				return err
			}
			defer archive.Close()
			p := archive.Policies[0]
			i := p.Shown()
			switch {
			case hasVersion:
				i, err = archive.Version(p, version)
			case !day.IsZero():
				i, err = archive.On(p, day)
			}
			if err != nil {
				return err
			}
			switch {
			case origins && p.Origins == nil:
				return policy.Fail(policy.ErrContent, nil, "", "the text of %s@%s cannot be read, or is withheld", p.ID, p.Versions[i].ID)
			case origins && asJSON:
				return writeJSON(a.exact(), pages.ManifestOrigins(p))
			case origins:
				return writeOrigins(a.people(), archive, p)
			case asJSON:
				return writeJSON(a.exact(), archive.Manifest().Policies[0].Versions[i])
			case asSource:
				source, err := archive.Source(p, i)
				if err != nil {
					return err
				}
				_, err = a.exact().Write(source)
				return err
			case asText:
				text, err := archive.Text(p, i)
				if err != nil {
					return err
				}
				_, err = io.WriteString(a.exact(), text)
				return err
			}
			return writeVersion(a.people(), archive, p, i)
		},
	}
	a.sourceFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&on, "on", "", "the version that this record shows as in force on a day")
	flags.BoolVar(&asText, "text", false, "print the visible text, exactly the bytes of text_sha256")
	flags.BoolVar(&asSource, "source-text", false, "print the source, exactly the bytes of source_sha256")
	flags.BoolVar(&asJSON, "json", false, "print what archive.json says of the version")
	flags.BoolVar(&origins, "origins", false, "print since when each line of the text in force stands")
	cmd.MarkFlagsMutuallyExclusive("text", "source-text", "json")
	cmd.MarkFlagsMutuallyExclusive("text", "source-text", "origins")
	cmd.ValidArgsFunction = a.completeVersion
	return cmd
}

// writeOrigins prints the text that a policy shows, with what is said of its lines above
// them.
func writeOrigins(w io.Writer, archive *builder.Archive, p *policy.Policy) error {
	text, err := archive.Text(p, p.Shown())
	if err != nil {
		return err
	}
	lines := strings.Split(text, "\n")
	ids := func(name string, all []int) string {
		var out []string
		for _, i := range all {
			out = append(out, p.Versions[i].ID)
		}
		if out == nil {
			return ""
		}
		return name + " " + strings.Join(out, " ")
	}
	for i, o := range p.Origins {
		if i > 0 {
			fmt.Fprintln(w)
		}
		said := "withheld"
		if !o.Withheld {
			first, before := "", ""
			if o.First < o.Since {
				first = "first stood " + p.Versions[o.First].ID
			}
			if o.StoodBefore >= 0 {
				before = "stood before in " + p.Versions[o.StoodBefore].ID
			}
			said = commas("since "+p.Versions[o.Since].ID, before, first, ids("changed", o.Changes), ids("not read", o.Unread))
		}
		fmt.Fprintf(w, "[%s]\n", said)
		for _, line := range lines[o.Line-1 : o.Line-1+o.Lines] {
			wrap(w, line)
		}
	}
	return nil
}

const showWidth = 80

// writeVersion prints a version for reading: what is known of it, and its text
// with a blank line between blocks.
func writeVersion(w io.Writer, archive *builder.Archive, p *policy.Policy, i int) error {
	v := &p.Versions[i]
	text, err := archive.Text(p, i)
	if err != nil {
		return err
	}
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-13s %s\n", name+":", value)
		}
	}
	line("policy", p.ID)
	line("version", commas(v.ID, v.Label))
	line("kind", commas(string(v.Kind), v.Change))
	line("in force", inForce(words.English(), v.InForce))
	if !v.Recorded.IsZero() {
		line("recorded", v.Recorded.Format("2006-01-02 15:04:05 MST"))
	}
	line("published", v.Published.String())
	line("last updated", v.Declared.LastUpdated.String())
	line("effective", v.Declared.Effective.String())
	line("summary", v.Summary)
	line("commit", v.Commit())
	line("source", v.Path)
	for block := range strings.Lines(text) {
		fmt.Fprintln(w)
		wrap(w, strings.TrimSuffix(block, "\n"))
	}
	return nil
}

func commas(w ...string) string {
	return strings.Join(slices.DeleteFunc(w, func(s string) bool { return s == "" }), ", ")
}

// wrap prints a paragraph in lines of at most showWidth characters.
func wrap(w io.Writer, text string) {
	length := 0
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case length+1+n > showWidth:
			fmt.Fprintln(w)
			length = 0
		default:
			fmt.Fprint(w, " ")
			length++
		}
		fmt.Fprint(w, word)
		length += n
	}
	fmt.Fprintln(w)
}
