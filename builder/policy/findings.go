package policy

import (
	"fmt"
	"strings"
)

// Findings are what a stage has to tell those who write and publish texts.
type Findings struct {
	Problems Problems // to be mended
	Notes    []string // worth knowing, and nothing to mend
}

// Failed returns all that is wrong so far, the problems of err included, so that
// all of it is reported together; warnings are wrong in a strict run. An error that
// is not of the texts is returned as it is.
func (f *Findings) Failed(err error, strict bool) error {
	if problems, ok := err.(Problems); ok {
		f.Problems = append(f.Problems, problems...)
	} else if err != nil {
		return err
	}
	if wrong := f.Problems.Errors(strict); len(wrong) > 0 {
		wrong.Sort()
		return wrong
	}
	return nil
}

// Add adds what another stage found.
func (f *Findings) Add(g Findings) {
	f.Problems = append(f.Problems, g.Problems...)
	f.Notes = append(f.Notes, g.Notes...)
}

// ListWords joins words, at most so many of them.
func ListWords(words []string, most int) string {
	if more := len(words) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), more)
	}
	return strings.Join(words, ", ")
}
