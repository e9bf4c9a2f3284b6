package importer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// plan sorts the texts by their days, and gives each its file.
func (im *importing) plan() error {
	all := im.result.Imported
	slices.SortStableFunc(all, func(a, b Imported) int { return strings.Compare(fileDay(&a), fileDay(&b)) })
	im.result.Imported = nil
	taken := map[string][]byte{}
	for _, item := range all {
		stem := path.Join("history", im.opt.Policy, fileDay(&item))
		item.File = cmp.Or(im.current, stem+".md")
		for n := 2; taken[item.File] != nil && !bytes.Equal(taken[item.File], item.page); n++ {
			item.File = fmt.Sprintf("%s-%d.md", stem, n)
		}
		if taken[item.File] != nil {
			im.skip(item.Name, "is the same text as that of "+item.File)
			continue
		}
		there, err := im.there(item.File)
		item.Known = err == nil
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return policy.Fail(policy.ErrOutput, err, "", "cannot see whether %s is there", item.File)
		case item.Known && !bytes.Equal(there, item.page):
			hint := "move that file away, or give this text another day with --date"
			if im.opt.Current {
				hint = "without --current, the past of a policy is imported"
			}
			im.wrong(item.Name, hint, "%s is there already, with another text", item.File)
			continue
		}
		taken[item.File] = item.page
		item.Entry.File = item.File
		im.result.Imported = append(im.result.Imported, item)
	}
	return nil
}

// fileDay is the day that names a text's file: the day on which an archive saw
// it, else the first day that its entry states.
func fileDay(item *Imported) string {
	if !item.Entry.Seen.IsZero() {
		return item.Entry.Seen.String()
	}
	return item.Entry.Day().String()
}

// write writes the texts that are not there yet, then history.yaml. When that
// fails, it removes the texts again.
func (im *importing) write() (err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, name := range made {
				im.root.Remove(name)
			}
		}
	}()
	var entries []policy.Entry
	for _, item := range im.result.Imported {
		if !im.opt.Current && !slices.ContainsFunc(im.entries, func(e policy.Entry) bool { return e.File == item.File }) {
			entries = append(entries, item.Entry)
		}
		if item.Known {
			continue
		}
		name := filepath.FromSlash(item.File)
		err := im.root.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil {
			err = im.writeNew(name, item.page, 0o644)
		}
		if err != nil {
			return policy.Fail(policy.ErrOutput, err, "", "cannot write %s", item.File)
		}
		made = append(made, name)
	}
	if len(entries) == 0 {
		return nil
	}
	return im.state(entries)
}

// writeNew writes a file that is not there.
func (im *importing) writeNew(name string, content []byte, mode fs.FileMode) error {
	f, err := im.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		im.root.Remove(name)
	}
	return err
}

// state adds entries to history.yaml, once it is sure that the file then says
// what it said before, and they.
func (im *importing) state(entries []policy.Entry) error {
	updated, err := appendEntries(im.statements, im.opt.Policy, entries)
	if err == nil {
		if read, problems := policy.ParseStatements(updated); len(problems) > 0 || len(read) != len(im.entries)+len(entries) {
			err = errors.New("its form is not understood")
		}
	}
	if err != nil {
		alone, _ := appendEntries(nil, im.opt.Policy, entries) // an empty file can always be added to
		return policy.Fail(policy.ErrContent, err, "add the entries by hand:\n"+string(alone), "cannot add to %s", policy.StatementsFile)
	}
	if err := im.replace(policy.StatementsFile, updated); err != nil {
		return policy.Fail(policy.ErrOutput, err, "", "cannot write %s", policy.StatementsFile)
	}
	return nil
}

// replace gives a file another content at once.
func (im *importing) replace(name string, content []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := im.root.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	fresh := fmt.Sprintf(".%s.%d", name, os.Getpid())
	if err := im.writeNew(fresh, content, mode); err != nil {
		return err
	}
	err := im.root.Chmod(fresh, mode)
	if err == nil {
		err = im.root.Rename(fresh, name)
	}
	if err != nil {
		im.root.Remove(fresh)
	}
	return err
}
