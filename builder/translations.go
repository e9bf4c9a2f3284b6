package builder

import (
	"fmt"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// staleTranslations warns of translations that do not say what their original says now.
func staleTranslations(site *pages.Composer, policies []*policy.Policy) (found policy.Findings) {
	site = site.Beside(policies)
	for _, p := range policies {
		t := site.Translation(p)
		if t == nil || p.Status == policy.StatusWithdrawn {
			continue
		}
		wrong := &policy.Problem{Path: p.Path, Warning: true}
		switch {
		case t.Unknown != "":
			wrong.Message = fmt.Sprintf("translates: expected a version of %s, found %q", t.Of.ID, t.Unknown)
			wrong.Hint = fmt.Sprintf("`policysite log %s` lists them", t.Of.ID)
		case len(t.Since) > 0:
			from, last := &t.Of.Versions[t.Version], &t.Of.Versions[len(t.Of.Versions)-1]
			wrong.Message = fmt.Sprintf("is behind its original: %s has changed since the version %s (changes: %d, the newest on %s)", t.Of.Path, from.ID, len(t.Since), t.Of.Versions[t.Since[len(t.Since)-1]].Day)
			wrong.Hint = fmt.Sprintf("`policysite diff %s %s %s` shows what to translate; then say `translates: %q`", t.Of.ID, from.ID, last.ID, last.ID)
		default:
			continue
		}
		found.Problems = append(found.Problems, wrong)
	}
	return found
}
