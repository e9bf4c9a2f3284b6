package builder

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/policy"
)

// captures imports the captures of a list whose wording is not that of the one
// before.
func (im *importing) captures() error {
	list, err := readSource(im.opt.Captures)
	if err != nil {
		return policy.Fail(policy.ErrUsage, err, "", "no list of captures")
	}
	from := im.opt.From
	if from == "" {
		from = importer.WaybackMachine
	}
	base := from
	var folder map[string][]string
	if isAddress(from) {
		if err := baseAddress(from); err != nil {
			return err
		}
	} else {
		if folder, err = captureFiles(from); err != nil {
			return policy.Fail(policy.ErrUsage, err, "", "--from: no folder with captures")
		}
		base = importer.WaybackMachine
	}
	all, err := importer.ParseCaptures(list.Data, base)
	if err != nil {
		return policy.Problems{{Path: im.opt.Captures, Message: err.Error(), Hint: "lists come from https://web.archive.org/cdx/search/cdx?url=example.com/privacy&output=json"}}
	}
	digest, wording, last := "", "", "" // of the latest capture that could be read
	for i := range all {
		l := &all[i]
		if err := im.ctx.Err(); err != nil {
			return err
		}
		im.progress("reading captures", i, len(all))
		name := l.Timestamp + " " + l.Original
		if why := l.Unusable(); why != "" {
			im.skip(name, why)
			continue
		}
		if l.Digest != "" && l.Digest == digest {
			im.skip(name, "repeats that of "+last)
			continue
		}
		src, err := im.capture(l, from, folder)
		if err != nil {
			im.wrong(name, "", "cannot be read: %v", err)
			continue
		}
		src.Name = name
		item := im.add(src, &l.Capture)
		if item == nil {
			continue
		}
		digest = l.Digest
		if item.wording == wording {
			im.skip(name, "has the wording of that of "+last)
			continue
		}
		wording, last = item.wording, l.Day().Long()
		im.result.Imported = append(im.result.Imported, *item)
	}
	return nil
}

// capture gets one capture.
func (im *importing) capture(l *importer.Listed, from string, folder map[string][]string) (importer.Source, error) {
	if folder == nil {
		src, err := im.fetch(l.Raw(from))
		if err == nil && !l.Answers(src.Address) {
			err = fmt.Errorf("the archive answers with another one, %s", src.Address)
		}
		return src, err
	}
	switch files := folder[l.Timestamp]; len(files) {
	case 0:
		return importer.Source{}, fmt.Errorf("%s has no file whose name begins with %s", from, l.Timestamp)
	case 1:
		return readSource(files[0])
	default:
		return importer.Source{}, fmt.Errorf("%s and %s could both be it", files[0], files[1])
	}
}

// captureFiles are the files of a folder by the time of capture that their name
// begins with, or that of the folder they are in.
func captureFiles(dir string) (map[string][]string, error) {
	out := map[string][]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() {
			return nil
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		for part := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
			if t := timestamp(part); t != "" {
				out[t] = append(out[t], p)
				break
			}
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s has no file whose name begins with a time such as 20121028225912", dir)
	}
	if _, stat := os.Stat(dir); stat != nil {
		err = stat
	}
	return out, err
}

// timestamp is the time of capture that a name begins with, or "".
func timestamp(name string) string {
	n := 0
	for n < len(name) && name[n] >= '0' && name[n] <= '9' {
		n++
	}
	if n != 14 {
		return ""
	}
	return name[:n]
}

// baseAddress checks what captures are fetched from.
func baseAddress(from string) error {
	u, err := url.Parse(from)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return policy.Fail(policy.ErrUsage, nil, "", "--from: want a folder, or an address such as %s, have %q", importer.WaybackMachine, from)
	}
	return nil
}
