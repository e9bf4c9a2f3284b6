package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/policy"
)

func (a *app) importCommand() *cobra.Command {
	var opt importer.Options
	var date string
	cmd := &cobra.Command{
		Use:   "import POLICY SOURCE...",
		Short: "Import versions that are older than git, or a first text",
		Long: `Import turns texts that are older than the history in git into Markdown below
history/, and adds an entry for each to history.yaml, with the days that are known
of it. A source is a file (HTML, plain text or Markdown), a folder of such files,
or an address. With --captures, the sources are the captures in a list from the
Wayback Machine. With --current, one source becomes the first text of a policy, in
the content folder.

Nothing is overwritten, and no day is guessed: a text needs --date if neither the
text nor the name of its file says when it was published. What is removed from a
page is printed, so that you can see that no clause is missing.`,
		Example: "  policysite import privacy old/privacy-2014-05-06.html --dry-run\n  policysite import terms --current https://example.com/terms",
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 || len(args) == 1 && opt.Captures == "":
				return policy.Fail(policy.ErrUsage, nil, usage(cmd), "an argument is missing")
			case len(args) > 1 && opt.Captures != "":
				return policy.Fail(policy.ErrUsage, nil, "import them one after the other", "expected a source or --captures, found both")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.Policy, opt.Texts = strings.Trim(args[0], "/"), args[1:]
			switch {
			case opt.From != "" && opt.Captures == "":
				return policy.Fail(policy.ErrUsage, nil, "", "--from needs --captures")
			case opt.Current && (opt.Captures != "" || date != ""):
				return policy.Fail(policy.ErrUsage, nil, "a first text is dated by its commit and by what it states", "--current goes with neither --captures nor --date")
			case date != "" && opt.Captures != "":
				return policy.Fail(policy.ErrUsage, nil, "captures have times of their own", "--date is for one text, not for --captures")
			}
			day, err := dayOf("--date", date)
			if err != nil {
				return err
			}
			opt.Date = day
			if a.progress = newProgress(a.report.to, a.quiet); a.progress != nil {
				opt.Progress = a.progress.show
			}
			r, err := builder.ImportTexts(cmd.Context(), opt)
			a.progress.clear()
			if r == nil {
				return err
			}
			if !a.quiet {
				for _, w := range r.Warnings {
					a.report.problem(w)
				}
				err = errors.Join(err, a.tellImport(r, opt))
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&opt.Source, "source", "s", ".", "folder that holds policysite.yaml, or would")
	flags.StringVar(&date, "date", "", "day on which the text was published, such as 2021-01-31")
	flags.BoolVar(&opt.Current, "current", false, "make a first text of the policy in the content folder")
	flags.BoolVar(&opt.DryRun, "dry-run", false, "print what would be imported, and write nothing")
	flags.StringVar(&opt.Captures, "captures", "", "file with a list of captures of the Wayback CDX server, in JSON or text")
	flags.StringVar(&opt.From, "from", "", "folder or address to take captures from (default: https://web.archive.org/web)")
	flags.BoolVar(&opt.AllowPrivate, "allow-private", false, "fetch from addresses that are not on the public internet, too")
	must(cmd.MarkFlagDirname("source"))
	must(cmd.MarkFlagFilename("captures"))
	cmd.ValidArgsFunction = a.completePolicy
	return cmd
}

// tellImport prints what was imported, in words for the person who has to
// answer for it.
func (a *app) tellImport(r *importer.Result, opt importer.Options) error {
	if a.report.format == "json" {
		return importJSON(a.exact(), r)
	}
	var b strings.Builder
	fresh := 0
	for i := range r.Imported {
		item := &r.Imported[i]
		t := item.Text
		if item.Known {
			fmt.Fprintf(&b, "%s is there already, from %s\n\n", item.File, item.Name)
			continue
		}
		fresh++
		fmt.Fprintf(&b, "%s from %s (%s)\n", item.File, item.Name, t.Form)
		line := func(label, text string) {
			if text != "" {
				fmt.Fprintf(&b, "  %-9s %s\n", label, text)
			}
		}
		line("title", t.Title)
		line("days", item.Why)
		line("evidence", item.Entry.Evidence)
		line("words", fmt.Sprintf("%d in the source, %d of them kept, %d removed", t.In, t.Kept, t.In-t.Kept))
		if t.Sure {
			line("check", "the text has the SHA-256 sum that its page states")
		}
		for _, p := range t.Removed {
			fmt.Fprintf(&b, "  removed   %s, %s:\n%s", p.Why, count(p.Words, "word", "words"), quoted(p.Text, "    | ", 92))
		}
		b.WriteByte('\n')
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "left out: %s: %s\n", s.Name, s.Why)
	}
	if len(r.Skipped) > 0 {
		b.WriteByte('\n')
	}
	switch {
	case opt.DryRun:
		fmt.Fprintf(&b, "%s to import; nothing was written\n", count(fresh, "text", "texts"))
	case fresh == 0:
		b.WriteString("nothing new to import\n")
	case opt.Current:
		fmt.Fprintf(&b, "compare with the original, then commit %s\n", r.Imported[0].File)
	default:
		fmt.Fprintf(&b, "%s imported; compare with the originals, then commit history and %s\n", count(fresh, "text", "texts"), policy.StatementsFile)
	}
	_, err := io.WriteString(a.people(), b.String())
	return err
}

// importJSON prints what was imported for programs.
func importJSON(to io.Writer, r *importer.Result) error {
	type imported struct {
		Source    string             `json:"source"`
		File      string             `json:"file"`
		Form      importer.Form      `json:"form"`
		Published policy.Date        `json:"published"`
		Effective policy.Date        `json:"effective"`
		Seen      policy.Date        `json:"seen"`
		Evidence  string             `json:"evidence"`
		Words     int                `json:"words"`
		Kept      int                `json:"words_kept"`
		Known     bool               `json:"known"`
		Removed   []importer.Passage `json:"removed"`
	}
	out := struct {
		Imported []imported         `json:"imported"`
		Skipped  []importer.Skipped `json:"skipped"`
	}{[]imported{}, append([]importer.Skipped{}, r.Skipped...)} // in JSON, an empty list is not null
	for _, item := range r.Imported {
		e, t := item.Entry, item.Text
		out.Imported = append(out.Imported, imported{item.Name, item.File, t.Form, e.Published, e.Effective, e.Seen, e.Evidence,
			t.In, t.Kept, item.Known, append([]importer.Passage{}, t.Removed...)})
	}
	return json.NewEncoder(to).Encode(out)
}

// quoted breaks lines at a width, and puts a mark before each.
func quoted(text, mark string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		at := 0
		for word := range strings.FieldsSeq(line) {
			n := utf8.RuneCountInString(word)
			switch {
			case at == 0:
				b.WriteString(mark)
			case at+1+n > width-len(mark):
				b.WriteString("\n" + mark)
				at = 0
			default:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += n
		}
		if at > 0 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
