package builder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"runtime/debug"
	"sync"

	"github.com/policysite/policysite/builder/policy"
)

// records keeps in memory what git says of policies, by a hash of all that it is
// made from.
type records struct {
	mu   sync.Mutex
	made map[string]*making
}

// making is a record that was made or is being made.
type making struct {
	done   chan struct{}
	record *record
	err    error
}

func newRecords() *records {
	return &records{made: map[string]*making{}}
}

// key is the hash of everything that a policy's record is made from. A commit's
// id stands for its date and message.
func (r *records) key(s *survey, sub *subject) string {
	revisions := s.recorded(sub)
	if len(revisions) == 0 {
		return ""
	}
	made := struct {
		Trusted, Authors, Subjects bool
		Zone, Since, Path          string
		Source, Content, Language  string
		Languages                  []string
		Revisions                  []revisionKey
		Statements                 []policy.Entry
		Redactions                 []policy.Redaction
	}{
		s.config.TrustedHTML, s.config.AuthorDates, s.config.CommitSubjects,
		s.config.Timezone.String(), s.config.Since[sub.place.ID], revisions[len(revisions)-1].Path,
		s.layout.Source, s.layout.Content, s.layout.Language, s.layout.Languages, s.revisionKeys(revisions),
		s.later.entries, s.later.redactions,
	}
	data, err := json.Marshal(made)
	if err != nil {
		panic(err) // keys are made of strings, numbers and flags
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// revisionKey is what tells a revision from any other.
type revisionKey struct{ Commit, Path, FromPath, Blob string }

func (s *survey) revisionKeys(revisions []policy.Revision) []revisionKey {
	keys := make([]revisionKey, len(revisions))
	for i, r := range revisions {
		keys[i] = revisionKey{s.log.Steps[r.Step].Commit, r.Path, r.FromPath, r.Blob}
	}
	return keys
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
			r.fill(m, build)
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

func (r *records) fill(m *making, build func() (*record, error)) {
	defer close(m.done)
	defer func() {
		if p := recover(); p != nil {
			m.err = &Bug{p, debug.Stack()}
		}
	}()
	m.record, m.err = build()
}

// holds tells whether what a record says of one day is true of another: between
// two changes of what is in force nothing depends on the day.
func (r *record) holds(day policy.Date) bool { return holds(r.Day, r.Life.NextChange, day) }

func holds(since, nextChange, day policy.Date) bool {
	return !day.Before(since) && (nextChange.IsZero() || day.Before(nextChange))
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
