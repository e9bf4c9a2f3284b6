package pages

import (
	"cmp"
	"sync"

	"github.com/policysite/policysite/builder/policy"
)

// whole is what the files of the whole site are made from.
type whole struct {
	all      []*policy.Policy
	intro    *Text
	built    Built
	again    Again
	emit     Emit
	emitFrom EmitFrom
}

// outputs are the files that belong to no single policy. A new one is a file
// of this package and a line here. They are made at the same time.
func (c *Composer) outputs() []func(*whole) error {
	both := []func(*whole) error{
		c.home,
		c.allChanges,
		c.manifest,
		c.about,
		c.feed,
		c.llms,
	}
	if c.site.Fragments { // the rest is the matter of the site that mounts them
		return append(both, c.fragmentAssets)
	}
	return append(both,
		c.notFound,
		c.compare,
		c.sitemap,
		c.moved,
		c.hosting,
		c.assets,
	)
}

// Site writes the files that belong to no single policy: the home page, the
// site's changes archive, the manifest, the pages and sources at former URLs,
// what hosts and search engines expect, and the theme's style and script. all
// are the site's policies; intro, the text of the home page, may be nil;
// again is asked by one goroutine at a time. emitFrom may be called while another
// goroutine calls emit.
func (c *Composer) Site(all []*policy.Policy, intro *Text, built Built, again Again, emit Emit, emitFrom EmitFrom) error {
	c = c.Beside(all)
	var emitting, asking sync.Mutex
	w := &whole{all: all, intro: intro, built: built, again: Again{
		Source: func(p *policy.Policy, i int) ([]byte, error) {
			asking.Lock()
			defer asking.Unlock()
			return again.Source(p, i)
		},
		Excerpt: func(p *policy.Policy, i int) (string, error) {
			asking.Lock()
			defer asking.Unlock()
			return again.Excerpt(p, i)
		},
		Word: func(p *policy.Policy, i int) ([]byte, error) {
			asking.Lock()
			defer asking.Unlock()
			return again.Word(p, i)
		},
	}, emitFrom: emitFrom, emit: func(path string, content []byte) error {
		if c.only != "" && c.only != path {
			return nil
		}
		emitting.Lock()
		defer emitting.Unlock()
		return emit(path, content)
	}}
	outputs := c.outputs()
	errs := make([]error, len(outputs))
	var made sync.WaitGroup
	for i, output := range outputs {
		made.Go(func() { errs[i] = output(w) })
	}
	made.Wait()
	return cmp.Or(errs...)
}

// assets writes the theme's style sheet and script.
func (c *Composer) assets(w *whole) error {
	if err := w.emit(file(c.theme.styleURL), c.theme.style); err != nil {
		return err
	}
	for _, f := range c.site.Brand.Files {
		if err := w.emit(file(f.URL), f.Content); err != nil {
			return err
		}
	}
	return w.emit(file(c.theme.scriptURL), c.theme.script)
}
