package history

import (
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Drafts are the contents of a work tree that are not committed, by object id.
type Drafts map[string][]byte

// Changed are the files that the last step of a log that Read or With returned
// gave to the log it was given, sorted by path, with mode 0 those that it took
// away. There are none for that log itself.
func (l *Log) Changed(base *Log) (out []File) {
	if l == base {
		return nil
	}
	step := int32(len(l.Steps) - 1)
	for i, events := range l.events {
		if e := events[len(events)-1]; e.step == step {
			f := File{Path: l.paths[i], Mode: e.mode}
			if e.mode != 0 {
				f.Blob = l.blobs[e.blob].String()
			}
			out = append(out, f)
		}
	}
	return out
}

// With returns a log with one step more, at which files came to stand, or with
// mode 0 went. It shares what it can with l, which stays as it is.
func (l *Log) With(step policy.Step, files []File) *Log {
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	out := &Log{
		Steps:  append(slices.Clip(l.Steps), step),
		blobs:  slices.Clip(l.blobs),
		paths:  make([]string, 0, len(l.paths)+len(files)),
		events: make([][]event, 0, len(l.paths)+len(files)),
	}
	i := 0
	for _, f := range files {
		for ; i < len(l.paths) && l.paths[i] < f.Path; i++ {
			out.paths, out.events = append(out.paths, l.paths[i]), append(out.events, l.events[i])
		}
		var before []event
		if i < len(l.paths) && l.paths[i] == f.Path {
			before = l.events[i]
			i++
		}
		e := event{step: int32(len(l.Steps)), mode: f.Mode}
		if f.Mode != 0 {
			id, _ := parseOID(f.Blob)
			// A text that is back as it was once has the index it had then.
			n := slices.Index(out.blobs, id)
			if n < 0 {
				n = len(out.blobs)
				out.blobs = append(out.blobs, id)
			}
			e.blob = uint32(n)
		}
		out.paths, out.events = append(out.paths, f.Path), append(out.events, append(slices.Clip(before), e))
	}
	out.paths, out.events = append(out.paths, l.paths[i:]...), append(out.events, l.events[i:]...)
	return out
}
