package builder

import (
	"context"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/markdown"
)

// ImportTexts imports the past of a policy of the built commit. Where that
// commit has no policies yet, or cannot be read, any id is right.
func ImportTexts(ctx context.Context, opt importer.Options) (*importer.Result, error) {
	opt.Read = markdown.New(markdown.Options{}).Text
	if in, err := open(ctx, Options{Source: opt.Source}); err == nil {
		defer in.close()
		if cat, _, err := catalog.Read(in.source()); err == nil && len(cat.Policies) > 0 {
			opt.Policies = cat.IDs()
			for _, h := range cat.Rest.Unpublished {
				if id, _, _ := cat.Layout.ID(h.Path); id != "" {
					opt.Policies = append(opt.Policies, id)
				}
			}
		}
	}
	return importer.Import(ctx, opt)
}
