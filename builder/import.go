package builder

import (
	"context"

	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// ImportTexts imports the past of a policy of the built commit. Where that
// commit has no policies yet, or cannot be read, any id is right.
func ImportTexts(ctx context.Context, opt importer.Options) (*importer.Result, error) {
	renderer := markdown.New(markdown.Options{})
	opt.Read = func(source []byte) *policy.Text { return readText(renderer, source) }
	if s, err := newSurvey(ctx, Options{Source: opt.Source}); err == nil {
		defer s.close()
		for _, sub := range s.subjects {
			opt.Policies = append(opt.Policies, sub.place.ID)
		}
		for _, h := range s.withheld {
			if id, _, _ := s.layout.ID(h.Path); id != "" && opt.Policies != nil {
				opt.Policies = append(opt.Policies, id)
			}
		}
	}
	return importer.Import(ctx, opt)
}
