package pages

import (
	"html/template"
	"strings"
	"sync"
	"text/template/parse"
	"time"
	"unicode"

	"github.com/policysite/policysite/builder/policy"
)

// fragments are what one partial of the default theme wrote, by what it was
// given. The name and the dates of a version stand on a dozen pages, the header
// of the site on all, and templates take their time: writing one address is
// three calls by reflection. So such a partial is executed once for all data
// that is equal. fragments are safe for concurrent use.
type fragments struct {
	partial *template.Template
	essence essence

	mu    sync.Mutex
	made  map[any]template.HTML // by essence
	bytes int
}

// essence is what a partial may take from the data it is handed: less, so that
// it is equal more often, and comparable. The partial is given the essence in
// place of the data: one that needed more would fail, not write what is true of
// another page. It is nil where that cannot be told from the data.
type essence func(data any) any

// mostFragments bounds what is kept of one partial, in bytes of HTML.
const mostFragments = 512 << 10

// essences are those of the partials that are worth it. All of them stand in
// the content of elements: what they write is HTML, and would be something else
// in an attribute.
func essences() map[string]essence {
	site := func(data any) any {
		page, ok := data.(interface{ around() around })
		if !ok {
			return nil
		}
		return page.around()
	}
	return map[string]essence{
		"partials/assets.html":       site,
		"partials/header.html":       site,
		"partials/footer.html":       site,
		"partials/crumb.html":        itself[link],
		"partials/date.html":         itself[policy.Date],
		"partials/version-name.html": essenceOfName,
		"partials/dates.html":        essenceOfDates,
		"partials/counts.html":       essenceOfCounts,
	}
}

func itself[T comparable](data any) any {
	if _, ok := data.(T); !ok {
		return nil
	}
	return data
}

// around is what a page has around its main part, the same on all pages that
// are as deep below the site's root.
type around struct {
	Site                                   *Site
	Home, Changes, Manifest, Style, Script string
	Inline                                 template.CSS
}

func (f Frame) around() around {
	return around{f.Site, f.Home, f.Changes, f.Manifest, f.Style, f.Script, f.Inline}
}

type versionName struct {
	On    policy.Date
	Nth   string
	Draft bool
}

func essenceOfName(data any) any {
	switch v := data.(type) {
	case *version:
		return versionName{v.On, v.Nth, v.Draft}
	case *sameText:
		return versionName{v.On, v.Nth, v.Draft}
	}
	return nil
}

type versionDates struct {
	Recorded    time.Time
	Day         policy.Date
	PublishedOn bool
	Published   policy.Date
	Declared    policy.Declared
	InForce     *policy.Interval // of the policy.Version, which never changes
	Draft       bool
	same        sameText // zero when there is none
}

func (d versionDates) SameText() *sameText {
	if d.same == (sameText{}) {
		return nil
	}
	return &d.same
}

func essenceOfDates(data any) any {
	v, ok := data.(*version)
	if !ok {
		return nil
	}
	dates := versionDates{v.Recorded, v.Day, v.PublishedOn, v.Published, v.Declared, v.InForce, v.Draft, sameText{}}
	if v.SameText != nil {
		dates.same = *v.SameText
	}
	return dates
}

type sectionCounts struct{ Changes, Added, Removed int }

func essenceOfCounts(data any) any {
	s, ok := data.(touched)
	if !ok {
		return nil
	}
	return sectionCounts{s.Changes, s.Added, s.Removed}
}

// newFragments are those of each partial with an essence, by its name; common
// are the partials.
func newFragments(common *template.Template) map[string]*fragments {
	all := map[string]*fragments{}
	for name, essence := range essences() {
		if partial := common.Lookup(name); partial != nil {
			all[name] = &fragments{partial: partial, essence: essence}
		}
	}
	return all
}

// of is what {{template partial data}} would write.
func (f *fragments) of(data any) (template.HTML, error) {
	key := f.essence(data)
	if key != nil {
		f.mu.Lock()
		html, ok := f.made[key]
		f.mu.Unlock()
		if ok {
			return html, nil
		}
		data = key
	}
	var out strings.Builder
	if err := f.partial.Execute(&out, data); err != nil {
		return "", err
	}
	html := template.HTML(out.String())
	if key != nil {
		f.keep(key, html)
	}
	return html, nil
}

func (f *fragments) keep(key any, html template.HTML) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bytes += len(html); f.made == nil || f.bytes > mostFragments {
		f.made, f.bytes = map[any]template.HTML{}, len(html)
	}
	f.made[key] = html
}

// useFragments makes a set of templates, before its first execution, ask for
// what partials with fragments write: {{template "partials/date.html" .Day}}
// becomes {{partialsdatehtml .Day}}.
func useFragments(set *template.Template, all map[string]*fragments) {
	functions := template.FuncMap{}
	for name, f := range all {
		functions[function(name)] = f.of
	}
	set.Funcs(functions)
	for _, t := range set.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			replaceCalls(t.Tree, t.Tree.Root, all)
		}
	}
}

// function is a partial's name as that of a function.
func function(partial string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, partial)
}

func replaceCalls(tree *parse.Tree, list *parse.ListNode, all map[string]*fragments) {
	for i, node := range list.Nodes {
		n, ok := node.(*parse.TemplateNode)
		if !ok || n.Pipe == nil || all[n.Name] == nil {
			continue
		}
		var data parse.Node = n.Pipe
		if len(n.Pipe.Cmds) == 1 && len(n.Pipe.Cmds[0].Args) == 1 && len(n.Pipe.Decl) == 0 {
			data = n.Pipe.Cmds[0].Args[0] // .Day, not (.Day), which is quicker
		}
		list.Nodes[i] = &parse.ActionNode{NodeType: parse.NodeAction, Pos: n.Pos, Line: n.Line, Pipe: &parse.PipeNode{
			NodeType: parse.NodePipe, Pos: n.Pos, Line: n.Line, Cmds: []*parse.CommandNode{{
				NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{
					parse.NewIdentifier(function(n.Name)).SetPos(n.Pos).SetTree(tree), data,
				},
			}},
		}}
	}
	lists(list, func(inner *parse.ListNode, _ bool) { replaceCalls(tree, inner, all) })
}
