package builder

import (
	"path/filepath"
	"slices"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// knownTexts are the texts of the present as they were read before, by path.
type knownTexts map[string]knownText

type knownText struct {
	blob     string
	present  present
	problems policy.Problems
	rendered *rendered // nil when it was not rendered
}

// rendered is what a survey has to know of a text beside its front matter.
type rendered struct {
	Blob     string
	Title    string
	Links    []policy.Link
	IDs      map[string]bool
	Problems policy.Problems // without their path
}

// read reads a text, unless it is known; blob returns its source.
func (k knownTexts) read(renderer *markdown.Renderer, f history.File, blob func(id string) ([]byte, error)) (*present, policy.Problems, error) {
	known := k[f.Path]
	if known.blob != f.Blob || known.present.path == "" {
		source, err := blob(f.Blob)
		if err != nil {
			return nil, nil, err
		}
		if known.blob != f.Blob {
			known.rendered = nil
		}
		p, problems, r := readPresent(renderer, f.Path, source, known.rendered)
		if r != nil {
			r.Blob = f.Blob
		}
		known = knownText{f.Blob, *p, problems, r}
		k[f.Path] = known
	}
	p := known.present
	return &p, slices.Clone(known.problems), nil
}

// recallTexts adds what an earlier run has rendered of the texts, and sets
// keepTexts to keep what this one has.
func (s *survey) recallTexts(known knownTexts) {
	s.keepTexts = func() {}
	c := newCache(s.opt.Cache, s.opt.Generator)
	source, err := filepath.Abs(s.opt.Source)
	if c.folder == "" || err != nil {
		return
	}
	key := hashOf([]any{"texts", c.program, source, s.config.TrustedHTML})
	before := map[string]rendered{}
	c.load(key, &before)
	for path, r := range before {
		known[path] = knownText{blob: r.Blob, rendered: &r}
	}
	s.keepTexts = func() {
		now := map[string]rendered{}
		changed := false
		for path, k := range known {
			if k.rendered == nil || k.present.path == "" {
				continue
			}
			now[path] = *k.rendered
			changed = changed || before[path].Blob != k.blob
		}
		if changed || len(now) != len(before) {
			c.store(key, now)
		}
	}
}
