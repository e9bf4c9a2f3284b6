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
	"github.com/policysite/policysite/builder/publish"
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

// output is the way of all files out, and of attachments once per content. Each
// goroutine has one of its own, which share the way.
type output struct {
	*way
	// Since begin:
	files  map[string]bool // paths of what came this way, attachments that others brought first too
	linked map[string]bool // URLs of policies to whose headings texts link
}

// way is what all outputs of a build share.
type way struct {
	to destination

	mu    sync.Mutex
	sums  map[string]string // SHA-256 by blob
	paths map[string]string // of all files so far; with the blob of an attachment that was read
}

func newOutput(to destination) *output {
	o := &output{way: &way{to: to, sums: map[string]string{}, paths: map[string]string{}}}
	o.begin()
	return o
}

// another returns an output for another goroutine.
func (o *output) another() *output {
	o = &output{way: o.way}
	o.begin()
	return o
}

// begin starts to note anew what comes this way.
func (o *output) begin() { o.files, o.linked = map[string]bool{}, map[string]bool{} }

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
func (w *way) has(path string) bool {
	_, ok := w.paths[path]
	return ok
}

func (o *output) note(path string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files[path], o.paths[path] = true, ""
}

// attach publishes a file that a text links to, and returns its SHA-256 and
// its URL.
func (o *output) attach(f history.File, name string, read func(blob string) ([]byte, error)) (sum, url string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	sum, known := o.sums[f.Blob]
	if url = pages.AssetURL(sum, name); known && o.has(url[1:]) {
		o.files[url[1:]] = true
		return sum, url, nil
	}
	content, err := read(f.Blob)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", f.Path, err)
	}
	hash := sha256.Sum256(content)
	sum = hex.EncodeToString(hash[:])
	url = pages.AssetURL(sum, name)
	o.files[url[1:]] = true
	if o.sums[f.Blob] = sum; o.has(url[1:]) {
		return sum, url, nil
	}
	o.paths[url[1:]] = f.Blob
	return sum, url, o.to.Add(url[1:], content)
}

// reuse publishes files of a policy as the site that is there has them, but for
// attachments that are published already.
func (o *output) reuse(sums map[string]string, from *publish.Site) error {
	o.mu.Lock()
	missing := make(map[string]string, len(sums))
	for path, sum := range sums {
		if !o.has(path) {
			missing[path], o.paths[path] = sum, ""
		}
	}
	o.mu.Unlock()
	return from.Reuse(missing)
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
