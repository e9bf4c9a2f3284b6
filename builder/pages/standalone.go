package pages

import (
	"bytes"
	"html/template"
	"io"

	"github.com/policysite/policysite/builder/words"
)

// standalonePage is what standalone.html is given: a redline of two files, on
// a page that needs no other file.
type standalonePage struct {
	Old, New string // names of the files
	Redline  Redline
	Style    template.CSS
	Text     template.HTML
}

// Standalone writes the page of a redline of two files.
func (t *Theme) Standalone(w io.Writer, old, new string, r Redline) error {
	var page bytes.Buffer
	if err := t.execute(&page, words.English(), "standalone.html", standalonePage{old, new, r, template.CSS(t.style), template.HTML(r.HTML)}); err != nil {
		return err
	}
	_, err := w.Write(page.Bytes())
	return err
}
