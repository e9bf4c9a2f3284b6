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

// escaping is a chain of the library's escapers, which it has put behind a value
// of a template for the place where it stands: that of an address in an
// attribute is "_html_template_urlfilter | _html_template_urlnormalizer |
// _html_template_attrescaper". Most values have nothing in them that would be
// escaped, and are written as they are; the others are left to the library.
type escaping struct {
	library *template.Template // {{. | the escapers}}
	html    bool               // template.HTML stays as it is
	plain   bool               // it escapes the text of a value, character by character
	same    [256]bool          // bytes of which a plain text stays as it is
	https   bool               // and so do these with "https://" before them
}

// escapings are those of a theme, by the names of the escapers.
type escapings struct {
	mu   sync.Mutex
	made map[string]*escaping
}

// of returns the escaping of some commands at the end of an escaped pipeline.
func (all *escapings) of(commands []*parse.CommandNode) *escaping {
	var names []string
	if len(commands) == 0 {
		panic(unknown{"what is not escaped"})
	}
	for _, cmd := range commands {
		f, ok := cmd.Args[0].(*parse.IdentifierNode)
		if !ok || len(cmd.Args) != 1 || !strings.HasPrefix(f.Ident, "_html_template_") {
			panic(unknown{cmd})
		}
		names = append(names, f.Ident)
	}
	key := strings.Join(names, " ")
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.made[key] == nil {
		if all.made == nil {
			all.made = map[string]*escaping{}
		}
		all.made[key] = newEscaping(names, commands)
	}
	return all.made[key]
}

func newEscaping(names []string, commands []*parse.CommandNode) *escaping {
	e := &escaping{library: template.Must(template.New("").Parse("{{.}}"))}
	e.library.Execute(io.Discard, "") // its pipeline is escaped now, for the content of an element
	pipe := e.library.Tree.Root.Nodes[0].(*parse.ActionNode).Pipe
	pipe.Cmds = append(pipe.Cmds[:1], commands...)

	e.html = len(names) == 1 && names[0] == "_html_template_htmlescaper"
	for _, name := range names {
		switch name {
		case "_html_template_htmlescaper", "_html_template_attrescaper", "_html_template_rcdataescaper",
			"_html_template_urlfilter", "_html_template_urlnormalizer", "_html_template_urlescaper":
			// Each of these looks at one character after the other, whatever is
			// around it, but for a colon and for "%", which they do not leave alone
			// by themselves: so a text stays as it is if all its bytes do.
		default:
			return e
		}
	}
	e.plain = true
	stays := func(s string) bool {
		var out strings.Builder
		return e.library.Execute(&out, s) == nil && out.String() == s
	}
	for b := range e.same {
		e.same[b] = stays(string([]byte{byte(b)}))
	}
	e.https = stays("https://")
	return e
}

// leaves reports whether a plain escaping is known to leave a text as it is.
func (e *escaping) leaves(s string) bool {
	if e.https {
		s = strings.TrimPrefix(s, "https://")
	}
	for i := range len(s) {
		if !e.same[s[i]] {
			return false
		}
	}
	return true
}

// escape writes what the library makes of a value.
func (e *escaping) escape(to *bytes.Buffer, value any) {
	if err := e.library.Execute(to, value); err != nil {
		panic(err)
	}
}

func (e *escaping) text(to *bytes.Buffer, s string) {
	if e.leaves(s) {
		to.WriteString(s)
	} else {
		e.escape(to, s)
	}
}

// writer returns what writes values of a type.
func (e *escaping) writer(of reflect.Type) func(to *bytes.Buffer, v reflect.Value) {
	stringer := of.Implements(reflect.TypeFor[fmt.Stringer]())
	library := of.Implements(reflect.TypeFor[error]()) || of.Implements(reflect.TypeFor[fmt.Formatter]())
	switch {
	case e.html && of == reflect.TypeFor[template.HTML]():
		return func(to *bytes.Buffer, v reflect.Value) { to.WriteString(v.String()) }
	case library || !e.plain || of.PkgPath() == "html/template":
	case stringer && of.Kind() == reflect.Struct:
		return func(to *bytes.Buffer, v reflect.Value) {
			if v.CanAddr() {
				v = v.Addr() // which needs no copy of it
			}
			e.text(to, v.Interface().(fmt.Stringer).String())
		}
	case stringer:
	case of.Kind() == reflect.String:
		return func(to *bytes.Buffer, v reflect.Value) { e.text(to, v.String()) }
	case of.Kind() == reflect.Int && e.leaves("-0123456789"):
		return func(to *bytes.Buffer, v reflect.Value) {
			to.Write(strconv.AppendInt(to.AvailableBuffer(), v.Int(), 10))
		}
	}
	return func(to *bytes.Buffer, v reflect.Value) { e.escape(to, v.Interface()) }
}
