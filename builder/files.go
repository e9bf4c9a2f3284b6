package builder

import (
	"bytes"
	"io/fs"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// File is a text that no repository need hold.
type File struct {
	Name    string
	Content []byte
}

// CompareFiles compares any two texts. All that keeps them from being rendered
// is reported together.
func CompareFiles(old, new File) (*redline.Redline, error) {
	renderer := markdown.New(markdown.Options{})
	var problems policy.Problems
	read := func(f File) redline.Side {
		text := renderer.Text(f.Content)
		if text.Err == nil {
			return redline.SideOf(text)
		}
		wrong, ok := text.Err.(policy.Problems)
		if !ok {
			wrong = policy.Problems{policy.ProblemOf(text.Err)}
		}
		for _, p := range wrong {
			p.Path = f.Name
		}
		problems = append(problems, wrong...)
		return redline.Side{}
	}
	a, b := read(old), read(new)
	if len(problems) > 0 {
		return nil, problems
	}
	return redline.Compare(a, b), nil
}

// RedlinePage writes a redline of two files as one HTML page that needs no
// other file.
func RedlinePage(theme fs.FS, old, new string, r *redline.Redline) ([]byte, error) {
	t, err := pages.NewTheme(theme, nil, "", nil)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = t.Standalone(&page, old, new, pages.Redline{Comparison: r.Comparison, HTML: r.HTML(redline.HTMLOptions{})})
	return page.Bytes(), err
}
