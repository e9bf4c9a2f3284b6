package builder

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/policy"
)

// plan orders what is imported by its day, and gives each text its file.
func (im *importing) plan() error {
	all := im.result.Imported
	slices.SortStableFunc(all, func(a, b Imported) int { return strings.Compare(fileDay(&a).String(), fileDay(&b).String()) })
	taken := map[string][]byte{}
	kept := all[:0]
	for i := range all {
		item := &all[i]
		dir := path.Join("history", im.opt.Policy)
		item.File = path.Join(dir, fileDay(item).String()+".md")
		for n := 2; taken[item.File] != nil && !bytes.Equal(taken[item.File], item.page); n++ {
			item.File = path.Join(dir, fmt.Sprintf("%s-%d.md", fileDay(item), n))
		}
		if taken[item.File] != nil {
			im.skip(item.Name, "is the same text as that of "+item.File)
			continue
		}
		item.Entry.File = item.File
		there, err := os.ReadFile(im.path(item.File))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return policy.Fail(policy.ErrOutput, err, "", "cannot see whether %s is there", item.File)
		case !bytes.Equal(there, item.page):
			im.wrong(item.Name, "move that file away, or give this text another day with --date", "%s is there already, with another text", item.File)
			continue
		default:
			item.Known = true
		}
		item.stated = slices.ContainsFunc(im.entries, func(e policy.Entry) bool { return e.File == item.File })
		taken[item.File] = item.page
		kept = append(kept, *item)
	}
	im.result.Imported = kept
	return nil
}

// fileDay is the day that names a text's file: that on which it was seen, if
// that is known, since then it stood there.
func fileDay(item *Imported) policy.Date {
	if !item.Entry.Seen.IsZero() {
		return item.Entry.Seen
	}
	return item.Entry.Day()
}

func (im *importing) path(file string) string {
	return filepath.Join(im.opt.Source, filepath.FromSlash(file))
}

// write writes the texts that are not there yet, then history.yaml. When that
// fails, nothing of it stays.
func (im *importing) write() (err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, name := range made {
				os.Remove(name)
			}
		}
	}()
	var entries []policy.Entry
	for i := range im.result.Imported {
		item := &im.result.Imported[i]
		if !item.stated {
			entries = append(entries, item.Entry)
		}
		if item.Known {
			continue
		}
		name := im.path(item.File)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return policy.Fail(policy.ErrOutput, err, "", "cannot write %s", item.File)
		}
		if err := writeNew(name, item.page); err != nil {
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
func writeNew(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(name)
	}
	return err
}

// state adds entries to history.yaml, once it is sure that it then says what it
// said before, and they.
func (im *importing) state(entries []policy.Entry) error {
	hint := "add the entries by hand:\n" + listEntries(im.opt.Policy, entries)
	updated, err := importer.Append(im.statement, im.opt.Policy, entries)
	if err != nil {
		return policy.Fail(policy.ErrContent, err, hint, "cannot add to %s", policy.StatementsFile)
	}
	if read, problems := policy.ParseStatements(updated); len(problems) > 0 || len(read) != len(im.entries)+len(entries) {
		return policy.Fail(policy.ErrContent, nil, hint, "cannot add to %s, whose form is not understood", policy.StatementsFile)
	}
	temporary, err := os.CreateTemp(im.opt.Source, ".history-*.yaml")
	if err != nil {
		return policy.Fail(policy.ErrOutput, err, "", "cannot write %s", im.result.Statements)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(updated)
	mode := fs.FileMode(0o644)
	if info, statErr := os.Stat(im.result.Statements); statErr == nil {
		mode = info.Mode().Perm()
	}
	err = errors.Join(err, temporary.Chmod(mode), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), im.result.Statements)
	}
	if err != nil {
		return policy.Fail(policy.ErrOutput, err, "", "cannot write %s", im.result.Statements)
	}
	return nil
}

// listEntries is how entries look in an empty history.yaml.
func listEntries(id string, entries []policy.Entry) string {
	out, err := importer.Append(nil, id, entries)
	if err != nil {
		return ""
	}
	return string(out)
}
