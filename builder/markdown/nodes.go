package markdown

import (
	"bytes"
	"strconv"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// nodes renders what goldmark would render with less than the source has, or
// with more than a policy needs. All other nodes are rendered by goldmark.
//
// Attributes of <a> are in the order of their names: golang.org/x/net/html sorts
// those of elements that it may have to open again, and a text should not
// change its HTML for the first raw tag in it.
//
// Elements with a target or an author's id carry lineAttribute, which the pass
// over the HTML takes out again: it is how lines of the source survive the
// sanitizer and the parser.
type nodes struct {
	source *source
	raw    *rawHTML
	inLink bool // links cannot nest in HTML

	// unclosed is the block in which <script> or <style>, whichever was asked
	// for last, has no end tag from here on.
	unclosed     ast.Node
	unclosedName string
}

// lineAttribute holds a line of the file; negative, when raw HTML wrote the
// element.
const lineAttribute = "data-line"

// textWriter writes text as goldmark does, which asks of every byte what it is: here
// what comes before the first byte that may mean something goes out at once.
type textWriter struct{ html.Writer }

// meansMore are the bytes of text that goldmark may write in another way.
var meansMore = [256]bool{'\\': true, 0: true, '&': true, '<': true, '>': true, '"': true}

// Write is part of html.Writer.
func (t textWriter) Write(w util.BufWriter, text []byte) {
	at := 0
	for at < len(text) && !meansMore[text[at]] {
		at++
	}
	_, _ = w.Write(text[:at])
	if at < len(text) {
		t.Writer.Write(w, text[at:])
	}
}

// RegisterFuncs is part of renderer.NodeRenderer.
func (r *nodes) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindHeading, r.heading)
	register.Register(ast.KindLink, r.link)
	register.Register(ast.KindAutoLink, r.autoLink)
	register.Register(ast.KindImage, r.image)
	register.Register(ast.KindRawHTML, r.rawInline)
	register.Register(ast.KindHTMLBlock, r.rawBlock)
	register.Register(extast.KindStrikethrough, r.strikethrough)
	register.Register(extast.KindTableCell, r.tableCell)
	register.Register(extast.KindTaskCheckBox, r.checkbox)
	register.Register(extast.KindFootnoteLink, r.footnoteLink)
	register.Register(extast.KindFootnoteBacklink, r.footnoteBacklink)
	register.Register(extast.KindFootnote, r.footnote)
	register.Register(extast.KindFootnoteList, r.footnoteList)
}

// checkbox says in words what the box shows: a form control needs a name.
func (r *nodes) checkbox(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		if n.(*extast.TaskCheckBox).IsChecked {
			_, _ = w.WriteString(`<input checked="" disabled="" type="checkbox" aria-label="done"> `)
		} else {
			_, _ = w.WriteString(`<input disabled="" type="checkbox" aria-label="not done"> `)
		}
	}
	return ast.WalkContinue, nil
}

func (r *nodes) heading(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	level := '0' + byte(n.(*ast.Heading).Level)
	if !entering {
		_, _ = w.WriteString("</h")
		_ = w.WriteByte(level)
		_, _ = w.WriteString(">\n")
		return ast.WalkContinue, nil
	}
	if r.source.headings++; r.source.headings > maxHeadings {
		r.source.fail(0, "more than %d headings", maxHeadings)
		return ast.WalkStop, nil
	}
	_, _ = w.WriteString("<h")
	_ = w.WriteByte(level)
	for _, a := range n.Attributes() {
		value := a.Value.(string) // takeAttributes sets nothing else
		_ = w.WriteByte(' ')
		_, _ = w.Write(a.Name)
		_, _ = w.WriteString(`="`)
		_, _ = w.Write(util.EscapeHTML([]byte(value)))
		_ = w.WriteByte('"')
		if string(a.Name) == "id" {
			r.line(w, r.source.line(n.Lines().At(0).Start))
		}
	}
	_ = w.WriteByte('>')
	return ast.WalkContinue, nil
}

func (r *nodes) line(w util.BufWriter, line int) {
	_, _ = w.WriteString(` ` + lineAttribute + `="` + strconv.Itoa(line) + `"`)
}

func (r *nodes) link(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	r.inLink = entering
	if !entering {
		_, _ = w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	if full(w) {
		return ast.WalkStop, nil
	}
	link := n.(*ast.Link)
	_, _ = w.WriteString(`<a href="`)
	_, _ = w.Write(util.EscapeHTML(resolve(link.Destination)))
	_ = w.WriteByte('"')
	r.title(w, link.Title)
	r.line(w, r.source.line(n.Pos()))
	_ = w.WriteByte('>')
	return ast.WalkContinue, nil
}

// full reports whether nothing more is taken, so that one long target that many
// links refer to is not escaped for each of them.
func full(w util.BufWriter) bool {
	b, ok := w.(*limitedBuffer)
	return ok && b.over
}

func (r *nodes) title(w util.BufWriter, title []byte) {
	if title != nil {
		_, _ = w.WriteString(` title="`)
		html.DefaultWriter.Write(w, title)
		_ = w.WriteByte('"')
	}
}

// resolve undoes backslash escapes and character references in a target. It is
// not percent-encoded as goldmark would: a record keeps what its author wrote.
func resolve(destination []byte) []byte {
	if bytes.IndexByte(destination, '\\') >= 0 {
		destination = util.UnescapePunctuations(destination)
	}
	if bytes.IndexByte(destination, '&') >= 0 {
		destination = util.ResolveEntityNames(util.ResolveNumericReferences(destination))
	}
	return destination
}

func (r *nodes) autoLink(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	link := n.(*ast.AutoLink)
	label := addressOf(link, source)
	if r.inLink {
		_, _ = w.Write(util.EscapeHTML(label))
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<a href="`)
	if link.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(label), []byte("mailto:")) {
		_, _ = w.WriteString("mailto:")
	}
	_, _ = w.Write(util.EscapeHTML(label))
	_ = w.WriteByte('"')
	r.line(w, r.source.line(n.Pos()))
	_ = w.WriteByte('>')
	_, _ = w.Write(util.EscapeHTML(label))
	_, _ = w.WriteString("</a>")
	return ast.WalkContinue, nil
}

// addressOf is the address that a link without a text shows. Between angle brackets a
// backslash is one; no e-mail address has any.
func addressOf(link *ast.AutoLink, source []byte) []byte {
	label := link.Label(source)
	if link.AutoLinkType == ast.AutoLinkEmail {
		return resolve(label)
	}
	return util.ResolveEntityNames(util.ResolveNumericReferences(label))
}

func (r *nodes) image(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	if full(w) {
		return ast.WalkStop, nil
	}
	image := n.(*ast.Image)
	_, _ = w.WriteString(`<img src="`)
	_, _ = w.Write(util.EscapeHTML(resolve(image.Destination)))
	_, _ = w.WriteString(`" alt="`)
	alternative(w, source, n)
	_ = w.WriteByte('"')
	r.title(w, image.Title)
	r.line(w, r.source.line(n.Pos()))
	_ = w.WriteByte('>')
	return ast.WalkSkipChildren, nil
}

// alternative writes the text between the brackets of an image. goldmark's own
// loses automatic links and writes "<br>" for hard line breaks.
func alternative(w util.BufWriter, source []byte, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			value := c.Segment.Value(source)
			if c.IsRaw() {
				html.DefaultWriter.RawWrite(w, value)
			} else {
				html.DefaultWriter.Write(w, value)
			}
			if c.SoftLineBreak() || c.HardLineBreak() {
				_ = w.WriteByte(' ')
			}
		case *ast.String:
			html.DefaultWriter.Write(w, c.Value)
		case *ast.AutoLink:
			html.DefaultWriter.RawWrite(w, addressOf(c, source))
		default:
			alternative(w, source, c)
		}
	}
}

// strikethrough writes <s>: <del> says that a text was changed, which is what
// redlines say with it.
func (r *nodes) strikethrough(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<s>")
	} else {
		_, _ = w.WriteString("</s>")
	}
	return ast.WalkContinue, nil
}

func (r *nodes) rawInline(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	tag := n.(*ast.RawHTML)
	r.raw.piece = r.raw.piece[:0]
	for i := range tag.Segments.Len() {
		line := tag.Segments.At(i)
		r.raw.piece = append(r.raw.piece, line.Value(source)...)
	}
	if name := openingTag(r.raw.piece); !r.raw.trusted && (name == "script" || name == "style") {
		r.dropUntilClosed(n, source, name)
	}
	r.raw.write(w, r.raw.piece, r.source.line(tag.Segments.At(0).Start))
	return ast.WalkSkipChildren, nil
}

// dropUntilClosed drops what stands between an inline <script> or <style> and
// its end tag, since that is no text. Without an end tag in the same block,
// the rest of the block is text.
func (r *nodes) dropUntilClosed(start ast.Node, source []byte, name string) {
	if r.unclosed == start.Parent() && r.unclosedName == name {
		return
	}
	for end := start.NextSibling(); end != nil; end = end.NextSibling() {
		tag, ok := end.(*ast.RawHTML)
		if !ok {
			continue
		}
		segment := tag.Segments.At(0)
		if closedBy(segment.Value(source), name) {
			for c := start.NextSibling(); c != end; c = start.NextSibling() {
				c.Parent().RemoveChild(c.Parent(), c)
			}
			return
		}
	}
	r.unclosed, r.unclosedName = start.Parent(), name
}

func (r *nodes) rawBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.HTMLBlock)
	piece := r.raw.piece[:0]
	for i := range block.Lines().Len() {
		line := block.Lines().At(i)
		piece = append(piece, line.Value(source)...)
	}
	if block.HasClosure() {
		piece = append(piece, block.ClosureLine.Value(source)...)
	}
	if len(piece) == 0 {
		return ast.WalkContinue, nil
	}
	if piece[len(piece)-1] != '\n' {
		piece = append(piece, '\n')
	}
	r.raw.piece = piece
	r.raw.write(w, piece, r.source.line(block.Lines().At(0).Start))
	return ast.WalkContinue, nil
}
