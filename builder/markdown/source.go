package markdown

import "github.com/policysite/policysite/builder/policy"

// Text reads a source, front matter and all, whatever is in it.
func (r *Renderer) Text(source []byte) *policy.Text {
	meta, body, line, problems := policy.ParseSource(source)
	if wrong := problems.Errors(false); len(wrong) > 0 {
		return policy.BrokenText(source, meta, wrong)
	}
	doc, err := r.Render(body, line)
	if err != nil {
		return policy.BrokenText(source, meta, err)
	}
	return policy.NewText(source, meta, doc)
}
