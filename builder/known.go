package builder

import (
	"maps"
	"path/filepath"
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

// recallTexts adds the texts that an earlier run has read, and sets keepTexts to
// keep those of this one.
func (s *survey) recallTexts(known knownTexts) {
	s.keepTexts = func() {}
	c := newCache(s.opt.Cache, s.opt.Generator)
	source, err := filepath.Abs(s.opt.Source)
	if c.folder == "" || err != nil {
		return
	}
	key := hashOf([]any{"texts", c.program, source, s.config.TrustedHTML})
	before := knownTexts{}
	c.load(key, &before)
	maps.Copy(known, before)
	s.keepTexts = func() {
		now := knownTexts{}
		for path := range s.present {
			now[path] = known[path]
		}
		if s.intro != nil {
			now[s.intro.path] = known[s.intro.path]
		}
		same := func(a, b knownText) bool { return a.Blob == b.Blob }
		if !maps.EqualFunc(now, before, same) {
			c.store(key, now)
		}
	}
}
