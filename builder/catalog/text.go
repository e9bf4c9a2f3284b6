package catalog

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// Text is a text as it is at the commit. Of a draft only the front matter is
// read.
type Text struct {
	Path  string
	Meta  policy.Meta
	empty bool // has no text
	links []policy.Link
	ids   map[string]bool
	place policy.Place // of a policy

	silenced []string
	expired  policy.Date // its expiryDate that is past, which makes it a draft
}

// Texts are texts of earlier catalogs by path, for those of which only a few
// change from one to the next.
type Texts map[string]readText

// readText is a text that was read, with all that is wrong with it.
type readText struct {
	blob     string
	trusted  bool
	text     Text
	problems policy.Problems
}

// Pointers tell of blobs that texts link to whether they are Git LFS pointers.
type Pointers map[string]bool

// readTexts reads the texts of the commit. All that is wrong with them is found
// here.
func (r *reader) readTexts() error {
	trusted := r.cat.Config.TrustedHTML
	renderer := markdown.New(markdown.Options{Trusted: trusted})
	if r.src.Texts == nil {
		r.src.Texts = Texts{}
	}
	passed := map[string][]string{}
	for f := range r.cat.Log.Files(r.cat.Head()) {
		selected, why := r.cat.Layout.Choose(f.Path)
		if !selected {
			if why != "" && f.Mode.IsFile() {
				passed[why] = append(passed[why], f.Path)
			} else if _, in := strings.CutPrefix(f.Path, inFolder(r.cat.Layout.Content, "")+"/"); f.Mode == history.Submodule && (in || r.cat.Layout.Content == "") {
				passed["texts in submodules"] = append(passed["texts in submodules"], f.Path)
			}
			continue
		}
		switch f.Mode {
		case history.Symlink:
			r.warn(f.Path, 0, "put the text itself here, or a redirect: `aliases:` in the front matter of the other", "is a symbolic link and not a policy")
			continue
		case history.Submodule:
			r.problem(&policy.Problem{Path: f.Path, Message: "is a submodule and not a text", Hint: "commit the text itself here"})
			continue
		}
		read := r.src.Texts[f.Path]
		if read.blob != f.Blob || read.trusted != trusted {
			source, err := r.src.Repo.Blob(f.Blob)
			if err != nil {
				return err
			}
			read = readSource(renderer, f.Path, source)
			read.blob, read.trusted = f.Blob, trusted
			r.src.Texts[f.Path] = read
		}
		if meta := &read.text.Meta; !meta.Draft {
			for _, day := range []policy.Date{meta.PublishDate, meta.ExpiryDate} {
				if day.After(r.cat.Built.At) {
					r.cat.Built.NextChange = policy.Earlier(r.cat.Built.NextChange, day)
				}
			}
			if meta.Draft = !meta.ExpiryDate.IsZero() && !meta.ExpiryDate.After(r.cat.Built.At); meta.Draft {
				read.text.expired, read.problems = meta.ExpiryDate, nil
			}
		}
		r.found.Problems = append(r.found.Problems, read.problems...)
		if r.cat.Layout.Introduction(f.Path) {
			read.text.Meta.Draft = read.text.Meta.Draft || read.text.Meta.PublishDate.After(r.cat.Built.At)
			r.cat.Introduction = &read.text
		} else {
			r.texts[f.Path] = &read.text
		}
	}
	r.passed = passed
	r.sumUpKeys()
	r.tellPassed()
	return r.checkInclude()
}

// sumUpKeys keeps one warning for each unknown key, with the number of texts.
func (r *reader) sumUpKeys() {
	first := map[string]*policy.Problem{}
	texts := map[string]int{}
	r.found.Problems = slices.DeleteFunc(r.found.Problems, func(p *policy.Problem) bool {
		if p.Key == "" {
			return false
		}
		texts[p.Key]++
		if texts[p.Key] == 1 {
			one := *p // what is kept for the next catalog stays as it is
			first[p.Key] = &one
		}
		return true
	})
	for _, key := range slices.Sorted(maps.Keys(first)) {
		p := first[key]
		if n := texts[key] - 1; n == 1 {
			p.Message += ", and in one more text"
		} else if n > 1 {
			p.Message += fmt.Sprintf(", and in %d more texts", n)
		}
		r.problem(p)
	}
}

// tellPassed notes the texts that are no policies, and why.
func (r *reader) tellPassed() {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(r.passed)) {
		parts = append(parts, fmt.Sprintf("%s (%s)", policy.ListWords(r.passed[why], 10), why))
	}
	said := ""
	if !r.configured && r.src.Content == "" && r.cat.Layout.Content == r.cat.Layout.Source && len(r.texts) > 0 {
		said = fmt.Sprintf("no %s and no folder content, so every text is a policy: %s; ", policy.ConfigFile, policy.ListWords(slices.Sorted(maps.Keys(r.texts)), 10))
	}
	if len(parts) > 0 {
		said += "passed over: " + strings.Join(parts, ", ") + "; "
	}
	if said != "" {
		r.note("%s`include` in %s takes texts by their names", said, policy.ConfigFile)
	}
}

// checkInclude tells of patterns of `include` that match nothing.
func (r *reader) checkInclude() error {
	l := &r.cat.Layout
	var none []string
	for _, glob := range l.Include {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(r.texts)), func(p string) bool { return l.Matches(glob, p) }) &&
			(r.cat.Introduction == nil || !l.Matches(glob, r.cat.Introduction.Path)) {
			none = append(none, glob)
		}
	}
	if len(none) == 0 {
		return nil
	}
	if len(none) < len(l.Include) {
		r.warn(r.cat.InSource(policy.ConfigFile), 0, "", "include: no text of the commit matches %s", strings.Join(none, ", "))
		return nil
	}
	return policy.Fail(policy.ErrUsage, nil, "the commit has "+cmp.Or(policy.ListWords(r.markdown(), 10), "no Markdown at all"), "include: no text of the commit matches %s", strings.Join(none, ", "))
}

// markdown are the Markdown files of the commit.
func (r *reader) markdown() (names []string) {
	for f := range r.cat.Log.Files(r.cat.Head()) {
		if ext := strings.ToLower(path.Ext(f.Path)); (ext == ".md" || ext == ".markdown") && f.Mode.IsFile() {
			names = append(names, f.Path)
		}
	}
	return names
}

// readSource reads one text. What is wrong with a draft is its author's business
// until the text is published.
func readSource(renderer *markdown.Renderer, name string, source []byte) readText {
	meta, body, line, problems := policy.ParseSource(source)
	read := readText{text: Text{Path: name, Meta: meta}}
	if meta.Draft {
		return read
	}
	silenced, unknown := policy.Silenced(source)
	read.text.silenced = silenced
	problems = slices.Concat(problems, policy.Marks(source, line, meta.Lang), conflicts(source), unknown)
	if len(problems.Errors(false)) == 0 {
		doc, err := renderer.Render(body, line)
		if err != nil {
			problems = append(problems, policy.ProblemOf(err))
		} else {
			read.text.links, read.text.ids = doc.Links, doc.IDs
			for _, note := range doc.Notes {
				if note.Message == markdown.NoText {
					read.text.empty = true
					continue
				}
				problems = append(problems, &note)
			}
		}
	}
	for _, problem := range problems {
		problem.Path = name
	}
	read.problems = problems
	return read
}

// conflicts finds the marks that git leaves where it could not merge. Published,
// they would give two texts as one.
func conflicts(source []byte) policy.Problems {
	n, middle := 0, false
	for line := range bytes.Lines(source) {
		n++
		line = bytes.TrimRight(line, "\r\n")
		mark := string(line[:min(7, len(line))])
		ends := len(line) == 7 || len(line) > 7 && line[7] == ' '
		switch {
		case mark == "=======" && len(line) == 7:
			middle = true
		case ends && (mark == "<<<<<<<" || mark == ">>>>>>>" && (middle || oneWord(line[7:]))):
			return policy.Problems{{Line: n, Message: "has marks of a merge conflict", Hint: "choose between the two texts, and delete the lines <<<<<<<, ======= and >>>>>>>"}}
		}
	}
	return nil
}

// oneWord reports whether a line goes on with one word: the name of a branch.
func oneWord(rest []byte) bool { return len(bytes.Fields(rest)) == 1 }

func (r *reader) warn(name string, line int, hint, format string, args ...any) {
	r.problem(&policy.Problem{Path: name, Line: line, Message: fmt.Sprintf(format, args...), Hint: hint, Warning: true})
}

// checkLinks finds links of the texts that lead nowhere.
func (r *reader) checkLinks() error {
	texts := slices.Collect(maps.Values(r.texts))
	if r.cat.Introduction != nil {
		texts = append(texts, r.cat.Introduction)
	}
	if r.src.Pointers == nil {
		r.src.Pointers = Pointers{}
	}
	for _, t := range texts {
		if t.Meta.Draft {
			continue
		}
		var last policy.Link
		for _, l := range t.links {
			if l.Target == last.Target && l.Line == last.Line {
				continue // what is said of it is said
			}
			last = l
			to, err := r.cat.Links.Resolve(l.Target, Origin{t.Path, r.cat.Head(), t.ids, r.src.Repo.Blob, nil})
			if err != nil {
				return err
			}
			if p, err := r.pointer(to); err != nil {
				return err
			} else if p {
				r.problem(&policy.Problem{Path: t.Path, Line: l.Line, Message: fmt.Sprintf("the link %q leads to a Git LFS pointer, not to the file itself", l.Target), Hint: markdown.LFSHint})
			}
			if to.Lost && !slices.Contains(t.silenced, policy.RuleLostAnchor) && !slices.Contains(r.cat.Config.Silence, policy.RuleLostAnchor) {
				r.problem(policy.Finding(policy.RuleLostAnchor, t.Path, l.Line, "the link %q leads to the page, which has no such heading", l.Target))
			}
			if to.Nowhere != "" {
				r.warn(t.Path, l.Line, to.Hint, "the link %q %s", l.Target, to.Nowhere)
			}
		}
	}
	return nil
}

// pointer reports whether a link leads to a Git LFS pointer.
func (r *reader) pointer(to Target) (bool, error) {
	blob := to.File.Blob
	is, ok := r.src.Pointers[blob]
	if blob == "" || ok {
		return is, nil
	}
	content, err := r.src.Repo.Blob(blob)
	if err != nil {
		return false, err
	}
	is = markdown.LFSPointer(content)
	r.src.Pointers[blob] = is
	return is, nil
}

// FileTitle is what a text without a title is called: its file, or the folder
// whose index it is.
func FileTitle(name string) string {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if (base == "index" || base == "_index") && path.Dir(name) != "." {
		return path.Base(path.Dir(name))
	}
	return base
}
