package catalog

import (
	"fmt"
	"path"
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// Statements are what committed files say of versions later than their own
// commits.
type Statements struct {
	Entries    []policy.Entry     // of history.yaml
	Redactions []policy.Redaction // of redactions.yaml
}

// readStatements reads history.yaml and redactions.yaml. One of them that is wrong
// leaves no catalog, since what it withholds would show; Read goes on to find what else
// is wrong.
func (r *reader) readStatements() error {
	statements := "" // the name of history.yaml
	parse := func(file string, into func(data []byte) policy.Problems) error {
		name, data, err := r.settings(file)
		if err != nil {
			return err
		}
		if file == policy.StatementsFile {
			statements = name
		}
		wrong := into(data)
		for _, p := range wrong {
			p.Path = name
		}
		r.wrong = append(r.wrong, wrong...)
		return nil
	}
	if err := parse(policy.StatementsFile, func(data []byte) (wrong policy.Problems) {
		r.cat.Statements.Entries, wrong = policy.ParseStatements(data)
		return wrong
	}); err != nil {
		return err
	}
	if err := parse(policy.RedactionsFile, func(data []byte) (wrong policy.Problems) {
		r.cat.Statements.Redactions, wrong = policy.ParseRedactions(data)
		return wrong
	}); err != nil {
		return err
	}
	for i := range r.cat.Statements.Entries {
		if e := &r.cat.Statements.Entries[i]; e.File != "" {
			e.File = r.cat.InSource(e.File)
			r.cat.Layout.Named = append(r.cat.Layout.Named, e.File)
		}
	}
	return r.dateStatements(statements)
}

// dateStatements finds the step since which each entry of history.yaml has been
// there unchanged.
func (r *reader) dateStatements(file string) error {
	if len(r.cat.Statements.Entries) == 0 {
		return nil
	}
	options := policy.TimelineOptions{AuthorDates: r.cat.Config.AuthorDates}
	open := make([]int, len(r.cat.Statements.Entries)) // entries that all later states have
	for i := range open {
		open[i] = i
	}
	for _, state := range slices.Backward(r.cat.Log.States(file, 0, r.cat.Head())) {
		if !state.File.Mode.IsFile() {
			break
		}
		data, err := r.src.Repo.Blob(state.File.Blob)
		if err != nil {
			return err
		}
		before, _ := policy.ParseStatements(data)
		open = slices.DeleteFunc(open, func(i int) bool {
			e := &r.cat.Statements.Entries[i]
			same := slices.ContainsFunc(before, func(t policy.Entry) bool {
				if t.File != "" {
					t.File = r.cat.InSource(t.File)
				}
				t.Line, t.Recorded, t.On, t.Commit = e.Line, e.Recorded, e.On, e.Commit
				return t == *e
			})
			if same {
				step := r.cat.Log.Steps[state.Step]
				e.Recorded, e.Commit = options.Recorded(step), step.Commit
				e.On = policy.DateOf(e.Recorded, r.cat.Config.Timezone)
			}
			return !same
		})
	}
	return nil
}

// Of is what history.yaml says of a policy's versions, by their ids.
func (s *Statements) Of(id string) func(version string) []policy.Statement {
	return func(version string) []policy.Statement {
		var out []policy.Statement
		for _, e := range s.Entries {
			if e.Policy == id && e.Version == version {
				out = append(out, e.Statement)
			}
		}
		return out
	}
}

// RedactionsOf are the redactions of a policy's versions, by their ids.
func (s *Statements) RedactionsOf(id string) func(version string) []policy.Redaction {
	return func(version string) []policy.Redaction {
		var out []policy.Redaction
		for _, r := range s.Redactions {
			if r.Policy == id && r.Version == version {
				out = append(out, r)
			}
		}
		return out
	}
}

// checkStatements finds statements about policies that are not on the site.
func (r *reader) checkStatements() error {
	wrong := func(file string, line int, hint, format string, args ...any) {
		r.found.Problems = append(r.found.Problems, &policy.Problem{Path: r.cat.InSource(file), Line: line, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	var off []string // policies that are not on the site
	about := func(file string, line int, id string) error {
		if r.cat.Policy(id) != nil || slices.Contains(off, id) {
			return nil
		}
		was, err := r.wasPolicy(id)
		switch {
		case was:
			off = append(off, id)
		case err == nil:
			wrong(file, line, "`policysite log` lists the policies", "no policy has the id %q", id)
		}
		return err
	}
	for _, e := range r.cat.Statements.Entries {
		if err := about(policy.StatementsFile, e.Line, e.Policy); err != nil {
			return err
		}
		if f, ok := r.cat.Log.Lookup(r.cat.Head(), e.File); e.File != "" && (!ok || !f.Mode.IsFile()) {
			wrong(policy.StatementsFile, e.Line, "files are named from the folder of "+policy.StatementsFile+"; git add and git commit it", "file: there is no file %s in the commit", e.File)
		}
	}
	for _, x := range r.cat.Statements.Redactions {
		if err := about(policy.RedactionsFile, x.Line, x.Policy); err != nil {
			return err
		}
	}
	if len(off) > 0 {
		r.note("statements and redactions of policies that are not on the site wait until these are: %s", policy.ListWords(off, 10))
	}
	return nil
}

// wasPolicy reports whether a policy that is not on the site has an id: one that is
// gone, held back, or a draft.
func (r *reader) wasPolicy(id string) (bool, error) {
	for _, h := range r.cat.Rest.Unpublished {
		meta, err := r.lastMeta(h)
		if err != nil {
			return false, err
		}
		if place, _ := r.cat.Layout.Place(h.Path, &meta); place.ID == id {
			return true, nil
		}
	}
	return false, nil
}

// CheckVersions finds statements about versions that a policy does not have.
func (c *Catalog) CheckVersions(id string, versions []policy.Version) policy.Problems {
	var problems policy.Problems
	about := func(file string, line int, version string) {
		if version != "" && !slices.ContainsFunc(versions, func(v policy.Version) bool { return v.ID == version }) {
			problems = append(problems, &policy.Problem{
				Path: c.InSource(file), Line: line, Message: fmt.Sprintf("%s has no version %q", id, version), Hint: fmt.Sprintf("`policysite log %s` lists its versions", id),
			})
		}
	}
	for _, e := range c.Statements.Entries {
		if e.Policy == id {
			about(policy.StatementsFile, e.Line, e.Version)
		}
	}
	for _, x := range c.Statements.Redactions {
		if x.Policy == id {
			about(policy.RedactionsFile, x.Line, x.Version)
		}
	}
	return problems
}

// Older are the texts older than git that history.yaml brings to a policy, in the
// order of their days.
func (c *Catalog) Older(id string) []policy.Version {
	var out []policy.Version
	for _, e := range c.Statements.Entries {
		f, ok := c.Log.Lookup(c.Head(), e.File)
		if e.Policy != id || e.File == "" || !ok {
			continue
		}
		out = append(out, policy.Version{
			Day:      e.Day(),
			Content:  policy.Content{Blob: f.Blob, Path: path.Clean(e.File)},
			Stated:   policy.Stated{Change: e.Change, Summary: e.Summary},
			Evidence: policy.Evidence{Statements: []policy.Statement{e.Statement}},
		})
	}
	slices.SortStableFunc(out, func(a, b policy.Version) int { return a.Day.Compare(b.Day) })
	return out
}
