package history

import (
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Drafts are the contents of a work tree that are not committed, by object id.
type Drafts map[string][]byte

// Difference says in one line what the last step of a log that Read returned
// did to the log it was given: the same line for the same difference. It is ""
// for that log itself.
func (l *Log) Difference(base *Log) string {
	if l == base {
		return ""
	}
	var out strings.Builder
	step := int32(len(l.Steps) - 1)
	for i, events := range l.events {
		if e := events[len(events)-1]; e.step == step {
			out.WriteString(l.paths[i] + "\x00" + l.blobs[e.blob].String() + string(rune('0'+int(e.mode)%10)) + "\x00")
		}
	}
	return out.String()
}

// with returns a log with one step more, at which files came to stand, or with
// mode 0 went. It shares what it can with l, which stays as it is.
func (l *Log) with(step policy.Step, files []File) *Log {
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
