package builder

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// records keeps what git says of policies, by a hash of all that it is made
// from: in memory, and in a folder that outlives the program. What is in the
// folder is a convenience. It may go at any time, and what is damaged or of
// another program is not used.
type records struct {
	folder  string // "" keeps nothing beyond memory
	program string // identifies the program that made them

	mu   sync.Mutex
	made map[string]*making
}

// making is a record that was made or is being made.
type making struct {
	done   chan struct{}
	record *record
	err    error
}

func newRecords(folder, generator string) *records {
	r := &records{folder: folder, program: generator, made: map[string]*making{}}
	// A program under development keeps its version while it changes.
	if exe, err := os.Executable(); err == nil {
		if info, err := os.Stat(exe); err == nil {
			r.program += info.ModTime().UTC().Format(time.RFC3339Nano)
		}
	}
	return r
}

// key is the hash of everything that a policy's record is made from. A commit's
// id stands for its date and message.
func (r *records) key(s *survey, sub *subject) string {
	revisions := s.recorded(sub)
	if len(revisions) == 0 {
		return ""
	}
	type revision struct{ Commit, Path, FromPath, Blob string }
	made := struct {
		Program                    string
		Trusted, Authors, Subjects bool
		Zone, Since, Path          string
		Source, Content, Language  string
		Languages                  []string
		Revisions                  []revision
	}{
		r.program, s.config.TrustedHTML, s.config.AuthorDates, s.config.CommitSubjects,
		s.config.Timezone.String(), s.config.Since[sub.place.ID], revisions[len(revisions)-1].Path,
		s.layout.Source, s.layout.Content, s.layout.Language, s.layout.Languages, nil,
	}
	for _, rev := range revisions {
		made.Revisions = append(made.Revisions, revision{s.log.Steps[rev.Step].Commit, rev.Path, rev.FromPath, rev.Blob})
	}
	data, err := json.Marshal(made)
	if err != nil {
		panic(err) // strings and flags can be written
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// get returns a record of that key for a day, which build makes if need be. Who
// asks for it while it is being made waits.
func (r *records) get(ctx context.Context, key string, day policy.Date, build func() (*record, error)) (*record, error) {
	for {
		r.mu.Lock()
		m := r.made[key]
		if m == nil {
			m = &making{done: make(chan struct{})}
			r.made[key] = m
			r.mu.Unlock()
			r.fill(m, key, day, build)
			return m.record, m.err
		}
		r.mu.Unlock()
		select {
		case <-m.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if m.err == nil && m.record.holds(day) {
			return m.record, nil
		}
		// It failed for somebody else, who may have gone away, or it is of
		// another day.
		r.mu.Lock()
		if r.made[key] == m {
			delete(r.made, key)
		}
		r.mu.Unlock()
	}
}

func (r *records) fill(m *making, key string, day policy.Date, build func() (*record, error)) {
	defer close(m.done)
	defer func() {
		if p := recover(); p != nil {
			m.err = &Bug{p, debug.Stack()}
		}
	}()
	if m.record = r.load(key); m.record != nil && m.record.holds(day) {
		return
	}
	if m.record, m.err = build(); m.err == nil {
		r.store(key, m.record)
	}
}

// holds tells whether what a record says of one day is true of another: between
// two changes of what is in force nothing depends on the day.
func (r *record) holds(day policy.Date) bool {
	return !day.Before(r.Day) && (r.Life.NextChange.IsZero() || day.Before(r.Life.NextChange))
}

// keep forgets all records in memory but those of these keys.
func (r *records) keep(keys map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.made {
		if !keys[key] {
			delete(r.made, key)
		}
	}
}

func (r *records) file(key string) string { return filepath.Join(r.folder, key[:2], key) }

// load reads a record from the folder; nil when there is none that can be used.
func (r *records) load(key string) *record {
	if r.folder == "" {
		return nil
	}
	data, err := os.ReadFile(r.file(key))
	if err != nil || len(data) < sha256.Size || sha256.Sum256(data[sha256.Size:]) != [sha256.Size]byte(data[:sha256.Size]) {
		return nil
	}
	var out record
	if gob.NewDecoder(bytes.NewReader(data[sha256.Size:])).Decode(&out) != nil {
		return nil
	}
	now := time.Now()
	os.Chtimes(r.file(key), now, now) // it is in use: see prune
	return &out
}

// store puts a record into the folder, if that is possible.
func (r *records) store(key string, made *record) {
	if r.folder == "" {
		return
	}
	var data bytes.Buffer
	if gob.NewEncoder(&data).Encode(made) != nil {
		return
	}
	sum := sha256.Sum256(data.Bytes())
	dir := filepath.Dir(r.file(key))
	if os.MkdirAll(dir, 0o700) != nil {
		return
	}
	temp, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return
	}
	_, err = temp.Write(append(sum[:], data.Bytes()...))
	if closed := temp.Close(); err != nil || closed != nil || os.Rename(temp.Name(), r.file(key)) != nil {
		os.Remove(temp.Name())
	}
}

// unused is how long a record is kept that nobody asks for.
const unused = 30 * 24 * time.Hour

// prune deletes what has not been used for long.
func (r *records) prune() {
	if r.folder == "" {
		return
	}
	files, _ := filepath.Glob(filepath.Join(r.folder, "??", "*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && time.Since(info.ModTime()) > unused {
			os.Remove(f)
		}
	}
}
