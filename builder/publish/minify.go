package publish

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"regexp"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/html"
	"github.com/tdewolff/minify/v2/js"
	"github.com/tdewolff/minify/v2/svg"
)

// minifier never changes once it is made, and is safe for concurrent use.
var minifier = newMinifier()

func newMinifier() *minify.M {
	m := minify.New()
	// Optional tags and attributes stay: a page is taken apart by more programs
	// than browsers, and style sheets select input[type=text].
	page := html.Minifier{KeepDocumentTags: true, KeepEndTags: true, KeepDefaultAttrVals: true}
	template := page
	template.TemplateDelims = html.GoTemplateDelims
	m.Add("text/html", &page)
	m.Add("text/x-go-template", &template)
	m.Add("text/css", &css.Minifier{})
	m.Add("image/svg+xml", &svg.Minifier{})
	// Without "escape-html" a "<\/script>" in a string loses its backslash and
	// ends the element it stands in; pages ask for it only where a script has
	// no type.
	script := &js.Minifier{}
	m.AddFuncRegexp(regexp.MustCompile(`^(application|text)/(x-)?(java|ecma)script$|^module$`), func(m *minify.M, w io.Writer, r io.Reader, _ map[string]string) error {
		return script.Minify(m, w, r, map[string]string{"escape-html": "1"})
	})
	m.AddFuncRegexp(regexp.MustCompile(`^(application|text)/(.+\+)?json$`), whole(minifyJSON))
	return m
}

// maxEntityMoves bounds what the library's way with character references costs,
// in bytes: for each that it shortens it moves all that follows. HTML with more
// stays as it is, so that a text of a million quotation marks takes no hour.
const maxEntityMoves = 1 << 32

// whole is a minifier of the library's kind, of one that takes all at once.
func whole(minified func(content []byte) ([]byte, error)) minify.MinifierFunc {
	return func(_ *minify.M, w io.Writer, r io.Reader, _ map[string]string) error {
		content, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		small, err := minified(content)
		if err != nil {
			return err
		}
		_, err = w.Write(small)
		return err
	}
}

// minifyJSON drops white space between tokens and nothing else: a number stays as
// it is written. Unlike minify's own it refuses JSON that is not whole.
func minifyJSON(content []byte) ([]byte, error) {
	var small bytes.Buffer
	err := json.Compact(&small, content)
	return small.Bytes(), err
}

// mediaTypes are the kinds of files that are minified, by their extensions.
var mediaTypes = map[string]string{
	".html": "text/html",
	".tmpl": "text/x-go-template", // of HTML
	".css":  "text/css",
	".js":   "text/javascript",
	".svg":  "image/svg+xml",
	".json": "application/json",
}

// Minify returns what to publish of a file, or a part of one: content made smaller
// when its extension is one of mediaTypes, else content as it is. What a reader sees
// stays the same. It never changes content, and is safe for concurrent use.
func Minify(file string, content []byte) ([]byte, error) {
	mediaType := mediaTypes[path.Ext(file)]
	if mediaType == "" || mediaType == "text/html" && bytes.Count(content, []byte("&"))*len(content) > maxEntityMoves {
		return content, nil
	}
	// The library works in the bytes it is given, and on one byte behind them.
	work := append(make([]byte, 0, len(content)+1), content...)
	small, err := minifier.Bytes(mediaType, work)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be minified: %w", file, err)
	}
	return small, nil
}
