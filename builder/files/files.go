// Package files compares texts that no repository need hold. A browser does it with the
// same code: see cmd/compare.
package files

import (
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// File is a text.
type File struct {
	Name    string // for messages
	Content []byte
}

// Compare compares any two texts. All that keeps them from being rendered is reported
// together.
func Compare(old, new File) (*redline.Redline, error) {
	a, b, err := Read(old, new)
	if err != nil {
		return nil, err
	}
	return redline.Compare(redline.SideOf(a), redline.SideOf(b)), nil
}

// Read reads two texts, as Compare does.
func Read(old, new File) (a, b *policy.Text, err error) {
	renderer := markdown.New(markdown.Options{})
	var problems policy.Problems
	read := func(f File) *policy.Text {
		text := renderer.Read(f.Content)
		if text.Err == nil {
			return text
		}
		wrong, ok := text.Err.(policy.Problems)
		if !ok {
			wrong = policy.Problems{policy.ProblemOf(text.Err)}
		}
		for _, p := range wrong {
			p.Path = f.Name
		}
		problems = append(problems, wrong...)
		return nil
	}
	a, b = read(old), read(new)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	return a, b, nil
}
