package builder

import (
	"fmt"
	"slices"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
)

// staleTranslations warns of translations that do not say what their original says now,
// or name an original that does not exist, and of a language that prevails where there is
// no text in it. With a base, the review says which translations the change left behind.
func (in *input) staleTranslations(cat *catalog.Catalog, site *pages.Composer, resolved []*record.Resolved) (found policy.Findings) {
	policies := of(resolved)
	if lang := cat.Config.Controlling; lang != "" && !slices.ContainsFunc(policies, func(p *policy.Policy) bool { return p.Lang == lang }) {
		found.Problems = append(found.Problems, &policy.Problem{
			Path: cat.InSource(policy.ConfigFile), Warning: true,
			Message: fmt.Sprintf("controlling: expected the language of a policy, found %q", lang),
			Hint:    "`languages` lists those that the names of files may say",
		})
	}
	site = site.Beside(policies)
	for i, p := range policies {
		if p.TranslationOf != "" && cat.Policy(p.TranslationOf) == nil {
			found.Problems = append(found.Problems, &policy.Problem{
				Path: p.Path, Line: cat.Policies[i].Meta.Lines["translation-of"], Warning: true,
				Message: fmt.Sprintf("translation-of: no policy has the id %q", p.TranslationOf),
				Hint:    "known policies: " + policy.ListWords(cat.IDs(), 20),
			})
		}
		t := site.Translation(p)
		switch {
		case t == nil || p.Status == policy.StatusWithdrawn:
		case t.Unknown != "":
			found.Problems = append(found.Problems, &policy.Problem{
				Path: p.Path, Line: cat.Policies[i].Meta.Lines["translates"], Warning: true,
				Message: fmt.Sprintf("translates: expected a version of %s, found %q", t.Of.ID, t.Unknown),
				Hint:    fmt.Sprintf("`policysite log %s` lists them", t.Of.ID),
			})
		case len(t.Since) > 0 && in.base == "" && !cat.Policies[i].Silences(policy.RuleTranslation):
			from, to := t.Of.Versions[t.Version].ID, t.Of.Versions[t.Since[len(t.Since)-1]].ID
			f := policy.Finding(policy.RuleTranslation, p.Path, 0, "translates the version %s of %s, which has changed since (changes: %d, the newest %s)", from, t.Of.ID, len(t.Since), to)
			f.Hint = fmt.Sprintf("`policysite diff %s %s %s` shows what to translate; then say `translates: %s` in front matter\n%s", t.Of.ID, from, to, to, f.Hint)
			found.Problems = append(found.Problems, f)
		}
	}
	return found
}
