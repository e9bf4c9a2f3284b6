package importer_test

import (
	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// read reads a source with the site's own Markdown.
func read(src importer.Source) (*importer.Text, error) {
	r := markdown.New(markdown.Options{})
	return importer.Read(src, func(source []byte) (*policy.Document, error) { return r.Render(source, 1) })
}
