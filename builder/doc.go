// Package builder is the pipeline: it reads a company's policies and their git
// history, and writes the site.
//
//	history    git → revisions              what happened to each policy
//	markdown   source → document            what a reader sees of a text
//	policy     revisions → versions         which revisions a reader can tell apart
//	pages      versions + theme → pages     the site
//	publish    pages → destination          minified, swapped in at once
//
// A build takes everything from one commit: texts, configuration, layouts and
// static files. It reads the present first (Survey) and reports every error in
// it together, before anything is written. Then each policy is taken by one
// worker from its blobs to its pages; the worker lets go of the texts and
// keeps the facts that the pages of the whole site are made of. So memory does
// not grow with the length of history, and the output depends neither on
// scheduling nor on the clock: the same commit, day and program give the same
// bytes.
//
// Imports form a star. A stage imports package policy, the vocabulary, and no
// other stage; this package imports the stages. Each outside library has one
// door: go-git is imported by history alone, goldmark by markdown, minify by
// publish.
package builder
