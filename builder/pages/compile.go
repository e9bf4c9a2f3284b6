package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strings"
	"sync"
	"text/template/parse"
)

// The library looks up every field by its name, anew for each value, and calls
// every escaper by reflection: most of what a page costs. The default theme is
// known, and so are the types of what its pages are given. So a template is
// compiled, after the library has escaped it, for the type of its data: fields
// are found then, and what an escaper would leave as it is is written as it is
// (see escape.go). What the compiler does not know leaves the whole page to the
// library, and so does what fails while it is executed: the library says then
// what is wrong, and where.

// compiled is a page template of the default theme.
type compiled struct {
	template  *template.Template // not executed before it is compiled: that ends its cloning
	escapings *escapings

	once sync.Once
	data reflect.Type // that the template was compiled for
	page *routine     // nil when the library has to execute it
	err  error        // why
}

// execute writes a page, and reports whether it has. All data of one template
// must have the same type.
func (t *compiled) execute(to *bytes.Buffer, data any) (done bool) {
	dot := reflect.ValueOf(data)
	t.once.Do(func() {
		t.data = dot.Type()
		t.page, t.err = compile(t.template, t.data, t.escapings)
	})
	if t.page == nil || t.data != dot.Type() {
		return false
	}
	start := to.Len()
	defer func() {
		// A pointer is nil, or a method has panicked.
		if !done && recover() != nil {
			to.Truncate(start)
		}
	}()
	x := &execution{to: to, stack: make([]reflect.Value, t.page.stack)}
	x.stack[0] = dot
	t.page.body(x, dot)
	return true
}

// execution is one execution of a page.
type execution struct {
	to    *bytes.Buffer
	stack []reflect.Value // the variables of each template that is executed, its $ first
	base  int             // where those of the innermost start
}

// A step executes a part of a template, a test tells whether a condition holds.
type (
	step func(x *execution, dot reflect.Value)
	test func(x *execution, dot reflect.Value) bool
)

// routine is a template for one type of data.
type routine struct {
	body  step
	own   int // variables
	stack int // variables, with those of the templates that it calls
}

// compiler compiles one page.
type compiler struct {
	set       *template.Template // escaped
	escapings *escapings
	routines  map[use]*routine // nil while they are compiled

	routine *routine // the one that is compiled
	scope   []variable
}

type use struct {
	name string
	data reflect.Type
}

type variable struct {
	name string
	of   reflect.Type
}

// unknown is what the compiler panics with where it meets what it does not know.
type unknown struct{ node any }

func (u unknown) Error() string { return fmt.Sprintf("%s is not compiled", u.node) }

// compile fails where a template has something that the compiler does not know.
func compile(page *template.Template, data reflect.Type, escapings *escapings) (r *routine, err error) {
	set, err := escaped(page)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			var ok bool
			if err, ok = p.(unknown); !ok {
				panic(p)
			}
		}
	}()
	c := &compiler{set: set, escapings: escapings, routines: map[use]*routine{}}
	return c.call(page.Name(), use{page.Name(), data}), nil
}

// escaped returns a copy of a page template with its set, as the library escapes
// them. A template that is called in several contexts, in the content of an
// element and among its attributes, is escaped in a copy for each. The library
// shows these only where they are templates of the set, by its names for them,
// so they are added to it.
func escaped(page *template.Template) (*template.Template, error) {
	for {
		set, err := page.Clone()
		if err != nil {
			return nil, err
		}
		_ = set.Execute(io.Discard, nil) // escapes, and fails then for want of data
		whole := true
		for _, t := range set.Templates() {
			for _, name := range called(t.Tree) {
				original, _, _ := strings.Cut(name, "$")
				of := page.Lookup(original)
				if of == nil || page.Lookup(name) != nil {
					continue
				}
				if _, err := page.AddParseTree(name, of.Tree.Copy()); err != nil {
					return nil, err
				}
				whole = false
			}
		}
		if whole {
			return set, nil
		}
	}
}

// called names the templates that a template calls.
func called(tree *parse.Tree) []string {
	var names []string
	var visit func(list *parse.ListNode)
	visit = func(list *parse.ListNode) {
		for _, n := range list.Nodes {
			if n, ok := n.(*parse.TemplateNode); ok {
				names = append(names, n.Name)
			}
		}
		lists(list, func(inner *parse.ListNode, _ bool) { visit(inner) })
	}
	if tree != nil && tree.Root != nil {
		visit(tree.Root)
	}
	return names
}

// call compiles a template for a type of data.
func (c *compiler) call(at any, to use) *routine {
	if r, ok := c.routines[to]; ok {
		if r == nil {
			panic(unknown{at}) // it calls itself
		}
		return r
	}
	t := c.set.Lookup(to.name)
	if t == nil || t.Tree == nil || t.Tree.Root == nil {
		panic(unknown{at})
	}
	c.routines[to] = nil
	caller, scope := c.routine, c.scope
	r := &routine{}
	c.routine, c.scope = r, nil
	c.declare("$", to.data)
	r.body = c.list(t.Tree.Root, to.data)
	r.stack += r.own
	c.routine, c.scope = caller, scope
	c.routines[to] = r
	return r
}

// declare returns the place of a new variable.
func (c *compiler) declare(name string, of reflect.Type) int {
	c.scope = append(c.scope, variable{name, of})
	c.routine.own = max(c.routine.own, len(c.scope))
	return len(c.scope) - 1
}

// leave ends the scope of variables.
func (c *compiler) leave(variables int) { c.scope = c.scope[:variables] }

func (c *compiler) list(list *parse.ListNode, dot reflect.Type) step {
	defer c.leave(len(c.scope))
	var steps []step
	if list != nil {
		for _, n := range list.Nodes {
			steps = append(steps, c.node(n, dot))
		}
	}
	return func(x *execution, dot reflect.Value) {
		for _, s := range steps {
			s(x, dot)
		}
	}
}

func (c *compiler) node(n parse.Node, dot reflect.Type) step {
	switch n := n.(type) {
	case *parse.TextNode:
		return func(x *execution, _ reflect.Value) { x.to.Write(n.Text) }
	case *parse.ActionNode:
		return c.action(n, dot)
	case *parse.TemplateNode:
		return c.template(n, dot)
	case *parse.RangeNode:
		return c.loop(n, dot)
	case *parse.IfNode:
		holds := truth(n, c.pipe(n.Pipe, dot))
		then, otherwise := c.list(n.List, dot), c.list(n.ElseList, dot)
		return func(x *execution, dot reflect.Value) {
			if holds(x, dot) {
				then(x, dot)
			} else {
				otherwise(x, dot)
			}
		}
	case *parse.WithNode:
		value := c.value(n.Pipe, dot)
		holds := truthOf(n, value.of)
		then, otherwise := c.list(n.List, value.of), c.list(n.ElseList, dot)
		return func(x *execution, dot reflect.Value) {
			if v := value.eval(x, dot); holds(v) {
				then(x, v)
			} else {
				otherwise(x, dot)
			}
		}
	}
	panic(unknown{n})
}

// action compiles {{value}} and {{$variable := value}}.
func (c *compiler) action(n *parse.ActionNode, dot reflect.Type) step {
	pipe := *n.Pipe
	pipe.Decl = nil
	switch {
	case n.Pipe.IsAssign || len(n.Pipe.Decl) > 1:
		panic(unknown{n})
	case len(n.Pipe.Decl) == 1:
		value := c.value(&pipe, dot)
		at := c.declare(n.Pipe.Decl[0].Ident[0], value.of)
		return func(x *execution, dot reflect.Value) { x.stack[x.base+at] = value.eval(x, dot) }
	}
	pipe.Cmds = pipe.Cmds[:1]
	value := c.value(&pipe, dot)
	write := c.escapings.of(n.Pipe.Cmds[1:]).writer(value.of)
	return func(x *execution, dot reflect.Value) { write(x.to, value.eval(x, dot)) }
}

func (c *compiler) template(n *parse.TemplateNode, dot reflect.Type) step {
	if n.Pipe == nil {
		panic(unknown{n})
	}
	data := c.value(n.Pipe, dot)
	caller, called := c.routine, c.call(n, use{n.Name, data.of})
	caller.stack = max(caller.stack, called.stack)
	return func(x *execution, dot reflect.Value) {
		v := data.eval(x, dot)
		x.base += caller.own
		x.stack[x.base] = v
		called.body(x, v)
		x.base -= caller.own
	}
}

func (c *compiler) loop(n *parse.RangeNode, dot reflect.Type) step {
	defer c.leave(len(c.scope))
	pipe := *n.Pipe
	pipe.Decl = nil
	over := c.value(&pipe, dot)
	if over.of.Kind() != reflect.Slice || n.Pipe.IsAssign || len(n.Pipe.Decl) > 0 && n.ElseList != nil {
		panic(unknown{n})
	}
	otherwise := c.list(n.ElseList, dot)
	index, element := -1, -1 // places of the variables
	switch decl := n.Pipe.Decl; len(decl) {
	case 1:
		element = c.declare(decl[0].Ident[0], over.of.Elem())
	case 2:
		index = c.declare(decl[0].Ident[0], reflect.TypeFor[int]())
		element = c.declare(decl[1].Ident[0], over.of.Elem())
	}
	body := c.list(n.List, over.of.Elem())
	return func(x *execution, dot reflect.Value) {
		all := over.eval(x, dot)
		for i := range all.Len() {
			v := all.Index(i)
			if index >= 0 {
				x.stack[x.base+index] = reflect.ValueOf(i)
			}
			if element >= 0 {
				x.stack[x.base+element] = v
			}
			body(x, v)
		}
		if all.Len() == 0 {
			otherwise(x, dot)
		}
	}
}
