// Package schema holds JSON Schemas of the files that people and programs read and
// write. They are made by its test, from the code that reads and writes these files
// and from the tables of docs/.
package schema

import "embed"

//go:embed *.json
var files embed.FS

// Names are the names of all schemas.
func Names() (names []string) {
	entries, _ := files.ReadDir(".") // embedded: it cannot fail
	for _, e := range entries {
		names = append(names, e.Name()[:len(e.Name())-len(".json")])
	}
	return names
}

// Of is the schema of a name; nil for none.
func Of(name string) []byte {
	content, _ := files.ReadFile(name + ".json")
	return content
}
