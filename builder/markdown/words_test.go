package markdown

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/unicode/norm"

	"github.com/policysite/policysite/builder/policy"
)

// plainGoldmark is goldmark as it comes, with the same extensions.
func plainGoldmark(options ...parser.Option) goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(append(options, parser.WithAttribute())...),
		goldmark.WithRendererOptions(html.WithUnsafe()))
}

// squeeze keeps letters, marks and digits.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.M, unicode.N) {
			return r
		}
		return -1
	}, norm.NFC.String(s))
}

// zeroPadded matches decimal character references with leading zeros. For goldmark's
// util, not for what it writes, they make the number octal.
var zeroPadded = regexp.MustCompile(`&#0[0-9]{1,6};`)

// words are those of the text in goldmark's tree, in its order; raw HTML is
// none of it. Headings get no ids, which are no words: goldmark panics where an
// author gives {id=1}.
func words(source []byte) (out []string) {
	add := func(b []byte) {
		for _, w := range strings.Fields(string(b)) {
			if w = squeeze(w); w != "" {
				out = append(out, w)
			}
		}
	}
	root := plainGoldmark().Parser().Parse(text.NewReader(source))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			v := n.Segment.Value(source)
			if !n.IsRaw() && n.Parent().Kind() != ast.KindCodeSpan {
				v = zeroPadded.ReplaceAllFunc(util.UnescapePunctuations(v), func(reference []byte) []byte {
					return append([]byte("&#"), bytes.TrimLeft(reference[len("&#"):], "0")...)
				})
				v = util.ResolveEntityNames(util.ResolveNumericReferences(v))
			}
			add(v)
		case *ast.AutoLink:
			add(n.Label(source))
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				add(line.Value(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return out
}

// checkWords fails the test unless the text of the document of a source has
// every word of it, in order. A word that is missing is looked for in all that
// follows, so that the words after it are missing too.
func checkWords(t *testing.T, name string, source []byte) {
	t.Helper()
	_, body, line, problems := policy.ParseSource(source)
	if body == nil {
		t.Fatalf("%s: %v", name, problems)
	}
	doc, err := New(Options{}).Render(body, line)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	doc = doc.Whole()
	checkDocument(t, doc)
	checkSafe(t, doc)
	body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	all := words(body)
	if len(all) == 0 {
		t.Errorf("%s has no words: nothing is tested", name)
	}
	rest := squeeze(doc.Text(""))
	for i, w := range all {
		_, after, found := strings.Cut(rest, w)
		if !found {
			t.Errorf("%s: %q is not in the text after %q", name, w, all[max(0, i-8):i])
			return
		}
		rest = after
	}
}

func TestNoWordIsDropped(t *testing.T) {
	for _, source := range []string{
		"# A b\n\nc *d*e **f** `g` [h](i) ![j](k) <https://l.m> n<b>o</b>\n",
		"- a\n- b\n\n  c\n\n      d\n\n|e|f|\n|-|-|\n|g|h|\n",
		"a[^1]\n\n[^1]: b\n\n~~c~~ d\\\ne\n\n> f\n\n<div>g</div>\n\nh &eacute; &#x41;\n",
	} {
		checkWords(t, source, []byte(source))
	}
}

func TestNoWordOfRealTextsIsDropped(t *testing.T) {
	t.Run("texts beside the checkout", func(t *testing.T) {
		files, err := filepath.Glob("../../../shared/seeds/*.txt")
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Skip("there are no texts beside the checkout")
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkWords(t, file, source)
		}
	})
	t.Run("corpora beside the checkout", func(t *testing.T) {
		bundle, err := filepath.Abs("../../../shared/corpora/basecamp-policies.bundle")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(bundle); err != nil {
			t.Skip("the corpora are not beside the checkout")
		}
		dir := t.TempDir()
		if out, err := exec.Command("git", "clone", "-q", bundle, dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		count := 0
		err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.Type() != 0 || filepath.Ext(path) != ".md" {
				return err
			}
			source, err := os.ReadFile(path)
			if err == nil {
				count++
				checkWords(t, path, source)
			}
			return err
		})
		if err != nil || count < 10 {
			t.Errorf("%d texts, %v", count, err)
		}
	})
}

// A policy as policies are: headings, paragraphs, lists, links and a table.
var synthetic = []byte(strings.Repeat(`## What we collect

When you use the *service*, we collect some [data](data.md) that you give us,
and some that your browser sends. We keep it for **a year**, and no longer.

- your name and e-mail address
- what you pay, and when
  1. by card
  2. by bank transfer

| purpose | time |
|---|---|
| billing | ten years |
| support | one year |

> You can write to <privacy@example.com> at any time.

`, 100))

func BenchmarkRender(b *testing.B) {
	r := New(Options{})
	b.SetBytes(int64(len(synthetic)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.whole(synthetic, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGoldmark is the yardstick of BenchmarkRender.
func BenchmarkGoldmark(b *testing.B) {
	markdown := plainGoldmark(parser.WithAutoHeadingID())
	var out bytes.Buffer
	b.SetBytes(int64(len(synthetic)))
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := markdown.Convert(synthetic, &out); err != nil {
			b.Fatal(err)
		}
	}
}
