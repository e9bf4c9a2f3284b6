package markdown

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// builder makes a document of well-formed HTML in one pass. Well-formed means:
// elements are balanced, values stand between quotation marks, and neither
// text nor values have a bare "<", ">" or `"`. What it reads it copies, but
// for attributes that it takes out, targets, and ids.
type builder struct {
	source  *source
	trusted bool
	copying
	reading

	doc     *policy.Document
	wanted  map[string]bool // ids that authors gave, wherever they stand
	numbers map[string]int  // see freeID
	ids     []elementID     // in order
	stack   []policy.Block  // finished blocks whose container is not
	level   int             // of containers
	attrs   []attribute     // of the start tag read last
}

// copying is HTML that is read, and written with changes.
type copying struct {
	in     []byte
	pos    int // in in: what is read
	copied int // in in: what is in out
	out    []byte
}

// reading is the block with text that is read.
type reading struct {
	text   []byte
	code   bool // it keeps its lines
	silent int  // within elements that are not text
	struck int  // within elements that strike whole blocks
}

// elementID is an id that a document has. base and at are set unless an author
// gave it.
type elementID struct {
	id     string
	author bool
	base   string // what the id is made of, see freeID
	at     int    // where its value starts, in Part.HTML
}

// footnotesClass is the class of the <div> around the footnotes.
const footnotesClass = "footnotes"

// emptyParagraph is what stray end tags leave behind, and paragraphs of nothing
// that may stay.
var emptyParagraph = []byte("<p></p>")

// build makes the document, in one part; a limit that is exceeded is in b.source.err.
func (b *builder) build(html []byte) *policy.Document {
	b.in, b.pos, b.copied, b.out = html, 0, 0, b.out[:0]
	b.doc = &policy.Document{IDs: map[string]bool{}}
	clear(b.wanted)
	clear(b.numbers)
	clear(b.ids)
	b.ids = b.ids[:0]
	b.stack, b.text = b.stack[:0], b.text[:0]
	b.level, b.silent, b.struck, b.code = 0, 0, 0, false

	const id = ` id="`
	for at := 0; ; {
		i := bytes.Index(html[at:], []byte(id))
		if i < 0 {
			break
		}
		at += i + len(id)
		end := bytes.IndexByte(html[at:], '"')
		if end < 0 {
			break
		}
		b.wanted[unescape(html[at:at+end])] = true
	}
	for b.pos < len(b.in) {
		b.blocks(&list{})
	}
	b.flush(len(b.in))
	b.doc.Parts = []*policy.Part{{HTML: string(b.out), Blocks: b.pop(0), Links: len(b.doc.Links)}}
	return b.doc
}

// flush copies what was read up to a position.
func (b *builder) flush(to int) {
	b.out = append(b.out, b.in[b.copied:to]...)
	b.copied = to
}

// outAt is where, in out, a position stands that is not before copied.
func (b *builder) outAt(pos int) int { return len(b.out) + pos - b.copied }

// push finishes a block.
func (b *builder) push(block policy.Block) { b.stack = append(b.stack, block) }

// pop takes the blocks off the stack that were pushed since it had so many.
func (b *builder) pop(mark int) []policy.Block {
	if len(b.stack) == mark {
		return nil
	}
	blocks := make([]policy.Block, len(b.stack)-mark)
	copy(blocks, b.stack[mark:])
	clear(b.stack[mark:])
	b.stack = b.stack[:mark]
	return blocks
}

// fail ends the pass.
func (b *builder) fail(what string) {
	b.source.fail(0, what+" deeper than %d levels", maxNesting)
	b.pos = len(b.in)
}

// list is what a container means for the items and lists directly in it.
type list struct {
	ordered   bool
	next      int // number of the next item
	footnotes bool
}

// blocks reads the content of a container and its end tag, and returns where,
// in in, the end tag starts. Text that stands in the container itself becomes
// paragraphs without tags of their own.
func (b *builder) blocks(in *list) int {
	loose := false
	var start, end int // of the loose text, in out
	finish := func() {
		if loose {
			loose = false
			span := policy.Span{Start: start, End: end}
			block := policy.Block{Kind: policy.Paragraph, Outer: span, Inner: span}
			block.Text, block.Breaks = b.takeText()
			b.push(block)
		}
	}
	for b.pos < len(b.in) {
		if b.in[b.pos] != '<' {
			from := b.pos
			b.pos = nextTag(b.in, from)
			text := b.in[from:b.pos]
			bare := bytes.TrimSpace(text)
			if len(bare) == 0 {
				if loose {
					b.text = append(b.text, ' ')
				}
				continue
			}
			offset := bytes.Index(text, bare)
			if !loose {
				loose, start = true, b.outAt(from+offset)
			}
			b.addText(text)
			end = b.outAt(from + offset + len(bare))
			continue
		}
		if b.skipComment() {
			continue
		}
		if b.in[b.pos+1] == '/' {
			endTag := b.pos
			name := b.endTag()
			if class, _ := classify(name); class == transparent || in.footnotes && string(name) == "ol" {
				continue
			}
			finish()
			return endTag
		}
		if bytes.HasPrefix(b.in[b.pos:], emptyParagraph) {
			finish()
			b.flush(b.pos)
			b.out = append(b.out, '\n')
			b.pos += len(emptyParagraph)
			b.copied = b.pos
			continue
		}
		at := b.outAt(b.pos)
		t := b.startTag()
		switch t.class {
		case inline, void, literal:
			if !t.container {
				if !loose {
					loose, start = true, at
				}
				b.inline(&t, 0)
				end = b.outAt(b.pos)
				continue
			}
			t.class, t.kind = container, policy.Group
		}
		finish()
		switch {
		case t.class == transparent, in.footnotes && string(t.name) == "ol":
		case t.class == rule:
			b.push(policy.Block{Kind: policy.Rule, ID: t.id, Outer: policy.Span{Start: at, End: b.outAt(b.pos)},
				Inner: policy.Span{Start: b.outAt(b.pos), End: b.outAt(b.pos)}})
		case t.class == leaf:
			b.leaf(&t, at)
		default:
			b.container(&t, at, in)
		}
	}
	finish()
	return b.pos
}

// container reads a container whose start tag, at the given place in out, has
// been read.
func (b *builder) container(t *tag, at int, in *list) {
	block := policy.Block{Kind: t.kind, ID: t.id}
	block.Outer.Start, block.Inner.Start = at, b.outAt(b.pos)
	within := &list{}
	deeper := 0
	switch t.kind {
	case policy.List:
		block.Ordered = string(t.name) == "ol"
		within.ordered = block.Ordered
		within.next = 1
		if as := t.value("type"); block.Ordered && len(as) == 1 && strings.Contains("aAiI", as) {
			block.Type = as
		}
		if n, err := strconv.Atoi(t.value("start")); err == nil {
			within.next = n
		}
	case policy.Item:
		deeper = 1
		if in.ordered {
			if n, err := strconv.Atoi(t.value("value")); err == nil {
				in.next = n
			}
			block.Number = in.next
			in.next++
		}
	case policy.Group:
		deeper = 1
		if t.value("class") == footnotesClass {
			block.Kind = policy.Footnotes
			within = &list{ordered: true, next: 1, footnotes: true}
			deeper = 0
		}
	case policy.Quote:
		deeper = 1
	}
	silent := b.silent
	if t.note {
		b.silent++
	}
	struck := b.struck
	if strikes(t.name) {
		b.struck++
	}
	mark := len(b.stack)
	if b.level += deeper; b.level > maxNesting {
		b.fail("nested")
	}
	endTag := b.blocks(within)
	b.level -= deeper
	b.silent, b.struck = silent, struck
	block.Inner.End, block.Outer.End = b.outAt(endTag), b.outAt(b.pos)
	block.Children = b.pop(mark)
	b.push(block)
}

// leaf reads a leaf whose start tag, at the given place in out, has been read.
func (b *builder) leaf(t *tag, at int) {
	block := policy.Block{Kind: t.kind, ID: t.id, Header: string(t.name) == "th", Datetime: t.datetime}
	b.code = t.kind == policy.Code
	block.Outer.Start, block.Inner.Start = at, b.outAt(b.pos)
	firstLink := len(b.doc.Links)
	if t.note {
		b.silent++
	}
	if b.code && b.pos < len(b.in) && b.in[b.pos] == '\n' {
		b.pos++ // HTML drops a newline right after <pre>
	}
	endTag := b.inlines(0)
	if t.note {
		b.silent--
	}
	block.Inner.End, block.Outer.End = b.outAt(endTag), b.outAt(b.pos)
	block.Text, block.Breaks = b.takeText()
	b.code = false
	if t.kind == policy.Heading {
		block.Level = int(t.name[1] - '0')
		if t.id == "" {
			b.giveID(&block, t, firstLink)
		}
	}
	b.push(block)
}

// giveID makes the id of a heading that has none and inserts it in its start
// tag, which has been read and may have been copied.
func (b *builder) giveID(block *policy.Block, t *tag, firstLink int) {
	base := slug(block.Text)
	if t.doubleID != "" {
		base = t.doubleID
	}
	block.ID = freeID(base, func(id string) bool { return b.wanted[id] || b.doc.IDs[id] }, b.numbers)
	b.doc.IDs[block.ID] = true

	b.flush(b.pos)
	insert := ` id="` + escape(block.ID) + `"`
	at := block.Outer.Start + len("<h1")
	b.ids = append(b.ids, elementID{id: block.ID, base: base, at: at + len(` id="`)})
	b.out = append(b.out, insert...)
	copy(b.out[at+len(insert):], b.out[at:])
	copy(b.out[at:], insert)
	shift := func(s *policy.Span) { s.Start += len(insert); s.End += len(insert) }
	shift(&block.Inner)
	block.Outer.End += len(insert)
	for i := firstLink; i < len(b.doc.Links); i++ {
		shift(&b.doc.Links[i].Attr)
		shift(&b.doc.Links[i].Element)
	}
}

// inlines reads the content of an element within a leaf and its end tag, and
// returns where, in in, the end tag starts.
func (b *builder) inlines(depth int) int {
	for b.pos < len(b.in) {
		if b.in[b.pos] != '<' {
			from := b.pos
			b.pos = nextTag(b.in, from)
			b.addText(b.in[from:b.pos])
			continue
		}
		if b.skipComment() {
			continue
		}
		if b.in[b.pos+1] == '/' {
			endTag := b.pos
			b.endTag()
			return endTag
		}
		t := b.startTag()
		b.inline(&t, depth)
	}
	return b.pos
}

// inline reads an element within a leaf whose start tag has been read.
func (b *builder) inline(t *tag, depth int) {
	switch t.class {
	case void, rule:
		switch string(t.name) {
		case "br":
			if b.code {
				b.addText([]byte("\n"))
			} else {
				b.addText([]byte{hardBreak})
			}
		case "hr": // in a heading, a cell or code: not seen as text, but it parts words
			b.addText([]byte(" "))
		case "img":
			b.addText(t.alt)
		case "input":
			if t.value("type") == "checkbox" {
				if t.has("checked") {
					b.addText([]byte("[x] "))
				} else {
					b.addText([]byte("[ ] "))
				}
			}
		}
		return
	case literal:
		end := bytes.Index(b.in[b.pos:], append([]byte("</"), t.name...))
		if end < 0 {
			b.pos = len(b.in)
			return
		}
		b.pos += end
		b.endTag()
		return
	}
	if depth++; depth > maxNesting {
		b.fail("mark-up nested")
		return
	}
	around := ""
	if strikes(t.name) {
		around = "~~"
	} else if t.class != inline { // a block within a heading or a cell
		around = " "
	}
	if t.note {
		b.silent++
	}
	b.addText([]byte(around))
	b.inlines(depth)
	b.addText([]byte(around))
	if t.note {
		b.silent--
	}
}

// addText adds text as it stands in HTML to that of the leaf.
func (b *builder) addText(html []byte) {
	if b.silent == 0 {
		b.text = appendUnescaped(b.text, html)
	}
}

// hardBreak stands for one in a leaf's text as it is read. No text has it, as it
// is not of UTF-8.
const hardBreak = 0xff

// takeText is the visible text of the leaf that was read, and where in it hard
// breaks are.
func (b *builder) takeText() (text string, breaks []int) {
	switch {
	case b.code:
		text = codeText(b.text)
	case bytes.IndexByte(b.text, hardBreak) < 0:
		text = visibleText(b.text)
	default:
		for line := range bytes.SplitSeq(b.text, []byte{hardBreak}) {
			if line := visibleText(line); text != "" && line != "" {
				breaks = append(breaks, len(text))
				text += " " + line
			} else {
				text += line
			}
		}
	}
	b.text = b.text[:0]
	if b.struck > 0 && text != "" {
		text = "~~" + text + "~~"
		for i := range breaks {
			breaks[i] += len("~~")
		}
	}
	return text, breaks
}

// strikes reports whether an element strikes its text.
func strikes(name []byte) bool {
	return string(name) == "s" || string(name) == "del" || string(name) == "strike"
}

// skipComment skips a comment or declaration, which trusted HTML may have.
func (b *builder) skipComment() bool {
	rest := b.in[b.pos:]
	if len(rest) < 2 || rest[1] != '!' {
		return len(rest) < 2 && b.skip(len(rest))
	}
	closing := ">"
	if bytes.HasPrefix(rest, []byte("<!--")) {
		closing = "-->"
	}
	if end := bytes.Index(rest, []byte(closing)); end >= 0 {
		return b.skip(end + len(closing))
	}
	return b.skip(len(rest))
}

func (b *builder) skip(n int) bool {
	b.pos += n
	return true
}

// idLine is the line of the file of an element with lineAttribute, 0 without.
func idLine(value string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(value, "-"))
	return n
}
