package policy

import (
	"maps"
	"slices"
)

// Key is a key of a file that people write, for schemas.
type Key struct {
	Name     string
	Synonyms []string
	Form     Form
}

// Form is what a key may be set to.
type Form struct {
	Kind string   // "word", "open" for a word of these or another, "words", "flag", "number", "day", "language", "address", "range", "map" of words, or "" for anything
	Of   []string // the words that there are; nil for any
	Keys []Key    // of what has keys of its own
}

// The files that people write, as Keys knows them.
const (
	ConfigKeys      = "config"
	FrontMatterKeys = "front-matter"
	StatementKeys   = "history"
	RedactionKeys   = "redactions"
)

// Keys lists the keys of a file, or of each of its entries. Their forms are what is
// asked of the reader when there is nothing to read.
func Keys(file string) (out []Key) {
	var r reader
	switch file {
	case ConfigKeys:
		return r.keys((&Config{}).keys(&r))
	case StatementKeys:
		return r.keys((&Entry{}).keys(&r))
	case RedactionKeys:
		return r.keys((&Redaction{}).keys(&r, new(string)))
	case FrontMatterKeys:
		for _, k := range frontMatterKeys {
			key := r.keys(map[string]func(field){k.name: func(f field) { k.set(&Meta{}, &r, f) }})[0]
			key.Synonyms = k.synonyms
			out = append(out, key)
		}
	}
	return out
}

// keys are those that a file may have, with what the reader is asked for each.
func (r *reader) keys(read map[string]func(field)) (out []Key) {
	outer := r.asked
	for _, name := range slices.Sorted(maps.Keys(read)) {
		r.asked = &Form{}
		read[name](field{key: name, mapping: true})
		out = append(out, Key{Name: name, Form: *r.asked})
	}
	r.asked = outer
	return out
}

// is notes what the reader is asked for. A form that is made of another is the last.
func (r *reader) is(kind string, of ...string) {
	if r.asked != nil {
		*r.asked = Form{Kind: kind, Of: of}
	}
}
