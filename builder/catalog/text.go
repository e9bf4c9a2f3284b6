package catalog

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// Text is a text as it is at the commit. Of a draft only the front matter is
// read.
type Text struct {
	Path  string
	Meta  policy.Meta
	links []policy.Link
	ids   map[string]bool
	place policy.Place // of a policy
}

// Texts are texts of earlier catalogs by path, for those of which only a few
// change from one to the next.
type Texts map[string]readText

// readText is a text that was read, with all that is wrong with it.
type readText struct {
	blob     string
	trusted  bool
	text     Text
	problems policy.Problems
}

// readTexts reads the texts of the commit. All that is wrong with them is found
// here.
func (r *reader) readTexts() error {
	trusted := r.cat.Config.TrustedHTML
	renderer := markdown.New(markdown.Options{Trusted: trusted})
	if r.src.Texts == nil {
		r.src.Texts = Texts{}
	}
	for f := range r.cat.Log.Files(r.cat.Head()) {
		if !r.cat.Layout.Selected(f.Path) {
			continue
		}
		switch f.Mode {
		case history.Symlink:
			r.warn(f.Path, 0, "put the text itself here, or a redirect: `aliases:` in the front matter of the other", "is a symbolic link and not a policy")
			continue
		case history.Submodule:
			r.problem(&policy.Problem{Path: f.Path, Message: "is a submodule and not a text", Hint: "commit the text itself here"})
			continue
		}
		read := r.src.Texts[f.Path]
		if read.blob != f.Blob || read.trusted != trusted {
			source, err := r.src.Repo.Blob(f.Blob)
			if err != nil {
				return err
			}
			read = readSource(renderer, f.Path, source)
			read.blob, read.trusted = f.Blob, trusted
			r.src.Texts[f.Path] = read
		}
		r.found.Problems = append(r.found.Problems, read.problems...)
		if r.cat.Layout.Introduction(f.Path) {
			r.cat.Introduction = &read.text
		} else {
			r.texts[f.Path] = &read.text
		}
	}
	return nil
}

// readSource reads one text. What is wrong with a draft is its author's business
// until the text is published.
func readSource(renderer *markdown.Renderer, name string, source []byte) readText {
	meta, body, line, problems := policy.ParseSource(source)
	read := readText{text: Text{Path: name, Meta: meta}}
	if meta.Draft {
		return read
	}
	if len(problems.Errors(false)) == 0 {
		doc, err := renderer.Render(body, line)
		if err != nil {
			problems = append(problems, policy.ProblemOf(err))
		} else {
			read.text.links, read.text.ids = doc.Links, doc.IDs
			for _, note := range doc.Notes {
				problems = append(problems, &note)
			}
		}
	}
	for _, problem := range problems {
		problem.Path = name
	}
	read.problems = problems
	return read
}

func (r *reader) warn(name string, line int, hint, format string, args ...any) {
	r.problem(&policy.Problem{Path: name, Line: line, Message: fmt.Sprintf(format, args...), Hint: hint, Warning: true})
}

// checkLinks finds links of the texts that lead nowhere.
func (r *reader) checkLinks() error {
	texts := slices.Collect(maps.Values(r.texts))
	if r.cat.Introduction != nil {
		texts = append(texts, r.cat.Introduction)
	}
	for _, t := range texts {
		for _, l := range t.links {
			to, err := r.cat.Links.Resolve(l.Target, Origin{t.Path, r.cat.Head(), t.ids, r.src.Repo.Blob, nil})
			if err != nil {
				return err
			}
			if to.Nowhere != "" {
				r.warn(t.Path, l.Line, to.Hint, "the link %q %s", l.Target, to.Nowhere)
			}
		}
	}
	return nil
}

// FileTitle is what a text without a title is called: its file, or the folder
// whose index it is.
func FileTitle(name string) string {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if base == "index" && path.Dir(name) != "." {
		return path.Base(path.Dir(name))
	}
	return base
}
