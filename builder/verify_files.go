package builder

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

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

// maxHashed is how large a file of a site may be that is hashed and not read:
// larger than any that is published, so that nothing keeps Verify busy for ever.
const maxHashed = 1 << 30

const (
	maxManifest  = 512 << 20
	maxPublished = 64 << 20
)

// errNoFile is the absence of a file that can be read: what stands in its place.
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
		return nil, errNoFile("what cannot be read: " + withoutPath(err))
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, errNoFile("a symbolic link")
	case info.IsDir():
		return nil, errNoFile("a folder")
	case !info.Mode().IsRegular():
		return nil, errNoFile("something that is no regular file")
	case info.Size() > limit:
		return nil, errNoFile(fmt.Sprintf("a file larger than %d MiB", limit>>20))
	}
	f, err := v.root.Open(name)
	if err != nil {
		return nil, errNoFile("what cannot be read: " + withoutPath(err))
	}
	return f, nil
}

// read reads a file of the site.
func (v *verifier) read(path string) ([]byte, error) {
	limit := int64(maxPublished)
	if path == manifestName || path == publish.MarkerName {
		limit = maxManifest
	}
	f, err := v.open(path, limit)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var content bytes.Buffer
	if info, err := f.Stat(); err == nil {
		content.Grow(int(info.Size()) + bytes.MinRead)
	}
	// It may have grown since it was opened.
	if _, err := content.ReadFrom(io.LimitReader(f, limit)); err != nil {
		return nil, errNoFile("what cannot be read: " + withoutPath(err))
	}
	return content.Bytes(), nil
}

// withoutPath leaves out the path of an error, which the place of a difference names.
func withoutPath(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// readMarker reads the list of the site's files. One that is damaged is a
// difference like others, as long as archive.json says that this is a site.
func (v *verifier) readMarker() error {
	content, err := v.read(publish.MarkerName)
	if err != nil {
		return policy.Fail(policy.ErrUsage, nil, "name the folder that a build wrote; a copy of it needs "+publish.MarkerName+" too, which lists its files",
			"%s is no site of policysite: want a file %s in it, have %v", v.dir, publish.MarkerName, err)
	}
	if v.listed, err = publish.ReadMarker(publish.MarkerName, bytes.NewReader(content)); err != nil {
		v.differ(publish.MarkerName, DiffRecord, "a list of files with their hashes", err.Error())
	} else if !bytes.Equal(content, publish.Marker(v.listed)) {
		v.differ(publish.MarkerName, DiffRecord, "the bytes that policysite writes for its list of "+fmt.Sprint(len(v.listed))+" files", "others")
	}
	return nil
}

// hashFiles hashes what the marker lists.
func (v *verifier) hashFiles(ctx context.Context) error {
	paths := slices.Sorted(maps.Keys(v.listed))
	v.have = make(map[string]string, len(paths))
	return v.inParallel(ctx, "hashing files", len(paths), func(next func() (int, bool)) error {
		h, buf := sha256.New(), make([]byte, 128<<10)
		for i, ok := next(); ok; i, ok = next() {
			f, err := v.open(paths[i], maxHashed)
			if err == nil {
				h.Reset()
				_, err = io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{io.LimitReader(f, maxHashed)}, buf)
				if f.Close(); err != nil {
					err = errNoFile("what cannot be read: " + withoutPath(err))
				}
			}
			if err != nil {
				v.differFile(paths[i], DiffMissing, "a file", err.Error())
				continue
			}
			sum := hex.EncodeToString(h.Sum(nil))
			v.mu.Lock()
			v.have[paths[i]] = sum
			v.mu.Unlock()
		}
		return nil
	})
}

// tellFiles tells of the files that have changed and of which nothing more is
// known.
func (v *verifier) tellFiles() {
	for path, have := range v.have {
		if want := v.listed[path]; have != want && !v.told[path] {
			v.differ(path, DiffChanged, want, have)
		}
	}
}
