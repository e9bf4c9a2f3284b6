// Package markdown turns the source of a text into a policy.Document. It is
// the only importer of goldmark.
//
// A source goes one way: goldmark (CommonMark, GFM, footnotes, heading
// attributes) makes HTML of it; if, and only if, the source holds raw HTML,
// that HTML goes through a sanitizer and an HTML parser, so that it is
// harmless and well formed; then one pass over well-formed HTML makes the
// blocks, the links and the ids. Texts with and without raw HTML thus differ
// in cost, never in how their HTML is read.
//
// Versions of a text have most of it in common. So a text is rendered in parts,
// and the last parts are kept, wherever that makes the document that the whole
// text would make, to the byte.
//
// Nothing here depends on anything but the bytes of the source.
package markdown

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/policysite/policysite/builder/policy"
)

// Options are the settings of a Renderer; the zero value is the safe one.
type Options struct {
	// Trusted lets raw HTML pass as its author wrote it, scripts included.
	Trusted bool
}

// Renderer turns sources into documents. It keeps its buffers, and what the
// parts of the last texts became, from text to text and is not for concurrent
// use: one for each goroutine. The documents do not depend on what it keeps.
type Renderer struct {
	memo     memo
	joiner   joiner
	masks    masks
	source   source
	parser   parser.Parser
	renderer renderer.Renderer
	nodes    *nodes
	raw      *rawHTML
	html     limitedBuffer
	blocks   builder
}

// New makes a Renderer.
func New(opt Options) *Renderer {
	r := &Renderer{joiner: joiner{numbers: map[string]int{}}, masks: masks{places: map[string]int{}}}
	s := &r.source
	r.raw = &rawHTML{source: s, trusted: opt.Trusted}
	r.nodes = &nodes{source: s, raw: r.raw}
	r.blocks = builder{source: s, trusted: opt.Trusted, wanted: map[string]bool{}, numbers: map[string]int{}}

	r.parser = newParser(s)
	writer := html.WithWriter(textWriter{html.DefaultWriter})
	r.renderer = renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(r.nodes, 100),
		util.Prioritized(extension.NewTableHTMLRenderer(), 500),
		util.Prioritized(extension.NewDefinitionListHTMLRenderer(), 500),
		util.Prioritized(html.NewRenderer(writer, html.WithUnsafe()), 1000),
	))
	return r
}

func newParser(s *source) parser.Parser {
	table := extension.NewTableParagraphTransformer()
	// The priorities are goldmark's own: lower goes first.
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(setextHeading{parser.NewSetextHeadingParser()}, 100),
			util.Prioritized(nested{extension.NewDefinitionListParser(), s}, 101),
			util.Prioritized(nested{extension.NewDefinitionDescriptionParser(), s}, 102),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(nested{parser.NewListParser(), s}, 300),
			util.Prioritized(nested{parser.NewListItemParser(), s}, 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(atxHeading{parser.NewATXHeadingParser()}, 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(nested{parser.NewBlockquoteParser(), s}, 800),
			util.Prioritized(containers{s}, 850),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(nested{footnoteBlock{extension.NewFootnoteBlockParser(), s}, s}, 999),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
			util.Prioritized(codeSpan{parser.NewCodeSpanParser(), s}, 100),
			util.Prioritized(footnoteReference{s}, 101),
			util.Prioritized(&brackets{inner: parser.NewLinkParser(), source: s}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(inlineHTML{parser.NewRawHTMLParser(), s}, 400),
			util.Prioritized(emphasis{parser.NewEmphasisParser(), s}, 500),
			util.Prioritized(emphasis{strikethrough{}, s}, 501),
			util.Prioritized(bareLinks{}, 999),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(dateAttributes{}, 50),
			util.Prioritized(attributeLists{s}, 60),
			util.Prioritized(references{parser.LinkReferenceParagraphTransformer, s}, 100),
			util.Prioritized(tables{table, s}, 200),
		),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
		),
	)
}

// Render makes a document of a source. body is the source after its front
// matter and firstLine the number of its first line in the file, so that the
// lines in the document's notes and links are lines of the file.
//
// An error means that the text cannot be rendered: it is not UTF-8, or exceeds
// a limit that keeps time and memory in proportion to the source. It is a
// policy.Problem without a path, whose message names the line, too, wherever one
// is known.
func (r *Renderer) Render(body []byte, firstLine int) (doc *policy.Document, err error) {
	// goldmark has panicked on odd input before (its issues 245, 313 and 475
	// among others), and one odd file from 2014 must not stop a build.
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, &policy.Problem{Message: fmt.Sprintf("cannot be read as Markdown: %v", p)}
		}
	}()
	body, err = check(body, firstLine)
	if err != nil {
		return nil, err
	}
	// CommonMark shows NUL as the replacement character.
	nul := bytes.IndexByte(body, 0)
	if nul >= 0 {
		body = bytes.ReplaceAll(body, []byte{0}, []byte("\ufffd"))
	}
	if !spansParts(body) {
		doc = r.join(body, firstLine)
	}
	if doc == nil {
		doc, err = r.whole(body, firstLine)
	}
	if nul >= 0 && err == nil {
		note := policy.Problem{Line: firstLine + bytes.Count(body[:nul], []byte("\n")), Message: "has a NUL byte, shown as \ufffd", Hint: "save it as UTF-8", Warning: true}
		doc.Notes = sortedNotes(append(doc.Notes, note))
	}
	return doc, err
}

// whole renders a text in one go.
func (r *Renderer) whole(body []byte, firstLine int) (*policy.Document, error) {
	s := &r.source
	s.reset(body, firstLine, maxWork)
	if err := r.render(); err != nil {
		return nil, err
	}
	doc := r.blocks.build(r.html.bytes)
	if s.err != nil {
		return nil, s.err
	}
	if !isVisible(doc) {
		s.notes = append(s.notes, policy.Problem{Message: NoText})
	}
	doc.Notes = onceForeign(sortedNotes(s.notes))
	return doc, nil
}

// NoText is the message of a document without text: no reason to hold against one of
// the past, but not what anybody means to publish.
const NoText = "has no text"

// isVisible reports whether a document has anything to see.
func isVisible(doc *policy.Document) bool {
	return slices.ContainsFunc(doc.Parts, func(p *policy.Part) bool { return hasText(p.Blocks) }) || slices.ContainsFunc(doc.Links, func(l policy.Link) bool { return l.Image })
}

func hasText(blocks []policy.Block) bool {
	return slices.ContainsFunc(blocks, func(b policy.Block) bool { return b.Text != "" || hasText(b.Children) })
}

// render leaves well-formed HTML in r.html.
func (r *Renderer) render() error {
	s := &r.source
	if err := r.convert(); err != nil {
		return err
	}
	if r.raw.found && !r.html.over {
		if err := r.raw.wellFormed(&r.html); err != nil {
			return err
		}
	}
	if r.html.over {
		s.fail(0, "makes more than %d times its size in HTML", outputFactor)
	}
	return s.err
}

// convert leaves HTML in r.html. It is well-formed unless r.raw.found.
func (r *Renderer) convert() error {
	s := &r.source
	context := parser.NewContext()
	root := r.parser.Parse(text.NewReader(s.text), parser.WithContext(context)).(*ast.Document)
	if s.err != nil {
		return s.err
	}
	s.alone = s.words || s.footnotes.list != nil || len(context.References()) > 0
	s.open = reaches(root, s.text)
	s.numberFootnotes(root)
	breakClauses(root, s.text)
	s.numberItems(root)
	s.readForeign(root)
	s.noteTemplates(root)

	r.html.reset(maxOutput(len(s.text)))
	r.raw.reset()
	r.nodes.inLink, r.nodes.unclosed = false, nil
	if err := r.renderer.Render(&r.html, s.text, root); err != nil {
		return err
	}
	return s.err
}

// source is the text being rendered and what is found out about it on the way.
type source struct {
	text      []byte
	firstLine int
	starts    []int // offsets at which the lines start, once they are asked for
	notes     []policy.Problem
	err       error // the first limit that was exceeded
	work      int   // see spend
	maxWork   int
	cells     int // of tables
	headings  int
	footnotes footnotes
	inBlock
	numbers map[*ast.ListItem]int // as their author wrote them

	outside
}

// outside is what a part of a text has to do with others.
type outside struct {
	alone bool // has definitions that other parts may refer to
	words bool // has lines that may be definitions or sentences, which the whole text tells
	open  bool // see reaches
}

// inBlock is what limits need to know of the block being read.
type inBlock struct {
	brackets   int // open ones
	delimiters int
}

func (s *source) reset(text []byte, firstLine, maxWork int) {
	*s = source{text: text, firstLine: firstLine, maxWork: maxWork, starts: s.starts[:0], notes: s.notes[:0]}
}

// line is the line of the file at an offset of the text.
func (s *source) line(offset int) int {
	if len(s.starts) == 0 {
		s.starts = append(s.starts, 0)
		for at := 0; ; {
			n := bytes.IndexByte(s.text[at:], '\n')
			if n < 0 {
				break
			}
			at += n + 1
			s.starts = append(s.starts, at)
		}
	}
	i, found := slices.BinarySearch(s.starts, offset)
	if found {
		i++
	}
	return s.firstLine + i - 1
}

// note tells the author something; line is 0 when it is not known.
func (s *source) note(line int, hint, format string, args ...any) {
	s.notes = append(s.notes, policy.Problem{
		Line: line, Message: fmt.Sprintf(format, args...), Hint: hint, Warning: true,
	})
}

// fail keeps the first reason for which the text cannot be rendered; line is 0
// when it is not known.
func (s *source) fail(line int, format string, args ...any) {
	if s.err != nil {
		return
	}
	problem := &policy.Problem{Line: line, Message: fmt.Sprintf(format, args...)}
	if line > 0 {
		problem.Message += fmt.Sprintf(" at line %d", line)
	}
	s.err = problem
}
