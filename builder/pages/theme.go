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

	"github.com/policysite/policysite/builder/policy"
)

// Theme is what pages look like: templates, one style sheet, one script. It is
// parsed once and may be used by several Composers at a time.
type Theme struct {
	templates    map[string]executor // by file name: "policy.html"
	own          map[string]bool     // files that are the user's
	added        map[string]bool     // of these, those that replace none of the theme's
	ownPages     bool                // some of these are templates
	remoteImages bool                // one of them shows an image of another host
	dir          string              // of the user's files, for messages
	minify       Minify              // nil leaves everything as it is made
	style        []byte              // minified
	script       []byte
	styleURL     string
	scriptURL    string
	sum          string
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
var themeFiles = [...]string{"*.html", "partials/*.html", "style.css", "script.js"}

// NewTheme reads a theme: the files of base, each replaced by the file of the
// same name in own, and own's further templates. own holds the content of the
// user's files by their path below dir, the folder that messages name, such as
// "layouts"; it may be nil. Only *.html at the root and in partials/, style.css
// and script.js are read. Mistakes in templates are reported as
// policy.Problems.
//
// A template that defines "main" is put into base.html; one that does not is a
// whole page of its own.
//
// With minify the theme's own templates are minified here, once, so that what
// they write is small. Where some are the user's, messages name places in them:
// so all stay as they are, and what they write is minified, page by page.
func NewTheme(base fs.FS, own map[string][]byte, dir string, minify Minify) (*Theme, error) {
	t := &Theme{
		minify:    minify,
		templates: map[string]executor{},
		own:       map[string]bool{},
		added:     map[string]bool{},
		dir:       path.Clean(dir),
	}
	files, err := t.read(base, own)
	if err != nil {
		return nil, err
	}
	problems := t.shrink(files)
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

	parse := func(into *template.Template, name string) {
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
	common := template.New("").Funcs(template.FuncMap{"date": dateHTML})
	for _, name := range append([]string{frameFile}, partials...) {
		parse(common, name)
	}
	for _, name := range slices.Concat(sharedFiles[:], []string{allowedFile}, pages) {
		set, err := common.Clone()
		if err != nil {
			return nil, fmt.Errorf("theme: %w", err)
		}
		root := name
		if slices.Contains(pages, name) {
			if parse(set, name); set.Lookup("main") != nil {
				root = frameFile
			}
		}
		if page := set.Lookup(root); page != nil && t.ownPages {
			t.templates[name] = bound(page)
		} else if page != nil {
			t.templates[name] = page
		}
	}
	if problems != nil {
		problems.Sort()
		return nil, problems
	}
	return t, nil
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
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(all, "%q %t %q\n", name, t.own[name], files[name])
	}
	t.sum = hex.EncodeToString(all.Sum(nil))
	t.styleURL = assetOf(files["style.css"], "style.css")
	t.scriptURL = assetOf(files["script.js"], "script.js")
	return files, nil
}

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
	t.style, t.script = []byte(files["style.css"]), []byte(files["script.js"])
	return problems
}

func isTemplate(name string) bool { return path.Ext(name) == ".html" }

func assetOf(content, name string) string {
	sum := sha256.Sum256([]byte(content))
	return AssetURL(hex.EncodeToString(sum[:]), name)
}

// Sum is a hash of all that the theme is made from, hexadecimal.
func (t *Theme) Sum() string { return t.sum }

// StyleURL is the URL of the theme's style sheet, which has the hash of its
// content in it.
func (t *Theme) StyleURL() string { return t.styleURL }

// Has reports whether the user has added the page template that a policy's
// front matter names as its layout, with or without ".html". Other policies
// get policy.html: those without a layout, and those with one that meant
// something to another generator, such as "page" or "home".
func (t *Theme) Has(layout string) bool {
	name := layoutFile(layout)
	return t.added[name] && t.templates[name] != nil
}

func layoutFile(layout string) string { return strings.TrimSuffix(layout, ".html") + ".html" }

// execute writes one page, or a part of one, into an empty buffer.
func (t *Theme) execute(w *bytes.Buffer, name string, data any) error {
	tmpl := t.templates[name]
	if tmpl == nil {
		return fmt.Errorf("theme: it has no template %q", name)
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
