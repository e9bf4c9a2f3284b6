package markdown

import (
	"slices"

	"github.com/policysite/policysite/builder/policy"
)

// Text reads a source, front matter and all, whatever is in it.
func (r *Renderer) Text(source []byte) *policy.Text {
	t := r.Read(source)
	if t.Doc == nil {
		return policy.BrokenText(source, t.Meta, t.Err)
	}
	return policy.NewText(source, t.Meta, t.Doc)
}

// A value of front matter that cannot be read takes no text away: at the built
// commit it is an error before this, and nobody can mend the past.

// Read reads a source as Text does, without the hashes and dates that decide about
// versions.
func (r *Renderer) Read(source []byte) *policy.Text {
	meta, body, line, problems := policy.ParseSource(source)
	wrong := slices.DeleteFunc(problems.Errors(false), func(p *policy.Problem) bool { return p.Value })
	if len(wrong) > 0 {
		return &policy.Text{Meta: meta, Err: wrong}
	}
	doc, err := r.Render(body, line)
	return &policy.Text{Meta: meta, Doc: doc, Err: err}
}
