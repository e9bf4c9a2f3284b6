package markdown

import (
	"github.com/policysite/policysite/builder/policy"
)

// Text reads a source, front matter and all, whatever is in it.
func (r *Renderer) Text(source []byte) *policy.Text {
	t := r.Read(source)
	if t.Doc == nil {
		return policy.BrokenText(source, t.Meta, t.Err)
	}
	text := policy.NewText(source, t.Meta, t.Doc)
	text.LeftOut = t.LeftOut
	return text
}

// Read reads a source as Text does, without the hashes and dates that decide about
// versions. A value of front matter that cannot be read takes no text away: at the
// built commit it is an error before this, and nobody can mend the past.
func (r *Renderer) Read(source []byte) *policy.Text {
	meta, body, line, problems := policy.ParseSource(source)
	var wrong policy.Problems
	var leftOut *policy.Problem
	for _, p := range problems.Errors(false) {
		if !p.Value {
			wrong = append(wrong, p)
		} else if leftOut == nil {
			leftOut = p
		}
	}
	if len(wrong) > 0 {
		return &policy.Text{Meta: meta, Err: wrong}
	}
	doc, err := r.Render(body, line)
	return &policy.Text{Meta: meta, Doc: doc, Err: err, LeftOut: leftOut}
}
