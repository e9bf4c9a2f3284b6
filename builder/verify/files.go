package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

// Larger files are not read: nothing in a folder may keep a verification busy
// for ever. No site has such files.
const (
	maxHashed = 1 << 30
	maxList   = 512 << 20 // archive.json and the marker
	maxRead   = 64 << 20  // all others whose content counts
)

// errNoFile says what stands where a file is wanted.
type errNoFile string

func (e errNoFile) Error() string { return string(e) }

// open opens a file of the site. Links are not followed: no site has one, and it
// might lead to another file with the right bytes.
func (v *verifier) open(path string, limit int64) (*os.File, error) {
	name := filepath.FromSlash(path)
	info, err := v.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoFile("nothing")
	case err != nil:
		return nil, unreadable(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, errNoFile("a symbolic link")
	case info.IsDir():
		return nil, errNoFile("a folder")
	case !info.Mode().IsRegular():
		return nil, errNoFile("something that is not a regular file")
	case info.Size() > limit:
		return nil, errNoFile(fmt.Sprintf("a file larger than %d MiB", limit>>20))
	}
	f, err := v.root.Open(name)
	if err != nil {
		return nil, unreadable(err)
	}
	return f, nil
}

// unreadable leaves out the path, which the place of a difference names.
func unreadable(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return errNoFile("what cannot be read: " + err.Error())
}

// read reads a file of the site.
func (v *verifier) read(path string, limit int64) ([]byte, error) {
	f, err := v.open(path, limit)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit)) // it may have grown since it was opened
	if err != nil {
		return nil, unreadable(err)
	}
	return content, nil
}

// readMarker reads the list of the site's files. One that is damaged is a
// difference like others, as long as archive.json says that this is a site.
func (v *verifier) readMarker() error {
	content, err := v.read(publish.MarkerName, maxList)
	if err != nil {
		return policy.Fail(policy.ErrUsage, nil, "name the folder that a build wrote; a copy of it needs "+publish.MarkerName+" too, which lists its files",
			"%s is not a site of policysite: expected a file %s in it, found %v", v.dir, publish.MarkerName, err)
	}
	if v.listed, err = publish.ReadMarker(publish.MarkerName, bytes.NewReader(content)); err != nil {
		v.differ(publish.MarkerName, Record, "a list of files with their hashes", err.Error())
	} else if !bytes.Equal(content, publish.Marker(v.listed)) {
		v.differ(publish.MarkerName, Record, "the bytes that policysite writes for its list of "+fmt.Sprint(len(v.listed))+" files", "others")
	}
	return nil
}

// hashFiles hashes what the marker lists.
func (v *verifier) hashFiles(ctx context.Context) error {
	paths := slices.Sorted(maps.Keys(v.listed))
	v.have = make(map[string]string, len(paths))
	for i, path := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		v.progress("hashing files", i, len(paths))
		f, err := v.open(path, maxHashed)
		h := sha256.New()
		if err == nil {
			if _, err = io.Copy(h, io.LimitReader(f, maxHashed)); err != nil {
				err = unreadable(err)
			}
			f.Close()
		}
		if err != nil {
			v.differFile(path, Missing, "a file", err.Error())
			continue
		}
		v.have[path] = hex.EncodeToString(h.Sum(nil))
	}
	return nil
}

// tellFiles tells of the files that have changed and of which nothing more is
// known.
func (v *verifier) tellFiles() {
	for path, have := range v.have {
		if want := v.listed[path]; have != want && !v.told[path] {
			v.differFile(path, Changed, want, have)
		}
	}
}

// tellExtra tells of what stands in the folder and in no list. What begins with a
// dot, and CNAME, are their owner's: git, hosts and .well-known.
func (v *verifier) tellExtra() {
	if v.listed == nil {
		return // which files are the site's is not known, and that has been told
	}
	_ = fs.WalkDir(v.root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		_, listed := v.listed[path]
		switch {
		case err != nil:
			v.differ(path, Extra, "a folder that can be read", unreadable(err).Error())
		case listed || v.built[path] || path == publish.MarkerName || path == "CNAME" || path == ".":
		case strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir():
			v.differ(path, Extra, "nothing, since no list has it", "a file")
		}
		return nil
	})
}
