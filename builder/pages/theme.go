package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
)

// Theme is what pages look like: templates, the words of the interface, one style
// sheet, one script. It is parsed once and may be used by several Composers at a time.
type Theme struct {
	pages        map[string]source // by file name: "policy.html"
	book         *words.Book
	spoken       sync.Map        // pages in one language, when they are asked for: executor, by spokenPage
	own          map[string]bool // files that are the user's
	added        map[string]bool // of these, those that replace none of the theme's
	ownPages     bool            // some of these are templates
	remoteImages bool            // one of them shows an image of another host
	dir          string          // of the user's files, for messages
	minify       Minify          // nil leaves everything as it is made
	style        []byte          // minified
	script       []byte
	compare      []byte // the script of pages that compare texts, minified
	worker       []byte // and what it starts; nil, like module, where texts are not compared in a browser
	module       []byte
	styleURL     string
	scriptURL    string
	compareURL   string
	moduleSum    string // of worker and module
}

// source is what a page is made from: the template that writes it, and by their names
// all it can call. It is never executed itself, since each language has its own copy.
type source struct {
	root  string
	trees map[string]*parse.Tree
}

type spokenPage struct {
	in   *words.Words
	name string
}

type executor interface {
	Execute(w io.Writer, data any) error
}

// frameFile is the template around all others.
const frameFile = "base.html"

// sharedFiles write what all pages have in common: see surround.
var sharedFiles = [...]string{"partials/head.html", "partials/header.html", "partials/footer.html"}

// allowedFile writes what a page may load, a Content-Security-Policy: for the
// <meta> of each page, and for _headers.
const allowedFile = "partials/content-security-policy.html"

// themeFiles are the patterns of what a theme is read from.
var themeFiles = [...]string{"*.html", "partials/*.html", "style.css", "script.js", "compare.js", "worker.js", AccentFile, "custom.css", "i18n/*.yaml"}

// The comparison of texts for browsers, and what starts it: of base alone, if go
// generate has made them and the program was built with the tag compare.
const (
	moduleFile  = "compare.bin"
	starterFile = "wasm_exec.js"
)

// AccentFile is the style sheet with the colour of the brand: see Accent. It follows
// style.css, and custom.css follows it.
const AccentFile = "accent.css"

// Accent is the style sheet that gives links a colour on the light and the dark ground.
func Accent(light, dark string) []byte {
	return []byte(":root { --accent: " + light + " }\n@media (prefers-color-scheme: dark) { :root { --accent: " + dark + " } }\n@media print { :root { --accent: #000 } }\n")
}

// NewTheme reads a theme: the files of base, each replaced by the file of the
// same name in own, and own's further templates. own holds the content of the
// user's files by their path below dir, the folder that messages name, such as
// "layouts"; it may be nil. Only *.html at the root and in partials/, style.css,
// custom.css, which follows it, script.js, and words in i18n/ are read. Mistakes are
// reported as policy.Problems.
//
// A template that defines "main" is put into base.html; one that does not is a
// whole page of its own.
//
// With minify the theme's own templates are minified here, once, so that what
// they write is small. Where some are the user's, messages name places in them:
// so all stay as they are, and what they write is minified, page by page.
func NewTheme(base fs.FS, own map[string][]byte, dir string, minify Minify) (*Theme, error) {
	t := &Theme{
		minify: minify,
		pages:  map[string]source{},
		own:    map[string]bool{},
		added:  map[string]bool{},
		dir:    path.Clean(dir),
	}
	files, err := t.read(base, own)
	if err != nil {
		return nil, err
	}
	problems := t.shrink(files)
	if err := t.readModule(base, files["worker.js"]); err != nil {
		return nil, err
	}
	if t.book, err = words.New(own); err != nil {
		wrong, ok := err.(policy.Problems)
		if !ok {
			return nil, fmt.Errorf("theme: %w", err)
		}
		for _, p := range wrong {
			p.Path = path.Join(t.dir, p.Path)
		}
		problems = append(problems, wrong...)
	}
	if t.book != nil {
		for _, p := range t.book.Warnings {
			p.Path = path.Join(t.dir, p.Path)
		}
	}
	var pages, partials []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch {
		case !isTemplate(name) || name == frameFile:
		case strings.Contains(name, "/"):
			partials = append(partials, name)
		default:
			pages = append(pages, name)
		}
	}

	read := func(into *template.Template, name string) {
		if t.own[name] && len(files[name]) > maxTemplate {
			problems = append(problems, &policy.Problem{Path: path.Join(t.dir, name), Message: fmt.Sprintf("is larger than %d KiB", maxTemplate>>10), Hint: layoutsHint})
			return
		}
		if _, err := into.New(name).Parse(files[name]); err != nil {
			problems = append(problems, t.problem(name, err))
			return
		}
		for _, defined := range into.Templates() {
			if tree := defined.Tree; tree != nil && tree.ParseName == name && nests(tree.Root, maxRanges) {
				problems = append(problems, &policy.Problem{Path: path.Join(t.dir, name), Message: fmt.Sprintf("template %q has more than %d loops in one another", defined.Name(), maxRanges), Hint: layoutsHint})
			}
		}
	}
	common := template.New("").Funcs(functions(words.English()))
	for _, name := range append([]string{frameFile}, partials...) {
		read(common, name)
	}
	for _, name := range slices.Concat(sharedFiles[:], []string{allowedFile}, pages) {
		page := source{name, map[string]*parse.Tree{}}
		page.add(common)
		if slices.Contains(pages, name) {
			own := template.New("").Funcs(functions(words.English()))
			read(own, name)
			if page.add(own); page.trees["main"] != nil {
				page.root = frameFile
			}
		}
		if page.trees[page.root] != nil {
			t.pages[name] = page
		}
	}
	if problems != nil {
		problems.Sort()
		return nil, problems
	}
	return t, nil
}

// functions are those of templates, in one language.
func functions(w *words.Words) template.FuncMap {
	return template.FuncMap{"t": w.HTML, "date": w.Time, "link": linkHTML, "linked": linkedHTML}
}

// add takes the templates of a set, each instead of one of the same name unless it is
// empty: as text/template does when it parses one file after another.
func (s source) add(set *template.Template) {
	for _, defined := range set.Templates() {
		name, tree := defined.Name(), defined.Tree
		if tree != nil && (s.trees[name] == nil || !parse.IsEmptyTree(tree.Root)) {
			s.trees[name] = tree
		}
	}
}

// in returns a page's template in one language, with what it calls and no more: all
// that stands in a set is copied and kept, for each page and language once.
func (t *Theme) in(w *words.Words, name string) (executor, error) {
	key := spokenPage{w, name}
	if spoken, ok := t.spoken.Load(key); ok {
		return spoken.(executor), nil
	}
	page, ok := t.pages[name]
	if !ok {
		return nil, fmt.Errorf("theme: it has no template %q", name)
	}
	set := template.New("").Funcs(functions(w))
	for _, name := range page.called() {
		tree := page.trees[name].Copy()
		speak(tree.Root, w)
		if _, err := set.AddParseTree(name, tree); err != nil {
			return nil, fmt.Errorf("theme: %w", err)
		}
	}
	tmpl := set.Lookup(page.root)
	var made executor = tmpl
	if t.ownPages {
		made = bound(tmpl)
	}
	spoken, _ := t.spoken.LoadOrStore(key, made)
	return spoken.(executor), nil
}

// called are the templates that write the page: its root, those that it calls, and so on.
func (s source) called() []string {
	names := []string{s.root}
	for i := 0; i < len(names); i++ {
		calls(s.trees[names[i]].Root, func(name string) {
			if s.trees[name] != nil && !slices.Contains(names, name) {
				names = append(names, name)
			}
		})
	}
	return names
}

// calls calls f for the name of each template that a list calls.
func calls(list *parse.ListNode, f func(name string)) {
	for _, n := range list.Nodes {
		if call, ok := n.(*parse.TemplateNode); ok {
			f(call.Name)
		}
	}
	lists(list, func(inner *parse.ListNode, _ bool) { calls(inner, f) })
}

// speak writes the words of {{t "id"}} into a template, which are the same on every
// page: a call for each on each page takes a tenth of the time of a build.
func speak(list *parse.ListNode, w *words.Words) {
	if list == nil {
		return
	}
	for i, n := range list.Nodes {
		if action, ok := n.(*parse.ActionNode); ok && len(action.Pipe.Decl) == 0 && len(action.Pipe.Cmds) == 1 {
			if args := action.Pipe.Cmds[0].Args; len(args) == 2 && args[0].String() == "t" {
				if id, ok := args[1].(*parse.StringNode); ok {
					list.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: n.Position(), Text: []byte(w.HTML(id.Text))}
				}
			}
		}
	}
	lists(list, func(inner *parse.ListNode, _ bool) { speak(inner, w) })
}

// read returns the files of the theme.
func (t *Theme) read(base fs.FS, own map[string][]byte) (map[string]string, error) {
	files := map[string]string{}
	for _, pattern := range themeFiles {
		names, err := fs.Glob(base, pattern)
		if err != nil {
			return nil, fmt.Errorf("theme: %w", err)
		}
		for _, name := range names {
			content, err := fs.ReadFile(base, name)
			if err != nil {
				return nil, fmt.Errorf("theme: %w", err)
			}
			files[name] = string(content)
		}
		for name, content := range own {
			if fits, _ := path.Match(pattern, name); fits {
				_, replaces := files[name]
				t.own[name], t.added[name] = true, !replaces
				if isTemplate(name) {
					t.ownPages, t.remoteImages = true, t.remoteImages || remoteImages(content)
				}
				files[name] = string(content)
			}
		}
	}
	for _, name := range []string{AccentFile, "custom.css"} {
		if more := files[name]; more != "" {
			files["style.css"] += "\n" + more
			delete(files, name)
		}
	}
	t.styleURL = assetOf(files["style.css"], "style.css")
	t.scriptURL = assetOf(files["script.js"], "script.js")
	t.compareURL = assetOf(files["compare.js"], "compare.js")
	return files, nil
}

// readModule reads what compares texts in a browser, where there is such a thing.
func (t *Theme) readModule(base fs.FS, worker string) error {
	module, err := fs.ReadFile(base, moduleFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	starter, none := fs.ReadFile(base, starterFile)
	if err = errors.Join(err, none); err != nil {
		return fmt.Errorf("theme: %w", err)
	}
	t.module, t.worker = module, slices.Concat(starter, []byte("\n"), []byte(worker))
	sum := sha256.New()
	sum.Write(t.worker)
	sum.Write(t.module)
	t.moduleSum = hex.EncodeToString(sum.Sum(nil))[:16]
	return nil
}

// CanCompare reports whether pages compare any two texts in a browser.
func (t *Theme) CanCompare() bool { return t.module != nil }

// shrink minifies the style sheet, the script, and templates that are not the user's.
func (t *Theme) shrink(files map[string]string) (problems policy.Problems) {
	for name, content := range files {
		as := name
		if isTemplate(name) {
			as += ".tmpl"
		}
		if t.minify == nil || isTemplate(name) && t.ownPages {
			continue
		}
		small, err := t.minify(as, []byte(content))
		if err != nil {
			p := t.problem(name, err)
			p.Message = strings.TrimPrefix(p.Message, as+": ")
			problems = append(problems, p)
		}
		files[name] = string(small)
	}
	t.style, t.script, t.compare = []byte(files["style.css"]), []byte(files["script.js"]), []byte(files["compare.js"])
	return problems
}

func isTemplate(name string) bool { return path.Ext(name) == ".html" }

func assetOf(content, name string) string {
	sum := sha256.Sum256([]byte(content))
	return AssetURL(hex.EncodeToString(sum[:]), name)
}

// Warnings are of the user's files of words.
func (t *Theme) Warnings() policy.Problems { return t.book.Warnings }

// StyleURL is the URL of the theme's style sheet, which has the hash of its
// content in it.
func (t *Theme) StyleURL() string { return t.styleURL }

// Has reports whether the user has added the page template that a policy's
// front matter names as its layout, with or without ".html". Other policies
// get policy.html: those without a layout, and those with one that meant
// something to another generator, such as "page" or "home".
func (t *Theme) Has(layout string) bool {
	name := layoutFile(layout)
	return t.added[name] && t.pages[name].trees != nil
}

func layoutFile(layout string) string { return strings.TrimSuffix(layout, ".html") + ".html" }

// execute writes one page, or a part of one, into an empty buffer, in the language of
// the words.
func (t *Theme) execute(w *bytes.Buffer, in *words.Words, name string, data any) error {
	tmpl, err := t.in(in, name)
	if err != nil {
		return err
	}
	if err := tmpl.Execute(w, data); err != nil {
		p := t.problem(name, err)
		var exceeded limit
		switch {
		case t.own[strings.TrimPrefix(p.Path, t.dir+"/")]:
			return policy.Problems{p}
		case errors.As(err, &exceeded):
			// The default theme's template that it shows in would not, alone.
			return policy.Problems{{Path: t.dir, Message: p.Path + ": " + p.Message, Hint: p.Hint}}
		case t.own[name]:
			// A tag or quote left open shows only further on, in the frame.
			return policy.Problems{{Path: path.Join(t.dir, name), Message: err.Error(), Hint: p.Hint}}
		}
		return fmt.Errorf("theme: %w", err)
	}
	if t.minify == nil || !t.ownPages {
		return nil
	}
	small, err := t.minify(name, w.Bytes())
	w.Reset()
	w.Write(small)
	return err
}

// layoutsHint leads an author of templates to their documentation.
const layoutsHint = "docs/layouts.md lists the templates, what each is given and what it may take; without this file the default theme's is used"

// place finds "name:line:column: message" in what the standard library's
// template packages say. Execution errors have a column, and parse errors none.
var place = regexp.MustCompile(`^(?:html/template:|template: ?)([^:]+):(\d+)(?::(\d+))?: (.*)`)

// problem says of a template's error where its author finds it.
func (t *Theme) problem(name string, err error) *policy.Problem {
	p := &policy.Problem{
		Path:    name,
		Message: err.Error(),
		Hint:    layoutsHint,
	}
	var inner *template.Error
	if errors.As(err, &inner) && inner.Line > 0 {
		p.Line = inner.Line
	}
	if m := place.FindStringSubmatch(err.Error()); m != nil {
		p.Path = m[1]
		p.Line, _ = strconv.Atoi(m[2])
		if column, err := strconv.Atoi(m[3]); err == nil {
			p.Column = column + 1 // text/template counts columns from 0
		}
		p.Message = m[4]
	}
	var exceeded limit
	if errors.As(err, &exceeded) {
		p.Message = exceeded.Error()
	}
	p.Path = path.Join(t.dir, p.Path)
	return p
}
