package markdown

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder/policy"
)

// checkText fails the test unless the leaves of a document have the text that
// its HTML shows, and nothing outside them has any.
func checkText(t testing.TB, doc *policy.Document) {
	t.Helper()
	at := 0
	outside := func(to int) {
		s := strings.ReplaceAll(shown(doc.Parts[0].HTML[at:to], false), "~~", "") // around blocks
		if strings.TrimSpace(s) != "" {
			t.Errorf("%q is in no block of %q", s, doc.Parts[0].HTML)
		}
	}
	var visit func(blocks []policy.Block, struck bool)
	visit = func(blocks []policy.Block, struck bool) {
		for _, b := range blocks {
			tag := doc.Parts[0].HTML[b.Outer.Start:b.Inner.Start]
			visit(b.Children, struck || tag == "<s>" || strings.HasPrefix(tag, "<s "))
			if b.Kind > policy.Cell {
				continue
			}
			outside(b.Outer.Start)
			at = b.Outer.End
			code := b.Kind == policy.Code
			want := shown(doc.Parts[0].HTML[b.Inner.Start:b.Inner.End], code)
			if code {
				want = codeText([]byte(want))
			} else {
				want = policy.CollapseSpace(want)
			}
			if struck && want != "" {
				want = "~~" + want + "~~"
			}
			if b.Text != want {
				t.Errorf("a block of kind %d has the text %q, and its HTML shows %q: %q", b.Kind, b.Text, want, doc.Parts[0].HTML)
			}
		}
	}
	visit(doc.Parts[0].Blocks, false)
	outside(len(doc.Parts[0].HTML))
}

// shown is the text that a piece of HTML shows, as the specification of visible
// text has it, read by another tokenizer than the package's own.
func shown(piece string, code bool) string {
	var b strings.Builder
	var notes []bool // for each open element, whether it is within a note
	z := html.NewTokenizer(strings.NewReader(strings.TrimPrefix(piece, "\n")))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		note := len(notes) > 0 && notes[len(notes)-1]
		if kind == html.StartTagToken {
			if slices.ContainsFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "data-note" }) {
				note = true
			}
			if !voidElements[token.Data] && token.Data != "input" {
				notes = append(notes, note)
			}
		}
		if kind == html.EndTagToken && len(notes) > 0 {
			notes = notes[:len(notes)-1]
		}
		if note {
			continue
		}
		if class, _ := classify([]byte(token.Data)); class != inline && kind != html.TextToken && token.Data != "img" && token.Data != "input" && token.Data != "wbr" {
			if code && token.Data == "br" {
				b.WriteByte('\n')
			} else {
				b.WriteByte(' ')
			}
		}
		switch {
		case kind == html.TextToken:
			b.WriteString(token.Data)
		case token.Data == "s":
			b.WriteString("~~")
		}
		for _, a := range token.Attr {
			switch {
			case token.Data == "img" && a.Key == "alt":
				b.WriteString(a.Val)
			case token.Data == "input" && a.Key == "type": // the last of ours but for aria-label
				if strings.Contains(token.String(), "checked=") {
					b.WriteString("[x] ")
				} else {
					b.WriteString("[ ] ")
				}
			}
		}
	}
	return b.String()
}

// checkPaths fails the test unless a source without raw HTML gives the same
// document when it is sanitized and parsed as if it had some.
func checkPaths(t testing.TB, r *Renderer, source []byte, line int) {
	t.Helper()
	want, err := r.Render(source, line)
	if err != nil || r.raw.found {
		return
	}
	body, err := check(source, line)
	if err != nil {
		t.Fatal(err)
	}
	body = bytes.ReplaceAll(body, []byte{0}, []byte("\ufffd")) // as Render does
	r.source.reset(body, line, maxWork)
	if err := r.render(); err != nil {
		t.Fatal(err)
	}
	if err := r.raw.wellFormed(&r.html); err != nil {
		t.Fatal(err)
	}
	got, want := r.blocks.build(r.html.bytes).Whole(), want.Whole()
	if have, want := got.Parts[0].HTML, want.Parts[0].HTML; have != want {
		at := 0
		for at < min(len(have), len(want)) && have[at] == want[at] {
			at++
		}
		t.Errorf("sanitized, %.60q gives, from byte %d on, %.60q, want %.60q", source, at, have[at:], want[at:])
	}
	got.Notes, want.Notes = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("sanitized, %.60q gives other blocks or links", source)
	}
}

// The fast way to the visible text is the one that the specification has.
func TestVisibleTextIsCollapsedSpace(t *testing.T) {
	parts := []string{" ", "  ", "a", "bc ", "\n", "\t", "\v", "\u0085", "\u00a0", "\u1680", "\u2003", "\u3000", "\u200b", "\x01",
		"\u00e9", "e\u0301", "\u201c", "\u6f22"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var b strings.Builder
		for range random.IntN(9) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		if got, want := visibleText([]byte(b.String())), policy.CollapseSpace(b.String()); got != want {
			t.Fatalf("%q gives %q, want %q", b.String(), got, want)
		}
	}
}

func TestBothWaysGiveTheSame(t *testing.T) {
	r := New(Options{})
	plain := 0
	for _, a := range sources {
		for _, b := range sources {
			source := a + "\n\n" + b
			checkPaths(t, r, []byte(source), 1)
			checkText(t, render(t, source))
			if !r.raw.found {
				plain++
			}
		}
	}
	if plain < 20 {
		t.Errorf("only %d sources without raw HTML: little is tested", plain)
	}
}

// Texts of many authors and machines, from the whole of their history.
func TestRealHistory(t *testing.T) {
	for name, every := range map[string]int{"basecamp-policies": 11, "pga-versions": 149} {
		t.Run(name, func(t *testing.T) {
			r := New(Options{})
			count := 0
			history(t, name, func(n int) bool { return n%every == 0 }, func(path string, source []byte) {
				_, body, line, _ := policy.ParseSource(source)
				if body == nil {
					return
				}
				count++
				checkWords(t, path, source)
				checkPaths(t, r, body, line)
				if doc, err := r.Render(body, line); err == nil {
					checkText(t, doc.Whole())
				}
			})
			if count < 20 {
				t.Errorf("only %d texts", count)
			}
		})
	}
}
