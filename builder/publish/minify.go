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
	m.Add("text/html", &html.Minifier{KeepDocumentTags: true, KeepEndTags: true, KeepDefaultAttrVals: true})
	m.Add("text/css", &css.Minifier{})
	m.Add("image/svg+xml", &svg.Minifier{})
	// Without "escape-html" a "<\/script>" in a string loses its backslash and
	// ends the element it stands in; pages ask for it only where a script has
	// no type.
	script := &js.Minifier{}
	m.AddFuncRegexp(regexp.MustCompile(`^(application|text)/(x-)?(java|ecma)script$|^module$`), func(m *minify.M, w io.Writer, r io.Reader, _ map[string]string) error {
		return script.Minify(m, w, r, map[string]string{"escape-html": "1"})
	})
	m.AddFuncRegexp(regexp.MustCompile(`^(application|text)/(.+\+)?json$`), minifyJSON)
	return m
}

// maxEntityMoves bounds what the library's way with character references costs,
// in bytes: for each that it shortens it moves all that follows. HTML with more
// stays as it is, so that a text of a million quotation marks takes no hour.
const maxEntityMoves = 1 << 32

// minifyJSON drops white space between tokens and nothing else: a number stays as
// it is written. Unlike minify's own it refuses what is cut or no JSON at all.
func minifyJSON(_ *minify.M, w io.Writer, r io.Reader, _ map[string]string) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var small bytes.Buffer
	if err := json.Compact(&small, content); err != nil {
		return err
	}
	_, err = small.WriteTo(w)
	return err
}

// Minify appends to dst what to publish of a file, or a part of one: content made
// smaller when its extension is .html, .css, .js, .svg, .json, .xml or .atom,
// else content as it is. What a reader sees stays the same. It never changes
// content, and is safe for concurrent use.
func Minify(dst []byte, file string, content []byte) ([]byte, error) {
	var mediatype string
	switch path.Ext(file) {
	case ".html":
		if bytes.Count(content, []byte("&"))*len(content) > maxEntityMoves {
			return append(dst, content...), nil
		}
		small, err := minifyHTML(dst, content, func(part []byte) ([]byte, error) { return library("text/html", part) })
		if err != nil {
			return nil, fmt.Errorf("%s: cannot be minified: %w", file, err)
		}
		return small, nil
	case ".css":
		mediatype = "text/css"
	case ".js":
		mediatype = "text/javascript"
	case ".svg":
		mediatype = "image/svg+xml"
	case ".json":
		mediatype = "application/json"
	case ".xml", ".atom":
		small, err := minifyXML(content)
		if err != nil {
			return nil, fmt.Errorf("%s: cannot be minified: %w", file, err)
		}
		return append(dst, small...), nil
	default:
		return append(dst, content...), nil
	}
	small, err := library(mediatype, content)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be minified: %w", file, err)
	}
	return append(dst, small...), nil
}

// library minifies by the library.
func library(mediatype string, content []byte) ([]byte, error) {
	// It works in the bytes it is given, and on one byte behind them.
	work := append(make([]byte, 0, len(content)+1), content...)
	return minifier.Bytes(mediatype, work)
}
