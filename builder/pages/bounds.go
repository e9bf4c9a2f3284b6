package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
)

// What a user's templates may take. The library cannot cancel a template, so
// that a loop without end would stop a build for good; and it escapes the body
// of a loop twice, that of a loop in a loop four times, and so on. Everything
// here is counted and nothing timed: a site is built on every machine or on
// none. A count says little of what comparing two long texts takes, so who
// builds other people's repositories limits the process as well.
const (
	maxTemplate = 256 << 10 // bytes of a file
	maxRanges   = 8         // loops in one another, in one template
	maxSteps    = 5_000_000 // nodes executed for one page; one takes some 0.2 µs
	maxCalls    = 1000      // templates in one another
	maxMade     = 16 << 20  // bytes of all strings that printf and its like make for one page
	maxFrame    = 32 << 20  // bytes of one page without its text
)

// A limit is what was exceeded.
type limit string

func (l limit) Error() string { return string(l) }

// bounded is a page template of a theme that has files of the user's. Each
// instance of it belongs to one execution at a time.
type bounded struct {
	template  *template.Template // never executed itself: that would end its cloning
	instances sync.Pool          // of *instance
}

type instance struct {
	template *template.Template
	meter    *meter
}

// bound prepares a set of templates, of which one writes a page.
func bound(page *template.Template) *bounded {
	for _, t := range page.Templates() {
		if t.Tree == nil || t.Tree.Root == nil {
			continue
		}
		root := t.Tree.Root
		count(t.Tree, root)
		root.Nodes = append([]parse.Node{call(t.Tree, root, "enterTemplate", weigh(root))}, root.Nodes...)
		root.Nodes = append(root.Nodes, call(t.Tree, root, "leaveTemplate", 0))
	}
	return &bounded{template: page}
}

// Execute writes a page, within the limits.
func (b *bounded) Execute(w io.Writer, data any) error {
	i, _ := b.instances.Get().(*instance)
	if i == nil {
		clone, err := b.template.Clone()
		if err != nil {
			return err
		}
		i = &instance{clone, &meter{}}
		clone.Funcs(i.meter.functions())
	}
	*i.meter = meter{to: w}
	err := i.template.Execute(i.meter, data)
	if err == nil {
		i.meter.to = nil
		b.instances.Put(i)
	}
	return err
}

// nests reports whether a list has loops in one another deeper than so many.
func nests(list *parse.ListNode, loops int) bool {
	deep := false
	lists(list, func(inner *parse.ListNode, loop bool) {
		if left := loops; loop {
			deep = deep || left == 0 || nests(inner, left-1)
		} else {
			deep = deep || nests(inner, left)
		}
	})
	return deep
}

// lists calls f for each list directly below one; loop tells the body of one.
func lists(list *parse.ListNode, f func(inner *parse.ListNode, loop bool)) {
	branch := func(b *parse.BranchNode, loop bool) {
		f(b.List, loop)
		if b.ElseList != nil {
			f(b.ElseList, false)
		}
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			branch(&n.BranchNode, false)
		case *parse.WithNode:
			branch(&n.BranchNode, false)
		case *parse.RangeNode:
			branch(&n.BranchNode, true)
		}
	}
}

// count makes every loop count its rounds.
func count(tree *parse.Tree, list *parse.ListNode) {
	lists(list, func(inner *parse.ListNode, loop bool) {
		count(tree, inner)
		if loop {
			inner.Nodes = append([]parse.Node{call(tree, inner, "countRound", weigh(inner))}, inner.Nodes...)
		}
	})
}

// weigh is how many nodes one round of a list executes at most. Expressions
// count by the length of their source: they may be nested.
func weigh(list *parse.ListNode) int {
	n := 3 // the counting itself
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.TextNode, *parse.CommentNode:
			n++
		case *parse.IfNode:
			n += len(node.Pipe.String()) / 8
		case *parse.WithNode:
			n += len(node.Pipe.String()) / 8
		case *parse.RangeNode:
			n += len(node.Pipe.String()) / 8
		default:
			n += 1 + len(node.String())/8
		}
	}
	lists(list, func(inner *parse.ListNode, loop bool) {
		if !loop {
			n += weigh(inner)
		}
	})
	return n
}

// call is the node of {{if name n}}{{end}}. It writes nothing, in whatever
// context it stands, and errors of it name the place of the list.
func call(tree *parse.Tree, at *parse.ListNode, name string, n int) parse.Node {
	pos := at.Pos
	if len(at.Nodes) > 0 {
		pos = at.Nodes[0].Position()
	}
	text := strconv.Itoa(n)
	return &parse.IfNode{BranchNode: parse.BranchNode{
		NodeType: parse.NodeIf, Pos: pos,
		List: &parse.ListNode{NodeType: parse.NodeList, Pos: pos},
		Pipe: &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{{
			NodeType: parse.NodeCommand, Pos: pos, Args: []parse.Node{
				parse.NewIdentifier(name).SetPos(pos).SetTree(tree),
				&parse.NumberNode{NodeType: parse.NodeNumber, Pos: pos, IsInt: true, Int64: int64(n), Text: text},
			},
		}}},
	}}
}

// meter counts what one execution takes, and is where it writes.
type meter struct {
	to                   io.Writer
	steps, calls         int
	made, written, texts int
}

func (m *meter) Write(p []byte) (int, error) {
	if m.written += len(p); m.written > maxFrame {
		return 0, limit(fmt.Sprintf("the page is larger than %d MiB", maxFrame>>20))
	}
	if m.texts += bytes.Count(p, []byte(textMark)); m.texts > 1 {
		return 0, limit("the page has its .Text twice, which must stand in one element")
	}
	return m.to.Write(p)
}

// functions are those that count, and those of the language that make strings.
func (m *meter) functions() template.FuncMap {
	// Each is the function of the language, between two looks at the sizes.
	bounded := func(f func(args ...any) string) func(args ...any) (string, error) {
		return func(args ...any) (string, error) {
			if err := m.make(0, args...); err != nil {
				return "", err
			}
			s := f(args...)
			return s, m.keep(len(s))
		}
	}
	return template.FuncMap{
		"countRound": m.step,
		"enterTemplate": func(nodes int) (bool, error) {
			if m.calls++; m.calls > maxCalls {
				return false, limit(fmt.Sprintf("templates call one another more than %d deep", maxCalls))
			}
			return m.step(nodes)
		},
		"leaveTemplate": func(int) bool { m.calls--; return false },
		"print":         bounded(fmt.Sprint),
		"println":       bounded(fmt.Sprintln),
		"html":          bounded(template.HTMLEscaper),
		"js":            bounded(template.JSEscaper),
		"urlquery":      bounded(template.URLQueryEscaper),
		"printf": func(format string, args ...any) (string, error) {
			verbs := strings.Count(format, "%")
			if err := m.make(widths(format, args)+max(0, verbs-1)*longest(args), append(args, format)...); err != nil {
				return "", err
			}
			s := fmt.Sprintf(format, args...)
			return s, m.keep(len(s))
		},
	}
}

// step counts nodes that are executed.
func (m *meter) step(nodes int) (bool, error) {
	if m.steps += nodes; m.steps > maxSteps {
		return false, limit(fmt.Sprintf("the page takes more than %d steps: a loop with too many rounds", maxSteps))
	}
	return false, nil
}

// make reports whether a string of so many bytes more than its parts may be
// made.
func (m *meter) make(more int, parts ...any) error {
	n := m.made + more
	for _, p := range parts {
		if v := reflect.ValueOf(p); v.Kind() == reflect.String {
			n += v.Len()
		}
	}
	if n > maxMade {
		return limit(fmt.Sprintf("the page makes strings of more than %d MiB", maxMade>>20))
	}
	return nil
}

// keep counts a string that was made.
func (m *meter) keep(n int) error {
	m.made += n
	return m.make(0)
}

// longest is the size of the largest argument when it is written out.
func longest(args []any) int {
	n := 0
	for _, a := range args {
		switch v := reflect.ValueOf(a); v.Kind() {
		case reflect.String:
			n = max(n, v.Len())
		case reflect.Array, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.Struct:
			n = max(n, len(fmt.Sprintf("%#v", a)))
		default:
			n = max(n, 64)
		}
	}
	return n
}

// widths is what the numbers in a format can add: widths, precisions, and for
// each * the arguments that are numbers.
func widths(format string, args []any) int {
	total := 0
	for rest := format; rest != ""; {
		at := strings.IndexAny(rest, "0123456789")
		if at < 0 {
			break
		}
		rest = rest[at:]
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(rest)
		}
		n, err := strconv.Atoi(rest[:end])
		if err != nil || n > maxMade {
			n = maxMade
		}
		if total += n; total > maxMade {
			return total
		}
		rest = rest[end:]
	}
	if stars := strings.Count(format, "*"); stars > 0 {
		for _, a := range args {
			if v := reflect.ValueOf(a); v.CanInt() {
				n := max(v.Int(), -v.Int(), 0)
				total += stars * int(min(n, maxMade))
			}
		}
	}
	return total
}
