package builder

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/policysite/policysite/builder/publish"
)

// cache keeps in a folder, beyond the life of the program, what is slow to work
// out, by a hash of all that it is made from. It is a convenience: it may go at
// any time, and what is damaged or of another program is not used.
type cache struct {
	folder  string // "" keeps nothing
	program string // identifies the program; keys have it in them
}

func newCache(folder, generator string) *cache {
	c := &cache{folder: folder, program: generator}
	// A program under development keeps its version while it changes.
	if exe, err := os.Executable(); err == nil {
		if info, err := os.Stat(exe); err == nil {
			c.program += info.ModTime().UTC().Format(time.RFC3339Nano)
		}
	}
	return c
}

// hashOf makes a key of a value that JSON can tell.
func hashOf(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // keys are made of strings, numbers and flags
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (c *cache) file(key string) string { return filepath.Join(c.folder, key[:2], key) }

// load reads into a pointer what was stored; it reports whether there was
// anything that can be used.
func (c *cache) load(key string, into any) bool {
	if c.folder == "" {
		return false
	}
	data, err := os.ReadFile(c.file(key))
	if err != nil || len(data) < sha256.Size || sha256.Sum256(data[sha256.Size:]) != [sha256.Size]byte(data[:sha256.Size]) {
		return false
	}
	if gob.NewDecoder(bytes.NewReader(data[sha256.Size:])).Decode(into) != nil {
		return false
	}
	now := time.Now()
	os.Chtimes(c.file(key), now, now) // it is in use: see prune
	return true
}

// has reports whether something was stored.
func (c *cache) has(key string) bool {
	if c.folder == "" {
		return false
	}
	_, err := os.Lstat(c.file(key))
	return err == nil
}

// store keeps a value, if that is possible.
func (c *cache) store(key string, v any) {
	if c.folder == "" {
		return
	}
	var data bytes.Buffer
	data.Write(make([]byte, sha256.Size))
	if gob.NewEncoder(&data).Encode(v) != nil {
		return
	}
	sum := sha256.Sum256(data.Bytes()[sha256.Size:])
	copy(data.Bytes(), sum[:])
	dir := filepath.Dir(c.file(key))
	if os.MkdirAll(dir, 0o700) != nil {
		return
	}
	temp, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return
	}
	_, err = temp.Write(data.Bytes())
	if closed := temp.Close(); err != nil || closed != nil || os.Rename(temp.Name(), c.file(key)) != nil {
		os.Remove(temp.Name())
	}
}

// unused is how long something is kept that nobody asks for.
const unused = 30 * 24 * time.Hour

// prune deletes what has not been used for long.
func (c *cache) prune() {
	if c.folder == "" {
		return
	}
	files, _ := filepath.Glob(filepath.Join(c.folder, "??", "*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && time.Since(info.ModTime()) > unused {
			os.Remove(f)
		}
	}
	publish.PruneSpares(spares(c.folder))
}

// spares is where sites that were replaced wait to be used again; "" without a
// cache.
func spares(cache string) string {
	if cache == "" {
		return ""
	}
	return filepath.Join(cache, "spare")
}
