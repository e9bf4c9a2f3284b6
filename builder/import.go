package builder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// ImportOptions say what to import.
type ImportOptions struct {
	Source       string      // folder that holds policysite.yaml, or would; "" is "."
	Policy       string      // id
	Texts        []string    // files, folders and addresses
	Date         policy.Date // on which the one text was published; zero when the text says so, or its name
	Captures     string      // file with a list of captures of the Wayback CDX server; "" for none
	From         string      // folder or address to take captures from; "" is the Wayback Machine
	DryRun       bool        // write nothing
	AllowPrivate bool        // fetch from addresses that are not on the public internet, too
	Progress     func(doing string, done, total int)
}

// Import is what an import found and did.
type Import struct {
	Statements string     // path of history.yaml
	Imported   []Imported // in the order of their days
	Skipped    []Skipped
	Warnings   policy.Problems // what in the texts is probably meant otherwise
}

// Imported is one text that was imported, or would be.
type Imported struct {
	Name  string // the source: a file or an address
	File  string // the Markdown, relative to the folder of history.yaml
	Entry policy.Entry
	Text  *importer.Text
	Meta  policy.Declared // the days that the text itself states
	Known bool            // file and entry were there already
	Why   string          // what says on which day it stood

	page    []byte
	stated  bool // an entry of history.yaml names the file
	wording string
}

// Skipped is a text that was left out, with the reason.
type Skipped struct{ Name, Why string }

// ImportTexts turns texts from elsewhere into Markdown below history/, with an
// entry each in history.yaml. It overwrites nothing. What it could import is
// imported even when its error names texts that it could not.
func ImportTexts(ctx context.Context, opt ImportOptions) (*Import, error) {
	if opt.Source == "" {
		opt.Source = "."
	}
	im, err := newImporting(ctx, opt)
	if err != nil {
		return nil, err
	}
	if opt.Captures != "" {
		err = im.captures()
	} else {
		err = im.texts()
	}
	if err != nil {
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

// importing is one run of ImportTexts.
type importing struct {
	ctx       context.Context
	opt       ImportOptions
	renderer  *markdown.Renderer
	fetcher   *importer.Fetcher
	statement []byte // history.yaml as it stands
	entries   []policy.Entry
	result    Import
	problems  policy.Problems
}

func newImporting(ctx context.Context, opt ImportOptions) (*importing, error) {
	slug, err := policy.Slug(opt.Policy)
	if err != nil || slug != opt.Policy {
		hint := "ids are lower-case letters, digits, - and / as in terms/eu; `policysite log` lists them"
		if err == nil {
			hint = fmt.Sprintf("did you mean %q?", slug)
		}
		return nil, policy.Fail(policy.ErrUsage, nil, hint, "%q is no id of a policy", opt.Policy)
	}
	if info, err := os.Stat(opt.Source); err != nil || !info.IsDir() {
		return nil, policy.Fail(policy.ErrUsage, nil, "", "there is no folder %s", opt.Source)
	}
	im := &importing{
		ctx: ctx, opt: opt, renderer: markdown.New(markdown.Options{}), fetcher: importer.NewFetcher(opt.AllowPrivate),
		result: Import{Statements: filepath.Join(opt.Source, policy.StatementsFile)},
	}
	if err := im.knownPolicy(); err != nil {
		return nil, err
	}
	im.statement, err = os.ReadFile(im.result.Statements)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, policy.Fail(policy.ErrUsage, err, "", "cannot read %s", im.result.Statements)
	}
	var problems policy.Problems
	if im.entries, problems = policy.ParseStatements(im.statement); len(problems) > 0 {
		for _, p := range problems {
			p.Path = policy.StatementsFile
		}
		return nil, problems
	}
	return im, nil
}

// knownPolicy checks the id against the policies of the built commit. Where
// there is none yet, any id is right.
func (im *importing) knownPolicy() error {
	s, err := newSurvey(im.ctx, Options{Source: im.opt.Source})
	if err != nil {
		return im.ctx.Err()
	}
	defer s.close()
	var ids []string
	for _, sub := range s.subjects {
		ids = append(ids, sub.place.ID)
	}
	for _, h := range s.withheld {
		if id, _, _ := s.layout.ID(h.Path); id != "" {
			ids = append(ids, id)
		}
	}
	if len(s.subjects) > 0 && !slices.Contains(ids, im.opt.Policy) {
		return policy.Fail(policy.ErrUsage, nil, "there are "+strings.Join(ids, ", ")+"; commit a new policy before its past", "no policy has the id %q", im.opt.Policy)
	}
	return nil
}

// wrong takes note of a text that cannot be imported.
func (im *importing) wrong(name, hint, format string, args ...any) {
	im.problems = append(im.problems, &policy.Problem{Path: name, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (im *importing) skip(name, why string) {
	im.result.Skipped = append(im.result.Skipped, Skipped{name, why})
}

// texts reads the files, folders and addresses that were named.
func (im *importing) texts() error {
	type named struct {
		name   string
		listed bool // found in a folder
	}
	var all []named
	for _, name := range im.opt.Texts {
		if isAddress(name) {
			all = append(all, named{name, false})
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return policy.Fail(policy.ErrUsage, err, "name a file, a folder or an address that starts with https://", "nothing to import")
		}
		if !info.IsDir() {
			all = append(all, named{name, false})
			continue
		}
		files, err := im.folder(name)
		if err != nil {
			return err
		}
		for _, f := range files {
			all = append(all, named{f, true})
		}
	}
	if len(all) == 0 {
		return policy.Fail(policy.ErrUsage, nil, "texts end in .html, .htm, .md, .markdown or .txt", "nothing to import")
	}
	if !im.opt.Date.IsZero() && len(all) > 1 {
		return policy.Fail(policy.ErrUsage, nil, "import one text at a time, or give the day in the files' names, as in terms-2021-01-01.html", "--date is the day of one text, and there are %d", len(all))
	}
	for i, n := range all {
		if err := im.ctx.Err(); err != nil {
			return err
		}
		im.progress("reading texts", i, len(all))
		src, err := im.source(n.name)
		if err != nil {
			im.wrong(n.name, "", "%v", err)
			continue
		}
		if item := im.add(src, nil); item != nil {
			im.result.Imported = append(im.result.Imported, *item)
		}
	}
	return nil
}

func isAddress(name string) bool {
	return strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://")
}

// textEndings are those of files that a folder is searched for.
var textEndings = []string{".html", ".htm", ".xhtml", ".md", ".markdown", ".txt"}

// folder lists the texts below a folder, and takes note of what is none.
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
			im.skip(p, "no text file")
		}
		return nil
	})
	if err != nil {
		return nil, policy.Fail(policy.ErrUsage, err, "", "cannot read the folder %s", dir)
	}
	return out, nil
}

func (im *importing) source(name string) (importer.Source, error) {
	if isAddress(name) {
		return im.fetch(name)
	}
	return readSource(name)
}

// fetch gets a text from the web.
func (im *importing) fetch(address string) (importer.Source, error) {
	src, err := im.fetcher.Get(im.ctx, address)
	if errors.Is(err, importer.ErrPrivate) {
		err = fmt.Errorf("%w: --allow-private fetches from there, too", err)
	}
	return src, err
}

// readSource reads a file, and no more of it than is looked at.
func readSource(name string) (importer.Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return importer.Source{}, err
	}
	if info.Size() > importer.MaxSource {
		return importer.Source{}, fmt.Errorf("has %d bytes, want at most %d", info.Size(), importer.MaxSource)
	}
	data, err := os.ReadFile(name)
	return importer.Source{Name: name, Data: data}, err
}

func (im *importing) progress(doing string, done, total int) {
	if im.opt.Progress != nil {
		im.opt.Progress(doing, done, total)
	}
}

// add reads a source; capture is the one it was listed as, or nil. What is wrong
// with it is noted, and there is no result then.
func (im *importing) add(src importer.Source, capture *importer.Capture) *Imported {
	text, err := importer.Read(src, func(source []byte) (*policy.Document, error) { return im.renderer.Render(source, 1) })
	if err != nil {
		var problems policy.Problems
		if errors.As(err, &problems) {
			for _, p := range problems {
				p.Path = src.Name
			}
			im.problems = append(im.problems, problems...)
			return nil
		}
		im.wrong(src.Name, "a page that cannot be read can be saved as text, and the .txt file imported", "%v", err)
		return nil
	}
	if c := importer.ParseCapture(src.Address); c != nil {
		text.Capture = c
	}
	if capture != nil {
		text.Capture = capture
	}
	item := &Imported{Name: src.Name, Text: text}
	doc, err := im.renderer.Render(text.Markdown, 1)
	if err != nil {
		im.wrong(src.Name, "", "%v", err)
		return nil
	}
	item.Meta = policy.NewText(text.Markdown, text.Meta, doc).Declared()
	label := im.date(item)
	if item.Entry.Day().IsZero() {
		im.wrong(src.Name, "say when it was published: policysite import "+im.opt.Policy+" "+src.Name+" --date 2021-01-31",
			"no day is known: neither a date line of the text nor the file's name says when it was published")
		return nil
	}
	item.page = importer.Page(text, label, item.Meta, stoodAt(src, text))
	written := readText(im.renderer, item.page)
	if written.Err != nil {
		im.wrong(src.Name, "", "cannot be written so that it can be read again: %v", written.Err)
		return nil
	}
	item.wording = written.WordingSHA256
	for _, s := range text.Slips {
		im.result.Warnings = append(im.result.Warnings, &policy.Problem{
			Path: src.Name, Line: s.Line, Warning: true,
			Message: fmt.Sprintf("readers see the marks of `%s`", s.Have), Hint: fmt.Sprintf("if it is meant so, write `%s`", s.Want),
		})
	}
	return item
}

// stoodAt is the address at which a text stood, or "".
func stoodAt(src importer.Source, text *importer.Text) string {
	if c := text.Capture; c != nil && c.Original != "" {
		return c.Original
	}
	if src.Address != "" {
		return src.Address
	}
	return text.Address
}

// date finds what is known of a text's days. It returns the label in its
// file's name.
func (im *importing) date(item *Imported) (label string) {
	e := &item.Entry
	e.Policy = im.opt.Policy
	e.Effective = item.Meta.Effective
	var why []string
	if c := item.Text.Capture; c != nil {
		e.Seen, e.Evidence = c.Day(), c.Address
		why = append(why, "seen "+e.Seen.Long()+" by an archive")
	}
	var named policy.Date
	if im.opt.Captures == "" && !isAddress(item.Name) {
		named, label = importer.NameSays(filepath.ToSlash(item.Name))
	}
	switch {
	case !im.opt.Date.IsZero():
		e.Published = im.opt.Date
		why = append(why, "published "+e.Published.Long()+", as --date says")
	case !named.IsZero() && named != e.Seen:
		e.Published = named
		why = append(why, "published "+e.Published.Long()+", as the file's name says")
	case e.Effective.IsZero() && e.Seen.IsZero() && !item.Meta.LastUpdated.IsZero():
		e.Published = item.Meta.LastUpdated
		why = append(why, "published "+e.Published.Long()+", the day on which the text says it was last updated")
	}
	if !e.Effective.IsZero() {
		why = append(why, "effective "+e.Effective.Long()+", as the text says")
	}
	item.Why = strings.Join(why, "; ")
	return label
}
