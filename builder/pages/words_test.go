package pages

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v4"
	"golang.org/x/net/html"

	"github.com/policysite/policysite/builder/words"
	"github.com/policysite/policysite/layouts"
)

// marked are the words of the interface in all languages with every letter of theirs
// turned into "¤", so that a letter on a page is of the policies, or was written into a
// template or the program.
func marked(t *testing.T) map[string][]byte {
	names, err := fs.Glob(layouts.FS, "i18n/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	out := map[string][]byte{}
	for _, name := range names {
		content, err := layouts.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = markedFile(t, content)
	}
	return out
}

func markedFile(t *testing.T, content []byte) []byte {
	var messages map[string]any
	if err := yaml.Unmarshal(content, &messages); err != nil {
		t.Fatal(err)
	}
	placeholder := regexp.MustCompile(`{{[^}]*}}`)
	mark := func(s string) string {
		hide := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) || unicode.IsMark(r) {
					return '¤'
				}
				return r
			}, s)
		}
		out, at := "", 0
		for _, m := range placeholder.FindAllStringIndex(s, -1) {
			out, at = out+hide(s[at:m[0]])+s[m[0]:m[1]], m[1]
		}
		return out + hide(s[at:])
	}
	for id, m := range messages {
		switch m := m.(type) {
		case string:
			messages[id] = mark(m)
		case map[string]any:
			for form, s := range m {
				m[form] = mark(s.(string))
			}
		}
	}
	content, err := yaml.Marshal(messages)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Every word on a page is a policy's or stands in the file of words.
func TestEveryWordOfTheInterfaceIsInItsFile(t *testing.T) {
	all := fixture()
	theme, err := NewTheme(layouts.FS, marked(t), "layouts", nil)
	if err != nil {
		t.Fatal(err)
	}
	config := fixtureSite(all)
	out := build(t, config, theme, all, nil)

	// What the policies and the settings say.
	known := map[string]bool{"archive": true, "json": true, "Ii": true}
	learn := func(s string) {
		for _, w := range letters(s) {
			known[w] = true
		}
	}
	for _, p := range all {
		learn(fmt.Sprintf("%+v", *p))
		for i := range p.Versions {
			learn(fmt.Sprintf("%+v", p.Versions[i]))
			if c := p.Versions[i].Comparison; c != nil {
				learn(fmt.Sprintf("%+v", *c))
			}
		}
		for _, s := range sectionsOf(p) {
			learn(s)
		}
		for i := range p.Versions {
			for _, h := range textOf(p, i).Headings {
				learn(h.Text)
			}
		}
		learn(words.Endonym(p.Lang))
		learn(words.Capital(strings.Split(strings.Trim(p.URL, "/"), "/")[0]))
	}
	learn(fmt.Sprintf("%+v %+v", config, fixtureBuilt))
	learn(shortCommit(fixtureBuilt.Commit))
	read := 0
	for _, name := range htmlPages(out) {
		root, err := html.Parse(strings.NewReader(out[name]))
		if err != nil {
			t.Fatal(err)
		}
		var walk func(n *html.Node)
		check := func(where, s string) {
			if strings.HasPrefix(s, config.BaseURL) {
				return // an address
			}
			for _, w := range letters(s) {
				if !known[w] {
					t.Errorf("%s: %q in %s %.80q", name, w, where, s)
				}
				read++
			}
		}
		walk = func(n *html.Node) {
			switch {
			case n.Type == html.TextNode:
				check(n.Parent.Data, n.Data)
			case n.Data == "time" || n.Data == "code" || n.Data == "style" || n.Data == "script":
				return
			}
			for _, a := range n.Attr {
				switch a.Key {
				case "data-policy-text", "data-redline":
					return
				case "class":
					if a.Val == "address" {
						return
					}
				case "aria-label", "alt", "title", "placeholder":
					check(a.Key, months.ReplaceAllString(a.Val, ""))
				case "content":
					if n.Data == "meta" && attribute(n, "name") == "description" || strings.HasPrefix(attribute(n, "property"), "og:") {
						check(a.Key, months.ReplaceAllString(a.Val, ""))
					}
				}
			}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
		}
		walk(root)
	}
	if read < 1000 {
		t.Errorf("only %d words were read", read)
	}
}

// months are names that the CLDR library has.
var months = regexp.MustCompile(`يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|January|February|March|April|May|June|July|August|September|October|November|December`)

// letters are the words of a text: runs of letters.
func letters(s string) []string {
	return strings.FieldsFunc(months.ReplaceAllString(s, ""), func(r rune) bool { return !unicode.IsLetter(r) })
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Every word that the program or a template asks for is in the file of words, and every
// word of the file is asked for.
func TestEveryWordIsAskedFor(t *testing.T) {
	content, err := layouts.FS.ReadFile("i18n/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]any
	if err := yaml.Unmarshal(content, &messages); err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	ask := func(where, id string) {
		if asked[id] = true; messages[id] == nil {
			t.Errorf("%s: no word %q", where, id)
		}
	}
	templates, _ := filepath.Glob("../../layouts/*.html")
	partials, _ := filepath.Glob("../../layouts/partials/*.html")
	inTemplate := regexp.MustCompile(`\bt "([^"]+)"`)
	for _, name := range append(templates, partials...) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inTemplate.FindAllStringSubmatch(string(source), -1) {
			ask(name, m[1])
		}
	}
	err = filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					asked[s] = true // some are chosen first
					for id := range messages {
						if strings.HasSuffix(s, "-") && strings.HasPrefix(id, s) || strings.HasPrefix(s, "-") && strings.HasSuffix(id, s) {
							asked[id] = true // "nth-" and "-added" have the other part put to them
						}
					}
				}
			}
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 {
				called := ""
				switch f := call.Fun.(type) {
				case *ast.SelectorExpr:
					called = f.Sel.Name
				case *ast.Ident:
					called = f.Name
				}
				if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.STRING && (called == "T" || called == "HTML" || called == "say" && strings.Contains(name, "redline")) {
					if s, _ := strconv.Unquote(lit.Value); !strings.HasSuffix(s, "-") && !strings.HasPrefix(s, "-") {
						ask(name, s)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id := range messages {
		if !asked[id] {
			t.Errorf("nothing asks for the word %q", id)
		}
	}
}
