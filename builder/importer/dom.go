package importer

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

// find is the first element, in order of the page, that a rule fits.
func find(root *html.Node, fits func(*html.Node) bool) *html.Node {
	if root.Type == html.ElementNode && fits(root) {
		return root
	}
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		if n := find(c, fits); n != nil {
			return n
		}
	}
	return nil
}

// findAll are the elements that a rule fits, without those within another.
func findAll(root *html.Node, fits func(*html.Node) bool) (out []*html.Node) {
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && fits(c) {
			out = append(out, c)
		} else {
			out = append(out, findAll(c, fits)...)
		}
	}
	return out
}

func element(root *html.Node, tag atom.Atom) *html.Node {
	return find(root, func(n *html.Node) bool { return n.DataAtom == tag })
}

func within(n, ancestor *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == ancestor {
			return true
		}
	}
	return false
}

func rename(n *html.Node, tag atom.Atom) {
	n.DataAtom, n.Data, n.Namespace, n.Attr = tag, tag.String(), "", nil
}

func replaceWithText(n *html.Node, text string) {
	n.Type, n.Data, n.DataAtom, n.Attr = html.TextNode, text, 0, nil
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
}

// cut removes an element. A block that stood between words leaves a break, so
// that it goes on to part them.
func cut(n *html.Node) {
	words := func(e *html.Node) bool {
		return e != nil && isInline(e) && (e.Type != html.TextNode || strings.TrimSpace(e.Data) != "" || e.NextSibling != nil || e.PrevSibling != nil)
	}
	if !isInline(n) && words(n.PrevSibling) && words(n.NextSibling) {
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
		rename(n, atom.Br)
		return
	}
	n.Parent.RemoveChild(n)
}

func clone(n *html.Node) *html.Node {
	out := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out.AppendChild(clone(c))
	}
	return out
}

// inline elements do not end a word: <b>Per</b>sonal is one.
var inline = []atom.Atom{
	atom.A, atom.Abbr, atom.Acronym, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Cite, atom.Code, atom.Data, atom.Del, atom.Dfn, atom.Em, atom.Font,
	atom.I, atom.Img, atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Nobr, atom.Q, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strike, atom.Strong,
	atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr,
}

func isInline(n *html.Node) bool {
	return n.Type != html.ElementNode || slices.Contains(inline, n.DataAtom)
}

// invisible elements do not show their content.
var invisible = []atom.Atom{
	atom.Script, atom.Style, atom.Template, atom.Head, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Canvas, atom.Audio, atom.Video, atom.Map,
	atom.Link, atom.Meta, atom.Base, atom.Title, atom.Input, atom.Datalist, atom.Noframes,
}

// dropInvisible removes invisible elements and comments. Elements stay that a
// style sheet or a script would hide: folded sections are part of a text.
func dropInvisible(root *html.Node) {
	for c := root.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.CommentNode || c.Type == html.ElementNode && slices.Contains(invisible, c.DataAtom) {
			root.RemoveChild(c)
		} else {
			dropInvisible(c)
		}
		c = next
	}
}

// visibleText is what a reader sees of a part of a page: a line for each block,
// white space collapsed.
func visibleText(n *html.Node) string {
	var b strings.Builder
	var walk func(n *html.Node, pre bool)
	walk = func(n *html.Node, pre bool) {
		switch {
		case n.Type == html.TextNode && pre:
			b.WriteString(n.Data)
			return
		case n.Type == html.TextNode:
			b.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
			return
		case n.DataAtom == atom.Img:
			b.WriteString(attribute(n, "alt"))
			return
		}
		block := !isInline(n)
		if block {
			b.WriteByte('\n')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, pre || n.DataAtom == atom.Pre)
		}
		if block {
			b.WriteByte('\n')
		}
	}
	walk(n, false)
	var out strings.Builder
	for line := range strings.Lines(b.String()) {
		if line = collapse(line); line != "" {
			out.WriteString(line)
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }
