package pages

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// expression makes a value of one type. Of an expression whose type depends on
// the values, as that of {{and .Count .Name}} does, is known only whether it holds.
type expression struct {
	of    reflect.Type // nil when it depends on the values
	eval  func(x *execution, dot reflect.Value) reflect.Value
	holds test // nil when it is to be told from the value
}

// pipe compiles a pipeline of one command.
func (c *compiler) pipe(p *parse.PipeNode, dot reflect.Type) expression {
	if len(p.Cmds) != 1 || len(p.Decl) > 0 {
		panic(unknown{p})
	}
	cmd := p.Cmds[0]
	if f, ok := cmd.Args[0].(*parse.IdentifierNode); ok {
		return c.function(f.Ident, cmd, dot)
	}
	if len(cmd.Args) > 1 {
		panic(unknown{p}) // a method with arguments
	}
	return c.operand(cmd.Args[0], dot)
}

// value compiles an operand that has one type.
func (c *compiler) value(n parse.Node, dot reflect.Type) expression {
	e := c.operand(n, dot)
	if e.of == nil || e.of.Kind() == reflect.Interface {
		panic(unknown{n})
	}
	return e
}

func (c *compiler) operand(n parse.Node, dot reflect.Type) expression {
	switch n := n.(type) {
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.DotNode:
		return itself(dot)
	case *parse.FieldNode:
		return c.fields(n, itself(dot), n.Ident)
	case *parse.VariableNode:
		for at, v := range slices.Backward(c.scope) {
			if v.name == n.Ident[0] {
				return c.fields(n, expression{of: v.of, eval: func(x *execution, _ reflect.Value) reflect.Value {
					return x.stack[x.base+at]
				}}, n.Ident[1:])
			}
		}
	case *parse.StringNode:
		return constant(n.Text)
	case *parse.NumberNode:
		if i := int(n.Int64); n.Text == strconv.Itoa(i) {
			return constant(i)
		}
	}
	panic(unknown{n})
}

func itself(dot reflect.Type) expression {
	return expression{of: dot, eval: func(_ *execution, dot reflect.Value) reflect.Value { return dot }}
}

func constant(value any) expression {
	v := reflect.ValueOf(value)
	return expression{of: v.Type(), eval: func(*execution, reflect.Value) reflect.Value { return v }}
}

// condition is an expression of a test.
func condition(holds test) expression {
	return expression{reflect.TypeFor[bool](), func(x *execution, dot reflect.Value) reflect.Value {
		return reflect.ValueOf(holds(x, dot))
	}, holds}
}

// fields compiles .A.B of a value. As for the library, a method comes before a field.
func (c *compiler) fields(n parse.Node, e expression, names []string) expression {
	for _, name := range names {
		value, of := e.eval, e.of
		pointer := of.Kind() == reflect.Pointer
		if pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			panic(unknown{n})
		}
		if m, ok := reflect.PointerTo(of).MethodByName(name); ok {
			if m.Type.NumIn() != 1 || m.Type.NumOut() != 1 {
				panic(unknown{n})
			}
			call := caller(m)
			e = expression{of: m.Type.Out(0), eval: func(x *execution, dot reflect.Value) reflect.Value {
				v := value(x, dot)
				if !pointer {
					v = v.Addr()
				}
				return call(v)
			}}
			continue
		}
		f, ok := of.FieldByName(name)
		if !ok || !f.IsExported() {
			panic(unknown{n})
		}
		e = expression{of: f.Type, eval: func(x *execution, dot reflect.Value) reflect.Value {
			v := value(x, dot)
			if pointer {
				v = v.Elem()
			}
			return v.FieldByIndex(f.Index)
		}}
	}
	return e
}

// caller returns what calls a method without arguments. Those of dates are called
// for every date of a page, and a call by reflection takes its time.
func caller(m reflect.Method) func(of reflect.Value) reflect.Value {
	type (
		zeroer interface{ IsZero() bool }
		longer interface{ Long() string }
	)
	switch of := m.Type.In(0); {
	case m.Name == "IsZero" && of.Implements(reflect.TypeFor[zeroer]()):
		return func(v reflect.Value) reflect.Value { return reflect.ValueOf(v.Interface().(zeroer).IsZero()) }
	case m.Name == "Long" && of.Implements(reflect.TypeFor[longer]()):
		return func(v reflect.Value) reflect.Value { return reflect.ValueOf(v.Interface().(longer).Long()) }
	}
	return func(v reflect.Value) reflect.Value { return v.Method(m.Index).Call(nil)[0] }
}

// truth compiles whether an expression is true in the sense of template.IsTrue.
func truth(n parse.Node, e expression) test {
	if e.holds != nil {
		return e.holds
	}
	holds := truthOf(n, e.of)
	return func(x *execution, dot reflect.Value) bool { return holds(e.eval(x, dot)) }
}

func truthOf(n parse.Node, of reflect.Type) func(v reflect.Value) bool {
	switch of.Kind() {
	case reflect.Bool:
		return reflect.Value.Bool
	case reflect.String, reflect.Slice:
		return func(v reflect.Value) bool { return v.Len() > 0 }
	case reflect.Int:
		return func(v reflect.Value) bool { return v.Int() != 0 }
	case reflect.Pointer:
		return func(v reflect.Value) bool { return !v.IsNil() }
	case reflect.Struct:
		return func(reflect.Value) bool { return true }
	}
	panic(unknown{n})
}

// function compiles the call of a function of the language.
func (c *compiler) function(name string, cmd *parse.CommandNode, dot reflect.Type) expression {
	args := cmd.Args[1:]
	switch {
	case name == "len" && len(args) == 1:
		e := c.value(args[0], dot)
		if e.of.Kind() != reflect.Slice && e.of.Kind() != reflect.String {
			break
		}
		return expression{of: reflect.TypeFor[int](), eval: func(x *execution, dot reflect.Value) reflect.Value {
			return reflect.ValueOf(e.eval(x, dot).Len())
		}}
	case name == "not" && len(args) == 1:
		holds := truth(args[0], c.operand(args[0], dot))
		return condition(func(x *execution, dot reflect.Value) bool { return !holds(x, dot) })
	case (name == "and" || name == "or") && len(args) > 0:
		return c.choose(args, dot, name == "or")
	case name == "eq" && len(args) > 1:
		return c.compare(cmd, dot, func(order int) bool { return order == 0 })
	case name == "ne" && len(args) == 2:
		return c.compare(cmd, dot, func(order int) bool { return order != 0 })
	case name == "gt" && len(args) == 2:
		return c.compare(cmd, dot, func(order int) bool { return order > 0 })
	}
	panic(unknown{cmd})
}

// choose compiles the first of some arguments that holds, and the last if none
// does: what or is. With holds false it is and.
func (c *compiler) choose(args []parse.Node, dot reflect.Type, holds bool) expression {
	var all []expression
	var tests []test
	for _, n := range args {
		e := c.operand(n, dot)
		all, tests = append(all, e), append(tests, truth(n, e))
	}
	chosen := expression{holds: func(x *execution, dot reflect.Value) bool {
		for _, t := range tests {
			if t(x, dot) == holds {
				return holds
			}
		}
		return !holds
	}}
	if of := all[0].of; of != nil && !slices.ContainsFunc(all, func(e expression) bool { return e.of != of }) {
		truth := truthOf(args[0], of)
		chosen.of, chosen.eval = of, func(x *execution, dot reflect.Value) (v reflect.Value) {
			for _, e := range all {
				if v = e.eval(x, dot); truth(v) == holds {
					break
				}
			}
			return v
		}
	}
	return chosen
}

// compare compiles eq and its like for texts, and for integers.
func (c *compiler) compare(cmd *parse.CommandNode, dot reflect.Type, same func(order int) bool) expression {
	var all []expression
	for _, n := range cmd.Args[1:] {
		e := c.value(n, dot)
		if k := e.of.Kind(); k != reflect.String && k != reflect.Int || len(all) > 0 && k != all[0].of.Kind() {
			panic(unknown{cmd})
		}
		all = append(all, e)
	}
	order := func(v, w reflect.Value) int { return cmp.Compare(v.Int(), w.Int()) }
	if all[0].of.Kind() == reflect.String {
		order = func(v, w reflect.Value) int { return strings.Compare(v.String(), w.String()) }
	}
	return condition(func(x *execution, dot reflect.Value) bool {
		first := all[0].eval(x, dot)
		for _, e := range all[1:] {
			if same(order(first, e.eval(x, dot))) {
				return true
			}
		}
		return false
	})
}
