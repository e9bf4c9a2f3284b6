package history

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Log is what the publish branch held, step by step. It is complete, takes no
// repository to ask, and may be read by many goroutines.
type Log struct {
	Steps []policy.Step // oldest first; the last is the commit that was read

	paths  []string  // every path that ever was on the chain, sorted
	events [][]event // of each path, oldest first
	blobs  []oid     // the ids that events point to, in the order of their first event
}

// event is a step that changed a path.
type event struct {
	step int32
	blob uint32   // index into Log.blobs
	mode FileMode // 0: the step removed the path
}

// File is a blob, or a submodule's commit, at a path.
type File struct {
	Path string // relative to the root, with slashes
	Mode FileMode
	Blob string // object id, hexadecimal
}

// State is a file as it was from a step on.
type State struct {
	Step int
	File File
}

// Lookup returns the file at a path after a step.
func (l *Log) Lookup(step int, path string) (File, bool) {
	i, ok := slices.BinarySearch(l.paths, path)
	if !ok {
		return File{}, false
	}
	e, ok := at(l.events[i], step)
	if !ok {
		return File{}, false
	}
	return l.file(path, e), true
}

// Files returns all files after a step, sorted by path.
func (l *Log) Files(step int) iter.Seq[File] {
	return func(yield func(File) bool) {
		for i, path := range l.paths {
			if e, ok := at(l.events[i], step); ok && !yield(l.file(path, e)) {
				return
			}
		}
	}
}

// IsDir reports whether there was a file below path after a step. The root,
// "", is always a folder.
func (l *Log) IsDir(step int, path string) bool {
	if path == "" {
		return true
	}
	prefix := path + "/"
	i, _ := slices.BinarySearch(l.paths, prefix)
	for ; i < len(l.paths) && strings.HasPrefix(l.paths[i], prefix); i++ {
		if _, ok := at(l.events[i], step); ok {
			return true
		}
	}
	return false
}

// States returns the files at a path from one step to another, oldest first: the
// first as it was after from, its Step perhaps an earlier one, then each later
// content. It leaves out times without a file, and mere changes of the executable
// bit.
func (l *Log) States(path string, from, to int) []State {
	i, ok := slices.BinarySearch(l.paths, path)
	if !ok {
		return nil
	}
	var states []State
	stands := false // the last of states, at the step of e
	for _, e := range l.events[i] {
		if int(e.step) > to {
			break
		}
		n := len(states)
		if stands && e.mode != 0 && states[n-1].File.Blob == l.blobs[e.blob].String() {
			states[n-1].File.Mode = e.mode
			continue
		}
		if int(e.step) <= from {
			states = states[:0]
		}
		if stands = e.mode != 0; stands {
			states = append(states, State{int(e.step), l.file(path, e)})
		}
	}
	return states
}

// at returns the last event up to step, unless it removed the path.
func at(events []event, step int) (event, bool) {
	i, found := slices.BinarySearchFunc(events, step, func(e event, step int) int { return cmp.Compare(int(e.step), step) })
	if !found {
		i--
	}
	if i < 0 || events[i].mode == 0 {
		return event{}, false
	}
	return events[i], true
}

func (l *Log) file(path string, e event) File {
	return File{Path: path, Mode: e.mode, Blob: l.blobs[e.blob].String()}
}

// whereIs names a path and a commit that hold a blob, for messages; ""
// when there is none. l may be nil.
func (l *Log) whereIs(blob oid) string {
	if l == nil {
		return ""
	}
	n := slices.Index(l.blobs, blob)
	for i, path := range l.paths {
		for _, e := range l.events[i] {
			if e.mode != 0 && int(e.blob) == n {
				return fmt.Sprintf("%s in commit %s", path, l.Steps[e.step].Commit)
			}
		}
	}
	return ""
}
