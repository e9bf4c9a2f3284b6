package builder

import (
	"cmp"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/preview"
)

// OpenLive opens a repository for previews, of which the work tree is part.
func OpenLive(opt Options) (*preview.Live, error) {
	return preview.OpenLive(preview.LiveOptions{
		Source: cmp.Or(opt.Source, "."), Content: opt.Content, BaseURL: opt.BaseURL, Git: opt.Git,
		At: opt.At, Now: opt.Now, Progress: opt.Progress,
		Pages: func(cat *catalog.Catalog, repo *history.Repository) (*pages.Composer, string, error) {
			theme, err := opt.theme(cat, repo)
			if err != nil {
				return nil, "", err
			}
			composer, err := opt.composer(cat, theme, repo)
			return composer, theme.StyleURL(), err
		},
	})
}
