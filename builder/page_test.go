package builder_test

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// attribute returns an attribute of an element.
func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// policyText is what a reader sees of a policy's text on a page, one line for
// each piece of it.
func policyText(t testing.TB, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var visit func(n *html.Node, inside bool)
	visit = func(n *html.Node, inside bool) {
		if _, ok := attribute(n, "data-note"); ok {
			return
		}
		if _, ok := attribute(n, "data-policy-text"); ok {
			inside = true
		}
		if n.Type == html.TextNode && inside {
			b.WriteString(n.Data)
		}
		if alt, ok := attribute(n, "alt"); ok && inside {
			b.WriteString(" " + alt + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c, inside)
		}
		if n.Type == html.ElementNode && inside {
			switch n.Data {
			case "a", "em", "strong", "code", "span", "del", "s", "sup", "sub", "b", "i", "u":
			default:
				b.WriteString("\n")
			}
		}
	}
	visit(root, false)
	return b.String()
}

// unescape is a percent-encoded URL as a path.
func unescape(t testing.TB, s string) string {
	t.Helper()
	p, err := url.PathUnescape(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// linked is what the pages of a site link to and can be linked to.
type linked struct {
	ids   map[string]map[string]bool // by page
	links map[string][]string        // by page
}

// readPage collects ids and addresses of one page.
func (l *linked) readPage(page, content string) {
	ids := map[string]bool{"": true, "top": true}
	seen := map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(content))
	for {
		switch z.Next() {
		case html.ErrorToken:
			l.ids[page] = ids
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := string(name)
			for more {
				var k, v []byte
				k, v, more = z.TagAttr()
				switch key := string(k); {
				case key == "id":
					ids[string(v)] = true
				case key == "href" || key == "src":
					if !seen[string(v)] {
						seen[string(v)] = true
						l.links[page] = append(l.links[page], string(v))
					}
				case key == "content" && tag == "meta":
					if _, to, ok := strings.Cut(string(v), "; url="); ok {
						l.links[page] = append(l.links[page], to)
					}
				}
			}
		}
	}
}

// checkLinks finds addresses on pages that lead to nothing. Only the given
// pages are read, and those that they point into.
func checkLinks(pages []string, read func(path string) (string, bool)) (links int, broken []string) {
	l := &linked{map[string]map[string]bool{}, map[string][]string{}}
	load := func(p string) bool {
		if l.ids[p] != nil {
			return true
		}
		content, ok := read(p)
		if ok {
			l.readPage(p, content)
		}
		return ok
	}
	for _, p := range pages {
		if !load(p) {
			broken = append(broken, p+" is no file")
			continue
		}
		for _, href := range l.links[p] {
			if strings.Contains(href, "://") {
				continue // elsewhere, however broken
			}
			u, err := url.Parse(href)
			if err != nil {
				broken = append(broken, fmt.Sprintf("%s: %q: %v", p, href, err))
				continue
			}
			if u.Scheme != "" || u.Host != "" {
				continue
			}
			links++
			to := p
			if u.Path != "" {
				to = path.Join(path.Dir(p), u.Path)
				if strings.HasPrefix(u.Path, "/") {
					to = u.Path[1:]
				}
				if strings.HasSuffix(u.Path, "/") || u.Path == "." || u.Path == ".." {
					to = path.Join(to, "index.html")
				}
			}
			switch isPage := strings.HasSuffix(to, ".html"); {
			case !isPage || u.Fragment == "":
				if _, ok := read(to); !ok {
					broken = append(broken, fmt.Sprintf("%s: %q leads to no file %s", p, href, to))
				}
			case !load(to):
				broken = append(broken, fmt.Sprintf("%s: %q leads to no page %s", p, href, to))
			case !l.ids[to][u.Fragment]:
				broken = append(broken, fmt.Sprintf("%s: %q leads to no id %q of %s", p, href, u.Fragment, to))
			}
		}
	}
	return links, broken
}
