package builder

import (
	"fmt"
	"path"
	"slices"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// readText reads a source, whatever is in it. recent are sources read before that
// may be nearly the same.
func readText(renderer *markdown.Renderer, source []byte, recent ...*source) *policy.Text {
	meta, body, line, problems := policy.ParseSource(source)
	if wrong := problems.Errors(false); len(wrong) > 0 {
		return policy.BrokenText(source, meta, wrong)
	}
	doc, err := renderer.Render(body, line)
	if err != nil {
		return policy.BrokenText(source, meta, err)
	}
	var like []*policy.Text
	for _, src := range slices.Backward(recent) {
		like = append(like, src.text)
	}
	return policy.NewText(source, meta, doc, like...)
}

// side is a text as a redline takes it.
func side(t *policy.Text) redline.Side {
	return redline.Side{Doc: t.Doc, Title: t.Meta.Title}
}

// side is the source as a redline takes it, made ready once: most are compared
// with the version before, with the one after, and with the one in force.
func (s *source) side() redline.Side {
	if s.prepared.Doc == nil {
		s.prepared = side(s.text).Prepare()
	}
	return s.prepared
}

// writeText makes the text of a page of a document: links become addresses of
// the site, and the files they lead to are published.
func (s *survey) writeText(composer *pages.Composer, doc *policy.Document, from origin, out *output) (pages.Text, error) {
	addresses, _, err := s.addresses(doc, from, out)
	if err != nil {
		return pages.Text{}, err
	}
	return composer.NewText(doc, addresses, &pages.Blocks{})
}

// addresses finds the addresses of a document's links, and publishes the files
// they lead to.
func (s *survey) addresses(doc *policy.Document, from origin, out *output) ([]pages.Address, []attached, error) {
	addresses := make([]pages.Address, len(doc.Links))
	var files []attached
	seen := map[string]bool{}
	for i, l := range doc.Links {
		if a := s.links.published(l.Target, from); a != nil {
			addresses[i] = pages.Address{URL: a.URL}
			continue
		}
		t, err := s.links.resolve(l.Target, from)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case t.keep:
			addresses[i] = pages.Address{Href: l.Target}
		case t.nowhere != "":
		case t.file.Path != "":
			if draft, err := s.isDraft(t.file.Path, t.file.Blob, from.read); draft || err != nil {
				if err != nil {
					return nil, nil, err
				}
				break
			}
			_, url, err := out.attach(t.file, t.path, from.read)
			if err != nil {
				return nil, nil, err
			}
			addresses[i] = pages.Address{URL: url}
			if !seen[t.path] {
				seen[t.path] = true
				files = append(files, attached{t.path, t.file})
			}
		default:
			addresses[i] = pages.Address{URL: t.url, Href: t.fragment}
		}
	}
	return addresses, files, nil
}

// isDraft keeps drafts off the site to which a published text links.
func (s *survey) isDraft(p, blob string, read func(string) ([]byte, error)) (bool, error) {
	if ext := path.Ext(p); ext != ".md" && ext != ".markdown" {
		return false, nil
	}
	source, err := read(blob)
	if err != nil {
		return false, fmt.Errorf("%s: %w", p, err)
	}
	meta, _, _, _ := policy.ParseSource(source)
	return meta.Draft, nil
}
