package redline_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/redline/docx"
)

// checkWord checks that accepting all changes of the Word document of a redline gives
// the new text, and rejecting them the old one.
func checkWord(t testing.TB, name string, old, new redline.Side, l *redline.Redline) {
	t.Helper()
	file, err := docx.Write(l, docx.Options{Title: name, Lang: "en", Author: "A & B", Date: time.Unix(1700000000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	document := wordPart(t, file, "word/document.xml")
	differ(t, name+": old text from Word", wordText(t, document, rejected), inXML(old.Doc.Text(old.Title)))
	differ(t, name+": new text from Word", wordText(t, document, accepted), inXML(new.Doc.Text(new.Title)))
}

// inXML is text as XML can have it.
func inXML(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c != 0xFFFE && c != 0xFFFF {
			return c
		}
		return 0xFFFD
	}, s)
}

func wordPart(t testing.TB, file []byte, name string) *node {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	root := &node{}
	if err := xml.Unmarshal(content, root); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return root
}

// node is an element of XML.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Nodes   []*node    `xml:",any"`
	Text    string     `xml:",chardata"`
}

// at is the element at a path of names below one; nil for none.
func (n *node) at(path ...string) *node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		var found *node
		for _, c := range n.Nodes {
			if c.XMLName.Local == name {
				found = c
				break
			}
		}
		n = found
	}
	return n
}

func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// What a person did with all changes of a document.
const (
	accepted = true
	rejected = false
)

// stays reports whether what has one of these change marks is still there.
func stays(marks *node, accept bool) bool {
	for _, c := range marksOf(marks) {
		switch c {
		case "ins", "moveTo", "cellIns":
			if !accept {
				return false
			}
		case "del", "moveFrom", "cellDel":
			if accept {
				return false
			}
		}
	}
	return true
}

func marksOf(n *node) (out []string) {
	if n != nil {
		for _, c := range n.Nodes {
			out = append(out, c.XMLName.Local)
		}
	}
	return out
}

// wordText reads a document as ECMA-376 says, all its changes accepted or rejected: a
// paragraph goes on in the next where its mark is gone, rows and cells go with theirs,
// and each paragraph and each cell is a line of the visible text.
func wordText(t testing.TB, document *node, accept bool) string {
	t.Helper()
	var out, line strings.Builder
	style := ""
	flush := func() {
		text := line.String()
		line.Reset()
		if style != "Code" {
			text = policy.CollapseSpace(text)
		}
		if text != "" {
			out.WriteString(text + "\n")
		}
	}
	var runs func(n *node)
	runs = func(n *node) {
		for _, c := range n.Nodes {
			switch c.XMLName.Local {
			case "ins", "moveTo":
				if accept {
					runs(c)
				}
			case "del", "moveFrom":
				if !accept {
					runs(c)
				}
			case "hyperlink", "r":
				runs(c)
			case "t", "delText":
				line.WriteString(c.Text)
			case "br":
				line.WriteByte('\n')
			case "tab":
				line.WriteByte('\t')
			case "pPr", "rPr", "sym", "bookmarkStart", "bookmarkEnd", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd":
			default:
				t.Fatalf("<w:%s> in a paragraph", c.XMLName.Local)
			}
		}
	}
	var blocks func(n *node)
	blocks = func(n *node) {
		for _, b := range n.Nodes {
			switch b.XMLName.Local {
			case "p":
				runs(b)
				if !stays(b.at("pPr", "rPr"), accept) {
					continue
				}
				properties := b.at("pPr")
				if before := properties.at("pPrChange", "pPr"); before != nil && !accept {
					properties = before
				}
				style = properties.at("pStyle").attr("val")
				flush()
			case "tbl":
				for _, row := range b.Nodes {
					if row.XMLName.Local != "tr" || !stays(row.at("trPr"), accept) {
						continue
					}
					if line.Len() > 0 {
						t.Fatalf("the paragraph %q goes on in a table", line.String())
					}
					for _, cell := range row.Nodes {
						if cell.XMLName.Local == "tc" && stays(cell.at("tcPr"), accept) {
							blocks(cell)
						}
					}
				}
			case "sectPr", "tcPr", "moveFromRangeEnd", "moveToRangeEnd":
			default:
				t.Fatalf("<w:%s> among paragraphs", b.XMLName.Local)
			}
		}
	}
	blocks(document.at("body"))
	if line.Len() > 0 {
		t.Fatalf("the last paragraph has no end: %q", line.String())
	}
	return out.String()
}

// Blocks of every kind that come, go, move, part, join and become others.
func TestWordKeepsBothTextsOfRandomDocuments(t *testing.T) {
	r := markdown.New(markdown.Options{})
	rng := rand.New(rand.NewPCG(7, 8))
	sentence := func() string {
		var words []string
		for range 3 + rng.IntN(9) {
			words = append(words, []string{"we", "keep", "your", "data", "for", "ten", "days", "[here](#one)", "**always**", "`code`", "~~gone~~", "![logo](a.png)", "note[^1]"}[rng.IntN(13)])
		}
		return "The " + strings.Join(words, " ") + "."
	}
	block := func(sentences []string) string {
		if len(sentences) == 0 {
			return ""
		}
		switch rng.IntN(9) {
		case 0:
			return "## " + sentences[0]
		case 1:
			return "- " + strings.Join(sentences, "\n- ")
		case 2:
			return "3. " + strings.Join(sentences, "\n7. ")
		case 3:
			return "> " + strings.Join(sentences, "\n>\n> - ")
		case 4:
			return "```\n" + strings.Join(sentences, "\n\n\t") + "\n```"
		case 5:
			return "| a | b |\n|---|---|\n| " + strings.Join(sentences, " | ") + " |\n| " + sentences[0] + " | |"
		case 6:
			return strings.Join(sentences, "\\\n")
		}
		return strings.Join(sentences, " ")
	}
	for n := range 300 {
		var parts [][]string
		for range 1 + rng.IntN(8) {
			var part []string
			for range 1 + rng.IntN(3) {
				part = append(part, sentence())
			}
			parts = append(parts, part)
		}
		var texts [2]string
		for i := range texts {
			for _, p := range parts {
				texts[i] += block(p) + "\n\n"
			}
			texts[i] += "[^1]: The note.\n"
			k, m := rng.IntN(len(parts)), rng.IntN(len(parts))
			switch rng.IntN(5) {
			case 0:
				parts[k], parts[m] = parts[m], parts[k]
			case 1:
				parts[k] = append(parts[k], parts[m]...)
			case 2:
				first := min(1, len(parts[k]))
				parts = slices.Concat(parts[:k], [][]string{parts[k][:first], parts[k][first:]}, parts[k+1:])
			case 3:
				parts[k] = append([]string{sentence()}, parts[k]...)
			}
		}
		old, new := side(t, r, []byte(texts[0])), side(t, r, []byte(texts[1]))
		l := redline.Compare(old, new)
		checkWord(t, "random", old, new, l)
		checkLines(t, "random", old.Doc.Text(old.Title), new.Doc.Text(new.Title), l)
		if t.Failed() {
			t.Fatalf("document %d:\n%s\n----\n%s", n, texts[0], texts[1])
		}
	}
}
