package pages

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v4"
	"golang.org/x/net/html"

	"github.com/policysite/policysite/layouts"
)

// marked are the words of the interface with every letter of theirs turned into "¤", so
// that a letter on a page is of the policies, or was written into a template or the
// program.
func marked(t *testing.T) []byte {
	content, err := layouts.FS.ReadFile("i18n/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]any
	if err := yaml.Unmarshal(content, &messages); err != nil {
		t.Fatal(err)
	}
	placeholder := regexp.MustCompile(`{{[^}]*}}`)
	mark := func(s string) string {
		hide := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) {
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
	if content, err = yaml.Marshal(messages); err != nil {
		t.Fatal(err)
	}
	return content
}

// Every word on a page is a policy's or stands in the file of words.
func TestEveryWordOfTheInterfaceIsInItsFile(t *testing.T) {
	all := fixture()
	theme, err := NewTheme(layouts.FS, map[string][]byte{"i18n/en.yaml": marked(t)}, "layouts", nil)
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
		learn(endonym(p.Lang))
		learn(capital(strings.Split(strings.Trim(p.URL, "/"), "/")[0]))
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
var months = regexp.MustCompile(`January|February|March|April|May|June|July|August|September|October|November|December`)

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
