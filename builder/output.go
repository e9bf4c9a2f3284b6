package builder

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// destination takes the files of a site. It is safe for concurrent use.
type destination interface {
	Add(path string, content []byte) error
	AddFrom(path string, write func(io.Writer) error) error
}

// nowhere takes the files of a site that is only checked.
type nowhere struct{}

func (nowhere) Add(string, []byte) error { return nil }

func (nowhere) AddFrom(_ string, write func(io.Writer) error) error { return write(io.Discard) }

// output takes all files of a site, attachments once per content. It is safe
// for concurrent use.
type output struct {
	to destination

	mu    sync.Mutex
	sums  map[string]string // SHA-256 by blob
	paths map[string]string // of all files so far; with the blob of an attachment that was read
}

func newOutput(to destination) *output {
	return &output{to: to, sums: map[string]string{}, paths: map[string]string{}}
}

func (o *output) emit(path string, content []byte) error {
	o.note(path)
	return o.to.Add(path, content)
}

// emitFrom is emit for what is written piece by piece.
func (o *output) emitFrom(path string, write func(io.Writer) error) error {
	o.note(path)
	return o.to.AddFrom(path, write)
}

// has reports whether there is a file of that path. It is for who holds the lock,
// or is alone.
func (o *output) has(path string) bool {
	_, ok := o.paths[path]
	return ok
}

func (o *output) note(path string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.paths[path] = ""
}

// attach publishes a file that a text links to, and returns its SHA-256 and
// its URL.
func (o *output) attach(f history.File, name string, read func(blob string) ([]byte, error)) (sum, url string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	sum, known := o.sums[f.Blob]
	if url = pages.AssetURL(sum, name); known && o.has(url[1:]) {
		return sum, url, nil
	}
	content, err := read(f.Blob)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", f.Path, err)
	}
	hash := sha256.Sum256(content)
	sum = hex.EncodeToString(hash[:])
	url = pages.AssetURL(sum, name)
	if o.sums[f.Blob] = sum; o.has(url[1:]) {
		return sum, url, nil
	}
	o.paths[url[1:]] = f.Blob
	return sum, url, o.to.Add(url[1:], content)
}

// again publishes a file as the previous site had it.
func (o *output) again(a *policy.Attachment, from *previous) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.has(a.URL[1:]) {
		return nil
	}
	content, err := from.file(a.URL[1:], a.SHA256)
	if err != nil {
		return err
	}
	o.paths[a.URL[1:]] = ""
	return o.to.Add(a.URL[1:], content)
}
