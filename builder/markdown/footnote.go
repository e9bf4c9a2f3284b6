package markdown

import (
	"bytes"
	"strconv"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// goldmark's own footnotes drop those that nothing refers to, lose both of
// "[^1]: [^2]: text", search all definitions for each reference, and number a
// footnote by the place of its definition when another footnote refers to it.
// So only the syntax is goldmark's here.

// footnoteLabelLimit is CommonMark's limit for link labels.
const footnoteLabelLimit = 999

// footnotes are the definitions of a text, in order of their end in the
// source, in a list that stands in the tree from the first of them on.
type footnotes struct {
	list    *extast.FootnoteList
	defined []*extast.Footnote
	byLabel map[string]int // index in defined
}

// footnoteBlock parses definitions, "[^label]: text".
type footnoteBlock struct {
	parser.BlockParser
	source *source
}

// Close moves the definition from where it stands into the list.
func (p footnoteBlock) Close(node ast.Node, _ text.Reader, _ parser.Context) {
	f := &p.source.footnotes
	if f.list == nil {
		f.list = extast.NewFootnoteList()
		f.byLabel = map[string]int{}
		root := node.Parent()
		for root.Parent() != nil {
			root = root.Parent()
		}
		// At the front it is never the last block, which goldmark goes on with.
		root.InsertBefore(root, root.FirstChild(), f.list)
	}
	node.Parent().RemoveChild(node.Parent(), node)
	f.list.AppendChild(f.list, node)
	definition := node.(*extast.Footnote)
	if label := util.ToLinkReference(definition.Ref); label != "" {
		if _, again := f.byLabel[label]; !again {
			f.byLabel[label] = len(f.defined)
		}
	}
	f.defined = append(f.defined, definition)
}

// footnoteReference parses references, "[^label]". What refers to no
// definition stays as it is written.
type footnoteReference struct{ source *source }

func (p footnoteReference) Trigger() []byte { return []byte{'!', '['} }

func (p footnoteReference) Parse(parent ast.Node, block text.Reader, _ parser.Context) ast.Node {
	f := &p.source.footnotes
	if f.list == nil {
		return nil
	}
	line, segment := block.PeekLine()
	bang := 0 // "Read this![^1]" is no image
	if line[0] == '!' {
		bang, line = 1, line[1:]
	}
	if len(line) < 4 || line[0] != '[' || line[1] != '^' {
		return nil
	}
	end := bytes.IndexAny(line[2:min(len(line), 2+footnoteLabelLimit)], "[]")
	if end < 1 || line[2+end] != ']' {
		return nil
	}
	i, defined := f.byLabel[util.ToLinkReference(line[2:2+end])]
	if !defined {
		return nil
	}
	if bang > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(segment.Start+bang))
	}
	block.Advance(bang + 2 + end + 1)
	return extast.NewFootnoteLink(i) // numberFootnotes makes it the number
}

// numberFootnotes puts the footnotes at the end of the document, in order of
// the first reference that readers meet, those without any reference last, and
// gives each its links back.
func (s *source) numberFootnotes(root *ast.Document) {
	f := &s.footnotes
	if f.list == nil {
		return
	}
	root.RemoveChild(root, f.list)
	order := make([]int, 0, len(f.defined)) // indices in defined
	number := make([]int, len(f.defined))   // 0 until it has one
	references := make([]int, len(f.defined))
	add := func(i int) {
		order = append(order, i)
		number[i] = len(order)
	}
	visit := func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Kind() == ast.KindImage {
			return ast.WalkSkipChildren, nil // an alternative text has no links
		}
		if link, ok := n.(*extast.FootnoteLink); ok && entering {
			i := link.Index
			if number[i] == 0 {
				add(i)
			}
			link.Index = number[i]
			link.RefIndex = references[i]
			references[i]++
		}
		return ast.WalkContinue, nil
	}
	_ = ast.Walk(root, visit) // visit returns no error
	next := 0
	follow := func() { // what the footnotes themselves refer to
		for ; next < len(order); next++ {
			_ = ast.Walk(f.defined[order[next]], visit)
		}
	}
	follow()
	for i, definition := range f.defined {
		if number[i] == 0 {
			s.note(s.line(definition.Pos()), "refer to it in the text with [^"+string(definition.Ref)+"], or delete it",
				"no reference leads to footnote [^%s]", definition.Ref)
			add(i)
			follow()
		}
	}
	f.list.RemoveChildren(f.list)
	for _, i := range order {
		definition := f.defined[i]
		definition.Index = number[i]
		f.list.AppendChild(f.list, definition)
		var last ast.Node = definition
		if c := definition.LastChild(); c != nil && ast.IsParagraph(c) {
			last = c
		}
		for r := range references[i] {
			back := extast.NewFootnoteBacklink(number[i])
			back.RefIndex = r
			last.AppendChild(last, back)
		}
	}
	root.AppendChild(root, f.list)
}

// footnoteID is the id of a footnote, "fn:1", or of the reference to it with
// the given index from 0: "fnref:1", "fnref:1:2". Ids of headings have no
// colon, and authors' own are kept from looking like these.
func footnoteID(prefix string, number, reference int) string {
	id := prefix + strconv.Itoa(number)
	if reference > 0 {
		id += ":" + strconv.Itoa(reference+1)
	}
	return id
}

const (
	footnotePrefix  = "fn:"
	referencePrefix = "fnref:"
)

// The marks are no text, as data-note says to all who read the page.

func (r *nodes) footnoteLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	link := n.(*extast.FootnoteLink)
	number := strconv.Itoa(link.Index)
	_, _ = w.WriteString(`<sup id="` + footnoteID(referencePrefix, link.Index, link.RefIndex) + `" data-note="">`)
	if r.inLink {
		_, _ = w.WriteString(number)
	} else {
		_, _ = w.WriteString(`<a href="#` + footnoteID(footnotePrefix, link.Index, 0) + `" role="doc-noteref">` + number + `</a>`)
	}
	_, _ = w.WriteString(`</sup>`)
	return ast.WalkContinue, nil
}

func (r *nodes) footnoteBacklink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		back := n.(*extast.FootnoteBacklink)
		_, _ = w.WriteString("\u00a0" + `<a data-note="" href="#` + footnoteID(referencePrefix, back.Index, back.RefIndex) +
			`" role="doc-backlink">` + "\u21a9\ufe0e</a>")
	}
	return ast.WalkContinue, nil
}

func (r *nodes) footnote(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<li id="` + footnoteID(footnotePrefix, n.(*extast.Footnote).Index, 0) + "\">\n")
	} else {
		_, _ = w.WriteString("</li>\n")
	}
	return ast.WalkContinue, nil
}

func (r *nodes) footnoteList(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<div class=\"" + footnotesClass + "\" role=\"doc-endnotes\">\n<ol>\n")
	} else {
		_, _ = w.WriteString("</ol>\n</div>\n")
	}
	return ast.WalkContinue, nil
}
