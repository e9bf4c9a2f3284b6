package builder

import (
	"bytes"
	"cmp"
	"io/fs"

	"github.com/policysite/policysite/builder/files"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/redline/docx"
	"github.com/policysite/policysite/builder/words"
)

// FilesInWord compares any two texts as files.Compare does, and writes the redline as a
// Word document. Its language is what the front matter of the new text says, else
// English; its changes have no date.
func FilesInWord(old, new files.File) ([]byte, error) {
	a, b, err := files.Read(old, new)
	if err != nil {
		return nil, err
	}
	return docx.Write(redline.Compare(redline.SideOf(a), redline.SideOf(b)), docx.Options{
		Title: b.Title(new.Name), Lang: cmp.Or(b.Meta.Lang, "en"), Author: docx.Program,
	})
}

// RedlinePage writes a redline of two files as one HTML page that needs no
// other file.
func RedlinePage(theme fs.FS, old, new string, r *redline.Redline) ([]byte, error) {
	t, err := pages.NewTheme(theme, nil, "", nil)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = t.Standalone(&page, old, new, pages.Redline{Comparison: r.Comparison, HTML: r.HTML(redline.HTMLOptions{Words: words.English().Phrases, Fold: true})})
	return page.Bytes(), err
}
