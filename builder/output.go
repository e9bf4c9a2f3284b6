package builder

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// destination takes the files of a site. It is safe for concurrent use.
type destination interface {
	Add(path string, content []byte) error
}

// nowhere takes the files of a site that is only checked.
type nowhere struct{}

func (nowhere) Add(string, []byte) error { return nil }

// output is the way of all files out, and of attachments once per content.
type output struct {
	to destination

	mu    sync.Mutex
	sums  map[string]string // SHA-256 by blob
	done  map[string]string // blobs of attachments by URL
	paths map[string]bool   // of all files so far
}

func newOutput(to destination) *output {
	return &output{to: to, sums: map[string]string{}, done: map[string]string{}, paths: map[string]bool{}}
}

func (o *output) emit(path string, content []byte) error {
	o.mu.Lock()
	o.paths[path] = true
	o.mu.Unlock()
	return o.to.Add(path, content)
}

// attach publishes a file that a text links to, and returns its SHA-256 and
// its URL.
func (o *output) attach(f history.File, name string, read func(blob string) ([]byte, error)) (sum, url string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	sum, known := o.sums[f.Blob]
	if known && o.done[pages.AssetURL(sum, name)] != "" {
		return sum, pages.AssetURL(sum, name), nil
	}
	content, err := read(f.Blob)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", f.Path, err)
	}
	hash := sha256.Sum256(content)
	sum = hex.EncodeToString(hash[:])
	url = pages.AssetURL(sum, name)
	if o.sums[f.Blob] = sum; o.done[url] != "" {
		return sum, url, nil
	}
	o.done[url], o.paths[url[1:]] = f.Blob, true
	return sum, url, o.to.Add(url[1:], content)
}

// again publishes a file as the previous site had it.
func (o *output) again(a *policy.Attachment, from *previous) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done[a.URL] != "" {
		return nil
	}
	content, err := from.file(a.URL[1:], a.SHA256)
	if err != nil {
		return err
	}
	o.done[a.URL], o.paths[a.URL[1:]] = a.SHA256, true
	return o.to.Add(a.URL[1:], content)
}
