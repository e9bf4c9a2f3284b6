//go:build js && wasm

// Compare is the comparison of any two texts for browsers, compiled to WebAssembly: go
// generate ./layouts makes it. It is the code of `policysite redline`.
package main

import (
	"syscall/js"

	"github.com/policysite/policysite/builder/files"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words/phrases"
)

// policysiteCompare(oldName, oldBytes, newName, newBytes) returns an object: html, what
// `policysite redline` has in data-redline, and said, how much changed; or error, why the
// texts cannot be compared. What is said beside the text is in policysiteWords, encoded
// phrases.
func main() {
	w, err := phrases.Read([]byte(js.Global().Get("policysiteWords").String()))
	if err != nil {
		panic(err) // the site's builder has written them
	}
	js.Global().Set("policysiteCompare", js.FuncOf(func(_ js.Value, args []js.Value) any {
		r, err := files.Compare(file(args[0], args[1]), file(args[2], args[3]))
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		said := w.T("no-difference")
		if r.Changes > 0 {
			said = w.T("edits", r.Changes) + ": " + w.T("size", "Added", w.T("words-added", r.Added), "Removed", w.T("words-removed", r.Removed))
		}
		return map[string]any{"html": string(r.HTML(redline.HTMLOptions{Words: w, Fold: true})), "said": said}
	}))
	select {}
}

func file(name, content js.Value) files.File {
	f := files.File{Name: name.String(), Content: make([]byte, content.Length())}
	js.CopyBytesToGo(f.Content, content)
	return f
}
