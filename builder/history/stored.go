package history

import (
	"bytes"
	"encoding/gob"
	"errors"
	"slices"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// stored is a log as gob has it. Of values that are no structs gob takes many in
// little time.
type stored struct {
	Texts  []string  // of each step: the commit, the subject, what the trailers say
	Times  []int64   // of each step: when it was committed, and authored, each in Unix seconds and with the zone's offset in seconds
	Paths  []string  // as in Log
	Events [][]int64 // of each path, of each event: the step, the mode, the blob
	Blobs  []byte    // as in Log, one after the other
	Merged []byte    // the same
	IDSize int       // in bytes
}

const (
	textsOfStep  = 4
	timesOfStep  = 4
	partsOfEvent = 3
)

// GobEncode returns all that there is to know of a log that Read returned.
func (l *Log) GobEncode() ([]byte, error) {
	s := stored{Paths: l.paths, Events: make([][]int64, len(l.events)), IDSize: int(l.last().size)}
	for _, step := range l.Steps {
		s.Texts = append(s.Texts, step.Commit, step.Subject, step.Trailers.Change, step.Trailers.Summary)
		for _, t := range []time.Time{step.Committed, step.Authored} {
			// That is all there is of what parseTime makes.
			_, zone := t.Zone()
			s.Times = append(s.Times, t.Unix(), int64(zone))
		}
	}
	for i, events := range l.events {
		for _, e := range events {
			s.Events[i] = append(s.Events[i], int64(e.step), int64(e.mode), int64(e.blob))
		}
	}
	for _, id := range l.blobs {
		s.Blobs = append(s.Blobs, id.sum[:id.size]...)
	}
	for _, id := range l.merged {
		s.Merged = append(s.Merged, id.sum[:id.size]...)
	}
	var data bytes.Buffer
	err := gob.NewEncoder(&data).Encode(s)
	return data.Bytes(), err
}

// GobDecode makes the log of which GobEncode returned data.
func (l *Log) GobDecode(data []byte) error {
	var s stored
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&s); err != nil {
		return err
	}
	steps := len(s.Texts) / textsOfStep
	if s.IDSize <= 0 || s.IDSize > len(oid{}.sum) || len(s.Texts)%textsOfStep != 0 || len(s.Times) != steps*timesOfStep || len(s.Paths) != len(s.Events) {
		return errNotStored
	}
	out := Log{Steps: make([]policy.Step, steps), paths: s.Paths, events: make([][]event, len(s.Events)), blobs: s.ids(s.Blobs), merged: s.ids(s.Merged)}
	for i := range out.Steps {
		texts, times := s.Texts[i*textsOfStep:], s.Times[i*timesOfStep:]
		out.Steps[i] = policy.Step{
			Commit: texts[0], Subject: texts[1], Trailers: policy.Trailers{Change: texts[2], Summary: texts[3]},
			Committed: inZone(times[0], int(times[1])), Authored: inZone(times[2], int(times[3])),
		}
	}
	for i, events := range s.Events {
		out.events[i] = make([]event, 0, len(events)/partsOfEvent)
		for e := range slices.Chunk(events, partsOfEvent) {
			if len(e) != partsOfEvent || e[0] < 0 || e[0] >= int64(steps) || e[1] < 0 || e[1] >= int64(folder) || e[2] < 0 || e[1] != 0 && e[2] >= int64(len(out.blobs)) {
				return errNotStored
			}
			out.events[i] = append(out.events[i], event{step: int32(e[0]), mode: FileMode(e[1]), blob: uint32(e[2])})
		}
	}
	*l = out
	return nil
}

var errNotStored = errors.New("it is no log")

// ids takes apart ids that stand one after the other.
func (s *stored) ids(raw []byte) (ids []oid) {
	for id := range slices.Chunk(raw, s.IDSize) {
		ids = append(ids, oidOf(id))
	}
	return ids
}
