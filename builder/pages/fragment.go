package pages

import (
	"bytes"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Fragment is what another site needs to know of a page that it mounts: a file of JSON
// beside the page.
type Fragment struct {
	URL         string `json:"url"` // from the host's root, percent-encoded: "/legal/privacy/"
	Title       string `json:"title"`
	Description string `json:"description"`
	Canonical   string `json:"canonical"`
	Robots      string `json:"robots"` // for <meta name="robots">; "" for none
	Lang        string `json:"lang"`
	Dir         string `json:"dir"` // "ltr" or "rtl"
}

// What a fragment brings into another site has names that nothing there has: one class
// around all, and a prefix of all other classes and ids.
const (
	fragmentClass = "policysite"
	fragmentNames = "ps-"
)

// FragmentStyle is the style sheet of fragments: a folder that has it holds fragments.
const FragmentStyle = "policysite.css"

// writeFragment emits a page without what the site that mounts it has itself, and what
// that needs to know of it.
func (c *Composer) writeFragment(emit Emit, page *Page, whole []byte) error {
	f := Fragment{
		URL: c.base.rooted(page.URL), Title: page.Title, Description: page.Description,
		Canonical: page.Canonical, Lang: page.Lang, Dir: page.Dir,
	}
	if page.NoIndex {
		f.Robots = "noindex"
	}
	about, err := marshal(f, "", "")
	if err != nil {
		return err
	}
	name := file(page.URL)
	if err := emit(name, c.fragment(page, whole)); err != nil {
		return err
	}
	return emit(strings.TrimSuffix(name, path.Ext(name))+".json", append(about, '\n'))
}

// fragment is what is in <main> of a page, with the names and the addresses of a
// fragment.
func (c *Composer) fragment(page *Page, whole []byte) []byte {
	if _, after, found := bytes.Cut(whole, []byte("<main")); found {
		whole = after[bytes.IndexByte(after, '>')+1:]
		whole = whole[:max(0, bytes.LastIndex(whole, []byte("</main>")))]
	}
	at := &url.URL{Path: c.base.path + page.URL[1:]}
	var out bytes.Buffer
	out.WriteString(`<div class="` + fragmentClass + `" lang="` + escape(page.Lang) + `" dir="` + page.Dir + "\">\n")
	z := html.NewTokenizer(bytes.NewReader(whole))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw := z.Raw()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			out.Write(raw)
			continue
		}
		raw = bytes.Clone(raw)
		name, more := z.TagName()
		tag, changed := "<"+string(name), false
		for more {
			var key, value []byte
			key, value, more = z.TagAttr()
			is := c.fragmentAttribute(at, string(key), string(value))
			changed = changed || is != string(value)
			tag += " " + string(key) + `="` + escape(is) + `"`
		}
		if !changed {
			out.Write(raw)
			continue
		}
		if kind == html.SelfClosingTagToken {
			tag += "/"
		}
		out.WriteString(tag + ">")
	}
	out.WriteString("\n</div>\n")
	return out.Bytes()
}

// fragmentAttribute is the value of an attribute in a fragment of the page at an
// address.
func (c *Composer) fragmentAttribute(at *url.URL, key, value string) string {
	switch key {
	case "class", "aria-labelledby", "aria-describedby", "aria-controls", "headers":
		names := strings.Fields(value)
		for i, n := range names {
			if names[i] = fragmentNames + n; key != "class" {
				names[i] = fragmentID(n)
			}
		}
		return strings.Join(names, " ")
	case "id", "for":
		return fragmentID(value)
	case "href", "src", "xlink:href":
		to, err := url.Parse(value)
		if err != nil {
			return value
		}
		inside := to.Scheme == "" && to.Host == ""
		if to = at.ResolveReference(to); !inside {
			return value
		}
		if to.Path == at.Path && to.Fragment != "" {
			return "#" + (&url.URL{Fragment: fragmentID(to.Fragment)}).EscapedFragment()
		}
		if to.Fragment != "" && strings.HasSuffix(to.Path, "/") { // that of a file is its own matter
			to.Fragment, to.RawFragment = fragmentID(to.Fragment), ""
		}
		return to.String()
	}
	return value
}

// fragmentAssets writes the style sheet of all fragments.
func (c *Composer) fragmentAssets(w *whole) error {
	return w.emit(FragmentStyle, []byte(scoped(string(c.theme.style))))
}

// fragmentID is an id in a fragment. Those by which passages are cited are made of a
// hash, which nothing else has.
func fragmentID(id string) string {
	if id == "" || id[0] == '~' {
		return id
	}
	return fragmentNames + id
}

// scoped is a style sheet whose rules hold within fragments alone, and what they say of
// the width of a page holds for that of a fragment. Where an element around a fragment
// says data-theme="light", it is not dark.
func scoped(css string) string {
	const class = "." + fragmentClass
	var out strings.Builder
	scopeRules(&out, css, class)
	out.WriteString(class + "{container-type:inline-size}" + class + " ." + fragmentNames + "text ." + fragmentNames + "table." + fragmentNames + "table." + fragmentNames + "table{max-inline-size:100%}\n")
	return out.String()
}

// verbatim are the at-rules that hold no rules for elements.
var verbatim = []string{"page", "font-face", "keyframes", "-webkit-keyframes", "property", "counter-style", "font-feature-values"}

// scopeRules writes a list of rules, each within scope (CSS Syntax Level 3, section 5).
func scopeRules(out *strings.Builder, css, scope string) {
	for {
		prelude, end := cssUntil(css, "{;")
		if end < 0 {
			out.WriteString(css[len(css)-len(strings.TrimLeft(css, " \t\r\n")):])
			return
		}
		rest := css[end+1:]
		head := strings.TrimSpace(prelude)
		if css[end] == ';' { // @charset, @import
			out.WriteString(head + ";")
			css = rest
			continue
		}
		_, close := cssUntil(rest, "}")
		if close < 0 {
			close = len(rest)
		}
		body := rest[:close]
		css = rest[min(close+1, len(rest)):]
		if name, at := strings.CutPrefix(head, "@"); at {
			if query, ok := strings.CutPrefix(head, "@media"); ok && strings.Contains(query, "-width:") {
				head = "@container" + query
			}
			out.WriteString(head + "{")
			keyword, _, _ := strings.Cut(strings.ReplaceAll(name, "(", " "), " ")
			within := scope
			if strings.Contains(head, "prefers-color-scheme") && strings.Contains(head, "dark") {
				within += ":not([data-theme=light] *)"
			}
			if slices.Contains(verbatim, strings.ToLower(keyword)) {
				out.WriteString(body)
			} else {
				scopeRules(out, body, within)
			}
			out.WriteString("}")
			continue
		}
		for i, selector := range cssSplit(head) {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(scopeSelector(selector, scope))
		}
		out.WriteString("{" + body + "}")
	}
}

// scopeSelector is a selector within a scope. What holds for the page holds for the
// fragment.
func scopeSelector(s, scope string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		next := byte(0)
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch c := s[i]; {
		case c == '[' || c == '"' || c == '\'':
			_, end := cssUntil(s[i+1:], map[byte]string{'[': "]", '"': `"`, '\'': "'"}[c])
			if end < 0 {
				end = len(s) - i - 2
			}
			out.WriteString(s[i : i+end+2])
			i += end + 1
		case (c == '.' || c == '#') && (next == '-' || next == '_' || next == '\\' || next >= 'a' && next <= 'z' || next >= 'A' && next <= 'Z' || next >= 0x80):
			out.WriteString(string(c) + fragmentNames)
		case c == '\\':
			out.WriteString(s[i:min(i+2, len(s))])
			i++
		default:
			out.WriteByte(c)
		}
	}
	s = out.String()
	for _, root := range []string{":root", "html", "body"} {
		if rest, ok := strings.CutPrefix(s, root); ok && (rest == "" || strings.ContainsAny(rest[:1], " :.[#>+~")) {
			return scope + rest
		}
	}
	return scope + " " + s
}

// cssSplit splits a list of selectors.
func cssSplit(s string) (out []string) {
	for {
		one, end := cssUntil(s, ",")
		out = append(out, strings.TrimSpace(one))
		if end < 0 {
			return out
		}
		s = s[end+1:]
	}
}

// cssUntil returns what stands before the first of some bytes that is in no comment,
// string or bracket, without its comments, and where that byte is; -1 for nowhere.
func cssUntil(css, stop string) (string, int) {
	var out strings.Builder
	depth := 0
	for i := 0; i < len(css); i++ {
		c := css[i]
		switch {
		case depth == 0 && strings.IndexByte(stop, c) >= 0:
			return out.String(), i
		case c == '/' && strings.HasPrefix(css[i:], "/*"):
			end := strings.Index(css[i+2:], "*/")
			if end < 0 {
				return out.String(), -1
			}
			i += end + 3
			continue
		case c == '\\' && i+1 < len(css):
			out.WriteByte(c)
			i++
			c = css[i]
		case c == '"' || c == '\'':
			end := i + 1
			for end < len(css) && css[end] != c {
				if css[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end, len(css)-1)
			out.WriteString(css[i:end])
			i, c = end, css[end]
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		}
		out.WriteByte(c)
	}
	return out.String(), -1
}
