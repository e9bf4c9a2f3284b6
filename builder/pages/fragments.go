package pages

import (
	"html/template"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// fragments are what partials of the default theme wrote, by what they were
// given. The name and the dates of a version stand on a dozen pages, the header
// of the site on all, and templates take their time: writing one address is
// three calls by reflection. So a partial that essence knows is executed once
// for all data that is equal. fragments are safe for concurrent use.
type fragments struct {
	partials *template.Template

	mu    sync.Mutex
	made  map[fragment]template.HTML
	bytes int
}

// fragment is what a partial writes for one essence. There is nothing else that
// it could depend on.
type fragment struct {
	partial string
	essence any // comparable
}

// mostFragments bounds what fragments keep, in bytes of HTML.
const mostFragments = 1 << 20

// hasEssence reports whether a partial is one of those that essence knows. They
// stand in the content of elements alone: what they write is HTML, and would be
// something else in an attribute.
func hasEssence(partial string) bool {
	switch partial {
	case "partials/date.html", "partials/version-name.html", "partials/dates.html", "partials/counts.html",
		"partials/crumb.html", "partials/assets.html", "partials/header.html", "partials/footer.html":
		return true
	}
	return false
}

// essence is what a partial may take from the data it is handed: less, so that
// it is equal more often, and comparable. The partial is given the essence in
// place of the data: one that needed more would fail, not write what is true of
// another page. It is nil where it cannot be told.
func essence(partial string, data any) any {
	switch partial {
	case "partials/date.html":
		if date, ok := data.(policy.Date); ok {
			return date
		}
	case "partials/version-name.html":
		switch v := data.(type) {
		case *version:
			return versionName{v.On, v.Nth, v.Draft}
		case *sameText:
			return versionName{v.On, v.Nth, v.Draft}
		}
	case "partials/dates.html":
		// The address of a text that is repeated depends on the page.
		if v, ok := data.(*version); ok && v.SameText == nil {
			return versionDates{v.Recorded, v.Day, v.PublishedOn, v.Published, v.Declared, v.InForce, v.Draft, nil}
		}
	case "partials/counts.html":
		if s, ok := data.(touched); ok {
			return sectionCounts{s.Changes, s.Added, s.Removed}
		}
	case "partials/crumb.html":
		if l, ok := data.(link); ok {
			return l
		}
	case "partials/assets.html", "partials/header.html", "partials/footer.html":
		if page, ok := data.(interface{ around() around }); ok {
			return page.around()
		}
	}
	return nil
}

type versionName struct {
	On    policy.Date
	Nth   string
	Draft bool
}

type versionDates struct {
	Recorded    time.Time
	Day         policy.Date
	PublishedOn bool
	Published   policy.Date
	Declared    policy.Declared
	InForce     *policy.Interval // of the policy.Version, which never changes
	Draft       bool
	SameText    *sameText // nil
}

type sectionCounts struct{ Changes, Added, Removed int }

// around is what a page has around its main part, the same on all pages that
// are as deep below the site's root.
type around struct {
	Site                                   *Site
	Home, Changes, Manifest, Style, Script string
	Inline                                 template.CSS
}

func (f frame) around() around {
	return around{f.Site, f.Home, f.Changes, f.Manifest, f.Style, f.Script, f.Inline}
}

// of is what {{template partial data}} would write.
func (f *fragments) of(partial string, data any) (template.HTML, error) {
	own := essence(partial, data)
	key := fragment{partial, own}
	if own != nil {
		f.mu.Lock()
		html, ok := f.made[key]
		f.mu.Unlock()
		if ok {
			return html, nil
		}
		data = own
	}
	var out strings.Builder
	if err := f.partials.ExecuteTemplate(&out, partial, data); err != nil {
		return "", err
	}
	html := template.HTML(out.String())
	if own != nil {
		f.keep(key, html)
	}
	return html, nil
}

func (f *fragments) keep(key fragment, html template.HTML) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bytes += len(html); f.made == nil || f.bytes > mostFragments {
		f.made, f.bytes = map[fragment]template.HTML{}, len(html)
	}
	f.made[key] = html
}

// use makes a set of templates, before its first execution, ask f for what
// partials with an essence write: {{template "partials/date.html" .Day}} becomes
// {{fragment "partials/date.html" .Day}}.
func (f *fragments) use(set *template.Template) {
	set.Funcs(template.FuncMap{"fragment": f.of})
	for _, t := range set.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			f.replace(t.Tree, t.Tree.Root)
		}
	}
}

func (f *fragments) replace(tree *parse.Tree, list *parse.ListNode) {
	for i, node := range list.Nodes {
		n, ok := node.(*parse.TemplateNode)
		if !ok || n.Pipe == nil || !hasEssence(n.Name) {
			continue
		}
		list.Nodes[i] = &parse.ActionNode{NodeType: parse.NodeAction, Pos: n.Pos, Line: n.Line, Pipe: &parse.PipeNode{
			NodeType: parse.NodePipe, Pos: n.Pos, Line: n.Line, Cmds: []*parse.CommandNode{{
				NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{
					parse.NewIdentifier("fragment").SetPos(n.Pos).SetTree(tree),
					&parse.StringNode{NodeType: parse.NodeString, Pos: n.Pos, Quoted: strconv.Quote(n.Name), Text: n.Name},
					n.Pipe,
				},
			}},
		}}
	}
	lists(list, func(inner *parse.ListNode, _ bool) { f.replace(tree, inner) })
}
