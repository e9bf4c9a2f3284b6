//go:build !compare

// Package layouts holds the default theme of a site: html/template files, one
// style sheet and scripts. A file of the same name in the user's layouts
// folder takes the place of the one here; docs/layouts.md says what each file
// is for and what it is given.
package layouts

import "embed"

//go:generate go run generate.go

// FS holds the theme's files at its root and in partials/. With the build tag compare
// it has what go generate makes, too: the comparison of texts for browsers.
//
//go:embed *.html partials/*.html i18n/*.yaml style.css script.js compare.js worker.js
var FS embed.FS
