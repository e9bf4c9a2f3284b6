package builder

import (
	"fmt"
	"path"
	"slices"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/policy"
)

// later is what committed files say later of versions.
type later struct {
	entries    []policy.Entry
	redactions []policy.Redaction
}

// readLater reads history.yaml and redactions.yaml. One of them that is wrong
// stops everything: what it withholds would show.
func (s *survey) readLater() error {
	var problems policy.Problems
	parse := func(file string, into func(data []byte) policy.Problems) error {
		name := s.inSource(file)
		data, err := s.committed(name)
		if err != nil {
			return err
		}
		wrong := into(data)
		for _, p := range wrong {
			p.Path = name
		}
		problems = append(problems, wrong...)
		return nil
	}
	if err := parse(policy.StatementsFile, func(data []byte) (wrong policy.Problems) {
		s.later.entries, wrong = policy.ParseStatements(data)
		return wrong
	}); err != nil {
		return err
	}
	if err := parse(policy.RedactionsFile, func(data []byte) (wrong policy.Problems) {
		s.later.redactions, wrong = policy.ParseRedactions(data)
		return wrong
	}); err != nil {
		return err
	}
	if len(problems) > 0 {
		return &policy.Failure{Reason: policy.ErrUsage, Message: "later statements are wrong", Cause: problems}
	}
	for i := range s.later.entries {
		if e := &s.later.entries[i]; e.File != "" {
			e.File = s.inSource(e.File)
			s.layout.Named = append(s.layout.Named, e.File)
		}
	}
	return s.dateStatements()
}

// dateStatements finds the step since which each entry of history.yaml stands
// there unchanged.
func (s *survey) dateStatements() error {
	if len(s.later.entries) == 0 {
		return nil
	}
	options := policy.TimelineOptions{AuthorDates: s.config.AuthorDates}
	open := make([]int, len(s.later.entries)) // entries that all later states have
	for i := range open {
		open[i] = i
	}
	for _, state := range slices.Backward(s.log.States(s.inSource(policy.StatementsFile), 0, s.head())) {
		if state.File.Mode != history.Regular && state.File.Mode != history.Executable {
			break
		}
		data, err := s.repo.Blob(state.File.Blob)
		if err != nil {
			return err
		}
		then, _ := policy.ParseStatements(data)
		open = slices.DeleteFunc(open, func(i int) bool {
			e := &s.later.entries[i]
			said := slices.ContainsFunc(then, func(t policy.Entry) bool {
				if t.File != "" {
					t.File = s.inSource(t.File)
				}
				t.Line, t.Recorded, t.On, t.Commit = e.Line, e.Recorded, e.On, e.Commit
				return t == *e
			})
			if said {
				step := s.log.Steps[state.Step]
				e.Recorded, e.Commit = options.Recorded(step), step.Commit
				e.On = policy.DateOf(e.Recorded, s.config.Timezone)
			}
			return !said
		})
	}
	return nil
}

// said is what later statements say of a policy's versions, by their ids.
func (s *survey) said(id string) func(version string) []policy.Statement {
	return func(version string) []policy.Statement {
		var out []policy.Statement
		for _, e := range s.later.entries {
			if e.Policy == id && e.Version == version {
				out = append(out, e.Statement)
			}
		}
		return out
	}
}

// withheldOf are the redactions of a policy's versions, by their ids.
func (s *survey) withheldOf(id string) func(version string) []policy.Redaction {
	return func(version string) []policy.Redaction {
		var out []policy.Redaction
		for _, r := range s.later.redactions {
			if r.Policy == id && r.Version == version {
				out = append(out, r)
			}
		}
		return out
	}
}

// checkLater finds later statements about policies that are not on the site.
func (s *survey) checkLater() error {
	about := func(file string, line int, id string) {
		if !slices.ContainsFunc(s.subjects, func(sub *subject) bool { return sub.place.ID == id }) {
			s.problems = append(s.problems, &policy.Problem{
				Path: s.inSource(file), Line: line, Message: fmt.Sprintf("no policy has the id %q", id), Hint: "`policysite log` lists the policies",
			})
		}
	}
	for _, e := range s.later.entries {
		about(policy.StatementsFile, e.Line, e.Policy)
		if e.File == "" {
			continue
		}
		if f, ok := s.log.Lookup(s.head(), e.File); !ok || f.Mode != history.Regular && f.Mode != history.Executable {
			s.problems = append(s.problems, &policy.Problem{
				Path: s.inSource(policy.StatementsFile), Line: e.Line, Message: fmt.Sprintf("file: there is no file %s in the commit", e.File), Hint: "files are named from the folder of " + policy.StatementsFile + "; git add and git commit it",
			})
		}
	}
	for _, r := range s.later.redactions {
		about(policy.RedactionsFile, r.Line, r.Policy)
	}
	return nil
}

// unsaid are the later statements about versions that a policy does not have.
func (s *survey) unsaid(id string, versions []policy.Version) policy.Problems {
	var problems policy.Problems
	about := func(file string, line int, version string) {
		if version != "" && !slices.ContainsFunc(versions, func(v policy.Version) bool { return v.ID == version }) {
			problems = append(problems, &policy.Problem{
				Path: s.inSource(file), Line: line, Message: fmt.Sprintf("%s has no version %q", id, version), Hint: fmt.Sprintf("`policysite log %s` lists its versions", id),
			})
		}
	}
	for _, e := range s.later.entries {
		if e.Policy == id {
			about(policy.StatementsFile, e.Line, e.Version)
		}
	}
	for _, r := range s.later.redactions {
		if r.Policy == id {
			about(policy.RedactionsFile, r.Line, r.Version)
		}
	}
	return problems
}

// imported are the texts older than git that history.yaml brings to a policy.
func (s *survey) imported(id string) []policy.Version {
	var out []policy.Version
	for _, e := range s.later.entries {
		f, ok := s.log.Lookup(s.head(), e.File)
		if e.Policy != id || e.File == "" || !ok {
			continue
		}
		out = append(out, policy.Version{
			Day: e.Day(), Blob: f.Blob, Path: path.Clean(e.File), Change: e.Change, Summary: e.Summary,
			Statements: []policy.Statement{e.Statement},
		})
	}
	slices.SortStableFunc(out, func(a, b policy.Version) int {
		switch {
		case a.Day.Before(b.Day):
			return -1
		case b.Day.Before(a.Day):
			return 1
		}
		return 0
	})
	return out
}
