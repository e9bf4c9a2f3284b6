package publish

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
)

const (
	xhtmlSpace = "http://www.w3.org/1999/xhtml"
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
)

// element is an open element of the XML being minified.
type element struct {
	keep     bool   // white space in it is text: XHTML, or xml:space="preserve"
	text     bool   // has text of its own
	children bool   // has elements
	blanks   []span // white space between its tags
}

// span is a range of bytes [start, end) of the content.
type span struct{ start, end int }

// minifyXML drops comments and the white space that indents elements; all other
// bytes stay. The text of an element, with the white space in and around it, is
// a reader's: a feed holds whole pages as escaped text, <pre> included, so a
// minifier that collapses white space (as minify's own does) changes texts.
// Content that is not well-formed is an error.
func minifyXML(content []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(content))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var drop []span
	open := []element{{}}
	for {
		start := int(d.InputOffset())
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		end := int(d.InputOffset())
		top := &open[len(open)-1]
		switch token := token.(type) {
		case xml.Comment:
			drop = append(drop, span{start, end})
		case xml.CharData:
			text := content[start:end]
			if start == 0 {
				text = bytes.TrimPrefix(text, []byte("\ufeff")) // a byte order mark
			}
			switch {
			case len(bytes.TrimSpace(text)) == 0:
				top.blanks = append(top.blanks, span{start, end})
			case len(open) == 1: // which the decoder lets pass
				return nil, errors.New("text outside of the root element")
			default:
				top.text = true
			}
		case xml.StartElement:
			top.children = true
			keep := top.keep || token.Name.Space == xhtmlSpace
			for _, attr := range token.Attr {
				if attr.Name.Local == "space" && (attr.Name.Space == xmlSpace || attr.Name.Space == "xml") {
					keep = attr.Value == "preserve"
				}
			}
			open = append(open, element{keep: keep})
		case xml.EndElement:
			if !top.keep && !top.text && top.children {
				drop = append(drop, top.blanks...)
			}
			open = open[:len(open)-1]
		}
	}
	drop = append(drop, open[0].blanks...) // around the root element
	return without(content, drop), nil
}

// without returns content with some ranges left out.
func without(content []byte, drop []span) []byte {
	slices.SortFunc(drop, func(a, b span) int { return a.start - b.start })
	out := make([]byte, 0, len(content))
	at := 0
	for _, blank := range drop {
		out = append(out, content[at:blank.start]...)
		at = blank.end
	}
	return append(out, content[at:]...)
}
