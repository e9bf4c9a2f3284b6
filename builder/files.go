package builder

import (
	"bytes"
	"cmp"
	"io/fs"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/redline/docx"
)

// File is a text that no repository need hold.
type File struct {
	Name    string
	Content []byte
}

// CompareFiles compares any two texts. All that keeps them from being rendered
// is reported together.
func CompareFiles(old, new File) (*redline.Redline, error) {
	a, b, err := readFiles(old, new)
	if err != nil {
		return nil, err
	}
	return redline.Compare(redline.SideOf(a), redline.SideOf(b)), nil
}

// FilesInWord compares any two texts as CompareFiles does, and writes the redline as a
// Word document. Its language is what the front matter of the new text says, else
// English; its changes have no date.
func FilesInWord(old, new File) ([]byte, error) {
	a, b, err := readFiles(old, new)
	if err != nil {
		return nil, err
	}
	return docx.Write(redline.Compare(redline.SideOf(a), redline.SideOf(b)), docx.Options{
		Title: b.Title(new.Name), Lang: cmp.Or(b.Meta.Lang, "en"), Author: docx.Program,
	})
}

// readFiles reads two texts.
func readFiles(old, new File) (a, b *policy.Text, err error) {
	renderer := markdown.New(markdown.Options{})
	var problems policy.Problems
	read := func(f File) *policy.Text {
		text := renderer.Text(f.Content)
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
