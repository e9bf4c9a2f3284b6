package pages

import (
	"html/template"
	"io"
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
	return t.execute(w, "standalone.html", standalonePage{old, new, r, template.CSS(t.style), template.HTML(r.HTML)})
}
