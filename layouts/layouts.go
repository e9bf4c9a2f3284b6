// Package layouts holds the default theme of a site: html/template files, one
// style sheet and one script. A file of the same name in the user's layouts
// folder takes the place of the one here; docs/layouts.md says what each file
// is for and what it is given.
package layouts

import "embed"

// FS holds the theme's files at its root and in partials/.
//
//go:embed *.html partials/*.html i18n/*.yaml style.css script.js
var FS embed.FS
