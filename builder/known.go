package builder

import (
	"slices"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// knownTexts are the texts of the present as they were read before, by path.
type knownTexts map[string]knownText

// knownText is what a survey has to know of a text. Of a draft that is its front
// matter alone.
type knownText struct {
	Blob     string
	Meta     policy.Meta
	Title    string
	Links    []policy.Link
	IDs      map[string]bool
	Problems policy.Problems
}

// read reads a text, unless it is known; blob returns its source.
func (k knownTexts) read(renderer *markdown.Renderer, f history.File, blob func(id string) ([]byte, error)) (*present, policy.Problems, error) {
	text := k[f.Path]
	if text.Blob != f.Blob {
		source, err := blob(f.Blob)
		if err != nil {
			return nil, nil, err
		}
		text = readPresent(renderer, f.Path, source)
		text.Blob = f.Blob
		k[f.Path] = text
	}
	return &present{path: f.Path, meta: text.Meta, title: text.Title, links: text.Links, ids: text.IDs}, slices.Clone(text.Problems), nil
}
