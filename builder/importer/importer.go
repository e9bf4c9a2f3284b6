// Package importer turns texts from elsewhere (saved web pages, plain text,
// Markdown, copies in an archive) into the Markdown that this program keeps,
// and into entries of history.yaml. It finds out what a text itself says of its
// past, and guesses nothing.
//
// Every word of a source ends up in one of two places: in the Markdown, or in
// a passage that was removed, with the reason. [Read] counts both sides and
// fails when a word is in neither, so an import can lose no clause silently.
//
// Each rule that removes something can be told in a sentence (see clean.go and
// furniture.go). A readability library would not do: it scores paragraphs and
// keeps the best of them, which is right for an article and wrong for a
// contract, where a short clause in a list of links counts as much as a long
// one. In doubt a passage is kept.
package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Options say what to import.
type Options struct {
	Source       string      // folder that holds policysite.yaml, or would; "" is "."
	Policy       string      // id
	Policies     []string    // the ids there are; nil when any is right
	Texts        []string    // files, folders and addresses
	Date         policy.Date // on which the one text was published; zero when the text or its name says so
	Captures     string      // file with a list of captures of the Wayback CDX server; "" for none
	From         string      // folder or address to take captures from; "" is the Wayback Machine
	Current      bool        // the one text is a first one, for the content folder
	DryRun       bool        // write nothing
	AllowPrivate bool        // fetch from addresses that are not on the public internet, too

	Read     func(source []byte) *policy.Text // reads front matter and Markdown as the site does
	Progress func(doing string, done, total int)
}

// Result is what an import found and did.
type Result struct {
	Imported []Imported // in the order of their days
	Skipped  []Skipped
	Warnings policy.Problems // what in the texts is probably meant otherwise
}

// Imported is one text that was imported, or would be.
type Imported struct {
	Name  string // the source: a file or an address
	File  string // the Markdown, relative to the folder of history.yaml
	Entry policy.Entry
	Text  *Text
	Known bool   // the file was there already
	Why   string // what dates the text, in words

	page    []byte // content of File
	wording string // SHA-256
}

// Skipped is a text that was left out.
type Skipped struct {
	Name string `json:"source"`
	Why  string `json:"why"`
}

// Import turns texts from elsewhere into Markdown below history/, with an
// entry each in history.yaml, or one into the first text of a policy. It overwrites
// nothing. What it could import is imported even when its error names texts that it
// could not.
func Import(ctx context.Context, opt Options) (*Result, error) {
	opt.Source = cmp.Or(opt.Source, ".")
	root, err := os.OpenRoot(opt.Source)
	if err != nil {
		return nil, policy.Fail(policy.ErrUsage, nil, "", "there is no folder %s", opt.Source)
	}
	defer root.Close()
	im := &importing{opt: opt, root: root, client: newClient(opt.AllowPrivate)}
	read := im.texts
	if opt.Captures != "" {
		read = im.captures
	}
	if err := im.check(); err != nil {
		return nil, err
	}
	if err := read(ctx); err != nil {
		return nil, err
	}
	if err := im.plan(); err != nil {
		return nil, err
	}
	if !opt.DryRun {
		if err := im.write(); err != nil {
			return nil, err
		}
	}
	if len(im.problems) > 0 {
		return &im.result, im.problems
	}
	return &im.result, nil
}

// importing is one run of Import.
type importing struct {
	opt        Options
	root       *os.Root // the folder of history.yaml
	client     *http.Client
	statements []byte // history.yaml before the import
	entries    []policy.Entry
	current    string // the file of a first text; "" for the past
	result     Result
	problems   policy.Problems
}

// check checks the policy's id and reads history.yaml.
func (im *importing) check() error {
	id := im.opt.Policy
	if slug, err := policy.Slug(id); err != nil || slug != id {
		hint := "ids are lower-case letters, digits, - and / as in terms/eu; `policysite log` lists them"
		if err == nil {
			hint = fmt.Sprintf("did you mean %q?", slug)
		}
		return policy.Fail(policy.ErrUsage, nil, hint, "%q is not an id of a policy", id)
	}
	if im.opt.Current {
		return im.checkCurrent()
	}
	if ids := im.opt.Policies; ids != nil && !slices.Contains(ids, id) {
		return policy.Fail(policy.ErrUsage, nil, "known policies: "+policy.ListWords(ids, 20)+"; commit a new policy before its past", "no policy has the id %q", id)
	}
	var err error
	if im.statements, err = im.there(policy.StatementsFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return policy.Fail(policy.ErrUsage, err, "", "cannot read %s", policy.StatementsFile)
	}
	var problems policy.Problems
	if im.entries, problems = policy.ParseStatements(im.statements); len(problems) > 0 {
		for _, p := range problems {
			p.Path = policy.StatementsFile
		}
		return problems
	}
	return nil
}

// checkCurrent finds where the first text of a policy goes.
func (im *importing) checkCurrent() error {
	id := im.opt.Policy
	if slices.Contains(im.opt.Policies, id) {
		return policy.Fail(policy.ErrUsage, nil, "without --current, its past is imported", "there is a policy %s already", id)
	}
	content := "content"
	for _, name := range []string{policy.ConfigFile, policy.OtherName(policy.ConfigFile)} {
		if data, err := im.there(name); err == nil {
			config, problems := policy.ParseConfig(data)
			for _, p := range problems {
				p.Path = name
			}
			if len(problems.Errors(false)) > 0 {
				return policy.Fail(policy.ErrUsage, problems, "`policysite check` says more", "cannot read %s", name)
			}
			content = cmp.Or(config.Content, content)
		}
	}
	im.current = path.Join(content, id+".md")
	return nil
}

// undate leaves out of front matter the days that the text states itself: they change
// with its words.
func (im *importing) undate(text *Text) {
	stated := im.opt.Read(text.Markdown)
	if stated.Err != nil {
		return
	}
	days := stated.Declared(policy.Date{})
	if days.LastUpdated == text.Declared.LastUpdated {
		text.Declared.LastUpdated = policy.Date{}
	}
	if days.Effective == text.Declared.Effective {
		text.Declared.Effective = policy.Date{}
	}
}

// there returns the content of a file by its name relative to the folder of
// history.yaml. Neither it nor a folder on the way to it may be a symbolic link:
// what is read there is published, and what is written there overwrites.
func (im *importing) there(name string) ([]byte, error) {
	at := ""
	for part := range strings.SplitSeq(name, "/") {
		at = path.Join(at, part)
		switch info, err := im.root.Lstat(filepath.FromSlash(at)); {
		case err != nil:
			return nil, err
		case info.Mode()&fs.ModeSymlink != 0:
			return nil, fmt.Errorf("%s is a symbolic link, which is not followed", at)
		case at == name && !info.Mode().IsRegular():
			return nil, errNotRegular
		}
	}
	f, err := im.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f)
}

// wrong takes note of a text that cannot be imported.
func (im *importing) wrong(name, hint, format string, args ...any) {
	im.problems = append(im.problems, &policy.Problem{Path: name, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (im *importing) skip(name, why string) {
	im.result.Skipped = append(im.result.Skipped, Skipped{name, why})
}

func (im *importing) progress(doing string, done, total int) {
	if im.opt.Progress != nil {
		im.opt.Progress(doing, done, total)
	}
}

// texts reads the files, folders and addresses that were named.
func (im *importing) texts(ctx context.Context) error {
	var names []string
	for _, name := range im.opt.Texts {
		info, err := os.Stat(name)
		switch {
		case isAddress(name), err == nil && !info.IsDir():
			names = append(names, name)
		case err != nil:
			return policy.Fail(policy.ErrUsage, err, "name a file, a folder or an address that starts with https://", "nothing to import")
		default:
			files, err := im.folder(name)
			if err != nil {
				return policy.Fail(policy.ErrUsage, err, "", "cannot read the folder %s", name)
			}
			names = append(names, files...)
		}
	}
	if im.opt.Current && len(names) > 1 {
		return policy.Fail(policy.ErrUsage, nil, "name the one that is current", "--current takes one text, and there are %d", len(names))
	}
	if len(names) == 0 {
		return policy.Fail(policy.ErrUsage, nil, "texts end in .html, .htm, .md, .markdown or .txt", "nothing to import")
	}
	if !im.opt.Date.IsZero() && len(names) > 1 {
		return policy.Fail(policy.ErrUsage, nil, "import one text at a time, or give the day in the files' names, as in terms-2021-01-01.html", "--date is the day of one text, and there are %d", len(names))
	}
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		im.progress("reading texts", i, len(names))
		var src Source
		var err error
		if isAddress(name) {
			src, err = fetch(ctx, im.client, name)
		} else {
			src, err = readFile(name)
		}
		if err != nil {
			im.wrong(name, "", "%v", err)
		} else if item := im.read(src, nil); item != nil {
			im.result.Imported = append(im.result.Imported, *item)
		}
	}
	return nil
}

func isAddress(name string) bool {
	return strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://")
}

// textEndings are the endings of files that are imported with their folder.
var textEndings = []string{".html", ".htm", ".xhtml", ".md", ".markdown", ".txt"}

// folder lists the texts below a folder, and skips all other files.
func (im *importing) folder(dir string) (out []string, err error) {
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && p != dir:
			if d.IsDir() {
				return filepath.SkipDir
			}
		case d.IsDir():
		case d.Type().IsRegular() && slices.Contains(textEndings, strings.ToLower(filepath.Ext(p))):
			out = append(out, p)
		default:
			im.skip(p, "not a text file")
		}
		return nil
	})
	return out, err
}

var errNotRegular = errors.New("is not a regular file")

// readFile reads a file as a source.
func readFile(name string) (Source, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return Source{}, errNotRegular // to open one may wait for ever, and it may have no end
	}
	f, err := os.Open(name)
	if err != nil {
		return Source{}, err
	}
	defer f.Close()
	data, err := readAll(f)
	return Source{Name: name, Data: data}, err
}

// read reads a source; capture is the one it was listed as, or nil. If
// something is wrong with it, read takes note of that and returns nil.
func (im *importing) read(src Source, capture *Capture) *Imported {
	text, err := Read(src, im.opt.Read)
	var problems policy.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			p.Path = src.Name
		}
		im.problems = append(im.problems, problems...)
		return nil
	}
	if err != nil {
		im.wrong(src.Name, "a page that cannot be read can be saved as text, and the .txt file imported", "%v", err)
		return nil
	}
	text.Capture = cmp.Or(capture, parseCapture(src.Address), text.Capture)
	if text.Address = cmp.Or(src.Address, text.Address); text.Capture != nil {
		text.Address = cmp.Or(text.Capture.Original, text.Address)
	}
	item := &Imported{Name: src.Name, Text: text}
	label := ""
	if im.opt.Current {
		im.undate(text)
	} else if label = im.date(item); item.Entry.Day().IsZero() {
		im.wrong(src.Name, "say when it was published: policysite import "+im.opt.Policy+" "+src.Name+" --date 2021-01-31",
			"no day is known: neither a date line of the text nor the file's name says when it was published")
		return nil
	}
	item.page = page(text, label)
	written := im.opt.Read(item.page)
	if written.Err != nil {
		im.wrong(src.Name, "", "cannot be written so that it can be read again: %v", written.Err)
		return nil
	}
	item.wording = written.WordingSHA256
	for _, w := range text.warnings {
		w.Path = src.Name
		im.result.Warnings = append(im.result.Warnings, w)
	}
	return item
}

// date finds the days of a text, and the label in its file's name.
func (im *importing) date(item *Imported) (label string) {
	e, declared := &item.Entry, item.Text.Declared
	e.Policy = im.opt.Policy
	e.Effective = declared.Effective
	var why []string
	if c := item.Text.Capture; c != nil {
		e.Seen, e.Evidence = c.Day(), c.Address
		why = append(why, "seen "+e.Seen.Long()+" by an archive")
	}
	var named policy.Date
	if im.opt.Captures == "" && !isAddress(item.Name) {
		named, label = nameSays(filepath.ToSlash(item.Name))
	}
	published := func(day policy.Date, source string) {
		e.Published = day
		why = append(why, "published "+day.Long()+", "+source)
	}
	switch {
	case !im.opt.Date.IsZero():
		published(im.opt.Date, "as --date says")
	case !named.IsZero() && named != e.Seen:
		published(named, "as the file's name says")
	case e.Effective.IsZero() && e.Seen.IsZero() && !declared.LastUpdated.IsZero():
		published(declared.LastUpdated, "the day on which the text says it was last updated")
	}
	if !e.Effective.IsZero() {
		why = append(why, "effective "+e.Effective.Long()+", as the text says")
	}
	item.Why = strings.Join(why, "; ")
	return label
}

var (
	nameDay   = regexp.MustCompile(`(?:^|\D)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?:\D|$)`)
	nameLabel = regexp.MustCompile(`(?i)(?:^|[-_. ])v(?:ersion)?[-_. ]?(\d+(?:\.\d+)*)(?:$|[-_ ])`)
)

// nameSays finds in a file's name a day, as in terms-2021-01-01.html, and a
// label, as in privacy-v3.txt.
func nameSays(name string) (day policy.Date, label string) {
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if m := nameDay.FindStringSubmatch(stem); m != nil {
		day, _ = policy.ParseDate(m[1] + "-" + m[2] + "-" + m[3]) // 2021-02-30 is not a day, and not an error either
	}
	if m := nameLabel.FindStringSubmatch(stem); m != nil {
		label = m[1]
	}
	return day, label
}
